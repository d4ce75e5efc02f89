"""Reads packs into arrays, as many as there are of a corpus that was packed while it grew.

split = load_split([Path("build/embedded/pack")], "train", base)
split.elements.rect[17], split.elements.full.row(17)      # (4,) int32; ids as uint16

Older packs hold decisions beside their elements; these are not looked at.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from magenta_qa.finetune.embedded.pack_files import ELEMENTS, FACTS, KNOWN, SCREENS, fingerprint_of
from magenta_qa.model.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Tokens:
    """Rows of token ids, one after the other."""

    flat: np.ndarray
    """(N,) uint16."""
    start: np.ndarray
    """(R,) int64."""
    length: np.ndarray
    """(R,) int64."""

    def row(self, number: int) -> np.ndarray:
        """Ids of one row."""
        ids: np.ndarray = self.flat[self.start[number] : self.start[number] + self.length[number]]
        return ids

    def taken(self, rows: np.ndarray) -> "Tokens":
        """These rows alone, in this order; nothing is copied but where they are."""
        return Tokens(self.flat, self.start[rows], self.length[rows])

    def padded(self, rows: np.ndarray, width: int, filler: int) -> np.ndarray:
        """Ids of some rows, filled up at the right, (B, width) int64."""
        steps = np.arange(width)
        found = self.flat[np.minimum(self.start[rows][:, None] + steps, len(self.flat) - 1)].astype(np.int64)
        ids: np.ndarray = np.where(steps < self.length[rows][:, None], found, filler)
        return ids


@dataclass(frozen=True, slots=True)
class Elements:
    """Labelled elements, in the order of their screens."""

    screen: np.ndarray
    """(E,) int64."""
    rect: np.ndarray
    """left, top, right, bottom, (E, 4) int64."""
    full: Tokens
    bare: Tokens
    answer: Tokens
    facts: Any
    """A table with the other columns."""

    def __len__(self) -> int:
        return len(self.screen)

    def taken(self, rows: np.ndarray) -> "Elements":
        """These alone, in this order."""
        full, bare, answer = (each.taken(rows) for each in (self.full, self.bare, self.answer))
        return Elements(self.screen[rows], self.rect[rows], full, bare, answer, self.facts.take(rows))


@dataclass(frozen=True, slots=True)
class Split:
    """One split of a pack."""

    sizes: np.ndarray
    """Width and height of each screen, (S, 2) int64."""
    screens: Sequence[bytes]
    elements: Elements

    def part(self, number: int, parts: int) -> "Split":
        """Every so manieth screen with its elements: what one of several devices learns from."""
        elements = self.elements.taken(np.flatnonzero(self.elements.screen % parts == number))
        return Split(
            self.sizes[number::parts],
            self.screens[number::parts],
            replace(elements, screen=elements.screen // parts),
        )


def read_facts(folder: Path, base: Path) -> dict[str, Any]:
    """What is in a pack.

    Raises:
        DatasetError: It is not finished, or its ids are of another tokenizer than the base's.
    """
    file = folder / FACTS
    if not file.exists():
        raise DatasetError(f"{folder} holds no finished pack (no {FACTS}); make it with 'embedded pack'")
    facts: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if facts["tokenizer"] != fingerprint_of(base):
        raise DatasetError(
            f"{folder} was packed with tokenizer {facts['tokenizer']}, {base} has {fingerprint_of(base)}; pack it anew"
        )
    return facts


def known_values(folders: Sequence[Path], split: str, base: Path) -> dict[str, set[str]]:
    """Page kinds, frameworks and icon sets that a split of the packs has."""
    facts = [read_facts(folder, base)[split] for folder in folders]
    return {name: {value for each in facts for value in each[name]} for name in KNOWN}


def load_split(folders: Sequence[Path], split: str, base: Path) -> Split:
    """A split of all packs, screens still encoded.

    Raises:
        DatasetError: A pack is not finished, of another tokenizer, or parts are missing.
    """
    read = [_tables(folder, split, base) for folder in folders]
    counts = [len(tables["screens"]) for tables in read]
    screen = np.concatenate(
        [
            tables["elements"]["screen"].to_numpy().astype(np.int64) + before
            for tables, before in zip(read, np.cumsum(counts) - counts, strict=True)
        ]
    )
    screens, elements = (pa.concat_tables([tables[name] for tables in read]) for name in _SCHEMAS)
    # Two looks at a page may have given the same picture: what it shows is to stand together.
    order = np.argsort(screen, kind="stable")
    elements = elements.take(order)
    return Split(
        sizes=np.column_stack([screens["width"].to_numpy(), screens["height"].to_numpy()]).astype(np.int64),
        screens=screens["webp"].to_pylist(),
        elements=Elements(
            screen=screen[order],
            rect=_tokens(elements["rect"]).flat.reshape(-1, 4).astype(np.int64),
            full=_tokens(elements["full"]),
            bare=_tokens(elements["bare"]),
            answer=_tokens(elements["answer"]),
            facts=elements.drop_columns(["rect", "full", "bare", "answer"]),
        ),
    )


_SCHEMAS = {"screens": SCREENS, "elements": ELEMENTS}


def _tables(folder: Path, split: str, base: Path) -> dict[str, Any]:
    """Screens and elements of one pack."""
    facts = read_facts(folder, base)[split]
    tables = {name: _table(folder, split, name, schema) for name, schema in _SCHEMAS.items()}
    for name, table in tables.items():
        if len(table) != facts[name]:
            raise DatasetError(
                f"{folder} has {len(table)} of {facts[name]} {split} {name}; expected all parts; fetch those missing"
            )
    return tables


def _table(folder: Path, split: str, name: str, schema: Any) -> Any:  # noqa: ANN401 - pyarrow's
    files = sorted(folder.glob(f"{split}-{name}-*.parquet"))
    return pa.concat_tables([pq.read_table(file) for file in files]) if files else schema.empty_table()


def _tokens(column: Any) -> Tokens:  # noqa: ANN401
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False) if len(column) else np.zeros(0, np.uint16)
    length = np.array([len(row) for row in column], np.int64) if len(column) else np.zeros(0, np.int64)
    return Tokens(flat, np.cumsum(length) - length, length)
