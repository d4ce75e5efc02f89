"""Starts a blocking Playwright call and goes on while the browser works on it.

    picture = Started(lambda: session.send("Page.captureScreenshot"))
    facts = page.evaluate("…")                     # the browser does both at once
    picture.result()

Playwright's sync API waits in a greenlet and lets its event loop run meanwhile; here the waiting is done by a
greenlet of its own, so that the caller need not wait yet.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from greenlet import getcurrent, greenlet

from magenta_qa.agent.page.bounded import driver_is_gone

T = TypeVar("T")


class Started(Generic[T]):
    """A call that is under way.

    Args:
        call: One call of Playwright's sync API, or several.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._values: list[T] = []
        self._error: Exception | None = None
        self._worker = greenlet(self._body)
        caller = getcurrent()
        if not driver_is_gone():
            asyncio.get_running_loop().call_soon(caller.switch)
        self._worker.switch()

    def _body(self) -> None:
        try:
            self._values.append(self._call())
        except Exception as error:
            self._error = error

    def result(self) -> T:
        """What the call returns, as soon as it does; what it raised is raised here."""
        while not self._worker.dead:
            self._worker.switch()
        if self._error is not None:
            raise self._error
        return self._values[0]

    def abandon(self) -> None:
        """Wait no longer; the browser may still finish what it has begun."""
        self._worker.throw()
