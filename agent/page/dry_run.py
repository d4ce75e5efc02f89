"""Finds out on which elements a delegated handler acts, by calling it where no call can have an effect.

    try_handlers(page)         # for every handler that the observing script could not understand by reading

DevTools' `throwOnSideEffect` stops a call at its first side effect, before it happens; the console uses it to show
results while one types. A handler that is stopped for a target acts on it. Whole groups of elements are tried at
once and split where something was stopped, so the number of calls grows with the elements acted on, not with all.
The few that the handler's own text speaks of are tried one by one from the start.
"""

import json
import time

from playwright.sync_api import CDPSession, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page.script import OPEN, token
from magenta_qa.agent.page.sessions import default_contexts, with_sessions

_TIMEOUT_MS = 300
_MAX_CALLS = 400
_FEW = 40  # more elements than that are tried in groups, whatever the handler's text says of them
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
        for index, (size, likely) in enumerate(json.loads(sizes)):
            acting = self._decide(index, size, likely)
            self._call(f"settleTrial({index}, {json.dumps(acting)})", pure=False)

    def _decide(self, index: int, size: int, likely: int) -> list[int] | None:
        start = size - likely if likely <= _FEW else size
        groups = [(0, start), *((i, i + 1) for i in range(start, size))]
        try:
            return self._acting(index, [group for group in groups if group[0] < group[1]])
        except PlaywrightError as error:
            if "terminated" not in error.message:  # "Execution was terminated": it took longer than _TIMEOUT_MS
                raise
            return None

    def _acting(self, index: int, groups: list[tuple[int, int]]) -> list[int] | None:
        """Which elements the handler acts on; None if it acts on its own container as well, or cannot be tried."""
        plain = self._find(index, groups, False) if self._calm(index, False) else None
        if plain == []:
            return plain
        wrapped = self._find(index, groups, True) if self._calm(index, True) else None
        if plain is None:
            return wrapped
        return [i for i in plain if i in set(wrapped)] if wrapped else plain

    def _calm(self, index: int, wrapped: bool) -> bool:
        return self._try(index, wrapped, 0, -1)

    def _find(self, index: int, groups: list[tuple[int, int]], wrapped: bool) -> list[int] | None:
        found: list[int] = []
        open_ranges = list(groups)
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
