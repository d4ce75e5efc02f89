"""Harvests one source: its pages are looked at, what is certain of their controls is written as rows.

    facts = harvest(Job("uikit", 90100, seed=1, out="build/corpus/v1", folder="build/corpus/real"))
    facts      # SourceFacts(package="uikit", pages=61, rows=412, distinct=377, decisions=590, seconds=143.0, …)

A source is one chunk of the corpus (`build`): the same files, with numbers from 90000 on. One that is there is not harvested again.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.finetune.corpus.build import PART_BYTES
from magenta_qa.finetune.corpus.decisions import DecisionRow, Foreign, decision_rows, steps_of
from magenta_qa.finetune.corpus.page import Meaning
from magenta_qa.finetune.corpus.photograph import Shot
from magenta_qa.finetune.corpus.real.deeds import find_out, is_worth_trying, promise
from magenta_qa.finetune.corpus.real.entries import is_entry
from magenta_qa.finetune.corpus.real.files import FileSite
from magenta_qa.finetune.corpus.real.known import Told, tell, to_known
from magenta_qa.finetune.corpus.real.look import (
    Seen,
    Served,
    Sight,
    Viewer,
    Viewers,
    blank_marks,
    open_viewers,
    path_of,
)
from magenta_qa.finetune.corpus.real.packages import fetched
from magenta_qa.finetune.corpus.real.servers import started
from magenta_qa.finetune.corpus.real.sources import SOURCES, Source, require_allowed
from magenta_qa.finetune.corpus.render import Drawn
from magenta_qa.finetune.corpus.rows import RowFacts, understanding_rows
from magenta_qa.finetune.corpus.site import VIEWPORTS, Made
from magenta_qa.finetune.dataset_write import ParquetWriters
from magenta_qa.model.errors import MagentaError

NUMBERS = 20
"""Of files that each source may fill."""
MAX_SCROLLS = 2
MAX_CRAWLED = 45
"""Pages of an application."""
SAME_SHAPE = 3
"""Pages whose addresses differ in numbers, or in what is asked for, alone."""
DEEDS_PER_PAGE = 3
DEEDS_PER_SOURCE = 30
SECONDS_PER_PAGE = 60.0
"""After this no more of a page is looked at."""
SHARED = 3
"""Rows of one source that may say the same."""
SAME_NAME = 24
"""Rows of one source whose controls are called the same, such as "Edit" in every row of its tables."""
DECISIONS_PER_LOOK = 4
_LEFT_ALONE = (
    "logout",
    "log_out",
    "signout",
    "delete",
    "remove",
    "shutdown",
    "restart",
    "stop",
    "drop",
    "export",
    "download",
    ".json",
    ".csv",
    ".db",
    "-logs",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One source."""

    package: str
    number: int
    seed: int
    out: str
    folder: str


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What one source has come to."""

    package: str
    split: str
    pages: int
    looks: int
    candidates: int
    rows: int
    distinct: int
    decisions: int
    seconds: float
    deeds: int = 0
    """Controls that were used to find out what they do."""
    refused: tuple[str, ...] = field(default=())
    """Pages that could not be shown, and why."""


def harvest(job: Job) -> SourceFacts:
    """One source, unless it is there.

    Raises:
        DatasetError: It is none of the sources, or cannot be fetched or started.
    """
    require_allowed(job.package)
    finished = Path(job.out) / "facts" / f"{job.number:05}.json"
    if finished.exists():
        stored = json.loads(finished.read_text("utf-8"))
        return SourceFacts(**{**stored, "refused": tuple(stored["refused"])})
    _forget(job)
    source, started_at = SOURCES[job.package], time.monotonic()
    with opened(source, Path(job.folder)) as (site, paths), open_viewers(site) as viewers:
        facts = harvest_site(job, source, viewers, paths, started_at)
    finished.write_text(json.dumps(asdict(facts)), "utf-8")
    return facts


def _forget(job: Job) -> None:
    """Remove what a run that was broken off has left of this source; a part that was not closed cannot be read."""
    for part in range(job.number, job.number + NUMBERS):
        for file in Path(job.out).glob(f"*/**/*-{part:05}.parquet"):
            file.unlink()


@contextmanager
def opened(source: Source, folder: Path) -> Iterator[tuple[Served, tuple[str, ...]]]:
    """Where its pages come from, and the paths to begin with."""
    if source.registry == "npm":
        site = FileSite(source, fetched(source, folder))
        yield site, site.paths
        return
    with started(source, folder) as server:
        yield server, server.paths


def harvest_site(job: Job, source: Source, viewers: Viewers, paths: tuple[str, ...], started_at: float) -> SourceFacts:
    """Look at the pages and write their rows."""
    with ParquetWriters(f"{job.out}/understanding/v1", PART_BYTES, job.number) as writers:
        harvester = _Harvester(job, source, viewers, writers)
        harvester.run(paths)
    return harvester.write(time.monotonic() - started_at)


class _Harvester:
    """Rows of one source as they come."""

    def __init__(self, job: Job, source: Source, viewers: Viewers, writers: ParquetWriters) -> None:
        self._job, self._source, self._viewers, self._writers = job, source, viewers, writers
        self._facts: list[RowFacts] = []
        self._decisions: list[DecisionRow] = []
        self._said: Counter[str] = Counter()
        self._named: Counter[str] = Counter()
        self._summaries: set[str] = set()
        self._words: frozenset[str] = frozenset()
        self._foreign: list[tuple[str, Foreign]] = []
        self._refused: list[str] = []
        self._pages = self._looks = self._candidates = self._tried = 0
        self._found: list[str] = []
        self._used: set[tuple[str, str, str]] = set()

    def run(self, paths: tuple[str, ...]) -> None:
        """Every page; of an application also those that its pages link to."""
        todo, done, shapes = list(paths), set(), Counter[str]()
        while todo and (self._source.registry == "npm" or self._pages < MAX_CRAWLED):
            path = todo.pop(0)
            if path in done:
                continue
            done.add(path)
            shapes[_shape(path)] += 1
            self._found = []
            self._page(path if path.startswith("/") else f"/{path}")
            if self._source.registry == "pypi":
                todo += [each for each in self._found if each not in done and each not in todo]
                todo = [each for each in todo if shapes[_shape(each)] < SAME_SHAPE]

    def _page(self, path: str) -> None:
        r = Random(f"{self._job.seed}/{self._source.package}{path}")
        viewport, dark = r.choice(VIEWPORTS), r.random() < 0.25
        try:
            with self._viewers.open(viewport, dark) as viewer:
                self._look_at(viewer, path, r)
            self._pages += 1
        except (MagentaError, PlaywrightError) as error:
            self._refused.append(f"{path}: {str(error).splitlines()[0][:200]}")

    def _look_at(self, viewer: Viewer, path: str, r: Random) -> None:
        until = time.monotonic() + SECONDS_PER_PAGE
        seen: set[tuple[int, bool]] = set()
        for look, sight in enumerate(viewer.sights(path, MAX_SCROLLS)):
            self._looks += 1
            self._candidates += sum(each.candidate.in_view for each in sight.seen.values())
            self._words |= sight.words
            self._found += _links(sight)
            told = tell(replace(sight, words=self._words), r)
            if look == 0:
                told |= self._deeds(viewer, path, sight, told, r)
            self._write(viewer, sight, told, f"real-{self._source.site}-{self._pages}-{look}", path, seen, r)
            if time.monotonic() > until:
                return

    def _deeds(self, viewer: Viewer, path: str, sight: Sight, told: dict[int, Told], r: Random) -> dict[int, Told]:
        """What some of the controls do of which nothing is told."""
        untold = [each for mark, each in sight.seen.items() if mark not in told and is_worth_trying(each)]
        r.shuffle(untold)
        untold.sort(key=promise, reverse=True)
        new = [each for each in untold if _signature(each) not in self._used]
        chosen = new[: max(0, min(DEEDS_PER_PAGE, DEEDS_PER_SOURCE - self._tried))]
        self._used |= {_signature(each) for each in chosen}
        found = {}
        for each in chosen:
            self._tried += 1
            meaning = find_out(self._viewers, viewer.viewport, path, each)
            if meaning is not None:
                found[each.candidate.mark] = Told("real deed", meaning)
        return found

    def _write(
        self,
        viewer: Viewer,
        sight: Sight,
        told: dict[int, Told],
        name: str,
        path: str,
        seen: set[tuple[int, bool]],
        r: Random,
    ) -> None:
        blank = blank_marks(sight)
        told = {mark: each for mark, each in told.items() if mark not in blank or is_entry(sight.seen[mark].candidate)}
        html = viewer.finder.surrounding_html(list(told))
        known = {
            mark: to_known(sight.seen[mark], each, html[mark], r)
            for mark, each in told.items()
            if mark in html and sight.seen[mark].index >= 0
        }
        shot = Shot(sight.observation, known, sight.webp)
        for rule in ("real name", "real icon", "real deed"):
            made = self._made(rule, viewer.viewport)
            kept = {mark: known[mark] for mark, each in told.items() if mark in known and each.rule == rule}
            kept = {m: k for m, k in kept.items() if not self._is_worn(k.place.control.meaning)}
            for row, facts in understanding_rows(made, replace(shot, known=kept), name, seen):
                meaning = kept[int(facts.external_id.rsplit("-", 1)[1])].place.control.meaning
                self._said[meaning.says] += 1
                self._named[meaning.name] += 1
                self._summaries.add(row.summary)
                self._writers.write(self._source.split, row)
                self._facts.append(facts)
        alone = {mark: each for mark, each in known.items() if told[mark].alone}
        self._decide(replace(shot, known=alone), viewer.viewport, name, path)

    def _is_worn(self, meaning: Meaning) -> bool:
        return self._said[meaning.says] >= SHARED or self._named[meaning.name] >= SAME_NAME

    def _decide(self, shot: Shot, viewport: tuple[int, int], name: str, path: str) -> None:
        """Decision rows about what only one candidate of the page is called."""
        names = Counter(each.name or each.text for each in shot.observation.candidates)
        alone = {
            mark: known
            for mark, known in shot.known.items()
            if (each := shot.observation.candidate(mark)) and names[each.name or each.text] == 1
        }
        unique = replace(shot, known=alone)
        others = [foreign for place, foreign in self._foreign if place != path]
        self._decisions += decision_rows(self._made("real", viewport), unique, name, DECISIONS_PER_LOOK, others)
        self._foreign = (self._foreign + [(path, each) for each in steps_of(unique, Random(name), 4)])[-200:]

    def _made(self, kind: str, viewport: tuple[int, int]) -> Made:
        nothing = Drawn("", (), (), "", "")
        source = self._source
        return Made(nothing, source.split, kind, source.package, "own", source.site, viewport, 1.0)

    def write(self, seconds: float) -> SourceFacts:
        """Write what is not written yet."""
        out, number, split = Path(self._job.out), self._job.number, self._source.split
        if self._decisions:
            table = pa.Table.from_pylist([asdict(row) for row in self._decisions])
            pq.write_table(
                table, out / "decisions" / f"{split}-{number:05}.parquet", compression="zstd", compression_level=9
            )
        if self._facts:
            table = pa.Table.from_pylist([asdict(facts) for facts in self._facts])
            pq.write_table(table, out / "facts" / f"{number:05}.parquet", compression="zstd")
        return SourceFacts(
            self._source.package,
            split,
            self._pages,
            self._looks,
            self._candidates,
            len(self._facts),
            len(self._summaries),
            len(self._decisions),
            round(seconds, 1),
            self._tried,
            tuple(self._refused),
        )


def _signature(seen: Seen) -> tuple[str, str, str]:
    """What is alike on several pages of a site, and used on one of them only."""
    candidate = seen.candidate
    return candidate.element_type, candidate.name or candidate.text, candidate.hints


def _shape(path: str) -> str:
    """The address without numbers and values: pages of one shape look alike."""
    plain, _, query = path.partition("?")
    keys = sorted(re.findall(r"(?:^|[&;])([^=&;]+)", query))
    return re.sub(r"\d+", "N", plain) + "?" + "&".join(keys)


def _links(sight: Sight) -> list[str]:
    """Paths of the same site that the page links to, without those that do something."""
    here = urlsplit(sight.observation.url)
    found = []
    for seen in sight.seen.values():
        there = urlsplit(seen.candidate.href)
        if (
            there.netloc == here.netloc
            and there.scheme == here.scheme
            and not any(each in seen.candidate.href.lower() for each in _LEFT_ALONE)
        ):
            path = path_of(seen.candidate.href)
            found.append(f"{path}#{there.fragment}" if there.fragment.startswith(("/", "!")) else path)
    return list(dict.fromkeys(found))
