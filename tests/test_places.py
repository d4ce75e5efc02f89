"""Places that a row's letter and a number call: seats, berths."""

import pytest
from candidate_pages import Sheet

from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, DecisionRequest, Done, Effect, Observation

ROWS = "ABC"


def hall(**texts: str) -> Observation:
    sheet = Sheet()
    for row in ROWS:
        item = sheet.container("card", texts.get(row, f"{row} 1 2 3 4"))
        for number in range(1, 5):
            sheet.add("button", str(number), item)
    return sheet.page()


def clicked(step: str, page: Observation, done: tuple[Done, ...] = ()) -> int | None:
    action = RulesDecider().decide(DecisionRequest(step, None, page, (), done)).action
    return action.mark if action is not None and action.kind == "click" else None


@pytest.mark.parametrize(
    "step",
    [
        "Select seat 3 in row B",
        "Choose place 3 in row B.",
        "Click seat B3",
        "tap the seat b3",
        'Click on the "seat B3" button',
        "Click 3 in row B",
        "Click seat 3B",
        "Click row B, seat 3",
        "Selcet seat 3 in row B",
    ],
)
def test_place_is_found_by_the_letter_of_its_row(step: str) -> None:
    assert clicked(step, hall()) == 7


@pytest.mark.parametrize("step", ["Select seat 5 in row B", "Click seat D3", "Click seat 3"])
def test_place_that_is_not_there_is_not_another_one(step: str) -> None:
    assert clicked(step, hall()) is None


def test_row_that_shows_anything_else_is_no_row_of_places() -> None:
    assert clicked("Click seat B3", hall(B="B 1 2 3 4 Total 10")) is None


def test_number_in_a_card_without_text_is_no_place() -> None:
    assert clicked("Click seat B3", hall(A="")) == 7


def test_place_is_pressed_once() -> None:
    page, step = hall(), "Select seat 3 in row B"
    pressed = Done(Action("click", 7), 'button "3"', Effect(dom=1))
    assert RulesDecider().decide(DecisionRequest(step, None, page, (), (pressed,))).outcome == "done"


def test_cell_of_a_spreadsheet_is_called_by_letter_and_number() -> None:
    sheet = Sheet()
    columns = [sheet.container("column", letter) for letter in "AB"]
    for number in ("1", "2"):
        row = sheet.container("row", number)
        for column in columns:
            sheet.add("textbox", "", column, row)
    for step in (
        "Put 42 in cell B2",
        "Set the content of cell B2 to 42",
        "Type 42 into the cell B2 field",
        "Set B2 to 42",
    ):
        action = RulesDecider().decide(DecisionRequest(step, None, sheet.page(), ())).action
        assert action is not None and (action.kind, action.mark, action.value) == ("fill", 4, "42"), step
    none = RulesDecider().decide(DecisionRequest("Put 42 in cell C2", None, sheet.page(), ()))
    assert none.action is None
