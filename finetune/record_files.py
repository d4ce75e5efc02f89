"""Writes a split as MiniCPM records with outlined pictures, in the form of the recipe's `prepare.py`.

    write_records("data/shop", "train", Path("dataset"), [View("crop")])

    dataset/train.json                     [{"id": "5e…", "image": "dataset/images/image_5e….png",
                                             "conversations": [{"role": "user", "content": "<image>\\nIn a short …"},
                                                               {"role": "assistant", "content": "Removes …"}]}, …]
    dataset/images/image_5e….png

With several views a record has several pictures: `"image": {"<image_00>": "…_crop.png", "<image_01>": "…_page.png"}`.
Rows that cannot be used are counted and named, never replaced. What is done is noted in `.train.part.jsonl`, one line a
row, so that a run that was killed goes on where it stood.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from magenta_qa.finetune.columns import row_from
from magenta_qa.finetune.dataset import find_source, stream_rows
from magenta_qa.finetune.parallel import parallel_map
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.finetune.records import IMAGE
from magenta_qa.finetune.row import Row, row_picture, row_prompt
from magenta_qa.finetune.row_checks import usable_row
from magenta_qa.finetune.tally import Tally
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.prompt import PROMPT_VERSION
from magenta_qa.model.schema import View

_PLAIN_NAME = re.compile(r"\w[\w.-]{0,120}")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    path: Path
    records: int
    left_out: Tally


@dataclass(frozen=True, slots=True)
class _Job:
    """One stored row and where its pictures go."""

    stored: dict[str, Any]
    name: str
    views: tuple[View, ...]
    folder: str
    twice: bool
    """Whether an earlier row has the same id."""


def write_records(
    path: str, split: str, out: Path, views: Sequence[View], *, workers: int = 1, progress: OnProgress | None = None
) -> Written:
    """Write `OUT/SPLIT.json` and its pictures, going on where an earlier run with the same settings stood.

    Args:
        path: The dataset.
        split: Which split.
        out: Folder; pictures go to `images/` in it, named in the JSON relative to where `out` is.
        views: One picture for each.
        workers: Processes that draw pictures.
        progress: Told now and then.

    Raises:
        DatasetError: The dataset cannot be read, a file cannot be written, or no row can be used.
    """
    out = Path(out)
    source = find_source(path)
    settings = {"dataset": source.path, "split": split, "views": [asdict(v) for v in views], "prompt": PROMPT_VERSION}
    part = out / f".{split}.part.jsonl"
    try:
        (out / "images").mkdir(parents=True, exist_ok=True)
        done = _resume(part, settings)
        jobs = _jobs(source.path, split, out, tuple(views), part, done)
        with part.open("a", encoding="utf-8") as file:
            for number, line in enumerate(parallel_map(_write_one, jobs, workers), done + 1):
                file.write(json.dumps(line) + "\n")
                file.flush()
                if progress:
                    progress("records", number, None)
        return _finish(part, out / f"{split}.json")
    except OSError as error:
        raise DatasetError(f"cannot write records to {out}: {error}; run again to go on where it stood") from error


def _resume(part: Path, settings: dict[str, Any]) -> int:
    """How many rows an earlier run with the same settings has done; its last line, if it is torn, is cut off."""
    header = json.dumps(settings) + "\n"
    lines = part.read_bytes().splitlines(keepends=True) if part.exists() else []
    whole = [line for line in lines if line.endswith(b"\n")]
    if not whole or whole[0].decode(errors="replace") != header:
        part.write_text(header, encoding="utf-8")
        return 0
    if len(whole) < len(lines):
        part.write_bytes(b"".join(whole))
    return len(whole) - 1


def _jobs(path: str, split: str, out: Path, views: tuple[View, ...], part: Path, done: int) -> Iterator[_Job]:
    seen = {_hash(line["id"]) for line in _lines(part)}
    for number, stored in islice(enumerate(stream_rows(path, split).stored()), done, None):
        name = _hash(str(stored.get("external_id")))
        yield _Job(stored, f"{split}:{number}", views, os.path.join(out, "images"), name in seen)  # noqa: PTH118
        seen.add(name)


def _hash(name: str) -> int:
    """Eight bytes of it: a million names must not fill the memory."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest())


def _write_one(job: _Job) -> dict[str, Any]:
    """The row's record, its pictures written; or why there is none."""
    name = str(job.stored.get("external_id"))
    try:
        row = usable_row(row_from(job.stored))
        images = {view: row_picture(row, view) for view in job.views}
    except DatasetError as error:
        return {"id": name, "name": job.name, "problem": str(error)}
    stem = _stem(name, job)
    several = len(images) > 1
    paths = []
    for view, image in images.items():
        paths.append(f"{job.folder}/image_{stem}{f'_{view.name}' if several else ''}.png")
        _save(image, Path(paths[-1]))
    return {"id": name, "record": build_record(row, f"{name}-{job.name}" if job.twice else name, paths)}


def build_record(row: Row, name: str, paths: Sequence[str]) -> dict[str, Any]:
    """The record of a row whose pictures lie at `paths`."""
    prompt = row_prompt(row)
    images: str | dict[str, str] = paths[0]
    if len(paths) > 1:
        images = {f"<image_{place:02}>": path for place, path in enumerate(paths)}
        prompt = "\n".join(images) + prompt.removeprefix(IMAGE)
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": row.summary}]
    return {"id": name, "image": images, "conversations": turns}


def _stem(name: str, job: _Job) -> str:
    """What the picture's file is called by: the id, unless it is no plain name or taken."""
    if _PLAIN_NAME.fullmatch(name) and not job.twice:
        return name
    plain = re.sub(r"[^\w.-]", "_", name)[:80].lstrip(".")
    return f"{plain}-{hashlib.sha256(f'{name} {job.name}'.encode()).hexdigest()[:12]}"


def _save(image: Any, path: Path) -> None:  # noqa: ANN401 - a PIL image
    temporary = path.with_name(f".{path.name}")
    image.save(temporary, "PNG")
    temporary.replace(path)


def _lines(part: Path) -> Iterator[dict[str, Any]]:
    with part.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in islice(file, 1, None))


def _finish(part: Path, target: Path) -> Written:
    """Make the JSON list of the lines, one record after the other."""
    tally, records = Tally(), 0
    temporary = target.with_name(f".{target.name}")
    with temporary.open("w", encoding="utf-8") as file:
        for line in _lines(part):
            if "problem" in line:
                tally.add(line["problem"], f"{line['name']} (id {line['id']})")
            else:
                _append(file, line["record"], first=not records)
                records += 1
        file.write("\n]" if records else "[]")
    if not records:
        temporary.unlink()
        raise DatasetError(f"no row can be used: {'; '.join(tally.lines()) or 'the split is empty'}")
    temporary.replace(target)
    part.unlink()
    return Written(target, records, tally)


def _append(file: IO[str], record: dict[str, Any], *, first: bool) -> None:
    """As `json.dump(list, indent=4)` writes it."""
    text = json.dumps(record, indent=4).replace("\n", "\n    ")
    file.write(("[\n    " if first else ",\n    ") + text)
