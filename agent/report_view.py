"""What the report's template shows, worked out from traces: one Scenario, its frames, its pictures.

    ScenarioTrace ─▶ Scenario(number=3, trace=…, steps=(Step(trace=…, frames=(Frame(action=…, shot=…, bar=…),)),))

A frame is one picture of the film strip: an action, an expectation, or what a step ended with.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from magenta_qa.agent.report_pictures import Pictures, Shot
from magenta_qa.model.schema import (
    ActionTrace,
    Box,
    CheckTrace,
    Decision,
    Finding,
    ScenarioTrace,
    StepTrace,
    VerdictName,
)

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


@dataclass(frozen=True, slots=True)
class Piece:
    """One stage in a stacked bar; x and width in percent of the bar."""

    stage: str
    x: float
    width: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the film strip and what belongs to it."""

    number: int
    of: int
    action: ActionTrace | None = None
    check: CheckTrace | None = None
    shot: Shot | None = None
    after: Shot | None = None
    missing: bool = False
    """A screenshot was taken, but its file is gone."""
    bar: tuple[Piece, ...] = ()
    wide: bool = False
    """Holds what a step that did not pass ended with: shown large."""
    brief: bool = False
    """Passed in a scenario that did not: shown small, so that the trouble is seen at once."""

    decision: Decision | None = None
    """Why it was done, or why nothing was."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step and its frames, at least one."""

    trace: StepTrace
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario as shown."""

    number: int
    trace: ScenarioTrace
    steps: tuple[Step, ...]
    superseded: bool
    """A later attempt of the same scenario counts instead."""
    findings: tuple[Finding, ...]
    """Those that belong to no step."""

    @property
    def counts(self) -> tuple[int, int]:
        """(actions, expectations)."""
        steps = self.trace.steps
        return sum(len(s.actions) for s in steps), sum(len(s.checks) for s in steps)


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


def final(traces: Sequence[ScenarioTrace]) -> list[ScenarioTrace]:
    """The last attempt of each scenario, in the given order."""
    last = {trace.id: trace.attempt for trace in sorted(traces, key=lambda t: t.attempt)}
    return [trace for trace in traces if trace.attempt == last[trace.id]]


def in_order(traces: Sequence[ScenarioTrace]) -> list[ScenarioTrace]:
    """Those that did not pass first, the gravest on top; otherwise as they ran; earlier attempts at the end."""
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
        bar=_bar(spent, sum(spent.values())),
        repeated=len({t.id for t in traces if t.attempt > 1}),
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


def build_scenarios(traces: Sequence[ScenarioTrace], pictures: Pictures) -> Iterator[Scenario]:
    """What is shown of each scenario, in the report's order; one at a time, so that memory stays flat."""
    counted = {id(trace) for trace in final(traces)}
    for number, trace in enumerate(in_order(traces), start=1):
        builder = _Builder(trace, pictures)
        steps = tuple(builder.step(step) for step in trace.steps)
        of_steps = {finding for step in trace.steps for finding in step.findings}
        findings = tuple(f for f in trace.findings if f not in of_steps)
        yield Scenario(number, trace, steps, id(trace) not in counted, findings)


class _Builder:
    """Makes the frames of one scenario."""

    def __init__(self, trace: ScenarioTrace, pictures: Pictures) -> None:
        actions = [action for step in trace.steps for action in step.actions]
        self._pictures = pictures
        self._large = trace.verdict != "passed"
        self._longest = max((sum(action.seconds.values()) for action in actions), default=0.0)
        self._viewport = next((a.viewport for a in actions if a.viewport[0]), (0, 0))

    def step(self, step: StepTrace) -> Step:
        """The step's actions, its expectations, then what ended it where neither did."""
        makers: list[Callable[[int, int], Frame]] = [partial(self._of_action, a) for a in step.actions]
        makers += [partial(self._of_check, c) for c in step.checks]
        if step.decision or not makers:
            makers.append(partial(self._of_end, step))
        frames = [make(number, len(makers)) for number, make in enumerate(makers, start=1)]
        if step.verdict != "passed" and not any(frame.wide for frame in frames):
            frames[-1] = self._widened(frames[-1], step)
        return Step(step, tuple(replace(frame, brief=self._large and not frame.wide) for frame in frames))

    def _of_action(self, action: ActionTrace, number: int, of: int) -> Frame:
        if action.viewport[0]:
            self._viewport = action.viewport
        shot = self._ask(action.image, action.box)
        bar = _bar(action.seconds, self._longest)
        missing = bool(action.image) and not shot
        return Frame(number, of, action=action, decision=action.decision, shot=shot, missing=missing, bar=bar)

    def _of_check(self, check: CheckTrace, number: int, of: int) -> Frame:
        shot = self._ask(check.image, check.box)
        missing = bool(check.image) and not shot
        return Frame(number, of, check=check, shot=shot, missing=missing, wide=check.verdict != "passed")

    def _of_end(self, step: StepTrace, number: int, of: int) -> Frame:
        shot = self._ask(step.image, None)
        missing = bool(step.image) and not shot
        return Frame(number, of, decision=step.decision, shot=shot, missing=missing)

    def _widened(self, frame: Frame, step: StepTrace) -> Frame:
        sha = frame.action.after or step.image if frame.action else None
        return replace(frame, wide=True, after=self._ask(sha, None))

    def _ask(self, sha: str | None, box: Box | None) -> Shot | None:
        return self._pictures.ask(sha, box, self._viewport, self._large)


def _bar(seconds: dict[str, float] | Counter[str], whole: float) -> tuple[Piece, ...]:
    """Stages as parts of a bar that is `whole` seconds long; unknown stages come last."""
    pieces: list[Piece] = []
    x = 0.0
    for stage in (*STAGES, *(s for s in seconds if s not in STAGES)):
        if (spent := seconds.get(stage, 0.0)) > 0 and whole > 0:
            width = 100 * spent / whole
            pieces.append(Piece(stage, x, width, spent))
            x += width
    return tuple(pieces)
