"""From conversations to batches: every row read once beforehand, then put together by length.

    rows = Rows(load_examples("data/shop", "train", view), processor, max_length=2048, max_slices=9)
    survey = take_survey(rows, processes=4)              # which rows can be used, and how many tokens each takes
    sampler = LengthSorted(survey.lengths, rows_a_step=64, seed=42)

A row that cannot be used (its picture does not decode, its text holds a token of the model's) is named before training
begins and left out; no other row takes its place, and none is found out about in the middle of the night.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader, Dataset, Sampler, Subset

from magenta_qa.finetune.progress import OnProgress
from magenta_qa.model.errors import DatasetError, MagentaError
from magenta_qa.model.minicpmv import example as encoded
from magenta_qa.model.minicpmv.processor import Processor

if TYPE_CHECKING:
    from magenta_qa.finetune.examples import Example

IDS = "row_ids"
"""Where a batch says which rows it is made of."""
_SORTED_AT_ONCE = 50
"""Steps whose rows are sorted together: enough for rows of like length, few enough for every epoch to differ."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row, encoded."""

    id: str
    example: encoded.Example


@dataclass(frozen=True, slots=True)
class Unusable:
    """A row that cannot be used, and why."""

    id: str
    reason: str


class Rows(Dataset):
    """Conversations, encoded when they are asked for.

    Args:
        examples: What `finetune.examples` gives: an id, the turns, and pictures that are opened when needed.
        processor: The model's.
        max_length: Tokens at most.
        max_slices: Slices of a picture at most.
    """

    def __init__(self, examples: "Sequence[Example]", processor: Processor, max_length: int, max_slices: int) -> None:
        self.examples, self.processor = examples, processor
        self.max_length, self.max_slices = max_length, max_slices

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> Item:
        return self.encode(self.examples[index])

    def encode(self, example: "Example") -> Item:
        """One conversation as token ids and slices.

        Raises:
            DatasetError: It cannot be used; says which one and why.
        """
        prompt, answer = question_and_answer(example)
        try:
            pictures = example.open_images()
            made = self.processor.encode(
                [pictures[name] for name in example.placeholders],
                prompt,
                answer,
                max_slices=self.max_slices,
                max_length=self.max_length,
            )
        except (MagentaError, ValueError, OSError) as error:
            raise DatasetError(f"row {example.id}: {error}") from error
        return Item(example.id, made)


def question_and_answer(example: "Example") -> tuple[str, str]:
    """The user's turn and the assistant's.

    Raises:
        DatasetError: The conversation has more turns than these two.
    """
    roles = [turn.role for turn in example.turns]
    if roles != ["user", "assistant"]:
        raise DatasetError(
            f"row {example.id} has the turns {', '.join(roles) or 'none'}; expected one question of the user and one "
            "answer of the assistant; split the conversation up"
        )
    return example.turns[0].content, example.turns[1].content


@dataclass(frozen=True, slots=True)
class Collator:
    """Puts rows together; made so that a loader's processes can be handed one."""

    processor: Processor

    def __call__(self, items: Sequence[Item]) -> dict[str, Any]:
        """A batch as the model takes it, and under `IDS` the ids of its rows."""
        batch = self.processor.collate([item.example for item in items])
        return batch | {IDS: [item.id for item in items]}


@dataclass(slots=True)
class Survey:
    """What reading every row once has shown."""

    indices: list[int] = field(default_factory=list)
    """Of the rows that can be used."""
    lengths: list[int] = field(default_factory=list)
    """Tokens of these rows, pictures and answer included."""
    answers: int = 0
    """Tokens of all answers."""
    trimmed: int = 0
    """Rows of which text was cut to make them fit."""
    pixels: int = 0
    """Pixels of all slices."""
    unusable: list[Unusable] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """Of all rows that can be used."""
        return sum(self.lengths)

    def add(self, index: int, found: "Item | Unusable") -> None:
        """Note down one row."""
        if isinstance(found, Unusable):
            self.unusable.append(found)
            return
        example = found.example
        self.indices.append(index)
        self.lengths.append(len(example))
        self.answers += len(example) - (example.answer_start or 0)
        self.trimmed += example.trimmed > 0
        self.pixels += sum(piece.shape[1] * piece.shape[2] for piece in example.slices)


class _Tried(Dataset):
    """Rows of which those that cannot be used are said to be so."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[int, Item | Unusable]:
        try:
            return index, self.rows[index]
        except DatasetError as error:
            return index, Unusable(self.rows.examples[index].id, str(error))


def _first(found: Sequence[Any]) -> Any:  # noqa: ANN401 - the only one of a batch of one
    return found[0]


def take_survey(
    rows: Rows, indices: Sequence[int] | None = None, processes: int = 0, show: OnProgress | None = None
) -> Survey:
    """Read rows once and say which can be used.

    Args:
        rows: All rows.
        indices: Of those to read; None for all.
        processes: That read beside this one.
        show: Told about progress.
    """
    chosen: Any = _Tried(rows) if indices is None else Subset(_Tried(rows), list(indices))
    loader = DataLoader(chosen, batch_size=1, num_workers=processes, collate_fn=_first)
    survey = Survey()
    for done, (index, found) in enumerate(loader, 1):
        survey.add(index, found)
        if show is not None:
            show("reading rows", done, len(chosen))
    return survey


def join_surveys(surveys: Sequence[Survey]) -> Survey:
    """One survey of what several processes read, in the order of the rows."""
    found = sorted(
        (index, length) for survey in surveys for index, length in zip(survey.indices, survey.lengths, strict=True)
    )
    return Survey(
        indices=[index for index, _ in found],
        lengths=[length for _, length in found],
        answers=sum(survey.answers for survey in surveys),
        trimmed=sum(survey.trimmed for survey in surveys),
        pixels=sum(survey.pixels for survey in surveys),
        unusable=[row for survey in surveys for row in survey.unusable],
    )


class LengthSorted(Sampler[int]):
    """Rows in an order of which every step's share is of like length, another in each epoch.

    The order depends on the seed, the epoch and the rows of a step, however many devices share these out: a run on two
    devices sees in each step what a run on one does. The longest step comes first, so that memory that does not suffice
    is found out about at once.

    Args:
        lengths: Tokens of each row.
        rows_a_step: Rows that all devices see in one step of the optimizer.
        seed: Of the order.
        sort: False for a plain random order.
    """

    def __init__(self, lengths: Sequence[int], rows_a_step: int, seed: int, *, sort: bool = True) -> None:
        self.lengths, self.rows_a_step, self.seed, self.sort = lengths, max(1, rows_a_step), seed, sort
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        order = torch.randperm(len(self.lengths), generator=generator).tolist()
        if not self.sort:
            return iter(order)
        steps = self._steps(order)
        # A last step that is not full stays last, or devices would be out of step with each other.
        rest = [steps.pop()] if steps and len(steps[-1]) < self.rows_a_step else []
        if steps:
            longest = max(range(len(steps)), key=lambda number: self.lengths[steps[number][0]])
            others = [steps[number] for number in torch.randperm(len(steps), generator=generator) if number != longest]
            steps = [steps[longest], *others]
        return (row for step in [*steps, *rest] for row in step)

    def _steps(self, order: Sequence[int]) -> list[list[int]]:
        many = self.rows_a_step * _SORTED_AT_ONCE
        steps: list[list[int]] = []
        for start in range(0, len(order), many):
            together = sorted(order[start : start + many], key=lambda row: -self.lengths[row])
            steps += [together[at : at + self.rows_a_step] for at in range(0, len(together), self.rows_a_step)]
        return steps


def padding_share(lengths: Sequence[int], order: Sequence[int], batch: int) -> float:
    """Share of a batch's positions that only fill up, when rows are taken in this order."""
    batches = [[lengths[row] for row in order[start : start + batch]] for start in range(0, len(order), batch)]
    positions = sum(max(rows) * len(rows) for rows in batches)
    return 1 - sum(map(sum, batches)) / positions if positions else 0.0


def steps_of(rows: int, rows_a_step: int, epochs: float, max_steps: int) -> int:
    """Steps of the optimizer in a run."""
    return max_steps if max_steps > 0 else math.ceil(epochs * math.ceil(rows / rows_a_step))
