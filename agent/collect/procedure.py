"""Procedures that run with Playwright's sync API and its async one alike.

def title(page):                              # a generator: yields calls, gets what they return
    return (yield page.title)

def both(page):
    return (yield Together(page.title, page.content))      # the browser works on both at once

run_sync(title(page))                         # sync API
await run_async(title(page))                  # async API
"""

import asyncio
import inspect
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

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


def run_sync(procedure: Procedure[T]) -> T:
    """What the procedure returns; what a call raises is raised in it."""
    try:
        call = next(procedure)
        while True:
            try:
                answer = _together_sync(call) if isinstance(call, Together) else call()
            except Exception as error:
                call = procedure.throw(error)
            else:
                call = procedure.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result


def _together_sync(calls: Together) -> tuple[Any, Any]:
    first = Started(calls.first)
    try:
        second = calls.second()
    except BaseException:
        first.abandon()
        raise
    return first.result(), second


async def _awaited(call: Call) -> Any:  # noqa: ANN401 - whatever it gives
    answer = call()
    return await answer if inspect.isawaitable(answer) else answer


async def run_async(procedure: Procedure[T]) -> T:
    """The same with the async API."""
    try:
        call = next(procedure)
        while True:
            try:
                if isinstance(call, Together):
                    answer = tuple(await asyncio.gather(_awaited(call.first), _awaited(call.second)))
                else:
                    answer = await _awaited(call)
            except Exception as error:
                call = procedure.throw(error)
            else:
                call = procedure.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result
