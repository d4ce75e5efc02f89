"""Ticks several rows that are alike, does what is offered for all of them, and looks whether it was done to all.

    Bulk(tester).carry_out()      # on a page whose table has boxes in its rows

A row that was left out is one that was ticked, was in the same state as another ticked row, and still is, while the
other one has changed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from magenta_qa.agent.explore.graph import control_key
from magenta_qa.agent.explore.risk import risks
from magenta_qa.agent.explore.session import Done, Seen
from magenta_qa.agent.explore.tasks import tickable
from magenta_qa.agent.explore.wording import item_of, label, quoted
from magenta_qa.model.schema import Action, Candidate

if TYPE_CHECKING:
    from magenta_qa.agent.explore.tester import Tester

Row = Mapping[str, Any]
"""An entry of a list with its cells, as `page.js` gives it."""
TICKED = 3
MAX_ACTIONS = 2
"""What is done with the rows that were ticked: as many of the buttons as this."""
_BACK = re.compile(r"\b(?:cancel|close|dismiss|back|no|not|keep|discard|never|abort|clear|selection)\b|^[×✕x]$", re.I)
_OF_ROWS = re.compile(r"\b(?:orders?|items?|rows?|entries|all|selected)\b", re.I)
"""“Cancel orders” takes nothing back, as “Cancel” does."""


@dataclass(frozen=True, slots=True)
class Left:
    """A row that a bulk action has left out."""

    row: str
    was: str
    became: str
    """What the others have in its place; empty where they are gone."""


@dataclass(slots=True)
class Bulk:
    """Works on the rows of one table."""

    tester: "Tester"
    done: set[str] = field(default_factory=set)
    """Keys of the buttons that were pressed."""
    column: int | None = None
    """Which cell a bulk action has changed: rows that are alike in it are ticked next."""

    def carry_out(self) -> None:
        """Tick, act, judge; once more with what is alike in the column that has changed."""
        tester = self.tester
        for attempt in range(MAX_ACTIONS):
            if attempt:
                tester.session.open(tester.seen.place.url if tester.seen else tester.graph.origin)
                tester.look()
            if not self._once():
                return

    def _once(self) -> bool:
        """One round; whether another one makes sense."""
        tester, session, seen = self.tester, self.tester.session, self.tester.seen
        if seen is None:
            return False
        before = self._rows()
        boxes = alike(tickable(seen), before, self.column)
        known = {control_key(c) for c in seen.observation.candidates if not c.state.disabled}
        for box in boxes:
            session.act(Action("check", box[0].mark), seen)
        now = tester.look()
        button = self._button(now, known) if now is not None else None
        if now is None or button is None:
            return False
        self.done.add(control_key(button))
        done = self._press(button, now)
        if done is None:
            return True
        names = [row["name"] for _, row in boxes]
        scripts = session.scripts()
        session.reload()
        tester.look()
        after = self._rows()
        self.column = changed_column(names, before, after)
        left = left_out(names, before, after)
        if left is not None:
            state = f"still is “{left.was}”" if left.became else "is still there"
            text = f"{label(button)} was done with {len(names)} rows ticked, but {left.row} {state}"
            shows = f"the row of {quoted(left.row)} shows {quoted(left.became)}"
            expect = (shows if left.became else f"the page does not show {quoted(left.row)}",)
            tester.suspect(
                tester.examiner.suspicion("wrong target", seen, label(button), text, expect, scripts=scripts),
                seen,
                button,
            )
        return left is None

    def _rows(self) -> list[Row]:
        """The entries of the list that has most of them."""
        lists = self.tester.examiner.snapshot().lists
        return max((each["entries"] for each in lists), key=len, default=[])

    def _button(self, seen: Seen, known: set[str]) -> Candidate | None:
        """What can be pressed only now that rows are ticked, and may be."""
        for each in seen.observation.candidates:
            key = control_key(each)
            if each.role != "button" or each.state.disabled or key in known | self.done or item_of(each) is not None:
                continue
            leads = _OF_ROWS.search(label(each)) or not _BACK.search(label(each))
            if leads and risks(label(each), seen.descriptions.get(each.mark, "")) <= self.tester.options.allowed:
                return each
        return None

    def _press(self, button: Candidate, seen: Seen) -> Done | None:
        """Press it, and say yes to what is asked; None where nothing was sent."""
        tester, session = self.tester, self.tester.session
        done = session.act(Action("click", button.mark), seen)
        tester.judge_events(done.events, seen.place.key, done.step, button)
        if not done.sent:
            asked = session.look()
            yes = [c for c in asked.observation.candidates if c.role == "button" and not _BACK.search(label(c))]
            if not asked.place.modal or not yes:
                return None
            done = session.act(Action("click", yes[-1].mark), asked)
            tester.judge_events(done.events, seen.place.key, done.step, yes[-1])
        if not done.sent:
            return None
        tester.note_path(done)
        return done


def alike(boxes: Sequence[Candidate], rows: Sequence[Row], column: int | None) -> list[tuple[Candidate, Row]]:
    """Some boxes whose rows have the same in one column, as many as are ticked at once.

    Args:
        boxes: In rows of a table.
        rows: The table's, with their cells.
        column: Which one; by default the one that has the fewest different values.
    """
    pairs = [(box, row) for box in boxes if (row := _row_of(box, rows)) is not None]
    width = min((len(row["cells"]) for _, row in pairs), default=0)
    if column is None:
        counts = {i: len({row["cells"][i] for _, row in pairs if row["cells"][i]}) for i in range(width)}
        column = min((i for i in counts if counts[i] > 1), key=lambda i: counts[i], default=None)
    if column is None or column >= width:
        return pairs[:TICKED]
    usual, _ = Counter(row["cells"][column] for _, row in pairs).most_common(1)[0]
    return [(box, row) for box, row in pairs if row["cells"][column] == usual][:TICKED]


def _row_of(box: Candidate, rows: Sequence[Row]) -> Row | None:
    item = item_of(box)
    told = " ".join((label(box), item.text if item else "")).split()
    return next((row for row in rows if row["name"] and set(str(row["name"]).split()) <= set(told)), None)


def changed_column(names: Sequence[str], before: Sequence[Row], after: Sequence[Row]) -> int | None:
    """The first cell in which one of some rows has changed."""
    pairs = _pairs(names, before, after)
    cells = (zip(was["cells"], now["cells"], strict=False) for was, now in pairs if now)
    found = (i for row in cells for i, (old, new) in enumerate(row) if old != new)
    return next(found, None)


def left_out(names: Sequence[str], before: Sequence[Row], after: Sequence[Row]) -> Left | None:
    """A row that was as another one was, and still is, while that one has changed or is gone.

    Args:
        names: Of the rows that were ticked.
        before: All rows.
        after: All rows, after a bulk action and a reload.
    """
    pairs = _pairs(names, before, after)
    changed = [(was, now) for was, now in pairs if now is None or was["cells"] != now["cells"]]
    kept = [was for was, now in pairs if now is not None and was["cells"] == now["cells"]]
    for was, now in changed:
        if now is None and kept and len(changed) > 1:
            return Left(kept[-1]["name"], "", "")
        for i, (old, new) in enumerate(zip(was["cells"], now["cells"], strict=False) if now else ()):
            same = [row for row in kept if row["cells"][i] == old]
            if old != new and same:
                return Left(same[-1]["name"], old, new)
    return None


def _pairs(names: Sequence[str], before: Sequence[Row], after: Sequence[Row]) -> list[tuple[Row, Row | None]]:
    """The named rows as they were and as they are; None for what is gone."""
    now = {row["name"]: row for row in after}
    return [(row, now.get(row["name"])) for row in before if row["name"] in names]
