"""Pictures and a prompt to an `Example`, the same for training, evaluation and serving in this process.

    processor = load_processor("…/MiniCPM-V-4.6")
    example = processor.encode([picture], understanding_prompt("click", "button", "Save", "<form>…"), "Saves the form.")
    batch = processor.collate([example, …])

The published chat template stands around the prompt; the picture's tokens are put in by id, never by text. Page text
cannot write a token: `model.prompt.neutralise` is applied to every prompt and answer, whoever built it, and text that a
tokenizer still turns into one of its special tokens is an error. What is too long is cut before templating, the prompt
at its end (where the surrounding HTML stands), so that no picture and no answer ever loses a token.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image
from transformers import PreTrainedTokenizerBase

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.example import Example, Layout, canvas, collate
from magenta_qa.model.minicpmv.pictures import PictureSettings, Sliced, slice_picture
from magenta_qa.model.prompt import least_length, neutralise

_MARK = re.compile(r"<image(?:_(\d+))?>\n?")
MAX_ANSWER_TOKENS = 256
"""Longer answers are cut: a description is one short sentence."""


@dataclass(frozen=True, slots=True)
class Markup:
    """How a family writes a picture among the tokens."""

    mark: str
    """Text that stands for a picture in the chat template."""
    placeholder: str
    """Token that each visual feature replaces."""
    tokens_per_slice: int | None
    """Fixed number of features of a slice, or None where they follow from its size."""
    answer_end: str
    """Token that ends an answer."""
    use_image_id: bool
    """Whether a picture is introduced by its number."""
    image: tuple[str, str] = ("<image>", "</image>")
    part: tuple[str, str] = ("<slice>", "</slice>")
    image_id: tuple[str, str] = ("<image_id>", "</image_id>")
    block: tuple[str, str] | None = None
    """Stands around all slices of a picture, in 2_5."""
    fills_up: bool = False
    """Whether slices are filled up to the largest of the question, in 2_5."""


class TooLongError(ValueError):
    """An example whose pictures and question alone take more tokens than there is room for."""


@dataclass(frozen=True)
class Processor:
    """Tokenizer and picture settings of one checkpoint."""

    tokenizer: PreTrainedTokenizerBase
    pictures: PictureSettings
    markup: Markup
    path: Path
    """Where it was loaded from."""
    downsample: Literal["16x", "4x"] | None = None
    """How far visual features are merged, for families that have a choice."""
    canvas: bool = False
    """Whether the model lays pictures out on a canvas (4.7)."""

    def encode(
        self,
        pictures: Sequence[Image.Image],
        prompt: str,
        answer: str | None = None,
        *,
        max_slices: int | None = None,
        max_length: int | None = None,
    ) -> Example:
        """Token ids and slices of one question.

        Args:
            pictures: What the question is about, in order.
            prompt: One picture: may begin with ``<image>``, as `model.prompt` writes it. Several: ``<image_00>``,
                ``<image_01>`` … where each stands, or none at all, which puts them in front.
            answer: What is to be learned; None to ask.
            max_slices: Slices of each picture at most, instead of the checkpoint's number.
            max_length: Tokens at most; a longer prompt is cut at its end, an answer at `MAX_ANSWER_TOKENS`.

        Raises:
            TooLongError: If pictures, question and answer do not fit even so.
            ValueError: If a picture cannot be cut, or text still holds one of the tokenizer's own tokens.
        """
        sliced = [slice_picture(picture.convert("RGB"), self.pictures, max_slices) for picture in pictures]
        answer_ids, cut_answer = self._answer(answer)
        text = _place_marks(prompt, len(pictures), self.markup.mark)
        built = self._build(text, sliced)
        if max_length is not None and len(built[0]) + len(answer_ids) > max_length:
            text, cut = self._shorten(text, sliced, max_length - len(answer_ids))
            built, cut_answer = self._build(text, sliced), cut_answer + cut
        ids, spans = built
        slices = tuple(piece for picture in sliced for piece in picture.slices)
        start = len(ids) if answer is not None else None
        padded = max(self._patches(piece) for piece in slices) if slices and self.markup.fills_up else 0
        return Example((*ids, *answer_ids), slices, tuple(spans), start, cut_answer, padded)

    def collate(self, examples: Sequence[Example], layout: Layout = "right", *, width: int = 0) -> dict[str, Any]:
        """One batch as the family's model takes it; see `example.collate`."""
        batch = collate(examples, self.padding_id, layout, width=width)
        if "pixel_values" not in batch:
            return batch
        if self.canvas:
            batch |= canvas(examples, batch, self.pictures.patch_size)
        return batch | {"downsample_mode": self.downsample} if self.downsample else batch

    def decode(self, ids: Sequence[int]) -> str:
        """Text of generated ids, without special tokens."""
        return str(self.tokenizer.decode([token for token in ids if token not in self._special])).strip()

    @cached_property
    def padding_id(self) -> int:
        """Token that fills up a batch; its features are never looked at."""
        return int(self.tokenizer.pad_token_id or 0)

    @cached_property
    def end_ids(self) -> tuple[int, ...]:
        """Tokens that end an answer in generation."""
        ends = {self._id(self.markup.answer_end), self.tokenizer.eos_token_id}
        return tuple(sorted(end for end in ends if end is not None))

    def visual_tokens(self, piece: np.ndarray) -> int:
        """How many token positions a slice (3, height, width) takes."""
        if self.markup.tokens_per_slice is not None:
            return self.markup.tokens_per_slice
        return self._patches(piece) // (4 if self.downsample == "4x" else 16)

    def _patches(self, piece: np.ndarray) -> int:
        return int(piece.shape[1] // self.pictures.patch_size) * int(piece.shape[2] // self.pictures.patch_size)

    def _answer(self, answer: str | None) -> tuple[list[int], int]:
        """Ids of an answer with its end token, and how many characters were cut."""
        if answer is None:
            return [], 0
        text = neutralise(" ".join(answer.split()))
        if not text:
            raise ValueError("the answer is empty; expected one short sentence; leave this row out")
        ids = self._plain(text)
        cut = 0
        while len(ids) > MAX_ANSWER_TOKENS:
            kept = text[: len(text) * MAX_ANSWER_TOKENS // len(ids)].rsplit(" ", 1)[0].rstrip()
            cut, text = cut + len(text) - len(kept), kept
            ids = self._plain(text)
        return [*ids, self._id(self.markup.answer_end)], cut

    def _build(self, text: str, sliced: Sequence[Sliced]) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids up to where the answer begins, and the span of every slice."""
        message = [{"role": "user", "content": text}]
        rendered = self.tokenizer.apply_chat_template(
            message, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        self._plain(text.replace(self.markup.mark, ""))
        return self.with_pictures(rendered, sliced)

    def with_pictures(
        self, rendered: str, sliced: Sequence[Sliced], *, add_special_tokens: bool = False
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids of templated text whose marks are replaced by the pictures' tokens.

        Args:
            rendered: What the chat template gave, with one mark a picture.
            sliced: The pictures, in order.
            add_special_tokens: Whether the tokenizer's own post-processing applies, as in the published processors.

        Returns:
            The ids, and for every slice the positions [start, end) of its features.
        """
        chunks = rendered.split(self.markup.mark)
        if len(chunks) != len(sliced) + 1:
            raise ValueError(f"the chat template kept {len(chunks) - 1} of {len(sliced)} pictures; expected every one")
        ids = list(self.tokenizer(chunks[0], add_special_tokens=add_special_tokens)["input_ids"])
        spans: list[tuple[int, int]] = []
        for number, (picture, chunk) in enumerate(zip(sliced, chunks[1:], strict=True)):
            self._append_picture(ids, spans, picture, number)
            ids += self._ids(chunk)
        return ids, spans

    def _append_picture(self, ids: list[int], spans: list[tuple[int, int]], picture: Sliced, number: int) -> None:
        if self.markup.use_image_id:
            start, end = self.markup.image_id
            ids += [self._id(start), *self._ids(str(number)), self._id(end)]
        self._append_slice(ids, spans, picture.slices[0], self.markup.image)
        block = self.markup.block if len(picture.slices) > 1 else None
        ids += [self._id(block[0])] if block else []
        for index, piece in enumerate(picture.slices[1:]):
            if index and index % picture.columns == 0:
                ids += self._newline
            self._append_slice(ids, spans, piece, self.markup.part)
        ids += [self._id(block[1])] if block else []

    def _append_slice(
        self, ids: list[int], spans: list[tuple[int, int]], piece: np.ndarray, around: tuple[str, str]
    ) -> None:
        count = self.visual_tokens(piece)
        spans.append((len(ids) + 1, len(ids) + 1 + count))
        ids += [self._id(around[0]), *[self._id(self.markup.placeholder)] * count, self._id(around[1])]

    def _shorten(self, text: str, sliced: Sequence[Sliced], room: int) -> tuple[str, int]:
        """The prompt cut at its end until it fits into `room` tokens, and how many characters went."""
        kept, least = text, least_length(text)
        while True:
            excess = len(self._build(kept, sliced)[0]) - room
            if excess <= 0:
                return kept, len(text) - len(kept)
            if len(kept) <= least:
                raise TooLongError(
                    f"pictures and question take {room + excess} tokens where there is room for {room}; allow a larger "
                    "max_length or fewer slices"
                )
            starts = self.tokenizer(kept, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
            cut_at = starts[-excess][0] if excess < len(starts) else 0
            kept = kept[: max(least, min(cut_at, len(kept) - 1))]

    def _plain(self, text: str) -> list[int]:
        ids = self._ids(text)
        special = set(ids) & self._special
        if special:
            token = self.tokenizer.convert_ids_to_tokens(min(special))
            raise ValueError(f"text holds the model's own token {token!r}; expected none; leave this text out")
        return ids

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"]) if text else []

    def _id(self, token: str) -> int:
        return self._known[token]

    @cached_property
    def _known(self) -> dict[str, int]:
        markup = self.markup
        wanted = [*markup.image, *markup.part, markup.placeholder, markup.answer_end]
        wanted += [*(markup.image_id if markup.use_image_id else ()), *(markup.block or ())]
        vocabulary = self.tokenizer.get_vocab()
        missing = [token for token in wanted if token not in vocabulary]
        if missing:
            raise ConfigError(
                f"the tokenizer in {self.path} lacks {', '.join(missing)}; expected the one that was published with "
                "the model; copy its tokenizer files there"
            )
        return {token: vocabulary[token] for token in wanted}

    @cached_property
    def _newline(self) -> list[int]:
        return self._ids("\n")

    @cached_property
    def _special(self) -> set[int]:
        """Ids that text must not become; 2_5 declares "!" as one, which is none."""
        added = self.tokenizer.added_tokens_decoder.items()
        return {number for number, token in added if len(str(token)) > 1} | set(self._known.values())


def _place_marks(prompt: str, count: int, mark: str) -> str:
    """The neutralised prompt with the template's mark wherever a picture stands."""
    numbered = count > 1 and "<image_" in prompt
    if not numbered:
        text = re.sub(r"\A(<image>\n?)+", "", prompt) if count else prompt
        return (mark + "\n") * count + neutralise(text)
    pieces: list[str] = []
    rest = prompt
    for number in range(count):
        before, found, rest = rest.partition(f"<image_{number:02d}>")
        if not found:
            raise ValueError(f"the prompt has no <image_{number:02d}> for one of its {count} pictures; write it in")
        pieces += [neutralise(before), mark]
    return "".join([*pieces, neutralise(rest)])
