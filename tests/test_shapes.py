"""What the shapes of a drawing are called by: the text that is drawn on them (pages/shapes.html)."""

import pytest

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings

pytestmark = pytest.mark.browser

CALLED = [
    ("Boiler", ""),
    ("", "Valve"),  # the knob of the box that has the text
    ("Valve", ""),
    ("Hot water tank", ""),
    ("Pump", ""),  # beside it, alone with it in its group
    ("", ""),  # "Monday" comes before it, but stands elsewhere
    ("Tuesday", ""),
]


@pytest.fixture
def agent(page, site, tmp_path):
    page.goto(f"{site}/shapes.html")
    return Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))


def test_text_drawn_on_a_shape_names_it_and_not_the_shape_behind_it_in_the_document(agent):
    found = agent.observe().candidates
    assert [(c.text, " ".join(k.text for k in c.context if k.kind != "heading")) for c in found] == CALLED


def test_a_text_that_is_drawn_anew_is_read_anew(agent):
    agent.observe()
    agent.page.evaluate("document.querySelector('#flow text').textContent = 'Furnace'")
    assert agent.observe().candidates[0].text == "Furnace"


@pytest.mark.parametrize(("step", "clicked"), [("Click the Boiler", "node Boiler"), ("Click Valve", "node Valve")])
def test_steps_call_shapes_by_what_is_drawn_on_them(agent, step, clicked):
    assert agent.do(step).verdict == "passed"
    assert agent.page.inner_text("#log") == clicked


def test_a_text_that_is_drawn_on_no_shape_leads_to_none(agent):
    assert agent.do("Click Monday").verdict != "passed"
