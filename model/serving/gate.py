"""How many requests are inside, and the pause in which a model is swapped.

gate = Gate(most=64)
async with gate.enter():        # Refused with 429 and Retry-After where 64 are inside
    …
async with gate.paused():       # those inside end first, those that come wait (and count)
    …
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from magenta_qa.model.serving.asked import Refused

_LONGEST_S = 60
_FIRST_S = 0.5
"""Between two answers, until more is known."""
_REMEMBERED = 30
"""Answers over which the time between two is averaged."""
_FEW = 8
"""So many are let in however long an answer takes."""


class Gate:
    """Counts requests; belongs to one event loop.

    Args:
        most: That may be inside, those that wait counted in.
        longest_s: Nobody is let in who would wait longer than that at the present pace: clients give up.
        clock: Seconds, monotonic.
    """

    def __init__(self, most: int, longest_s: float = 15.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self._longest_s, self._clock = most, longest_s, clock
        self.inside = 0
        self._working = 0
        self._open = asyncio.Event()
        self._open.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._between_s, self._last, self._known = _FIRST_S, 0.0, 1

    @property
    def is_paused(self) -> bool:
        """Whether those that come have to wait."""
        return not self._open.is_set()

    @property
    def _wait_s(self) -> float:
        return self.inside * self._between_s

    @property
    def retry_after_s(self) -> int:
        """When half of those that are inside will have been answered, at the present pace; whole seconds."""
        return max(1, min(_LONGEST_S, math.ceil(self._wait_s / 2)))

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Be inside.

        Raises:
            Refused: Too many are.
        """
        if self.inside >= self.most or (self.inside >= _FEW and self._wait_s > self._longest_s):
            raise Refused(
                429,
                f"{self.inside} requests are inside, for about {self._wait_s:.0f} s; expected at most {self.most} and "
                f"{self._longest_s:.0f} s; come again after Retry-After",
                self.retry_after_s,
            )
        self.inside += 1
        try:
            while not self._open.is_set():
                await self._open.wait()
            self._working += 1
            self._idle.clear()
            try:
                yield
            finally:
                self._working -= 1
                if not self._working:
                    self._idle.set()
                self._note()
        finally:
            self.inside -= 1
            if not self.inside:
                self._last = 0.0  # the time until the next comes is nobody's work

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Nobody works meanwhile; those inside end first."""
        self._open.clear()
        try:
            await self._idle.wait()
            yield
        finally:
            self._open.set()

    def _note(self) -> None:
        now = self._clock()
        if self._last:
            self._known = min(self._known + 1, _REMEMBERED)
            self._between_s += (now - self._last - self._between_s) / self._known
        self._last = now
