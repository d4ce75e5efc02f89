"""What `magenta run` prints while a suite runs and when it is over.

    ✓ passed    2.1 s  Put a backpack into the cart
    ✕ failed    4.3 s  Pay with a bad card — expected "Declined" to be shown, saw "Thank you"

    print_scenario(console, trace, done=3, total=12)
    console.print(summary(traces, report, exit_code=1, ascii_only=is_ascii(console)))

Rich leaves out colours where `NO_COLOR` is set or nobody watches. A terminal gets one line a scenario, cut at its
width; a CI log gets it whole. Nothing that a page says moves the cursor or colours the screen.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from magenta_qa.agent.reports.overview import GLYPHS, VERDICTS, Overview, build_overview, final, in_order
from magenta_qa.agent.reports.printable import printable
from magenta_qa.agent.reports.repeats import Agreement
from magenta_qa.agent.reports.summary import agreed, duration, headline
from magenta_qa.model.trace import Healing, ScenarioTrace

COLOURS = {"passed": "green", "failed": "red", "stale": "yellow", "stuck": "magenta", "error": "bright_red"}
ASCII_GLYPHS = {"passed": "+", "failed": "x", "stale": "~", "stuck": "?", "error": "!"}
EXIT_CODES = {
    0: "every scenario passed",
    1: "at least one scenario failed",
    10: "stale: a step no longer matches the application",
    11: "stuck: something could not be decided or checked",
    12: "error: browser, network, model or start page did not work",
}
"""What the exit codes of a run mean; pytest's own stand for themselves."""
MAX_CAUSES = 20


def is_ascii(console: Console) -> bool:
    """Whether this terminal or file cannot show more than ASCII."""
    return not console.encoding.lower().startswith("utf")


def print_scenario(
    console: Console, trace: ScenarioTrace, *, done: int = 0, total: int = 0, healed: Sequence[str] = ()
) -> None:
    """Print `scenario_line` as it fits this console."""
    line = scenario_line(trace, done=done, total=total, ascii_only=is_ascii(console), healed=healed)
    if console.is_terminal:
        line.truncate(console.width, overflow="crop" if is_ascii(console) else "ellipsis")
    console.print(line, soft_wrap=True)


def scenario_line(
    trace: ScenarioTrace, *, done: int = 0, total: int = 0, ascii_only: bool = False, healed: Sequence[str] = ()
) -> Text:
    """One line for one scenario that has ended: verdict, time, name and, unless it passed, its cause.

    Args:
        trace: The scenario.
        done: How many have ended, this one included; shown when `total` is given.
        total: How many there are.
        ascii_only: Use no character outside ASCII.
        healed: What was found otherwise than remembered; part of the verdict of a scenario that passed.
    """
    verdict = trace.verdict
    line = Text()
    if total:
        line.append(f"[{done:>{len(str(total))}}/{total}] ", style="dim")
    line.append(f"{(ASCII_GLYPHS if ascii_only else GLYPHS)[verdict]} {verdict:6}", style=f"bold {COLOURS[verdict]}")
    line.append(f" {duration(trace.seconds):>9}  ", style="dim")
    line.append(printable(trace.name, 160), style="" if verdict == "passed" else "bold")
    if trace.attempt > 1:
        line.append(f" (attempt {trace.attempt})", style="dim")
    if verdict != "passed":
        line.append((" - " if ascii_only else " — ") + printable(trace.reason, 400))
    if healed:
        line.append(f", healed: {printable('; '.join(healed), 300)}", style="yellow")
    if trace.degraded:
        line.append(" (degraded)", style="yellow")
    return _plain(line) if ascii_only else line


def summary(
    traces: Sequence[ScenarioTrace],
    report: Path | None,
    *,
    exit_code: int | None = None,
    not_started: Mapping[str, str] | None = None,
    ascii_only: bool = False,
) -> RenderableType:
    """A panel with counts, what did not pass and why, the exit code's meaning and the report's path.

    Args:
        traces: Scenarios of all workers.
        report: The HTML report, if one was written.
        exit_code: What the run ends with, if known.
        not_started: Scenarios that never started → why.
        ascii_only: Use no character outside ASCII.
    """
    overview = build_overview(traces)
    bad = [trace for trace in in_order(final(traces)) if trace.verdict != "passed"]
    parts: list[RenderableType] = [_counts(overview, len(not_started or {}), ascii_only)]
    if bad:
        parts += [Text(), _causes(bad[:MAX_CAUSES], ascii_only)]
    if len(bad) > MAX_CAUSES:
        parts.append(Text(f"and {len(bad) - MAX_CAUSES} more", style="dim"))
    healed = [(trace, each) for trace in final(traces) for each in trace.healed]
    if healed:
        parts += [Text(), _healed(healed[:MAX_CAUSES], ascii_only)]
    if overview.flaky:
        parts += [Text(), _flaky(overview.flaky[:MAX_CAUSES], ascii_only)]
    parts += [Text(), _facts(overview, report, exit_code, ascii_only)]
    style = "green" if overview.total and not bad else "red"
    title = Text(headline(overview), style=f"bold {style}")
    return Panel(Group(*parts), title=title, title_align="left", border_style=style)


def _counts(overview: Overview, not_started: int, ascii_only: bool) -> RenderableType:
    glyphs = ASCII_GLYPHS if ascii_only else GLYPHS
    parts = [
        Text(f"{glyphs[v]} {overview.counts[v]} {v}", style=f"bold {COLOURS[v]}")
        for v in reversed(VERDICTS)
        if overview.counts[v]
    ]
    parts += [Text(f"{not_started} never started", style="yellow")] if not_started else []
    parts += [Text(f"{overview.healed} healed", style="bold yellow")] if overview.healed else []
    parts += [Text(f"{len(overview.flaky)} flaky", style="bold yellow")] if overview.flaky else []
    parts += [Text(f"{overview.repeated} needed another attempt", style="yellow")] if overview.repeated else []
    parts.append(Text(f"in {duration(overview.wall_seconds)}", style="dim"))
    return Columns(parts, padding=(0, 3))


def _causes(bad: Sequence[ScenarioTrace], ascii_only: bool) -> RenderableType:
    """Verdict, then name and cause, folded under each other."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for trace in bad:
        glyph = (ASCII_GLYPHS if ascii_only else GLYPHS)[trace.verdict]
        what = Text.assemble((printable(trace.name, 160), "bold"), "\n", printable(trace.reason, 400))
        verdict = Text(f"{glyph} {trace.verdict}", style=f"bold {COLOURS[trace.verdict]}")
        table.add_row(verdict, _plain(what) if ascii_only else what)
    return table


def _healed(healed: Sequence[tuple[ScenarioTrace, Healing]], ascii_only: bool) -> RenderableType:
    """Which steps found another control than their lock says, and why it was held to be the same."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for trace, each in healed:
        change = printable(f"{each.before} → {each.after}: {each.reason}", 600)
        what = Text.assemble((printable(trace.name, 160), "bold"), "\n", change)
        table.add_row(Text("healed", style="bold yellow"), _plain(what) if ascii_only else what)
    return table


def _flaky(flaky: Sequence[Agreement], ascii_only: bool) -> RenderableType:
    """Which scenarios' runs differ, and the first step at which they do."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in flaky:
        what = Text.assemble((printable(each.name, 160), "bold"), f" ({each.tally})\n", printable(each.difference, 600))
        table.add_row(Text("flaky", style="bold yellow"), _plain(what) if ascii_only else what)
    return table


def _facts(overview: Overview, report: Path | None, exit_code: int | None, ascii_only: bool) -> RenderableType:
    facts = [("degraded", f"{n} of {overview.total}: {printable(why, 300)}") for why, n in overview.degraded]
    facts += [("agreement", agreed(overview))] if overview.agreements else []
    if exit_code is not None:
        meaning = EXIT_CODES.get(exit_code)
        facts.append(("exit code", f"{exit_code}, {meaning}" if meaning else str(exit_code)))
    if report is not None:
        facts.append(("report", str(report)))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, _plain(Text(value)) if ascii_only else Text(value))
    return table


def _plain(line: Text) -> Text:
    """The same line with a question mark for each character that ASCII lacks."""
    return Text(line.plain.encode("ascii", errors="replace").decode("ascii"), spans=line.spans)
