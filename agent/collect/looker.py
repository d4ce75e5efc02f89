"""Looks at a page just before something is done to an element.

    moment = yield from looker.look(page, handle)         # in a procedure, which runs sync or async

Nothing has to be in the page beforehand, and what stays in it for the next look is nothing that it can stumble over, so
that this works in every browser and in pages that somebody else opened.
"""

import base64
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from magenta_qa.agent.collect.moment import Moment
from magenta_qa.agent.collect.procedure import Call, Step, Together
from magenta_qa.agent.page.closed import closed_roots_by_frame
from magenta_qa.agent.page.frames import Matrix, multiply
from magenta_qa.agent.page.script import ONCE, once_script
from magenta_qa.agent.privacy.layout import join_frames
from magenta_qa.agent.privacy.motion import hidden_around
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.schema import Box

Some = Any
"""An object of Playwright's sync or async API."""
Ask = Callable[[str, object], Any]
"""(script, what it is given) → what the script says of an element, as a call of either API."""
HTML_CHARS = 4000
MAX_CLOSED_ROOTS = 50
_CONTENT_BOX = """el => {
  const rect = el.getBoundingClientRect(), style = getComputedStyle(el);
  const sx = el.offsetWidth ? rect.width / el.offsetWidth : 1, sy = el.offsetHeight ? rect.height / el.offsetHeight : 1;
  return [sx, 0, 0, sy, rect.left + (el.clientLeft + parseFloat(style.paddingLeft)) * sx,
          rect.top + (el.clientTop + parseFloat(style.paddingTop)) * sy];
}"""


@dataclass(frozen=True, slots=True)
class _Framed:
    """What one frame said, and where it stands in the top page."""

    facts: Mapping[str, Any]
    matrix: Matrix

    def hidden(self) -> list[Box]:
        return [self.matrix.box_of(rect) for rect in self.facts["private"]["rects"]]


class Looker:
    """Looks at pages of one run.

    Args:
        privacy: What is private; what is found is noted.
    """

    def __init__(self, privacy: Privacy) -> None:
        self._privacy = privacy
        self._sessions: WeakKeyDictionary[Some, Some] = WeakKeyDictionary()
        self._without_closed: set[tuple[str, int]] = set()
        """Documents known to have no closed shadow root, with the number of places where one may be."""

    def look(self, page: Some, handle: Some) -> Generator[Step, Any, Moment | None]:
        """The page just before something is done to `handle`, an element in any of its frames; None if that is gone."""
        own = page.main_frame if len(page.frames) == 1 else (yield handle.owner_frame)
        return (yield from self._look(page, own, handle.evaluate))

    def look_once(self, page: Some, ask: Ask) -> Generator[Step, Any, Moment | None]:
        """The same without a handle, which takes longer to get than to look.

        Args:
            page: The page.
            ask: Asks the one element in it, of the only frame; answers "" where there is not exactly one.

        Returns:
            None where it needs a handle.
        """
        if len(page.frames) > 1:
            return None
        return (yield from self._look(page, page.main_frame, ask))

    def _look(self, page: Some, own: Some, ask: Ask) -> Generator[Step, Any, Moment | None]:
        matrices = yield from self._matrices(page)
        if own not in matrices:
            return None
        session = yield from self._session(page)
        seen: dict[Some, _Framed] = {}
        for frame, matrix in matrices.items():
            if frame != own:
                seen[frame] = _Framed((yield from self._ask(frame, full=True)), matrix)
        # The browser draws while the page is read; what only comes into view meanwhile is found afterwards.
        both = Together(_capture(page, session), lambda: ask(ONCE, self._wish(full=True)))
        taken, facts = yield both
        if facts is None:  # a document that is looked at for the first time
            yield lambda: ask(once_script(), self._wish(full=False))
            taken, facts = yield both
        if not facts:
            return None
        seen[own] = _Framed(self._heard(facts), matrices[own])
        if seen[own].facts["element"] is None:
            return None
        picture = taken if isinstance(taken, bytes) else base64.b64decode(taken["data"])
        hidden: list[Box] = []
        for frame, matrix in matrices.items():
            after = _Framed((yield from self._ask(frame, full=False)), matrix)
            hidden += hidden_around(seen[frame].hidden(), after.hidden())
        hidden += yield from self._closed(session, page, seen)
        return _moment(seen[page.main_frame], seen[own], seen, picture, hidden)

    def _wish(self, *, full: bool) -> dict[str, object]:
        return {"hide": self._privacy.wish(), "chars": HTML_CHARS, "layout": full, "twice": full}

    def _ask(self, frame: Some, *, full: bool) -> Generator[Step, Any, dict[str, Any]]:
        """What a frame says, apart from any element."""
        answer = yield lambda: frame.evaluate(_of_frame(ONCE), self._wish(full=full))
        # What is needed is 100 KB, which takes longer to send than to run: once a document.
        answer = answer or (yield lambda: frame.evaluate(_of_frame(once_script()), self._wish(full=full)))
        return self._heard(answer)

    def _heard(self, answer: str) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(answer)
        self._privacy.take(facts["private"])
        return facts

    def _matrices(self, page: Some) -> Generator[Step, Any, dict[Some, Matrix]]:
        """Where each frame that is drawn stands in the top page; parents come first."""
        found = {page.main_frame: Matrix()}
        for frame in page.frames:
            if frame.parent_frame not in found or frame in found:
                continue
            try:
                element = yield frame.frame_element
                place = yield lambda element=element: element.evaluate(_CONTENT_BOX)  # type: ignore[misc]
            except Exception:  # it went away meanwhile
                continue
            found[frame] = multiply(found[frame.parent_frame], Matrix(*place))
        return found

    def _session(self, page: Some) -> Generator[Step, Any, Some]:
        """DevTools, where the browser has it; else None."""
        if page not in self._sessions:
            try:
                self._sessions[page] = yield lambda: page.context.new_cdp_session(page)
            except Exception:  # Firefox and WebKit have none
                self._sessions[page] = None
        return self._sessions[page]

    def _closed(self, session: Some, page: Some, seen: Mapping[Some, _Framed]) -> Generator[Step, Any, list[Box]]:
        """What is private in closed shadow roots, which only DevTools can see into."""
        main = seen[page.main_frame]
        key = (main.facts["key"], sum(framed.facts["suspects"] for framed in seen.values()))
        if not key[1] or session is None or key in self._without_closed:
            return []
        document = yield lambda: session.send("DOM.getDocument", {"depth": -1, "pierce": True})
        roots = closed_roots_by_frame(document["root"])
        if not roots:
            self._without_closed.add(key)
            return []
        # A frame with one is hidden as a whole.
        inner = [
            framed.matrix.box_of((0, 0, *framed.facts["viewport"])) for framed in seen.values() if framed is not main
        ]
        hidden = inner if len(roots) > ("" in roots) else []
        return [*hidden, *(yield from self._inside(session, main, roots.get("", [])[:MAX_CLOSED_ROOTS]))]

    def _inside(self, session: Some, main: _Framed, roots: Sequence[int]) -> Generator[Step, Any, list[Box]]:
        objects = []
        for backend_id in roots:
            found = yield lambda node=backend_id: session.send("DOM.resolveNode", {"backendNodeId": node})  # type: ignore[misc]
            objects.append({"objectId": found["object"]["objectId"]})
        if not objects:
            return []
        wish = {"hide": self._privacy.wish(), "chars": 0, "layout": False}
        script = f"function(...roots) {{ return ({once_script()})(null, {json.dumps(wish)}, roots); }}"
        call = {
            "functionDeclaration": script,
            "objectId": objects[0]["objectId"],
            "arguments": objects,
            "returnByValue": True,
        }
        answer = yield lambda: session.send("Runtime.callFunctionOn", call)
        facts = json.loads(answer["result"]["value"])
        self._privacy.take(facts["private"])
        return _Framed(facts, main.matrix).hidden()


def _of_frame(script: str) -> str:
    return f"wish => ({script})(null, wish)"


def _capture(page: Some, session: Some) -> Call:
    """Takes the viewport as the screen shows it; through DevTools, where it is there, which is faster."""
    if session is None:
        return lambda: page.screenshot(scale="device")
    return lambda: session.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})


def _moment(main: _Framed, own: _Framed, seen: Mapping[Some, _Framed], picture: bytes, hidden: list[Box]) -> Moment:
    viewport = (int(main.facts["viewport"][0]), int(main.facts["viewport"][1]))
    parts = [(framed.facts["layout"], framed.matrix.box_of) for framed in seen.values()]
    return Moment(
        str(main.facts["url"]),
        viewport,
        float(main.facts["dpr"]),
        picture,
        own.facts["element"],
        own.matrix.box_of(own.facts["element"]["box"]),
        tuple(hidden),
        join_frames(viewport, parts),
    )
