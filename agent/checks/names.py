"""Says how well a name in an expectation fits a name or an identifier on the page.

fit_name("Email", "E-mail address:")      -> PART
fit_name("cart", "Cart (3)")              -> FILLED      # exact, apart from fillers and counts
fit_token("cart", "cart panel")           -> STRIPPED    # of class="cart-panel"
fit_token("cart", "x ui cart", "x ui")    -> STRIPPED    # where most classes begin so
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from magenta_qa.agent.checks.compare import squeeze
from magenta_qa.agent.checks.phrases import singular

EXACT, FILLED, TOKEN, STRIPPED, PART = 100, 90, 80, 70, 40
FIRM = STRIPPED - 15  # from here on a name is meant, below it could be
_MANY, _MOST = 10, 0.5
"""Of how many different ids and classes, and of how large a share of them, what they begin with tells nothing."""
REMEMBERED = 20_000  # answers that are kept: the same names are compared again and again


_FILLERS = frozenset(
    [
        "the",
        "a",
        "an",
        "your",
        "my",
        "our",
        "to",
        "go",
        "proceed",
        "now",
        "here",
        "of",
        "and",
        "please",
        "this",
        "for",
        "new",
    ]
)
_AFFIXES = frozenset(
    [
        "panel",
        "section",
        "container",
        "box",
        "wrapper",
        "wrap",
        "area",
        "region",
        "block",
        "view",
        "pane",
        "page",
        "content",
        "list",
        "table",
        "widget",
        "card",
        "root",
        "main",
        "inner",
        "outer",
        "group",
        "form",
        "grid",
        "js",
        "app",
        "ui",
        "component",
        "holder",
        "element",
        "el",
        "btn",
        "button",
        "input",
        "field",
        "txt",
        "lbl",
        "label",
        "text",
        "value",
        "link",
        "icon",
        "display",
        "info",
        "field-wrapper",
        "mini",
        "small",
        "large",
    ]
)


@lru_cache(REMEMBERED)
def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words, singular, without punctuation."""
    return tuple(
        singular(word.replace("-", "")) for word in re.findall(r"[\w$€£%+#@.'\-&]*\w[\w%]*|[\w]", squeeze(text).lower())
    )


@lru_cache(REMEMBERED)
def _plain(text: str) -> str:
    return re.sub(r"\s*(?:\*|\(optional\)|\(required\)|:)\s*$", "", squeeze(text)).strip().casefold()


@lru_cache(REMEMBERED)
def _core(text: str) -> tuple[str, ...]:
    """Words without fillers, trailing counts and symbols: "Cart (3)" → ("cart",)."""
    bare = re.sub(r"\s*[\[(]?\d+\+?[\])]?\s*$", "", _plain(text)) or _plain(text)
    found = words_of(bare)
    return tuple(word for word in found if word not in _FILLERS) or found


@lru_cache(REMEMBERED)
def _count(text: str) -> str:
    """The number that a name ends with: "2" of "Task 2" and of "Inbox (2)"."""
    match = re.search(r"(\d+)\+?[\])]?\s*$", _plain(text))
    return match[1] if match else ""


@lru_cache(REMEMBERED)
def fit_name(wanted: str, name: str) -> int:
    """How well a visible or accessible name is what the expectation calls `wanted`; 0 when it is not.

    A count that only the page has is left out of account; one that the expectation has must be the same.
    """
    if not name or not wanted:
        return 0
    if _plain(wanted) == _plain(name):
        return EXACT
    count = _count(wanted)
    if count and count != _count(name):
        full = (*_core(wanted), count)
        return FILLED if full == _core(name) else PART if set(full) <= set(words_of(name)) else 0
    if _core(wanted) == _core(name) or "".join(_core(wanted)) == "".join(_core(name)):
        return FILLED
    return PART if set(_core(wanted)) <= set(words_of(name)) else 0


def begins(wanted: str, name: str) -> bool:
    """Whether a longer name begins with all of several words, and then explains itself: "Shop title, as seen"."""
    query = _core(wanted)
    return len(query) > 1 and _core(name)[: len(query)] == query


def fit_words(wanted: str, words: Iterable[str]) -> int:
    """The same for a name whose words stand in several places: class="badge" in the link "Cart" is the "cart badge"."""
    query = {*_core(wanted), *filter(None, [_count(wanted)])}
    return FIRM if len(query) > 1 and query <= {singular(word) for word in words} else 0


@lru_cache(REMEMBERED)
def fit_token(wanted: str, words: str, prefix: str = "") -> int:
    """The same for the words of an id, class or test id, which may begin with what most of the page begin with."""
    if prefix and words.startswith(f"{prefix} "):
        return max(fit_token(wanted, words), min(fit_token(wanted, words[len(prefix) + 1 :]), STRIPPED))
    query, token = _core(wanted), tuple(singular(word) for word in words.split())
    if not token or not query or (_count(wanted) and _count(wanted) not in token):
        return 0
    if query == token or "".join(query) == "".join(token):
        return TOKEN
    stripped = tuple(word for word in token if word not in _AFFIXES and not word.isdigit())
    if stripped and (query == stripped or tuple(w for w in query if w not in _AFFIXES) == stripped):
        return STRIPPED
    return PART - 10 if set(query) <= set(token) else 0


def shared_prefix(tokens: Iterable[str]) -> str:
    """What most classes and ids of a page begin with, which tells nothing: "red ui" of "red ui palette".

    What is an id or class by itself is a part of the page: the "cart" of "cart", "cart items" and "cart total".
    """
    split = {tuple(words.split()) for words in tokens}
    several = [words for words in split if len(words) > 1]
    prefix: tuple[str, ...] = ()
    while len(several) >= _MANY:
        longer = Counter(
            w[: len(prefix) + 1] for w in several if w[: len(prefix)] == prefix and len(w) > len(prefix) + 1
        )
        best, count = next(iter(longer.most_common(1)), (prefix, 0))
        if count < _MOST * len(several) or best in split:
            break
        prefix = best
    return " ".join(prefix)
