"""Answers to a burst of questions in batches, the most likely token each time, each until its sentence ends.

write(network, prompts.facts, prompts.decode, encoded, most=64, doubted=is_reading)
-> [Completion("Opens the cart.", 0.93), …]          # in doubt with `likely`: (("Edits (edit icon).", 0.4), …)
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.embedded.files import PromptFacts
from magenta_qa.model.embedded.network import Network, Run, log_softmax
from magenta_qa.model.embedded.prompts import Prompt
from magenta_qa.model.prompt import SENTENCE

BATCH = 8
"""Questions in one pass: more are no faster on two cores, and take more memory."""
_LEAST_CHANCE = 1e-9
_CERTAIN = 0.7
"""The chance of a whole answer from which on no other is looked for."""
_LIKELY = 8
"""Answers that are looked for in doubt, by their first tokens: of 317 icons of sets that were never seen the right one
is among them 92 times in 100 (among 3 of them 91, the first 82)."""
_TOGETHER = 2
"""Answers of which others are looked for in one pass, each `_LIKELY` rows of memory."""
_REST = 24
"""Tokens of another answer at most."""


@dataclass(slots=True)
class _Answer:
    """What has been written so far."""

    ids: list[int] = field(default_factory=list)
    logs: list[float] = field(default_factory=list)
    """Logarithms of the tokens' chances, that of the ending token too."""
    done: bool = False
    likely: list["_Answer"] = field(default_factory=list)
    """With others, where it is in doubt."""

    @property
    def chance(self) -> float:
        """Of the whole."""
        return math.exp(sum(self.logs))


def write(
    network: Network,
    facts: PromptFacts,
    decode: Callable[[list[int]], str],
    prompts: Sequence[Prompt],
    *,
    most: int,
    batch: int = BATCH,
    doubted: Callable[[str], bool] = lambda _: False,
) -> list[Completion]:
    """One answer for each question, in their order.

    Args:
        network: The model.
        facts: Which tokens end an answer and fill up.
        decode: Ids to text.
        prompts: The questions; taken by length, so that little is filled up.
        most: Tokens of an answer at most.
        batch: Questions in one pass.
        doubted: Whether other answers are to be looked for beside this one, should it not be certain.
    """
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    answers: dict[int, Completion] = {}
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        written = _written(network, facts, decode, [prompts[index] for index in chosen], most, doubted)
        answers |= zip(chosen, (_completion(answer, decode) for answer in written), strict=True)
    return [answers[index] for index in range(len(prompts))]


def _written(
    network: Network,
    facts: PromptFacts,
    decode: Callable[[list[int]], str],
    prompts: Sequence[Prompt],
    most: int,
    doubted: Callable[[str], bool],
) -> list[_Answer]:
    answers = [_Answer() for _ in prompts]
    run = network.begin(prompts, most)
    first = log_softmax(run.logits)
    _write_on(run, answers, facts, decode, most)
    in_doubt = [row for row, a in enumerate(answers) if a.chance < _CERTAIN and doubted(decode(a.ids).strip())]
    for start in range(0, len(in_doubt), _TOGETHER):
        some = {row: answers[row] for row in in_doubt[start : start + _TOGETHER]}
        _add_likely(run, first, some, facts, decode, min(most, _REST))
    return answers


def _add_likely(
    run: Run,
    first: np.ndarray,
    answers: Mapping[int, _Answer],
    facts: PromptFacts,
    decode: Callable[[list[int]], str],
    most: int,
) -> None:
    """Give each answer those that begin with one of the likeliest tokens."""
    for row, answer in answers.items():
        for token in np.argsort(-first[row])[:_LIKELY].tolist():
            other = _Answer()
            _append(other, token, float(first[row, token]), facts, decode)
            answer.likely.append(other)
    others = [other for answer in answers.values() for other in answer.likely]
    again = run.begun_again([row for row, answer in answers.items() for _ in answer.likely], most)
    again.step(_last(others, facts))
    _write_on(again, others, facts, decode, most - 1)


def _last(answers: Sequence[_Answer], facts: PromptFacts) -> np.ndarray:
    last: np.ndarray = np.array([facts.padding if answer.done else answer.ids[-1] for answer in answers])
    return last


def _write_on(
    run: Run, answers: Sequence[_Answer], facts: PromptFacts, decode: Callable[[list[int]], str], most: int
) -> None:
    """Append the most likely tokens, until each answer has ended or is so many longer."""
    for step in range(most):
        tokens = run.logits.argmax(-1)
        logs = np.take_along_axis(log_softmax(run.logits), tokens[:, None], -1)[:, 0]
        for answer, token, log in zip(answers, tokens.tolist(), logs.tolist(), strict=True):
            _append(answer, token, log, facts, decode)
        if step + 1 == most or all(answer.done for answer in answers):
            break
        run.step(_last(answers, facts))


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
    all_likely = ((decode(a.ids).strip(), a.chance) for a in answer.likely or [answer] if a.done)
    others = sorted(all_likely, key=lambda each: -each[1])
    return Completion(decode(answer.ids).strip(), confidence, answer.done, tuple(others))
