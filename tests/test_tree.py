"""Trees of component libraries, whose items open by a sign of their own (pages/tree.html)."""

import pytest

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings

pytestmark = pytest.mark.browser


def test_an_item_is_opened_by_its_sign_and_picked_by_its_words(page, site, tmp_path):
    page.goto(f"{site}/tree.html")
    agent = Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))
    for step in ("Expand Hold 1", "Click Paint"):
        result = agent.do(step)
        assert result.verdict == "passed", result.reason
    assert page.inner_text("#said") == "picked Paint"
    assert agent.do("Collapse Hold 1").verdict == "passed"
    assert agent.check('the page does not show "Paint"').verdict == "failed"  # it is what was picked
    assert agent.check('the page does not show "Rope"').verdict == "passed"
