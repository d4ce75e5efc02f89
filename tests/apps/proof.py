"""Runs scenarios of an application and holds each verdict against the oracle, which the agent cannot see.

    python -m apps [--only NAME …] [--scenario NAME …]        # below tests/; installs what is not installed

Prints one line a scenario and then the table: application, version, scenarios, passed, passed with a true oracle,
false passes, seconds. A false pass is a `passed` whose oracle is not true, or of a scenario of `suite_false/`, whose
expectation is false or whose step is impossible. Results are kept in build/apps/results.jsonl, so that nothing is
lost when a run is interrupted. Back ends are those of any run (MAGENTA_UNDERSTANDING, MAGENTA_DECISION).
"""

import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from apps.application import ROOT, Application, Bed, Oracle, prepare, started
from magenta_qa.agent.reports.traces import load_traces

NAMES = ("verdaccio", "flask-admin", "mlflow", "trac", "label-studio")
PLAY_SECONDS = 300
SHARE = 0.85  # of the scenarios that can pass must, with a true oracle
_SUFFIX = ".scenario.yaml"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scenario, played once."""

    application: str
    version: str
    scenario: str
    honest: bool
    """Whether it can pass: False for those of `suite_false/`."""
    verdict: str
    oracle: bool
    """What the oracle said afterwards; False where there is none."""
    reason: str
    seconds: float

    @property
    def is_true_pass(self) -> bool:
        """Whether the verdict is `passed` and the oracle agrees."""
        return self.honest and self.verdict == "passed" and self.oracle

    @property
    def is_false_pass(self) -> bool:
        """The worst that can happen."""
        return self.verdict == "passed" and not self.is_true_pass


def application(name: str) -> Application:
    """The application of that name."""
    found: Application = importlib.import_module(f"apps.{name.replace('-', '_')}.driver").APPLICATION
    return found


def oracles(app: Application) -> Mapping[str, Oracle]:
    """Its oracles by the name of the scenario."""
    found: Mapping[str, Oracle] = importlib.import_module(f"apps.{app.folder.name}.oracles").ORACLES
    return found


def scenarios(app: Application, only: tuple[str, ...] = ()) -> list[Path]:
    """Its scenario files, those that can pass first."""
    found = [p for suite in ("suite", "suite_false") for p in sorted((app.folder / suite).glob(f"*{_SUFFIX}"))]
    return [p for p in found if not only or p.name.removesuffix(_SUFFIX) in only]


def prove(app: Application, only: tuple[str, ...] = (), root: Path = ROOT) -> Iterator[Outcome]:
    """Play its scenarios, each on fresh data."""
    home = prepare(app, root)
    for path in scenarios(app, only):
        with started(app, home) as bed:
            yield _outcome(app, path, bed)


def _outcome(app: Application, path: Path, bed: Bed) -> Outcome:
    name = path.name.removesuffix(_SUFFIX)
    honest = path.parent.name == "suite"
    oracle = oracles(app)[name] if honest else None
    if oracle is not None and oracle(bed):
        raise AssertionError(f"{app.name}/{name}: the oracle is true before anything was done")
    begun = time.monotonic()
    verdict, reason = _play(path, bed.url, app.name)
    seconds = round(time.monotonic() - begun, 1)
    told = oracle is not None and oracle(bed)
    return Outcome(app.name, app.version, name, honest, verdict, told, reason, seconds)


def _play(path: Path, url: str, name: str) -> tuple[str, str]:
    """(verdict, reason) of a scenario, run as a user runs it; its report stays in build/apps/NAME/runs/SCENARIO."""
    kept = ROOT / name / "runs" / path.name.removesuffix(_SUFFIX)
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder]
        command += ["--base-url", url, folder]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PLAY_SECONDS)
        made = Path(folder, ".magenta")
        if made.exists():
            shutil.copytree(made, kept, dirs_exist_ok=True)
    (kept / "output.txt").write_text(run.stdout + run.stderr)
    found = sorted((kept / "runs").iterdir()) if (kept / "runs").exists() else []
    traces = load_traces(found[-1]) if found else []
    return (traces[0].verdict, traces[0].reason) if traces else ("not run", run.stdout[-500:])


def keep(outcome: Outcome) -> None:
    """Append an outcome to the results."""
    with (ROOT / "results.jsonl").open("a") as file:
        file.write(json.dumps(asdict(outcome)) + "\n")


def line(outcome: Outcome) -> str:
    """One scenario, for people."""
    mark = "FALSE PASS" if outcome.is_false_pass else "ok" if outcome.is_true_pass or not outcome.honest else "missed"
    oracle = "-" if not outcome.honest else "true" if outcome.oracle else "false"
    told = f"{outcome.application}/{outcome.scenario}"
    return f"{mark:10} {told:36} {outcome.verdict:8} oracle {oracle:5} {outcome.seconds:5.1f} s  {outcome.reason[:160]}"


def table(outcomes: list[Outcome]) -> str:
    """The table of the README, in Markdown."""
    rows = ["| application | version | scenarios | passed | true oracle | must not pass | false passes | seconds |",
            "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for name in dict.fromkeys(o.application for o in outcomes):
        rows.append(_row(name, [o for o in outcomes if o.application == name]))
    return "\n".join([*rows, _row("all", outcomes)])


def _row(name: str, found: list[Outcome]) -> str:
    honest = [o for o in found if o.honest]
    version = found[0].version if name != "all" else ""
    cells = (
        name,
        version,
        len(honest),
        sum(o.verdict == "passed" for o in honest),
        sum(o.is_true_pass for o in honest),
        len(found) - len(honest),
        sum(o.is_false_pass for o in found),
        round(sum(o.seconds for o in found)),
    )
    return "| " + " | ".join(map(str, cells)) + " |"
