"""How one site draws what another drew: bolder or thinner, narrower, slanted, rounder.

    hand = Hand.of(Random("site 17"))
    hand.redraw('<path d="M4 6h16" stroke="currentColor" stroke-width="2"/>', (0, 0, 24, 24))    # SVG again

Applications draw icons of their own or change those of a set a little; a model that has seen each set in its own
hand only learns sets, not things.
"""

import re
from dataclasses import dataclass
from random import Random

_WIDTH = re.compile(r'stroke-width="([\d.]+)"')


@dataclass(frozen=True, slots=True)
class Hand:
    """One way to draw."""

    weight: float
    """Of strokes, as a multiple; shapes without strokes get a thin one where it is above 1."""
    stretch: tuple[float, float]
    """Across and down."""
    turn: float
    """Degrees."""
    slant: float
    """Degrees."""
    corners: str
    """`stroke-linejoin` and `stroke-linecap`: "round", "square" or "" for those of the set."""

    @classmethod
    def of(cls, r: Random) -> "Hand":
        """Some hand; most change two or three things only."""

        def maybe(low: float, high: float, usual: float) -> float:
            return round(r.uniform(low, high), 2) if r.random() < 0.5 else usual

        return cls(
            weight=maybe(0.6, 1.7, 1),
            stretch=(maybe(0.82, 1.05, 1), maybe(0.82, 1.05, 1)),
            turn=maybe(-7, 7, 0),
            slant=maybe(-9, 9, 0),
            corners=r.choice(["", "", "round", "square"]),
        )

    def redraw(self, body: str, box: tuple[float, float, float, float]) -> str:
        """The body of an SVG whose view box is (left, top, width, height)."""
        x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
        moves = f"translate({x:g} {y:g}) rotate({self.turn:g}) skewX({self.slant:g})"
        moves += f" scale({self.stretch[0]:g} {self.stretch[1]:g}) translate({-x:g} {-y:g})"
        if "stroke-width" in body:
            body = _WIDTH.sub(lambda found: f'stroke-width="{float(found[1]) * self.weight:g}"', body)
            if self.corners:
                cap = "round" if self.corners == "round" else "butt"
                join = "round" if self.corners == "round" else "miter"
                body = re.sub(r'stroke-linecap="\w+"', f'stroke-linecap="{cap}"', body)
                body = re.sub(r'stroke-linejoin="\w+"', f'stroke-linejoin="{join}"', body)
            outline = ""
        else:
            width = max(0.0, self.weight - 1) * 0.06 * box[2]
            join = self.corners.replace("square", "miter") or "round"
            outline = f' stroke="currentColor" stroke-width="{width:.3g}" stroke-linejoin="{join}"' if width else ""
        return f'<g transform="{moves}"{outline}>{body}</g>'
