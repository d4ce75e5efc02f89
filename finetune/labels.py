"""Whether a label is worth learning from: says something that its element does not, in English.

repeats_element("Add to cart.", "Add to cart", "<button>Add to cart</button>")      -> True
language_of("Öffnet den Warenkorb.")                                                -> "de"
"""

import re

_WORD = re.compile(r"\w+")
_NAMES = re.compile(r"(?:aria-label|title|alt|value|placeholder)=\"([^\"]*)\"")
_EMPTY_WORDS = frozenset({"a", "an", "the", "this", "button", "link", "icon"})
_QUOTED = re.compile(r"[\"“„«'‘][^\"”“»'’]*[\"”“»'’]")
_NAME = re.compile(r"(?<!^)(?<![.!?]\s)\b[A-ZÀ-ÖØ-Þ0-9][\w'’-]*")
_OWNER = re.compile(r"(?<!^)(?<![.!?]\s)\b[A-ZÀ-ÖØ-Þ][\w-]*['’]s\b")
"""Somebody's: without it "Edits Ada's comment." would be two words that are French as well."""
_FILLER = "la"
"""Nobody writes labels in Latin, but pages are filled with it."""
MARGIN = 3.0
"""How much more likely (log) another language must be than English: names are often foreign."""


def repeats_element(label: str, text: str, html: str) -> bool:
    """Whether the label has no word besides those of the element's text or of one name in its HTML."""
    said = _words(label)
    names = [text, *_NAMES.findall(html)]
    return bool(said) and any(said <= _words(name) for name in names)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold())) - _EMPTY_WORDS


def language_of(label: str) -> str:
    """ISO 639-1 code of the label's language; `en` where it cannot be told from English.

    What is quoted and what looks like a name is left out, since pages name things in every language.
    """
    plain = _NAME.sub(" ", _OWNER.sub(" its ", _QUOTED.sub(" ", label))).strip()
    if len(_WORD.findall(plain)) < 2 and plain.isascii():
        return "en"
    from py3langid import rank

    ranks = {code: score for code, score in rank(plain) if code != _FILLER}
    best = max(ranks, key=lambda code: ranks[code])
    return str(best) if ranks[best] - ranks["en"] > MARGIN else "en"
