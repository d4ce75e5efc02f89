"""The close view of one element that the small model is shown: a square that holds the element, scaled to 224×224.

    rect = visible_rect(Box(812, 340, 32, 32), (1280, 720))    # (812, 340, 844, 372)
    square = square_around(rect, (1280, 720))                  # Square(772, 300, 112)
    closeup(page, rect, square)                                # 224×224 RGB, the outline at least 3 px wide

A model of this size reads text only where it is large: small elements are shown twice as large as they are, elements
that do not fit are shown as they are or half as large. Beyond the page the picture is white. `page` has one pixel for a
CSS pixel (`css_page`). Training makes the same pictures on its device (`finetune.embedded.screens`).
"""

import math
from typing import NamedTuple

from PIL import Image

from magenta_qa.model.outline import OUTLINE_PX, Rect, draw_outline
from magenta_qa.model.schema import Box, View

PICTURE_PX = 224
SIDES = (112, 224, 448)
"""Sides of the square, CSS pixels; the smallest that holds the element with its outline."""
BEYOND = (255, 255, 255)
CLOSEUP = View("closeup", max_slices=1, downsample="4x")
"""How the small model is asked for its pictures wherever a view is named."""


class Square(NamedTuple):
    """A square of the page, CSS pixels; may reach beyond it."""

    left: int
    top: int
    side: int


def css_page(screenshot: Image.Image, viewport: tuple[int, int]) -> Image.Image:
    """The screenshot with one pixel for a CSS pixel."""
    return screenshot if screenshot.size == viewport else screenshot.resize(viewport, Image.Resampling.LANCZOS)


def visible_rect(box: Box, viewport: tuple[int, int]) -> Rect:
    """The part of the box that lies in the viewport, rounded outwards to whole pixels."""
    left, top = math.floor(box.x + 1e-6), math.floor(box.y + 1e-6)
    right, bottom = math.ceil(box.x + box.width - 1e-6), math.ceil(box.y + box.height - 1e-6)
    return max(left, 0), max(top, 0), min(right, viewport[0]), min(bottom, viewport[1])


def outline_of(side: int) -> int:
    """Width of the outline before scaling, so that it is 3 px wide or more afterwards."""
    return max(OUTLINE_PX, math.ceil(OUTLINE_PX * side / PICTURE_PX))


def side_for(width: int, height: int) -> int:
    """Side of the square for an element of this size."""
    fitting = (side for side in SIDES if max(width, height) + 2 * outline_of(side) <= side)
    return next(fitting, SIDES[-1])


def square_around(rect: Rect, viewport: tuple[int, int]) -> Square:
    """The square with the element in its middle, within the page where the page is large enough."""
    side = side_for(rect[2] - rect[0], rect[3] - rect[1])
    left, top = (_start((rect[axis] + rect[axis + 2]) / 2, side, viewport[axis]) for axis in (0, 1))
    return Square(left, top, side)


def _start(middle: float, side: int, length: int) -> int:
    if length <= side:
        return (length - side) // 2
    return min(max(round(middle - side / 2), 0), length - side)


def closeup(page: Image.Image, rect: Rect, square: Square, *, outlined: bool = True) -> Image.Image:
    """The picture: cut, outlined, scaled (224×224, RGB)."""
    left, top, side = square
    picture = Image.new("RGB", (side, side), BEYOND)
    seen = (max(left, 0), max(top, 0), min(left + side, page.width), min(top + side, page.height))
    picture.paste(page.crop(seen), (seen[0] - left, seen[1] - top))
    if outlined:
        moved = (rect[0] - left, rect[1] - top, rect[2] - left, rect[3] - top)
        draw_outline(picture, moved, outline_of(side))
    return picture.resize((PICTURE_PX, PICTURE_PX), Image.Resampling.BICUBIC)
