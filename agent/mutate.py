"""`magenta mutate`: hides, disables and renames what a suite acts on, and says which of these changes nobody noticed.

    magenta mutate tests/scenarios --base-url http://localhost:8000 -n 2 --sample 50
    [ 1/50] noticed   failed  4.1 s  hide button "Add to cart" on /item/#: Buys a backpack
    [ 2/50] SURVIVED  passed  2.0 s  rename checkbox "Gift wrap" on /cart: Wraps a gift, about 2 min left

First the suite runs as it is; only scenarios that pass say anything. Then each scenario runs once for every control
that it acts on and every kind of change, and at the end once more as it is. Ctrl-C loses nothing: the same command goes
on. Exit code: 0 every mutant was noticed (or could not be applied), 1 some survived, 12 some could not be judged.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from magenta_qa.agent.cli import EXIT_ERROR, plugin_options
from magenta_qa.agent.mutation import KINDS, Mutant, build_mutants
from magenta_qa.agent.plugin.mutants import (
    Fate,
    Judged,
    judge,
    load_outcomes,
    load_plan,
    outcome_of,
    results_path,
    save_plan,
)
from magenta_qa.agent.reports.mutants import build_mutants_page
from magenta_qa.agent.reports.printable import printable
from magenta_qa.agent.reports.repeats import last_attempts
from magenta_qa.agent.reports.summary import duration
from magenta_qa.agent.reports.traces import load_traces

HOME = Path(".magenta/mutate")
"""Kept apart from all else: the interaction log trains models, and nothing is to be learnt from changed pages."""
EXIT_SURVIVED = 1
_STYLES: dict[Fate, str] = {"noticed": "green", "survived": "bold red", "not applied": "dim", "not judged": "yellow"}
_FATES = tuple(_STYLES)
_ELSEWHERE = ("-n", "--numprocesses", "--base-url")
"""Options (and their values) with which a run goes on with the plan of one without them."""


class _KindsCommand(click.Command):
    """Takes `--kinds hide rename` like `--kinds hide,rename`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join the kinds that follow the option."""
        if "--kinds" in args:
            at = end = args.index("--kinds") + 1
            while end < len(args) and args[end] in KINDS:
                end += 1
            args[at:end] = [",".join(args[at:end])] if end > at else []
        return super().parse_args(ctx, args)


def _read_kinds(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    given = [kind.strip() for kind in value.split(",")]
    wrong = next((kind for kind in given if kind not in KINDS), None)
    if wrong is not None:
        raise click.BadParameter(f'"{wrong}" is no kind of change; use {", ".join(KINDS)}')
    return tuple(kind for kind in KINDS if kind in given)


@click.command(cls=_KindsCommand, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True})
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Only N mutants, of as many scenarios as possible.")
@click.option(
    "--kinds", default=",".join(KINDS), show_default=True, callback=_read_kinds, metavar="KINDS", help="What is done."
)
@click.option("--fresh", is_flag=True, help="Begin anew instead of going on with what was broken off.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="PATH… [PYTEST OPTIONS]")
def mutate(sample: int | None, kinds: tuple[str, ...], fresh: bool, arguments: tuple[str, ...]) -> int:
    """Hide, disable and rename each control that a suite acts on; say which of these changes it does not notice.

    The application itself is not changed, only what the browser shows of it; but each scenario runs several times, so
    the suite must be able to run again and again. Ends with 0 when all was noticed, 1 when a mutant survived, 12 when
    some could not be judged. Every option of pytest can be given: -k, -m, -n, --base-url, ….
    """
    console = Console()
    plan = HOME.absolute() / "plan.json"
    everything = _plan(plan, arguments, fresh, console)
    mutants = tuple(m for m in everything if m.kind in kinds)[:sample]
    if not mutants:
        console.print("nothing to change: no scenario that passes acts on a control")
        return EXIT_ERROR
    current = plan.with_name("current.json")  # what this command asks for; the outcomes are shared with later ones
    save_plan(mutants, current)
    code = _run(mutants, current, arguments, console)
    found = judge(mutants, load_outcomes(results_path(plan)))
    page = build_mutants_page(found, HOME.absolute() / "log" / "images", HOME.absolute() / "mutants.html")
    console.print()
    console.print(table(found))
    for line in advice(found):
        console.print(line)
    console.print(f"report: {os.path.relpath(page)}", highlight=False, soft_wrap=True)
    if code == pytest.ExitCode.INTERRUPTED:
        console.print("broken off; the same command goes on")
        return code
    return exit_code(found) if code not in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR) else code


def exit_code(found: Sequence[Judged]) -> int:
    """1 when a mutant survived, 12 when one could not be judged or none could be applied, else 0."""
    fates = Counter(each.fate for each in found)
    if fates["survived"]:
        return EXIT_SURVIVED
    return EXIT_ERROR if fates["not judged"] or not fates["noticed"] else 0


def table(found: Sequence[Judged]) -> Table:
    """A row a kind of change, a column what became of them; below, the sum."""
    shown = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    shown.add_column("change")
    for fate in _FATES:
        shown.add_column(fate, justify="right")
    shown.add_column("noticed as", overflow="fold")
    rows = [(kind, [each for each in found if each.mutant.kind == kind]) for kind in KINDS]
    for name, group in [*(row for row in rows if row[1]), ("all", list(found))]:
        counts = Counter(each.fate for each in group)
        cells = [Text(str(counts[fate]), style=_STYLES[fate] if counts[fate] else "dim") for fate in _FATES]
        as_what = Counter(each.outcome.verdict for each in group if each.fate == "noticed" and each.outcome)
        shown.add_row(name, *cells, ", ".join(f"{verdict} {n}" for verdict, n in as_what.most_common()))
    return shown


def advice(found: Sequence[Judged]) -> list[Text]:
    """A line for each mutant that survived or could not be judged."""
    lines = []
    for each in found:
        mutant, name = each.mutant, _name(each.mutant)
        changed = f"{mutant.kind} {printable(mutant.target, 120)}"
        if each.fate == "survived":
            did = "; ".join(each.outcome.acts) if each.outcome else ""
            text = f"survived: {changed}: {name} still passes; it did: {printable(did, 300) or 'nothing'}"
            lines.append(Text(text, style="red"))
        elif each.fate == "not judged":
            lines.append(Text(f"not judged: {changed}: {name}: {printable(each.why, 300)}", style="yellow"))
    return lines


def _name(mutant: Mutant) -> str:
    from magenta_qa.agent.plugin.session import without_usual_browser

    return printable(without_usual_browser(mutant.scenario.partition("::")[2]), 100)


def _plan(plan: Path, arguments: Sequence[str], fresh: bool, console: Console) -> tuple[Mutant, ...]:
    """All mutants of the suite; of an earlier command where nothing has changed since."""
    digest, suite = plan.with_name("suite"), _digest(arguments)
    if not fresh and plan.exists() and digest.exists() and digest.read_text(encoding="utf-8") == suite:
        console.print(
            f"going on with the plan of {os.path.relpath(plan.parent)} (--fresh begins anew)", highlight=False
        )
        return load_plan(plan)
    console.print("first the suite as it is")
    digest.unlink(missing_ok=True)
    results_path(plan).unlink(missing_ok=True)
    before = set(_runs())
    environ = {name: value for name, value in os.environ.items() if name != "GITHUB_STEP_SUMMARY"}
    command = [sys.executable, "-m", "magenta_qa.agent.cli", "run", *arguments, *_own_options(), "--magenta-repeat=1"]
    code = subprocess.run(command, env=environ, check=False).returncode
    if code in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR):
        raise click.exceptions.Exit(code)
    new = sorted(set(_runs()) - before)
    traces = last_attempts(load_traces(new[-1]) if new else [])
    mutants = build_mutants(traces)
    bad = sum(trace.verdict != "passed" for trace in traces)
    if bad:
        console.print(f"{bad} of {len(traces)} scenarios do not pass as they are and are left out", style="yellow")
    save_plan(mutants, plan)
    digest.write_text(suite, encoding="utf-8")
    return mutants


def _runs() -> list[Path]:
    return list((HOME / "runs").iterdir()) if (HOME / "runs").is_dir() else []


def _own_options() -> list[str]:
    home = HOME.absolute()
    return [f"--magenta-home={home}", f"--magenta-report={home / 'report.html'}", "--magenta-replay=false"]


def _run(mutants: Sequence[Mutant], plan: Path, arguments: Sequence[str], console: Console) -> int:
    """Run what is left; returns pytest's exit code."""
    judged = judge(mutants, load_outcomes(results_path(plan)))
    left = {each.mutant.id for each in judged if each.fate == "not judged"}
    of = f"{len(mutants)} mutants of {len({m.scenario for m in mutants})} scenarios that pass"
    console.print(f"{of}; {len(mutants) - len(left)} were judged before", highlight=False)
    if not left:
        return 0
    live = _Progress({m.id: m for m in mutants if m.id in left}, console)
    options = [*plugin_options(), "-q", "-o", "console_output_style=classic", "--no-summary", "-p", "no:cacheprovider"]
    return int(pytest.main([*options, *arguments, *_own_options(), f"--magenta-mutants={plan}"], plugins=[live]))


class _Progress:
    """A pytest plugin that prints a line a mutant in place of pytest's dots."""

    def __init__(self, mutants: dict[str, Mutant], console: Console) -> None:
        self._mutants, self._console = mutants, console
        self._started, self._done = time.monotonic(), 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No dot."""
        return ("passed" if report.when == "call" else "", "", "") if report.passed else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say what became of a mutant."""
        outcome = outcome_of(report) if report.when != "teardown" else None
        if outcome is None:
            return
        mutant = self._mutants.get(outcome.mutant)
        if mutant is None:
            if not outcome.mutant and outcome.verdict != "passed":
                text = f"{printable(outcome.scenario, 120)} no longer passes as it is: {printable(outcome.reason, 300)}"
                self._console.print(Text(text, style="yellow"), soft_wrap=True)
            return
        self._done += 1
        self._tell(judge([mutant], [outcome])[0])

    def _tell(self, judged: Judged) -> None:
        outcome, total = judged.outcome, len(self._mutants)
        assert outcome is not None
        fate = judged.fate.upper() if judged.fate == "survived" else judged.fate
        each = (time.monotonic() - self._started) / self._done
        left = f", about {duration(each * (total - self._done))} left" if self._done < total else ""
        line = Text(f"[{self._done:>{len(str(total))}}/{total}] ", style="dim")
        line.append(f"{fate:12}", style=_STYLES[judged.fate])
        line.append(f"{outcome.verdict:7} {duration(outcome.seconds):>7}  ", style="dim")
        line.append(f"{judged.mutant.kind} {printable(judged.mutant.target, 100)}: {_name(judged.mutant)}{left}")
        self._console.print(line, soft_wrap=True)


def _digest(arguments: Sequence[str]) -> str:
    """Of the command and of the scenario files below what it names: another suite needs another plan."""
    paths = [path for a in arguments if not a.startswith("-") and (path := Path(a.partition("::")[0])).exists()]
    found = {
        file for path in paths or [Path()] for file in ([path] if path.is_file() else path.rglob("*.scenario.yaml"))
    }
    suite = sorted(file for file in found if ".magenta" not in file.parts)
    # Where and how fast the suite runs does not change what its mutants are.
    kept, earlier = [], ""
    for each in arguments:
        if not each.startswith(_ELSEWHERE) and earlier not in _ELSEWHERE:
            kept.append(each)
        earlier = each
    parts = [json.dumps(kept).encode(), *(file.read_bytes() for file in suite)]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
