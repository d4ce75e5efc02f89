"""Many jobs in worker threads, where the few that take far longer than the others are begun a second time.

    outcomes = gather(pool, jobs, budget_s=60, hedge=Hedge(after_s=2.0))
    -> ["answer", TimeoutError(), …]

A job is called with the number of the try, 0 or 1; the first try that succeeds counts.

Source: J. Dean, L. A. Barroso, The Tail at Scale, https://research.google/pubs/the-tail-at-scale/ ("hedged requests")
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from statistics import median
from typing import Generic, TypeVar

T = TypeVar("T")
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Hedge:
    """When a job is begun again."""

    after_s: float = 2.0
    """Not before."""
    times: float = 3.0
    """Not before it takes so many times what half of the others took."""
    share: float = 0.1
    """Of all jobs, at most (one may always be)."""


@dataclass(slots=True)
class _Job(Generic[T]):
    call: Callable[[int], T]
    futures: list["Future[T]"] = field(default_factory=list)
    began: float | None = None
    outcome: T | BaseException | None = None
    done_after_s: float | None = None


def gather(
    pool: Executor,
    calls: Sequence[Callable[[int], T]],
    *,
    budget_s: float,
    hedge: Hedge,
    clock: Callable[[], float] = time.monotonic,
) -> list[T | BaseException]:
    """What each call returned or raised, in order; `TimeoutError` for those that were not done in time.

    Args:
        pool: Runs them; calls that wait for a thread are not begun again.
        calls: Take the number of the try.
        budget_s: For all of them together.
        hedge: When one is begun again.
        clock: Seconds, monotonic.
    """
    deadline = time.monotonic() + budget_s
    jobs = [_Job(call) for call in calls]
    owner: dict[Future[T], _Job[T]] = {}
    for job in jobs:
        _begin(pool, job, owner, clock)
    left = max(1, int(len(jobs) * hedge.share))
    while (open_ := [job for job in jobs if job.outcome is None]) and time.monotonic() < deadline:
        pending = [future for job in open_ for future in job.futures if future in owner]
        done, _ = wait(pending, min(_LOOK_S, max(0.0, deadline - time.monotonic())), FIRST_COMPLETED)
        for future in done:
            _settle(owner.pop(future), future, owner, clock)
        late = _late(jobs, hedge, clock())
        for job in late[:left]:
            _begin(pool, job, owner, clock)
        left -= len(late[:left])
    for future in owner:
        future.cancel()
    return [TimeoutError() if job.outcome is None else job.outcome for job in jobs]


def _begin(pool: Executor, job: _Job[T], owner: dict["Future[T]", _Job[T]], clock: Callable[[], float]) -> None:
    number = len(job.futures)

    def call() -> T:
        job.began = clock() if job.began is None else job.began
        return job.call(number)

    job.futures.append(pool.submit(call))
    owner[job.futures[-1]] = job


def _settle(job: _Job[T], future: "Future[T]", owner: dict["Future[T]", _Job[T]], clock: Callable[[], float]) -> None:
    """Take a try's outcome, unless another try may still do better."""
    if job.outcome is not None:
        return
    error = future.exception()
    if error is not None and any(other in owner for other in job.futures):
        return
    job.outcome = future.result() if error is None else error
    job.done_after_s = clock() - (job.began or 0.0)


def _late(jobs: Sequence[_Job[T]], hedge: Hedge, now: float) -> list[_Job[T]]:
    """Those that are under way, were begun once, and take far longer than half of all did."""
    done = [job.done_after_s for job in jobs if job.done_after_s is not None]
    if 2 * len(done) < len(jobs):
        return []
    bound = max(hedge.after_s, hedge.times * median(done))
    return [
        job
        for job in jobs
        if job.outcome is None and len(job.futures) == 1 and job.began is not None and now - job.began > bound
    ]
