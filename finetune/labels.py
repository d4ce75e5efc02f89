"""Whether a label is worth learning from: says something that its element does not, in English.

repeats_element("Add to cart.", "Add to cart", "<button>Add to cart</button>")      -> True
language_of("Öffnet den Warenkorb.", "Warenkorb", "<button>Warenkorb</button>")      -> "de"
"""

import re

_WORD = re.compile(r"\w+")
_NAMES = re.compile(r"(?:aria-label|title|alt|value|placeholder)=\"([^\"]*)\"")
_EMPTY_WORDS = frozenset({"a", "an", "the", "this", "button", "link", "icon"})
_QUOTED = re.compile(r"[\"“„«'‘][^\"”“»'’]*[\"”“»'’]")
_NAME = re.compile(r"(?<!^)(?<![.!?]\s)\b[A-ZÀ-ÖØ-Þ0-9][\w'’-]*")
_OWNER = re.compile(r"(?<!^)(?<![.!?]\s)\b[A-ZÀ-ÖØ-Þ][\w-]*['’]s\b")
"""Somebody's: without it "Edits Ada's comment." would be two words that are French as well."""
_CODE = re.compile(r"(?<!\S)[!-~…]*(?:[/\\_@#$=<>|0-9]|\w[.:]\w)[!-~…]*(?!\S)", re.ASCII)
"""An address, a file, an identifier or a number, such as "trac.ini"."""
_SAID = 3
"""Characters that an element must say at least for a label to be taken to quote it."""
_FILLER = "la"
"""Nobody writes labels in Latin, but pages are filled with it."""
MARGIN = 3.0
"""How much more likely (log) another language must be than English: names are often foreign."""
SHORT_MARGIN = 15.0
"""The same for no word at all, less `MARGIN` for each: "Deletes comment." are two words that are French, too. Of 1,293
English messages of interfaces of at most 12 words 12 are taken for another language so (with `MARGIN` alone 76), of
those in German, French, Spanish and Italian 83 to 93 % are told, of Chinese, Japanese, Korean and Russian all."""


def repeats_element(label: str, text: str, html: str) -> bool:
    """Whether the label has no word besides those of the element's text or of one name in its HTML."""
    said = _words(label)
    names = [text, *_NAMES.findall(html)]
    return bool(said) and any(said <= _words(name) for name in names)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold())) - _EMPTY_WORDS


def language_of(label: str, text: str = "", html: str = "") -> str:
    """ISO 639-1 code of the label's language; `en` where it cannot be told from English.

    Pages name things in every language, and without names little may be left that can be told ("Opens … under …." is
    Swedish as well), so that a label must be in another language both as it stands and without what is quoted, stands
    on its element or looks like a name or an identifier.

    Args:
        label: It.
        text: The element's text.
        html: What surrounds it, with its names.
    """
    plain = _NAME.sub(" ", _OWNER.sub(" its ", _CODE.sub(" ", _without_quotes(label, [text, *_NAMES.findall(html)]))))
    words = len(_WORD.findall(plain))
    if words < 2 and plain.isascii():
        return "en"
    margin = max(MARGIN, SHORT_MARGIN - words * MARGIN) if plain.isascii() else MARGIN
    languages = [_likeliest(each, margin) for each in (label, plain.strip())]
    return "en" if "en" in languages else languages[0]


def _without_quotes(label: str, said: list[str]) -> str:
    """The label without what is in quotation marks, and without what its element says."""
    folded = label.casefold()
    names = {name for name in map(str.strip, said) if len(name) >= _SAID and name.casefold() in folded}
    for name in sorted(names, key=len, reverse=True):
        label = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", label, flags=re.IGNORECASE)
    return _QUOTED.sub(" ", label)


def _likeliest(text: str, margin: float) -> str:
    """The likeliest language, if it is by more than `margin` (log) likelier than English; else `en`."""
    from py3langid import rank

    ranks = {code: score for code, score in rank(text) if code != _FILLER}
    best = max(ranks, key=lambda code: ranks[code])
    return str(best) if ranks[best] - ranks["en"] > margin else "en"
