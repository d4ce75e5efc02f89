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
    padded_patches: int = 0
    """2_5 only: patches of its largest slice, up to which the published code fills the others up."""

    def __len__(self) -> int:
        """Tokens."""
        return len(self.input_ids)


Layout = Literal["right", "left", "packed"]
"""Where a batch is filled up: "right" for training, where no mask is needed as no real token sees what comes after it;
"left" for generation; "packed" has all examples in one row, one after the other, for families that allow it."""


def collate(
    examples: Sequence[Example], padding_id: int, layout: Layout = "right", *, width: int = 0
) -> dict[str, Any]:
    """One batch; what a model's `forward` takes by name.

    Args:
        examples: At least one.
        padding_id: Token that fills up.
        layout: Where.
        width: Tokens that rows have at least; not for "packed".

    Returns:
        `input_ids` (B, T) int64; `labels` (B, T), `answer_positions` and `answer_ids` (A,) where every example has an
        answer; `attention_mask` (B, T) when filled up on the left; `position_ids` (1, T) when packed; with pictures
        `pixel_values`, a list of uint8 (n, 3, H, W), one for each size; `visual_positions` and `visual_rows` (N,): row
        `visual_rows[i]` of the encoded slices goes to position `visual_positions[i]` of the flattened batch.
    """
    if not examples:
        raise ValueError("cannot make a batch of no examples; expected at least one")
    starts, rows, width = _starts([len(example) for example in examples], layout, width)
    flat = torch.full((rows * width,), padding_id, dtype=torch.long)
    mask = torch.zeros_like(flat)
    for example, start in zip(examples, starts, strict=True):
        flat[start : start + len(example)] = torch.tensor(example.input_ids)
        mask[start : start + len(example)] = 1
    batch: dict[str, Any] = {"input_ids": flat.view(rows, width)}
    if layout == "left":
        batch["attention_mask"] = mask.view(rows, width)
    if layout == "packed":
        batch["position_ids"] = torch.cat([torch.arange(len(example)) for example in examples])[None]
    if all(example.answer_start is not None for example in examples):
        batch |= _answers(examples, starts, batch["input_ids"])
    return batch | _visual(examples, starts)


def _starts(lengths: Sequence[int], layout: Layout, least: int) -> tuple[list[int], int, int]:
    """Where each example starts in the flattened batch, the batch's rows and its width."""
    if layout == "packed":
        return [sum(lengths[:index]) for index in range(len(lengths))], 1, sum(lengths)
    width = max(least, *lengths)
    fill = [width - length if layout == "left" else 0 for length in lengths]
    return [row * width + offset for row, offset in enumerate(fill)], len(lengths), width


def _answers(examples: Sequence[Example], starts: Sequence[int], input_ids: torch.Tensor) -> dict[str, Any]:
    """Labels, and the flat positions whose hidden states predict them."""
    flat = input_ids.flatten()
    labels = torch.full_like(flat, IGNORED)
    positions = []
    for example, start in zip(examples, starts, strict=True):
        first, end = start + (example.answer_start or 0), start + len(example)
        labels[first:end] = flat[first:end]
        positions.append(torch.arange(first - 1, end - 1))
    answer_positions = torch.cat(positions)
    answer_ids = flat[answer_positions + 1]
    return {"labels": labels.view_as(input_ids), "answer_positions": answer_positions, "answer_ids": answer_ids}


def canvas(examples: Sequence[Example], batch: dict[str, Any], patch_size: int) -> dict[str, Any]:
    """What 4.7 lays pictures out from: `mm_token_type_ids` (B, T) and `target_sizes` (slices, 2) in patches."""
    kinds = torch.zeros_like(batch["input_ids"])
    kinds.view(-1)[batch["visual_positions"]] = 1
    sizes = [piece.shape[1:] for example in examples for piece in example.slices]
    return {"mm_token_type_ids": kinds, "target_sizes": torch.tensor(sizes) // patch_size}


def _visual(examples: Sequence[Example], starts: Sequence[int]) -> dict[str, Any]:
    uses = [
        _Use(piece, start + first, end - first, example.padded_patches)
        for example, start in zip(examples, starts, strict=True)
        for piece, (first, end) in zip(example.slices, example.visual_spans, strict=True)
    ]
    if not uses:
        return {}
    groups, first_rows = _distinct(uses)
    batch = {
        "pixel_values": [torch.from_numpy(np.stack([use.piece for use in group])) for group in groups],
        "visual_positions": torch.cat([torch.arange(use.tokens) + use.position for use in uses]),
        "visual_rows": torch.cat(
            [torch.arange(use.tokens) + first for use, first in zip(uses, first_rows, strict=True)]
        ),
    }
    padded = [group[0].padded_patches for group in groups]
    return batch | {"padded_patches": padded} if any(padded) else batch


@dataclass(frozen=True, slots=True)
class _Use:
    """A slice and where its features go."""

    piece: np.ndarray
    position: int
    tokens: int
    padded_patches: int

    @property
    def size(self) -> tuple[int, ...]:
        """What slices of one group have in common."""
        return (*self.piece.shape, self.padded_patches)


def _distinct(uses: Sequence[_Use]) -> tuple[list[list[_Use]], list[int]]:
    """Different slices grouped by size, and for each use the first of its rows among all encoded slices."""
    groups: dict[tuple[int, ...], list[_Use]] = {}
    seen: dict[tuple[tuple[int, ...], bytes], int] = {}
    indices: list[int] = []
    for use in uses:
        key = (use.size, use.piece.tobytes())
        if key not in seen:
            group = groups.setdefault(use.size, [])
            seen[key] = len(group)
            group.append(use)
        indices.append(seen[key])
    starts, row = {}, 0
    for size, group in groups.items():
        starts[size] = row
        row += len(group) * group[0].tokens
    return list(groups.values()), [
        starts[use.size] + index * use.tokens for use, index in zip(uses, indices, strict=True)
    ]
