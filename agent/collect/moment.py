"""A page at one moment, just before something is done to an element: picture, element, what is private.

moment.element["name"]                                # -> "Add to cart"
moment.painted()                                      # the picture with what is private painted over
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from magenta_qa.agent.privacy.layout import Layout
from magenta_qa.agent.privacy.paint import paint_over
from magenta_qa.model.schema import Box


@dataclass(frozen=True, slots=True)
class Moment:
    """What there was to see."""

    url: str
    viewport: tuple[int, int]
    dpr: float
    picture: bytes
    element: Mapping[str, Any]
    """As `once.js` gives it."""
    box: Box
    """The element, in CSS pixels of the top page's viewport."""
    hidden: tuple[Box, ...]
    """What must be painted over."""
    layout: Layout

    @property
    def in_view(self) -> bool:
        """Whether the middle of the element is in the picture."""
        x, y = self.box.x + self.box.width / 2, self.box.y + self.box.height / 2
        return 0 <= x < self.viewport[0] and 0 <= y < self.viewport[1] and self.box.width >= 1 and self.box.height >= 1

    def painted(self) -> bytes:
        """The picture with what is private painted over."""
        return paint_over(self.picture, self.hidden, self.viewport[0], "BMP")
