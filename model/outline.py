"""The magenta outline: how wide it is, and where it lies around an element.

draw_outline(image, (812, 340, 844, 372))     # 3 px, #FF00FF, just outside, clamped to the picture
"""

from PIL import Image

MAGENTA = (255, 0, 255)
OUTLINE_PX = 3

Rect = tuple[int, int, int, int]
"""left, top, right, bottom in pixels of a picture; right and bottom excluded."""


def draw_outline(image: Image.Image, rect: Rect, width: int = OUTLINE_PX) -> None:
    """Draw the magenta outline just outside of `rect`, clamped to the picture; changes `image`."""
    for bar in outline_bars(image.size, rect, width):
        image.paste(MAGENTA, bar)


def outline_bars(size: tuple[int, int], rect: Rect, width: int) -> tuple[Rect, Rect, Rect, Rect]:
    """The four bars that it is made of."""
    left = min(max(rect[0] - width, 0), max(size[0] - 2 * width, 0))
    top = min(max(rect[1] - width, 0), max(size[1] - 2 * width, 0))
    right = max(min(rect[2] + width, size[0]), left + width)
    bottom = max(min(rect[3] + width, size[1]), top + width)
    return (
        (left, top, right, top + width),
        (left, bottom - width, right, bottom),
        (left, top, left + width, bottom),
        (right - width, top, right, bottom),
    )
