"""Everything that a dataset can be built from, as one stream of entries: logs, datasets, MiniCPM records.

open_source(".magenta")              # or .magenta/log, or an interactions.jsonl: the agent's log
open_source("data/others")           # a dataset: every split
open_source("dataset/train.json")    # MiniCPM records whose prompt is the understanding prompt

for entry in source.entries(): ...
Entry(name=".magenta/log/interactions.jsonl:12", row=Row(…), problem="")
Entry(name=".magenta/log/interactions.jsonl:13", row=None, problem="not JSON")
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

import fsspec
from pydantic import BaseModel, ConfigDict, ValidationError

from magenta_qa.finetune.dataset import find_source, list_splits, stream_rows
from magenta_qa.finetune.records import IMAGE, Record, read_records
from magenta_qa.finetune.row import Row
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.prompt import UNDERSTANDING_PROMPT
from magenta_qa.model.schema import Box

LOG_FILE = "interactions.jsonl"
LOG_VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a source, or why it is none."""

    name: str
    """Where it stands, such as `interactions.jsonl:12`."""
    row: Row | None
    """Without its picture where `DataSource.with_image` has to read it."""
    problem: str = ""
    """Why there is no row."""
    judged: bool = False
    """A person has said what its label is, or that it has none: no earlier label of the same id counts any more."""


class DataSource(Protocol):
    """One place that rows come from."""

    path: str
    corrects: bool
    """Whether a later entry with the same id corrects an earlier one, as in an append-only log."""

    def entries(self) -> Iterator[Entry]:
        """All entries in order; the same ones again when called again, but for what was appended."""
        ...

    def with_image(self, row: Row) -> Row:
        """The row with its encoded picture; raises DatasetError when there is none."""
        ...


def open_source(path: str) -> DataSource:
    """The source that lies there.

    Raises:
        DatasetError: Nothing is there that a dataset can be built from.
    """
    try:
        log = _find_log(path)
    except (OSError, ImportError, ValueError) as error:
        raise DatasetError(f"cannot read {path}: {error}") from error
    if log is not None:
        return LogSource(log)
    if path.endswith((".json", ".jsonl")):
        return RecordSource(path)
    return DatasetSource(path)


def _find_log(path: str) -> str | None:
    """The log's file, when `path` is one or a folder with one."""
    files, root = fsspec.core.url_to_fs(path)
    if path.endswith(".jsonl"):
        return path if _is_log(path) else None
    for candidate in (f"log/{LOG_FILE}", LOG_FILE):
        if files.exists(f"{root}/{candidate}"):
            return f"{path.rstrip('/')}/{candidate}"
    if root.rstrip("/").endswith((".magenta", "/log")):
        raise DatasetError(f"{path} has no {LOG_FILE}: nothing was logged there yet; run some scenarios first")
    return None


def _is_log(path: str) -> bool:
    with fsspec.open(path, "rt", encoding="utf-8", errors="replace") as file:
        return '"conversations"' not in (file.readline() or "")


class _Line(BaseModel):
    """A line of the log, as far as it is trained on."""

    model_config = ConfigDict(extra="ignore")

    v: int
    id: str
    at: str
    site: str = ""
    url: str
    viewport: tuple[int, int]
    image: str
    box: tuple[float, float, float, float]
    action_type: str
    element_type: str
    text: str
    html: str
    goal: str | None = None
    step_text: str | None = None
    summary: str | None = None
    summary_source: str | None = None
    judgement: dict[str, Any] | None = None
    """From `magenta label`."""


class LogSource:
    """The agent's log and its pictures."""

    corrects = True

    def __init__(self, path: str) -> None:
        self.path = path
        self._images = f"{path.rsplit('/', 1)[0]}/images" if "/" in path else "images"

    def entries(self) -> Iterator[Entry]:
        """One for each line, pictures not read."""
        with fsspec.open(self.path, "rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield self._entry(f"{self.path}:{number}", line)

    def _entry(self, name: str, line: bytes) -> Entry:
        try:
            found = _Line.model_validate_json(line)
        except ValidationError as error:
            problem = error.errors()[0]
            if problem["type"] == "json_invalid":
                return Entry(name, None, "not JSON (a torn line?)")
            place = ".".join(str(part) for part in problem["loc"][:1])
            return Entry(name, None, f"not a line of the log: {place} {problem['msg'].lower()}")
        if found.v != LOG_VERSION:
            return Entry(name, None, f"log version {found.v} is not known")
        return Entry(name, _row_of(found), judged=found.judgement is not None)

    def with_image(self, row: Row) -> Row:
        """The row with its screenshot."""
        if not re.fullmatch(r"[0-9a-fA-F]{64}", row.screenshot):
            raise DatasetError("the line does not name a picture")
        try:
            return replace(row, image=_read(f"{self._images}/{row.screenshot}.webp"))
        except OSError as error:
            raise DatasetError("its picture cannot be read") from error


@lru_cache(maxsize=16)
def _read(url: str) -> bytes:
    with fsspec.open(url, "rb") as file:
        content: bytes = file.read()
    return content


def _row_of(line: _Line) -> Row:
    return Row(
        external_id=line.id,
        image=b"",
        action_type=line.action_type,
        element_type=line.element_type,
        text=line.text,
        html=line.html,
        summary=line.summary or "",
        box=Box(*line.box),
        viewport=line.viewport,
        site=line.site,
        url=line.url,
        summary_source=line.summary_source or "none",
        at=line.at,
        instruction=line.step_text or line.goal or "",
        screenshot=line.image,
    )


class DatasetSource:
    """All splits of a dataset, whoever made it."""

    corrects = False

    def __init__(self, path: str) -> None:
        self.path = find_source(path).path

    def entries(self) -> Iterator[Entry]:
        """One for each row, with its picture."""
        for split in list_splits(self.path):
            for number, found in enumerate(stream_rows(self.path, split).stored()):
                yield _entry_of(f"{self.path} {split}:{number}", found)

    def with_image(self, row: Row) -> Row:
        """The row: it has its picture."""
        return row


def _entry_of(name: str, stored: dict[str, Any]) -> Entry:
    from magenta_qa.finetune.columns import row_from

    try:
        return Entry(name, row_from(stored))
    except DatasetError as error:
        return Entry(name, None, str(error).partition(": ")[2] or str(error))


class RecordSource:
    """MiniCPM records made with the understanding prompt."""

    corrects = False

    def __init__(self, path: str) -> None:
        self.path = path

    def entries(self) -> Iterator[Entry]:
        """One for each record, with its picture."""
        for number, record in enumerate(read_records(self.path)):
            yield _record_entry(f"{self.path}:{number}", record)

    def with_image(self, row: Row) -> Row:
        """The row: it has its picture."""
        return row


_PROMPT = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*?)", re.escape(UNDERSTANDING_PROMPT)) + r"\s*", re.DOTALL)


def _record_entry(name: str, record: Record) -> Entry:
    fields = _PROMPT.fullmatch(record.turns[0].content)
    if len(record.turns) != 2 or fields is None:
        return Entry(name, None, "not one question with the understanding prompt and one answer")
    if [placeholder for placeholder, _ in record.images] != [IMAGE]:
        return Entry(name, None, "not exactly one picture")
    try:
        with fsspec.open(record.images[0][1], "rb") as file:
            image = file.read()
    except OSError as error:
        return Entry(name, None, f"its picture cannot be read: {error}")
    action_type, element_type, text, html = fields.group("action_type", "element_type", "text", "html")
    return Entry(name, Row(record.id, image, action_type, element_type, text, html, record.turns[1].content))
