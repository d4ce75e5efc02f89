"""Answers to a page's burst of questions, fast: the back end `local:` on a GPU.

    burst = Burst(model, processor)
    burst.answer([processor.encode([picture], prompt), …], sentence=True)
    -> [Completion("Deletes the row of Ada.", 0.93), …]          # as generation.generate gives

Prompts are read some at a time, by length. Then all rows are written on together: keys and values lie in memory that
stays where it is (transformers' `StaticCache`), so that one token of every row is one CUDA graph, launched at once
instead of a thousand kernels one by one. Whether rows have ended is looked at every few tokens only.
"""

import gc
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.minicpmv.example import Example
from magenta_qa.model.minicpmv.generation import to_device
from magenta_qa.model.minicpmv.processor import Processor
from magenta_qa.model.minicpmv.slate import MOST_TOKENS, Read, Slate, cache_name
from magenta_qa.model.prompt import SENTENCE

BATCH = 40
"""Rows that are written together: a page's."""
READ_TOKENS = 8192
"""Of prompts that are read in one pass: enough to keep a GPU busy, few enough to leave memory."""
_WIDTHS, _ROOM, _ROWS = 32, 64, 8
"""Tokens of prompts, of prompts with answers, and rows are rounded up to these: few shapes serve all pages."""
_LOOK_EVERY = 4
_KEPT = 3
"""Slates whose memory and graph are kept."""
_LEAST_CHANCE = 1e-9


def fits(processor: Processor) -> bool:
    """Whether the burst can write for this family: 4.7 works out positions from its canvas, step by step."""
    return not processor.canvas


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as ids."""

    ids: list[int]
    """With the token that ended it, if one did."""
    chances: list[float]
    """The ids' probabilities."""
    complete: bool


class Burst:
    """One model's slates.

    Args:
        model: What `Family.load_model` gave, or the same wrapped by PEFT.
        processor: The same checkpoint's.
        batch: Rows that are written together, at most; halved for good where the memory does not suffice.
    """

    def __init__(self, model: Any, processor: Processor, batch: int = BATCH) -> None:  # noqa: ANN401
        self.model, self.processor, self.batch = model, processor, batch
        self._slates: dict[tuple[int, int], Slate] = {}
        self.ends = frozenset({*processor.end_ids, processor.padding_id})
        """Tokens that end an answer."""

    def answer(
        self, examples: Sequence[Example], *, max_new_tokens: int = 64, sentence: bool = False
    ) -> list[Completion]:
        """One answer for each question, in their order.

        Args:
            examples: Questions without answers.
            max_new_tokens: Tokens of an answer at most.
            sentence: Whether to end each answer with its first sentence.
        """
        order = sorted(range(len(examples)), key=lambda index: len(examples[index]))
        answers: dict[int, Completion] = {}
        while len(answers) < len(examples):
            chosen = order[len(answers) : len(answers) + self.batch]
            written = self._try([examples[index] for index in chosen], max_new_tokens, sentence)
            answers |= zip(chosen, map(self._answer, written), strict=False)
        return [answers[index] for index in range(len(examples))]

    def _try(self, examples: Sequence[Example], most: int, sentence: bool) -> list[Written]:
        """The first answers: of fewer questions where the memory does not suffice for all."""
        while True:
            kept = len(self._slates)
            try:
                written: list[Written] = self.write(examples[: self.batch], most, sentence=sentence)
                return written
            except torch.OutOfMemoryError:
                if not kept and self.batch == 1:
                    raise
            # Outside of the handler: the exception holds on to what was being computed.
            self.batch = self.batch if kept else self.batch // 2
            self.release()

    def release(self) -> None:
        """Give the slates' memory back."""
        self._slates.clear()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    @torch.inference_mode()
    def write(self, examples: Sequence[Example], max_new_tokens: int, *, sentence: bool = False) -> list[Written]:
        """What is written of each question, as ids; all together, whatever `batch` says.

        Args:
            examples: At least one.
            max_new_tokens: See `answer`; at most `MOST_TOKENS`.
            sentence: See `answer`.

        Raises:
            torch.OutOfMemoryError: The memory does not suffice.
        """
        if max_new_tokens > MOST_TOKENS:
            raise ValueError(f"answers of {max_new_tokens} tokens are too long; expected at most {MOST_TOKENS}")
        longest = _up(max(map(len, examples)), _WIDTHS)
        rows = len(examples) if len(examples) < _ROWS else _up(len(examples), _ROWS)
        room = _up(longest + max_new_tokens, _ROOM)
        start = 0
        for part in _parts(examples):
            read = self._read(part)
            if start == 0:
                slate = self._slate(rows, room, read)
                slate.begin(longest)
            slate.place(start, read)
            start += len(part)
        return self._written(slate, len(examples), max_new_tokens, sentence)

    def _slate(self, rows: int, room: int, read: Read) -> Slate:
        """One of that size; of those that are kept, the one unused for longest makes room."""
        found = self._slates.pop((rows, room), None)
        if found is None and len(self._slates) == _KEPT:
            self._slates.pop(next(iter(self._slates)))
        self._slates[rows, room] = found or Slate(self.model, read.cache, rows, room)
        return self._slates[rows, room]

    def _read(self, examples: Sequence[Example]) -> Read:
        """Read prompts as one batch."""
        device = next(self.model.parameters()).device
        width = _up(max(map(len, examples)), _WIDTHS)
        filled = _filled(examples)
        batch = to_device(self.processor.collate(filled, "left", width=width), device)
        mask = batch["attention_mask"]
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        text = self.model.text_part()
        cache = DynamicCache(config=text.config)
        output = self.model(
            **batch, position_ids=positions, use_cache=True, logits_to_keep=1, **{cache_name(text): cache}
        )
        return Read(cache, output.logits[:, -1], [len(example) for example in examples])

    def _written(self, slate: Slate, rows: int, most: int, sentence: bool) -> list[Written]:
        ended = self._sentence if sentence else None
        count = 1
        while count < most and not all(_end_of(ids, self.ends, ended) for ids in slate.ids(rows, count)):
            for _ in range(min(_LOOK_EVERY, most - count)):
                slate.step()
                count += 1
        found = []
        for ids, chances in zip(slate.ids(rows, count), slate.chances(rows, count), strict=True):
            end = _end_of(ids, self.ends, ended)
            found.append(Written(ids[: end or None], chances[: end or None], bool(end)))
        return found

    def _answer(self, written: "Written") -> Completion:
        padded = written.ids[-1] == self.processor.padding_id and written.ids[-1] not in self.processor.end_ids
        chances = written.chances[:-1] if padded else written.chances
        logs = [math.log(max(chance, _LEAST_CHANCE)) for chance in chances]
        confidence = math.exp(sum(logs) / len(logs)) if logs else 0.0
        return Completion(self.processor.decode(written.ids), confidence, written.complete)

    def _sentence(self, ids: Sequence[int]) -> bool:
        return SENTENCE.search(self.processor.tokenizer.decode(ids, skip_special_tokens=True)) is not None


def _end_of(ids: Sequence[int], ends: frozenset[int], is_sentence: Callable[[Sequence[int]], bool] | None) -> int:
    """How many ids make the answer, its ending token included; 0 while it has not ended."""
    end = next((index + 1 for index, token in enumerate(ids) if token in ends), 0)
    before = ids[: end - 1] if end else ids
    if is_sentence is None or not is_sentence(before):
        return end
    return next(count for count in range(1, len(before) + 1) if is_sentence(before[:count]))


def _parts(examples: Sequence[Example]) -> list[Sequence[Example]]:
    """Examples, sorted by length, in groups that are read together: whole eights of about `READ_TOKENS` tokens."""
    parts, start = [], 0
    while start < len(examples):
        count = max(1, READ_TOKENS // _up(len(examples[start]), _WIDTHS))
        # The longest of the group is its last.
        count = max(1, READ_TOKENS // _up(len(examples[min(start + count, len(examples)) - 1]), _WIDTHS))
        count = count // _ROWS * _ROWS or count
        parts.append(examples[start : start + count])
        start += count
    return parts


def _filled(examples: Sequence[Example]) -> list[Example]:
    """Rows filled up to whole eights with the last: libraries compile and tune kernels for every new shape."""
    rows = len(examples) if len(examples) < _ROWS else _up(len(examples), _ROWS)
    return [*examples, *[examples[-1]] * (rows - len(examples))]


def _up(number: int, step: int) -> int:
    return -(-number // step) * step
