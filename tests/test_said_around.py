"""What steps say around a control's name: its picture, what it is for, the part of the page, a second field."""

from dataclasses import replace

import pytest
from candidate_pages import Sheet

from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.target import Relation
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, Box, Decision, DecisionRequest, Done, Effect, Observation


def decide(step: str, page: Observation) -> Decision:
    return RulesDecider().decide(DecisionRequest(step, None, page, ()))


def clicked(step: str, page: Observation) -> int | None:
    action = decide(step, page).action
    return action.mark if action is not None else None


def tools() -> Observation:
    s = Sheet()
    s.add("link", "Update profile", box=Box(900, 10, 90, 20))
    s.add("link", "Edit this page [e]", text="", box=Box(1240, 200, 24, 24))
    s.add("link", "Old versions [o]", text="", box=Box(1240, 240, 24, 24))
    return s.page()


@pytest.mark.parametrize(
    "step",
    [
        "Click the pencil icon",
        "Click the pencil",
        "Click the pencil icon at the right-hand edge to edit the page",
        "Click the pencil on the right-hand side in order to change this page",
    ],
)
def test_what_is_called_by_its_picture_is_an_icon_rather_than_other_words(step: str) -> None:
    assert clicked(step, tools()) == 2


def test_other_words_are_not_what_is_called_by_its_picture() -> None:
    s = Sheet()
    s.add("link", "Update profile")
    assert clicked("Click the pencil icon", s.page()) is None
    s.add("button", "Edit")
    assert clicked("Click the pencil icon", s.page()) == 2


def test_purpose_that_belongs_to_a_name_stays() -> None:
    s = Sheet()
    s.add("button", "Switch")
    s.add("button", "Switch to edit the page")
    assert clicked("Click Switch to edit the page", s.page()) == 2


@pytest.mark.parametrize(
    "step", ['Replace the text of the page with "Fog"', 'Change the content of the article to "Fog"']
)
def test_text_of_the_page_is_what_its_only_editor_holds(step: str) -> None:
    s = Sheet()
    s.add("textbox", "Summary")
    s.add("textarea", "", hints="wikitext")
    assert decide(step, s.page()).action == Action("fill", 2, "Fog")
    s.add("textarea", "Comment")
    assert decide(step, s.page()).action is None


def test_text_of_the_page_is_no_comment() -> None:
    s = Sheet()
    s.add("textarea", "Comment")
    assert decide('Replace the text of the page with "Fog"', s.page()).action is None


def test_part_of_the_page_stands_before_its_title() -> None:
    s = Sheet()
    found, added = s.container("region", "Find user"), s.container("region", "Add user")
    s.add("textbox", "Name", found)
    s.add("textbox", "Name", added)
    assert decide('In the section Add user, enter "Ada" as name', s.page()).action == Action("fill", 2, "Ada")
    assert decide('In the section Find user, enter "Ada" as name', s.page()).action == Action("fill", 1, "Ada")
    target = read_step('In the section Add user, enter "Ada" as name')[0].target
    assert target and target.relations == (Relation("in", "Add user", "region"),)


def test_value_goes_into_a_second_field_as_well() -> None:
    labels = ("Password:", "once again:", "Name:")
    found = read_step('Enter "fjord-88" as password and once again and "Ada" as name', labels)
    said = [(i.target.phrase, i.value) for i in found if i.target]
    assert said == [("password", "fjord-88"), ("once again", "fjord-88"), ("name", "Ada")]


def test_search_is_that_of_what_is_searched() -> None:
    s = Sheet()
    side, guides = s.container("region", "Sidebar"), s.container("region", "Guides")
    s.add("textbox", "Search", side)
    s.add("textbox", "Search term", guides)
    assert decide('Search the guides for "roth"', s.page()).action == Action("fill", 2, "roth")
    assert decide('Search for "roth"', s.page()).action == Action("fill", 1, "roth")


def test_menu_of_users_is_no_user() -> None:
    s = Sheet()
    s.add("link", "Nadia Roth", s.container("row", "Nadia Roth German"))
    assert clicked("Open the user menu", s.page()) is None
    assert clicked("Open the user", s.page()) == 1


@pytest.mark.parametrize("step", ["Open the first result", "Click the first search result"])
def test_first_result_stands_under_the_heading_of_the_results(step: str) -> None:
    s = Sheet()
    head, found = s.container("card", "User tools Profile Log out"), s.container("heading", "Fulltext results:")
    s.add("link", "Profile", head)
    s.add("link", "Log out", head)
    s.add("button", "Search")
    s.add("link", "stations", found)
    s.add("link", "piers", found)
    assert clicked(step, s.page()) == 4
    assert clicked(step.replace("first", "second"), s.page()) is None


def test_result_is_an_item_under_its_heading() -> None:
    s = Sheet()
    found = s.container("heading", "2 results")
    s.add("link", "Sort by date", found)
    for name in ("Lamp", "Rope"):
        card = s.container("card", f"{name} $4.00 Details")
        s.add("link", name, card, found)
        s.add("button", "Details", card, found)
    assert clicked("Open the first result", s.page()) == 2
    assert clicked("Open the second result", s.page()) == 4


def test_menu_of_who_has_logged_in_may_show_no_more_than_a_name() -> None:
    s = Sheet()
    s.add("button", "Customers", popup="menu", expanded=False, hints="account nav header", box=Box(20, 650, 80, 24))
    s.add("button", "Ingrid", hints="user header", box=Box(20, 670, 80, 24))
    assert clicked("Open the user menu", s.page()) is None
    s.add("button", "Ingrid", popup="menu", expanded=False, hints="sidebar footer account", box=Box(20, 690, 80, 24))
    assert clicked("Open the user menu at the bottom of the sidebar", s.page()) == 3
    assert clicked("Open the user menu", s.page()) == 3
    assert clicked("Open the account menu", s.page()) == 3


def test_head_of_a_column_sorts_and_does_nothing_else() -> None:
    s = Sheet()
    s.add("link", "Updated", s.container("header", "Updated"))
    assert clicked("Click Save", s.page()) is None
    assert clicked("Save the page", s.page()) is None
    assert clicked("Sort by update", s.page()) == 1
    assert clicked("Click Updated", s.page()) == 1


def test_sidebar_is_no_section_like_others() -> None:
    s = Sheet()
    s.add("button", "Pages", expanded=False)
    assert clicked("Expand the sidebar", s.page()) is None
    s.add("button", "Toggle sidebar", expanded=True)
    assert decide("Expand the sidebar", s.page()).outcome == "done"
    assert clicked("Collapse the sidebar", s.page()) == 2


def test_control_for_all_sections_comes_before_each_of_them() -> None:
    s = Sheet()
    s.add("button", "Toggle sidebar", expanded=True)
    s.add("button", "Intro", expanded=True)
    s.add("button", "Collapse all")
    page = s.page()
    assert clicked("Collapse all sections", page) == 3
    done = (Done(Action("click", 3), 'button "Collapse all"', Effect(dom=3)),)
    request = DecisionRequest("Collapse all sections", None, page, (), done)
    assert RulesDecider().decide(request).outcome == "done"


@pytest.mark.parametrize("name", ["Conceal", "Archive"])
def test_deed_of_one_word_does_not_open_the_item_that_it_is_done_to(name: str) -> None:
    s = Sheet()
    s.add("generic", "", s.container("card", f"Revenue {name} 88,991"), text=name, hints="text")
    s.add("generic", "", text="Properties")
    assert clicked("Show the properties of the entry Revenue", s.page()) != 1


@pytest.mark.parametrize("step", ["Go home", "Go back home", "Return home", "Go to the start page"])
def test_name_of_the_application_is_no_start_page_beside_a_link_that_is(step: str) -> None:
    s = Sheet()
    s.add("link", "Werner", href="https://shop.example/")
    page = replace(s.page(), url="https://shop.example/orders")
    assert clicked(step, page) == 1
    s.add("link", "Home", href="https://shop.example/home")
    assert clicked(step, replace(s.page(), url="https://shop.example/orders")) == 2
