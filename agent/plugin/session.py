"""One pytest run: where its traces go, what verdicts there were, the exit code and the report at its end.

Workers of xdist write traces (one file a scenario) and send reports, which carry the verdict as the user property
"verdict"; the controller, or the only process, counts those, builds the report and sets the exit code:

    0 all passed   1 any failed   12 error   10 stale   11 stuck          (the first that applies, in this order)
"""

import os
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from magenta_qa.agent.pytest_plugin import is_scenario
from magenta_qa.model.errors import MagentaError

if TYPE_CHECKING:
    from magenta_qa.agent.plugin.configuration import Configuration
    from magenta_qa.agent.plugin.qa import Qa
    from magenta_qa.agent.scenario import Entry, Scenario
    from magenta_qa.model.schema import VerdictName
    from magenta_qa.model.trace import ScenarioTrace

EXIT_CODES = {"failed": 1, "error": 12, "stale": 10, "stuck": 11}
"""In the order of precedence."""
KEPT_RUNS = 20

_NO_TAGS = frozenset(
    {"parametrize", "usefixtures", "skip", "skipif", "xfail", "flaky", "filterwarnings", "xdist_group"}
    | {"browser_context_args", "only_browser", "skip_browser"}
)
_USUAL_BROWSER = re.compile(r"\[chromium(?:(-)(?=.)|\]$)")
_QA = pytest.StashKey["Qa"]()
_TRACE = pytest.StashKey["ScenarioTrace | None"]()


class ScenarioFailure(pytest.fail.Exception):  # type: ignore[name-defined,misc]
    """A scenario that did not pass; pytest shows it without a traceback."""

    def __init__(self, verdict: "VerdictName", reason: str, where: str) -> None:
        self.verdict = verdict
        self.reason = reason
        super().__init__(f"{verdict}: {reason}" + (f"\n  {where}" if where else ""), pytrace=False)


class Session:
    """What a pytest run knows about its scenarios.

    Args:
        config: Of this process: the only one, the controller or a worker.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.collected: list[str] = []
        """Node ids of all scenarios that were selected."""
        self.failing: list[str] = []
        """Verdicts of everything that did not pass."""
        self.skipped: dict[str, str] = {}
        """Node id → reason."""
        self.judged: set[str] = set()
        self.healed = False
        """Whether a step of any scenario was healed."""
        self.uncompiled: list[Entry] = []
        self.report: Path | None = None
        self.traces: list[ScenarioTrace] = []
        self.problem = ""
        self.live = False
        """Whether `magenta run` says itself where the report is."""
        self._configuration: Configuration | None = None
        self._folder: Path | None = None

    @property
    def configuration(self) -> "Configuration":
        """Settings of the run.

        Raises:
            pytest.UsageError: Something set cannot be used.
        """
        if self._configuration is None:
            self._configuration = _read_configuration(self.config)
        return self._configuration

    @property
    def folder(self) -> Path:
        """Where the traces of this run go; the same for all of its workers."""
        if self._folder is None:
            given = getattr(self.config, "workerinput", {}).get("magenta_run")
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            self._folder = Path(given or self.configuration.settings.home / "runs" / f"{stamp}-{os.getpid()}")
        return self._folder

    @property
    def worker(self) -> str:
        """Name of this xdist worker; empty when there is none."""
        return str(getattr(self.config, "workerinput", {}).get("workerid", ""))

    @property
    def mutates(self) -> bool:
        """Whether this is a run of mutants, which has a report of its own."""
        return bool(self.config.getoption("magenta_mutants", None))

    def note_uncompiled(self, cases: Sequence["Scenario"]) -> None:
        """With --collect-only: remember the expectations that cannot become a deterministic check."""
        if not self.config.option.collectonly:
            return
        from magenta_qa.agent.expect import compile_expectation

        for scenario in cases:
            self.uncompiled += [e for e in scenario.expectations if compile_expectation(e.text) is None]

    def use(self, item: pytest.Item, qa: "Qa") -> None:
        """Remember what a test in Python does through `qa`, for its verdict and the report."""
        item.stash[_QA] = qa

    def keep(self, item: pytest.Item, trace: "ScenarioTrace") -> None:
        """Write a scenario's trace; it stands in for an earlier one of the same attempt."""
        from magenta_qa.agent.reports.traces import save_trace

        trace = self._with_repetition(trace)
        item.stash[_TRACE] = trace
        item.user_properties[:] = [p for p in item.user_properties if p[0] not in ("verdict", "healed")]
        item.user_properties.append(("verdict", trace.verdict))
        item.user_properties.extend(("healed", f"{h.step}: {h.before} → {h.after}: {h.reason}") for h in trace.healed)
        if is_scenario(item.nodeid):
            from magenta_qa.agent.plugin.chain import keep_verdict

            keep_verdict(item, trace.verdict)
        try:
            save_trace(trace, self.folder)
        except OSError as error:
            self.problem = f"trace not written: {error}"

    def begin(self, item: pytest.Item, trace: "ScenarioTrace") -> None:
        """Write a trace that stands until the scenario has its verdict, in case that this process is killed."""
        from magenta_qa.agent.reports.traces import save_trace

        try:
            save_trace(self._with_repetition(trace), self.folder)
        except OSError as error:
            self.problem = f"trace not written: {error}"

    def plan(self, names: Sequence[str]) -> None:
        """Note which scenarios there are, on disk too; in the process that the user started."""
        from magenta_qa.agent.reports.traces import ENDED_BEFORE, save_not_started

        self.collected = list(names)
        if self.worker or self.config.option.collectonly:
            return
        try:
            save_not_started(dict.fromkeys(names, ENDED_BEFORE), self.folder)
        except OSError as error:
            self.problem = f"list of scenarios not written: {error}"

    def _with_repetition(self, trace: "ScenarioTrace") -> "ScenarioTrace":
        """With --magenta-repeat, a trace that says whose repetition it is."""
        if self.configuration.repeat == 1:
            return trace
        from dataclasses import replace

        from magenta_qa.agent.plugin.repetition import split_repetition

        group, repetition = split_repetition(trace.id)
        return replace(trace, name=split_repetition(trace.name)[0], repetition=repetition, group=group)

    def judge(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """See to it that whatever has started ends in one verdict, whichever phase it ended in."""
        if report.when == "setup":
            item.stash[_TRACE] = None
            item.user_properties[:] = [p for p in item.user_properties if p[0] not in ("verdict", "healed")]
        trace = item.stash.get(_TRACE, None)
        error = call.excinfo.value if call.excinfo else None
        if report.failed and (trace is None or (report.when == "teardown" and trace.verdict == "passed")):
            self._judge_failure(item, error, report, trace)
        elif trace is not None and report.failed and report.when == "teardown" and is_scenario(item.nodeid):
            _fold_into(trace, item, error, report)
        elif report.when == "call" and report.passed and trace is None and _QA in item.stash:
            self.keep(item, _trace_of_test(item, self, "passed", "", report.duration))
        elif report.skipped and is_scenario(item.nodeid) and isinstance(report.longrepr, tuple):
            report.longrepr = (str(item.path), 1, report.longrepr[2])
        _shorten(report, error)
        report.user_properties[:] = list(item.user_properties)
        if self.mutates:
            from magenta_qa.agent.plugin.mutants import keep_outcome

            keep_outcome(item, report, item.stash.get(_TRACE, None))
        if report.when == "teardown":  # pytest keeps items to the end; what one was run with goes
            item.stash[_TRACE] = None
            if _QA in item.stash:
                del item.stash[_QA]

    def _judge_failure(
        self,
        item: pytest.Item,
        error: BaseException | None,
        report: pytest.TestReport,
        trace: "ScenarioTrace | None",
    ) -> None:
        from dataclasses import replace

        ours = is_scenario(item.nodeid)
        given = getattr(error, "verdict", None) or ("failed" if report.when == "call" and not ours else "error")
        verdict = cast("VerdictName", given)
        phase = "" if report.when == "call" else f"{report.when}: "
        reason = phase + (getattr(error, "reason", None) or _one_line(error) or str(report.longrepr))
        trace = trace or _trace_of_test(item, self, verdict, reason, report.duration)
        self.keep(item, replace(trace, verdict=verdict, reason=reason))
        if ours:
            report.longrepr = _without_traceback(item, verdict, reason)

    def count(self, report: pytest.TestReport) -> None:
        """Take a report into the account of this run."""
        if report.outcome == "rerun":  # type: ignore[comparison-overlap] # by pytest-rerunfailures
            return
        self.healed |= report.when == "call" and any(name == "healed" for name, _ in report.user_properties)
        if report.failed:
            self.failing.append(self._verdict_of(report))
        if is_scenario(report.nodeid):
            if report.skipped and not hasattr(report, "wasxfail"):
                self.skipped[report.nodeid] = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else "")
            self.judged.add(report.nodeid)

    def _verdict_of(self, report: pytest.TestReport) -> str:
        verdict = str(dict(report.user_properties).get("verdict", ""))
        if verdict in EXIT_CODES:
            return verdict
        if not is_scenario(report.nodeid):
            return "failed"
        self._keep_crash(report)
        return "error"

    def _keep_crash(self, report: pytest.TestReport) -> None:
        """A worker that died wrote no trace for the scenario that it was running."""
        from magenta_qa.agent.reports.traces import save_trace
        from magenta_qa.model.trace import ScenarioTrace

        path, _, name = report.nodeid.partition("::")
        reason = f"the worker process ended in the middle of it: {str(report.longrepr).splitlines()[0]}"
        worker = str(getattr(getattr(getattr(report, "node", None), "gateway", None), "id", ""))
        trace = ScenarioTrace(report.nodeid, name, path, "error", reason, (), started_at=_now(), worker=worker)
        save_trace(self._with_repetition(trace), self.folder)

    def finish(self, session: pytest.Session) -> None:
        """Build the report and set the exit code; only in the process that the user started."""
        if self.worker:
            return
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and self.failing:
            session.exitstatus = next(code for verdict, code in EXIT_CODES.items() if verdict in self.failing)
        if session.exitstatus == pytest.ExitCode.OK and self.healed and self.configuration.settings.heal == "fail":
            session.exitstatus = EXIT_CODES["stale"]
        xml = self.config.getoption("xmlpath", None)
        if xml:
            from magenta_qa.agent.plugin.junit import name_verdicts

            name_verdicts(Path(os.path.expandvars(xml)).expanduser())
        if self._folder is not None and self._folder.is_dir():
            if not self.mutates:
                self._build_report()
            _forget_old_runs(self._folder)

    def _build_report(self) -> None:
        from magenta_qa.agent.reports.report import build_report
        from magenta_qa.agent.reports.summary import build_summary
        from magenta_qa.agent.reports.traces import load_traces, save_not_started

        settings = self.configuration.settings
        images = settings.home / "log" / "images"
        try:
            save_not_started(self.not_started, self.folder)
            self.traces = load_traces(self.folder)
            target = self.configuration.report
            title = settings.site or "Scenarios"
            self.report = build_report(
                self.traces, images, target, title=title, command=_typed_command(), not_started=self.not_started
            )
            summary = os.environ.get("GITHUB_STEP_SUMMARY")
            text = build_summary(self.traces, self.report, not_started=self.not_started)
            target.with_suffix(".md").write_text(text, encoding="utf-8")
            if summary:
                with Path(summary).open("a", encoding="utf-8") as file:
                    file.write(text + "\n")
        except (OSError, MagentaError) as error:
            self.problem = f"report not written: {error}"

    @property
    def not_started(self) -> dict[str, str]:
        """Node id → why, of the scenarios that were selected but never started."""
        from magenta_qa.agent.reports.traces import ENDED_BEFORE

        stopped = {name: ENDED_BEFORE for name in self.collected if name not in self.judged}
        return {**self.skipped, **stopped}

    def summarize(self, terminal: pytest.TerminalReporter) -> None:
        """What the terminal says at the end."""
        if self.uncompiled:
            terminal.section("expectations that cannot be compiled to a check", yellow=True)
            seen = dict.fromkeys((e.path, e.line, e.text) for e in self.uncompiled)
            for path, line, text in seen:
                terminal.write_line(f"{_relative(path)}:{line}: {text}")
            judged = self.configuration.settings.decision.startswith("openai:")
            what = "the chat model will judge them" if judged else "without a chat model their scenarios end stuck"
            terminal.write_line(f"reword them so that they quote what must be seen; {what}")
        if self.problem:
            terminal.write_line(f"magenta: {self.problem}", red=True)
        if not self.live and self.configuration.repeat > 1:
            from magenta_qa.agent.reports.repeats import agreements

            for each in agreements(self.traces).values():
                if each.flaky:
                    terminal.write_line(f"magenta: flaky: {each.name} ({each.tally}): {each.difference}", yellow=True)
        if not self.live:
            for name, change in ((trace.name, each) for trace in self.traces for each in trace.healed):
                terminal.write_line(f"magenta: healed: {name}: {change.before} → {change.after}", yellow=True)
        if self.report is not None and not self.live:
            terminal.write_line(f"magenta report: {_relative(self.report)}")


def _read_configuration(config: pytest.Config) -> "Configuration":
    from magenta_qa.agent.options import NAMES
    from magenta_qa.agent.plugin.configuration import build_configuration, read_project

    options = {name: getattr(config.option, f"magenta_{name.replace('-', '_')}") for name in NAMES}
    # Without a configuration file pytest's root is where the tests are, which may be anybody's folder.
    cwd = config.invocation_params.dir
    folder = config.rootpath if config.inipath is not None else cwd
    try:
        project = read_project(config.rootpath / "pyproject.toml")
        return build_configuration(options, os.environ, project, folder=folder, cwd=cwd)
    except MagentaError as error:
        raise pytest.UsageError(str(error)) from error


def _trace_of_test(
    item: pytest.Item, session: Session, verdict: "VerdictName", reason: str, seconds: float
) -> "ScenarioTrace":
    """The trace of an item that has none of its own: a test in Python, or a scenario whose fixtures failed."""
    from magenta_qa.agent.privacy.privacy import Privacy
    from magenta_qa.agent.secrets import Secrets
    from magenta_qa.model.trace import ScenarioTrace

    settings = session.configuration.settings
    qa = item.stash.get(_QA, None)
    tags = (mark.name for mark in item.iter_markers() if mark.name not in _NO_TAGS)
    privacy = qa.agent.privacy if qa else Privacy(settings.private, Secrets(settings.secrets))
    trace = ScenarioTrace(
        item.nodeid,
        without_usual_browser(item.name),
        str(item.path),
        verdict,
        reason,
        tuple(qa.steps) if qa else (),
        findings=qa.agent.findings(0) if qa else (),
        tags=tuple(dict.fromkeys(tags)),
        started_at=_now(),
        seconds=seconds,
        understanding=settings.understanding,
        decision=settings.decision,
        worker=session.worker,
        attempt=getattr(item, "execution_count", 1),
    )
    return privacy.mask_all(trace)


def without_usual_browser(name: str) -> str:
    """An item's name for people: "Greets[chromium-Ada]" → "Greets[Ada]"."""
    return _USUAL_BROWSER.sub(lambda m: "[" if m[1] else "", name)


def _fold_into(
    trace: "ScenarioTrace", item: pytest.Item, error: BaseException | None, report: pytest.TestReport
) -> None:
    """A scenario that has its verdict keeps it: what breaks after an `error` is taken for a consequence."""
    reason = f"teardown: {_one_line(error) or report.longrepr}"
    if trace.verdict == "error":
        report.outcome, report.longrepr = "passed", None
        report.sections.append(("afterwards", reason))
    else:
        report.longrepr = _without_traceback(item, trace.verdict, reason)


def _without_traceback(item: pytest.Item, verdict: "VerdictName", reason: str) -> Any:  # noqa: ANN401 - as pytest's
    """What pytest prints for a scenario that did not come to be run."""
    try:
        raise ScenarioFailure(verdict, reason, "")
    except ScenarioFailure:
        shown = item.repr_failure(pytest.ExceptionInfo.from_current())
    crash = getattr(shown, "reprcrash", None)
    if crash is not None:
        crash.message = reason
    return shown


def _shorten(report: pytest.TestReport, error: BaseException | None) -> None:
    """Leave only the cause in the line of pytest's short summary and in JUnit's message."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None and hasattr(error, "verdict"):
        crash.message = getattr(error, "reason", crash.message)


def _typed_command() -> str:
    """What was typed to start this process; `python -m` shows the module's file instead of the command's name."""
    name = Path(sys.argv[0]).name
    return shlex.join([{"__main__.py": "pytest", "cli.py": "magenta"}.get(name, name), *sys.argv[1:]])


def _forget_old_runs(folder: Path) -> None:
    import shutil

    for old in sorted(p for p in folder.parent.iterdir() if p.is_dir())[:-KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)


def _one_line(error: BaseException | None) -> str:
    if isinstance(error, pytest.FixtureLookupError):
        return str(error.formatrepr().errorstring).partition("\n")[0]
    lines = str(error or "").strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__ if error else ""


def _relative(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
