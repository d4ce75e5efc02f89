"""DevTools sessions of a page: its own, and one for each frame that another process draws.

    with_sessions(page, lambda session, frame: session.send("Runtime.enable"))     -> [{…}, {…}]

A frame's process that hangs or goes away is left out after a while.
"""

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

from playwright.sync_api import CDPSession, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page.bounded import BoundedCalls, Stopped

T = TypeVar("T")
PAGE_SECONDS = 15.0
FRAME_SECONDS = 2.0


def with_sessions(page: Page, work: Callable[[CDPSession, Frame], T]) -> list[T]:
    """What `work` returns for each session; `frame` is the outermost frame that the session sees."""
    results: list[T] = []
    calls = BoundedCalls()
    for frame in page.frames:
        target: Page | Frame = frame if frame.parent_frame else page
        with contextlib.suppress(PlaywrightError, Stopped):
            # Fails for a frame that its parent's process draws: the parent's session sees that one.
            session = calls.run(lambda target=target: page.context.new_cdp_session(target), FRAME_SECONDS)  # type: ignore[misc]
            results.extend(_within(calls, session, frame, work))
            calls.run(session.detach, FRAME_SECONDS)
    return results


def _within(calls: BoundedCalls, session: CDPSession, frame: Frame, work: Callable[[CDPSession, Frame], T]) -> list[T]:
    seconds = FRAME_SECONDS if frame.parent_frame else PAGE_SECONDS
    try:
        return [calls.run(lambda: work(session, frame), seconds)]
    except (PlaywrightError, Stopped):
        return []  # the frame navigates, hangs or is gone; what it shows will be seen at the next observation


def default_contexts(session: CDPSession) -> dict[str, int]:
    """The worlds in which the scripts of the session's frames run: id of the frame → id of its execution context."""
    contexts: dict[str, int] = {}
    session.on("Runtime.executionContextCreated", lambda event: _note(event["context"], contexts))
    session.send("Runtime.enable")
    return contexts


def _note(context: dict[str, Any], contexts: dict[str, int]) -> None:
    facts = context.get("auxData", {})
    if facts.get("isDefault"):
        contexts[facts["frameId"]] = context["id"]
