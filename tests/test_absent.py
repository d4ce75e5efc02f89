"""Decisions whose right candidate is taken off the page."""

import json

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("datasets")

from magenta_qa.finetune.embedded.absent import with_absent, without_target
from magenta_qa.finetune.embedded.corpora import Decision
from magenta_qa.model.prompt import DECISION_ANSWER

LINES = ('button "Remove" | Removes Ada.', 'button "Remove" | Removes Ben.', 'link "Staff" | Opens [2] the staff.')


def decision(step="Remove Ada", mark=1, lines=LINES, outcome="act", name="d"):
    listed = [f"[{number}] {line}" for number, line in enumerate(lines, 1)]
    prompt = "\n".join(
        [f"Goal: -\nStep: {step}\nDone so far: -\nPage: Staff | /\nCandidates:", *listed, DECISION_ANSWER]
    )
    answer = {"outcome": outcome, "mark": mark, "kind": "click", "value": None, "confidence": 0.97, "reason": "x"}
    return Decision(name, "staff", outcome, prompt, json.dumps(answer))


def test_what_is_asked_for_is_gone_and_no_gap_tells():
    absent = without_target(decision())
    assert absent.prompt == decision(lines=LINES[1:]).prompt
    assert absent.outcome == json.loads(absent.answer)["outcome"] == "none"
    assert json.loads(absent.answer)["mark"] is None


@pytest.mark.parametrize(
    "kept",
    [decision(step="Remove the second one"), decision(outcome="done", mark=None), decision(lines=(LINES[0], *LINES))],
    ids=["counts", "is done", "twin of the same words"],
)
def test_a_step_that_would_mean_something_else_is_left_as_it_is(kept):
    assert without_target(kept) is None


def test_some_decisions_come_a_second_time_and_always_the_same():
    many = [decision(name=f"d{number}") for number in range(400)]
    given = list(with_absent(many))
    assert [each for each in given if each.outcome == "act"] == many
    assert 0.1 < (len(given) - 400) / 400 < 0.2 and given == list(with_absent(many))
