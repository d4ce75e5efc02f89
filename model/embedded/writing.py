"""Answers to a burst of questions in batches, the most likely token each time, each until its sentence ends.

write(network, prompts.facts, prompts.decode, encoded, most=64)
-> [Completion("Opens the cart.", 0.93), …]
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.embedded.files import PromptFacts
from magenta_qa.model.embedded.network import Network, log_softmax
from magenta_qa.model.embedded.prompts import Prompt
from magenta_qa.model.prompt import SENTENCE

BATCH = 8
"""Questions in one pass: more are no faster on two cores, and take more memory."""
_LEAST_CHANCE = 1e-9


@dataclass(slots=True)
class _Answer:
    """What has been written so far."""

    ids: list[int] = field(default_factory=list)
    logs: list[float] = field(default_factory=list)
    """Logarithms of the tokens' chances, that of the ending token too."""
    done: bool = False


def write(
    network: Network,
    facts: PromptFacts,
    decode: Callable[[list[int]], str],
    prompts: Sequence[Prompt],
    *,
    most: int,
    batch: int = BATCH,
) -> list[Completion]:
    """One answer for each question, in their order.

    Args:
        network: The model.
        facts: Which tokens end an answer and fill up.
        decode: Ids to text.
        prompts: The questions; taken by length, so that little is filled up.
        most: Tokens of an answer at most.
        batch: Questions in one pass.
    """
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    answers: dict[int, Completion] = {}
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        written = _written(network, facts, decode, [prompts[index] for index in chosen], most)
        answers |= zip(chosen, (_completion(answer, decode) for answer in written), strict=True)
    return [answers[index] for index in range(len(prompts))]


def _written(
    network: Network, facts: PromptFacts, decode: Callable[[list[int]], str], prompts: Sequence[Prompt], most: int
) -> list[_Answer]:
    answers = [_Answer() for _ in prompts]
    run = network.begin(prompts, most)
    for step in range(most):
        tokens = run.logits.argmax(-1)
        logs = np.take_along_axis(log_softmax(run.logits), tokens[:, None], -1)[:, 0]
        for answer, token, log in zip(answers, tokens.tolist(), logs.tolist(), strict=True):
            _append(answer, token, log, facts, decode)
        if step + 1 == most or all(answer.done for answer in answers):
            break
        run.step(np.array([facts.padding if answer.done else answer.ids[-1] for answer in answers]))
    return answers


def _append(answer: _Answer, token: int, log: float, facts: PromptFacts, decode: Callable[[list[int]], str]) -> None:
    if answer.done:
        return
    if token != facts.padding or token in facts.ends:
        answer.logs.append(log)
    if token in facts.ends or token == facts.padding:
        answer.done = True
        return
    answer.ids.append(token)
    answer.done = SENTENCE.search(decode(answer.ids)) is not None


def _completion(answer: _Answer, decode: Callable[[list[int]], str]) -> Completion:
    logs = [max(log, math.log(_LEAST_CHANCE)) for log in answer.logs]
    confidence = math.exp(sum(logs) / len(logs)) if logs else 0.0
    return Completion(decode(answer.ids).strip(), confidence, answer.done)
