"""What was thrown or rejected, where the browser tells only "Object": the page is asked for it.

    reasons = Reasons()
    reasons.note(event, page)                          # Event(…, "exception", "Object", …)
    reasons.told(ask)  -> [(event, '{"code":7,"message":"no stock"}')]

The script `effect_reasons.js` of the recorder keeps them. The text is the page's own: not to be trusted.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from magenta_qa.agent.page.recorder import CALL
from magenta_qa.model.trace import Event

MAX_UNCLEAR = 20


class Reasons:
    """Exceptions that the browser does not explain, each until its page was asked once."""

    def __init__(self) -> None:
        self._unclear: list[tuple[Event, Page]] = []

    def note(self, event: Event, page: Page) -> None:
        """Remember an exception without a stack; a flood of them is cut."""
        if len(self._unclear) < MAX_UNCLEAR:
            self._unclear.append((event, page))

    def told(self, ask: Callable[[Callable[[], Any]], Any]) -> list[tuple[Event, str]]:
        """What the pages say; nothing of those that are gone or cannot answer.

        Args:
            ask: Makes a call to a page, in bounded time; None where that fails.
        """
        unclear, self._unclear = self._unclear, []
        found = []
        for page in dict.fromkeys(page for _, page in unclear):
            told: list[dict[str, str]] = ask(lambda page=page: page.evaluate(CALL, ["reasons", None])) or []  # type: ignore[misc]
            for event in (event for event, its_page in unclear if its_page is page):
                reason = next((r for r in told if r["text"] and r["sort"] == event.text.partition("(")[0]), None)
                if reason is not None:
                    told.remove(reason)
                    found.append((event, reason["text"]))
        return found

    def forget(self) -> None:
        """Nobody will ask any more."""
        self._unclear.clear()
