"""The suite in numbers: verdicts, times, back ends, tags. What the report's head, the summary and the terminal say.

build_overview(traces)   -> Overview(counts={"failed": 1, …, "passed": 11}, total=12, wall_seconds=48.2, …)
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from magenta_qa.agent.reports.repeats import Agreement, agreements, last_attempts
from magenta_qa.model.schema import VerdictName
from magenta_qa.model.trace import ScenarioTrace

VERDICTS: tuple[VerdictName, ...] = ("failed", "error", "stale", "stuck", "passed")
"""In the order in which they matter."""
GLYPHS = {"passed": "✓", "failed": "✕", "stale": "≠", "stuck": "?", "error": "!"}
MEANINGS = {
    "passed": "every expectation was checked and held",
    "failed": "an expectation is false, or the product showed an error",
    "stale": "another control took the place of the one that a step names",
    "stuck": "the agent could not decide, or could not check an expectation",
    "error": "browser, network, model or start page did not work",
}
STAGES = ("observe", "describe", "decide", "act", "settle")
SHORTEST = 0.0005
"""Stages of fewer seconds are left out of a bar: they would read as 0 ms."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One stage in a stacked bar; x and width in percent of the bar."""

    stage: str
    x: float
    width: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Overview:
    """The suite as a whole; earlier attempts of a scenario count in no number."""

    counts: dict[VerdictName, int]
    total: int
    started: datetime | None
    wall_seconds: float
    seconds: float
    """Of all scenarios added up."""
    workers: int
    understanding: tuple[str, ...]
    decision: tuple[str, ...]
    degraded: tuple[tuple[str, int], ...]
    """(reason, number of scenarios)."""
    tags: tuple[tuple[str, int], ...]
    bar: tuple[Piece, ...]
    repeated: int
    """How many scenarios needed more than one attempt."""
    judged: int
    """How many expectations were judged by a model."""
    healed: int = 0
    """How many scenarios passed with a control that was found otherwise than their lock says."""
    runs: int = 1
    """How often each scenario was run, with --repeat."""
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    """Scenario → how its runs compare, with --repeat."""

    @property
    def flaky(self) -> list[Agreement]:
        """The scenarios whose runs differ."""
        return [each for each in self.agreements.values() if each.flaky]


def final(traces: Sequence[ScenarioTrace]) -> list[ScenarioTrace]:
    """What counts for each scenario, in the given order: the last attempt, and the worst of repeated runs."""
    worst: dict[str, ScenarioTrace] = {}
    for trace in last_attempts(traces):
        known = worst.get(trace.scenario)
        if known is None or VERDICTS.index(trace.verdict) < VERDICTS.index(known.verdict):
            worst[trace.scenario] = trace
    counted = {id(trace) for trace in worst.values()}
    return [trace for trace in traces if id(trace) in counted]


def in_order(traces: Sequence[ScenarioTrace]) -> list[ScenarioTrace]:
    """Those that did not pass first, the gravest on top; otherwise as they ran; what does not count at the end."""
    counted = {id(trace) for trace in final(traces)}
    return sorted(traces, key=lambda t: (id(t) not in counted, VERDICTS.index(t.verdict), t.started_at, t.id))


def build_overview(traces: Sequence[ScenarioTrace]) -> Overview:
    """Numbers for the head of the report."""
    counted = final(traces)
    verdicts = Counter(t.verdict for t in counted)
    spent: Counter[str] = Counter()
    for action in (a for t in counted for s in t.steps for a in s.actions):
        spent.update(action.seconds)
    started, wall_seconds = _span(traces)
    return Overview(
        counts={v: verdicts[v] for v in VERDICTS},
        total=len(counted),
        started=started,
        wall_seconds=wall_seconds,
        seconds=sum(t.seconds for t in traces),
        workers=len({t.worker for t in traces if t.worker}),
        understanding=_distinct(t.understanding for t in counted),
        decision=_distinct(t.decision for t in counted),
        degraded=tuple(Counter(t.degraded for t in counted if t.degraded).most_common()),
        tags=tuple(sorted(Counter(tag for t in counted for tag in set(t.tags)).items())),
        bar=stacked(spent, sum(spent.values())),
        repeated=len({t.id for t in traces if t.attempt > 1}),
        healed=sum(bool(t.healed) for t in counted if t.verdict == "passed"),
        runs=max((t.repetition for t in traces), default=0) or 1,
        agreements=agreements(traces),
        judged=sum(c.judged_by == "model" for t in counted for s in t.steps for c in s.checks),
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _span(traces: Sequence[ScenarioTrace]) -> tuple[datetime | None, float]:
    """When the first one started, and the seconds until the last one had ended."""
    spans = [(start, start + timedelta(seconds=t.seconds)) for t in traces if (start := _moment(t.started_at))]
    if not spans:
        return None, sum(t.seconds for t in traces)
    first = min(start for start, _ in spans)
    return first, (max(end for _, end in spans) - first).total_seconds()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=None)


def stacked(seconds: Mapping[str, float], whole: float) -> tuple[Piece, ...]:
    """Stages as parts of a bar that is `whole` seconds long; unknown stages come last."""
    pieces: list[Piece] = []
    x = 0.0
    for stage in (*STAGES, *(s for s in seconds if s not in STAGES)):
        if (spent := seconds.get(stage, 0.0)) >= SHORTEST and whole > 0:
            width = 100 * spent / whole
            pieces.append(Piece(stage, x, width, spent))
            x += width
    return tuple(pieces)
