"""What a replay knows before it acts: the element, which was looked at just now, and what the action does.

found = Found(candidate, None, began)                  # the pointer is aimed at it
execute(action, …, found=found, hurry=Hurry("change", rests=True))
"""

from dataclasses import dataclass

from playwright.sync_api import ElementHandle

from magenta_qa.agent.effect import Began
from magenta_qa.model.schema import Candidate

CLICKS = frozenset({"click", "double_click", "right_click"})
BOXES = frozenset({"check", "uncheck"})


@dataclass(frozen=True, slots=True)
class Found:
    """An element that was found otherwise than by the last observation."""

    candidate: Candidate
    element: ElementHandle | None
    """None where the pointer is aimed at it: only the element itself can be pressed next, and that it will be."""
    began: Began | None = None
    """The recording that began in its frame when it was looked at."""
    onto: ElementHandle | None = None
    """Where a drag of it ends."""


@dataclass(frozen=True, slots=True)
class Hurry:
    """What follows an action whose effect is known: nobody needs to find out all that it does."""

    effect: str
    """What sort of thing it does: `agent.memory.effect_kind`."""
    rests: bool
    """Whether the page must have come to rest, as it does for an expectation; a step waits for its own control."""


def can_aim(kind: str, hurry: Hurry | None) -> bool:
    """Whether it is enough to press the control where it is seen."""
    return hurry is not None and kind in ("click", *BOXES)


def begins_at_press(kind: str, hurry: Hurry | None) -> bool:
    """Whether a recording compares with how everything is when the pointer is pressed."""
    return kind in CLICKS and hurry is not None
