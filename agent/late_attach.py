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
    for target in _targets(page):
        with contextlib.suppress(PlaywrightError), _session(page, target) as session:
            _attach_target(session)


def find_closed_roots(page: Page) -> None:
    """Tell the script of closed shadow roots that the parser made, which no script could record."""
    for target in _targets(page):
        with contextlib.suppress(PlaywrightError), _session(page, target) as session:
            _tell_closed_roots(session)


def _targets(page: Page) -> list[Page | Frame]:
    """The page, and the frames that another process draws (for all others there is no session of their own)."""
    return [page, *page.frames[1:]]


@contextlib.contextmanager
def _session(page: Page, target: Page | Frame) -> Iterator[CDPSession]:
    session = page.context.new_cdp_session(target)
    try:
        yield session
    finally:
        with contextlib.suppress(PlaywrightError):
            session.detach()


def _attach_target(session: CDPSession) -> None:
    contexts: list[int] = []
    session.on("Runtime.executionContextCreated", lambda event: _note(event, contexts))
    session.send("Runtime.enable")
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


def _note(event: dict[str, Any], contexts: list[int]) -> None:
    if event["context"].get("auxData", {}).get("isDefault"):
        contexts.append(event["context"]["id"])


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
