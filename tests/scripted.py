"""A user's project whose agent is scripted, for the tests of the pytest plugin.

A step "verdict stale a cause" ends with that verdict, so that every way through the plugin can be taken without a
browser. `project` is a folder with such an agent; `write` puts scenarios into it and `run` runs pytest there, in a
subprocess, as a user does.

PYTEST_DONT_REWRITE: test modules import this before pytest takes it as a plugin.
"""

import json
import os

import pytest

from magenta_qa.agent.cli import plugin_options

CONFTEST = """
import os
import sys
import types

import pytest
from magenta_qa.agent.plugin.steps import magenta_step
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.schema import Action, Decision
from magenta_qa.model.trace import ActionTrace, Healing, Result, ScenarioTrace, StepTrace

HEALED = Healing("Click Save", 'button "Save"', 'button "Keep"', "its name says the same")


class Agent:
    def __init__(self, page, settings):
        self.page, self.settings = page, settings
        self.privacy = Privacy()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        pass

    def findings(self, since):
        return ()

    def do(self, step, *more, **options):
        print("DO", step)
        word, _, rest = step.partition(" ")
        if word == "verdict":
            verdict, _, reason = rest.partition(" ")
            return Result(verdict, reason)
        if word == "raise":
            raise RuntimeError(rest)
        if word == "interrupt":
            raise KeyboardInterrupt
        if word == "die":
            os._exit(9)
        if word == "once" and not os.path.exists(rest):
            open(rest, "w").close()
            return Result("failed", "the first time")
        return Result("passed", "")

    check = achieve = do


def run_scenario(scenario, agent, *, node_id, url, team_step, worker, attempt, **more):
    print("URL", url, "ALLOW", agent.settings.allow, "TIMEOUT", agent.settings.timeout_ms)
    steps = []
    for entry in scenario.entries:
        own = team_step(entry.text)
        result = agent.do(entry.text) if own is None else (own(), Result("passed", ""))[1]
        action = ActionTrace(Action("click"), Decision("act"), healing=HEALED)
        did = (action,) if entry.text.startswith("heal") else ()
        steps.append(StepTrace(len(steps), entry.text, entry.kind, result.verdict, result.reason, did))
        if result.verdict != "passed":
            break
    last = steps[-1]
    return ScenarioTrace(
        node_id, scenario.name, str(scenario.path), last.verdict, last.reason, tuple(steps),
        started_at="2026-11-22T21:52:41Z", worker=worker, attempt=attempt,
    )


for name, value in (("agent", Agent), ("runner", run_scenario)):
    module = sys.modules[f"magenta_qa.agent.{name}"] = types.ModuleType(name)
    setattr(module, value.__name__, value)


class Context:
    def storage_state(self, indexed_db):
        return {"cookies": ["of this process"]}

    def add_init_script(self, script):
        print("SESSION STORAGE", script.splitlines()[-1])


class Page:
    url = "http://shop.example/where-it-ended"
    context = Context()

    def evaluate(self, script):
        return '["http://shop.example", {"step": "2"}]'


@pytest.fixture
def page(request, browser_name):
    marker = request.node.get_closest_marker("browser_context_args")
    print("CONTEXT", marker and marker.kwargs)
    return Page()


@pytest.fixture
def database():
    print("DATABASE UP")
    yield "the database"
    print("DATABASE DOWN")


@pytest.fixture
def broken():
    raise ValueError("no database")


@pytest.fixture
def unclean():
    yield
    raise ValueError("no clean-up")


@pytest.fixture(scope="session")
def gone():
    yield
    raise OSError("the browser went with Ctrl-C")


@magenta_step("the user {name} exists")
def user(name, qa, database):
    print("USER", name, type(qa).__name__, database)
"""


def scenario(*steps: str, name: str = "", **keys: str) -> str:
    lines = [f"name: {name or 'A scenario'}", "url: http://shop.example/", "steps:", *(f"- {s}" for s in steps)]
    lines += [f"{key}: {value}" for key, value in keys.items()]
    return "\n".join([*([] if steps else lines[:2]), *(lines if steps else lines[3:]), "expect: it is so"])


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in [n for n in os.environ if n.startswith(("MAGENTA_", "GITHUB_", "PYTEST_ADD"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n")
    return pytester


def write(project: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        (project.path / f"{name}.scenario.yaml").write_text(text, encoding="utf-8")


def run(project: pytest.Pytester, *options: str) -> pytest.RunResult:
    return project.runpytest_subprocess(*plugin_options(), *options, timeout=180)


def verdicts(project: pytest.Pytester) -> dict[str, str]:
    """Name → verdict of the last run's traces."""
    newest = max((project.path / ".magenta" / "runs").iterdir())
    traces = [json.loads(path.read_text(encoding="utf-8")) for path in newest.glob("*.json")]
    return {trace["name"]: trace["verdict"] for trace in traces}


EVERY = {
    name: scenario(f"verdict {name} a cause", name=f"Ends {name}") for name in ("failed", "error", "stale", "stuck")
}
EVERY["passed"] = scenario("look", name="Ends passed")
