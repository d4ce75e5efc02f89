"""The model card of an adapter, written from `run.json` and `evaluation.json` and nothing else."""

from collections.abc import Iterator
from pathlib import PurePosixPath

import yaml

from magenta_qa.finetune.adapters import Entry, Run
from magenta_qa.finetune.bootstrap import Interval
from magenta_qa.finetune.evaluation import BASE, MODEL, Evaluation

METRICS = {"cider_d": "CIDEr-D", "bleu_4": "BLEU-4", "rouge_l": "ROUGE-L", "grounded": "grounding accuracy"}
_SETTINGS = (
    *("train", "lora_r", "lora_alpha", "learning_rate", "num_train_epochs", "max_steps", "view", "downsample"),
    *("max_slice_nums", "model_max_length", "per_device_train_batch_size", "gradient_accumulation_steps"),
)
"""Of `run.json`, those that a reader looks for; the file has all."""


def adapter_card(entry: Entry) -> str:
    """The card as Markdown, with the Hub's front matter."""
    run = entry.run
    parts = [
        f"---\n{yaml.safe_dump(_front_matter(entry), sort_keys=False)}---\n",
        f"# {entry.name}\n",
        f"An adapter for `{run.base.path}`, trained with magenta-qa to say in one short sentence what acting on the "
        "outlined element of a web page does. It is served as the understanding back end "
        f"`local:{run.base.path}+PATH`, or merged (`magenta finetune merge`) by vLLM.\n",
        "## Training\n",
        *_training(run),
        "## Evaluation\n",
        *(_evaluation(entry.evaluation) if entry.evaluation else ["It was not evaluated.\n"]),
        *(["### On the golden set\n", *_evaluation(entry.golden)] if entry.golden else []),
        "## Limits\n",
        "English labels; trusted only on pages like those that it was trained on and evaluated with. A description is "
        "never a verdict: what it leads to is checked.\n",
    ]
    return "\n".join(parts)


def _front_matter(entry: Entry) -> dict[str, object]:
    return {
        "base_model": entry.run.base.path,
        "library_name": "peft",
        "pipeline_tag": "image-text-to-text",
        "language": ["en"],
        "tags": ["magenta-qa", "web", "user-interfaces"],
    }


def _training(run: Run) -> Iterator[str]:
    data = f"{run.data.path} {run.data.version}".strip()
    facts = {
        "data": f"{data}, {run.data.rows:,} rows" + (f", split by {run.data.split_by}" if run.data.split_by else ""),
        "started": run.started_at,
        "steps": f"{run.step:,} of {run.steps:,} ({run.status})",
        **{name: run.settings[name] for name in _SETTINGS if run.settings.get(name) not in (None, -1)},
        "seed": run.seed,
        "loss": f"{run.loss[0][1]:.3f} to {run.loss[-1][1]:.3f}" if run.loss else None,
        "held-out loss": f"{run.eval_loss[-1][1]:.4f}" if run.eval_loss else None,
        "hardware": _hardware(run),
        "rows a second": run.throughput.get("rows_a_second"),
        "commit": run.commit,
        "packages": ", ".join(f"{name} {version}" for name, version in run.packages.items()),
    }
    yield _table(("", ""), [(name, str(value)) for name, value in facts.items() if value not in (None, "")])


def _hardware(run: Run) -> str:
    name, devices = run.hardware.get("name"), run.hardware.get("devices")
    return f"{devices} × {name}" if name else ""


def _evaluation(evaluation: Evaluation) -> Iterator[str]:
    data = evaluation.data
    yield (
        f"On {data.rows:,} rows of {data.pages} pages ({PurePosixPath(data.path).name} {data.version}, split "
        f"`{data.split}`{f', by {data.split_rule}' if data.split_rule else ''}), view `{evaluation.view.name}`, "
        f"deciding `{evaluation.decision}`; 95 % intervals by resampling pages.\n"
    )
    for system, spec in evaluation.systems.items():
        title = "compared with" if system == BASE else "this adapter"
        yield f"{title}: `{spec.spec}`" + (f", {spec.unusable} unusable answers" if spec.unusable else "") + "\n"
    kinds = evaluation.figures[MODEL]
    rows = []
    for kind, figures in kinds.items():
        gains = evaluation.gains.get(kind, {})
        cells = [_cell(figures.get(name), gains.get(name)) for name in METRICS]
        rows.append((kind, str(max((figure.rows for figure in figures.values()), default=0)), *cells))
    yield _table(("kind", "rows", *METRICS.values()), rows)
    yield "The gain on what it is compared with stands behind the figure.\n" if evaluation.gains else ""


def _cell(figure: Interval | None, gain: Interval | None) -> str:
    if figure is None:
        return "–"
    shown = f"{figure.value:.3f} ({figure.low:.3f} … {figure.high:.3f})"
    return f"{shown} {gain.value:+.3f}" if gain else shown


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '¦') for cell in line)} |" for line in lines) + "\n"
