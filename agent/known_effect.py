"""What a replay knows before it acts: the element, which was looked at just now, and what the action does.

found = Found(candidate, None, began)                  # the pointer is aimed at it
execute(action, …, found=found, hurry=Hurry("change", rests=True))
"""

from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import ElementHandle

from magenta_qa.agent.effect import Began
from magenta_qa.model.schema import Candidate

CLICKS = frozenset({"click", "double_click", "right_click"})
BOXES = frozenset({"check", "uncheck"})
_TEXTS = frozenset({"textarea", *(f"input:{kind}" for kind in ("text", "search", "email", "tel", "url", "password"))})
"""Fields that are filled by text that is entered, not by setting their value."""
Aim = Literal["press", "text", ""]
"""What is meant for one element only: the next press, the next text that is entered, or neither."""


@dataclass(frozen=True, slots=True)
class Found:
    """An element that was found otherwise than by the last observation."""

    candidate: Candidate
    element: ElementHandle | None
    """None where a press or a text is aimed at it: only the element itself can get the next one, and it will."""
    began: Began | None = None
    """The recording that began in its frame when it was looked at."""
    selector: str = ""
    """Finds it in its frame, where it is aimed at."""
    onto: ElementHandle | None = None
    """Where a drag of it ends."""


@dataclass(frozen=True, slots=True)
class Hurry:
    """What follows an action whose effect is known: nobody needs to find out all that it does."""

    effect: str
    """What sort of thing it does: `agent.memory.effect_kind`."""
    rests: bool
    """Whether the page must have come to rest, as it does for an expectation; a step waits for its own control."""


def can_aim(kind: str, element_type: str, value: str | None, hurry: Hurry | None) -> Aim:
    """Whether it is enough to press the control where it is seen, or to fill what is found in its place."""
    if hurry is None:
        return ""
    if kind in ("click", *BOXES):
        return "press"
    return "text" if kind == "fill" and value and element_type in _TEXTS else ""


def begins_at_press(kind: str, hurry: Hurry | None) -> bool:
    """Whether a recording compares with how everything is when the pointer is pressed."""
    return kind in CLICKS and hurry is not None
