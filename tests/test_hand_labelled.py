"""The photographed elements: every selector finds its candidate, and what is written can be evaluated."""

import pytest
from bench.bench_grounding import by_people, figures, judge
from exam_looks import labelled_looks, load_looks, save_looks
from hand_labelled import WORDINGS, UnknownElement, photograph, write_dataset
from hand_labels import LabelledPage, load_labels

from magenta_qa.finetune.dataset import load_rows
from magenta_qa.finetune.evaluate import Plan, run_evaluation
from magenta_qa.finetune.grounding import build_cases
from magenta_qa.model.accessible import AccessibleUnderstanding
from magenta_qa.model.rules import RulesDecider

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def labels():
    return next(labels for labels in load_labels() if labels.application == "flask-admin")


def plainly(look):
    return AccessibleUnderstanding().describe(look.observation, look.questions)


def test_elements_of_one_application_are_photographed_and_evaluated(labels, tmp_path):
    looks = list(photograph(labels))
    counts = write_dataset(looks, tmp_path)
    assert counts["labelled"] == len(labels.elements()) and counts["unlabelled"] > counts["labelled"]
    for wording, name in enumerate(WORDINGS):
        rows = [row for row in load_rows(str(tmp_path / name), "test") if row.summary]
        expected = {key: element.descriptions[wording] for key, element in labels.elements()}
        assert {row.external_id: row.summary for row in rows} == expected
    plan = Plan(str(tmp_path / "first"), "accessible", control_rows=0)
    evaluation, held = run_evaluation(plan, tmp_path / "evaluation")
    assert evaluation.data.rows == counts["labelled"] and not evaluation.data.left_out
    cases = build_cases(held.items, held.others)
    assert len(cases) == counts["labelled"]
    assert max(len(case.candidates) for case in cases) > 50
    save_looks(labelled_looks(looks), tmp_path / "looks")
    read = load_looks(tmp_path / "looks")
    assert [look.observation.screenshot for look in read] == [look.observation.screenshot for look in looks]
    plain, people = (judge(read, describe, RulesDecider()) for describe in (plainly, by_people))
    assert len(plain) == counts["labelled"] and all(0 < one.chance < 0.2 for one in plain)
    assert figures(people)["all"]["right"] > figures(plain)["all"]["right"] > 20
    with pytest.raises(FileExistsError, match="choose another folder"):
        write_dataset(looks, tmp_path)


def test_selector_without_its_element_is_named(labels):
    wrong = labels.pages[0].elements[0].model_copy(update={"selector": "#nothing"})
    page = LabelledPage(page="books", path="/admin/book/", elements=(wrong,))
    with pytest.raises(UnknownElement, match=r"flask-admin/books/authors: '#nothing' matches 0 elements; expected one"):
        list(photograph(labels.model_copy(update={"pages": (page,)})))
