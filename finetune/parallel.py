"""Work on a stream in several processes, in order and with a bounded number of items in flight.

for result in parallel_map(prepare, rows, workers=4): ...
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

CHUNK = 32
"""Items that are sent to a process together."""


def parallel_map(work: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """`work` of each item, in order; memory holds some `2 × workers × CHUNK` of them at most.

    Args:
        work: A function of a module, since it is sent to other processes.
        items: Read as they are needed.
        workers: Processes; with one, everything happens in this one.
    """
    if workers <= 1:
        yield from map(work, items)
        return
    # Not forked: this process may have threads of pyarrow's, whose locks a fork would copy as they are.
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_leave_interrupts)
    waiting: deque[Future[list[R]]] = deque()
    try:
        for chunk in _chunks(items):
            waiting.append(pool.submit(_work_all, work, chunk))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal; the one that started the others ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    source = iter(items)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _work_all(work: Callable[[T], R], chunk: list[T]) -> list[R]:
    return [work(item) for item in chunk]
