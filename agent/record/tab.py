"""One tab that a person works in: what its frames tell, and what it looked like.

Pictures are frames of DevTools' screencast, which the browser draws anyway, so that nobody waits for them. Each is kept
with what was private on the page right after it came; one during which nobody could be asked is not kept.
"""

import base64
import json
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page.closed import closed_roots_by_frame
from magenta_qa.agent.page.frames import Matrix
from magenta_qa.agent.page.script import listening_script
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.schema import Box

WORLD = "magenta"
BINDING = "magentaRecord"
KEPT_FRAMES = 40
_SCREENCAST = {"format": "jpeg", "quality": 92, "everyNthFrame": 1}


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the tab."""

    at: float
    """Seconds since the epoch."""
    picture: bytes
    document: str
    """Which document it shows."""
    hidden: tuple[Box, ...]
    """What was private shortly before and after."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a frame of the tab told."""

    facts: dict[str, Any]
    place: Matrix
    """Where the frame stands in the tab."""


class Tab:
    """Listens to one tab.

    Args:
        page: It.
        privacy: What is private.
        number: Its number among the tabs of this recording.
    """

    def __init__(self, page: Page, privacy: Privacy, number: int) -> None:
        self.page, self.number = page, number
        self.told: deque[Told | dict[str, Any]] = deque()
        """What happened, oldest first; dialogs as they were closed."""
        self.last: dict[str, Any] = {}
        """What the page said of itself last."""
        self._privacy = privacy
        self._frames: deque[Frame] = deque(maxlen=KEPT_FRAMES)
        self._cast: list[dict[str, Any]] = []
        self._worlds: dict[int, str] = {}
        """Execution context → its frame."""
        self._before: list[Box] = []
        self._searched: set[tuple[str, int]] = set()
        """Documents that were searched for closed shadow roots, with the number of places where one may be."""
        page.on("dialog", lambda dialog: None)  # Playwright answers by itself where nobody listens
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._listen()

    def _listen(self) -> None:
        session = self._session
        session.on("Runtime.executionContextCreated", self._on_world)
        session.on("Runtime.executionContextDestroyed", self._on_world_gone)
        session.on("Runtime.bindingCalled", self._on_told)
        session.on("Page.screencastFrame", self._on_frame)
        session.on("Page.javascriptDialogClosed", self._on_dialog_closed)
        session.send("Page.enable")
        session.send("Runtime.enable")
        session.send("Runtime.addBinding", {"name": BINDING, "executionContextName": WORLD})
        script = {"source": listening_script(self._privacy.selectors), "worldName": WORLD, "runImmediately": True}
        session.send("Page.addScriptToEvaluateOnNewDocument", script)
        session.send("Page.startScreencast", _SCREENCAST)

    def _on_world(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["name"] == WORLD:
            self._worlds[context["id"]] = context["auxData"]["frameId"]

    def _on_world_gone(self, event: dict[str, Any]) -> None:
        self._worlds.pop(event["executionContextId"], None)

    def _on_frame(self, event: dict[str, Any]) -> None:
        self._cast.append(event)

    def _on_dialog_closed(self, event: dict[str, Any]) -> None:
        self.told.append({"dialog": event["result"]})

    def _on_told(self, event: dict[str, Any]) -> None:
        if event["name"] == BINDING:
            # Where the frame stands is asked for later: nothing is sent while something is being told.
            facts = json.loads(event["payload"])
            self.told.append({"facts": facts, "world": event["executionContextId"]})

    def pump(self) -> list[Told | dict[str, Any]]:
        """Take in what has come; what was told since the last time."""
        told: list[Told | dict[str, Any]] = []
        with suppress(PlaywrightError):
            self._take_frames()
        while self.told:
            entry = self.told.popleft()
            if isinstance(entry, dict) and "facts" in entry:
                entry = Told(entry["facts"], self._place_of(self._worlds.get(entry["world"], "")))
            told.append(entry)
        return told

    def _take_frames(self) -> None:
        cast, self._cast[:] = list(self._cast), []
        for event in cast:
            self._session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})
        if not cast:
            return
        newest = cast[-1]  # of the others nobody can say any more what was private
        hidden = self._private_now()
        if hidden is None:
            return
        picture = base64.b64decode(newest["data"])
        document = str(self.last["key"])
        both = (*self._before, *hidden)
        self._frames.append(Frame(float(newest["metadata"]["timestamp"]), picture, document, both))
        self._before = hidden

    def _private_now(self) -> list[Box] | None:
        """What is private in all frames; None where one could not be asked."""
        looks = self._looks()
        suspects = (str([look["key"] for look, _ in looks]), sum(look["suspects"] for look, _ in looks))
        if suspects[1] and suspects not in self._searched:
            self._find_closed_roots()
            self._searched.add(suspects)
            looks = self._looks()
        found = [look for look, place in looks if place is None]
        self.last = found[0] if found else self.last
        boxes = [(place or Matrix()).box_of(rect) for look, place in looks for rect in look["private"]["rects"]]
        return boxes if found else None

    def _looks(self) -> list[tuple[dict[str, Any], Matrix | None]]:
        """What each frame says of itself, and where it stands; the tab's own document has no place."""
        looks: list[tuple[dict[str, Any], Matrix | None]] = []
        main = self._session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        for world, frame in list(self._worlds.items()):
            ask = {"expression": "magentaLook()", "contextId": world, "returnByValue": True}
            try:
                facts = json.loads(self._session.send("Runtime.evaluate", ask)["result"]["value"])
            except (PlaywrightError, KeyError, ValueError):
                continue  # the frame has gone; a picture of what it showed is of another document
            self._privacy.take(facts["private"])
            looks.append((facts, None if frame == main else self._place_of(frame)))
        return looks

    def _find_closed_roots(self) -> None:
        """Tell our world in each frame of the closed shadow roots there, which only DevTools can see."""
        document = self._session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        main = self._session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        worlds = {frame: world for world, frame in self._worlds.items()}
        for frame, roots in closed_roots_by_frame(document).items():
            world = worlds.get(frame or main)
            for root in roots if world is not None else ():
                node = {"backendNodeId": root, "executionContextId": world}
                found = self._session.send("DOM.resolveNode", node)["object"]["objectId"]
                tell = {"objectId": found, "functionDeclaration": "function() { magentaRoot(this); }"}
                self._session.send("Runtime.callFunctionOn", tell)

    def _place_of(self, frame: str) -> Matrix:
        """Where a frame stands; the tab itself, and frames that are gone, at its corner."""
        try:
            owner = self._session.send("DOM.getFrameOwner", {"frameId": frame})
            model = self._session.send("DOM.getBoxModel", {"backendNodeId": owner["backendNodeId"]})
            x, y = model["model"]["content"][:2]
        except (PlaywrightError, KeyError):
            return Matrix()
        return Matrix(1, 0, 0, 1, x, y)

    def picture_before(self, at: float, document: str) -> Frame | None:
        """The last picture of a document before a moment; None where there is none."""
        shown: Sequence[Frame] = [frame for frame in self._frames if frame.at <= at and frame.document == document]
        return shown[-1] if shown else None
