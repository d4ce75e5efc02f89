"""What component libraries draw (pages/components.html): frames around fields, nested controls, grids in pieces."""

import pytest

from magenta_qa.agent import Agent

pytestmark = pytest.mark.browser


@pytest.fixture
def agent(page, site):
    page.goto(f"{site}/components.html")
    return Agent(page)


def do(agent, step):
    result = agent.do(step)
    assert result.verdict == "passed", result.reason
    return agent.page.inner_text("#log")


def test_the_frame_of_a_field_is_no_candidate_and_a_popup_icon_no_dialog(agent):
    found = [c.role for c in agent.observe().candidates]
    assert found[:3] == ["textbox", "button", "link"]
    assert agent.check("the dialog is gone").verdict == "passed"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("Click Download", "went to #download"),
        ("Click @harbour/berths", "went to #berths"),
        ("Open version 1.1.0", "went to #v110"),
        ("Open the run forest", "went to #forest"),
        ("Tick boosted", "Press boosted"),
        ("Select the run naive with its checkbox", "Press naive"),
        ("Select forest", "Press forest"),
        ("Tick Pin run in the row of forest", "Pin forest"),
        ("Delete the run boosted", "deleted 3"),
    ],
)
def test_steps_on_components_reach_what_is_meant(agent, step, told):
    assert do(agent, step) == told
