"""Pages drawn with Pillow: 8 to 14 elements with a word, a random string or an icon; no HTML anywhere.

    draw_page(seed=7, held_out=False, fonts=find_fonts()) -> Page
    page.pixels   (288, 288, 3) uint8
    page.boxes    [(14, 9, 61, 30), …]     x, y, width, height in pixels
    page.names    ["Miwuto", "k7xq", "trash icon", …]

Sizes, fonts, colours, frames, gaps and order vary. Elements flow from left to right in rows, as in a tool bar.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from looks.icons import ICONS, icon_mask
from looks.words import WordMaker

SIDE = 288
"""Of a page, pixels."""
MIN_ELEMENTS, MAX_ELEMENTS = 8, 14
MAX_WIDTH = 100
"""Of an element: it must fit the model's window with its outline."""
FONT_PX = (12, 18)
ICON_PX = (20, 32)
ICON_SUFFIX = " icon"
SHARES = {"word": 0.5, "string": 0.12, "icon": 0.38}
"""How often an element has which face."""
Color = tuple[int, int, int]

_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "C:/Windows/Fonts")
_FONT_NAMES = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansCondensed", "DejaVuSerif", "DejaVuSansMono"),
    *("LiberationSans-Regular", "LiberationSerif-Regular", "Roboto-Regular", "NotoSans-Regular", "Arial", "Verdana"),
)
BUILT_IN = ""
"""Stands for the font that Pillow carries."""


@dataclass(frozen=True, slots=True)
class Page:
    """One drawn page."""

    pixels: Image.Image
    boxes: tuple[tuple[int, int, int, int], ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Face:
    """What an element shows."""

    name: str
    icon: str
    width: int
    height: int
    font: FreeTypeFont | None


@dataclass(frozen=True, slots=True)
class _Style:
    """How the elements of one page look."""

    background: Color
    fill: Color
    ink: Color
    edge: Color | None
    radius: int
    padding: tuple[int, int]
    stroke: float


def find_fonts(extra: Sequence[Path] = ()) -> tuple[str, ...]:
    """Pillow's own font and those of the usual ones that this machine has; paths."""
    folders = [Path(folder) for folder in (*_FONT_FOLDERS, *extra)]
    found = {path.stem: str(path) for folder in folders if folder.is_dir() for path in folder.rglob("*.[to]tf")}
    return (BUILT_IN, *(found[name] for name in _FONT_NAMES if name in found))


def draw_page(seed: int, *, held_out: bool, fonts: Sequence[str], plain: bool = False) -> Page:
    """One page; the same seed gives the same page.

    Args:
        seed: Of all that is left to chance.
        held_out: Use the texts for testing.
        fonts: Paths.
        plain: Dark on white; the rest varies as elsewhere.
    """
    chance = random.Random(seed)
    while True:
        page = _attempt(chance, held_out, fonts, _plain_style(chance) if plain else _style(chance))
        if len(page.boxes) >= MIN_ELEMENTS:
            return page


def _attempt(chance: random.Random, held_out: bool, fonts: Sequence[str], style: _Style) -> Page:
    words = WordMaker(chance.randrange(2**62), held_out=held_out)
    image = Image.new("RGB", (SIDE, SIDE), style.background)
    draw = ImageDraw.Draw(image)
    boxes: list[tuple[int, int, int, int]] = []
    names: list[str] = []
    wanted = chance.randint(MIN_ELEMENTS, MAX_ELEMENTS)
    faces = (_face(chance, words, fonts, style, set(names)) for _ in range(wanted))
    for face, x, y in _flow(chance, faces):
        _draw_element(image, draw, face, style, (x, y))
        boxes.append((x, y, face.width, face.height))
        names.append(face.name)
    return Page(image, tuple(boxes), tuple(names))


def _flow(chance: random.Random, faces: Iterator[_Face]) -> Iterator[tuple[_Face, int, int]]:
    """Each face with its place, in rows from the top; stops where the page is full."""
    left = chance.randint(6, 40)
    x, y, row_height = left, chance.randint(6, 16), 0
    for face in faces:
        if x + face.width > SIDE - 6 or (row_height and chance.random() < 0.25):
            x, y, row_height = left + chance.randint(0, 12), y + row_height + chance.randint(7, 14), 0
        if y + face.height > SIDE - 6:
            return
        yield face, x, y
        x += face.width + chance.randint(7, 18)
        row_height = max(row_height, face.height)


def _face(chance: random.Random, words: WordMaker, fonts: Sequence[str], style: _Style, taken: set[str]) -> _Face:
    """A face that the page does not have yet."""
    while True:
        kind = chance.choices(list(SHARES), list(SHARES.values()))[0]
        icon = chance.choice(list(ICONS)) if kind == "icon" else ""
        name = icon + ICON_SUFFIX if icon else words.word() if kind == "word" else words.string()
        if name in taken:
            continue
        if icon:
            side = chance.randint(*ICON_PX)
            return _Face(name, icon, side + style.padding[1] * 2, side + style.padding[1] * 2, None)
        font = _font(chance.choice(fonts), chance.randint(*FONT_PX))
        width = round(font.getlength(name)) + style.padding[0] * 2
        if width <= MAX_WIDTH:
            return _Face(name, "", width, sum(font.getmetrics()) + style.padding[1] * 2, font)


@lru_cache(maxsize=256)
def _font(path: str, size_px: int) -> FreeTypeFont:
    font = ImageFont.truetype(path, size_px) if path else ImageFont.load_default(size_px)
    if not isinstance(font, FreeTypeFont):
        raise RuntimeError("this Pillow was built without FreeType, which drawing text in sizes needs")
    return font


def _style(chance: random.Random) -> _Style:
    background = _color(chance)
    filled = chance.random() < 0.6
    fill = _color(chance) if filled else background
    ink = _contrasting(chance, fill)
    edge = _contrasting(chance, background, least=40) if not filled or chance.random() < 0.3 else None
    padding = (chance.randint(5, 10), chance.randint(2, 6))
    return _Style(background, fill, ink, edge, chance.choice((0, 3, 6, 12)), padding, chance.choice((1.5, 2.0, 2.5)))


def _plain_style(chance: random.Random) -> _Style:
    varied = _style(chance)
    edge = (150, 150, 150) if varied.edge else None
    return replace(varied, background=(255, 255, 255), fill=(240, 240, 240), ink=(20, 20, 20), edge=edge)


def _color(chance: random.Random) -> Color:
    """Often near white or near black, as pages are; never near the outline's magenta."""
    kind = chance.random()
    if kind < 0.5:
        low, high = 215, 255
    elif kind < 0.7:
        low, high = 0, 60
    else:
        low, high = 0, 255
    while True:
        color = (chance.randint(low, high), chance.randint(low, high), chance.randint(low, high))
        if not (color[0] > 150 and color[2] > 100 and color[1] < 110):
            return color


def _contrasting(chance: random.Random, background: Color, least: float = 110) -> Color:
    while True:
        color = _color(chance)
        if abs(_luminance(color) - _luminance(background)) >= least:
            return color


def _luminance(color: Color) -> float:
    return 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]


def _draw_element(
    image: Image.Image, draw: ImageDraw.ImageDraw, face: _Face, style: _Style, corner: tuple[int, int]
) -> None:
    x, y = corner
    box = (x, y, x + face.width - 1, y + face.height - 1)
    draw.rounded_rectangle(box, min(style.radius, face.height // 2), fill=style.fill, outline=style.edge)
    if face.font is None:
        mask = icon_mask(face.icon, face.width - style.padding[1] * 2, style.stroke)
        image.paste(style.ink, (x + style.padding[1], y + style.padding[1]), mask)
    else:
        draw.text((x + style.padding[0], y + style.padding[1]), face.name, fill=style.ink, font=face.font)
