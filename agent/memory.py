"""What a step acted on when its scenario last passed: `NAME.scenario.lock.yaml` beside the scenario.

It tells a renamed control (`stale`) from one that is gone (`failed`), which no single look at a page can. The team
commits it. One entry a step, in order:

    version: 1
    steps:
      - do: Add the Blue backpack to the cart
        targets:
          - {kind: click, role: button, name: Add to cart, element_type: button, locators: ['[data-testid="add"]'],
             page: [button|Add to cart, link|Cart, link|Home]}
    held: [the cart shows 1 item]
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from magenta_qa.agent.secrets import MASK
from magenta_qa.model.schema import ActionTrace, Candidate, Observation

VERSION = 1
Mask = Callable[[str], str]
SAME_PAGE = 0.6  # share of the remembered controls that must still be there for "the rest of the page is as it was"


@dataclass(frozen=True, slots=True)
class Target:
    """The element that an action was carried out on."""

    kind: str
    role: str
    name: str
    element_type: str
    locators: tuple[str, ...]
    page: tuple[str, ...]
    """`role|name` of every named candidate of the page it was on."""


@dataclass(frozen=True, slots=True)
class RememberedStep:
    """One step of a scenario that passed."""

    do: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """A scenario as it last passed."""

    steps: tuple[RememberedStep, ...] = ()
    held: tuple[str, ...] = ()
    """Expectations that were evaluated and held."""

    def step(self, text: str) -> RememberedStep | None:
        """The remembered step with this text."""
        return next((step for step in self.steps if step.do == text), None)


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a step found no target, in the light of what it acted on before."""

    verdict: Literal["stale", "failed", "stuck"]
    reason: str


def lock_path(scenario: Path) -> Path:
    """Where the memory of a scenario file lies: `a.scenario.yaml` → `a.scenario.lock.yaml`."""
    return scenario.with_name(scenario.name.removesuffix(".yaml") + ".lock.yaml")


def load_memory(path: Path) -> Memory:
    """What is remembered; nothing when there is no file or it is of another version or broken."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            return Memory()
        return Memory(tuple(_read_step(step) for step in data["steps"]), tuple(map(str, data["held"])))
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError):
        return Memory()


def save_memory(path: Path, memory: Memory) -> bool:
    """Write the memory if it differs from what is there; returns whether it was written."""
    if load_memory(path) == memory:
        return False
    data = {"version": VERSION, "steps": [_plain(step) for step in memory.steps], "held": list(memory.held)}
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        return False
    return True


def page_signature(candidates: Iterable[Candidate], mask: Mask = str) -> tuple[str, ...]:
    """`role|name` of the named candidates, sorted, each once, without what is private."""
    return tuple(sorted({f"{c.role}|{_public_name(c, mask)}" for c in candidates if c.name}))


def _public_name(candidate: Candidate, mask: Mask) -> str:
    return MASK if candidate.state.private else mask(candidate.name)


def target_of(action: ActionTrace) -> Target:
    """What an action was carried out on."""
    return Target(action.action.kind, action.role, action.name, action.element_type, action.locators, action.page)


def explain_absence(
    remembered: RememberedStep, done: int, observation: Observation, mask: Mask = str
) -> Absence | None:
    """What became of the target of a step that no longer finds it.

    Args:
        remembered: The step as it passed.
        done: How many of its actions were carried out this time.
        observation: The page now.
        mask: Hides what is private, as it was hidden in what is remembered.

    Returns:
        None when the memory does not say (the step has no such action).
    """
    if done >= len(remembered.targets) or not remembered.targets[done].role:
        return None
    # Files of earlier versions hold names that are hidden now.
    old = remembered.targets[done]
    target = replace(old, name=mask(old.name), page=tuple(map(mask, old.page)))
    before = set(target.page) - {f"{target.role}|{target.name}"}
    public = tuple(replace(c, name=_public_name(c, mask)) for c in observation.candidates)
    observation = replace(observation, candidates=public)
    now = set(page_signature(public))
    if before and len(before & now) / len(before) < SAME_PAGE:
        return Absence("stuck", f'the page is not the one on which "{target.name}" was found before: {observation.url}')
    successor = _successor(target, before, observation)
    if successor is not None:
        return Absence("stale", f'the {target.role} "{target.name}" is now "{successor.name or successor.text}"')
    if f"{target.role}|{target.name}" in now:
        return None
    return Absence("failed", f'the {target.role} "{target.name}" is gone; nothing took its place')


def _successor(target: Target, before: set[str], observation: Observation) -> Candidate | None:
    """The control that took the target's place: found by the same stable locator, else the only new one of its kind."""
    same_kind = [c for c in observation.candidates if c.role == target.role or c.element_type == target.element_type]
    stable = {s for s in target.locators if target.name not in s and ":nth-" not in s and "nth=" not in s}
    for candidate in same_kind:
        if candidate.name != target.name and stable & set(candidate.locators):
            return candidate
    known = {_without_numbers(control) for control in before}
    new = [c for c in same_kind if c.name and c.name != target.name and _is_new(c, known)]
    return new[0] if len(new) == 1 else None


def _is_new(candidate: Candidate, known: set[str]) -> bool:
    """Whether the page had no such control before; "Inbox (3)" is the same as "Inbox (2)" was."""
    return _without_numbers(f"{candidate.role}|{candidate.name}") not in known


def _without_numbers(control: str) -> str:
    return re.sub(r"\d+", "#", control)


def _read_step(step: dict[str, Any]) -> RememberedStep:
    targets = tuple(
        Target(t["kind"], t["role"], t["name"], t["element_type"], tuple(t["locators"]), tuple(t["page"]))
        for t in step["targets"]
    )
    return RememberedStep(str(step["do"]), targets)


def _plain(step: RememberedStep) -> dict[str, object]:
    data = asdict(step)
    data["targets"] = [{**t, "locators": list(t["locators"]), "page": list(t["page"])} for t in data["targets"]]
    return data
