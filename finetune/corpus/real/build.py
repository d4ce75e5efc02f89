"""Harvests the sources one after another or in several processes, and goes on where one of them cannot be had.

facts = build_real(Path("build/corpus/v1"), Path("build/corpus/real"), seed=1, workers=2)
facts["failed"]       # {"octoprint": "cannot install octoprint==1.11.8: …"}
"""

import json
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.finetune.corpus.build import claim
from magenta_qa.finetune.corpus.real.harvest import NUMBERS, Job, SourceFacts, harvest
from magenta_qa.finetune.corpus.real.sources import SOURCES, require_allowed
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.model.errors import MagentaError

FIRST_NUMBER = 90_000
"""Of the chunks of real pages; those of drawn pages begin at 0."""


def build_real(
    out: Path,
    folder: Path,
    seed: int,
    workers: int = 1,
    only: Sequence[str] = (),
    progress: OnProgress | None = None,
) -> dict[str, object]:
    """Harvest what is missing; returns what each source has come to, and why others failed.

    Args:
        out: The corpus's folder.
        folder: Where packages are kept.
        seed: Chooses viewports, wordings and what is masked.
        workers: Processes.
        only: Packages; all of them when empty.
        progress: Told after every source.

    Raises:
        DatasetError: `only` names what is no source, or what is never trained on; `out` holds another build.
    """
    for package in only:
        require_allowed(package)
    jobs = [
        Job(package, FIRST_NUMBER + NUMBERS * n, seed, str(out), str(folder))
        for n, package in enumerate(SOURCES)
        if not only or package in only
    ]
    claim(out, seed)
    done: list[SourceFacts] = []
    failed: dict[str, str] = {}
    for number, (job, result) in enumerate(_harvested(jobs, workers), 1):
        if isinstance(result, str):
            failed[job.package] = result
        else:
            done.append(result)
        if progress:
            progress("real pages", number, len(jobs))
    facts: dict[str, object] = {
        "sources": [asdict(each) for each in done],
        "pages": sum(each.pages for each in done),
        "rows": sum(each.rows for each in done),
        "decisions": sum(each.decisions for each in done),
        "seconds of processes": round(sum(each.seconds for each in done), 1),
        "failed": failed,
    }
    (out / "real.json").write_text(json.dumps(facts, indent=2), "utf-8")
    finish(out, seed)
    return facts


def finish(out: Path, seed: int) -> None:
    """Say in `dataset.json` how many rows there are now, whoever has written it; without it there is no dataset."""
    path = out / "understanding/v1/dataset.json"
    stored = json.loads(path.read_text("utf-8")) if path.exists() else {"format": 1, "seed": seed}
    rows: Counter[str] = Counter()
    for file in (out / "understanding/v1/data").glob("*.parquet"):
        rows[file.name.split("-")[0]] += pq.read_metadata(file).num_rows
    path.write_text(json.dumps({**stored, "rows": dict(rows)}, indent=2), "utf-8")


def _harvested(jobs: list[Job], workers: int) -> Iterator[tuple[Job, SourceFacts | str]]:
    if workers <= 1:
        yield from zip(jobs, map(_try, jobs), strict=True)
        return
    with multiprocessing.get_context("spawn").Pool(workers, maxtasksperchild=1) as pool:
        yield from zip(jobs, pool.imap(_try, jobs), strict=True)


def _try(job: Job) -> SourceFacts | str:
    """One source, or why it cannot be had: the others do not wait for it."""
    try:
        return harvest(job)
    except (MagentaError, PlaywrightError, OSError) as error:
        return f"{job.package}: {error}"
