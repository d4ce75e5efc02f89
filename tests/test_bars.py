"""Controls around a list: what a filter is sent off with, and what stands above and below its rows."""

from dataclasses import replace

import pytest
from candidate_pages import Sheet

from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, Box, Decision, DecisionRequest, Done, Effect, Observation

FILTER = "Filter the recipes by the season Winter"


def decide(step: str, page: Observation, *done: Done) -> Decision:
    return RulesDecider().decide(DecisionRequest(step, None, page, (), done))


def recipes(button: str = "Filter") -> Observation:
    s = Sheet()
    s.add("select", "Season", options=("All seasons", "Summer", "Winter"))
    s.add("select", "Author", options=("All authors", "Ada", "Ben"))
    s.add("button", button)
    return s.page()


def chosen(effect: Effect) -> Done:
    return Done(Action("select", 1, "Winter"), 'select "Season"', effect)


@pytest.mark.parametrize("button", ["Filter", "Apply filters", "Go"])
def test_filter_that_has_changed_nothing_is_sent_off(button: str) -> None:
    page = recipes(button)
    first = decide(FILTER, page)
    assert first.action and (first.action.kind, first.action.mark) == ("select", 1)
    done = chosen(Effect(value="Winter"))
    sent = decide(FILTER, page, done)
    assert sent.action and (sent.action.kind, sent.action.mark) == ("click", 3)
    assert decide(FILTER, replace(page, candidates=()), done).outcome == "none"
    click = Done(Action("click", 3), f'button "{button}"', Effect(url=True))
    assert decide(FILTER, page, done, click).outcome == "done"


@pytest.mark.parametrize("effect", [Effect(url=True, value="Winter"), Effect(dom=9, value="Winter")])
def test_filter_that_works_at_once_is_not_sent_off(effect: Effect) -> None:
    assert decide(FILTER, recipes(), chosen(effect)).outcome == "done"


@pytest.mark.parametrize("button", ["Delete", "New recipe", "Reset filters"])
def test_filter_is_not_sent_off_with_what_does_something_else(button: str) -> None:
    assert decide(FILTER, recipes(button), chosen(Effect(value="Winter"))).outcome == "done"


def users(*, below: float = 500.0, rows: int = 3) -> Observation:
    s = Sheet()
    bars = []
    for y in (40.0, below):
        bar = s.container("card", "Change role to")
        where = {"box": Box(200, y, 80, 24)}
        bars.append(s.add("select", "Change role to", bar, options=("Editor", "Author"), **where))
        s.add("button", "Change", bar, box=Box(300, y, 60, 24))
    for n, name in enumerate(("Ada", "Ben", "Cleo")[:rows]):
        s.add("checkbox", f"Select {name}", s.container("row", f"{name} Author"), box=Box(20, 100 + 50 * n, 16, 16))
    return s.page()


@pytest.mark.parametrize(("step", "mark"), [('Choose Editor in "Change role to"', 1), ("Click the Change button", 2)])
def test_of_what_stands_above_and_below_a_list_the_upper_one_is_used(step: str, mark: int) -> None:
    decision = decide(step, users())
    assert decision.action and decision.action.mark == mark


@pytest.mark.parametrize("page", [users(below=80.0), users(rows=1)])
def test_what_is_there_twice_with_no_list_between_stays_open(page: Observation) -> None:
    assert decide("Click the Change button", page).action is None


def test_what_is_called_just_so_is_meant_in_a_panel() -> None:
    s = Sheet()
    panel, group = s.container("region", "Sending"), s.container("group", "Send")
    s.add("button", "Send", panel)
    s.add("button", "Send: now", panel, group)
    decision = decide("Confirm with the Send button in the panel", s.page())
    assert decision.action and decision.action.mark == 1


def test_bar_is_a_part_of_the_page() -> None:
    s = Sheet()
    s.add("link", "New", s.container("region", "Toolbar"), box=Box(200, 0, 60, 30))
    s.add("link", "News", s.container("region", "Main menu"), box=Box(0, 200, 60, 30))
    decision = decide("Click New in the bar at the top", s.page())
    assert decision.action and decision.action.mark == 1
