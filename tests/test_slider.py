"""Drawn sliders, which say themselves where they stand (pages/slider.html)."""

import pytest

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def agent(page, site, tmp_path):
    page.goto(f"{site}/slider.html")
    return Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))


@pytest.mark.parametrize(
    ("step", "verdict", "stands"),
    [
        ("Set the speed to 20", "passed", ["20", "40", "0"]),
        ("Move the Speed slider to 5", "passed", ["5", "40", "0"]),
        ("Set the heat to 75%", "passed", ["12", "75", "0"]),  # in steps of five
        ("Set the heat to 42", "failed", ["12", "40", "0"]),  # between two stops
        ("Set the speed to 90", "failed", ["12", "40", "0"]),  # beyond its end
        ("Set the comfort to very high", "passed", ["12", "40", "2"]),  # a stop with a name
        ("Move the comfort slider to Medium", "passed", ["12", "40", "1"]),
        ("Set the comfort to Luxurious", "failed", ["12", "40", "0"]),  # no such stop: it is put back
        ("Set the speed to Fast", "failed", ["12", "40", "0"]),  # a number is asked for
    ],
)
def test_slider_is_moved_to_a_value_that_it_has(agent, step, verdict, stands):
    result = agent.do(step)
    assert result.verdict == verdict, result.reason
    said = agent.page.eval_on_selector_all(".knob", "all => all.map((one) => one.getAttribute('aria-valuenow'))")
    assert said == stands
