"""Compares what canvases and media show before and after an action, which the DOM does not tell.

pixels = PixelWatch.begin(observer, candidate, recording.opaque)    # None when there is nothing to compare
…
pixels.compare(observer)
pixels.changed                                                     # a picture that moves by itself never counts
"""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError

from magenta_qa.model.errors import ObservationError
from magenta_qa.model.schema import Box, Candidate

if TYPE_CHECKING:
    from magenta_qa.agent.observe import Observer

LOUD = 24  # of 255: smaller differences are antialiasing and compression
MIN_PIXELS = 12
_OPAQUE_TAGS = frozenset({"canvas", "img", "video", "iframe", "embed", "object", "svg"})


@dataclass(slots=True)
class PixelWatch:
    """The pictures inside some boxes of the viewport."""

    boxes: list[Box]
    width: int
    """Of the viewport, CSS pixels."""
    before: bytes
    changed: bool = False
    moving: bool = False
    """Whether the picture changed between two looks with no action between them."""

    @classmethod
    def begin(cls, observer: "Observer", candidate: Candidate, opaque: list[Box]) -> "PixelWatch | None":
        """Take the first picture.

        Args:
            observer: Takes screenshots.
            candidate: What will be acted on.
            opaque: Other boxes to look into.
        """
        boxes = [*opaque]
        if candidate.tag in _OPAQUE_TAGS or candidate.element_type in ("canvas", "image"):
            boxes.append(candidate.box)
        observation = observer.observation
        if not boxes or observation is None:
            return None
        first = observer.screenshot()
        watch = cls(boxes, observation.viewport[0], first)
        watch.moving = watch._differs(first, observer.screenshot())
        return watch

    def compare(self, observer: "Observer") -> None:
        """Look again."""
        if self.moving:
            return
        try:
            self.changed = self._differs(self.before, observer.screenshot())
        except (PlaywrightError, ObservationError):
            self.changed = False  # the page is on its way elsewhere, which is an effect of its own

    def _differs(self, one: bytes, other: bytes) -> bool:
        from PIL import Image, ImageChops  # not needed for most actions, and slow to import

        with Image.open(io.BytesIO(one)) as a, Image.open(io.BytesIO(other)) as b:
            first, second = a.convert("RGB"), b.convert("RGB")
        if first.size != second.size:
            return True
        scale = first.width / self.width
        for box in self.boxes:
            area = _area(box, scale, first.size)
            if area is None:
                continue
            difference = ImageChops.difference(first.crop(area), second.crop(area)).convert("L")
            if sum(difference.histogram()[LOUD:]) >= MIN_PIXELS:
                return True
        return False


def _area(box: Box, scale: float, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    left, top = max(0, int(box.x * scale)), max(0, int(box.y * scale))
    right, bottom = min(size[0], int((box.x + box.width) * scale)), min(size[1], int((box.y + box.height) * scale))
    return (left, top, right, bottom) if right > left and bottom > top else None
