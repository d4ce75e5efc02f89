"""Runs scenarios of the demo shop under a planted defect, and compares each verdict with the truth written down first.

    job = Job("wrong-total", folder / "wrong-total-1", ("suite/voucher", …))
    for pair in run_job(job): print(pair.kind or "right", pair.bug, pair.scenario, pair.seen)

A job is one server and one pytest process with one browser, and has its folder to itself. What it has finished lies
there, so that a job that was killed goes on where it stopped. The truth is scenarios/shop/expected.yaml.
"""

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from magenta_qa.agent.reports.traces import load_traces
from magenta_qa.model.trace import ScenarioTrace
from magenta_qa.scenarios.shop import PASSWORD, SUITE, SUITE_FALSE, SUITE_PICTURES, expected_verdict, serve
from magenta_qa.scenarios.shop.verdicts import load_truth

SUITES = (SUITE, SUITE_FALSE, SUITE_PICTURES)
OPTIONS = ("--magenta-timeout=4s", "--magenta-expect-timeout=3s", "--magenta-pictures=failures")
"""The shop is on this machine and never that slow: what is not there by then does not come. A verdict needs no film
strip, which takes a third of the processor time."""

JOB_SCENARIOS = 25
"""At most, so that all processes are busy until nearly the end; each job starts a server, pytest and a browser."""


@dataclass(frozen=True, slots=True)
class Job:
    """Scenarios under one defect."""

    name: str
    """The defect, "clean", or "clean-7" for the seventh run of the clean shop."""
    folder: Path
    """Of this job alone: scenarios keep beside them what they have learnt."""
    scenarios: tuple[str, ...]
    """Such as ``suite/voucher``."""

    @property
    def bug(self) -> str | None:
        """The planted defect."""
        return None if self.name.startswith("clean") else self.name


@dataclass(frozen=True, slots=True)
class Pair:
    """One scenario under one defect."""

    job: str
    scenario: str
    expected: str
    seen: str
    reason: str
    seconds: float

    @property
    def kind(self) -> str:
        """What is wrong with the verdict; empty when it is as expected."""
        if self.expected == self.seen:
            return ""
        if self.seen == "passed":
            return "false pass"
        return "false failure" if self.expected == "passed" else "wrong kind"


def all_scenarios(suites: Sequence[Path] = SUITES) -> tuple[str, ...]:
    """Every scenario, as ``folder/name``."""
    return tuple(
        f"{suite.name}/{path.name.removesuffix('.scenario.yaml')}"
        for suite in suites
        for path in sorted(suite.glob("*.scenario.yaml"))
    )


def split_jobs(names: Sequence[str], scenarios: Sequence[str], folder: Path) -> list[Job]:
    """All pairs of a name and a scenario in small jobs: those that a defect affects first, then the largest ones."""
    first, rest = list[Job](), list[Job]()
    for name in names:
        affected = load_truth().bugs.get(name, {})
        touched = tuple(s for s in scenarios if s.partition("/")[2] in affected)
        others = [s for s in scenarios if s not in touched]
        count = math.ceil(len(others) / JOB_SCENARIOS)
        first += [Job(name, folder / f"{name}-affected", touched)] if touched else []
        # Dealt out like cards, so that the suites whose scenarios wait longest are spread over all jobs.
        rest += [Job(name, folder / f"{name}-{n + 1}", tuple(others[n::count])) for n in range(count)]
    return first + sorted(rest, key=lambda job: -len(job.scenarios))


def run_job(job: Job, options: Sequence[str] = OPTIONS) -> Iterator[Pair]:
    """Run what of a job is not finished yet; every scenario's verdict."""
    done = finished(job)
    missing = [scenario for scenario in job.scenarios if scenario not in done]
    if missing:
        _run(job, missing, options)
        done = finished(job)
    for scenario in job.scenarios:
        trace = done.get(scenario)
        expected = expected_verdict(scenario.partition("/")[2], job.bug)
        yield Pair(
            job.name,
            scenario,
            expected,
            trace.verdict if trace else "not run",
            trace.reason if trace else "",
            trace.seconds if trace else 0.0,
        )


def finished(job: Job) -> dict[str, ScenarioTrace]:
    """The scenarios of a job that have ended in a verdict, by ``folder/name``."""
    runs = sorted((job.folder / ".magenta" / "runs").glob("*"))
    traces = [trace for run in runs for trace in load_traces(run) if trace.path]
    return {"/".join(Path(t.path).parts[-2:]).removesuffix(".scenario.yaml"): t for t in traces}


def _run(job: Job, scenarios: Sequence[str], options: Sequence[str]) -> None:
    for suite in SUITES:
        shutil.copytree(suite, job.folder / suite.name, dirs_exist_ok=True)
    (job.folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    with serve(bug=job.bug) as shop, (job.folder / "output.txt").open("a", encoding="utf-8") as output:
        command = [sys.executable, "-m", "magenta_qa.agent.cli", "run", *(f"{s}.scenario.yaml" for s in scenarios)]
        # The truth is that of an agent without a model: what only a picture tells is `stuck`.
        command += [f"--base-url={shop.url}", "-p", "no:cacheprovider", "--magenta-understanding=accessible", *options]
        environment = {**os.environ, "SHOP_PASSWORD": PASSWORD}
        subprocess.run(command, cwd=job.folder, env=environment, stdout=output, stderr=output, check=False)
