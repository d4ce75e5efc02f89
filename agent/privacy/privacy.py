"""What one agent, recorder or crawler keeps to itself: the one place through which everything goes that is written.

    privacy = Privacy(selectors=(".balance",), secrets=Secrets({"PASSWORD": "hunter2"}))
    privacy.note(["Jane Roe"])                    # the page says that this is private
    privacy.mask("Jane Roe, jane@example.com")    -> "•••, •••"

Known are the values of named secrets, what looks private (`model.private_text`), and what was found on pages: passwords
as they were typed, and what stands in elements that are private because the page (`data-magenta-private`) or the team
(CSS selectors) says so.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import soupsieve

from magenta_qa.agent.secrets import Secrets, spellings
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.private_text import MASK, mask_html, mask_text

T = TypeVar("T")
MAX_NOTED = 5000
"""Values remembered at most; the oldest are forgotten."""
MAX_TYPED = 60
"""The same of those that are looked for in each picture."""
_MIN_NOTED = 4
_IDENTITIES = frozenset({"id", "path", "image", "after", "interaction", "group", "session", "worker"})
"""Fields that name files and rows."""


class Privacy:
    """Masks texts.

    Args:
        selectors: CSS selectors of what is private besides `data-magenta-private`.
        secrets: Named values.

    Raises:
        ConfigError: A selector that is none.
    """

    def __init__(self, selectors: Sequence[str] = (), secrets: Secrets | None = None) -> None:
        for selector in selectors:
            require_selector(selector)
        self.selectors = tuple(selectors)
        self.secrets = secrets or Secrets({})
        self._noted: dict[str, None] = {}
        self._typed: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def note(self, values: Iterable[str]) -> None:
        """Remember what was found on a page, to mask it wherever it turns up."""
        folded = (" ".join(value.split()) for value in values)
        new = [v for v in folded if len(v) >= _MIN_NOTED and v not in self._noted]
        if not new:
            return
        self._noted.update(dict.fromkeys(new))
        for old in list(self._noted)[: max(len(self._noted) - MAX_NOTED, 0)]:
            del self._noted[old]
        forms = {form for value in self._noted for form in spellings(value)}
        self._pattern = re.compile("|".join(map(_loosely, sorted(forms, key=len, reverse=True))))

    @property
    def noted(self) -> tuple[str, ...]:
        """What was remembered."""
        return tuple(self._noted)

    def take(self, found: Mapping[str, Any]) -> None:
        """Note what the script inside a page (`private.js`) has found.

        Raises:
            ConfigError: The browser does not know a selector, so that nothing it means would be hidden.
        """
        if found["bad"]:
            raise ConfigError(f"private: the browser does not read the CSS selector {found['bad'][0]!r}; write another")
        self.note(found["values"])
        for value in found["typed"]:
            self._typed.pop(value, None)
            self._typed[value] = None
        for old in list(self._typed)[: max(len(self._typed) - MAX_TYPED, 0)]:
            del self._typed[old]

    def wish(self) -> dict[str, list[str]]:
        """What a page's script (`private.js`) is to hide: what the selectors match, and what was secret in fields."""
        return {"selectors": list(self.selectors), "typed": list(self._typed)}

    def mask(self, text: str) -> str:
        """`text` without anything private."""
        return mask_text(self._known(text))

    def finds(self, text: str) -> bool:
        """Whether there is something private in `text`."""
        return self.mask(text) != text

    def mask_html(self, html: str) -> str:
        """The same for HTML."""
        return mask_html(self._known(html))

    def _known(self, text: str) -> str:
        text = self.secrets.mask(text)
        return self._pattern.sub(MASK, text) if self._pattern else text

    def mask_all(self, value: T) -> T:
        """The same for everything in a dataclass, list or mapping, but for what names files and rows."""
        return cast(T, self._masked(value, {}))

    def _masked(self, value: object, known: dict[str, str]) -> object:
        """The same; most texts of a trace occur in it many times, and are `known` after the first."""
        if isinstance(value, str):
            if value not in known:
                known[value] = self.mask(value)
            return known[value]
        if isinstance(value, Mapping):
            return {k: v if k in _IDENTITIES else self._masked(v, known) for k, v in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(self._masked(each, known) for each in value)
        if is_dataclass(value) and not isinstance(value, type):
            names = [f.name for f in fields(value) if f.name not in _IDENTITIES]
            return replace(value, **{name: self._masked(getattr(value, name), known) for name in names})
        return value


def require_selector(selector: str) -> None:
    """Refuse what is no CSS selector.

    Raises:
        ConfigError: It is none.
    """
    try:
        soupsieve.compile(selector)
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        message = f"private: {selector!r} is not a CSS selector ({reason}); write one such as .balance"
        raise ConfigError(message) from error


def _loosely(text: str) -> str:
    """The text, not as a part of a longer word, however its words are spaced."""
    before = r"(?<!\w)" if re.match(r"\w", text) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", text) else ""
    return before + r"\s+".join(map(re.escape, text.split())) + after
