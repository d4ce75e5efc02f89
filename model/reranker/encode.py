"""A step and a page's candidates as the numbers that the reranker reads.

encode("Log me out", lines, vocabulary) -> Encoded(words [candidates, tokens], segments, matches, counts)
"""

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from magenta_qa.model.reranker.words import Line, Word, by_slips, line_words, meant, stem, step_words

HASHED = 64
"""Places in the table that all unknown words share."""
_CLASSES = np.array([0, 1, 2, 4, 9])
"""In how many candidates of the page a word stands: none, one, two, up to four, up to nine, more."""


class Encoded(NamedTuple):
    """Int64 arrays [candidates, tokens]; word 0 fills up."""

    words: np.ndarray
    segments: np.ndarray
    matches: np.ndarray
    """0 the other side lacks the word, 1 it has a form of it, 2 it has the word."""
    counts: np.ndarray
    """In how many candidates the word stands, in classes."""
    asked: int
    """The first so many tokens are the step's."""


def place_of(word: str, places: Mapping[str, int]) -> int:
    """A word's row in the table of embeddings; 0 is padding, the last `HASHED` rows are those of unknown words."""
    return places.get(word) or len(places) + 1 + zlib.crc32(word.encode()) % HASHED


def encode(step: str, lines: Sequence[Line], places: Mapping[str, int]) -> Encoded:
    """What the network reads.

    Args:
        step: As the tester wrote it; a slip of the keyboard is read as the page's word.
        lines: Of at least one candidate.
        places: Words' rows in the table, from 1.
    """
    candidates = [line_words(line) for line in lines]
    stems = [{stem(word.text) for word in tokens} for tokens in candidates]
    standing = Counter(each for of_line in stems for each in of_line)
    slipped = by_slips(dict.fromkeys(word.text for tokens in candidates for word in tokens))
    asked = [Word(meant(word.text, frozenset(standing), slipped), word.segment) for word in step_words(step)]
    rows = [_row(asked, tokens, standing, places) for tokens in candidates]
    wide, long = len(asked), max(len(tokens) for tokens in candidates)
    filled: np.ndarray = np.zeros((len(rows), wide + long, 4), np.int64)
    for number, row in enumerate(rows):
        filled[number, : len(row)] = row
    filled[..., 3] = np.searchsorted(_CLASSES, filled[..., 3])
    words, segments, matches, counts = np.moveaxis(filled, -1, 0)
    return Encoded(words, segments, matches, counts, wide)


def _row(
    asked: Sequence[Word], tokens: Sequence[Word], standing: Mapping[str, int], places: Mapping[str, int]
) -> list[tuple[int, int, int, int]]:
    def side(own: Sequence[Word], other: Sequence[Word]) -> list[tuple[int, int, int, int]]:
        texts, stems = {word.text for word in other}, {stem(word.text) for word in other}
        return [
            (
                place_of(word.text, places),
                word.segment,
                (stem(word.text) in stems) + (word.text in texts),
                standing.get(stem(word.text), 0),
            )
            for word in own
        ]

    return side(asked, tokens) + side(tokens, asked)
