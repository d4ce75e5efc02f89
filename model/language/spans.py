"""Parts of a step that are taken as they stand: quoted text, `${NAME}`, URLs, e-mail addresses, passwords with "!".

    masked = mask('Type "salt, and click" into Notes')
    masked.text                 -> 'Type \\ue000 into Notes'
    masked.restore("\\ue000")     -> 'salt, and click'

Each is replaced by one private-use character, so that nothing in it is ever split or read as an instruction.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

FIRST = 0xE000
LAST = 0xF8FF
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_SPAN = re.compile(
    r"""
      "(?P<double>[^"\n]*)"
    | [“„](?P<curly>[^“”„\n]*)[”“]
    | «(?P<angle>[^«»\n]*)»
    | `(?P<tick>[^`\n]*)`
    | (?<![^\s(\[:=/,])'(?P<single>[^\n]*?\S?)'(?![^\s.,;:!?)\]/>])
    | (?<![^\s(\[:=/,])‘(?P<high>[^\n]*?)’(?![^\s.,;:!?)\]/>])
    | (?P<secret>\$\{[A-Za-z_][A-Za-z0-9_]*\})
    | (?P<url>\b(?:https?|file|about|data):[^\s,;"'<>]*[^\s,;"'<>.!?)])
    | (?P<email>[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+)
    """,
    re.VERBOSE,
)
_LOUD_SECRET = re.compile(
    r"(?P<before>\b(?:pass(?:word|phrase|code)|pwd?)\s*(?:\b(?:is|to|with|as)\b|[:=])?\s*|"
    r"\b(?:log|sign) in (?:as|with) \S+ ?(?:/|,|and|with|using) ?)"
    r"(?P<secret>(?<=[\s:=/,])(?!(?:now|again|twice|first)!)[^\s\ue000-\uf8ff]*\w!+)(?=[.,;]*(?:\s|$))",
    re.IGNORECASE,
)
"""A password that ends with an exclamation mark, which does not end the sentence."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text whose protected parts are single private-use characters."""

    text: str
    values: tuple[str, ...]
    quoted: tuple[bool, ...]
    """Whether the part stood in quotes."""

    def restore(self, text: str) -> str:
        """`text` with the protected parts put back, without their quotes."""
        return _PRIVATE.sub(lambda m: self._value(m[0]), text)

    def verbatim(self, text: str) -> str:
        """`text` with the protected parts put back, quoted ones in quotes."""
        return _PRIVATE.sub(lambda m: f'"{self._value(m[0])}"' if self.is_quoted(m[0]) else self._value(m[0]), text)

    def _value(self, char: str) -> str:
        index = ord(char) - FIRST
        return self.values[index] if index < len(self.values) else ""

    def is_quoted(self, char: str) -> bool:
        """Whether this character stands for a quoted part."""
        index = ord(char) - FIRST
        return index < len(self.quoted) and self.quoted[index]


def protected(text: str) -> list[str]:
    """The characters of `text` that stand for protected parts."""
    return _PRIVATE.findall(text)


def is_protected(text: str) -> bool:
    """Whether `text` is one protected part and nothing else."""
    return len(text) == 1 and FIRST <= ord(text) <= LAST


def mask(text: str, labels: Iterable[str] = ()) -> Masked:
    """`text` with its protected parts replaced.

    Args:
        text: A step in a tester's words.
        labels: Names of controls on the page; one with "and", "then", "before" or a comma that stands in the step word
            for word is kept in one piece ("Click Save and close").
    """
    values: list[str] = []
    quoted: list[bool] = []

    def keep(value: str, is_quote: bool) -> str:
        if len(values) > LAST - FIRST:
            return value
        values.append(value)
        quoted.append(is_quote)
        return chr(FIRST + len(values) - 1)

    def replace(match: re.Match[str]) -> str:
        name = match.lastgroup or ""
        return keep(match[name], name not in {"secret", "url", "email"})

    result = _SPAN.sub(replace, _PRIVATE.sub("", text))
    result = _LOUD_SECRET.sub(lambda m: m["before"] + keep(m["secret"], is_quote=False), result)
    for label in sorted(_compound(labels, result), key=len, reverse=True):
        result = re.sub(rf"(?<!\w){re.escape(label)}(?!\w)", lambda m: keep(m[0], True), result, flags=re.IGNORECASE)
    return Masked(result, tuple(values), tuple(quoted))


def _compound(labels: Iterable[str], text: str) -> set[str]:
    lower = text.lower()
    found = {" ".join(label.split()) for label in labels if " " in label and len(label) <= 80}
    return {x for x in found if re.search(r"\band\b|\bthen\b|\bbefore\b|,|>", x, re.IGNORECASE) and x.lower() in lower}
