"""Puts held-out rows to an understanding back end, many pages at a time, as they are and with something taken away.

said = ask(understanding, held.looks(), report)               -> {0: Said("Opens the cart.", 0.93), …}
answers = ask_controls(understanding, held, numbers, report)  -> ControlAnswers(…)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from magenta_qa.finetune.controls import html_only, outline_moved, picture_only
from magenta_qa.finetune.held_out import HeldOut, Look
from magenta_qa.model.errors import BackendError
from magenta_qa.model.schema import Description
from magenta_qa.model.understand import PagesUnderstanding, Understanding

AT_ONCE = 128
"""Questions that are put to a back end together."""

Report = Callable[[int], None]
"""Told how many further rows have been answered."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a system said about one row."""

    text: str
    """Empty when it was no usable sentence."""
    confidence: float = 1.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ControlAnswers:
    """What a system said when something was taken from it; by the number of the item."""

    html_only: dict[int, Said]
    picture_only: dict[int, Said]
    outline_moved: dict[int, Said]
    moved_to: dict[int, int]
    """Which item was outlined instead."""


def ask(understanding: Understanding, looks: Iterable[Look], report: Report = lambda _: None) -> dict[int, Said]:
    """What the back end says about every row of the looks, by the number of the item.

    Raises:
        BackendError: It did not answer. What it did answer is in its cache, if it has one.
    """
    said: dict[int, Said] = {}
    for group in _grouped(looks):
        for look, descriptions in zip(group, describe_looks(understanding, group), strict=True):
            said |= zip(look.numbers, map(read_answer, descriptions), strict=True)
            report(len(look.numbers))
    return said


def ask_controls(
    understanding: Understanding, held: HeldOut, numbers: Sequence[int], report: Report = lambda _: None
) -> ControlAnswers:
    """What the back end says about these rows with less to go by."""
    looks = list(held.looks(numbers))
    moved = [found for look in looks if (found := outline_moved(look, held.items)) is not None]
    return ControlAnswers(
        html_only=ask(understanding, map(html_only, looks), report),
        picture_only=ask(understanding, map(picture_only, looks), report),
        outline_moved=ask(understanding, (look for look, _ in moved), report),
        moved_to={n: other for look, others in moved for n, other in zip(look.numbers, others, strict=True)},
    )


def _grouped(looks: Iterable[Look]) -> Iterator[list[Look]]:
    group: list[Look] = []
    for look in looks:
        group.append(look)
        if sum(len(one.numbers) for one in group) >= AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def describe_looks(understanding: Understanding, looks: Sequence[Look]) -> list[list[Description]]:
    """What the back end says about these looks, put to it together where it takes several."""
    pages = [(look.observation, look.questions) for look in looks]
    if isinstance(understanding, PagesUnderstanding):
        return understanding.describe_pages(pages)
    return [understanding.describe(observation, questions) for observation, questions in pages]


def read_answer(description: Description) -> Said:
    """What was said.

    Raises:
        BackendError: Nothing: the model did not answer.
    """
    if not description.degraded:
        return Said(description.text, description.confidence)
    if not description.unusable:
        raise BackendError(
            f"an answer is missing: {description.reason}; what was answered is kept, and the same command goes on "
            "from there"
        )
    return Said("", 0.0, description.reason)
