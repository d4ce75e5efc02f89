"""Answers to many questions in batches, the most likely token each time.

generate(model, processor, [processor.encode([picture], prompt), …])
-> [Completion("Deletes the row of Ada.", 0.93), …]
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.minicpmv.example import Example
from magenta_qa.model.minicpmv.processor import Processor
from magenta_qa.model.prompt import SENTENCE


class SentenceEnd(StoppingCriteria):
    """Ends each answer at the end of its first sentence.

    Args:
        processor: Decodes what was generated.
        start: Where the answers begin.
    """

    def __init__(self, processor: Processor, start: int) -> None:
        self._processor, self._start = processor, start

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:  # noqa: ANN401
        """Which rows (B,) are done."""
        tokenizer = self._processor.tokenizer
        texts = tokenizer.batch_decode(input_ids[:, self._start :], skip_special_tokens=True)
        return torch.tensor([bool(SENTENCE.search(text)) for text in texts], device=input_ids.device)


def generate(
    model: nn.Module,
    processor: Processor,
    examples: Sequence[Example],
    *,
    max_new_tokens: int = 64,
    batch_size: int = 32,
    sentence: bool = False,
) -> list[Completion]:
    """One answer for each question, in their order.

    Args:
        model: What `Family.load_model` gave, or the same wrapped by PEFT.
        processor: The same checkpoint's.
        examples: Questions without answers; sorted by length within, so that little is filled up.
        max_new_tokens: Tokens of an answer at most.
        batch_size: Questions in one pass.
        sentence: Whether to end each answer with its first sentence.
    """
    if any(example.answer_start is not None for example in examples):
        raise ValueError("an example to be answered already has an answer; encode it without one")
    order = sorted(range(len(examples)), key=lambda index: len(examples[index]))
    answers: dict[int, Completion] = {}
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        batch = processor.collate([examples[index] for index in chosen], "left")
        answers |= zip(chosen, _answer(model, processor, batch, max_new_tokens, sentence), strict=True)
    return [answers[index] for index in range(len(examples))]


@torch.inference_mode()
def _answer(
    model: nn.Module, processor: Processor, batch: dict[str, Any], max_new_tokens: int, sentence: bool
) -> list[Completion]:
    settings = GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        eos_token_id=list(processor.end_ids),
        pad_token_id=processor.padding_id,
        return_dict_in_generate=True,
        output_logits=True,
    )
    width = batch["input_ids"].shape[1]
    stop = StoppingCriteriaList([SentenceEnd(processor, width)] if sentence else [])
    inputs = to_device(batch, next(model.parameters()).device)
    output = model.generate(**inputs, generation_config=settings, stopping_criteria=stop)
    ids = output.sequences[:, width:]
    chances = torch.stack(
        [step.float().softmax(-1).gather(1, ids[:, index : index + 1]) for index, step in enumerate(output.logits)], 1
    ).squeeze(-1)
    return [_read(processor, row, chance) for row, chance in zip(ids.tolist(), chances.tolist(), strict=True)]


def _read(processor: Processor, ids: list[int], chances: list[float]) -> Completion:
    # A row that ended before others did is filled up.
    ends = {*processor.end_ids, processor.padding_id}
    end = next((index for index, token in enumerate(ids) if token in ends), None)
    said = ids if end is None else ids[:end]
    counted = chances[: len(said) + (end is not None and ids[end] in processor.end_ids)]
    logs = [math.log(max(chance, 1e-9)) for chance in counted]
    return Completion(processor.decode(said), math.exp(sum(logs) / len(logs)), complete=end is not None)


def to_device(batch: dict[str, Any], device: torch.device | str) -> dict[str, Any]:
    """The batch with all its tensors on a device; what is no tensor stays as it is."""

    def move(value: object) -> object:
        if isinstance(value, torch.Tensor):
            return value.to(device, non_blocking=True)
        return [move(entry) for entry in value] if isinstance(value, list) else value

    return {name: move(value) for name, value in batch.items()}
