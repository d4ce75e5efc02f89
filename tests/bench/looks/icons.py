"""Icons drawn by code, as masks in any size.

    icon_mask("trash", 24, stroke=2) -> Image, mode "L", 24×24

Each is drawn on a grid of 24 units (the usual one of icon sets), four times as large, and scaled down.
"""

from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

GRID = 24
OVERSAMPLING = 4
Points = list[tuple[float, float]]


class Pen:
    """Draws in grid units.

    Args:
        size_px: Side of the final picture.
        stroke: Width of lines in grid units.
    """

    def __init__(self, size_px: int, stroke: float) -> None:
        self.scale = size_px * OVERSAMPLING / GRID
        self.width = max(1, round(stroke * self.scale))
        self.image = Image.new("L", (size_px * OVERSAMPLING,) * 2, 0)
        self._draw = ImageDraw.Draw(self.image)

    def line(self, *points: tuple[float, float]) -> None:
        """An open line with round joints and ends."""
        scaled = self._scaled(list(points))
        self._draw.line(scaled, fill=255, width=self.width, joint="curve")
        for x, y in (scaled[0], scaled[-1]):
            radius = self.width / 2
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)

    def ring(self, left: float, top: float, right: float, bottom: float) -> None:
        """The edge of an ellipse."""
        self._draw.ellipse(self._box(left, top, right, bottom), outline=255, width=self.width)

    def arc(self, box: tuple[float, float, float, float], start: float, end: float) -> None:
        """A part of an ellipse's edge, clockwise degrees from three o'clock."""
        self._draw.arc(self._box(*box), start, end, fill=255, width=self.width)

    def frame(self, left: float, top: float, right: float, bottom: float, radius: float = 1) -> None:
        """The edge of a rectangle."""
        box = self._box(left, top, right, bottom)
        self._draw.rounded_rectangle(box, radius * self.scale, outline=255, width=self.width)

    def fill(self, *points: tuple[float, float]) -> None:
        """A filled polygon."""
        self._draw.polygon(self._scaled(list(points)), fill=255)

    def disc(self, x: float, y: float, radius: float) -> None:
        """A filled circle."""
        self._draw.ellipse(self._box(x - radius, y - radius, x + radius, y + radius), fill=255)

    def _scaled(self, points: Points) -> Points:
        return [(x * self.scale, y * self.scale) for x, y in points]

    def _box(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return left * self.scale, top * self.scale, right * self.scale, bottom * self.scale


def _plus(pen: Pen) -> None:
    pen.line((12, 4), (12, 20))
    pen.line((4, 12), (20, 12))


def _minus(pen: Pen) -> None:
    pen.line((4, 12), (20, 12))


def _cross(pen: Pen) -> None:
    pen.line((5, 5), (19, 19))
    pen.line((19, 5), (5, 19))


def _check(pen: Pen) -> None:
    pen.line((4, 13), (10, 19), (20, 6))


def _trash(pen: Pen) -> None:
    pen.line((4, 6), (20, 6))
    pen.line((9, 6), (9, 3), (15, 3), (15, 6))
    pen.line((6, 6), (7, 21), (17, 21), (18, 6))
    pen.line((10, 10), (10, 17))
    pen.line((14, 10), (14, 17))


def _search(pen: Pen) -> None:
    pen.ring(3, 3, 16, 16)
    pen.line((14.5, 14.5), (21, 21))


def _home(pen: Pen) -> None:
    pen.line((3, 12), (12, 4), (21, 12))
    pen.line((6, 10), (6, 20), (18, 20), (18, 10))


def _left(pen: Pen) -> None:
    pen.line((20, 12), (4, 12))
    pen.line((10, 6), (4, 12), (10, 18))


def _right(pen: Pen) -> None:
    pen.line((4, 12), (20, 12))
    pen.line((14, 6), (20, 12), (14, 18))


def _menu(pen: Pen) -> None:
    for y in (6, 12, 18):
        pen.line((4, y), (20, y))


def _user(pen: Pen) -> None:
    pen.ring(8, 3, 16, 11)
    pen.arc((4, 14, 20, 28), 180, 360)


def _play(pen: Pen) -> None:
    pen.fill((7, 4), (20, 12), (7, 20))


def _download(pen: Pen) -> None:
    pen.line((12, 3), (12, 15))
    pen.line((7, 10), (12, 15), (17, 10))
    pen.line((4, 17), (4, 21), (20, 21), (20, 17))


def _lock(pen: Pen) -> None:
    pen.frame(5, 11, 19, 21)
    pen.arc((8, 3, 16, 17), 180, 360)


def _mail(pen: Pen) -> None:
    pen.frame(3, 5, 21, 19)
    pen.line((3, 7), (12, 14), (21, 7))


def _clock(pen: Pen) -> None:
    pen.ring(3, 3, 21, 21)
    pen.line((12, 7), (12, 12), (16, 14))


def _more(pen: Pen) -> None:
    for x in (5, 12, 19):
        pen.disc(x, 12, 2.2)


def _filter(pen: Pen) -> None:
    pen.line((3, 5), (21, 5), (14, 13), (14, 20), (10, 18), (10, 13), (3, 5))


ICONS: dict[str, Callable[[Pen], None]] = {
    "plus": _plus,
    "minus": _minus,
    "cross": _cross,
    "check": _check,
    "trash": _trash,
    "search": _search,
    "home": _home,
    "left": _left,
    "right": _right,
    "menu": _menu,
    "user": _user,
    "play": _play,
    "download": _download,
    "lock": _lock,
    "mail": _mail,
    "clock": _clock,
    "more": _more,
    "filter": _filter,
}
"""Name → how it is drawn."""


@lru_cache(maxsize=1024)
def icon_mask(name: str, size_px: int, stroke: float) -> Image.Image:
    """The icon as an opacity mask, mode "L"."""
    pen = Pen(size_px, stroke)
    ICONS[name](pen)
    return pen.image.resize((size_px, size_px), Image.Resampling.LANCZOS)
