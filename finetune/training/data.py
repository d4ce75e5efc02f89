"""The rows that a run trains on and is judged by, read once before it begins.

    data = load_data(settings, processor, print_lines)
    data.rows, data.survey.indices, data.eval_rows, data.facts["version"]

With several processes each reads its share, and all end with the same survey. It is kept beside the checkpoints, so
that a run that goes on has the same rows in the same order without reading them again.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import fsspec
import torch
from torch.utils.data import Subset

from magenta_qa.finetune.dataset import find_source, list_splits, load_facts
from magenta_qa.finetune.examples import load_examples
from magenta_qa.finetune.glossary import glossary_of
from magenta_qa.finetune.pictured import Pictured, pictured
from magenta_qa.finetune.progress import progress_bar
from magenta_qa.finetune.row import Row
from magenta_qa.finetune.training.arguments import Settings
from magenta_qa.finetune.training.batches import (
    LengthSorted,
    Rows,
    Survey,
    Unusable,
    join_surveys,
    padding_share,
    take_survey,
)
from magenta_qa.model.embedded.answering import open_embedded
from magenta_qa.model.embedded.files import folder_of, is_embedded, read_files
from magenta_qa.model.embedded.glossary import Glossary
from magenta_qa.model.errors import ConfigError, DatasetError
from magenta_qa.model.minicpmv.processor import Processor
from magenta_qa.model.schema import View

SURVEY = "survey.json"
_NAMED = 10
"""Unusable rows that are printed; `run.json` has up to `_RECORDED`."""
_RECORDED = 1000
_VALIDATION = "validation"

Say = Callable[[Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Everything that a run reads."""

    rows: Rows
    survey: Survey
    eval_rows: Any
    """Rows to judge by, or None."""
    facts: dict[str, Any]
    """For `run.json`."""
    glossary: Glossary | None = None
    """What the labels say of names, for a small model that reads pictures alone."""


def load_data(settings: Settings, processor: Processor, say: Say) -> TrainingData:
    """Open the data, read every row once, and say what was found.

    Args:
        settings: The run's.
        processor: The model's.
        say: Prints lines.

    Raises:
        DatasetError: There is nothing to train on.
        ConfigError: Evaluation is asked for, and there is nothing to judge by.
    """
    rows = open_rows(settings, processor)
    glossary = None
    if isinstance(rows.examples, Pictured):
        glossary = _glossary(cast("Sequence[Row]", rows.examples.source), str(settings.model_name_or_path))
        say([rows.examples.told, f"{_told(glossary)} are known from labels"])
    facts = describe(settings.data_path)
    survey = _survey_all(rows, settings, f"{facts['version']} {_key(settings)}")
    if not survey.indices:
        raise DatasetError(
            f"none of the {len(rows)} rows of {settings.data_path} can be used; the first: {survey.unusable[0].reason}"
        )
    facts |= _facts_of(survey, len(rows))
    say(_summary(survey, len(rows), settings))
    return TrainingData(rows, survey, _eval_rows(settings, processor), facts, glossary)


def open_rows(settings: Settings, processor: Processor) -> Rows:
    """The rows to train on, none of them read yet.

    Raises:
        ConfigError: No data was given.
        DatasetError: It cannot be read, or is empty.
    """
    if not settings.data_path:
        raise ConfigError("--data_path is missing: expected a dataset or a .json of MiniCPM records")
    return _rows(settings.data_path, "train", settings, processor)


def _rows(path: str, split: str, settings: Settings, processor: Processor) -> Rows:
    view = View(settings.view, max_slices=settings.max_slice_nums, downsample=settings.downsample or "16x")
    examples = load_examples(path, split, view)
    if is_embedded(str(settings.model_name_or_path)) and not is_records(path):
        examples = _pictured(cast("Sequence[Row]", examples.source), view, str(settings.model_name_or_path))
    return Rows(examples, processor, settings.model_max_length, settings.max_slice_nums)


def _pictured(rows: Sequence[Row], view: View, model: str) -> Pictured:
    """What a small model that reads pictures alone can learn of them."""
    with progress_bar() as show:
        return pictured(rows, view, open_embedded(model), show)


def _glossary(rows: Sequence[Row], model: str) -> Glossary:
    """What the labels say of names, and what those of earlier trainings said."""
    return read_files(folder_of(model)).glossary().with_later(glossary_of(rows))


def _told(glossary: Glossary) -> str:
    return f"{len(glossary.names)} names of controls and {len(glossary.icons)} icons"


def _eval_rows(settings: Settings, processor: Processor) -> Any:  # noqa: ANN401 - a Dataset or None
    path = settings.eval_data_path
    if not path and not is_records(settings.data_path) and _VALIDATION in list_splits(settings.data_path):
        path = settings.data_path
    if not path:
        if settings.do_eval or str(settings.eval_strategy.value) != "no":
            raise ConfigError(
                "evaluation is asked for (--do_eval or --eval_strategy), but there is nothing to judge by; expected "
                "--eval_data_path, or a dataset with a validation split"
            )
        return None
    rows = _rows(path, _VALIDATION, settings, processor)
    survey = take_survey(rows, processes=settings.dataloader_num_workers)
    return Subset(rows, survey.indices) if survey.indices else None


def is_records(path: str) -> bool:
    """Whether a path names a file of MiniCPM records rather than a dataset."""
    return str(path).endswith((".json", ".jsonl"))


def describe(path: str) -> dict[str, Any]:
    """Path and version of a dataset, or of a file of records the hash of its content."""
    if not is_records(path):
        source = find_source(path)
        known = load_facts(path) if source.version else {}
        return {"path": path, "version": source.version or source.path, "split_by": known.get("split_rule")}
    with fsspec.open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": path, "version": f"sha256:{digest[:16]}", "split_by": None}


def _key(settings: Settings) -> str:
    """What the usable rows and their lengths depend on besides the data."""
    names = ("data_path", "model_name_or_path", "view", "downsample", "max_slice_nums", "model_max_length")
    return json.dumps({name: getattr(settings, name) for name in names})


def _survey_all(rows: Rows, settings: Settings, key: str) -> Survey:
    kept = Path(settings.output_dir) / SURVEY
    survey = _read_survey(kept, key)
    if settings.world_size > 1:
        # All or none: a file may not be seen on every node.
        found = [survey is not None] * settings.world_size
        torch.distributed.all_gather_object(found, survey is not None)
        survey = survey if all(found) else None
    if survey is not None:
        return survey
    mine = range(settings.process_index, len(rows), settings.world_size)
    with progress_bar() as show:
        shown = show if settings.process_index == 0 else None
        survey = take_survey(rows, mine, settings.dataloader_num_workers, shown)
    if settings.world_size > 1:
        surveys: list[Any] = [None] * settings.world_size
        torch.distributed.all_gather_object(surveys, survey)
        survey = join_surveys(surveys)
    if settings.should_save:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"key": key} | asdict(survey)), "utf-8")
    return survey


def _read_survey(path: Path, key: str) -> Survey | None:
    try:
        found = json.loads(path.read_text("utf-8"))
        if found.pop("key") != key:
            return None
        unusable = [Unusable(**row) for row in found.pop("unusable")]
        return Survey(**found, unusable=unusable)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _facts_of(survey: Survey, rows: int) -> dict[str, Any]:
    return {
        "rows": rows,
        "usable": len(survey.indices),
        "tokens": survey.tokens,
        "answer_tokens": survey.answers,
        "trimmed": survey.trimmed,
        "unusable": [asdict(row) for row in survey.unusable[:_RECORDED]],
    }


def _summary(survey: Survey, rows: int, settings: Settings) -> list[str]:
    order = LengthSorted(survey.lengths, settings.rows_a_step, settings.seed, sort=settings.sort_by_length)
    padding = padding_share(survey.lengths, list(order), settings.per_device_train_batch_size)
    lines = [
        f"{len(survey.indices):,} of {rows:,} rows can be used: {survey.tokens:,} tokens, {survey.answers:,} of them "
        f"answers; {padding:.1%} of all positions fill up"
    ]
    if survey.trimmed:
        lines.append(f"{survey.trimmed:,} rows had text cut to fit --model_max_length {settings.model_max_length}")
    if survey.unusable:
        lines.append(f"{len(survey.unusable):,} rows are left out:")
        lines += [f"  {row.reason}" for row in survey.unusable[:_NAMED]]
    return lines
