"""What a model is trained on and judged by: conversations with pictures, whatever they were read from.

examples = load_examples("data/shop", "train", View("crop"))      # rows of a dataset
examples = load_examples("dataset/train.json", "train", View())   # MiniCPM records
example = examples[0]
example.turns                    # (Turn("user", "<image>\\nIn a short sentence, …"), Turn("assistant", "Removes …"))
example.open_images()            # {"<image>": <PIL.Image RGB 448×448>}, decoded and outlined now
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import fsspec
from PIL import Image

from magenta_qa.finetune.dataset import Rows, load_rows
from magenta_qa.finetune.dataset_index import TRUST
from magenta_qa.finetune.records import IMAGE, Record, Turn, read_records
from magenta_qa.finetune.row import Row, row_picture, row_prompt
from magenta_qa.model.errors import DatasetError, ObservationError
from magenta_qa.model.picture import decode
from magenta_qa.model.prompt import neutralise
from magenta_qa.model.schema import View


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation and its pictures, not yet decoded."""

    id: str
    turns: tuple[Turn, ...]
    placeholders: tuple[str, ...]
    """Where the pictures stand in the turns, in order."""
    open_images: Callable[[], dict[str, Image.Image]]
    """Placeholder → picture, RGB, outlined; raises DatasetError where one cannot be decoded or its box lies outside."""


class Examples(Sequence[Example]):
    """All examples of a split, read by index.

    Args:
        source: Rows or records.
        view: What is shown of a row that has a box.
    """

    def __init__(self, source: Rows | Sequence[Row] | Sequence[Record], view: View) -> None:
        self.source, self.view = source, view

    def __len__(self) -> int:
        return len(self.source)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> list[Example]: ...
    def __getitem__(self, index: int | slice) -> Example | list[Example]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._at(index)

    def _at(self, index: int) -> Example:
        found = self.source[index]
        return row_example(found, self.view) if isinstance(found, Row) else record_example(found)

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self)))


def load_examples(path: str, split: str, view: View) -> Examples:
    """The examples of a dataset's split, or of a file of records.

    Args:
        path: Folder, fsspec URL or name of a dataset; or a `.json` or `.jsonl` file of records, all of which are taken.
        split: Such as `train`; of a dataset only.
        view: What is shown of a row that has a box.

    Raises:
        DatasetError: It cannot be read, or is empty.
    """
    is_records = str(path).endswith((".json", ".jsonl"))
    source = read_records(path) if is_records else _trusted(load_rows(path, split))
    if not len(source):
        raise DatasetError(f"{path} has no rows in split {split!r}: there is nothing to train on or to judge by")
    return Examples(source, view)


def _trusted(rows: Rows) -> Rows:
    """The same rows; refused if a model wrote some of the labels, since it would be trained on itself."""
    if "summary_source" not in rows.columns:
        return rows
    doubtful = Counter(source for source in rows.column("summary_source") if (source or "") not in TRUST)
    if doubtful:
        raise DatasetError(
            f"{rows.source.path}, split {rows.split!r}: {doubtful.total()} labels are not to be trusted "
            f"(summary_source {', '.join(map(str, doubtful))}); 'magenta dataset build' makes a version without them"
        )
    return rows


def row_example(row: Row, view: View) -> Example:
    """The example that a row makes."""
    turns = (Turn("user", row_prompt(row)), Turn("assistant", row.summary))
    return Example(row.external_id, turns, (IMAGE,), lambda: {IMAGE: row_picture(row, view)})


def record_example(record: Record) -> Example:
    """The example that a record makes; what was asked is neutralised as when serving."""
    names = tuple(name for name, _ in record.images)
    return Example(record.id, _harmless(record.turns, names), names, lambda: _open_all(record))


def _harmless(turns: Sequence[Turn], names: Sequence[str]) -> tuple[Turn, ...]:
    """The turns with each picture standing exactly once, and no other token of a model's in what was asked.

    Page text stands raw in records that others write, so a page could have put a token or another picture there.
    """
    missing = [name for name in names if not any(name in turn.content for turn in turns if turn.role == "user")]
    left, made = set(names), []
    for turn in turns:
        if turn.role == "user":
            content = "".join(f"{name}\n" for name in missing) + turn.content
            missing = []
            turn = Turn("user", _neutralised(content, left))
        made.append(turn)
    return tuple(made)


def _neutralised(content: str, left: set[str]) -> str:
    """`content` neutralised but for the first of each of the pictures that are `left`, which are taken from it."""
    if not left:
        return neutralise(content)
    parts = re.split("(" + "|".join(re.escape(name) for name in sorted(left, key=len, reverse=True)) + ")", content)
    made = []
    for part in parts:
        made.append(part if part in left else neutralise(part))
        left.discard(part)
    return "".join(made)


def _open_all(record: Record) -> dict[str, Image.Image]:
    images = {}
    for placeholder, path in record.images:
        try:
            with fsspec.open(path, "rb") as file:
                images[placeholder] = decode(file.read())
        except (OSError, ObservationError) as error:
            raise DatasetError(f"record {record.id}: cannot use the picture {path}: {error}") from error
    return images
