"""A picture and a prompt to what the graphs take: the same ids and pixels as `model.minicpmv.processor` makes.

    prompts = Prompts(files, answer=64)
    prompts.encode(picture, understanding_prompt("click", "button", "", "<p>…"))
    -> Prompt(ids=(5, 9, 1, 3, 3, …), patches=(256, 588) uint8, places=(256,), first=4)

The prompt is cut at its end, where the surrounding HTML stands, if it would not fit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image
from tokenizers import Tokenizer

from magenta_qa.model.embedded.files import ModelFiles
from magenta_qa.model.minicpmv.pictures import PictureSettings, slice_picture
from magenta_qa.model.prompt import least_length, neutralise

_MERGED = 2
"""Patches along a window's side that become one feature."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question as the graphs take it."""

    ids: tuple[int, ...]
    patches: np.ndarray
    """(N, 3·P·P) uint8, the four of a window one after the other."""
    places: np.ndarray
    """(N,) int64: rows of the table of positions."""
    first: int
    """Where the features begin among the ids; there is one for four patches, and none without a picture."""

    def __len__(self) -> int:
        """Tokens."""
        return len(self.ids)

    @property
    def features(self) -> int:
        """How many ids stand for the picture."""
        return len(self.patches) // _MERGED**2


@lru_cache(maxsize=2)
def _shared_tokenizer(files: ModelFiles) -> Tokenizer:
    """One for all scenarios of a process, loaded when something is first asked."""
    tokenizer = Tokenizer.from_str(files.tokenizer())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Prompts:
    """Tokenizer and picture settings of one model.

    Args:
        files: The model's.
        answer: Tokens that are kept free for an answer.
    """

    def __init__(self, files: ModelFiles, answer: int) -> None:
        manifest, pictures = files.manifest, files.manifest.pictures
        self.facts, self._places, self._room = manifest.prompt, pictures.places, manifest.room - answer
        self._settings = PictureSettings(pictures.patch_size, pictures.scale_resolution, max_slices=1, merge=_MERGED)
        self._files = files
        self._special = frozenset(self.facts.special)

    def encode(self, picture: Image.Image, prompt: str) -> Prompt:
        """One question.

        Raises:
            ValueError: The picture cannot be cut, the question does not fit, or its text holds one of the model's own
                tokens.
        """
        pixels = slice_picture(picture, self._settings, max_slices=1).slices[0]
        patch = self._settings.patch_size
        rows, columns = pixels.shape[1] // patch, pixels.shape[2] // patch
        patches = in_windows(pixels, patch)
        text = neutralise(re.sub(r"\A(<image>\n?)+", "", prompt))
        self._refuse_special(text)
        count = len(patches) // _MERGED**2
        before = (*self.facts.opening, *[self.facts.placeholder] * count, *self.facts.closing)
        ids = before + self._fitting(text, self._room - len(before))
        return Prompt(ids, patches, places(rows, columns, self._places), len(self.facts.opening))

    def encode_text(self, prompt: str, begun: Sequence[int] = ()) -> Prompt:
        """One question without a picture, never cut.

        Args:
            prompt: The question.
            begun: Ids that the answer begins with.

        Raises:
            ValueError: Its text holds one of the model's own tokens.
        """
        text = neutralise(prompt)
        self._refuse_special(text)
        ids = self.ids(self.facts.plain + (text.rstrip() if self.facts.strips else text) + self.facts.ending)
        patches: np.ndarray = np.zeros((0, 3 * self._settings.patch_size**2), np.uint8)
        return Prompt((*ids, *begun), patches, np.zeros(0, np.int64), 0)

    def ids(self, text: str) -> tuple[int, ...]:
        """Text as ids, as an answer is written with."""
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: list[int]) -> str:
        """Text of generated ids, without the model's own tokens."""
        kept = [token for token in ids if token not in self._special]
        return str(self._tokenizer.decode(kept, skip_special_tokens=False))

    @property
    def _tokenizer(self) -> Tokenizer:
        return _shared_tokenizer(self._files)

    def _refuse_special(self, text: str) -> None:
        if self._special.intersection(self.ids("\n" + text)):
            raise ValueError("its text holds one of the model's own tokens; expected none")

    def _question(self, text: str) -> tuple[int, ...]:
        return self.ids("\n" + (text.rstrip() if self.facts.strips else text) + self.facts.ending)

    def _fitting(self, text: str, room: int) -> tuple[int, ...]:
        """Ids of the question, cut at its end until they fit into `room`."""
        least = least_length(text)
        while len(ids := self._question(text)) > room:
            excess = len(ids) - room
            if len(text) <= least:
                raise ValueError(f"its picture and question take {excess} tokens more than there is room for")
            offsets: list[Any] = self._tokenizer.encode("\n" + text, add_special_tokens=False).offsets
            cut = max(offsets[-excess][0] - 1, 0) if excess < len(offsets) else 0
            text = text[: max(least, min(cut, len(text) - 1))]
        return ids


def in_windows(pixels: np.ndarray, patch: int) -> np.ndarray:
    """A picture (3, H, W) as patches (N, 3·P·P), window by window, in each window row by row."""
    rows, columns = pixels.shape[1] // patch, pixels.shape[2] // patch
    grid = pixels.reshape(3, rows // _MERGED, _MERGED, patch, columns // _MERGED, _MERGED, patch)
    patches: np.ndarray = np.ascontiguousarray(grid.transpose(1, 4, 2, 5, 0, 3, 6)).reshape(rows * columns, -1)
    return patches


@lru_cache(maxsize=64)
def places(rows: int, columns: int, side: int) -> np.ndarray:
    """Rows (N,) of a table of side × side positions, for patches as `in_windows` orders them.

    Source: NaViT's fractional positions, https://arxiv.org/abs/2307.06304, as transformers rounds them.
    """
    # transformers compares float32 fractions with edges made in float64 and rounded.
    edges = (np.arange(1, side, dtype=np.float64) * (1 / side)).astype(np.float32)
    fractions = [np.arange(count, dtype=np.float32) / np.float32(count) for count in (rows, columns)]
    down, across = (np.digitize(part, edges) for part in fractions)
    table = (down[:, None] * side + across).astype(np.int64)
    windows = table.reshape(rows // _MERGED, _MERGED, columns // _MERGED, _MERGED).transpose(0, 2, 1, 3)
    ordered: np.ndarray = np.ascontiguousarray(windows).reshape(-1)
    return ordered
