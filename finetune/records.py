"""Reads MiniCPM's training records, as OpenBMB's fine-tune and the recipe's `prepare.py` write them.

A JSON list (or a `.jsonl` file with one record a line) of records with one picture, or with several:

    {"id": "5e…", "image": "dataset/images/image_5e….png",
     "conversations": [{"role": "user", "content": "<image>\\nIn a short sentence, …"},
                       {"role": "assistant", "content": "Removes the Blue backpack from the cart."}]}
    {"id": "7", "image": {"<image_00>": "a.png", "<image_01>": "b.png"},
     "conversations": [{"role": "user", "content": "Which of <image_00> and <image_01> …"}, …]}

Paths of pictures count from the working directory, as in the recipe, else from the file's folder. `record_files.py`
writes records from a dataset.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import fsspec
from pydantic import BaseModel, ValidationError

from magenta_qa.model.errors import DatasetError

IMAGE = "<image>"
"""Where the only picture of a record stands in its text."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Record:
    """One conversation and its pictures."""

    id: str
    images: tuple[tuple[str, str], ...]
    """(placeholder, path) in the order given; the placeholder of an only picture is `<image>`."""
    turns: tuple[Turn, ...]


class _StoredTurn(BaseModel):
    role: Literal["system", "user", "assistant"]
    content: str


class _StoredRecord(BaseModel):
    id: str | int
    image: str | dict[str, str] | None = None
    conversations: list[_StoredTurn]


def read_records(path: str) -> list[Record]:
    """All records of a file, pictures not opened.

    Args:
        path: `.json` or `.jsonl`, local or an fsspec URL.

    Raises:
        DatasetError: The file cannot be read, or a record is not one; the message says which and why.
    """
    return [_record(stored, number, path) for number, stored in enumerate(_stored(path))]


def _stored(path: str) -> Iterator[Any]:
    try:
        with fsspec.open(path, "rt", encoding="utf-8") as file:
            if str(path).endswith(".jsonl"):
                yield from (json.loads(line) for line in file if line.strip())
                return
            content = json.load(file)
    except (OSError, ValueError, ImportError) as error:
        raise DatasetError(f"cannot read the records {path}: {error}; expected a JSON list or JSON lines") from error
    if not isinstance(content, list):
        raise DatasetError(f"{path} holds {type(content).__name__}; expected a list of records")
    yield from content


def _record(stored: object, number: int, path: str) -> Record:
    try:
        record = _StoredRecord.model_validate(stored)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise DatasetError(
            f"{path}: record {number}: {place or 'it'}: {problem['msg']}; "
            'expected {"id", "image", "conversations": [{"role", "content"}, …]}'
        ) from error
    turns = tuple(Turn(turn.role, turn.content) for turn in record.conversations)
    if not any(turn.role == "assistant" for turn in turns):
        raise DatasetError(f"{path}: record {number} (id {record.id}) has no answer; expected an assistant's turn")
    images = record.image if isinstance(record.image, dict) else {IMAGE: record.image} if record.image else {}
    return Record(str(record.id), tuple((name, _found(image, path)) for name, image in images.items()), turns)


def _found(image: str, path: str) -> str:
    """The picture's path as it can be opened."""
    if "://" in image or Path(image).is_absolute() or Path(image).exists():
        return image
    return f"{str(path).rsplit('/', 1)[0]}/{image}" if "/" in str(path) else image
