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

from magenta_qa.agent.page.script import OPEN, init_script, token
from magenta_qa.agent.page.sessions import default_contexts, with_sessions


def attach(page: Page) -> None:
    """Install the script in every frame of `page` that lacks it, and tell it of the past."""
    with_sessions(page, _attach_target)


def find_closed_roots(page: Page) -> None:
    """Tell the script of closed shadow roots that the parser made, which no script could record."""
    with_sessions(page, _tell_closed_roots)


def _attach_target(session: CDPSession, frame: Frame) -> None:
    contexts = list(default_contexts(session).values())
    for context in contexts:
        with contextlib.suppress(PlaywrightError):
            session.send("Runtime.evaluate", {"expression": init_script(), "contextId": context})
    _tell_closed_roots(session, frame)
    opening = f'(() => {{ const token = "{token()}"; {OPEN} if (api) api.adopt(getEventListeners); }})()'
    for context in contexts:
        with contextlib.suppress(PlaywrightError):
            session.send(
                "Runtime.evaluate", {"expression": opening, "contextId": context, "includeCommandLineAPI": True}
            )


def _tell_closed_roots(session: CDPSession, _frame: Frame) -> None:
    document = session.send("DOM.getDocument", {"depth": -1, "pierce": True})
    tell = f'function() {{ const token = "{token()}"; {OPEN} if (api) api.closedRoot(this); }}'
    for backend_id in closed_roots(document["root"]):
        found = session.send("DOM.resolveNode", {"backendNodeId": backend_id})
        session.send("Runtime.callFunctionOn", {"objectId": found["object"]["objectId"], "functionDeclaration": tell})


def closed_roots(node: dict[str, Any]) -> Iterator[int]:
    """Backend ids of the closed shadow roots in a tree as `DOM.getDocument` gives it."""
    stack = [node]
    while stack:
        at = stack.pop()
        if at.get("shadowRootType") == "closed":
            yield at["backendNodeId"]
        for key in ("children", "shadowRoots"):
            stack.extend(at.get(key, ()))
        if "contentDocument" in at:
            stack.append(at["contentDocument"])
