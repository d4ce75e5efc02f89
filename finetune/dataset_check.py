"""Looks through a dataset, ours or anyone's, or through records, for what would make a bad adapter.

    report = check_dataset("data/shop")
    report.rows                # {"train": 8123, "validation": 1010, "test": 992}
    report.warnings.lines()    # ["12 × the label only repeats the element's text (train:7, train:31, …)", …]
    report.remarks             # ["8,123 + … rows are fewer than 10,000: …"]

Everything is read once, in flat memory; what has to be compared between splits is kept on disk.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageChops

from magenta_qa.finetune.columns import row_from
from magenta_qa.finetune.dataset import list_splits, stream_rows
from magenta_qa.finetune.dataset_index import LEAKS as LEFT_OUT
from magenta_qa.finetune.labels import language_of, repeats_element
from magenta_qa.finetune.parallel import parallel_map
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.finetune.row import Row, row_prompt
from magenta_qa.finetune.row_checks import BLANK, is_blank, usable_row
from magenta_qa.finetune.sources import RecordSource
from magenta_qa.finetune.splits import page_group
from magenta_qa.finetune.tally import Tally
from magenta_qa.finetune.temporary_database import TemporaryDatabase
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.picture import decode

ENOUGH_ROWS = 10_000
"""The original recipe's advice; below it an adapter learns little that it can use elsewhere."""
MIN_OUTLINE_PX = 40
"""Magenta pixels that an outline has at least: that of an element of 8×8 pixels, 1 px wide."""
_SCHEMA = "CREATE TABLE seen (kind TEXT, what BLOB, split TEXT, name TEXT);"
_BATCH = 5_000
LEAKS = {
    "page": "held out, but its page is in another split too",
    "question": LEFT_OUT["asked"],
    "picture": LEFT_OUT["picture"],
}


@dataclass(slots=True)
class Report:
    """What was found."""

    rows: dict[str, int] = field(default_factory=dict)
    """Split → entries looked at."""
    warnings: Tally = field(default_factory=Tally)
    """About single rows."""
    remarks: list[str] = field(default_factory=list)
    """About the dataset as a whole."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.warnings.total and not self.remarks


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of one row."""

    name: str
    split: str
    problems: tuple[str, ...]
    traces: dict[str, str]
    """Kind of leak → what must not be in two splits."""


def check_dataset(path: str, *, workers: int = 1, progress: OnProgress | None = None) -> Report:
    """Look through all rows of all splits.

    Args:
        path: A dataset, or a `.json` or `.jsonl` file of records.
        workers: Processes that decode pictures.
        progress: Told now and then.

    Raises:
        DatasetError: It cannot be read.
    """
    report = Report()
    with TemporaryDatabase(_SCHEMA) as database:
        waiting: list[tuple[object, ...]] = []
        for number, look in enumerate(parallel_map(_look, entries_of(path), workers), 1):
            report.rows[look.split] = report.rows.get(look.split, 0) + 1
            for problem in look.problems:
                report.warnings.add(problem, look.name)
            waiting += [(kind, _digest(what), look.split, look.name) for kind, what in look.traces.items()]
            if len(waiting) >= _BATCH:
                database.add("INSERT INTO seen VALUES (?, ?, ?, ?)", waiting)
                waiting.clear()
            if progress and number % 100 == 0:
                progress("checking", number, None)
        database.add("INSERT INTO seen VALUES (?, ?, ?, ?)", waiting)
        _find_leaks(database, report.warnings)
    report.remarks += _remarks(report.rows)
    return report


def entries_of(path: str) -> Iterator[tuple[str, str, dict[str, Any] | Row | str]]:
    """(name, split, stored row, row, or why it is none) of everything."""
    if path.endswith((".json", ".jsonl")):
        for entry in RecordSource(path).entries():
            yield entry.name.rsplit("/", 1)[-1], "records", entry.row or entry.problem
        return
    for split in list_splits(path):
        for number, stored in enumerate(stream_rows(path, split).stored()):
            yield f"{split}:{number}", split, stored


def _look(entry: tuple[str, str, dict[str, Any] | Row | str]) -> _Look:
    """What is to be said of one row; runs in a worker."""
    name, split, found = entry
    try:
        if isinstance(found, str):
            raise DatasetError(found)
        row = usable_row(row_from(found) if isinstance(found, dict) else found)
    except DatasetError as error:
        return _Look(name, split, (str(error),), {})
    problems = [_picture_problem(row, decode(row.image)), _language_problem(row)]
    if repeats_element(row.summary, row.text, row.html):
        problems.append("the label only repeats the element's text")
    traces = {"question": f"{row_prompt(row)} {row.box}", "picture": hashlib.sha256(row.image).hexdigest()}
    if row.url:
        traces["page"] = page_group(row)
    return _Look(name, split, tuple(filter(None, problems)), traces)


def _picture_problem(row: Row, picture: Image.Image) -> str:
    if row.box is None or row.viewport is None:
        return "" if _has_outline(picture) else "no outline is to be seen in its picture"
    return BLANK if is_blank(row, picture) else ""


def _has_outline(picture: Image.Image) -> bool:
    red, green, blue = picture.split()
    high = ImageChops.multiply(red.point(_above), blue.point(_above))
    return ImageChops.multiply(high, green.point(_below)).histogram()[255] >= MIN_OUTLINE_PX


_above = [0] * 200 + [255] * 56
_below = [255] * 90 + [0] * 166
"""What counts as magenta, also after JPEG: red and blue from 200, green below 90."""


def _language_problem(row: Row) -> str:
    language = language_of(row.summary, row.text, row.html)
    return "" if language == "en" else f"the label is not in English but looks like '{language}'"


def _find_leaks(database: TemporaryDatabase, warnings: Tally) -> None:
    database.change("CREATE INDEX by_what ON seen (kind, what)")
    leaking = (
        "SELECT kind, name FROM seen JOIN (SELECT kind AS k, what AS w FROM seen GROUP BY kind, what "
        "HAVING count(DISTINCT split) > 1) ON kind = k AND what = w WHERE split <> 'train' ORDER BY seen.rowid"
    )
    for kind, name in database.rows(leaking):
        warnings.add(LEAKS[kind], name)


def _digest(what: str) -> bytes:
    return hashlib.blake2b(what.encode("utf-8", "replace"), digest_size=16).digest()


def _remarks(rows: dict[str, int]) -> Iterator[str]:
    total = sum(rows.values())
    if total < ENOUGH_ROWS:
        yield f"{total:,} rows are fewer than {ENOUGH_ROWS:,}: expect little beyond the pages that they show"
    if "records" not in rows and not {"validation", "test"} & rows.keys():
        yield "no rows are held out: nothing can be said about how good an adapter is; 'magenta dataset build' splits"
