"""What the report's template shows, worked out from traces: one Scenario, its frames, its pictures.

    ScenarioTrace ─▶ Scenario(number=3, trace=…, steps=(Step(trace=…, frames=(Frame(action=…, shot=…, bar=…),)),))

A frame is one picture of the film strip: an action, an expectation, or what a step ended with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from magenta_qa.agent.reports.overview import Piece, final, in_order, stacked
from magenta_qa.agent.reports.pictures import Pictures, Shot
from magenta_qa.agent.reports.repeats import Agreement, agreements, distinct_ways
from magenta_qa.model.schema import Box, Decision
from magenta_qa.model.trace import ActionTrace, CheckTrace, Finding, Healing, ScenarioTrace, StepTrace


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the film strip and what belongs to it."""

    number: int = 1
    of: int = 1
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
class Healed:
    """A control that was found otherwise than the lock says, before and after."""

    healing: Healing
    before: Shot | None
    after: Shot | None


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
    healed: tuple["Healed", ...] = ()
    agreement: Agreement | None = None
    """How its runs compare, where it was repeated; with the run that counts."""

    @property
    def counts(self) -> tuple[int, int]:
        """(actions, expectations)."""
        steps = self.trace.steps
        return sum(len(s.actions) for s in steps), sum(len(s.checks) for s in steps)


def build_scenarios(traces: Sequence[ScenarioTrace], pictures: Pictures) -> Iterator[Scenario]:
    """What is shown of each scenario, in the report's order; one at a time, so that memory stays flat."""
    counted = {id(trace) for trace in final(traces)}
    compared = agreements(traces)
    for number, trace in enumerate(distinct_ways(in_order(traces)), start=1):
        builder = _Builder(trace, pictures)
        steps = tuple(builder.step(step) for step in trace.steps)
        of_steps = {finding for step in trace.steps for finding in step.findings}
        findings = tuple(f for f in trace.findings if f not in of_steps)
        superseded = id(trace) not in counted
        agreement = None if superseded else compared.get(trace.scenario)
        yield Scenario(number, trace, steps, superseded, findings, builder.healed(trace), agreement)


class _Builder:
    """Makes the frames of one scenario."""

    def __init__(self, trace: ScenarioTrace, pictures: Pictures) -> None:
        actions = [action for step in trace.steps for action in step.actions]
        self._pictures = pictures
        self._passed = trace.verdict == "passed"
        self._longest = max((sum(action.seconds.values()) for action in actions), default=0.0)
        self._viewport = next((a.viewport for a in actions if a.viewport[0]), (0, 0))

    def step(self, step: StepTrace) -> Step:
        """The step's actions, its expectations, then what ended it where neither did."""
        told: list[ActionTrace | CheckTrace | StepTrace] = [*step.actions, *step.checks]
        if step.decision or not told:
            told.append(step)
        wide = [isinstance(part, CheckTrace) and part.verdict != "passed" for part in told]
        wide[-1] = wide[-1] or (step.verdict != "passed" and not any(wide))
        frames = [self._frame(part, step, large) for part, large in zip(told, wide, strict=True)]
        return Step(step, tuple(replace(f, number=n, of=len(frames)) for n, f in enumerate(frames, start=1)))

    def healed(self, trace: ScenarioTrace) -> tuple[Healed, ...]:
        """Each healed control with its two pictures, where they were kept."""
        found = [(action, action.healing) for step in trace.steps for action in step.actions if action.healing]
        return tuple(
            Healed(
                healing,
                self._ask(healing.image_before, healing.box_before, False),
                self._ask(action.image, action.box, False),
            )
            for action, healing in found
        )

    def _frame(self, part: ActionTrace | CheckTrace | StepTrace, step: StepTrace, wide: bool) -> Frame:
        if isinstance(part, ActionTrace) and part.viewport[0]:
            self._viewport = part.viewport
        box = None if isinstance(part, StepTrace) else part.box
        shot = self._ask(part.image, box, wide)
        missing = bool(part.image) and shot is None
        frame = Frame(shot=shot, missing=missing, wide=wide, brief=not wide and not self._passed)
        if isinstance(part, CheckTrace):
            return replace(frame, check=part)
        if isinstance(part, StepTrace):
            return replace(frame, decision=part.decision)
        after = self._ask(part.after or step.image, None, wide) if wide else None
        bar = stacked(part.seconds, self._longest)
        return replace(frame, action=part, decision=part.decision, after=after, bar=bar)

    def _ask(self, sha: str | None, box: Box | None, large: bool) -> Shot | None:
        return self._pictures.ask(sha, box, self._viewport, large)
