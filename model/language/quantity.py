"""How many of a thing are meant: "all posts", "both fields", "the first two rows", "2 items", "any of the links".

take_quantity("first two messages")   -> Quantity("messages", count=2)
take_quantity("all the posts")        -> Quantity("posts", count=0)
take_quantity("the Save button")      -> None
"""

import re
from dataclasses import dataclass

from magenta_qa.model.language.lexicon import lexicon, stem, words_of

NUMBERS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
ALL = 0
_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(NUMBERS)})"
_EVERY = re.compile(
    r"^(?:all(?:\s+of)?(?:\s+(?:the|these|those|my|his|her|its|their))?|every(?:\s+(?:single|one\s+of\s+the))?|"
    r"each(?:\s+and\s+every|\s+(?:one\s+)?of\s+the)?|both(?:\s+of)?(?:\s+the)?)\s+(?P<noun>\S.*)$",
    re.IGNORECASE,
)
_SOME = re.compile(
    rf"^(?:(?P<end>first|last|top|bottom)\s+)?(?P<number>{_NUMBER})(?:\s+of)?(?:\s+(?:the|these|those|my))?\s+"
    r"(?P<noun>\S.*)$",
    re.IGNORECASE,
)
_ANY = re.compile(r"^(?:any(?:\s+(?:one\s+)?of\s+the)?|some|an arbitrary|a random)\s+(?P<noun>\S.*)$", re.IGNORECASE)

_PERIOD = re.compile(
    rf"^(?:last|past|next)\s+{_NUMBER}\s+(?:seconds|minutes|hours|days|nights|weeks|months|quarters|years)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A noun and how many of it."""

    noun: str
    count: int
    """0 for all; n for the first n (or any n); -n for the last n."""


def take_quantity(text: str) -> Quantity | None:
    """The quantity that a phrase begins with; None where it names one thing.

    A number counts only before the plural of something that there can be several of: "2 posts", not "24 hours" nor
    "last 7 days", which is a period.
    """
    text = re.sub(r"^the\s+(?=(?:first|last|top|bottom)\s)", "", text, flags=re.IGNORECASE)
    every = None if text.startswith("All ") else _EVERY.match(text)  # "the All button" is called so
    if every:
        return Quantity(every["noun"], 2 if text.lower().startswith("both") else ALL)
    some = None if is_period(text) else _SOME.match(text)
    if (
        some
        and (some["end"] or is_countable(some["noun"]))
        and (is_plural(some["noun"]) or some["number"] in {"1", "one"})
    ):
        number = NUMBERS.get(some["number"].lower()) or int(some["number"])
        from_end = (some["end"] or "").lower() in {"last", "bottom"}
        return Quantity(some["noun"], -number if from_end else number) if number else None
    some_one = _ANY.match(text)
    return Quantity(some_one["noun"], 1) if some_one and is_countable(some_one["noun"]) else None


def is_period(text: str) -> bool:
    """Whether it begins as a stretch of time is called: "last 7 days"."""
    return bool(_PERIOD.match(text))


def is_countable(noun: str) -> bool:
    """Whether the first or last word is what controls or parts of a page are called."""
    words = words_of(re.split(r"\s(?:by|of|from|in|that|with)\s", noun)[0])
    named = {(stem(w),) for w in (words[:1] + words[-1:])}
    return bool(named & (lexicon().nouns.keys() | lexicon().containers.keys()))


def is_plural(noun: str) -> bool:
    """Whether a word of the noun, up to a preposition, is a plural."""
    words = words_of(re.split(r"\s(?:by|of|from|in|that|with)\s", noun)[0])
    return any(w.endswith("s") and not w.endswith("ss") for w in words) or bool({"people", "children"} & set(words))
