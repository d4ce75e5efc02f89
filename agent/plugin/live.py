"""Live progress of `magenta run`: one line a scenario as it ends, a panel at the end.

It is a pytest plugin that takes the place of pytest's dots and, where nothing but scenarios failed, of its summary;
tests in Python keep their tracebacks.
"""

import sys
from collections.abc import Generator

import pytest
from rich.console import Console

from magenta_qa.agent.plugin.session import without_usual_browser
from magenta_qa.agent.plugin.terminal import is_ascii, print_scenario, summary
from magenta_qa.agent.pytest_plugin import is_scenario, session_of
from magenta_qa.agent.reports.printable import printable
from magenta_qa.model.schema import VerdictName
from magenta_qa.model.trace import ScenarioTrace

PYTEST_OPTIONS = ("-q", "-o", "console_output_style=classic")
"""What pytest is started with, so that it leaves the lines to us."""


class LiveProgress:
    """Prints lines while pytest runs.

    Args:
        console: Where to.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.total = 0
        self.done: set[str] = set()
        self.python_failed = False
        self._running = True
        self._ended: dict[str, ScenarioTrace] = {}
        self._healed: dict[str, list[str]] = {}
        self._skipped: dict[str, str] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Say that the panel names the report."""
        session_of(config).live = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know how many there are."""
        self.total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The same for xdist's controller, which collects nothing itself."""
        self.total = len(ids)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """pytest explains files that cannot be collected."""
        self.python_failed = self.python_failed or report.failed

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> Generator[None, tuple[str, str, object], tuple[str, str, object]]:
        """Let pytest count, but print no dot."""
        status = yield
        return (status[0], "", "") if self._running else status

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """On a terminal, say what is running."""
        if self.console.is_terminal:
            line = printable(f"running: {_display_name(nodeid)}", max(20, self.console.width - 4))
            self.console.print(line, style="dim", end="\r", markup=False, highlight=False)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print a line when the last phase of an item has ended."""
        self._note(report)
        if report.when == "teardown" or report.when not in ("setup", "call"):
            self._print(report.nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """After everybody else, the panel."""
        self._running = False
        session.config.option.no_summary = not self.python_failed
        yield
        ours = session_of(session.config)
        if ours.traces or ours.not_started:
            code = int(session.exitstatus)
            panel = summary(
                ours.traces,
                ours.report,
                exit_code=code,
                not_started=ours.not_started,
                ascii_only=is_ascii(self.console),
            )
            self.console.print(panel)

    def _note(self, report: pytest.TestReport) -> None:
        if report.failed and not is_scenario(report.nodeid):
            self.python_failed = True
        if report.skipped:
            self._skipped[report.nodeid] = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else "")
        if report.outcome not in ("passed", "failed"):
            return
        self._healed[report.nodeid] = [str(text) for name, text in report.user_properties if name == "healed"]
        earlier = self._ended.get(report.nodeid)
        verdict, reason = _verdict(report)
        if earlier is not None and verdict == "passed":
            verdict, reason = earlier.verdict, earlier.reason
        path = report.nodeid.partition("::")[0]
        seconds = report.duration + (earlier.seconds if earlier else 0.0)
        attempt = int(getattr(report, "rerun", 0)) + 1
        name = _display_name(report.nodeid)
        trace = ScenarioTrace(report.nodeid, name, path, verdict, reason, (), seconds=seconds, attempt=attempt)
        self._ended[report.nodeid] = trace

    def _print(self, nodeid: str) -> None:
        self.done.add(nodeid)
        trace = self._ended.pop(nodeid, None)
        skipped = self._skipped.pop(nodeid, None)
        healed = self._healed.pop(nodeid, [])
        if self.console.is_terminal:
            self.console.print(" " * (self.console.width - 1), end="\r")
        if skipped is not None:
            reason = printable(f"- skipped {_display_name(nodeid)}: {skipped.removeprefix('Skipped: ')}", 400)
            self.console.print(f"[{len(self.done)}/{self.total}] {reason}", style="dim", markup=False, highlight=False)
        elif trace is not None:
            print_scenario(self.console, trace, done=len(self.done), total=self.total, healed=healed)


def live_progress() -> LiveProgress:
    """Progress on this process's standard output."""
    return LiveProgress(Console(file=sys.stdout))


def _display_name(nodeid: str) -> str:
    path, _, name = nodeid.partition("::")
    return without_usual_browser(name) or path


def _verdict(report: pytest.TestReport) -> tuple[VerdictName, str]:
    if report.passed:
        return "passed", ""
    given = dict(report.user_properties).get("verdict")
    crash = getattr(report.longrepr, "reprcrash", None)
    reason = str(crash.message if crash is not None else report.longrepr)
    for verdict in ("failed", "stale", "stuck", "error"):
        if given == verdict:
            return verdict, reason
    return ("error" if is_scenario(report.nodeid) else "failed"), reason
