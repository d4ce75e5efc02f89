"""How much of what is trained in which order: two kinds of batches a step; windows grow harder.

plan = Plan(steps=4000)
plan.kind(7)          # "bare": of micro-batches 0, 1, 2, … every other one is of the same kind
plan.reach(0.3)       # how far an element may be off the middle, after 30 % of the steps
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["full", "bare"]
KINDS: tuple[Kind, ...] = ("full", "bare")
"""`full`: picture, text and HTML. `bare`: the picture alone tells."""
NEAR, FAR = 0.03, 0.45
"""How far an element may be off the middle of its square, as a share of the square's side."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run."""

    steps: int
    full: int = 64
    """Rows of a step on a device, for each kind of batch; elements come in pairs that differ in the outline's place."""
    bare: int = 192
    learning_rate: float = 5e-4
    recoloured: float = 0.5
    """Share of the pictures in other colours than the page's."""
    warmup_steps: int = 200
    save_steps: int = 1000
    seed: int = 0
    further: bool = False
    """Whether the base has learned to read already: all is as hard as it gets from the first step on."""

    @property
    def decay_steps(self) -> int:
        """Steps at the end over which the rate falls."""
        return max(1, 2 * self.steps // 5 if self.further else self.steps // 4)

    @property
    def batches(self) -> int:
        """Micro-batches of the whole run on one device."""
        return self.steps * len(KINDS)

    def kind(self, number: int) -> Kind:
        """What micro-batch `number` is made of."""
        return KINDS[number % len(KINDS)]

    def rows(self, kind: Kind) -> int:
        """Rows of a micro-batch."""
        return {"full": self.full, "bare": self.bare}[kind]

    def done(self, number: int) -> float:
        """Share of the run that lies before micro-batch `number`."""
        return number / self.batches

    def reach(self, done: float) -> float:
        """How far elements may be off the middle, as a share of the square: first it learns to read."""
        return NEAR + (FAR - NEAR) * (1.0 if self.further else _risen(done, 0.0, 0.3))

    def freedom(self, done: float) -> float:
        """Share of the pairs that lie anywhere in one square: none at first, most in the last half."""
        return 0.7 * (1.0 if self.further else _risen(done, 0.1, 0.4))


def _risen(done: float, start: float, end: float) -> float:
    """0 until `start`, 1 from `end` on."""
    return min(1.0, max(0.0, (done - start) / (end - start)))
