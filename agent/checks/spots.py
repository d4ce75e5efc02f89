"""What an expectation's words are found as: places on a page, and which of them fit best.

best([Spot("region cart", (node,)), Spot("region cart items", (other,), PART)])     -> Found([Spot("region cart", …)])
"""

from dataclasses import dataclass, field

from magenta_qa.agent.checks.names import EXACT
from magenta_qa.agent.checks.page import Node

MAX_SPOTS = 8  # more equally good places than that are ambiguous by themselves


@dataclass(frozen=True, slots=True)
class Spot:
    """One reading of a name: some neighbouring elements, and what to call them in a reason."""

    label: str
    nodes: tuple[Node, ...]
    score: int = EXACT


@dataclass(slots=True)
class Found:
    """All readings that fit best, and what else came near."""

    spots: list[Spot]
    near: list[str] = field(default_factory=list)
    """Labels of what fits less well, or of what there is of that kind."""


def best(spots: list[Spot]) -> Found:
    """The best scored spots; one within another of the same score counts once, as the outer one."""
    top = max((spot.score for spot in spots), default=0)
    best = [spot for spot in spots if spot.score == top]
    kept: list[Spot] = []
    for spot in best:
        inside = any(all(any(n.is_inside(o) for o in other.nodes) for n in spot.nodes) for other in kept)
        if not inside:
            kept.append(spot)
    return Found(kept, list(dict.fromkeys(spot.label for spot in spots if spot.score < top))[:MAX_SPOTS])


def outermost(nodes: list[Node]) -> list[Node]:
    """Those that are not inside another one; in document order."""
    kept: list[Node] = []
    for node in nodes:
        if not kept or not node.is_inside(kept[-1]):
            kept.append(node)
    return kept
