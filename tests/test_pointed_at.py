"""Controls that a row, item or card shows only while the pointer is on it."""

import pytest
from candidate_pages import Sheet
from playwright.sync_api import Page

from magenta_qa.agent import Agent
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, Decision, DecisionRequest, Done, Observation

REPORTS = ("Tides of May", "Storms of June")


def reports(hidden: str = "Edit | Quick edit | Remove", *, shown: str = "") -> Observation:
    s = Sheet()
    for name in REPORTS:
        row = s.container("row", f"Select {name} {name} {hidden} Ada 3")
        s.add("checkbox", f"Select {name}", row)
        s.add("link", f"“{name}” (Edit)", row, text=name, action_types=("click", "hover"))
        s.add("link", "Ada", row, action_types=("click", "hover"))
        if shown and name == REPORTS[0]:
            s.add("button", shown, row)
    return s.page("Reports")


def decide(step: str, page: Observation, *done: Done) -> Decision:
    return RulesDecider().decide(DecisionRequest(step, None, page, (), done))


@pytest.mark.parametrize(
    "step",
    [
        'Click Quick edit in the row of "Tides of May"',
        "Click Quick edit in the row of Tides of May",
        "Remove the report Tides of May",
        'Move "Tides of May" to the bin',
    ],
)
def test_pointer_is_put_on_the_row_that_may_show_the_control(step: str) -> None:
    decision = decide(step, reports())
    assert decision.action and (decision.action.kind, decision.action.mark) == ("hover", 2)
    assert decision.place and decision.place.prepares


def test_what_is_shown_then_is_clicked() -> None:
    step, page = 'Click Quick edit in the row of "Tides of May"', reports(shown="Quick edit")
    over = decide(step, reports())
    done = Done(Action("hover", 2), 'link "“Tides of May” (Edit)"', None, place=over.place)
    found = decide(step, page, done)
    assert found.action and (found.action.kind, found.action.mark) == ("click", 4)


def test_pointer_is_put_there_once() -> None:
    over = decide('Click Copy in the row of "Tides of May"', reports())
    assert over.action and over.action.kind == "hover"
    done = Done(over.action, 'link "“Tides of May” (Edit)"', None, place=over.place)
    after = decide('Click Copy in the row of "Tides of May"', reports(), done)
    assert after.outcome == "none" and after.absent


@pytest.mark.parametrize(
    "step", ["Click Copy", 'Click Copy in the row of "Fogs of July"', "Click Copy in the row of Ada"]
)
def test_pointer_is_put_on_no_row_where_none_is_named_or_several_are_meant(step: str) -> None:
    assert decide(step, reports()).outcome == "none"


def test_name_that_stands_in_the_row_besides_is_that_of_another_control() -> None:
    s = Sheet()
    for name in REPORTS:
        row = s.container("row", f"{name} Edit | Quick edit")
        s.add("link", name, row)
        s.add("link", "Edit", row)
    assert decide("Click Quick edit in the row of Tides of May", s.page()).action is None
    edit = decide("Click Edit in the row of Tides of May", s.page())
    assert edit.action and edit.action.mark == 2


def test_deed_that_only_the_row_says_is_not_that_of_the_link_in_it() -> None:
    s = Sheet()
    row = s.container("row", "Select Weather Weather Edit | Delete")
    s.add("link", "“Weather” (Edit)", row, text="Weather")
    assert decide("Delete the category Weather", s.page(heading="Categories")).action is None


STYLE = """<style>.acts { position: absolute; left: -9999px } tr:hover .acts { position: static }
.late { visibility: hidden } tr:hover .late { visibility: visible }</style><p id=out></p><table>"""
ROW = """<tr><td><a href="#{name}">{name}</a></td><td>12 kg</td><td><span class={sort}>
<button aria-label="Archive {name}" onclick="out.textContent='{name} archived'">Archive</button></span></td></tr>"""


@pytest.mark.browser
@pytest.mark.parametrize("sort", ["acts", "late"])
def test_control_of_a_row_is_found_by_the_pointer(page: Page, sort: str) -> None:
    page.set_content(STYLE + "".join(ROW.format(name=name, sort=sort) for name in ("Herring", "Mackerel")))
    result = Agent(page, understanding="accessible", decision="rules").do("Click Archive in the row of Mackerel")
    assert result.verdict == "passed", result.reason
    assert page.inner_text("#out") == "Mackerel archived"


@pytest.mark.parametrize(
    "step", ["Click into the empty paragraph", "Click into the paragraph", "Click on the empty line"]
)
def test_place_that_says_to_write_there_is_the_empty_paragraph(step: str) -> None:
    s = Sheet()
    s.add("textarea", "Add title")
    s.add("button", "Add first block", text="Type / to choose a block")
    s.add("button", "Add block")
    decision = decide(step, s.page())
    assert decision.action and (decision.action.kind, decision.action.mark) == ("click", 2)
    assert decide(step.replace("paragraph", "footnote").replace("line", "seat"), s.page()).action is None
    s.add("button", "Type")
    assert decide(step, s.page()).action is not None
    s.add("textarea", "Write something")
    assert decide(step, s.page()).action is None
