"""Names that a step knows only in part: "the item that starts with "Be" and ends with "in"".

take_spelling("an item that starts with \\ue000", spans)   -> ("an item", Spelling(starts="Be"))
"""

import re
from dataclasses import dataclass

from magenta_qa.model.language.spans import Masked

_PART = r"(?:the\s+(?:letters?|characters?|words?|text|prefix|suffix)\s+)?(?P<{0}>[\ue000-\uf8ff]|\S+)"
_FIRST = re.compile(
    r"(?:^|\s+)(?:(?:that|which|whose (?:name|title|text|label))\s+(?P<verb>starts?|begins?|ends?|contains?|includes?)|"
    rf"(?P<ing>starting|beginning|ending))\s+(?:with\s+|in\s+)?{_PART.format('part')}",
    re.IGNORECASE,
)
_MORE = re.compile(
    rf"^\s*(?:,|and)\s+(?:that\s+|which\s+)?(?P<verb>starts?|begins?|ends?|contains?|starting|beginning|ending)\s+"
    rf"(?:with\s+|in\s+)?{_PART.format('part')}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a name must begin with, end with and contain, whatever the case of the letters."""

    starts: str = ""
    ends: str = ""
    contains: str = ""

    def fits(self, name: str) -> bool:
        """Whether a name is spelt so."""
        plain = " ".join(name.split()).casefold()
        edges = plain.startswith(self.starts.casefold()) and plain.endswith(self.ends.casefold())
        return bool(plain) and edges and self.contains.casefold() in plain


def take_spelling(text: str, spans: Masked) -> tuple[str, Spelling | None]:
    """The text without what it says of the spelling, and that; None where it says nothing."""
    first = _FIRST.search(text)
    if first is None:
        return text, None
    found = _set({}, first["verb"] or first["ing"], spans.restore(first["part"]))
    rest = text[first.end() :]
    while (more := _MORE.match(rest)) is not None:
        found = _set(found, more["verb"], spans.restore(more["part"]))
        rest = rest[more.end() :]
    return f"{text[: first.start()]}{rest}".strip(), Spelling(**found)


def _set(found: dict[str, str], verb: str, part: str) -> dict[str, str]:
    which = "ends" if verb.lower().startswith("end") else "contains" if verb.lower()[0] in "ci" else "starts"
    return {**found, which: part.strip(" .,")}
