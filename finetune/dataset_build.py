"""Turns logs, and datasets and records of others, into a version of our dataset.

    built = build_dataset([".magenta"], "data/shop", at="2026-11-22T21:52:41Z")
    built.path       # "data/shop/v4"
    built.facts      # what dataset.json says: rows of each split, the rule they were split by, what was left out, why

Every source is read twice, in order and in flat memory. The first time, `dataset_index.py` decides on disk which
entries become rows; the second time these are prepared, in as many processes as wanted, and written. What cannot be
used is counted under its reason and named, never replaced by another row. `dataset.json` is written last: a version
without it does not count, so a build that is interrupted leaves nothing that anybody reads.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import fsspec

from magenta_qa.finetune.dataset import FACTS, list_versions, load_facts, started_versions, stream_column
from magenta_qa.finetune.dataset_card import dataset_card
from magenta_qa.finetune.dataset_index import RENAMED, RowIndex
from magenta_qa.finetune.dataset_write import FILE_BYTES, ParquetWriters
from magenta_qa.finetune.parallel import parallel_map
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.finetune.row import Row
from magenta_qa.finetune.row_checks import BLANK, is_blank, prepare_row, problem_of
from magenta_qa.finetune.sources import DataSource, Entry, open_source
from magenta_qa.finetune.splits import Rule, assign_splits
from magenta_qa.finetune.tally import Tally
from magenta_qa.model.errors import DatasetError, ObservationError
from magenta_qa.model.picture import decode

FORMAT = 1
SPLIT_FILE = "splits.json"
"""Group → split, and the rule that made the groups."""


@dataclass(frozen=True, slots=True)
class Built:
    """A version of a dataset."""

    path: str
    facts: dict[str, Any]
    is_new: bool
    """False: the newest version has exactly these rows already, and none was written."""


@dataclass(slots=True)
class Scan:
    """What the first reading has found."""

    index: RowIndex
    sources: Sequence[DataSource]
    left_out: Tally = field(default_factory=Tally)
    renamed: int = 0
    entries: int = 0
    """Of all sources; what is appended to a log after the first reading is left for the next version."""

    def numbered(self) -> Iterator[tuple[int, DataSource, Entry]]:
        """The entries again, those that were there at the first reading."""
        number = 0
        for source in self.sources:
            for entry in source.entries():
                yield number, source, entry
                number += 1


@dataclass(frozen=True, slots=True)
class _Job:
    """A row to be prepared."""

    name: str
    split: str
    source: DataSource
    row: Row


@contextmanager
def scan_sources(paths: Sequence[str], progress: OnProgress | None = None) -> Iterator[Scan]:
    """Read all sources for the first time: which entries can be used, and which of them stay.

    Args:
        paths: Logs, datasets and files of records.
        progress: Told now and then.

    Raises:
        DatasetError: A source cannot be read, or no entry can be used.
    """
    with RowIndex() as index:
        scan = Scan(index, [open_source(path) for path in paths])
        for number, source, entry in scan.numbered():
            problem = entry.problem or _take(index, number, entry, source)
            if problem:
                scan.left_out.add(problem, entry.name)
            scan.entries = number + 1
            if progress and number % 1000 == 0:
                progress("reading", number, None)
        dropped = index.settle()
        scan.renamed = dropped.pop(RENAMED)
        for reason, count in dropped.items():
            scan.left_out.add_many(reason, count)
        yield scan


def _take(index: RowIndex, number: int, entry: Entry, source: DataSource) -> str:
    """Note the entry's row; returns why it cannot be used."""
    assert entry.row is not None
    problem = problem_of(entry.row)
    if not problem:
        try:
            index.add(number, entry.row, corrects=source.corrects)
        except ObservationError:
            return "its picture does not decode"
    elif entry.judged:
        index.withdraw(number, entry.row.external_id, rejected=not entry.row.summary)
    return problem


def build_dataset(
    paths: Sequence[str],
    out: str,
    *,
    at: str,
    workers: int = 1,
    file_bytes: int = FILE_BYTES,
    progress: OnProgress | None = None,
) -> Built:
    """Build the next version of the dataset `out`.

    Args:
        paths: Logs, datasets and files of records.
        out: Folder or fsspec URL; made when missing.
        at: The time now, ISO 8601.
        workers: Processes that decode pictures and clean HTML.
        file_bytes: Size at which the next Parquet file is begun.
        progress: Told now and then.

    Raises:
        DatasetError: A source cannot be read, no row can be used, or the version cannot be written.
    """
    with scan_sources(paths, progress) as scan:
        return build_version(scan, out, at=at, workers=workers, file_bytes=file_bytes, progress=progress)


def build_version(
    scan: Scan,
    out: str,
    *,
    at: str,
    workers: int = 1,
    file_bytes: int = FILE_BYTES,
    progress: OnProgress | None = None,
) -> Built:
    """Build the next version from sources that were read for the first time already; see `build_dataset`."""
    facts = _first_facts(scan, out, at)
    if not facts["groups"]:
        raise DatasetError(f"nothing to build {out} from: {_complaint(scan)}")
    newest = (list_versions(out) or [""])[-1]
    if newest and load_facts(f"{out}/{newest}")["digest"] == facts["digest"]:
        return Built(f"{out.rstrip('/')}/{newest}", load_facts(f"{out}/{newest}"), False)
    splits = assign_splits(facts.pop("groups"), _earlier_splits(out, newest, facts["split_rule"]))
    leaking = scan.index.drop_leaks(facts["split_rule"], splits)
    if any(leaking.values()):
        for reason, count in leaking.items():
            scan.left_out.add_many(reason, count)
        facts["new_rows"] = count_new(scan, out if newest else None)
    with _new_version(out) as folder:
        _write_rows(scan, folder, splits, facts, workers, file_bytes, progress)
        _write_facts(folder, facts, splits, scan)
    return Built(folder, facts, True)


def _complaint(scan: Scan) -> str:
    read = ", ".join(source.path for source in scan.sources)
    if not scan.entries:
        return f"{read} is empty"
    return f"none of the {scan.entries} entries of {read} can be used: {'; '.join(scan.left_out.lines())}"


def _first_facts(scan: Scan, out: str, at: str) -> dict[str, Any]:
    """What is known before anything is written."""
    rule = scan.index.rule()
    return {
        "format": FORMAT,
        "created": at,
        "sources": [source.path for source in scan.sources],
        "entries": scan.entries,
        "split_rule": rule,
        "digest": scan.index.digest(),
        "groups": scan.index.sizes(rule),
        "new_rows": count_new(scan, out if list_versions(out) else None),
    }


def count_new(scan: Scan, version: str | None) -> int:
    """How many usable rows have an id that a version has not; None: there is none to compare with."""
    known = stream_column(version, "external_id") if version is not None else iter(())
    return scan.index.count_unknown(known)


def _earlier_splits(out: str, newest: str, rule: Rule) -> dict[str, str]:
    if not newest:
        return {}
    with fsspec.open(f"{out}/{newest}/{SPLIT_FILE}", "rt", encoding="utf-8") as file:
        stored = json.load(file)
    return dict(stored["groups"]) if stored["rule"] == rule else {}


@contextmanager
def _new_version(out: str) -> Iterator[str]:
    """The next version's folder; removed again if it is not finished."""
    try:
        files, root = fsspec.core.url_to_fs(out)
        number = int((started_versions(out) or ["v0"])[-1][1:]) + 1
        files.makedirs(f"{root}/v{number}", exist_ok=False)
    except (OSError, ImportError, ValueError) as error:
        raise DatasetError(f"cannot begin a version in {out}: {error}") from error
    try:
        yield f"{out.rstrip('/')}/v{number}"
    except BaseException:
        if files.exists(f"{root}/v{number}"):
            files.rm(f"{root}/v{number}", recursive=True)
        raise


def _write_rows(
    scan: Scan,
    folder: str,
    splits: dict[str, str],
    facts: dict[str, Any],
    workers: int,
    file_bytes: int,
    progress: OnProgress | None,
) -> None:
    """Prepare and write all rows that stay, and note in `facts` what they are."""
    kinds = {name: Counter[str]() for name in ("summary_source", "element_type", "action_type", "site")}
    with ParquetWriters(folder, file_bytes) as writers:
        jobs = _jobs(scan, splits, facts["split_rule"], progress)
        for job, row, problem in parallel_map(_prepare, jobs, workers):
            if row is None:
                scan.left_out.add(problem, job.name)
                continue
            writers.write(job.split, row)
            for name, counter in kinds.items():
                counter[getattr(row, name)] += 1
    if not writers.rows:
        raise DatasetError(f"nothing to build {folder} from: {_complaint(scan)}")
    facts["rows"], facts["files"] = writers.rows, writers.files
    facts |= {f"{name}s": dict(counter.most_common(100)) for name, counter in kinds.items()}


def _jobs(scan: Scan, splits: dict[str, str], rule: Rule, progress: OnProgress | None) -> Iterator[_Job]:
    for number, source, entry in scan.numbered():
        if number >= scan.entries:
            return
        found = scan.index.find(number, rule)
        if progress and number % 100 == 0:
            progress("writing", number, scan.entries)
        if found is not None and entry.row is not None:
            name, group = found
            yield _Job(entry.name, splits[group], source, replace(entry.row, external_id=name))


def _prepare(job: _Job) -> tuple[_Job, Row | None, str]:
    """The row as it is kept, or why it cannot be; runs in a worker."""
    try:
        row = prepare_row(job.source.with_image(job.row))
    except DatasetError as error:
        return job, None, str(error)
    return (job, None, BLANK) if is_blank(row, decode(row.image)) else (job, row, "")


def _write_facts(folder: str, facts: dict[str, Any], splits: dict[str, str], scan: Scan) -> None:
    facts["left_out"] = scan.left_out.facts()
    facts["renamed"] = scan.renamed
    facts["groups"] = dict(Counter(splits.values()))
    facts["version"] = folder.rsplit("/", 1)[-1]
    named = {"rule": facts["split_rule"], "groups": splits}
    for name, content in (
        (SPLIT_FILE, json.dumps(named, indent=1, ensure_ascii=False)),
        ("README.md", dataset_card(facts)),
        (FACTS, json.dumps(facts, indent=2, ensure_ascii=False)),
    ):
        try:
            with fsspec.open(f"{folder}/{name}", "wt", encoding="utf-8") as file:
                file.write(content)
        except OSError as error:
            raise DatasetError(f"cannot write {folder}/{name}: {error}; free some space") from error
