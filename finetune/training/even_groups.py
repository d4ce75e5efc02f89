"""Batches with as many groups of slices as every other device has.

Slices of one size are encoded as one group. When DeepSpeed has split the weights up (ZeRO-3), all devices must run the
same modules equally often, or they wait for each other forever; and where a vision part trains, all others wait for the
gradient of a device without a picture. So groups of one blank slice are added. Their features go to a column of padding
behind all tokens, which nothing looks at: the loss stays the same, and their gradient is zero.
"""

from typing import Any

import torch

from magenta_qa.model.minicpmv.processor import Processor

BLANK_PX = 112
"""Side of a blank slice: a multiple of every family's patches, merged four times over."""


def add_groups(batch: dict[str, Any], groups: int, processor: Processor) -> dict[str, Any]:
    """The batch with at least so many groups of slices.

    Args:
        batch: As `Processor.collate` makes it, filled up on the right.
        groups: How many there have to be.
        processor: The model's.

    Returns:
        The batch itself where it has enough; else one that is a column wider for each group added.
    """
    present = list(batch.get("pixel_values") or [])
    missing = groups - len(present)
    if missing <= 0:
        return batch
    width = batch["input_ids"].shape[1]
    device = batch["input_ids"].device
    blank = torch.zeros((1, 3, BLANK_PX, BLANK_PX), dtype=torch.uint8, device=device)
    none = torch.zeros(0, dtype=torch.long, device=device)
    positions = batch.get("visual_positions", none)
    features = batch.get("visual_rows", none)
    made = dict(batch)
    made["input_ids"] = _wider(batch["input_ids"], missing, processor.padding_id)
    if "labels" in batch:
        made["labels"] = _wider(batch["labels"], missing, -100)
        made["answer_positions"] = _moved(batch["answer_positions"], width, missing)
    if "mm_token_type_ids" in batch:
        made["mm_token_type_ids"] = _wider(batch["mm_token_type_ids"], missing, 0)
    # One feature of each blank group is enough for its gradient to be asked for.
    first = int(features.max()) + 1 if len(features) else 0
    step = processor.visual_tokens(blank[0])
    made["pixel_values"] = [*present, *[blank] * missing]
    made["visual_rows"] = torch.cat([features, first + step * torch.arange(missing, device=device)])
    made["visual_positions"] = torch.cat(
        [_moved(positions, width, missing), torch.arange(width, width + missing, device=device)]
    )
    return made


def _wider(values: Any, columns: int, fill: int) -> Any:  # noqa: ANN401 - (B, T) to (B, T + columns)
    return torch.nn.functional.pad(values, (0, columns), value=fill)


def _moved(positions: Any, width: int, columns: int) -> Any:  # noqa: ANN401 - flat positions in rows that are wider
    return positions // width * (width + columns) + positions % width
