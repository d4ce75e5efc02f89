"""Procedures that run with Playwright's sync API and its async one alike.

def title(page):                              # a generator: yields calls, gets what they return
    return (yield page.title)

run_sync(title(page))                         # sync API
await run_async(title(page))                  # async API
"""

import inspect
from collections.abc import Callable, Generator
from typing import Any, TypeVar

T = TypeVar("T")
Step = Callable[[], Any]
"""A call without arguments of either API; that of the async one gives an awaitable."""
Procedure = Generator[Step, Any, T]


def run_sync(procedure: Procedure[T]) -> T:
    """What the procedure returns; what a call raises is raised in it."""
    try:
        call = next(procedure)
        while True:
            try:
                answer = call()
            except Exception as error:
                call = procedure.throw(error)
            else:
                call = procedure.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result


async def run_async(procedure: Procedure[T]) -> T:
    """The same with the async API."""
    try:
        call = next(procedure)
        while True:
            try:
                answer = call()
                answer = await answer if inspect.isawaitable(answer) else answer
            except Exception as error:
                call = procedure.throw(error)
            else:
                call = procedure.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result
