"""Drop-downs of component libraries: a field over what is drawn, a list elsewhere that draws only what is in view."""

import pytest
from candidate_pages import Sheet

from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, Decision, DecisionRequest, Done, Effect, Observation

FIELD = {"element_type": "input:search", "action_types": ("fill", "type", "clear", "press", "click"), "tag": "input"}
COUNTRY = 'input:search "Country"'


def opened(*options: str, expanded: bool | None = True, value: str | None = None) -> Observation:
    s = Sheet()
    s.add("combobox", "Country", expanded=expanded, text="", value=value, **FIELD)
    for option in options:
        s.add("generic", option, hints="select item option")
    return s.page()


def decide(page: Observation, step: str, *done: tuple[str, str, str | None]) -> Decision:
    history = tuple(Done(Action(kind, 1, value), name, Effect(dom=3, state=True)) for kind, name, value in done)  # type: ignore[arg-type]
    return RulesDecider().decide(DecisionRequest(step, None, page, (), history))


OPENED = ("click", COUNTRY, None)
NARROWED = ("type", COUNTRY, "Norway")


@pytest.mark.parametrize("step", ["Choose Norway as country", "Set the country to Norway"])
def test_what_is_not_drawn_yet_is_typed_and_then_clicked(step: str) -> None:
    first = decide(opened(expanded=False), step)
    assert first.action and first.action.kind == "click"
    second = decide(opened("Albania", "Austria"), step, OPENED)
    assert second.action and (second.action.kind, second.action.value) == ("type", "Norway")
    third = decide(opened("Norway"), step, OPENED, NARROWED)
    assert third.action and (third.action.kind, third.action.mark) == ("click", 2)
    assert decide(opened("Norway"), step, OPENED, NARROWED, ("click", 'other "Norway"', None)).outcome == "done"


def test_what_was_typed_is_not_chosen_while_the_list_lies_open() -> None:
    assert decide(opened("No data"), "Choose Norway as country", OPENED, NARROWED).outcome == "none"


@pytest.mark.parametrize("expanded", [False, None])
def test_field_whose_list_is_shut_takes_what_was_typed(expanded: bool | None) -> None:
    assert decide(opened(expanded=expanded), "Choose Norway as country", OPENED, NARROWED).outcome == "done"


def test_what_such_a_field_holds_makes_room_for_what_is_chosen() -> None:
    step, cleared = "Change the country to Norway", ("clear", COUNTRY, None)
    first = decide(opened("Norfolk", value="Norfolk"), step, OPENED)
    assert first.action and first.action.kind == "clear"
    second = decide(opened("Norfolk", value=""), step, OPENED, cleared)
    assert second.action and (second.action.kind, second.action.value) == ("type", "Norway")
    third = decide(opened("Norway", value="Norway"), step, OPENED, cleared, NARROWED)
    assert third.action and (third.action.kind, third.action.mark) == ("click", 2)
    assert decide(opened(value="Norway", expanded=False), step, OPENED, cleared, NARROWED).outcome == "done"
    assert decide(opened("Norfolk", value="Norfolk"), step, OPENED, cleared, cleared, cleared).outcome == "none"


def test_second_click_on_the_field_is_no_choice() -> None:
    page = opened("Norway", "Sweden")
    decision = decide(page, "Set the country to Norway", OPENED, OPENED)
    assert decision.outcome == "act"
    assert decision.action and decision.action.mark == 2


def test_text_that_is_typed_into_such_a_field_stays_text() -> None:
    decision = decide(opened(expanded=False), 'Type "Nor" into the country field')
    assert decision.action and decision.action.kind == "fill"
    assert decide(opened("Norway"), 'Type "Nor" into the country field', ("fill", COUNTRY, "Nor")).outcome == "done"


def test_list_has_pages_of_its_own_to_go_back_to() -> None:
    s = Sheet()
    s.add("button", "Previous page")
    s.add("button", "Next page")
    paged = decide(s.page(), "Go to the previous page")
    assert paged.action and paged.action.kind == "click"
    browser = decide(s.page(), "Go back to the previous page")
    assert browser.action and browser.action.kind == "back"


@pytest.mark.parametrize(
    ("step", "chosen"),
    [
        ("Assign it to Tom Abara", "Tom Abara"),
        ("Assign the ticket to Mira", "Mira Holt"),
        ("Assign the pump to Tom Abara", None),
        ("Assign it to Ada", None),
    ],
)
def test_form_is_assigned_by_its_drop_down(step: str, chosen: str | None) -> None:
    for around, expected in (("New ticket", chosen), ("Filters", None)):
        s = Sheet()
        form = s.container("form", around)
        s.add("select", "Assignee", form, options=("", "Tom Abara", "Mira Holt"))
        s.add("select", "Priority", form, options=("Low", "High"))
        s.add("button", "Create", form)
        assert decide(s.page(), step).action == (Action("select", 1, expected) if expected else None)
        if expected:
            assert decide(s.page(), step, ("select", 'select "Assignee"', expected)).outcome == "done"


def test_text_is_what_the_field_of_several_lines_holds() -> None:
    s = Sheet()
    s.add("textbox", "", hints="text content comments")
    s.add("textarea", "", hints="text content")
    assert decide(s.page(), 'Replace the text with "Stop"').action == Action("fill", 2, "Stop")
    s.add("textarea", "", hints="text other")
    assert decide(s.page(), 'Replace the text with "Stop"').outcome == "none"


def test_deed_on_a_drop_down_chooses_what_stands_beside_it() -> None:
    s = Sheet()
    s.add("select", "Group results by", options=("", "Tracker", "Status"))
    assert decide(s.page(), "Group the results by status").action == Action("select", 1, "Status")
    assert decide(s.page(), "Group the results").outcome == "none"
    around = s.container("card", "Filters Author Title")
    s.add("select", "Add filter", around, options=("", "Author", "Author's role", "Due date"))
    assert decide(s.page(), "Add a filter on the author").action == Action("select", 2, "Author")
    assert decide(s.page(), "Add a filter on the title").outcome == "none"
    assert decide(s.page(), "Add a filter").outcome == "none"
    s.add("select", "Period", options=("Last week", "Last month"))
    run = DecisionRequest("Run the report for the last month", None, s.page(), ())
    assert RulesDecider().decide_meant(run, 3, 0.99).outcome == "none"
    assert decide(s.page(), "Group the results by colour").outcome == "none"


def test_section_that_is_called_options_is_the_one_to_expand() -> None:
    s = Sheet()
    s.add("link", "+")
    s.add("generic", "Options", hints="collapsed")
    assert decide(s.page(), "Expand the options").action == Action("click", 2)


@pytest.mark.parametrize("step", ["Select the task Wax the floor", "Select Wax the floor"])
def test_row_whose_number_and_name_lead_to_one_page_is_ticked(step: str) -> None:
    for same in (True, False):
        s = Sheet()
        for number, name in ((7, "Mend the roof"), (9, "Wax the floor")):
            row = s.container("row", f"{number} {name}")
            s.add("checkbox", "", row)
            s.add("link", str(number), row, href=f"http://app.test/{number}")
            s.add("link", name, row, href=f"http://app.test/{number if same else name}")
        assert decide(s.page(), step).action == (Action("check", 4) if same else Action("click", 6))
