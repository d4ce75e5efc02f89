"""Ctrl-C, and the signal with which a machine is taken away, end a run after its step, with a checkpoint.

with stop_requests() as stop:
    …
    if stop.asked: …
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
SAME_REQUEST_SECONDS = 3.0
"""A terminal and torchrun both pass one Ctrl-C on."""


@dataclass(slots=True)
class Stop:
    """Whether this process was told to stop."""

    asked: bool = False
    asked_at: float | None = None
    """When it was first, by `time.monotonic`."""


@contextmanager
def stop_requests() -> Iterator[Stop]:
    """Notes signals down instead of ending the process; another Ctrl-C, seconds later, ends it at once."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(number: int, _: Any) -> None:  # noqa: ANN401 - a frame
        now = time.monotonic()
        if stop.asked_at is not None and number == signal.SIGINT and now - stop.asked_at > SAME_REQUEST_SECONDS:
            raise KeyboardInterrupt
        stop.asked, stop.asked_at = True, stop.asked_at or now

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
