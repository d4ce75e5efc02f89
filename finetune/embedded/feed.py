"""Batches of both kinds, as the model's `forward` takes them: ids from the host, pictures from the device.

    feed = Feed(split, screens, plan, base)
    feed.batch(7)                          # micro-batch 7 of the plan: the same whenever it is asked for
    feed.question(elements, "bare", squares)        # to be answered
    feed.seconds                           # spent here so far: what a step waits for its data

A batch's rows are of like length and filled up at the right to a multiple of 64. Elements come in pairs of one screen:
in the same square with another one outlined, or each near the middle of its own, in colours that vary.
"""

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from magenta_qa.finetune.embedded.packed import Split, Tokens
from magenta_qa.finetune.embedded.plan import KINDS, Kind, Plan
from magenta_qa.finetune.embedded.screens import Screens, varied
from magenta_qa.finetune.embedded.squares import Geometry
from magenta_qa.finetune.training.batches import IDS, LengthSorted
from magenta_qa.model.minicpmv.example import IGNORED
from magenta_qa.model.minicpmv.families import family_of

ROUNDED = 64
"""Widths of batches are multiples of it: few shapes, so that memory is given out once."""


class Feed:
    """Makes the batches of one split.

    Args:
        split: Ids and rects.
        screens: Its screens, on the device.
        plan: What is trained.
        base: The checkpoint, for its tokens.
    """

    def __init__(self, split: Split, screens: Screens, plan: Plan, base: Path) -> None:
        self.split, self.screens, self.plan = split, screens, plan
        self.geometry = Geometry(split)
        self.processor = family_of(base).load_processor(base)
        self.device = screens.device
        self.seconds = 0.0
        picture = self.processor.tokenizer.convert_tokens_to_ids(self.processor.markup.placeholder)
        places = np.flatnonzero(split.elements.bare.row(0) == picture)
        self._span = (int(places[0]), int(places[-1]) + 1)
        self._order: Any = lru_cache(maxsize=6)(self._sorted)

    def batch(self, number: int) -> dict[str, Any]:
        """One micro-batch to learn from."""
        started = time.perf_counter()
        made = self._pairs(number, self.plan.kind(number))
        self.seconds += time.perf_counter() - started
        return made

    def _chosen(self, number: int, kind: Kind, count: int) -> np.ndarray:
        """Elements of a micro-batch: those of like length, every one once in an epoch."""
        rows = len(self.split.elements)
        epoch, place = divmod(number // len(KINDS), max(1, rows // count))
        order: np.ndarray = self._order(kind, epoch, min(count, rows))
        return order[place * count : (place + 1) * count]

    def _sorted(self, kind: Kind, epoch: int, count: int) -> np.ndarray:
        # By questions alone: answers of one length are mostly of one kind of icon.
        lengths = self._questions(kind).length.tolist()
        sampler = LengthSorted(lengths, count, self.plan.seed + epoch)
        order: np.ndarray = np.fromiter(iter(sampler), np.int64, len(lengths))
        return order

    def _questions(self, kind: Kind) -> Tokens:
        elements = self.split.elements
        return elements.full if kind == "full" else elements.bare

    def _pairs(self, number: int, kind: Kind) -> dict[str, Any]:
        done = self.plan.done(number)
        generator = np.random.default_rng((self.plan.seed, number))
        first = self._chosen(number, kind, self.plan.rows(kind) // 2)
        second = self.geometry.neighbours(first, generator)
        elements = np.concatenate([first, second])
        squares = self.geometry.shared(first, second, generator)
        joint = (generator.random(len(first)) < self.plan.freedom(done)) & (first != second)
        near = self.geometry.near(elements, self.plan.reach(done), generator)
        squares = np.where(np.tile(joint, 2)[:, None], np.tile(squares, (2, 1)), near)
        answers = self.split.elements.answer.taken(elements)
        lines = _Lines(self._questions(kind).taken(elements), answers, self.processor.padding_id)
        pictures = self._pictures(elements, squares, np.zeros(len(elements), np.int64), lines.ids.shape[1], generator)
        return self._sent(lines.learned()) | pictures | {IDS: [f"element {row}" for row in elements]}

    def _sent(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        return {name: self.screens.send(array) for name, array in arrays.items()}

    def _pictures(
        self,
        elements: np.ndarray,
        squares: np.ndarray,
        shift: np.ndarray,
        width: int,
        generator: np.random.Generator | None = None,
    ) -> dict[str, Any]:
        geometry = self.geometry
        colours = varied(len(elements), self.plan.recoloured, generator) if generator else None
        pictures = self.screens.pictures(geometry.screen[elements], geometry.rect[elements], squares, colours)
        return {"pixel_values": [pictures], **self._places(shift, width), "downsample_mode": self.processor.downsample}

    def _places(self, shift: np.ndarray, width: int) -> dict[str, Any]:
        """Where the pictures' features go, in rows that are moved to the right by `shift`."""
        places = np.arange(*self._span)
        starts = np.arange(len(shift)) * width + shift
        positions = (starts[:, None] + places).ravel()
        return self._sent({"visual_positions": positions, "visual_rows": np.arange(len(positions))})

    def question(
        self, elements: np.ndarray, kind: Kind, squares: np.ndarray, *, outline: np.ndarray | None = None
    ) -> dict[str, Any]:
        """A batch of elements to be answered, filled up at the left.

        Args:
            elements: Whose questions are asked.
            kind: `full` or `bare`.
            squares: What is shown.
            outline: Elements that are outlined in place of those asked about.
        """
        asked = self._asked(elements, self._questions(kind))
        width = asked["input_ids"].shape[1]
        shift = width - self._questions(kind).length[elements]
        return asked | self._pictures(elements if outline is None else outline, squares, shift, width)

    def _asked(self, rows: np.ndarray, prompt: Tokens) -> dict[str, Any]:
        width = int(prompt.length[rows].max())
        right = prompt.padded(rows, width, self.processor.padding_id)
        shift = width - prompt.length[rows]
        columns = np.arange(width) - shift[:, None]
        ids = np.take_along_axis(right, np.maximum(columns, 0), 1)
        known = columns >= 0
        arrays = {
            "input_ids": np.where(known, ids, self.processor.padding_id),
            "attention_mask": known.astype(np.int64),
        }
        return self._sent(arrays)


class _Lines:
    """Questions with their answers side by side, filled up at the right."""

    def __init__(self, prompts: Tokens, answers: Tokens, filler: int) -> None:
        self.asked, self.said = prompts.length, answers.length
        rows = np.arange(len(self.asked))
        width = -(-int((self.asked + self.said).max()) // ROUNDED) * ROUNDED
        self.ids = prompts.padded(rows, width, filler)
        """(B, T) int64."""
        steps = np.arange(int(self.said.max()))
        known = steps < self.said[:, None]
        lines = np.broadcast_to(rows[:, None], known.shape)[known]
        columns = (self.asked[:, None] + steps)[known]
        self.ids[lines, columns] = answers.padded(rows, len(steps), 0)[known]
        self._places = lines * width + columns

    def learned(self) -> dict[str, np.ndarray]:
        """Ids, and which positions learn what."""
        labels = np.full_like(self.ids, IGNORED)
        wanted = self.ids.ravel()[self._places]
        labels.ravel()[self._places] = wanted
        # The position before a token is the one that predicts it.
        return {
            "input_ids": self.ids,
            "labels": labels,
            "answer_positions": self._places - 1,
            "answer_ids": wanted,
        }
