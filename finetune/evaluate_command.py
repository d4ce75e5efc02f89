"""The command `magenta evaluate`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from magenta_qa.finetune.asking import Report
from magenta_qa.finetune.bootstrap import Interval
from magenta_qa.finetune.evaluate import Plan, Stage, run_evaluation
from magenta_qa.finetune.evaluation import FILE, Evaluation
from magenta_qa.finetune.evaluation_page import save_page
from magenta_qa.model.schema import VIEWS, View, ViewName

PAGE = "evaluation.html"
_SHOWN = {"cider_d": "CIDEr-D", "bleu_4": "BLEU-4", "rouge_l": "ROUGE-L", "grounded": "grounding"}


@click.command()
@click.argument("data")
@click.option("--understanding", "model", required=True, help="What is judged: any understanding back end.")
@click.option("--base", help="What it is compared with; left out: PATH of local:PATH+ADAPTER; 'none' for nothing.")
@click.option("--split", default="test", show_default=True)
@click.option("--decision", default="rules", show_default=True, help="The decision step that must find the element.")
@click.option("--view", type=click.Choice(VIEWS), default="crop", show_default=True)
@click.option("--crop-px", type=click.IntRange(32, 4096), default=448, show_default=True)
@click.option("--downsample", type=click.Choice(["16x", "4x"]), default="16x", show_default=True)
@click.option("--rows", type=click.IntRange(1), help="At most so many rows, spread evenly.")
@click.option("--control-rows", type=click.IntRange(0), default=200, show_default=True, help="0: no controls.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("evaluation"), show_default=True)
def evaluate(
    data: str,
    model: str,
    base: str | None,
    split: str,
    decision: str,
    view: ViewName,
    crop_px: int,
    downsample: Literal["16x", "4x"],
    rows: int | None,
    control_rows: int,
    seed: int,
    out: Path,
) -> int:
    """Judge descriptions on the held-out rows of DATA, beside those of a base model.

    CIDEr-D, BLEU-4 and ROUGE-L say how near they are to the labels, grounding accuracy whether the decision step finds
    by them what a tester means: by kind of element, with intervals over pages. Interrupted, it goes on where it was.
    """
    plan = Plan(
        data=data,
        model=model,
        base=_base_of(model) if base is None else "" if base == "none" else base,
        split=split,
        view=View(view, crop_px=crop_px, downsample=downsample),
        decision=decision,
        limit=rows,
        control_rows=control_rows,
        seed=seed,
        api_key=os.environ.get("MAGENTA_API_KEY"),
    )
    out.mkdir(parents=True, exist_ok=True)
    with _progress() as stage:
        evaluation, held = run_evaluation(plan, out, stage)
    save_page(evaluation, held, out / PAGE)
    _print(evaluation)
    click.echo(f"{out / FILE}, {out / PAGE}")
    return 0


def _base_of(spec: str) -> str:
    """The model that the adapter of `local:PATH+ADAPTER` was trained on; empty for any other back end."""
    path, plus, _ = spec.rpartition("+")
    return path if plus and spec.startswith("local:") and not Path(spec.removeprefix("local:")).is_dir() else ""


@contextmanager
def _progress() -> Iterator[Stage]:
    columns = (
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def stage(name: str, rows: int) -> Report:
            task = progress.add_task(name, total=rows)
            return lambda count: progress.advance(task, count)

        yield stage


def _print(evaluation: Evaluation) -> None:
    table = Table(title=f"{evaluation.data.rows} rows of {evaluation.data.pages} pages, 95 % intervals over pages")
    for column in ("", "kind", "rows", *_SHOWN.values()):
        table.add_column(column, justify="left" if column in ("", "kind") else "right", no_wrap=True)
    groups = {**evaluation.figures, **({"gain": evaluation.gains} if evaluation.gains else {})}
    for name, kinds in groups.items():
        for kind, figures in kinds.items():
            rows = str(figures["rouge_l"].rows) if "rouge_l" in figures else "0"
            table.add_row(name, kind, rows, *(_cell(metric, figures.get(metric)) for metric in _SHOWN))
    Console().print(table)
    for name, system in evaluation.systems.items():
        if system.unusable:
            click.echo(f"{name}: {system.unusable} answers could not be used and score nothing")


def _cell(metric: str, figure: Interval | None) -> str:
    if figure is None:
        return "–"
    scale, form = (1, "{:.2f}") if metric == "cider_d" else (100, "{:.1f}")
    value, low, high = (form.format(scale * number) for number in (figure.value, figure.low, figure.high))
    return f"{value}\n{low} … {high}"
