"""Fixtures: `magenta_settings` → `qa`, and the launch arguments of the browser that is installed here.

Each is small, so that a conftest.py can override one:

    @pytest.fixture(scope="session")
    def magenta_settings(magenta_settings):
        return dataclasses.replace(magenta_settings, site="shop")
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from magenta_qa.agent.plugin.qa import Qa
    from magenta_qa.agent.settings import Settings


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_name: str, connect_options: dict[str, Any] | None
) -> dict[str, Any]:
    """pytest-playwright's launch arguments, with the Chromium that was found where Playwright has none of its own."""
    given = browser_type_launch_args
    if browser_name != "chromium" or connect_options or "channel" in given or "executable_path" in given:
        return given
    from magenta_qa.agent.browser import launch_args, require_browser

    found = launch_args(require_browser(os.environ, headed=given.get("headless") is False))
    return {**found, **given, "args": [*found.get("args", ()), *given.get("args", ())]}


@pytest.fixture(scope="session")
def base_url(pytestconfig: pytest.Config) -> str | None:
    """--base-url, as pytest-playwright's and pytest-base-url's; the former's makes pytest 9 warn in every run."""
    return pytestconfig.getoption("--base-url") or pytestconfig.getini("base_url") or None


@pytest.fixture(scope="session")
def magenta_settings(pytestconfig: pytest.Config) -> "Settings":
    """How the agent is set up: options, environment, pyproject.toml."""
    from magenta_qa.agent.pytest_plugin import session_of

    return session_of(pytestconfig).configuration.settings


@pytest.fixture
def qa(request: pytest.FixtureRequest, page: "Page", magenta_settings: "Settings") -> Iterator["Qa"]:
    """The agent on this test's page; a step or expectation that does not pass fails the test."""
    from magenta_qa.agent.plugin.mutants import open_agent
    from magenta_qa.agent.plugin.qa import Qa
    from magenta_qa.agent.pytest_plugin import session_of

    # Beside the test file, a folder for each test: where its pictures for "looks the same" are kept.
    name = re.sub(r"[^\w.-]+", "-", request.node.name)
    folder = magenta_settings.baselines or request.path.with_name(f"{request.path.stem}.baselines") / name
    agent = open_agent(request.node, page, replace(magenta_settings, baselines=folder))
    tool = Qa(agent)
    session_of(request.config).use(request.node, tool)
    yield tool
    agent.close()


def forget_dead_browser(item: pytest.Item) -> None:
    """Have a browser that died launched anew; pytest-playwright keeps one for the whole run, alive or not.

    With a driver that died, Playwright itself is started anew.
    """
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    for definition in definitions.get("browser", ()):
        browser: Any = definition.cached_result[0] if definition.cached_result else None
        if not hasattr(browser, "is_connected"):
            continue
        from magenta_qa.agent.page.bounded import driver_is_gone
        from magenta_qa.agent.page.pulse import is_gone

        dead = definitions.get("playwright", ()) if driver_is_gone() else (definition,) if is_gone(browser) else ()
        for each in dead:
            with suppress(Exception):  # what is gone cannot be closed
                each.finish(item._request)  # type: ignore[attr-defined]
