"""What must be hidden in a picture of a page that may have moved while it was taken.

    hidden_between([{"doc": [Box(10, 500, 90, 20)]}, {"doc": [Box(10, 400, 90, 20)]}])
        -> Hidden(boxes=(Box(10, 400, 90, 120),), moved=True)

What was seen before and after the picture stood somewhere in between in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from magenta_qa.model.schema import Box

Seen = Mapping[str, Sequence[Box]]
"""Document → where private things are, always in the same order."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What to paint over."""

    boxes: tuple[Box, ...]
    moved: bool
    """Whether something moved, so that more than needed is hidden and a later picture is a better one."""


def hidden_between(looks: Sequence[Seen]) -> Hidden | None:
    """What to hide of a picture taken between the first and the last look; None where nobody can say what it shows."""
    boxes: dict[Box, None] = dict.fromkeys(box for look in looks[:1] for found in look.values() for box in found)
    moved = False
    for before, after in pairwise(looks):
        step = _between(before, after)
        if step is None:
            return None
        boxes |= dict.fromkeys(step.boxes)
        moved |= step.moved
    return Hidden(tuple(boxes), moved)


def _between(before: Seen, after: Seen) -> Hidden | None:
    boxes: list[Box] = []
    moved = False
    for document in {**before, **after}:
        old, new = before.get(document), after.get(document)
        if old is None or new is None:
            boxes += old or new or ()
        elif len(old) == len(new):
            boxes += map(_around, old, new)
            moved |= list(old) != list(new)
        elif set(old) <= set(new) or set(new) <= set(old):
            boxes += {*old, *new}
        else:
            return None
    return Hidden(tuple(boxes), moved)


def hidden_around(before: Sequence[Box], after: Sequence[Box]) -> list[Box]:
    """What to hide of a picture taken between two looks at one document, whatever it shows."""
    found = hidden_between([{"": before}, {"": after}])
    return list(found.boxes) if found else [*before, *after]


def _around(one: Box, other: Box) -> Box:
    """A box in which what moves from one to the other stays; what is drawn may be ahead of what was seen."""
    across, down = abs(one.x - other.x) / 2, abs(one.y - other.y) / 2
    left, top = min(one.x, other.x) - across, min(one.y, other.y) - down
    right = max(one.x + one.width, other.x + other.width) + across
    bottom = max(one.y + one.height, other.y + other.height) + down
    return Box(left, top, right - left, bottom - top)
