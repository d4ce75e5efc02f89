"""What a tab looked like from moment to moment: frames of its screencast, and what was private around each.

    pictures = Pictures()
    pictures.begin("1764131593210.4", 1764131593.31)    # a document has come
    pictures.add(1764131593.52, jpeg)                   # a frame
    pictures.ask(Moment(1764131593.55, …))              # what the tab's documents said when they were asked
    pictures.tell(Moment(1764131594.10, …))             # what a document told by itself
    pictures.before(1764131594.10, "1764131593210.4")   # what was seen of it right before that
    pictures.keep(1764131594.10, "1764131593210.4")     # and is asked for later

A frame bears the time at which it was to be on the screen, and shows nothing that came later. It is of the document
that had come by then. A document that leaves before anybody has asked it has told of itself when something was done.
"""

import base64
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from magenta_qa.agent.privacy.motion import Hidden, Seen, hidden_between
from magenta_qa.agent.record.listener import Look
from magenta_qa.model.schema import Box

KEPT_FRAMES = 100
KEPT_MOMENTS = 100
KEPT_DOCUMENTS = 20
KEPT_FOR_LATER = 4
LOOKS_BEFORE = 2
"""The page may be drawn a little behind what it says of itself."""
REACTION_SECONDS = 0.25
"""Nobody acts because of what was drawn so shortly before: what was seen until then will do."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was known of a tab at one moment."""

    at: float
    """Seconds since the epoch."""
    facts: dict[str, Any]
    """What the tab's own document said of itself."""
    seen: Seen
    """What was private."""
    others: tuple[Look, ...] = ()
    """What each document said, where several are shown."""

    @property
    def document(self) -> str:
        """Which document the tab showed."""
        return document_of(self.facts)


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the tab."""

    picture: bytes
    hidden: tuple[Box, ...]
    """What was private shortly before and after."""
    others: tuple[Look, ...]
    """What each document shown in it said, where it shows several."""


def document_of(facts: dict[str, Any]) -> str:
    """Which document says something: the same one whatever address it gives itself."""
    return str(facts["key"]).partition(" ")[0]


def _last(count: int) -> "deque[Any]":
    return deque(maxlen=count)


@dataclass(slots=True)
class Pictures:
    """What one tab looked like lately."""

    _documents: deque[tuple[float, str]] = field(default_factory=lambda: _last(KEPT_DOCUMENTS))
    """When which one came."""
    _shots: deque[tuple[float, str]] = field(default_factory=lambda: _last(KEPT_FRAMES))
    """Frames in base64."""
    _asked: deque[Moment] = field(default_factory=lambda: _last(KEPT_MOMENTS))
    _told: deque[Moment] = field(default_factory=lambda: _last(KEPT_MOMENTS))
    _kept: deque[tuple[float, str, Frame]] = field(default_factory=lambda: _last(KEPT_FOR_LATER))

    def begin(self, document: str, at: float) -> None:
        """A document has come to the tab."""
        self._documents.append((at, document))

    def add(self, at: float, data: str) -> None:
        """A frame of the screencast, in base64."""
        self._shots.append((at, data))

    def ask(self, moment: Moment) -> None:
        """All that the tab's documents answered."""
        self._asked.append(moment)

    def tell(self, moment: Moment) -> None:
        """What the tab's own document told by itself; of others in it nothing is known.

        Where something may be hidden from it, it counts if no more is than when it was asked: then all was looked for.
        """
        asked = [each.facts["suspects"] for each in self._asked if each.document == moment.document]
        if moment.facts["suspects"] <= (asked[-1] if asked else 0):
            self._told.append(moment)

    @property
    def newest(self) -> float:
        """The time of the last frame; 0 where there is none."""
        return self._shots[-1][0] if self._shots else 0.0

    @property
    def is_settled(self) -> bool:
        """Whether what the last frame hides is what must be, and no more."""
        hidden = _hidden(self.newest, self._asked, [self._asked[-1]]) if self._asked else None
        return hidden is not None and not hidden.moved

    def document_at(self, at: float) -> str:
        """Which document the tab showed at a moment; empty where none was seen to come."""
        return next((document for came, document in reversed(self._documents) if came <= at), "")

    def facts_at(self, at: float, document: str) -> dict[str, Any] | None:
        """What a document of the tab's own said of itself last before a moment, or else first after it."""
        moments = sorted([*self._asked, *self._told], key=_at)
        known = [moment for moment in moments if moment.document == document]
        return next((each.facts for each in reversed(known) if each.at <= at or each is known[0]), None)

    def keep(self, at: float, document: str) -> None:
        """Have the last picture of a document before a moment for later: a field may be written in for long."""
        frame = self.before(at, document)
        if frame:
            self._kept.append((at, document, frame))

    def before(self, at: float, document: str) -> Frame | None:
        """The last picture of a document before a moment; None where none is known to be of it, or what it shows."""
        for when, each, frame in self._kept:
            if (when, each) == (at, document):
                return frame
        shots = self._shots_before(at, document)
        # Of other documents that are shown in it, only answers tell.
        found = (find(*shot, document, at) for find in (self._answered, self._told_of) for shot in shots)
        return next((frame for frame in found if frame), None)

    def _shots_before(self, at: float, document: str) -> list[tuple[float, str]]:
        """Pictures of a document of which one may stand for what was seen before a moment, the last first."""
        came = max((when for when, each in self._documents if each == document and when <= at), default=at)
        shots = [shot for shot in reversed(self._shots) if came <= shot[0] <= at]
        late = sum(shot[0] > at - REACTION_SECONDS for shot in shots)
        return shots[: late + 1]

    def _answered(self, at: float, data: str, document: str, until: float) -> Frame | None:
        """A picture after which the tab's documents were asked."""
        after = next((moment for moment in self._asked if moment.at >= at), None)
        hidden = _hidden(at, self._asked, [after]) if after and after.document == document else None
        return Frame(base64.b64decode(data), hidden.boxes, after.others) if after and hidden else None

    def _told_of(self, at: float, data: str, document: str, until: float) -> Frame | None:
        """A picture after which its document told of itself."""
        told = [moment for moment in self._told if moment.document == document and moment.at <= until]
        hidden = _hidden(at, [*self._asked, *told], [moment for moment in told if moment.at >= at])
        return Frame(base64.b64decode(data), hidden.boxes, ()) if hidden else None


def _hidden(at: float, known: Iterable[Moment], after: Sequence[Moment]) -> Hidden | None:
    """What to hide of a frame, given what was known of the tab and what it said afterwards."""
    before = sorted((moment for moment in known if moment.at < at), key=_at)[-LOOKS_BEFORE:]
    return hidden_between([moment.seen for moment in [*before, *sorted(after, key=_at)]]) if after else None


def _at(moment: Moment) -> float:
    return moment.at
