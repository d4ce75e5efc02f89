"""How many requests are in flight to one endpoint: fewer when it asks for it, more while it keeps up.

    pace = Pace(most=32)
    with pace.turn(timeout_s=5):       # waits for a place
        …
    pace.slow_down()                   # it was overloaded: half as many from now on
    pace.went_well()                   # one more after about as many answers as are in flight

Source: additive increase, multiplicative decrease, as TCP's, https://www.rfc-editor.org/rfc/rfc5681#section-3.1
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ONCE_S = 0.25
"""Refusals that come together are one sign of overload, not many."""


class Pace:
    """Counts and bounds.

    Args:
        most: In flight at the same time, and to begin with.
        clock: Seconds, monotonic.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self._clock = most, clock
        self._limit, self._in_flight, self._slowed = float(most), 0, -_ONCE_S
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """How many may be in flight now."""
        return int(self._limit)

    @contextmanager
    def turn(self, timeout_s: float) -> Iterator[None]:
        """Be in flight.

        Raises:
            TimeoutError: There was no place in time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._in_flight < self.limit, timeout_s):
                raise TimeoutError
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify()

    def slow_down(self) -> None:
        """The endpoint was overloaded."""
        with self._changed:
            if self._clock() - self._slowed >= _ONCE_S:
                self._limit, self._slowed = max(1.0, self._limit / 2), self._clock()

    def went_well(self) -> None:
        """It answered."""
        with self._changed:
            self._limit = min(float(self.most), self._limit + 1 / self._limit)
            self._changed.notify()
