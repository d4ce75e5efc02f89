"""What controls without a name are called by: the text beside them as it is drawn (pages/beside.html)."""

import pytest

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings

pytestmark = pytest.mark.browser

CALLED = [
    "Town",
    *("First name", "Last name"),  # labels in one column, fields in the next
    *("Street", "Postcode", "Country"),  # in a row above the fields
    *("Width", "Height", "Width", "Height"),  # in the first row of a table
    "Nickname",  # drawn left of the field, though behind it in the document
    "I agree to everything",
    *("Small", "Large"),
    "Colour",  # above; what stands right of a field is not its label
    "",  # one text above and one to the left
    "",  # what is above belongs to another field
    "Mood",
    *("Deck", "Engine", "Galley"),  # behind an empty label, which is what is seen of the box
]


@pytest.fixture
def agent(page, site, tmp_path):
    page.goto(f"{site}/beside.html")
    return Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))


def test_text_beside_a_control_names_it_where_no_other_could_be_meant(agent):
    labels = [[k.text for k in c.context if k.kind == "label"] for c in agent.observe().candidates]
    assert labels == [[label] if label else [] for label in CALLED]


def test_steps_call_controls_by_what_stands_beside_them(agent):
    for step in ("Enter Moreau in Last name", "Enter 80 as the width of Gate", "Choose Small", "Enter y in Left"):
        verdict = agent.do(step).verdict
        assert verdict == ("stuck" if step.endswith("Left") else "passed"), step
    held = agent.page.eval_on_selector_all("input", "all => all.map(i => i.type == 'radio' ? i.checked : i.value)")
    assert [held[2], held[8], held[12], held[13], held[15]] == ["Moreau", "80", True, False, ""]
