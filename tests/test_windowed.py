"""A list of a thousand orders that draws fourteen of them: steps find the others, and checks know of them."""

import pytest
from conftest import Site
from playwright.sync_api import Page

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.settings import Settings
from magenta_qa.agent.windowed import find_windowed

pytestmark = pytest.mark.browser


@pytest.fixture
def agent(page: Page, site: Site, tmp_path):  # type: ignore[no-untyped-def]
    page.goto(f"{site}/windowed.html")
    with Agent(page, settings=Settings(home=tmp_path, timeout_ms=1500, expect_timeout_ms=500)) as agent:
        yield agent


def test_step_about_a_row_that_is_not_drawn_is_carried_out_there(agent: Agent) -> None:
    result = agent.do("Click Cancel in the row of Order 640")
    assert result.verdict == "passed", result.reason
    assert agent.check('the page shows "Order 640 was cancelled"').verdict == "passed"


def test_step_about_a_row_that_is_not_there_is_not_passed(agent: Agent, page: Page) -> None:
    assert agent.do("Click Cancel in the row of Order 1640").verdict in {"failed", "stuck"}
    assert page.evaluate("list.scrollTop") == 0
    assert page.inner_text("#said") == ""


@pytest.mark.parametrize(
    ("expectation", "verdict"),
    [
        ('the page shows "Order 950"', "passed"),
        pytest.param('the page shows "Order 1950"', "failed", marks=pytest.mark.slow),
        ('"Order 950" is not shown', "failed"),
        pytest.param('"Order 1950" is not shown', "passed", marks=pytest.mark.slow),
        pytest.param("the list has 14 entries", "stuck", marks=pytest.mark.slow),
        ("the list is in alphabetical order", "failed"),
        pytest.param('the page does not show "Shipped"', "passed", marks=pytest.mark.slow),
        pytest.param("there is 1 heading", "passed", marks=pytest.mark.slow),
    ],
)
def test_check_takes_what_is_not_drawn_into_account(agent: Agent, expectation: str, verdict: str) -> None:
    result = agent.check(expectation)
    assert result.verdict == verdict, result.reason


@pytest.mark.parametrize(
    ("expectation", "verdict"),
    [
        ('the page shows "Order 950"', "stuck"),
        ('the page shows "Order 3"', "passed"),
        ('"Order 3" is not shown', "failed"),
    ],
)
def test_list_that_is_not_looked_through_in_time_says_nothing_of_what_it_did_not_show(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, expectation: str, verdict: str
) -> None:
    monkeypatch.setattr("magenta_qa.agent.checks.unseen.LOOK_SECONDS", 0.2)
    result = agent.check(expectation)
    assert result.verdict == verdict, result.reason


def test_long_page_that_draws_everything_is_no_windowed_list(agent: Agent, page: Page) -> None:
    assert len(find_windowed(page, agent.watch)) == 1
    page.set_content(f"<div style='height:200px;overflow:auto'>{'<p>line</p>' * 200}</div>{'<p>more</p>' * 200}")
    assert find_windowed(page, agent.watch) == []
