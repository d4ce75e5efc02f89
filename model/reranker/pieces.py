"""Words as pieces of a fixed list, the longest first: "reboot" is "re" and "##boot".

pieces = Pieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "re", "##boot", …])
pieces.row(step_words("Reboot it"), MAX_STEP)      # [Piece(place, segment, word), …]
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer

from magenta_qa.model.reranker.words import QUOTED, Word

PAD, UNKNOWN, START, END = range(4)
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
OUTSIDE = QUOTED + 1
"""The segment of what is no word: start and end."""
MAX_STEP, MAX_LINE = 32, 48
"""Pieces, with start and end."""
_MAX_PIECES = 6
"""Of one word."""


class Piece(NamedTuple):
    """One token."""

    place: int
    """Its row in the table."""
    segment: int
    word: int
    """The place of its word among the words; -1 for start and end."""


class Pieces:
    """A list of pieces.

    Args:
        vocabulary: Pieces by their row, `SPECIAL` first.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        places = {piece: place for place, piece in enumerate(vocabulary)}
        self._model = WordPiece(places, unk_token=SPECIAL[UNKNOWN], max_input_chars_per_word=60)
        self._normal = BertNormalizer()
        self._of = lru_cache(maxsize=50_000)(self._split)

    def row(self, words: Sequence[Word], most: int) -> list[Piece]:
        """What is read of these words: start, pieces, end; `most` in all."""
        found = [
            Piece(place, word.segment, number) for number, word in enumerate(words) for place in self._of(word.text)
        ]
        return [Piece(START, OUTSIDE, -1), *found[: most - 2], Piece(END, OUTSIDE, -1)]

    def _split(self, word: str) -> tuple[int, ...]:
        return tuple(token.id for token in self._model.tokenize(self._normal.normalize_str(word))[:_MAX_PIECES])
