"""One tab that a person works in: what its frames tell, and what it looked like.

Pictures are frames of DevTools' screencast, which the browser draws anyway, so that nobody waits for them. Each is kept
with what was private on the page right before and after it came; one during which nobody could be asked is not kept.
"""

import base64
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame as PageFrame
from playwright.sync_api import Page

from magenta_qa.agent.page.frames import Matrix
from magenta_qa.agent.privacy.motion import Seen, hidden_between
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.record.listener import Heard, Listener, Look
from magenta_qa.model.schema import Box

KEPT_FRAMES = 40
KEPT_LOOKS = 40
LOOKS_BEFORE = 2
"""The page may be drawn a little behind what it says of itself."""
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
    others: tuple[Look, ...]
    """What else is shown in it, where it shows several documents."""


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
        self.leads_on = False
        """Whether the page itself has asked for the next one: a link, a form, a script of it."""
        self._privacy = privacy
        self._heard: deque[Heard | Answered] = deque()
        self._frames: deque[Frame] = deque(maxlen=KEPT_FRAMES)
        self._cast: list[dict[str, Any]] = []
        self._seen: deque[tuple[float, Seen]] = deque(maxlen=KEPT_LOOKS)
        """What was private at which moments, in seconds since the epoch."""
        self._stale = False
        """Whether something has moved since the last picture that hides only what must be."""
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
            self._take_frames()
        while self._heard:
            heard = self._heard.popleft()
            if isinstance(heard, Answered):
                yield heard
            else:
                yield Told(heard.facts, heard.listener.place_of(heard.world), heard.listener.is_top(heard.world))

    def _listen_apart(self) -> None:
        """Listen to the frames that another process draws by now; the others are heard already."""
        fresh = dict.fromkeys(frame for frame in self._new if frame.parent_frame and not frame.is_detached())
        self._new.clear()
        for frame in fresh:
            with suppress(PlaywrightError):  # it is drawn by the process of the one it stands in
                session = self.page.context.new_cdp_session(frame)
                self._apart[frame] = Listener(session, self._privacy.wish(), self._hear, self._above(frame))

    def _above(self, frame: PageFrame) -> Listener:
        outer = frame.parent_frame
        while outer and outer not in self._apart:
            outer = outer.parent_frame
        return self._apart[outer] if outer else self._own

    def _take_frames(self) -> None:
        cast, self._cast[:] = list(self._cast), []
        session = self._own.session
        for event in cast:
            session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})
        if not cast:
            self._ask_again()
            return
        newest = cast[-1]  # of the others nobody can say any more what was private
        looks = self._looks()
        if not any(look.is_top for look in looks):
            return
        at = float(newest["metadata"]["timestamp"])
        earlier = [number for number, (when, _) in enumerate(self._seen) if when < at]
        seen = {str(look.facts["key"]): _private_in(look, looks) for look in looks}
        self._seen.append((float(self.last["at"]), seen))
        since = earlier[-LOOKS_BEFORE:][0] if earlier else 0
        hidden = hidden_between([each for _, each in self._seen][since:])
        self._stale = hidden is None or hidden.moved
        if hidden is None:
            return
        picture = base64.b64decode(newest["data"])
        others = tuple(looks) if self._several else ()
        self._frames.append(Frame(at, picture, str(self.last["key"]), hidden.boxes, others))

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

    def picture_before(self, at: float, document: str) -> Frame | None:
        """The last picture of a document before a moment; None where there is none."""
        shown: Sequence[Frame] = [frame for frame in self._frames if frame.at <= at and frame.document == document]
        return shown[-1] if shown else None


def _private_in(look: Look, looks: Sequence[Look]) -> list[Box]:
    """Where a document shows something private, or another document of which nothing is known."""
    found = [look.place.box_of(rect) for rect in look.facts["private"]["rects"]]
    frames = [look.place.box_of(rect) for rect in look.facts["frames"]]
    places = [(other.place.e, other.place.f) for other in looks if other is not look]
    return found + [box for box in frames if not any(_holds(box, place) for place in places)]


def _holds(box: Box, point: tuple[float, float]) -> bool:
    x, y = point
    return box.x - 1 <= x <= box.x + box.width + 1 and box.y - 1 <= y <= box.y + box.height + 1
