"""A step and a page's candidates as the numbers that the reranker reads.

encode("Log me out", lines, pieces) -> Encoded(step [pieces], lines [candidates, pieces], …)
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from magenta_qa.model.reranker.pieces import MAX_LINE, MAX_STEP, Piece, Pieces
from magenta_qa.model.reranker.words import Line, Word, by_slips, line_words, meant, stem, step_words

_CLASSES = np.array([0, 1, 2, 4, 9])
"""In how many candidates of the page a word stands: none, one, two, up to four, up to nine, more."""


class Encoded(NamedTuple):
    """Int64 arrays; piece 0 fills up.

    A match is 0 where the other side lacks the word, 1 where it has a form of it, 2 where it has the word; a count says
    in how many candidates the word stands, in classes.
    """

    step: np.ndarray
    """[step's pieces]"""
    step_segments: np.ndarray
    step_counts: np.ndarray
    step_matches: np.ndarray
    """[candidates, step's pieces]"""
    lines: np.ndarray
    """[candidates, pieces]"""
    line_segments: np.ndarray
    line_counts: np.ndarray
    line_matches: np.ndarray


def encode(step: str, lines: Sequence[Line], pieces: Pieces) -> Encoded:
    """What the network reads.

    Args:
        step: As the tester wrote it; a slip of the keyboard is read as the page's word.
        lines: Of at least one candidate.
        pieces: What words are made of.
    """
    candidates = [line_words(line) for line in lines]
    sides = [_sides(words) for words in candidates]
    standing = Counter(each for _, stems in sides for each in stems)
    slipped = by_slips(dict.fromkeys(word.text for words in candidates for word in words))
    asked = [Word(meant(word.text, frozenset(standing), slipped), word.segment) for word in step_words(step)]
    asked_texts, asked_stems = _sides(asked)
    row = pieces.row(asked, MAX_STEP)
    rows = [pieces.row(words, MAX_LINE) for words in candidates]
    long = max(map(len, rows))
    filled: np.ndarray = np.zeros((4, len(rows), long), np.int64)
    step_matches: np.ndarray = np.zeros((len(rows), len(row)), np.int64)
    for number, (words, side, of_line) in enumerate(zip(candidates, sides, rows, strict=True)):
        filled[:, number, : len(of_line)] = np.transpose(_read(of_line, words, asked_texts, asked_stems, standing))
        step_matches[number] = [match for *_, match in _read(row, asked, *side, standing)]
    own = np.transpose(_read(row, asked, (), (), standing))
    return Encoded(own[0], own[1], own[2], step_matches, *filled)


def _sides(words: Sequence[Word]) -> tuple[set[str], set[str]]:
    """The words that stand there, and what forms of them share."""
    return {word.text for word in words}, {stem(word.text) for word in words}


def _read(
    row: Sequence[Piece],
    words: Sequence[Word],
    texts: Collection[str],
    stems: Collection[str],
    standing: Mapping[str, int],
) -> list[tuple[int, int, int, int]]:
    """Place, segment, count and match of each piece."""
    marks = [
        (int(np.searchsorted(_CLASSES, standing.get(stem(w.text), 0))), (stem(w.text) in stems) + (w.text in texts))
        for w in words
    ]
    return [(piece.place, piece.segment, *(marks[piece.word] if piece.word >= 0 else (0, 0))) for piece in row]
