"""Pictures of the report: cut, outlined, made small and kept within a budget of bytes.

In: names of screenshots (`images/SHA256.webp`, un-outlined) and boxes in CSS pixels. Out: data URIs, each distinct
picture once, in the order in which they were asked for:

    pictures = Pictures(Path("images"))
    shot = pictures.ask(sha, box, viewport=(1280, 720), large=False)     # Shot(id=0, first=True), or None: no such file
    for uri in pictures.encoded(budget=15_000_000): ...                   # data:image/webp;base64,UklGR…
"""

import base64
import io
import math
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from magenta_qa.model.errors import ObservationError
from magenta_qa.model.outline import draw_outline
from magenta_qa.model.picture import decode
from magenta_qa.model.schema import Box

WINDOW = (800, 500)
"""What a small picture shows around its box, CSS pixels."""
SMALL = ((480, 50), (480, 32), (400, 25), (320, 20), (240, 12))
"""(longest width in pixels, WebP quality), tried from the left until the picture fits its share of the budget."""
LARGE = ((960, 60), (960, 40), (800, 30), (640, 25), (480, 20), (320, 15))
LARGE_WEIGHT = 4
"""How many shares of the budget a large picture has; a small one has one."""
BATCH = 16
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that was asked for."""

    id: int
    first: bool
    """Whether this is the first place that shows it, which holds its bytes; the others refer to that one."""
    large: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    path: Path
    box: Box | None
    viewport: tuple[int, int]
    large: bool

    @property
    def weight(self) -> int:
        return LARGE_WEIGHT if self.large else 1


class Pictures:
    """Collects what the report shows, then encodes it.

    Args:
        images: Folder of the screenshots.
    """

    def __init__(self, images: Path) -> None:
        self._images = images
        self._ids: dict[_Wanted, int] = {}

    def ask(self, sha: str | None, box: Box | None, viewport: tuple[int, int], large: bool) -> Shot | None:
        """Remember a picture to be shown; None when there is no such screenshot."""
        path = self._images / f"{sha}.webp"
        if not sha or not _SHA256.fullmatch(sha) or not path.is_file():
            return None
        wanted = _Wanted(path, box, viewport, large)
        first = wanted not in self._ids
        return Shot(self._ids.setdefault(wanted, len(self._ids)), first, large)

    def encoded(self, budget: int) -> Iterator[str]:
        """Data URIs in the order of `Shot.id`, together at most about `budget` characters long.

        Each picture gets its share of what is left; what it does not need is left to those after it.
        """
        queue = list(self._ids)
        weight = sum(wanted.weight for wanted in queue)
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            for start in range(0, len(queue), BATCH):
                batch = queue[start : start + BATCH]
                share = budget / weight
                for uri in pool.map(lambda wanted: _data_uri(wanted, share * wanted.weight), batch):  # noqa: B023
                    budget -= len(uri)
                    yield uri
                weight -= sum(wanted.weight for wanted in batch)


def _data_uri(wanted: _Wanted, share: float) -> str:
    try:
        picture = decode(wanted.path.read_bytes())
    except (OSError, ObservationError):
        return _note("This picture cannot be read")
    shown, box = _cut(picture, wanted)
    levels = LARGE if wanted.large else SMALL
    bytes_per_effort = 0.0
    for width, quality in levels:
        effort = width**2 * quality
        # Photos need far less than the first try; what cannot fit is not encoded, except as the last resort.
        if bytes_per_effort * effort > 1.2 * share and (width, quality) != levels[-1]:
            continue
        encoded = _encode(shown, box, width, quality)
        if len(encoded) <= share:
            return encoded
        bytes_per_effort = len(encoded) / effort
    return _note("Left out to keep the report small")


def _cut(picture: Image.Image, wanted: _Wanted) -> tuple[Image.Image, Box | None]:
    """The part to be shown, and the box in that part's pixels."""
    scale = picture.width / wanted.viewport[0] if wanted.viewport[0] else 1.0
    if wanted.box is None:
        return picture, None
    box = Box(*(n * scale for n in (wanted.box.x, wanted.box.y, wanted.box.width, wanted.box.height)))
    if wanted.large:
        return picture, box
    width, height = (min(side, round(px * scale)) for side, px in zip(picture.size, WINDOW, strict=True))
    left = _clamp(box.center[0] - width / 2, picture.width - width)
    top = _clamp(box.center[1] - height / 2, picture.height - height)
    return picture.crop((left, top, left + width, top + height)), Box(box.x - left, box.y - top, box.width, box.height)


def _clamp(value: float, most: int) -> int:
    return round(max(0, min(value, most)))


def _encode(shown: Image.Image, box: Box | None, width: int, quality: int) -> str:
    scale = min(1.0, width / shown.width)
    size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
    small = shown.resize(size, Image.Resampling.HAMMING) if scale < 1 else shown.copy()
    if box is not None:
        _outline(small, box, scale)
    file = io.BytesIO()
    small.save(file, "WEBP", quality=quality, method=2)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _outline(picture: Image.Image, box: Box, scale: float) -> None:
    """Draw just outside the box; nothing when the box is outside the picture."""
    left, top, right, bottom = (n * scale for n in (box.x, box.y, box.x + box.width, box.y + box.height))
    if right > 0 and bottom > 0 and left < picture.width and top < picture.height:
        draw_outline(picture, (math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)))


def _note(text: str) -> str:
    """A grey picture that says why there is no other."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 300"><rect width="480" height="300" fill="#8882"/>'
        f'<text x="240" y="155" font-family="sans-serif" font-size="16" fill="#888" text-anchor="middle">{text}</text>'
        "</svg>"
    )
    return "data:image/svg+xml," + quote(svg)
