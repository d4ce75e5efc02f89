"""What a scenario did when it last passed, as its lock keeps it: what its steps acted on, and how that looked.

    memory = load_memory(lock_path(Path("buy.scenario.yaml")))          # agent.lock
    memory.steps_for(["Open the cart", …])                              -> [RememberedStep("Open the cart", …), …]
    explain_absence(step, done=0, observation)                          -> Absence("stale", 'the button "Buy" is now …')

It lets the steps be replayed (`agent.replay`), shows what changed (`agent.heal`), and tells a renamed control (`stale`)
from one that is gone (`failed`), which no single look at a page can.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from magenta_qa.agent.fingerprint import describe
from magenta_qa.model.private_text import MASK
from magenta_qa.model.schema import Box, Candidate, Effect, Observation, Place
from magenta_qa.model.trace import ActionTrace, Fingerprint

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
    """Selectors of Playwright, best first."""
    page: tuple[str, ...]
    """`role|name` of every named candidate of the page it was on."""
    value: str | None = None
    """What was entered, chosen or opened; `${NAME}` is still in it."""
    fingerprint: Fingerprint | None = None
    """None for actions on the page as a whole, and in locks of the first form."""
    description: str = ""
    """What acting on it does, in one sentence."""
    html: str = ""
    """A digest of its surrounding HTML."""
    crop: str = ""
    """Size and difference hash of the un-outlined picture of it: `32x32 f0e1d2c3b4a59687`."""
    effect: str = ""
    """What sort of thing it did: see `effect_kind`."""
    place: Place | None = None
    """Which part of the step it was for."""
    onto: tuple[str, ...] = ()
    """Locators of where a drag ended."""
    onto_fingerprint: Fingerprint | None = None
    """What makes that element the one that it is; None in locks of earlier versions."""
    image: str | None = None
    """SHA-256 of the screenshot that it is cut from."""
    box: Box | None = None

    @property
    def label(self) -> str:
        """It in words."""
        return describe(self.fingerprint) if self.fingerprint else f'{self.element_type} "{self.name}"'


@dataclass(frozen=True, slots=True)
class RememberedStep:
    """One step of a scenario that passed."""

    do: str
    targets: tuple[Target, ...]
    anew: str = ""
    """Why the page is looked at each time for this step; empty where it can be replayed."""


@dataclass(frozen=True, slots=True)
class RememberedExpectation:
    """One expectation that was evaluated and held."""

    text: str
    means: str
    """The assertion that it was compiled to; empty where a model judged it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A scenario as it last passed."""

    steps: tuple[RememberedStep, ...] = ()
    expectations: tuple[RememberedExpectation, ...] = ()

    @property
    def held(self) -> frozenset[str]:
        """Expectations that were evaluated and held."""
        return frozenset(each.text for each in self.expectations)

    def steps_for(self, texts: Sequence[str]) -> list[RememberedStep | None]:
        """What is remembered of each step, None for a new text; of equal texts the first goes to the first."""
        left = list(self.steps)
        found: list[RememberedStep | None] = []
        for text in texts:
            step = next((each for each in left if each.do == text), None)
            if step is not None:
                left.remove(step)
            found.append(step)
        return found


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a step found no target, in the light of what it acted on before."""

    verdict: Literal["stale", "failed", "stuck"]
    reason: str


def page_signature(candidates: Iterable[Candidate], mask: Mask = str) -> tuple[str, ...]:
    """`role|name` of the named candidates, sorted, each once, without what is private."""
    return tuple(sorted({f"{c.role}|{_public_name(c, mask)}" for c in candidates if c.name}))


def _public_name(candidate: Candidate, mask: Mask) -> str:
    return MASK if candidate.state.private else mask(candidate.name)


def target_of(action: ActionTrace) -> Target:
    """What an action was carried out on."""
    return Target(
        action.action.kind,
        action.role,
        action.name,
        action.element_type,
        action.locators,
        action.page,
        value=action.action.value,
        fingerprint=action.fingerprint,
        description=action.description.text if action.description else "",
        html=action.html,
        effect=effect_kind(action.effect),
        place=action.place,
        onto=action.onto,
        onto_fingerprint=action.onto_fingerprint,
        image=action.image,
        box=action.box,
    )


def effect_kind(effect: Effect | None) -> str:
    """What sort of thing an action did: the same control does the same sort of thing again."""
    if effect is None:
        return ""
    if effect.dialog is not None:
        return f"dialog {effect.dialog.partition(':')[0]}"
    if effect.download is not None:
        return "download"
    if effect.tab is not None:
        return "tab closed" if effect.tab == "closed" else "tab"
    if effect.url:
        return "page"
    if effect.pixels and not (effect.dom or effect.state):
        return "picture"
    return "change" if effect.visible else ""


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
    target, before, observation = _made_public(remembered.targets[done], observation, mask)
    now = set(page_signature(observation.candidates))
    if not _is_page_of(before, now):
        return Absence("stuck", f'the page is not the one on which "{target.name}" was found before: {observation.url}')
    successor = _successor(target, before, observation)
    if successor is not None:
        return Absence("stale", f'the {target.role} "{target.name}" is now "{successor.name or successor.text}"')
    if f"{target.role}|{target.name}" in now:
        return None
    return Absence("failed", f'the {target.role} "{target.name}" is gone; nothing took its place')


def successor_of(target: Target, observation: Observation, mask: Mask = str) -> Candidate | None:
    """The control that took the place of one that is gone, on a page that is otherwise as it was.

    Args:
        target: What was acted on then.
        observation: The page now.
        mask: Hides what is private, as it was hidden in what is remembered.
    """
    old, before, public = _made_public(target, observation, mask)
    now = set(page_signature(public.candidates))
    if not target.role or not _is_page_of(before, now):
        return None
    # Where others are still called so, a new name alone tells nothing.
    found = _bearer(old, public) if f"{old.role}|{old.name}" in now else _successor(old, before, public)
    return observation.candidate(found.mark) if found else None


def _made_public(target: Target, observation: Observation, mask: Mask) -> tuple[Target, set[str], Observation]:
    """Target, the other controls of its page, and the page now, all without what is private.

    Files of earlier versions hold names that are hidden now.
    """
    target = replace(target, name=mask(target.name), page=tuple(map(mask, target.page)))
    public = tuple(replace(c, name=_public_name(c, mask)) for c in observation.candidates)
    return target, set(target.page) - {f"{target.role}|{target.name}"}, replace(observation, candidates=public)


def _is_page_of(before: set[str], now: set[str]) -> bool:
    return not before or len(before & now) / len(before) >= SAME_PAGE


def _successor(target: Target, before: set[str], observation: Observation) -> Candidate | None:
    """The control that took the target's place: found by the same stable locator, else the only new one of its kind."""
    bearer = _bearer(target, observation)
    if bearer is not None:
        return bearer
    same_kind = _same_kind(target, observation)
    known = {_without_numbers(control) for control in before}
    new = [c for c in same_kind if c.name and c.name != target.name and _is_new(c, known)]
    return new[0] if len(new) == 1 else None


def _bearer(target: Target, observation: Observation) -> Candidate | None:
    """What has another name and is found by a locator that owes nothing to names and places."""
    stable = {s for s in target.locators if target.name not in s and ":nth-" not in s and "nth=" not in s}
    same_kind = _same_kind(target, observation)
    return next((c for c in same_kind if c.name != target.name and stable & set(c.locators)), None)


def _same_kind(target: Target, observation: Observation) -> list[Candidate]:
    return [c for c in observation.candidates if c.role == target.role or c.element_type == target.element_type]


def _is_new(candidate: Candidate, known: set[str]) -> bool:
    """Whether the page had no such control before; "Inbox (3)" is the same as "Inbox (2)" was."""
    return _without_numbers(f"{candidate.role}|{candidate.name}") not in known


def _without_numbers(control: str) -> str:
    return re.sub(r"\d+", "#", control)
