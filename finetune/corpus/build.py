"""Builds the corpus: pages, their rows, and the facts beside them, in chunks that several processes share out.

    out/understanding/v1/data/train-00003.parquet     rows in the dataset's form (finetune/columns.py), split by site
    out/decisions/train-00003.parquet                 DecisionRow: prompt and answer
    out/facts/00003.parquet                           RowFacts of the understanding rows
    out/understanding/v1/dataset.json                 written last: what was built, how long it took

A chunk is some sites with all of their pages. One that is there with its facts is not built again, so that a build that
was stopped goes on where it was; a chunk depends on its number and the seed alone, so that a rerun gives the same rows.
"""

import json
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.finetune.corpus.decisions import DecisionRow, Foreign, decision_rows, steps_of
from magenta_qa.finetune.corpus.photograph import Shot, Studio, open_studio
from magenta_qa.finetune.corpus.rows import RowFacts, Seen, understanding_rows
from magenta_qa.finetune.corpus.site import PAGES_PER_SITE, Made, make_site
from magenta_qa.finetune.corpus.trajectories import play
from magenta_qa.finetune.corpus.views import views
from magenta_qa.finetune.dataset_write import ParquetWriters
from magenta_qa.model.errors import DatasetError, MagentaError

SITES_PER_CHUNK = 5
"""What a build that is stopped has lost is at most one chunk of each process."""
PART_BYTES = 56 << 20
"""A part travels as one file, of at most 60 MiB; the writer closes it a little late."""
DECISIONS_PER_LOOK = 7
PLAYED = 0.75
"""Share of the pages on which a trajectory is tried: it costs as much as all views of the page."""
FOREIGN_STEPS = 200
"""Steps of pages seen before that are kept to be asked in vain."""


@dataclass(frozen=True, slots=True)
class Job:
    """One chunk."""

    number: int
    pages: int
    seed: int
    out: str
    modules: str


@dataclass(frozen=True, slots=True)
class ChunkFacts:
    """What one chunk has come to."""

    pages: int
    looks: int
    rows: int
    decisions: int
    trajectories: int
    seconds: float
    refused: tuple[str, ...]
    """Pages that the browser built otherwise than they were drawn, and why."""


def build(
    pages: int, seed: int, out: Path, modules: Path, workers: int, tell: Callable[[str], None] | None = None
) -> dict[str, object]:
    """Build what is missing of a corpus; returns the facts of `dataset.json`.

    Args:
        pages: How many pages.
        seed: Of everything.
        out: Folder; what is there of the same build is kept.
        modules: Where npm has put its packages.
        workers: Processes.
        tell: Told after every chunk how far it is.

    Raises:
        DatasetError: `out` holds another build.
    """
    claim(out, seed)
    started = time.monotonic()
    size = SITES_PER_CHUNK * PAGES_PER_SITE
    jobs = [Job(n, min(size, pages - n * size), seed, str(out), str(modules)) for n in range(-(-pages // size))]
    kept = [facts for job in jobs if (facts := _stored(job))]
    left = [job for job in jobs if not _stored(job)]
    so_far = Progress(pages, sum(facts.pages for facts in kept), started)
    done = list(kept)
    for facts in _built(left, workers):
        done.append(facts)
        if tell:
            tell(so_far.line(done))
    return _finish(out, seed, done, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is."""

    pages: int
    kept: int
    """Pages that were there before."""
    started: float

    def line(self, done: Sequence[ChunkFacts]) -> str:
        """What there is so far, and when it will end."""
        pages = sum(each.pages for each in done)
        seconds = time.monotonic() - self.started
        left = seconds / max(pages - self.kept, 1) * (self.pages - pages)
        end = (datetime.now() + timedelta(seconds=left)).strftime("%H:%M")
        counts = f"{sum(f.rows for f in done):,} rows, {sum(f.decisions for f in done):,} decisions"
        played = f"{sum(f.trajectories for f in done):,} trajectories"
        return f"pages: {pages:,} of {self.pages:,}; {counts}, {played}; {left / 60:.0f} min left, done about {end}"


def _built(jobs: list[Job], workers: int) -> Iterator[ChunkFacts]:
    if workers <= 1:
        yield from map(build_chunk, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(workers, _leave_terminal, maxtasksperchild=8) as pool:
        yield from pool.imap_unordered(build_chunk, jobs)


def _leave_terminal() -> None:
    """Ctrl-C goes to every process of a terminal, browsers too; only the first one is to answer it, by ending the others."""
    os.setsid()


def _stored(job: Job) -> ChunkFacts | None:
    """The facts of a chunk that is there already."""
    finished = _facts_file(job)
    if not finished.exists():
        return None
    stored = json.loads(finished.read_text("utf-8"))
    return ChunkFacts(**{**stored, "refused": tuple(stored["refused"])}) if stored["pages"] == job.pages else None


def _facts_file(job: Job) -> Path:
    return Path(job.out) / "facts" / f"{job.number:05}.json"


def claim(out: Path, seed: int) -> None:
    """Make the folder this build's own.

    Raises:
        DatasetError: It holds another build.
    """
    mark = out / "seed.json"
    if mark.exists() and json.loads(mark.read_text("utf-8")) != seed:
        raise DatasetError(f"{out} holds a build with another seed ({mark.read_text('utf-8')}); choose another folder")
    for folder in ("understanding/v1/data", "decisions", "facts"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps(seed), "utf-8")


def build_chunk(job: Job) -> ChunkFacts:
    """One chunk; runs in a worker."""
    try:
        return _build_chunk(job)
    except PlaywrightError:
        return _build_chunk(job)  # whatever drives the browser has died: once more from the start


def _build_chunk(job: Job) -> ChunkFacts:
    started = time.monotonic()
    chunk = _Chunk(job)
    with open_studio() as studio:
        chunk.run(studio)
    facts = chunk.write(time.monotonic() - started)
    # Written last and at once: a chunk that was cut off has no facts, and is built again.
    unfinished = _facts_file(job).with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(facts)), "utf-8")
    unfinished.replace(_facts_file(job))
    return facts


class _Chunk:
    """Rows of one chunk as they come."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._folder = Path(job.out)
        self._facts: list[RowFacts] = []
        self._decisions: list[DecisionRow] = []
        self._foreign: dict[str, list[Foreign]] = {}
        self._refused: list[str] = []
        self._pages = self._looks = self._rows = self._trajectories = 0

    def run(self, studio: Studio) -> None:
        """Photograph every page and note its rows."""
        with ParquetWriters(f"{self._folder}/understanding/v1", PART_BYTES, self._job.number) as writers:
            for number in range(self._job.pages):
                site, page = divmod(number, PAGES_PER_SITE)
                site += self._job.number * SITES_PER_CHUNK
                if page == 0:
                    current = make_site(site, self._job.seed, Path(self._job.modules))
                self._page(studio, current.draw(page), f"{site}-{page}", writers)

    def _page(self, studio: Studio, made: Made, name: str, writers: ParquetWriters) -> None:
        self._pages += 1
        try:
            self._learn(studio, made, name, writers)
        except (MagentaError, PlaywrightError) as error:
            # One page that the browser cannot show is no reason to lose a build; its rows so far are kept.
            self._refused.append(f"{name} {made.kind} ({made.framework}): {error}")
            studio.start_afresh()

    def _learn(self, studio: Studio, made: Made, name: str, writers: ParquetWriters) -> None:
        seen: Seen = set()
        for look, shot in enumerate(views(studio, made, Random(f"{self._job.seed}-{name}/views"), seen)):
            self._look(made, shot, f"{self._job.seed}-{name}-{look}", writers, seen)
        r = Random(f"{self._job.seed}-{name}/trajectory")
        rows = play(studio, made, f"{self._job.seed}-{name}-t", r) if r.random() < PLAYED else []
        self._decisions += rows
        self._trajectories += bool(rows)

    def _look(self, made: Made, shot: Shot, name: str, writers: ParquetWriters, seen: Seen) -> None:
        self._looks += 1
        for row, facts in understanding_rows(made, shot, name, seen):
            writers.write(made.split, row)
            self._facts.append(facts)
            self._rows += 1
        others = [step for kind, steps in self._foreign.items() if kind != made.kind for step in steps]
        self._decisions += decision_rows(made, shot, name, DECISIONS_PER_LOOK, others)
        kept = self._foreign.setdefault(made.kind, [])
        kept += steps_of(shot, Random(name), 6)
        del kept[:-FOREIGN_STEPS]

    def write(self, seconds: float) -> ChunkFacts:
        """Write what is not written yet."""
        for split in {row.split for row in self._decisions}:
            rows = [asdict(row) for row in self._decisions if row.split == split]
            path = self._folder / "decisions" / f"{split}-{self._job.number:05}.parquet"
            pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd", compression_level=9)
        if self._facts:
            table = pa.Table.from_pylist([asdict(facts) for facts in self._facts])
            pq.write_table(table, self._folder / "facts" / f"{self._job.number:05}.parquet", compression="zstd")
        return ChunkFacts(
            self._pages,
            self._looks,
            self._rows,
            len(self._decisions),
            self._trajectories,
            round(seconds, 1),
            tuple(self._refused),
        )


def _finish(out: Path, seed: int, done: list[ChunkFacts], seconds: float) -> dict[str, object]:
    data = out / "understanding" / "v1" / "data"
    files = [*data.glob("*.parquet"), *(out / "decisions").glob("*.parquet")]
    rows: Counter[str] = Counter()
    for file in data.glob("*.parquet"):
        rows[file.name.split("-")[0]] += pq.read_metadata(file).num_rows
    refused = sorted(line for each in done for line in each.refused)
    facts: dict[str, object] = {
        "format": 1,
        "seed": seed,
        "pages": sum(each.pages for each in done),
        "looks": sum(each.looks for each in done),
        "rows": dict(rows),
        "decisions": sum(each.decisions for each in done),
        "trajectories": sum(each.trajectories for each in done),
        "refused": refused,
        "seconds": round(seconds, 1),
        "seconds_of_processes": round(sum(each.seconds for each in done), 1),
        "bytes": sum(file.stat().st_size for file in files),
        "largest_part": max((file.stat().st_size for file in files), default=0),
    }
    (out / "understanding" / "v1" / "dataset.json").write_text(json.dumps(facts, indent=2), "utf-8")
    return facts
