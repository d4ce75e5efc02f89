"""Which rows are trained on and which are held out: by site where at least five are there, else by page, never by row.

    page_of("http://shop.test/orders/1174/items?page=2")   -> "/orders/{n}/items"
    group_of(row, "page")                                  -> "shop /orders/{n}/items"
    assign_splits({"shop /cart": 40, "shop /orders/{n}": 220, …}, earlier={"shop /cart": "test"})

A group stays where an earlier version of the dataset has put it, so that what an adapter was trained on is never held
out for a later one. New groups are taken in an order that depends on their names only.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from PIL import Image

from magenta_qa.finetune.row import Row
from magenta_qa.model.picture import decode

MIN_SITES = 5
HELD_OUT = {"test": 0.1, "validation": 0.1}
"""Share of the rows that is aimed at."""
MAX_EXCESS = 2.0
"""A group is not held out if the split would then have more than so many times its share."""

Rule = Literal["site", "page", "picture"]
"""`picture`, of data without any URL: by how the picture looks from afar, since no page is known."""

_LOOK = (8, 8)
"""Squares across and down whose brightness is compared with that of the square to the right."""
_LOOK_MARGIN = 8
"""Of 255; more than a thin outline changes the mean of a square."""
_UUID = re.compile(r"(?i)\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?")
_HEX = re.compile(r"(?i)(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}")
_TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[\w~=-]{10,}")
_DIGITS = re.compile(r"\d+")


def page_of(url: str) -> str:
    """The URL's path with numbers and ids replaced."""
    return "/".join(map(_segment, path_of(url).split("/"))).rstrip("/") or "/"


def path_of(url: str) -> str:
    """The URL's path, with the route in the fragment of an application that has it there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    route = parts.fragment.removeprefix("!")
    return (parts.path.rstrip("/") + route if route.startswith("/") else parts.path).split("?")[0]


def _segment(segment: str) -> str:
    if _UUID.fullmatch(segment) or _HEX.fullmatch(segment) or _TOKEN.fullmatch(segment):
        return "{id}"
    return _DIGITS.sub("{n}", segment)


def site_of(row: Row) -> str:
    """The application's name, else the host that its URL names."""
    if row.site:
        return row.site
    try:
        return urlsplit(row.url).hostname or ""
    except ValueError:
        return ""


def group_of(row: Row, rule: Rule) -> str:
    """Name of the group that is never divided between splits."""
    return site_of(row) if rule == "site" else page_group(row)


def page_group(row: Row) -> str:
    """Site and page; a row without a URL goes by the look of its picture."""
    if row.url:
        return f"{site_of(row)} {page_of(row.url)}"
    return f"{site_of(row)} look:{look_of(row.image)}"


def look_of(image: bytes) -> str:
    """The picture from afar, as 16 hexadecimal digits: outlines make no difference, other pages do.

    Raises:
        ObservationError: It cannot be decoded.
    """
    width, height = _LOOK
    small = decode(image).convert("L").resize((width + 1, height), Image.Resampling.BOX)
    pixels = small.tobytes()
    bits = 0
    for place in range(width * height):
        at = place // width * (width + 1) + place % width
        bits = bits << 1 | (pixels[at] > pixels[at + 1] + _LOOK_MARGIN)
    return f"{bits:016x}"


def assign_splits(sizes: Mapping[str, int], earlier: Mapping[str, str]) -> dict[str, str]:
    """Group → `train`, `validation` or `test`.

    Args:
        sizes: Group → rows.
        earlier: Group → split in the version before, made by the same rule.
    """
    splits = {group: earlier[group] for group in sizes if group in earlier}
    left = sorted((group for group in sizes if group not in splits), key=_order)
    total = sum(sizes.values())
    for split, share in HELD_OUT.items():
        has = sum(sizes[group] for group, where in splits.items() if where == split)
        spare = len(left) - ("train" not in splits.values())
        if split == "test" and "validation" not in splits.values() and spare > 1:
            spare -= 1
        taken = set(_held_out(left, sizes, has, share * total, spare))
        splits |= dict.fromkeys(taken, split)
        left = [group for group in left if group not in taken]
    return splits | dict.fromkeys(left, "train")


def _held_out(left: list[str], sizes: Mapping[str, int], has: int, aim: float, spare: int) -> list[str]:
    """The groups to take for one split: in order, none that is far too large, and at most `spare`."""
    taken: list[str] = []
    for group in left:
        if has >= aim or len(taken) >= spare:
            break
        nearer = has + sizes[group] / 2 < aim if has else sizes[group] <= MAX_EXCESS * aim
        if nearer:
            taken.append(group)
            has += sizes[group]
    if not has and spare > 0:
        return [min(left, key=lambda group: (sizes[group], _order(group)))]
    return taken


def _order(group: str) -> bytes:
    return hashlib.sha256(group.encode("utf-8", "surrogatepass")).digest()
