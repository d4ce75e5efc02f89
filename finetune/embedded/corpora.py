"""Reads what `finetune.corpus` has built: labelled elements with what they were made from, and the text of decisions.

    for element in read_elements([Path("build/corpus/v1")], "train"): element.row, element.facts["kind"]
    for decision in read_decisions([Path("build/corpus/v1")], "train"): decision.prompt, decision.answer

Nothing of the generator is imported: its files are all that is needed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow.parquet as pq

from magenta_qa.finetune.columns import row_from
from magenta_qa.finetune.row import Row, row_prompt
from magenta_qa.model.errors import DatasetError

SPLITS = ("train", "validation", "test")
_GROUP = 64
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Element:
    """A labelled element."""

    row: Row
    facts: dict[str, Any]
    """Page kind, framework, icon set, how it is shown and named; see `finetune.corpus.rows.RowFacts`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A question to a deciding model with its answer: of pages' words, which the tokenizer learns from, too."""

    prompt: str
    answer: str


def read_elements(corpora: Sequence[Path], split: str) -> Iterator[Element]:
    """The elements of a split, those of one look after each other.

    Raises:
        DatasetError: A corpus has no elements at all, or a row without facts.
    """
    for corpus in corpora:
        facts = _facts(corpus)
        for file in sorted((corpus / "understanding" / "v1" / "data").glob(f"{split}-*.parquet")):
            for stored in _rows(file):
                row = row_from(stored)
                if row.external_id not in facts:
                    raise DatasetError(f"row {row.external_id} of {file} is not among the facts; build that part anew")
                yield Element(row, facts[row.external_id])


def read_decisions(corpora: Sequence[Path], split: str) -> Iterator[Decision]:
    """The decisions of a split, those of one look after each other."""
    for corpus in corpora:
        for file in sorted((corpus / "decisions").glob(f"{split}-*.parquet")):
            for stored in _rows(file):
                yield Decision(**{name: stored[name] for name in Decision.__slots__})


def texts(corpora: Sequence[Path], most: int) -> list[str]:
    """Prompts and answers to learn a tokenizer from.

    Args:
        corpora: Folders.
        most: Of each kind about so many at most; every so many-th row, so that all pages take part.
    """
    found: list[str] = []
    for element in _some(read_elements, corpora, most):
        found += [row_prompt(element.row), element.row.summary]
    for decision in _some(read_decisions, corpora, most):
        found += [decision.prompt, decision.answer]
    return found


def _some(read: Callable[[Sequence[Path], str], Iterator[Item]], corpora: Sequence[Path], most: int) -> Iterator[Item]:
    every = max(1, sum(1 for _ in read(corpora, "train")) // most)
    return (found for number, found in enumerate(read(corpora, "train")) if number % every == 0)


def _facts(corpus: Path) -> dict[str, dict[str, Any]]:
    files = sorted((corpus / "facts").glob("*.parquet"))
    if not files:
        raise DatasetError(f"{corpus} holds no corpus (no facts/*.parquet); expected what 'make corpus' has built")
    return {stored["external_id"]: stored for file in files for stored in _rows(file)}


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(batch_size=_GROUP):
            yield from batch.to_pylist()
