"""What an icon looks like, small enough to be kept: equal on every page of an application, wherever it stands.

seen = print_of(views.element(box))         # Print(size=(16, 14), ink=uint8 [20, 20]), None of an empty picture
is_like(seen, print_of(other))              -> True for the same icon in another place or colour
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

SIDE = 20
"""Pixels of a print, each way."""
_BORDER_PX = 3
"""At the edge, left out: borders of buttons are no part of their icons."""
_LEAST_PX = 10
_FAINT, _INK = 24, 0.35
"""Ink of 255 below which there is nothing to see; part of the darkest that counts as ink."""
_FILLED = 0.95
"""Mean ink above which a picture is a swatch or a box, and no icon."""
_BLUR = 1.0
"""Standard deviation in pixels of a print: an icon drawn at another size falls on other pixels."""
_LARGER = 1.6
"""Times that one icon may be as large as elsewhere."""
LIKE = 0.9
"""Correlation of two prints of one icon; other icons of its set reach 0.83."""


class Print(NamedTuple):
    """Of an icon."""

    size: tuple[int, int]
    """Height and width in CSS pixels."""
    ink: np.ndarray
    """uint8 [SIDE, SIDE]."""


def print_of(picture: Image.Image) -> Print | None:
    """The print of an element; None where it is too small or shows nothing.

    Args:
        picture: Of the element alone, one pixel for a CSS pixel.
    """
    if min(picture.size) < _LEAST_PX:
        return None
    pixels = np.asarray(picture.convert("RGB"), dtype=np.int16)
    ground = np.median(pixels.reshape(-1, 3), axis=0)
    ink = np.abs(pixels - ground).max(axis=-1)[_BORDER_PX:-_BORDER_PX, _BORDER_PX:-_BORDER_PX]
    if ink.max() < _FAINT:
        return None
    drawn = ink > _INK * ink.max()
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    ink = 255 * ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / ink.max()
    if ink.mean() > 255 * _FILLED:
        return None
    height, width = ink.shape
    side = max(height, width)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = ink
    small = Image.fromarray(square).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return Print((height, width), np.asarray(small.filter(ImageFilter.GaussianBlur(_BLUR))))


def likeness(one: Print, other: Print) -> float:
    """How alike two icons are: from `LIKE` on, up to 1, they are the same."""
    smaller, larger = sorted((max(one.size), max(other.size)))
    return float((_normed(one.ink) * _normed(other.ink)).sum()) if larger <= _LARGER * smaller else 0.0


def _normed(ink: np.ndarray) -> np.ndarray:
    centred = ink - ink.mean()
    normed: np.ndarray = centred / max(float(np.linalg.norm(centred)), 1e-6)
    return normed
