"""Asks each frame of a page what is in it, and turns places in a frame into places in the top page's viewport.

    reader = FrameReader(page, late)
    reader.read()          -> [FrameReport(frame=<top>, …), FrameReport(frame=<iframe>, …)]

A frame that is not drawn, cannot be reached by scrolling, is wholly covered, goes away or never answers is left out.
"""

import json
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from playwright.sync_api import CDPSession, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page.bounded import BoundedCalls, Stopped
from magenta_qa.agent.page.script import KNOCK, knock_expression, token
from magenta_qa.model.schema import Box, Candidate

TOP_SECONDS = 30.0
CHILD_SECONDS = 2.0
"""How long a frame may take to answer; one that hangs must not hang the whole page."""
MAX_FRAMES = 100
_PROBES = [(x / 10, y / 10) for y in (5, 1, 9) for x in (5, 1, 9)]

T = TypeVar("T")
Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Point = tuple[float, float]


class Matrix(NamedTuple):
    """An affine map: x' = a·x + c·y + e, y' = b·x + d·y + f (CSS's `matrix()`)."""

    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 1
    e: float = 0
    f: float = 0

    def point(self, x: float, y: float) -> Point:
        """Where a point lands."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def rect(self, left: float, top: float, right: float, bottom: float) -> Rect:
        """The bounding rectangle of where a rectangle lands."""
        corners = [self.point(x, y) for x in (left, right) for y in (top, bottom)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def box(self, x: float, y: float, width: float, height: float) -> Box:
        """The same for a box given by its size."""
        return self.box_of((x, y, x + width, y + height))

    def box_of(self, rect: Sequence[float]) -> Box:
        """Where a rectangle (left, top, right, bottom) lands, as the box around it."""
        left, top, right, bottom = self.rect(*rect)
        return Box(round(left, 2), round(top, 2), round(right - left, 2), round(bottom - top, 2))

    def inverse(self) -> "Matrix":
        """The map back."""
        det = self.a * self.d - self.b * self.c or 1e-9
        a, b, c, d = self.d / det, -self.b / det, -self.c / det, self.a / det
        return Matrix(a, b, c, d, -(a * self.e + c * self.f), -(b * self.e + d * self.f))


class Facts(NamedTuple):
    """What of a candidate stays while its page stays as it is, as `collect.js` gives it."""

    tag: str
    element_type: str
    role: str
    name: str
    text: str
    """Visible text; empty for fields."""
    actions: list[str]
    description: str
    hints: str
    popup: str
    options: list[str]
    href: str
    contexts: list[int]
    """Indices into the frame's contexts."""
    locators: list[str]


class Row(NamedTuple):
    """The rest of a candidate, in the coordinates of its frame."""

    at: int
    """Where it stands in the frame's reading order."""
    facts: int
    """Index into the facts of the frame's memory."""
    box: tuple[float, float, float, float]
    state: dict[str, Any]
    """What differs from `State()`."""
    points: list[Point]
    """Free points; empty when it must be scrolled to."""
    spots: list[Point]
    """In a frame, where it may show up once it is scrolled to."""


@dataclass(slots=True)
class FrameMemory:
    """What is known of a frame while it stays as it is; the script sends only what is not known yet."""

    generation: str = ""
    facts: list[Facts] = field(default_factory=list)
    contexts: list[tuple[str, str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    """Of the last reading; not sent again while they are the same."""
    stamp: int = 0
    """What the script calls these rows."""
    lasting: dict[int, Candidate] = field(default_factory=dict)
    """Candidates built of these facts, without box and state: only what lasts."""
    built: dict[int, tuple[object, Candidate]] = field(default_factory=dict)
    """The last complete ones, each with what else it was built of."""
    page: tuple[list[Row], tuple[Candidate, ...]] | None = None
    """All of them, of a page without frames, with the rows that they were built of."""

    def known(self) -> tuple[str, int, int, int]:
        """What the script needs not send."""
        return self.generation, len(self.facts), len(self.contexts), self.stamp

    def update(self, facts: dict[str, Any]) -> "FrameMemory":
        """The memory after a reading: this one, or a new one if the page has changed."""
        memory = self if facts["generation"] == self.generation else FrameMemory(facts["generation"])
        memory.facts += [Facts(*row) for row in facts.pop("facts")]
        memory.contexts += [(kind, text) for kind, text in facts.pop("contexts")]
        rows = facts.pop("rows")
        if rows is not None:
            memory.rows = [Row(*row) for row in rows]
        memory.stamp = facts.pop("stamp")
        return memory


class NotInstalled(Exception):
    """A frame has no observing script yet."""


class NoAnswer(Exception):
    """A frame went away or did not answer in time."""


@dataclass(slots=True)
class FrameReport:
    """What one frame said."""

    frame: Frame
    index: int
    """Index into the page's frames."""
    parent: "FrameReport | None"
    matrix: Matrix
    """From this frame's viewport to its parent's."""
    slot: int
    """Which of the parent's frames it is."""
    facts: dict[str, Any]
    """Page facts and `frames`, as `collect.js` gives them."""
    memory: FrameMemory
    rows: list[Row]
    order: tuple[int, ...] = ()
    """Where it stands in the reading order."""
    points: dict[int, Point] = field(default_factory=dict)
    """Row → a free point, in the top page's viewport."""
    hidden: set[int] | None = None
    """Rows that can be acted on after scrolling; None: all that have no point."""

    silent: list[int] = field(default_factory=list)
    """Which of its frames gave no answer."""

    def silent_boxes(self) -> list[Box]:
        """Where frames are drawn that gave no answer, in the top page's viewport."""
        seen = [self.facts["frames"][slot]["seen"] for slot in self.silent]
        return [self.to_top().box_of(rect) for rect in filter(None, seen)]

    def private_boxes(self) -> list[Box]:
        """Where private things stood when the frame was read, in the top page's viewport."""
        return self.boxes_of(self.facts["private"]["rects"])

    def boxes_of(self, rects: Sequence[Rect]) -> list[Box]:
        """Rectangles of this frame's viewport, in the top page's."""
        to_top = self.to_top()
        return [to_top.box_of(rect) for rect in rects]

    def offers(self, row: int) -> bool:
        """Whether a row is a candidate, and not covered by something in a parent page."""
        if self.rows[row].points:
            return row in self.points
        return self.hidden is None or row in self.hidden

    def to_top(self) -> Matrix:
        """From this frame's viewport to the top page's."""
        return multiply(self.parent.to_top(), self.matrix) if self.parent else self.matrix


def multiply(m: Matrix, n: Matrix) -> Matrix:
    """First `n`, then `m`."""
    return Matrix(
        m.a * n.a + m.c * n.b,
        m.b * n.a + m.d * n.b,
        m.a * n.c + m.c * n.d,
        m.b * n.c + m.d * n.d,
        m.a * n.e + m.c * n.f + m.e,
        m.b * n.e + m.d * n.f + m.f,
    )


class FrameReader:
    """Reads all frames of one page.

    Args:
        page: The page.
        session: Its DevTools session.
        calls: Bounds each call; whoever stops it ends the reading.
        attach: Puts the script into frames that were loaded before it could run by itself.
        memories: What is known of each frame from earlier readings; kept up to date.
        hide: What is private (`Privacy.wish`); None: nothing is looked for.
    """

    def __init__(
        self,
        page: Page,
        session: CDPSession,
        calls: BoundedCalls,
        attach: Callable[[], None],
        memories: MutableMapping[Frame, FrameMemory],
        hide: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._page = page
        self._session = session
        self._attach = attach
        self._memories = memories
        self._hide = hide
        self._attached = False
        self._calls = calls

    def ask(self, frame: Frame, name: str, a: object = None, b: object = None) -> str:
        """JSON text that a function of the observing script in `frame` returns.

        Raises:
            NotInstalled: The script is not there.
            NoAnswer: The frame went away or hangs.
        """
        answer: object = self._bounded(frame, lambda: self._evaluate(frame, name, a, b))
        if not isinstance(answer, str):
            raise NotInstalled
        return answer

    def _evaluate(self, frame: Frame, name: str, a: object, b: object) -> object:
        if frame.parent_frame is not None:
            answer: object = frame.evaluate(KNOCK, _knock(name, a, b))
            return answer
        # Straight through DevTools: faster, and no matter what the page has done to its built-ins.
        facts = {"expression": knock_expression(name, a, b), "returnByValue": True}
        found = self._session.send("Runtime.evaluate", facts)
        if "exceptionDetails" in found:
            raise NoAnswer(
                found["exceptionDetails"].get("exception", {}).get("description", "exception").splitlines()[0]
            )
        return found["result"].get("value")

    def read(self) -> list[FrameReport]:
        """Every frame that shows something, the top page first.

        Raises:
            NoAnswer: The top page did not answer.
        """
        frames = {frame: index for index, frame in enumerate(self._page.frames)}
        main = self._page.main_frame
        top = FrameReport(main, 0, None, Matrix(), 0, *self._collect(main, None, False))
        top.points = {i: _point(row.points[0]) for i, row in enumerate(top.rows) if row.points}
        reports = [top]
        for report in reports:
            if not report.facts["frames"] or len(reports) > MAX_FRAMES:
                continue
            for frame in report.frame.child_frames:
                child = self._child(report, frame, frames.get(frame, -1))
                if child is not None:
                    reports.append(child)
        return reports

    def _collect(self, frame: Frame, view: Rect | None, many: bool) -> tuple[dict[str, Any], FrameMemory, list[Row]]:
        memory = self._memories.get(frame, FrameMemory())
        wish = {"many": many, "known": memory.known(), "hide": self._hide}
        try:
            facts: dict[str, Any] = json.loads(self.ask(frame, "collect", view, wish))
        except NotInstalled:
            if not self._attached:
                self._attached = True
                self._attach()
            facts = json.loads(self.ask(frame, "collect", view, wish))
        self._memories[frame] = memory = memory.update(facts)
        return facts, memory, memory.rows

    def _child(self, parent: FrameReport, frame: Frame, index: int) -> FrameReport | None:
        slot = -1
        try:
            slot = self._slot(parent, frame)
            place = parent.facts["frames"][slot] if slot >= 0 else None
            if index < 0 or place is None or not place["reachable"]:
                return None
            matrix = Matrix(*place["matrix"])
            seen = place["seen"]
            view = matrix.inverse().rect(*seen) if seen else (0.0, 0.0, 0.0, 0.0)
            found = self._collect(frame, view, True)
            report = FrameReport(frame, index, parent, matrix, slot, *found, (*parent.order, place["at"]))
            return report if self._uncover(report, view if seen else None) else None
        except (NotInstalled, NoAnswer):
            parent.silent += [slot] if slot >= 0 else []
            return None

    def _slot(self, parent: FrameReport, frame: Frame) -> int:
        def find() -> int:
            element = frame.frame_element()
            slot: int = parent.frame.evaluate(KNOCK, _knock("frameIndexOf", element, None))
            element.dispose()
            return slot

        return self._bounded(frame, find)

    def _bounded(self, frame: Frame, call: Callable[[], T]) -> T:
        seconds = CHILD_SECONDS if frame.parent_frame else TOP_SECONDS
        try:
            return self._calls.run(call, seconds)
        except Stopped as error:
            raise NoAnswer(f"no answer within {seconds:g} s") from error
        except PlaywrightError as error:
            raise NoAnswer(error.message.splitlines()[0]) from error

    def _uncover(self, report: FrameReport, view: Rect | None) -> bool:
        """Keep the points that no ancestor's element covers; False when nothing of the frame can be seen through."""
        probes = _grid(view) if view else []
        shown = [(i, _point(p)) for i, row in enumerate(report.rows) for p in row.points]
        spots = [(i, _point(p)) for i, row in enumerate(report.rows) for p in row.spots]
        points: list[Point] = [*probes, *[p for _, p in shown], *[p for _, p in spots]]
        free = [True] * len(points)
        at = report
        while at.parent is not None and points:
            points = [at.matrix.point(x, y) for x, y in points]
            answers = json.loads(self.ask(at.parent.frame, "cover", at.slot, points))
            free = [a and b for a, b in zip(free, answers, strict=True)]
            at = at.parent
        for (i, _), point, ok in zip(shown, points[len(probes) :], free[len(probes) :], strict=False):
            if ok:
                report.points.setdefault(i, (round(point[0], 2), round(point[1], 2)))
        report.hidden = {i for (i, _), ok in zip(reversed(spots), reversed(free), strict=False) if ok}
        return not view or any(free[: len(probes)]) or bool(report.points)


def _point(pair: Sequence[float]) -> Point:
    return pair[0], pair[1]


def _knock(name: str, a: object, b: object) -> dict[str, object]:
    return {"token": token(), "name": name, "a": a, "b": b}


def _grid(view: Rect) -> list[Point]:
    left, top, right, bottom = view
    return [(left + (right - left) * x, top + (bottom - top) * y) for x, y in _PROBES]
