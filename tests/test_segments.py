"""Dates and times in fields of several parts (pages/segments.html)."""

import pytest
from candidate_pages import Sheet

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, DecisionRequest, Done, Effect, Observation, Place


@pytest.fixture
def agent(page, site, tmp_path):
    page.goto(f"{site}/segments.html")
    return Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))


@pytest.mark.browser
@pytest.mark.parametrize(
    ("step", "day", "time"),
    [
        ("Set the crossing day to 24 December 2026", "Dec/24/2026/", "08/08/AM/"),
        ("Pick 3 February 2027 as the crossing day", "Feb/03/2027/", "08/08/AM/"),
        ("Set the sailing time to 14:30", "Aug/08/2026/", "02/30/PM/"),
        ("Enter 9:05 am as the sailing time", "Aug/08/2026/", "09/05/AM/"),
    ],
)
def test_each_part_is_filled(agent, step, day, time):
    result = agent.do(step)
    assert result.verdict == "passed", result.reason
    assert (agent.page.text_content("#day"), agent.page.text_content("#time")) == (day, time)


@pytest.mark.browser
def test_other_fields_take_their_values_as_before(agent):
    assert agent.do("Set the number of days to 4").verdict == "passed"
    assert agent.do("Type 12 May 1990 as the day of birth").verdict == "passed"
    assert (agent.page.input_value("#days"), agent.page.input_value("#birth")) == ("4", "12 May 1990")
    assert agent.page.text_content("#day") == "Aug/08/2026/"


def parts(*given: tuple[str, str]) -> Observation:
    s = Sheet()
    departure = s.container("group", "Departure")
    for name, value in given:
        field = {"element_type": "input:number", "action_types": ("fill", "type", "clear", "press", "click")}
        s.add("spinbutton", name, departure, value=value, **field)
    return s.page()


def decide(page: Observation, done: int):
    each = Done(Action("fill", 1, "8"), 'input:number "hour"', Effect(dom=1), "", Place(0))
    return RulesDecider().decide(DecisionRequest("Set the departure to 8:15", None, page, (), (each,) * done))


def test_step_is_over_when_all_parts_hold_the_value_and_not_before():
    assert decide(parts(("hour", "8"), ("minute", "15")), 1).outcome == "done"
    first = decide(parts(("hour", "8"), ("minute", "00")), 1)
    assert first.action and (first.action.mark, first.action.value) == (2, "15")
    assert decide(parts(("hour", "8"), ("minute", "00")), 4).outcome == "none"  # it does not keep what it is given
    assert decide(parts(), 1).outcome == "none"  # nothing tells that it holds the value


def test_value_that_has_no_part_is_not_left_out():
    assert decide(parts(("day", "1"), ("month", "2")), 0).outcome == "none"


@pytest.mark.browser
def test_date_is_compared_as_a_day(agent):
    due = '<label>Due <input type="date" value="2026-12-24"></label>'
    agent.page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", due)
    said = [agent.check(text).verdict for text in ("Due is 24 December 2026", "Due is not 24 December 2026")]
    assert said == ["passed", "failed"]
    assert agent.check('Due is "24 December 2026"').verdict == "failed"
    assert agent.check("Due is 25 December 2026").verdict == "failed"
