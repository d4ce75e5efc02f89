"""Labels in bulk: a large model as the teacher of a small one.

    done = describe_rows([".magenta"], "s3://team/teacher", "openai:big@http://gpu:8000", at="2026-11-26T08:12:41Z")
    done.rows, done.asked, done.left_out

Asked is about rows that nobody has labelled, once each. The answers become rows of Parquet files, with
`summary_source` "teacher", that `magenta dataset build` takes as a source beside the log:

    s3://team/teacher/teacher.json                     # who the teacher is, what was asked, what was left out and why
    s3://team/teacher/data/train-00000.parquet …       # PART_ROWS rows each; there as a whole or not at all

A part is written when its answers are in. Whoever is killed loses the part under way; called again, the same command
asks about what no part holds.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

import fsspec

from magenta_qa.finetune.asking import describe_looks, read_answer
from magenta_qa.finetune.dataset import stream_column
from magenta_qa.finetune.dataset_index import TRUST, same_key
from magenta_qa.finetune.dataset_write import ParquetWriters
from magenta_qa.finetune.held_out import Look, build_look
from magenta_qa.finetune.labels import repeats_element
from magenta_qa.finetune.lock import locked
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.finetune.row import Row
from magenta_qa.finetune.row_checks import usable_row
from magenta_qa.finetune.sources import DataSource, open_source
from magenta_qa.finetune.tally import Tally
from magenta_qa.model.accessible import SPEC as ACCESSIBLE
from magenta_qa.model.errors import BackendError, ConfigError, DatasetError
from magenta_qa.model.line import Limits
from magenta_qa.model.private_text import mask_text
from magenta_qa.model.schema import Description, View
from magenta_qa.model.understand import Understanding, open_understanding

PART_ROWS = 256
FACTS = "teacher.json"
_SPLIT = "train"
_PATIENT = Limits(timeout_s=120.0, budget_s=900.0, break_after=20)


@dataclass(slots=True)
class Described:
    """What was done, over all calls for one place."""

    teacher: str
    view: dict[str, object]
    rows: int = 0
    """Labelled, those of earlier calls among them."""
    asked: int = 0
    """By this call."""
    left_out: Tally = field(default_factory=Tally)
    """Of this call; why → how many."""

    def facts(self) -> dict[str, object]:
        """As `teacher.json` has them."""
        return {"teacher": self.teacher, "view": self.view, "rows": self.rows, "left_out": self.left_out.facts()}


def describe_rows(
    paths: Sequence[str],
    out: str,
    teacher: str,
    *,
    at: str,
    view: View | None = None,
    limit: int | None = None,
    api_key: str | None = None,
    part_rows: int = PART_ROWS,
    progress: OnProgress | None = None,
) -> Described:
    """Have a teacher describe what nobody has labelled.

    Args:
        paths: Logs, datasets and files of records.
        out: Folder or fsspec URL; what is there already is gone on with.
        teacher: Spec of an understanding back end that is a model.
        at: The time now, ISO 8601.
        view: What the teacher is shown.
        limit: Rows to label at most, over all calls.
        api_key: The endpoint's key.
        part_rows: Rows of a file.
        progress: Told after each part.

    Raises:
        ConfigError: No model, or another teacher has begun here, or somebody is at work here.
        DatasetError: A source cannot be read, or nothing can be written.
        BackendError: The teacher did not answer; what it did answer is kept.
    """
    if teacher.strip() == ACCESSIBLE:
        raise ConfigError(f"{ACCESSIBLE!r} is no teacher: expected a model, such as openai:MODEL@URL")
    shown = view or View()
    done = Described(teacher.strip(), asdict(shown))
    with locked(out, "describe", at):
        _require_same(out, done)
        known = set(stream_column(out, "external_id")) if _parts(out) else set[str]()
        done.rows = len(known)
        understanding = open_understanding(teacher, view=shown, cache_dir=None, api_key=api_key, limits=_PATIENT)
        try:
            rows = _unlabelled([open_source(path) for path in paths], known, done.left_out)
            _work(understanding, rows, out, done, limit, part_rows, progress)
        finally:
            understanding.close()
            _write_facts(out, done)
    return done


def _require_same(out: str, done: Described) -> None:
    found = None
    with suppress(FileNotFoundError), fsspec.open(f"{out.rstrip('/')}/{FACTS}", "rt", encoding="utf-8") as file:
        found = json.load(file)
    if found is not None and (found["teacher"], found["view"]) != (done.teacher, done.view):
        raise ConfigError(
            f"{out} was begun with {found['teacher']} and the view {found['view']}; go on with these, or choose "
            "another place"
        )


def _parts(out: str) -> list[str]:
    files, root = fsspec.core.url_to_fs(out)
    return sorted(str(each).rsplit("/", 1)[-1] for each in files.glob(f"{root}/data/{_SPLIT}-*.parquet"))


def _unlabelled(sources: Sequence[DataSource], known: set[str], left_out: Tally) -> Iterator[Row]:
    """Rows that can be asked about and that nobody has labelled, each once, pictures read."""
    settled = {row.external_id for source in sources if source.corrects for row in _settled(source)}
    seen: set[bytes] = set()
    for source in sources:
        for entry in source.entries():
            row = entry.row
            if row is None:
                left_out.add(entry.problem, entry.name)
                continue
            if row.external_id in known or row.external_id in settled or _is_labelled(row):
                continue
            alike = same_key(row) if row.box is not None else hashlib.sha256(row.image).digest()
            if alike in seen:
                continue
            seen.add(alike)
            try:
                # As a row with a label is looked at; the label comes later.
                yield usable_row(replace(source.with_image(row), summary="to be said", summary_source="teacher"))
            except DatasetError as error:
                left_out.add(str(error), entry.name)


def _settled(source: DataSource) -> Iterator[Row]:
    """Rows of a log that have a label, or of which a person has said that they can have none."""
    for entry in source.entries():
        if entry.row is not None and (entry.judged or _is_labelled(entry.row)):
            yield entry.row


def _is_labelled(row: Row) -> bool:
    return row.summary_source in TRUST and bool(row.summary.strip())


def _work(
    understanding: Understanding,
    rows: Iterator[Row],
    out: str,
    done: Described,
    limit: int | None,
    part_rows: int,
    progress: OnProgress | None,
) -> None:
    number = 1 + max((int(name[len(_SPLIT) + 1 :].split(".")[0]) for name in _parts(out)), default=-1)
    while limit is None or done.rows < limit:
        part = list(islice(rows, part_rows if limit is None else min(part_rows, limit - done.rows)))
        if not part:
            return
        labelled, missing = _ask(understanding, part, done)
        if labelled:
            _write_part(out, number, labelled)
            number += 1
        done.rows += len(labelled)
        if progress:
            progress("described", done.rows, limit)
        if missing is not None:
            raise missing


def _ask(understanding: Understanding, part: Sequence[Row], done: Described) -> tuple[list[Row], BackendError | None]:
    """The rows that the teacher has labelled, and why others have no answer."""
    labelled: list[Row] = []
    missing: BackendError | None = None
    looks = list(_looks(part))
    for look, descriptions in zip(looks, describe_looks(understanding, looks), strict=True):
        for number, description in zip(look.numbers, descriptions, strict=True):
            done.asked += 1
            try:
                sentence, problem = _sentence(description, part[number])
            except BackendError as error:
                missing = error
                continue
            if problem:
                done.left_out.add(problem, part[number].external_id)
            else:
                labelled.append(replace(part[number], summary=sentence, summary_source="teacher"))
    return labelled, missing


def _sentence(description: Description, row: Row) -> tuple[str, str]:
    """What the teacher said of a row, or why it cannot be used."""
    said = read_answer(description)
    if not said.text:
        return "", "the teacher's answer is no sentence"
    if description.source != "model":
        # How sure it was and what it would have said is different each time.
        return "", description.reason.partition(" (")[0] or "the teacher was not asked"
    if repeats_element(said.text, row.text, row.html):
        return "", "the teacher's answer only repeats the element's text"
    return mask_text(said.text), ""


def _looks(part: Sequence[Row]) -> Iterator[Look]:
    """The rows by the look at a page that they come from."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, row in enumerate(part):
        place = row.external_id if row.box is None else row.screenshot or hashlib.sha256(row.image).hexdigest()
        groups.setdefault((place, row.viewport), []).append(number)
    for group in groups.values():
        yield build_look([part[number] for number in group], tuple(group))


def _write_part(out: str, number: int, rows: Sequence[Row]) -> None:
    """A file of rows, under its name only when it is whole."""
    files, root = fsspec.core.url_to_fs(out)
    with ParquetWriters(f"{out.rstrip('/')}/part", first=number) as writers:
        for row in rows:
            writers.write(_SPLIT, row)
    _change(out, lambda: files.makedirs(f"{root}/data", exist_ok=True))
    for name in writers.files[_SPLIT]:
        _change(out, partial(files.mv, f"{root}/part/{name}", f"{root}/{name}"))
    if files.exists(f"{root}/part"):  # object stores have no empty folders
        _change(out, partial(files.rm, f"{root}/part", recursive=True))


def _write_facts(out: str, done: Described) -> None:
    content = json.dumps(done.facts(), indent=1, ensure_ascii=False).encode()
    files, root = fsspec.core.url_to_fs(out)
    _change(out, lambda: files.pipe_file(f"{root}/{FACTS}", content))


def _change(out: str, write: Callable[[], Any]) -> None:
    try:
        write()
    except OSError as error:
        raise DatasetError(f"cannot write to {out}: {error}; free some space or choose another place") from error
