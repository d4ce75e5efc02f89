"""The pytest plugin: `*.scenario.yaml` files become test items, and tests in Python get the fixture `qa`.

    pytest tests --base-url http://localhost:8000 -m smoke -n 2 --junitxml=junit.xml

pytest's own machinery does the rest: selection, markers, parameters, reruns, xdist, and pytest-playwright's browser.
This module is imported by every pytest run of everyone who has the package, so it imports nothing but pytest; the work
is in `collection`, `chain`, `play`, `session` and `fixtures`, loaded when there is some.
"""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling
    from xdist.workermanage import WorkerController

    from magenta_qa.agent.plugin.session import Session

SUFFIX = ".scenario.yaml"
_LISTS = {"allow": "ORIGIN", "private": "SELECTOR", "known": "ADDRESS"}
_SESSION = pytest.StashKey["Session"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option for each setting."""
    from magenta_qa.agent.options import NAMES

    group = parser.getgroup("magenta", "magenta-qa: plain-English scenarios")
    for name, text in NAMES.items():
        extra: dict[str, Any] = {"metavar": name.split("-")[-1].upper()}
        if name == "strict":
            extra = {"action": "store_true"}
        elif name in _LISTS:
            extra = {"action": "append", "metavar": _LISTS[name]}
        group.addoption(f"--magenta-{name}", dest=f"magenta_{name.replace('-', '_')}", default=None, help=text, **extra)
    collect = "Log every action of all tests that use Playwright in this folder, to learn from."
    group.addoption("--magenta-collect", dest="magenta_collect", metavar="DIR", type=Path, help=collect)
    group.addoption("--magenta-mutants", dest="magenta_mutants", metavar="PLAN", help="Set by `magenta mutate`.")


def pytest_configure(config: pytest.Config) -> None:
    """Offer the fixtures, and refuse a [tool.magenta] that cannot be used."""
    from magenta_qa.agent.options import NAMES
    from magenta_qa.agent.plugin import fixtures

    # As late as this, so that ours override those of pytest-playwright, whichever of the two was loaded first.
    config.pluginmanager.register(fixtures, "magenta-fixtures")
    config.pluginmanager.register(_Late(config), "magenta-late")
    project = config.rootpath / "pyproject.toml"
    if config.option.magenta_collect is not None:
        from magenta_qa.agent.collect.plugin import CollectPlugin

        folder = config.invocation_params.dir / config.option.magenta_collect
        config.pluginmanager.register(CollectPlugin(folder, session_of(config).configuration), "magenta-collect")
    given = any(getattr(config.option, f"magenta_{name.replace('-', '_')}") is not None for name in NAMES)
    if given or (project.is_file() and b"magenta" in project.read_bytes()):
        session_of(config).configuration  # noqa: B018 - raises UsageError


def pytest_unconfigure(config: pytest.Config) -> None:
    """Forget the steps that conftest files defined."""
    import sys

    steps = sys.modules.get("magenta_qa.agent.plugin.steps")
    if steps is not None:
        steps.forget_steps()


def session_of(config: pytest.Config) -> "Session":
    """What this pytest run knows about its scenarios."""
    if _SESSION not in config.stash:
        from magenta_qa.agent.plugin.session import Session

        config.stash[_SESSION] = Session(config)
    return config.stash[_SESSION]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Scenario files are modules with one test."""
    if not file_path.name.endswith((SUFFIX, ".scenario.yml")):
        return None
    from magenta_qa.agent.plugin.collection import ScenarioModule

    return ScenarioModule.from_parent(parent, path=file_path)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which scenarios there are."""
    names = [item.nodeid for item in session.items if item.path.name.endswith(SUFFIX)]
    if names:
        session_of(session.config).plan(names)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: "WorkerController", ids: list[str]) -> None:
    """The same for what xdist's workers found."""
    names = [name for name in ids if is_scenario(name)]
    if names:
        session_of(node.config).plan(names)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: "WorkerController") -> None:
    """Tell an xdist worker where this run's traces go."""
    node.workerinput["magenta_run"] = str(session_of(node.config).folder)


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: "Producer"
) -> Generator[None, "Scheduling | None", "Scheduling | None"]:
    """The scheduler that was chosen, except that a chain of scenarios stays on one worker."""
    chosen = yield
    if config.getoption("dist") == "each" or chosen is None:
        return chosen
    from magenta_qa.agent.plugin.distribution import ChainScheduling

    return ChainScheduling(config, log, chosen)


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """An item for each repetition or mutant of a scenario, or of a test that uses `qa`."""
    if not metafunc.definition.path.name.endswith(SUFFIX) and "qa" not in metafunc.fixturenames:
        return
    if metafunc.config.option.magenta_mutants:
        from magenta_qa.agent.plugin import mutants

        mutants.multiply(metafunc, Path(metafunc.config.option.magenta_mutants))
    else:
        from magenta_qa.agent.plugin.repetition import multiply

        multiply(metafunc, session_of(metafunc.config).configuration.repeat)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start from a living browser; skip a scenario whose predecessor did not pass, else hand it that one's state."""
    if is_scenario(item.nodeid) or "qa" in getattr(item, "fixturenames", ()):
        from magenta_qa.agent.plugin.fixtures import forget_dead_browser

        forget_dead_browser(item)
    if is_scenario(item.nodeid):
        from magenta_qa.agent.plugin.chain import resume

        resume(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give scenarios and tests that use `qa` their verdict."""
    report = yield
    if is_scenario(item.nodeid) or "qa" in getattr(item, "fixturenames", ()):
        session_of(item.config).judge(item, call, report)
    return report


class _Late:
    """Hooks that need the run's config, or to be outside of those that others register as late as pytest_configure."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        """After everybody (--lf too) has selected: bring in what selected scenarios come after, and order them."""
        collected = list(items)
        yield
        if self.config.option.magenta_mutants and items:
            from magenta_qa.agent.plugin import mutants

            mutants.select(items, Path(self.config.option.magenta_mutants))
        if any(item.path.name.endswith(SUFFIX) for item in items):
            from magenta_qa.agent.plugin.chain import complete_chains

            complete_chains(session, collected, items)
        if _SESSION in self.config.stash and session_of(self.config).configuration.repeat > 1:
            from magenta_qa.agent.plugin.repetition import repetition_of

            items.sort(key=repetition_of)  # all of the suite, then all of it again, as separate runs would do it

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called in the process that decides the exit code."""
        if report.failed or is_scenario(report.nodeid):
            session_of(self.config).count(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected counts as failed where pytest goes on."""
        if report.failed:
            session_of(self.config).failing.append("failed")


def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport,
) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """Show the verdict in place of FAILED; an `error` counts among pytest's errors."""
    if not report.failed or report.when in ("setup", "teardown", "collect"):
        return None
    crashed = report.when != "call" and is_scenario(report.nodeid)
    verdict = "error" if crashed else str(dict(report.user_properties).get("verdict", "failed"))
    if verdict == "failed":
        return None
    category = "error" if verdict == "error" else "failed"
    return category, category[0].upper(), (verdict.upper(), {"red": True})


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Write the report and set the exit code, after JUnit's file is written and before the terminal's summary."""
    ours = session.config.stash.get(_SESSION, None)
    try:
        yield
    except Exception:
        # Ctrl-C reaches the browser too, which is then no longer there for fixtures to close.
        if ours is None or session.exitstatus != pytest.ExitCode.INTERRUPTED:
            raise
    finally:
        if ours is not None:
            ours.finish(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say where the report is, and which expectations cannot be compiled."""
    if _SESSION in config.stash:
        config.stash[_SESSION].summarize(terminalreporter)


def is_scenario(nodeid: str) -> bool:
    """Whether an item comes from a scenario file."""
    return nodeid.partition("::")[0].endswith(SUFFIX)
