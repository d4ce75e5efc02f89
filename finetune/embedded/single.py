"""Questions to the deciding model about one candidate each: does it do what the step asks for, or does none?

    singles = Singles(split.decisions, tokenizer)
    prompts, answers = singles.drawn(rows, generator)      # Tokens: half of them with the right candidate, half without

A model this small does not find a mark in a list of fifty; whether one line fits a step it can learn. Wrong candidates
are of the same page, every other one of those that share most words with the step. Of an answer is kept what is asked
for when serving: all before the confidence.
"""

import json
from typing import Any

import numpy as np

from magenta_qa.finetune.embedded.packed import Decisions, Tokens

_CLOSE = 4
"""Of so many that share most with the step one is drawn."""
_RIGHT = 0.5


class Singles:
    """Decisions whose candidates can be told apart.

    Args:
        decisions: Of a split.
        tokenizer: That their ids are of; writes line ends, brackets and digits as tokens of their own.
    """

    def __init__(self, decisions: Decisions, tokenizer: Any) -> None:  # noqa: ANN401 - of transformers
        self._decisions = decisions
        self._line, self._bracket = (_single(tokenizer, text) for text in ("\n", "["))
        self._confidence = _single(tokenizer, "confidence")
        self._digits = {_single(tokenizer, str(digit)): digit for digit in range(10)}
        replies = [json.loads(reply) for reply in decisions.facts.column("reply").to_pylist()]
        self._right = [reply["mark"] for reply in replies]
        outcomes = [reply["outcome"] for reply in replies]
        self._acts = np.array([outcome == "act" for outcome in outcomes], bool)
        refusing = outcomes.index("none") if "none" in outcomes else -1
        self._refusal = decisions.answer.row(refusing) if refusing >= 0 else np.zeros(0, np.uint16)

    def drawn(self, rows: np.ndarray, generator: np.random.Generator) -> tuple[Tokens, Tokens]:
        """The questions `rows` with one candidate each, and their answers."""
        made = [self._drawn(int(row), generator) for row in rows]
        return _tokens([prompt for prompt, _ in made]), _tokens([self._beginning(answer) for _, answer in made])

    def _beginning(self, answer: np.ndarray) -> np.ndarray:
        ends: np.ndarray = np.flatnonzero(answer == self._confidence)
        return answer[: ends[0]] if len(ends) else answer

    def _drawn(self, row: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        ids, answer = self._decisions.prompt.row(row), self._decisions.answer.row(row)
        starts: np.ndarray = np.flatnonzero((ids[:-1] == self._line) & (ids[1:] == self._bracket)) + 1
        if not len(starts):
            return ids, answer
        # A line ends with the next one's beginning; the last one where its line does.
        after = np.flatnonzero(ids[starts[-1] :] == self._line)
        ends: np.ndarray = np.append(starts[1:], starts[-1] + (after[0] + 1 if len(after) else 0))
        lines = [ids[start:end] for start, end in zip(starts, ends, strict=True)]
        right = [number for number, line in enumerate(lines) if self._mark(line) == self._right[row]]
        if self._acts[row] and right and (generator.random() < _RIGHT or not len(self._refusal)):
            chosen = right[0]
        else:
            chosen = self._wrong(ids[: starts[0]], lines, right, generator)
            answer = self._refusal if self._acts[row] and chosen not in right else answer
        return np.concatenate([ids[: starts[0]], lines[chosen], ids[ends[-1] :]]), answer

    def _wrong(
        self, head: np.ndarray, lines: list[np.ndarray], right: list[int], generator: np.random.Generator
    ) -> int:
        """One that is not meant, nor looks just like what is; the first if there is none."""
        contents = {number: self._content(line) for number, line in enumerate(lines)}
        meant = {contents[number] for number in right}
        wrong = [number for number, content in contents.items() if content not in meant]
        if not wrong:
            return 0
        if generator.random() < _RIGHT:
            shared = [int(np.isin(np.unique(lines[number]), head).sum()) for number in wrong]
            wrong = [wrong[place] for place in np.argsort(shared)[-_CLOSE:]]
        return int(generator.choice(wrong))

    def _content(self, line: np.ndarray) -> bytes:
        """A line without its mark."""
        length = 1
        while length < len(line) and int(line[length]) in self._digits:
            length += 1
        return line[length:].tobytes()

    def _mark(self, line: np.ndarray) -> int:
        """The number in brackets that a line begins with."""
        number = 0
        for token in line[1:]:
            if int(token) not in self._digits:
                return number
            number = 10 * number + self._digits[int(token)]
        return number


def _single(tokenizer: Any, text: str) -> int:  # noqa: ANN401
    """The one token that a text is."""
    (token,) = tokenizer(text, add_special_tokens=False)["input_ids"]
    return int(token)


def _tokens(rows: list[np.ndarray]) -> Tokens:
    length = np.array([len(ids) for ids in rows], np.int64)
    return Tokens(np.concatenate(rows), np.cumsum(length) - length, length)
