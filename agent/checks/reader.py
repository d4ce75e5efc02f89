"""Reads a page into a `View`: all frames, all shadow roots, untouched by the page's own scripts.

    PageReader().read(page)     -> View(url="http://127.0.0.1:8000/cart", nodes=[…])

`read.js` runs in an isolated world. Closed shadow roots and frames of other origins are reached through the DevTools
protocol.
"""

import contextlib
import json
import time
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.checks.page import View

WORLD = "magenta-check"
MAX_FRAMES = 50


@cache
def _script() -> str:
    return files("magenta_qa.agent.checks").joinpath("read.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read when."""

    page: Page
    asked: float
    """`time.monotonic()` just before."""
    view: View


class PageReader:
    """Reads pages; keeps its DevTools connections between reads."""

    def __init__(self) -> None:
        self.latest: Reading | None = None
        """The last reading that succeeded."""
        self._sessions: WeakKeyDictionary[Page | Frame, CDPSession] = WeakKeyDictionary()
        self._main_frames: WeakKeyDictionary[Page, str] = WeakKeyDictionary()

    def connect(self, page: Page) -> tuple[CDPSession, str]:
        """The DevTools connection to `page` and the id of its main frame; made at the first call."""
        session = self._session(page)
        if page not in self._main_frames:
            tree = session.send("Page.getFrameTree")
            self._main_frames[page] = tree["frameTree"]["frame"]["id"]
        return session, self._main_frames[page]

    def read(self, page: Page) -> View:
        """What is visible on `page` now.

        Raises:
            PlaywrightError: The page navigated away meanwhile, or is gone.
        """
        asked = time.monotonic()
        self.latest = None
        session, main = self.connect(page)
        context, answer = self._read_frame(session, main)
        view = View(answer)
        pending = [(session, context, index, at, dx, dy) for index, (at, dx, dy) in enumerate(answer["frames"])]
        frames_read = 0
        while pending:
            owner, owner_context, index, at, dx, dy = pending.pop(0)
            frames_read += 1
            found = self._foreign_frame(page, owner, owner_context, index) if frames_read <= MAX_FRAMES else None
            if found is None:
                view.unread_frames += 1
                continue
            inner_session, inner_context, inner = found
            offset = len(view.raw)
            view.insert(at, inner, dx, dy)
            pending += [
                (inner_session, inner_context, i, a + offset, dx + x, dy + y)
                for i, (a, x, y) in enumerate(inner["frames"])
            ]
        view.build()
        self.latest = Reading(page, asked, view)
        return view

    def _session(self, page: Page) -> CDPSession:
        session = self._sessions.get(page)
        if session is None:
            session = self._sessions[page] = page.context.new_cdp_session(page)
        return session

    def _read_frame(self, session: CDPSession, frame_id: str) -> tuple[int, dict[str, Any]]:
        made = session.send("Page.createIsolatedWorld", {"frameId": frame_id, "worldName": WORLD})
        context: int = made["executionContextId"]
        answer = _run(session, context, f"{_script()}()")
        if answer["suspects"] and self._reveal_closed_roots(session, context):
            answer = _run(session, context, f"{_script()}()")
        return context, answer

    def _reveal_closed_roots(self, session: CDPSession, context: int) -> bool:
        """Tell the script about closed shadow roots among the elements that it suspects; whether there are any."""
        suspects = session.send("Runtime.evaluate", {"expression": "__magentaSuspects", "contextId": context})
        listed = session.send(
            "Runtime.getProperties", {"objectId": suspects["result"]["objectId"], "ownProperties": True}
        )
        hosts = [each["value"]["objectId"] for each in listed["result"] if "objectId" in each.get("value", {})]
        revealed = [self._reveal(session, context, host) for host in hosts]
        return any(revealed)

    def _reveal(self, session: CDPSession, context: int, host: str) -> bool:
        described = session.send("DOM.describeNode", {"objectId": host})
        for root in described["node"].get("shadowRoots", ()):
            if root.get("shadowRootType") == "closed":
                resolved = session.send(
                    "DOM.resolveNode", {"backendNodeId": root["backendNodeId"], "executionContextId": context}
                )
                remember = {
                    "objectId": host,
                    "functionDeclaration": "function (root) { __magentaRoots.set(this, root) }",
                    "arguments": [{"objectId": resolved["object"]["objectId"]}],
                }
                session.send("Runtime.callFunctionOn", remember)
                return True
        return False

    def _foreign_frame(
        self, page: Page, session: CDPSession, context: int, index: int
    ) -> tuple[CDPSession, int, dict[str, Any]] | None:
        """Read a frame whose document its parent may not touch."""
        with contextlib.suppress(PlaywrightError, KeyError):
            element = session.send(
                "Runtime.evaluate", {"expression": f"__magentaFrames[{index}]", "contextId": context}
            )
            described = session.send("DOM.describeNode", {"objectId": element["result"]["objectId"]})
            frame_id = described["node"]["frameId"]
            with contextlib.suppress(PlaywrightError):
                return (session, *self._read_frame(session, frame_id))
            remote = self._remote_session(page, frame_id)
            return (remote, *self._read_frame(remote, frame_id)) if remote else None
        return None

    def _remote_session(self, page: Page, frame_id: str) -> CDPSession | None:
        """The connection to a frame in another process."""
        for frame in page.frames[1:]:
            session = self._sessions.get(frame)
            if session is None:
                try:
                    session = self._sessions[frame] = page.context.new_cdp_session(frame)
                except PlaywrightError:  # the frame lives in its parent's process
                    continue
            with contextlib.suppress(PlaywrightError):
                if session.send("Page.getFrameTree")["frameTree"]["frame"]["id"] == frame_id:
                    return session
        return None


def _run(session: CDPSession, context: int, expression: str) -> dict[str, Any]:
    return _value(
        session.send("Runtime.evaluate", {"expression": expression, "contextId": context, "returnByValue": True})
    )


def _value(answer: dict[str, Any]) -> dict[str, Any]:
    if "exceptionDetails" in answer:
        details = answer["exceptionDetails"]
        raise PlaywrightError(details.get("exception", {}).get("description") or details.get("text", "script failed"))
    value: dict[str, Any] = json.loads(answer["result"]["value"])
    return value
