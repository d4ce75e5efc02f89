"""One question about pictures as token ids, and several of them as one batch of tensors.

    Example(input_ids=[151644, 8948, …], answer_start=812, slices=(overview, …), visual_spans=((5, 69), …))

    collate([example, example], padding_id=151643)
    -> {"input_ids": (2, T), "labels": (2, T), "answer_positions": (A,), "answer_ids": (A,),
        "pixel_values": [(3, 3, 448, 448) uint8], "visual_positions": (N,), "visual_rows": (N,)}

Slices that are equal to the last pixel, such as those of one page that no outline touches, are sent and encoded once.
Everything that says where something goes is worked out here, on the CPU, so that a training step never waits for the
device: there is no `nonzero`, no `tolist` and no mask in a forward pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

IGNORED = -100
"""Label of tokens that are not learned (PyTorch's default `ignore_index`)."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question, with its answer where it is to be learned."""

    input_ids: tuple[int, ...]
    slices: tuple[np.ndarray, ...]
    """Arrays (3, height, width) of uint8, in the order of `visual_spans`."""
    visual_spans: tuple[tuple[int, int], ...]
    """For each slice the token positions [start, end) that its features take."""
    answer_start: int | None = None
    """Where the answer begins; it ends with the ids. None when there is no answer."""
    trimmed: int = 0
    """Characters of the prompt and the answer that were cut to make it fit."""

    def __len__(self) -> int:
        """Tokens."""
        return len(self.input_ids)


def collate(examples: Sequence[Example], padding_id: int, side: Literal["right", "left"] = "right") -> dict[str, Any]:
    """One batch; what a model's `forward` takes by name.

    Args:
        examples: At least one.
        padding_id: Token that fills up.
        side: Where to fill up: "right" for training, where no mask is needed as no real token sees what comes after
            it; "left" for generation, with an `attention_mask`.

    Returns:
        `input_ids` (B, T) int64; `labels` (B, T), `answer_positions` and `answer_ids` (A,) where every example has an
        answer; `attention_mask` (B, T) when filled up on the left; with pictures `pixel_values`, a list of uint8
        (n, 3, H, W), one for each size; `visual_positions` and `visual_rows` (N,): row `visual_rows[i]` of the encoded
        slices goes to position `visual_positions[i]` of the flattened batch.
    """
    if not examples:
        raise ValueError("cannot make a batch of no examples; expected at least one")
    width = max(len(example) for example in examples)
    offsets = [width - len(example) if side == "left" else 0 for example in examples]
    input_ids = torch.full((len(examples), width), padding_id, dtype=torch.long)
    for row, (example, offset) in enumerate(zip(examples, offsets, strict=True)):
        input_ids[row, offset : offset + len(example)] = torch.tensor(example.input_ids)
    batch: dict[str, Any] = {"input_ids": input_ids}
    if side == "left":
        batch["attention_mask"] = _mask(examples, offsets, width)
    if all(example.answer_start is not None for example in examples):
        batch |= _answers(examples, offsets, input_ids)
    return batch | _visual(examples, offsets, width)


def _mask(examples: Sequence[Example], offsets: Sequence[int], width: int) -> torch.Tensor:
    mask = torch.zeros((len(examples), width), dtype=torch.long)
    for row, (example, offset) in enumerate(zip(examples, offsets, strict=True)):
        mask[row, offset : offset + len(example)] = 1
    return mask


def _answers(examples: Sequence[Example], offsets: Sequence[int], input_ids: torch.Tensor) -> dict[str, Any]:
    """Labels, and the flat positions whose hidden states predict them."""
    labels = torch.full_like(input_ids, IGNORED)
    positions, width = [], input_ids.shape[1]
    for row, (example, offset) in enumerate(zip(examples, offsets, strict=True)):
        start, end = offset + (example.answer_start or 0), offset + len(example)
        labels[row, start:end] = input_ids[row, start:end]
        positions.append(torch.arange(start - 1, end - 1) + row * width)
    answer_positions = torch.cat(positions)
    answer_ids = input_ids.flatten()[answer_positions + 1]
    return {"labels": labels, "answer_positions": answer_positions, "answer_ids": answer_ids}


def canvas(examples: Sequence[Example], batch: dict[str, Any], patch_size: int) -> dict[str, Any]:
    """What 4.7 lays pictures out from: `mm_token_type_ids` (B, T) and `target_sizes` (slices, 2) in patches."""
    kinds = torch.zeros_like(batch["input_ids"])
    kinds.view(-1)[batch["visual_positions"]] = 1
    sizes = [piece.shape[1:] for example in examples for piece in example.slices]
    return {"mm_token_type_ids": kinds, "target_sizes": torch.tensor(sizes) // patch_size}


def _visual(examples: Sequence[Example], offsets: Sequence[int], width: int) -> dict[str, Any]:
    uses = [
        (piece, row * width + offset + start, end - start)
        for row, (example, offset) in enumerate(zip(examples, offsets, strict=True))
        for piece, (start, end) in zip(example.slices, example.visual_spans, strict=True)
    ]
    if not uses:
        return {}
    groups, first_row = _distinct([(piece, tokens) for piece, _, tokens in uses])
    positions = [torch.arange(tokens) + place for _, place, tokens in uses]
    rows = [torch.arange(tokens) + first for (_, _, tokens), first in zip(uses, first_row, strict=True)]
    pixels = [torch.from_numpy(np.stack(group)) for group in groups]
    return {"pixel_values": pixels, "visual_positions": torch.cat(positions), "visual_rows": torch.cat(rows)}


def _distinct(uses: Sequence[tuple[np.ndarray, int]]) -> tuple[list[list[np.ndarray]], list[int]]:
    """Different slices grouped by size, and for each use the first of its rows among all encoded slices."""
    groups: dict[tuple[int, ...], list[np.ndarray]] = {}
    tokens_of: dict[tuple[int, ...], int] = {}
    seen: dict[tuple[tuple[int, ...], bytes], int] = {}
    places: list[tuple[tuple[int, ...], int]] = []
    for piece, tokens in uses:
        key = (piece.shape, piece.tobytes())
        if key not in seen:
            group = groups.setdefault(piece.shape, [])
            tokens_of[piece.shape] = tokens
            seen[key] = len(group)
            group.append(piece)
        places.append((piece.shape, seen[key]))
    starts, row = {}, 0
    for shape, group in groups.items():
        starts[shape] = row
        row += len(group) * tokens_of[shape]
    return list(groups.values()), [starts[shape] + index * tokens_of[shape] for shape, index in places]
