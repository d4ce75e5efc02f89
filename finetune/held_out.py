"""The rows that a model is judged by, put together by the look at a page that they come from.

    held = HeldOut(load_rows("data/shop", "test"))
    held.items                    # (Item(id="5e…", page="shop /cart", kinds=("icon only",), reference="Removes …"), …)
    held.others                   # what else is on these pages, without a label; numbered after the items
    for look in held.looks():     # pictures are read one look at a time
        look.observation, look.questions, look.numbers      # of `held.items`

What a back end is asked is what it is asked when serving: an observation and questions about its candidates.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from magenta_qa.finetune.element import kinds_of, read_element
from magenta_qa.finetune.row import Row
from magenta_qa.finetune.row_checks import is_unlabelled, problem_of
from magenta_qa.finetune.splits import page_group
from magenta_qa.model.errors import DatasetError, ObservationError
from magenta_qa.model.html import clean_html
from magenta_qa.model.picture import decode
from magenta_qa.model.schema import Box, Candidate, Observation, Question, State

MAX_IN_LOOK = 150
"""Rows of one look that are asked about in one call."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is kept of a row while models are judged: everything but its picture and its HTML."""

    id: str
    page: str
    look: str
    kinds: tuple[str, ...]
    reference: str
    instruction: str
    action_type: str
    element_type: str
    boxed: bool
    """Whether its outline can be moved; in other people's pictures it is drawn in."""
    place: int = 0
    """Of its row; rows of one look stand in the page's order."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page and the rows that come from it."""

    observation: Observation
    questions: tuple[Question, ...]
    numbers: tuple[int, ...]
    """Of the items that the questions are about."""


class HeldOut:
    """Rows to judge by.

    Args:
        rows: All of a split, or a part of it.
        limit: How many to take at most, spread evenly; None for all.

    Raises:
        DatasetError: No row can be used.
    """

    def __init__(self, rows: Sequence[Row], limit: int | None = None) -> None:
        self._rows = rows
        self.left_out: Counter[str] = Counter()
        """Why rows cannot be judged by → how many."""
        found = [item for index in _spread(len(rows), limit) if (item := self._item(index)) is not None]
        self.items = tuple(item for item in found if item.reference)
        looks = {item.look for item in self.items}
        self.others = tuple(item for item in found if not item.reference and item.look in looks)
        """Elements beside those of the items that nobody has labelled: what a tester means is looked for among them."""
        if not self.items:
            reasons = "; ".join(f"{reason}: {count}" for reason, count in self.left_out.items()) or "there are none"
            raise DatasetError(f"none of the {len(rows)} held-out rows can be judged by ({reasons})")

    @property
    def everything(self) -> tuple[Item, ...]:
        """The items and the others; numbers are places in it."""
        return self.items + self.others

    def _item(self, index: int) -> Item | None:
        row = self._rows[index]
        problem = "" if is_unlabelled(row) else problem_of(row)
        try:
            page = "" if problem else page_group(row)
            look = row.screenshot or hashlib.sha256(row.image).hexdigest()
            decode(row.image)
        except ObservationError:
            problem = "its picture does not decode"
        if problem:
            self.left_out[problem] += 1
            return None
        where = row.external_id if row.box is None else f"{look} {row.viewport}"
        return Item(
            id=row.external_id,
            page=page,
            look=where,
            kinds=kinds_of(row),
            reference=row.summary,
            instruction=row.instruction,
            action_type=row.action_type,
            element_type=row.element_type,
            boxed=row.box is not None,
            place=index,
        )

    def looks(self, numbers: Sequence[int] | None = None) -> Iterator[Look]:
        """The looks of all items, or only those with some of `everything`; each with its own of them."""
        everything = self.everything
        groups: dict[str, list[int]] = {}
        for number in range(len(self.items)) if numbers is None else numbers:
            groups.setdefault(everything[number].look, []).append(number)
        for group in groups.values():
            for start in range(0, len(group), MAX_IN_LOOK):
                yield self._look(tuple(group[start : start + MAX_IN_LOOK]))

    def _look(self, numbers: tuple[int, ...]) -> Look:
        everything = self.everything
        return build_look([self._rows[everything[number].place] for number in numbers], numbers)


def build_look(rows: Sequence[Row], numbers: tuple[int, ...]) -> Look:
    """What a back end is asked about rows of one look.

    Args:
        rows: They share their picture and their viewport.
        numbers: What the caller calls them.

    Raises:
        ObservationError: The picture cannot be decoded.
    """
    first = rows[0]
    viewport = first.viewport or decode(first.image).size
    candidates = tuple(_candidate(row, mark, viewport) for mark, row in enumerate(rows, 1))
    observation = Observation(
        url=first.url,
        title="",
        viewport=viewport,
        dpr=1.0,
        screenshot=first.image,
        candidates=candidates,
        outlined=first.box is None,
    )
    asked = zip(rows, candidates, strict=True)
    questions = tuple(Question(candidate, row.action_type, clean_html(row.html)) for row, candidate in asked)
    return Look(observation, questions, numbers)


def _candidate(row: Row, mark: int, viewport: tuple[int, int]) -> Candidate:
    """The row's element as an observation has it, as far as its HTML tells."""
    element = read_element(row)
    return Candidate(
        mark=mark,
        box=row.box or Box(0, 0, *viewport),
        element_type=row.element_type,
        role=row.element_type.partition(":")[0],
        name=element.name or row.text,
        text=row.text,
        state=State(),
        action_types=(row.action_type,),
        hints=element.hints,
        context=element.context,
    )


def _spread(count: int, limit: int | None) -> Sequence[int]:
    if limit is None or limit >= count:
        return range(count)
    return [number * count // limit for number in range(limit)]
