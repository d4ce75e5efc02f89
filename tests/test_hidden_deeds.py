"""Deeds that the page's own menu hides, and choices whose noun says only what sort of thing is chosen."""

from dataclasses import replace

import pytest
from candidate_pages import Sheet

from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Decision, DecisionRequest, Observation


def decide(page: Observation, step: str) -> Decision:
    return RulesDecider().decide(DecisionRequest(step, None, page, ()))


def author(*, menu_in_row: bool = False) -> Observation:
    s = Sheet()
    row = (s.container("row", "Tom Reyes Porto"),) if menu_in_row else ()
    s.add("button", "Actions", *row, expanded=False)
    s.add("textbox", "Name")
    s.add("button", "Save")
    return replace(s.page("Editing"), url="http://app.test/author/edit/2/")


def test_page_s_own_menu_is_opened_for_a_deed_to_what_the_page_is_of() -> None:
    decision = decide(author(), "Delete the author")
    assert decision.action and decision.action.mark == 1
    assert decision.place and decision.place.prepares


@pytest.mark.parametrize("step", ["Delete the comment", "Delete the name", "Delete the edit"])
def test_page_s_own_menu_is_left_alone_for_what_the_page_is_not_of(step: str) -> None:
    assert decide(author(), step).outcome == "none"


def test_menu_of_a_row_is_not_that_of_the_page() -> None:
    assert decide(author(menu_in_row=True), "Delete the author").outcome == "none"


def test_what_is_called_just_so_is_chosen_where_the_noun_names_no_field() -> None:
    s = Sheet()
    for name in ("Article page", "Pages using Article page", "Form page", "Pages using Form page"):
        s.add("link", name)
    for step, mark in (("Choose Article page as the type", 1), ("Select Form page as the page type", 3)):
        decision = decide(s.page(), step)
        assert decision.action and (decision.action.kind, decision.action.mark) == ("click", mark)
    assert decide(s.page(), "Choose Article page as the parent").outcome == "none"
    assert decide(s.page(), "Choose Event page as the type").outcome == "none"
