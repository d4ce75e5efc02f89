"""What a team's labels and steps say of controls decides where the page's own words do not."""

import pytest

from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Box, Candidate, Context, DecisionRequest, Description, Observation, State
from magenta_qa.model.taught import with_taught


def control(mark: int, name: str = "", row: str = "") -> Candidate:
    context = (Context("row", row, mark),) if row else ()
    box = Box(10, 40 * mark, 80, 24)
    return Candidate(mark, box, "button", "button", name, name, State(), ("click",), context=context)


def request(step: str, *known: tuple[Candidate, tuple[str, ...]]) -> DecisionRequest:
    said = tuple(Description(c.mark, "Clicks it.", "rule", "accessible", 0.5, taught=taught) for c, taught in known)
    observation = Observation("", "", (800, 600), 1.0, b"", tuple(c for c, _ in known))
    return DecisionRequest(step, None, observation, said)


def acted(step: str, *known: tuple[Candidate, tuple[str, ...]]) -> int | None:
    decision = RulesDecider().decide(request(step, *known))
    return decision.action.mark if decision.action else None


SAVE = (control(1, "Save as file"), ("Exports the picture", "Download the picture"))
REVERT = (control(2, "Revert"), ("Takes the deletion back",))
LOCKS = tuple(
    (control(mark, "", row), ("lock", "Protects the layer against changes"))
    for mark, row in ((3, "Frame"), (4, "Sketch"))
)


@pytest.mark.parametrize(
    ("step", "meant"),
    [
        ("Download the picture", 1),
        ("Please export the picture.", 1),
        ("Downlaod the picture", 1),
        ("Save the picture", 1),
        ("Take the deletion back", 2),
        ("Press Lock in the row of Sketch", 4),
        ("Protect the layer Frame against changes", 3),
    ],
)
def test_control_is_meant_by_what_labels_say(step: str, meant: int) -> None:
    assert acted(step, SAVE, REVERT, *LOCKS) == meant


@pytest.mark.parametrize(
    "step",
    [
        "Download the song",
        "Print the picture",
        "Download the picture of Ada",
        "Take the deletion",
        "Protect the layer against changes",
        "Press Lock in the row of Paper",
        "Write the picture a name",
        "Download the picture and take the deletion back",
    ],
)
def test_what_labels_do_not_say_is_not_meant(step: str) -> None:
    assert acted(step, SAVE, REVERT, *LOCKS) is None


def test_words_of_the_page_come_first() -> None:
    assert acted("Download the picture", SAVE, (control(9, "Download the picture"), ())) == 9


def test_on_is_not_off() -> None:
    bell = (control(1), ("Switches off the bell",))
    assert with_taught(request("Switch off the bell", bell)) is not None
    assert with_taught(request("Switch on the bell", bell)) is None


def test_an_icon_is_switched_off_by_what_its_label_says() -> None:
    bells = [(control(n, "", row), ("Switches off the bell",)) for n, row in ((1, "Ada"), (2, "Bo"))]
    assert acted("Switch off the bell of Bo", *bells) == 2
