"""Whether the runs of a scenario agree (`magenta run --repeat 5`), step by step, and where they differ.

    agreements(traces)   -> {"cart.scenario.yaml::Buys[chromium]": Agreement(runs=5, flaky=True, steps=(…), …)}
    agreement.difference -> 'step 3, "Click Save": passed, click button "Save" in 4 of 5 runs; failed in run 2'

Runs differ when a step ends in another verdict or acts on something else. What a page says (an order's number, the
time) may differ.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from magenta_qa.agent.reports.printable import printable
from magenta_qa.model.schema import VerdictName
from magenta_qa.model.trace import ScenarioTrace, StepTrace

NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class StepAgreement:
    """How the runs went through one step."""

    number: int
    text: str
    ways: tuple[tuple[str, tuple[int, ...]], ...]
    """(what the step did, in which runs), the most frequent way first."""

    @property
    def agreed(self) -> int:
        """How many runs went the most frequent way."""
        return len(self.ways[0][1])

    def __str__(self) -> str:
        runs = sum(len(numbers) for _, numbers in self.ways)
        told = [f"{way} in {_runs(numbers, runs)}" for way, numbers in self.ways]
        return f'step {self.number}, "{printable(self.text, 80)}": {"; ".join(told)}'


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the runs of one scenario compare."""

    scenario: str
    name: str
    runs: int
    verdicts: tuple[tuple[VerdictName, int], ...]
    """(verdict, number of runs), the most frequent first."""
    steps: tuple[StepAgreement, ...]

    @property
    def difference(self) -> str:
        """The first step at which runs differ; empty when all agree."""
        return next((str(step) for step in self.steps if len(step.ways) > 1), "")

    @property
    def flaky(self) -> bool:
        """Whether any run differs from another."""
        return len(self.verdicts) > 1 or bool(self.difference)

    @property
    def tally(self) -> str:
        """Such as "4 passed, 1 failed"."""
        return ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts)


def last_attempts(traces: Sequence[ScenarioTrace]) -> list[ScenarioTrace]:
    """The last attempt of each run, in the given order."""
    last = {trace.id: trace.attempt for trace in sorted(traces, key=lambda t: t.attempt)}
    return [trace for trace in traces if trace.attempt == last[trace.id]]


def agreements(traces: Sequence[ScenarioTrace]) -> dict[str, Agreement]:
    """Scenario → how its runs compare, for the scenarios that were run more than once."""
    runs: dict[str, list[ScenarioTrace]] = {}
    for trace in sorted(last_attempts(traces), key=lambda t: t.repetition):
        if trace.repetition:
            runs.setdefault(trace.scenario, []).append(trace)
    return {scenario: _agreement(scenario, each) for scenario, each in runs.items() if len(each) > 1}


def distinct_ways(traces: Sequence[ScenarioTrace]) -> list[ScenarioTrace]:
    """The traces without those runs that went the same way as one before them."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for trace in traces:
        way = (trace.scenario, trace.attempt, trace.verdict, *map(_way, trace.steps))
        if not trace.repetition or way not in seen:
            kept.append(trace)
        seen.add(way)
    return kept


def _agreement(scenario: str, runs: Sequence[ScenarioTrace]) -> Agreement:
    verdicts = Counter(run.verdict for run in runs)
    longest = max(runs, key=lambda run: len(run.steps))
    steps = tuple(_step(number, step.text, runs) for number, step in enumerate(longest.steps, start=1))
    return Agreement(scenario, runs[0].name, len(runs), tuple(verdicts.most_common()), steps)


def _step(number: int, text: str, runs: Iterable[ScenarioTrace]) -> StepAgreement:
    ways: dict[str, list[int]] = {}
    for run in runs:
        way = _way(run.steps[number - 1]) if number <= len(run.steps) else NOT_REACHED
        ways.setdefault(way, []).append(run.repetition)
    ordered = sorted(ways.items(), key=lambda item: -len(item[1]))
    return StepAgreement(number, text, tuple((way, tuple(numbers)) for way, numbers in ordered))


def _way(step: StepTrace) -> str:
    """What a step did, as far as it must be the same in every run."""
    acts = []
    for trace in step.actions:
        value = f' "{trace.action.value}"' if trace.action.value is not None else ""
        target = f' {trace.element_type} "{trace.name}"' if trace.element_type else ""
        acts.append(f"{trace.action.kind.replace('_', ' ')}{target}{value}")
    return printable(", ".join([step.verdict, *acts]), 300)


def _runs(numbers: tuple[int, ...], of: int) -> str:
    if len(numbers) > 3:
        return f"{len(numbers)} of {of} runs"
    return f"run{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
