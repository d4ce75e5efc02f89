"""Questions to the deciding model with fewer candidates than the page has: finding a mark is learned on short lists.

    lists = Lists(split.decisions, tokenizer)
    lists.shortened(rows, 12, generator)        # Tokens: with at most 12 candidates each, the right one among them

Marks stay as they are, so that some are missing; whatever else a question says stays, too.
"""

import json
from typing import Any

import numpy as np

from magenta_qa.finetune.embedded.packed import Decisions, Tokens


class Lists:
    """Decisions whose candidates can be told apart.

    Args:
        decisions: Of a split.
        tokenizer: That their ids are of; writes line ends, brackets and digits as tokens of their own.
    """

    def __init__(self, decisions: Decisions, tokenizer: Any) -> None:  # noqa: ANN401 - of transformers
        self._prompts = decisions.prompt
        self._line, self._bracket = (_single(tokenizer, text) for text in ("\n", "["))
        self._digits = {_single(tokenizer, str(digit)): digit for digit in range(10)}
        replies = decisions.facts.column("reply").to_pylist()
        self._right = [json.loads(reply)["mark"] for reply in replies]

    def shortened(self, rows: np.ndarray, most: int, generator: np.random.Generator) -> Tokens:
        """The questions `rows` with at most `most` candidates each."""
        made = [self._shortened(int(row), most, generator) for row in rows]
        length = np.array([len(ids) for ids in made], np.int64)
        return Tokens(np.concatenate(made), np.cumsum(length) - length, length)

    def _shortened(self, row: int, most: int, generator: np.random.Generator) -> np.ndarray:
        ids = self._prompts.row(row)
        starts: np.ndarray = np.flatnonzero((ids[:-1] == self._line) & (ids[1:] == self._bracket)) + 1
        if len(starts) <= most:
            return ids
        # A line ends with the next one's beginning; the last one where its line does.
        after = np.flatnonzero(ids[starts[-1] :] == self._line)
        ends: np.ndarray = np.append(starts[1:], starts[-1] + (after[0] + 1 if len(after) else 0))
        right = self._right[row]
        luck = generator.random(len(starts))
        if right is not None:
            luck[[self._mark(ids[start:]) == right for start in starts]] = -1.0
        kept = np.sort(np.argsort(luck)[:most])
        lines = [ids[starts[line] : ends[line]] for line in kept]
        short: np.ndarray = np.concatenate([ids[: starts[0]], *lines, ids[ends[-1] :]])
        return short

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
