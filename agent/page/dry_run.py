"""Finds out on which elements a delegated handler acts, by calling it where no call can have an effect.

    try_handlers(page)         # for every handler that the observing script could not understand by reading

DevTools' `throwOnSideEffect` stops a call at its first side effect, before it happens; the console uses it to show
results while one types. A handler that is stopped for a target acts on it. Whole groups of elements are tried at
once and split where something was stopped, so the number of calls grows with the elements acted on, not with all.
"""

import json
import time

from playwright.sync_api import CDPSession, Frame, Page

from magenta_qa.agent.page.script import OPEN, token
from magenta_qa.agent.page.sessions import default_contexts, with_sessions

_TIMEOUT_MS = 300
_MAX_CALLS = 400
_MAX_SECONDS = 3.0
"""For one process of a page and one round; what is not decided by then stays undecided."""


def try_handlers(page: Page) -> None:
    """Decide the open trials of every frame."""
    with_sessions(page, _try_in_session)


def _try_in_session(session: CDPSession, _frame: Frame) -> None:
    budget = _Budget()
    for context in list(default_contexts(session).values()):
        _Trials(session, context, budget).run()


class _Budget:
    """How many calls, and how much time, are left."""

    def __init__(self) -> None:
        self._calls = _MAX_CALLS
        self._until = time.monotonic() + _MAX_SECONDS

    def spend(self) -> None:
        """Count one call."""
        self._calls -= 1

    @property
    def is_spent(self) -> bool:
        """Whether no call is left."""
        return self._calls <= 0 or time.monotonic() > self._until


class _Trials:
    """The open trials of one frame."""

    def __init__(self, session: CDPSession, context: int, budget: _Budget) -> None:
        self._session = session
        self._context = context
        self._budget = budget

    def run(self) -> None:
        """Decide each of them and tell the script."""
        sizes = self._call("openTrials()", pure=False)
        if not isinstance(sizes, str):
            return
        for index, size in enumerate(json.loads(sizes)):
            acting = self._acting(index, size)
            self._call(f"settleTrial({index}, {json.dumps(acting)})", pure=False)

    def _acting(self, index: int, size: int) -> list[int] | None:
        """Which elements the handler acts on; None if it acts on its own container as well, or cannot be tried."""
        plain = self._find(index, size, False) if self._calm(index, False) else None
        if plain == []:
            return plain
        wrapped = self._find(index, size, True) if self._calm(index, True) else None
        if plain is None:
            return wrapped
        return [i for i in plain if i in set(wrapped)] if wrapped else plain

    def _calm(self, index: int, wrapped: bool) -> bool:
        return self._try(index, wrapped, 0, -1)

    def _find(self, index: int, size: int, wrapped: bool) -> list[int] | None:
        found: list[int] = []
        open_ranges = [(0, size)]
        while open_ranges:
            start, end = open_ranges.pop()
            if self._budget.is_spent:
                return None
            if self._try(index, wrapped, start, end):
                continue
            if end - start == 1:
                found.append(start)
            else:
                middle = (start + end) // 2
                open_ranges += [(start, middle), (middle, end)]
        return sorted(found)

    def _try(self, index: int, wrapped: bool, start: int, end: int) -> bool:
        """Whether the handler does nothing for these elements."""
        self._budget.spend()
        return self._call(f"tryOut({index}, {json.dumps(wrapped)}, {start}, {end})", pure=True) is not None

    def _call(self, call: str, pure: bool) -> object:
        answer = self._session.send(
            "Runtime.evaluate",
            {
                "expression": f'(() => {{ const token = "{token()}"; {OPEN} return api && api.{call}; }})()',
                "contextId": self._context,
                "throwOnSideEffect": pure,
                "timeout": _TIMEOUT_MS if pure else 5000,
                "silent": True,
                "returnByValue": True,
            },
        )
        return None if "exceptionDetails" in answer else answer["result"].get("value")
