"""The pytest side of `magenta mutate`: a scenario once for each of its mutants, and at the end once more as it is.

    cart.scenario.yaml::Buys[chromium] ─▶ …::Buys[chromium-hide 5f0c2a9be1d4], …, …::Buys[chromium-as it is]

The plan is a file, so that xdist's workers have it too. What comes out is appended to another one, a line a run, at
once: nothing is lost when the run is killed. An item of such a run passes as soon as its outcome is written.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from pydantic import TypeAdapter

from magenta_qa.agent.mutation import Mutant
from magenta_qa.model.errors import ConfigError

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from magenta_qa.agent.agent import Agent
    from magenta_qa.agent.mutated import MutatedAgent
    from magenta_qa.agent.settings import Settings
    from magenta_qa.model.trace import ScenarioTrace

PARAMETER = "magenta_mutant"
AS_IT_IS = "as it is"
_MUTANTS = TypeAdapter(tuple[Mutant, ...])
_PLAN = pytest.StashKey[tuple[Mutant, ...]]()
_AGENT = pytest.StashKey["MutatedAgent"]()

Fate = Literal["noticed", "survived", "not applied", "not judged"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended."""

    scenario: str
    mutant: str
    """Its id; empty for a run of the scenario as it is."""
    verdict: str
    """As of a trace, or "skipped"."""
    reason: str = ""
    applied: bool = False
    """Whether the control was changed, and nothing acted on it all the same."""
    acts: tuple[str, ...] = ()
    """What was done, such as `click button "Save draft"`."""
    image: str | None = None
    """The last picture that was kept."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a mutant."""

    mutant: Mutant
    fate: Fate
    outcome: Outcome | None = None
    why: str = ""
    """Why it was not applied or not judged."""


_OUTCOME = TypeAdapter(Outcome)


def save_plan(mutants: Sequence[Mutant], path: Path) -> None:
    """Write the mutants of a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_MUTANTS.dump_json(tuple(mutants)))


def load_plan(path: Path) -> tuple[Mutant, ...]:
    """The same, read again.

    Raises:
        ConfigError: The file is not there or is none.
    """
    try:
        return _MUTANTS.validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no plan of mutants: {error}; run `magenta mutate` with --fresh") from error


def results_path(plan: Path) -> Path:
    """Where the outcomes of a plan are."""
    return plan.with_name("results.jsonl")


def load_outcomes(path: Path) -> list[Outcome]:
    """What has come out so far, oldest first; a line that a killed run has torn is left out."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            found.append(_OUTCOME.validate_json(line))
        except ValueError:
            continue
    return found


def save_outcome(outcome: Outcome, path: Path) -> None:
    """Append an outcome, in one write, so that the lines of several workers never mix."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(fd, b"\n" + json.dumps(asdict(outcome)).encode() + b"\n")
    finally:
        os.close(fd)


def judge(mutants: Sequence[Mutant], outcomes: Iterable[Outcome]) -> list[Judged]:
    """What became of each mutant; the last outcome counts.

    What a scenario noticed says nothing when it no longer passes as it is: the application may have changed meanwhile.
    """
    of_mutants: dict[str, Outcome] = {}
    as_it_is: dict[str, Outcome] = {}
    for outcome in outcomes:
        if outcome.mutant:
            of_mutants[outcome.mutant] = outcome
        else:
            as_it_is[outcome.scenario] = outcome
    return [_judge(mutant, of_mutants.get(mutant.id), as_it_is.get(mutant.scenario)) for mutant in mutants]


def _judge(mutant: Mutant, outcome: Outcome | None, as_it_is: Outcome | None) -> Judged:
    if outcome is None:
        return Judged(mutant, "not judged", why="it was not run")
    if outcome.verdict in ("error", "skipped"):
        return Judged(mutant, "not judged", outcome, f"{outcome.verdict}: {outcome.reason}")
    if not outcome.applied:
        why = "the control did not appear, or could not be changed"
        return Judged(mutant, "not applied", outcome, why)
    if outcome.verdict == "passed":
        return Judged(mutant, "survived", outcome)
    if as_it_is is not None and as_it_is.verdict != "passed":
        why = f"the scenario no longer passes as it is ({as_it_is.verdict}: {as_it_is.reason})"
        return Judged(mutant, "not judged", outcome, why)
    return Judged(mutant, "noticed", outcome)


def plan_path(config: pytest.Config) -> Path | None:
    """Where the plan is; None unless this is a run of mutants."""
    given = config.getoption("magenta_mutants", None)
    return Path(given) if given else None


def _plan(config: pytest.Config, path: Path) -> tuple[Mutant, ...]:
    if _PLAN not in config.stash:
        config.stash[_PLAN] = load_plan(path)
    return config.stash[_PLAN]


def multiply(metafunc: pytest.Metafunc, path: Path) -> None:
    """Make an item for each mutant of the file, and one for the scenario as it is."""
    file = metafunc.definition.nodeid.partition("::")[0]
    mutants = [m for m in _plan(metafunc.config, path) if m.scenario.partition("::")[0] == file]
    metafunc.fixturenames.append(PARAMETER)
    metafunc.parametrize(PARAMETER, [*mutants, None], ids=[*(m.label for m in mutants), AS_IT_IS])


def mutant_of(item: pytest.Item) -> Mutant | None:
    """The mutant that an item is run with."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get(PARAMETER) if callspec else None


def _scenario_id(item: pytest.Item) -> str:
    """The node id that an item has in a run without mutants."""
    mutant = mutant_of(item)
    name = item.nodeid.removesuffix(f"{mutant.label if mutant else AS_IT_IS}]")
    return name[:-1] + "]" if name.endswith("-") else name.removesuffix("[")


def select(items: list[pytest.Item], path: Path) -> None:
    """Leave what is still to be run, as planned, then the scenarios as they are; changes `items` in place."""
    plan = _plan(items[0].config, path)
    done = {j.mutant.id for j in judge(plan, load_outcomes(results_path(path))) if j.fate != "not judged"}
    place = {m.id: at for at, m in enumerate(plan) if m.id not in done}
    scenarios = {m.scenario for m in plan if m.id in place}
    wanted: list[tuple[int, pytest.Item]] = []
    for item in items:
        mutant, scenario = mutant_of(item), _scenario_id(item)
        if mutant is None and scenario in scenarios:
            wanted.append((len(plan), item))
        elif mutant is not None and mutant.scenario == scenario and mutant.id in place:
            wanted.append((place[mutant.id], item))
    items[:] = [item for _, item in sorted(wanted, key=lambda each: each[0])]


def open_agent(item: pytest.Item, page: "Page", settings: "Settings") -> "Agent":
    """The agent for an item: with the control changed where the item has a mutant."""
    from magenta_qa.agent.agent import Agent

    path, mutant = plan_path(item.config), mutant_of(item)
    if path is None:
        return Agent(page, settings=settings)
    own = [m.patience_ms for m in _plan(item.config, path) if m.scenario == _scenario_id(item)]
    # A lock would show the way past the look in which the page is changed.
    settings = replace(settings, timeout_ms=min([settings.timeout_ms, *own]), replay=False)
    if mutant is None:
        return Agent(page, settings=settings)
    from magenta_qa.agent.mutated import MutatedAgent

    item.stash[_AGENT] = agent = MutatedAgent(page, settings=settings, mutant=mutant)
    return agent


def keep_outcome(item: pytest.Item, report: pytest.TestReport, trace: "ScenarioTrace | None") -> None:
    """Write how an item ended, once it has; from then on it has passed."""
    path = plan_path(item.config)
    if path is None or report.when == "teardown" or (report.when == "setup" and report.passed):
        return
    skipped = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
    mutant = mutant_of(item)
    outcome = Outcome(_scenario_id(item), mutant.id if mutant else "", "skipped", skipped)
    if trace is not None:
        outcome = _outcome(outcome, trace, mutant, item.stash.get(_AGENT, None))
    if _AGENT in item.stash:
        del item.stash[_AGENT]
    save_outcome(outcome, results_path(path))
    item.user_properties.append(("magenta_outcome", json.dumps(asdict(outcome))))
    report.user_properties[:] = list(item.user_properties)
    if report.failed:
        report.outcome, report.longrepr = "passed", None


def outcome_of(report: pytest.TestReport) -> Outcome | None:
    """The outcome that a report carries, in xdist's controller too."""
    text = dict(report.user_properties).get("magenta_outcome")
    return _OUTCOME.validate_json(str(text)) if text else None


def _outcome(bare: Outcome, trace: "ScenarioTrace", mutant: Mutant | None, agent: "MutatedAgent | None") -> Outcome:
    actions = [action for step in trace.steps for action in step.actions]
    acts = tuple(f'{a.action.kind.replace("_", " ")} {a.element_type} "{a.name}"' for a in actions if a.element_type)
    pictures = [
        image
        for step in trace.steps
        for image in (*(a.image for a in step.actions), *(c.image for c in step.checks), step.image)
    ]
    in_spite = mutant is not None and trace.verdict == "passed" and any(map(mutant.acted_on, actions))
    return replace(
        bare,
        verdict=trace.verdict,
        reason=trace.reason,
        applied=agent is not None and agent.applied and not in_spite,
        acts=acts,
        image=next((image for image in reversed(pictures) if image), None),
        seconds=trace.seconds,
    )
