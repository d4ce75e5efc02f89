"""What a control looks like, for steps that say so: "the red button", "the white box", "all shades of green".

    split_look(read_target("the white colored box"))     -> Look("white", Target(phrase="", kinds=("field",)))
    of_colour("white", candidates, observation)          -> those that are white

Colours are read off the screenshot, so that it is all the same whether they come from a background, an icon, a drawing
or a picture. A colour word is one only where no control bears it as part of its name.
"""

import colorsys
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from magenta_qa.model.language.target import Target
from magenta_qa.model.schema import Box, Candidate, Observation

if TYPE_CHECKING:
    from PIL import Image

Rgb = tuple[int, int, int]
_HUES = ((14, "red"), (42, "orange"), (68, "yellow"), (165, "green"), (200, "cyan"), (258, "blue"), (288, "purple"),
         (345, "magenta"), (361, "red"))  # fmt: skip
"""Upper ends in degrees."""
COLOURS: dict[str, tuple[Rgb, frozenset[str]]] = {
    name: ((int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)), frozenset(families.split()))
    for name, code, families in (
        ("red", "ff0000", "red"), ("crimson", "dc143c", "red magenta"), ("maroon", "800000", "red"),
        ("orange", "ffa500", "orange"), ("brown", "a52a2a", "red orange"), ("beige", "f5f5dc", "yellow white"),
        ("yellow", "ffff00", "yellow"), ("gold", "ffd700", "yellow orange"), ("olive", "808000", "yellow"),
        ("green", "008000", "green"), ("lime", "00ff00", "green"), ("turquoise", "40e0d0", "cyan green"),
        ("teal", "008080", "cyan"), ("cyan", "00ffff", "cyan"), ("aqua", "00ffff", "cyan"), ("blue", "0000ff", "blue"),
        ("navy", "000080", "blue"), ("indigo", "4b0082", "purple"), ("purple", "800080", "purple magenta"),
        ("violet", "ee82ee", "purple magenta"), ("magenta", "ff00ff", "magenta"), ("fuchsia", "ff00ff", "magenta"),
        ("pink", "ffc0cb", "magenta red"), ("white", "ffffff", "white"), ("grey", "808080", "grey"),
        ("gray", "808080", "grey"), ("silver", "c0c0c0", "grey"), ("black", "000000", "black"),
    )
}  # fmt: skip
"""Name → a typical colour, and the families of hue in which it may lie."""
_LOOK = re.compile(
    rf"\b(?:(?:light|dark|bright|pale)\s+)?(?P<colour>{'|'.join(COLOURS)})(?:[\s-]+colou?red|[\s-]+in\s+colou?r)?\b",
    re.IGNORECASE,
)
_SHADES = frozenset(["shade", "shades", "tint", "tints", "tone", "tones", "hue", "hues"])
_THINGS = re.compile(
    r"\b(?:colou?red|colou?r|ones?|box(?:es)?|squares?|circles?|dots?|items?|elements?|things?|tiles?|blocks?|swatch(?:es)?|"
    r"areas?|fields?)\b",
    re.IGNORECASE,
)
_GREYISH = 0.12  # of saturation, and a quarter of full scale between channels, below which there is no hue
_INK = 0.02  # least share of a box that letters or an icon take
_SAMPLE_PX = 48  # a larger box is looked at in so many rows and columns
_CLEARLY = 40.0  # nearer to the colour than the next by this much, of 441 between black and white


@dataclass(frozen=True, slots=True)
class Look:
    """A colour that was asked for, and the target without it."""

    colour: str
    rest: Target


def names_colour(text: str) -> bool:
    """Whether a step or goal may mean something by its colour, so that a picture is needed to decide."""
    return _LOOK.search(text) is not None


def split_look(target: Target) -> Look | None:
    """The colour that a target names, and what is left of it; None where it names none."""
    if target.quoted or target.verb:
        return None
    phrase, relations = target.phrase, target.relations
    if phrase.lower() in _SHADES and relations and relations[0].phrase.lower() in COLOURS:
        phrase, relations = relations[0].phrase, relations[1:]
    match = _LOOK.search(phrase)
    if match is None:
        return None
    rest = f"{phrase[: match.start()]} {phrase[match.end() :]}"
    plain = " ".join(_THINGS.sub(" ", rest).split())
    kinds = tuple(k for k in target.kinds if k not in {"field", "textarea"})  # "box" is no field here
    return Look(match["colour"].lower(), replace(target, phrase=plain, full=plain, kinds=kinds, relations=relations))


def of_colour(name: str, found: Sequence[Candidate], observation: Observation) -> list[Candidate]:
    """Those of `found` that can be seen and have that colour."""
    image = _picture(observation)
    return [
        c
        for c in found
        if c.in_view and any(family_of(rgb) in COLOURS[name][1] for rgb in _seen(image, c, observation))
    ]


def nearest_colour(name: str, found: Sequence[Candidate], observation: Observation) -> list[Candidate]:
    """Of several of that colour the one that is clearly nearest to it, else all of them."""
    if len(found) < 2:
        return list(found)
    image, wanted = _picture(observation), COLOURS[name][0]
    near = sorted((min(math.dist(rgb, wanted) for rgb in _seen(image, c, observation)), c.mark) for c in found)
    if near[1][0] - near[0][0] < _CLEARLY:
        return list(found)
    return [c for c in found if c.mark == near[0][1]]


def family_of(rgb: Rgb) -> str:
    """The family of hue that a colour lies in."""
    hue, lightness, _ = colorsys.rgb_to_hls(*(channel / 255 for channel in rgb))
    spread = (max(rgb) - min(rgb)) / 255
    saturation = spread / max(max(rgb) / 255, 0.01)
    if spread < _GREYISH / 2 or saturation < _GREYISH:
        return "white" if lightness > 0.93 else "black" if lightness < 0.12 else "grey"
    return next(name for end, name in _HUES if hue * 360 < end)


def _seen(image: "Image.Image", candidate: Candidate, observation: Observation) -> list[Rgb]:
    """The colour that fills a control's box and, on white, grey or black, the most common other one."""
    left, top, right, bottom = _pixels(candidate.box, image, observation)
    if right - left < 1 or bottom - top < 1:
        return []
    size = (min(right - left, _SAMPLE_PX), min(bottom - top, _SAMPLE_PX))
    part = image.crop((left, top, right, bottom)).resize(size, 0)  # nearest: no colours that are not there
    counts: Counter[Rgb] = Counter()
    pixels = part.tobytes()
    for at in range(0, len(pixels), 3):
        counts[(pixels[at] & 0xF8, pixels[at + 1] & 0xF8, pixels[at + 2] & 0xF8)] += 1
    total = sum(counts.values())
    fill = max(counts, key=lambda rgb: counts[rgb])
    seen = [_full(fill)]
    if family_of(seen[0]) in {"white", "grey", "black"}:
        ink = {rgb: n for rgb, n in counts.items() if family_of(_full(rgb)) not in {"white", "grey", "black"}}
        if sum(ink.values()) >= _INK * total:
            seen.append(_full(max(ink, key=lambda rgb: ink[rgb])))
    return seen


def _full(rgb: Rgb) -> Rgb:
    """A colour of which the lowest three bits were dropped, back on the full scale."""
    r, g, b = (channel | channel >> 5 for channel in rgb)
    return r, g, b


def _pixels(box: Box, image: "Image.Image", observation: Observation) -> tuple[int, int, int, int]:
    scale = image.width / max(observation.viewport[0], 1)
    inset = 1 if min(box.width, box.height) > 8 else 0  # a border tells nothing
    left, top = (round((v + inset) * scale) for v in (box.x, box.y))
    right, bottom = (round((v - inset) * scale) for v in (box.x + box.width, box.y + box.height))
    return max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height)


def _picture(observation: Observation) -> "Image.Image":
    from magenta_qa.model.picture import decode  # with Pillow, which the start-up of the plugin must not pay for

    return decode(observation.screenshot)
