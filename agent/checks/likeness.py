"""Compares two pictures of a page: tolerant of anti-aliasing, blind where masks are, sharp everywhere else.

    likeness(baseline, now, masks)      -> Likeness(differing=0, …), or where they differ and a picture that shows it
    unrest([first, second, third])      -> boxes of what changes by itself

pixelmatch tells anti-aliased pixels from real ones; it is asked only about tiles that are not the same to the byte.
Source: https://github.com/mapbox/pixelmatch and https://pypi.org/project/pixelmatch/
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps
from pixelmatch.contrib.PIL import pixelmatch

from magenta_qa.model.schema import Box

TILE = 64  # px
EDGE = 2  # px around a tile that tell anti-aliasing at its border
MAX_TILES = 300
"""So many tiles are looked at closely; a picture that differs in more differs, however its edges are drawn."""
SPREAD = 6  # px around what changes by itself: the next figure of a clock is a little wider
THRESHOLD = 0.1  # pixelmatch's: how different two colours must be
NEIGHBOURS = 2
_MASK, _DIFFERENT = (255, 0, 255), (229, 24, 44)
_GAP = 12  # px between the panels of a picture
_CAPTION = 16  # px of Pillow's built-in font


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two pictures are."""

    differing: int
    """Pixels that differ, masked ones left out; of a picture of another size, all outside of the other count."""
    share: float
    """Of all pixels."""
    box: Box | None = None
    """What surrounds them."""
    shown: Image.Image | None = None
    """Expected, seen, and the difference, side by side."""


def likeness(baseline: Image.Image, now: Image.Image, masks: Sequence[Box] = ()) -> Likeness:
    """Compare a picture with its baseline.

    Args:
        baseline: As it should be.
        now: As it is.
        masks: What is not compared, in pixels.
    """
    size = max(baseline.width, now.width), max(baseline.height, now.height)
    one, other = (_on_canvas(each, size, masks) for each in (baseline, now))
    marks = _marks(one, other)
    bounds = marks.getbbox()
    if bounds is None and baseline.size == now.size:
        return Likeness(0, 0.0)
    differing = marks.histogram()[255]
    left, top, right, bottom = bounds or (0, 0, *size)
    box = Box(left, top, right - left, bottom - top)
    shown = _side_by_side(baseline, now, other, marks, masks)
    return Likeness(max(differing, 1), differing / (size[0] * size[1]), box, shown)


def unrest(pictures: Sequence[Image.Image]) -> list[Box]:
    """Boxes of what differs between pictures of a page that nobody touches; overlapping ones are one."""
    boxes: list[Box] = []
    for one, other in itertools.pairwise(pictures):
        size = max(one.width, other.width), max(one.height, other.height)
        marks = _marks(_on_canvas(one, size, ()), _on_canvas(other, size, ()))
        boxes += _boxes(marks)
    return joined(boxes)


def joined(boxes: Sequence[Box]) -> list[Box]:
    """Boxes that touch each other become one."""
    left = list(boxes)
    joined: list[Box] = []
    while left:
        box = left.pop()
        touching = next((each for each in left if _touch(box, each)), None)
        if touching is None:
            joined.append(box)
            continue
        left.remove(touching)
        left.append(_around(box, touching))
    return sorted(joined, key=lambda each: (each.y, each.x))


def _on_canvas(picture: Image.Image, size: tuple[int, int], masks: Sequence[Box]) -> Image.Image:
    canvas = Image.new("RGB", size, (0, 0, 0))
    canvas.paste(picture.convert("RGB"), (0, 0))
    draw = ImageDraw.Draw(canvas)
    for mask in masks:
        draw.rectangle((mask.x, mask.y, mask.x + mask.width, mask.y + mask.height), fill=_MASK)
    return canvas


def _marks(one: Image.Image, other: Image.Image) -> Image.Image:
    """White where two pictures of one size differ, else black."""
    raw = _raw(one, other)
    marks = Image.new("L", one.size, 0)
    tiles = list(_tiles(raw))
    if len(tiles) > MAX_TILES:
        return raw
    for left, top, right, bottom in tiles:
        around = (max(0, left - EDGE), max(0, top - EDGE), min(one.width, right + EDGE), min(one.height, bottom + EDGE))
        found = _closely(one.crop(around), other.crop(around))
        inner = (left - around[0], top - around[1], right - around[0], bottom - around[1])
        marks.paste(found.crop(inner), (left, top))
    return _without_lone(marks)


def _without_lone(marks: Image.Image) -> Image.Image:
    """Pixels with fewer than two differing neighbours are left out: pixelmatch misses some of a smoothed edge."""
    ones = ImageOps.expand(marks.point(lambda value: 1 if value else 0), border=1, fill=0)  # the filter skips borders
    neighbours = ones.filter(ImageFilter.Kernel((3, 3), (1, 1, 1, 1, 0, 1, 1, 1, 1), scale=1))
    crowded = ImageOps.crop(neighbours, border=1).point(lambda count: 255 if count >= NEIGHBOURS else 0)
    return ImageChops.darker(marks, crowded)


def _raw(one: Image.Image, other: Image.Image) -> Image.Image:
    """White wherever any byte differs."""
    bands = ImageChops.difference(one, other).split()
    together = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return together.point(lambda value: 255 if value else 0)


def _tiles(raw: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    bounds = raw.getbbox()
    if bounds is None:
        return
    for top in range(bounds[1], bounds[3], TILE):
        for left in range(bounds[0], bounds[2], TILE):
            tile = (left, top, min(left + TILE, bounds[2]), min(top + TILE, bounds[3]))
            if raw.crop(tile).getbbox() is not None:
                yield tile


def _closely(one: Image.Image, other: Image.Image) -> Image.Image:
    """White where they really differ; pixels that only anti-aliasing makes different stay black."""
    shown = Image.new("RGBA", one.size, (0, 0, 0, 0))
    pixelmatch(one, other, shown, threshold=THRESHOLD, diff_mask=True)
    return shown.getchannel("A").point(lambda value: 255 if value else 0)


def _boxes(marks: Image.Image) -> list[Box]:
    found = []
    for left, top, right, bottom in _tiles(marks):
        inner = marks.crop((left, top, right, bottom)).getbbox()
        if inner is not None:
            x, y = left + inner[0] - SPREAD, top + inner[1] - SPREAD
            width, height = inner[2] - inner[0] + 2 * SPREAD, inner[3] - inner[1] + 2 * SPREAD
            found.append(Box(max(0, x), max(0, y), width, height))
    return found


def _touch(one: Box, other: Box) -> bool:
    across = one.x <= other.x + other.width and other.x <= one.x + one.width
    return across and one.y <= other.y + other.height and other.y <= one.y + one.height


def _around(one: Box, other: Box) -> Box:
    x, y = min(one.x, other.x), min(one.y, other.y)
    right, bottom = max(one.x + one.width, other.x + other.width), max(one.y + one.height, other.y + other.height)
    return Box(x, y, right - x, bottom - y)


def _side_by_side(
    baseline: Image.Image, now: Image.Image, canvas: Image.Image, marks: Image.Image, masks: Sequence[Box]
) -> Image.Image:
    """Baseline, what is seen, and where they differ in red on a pale picture, with captions."""
    pale = Image.blend(canvas, Image.new("RGB", canvas.size, (255, 255, 255)), 0.75)
    pale.paste(_DIFFERENT, mask=marks)
    draw = ImageDraw.Draw(pale)
    for mask in masks:
        draw.rectangle((mask.x, mask.y, mask.x + mask.width, mask.y + mask.height), outline=_MASK, width=2)
    panels = [("expected", baseline.convert("RGB")), ("seen", now.convert("RGB")), ("difference", pale)]
    width = sum(panel.width for _, panel in panels) + _GAP * (len(panels) - 1)
    shown = Image.new("RGB", (width, _CAPTION + max(panel.height for _, panel in panels)), (255, 255, 255))
    draw, x = ImageDraw.Draw(shown), 0
    for caption, panel in panels:
        draw.text((x + 2, 2), caption, fill=(0, 0, 0))
        shown.paste(panel, (x, _CAPTION))
        x += panel.width + _GAP
    return shown
