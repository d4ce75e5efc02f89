"""Mutants: a control that is hidden, disabled or renamed while a scenario runs, to see whether the scenario notices.

    build_mutants(traces)   -> (Mutant(kind="hide", scenario="cart.scenario.yaml::Buys[chromium]", name="Save", …), …)

`agent.mutated` has the agent that changes the page.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal, get_args
from urllib.parse import urlsplit

from magenta_qa.agent.reports.repeats import last_attempts
from magenta_qa.model.schema import Candidate
from magenta_qa.model.trace import ActionTrace, ScenarioTrace

Kind = Literal["hide", "disable", "rename"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MIN_PATIENCE_MS = 3_000
PATIENCE = 4
"""A step that finds no control waits this many times as long as the scenario's longest step took, if at all so long."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One control that a scenario acts on, with one thing done to it."""

    id: str
    kind: Kind
    scenario: str
    """Node id."""
    step: str
    """The first step that acts on it."""
    role: str
    name: str
    locators: tuple[str, ...]
    page: str
    """Path of the page that it is on, numbers replaced."""
    patience_ms: int
    """How long a step of this scenario waits for its control at most."""

    @property
    def target(self) -> str:
        """The control, such as `button "Save" on /cart`."""
        return f'{self.role} "{self.name}" on {self.page}'

    @property
    def label(self) -> str:
        """Part of a node id."""
        return f"{self.kind} {self.id}"

    def fits(self, candidate: Candidate, url: str) -> bool:
        """Whether a candidate of a page is the control."""
        name = candidate.name or candidate.text
        same = candidate.role == self.role and name == self.name and page_of(url) == self.page
        return same and (not self.locators or bool(set(self.locators) & set(candidate.locators)))

    def acted_on(self, action: ActionTrace) -> bool:
        """Whether an action was carried out on the control as it is called in the unchanged application."""
        same = action.role == self.role and action.name == self.name and page_of(action.url) == self.page
        shared = not self.locators or bool(set(self.locators) & set(action.locators))
        return same and shared and not action.error


def build_mutants(traces: Sequence[ScenarioTrace], kinds: Sequence[Kind] = KINDS) -> tuple[Mutant, ...]:
    """Every control that passed scenarios acted on, once for each kind.

    The order is the same every time, mixed, and takes a mutant of each scenario in turn, so that the first N of them
    are a fair sample.
    """
    passed = [trace for trace in last_attempts(traces) if trace.verdict == "passed"]
    each = [sorted(_of_scenario(trace, kinds), key=lambda m: m.id) for trace in sorted(passed, key=lambda t: t.id)]
    turns: Iterable[Mutant | None] = chain.from_iterable(zip_longest(*each))
    return tuple(mutant for mutant in turns if mutant is not None)


def _of_scenario(trace: ScenarioTrace, kinds: Sequence[Kind]) -> list[Mutant]:
    longest = max((step.seconds for step in trace.steps), default=0.0)
    patience_ms = max(MIN_PATIENCE_MS, round(1000 * PATIENCE * longest))
    found: dict[str, Mutant] = {}
    for step in trace.steps:
        for action in step.actions:
            if not action.role or action.error:
                continue  # of the page, such as a key press, or one that was tried in vain
            for kind in kinds if action.name else [k for k in kinds if k != "rename"]:
                mutant = _mutant(kind, trace.id, step.text, action, patience_ms)
                found.setdefault(mutant.id, mutant)
    return list(found.values())


def _mutant(kind: Kind, scenario: str, step: str, action: ActionTrace, patience_ms: int) -> Mutant:
    page = page_of(action.url)
    parts = (kind, scenario, action.role, action.name, *action.locators[:1], page)
    identity = hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:12]
    return Mutant(identity, kind, scenario, step, action.role, action.name, action.locators, page, patience_ms)


def page_of(url: str) -> str:
    """The path of a URL with its numbers replaced: "/item/17" → "/item/#"."""
    return re.sub(r"\d+", "#", urlsplit(url).path) or "/"
