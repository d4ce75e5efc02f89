"""Runs blocking Playwright calls so that neither an open dialog nor a page that never answers can hang them.

    calls = BoundedCalls()
    calls.run(lambda: element.click(), seconds=10)     # returns when clicked; raises Stopped after `calls.stop()`

Playwright's sync API waits for each answer in a greenlet and lets its event loop run meanwhile. A click that opens
`confirm()` gets no answer until somebody answers the dialog, and an `evaluate` in a page with an endless loop never
gets one. So the call gets a greenlet of its own here, which is left when an event handler or a timer says so.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


def driver_is_gone() -> bool:
    """Whether Playwright's driver has ended, and with it the event loop of this thread, which runs as long as it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


class Stopped(Exception):
    """A call was left before it had returned.

    Args:
        timed_out: Whether time was over; else an event handler stopped it.
    """

    def __init__(self, timed_out: bool) -> None:
        super().__init__("no answer in time" if timed_out else "stopped")
        self.timed_out = timed_out


class _Call(Generic[T]):
    """One call in a greenlet of its own, and what came of it."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._caller = getcurrent()
        self.worker = greenlet(self._body)
        self.values: list[T] = []
        self.error: Exception | None = None
        self.stopped: Stopped | None = None

    def _body(self) -> None:
        try:
            self.values.append(self._call())
        except Exception as error:
            self.error = error

    def leave(self, timed_out: bool) -> None:
        """Resume the caller; runs as a callback of the event loop, like Playwright's own resumptions."""
        if self.stopped is None and not self.worker.dead:
            self.stopped = Stopped(timed_out)
            self._caller.switch()


class BoundedCalls:
    """Runs calls, possibly nested; event handlers may stop the innermost one."""

    def __init__(self) -> None:
        self._running: list[_Call[object]] = []

    def run(self, call: Callable[[], T], seconds: float) -> T:
        """What `call` returns.

        Args:
            call: Makes any number of calls of Playwright's sync API; its `finally` blocks must not make any.
            seconds: After this time it is left.

        Raises:
            Stopped: It was left: it runs no further here; the browser may still finish what it had begun.
        """
        if driver_is_gone():
            return call()  # it fails at once
        task: _Call[T] = _Call(call)
        timer = asyncio.get_running_loop().call_later(seconds, task.leave, True)
        self._running.append(task)  # type: ignore[arg-type]
        try:
            # A greenlet that ends may switch here early; Playwright's own waits bear being resumed for nothing, too.
            while task.stopped is None and not task.worker.dead:
                task.worker.switch()
        finally:
            self._running.remove(task)  # type: ignore[arg-type]
            timer.cancel()
            task.worker.throw()
        if task.error is not None:
            raise task.error
        if task.stopped is not None and not task.values:
            raise task.stopped
        return task.values[0]

    def stop(self) -> None:
        """Leave the innermost call under way, if any; to be called from an event handler."""
        if self._running:
            asyncio.get_running_loop().call_soon(self._running[-1].leave, False)
