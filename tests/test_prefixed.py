"""Parts of a page whose ids and classes all begin alike, as those of many libraries do (pages/prefixed.html)."""

import pytest

from magenta_qa.agent import Agent
from magenta_qa.agent.checks.names import PART, STRIPPED, fit_token, shared_prefix
from magenta_qa.agent.settings import Settings

PARTS = ("palette", "palette search", "palette node", "header", "sidebar", "tab", "tab close", "dialog", "menu", "tray")
OF_ONE_LIBRARY = [f"ab ui {part}" for part in PARTS]


def test_what_most_begin_with_is_no_part_of_what_they_are_called():
    assert shared_prefix(OF_ONE_LIBRARY) == "ab ui"
    assert fit_token("palette", "ab ui palette", "ab ui") == STRIPPED
    assert fit_token("palette", "ab ui palette search", "ab ui") < PART


@pytest.mark.parametrize("others", [["cart"], [f"x{n} y" for n in range(30)]])
def test_what_stands_alone_or_is_rare_is_a_part(others):
    assert shared_prefix([*(f"cart {part}" for part in PARTS), *others]) == ""


def test_few_that_begin_alike_are_called_so():
    assert shared_prefix(OF_ONE_LIBRARY[:8]) == ""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("expectation", "verdict"),
    [
        ('the palette shows "json"', "passed"),
        ('the palette shows "catch"', "failed"),
        ('the workspace shows "catch"', "passed"),
        ('the workspace shows "json"', "failed"),
    ],
)
def test_a_part_is_found_behind_the_prefix(page, site, tmp_path, expectation, verdict):
    page.goto(f"{site}/prefixed.html")
    agent = Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))
    assert agent.check(expectation).verdict == verdict
