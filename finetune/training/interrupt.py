"""Ctrl-C, and the signal with which a machine is taken away, end a run after its step, with a checkpoint.

with stop_requests() as stop:
    …
    if stop.asked: …
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Stop:
    """Whether this process was told to stop."""

    asked: bool = False


@contextmanager
def stop_requests() -> Iterator[Stop]:
    """Notes signals down instead of ending the process; a second Ctrl-C ends it at once."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(number: int, _: Any) -> None:  # noqa: ANN401 - a frame
        if stop.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.asked = True

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
