"""When the browser's requests were last answered: what an answer brings to a page comes a moment after it.

answers = Answers()
answers.note("fetch", "http://127.0.0.1:8000/api/cart")
answers.last()                                        -> 1234.5, of `time.monotonic()`
answers.last(but=["http://127.0.0.1:8000/icon.svg"])  -> the same without that one: a page's icon brings it nothing
"""

import time
from collections.abc import Collection

MAX_ASIDES = 50


class Answers:
    """The last answer, and those that the browser asked for without telling what for."""

    def __init__(self) -> None:
        self._last = 0.0
        self._asides: dict[str, float] = {}

    def note(self, kind: str, url: str) -> None:
        """A request was answered, or failed, just now.

        Args:
            kind: Playwright's resource type.
            url: What was asked for.
        """
        now = time.monotonic()
        if kind != "other" or len(self._asides) >= MAX_ASIDES:
            self._last = now
        else:
            self._asides[url] = now

    def last(self, but: Collection[str] = ()) -> float:
        """`time.monotonic()` of the last answer, other than those for the URLs in `but`; 0 where there was none."""
        return max([self._last, *(at for url, at in self._asides.items() if url not in but)])
