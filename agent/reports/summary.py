"""The suite in Markdown, for a CI job's summary page or a pull request's comment.

    ## ✕ 1 of 12 scenarios did not pass

    | | Scenario | Cause | Time |
    |-|-|-|-:|
    | ✕ failed | Remove an item | expected 1 item in the cart, saw 2 | 4.1 s |

Names and causes hold text of the pages under test; nothing in it works as markup, link or mention.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from magenta_qa.agent.reports.overview import GLYPHS, VERDICTS, Overview, build_overview, final, in_order
from magenta_qa.agent.reports.printable import markdown
from magenta_qa.agent.reports.traces import ENDED_BEFORE
from magenta_qa.model.trace import ScenarioTrace

MAX_ROWS = 50
"""A pull request's comment holds 65,536 characters."""
SLOWEST = 5


def duration(seconds: float) -> str:
    """Seconds for people: "84 ms", "4.1 s", "2 min 5 s", "1 h 4 min"."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def headline(overview: Overview) -> str:
    """One line that says how the suite went."""
    bad = overview.total - overview.counts["passed"]
    if not overview.total:
        return "No scenario was run"
    if bad:
        return f"{bad} of {overview.total} scenarios did not pass"
    return "1 scenario passed" if overview.total == 1 else f"All {overview.total} scenarios passed"


def build_summary(
    traces: Sequence[ScenarioTrace], report: Path | None = None, *, not_started: Mapping[str, str] | None = None
) -> str:
    """GitHub-flavoured Markdown: counts, what did not pass and why, the slowest, and whether a model was missing."""
    overview = build_overview(traces)
    ordered = in_order(final(traces))
    bad = [trace for trace in ordered if trace.verdict != "passed"]
    broken_off = [name for name, why in (not_started or {}).items() if why == ENDED_BEFORE]
    glyph = "✓" if overview.total and not bad and not broken_off else "✕"
    lines = [f"## {glyph} {headline(overview)}", "", _facts(overview), ""]
    lines += [f"> **Degraded**, {n} scenario{'s' * (n > 1)}: {markdown(reason)}\n" for reason, n in overview.degraded]
    if broken_off:
        lines += [f"> **The run was broken off**: {len(broken_off)} never started\n"]
    lines += [*_healed(ordered), *_flaky(overview), *_table("Did not pass", bad), *_table("Slowest", _slowest(ordered))]
    if report is not None:
        lines += [f"Report: `{report.as_posix().replace('`', '')}`", ""]
    return "\n".join(lines)


def _facts(overview: Overview) -> str:
    counts = [f"{GLYPHS[v]} {overview.counts[v]} {v}" for v in reversed(VERDICTS) if overview.counts[v]]
    backends = [markdown(" + ".join(names)) for names in (overview.understanding, overview.decision) if names]
    counts += [f"✎ {overview.healed} healed"] if overview.healed else []
    again = [f"{overview.repeated} needed another attempt"] if overview.repeated else []
    if overview.agreements:
        again += [f"≈ {len(overview.flaky)} flaky", agreed(overview)]
    return " · ".join([*counts, *again, duration(overview.wall_seconds), *backends])


def agreed(overview: Overview) -> str:
    """How far repeated runs agree; empty where each scenario was run once."""
    if not overview.agreements:
        return ""
    same = len(overview.agreements) - len(overview.flaky)
    return f"{overview.runs} runs of each: {same} of {len(overview.agreements)} scenarios agreed at every step"


def _flaky(overview: Overview) -> Iterator[str]:
    if not overview.flaky:
        return
    yield from ("### Flaky", "", "| Scenario | Runs | What differed |", "|-|-|-|")
    for each in overview.flaky[:MAX_ROWS]:
        yield f"| {markdown(each.name, 120)} | {each.tally} | {markdown(each.difference, 500)} |"
    yield ""


def _healed(traces: Sequence[ScenarioTrace]) -> Iterator[str]:
    """Steps that found another control than their lock says; a patch for each lock lies beside the report."""
    found = [(trace, each) for trace in traces for each in trace.healed]
    if not found:
        return
    yield from ("### Healed", "", "| Scenario | Before | Now | Why |", "|-|-|-|-|")
    for trace, each in found[:MAX_ROWS]:
        texts = (trace.name, each.before, each.after, each.reason)
        yield f"| {' | '.join(markdown(text, 300) for text in texts)} |"
    yield ""


def _slowest(traces: Sequence[ScenarioTrace]) -> list[ScenarioTrace]:
    return sorted(traces, key=lambda trace: -trace.seconds)[:SLOWEST] if len(traces) > 1 else []


def _table(title: str, traces: Sequence[ScenarioTrace]) -> Iterator[str]:
    if not traces:
        return
    yield from (f"### {title}", "", "| | Scenario | Cause | Time |", "|-|-|-|-:|")
    for trace in traces[:MAX_ROWS]:
        cells = (f"{GLYPHS[trace.verdict]} {trace.verdict}", markdown(trace.name, 120), _cause(trace))
        yield f"| {' | '.join(cells)} | {duration(trace.seconds)} |"
    if len(traces) > MAX_ROWS:
        yield f"\n… and {len(traces) - MAX_ROWS} more"
    yield ""


def _cause(trace: ScenarioTrace) -> str:
    return "" if trace.verdict == "passed" else markdown(trace.reason)
