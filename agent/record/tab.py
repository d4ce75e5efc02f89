"""One tab that a person works in: what its frames tell, and what it looked like.

Pictures are frames of DevTools' screencast, which the browser draws anyway, so that nobody waits for them. When one has
come, the page is asked what is private; pictures.py puts the two together.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame as PageFrame
from playwright.sync_api import Page

from magenta_qa.agent.page.frames import Matrix
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.record.listener import Heard, Listener, Look
from magenta_qa.agent.record.pictures import Moment, Pictures, document_of
from magenta_qa.model.schema import Box

_SCREENCAST = {"format": "jpeg", "quality": 92, "everyNthFrame": 1}


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a document of the tab told."""

    facts: dict[str, Any]
    place: Matrix
    """Where the document stands in the tab."""
    is_top: bool
    """Whether it is the tab's own."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A dialog that was closed."""

    accepted: bool


class Tab:
    """Listens to one tab.

    Args:
        page: It.
        privacy: What is private.
        number: Its number among the tabs of this recording.
    """

    def __init__(self, page: Page, privacy: Privacy, number: int) -> None:
        self.page, self.number = page, number
        self.last: dict[str, Any] = {}
        """What the page said of itself last."""
        self.pictures = Pictures()
        self.leads_on = False
        """Whether the page itself has asked for the next one: a link, a form, a script of it."""
        self._privacy = privacy
        self._heard: deque[Heard | Answered] = deque()
        self._cast: list[dict[str, Any]] = []
        self.is_drawn = False
        """Whether something has come to be drawn since the last time."""
        self._stale = False
        """Whether the last picture may not be the last one, or hides more than it must."""
        self._several = False
        self._apart: dict[PageFrame, Listener] = {}
        """Frames that other processes draw."""
        self._new: list[PageFrame] = page.frames[1:]
        page.on("dialog", lambda dialog: None)  # Playwright answers by itself where nobody listens
        page.on("frameattached", self._on_new_frame)
        page.on("framenavigated", self._on_new_frame)
        self._own = Listener(page.context.new_cdp_session(page), privacy.wish(), self._hear)
        self._own.session.on("Page.screencastFrame", self._on_frame)
        self._own.session.on("Page.javascriptDialogClosed", self._on_dialog_closed)
        self._own.session.on("Page.frameRequestedNavigation", self._on_request)
        self._own.session.send("Page.startScreencast", _SCREENCAST)

    def _on_new_frame(self, frame: PageFrame) -> None:
        self._new.append(frame)

    def _on_frame(self, event: dict[str, Any]) -> None:
        self._cast.append(event)
        with suppress(PlaywrightError):  # the browser drops what is drawn while two frames are not acknowledged
            self._own.session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    def _hear(self, heard: Heard) -> None:
        self._heard.append(heard)

    def _on_request(self, event: dict[str, Any]) -> None:
        self.leads_on |= event["frameId"] == self._own.root

    def _on_dialog_closed(self, event: dict[str, Any]) -> None:
        self._heard.append(Answered(bool(event["result"])))

    def pump(self) -> Iterator[Told | Answered]:
        """Take in what has come; what was told since the last time, oldest first."""
        with suppress(PlaywrightError):
            self._listen_apart()
            self._spread()
            self._take_frames()
        while self._heard:
            heard = self._heard.popleft()
            if isinstance(heard, Answered):
                yield heard
                continue
            told = Told(heard.facts, heard.listener.place(heard.frame), heard.listener.is_top(heard.frame))
            if told.is_top:
                self._note(told)
            if told.facts["kind"] != "shown":
                yield told

    def _note(self, told: Told) -> None:
        """What the tab's own document told says what it shows, too."""
        at, seen = float(told.facts["at"]), told.facts["seen"]
        if told.facts["kind"] == "arrival":
            self.pictures.begin(document_of(told.facts), at)
        if seen is None:
            return
        if told.facts["kind"] == "shown":
            self._privacy.take(seen["private"])
            self.last = seen if at > float(self.last.get("at", 0)) else self.last
        # What was typed on another page may be shown on this one, and was not looked for if it did not know.
        if {*self._privacy.wish()["typed"]} <= {*told.facts["typed"], *seen["private"]["typed"]}:
            own, frames = seen["private"]["rects"], seen["frames"]  # of what is shown in those it knows nothing
            private = {str(seen["key"]): [told.place.box_of(rect) for rect in own]}
            unknown = {f"{seen['key']} frames": [told.place.box_of(rect) for rect in frames]}
            self.pictures.tell(Moment(at, seen, private | unknown))

    def _listen_apart(self) -> None:
        """Listen to the frames that another process draws by now; the others are heard already."""
        fresh = dict.fromkeys(frame for frame in self._new if frame.parent_frame and not frame.is_detached())
        self._new.clear()
        for frame in fresh:
            if frame in self._apart and self._apart[frame].is_alive:
                continue
            with suppress(PlaywrightError):  # it is drawn by the process of the one it stands in
                session = self.page.context.new_cdp_session(frame)
                self._apart[frame] = Listener(session, self._privacy.wish(), self._hear, self._above(frame))

    def _spread(self) -> None:
        """Have each document know what stood in secret fields, in which the others may show it."""
        typed = self._privacy.wish()["typed"]
        for listener in (self._own, *self._apart.values()):
            listener.know(typed)

    def _above(self, frame: PageFrame) -> Listener:
        outer = frame.parent_frame
        while outer and outer not in self._apart:
            outer = outer.parent_frame
        return self._apart[outer] if outer else self._own

    def _take_frames(self) -> None:
        cast, self._cast = self._cast, []
        self.is_drawn = bool(cast)
        for event in cast:
            self.pictures.add(float(event["metadata"]["timestamp"]), event["data"])
        if not cast:
            self._ask_again()
            return
        looks = self._looks()
        self._stale = True
        if not any(look.is_top for look in looks):
            return
        seen = {str(look.facts["key"]): _private_in(look, looks) for look in looks}
        others = tuple(looks) if self._several else ()
        at = max(float(self.last["at"]), self.pictures.newest)  # a frame bears a time a little ahead
        self.pictures.ask(Moment(at, self.last, seen, others))
        # Of several at once the browser may have dropped the last.
        self._stale = len(cast) > 1 or not self.pictures.is_settled

    def _ask_again(self) -> None:
        """Have the page pictured once more when it has come to rest: no frame comes of a page that stays as it is."""
        if self._stale:
            self._stale = False
            self._own.session.send("Page.stopScreencast")
            self._own.session.send("Page.startScreencast", _SCREENCAST)

    def _looks(self) -> list[Look]:
        """What each document of the tab says of itself."""
        typed = self._privacy.wish()["typed"]
        looks = self._own.looks(typed, layout=self._several)
        self._apart = {frame: listener for frame, listener in self._apart.items() if not frame.is_detached()}
        for frame, listener in list(self._apart.items()):
            try:
                looks += listener.looks(typed, layout=True)
            except PlaywrightError:  # another process draws it by now, or it is gone
                del self._apart[frame]
        self._several = len(looks) > 1
        for look in looks:
            self._privacy.take(look.facts["private"])
            self.last = look.facts if look.is_top else self.last
        return looks


def _private_in(look: Look, looks: Sequence[Look]) -> list[Box]:
    """Where a document shows something private, or another document of which nothing is known."""
    found = [look.place.box_of(rect) for rect in look.facts["private"]["rects"]]
    frames = [look.place.box_of(rect) for rect in look.facts["frames"]]
    places = [(other.place.e, other.place.f) for other in looks if other is not look]
    return found + [box for box in frames if not any(_holds(box, place) for place in places)]


def _holds(box: Box, point: tuple[float, float]) -> bool:
    x, y = point
    return box.x - 1 <= x <= box.x + box.width + 1 and box.y - 1 <= y <= box.y + box.height + 1
