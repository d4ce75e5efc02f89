"""Procedures that run with Playwright's sync API and its async one alike.

def title(page):                              # a generator: yields calls, gets what they return
    return (yield page.title)

def both(page):
    return (yield Together(page.title, page.content))      # the browser works on both at once

run_sync(title(page), seconds=30)             # sync API
await run_async(title(page), seconds=30)      # async API

A call that has not returned when the seconds are over is left, and `Stopped` is raised in the procedure.
"""

import asyncio
import inspect
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from magenta_qa.agent.page.bounded import BoundedCalls, Stopped
from magenta_qa.agent.page.overlap import Started

T = TypeVar("T")
Call = Callable[[], Any]
"""A call without arguments of either API; that of the async one gives an awaitable."""


@dataclass(frozen=True, slots=True)
class Together:
    """Two calls that are under way at once; the answer is that of both."""

    first: Call
    second: Call


Step = Call | Together
Procedure = Generator[Step, Any, T]


def run_sync(procedure: Procedure[T], seconds: float) -> T:
    """What the procedure returns; what a call raises is raised in it."""
    calls, end = BoundedCalls(), time.monotonic() + seconds
    try:
        call = next(procedure)
        while True:
            try:
                answer = calls.run(lambda call=call: _answer_sync(call), max(end - time.monotonic(), 0))  # type: ignore[misc]
            except Exception as error:
                call = procedure.throw(error)
            else:
                call = procedure.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result


def _answer_sync(step: Step) -> Any:  # noqa: ANN401 - whatever it gives
    if not isinstance(step, Together):
        return step()
    first = Started(step.first)
    try:
        second = step.second()
    except BaseException:
        first.abandon()
        raise
    return first.result(), second


async def _answer_async(step: Step) -> Any:  # noqa: ANN401 - whatever it gives
    if isinstance(step, Together):
        return tuple(await asyncio.gather(_answer_async(step.first), _answer_async(step.second)))
    answer = step()
    return await answer if inspect.isawaitable(answer) else answer


async def run_async(procedure: Procedure[T], seconds: float) -> T:
    """The same with the async API."""
    end = time.monotonic() + seconds
    try:
        call = next(procedure)
        while True:
            try:
                answer = await asyncio.wait_for(_answer_async(call), end - time.monotonic())
            except TimeoutError:
                call = procedure.throw(Stopped(timed_out=True))
            except Exception as error:
                call = procedure.throw(error)
            else:
                call = procedure.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result
