"""Values that a step does not spell out but points to: "the last word in the text area", "the order number".

read_source("the last word in the text area")   -> Source("text area", nth=-1, unit="word")
is_back_reference("the copied text")            -> True
take_piece("Red. Green. Blue.", Source("…", nth=2, unit="word"))   -> "Green."
"""

import re
from dataclasses import dataclass

_ORDINALS = {
    word: number
    for number, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 1
    )
} | {"last": -1, "final": -1}
_NTH = rf"(?P<nth>{'|'.join(_ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th))"
_OF = r"(?:in|of|from|inside|within|on|shown in|displayed in)"
_PIECE = re.compile(
    rf"^(?:the\s+)?{_NTH}\s+(?P<unit>word|letter|character|line|sentence|number)\s+{_OF}\s+(?P<what>.+)$", re.IGNORECASE
)
_WHOLE = re.compile(
    rf"^(?:the\s+)?(?:(?:whole|entire|full|same|exact)\s+)?(?:text|contents?|value|wording)\s+{_OF}\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    r"^(?:the\s+)?(?P<what>[\w -]+?)\s+(?:(?:that is\s+|which is\s+|as\s+)?(?:shown|displayed|given|printed|written)"
    r"(?:\s+(?:above|below|there|here|on (?:the|this) page))?|above|below)$",
    re.IGNORECASE,
)
_THERE = re.compile(r"\s+(?:above|below|here)$", re.IGNORECASE)
"""Where the reader of a page finds it, which says nothing about what it is."""
_BACK = re.compile(
    r"^(?:it|that|this|them|(?:the\s+)?(?:same|copied|noted|found|remembered|read)\s+(?:text|value|word|number|one|thing|"
    r"content)|(?:that|this)\s+(?:text|value|word|number|code)|what (?:you|was|has been) (?:copied|found|read|noted))"
    r"(?:\s+there)?$",
    re.IGNORECASE,
)
_UNITS = {
    "word": re.compile(r"\S+"),
    "letter": re.compile(r"[^\W\d_]"),
    "character": re.compile(r"\S"),
    "line": re.compile(r"[^\n]*\S[^\n]*"),
    "sentence": re.compile(r"[^.!?]+[.!?]?"),
    "number": re.compile(r"-?\d[\d,]*(?:\.\d+)?"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where on the page a value stands; `what` is empty for what an earlier part of the step has read."""

    what: str = ""
    nth: int = 0
    """Which of the units, from 1, or from the end; 0 for all of it."""
    unit: str = ""
    """word | letter | character | line | sentence | number."""


def read_source(text: str) -> Source | None:
    """The place that a phrase points to, or None when it is a value itself."""
    text = " ".join(text.split()).rstrip(".")
    piece = _PIECE.match(text)
    if piece:
        word = piece["nth"].lower()
        return Source(
            _THERE.sub("", piece["what"]), _ORDINALS.get(word) or int(re.sub(r"\D", "", word)), piece["unit"].lower()
        )
    match = _WHOLE.match(text) or _SHOWN.match(text)
    return Source(_THERE.sub("", match["what"])) if match else None


def is_back_reference(text: str) -> bool:
    """Whether a value is what was read before: "paste it", "enter the same text"."""
    return bool(_BACK.match(" ".join(text.split())))


def take_piece(text: str, source: Source) -> str | None:
    """The part of `text` that is meant; None when there is no such part."""
    if not source.nth:
        return text
    parts = [m[0].strip() for m in _UNITS[source.unit].finditer(text)]
    index = source.nth - 1 if source.nth > 0 else len(parts) + source.nth
    return parts[index] if 0 <= index < len(parts) else None
