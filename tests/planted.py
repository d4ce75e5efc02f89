"""Searches everything below a folder for what `pages/private.html` holds: the bytes of each file, opened if packed, and
the pixels of each picture (what is private is drawn in red there, and nothing else is)."""

import gzip
import io
import json
import re
from pathlib import Path

from PIL import Image, ImageChops

PLANTED = (
    *(
        "planted.ada",
        "planted.field",
        "planted.area",
        "planted.option",
        "planted.below",
        "planted.frame",
        "planted.closed",
    ),
    *("4111 1111", "5500-0000", "90182777", "555-0132", "482913", "771204", "planted-token-1", "planted-password"),
    *("Planted Holder", "Planted Person", "Hidden Lane", "Planted Balance", "Planted Button", "Planted Frame"),
    *("Planted Title", "Planted Remark", "Planted Letter"),
    *("DE89 3704", "078-05-1120", "555-0198", "planted.bearer", "planted.written", "planted.slanted", "planted.drawn"),
    *("planted.image", "planted.missing", "planted.beside", "90215", "planted.listed", "planted.pressed", "9341"),
    *("planted-veiled", "5550171", "planted-shown", "planted.boxed", "planted.cross"),
)
SELECTORS = (".balance",)


def leaks(folder: Path) -> list[str]:
    """What was found, and where."""
    return [f"{path.relative_to(folder)}: {found}" for path in files(folder) for found in leaks_of(path)]


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def leaks_of(path: Path) -> list[str]:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if path.suffix in (".webp", ".png", ".jpg"):
        return [f"{red_pixels(content)} red pixels"] if red_pixels(content) else []
    escaped = {word: json.dumps(word)[1:-1] for word in PLANTED}
    return [word for word in PLANTED if any(_is_in(form, content) for form in (word, escaped[word]))]


def _is_in(word: str, content: bytes) -> bool:
    """A code of a few digits is looked for by itself: digests and times have any digits in them."""
    if not word.isdigit():
        return word.encode() in content
    return re.search(rf"(?<![0-9a-f.]){word}(?![0-9a-f])".encode(), content) is not None


def red_pixels(picture: bytes) -> int:
    """Pixels that are clearly more red than green and blue."""
    red, green, blue = Image.open(io.BytesIO(picture)).convert("RGB").split()
    reddish = ImageChops.subtract(red, ImageChops.lighter(green, blue)).point(lambda v: 255 if v > 60 else 0)
    return sum(count for count, value in reddish.getcolors() or [] if value)


def blue_pixels(picture: bytes) -> int:
    """The same for what must still be seen."""
    red, green, blue = Image.open(io.BytesIO(picture)).convert("RGB").split()
    bluish = ImageChops.subtract(blue, ImageChops.lighter(green, red)).point(lambda v: 255 if v > 60 else 0)
    return sum(count for count, value in bluish.getcolors() or [] if value)
