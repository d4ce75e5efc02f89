"""What speaks against a described candidate, and that nothing is done where the right one is gone."""

from dataclasses import replace

import pytest
from candidate_pages import Sheet

from magenta_qa.model.language.target import Target
from magenta_qa.model.ranking.contradiction import doubt
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import DecisionRequest, Description, Observation


def described(*sentences: str) -> tuple[Observation, tuple[Description, ...]]:
    """A button without a name for each sentence."""
    sheet = Sheet()
    for _ in sentences:
        sheet.add("button", "")
    return sheet.page(), tuple(Description(n, text, "model", "test") for n, text in enumerate(sentences, 1))


def decided(step: str, *sentences: str) -> int | None:
    page, said = described(*sentences)
    action = RulesDecider().decide(DecisionRequest(step, None, page, said)).action
    return action.mark if action else None


@pytest.mark.parametrize(
    ("step", "sentence", "why"),
    [
        ("Open ticket 86374", "Merges ticket 86374 with another one.", "something else"),
        ("Delete the board Plans", "Opens the board Plans.", "something else"),
        ("Show the file plan.pdf", "Shows the sharing options of the file plan.pdf.", "something else"),
        ("Go to the next page", "Goes to the previous page.", "previous"),
        ("Say that it was helpful", "Says that it was not helpful.", "not so"),
        ("Reserve seat 8 in row C", "Reserves seat 8 in row B.", '"C"'),
        ("Show only the cards of JW", "Shows only the cards of JB.", '"JW"'),
    ],
)
def test_what_speaks_against_a_candidate(step: str, sentence: str, why: str) -> None:
    page, said = described(sentence)
    against = doubt(Target(step, step), "click", page.candidates[0], Page(page, said))
    assert against.factor < 0.8
    assert why in against.reason


def test_how_many_of_a_thing_is_no_name() -> None:
    page, said = described("Shares the post of @egestas.")
    step = "Share 8 posts of @egestas"
    assert doubt(Target(step, step), "click", page.candidates[0], Page(page, said)).factor == 1


def test_reading_of_something_else_than_its_class_says_is_not_counted() -> None:
    sheet = Sheet()
    for hints in ("like", "action 17", "glyphicon trash"):
        sheet.add("button", "", hints=hints)
    readings = (("Opens or expands (chevron down icon).", "Expand"),) * 2 + (("Deletes (trash icon).", "Delete"),)
    said = [Description(n, text, "model", "test", reading=name) for n, (text, name) in enumerate(readings, 1)]
    assert Page(sheet.page(), said).described.keys() == {2, 3}


def test_nothing_speaks_against_what_is_not_described() -> None:
    page, _ = described("Merges the ticket.")
    assert doubt(Target("Open the ticket", "Open the ticket"), "click", page.candidates[0], Page(page)).factor == 1


ROWS = [f"{deed} {name}." for name in ("Ada Moreau", "Ben Okafor") for deed in ("Shows the page of", "Deletes")]


@pytest.mark.parametrize(
    ("step", "right"),
    [
        ("Remove Ben Okafor", 4),
        ("Get rid of Ada Moreau", 2),
        ("Look at Ben Okafor", 3),
        ("Delete Clara Lindt", None),
        ("Rename Ada Moreau", None),
        ("Share the page of Ben Okafor", None),
    ],
)
def test_the_sentence_decides_or_nobody_does(step: str, right: int | None) -> None:
    assert decided(step, *ROWS, "Opens the settings.") == right


def test_one_control_may_do_both_things_that_a_step_names() -> None:
    said = ("Saves the page and stays.", "Saves the page and goes back to the list.", "Goes back without saving.")
    assert decided("Save the page and go back to the list", *said) == 2


def test_one_control_may_do_it_to_all() -> None:
    assert decided("Delete all ticked rows", "Ticks the row of Ada.", "Deletes all ticked rows.", "Adds a row.") == 2
    assert decided("Print the 5 selected rows", "Prints the 5 selected rows.", "Prints the row of Ada.") == 1


def test_a_described_control_is_no_menu_unless_it_is_said_to_open_one() -> None:
    assert decided("Click Configuration", "Goes to the start page.", "Increases the number of boxes.") is None


@pytest.mark.parametrize("kind", ["row", "card"])
def test_what_comes_closest_is_not_in_another_row_than_the_one_that_is_named(kind: str) -> None:
    sheet = Sheet()
    around = sheet.container("card", "API keys Backup job 49594ec3 Reporting 8cfd5962")
    sheet.add("button", "", sheet.container(kind, "Backup job 49594ec3"), around, hints="pseudo ico")
    named = sheet.container(kind, "Reporting 8cfd5962")
    for name in ("Revoke", "Rotate"):
        sheet.add("button", name, named, around, hints="pseudo ico")
    said = (Description(1, "Deletes the Backup job (trash icon).", "model", "test", reading="Delete"),)
    request = DecisionRequest("Delete the key of Reporting", None, sheet.page(), said)
    action = RulesDecider().decide(request).action
    assert action is None or action.mark != 1
    request = replace(request, step="Delete the key of Backup job")
    action = RulesDecider().decide(request).action
    assert action is not None and action.mark == 1
