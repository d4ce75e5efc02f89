"""The periodic job: new labelled interactions become a better adapter, or it is said why not.

    job = Job(sources=(".magenta",), data="data/shop", registry="adapters", model="openbmb/MiniCPM-V-4.6")
    run_job(job, at, print, RealSteps()).state        # "too few" | "promoted" | "not promoted"

    1. count the labelled interactions that the last training had not; fewer than 100: stop
    2. build the next version of the dataset
    3. train; a training of this version that was interrupted goes on
    4. evaluate on the held-out rows and on the golden set, beside what is in use
    5. add it to the registry, and promote it if it is surely better

Every step that is done is found done when the job is started again after it was interrupted. A lock in the registry
keeps it from running twice.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from magenta_qa.finetune.adapter_commands import LOCK, promote_if_better
from magenta_qa.finetune.adapters import GOLDEN, RUN, Registry, Run, load_run
from magenta_qa.finetune.dataset import list_splits, list_versions, load_rows
from magenta_qa.finetune.dataset_build import Built, build_version, count_new, scan_sources
from magenta_qa.finetune.lock import locked
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.finetune.promotion import Judgement
from magenta_qa.finetune.row import Row
from magenta_qa.model.errors import ConfigError, DatasetError, TrainingError
from magenta_qa.model.schema import View

MIN_NEW = 100
"""Fewer new labelled interactions change little and cost a training."""
NOTHING = "nothing"
LAST = "last"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done."""

    sources: tuple[str, ...]
    """Logs, and whatever else a dataset is built from."""
    data: str
    """The dataset that gets a new version."""
    registry: str
    model: str
    """The base model."""
    golden: str = ""
    """A dataset that is never trained on."""
    without_golden: bool = False
    runs: Path = Path("runs")
    """Folder of trainings."""
    since: str = LAST
    """`last`: the last training; a version such as `v3`; or `nothing`: train in any case."""
    min_new: int = MIN_NEW
    flags: str = ""
    """More flags of `magenta finetune train`, as in a shell."""
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended."""

    state: Literal["too few", "promoted", "not promoted"]
    new: int
    """Labelled interactions since then."""
    name: str = ""
    """The adapter's."""
    judgement: Judgement | None = None


class Steps(Protocol):
    """The two steps that need a model."""

    def train(self, arguments: list[str]) -> None:
        """Train with these flags; raises TrainingError when that did not end well."""
        ...

    def evaluate(self, rows: list[Row] | None, data: str, model: str, base: str, view: View, out: Path) -> None:
        """Write `evaluation.json` into `out`: of the rows, or without any of the dataset's held-out rows."""
        ...


def run_job(job: Job, at: str, say: Say, steps: Steps, *, progress: OnProgress | None = None) -> Outcome:
    """Do the whole job.

    Args:
        job: What is to be done.
        at: The time now, ISO 8601.
        say: Told what happens, a line at a time.
        steps: Trains and evaluates.
        progress: Told while the dataset is built.

    Raises:
        ConfigError: Another one is at work, or the golden set is trained on.
        MagentaError: A step failed; the same call goes on from there.
    """
    with locked(job.registry, "fine-tune", at):
        registry = Registry(job.registry)
        with scan_sources(job.sources, progress) as scan:
            known, why = _known_version(job, registry)
            new = count_new(scan, known)
            if new < job.min_new and job.since != NOTHING:
                say(f"{new} new labelled interactions {why}; {job.min_new} are needed: nothing was trained")
                return Outcome("too few", new)
            say(f"{new} new labelled interactions {why}")
            built = build_version(scan, job.data, at=at, workers=job.workers, progress=progress)
        say(_built_line(built))
        golden = _golden_rows(job, built)
        return _train_and_judge(job, registry, built, golden, at, say, steps, new)


def _known_version(job: Job, registry: Registry) -> tuple[str | None, str]:
    """The version since which is counted, and how to say so; None: everything is new."""
    if job.since == NOTHING:
        return None, "in all"
    version = job.since
    if version == LAST:
        entries = registry.entries()
        if not entries:
            return None, "(nothing was trained yet)"
        version = entries[-1].run.data.version
    if version in list_versions(job.data):
        return f"{job.data.rstrip('/')}/{version}", f"since {version}"
    if job.since != LAST:
        raise ConfigError(
            f"--since {job.since}: {job.data} has no such version; expected 'last', 'nothing' or one of it"
        )
    return None, f"(the last training's data, {version}, is no version of {job.data})"


def _built_line(built: Built) -> str:
    rows = ", ".join(f"{count:,} {split}" for split, count in built.facts["rows"].items())
    return f"{built.path}: {rows}" + ("" if built.is_new else "; as it was built before")


def _golden_rows(job: Job, built: Built) -> list[Row] | None:
    """All rows of the golden set, of which none may be among those that are trained on."""
    if not job.golden:
        return None
    rows = [row for split in list_splits(job.golden) for row in load_rows(job.golden, split)]
    ids = {row.external_id for row in rows}
    trained_on = ids.intersection(load_rows(built.path, "train").column("external_id"))
    if trained_on:
        raise ConfigError(
            f"{len(trained_on)} of the {len(rows)} rows of the golden set {job.golden} are trained on, such as "
            f"{sorted(trained_on)[0]}; keep its log apart from {', '.join(job.sources)}"
        )
    return rows


def _train_and_judge(
    job: Job,
    registry: Registry,
    built: Built,
    golden: list[Row] | None,
    at: str,
    say: Say,
    steps: Steps,
    new: int,
) -> Outcome:
    name = _free_name(registry, str(built.facts["version"]))
    folder = job.runs / name
    run = _trained(job, built, folder, say, steps)
    in_use = registry.promoted()
    base = registry.fetch(in_use, job.runs / ".in-use").spec if in_use else f"local:{job.model}"
    say(f"evaluating {folder} beside {base}")
    _evaluate(run, built, golden, folder, base, steps)
    registry.add(str(folder), name)
    with locked(job.registry, LOCK, at):
        judgement = promote_if_better(registry, name, at, without_golden=job.without_golden)
    return Outcome("promoted" if judgement.may_promote else "not promoted", new, name, judgement)


def _free_name(registry: Registry, version: str) -> str:
    """The version's name, with a number behind it if another training on it is in the registry."""
    taken = {entry.name for entry in registry.entries()}
    names = (version if number == 1 else f"{version}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _trained(job: Job, built: Built, folder: Path, say: Say, steps: Steps) -> Run:
    if (folder / RUN).exists() and load_run(str(folder)).status == "done":
        say(f"{folder} was trained already")
        return load_run(str(folder))
    say(f"training {job.model} on {built.path} in {folder}")
    fixed = ["--model_name_or_path", job.model, "--data_path", built.path, "--output_dir", str(folder)]
    steps.train([*fixed, *shlex.split(job.flags)])
    run = load_run(str(folder))
    if run.status != "done":
        raise TrainingError(f"the training in {folder} ended as {run.status!r} at step {run.step} of {run.steps}")
    return run


def _evaluate(run: Run, built: Built, golden: list[Row] | None, folder: Path, base: str, steps: Steps) -> None:
    view = View(
        run.settings.get("view") or "crop",
        max_slices=run.settings.get("max_slice_nums") or View().max_slices,
        downsample=run.settings.get("downsample") or "16x",
    )
    model = f"local:{run.base.path}+{folder}"
    if "test" not in built.facts["rows"]:
        raise DatasetError(f"{built.path} has no held-out rows: too few pages or sites were labelled to judge by")
    steps.evaluate(None, built.path, model, base, view, folder)
    if golden is not None:
        steps.evaluate(golden, "golden", model, base, view, folder / GOLDEN)
