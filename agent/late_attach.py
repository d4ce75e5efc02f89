"""Brings the observing script into pages that were loaded before it could run by itself.

    attach(page)          # every frame, same- and cross-origin; what listens already is told to the script

DevTools knows what the page no longer tells: `getEventListeners` of every node, and closed shadow roots. Both are
fed into the script's own record, so that from then on there is one way of looking at a page.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import CDPSession, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page_script import OPEN, init_script, token


def attach(page: Page) -> None:
    """Install the script in every frame of `page` that lacks it, and tell it of the past."""
    for session in sessions_of(page):
        with contextlib.suppress(PlaywrightError):
            _attach_target(session)


def find_closed_roots(page: Page) -> None:
    """Tell the script of closed shadow roots that the parser made, which no script could record."""
    for session in sessions_of(page):
        with contextlib.suppress(PlaywrightError):
            _tell_closed_roots(session)


def sessions_of(page: Page) -> Iterator[CDPSession]:
    """DevTools sessions, one after the other: the page's, and one for each frame that another process draws."""
    targets: list[Page | Frame] = [page, *page.frames[1:]]
    for target in targets:
        try:
            session = page.context.new_cdp_session(target)
        except PlaywrightError:
            continue  # a frame that the page's own process draws has no session of its own
        try:
            yield session
        finally:
            with contextlib.suppress(PlaywrightError):
                session.detach()


def default_contexts(session: CDPSession) -> list[int]:
    """Ids of the worlds in which the scripts of the session's frames run."""
    contexts: list[int] = []
    session.on("Runtime.executionContextCreated", lambda event: _note(event, contexts))
    session.send("Runtime.enable")
    return contexts


def _note(event: dict[str, Any], contexts: list[int]) -> None:
    if event["context"].get("auxData", {}).get("isDefault"):
        contexts.append(event["context"]["id"])


def _attach_target(session: CDPSession) -> None:
    contexts = default_contexts(session)
    for context in contexts:
        with contextlib.suppress(PlaywrightError):
            session.send("Runtime.evaluate", {"expression": init_script(), "contextId": context})
    _tell_closed_roots(session)
    opening = f'(() => {{ const token = "{token()}"; {OPEN} if (api) api.adopt(getEventListeners); }})()'
    for context in contexts:
        with contextlib.suppress(PlaywrightError):
            session.send(
                "Runtime.evaluate", {"expression": opening, "contextId": context, "includeCommandLineAPI": True}
            )


def _tell_closed_roots(session: CDPSession) -> None:
    document = session.send("DOM.getDocument", {"depth": -1, "pierce": True})
    tell = f'function() {{ const token = "{token()}"; {OPEN} if (api) api.closedRoot(this); }}'
    for backend_id in _closed_roots(document["root"]):
        found = session.send("DOM.resolveNode", {"backendNodeId": backend_id})
        session.send("Runtime.callFunctionOn", {"objectId": found["object"]["objectId"], "functionDeclaration": tell})


def _closed_roots(node: dict[str, Any]) -> Iterator[int]:
    stack = [node]
    while stack:
        at = stack.pop()
        if at.get("shadowRootType") == "closed":
            yield at["backendNodeId"]
        for key in ("children", "shadowRoots"):
            stack.extend(at.get(key, ()))
        if "contentDocument" in at:
            stack.append(at["contentDocument"])
