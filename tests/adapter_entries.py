"""Trainings' folders with evaluations, as `finetune/train.py` and `finetune/evaluate.py` leave them."""

import json
from pathlib import Path

from magenta_qa.finetune.evaluation import (
    BASE,
    MODEL,
    Answer,
    Data,
    Evaluation,
    Example,
    System,
    save_evaluation,
)
from magenta_qa.finetune.figures import figures_of, gains_of
from magenta_qa.finetune.metrics import bleu_counts, words
from magenta_qa.model.schema import View

_BLEU = bleu_counts(words("Opens the cart."), words("Opens the cart."))


def run_record(number: int = 1, **changes: object) -> dict[str, object]:
    """`run.json` of a training that has ended."""
    record: dict[str, object] = {
        "v": 1,
        "status": "done",
        "step": 120,
        "steps": 120,
        "started_at": f"2026-11-{number:02}T01:00:00Z",
        "base": {"path": "openbmb/MiniCPM-V-4.6", "family": "MiniCPM-V-4.6", "fingerprint": "9c"},
        "data": {"path": "data/shop", "version": f"v{number}", "rows": 12000, "split_by": "page"},
        "settings": {"train": "lora", "lora_r": 64, "learning_rate": 1e-4, "view": "crop"},
        "seed": 42,
        "packages": {"torch": "2.13.0"},
        "commit": "421e492",
        "hardware": {"devices": 8, "name": "NVIDIA H100 80GB HBM3"},
        "throughput": {"rows_a_second": 150.2},
        "loss": [[10, 2.3], [120, 0.4]],
        "eval_loss": [[120, 0.55]],
    }
    return record | changes


def evaluation(
    gains: list[float], *, model: str = "new", base: str = "old", split: str = "test", pages: int = 12
) -> Evaluation:
    """One in which row `i` of a page has got better by `gains[i % len(gains)]`."""
    examples = tuple(
        Example(
            id=f"id{number}",
            page=f"shop /page-{number % pages}",
            kinds=("text button",),
            reference="Opens the cart.",
            answers={
                BASE: Answer("Opens it.", 1.0, 0.5, grounded=number % 2 == 0),
                MODEL: Answer("Opens the cart.", 1.0 + gains[number % len(gains)], 0.5, grounded=number % 2 == 0),
            },
        )
        for number in range(pages * 3)
    )
    return Evaluation(
        at="2026-11-23T00:00:00Z",
        package="0.1.0",
        data=Data("data/shop/v1", split, len(examples), pages, version="v1", split_rule="page"),
        view=View(),
        decision="rules",
        tokenizer="words",
        seed=0,
        systems={BASE: System(f"local:{base}", base), MODEL: System(f"local:{model}", model)},
        figures={name: figures_of(examples, name, [_BLEU] * len(examples), 0) for name in (BASE, MODEL)},
        gains=gains_of(examples, 0),
        controls={},
        examples=examples,
    )


def write_entry(
    folder: Path, run: dict[str, object], found: Evaluation | None = None, golden: Evaluation | None = None
) -> Path:
    """A training's folder, with files that only going on needs among the others."""
    for name, content in (
        ("adapter_model.safetensors", "weights"),
        ("adapter_config.json", "{}"),
        ("checkpoint-100/optimizer.pt", "state"),
        ("cache/answers.db", "cache"),
        ("run.json", json.dumps(run)),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    for place, one in ((folder, found), (folder / "golden", golden)):
        if one is not None:
            place.mkdir(exist_ok=True)
            save_evaluation(one, str(place / "evaluation.json"))
    return folder
