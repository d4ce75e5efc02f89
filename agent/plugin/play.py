"""Runs one collected scenario: everything between pytest's fixtures and the runner.

Whatever happens here ends in a trace with one verdict; one that is not `passed` fails the item without a traceback.
"""

import os
from dataclasses import replace
from typing import cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from magenta_qa.agent.log import now_utc
from magenta_qa.agent.plugin.chain import keep_state, resumed_state
from magenta_qa.agent.plugin.collection import is_first_case, scenario_of
from magenta_qa.agent.plugin.mutants import mutant_of, open_agent
from magenta_qa.agent.plugin.qa import Qa
from magenta_qa.agent.plugin.repetition import repetition_of
from magenta_qa.agent.plugin.session import ScenarioFailure, without_usual_browser
from magenta_qa.agent.plugin.steps import find_step
from magenta_qa.agent.pytest_plugin import session_of
from magenta_qa.agent.reports.traces import ENDED_AMID
from magenta_qa.agent.runner import run_scenario
from magenta_qa.agent.scenario import Scenario, baselines_folder, resolve_secrets, start_url
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.trace import ScenarioTrace, StepTrace


def play(request: pytest.FixtureRequest) -> None:
    """Run the scenario of the requesting item.

    Raises:
        ScenarioFailure: It did not pass.
    """
    item = cast(pytest.Item, request.node)
    scenario = scenario_of(item)
    scenario = replace(scenario, name=without_usual_browser(item.name)) if scenario.case else scenario
    session = session_of(item.config)
    secrets = Secrets({})
    session.begin(item, _error(item, scenario, ENDED_AMID))
    try:
        given: Settings = request.getfixturevalue("magenta_settings")
        values = resolve_secrets(scenario, os.environ)
        secrets = Secrets({**given.secrets, **values})
        trace = _run(request, scenario, replace(given, secrets={**given.secrets, **values}))
    except KeyboardInterrupt:
        session.keep(item, _error(item, scenario, "interrupted from the keyboard"))
        raise
    except Exception as error:  # every scenario that starts ends in a verdict, whatever breaks
        trace = _error(item, scenario, secrets.mask(_cause(error)))
    session.keep(item, trace)
    if trace.verdict != "passed":
        raise ScenarioFailure(trace.verdict, trace.reason, _where(scenario, trace))


def _run(request: pytest.FixtureRequest, scenario: Scenario, settings: Settings) -> ScenarioTrace:
    page: Page = request.getfixturevalue("page")
    item = cast(pytest.Item, request.node)
    before = resumed_state(item)
    url = start_url(scenario, request.getfixturevalue("base_url"), before.url if before else "")
    if before is not None:
        before.restore(page.context)
    with open_agent(item, page, _with_scenario(settings, scenario, url)) as agent:
        qa = Qa(agent)

        def lookup(name: str) -> object:
            return {"qa": qa, "page": agent.page}.get(name) or request.getfixturevalue(name)

        trace = run_scenario(
            scenario,
            agent,
            node_id=item.nodeid,
            url=url,
            team_step=lambda text: find_step(text, lookup),
            # Each repetition finds what the others found; a changed page teaches nothing.
            remember=is_first_case(item) and not repetition_of(item) and not mutant_of(item),
            worker=session_of(item.config).worker,
            attempt=getattr(item, "execution_count", 1),
        )
        if trace.verdict == "passed":
            keep_state(item, agent.page)
        return trace


def _with_scenario(settings: Settings, scenario: Scenario, url: str) -> Settings:
    """The settings with what the scenario's file says."""
    further = (*scenario.allow, *settings.allow)
    parts = urlsplit(url)
    return replace(
        settings,
        timeout_ms=scenario.timeout_ms or settings.timeout_ms,
        expect_timeout_ms=scenario.expect_timeout_ms or settings.expect_timeout_ms,
        files=scenario.path.parent,
        baselines=baselines_folder(scenario),
        allow=tuple(dict.fromkeys((f"{parts.scheme}://{parts.netloc}", *further))) if further else (),
    )


def _error(item: pytest.Item, scenario: Scenario, reason: str) -> ScenarioTrace:
    return ScenarioTrace(
        item.nodeid,
        scenario.name,
        str(scenario.path),
        "error",
        reason,
        (),
        tags=scenario.tags,
        url=scenario.url,
        started_at=now_utc(),
        worker=session_of(item.config).worker,
        attempt=getattr(item, "execution_count", 1),
    )


def _cause(error: Exception) -> str:
    first = next(iter(str(error).strip().splitlines()), "")
    return first if isinstance(error, MagentaError) and first else f"{type(error).__name__}: {first}".rstrip(": ")


def _where(scenario: Scenario, trace: ScenarioTrace) -> str:
    """File, line and text of the entry that decided the verdict."""
    bad: StepTrace | None = next((s for s in trace.steps if s.verdict == trace.verdict), None)
    entry = next((e for e in scenario.entries if bad is not None and e.text == bad.text), None)
    return f"{os.path.relpath(entry.path)}:{entry.line}: {entry.text}" if entry else ""
