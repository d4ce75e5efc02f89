"""Batches of all three kinds, as the model's `forward` takes them: ids from the host, pictures from the device.

    feed = Feed(split, screens, plan, base)
    feed.batch(7)                          # micro-batch 7 of the plan: the same whenever it is asked for
    feed.question(elements, "bare", squares)        # to be answered
    feed.seconds                           # spent here so far: what a step waits for its data

A batch's rows are of like length and filled up at the right to a multiple of 64. Elements come in pairs of one screen:
in the same square with another one outlined, or each near the middle of its own. What is learned beside the answers:
questions with text are predicted as well, which teaches to copy; some of them have other names in them; of a bare row
the names do not count that only its HTML has; decisions begin with short lists.
"""

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from magenta_qa.finetune.embedded.lists import Lists
from magenta_qa.finetune.embedded.packed import Split, Tokens
from magenta_qa.finetune.embedded.plan import KINDS, Kind, Plan
from magenta_qa.finetune.embedded.renaming import Renaming
from magenta_qa.finetune.embedded.screens import Screens
from magenta_qa.finetune.embedded.squares import Geometry
from magenta_qa.finetune.training.batches import IDS, LengthSorted
from magenta_qa.model.minicpmv.example import IGNORED
from magenta_qa.model.minicpmv.families import family_of

ROUNDED = 64
"""Widths of batches are multiples of it: few shapes, so that memory is given out once."""
PREDICTED = 16_384
"""Tokens of a batch's questions that are predicted at most: their logits take 0.5 GB."""
_COMPARED = 256


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
        everything = np.arange(len(split.elements))
        icons = np.flatnonzero(split.elements.facts.column("shown").to_numpy() == "icon")
        # What a picture tells of a text button, its HTML tells as well; of its neighbours some come along.
        self._rows = {"full": everything, "bare": icons if len(icons) else everything}
        self._by_length = np.argsort(split.decisions.prompt.length, kind="stable")
        tokenizer = self.processor.tokenizer
        self._lists = Lists(split.decisions, tokenizer)
        self._renaming = {
            "full": Renaming(split.elements.answer, tokenizer, digits=True),
            "decision": Renaming(split.decisions.answer, tokenizer, digits=False),
        }
        # Tokens that all questions begin with.
        self._starts = {"full": _alike(split.elements.full), "decision": _alike(split.decisions.prompt)}
        self._worded = np.isin(split.elements.facts.column("shown").to_numpy(), ("text", "both"))

    def batch(self, number: int) -> dict[str, Any]:
        """One micro-batch to learn from."""
        started = time.perf_counter()
        kind = self.plan.kind(number)
        made = self._decisions(number) if kind == "decision" else self._pairs(number, kind)
        self.seconds += time.perf_counter() - started
        return made

    def _chosen(self, number: int, kind: Kind, count: int) -> np.ndarray:
        """Elements of a micro-batch: those of like length, every one once in an epoch."""
        rows = self._rows[kind]
        epoch, place = divmod(number // len(KINDS), max(1, len(rows) // count))
        order: np.ndarray = self._order(kind, epoch, min(count, len(rows)))
        return order[place * count : (place + 1) * count]

    def _sorted(self, kind: Kind, epoch: int, count: int) -> np.ndarray:
        rows = self._rows[kind]
        lengths = (self._questions(kind).length + self._answers(kind).length)[rows].tolist()
        sampler = LengthSorted(lengths, count, self.plan.seed + epoch)
        order: np.ndarray = rows[np.fromiter(iter(sampler), np.int64, len(lengths))]
        return order

    def _questions(self, kind: Kind) -> Tokens:
        elements = self.split.elements
        return {"full": elements.full, "bare": elements.bare, "decision": self.split.decisions.prompt}[kind]

    def _answers(self, kind: Kind) -> Tokens:
        return self.split.decisions.answer if kind == "decision" else self.split.elements.answer

    def _decisions(self, number: int) -> dict[str, Any]:
        generator = np.random.default_rng((self.plan.seed, number))
        count = self.plan.decision
        # Neighbours by length.
        start = int(generator.integers(0, max(1, len(self._by_length) - count + 1)))
        rows = self._by_length[start : start + count]
        most = self.plan.listed(self.plan.done(number), generator.random())
        prompts = self._lists.shortened(rows, most, generator)
        lines = _Lines(prompts, np.arange(len(rows)), self.split.decisions.answer, rows)
        written = self._written(lines, "decision", number, generator)
        return self._sent(written) | {IDS: [f"decision {row}" for row in rows]}

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
        lines = _Lines(self._questions(kind), elements, self.split.elements.answer, elements)
        written = self._sent(self._written(lines, kind, number, generator))
        pictures = self._pictures(elements, squares, np.zeros(len(elements), np.int64), written["input_ids"].shape[1])
        return written | pictures | {IDS: [f"element {row}" for row in elements]}

    def _written(
        self, lines: "_Lines", kind: Kind, number: int, generator: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Ids with answers, and which positions learn what."""
        ids, asked, said = lines.ids(self.processor.padding_id)
        if kind != "bare":
            for line in np.flatnonzero(generator.random(len(ids)) < self.plan.renamed):
                written = ids[line, : asked[line] + said[line]]
                self._renaming[kind].rename(written, self._starts[kind], int(asked[line]), generator)
        columns = np.arange(ids.shape[1])
        answers = (columns >= asked[:, None]) & (columns < (asked + said)[:, None])
        if kind == "bare":
            answers &= ~self._unseen(ids, lines)
        places = np.flatnonzero(answers)
        weights: np.ndarray = np.ones(len(places), np.float32)
        if kind != "bare":
            questions = np.flatnonzero((columns >= self._starts[kind]) & (columns < asked[:, None]))
            some = generator.permutation(questions)[:PREDICTED]
            share = self.plan.predicted(self.plan.done(number)) * len(questions) / max(1, len(some))
            places = np.concatenate([places, some])
            weights = np.concatenate([weights, np.full(len(some), share, np.float32)])
        # The position before a token is the one that predicts it.
        return {
            "input_ids": ids,
            "labels": np.where(answers, ids, IGNORED),
            "answer_positions": places - 1,
            "answer_ids": ids.ravel()[places],
            "answer_weights": weights,
        }

    def _unseen(self, ids: np.ndarray, lines: "_Lines") -> np.ndarray:
        """Names that an element's HTML has and its picture has not, (B, T)."""
        full, start = self.split.elements.full, self._starts["full"]
        hidden: np.ndarray = np.zeros(ids.shape, bool)
        for line, row in enumerate(lines.rows):
            if not self._worded[row]:
                hidden[line] = np.isin(ids[line], full.row(row)[start:])
        hidden &= self._renaming["full"].names[ids]
        return hidden

    def _sent(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        return {name: self.screens.send(array) for name, array in arrays.items()}

    def _pictures(self, elements: np.ndarray, squares: np.ndarray, shift: np.ndarray, width: int) -> dict[str, Any]:
        geometry = self.geometry
        pictures = self.screens.pictures(geometry.screen[elements], geometry.rect[elements], squares)
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
        asked = self._asked(elements, kind)
        width = asked["input_ids"].shape[1]
        shift = width - self._questions(kind).length[elements]
        return asked | self._pictures(elements if outline is None else outline, squares, shift, width)

    def decision(self, rows: np.ndarray) -> dict[str, Any]:
        """A batch of decisions to be answered, filled up at the left."""
        return self._asked(rows, "decision")

    def _asked(self, rows: np.ndarray, kind: Kind) -> dict[str, Any]:
        prompt = self._questions(kind)
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
    """Questions and their answers, before they are written side by side."""

    def __init__(self, prompts: Tokens, rows: np.ndarray, answers: Tokens, answered: np.ndarray) -> None:
        self.prompts, self.rows, self.answers, self.answered = prompts, rows, answers, answered

    def ids(self, filler: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ids (B, T) int64, and the lengths (B,) of questions and of answers."""
        asked, said = self.prompts.length[self.rows], self.answers.length[self.answered]
        width = -(-int((asked + said).max()) // ROUNDED) * ROUNDED
        ids = self.prompts.padded(self.rows, width, filler)
        steps = np.arange(int(said.max()))
        known = steps < said[:, None]
        lines = np.broadcast_to(np.arange(len(self.rows))[:, None], known.shape)[known]
        ids[lines, (asked[:, None] + steps)[known]] = self.answers.padded(self.answered, len(steps), 0)[known]
        return ids, asked, said


def _alike(prompts: Tokens) -> int:
    """How many tokens all questions begin with, by some of them."""
    rows = np.linspace(0, max(0, len(prompts.start) - 1), _COMPARED).astype(np.int64)
    if not len(prompts.start):
        return 0
    ids = prompts.padded(rows, int(prompts.length[rows].min()), 0)
    same = (ids == ids[0]).all(0)
    return len(same) if same.all() else int(same.argmin())
