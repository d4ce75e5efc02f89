"""Controls that show nothing but a colour: what these are called can be measured, no model is asked.

    colour_of(picture)      -> "yellow" of a swatch in a palette, "" of everything else

Grey, white and black are told of nothing: an empty box is drawn in them as well.
"""

import colorsys

import numpy as np
from PIL import Image

_LEAST_PX, _MOST_PX, _ROUND = 8, 40, 1.4
"""Sides of what is filled, and how much longer one may be than the other: larger ones are buttons."""
_PLAIN, _FULL = 0.97, 0.6
"""Parts that have the one colour: of the middle, where buttons bear an icon, and of all, which may have a border."""
_NEAR = 24
"""Difference at most of its pixels in one channel, of 255."""
_SATURATED, _DARK, _BROWN, _PALE = 0.3, 0.15, 0.65, 0.5
_HUES = (
    (14, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (195, "teal"), (252, "blue"), (292, "purple"),
    (342, "pink"), (361, "red"),
)  # fmt: skip
"""Degrees at which a colour ends."""


def colour_of(picture: Image.Image) -> str:
    """The colour that the picture of an element is filled with; empty where it shows something else.

    Args:
        picture: Of the element alone, one pixel for a CSS pixel.
    """
    if min(picture.size) < _LEAST_PX:
        return ""
    pixels = np.asarray(picture.convert("RGB"), dtype=np.int16)
    ring = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ink = ~_is_near(pixels, np.median(ring, axis=0))
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) and len(columns):
        pixels = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width, _ = pixels.shape
    shorter, longer = sorted((height, width))
    if shorter < _LEAST_PX or longer > min(_MOST_PX, _ROUND * shorter):
        return ""
    middle = pixels[height // 4 : -(height // 4), width // 4 : -(width // 4)]
    colour = np.median(middle.reshape(-1, 3), axis=0)
    if _is_near(middle, colour).mean() < _PLAIN or _is_near(pixels, colour).mean() < _FULL:
        return ""
    hue, saturation, value = colorsys.rgb_to_hsv(*(float(channel) / 255 for channel in colour))
    if saturation < _SATURATED or value < _DARK:
        return ""
    name = next(name for end, name in _HUES if hue * 360 < end)
    if name == "orange" and value < _BROWN:
        return "brown"
    return "pink" if name == "red" and saturation < _PALE else name


def _is_near(pixels: np.ndarray, colour: np.ndarray) -> np.ndarray:
    near: np.ndarray = np.abs(pixels - colour).max(axis=-1) <= _NEAR
    return near
