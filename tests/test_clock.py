"""Times of day that have to be confirmed, and what a button opens (pages/clock.html)."""

import pytest

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def agent(page, site, tmp_path):
    page.goto(f"{site}/clock.html")
    return Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))


@pytest.mark.parametrize(
    ("step", "field", "held"),
    [
        ("Set the opening time to 9:15", "opening", "09:15"),
        ("Choose 2:30 pm as the opening time", "opening", "14:30"),
        ("Set the closing time to 18:45", "closing", "18:45"),
        ("Enter 12:30 as the lunch time", "lunch", "12:30"),
    ],
)
def test_time_is_there_when_the_field_has_been_left(agent, step, field, held):
    result = agent.do(step)
    assert result.verdict == "passed", result.reason
    agent.page.click("h1")
    agent.page.wait_for_timeout(300)
    assert agent.page.input_value(f"#{field}") == held
    assert agent.page.inner_text("#log") == ""  # the form's own OK was not pressed


def test_what_stands_behind_a_button_is_chosen_there(agent):
    result = agent.do("Change the currency to Pound")
    assert result.verdict == "passed", result.reason
    assert agent.page.inner_text("#log") == "Pound"
