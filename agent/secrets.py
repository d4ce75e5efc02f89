"""Secret values: put into the page when an action needs them, and masked everywhere else.

secrets = Secrets({"PASSWORD": "hunter2"})
secrets.resolve("${PASSWORD}")            -> "hunter2"     (only `execute` and `check` call this)
secrets.mask("https://a/?p=hunter2")      -> "https://a/?p=•••"
"""

import html
import json
import re
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

from magenta_qa.model.private_text import MASK

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Secrets:
    """Named secret values.

    Args:
        values: Name → value. Empty values are not secret.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self.values = tuple(v for v in dict.fromkeys(self._values.values()) if v)
        forms = {form for value in self.values for form in spellings(value)}
        ordered = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def resolve(self, text: str) -> str:
        """`text` with each known `${NAME}` replaced by its value; unknown ones stay."""
        return _PLACEHOLDER.sub(lambda m: self._values.get(m[1], m[0]), text)

    def mask(self, text: str) -> str:
        """`text` with every secret value, in any usual spelling, replaced by •••."""
        return self._pattern.sub(MASK, text) if self._pattern else text


def spellings(value: str) -> set[str]:
    """The value itself and as it stands in URLs, HTML and JSON."""
    return {value, quote(value, safe=""), quote(value), quote_plus(value), html.escape(value), json.dumps(value)[1:-1]}
