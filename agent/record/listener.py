"""One DevTools session of a tab: the tab's own, or that of a frame which another process draws.

Listener(session, frame, privacy.wish(), told.append)       # tells whatever a person does in its documents
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page.closed import closed_roots_by_frame
from magenta_qa.agent.page.frames import Matrix, multiply
from magenta_qa.agent.page.script import listening_script

WORLD = "magenta"
BINDING = "magentaRecord"


@dataclass(frozen=True, slots=True)
class Look:
    """What one document said of itself."""

    facts: dict[str, Any]
    place: Matrix
    """Where it stands in the tab."""
    is_top: bool
    """Whether it is the tab's own."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that a document told, and who heard it; where it stands is asked for later."""

    facts: dict[str, Any]
    listener: "Listener"
    frame: str


class Listener:
    """Listens to the documents of one session.

    Args:
        session: It.
        hide: What is private (`Privacy.wish`).
        hear: Given what is told. Nothing may be sent to the browser meanwhile.
        above: Whose document the outermost one of this session stands in; None for the tab's own.
    """

    def __init__(
        self,
        session: CDPSession,
        hide: Mapping[str, Sequence[str]],
        hear: Callable[[Heard], None],
        above: "Listener | None" = None,
    ) -> None:
        self.session, self.above = session, above
        self._hear = hear
        self._worlds: dict[int, str] = {}
        """Execution context → its frame."""
        self._places: dict[str, Matrix] = {}
        """Where frames stood last."""
        self._typed: tuple[list[str], str] = ([], "")
        """What documents are told, when they come, of what stood in secret fields; and by which script."""
        self._searched: set[tuple[str, int]] = set()
        """Documents that were searched for closed shadow roots, with the number of places where one may be."""
        self.root = self._root()
        session.on("Runtime.executionContextCreated", self._on_world)
        session.on("Runtime.executionContextDestroyed", self._on_world_gone)
        session.on("Runtime.bindingCalled", self._on_told)
        session.send("Page.enable")
        session.send("Runtime.enable")
        session.send("Runtime.addBinding", {"name": BINDING, "executionContextName": WORLD})
        script = {"source": listening_script(hide), "worldName": WORLD, "runImmediately": True}
        session.send("Page.addScriptToEvaluateOnNewDocument", script)

    @property
    def is_alive(self) -> bool:
        """Whether its process still draws what it listens to."""
        try:
            return self._root() == self.root
        except PlaywrightError:
            return False

    def _root(self) -> str:
        root: str = self.session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        return root

    def _on_world(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["name"] == WORLD:
            self._worlds[context["id"]] = context["auxData"]["frameId"]

    def _on_world_gone(self, event: dict[str, Any]) -> None:
        self._worlds.pop(event["executionContextId"], None)

    def _on_told(self, event: dict[str, Any]) -> None:
        if event["name"] == BINDING:
            frame = self._worlds.get(event["executionContextId"], self.root)
            self._hear(Heard(json.loads(event["payload"]), self, frame))

    def is_top(self, frame: str) -> bool:
        """Whether a frame is the tab's own."""
        return self.above is None and frame == self.root

    def place(self, frame: str) -> Matrix:
        """Where a frame of this session, or one in a document of it, stands in the tab, or stood if it is gone."""
        if frame == self.root:
            return self.above.place(frame) if self.above else Matrix()
        outer = self.place(self.root)
        try:
            owner = self.session.send("DOM.getFrameOwner", {"frameId": frame})
            model = self.session.send("DOM.getBoxModel", {"backendNodeId": owner["backendNodeId"]})
        except PlaywrightError:
            return self._places.get(frame, outer)
        x, y = model["model"]["content"][:2]
        # DevTools' boxes are those of the session's window, however deep the frame stands.
        self._places[frame] = multiply(outer, Matrix(1, 0, 0, 1, x, y))
        return self._places[frame]

    def know(self, typed: Sequence[str]) -> None:
        """Have its documents, and those that come later, know what stood in secret fields."""
        known, script = self._typed
        if {*known} == {*typed}:
            return
        tell = {"source": f"globalThis.magentaTyped = {json.dumps(list(typed))};", "worldName": WORLD}
        self._typed = list(typed), self.session.send("Page.addScriptToEvaluateOnNewDocument", tell)["identifier"]
        if script:
            self.session.send("Page.removeScriptToEvaluateOnNewDocument", {"identifier": script})
        for world in list(self._worlds):
            with suppress(PlaywrightError):  # it is gone by now
                self.session.send("Runtime.evaluate", {"expression": tell["source"], "contextId": world})

    def looks(self, typed: Sequence[str], *, layout: bool) -> list[Look]:
        """What each document of the session says of itself; one that goes away meanwhile says nothing."""
        found = self._ask(typed, layout)
        suspects = (str([look.facts["key"] for look in found]), sum(look.facts["suspects"] for look in found))
        if not suspects[1] or suspects in self._searched:
            return found
        self._find_closed_roots()
        self._searched.add(suspects)
        return self._ask(typed, layout)

    def _ask(self, typed: Sequence[str], layout: bool) -> list[Look]:
        found: list[Look] = []
        asked = f"magentaLook({json.dumps(list(typed))}, {json.dumps(layout)})"
        for world, frame in list(self._worlds.items()):
            ask = {"expression": asked, "contextId": world, "returnByValue": True}
            try:
                facts = json.loads(self.session.send("Runtime.evaluate", ask)["result"]["value"])
            except (PlaywrightError, KeyError, ValueError):
                continue  # a picture of what it showed is of another document
            found.append(Look(facts, self.place(frame), self.is_top(frame)))
        return found

    def _find_closed_roots(self) -> None:
        """Tell our world in each document of the closed shadow roots there, which only DevTools can see."""
        document = self.session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        worlds = {frame: world for world, frame in self._worlds.items()}
        for frame, roots in closed_roots_by_frame(document).items():
            world = worlds.get(frame or self.root)
            for root in roots if world is not None else ():
                node = {"backendNodeId": root, "executionContextId": world}
                found = self.session.send("DOM.resolveNode", node)["object"]["objectId"]
                tell = {"objectId": found, "functionDeclaration": "function() { magentaRoot(this); }"}
                self.session.send("Runtime.callFunctionOn", tell)
