"""What icons most likely mean, where nothing else fits a step: which ones are named by it, and when it decides."""

from dataclasses import replace

import pytest

from magenta_qa.model.embedded.icons import ICONS, ON_ITEMS
from magenta_qa.model.embedded.other_names import OTHER_NAMES
from magenta_qa.model.embedded.placing import guessed
from magenta_qa.model.guesses import with_guesses
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import (
    Box,
    Candidate,
    Context,
    DecisionRequest,
    Description,
    Guess,
    Observation,
    State,
)


def button(mark: int, name: str = "", row: str = "") -> Candidate:
    context = (Context("row", row, mark),) if row else ()
    box = Box(10, 40 * mark, 24, 24)
    return Candidate(mark, box, "button", "button", name, name, State(), ("click",), context=context)


def doubtful(mark: int, **chances: float) -> Description:
    """A description of an icon that may be several; keywords are the names of readings."""
    guesses = tuple(Guess(f"{name}s what is in row {mark}.", name, chance) for name, chance in chances.items())
    return Description(mark, "Clicks the button.", "rule", "accessible", 0.5, guesses=guesses)


def read(mark: int, name: str) -> Description:
    return Description(mark, f"{name}s.", "model", "embedded", 0.98, reading=name)


def request(step: str, said: list[Description], *more: Candidate) -> DecisionRequest:
    candidates = (*(button(d.mark) for d in said), *more)
    return DecisionRequest(step, None, Observation("", "", (800, 600), 1.0, b"", candidates), tuple(said))


def acted(step: str, said: list[Description], *more: Candidate) -> int | None:
    decision = RulesDecider().decide(request(step, said, *more))
    return decision.action.mark if decision.action else None


def test_likeliest_of_the_page_is_meant_where_nothing_else_fits() -> None:
    said = [doubtful(1, Print=0.5, Archive=0.3), doubtful(2, Print=0.6, Archive=0.05), doubtful(3, Lock=0.4)]
    assert acted("Archive the order", said) == 1
    assert acted("Lock the order", said) == 3
    assert acted("Print the order", said) is None, "two may be it"
    assert acted("Share the order", said) is None


def test_guess_never_takes_a_step_from_what_the_page_says() -> None:
    said = [doubtful(1, Archive=0.6)]
    assert acted("Archive the order", said, button(2, "Archive")) == 2
    assert acted("Archive the order", [*said, read(2, "Archive")]) == 2


def test_what_is_read_for_sure_on_one_is_guessed_of_no_other() -> None:
    told = with_guesses(request("", [doubtful(1, Archive=0.6, Print=0.2), read(2, "Archive")]))
    assert told is not None
    assert [c.name for c in told.observation.candidates] == ["Print", "Archive"]


def test_controls_that_look_alike_share_a_guess() -> None:
    said = [doubtful(1, Archive=0.4), doubtful(2, Archive=0.4)]
    rows = (button(1, row="Ada"), button(2, row="Ben"))
    page = Observation("", "", (800, 600), 1.0, b"", rows)
    decision = RulesDecider().decide(DecisionRequest('Archive the row of "Ben"', None, page, tuple(said)))
    assert decision.action is not None and decision.action.mark == 2
    assert "most likely" in decision.reason


def test_names_of_the_page_are_not_touched() -> None:
    named = replace(button(1), name="Frobnicate")
    page = Observation("", "", (800, 600), 1.0, b"", (named,))
    assert with_guesses(DecisionRequest("x", None, page, (doubtful(1, Archive=0.6),))) is None
    assert with_guesses(request("x", [])) is None


@pytest.mark.parametrize(("step", "reading"), [("Show the alerts", "Notifications"), ("Open the basket", "Cart")])
def test_icon_is_known_by_its_other_names(step: str, reading: str) -> None:
    assert acted(step, [read(1, reading), read(2, "Print")]) == 1
    assert acted(step, [read(1, reading), read(2, reading)]) is None


def test_only_icons_whose_meaning_is_known_are_guessed() -> None:
    likely = [
        ("Deletes (trash icon).", 0.6),
        ("Whirls (whirl icon).", 0.3),
        ('Says "OK".', 0.2),
        ("Edits (edit icon).", 0.01),
    ]
    assert [guess.reading for guess in guessed(likely, button(1), "click")] == ["Delete"]


def test_every_reading_has_other_names_and_none_twice() -> None:
    readings = {meaning.name for meaning in (*ICONS.values(), *ON_ITEMS.values())}
    assert set(OTHER_NAMES) == readings
    for name, others in OTHER_NAMES.items():
        every = [name.casefold(), *(other.casefold() for other in others.split(", "))]
        assert len(every) == len(set(every)), name
