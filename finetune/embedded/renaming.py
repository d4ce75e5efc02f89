"""The same questions with other names in them, in the answer as well: to copy is learned, not who there is.

    renaming = Renaming(split.decisions.answer, tokenizer)
    renaming.rename(ids, start=40, answer=212, generator)       # (T,), changed in place

Words that stand in the question and in its answer become others of the same shape (capital, space before), everywhere
in both. Words that many answers have are how one says things, and stay; so do figures, which number candidates.
"""

from typing import Any

import numpy as np

from magenta_qa.finetune.embedded.packed import Tokens

COMMON = 0.03
"""Share of the answers from which on a token is how one says things."""
_SAMPLED = 20_000


class Renaming:
    """Which tokens may stand for which.

    Args:
        answers: That tell common words from names.
        tokenizer: That ids are of.
    """

    def __init__(self, answers: Tokens, tokenizer: Any) -> None:  # noqa: ANN401
        texts = [tokenizer.decode([token]) for token in range(len(tokenizer))]
        self._common = common_tokens(answers, len(texts))
        self._shape = np.array([_shape(text) for text in texts], np.int64)
        self._alike = [np.flatnonzero((self._shape == shape) & ~self._common) for shape in range(_SHAPES)]

    def rename(self, ids: np.ndarray, start: int, answer: int, generator: np.random.Generator) -> None:
        """Give what a question and its answer share other names.

        Args:
            ids: Question and answer (T,), changed in place.
            start: Where what differs between questions begins.
            answer: Where the answer begins.
            generator: By whose luck.
        """
        asked, said = ids[start:answer], np.unique(ids[answer:])
        shared = said[np.isin(said, asked) & ~self._common[said] & (self._shape[said] > 0)]
        names = np.arange(len(self._common))
        for token in shared:
            other = generator.choice(self._alike[self._shape[token]])
            names[[token, other]] = names[[other, token]]
        ids[start:] = names[ids[start:]]


def common_tokens(answers: Tokens, size: int) -> np.ndarray:
    """Which tokens (size,) of the vocabulary are in many answers."""
    step = max(1, len(answers.start) // _SAMPLED)
    seen: np.ndarray = np.zeros(size, np.int64)
    rows = range(0, len(answers.start), step)
    for row in rows:
        seen[np.unique(answers.row(row))] += 1
    common: np.ndarray = seen > COMMON * max(1, len(rows))
    return common


_SHAPES = 5


def _shape(text: str) -> int:
    """0 for what is no word; else by a space before it and a capital."""
    word = text.removeprefix(" ")
    return 0 if not word.isalpha() or len(word) < 2 else 1 + 2 * (word != text) + word[0].isupper()
