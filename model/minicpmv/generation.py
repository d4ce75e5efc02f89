"""Answers to many questions in batches, the most likely token each time.

generate(model, processor, [processor.encode([picture], prompt), …])
-> [Answer(text="Deletes the row of Ada.", confidence=0.93), …]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import GenerationConfig

from magenta_qa.model.minicpmv.example import Example
from magenta_qa.model.minicpmv.processor import Processor


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said."""

    text: str
    confidence: float
    """Mean probability of its tokens, 0 … 1."""
    complete: bool = True
    """False when it was cut at the longest length allowed."""


def generate(
    model: nn.Module,
    processor: Processor,
    examples: Sequence[Example],
    *,
    max_new_tokens: int = 64,
    batch_size: int = 32,
) -> list[Answer]:
    """One answer for each question, in their order.

    Args:
        model: What `Family.load_model` gave, or the same wrapped by PEFT.
        processor: The same checkpoint's.
        examples: Questions without answers; sorted by length within, so that little is filled up.
        max_new_tokens: Tokens of an answer at most.
        batch_size: Questions in one pass.
    """
    if any(example.answer_start is not None for example in examples):
        raise ValueError("an example to be answered already has an answer; encode it without one")
    order = sorted(range(len(examples)), key=lambda index: len(examples[index]))
    answers: dict[int, Answer] = {}
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        batch = processor.collate([examples[index] for index in chosen], side="left")
        answers |= zip(chosen, _answer(model, processor, batch, max_new_tokens), strict=True)
    return [answers[index] for index in range(len(examples))]


@torch.inference_mode()
def _answer(model: nn.Module, processor: Processor, batch: dict[str, Any], max_new_tokens: int) -> list[Answer]:
    settings = GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        eos_token_id=list(processor.end_ids),
        pad_token_id=processor.padding_id,
        return_dict_in_generate=True,
        output_logits=True,
    )
    output = model.generate(**to_device(batch, next(model.parameters()).device), generation_config=settings)
    width = batch["input_ids"].shape[1]
    ids = output.sequences[:, width:]
    chances = torch.stack(
        [step.float().softmax(-1).gather(1, ids[:, index : index + 1]) for index, step in enumerate(output.logits)], 1
    ).squeeze(-1)
    return [_read(processor, row, chance) for row, chance in zip(ids.tolist(), chances.tolist(), strict=True)]


def _read(processor: Processor, ids: list[int], chances: list[float]) -> Answer:
    end = next((index for index, token in enumerate(ids) if token in processor.end_ids), None)
    said = ids if end is None else ids[:end]
    counted = chances[: len(said) + (end is not None)]
    return Answer(processor.decode(said), sum(counted) / len(counted), complete=end is not None)


def to_device(batch: dict[str, Any], device: torch.device | str) -> dict[str, Any]:
    """The batch with all its tensors on a device; what is no tensor stays as it is."""

    def move(value: object) -> object:
        if isinstance(value, torch.Tensor):
            return value.to(device, non_blocking=True)
        return [move(entry) for entry in value] if isinstance(value, list) else value

    return {name: move(value) for name, value in batch.items()}
