"""Where the squares lie that training looks through: all of it with numpy on the host, from rects alone.

geometry = Geometry(split)
second = geometry.neighbours(first, generator)                  # another element that fits into the same square
squares = geometry.shared(first, second, generator)             # anywhere that holds both
squares = geometry.near(elements, reach, generator)             # around each, off the middle by up to `reach`
squares = geometry.served(elements)                             # as when serving
"""

from typing import Any

import numpy as np

from magenta_qa.finetune.embedded.packed import Split
from magenta_qa.model.closeup import outline_of, side_for


class Geometry:
    """Elements of a split and the screens that they lie on."""

    def __init__(self, split: Split) -> None:
        self.screen, self.rect = split.elements.screen, split.elements.rect
        self.size = split.sizes[self.screen]
        """Width and height of each element's screen, (E, 2)."""
        sizes = self.rect[:, 2:] - self.rect[:, :2]
        self.side = np.array([side_for(int(width), int(height)) for width, height in sizes], np.int64)
        line = np.array([outline_of(int(side)) for side in self.side], np.int64)[:, None]
        self.edges = np.concatenate([self.rect[:, :2] - line, self.rect[:, 2:] + line], 1)
        """With room for the outline, (E, 4)."""
        count = np.bincount(self.screen, minlength=len(split.sizes))
        self._first: Any = np.searchsorted(self.screen, np.arange(len(split.sizes)))
        self._count: np.ndarray = count
        self._steps = np.arange(int(count.max()) if len(count) else 0)

    def neighbours(self, elements: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """For each element (B,) one of its screen that fits into a square with it, by chance; itself if none does."""
        screen, side = self.screen[elements], self.side[elements][:, None]
        candidates = np.minimum(self._first[screen][:, None] + self._steps, len(self.screen) - 1)
        own, theirs = self.edges[elements][:, None], self.edges[candidates]
        spans = np.maximum(own[..., 2:], theirs[..., 2:]) - np.minimum(own[..., :2], theirs[..., :2])
        fits = (self._steps < self._count[screen][:, None]) & (spans <= side[..., None]).all(-1)
        fits &= (candidates != elements[:, None]) & (self.side[candidates] == side)
        luck = np.where(fits, generator.random(fits.shape), -1.0)
        chosen = candidates[np.arange(len(elements)), luck.argmax(1)]
        neighbours: np.ndarray = np.where(fits.any(1), chosen, elements)
        return neighbours

    def shared(self, first: np.ndarray, second: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Squares (B, 3) that hold both elements whole, anywhere that allows it."""
        side = self.side[first][:, None]
        own, theirs = self.edges[first], self.edges[second]
        least = np.maximum(own[:, 2:], theirs[:, 2:]) - side
        most = np.minimum(own[:, :2], theirs[:, :2])
        return self._squares(first, _between(least, most, generator.random(least.shape)))

    def near(self, elements: np.ndarray, reach: float, generator: np.random.Generator) -> np.ndarray:
        """Squares (B, 3) that show each element whole where it fits, at most `reach` of its side off the middle."""
        edges, side = self.edges[elements], self.side[elements][:, None]
        middle = (edges[:, :2] + edges[:, 2:] - side) / 2
        shifted = middle + (generator.random(middle.shape) * 2 - 1) * reach * side
        least, most = edges[:, 2:] - side, edges[:, :2]
        # What is larger than its square is shown by its middle, as when serving.
        fits = least <= most
        placed = np.where(fits, np.clip(shifted, least, np.maximum(least, most)), middle)
        return self._squares(elements, np.floor(placed).astype(np.int64))

    def served(self, elements: np.ndarray) -> np.ndarray:
        """Squares (B, 3) as `model.closeup.square_around` has them."""
        rect, side = self.rect[elements], self.side[elements][:, None]
        middle = (rect[:, :2] + rect[:, 2:]) / 2
        return self._squares(elements, np.rint(middle - side / 2).astype(np.int64))

    def _squares(self, elements: np.ndarray, corner: np.ndarray) -> np.ndarray:
        """Squares with these corners, moved onto the screen where that is large enough."""
        side = self.side[elements][:, None]
        spare = self.size[elements] - side
        kept = np.where(spare <= 0, np.floor_divide(spare, 2), np.clip(corner, 0, np.maximum(spare, 0)))
        squares: np.ndarray = np.concatenate([kept, side], 1)
        return squares


def _between(least: np.ndarray, most: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Whole numbers between two bounds, both included; the middle where they are the wrong way round."""
    spread = np.maximum(most - least, 0)
    start = np.where(least <= most, least, (least + most) // 2)
    found: np.ndarray = start + np.minimum((luck * (spread + 1)).astype(np.int64), spread)
    return found
