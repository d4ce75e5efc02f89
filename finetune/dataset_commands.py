"""The commands of `magenta dataset`.

magenta dataset build .magenta --out data/shop
magenta dataset build .magenta s3://team/logs/ci --out s3://team/data/shop
"""

import os
from pathlib import Path

import click

from magenta_qa.finetune.clock import now_utc
from magenta_qa.finetune.dataset import list_splits
from magenta_qa.finetune.dataset_build import Built, build_dataset
from magenta_qa.finetune.dataset_check import check_dataset
from magenta_qa.finetune.dataset_stats import dataset_stats, print_stats, write_page
from magenta_qa.finetune.dataset_transfer import pull_dataset, push_dataset
from magenta_qa.finetune.progress import progress_bar
from magenta_qa.finetune.record_files import write_records
from magenta_qa.model.schema import VIEWS, View, ViewName

MAX_WORKERS = 8


def default_workers() -> int:
    """Processes for decoding pictures: the machine's, within reason."""
    return min(MAX_WORKERS, os.cpu_count() or 1)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option("-o", "--out", required=True, help="The dataset: a folder or any fsspec URL.")
@click.option("--workers", type=click.IntRange(1), default=default_workers, help="Processes that prepare rows.")
def build(sources: tuple[str, ...], out: str, workers: int) -> int:
    """Build the next version of a dataset.

    SOURCE is a log (.magenta, or an interactions.jsonl), another dataset, or a JSON file of MiniCPM records, here or at
    any fsspec URL. Rows that cannot be used are counted and named.
    """
    with progress_bar() as progress:
        built = build_dataset(sources, out, at=now_utc(), workers=workers, progress=progress)
    print_built(built)
    return 0


@click.command()
@click.argument("path")
@click.option("--strict", is_flag=True, help="End with exit code 1 when there is a warning.")
@click.option("--workers", type=click.IntRange(1), default=default_workers, help="Processes that decode pictures.")
def check(path: str, strict: bool, workers: int) -> int:
    """Look through a dataset, ours or anyone's, or a JSON file of MiniCPM records, and warn.

    Of boxes outside of the picture, blank crops, labels that say nothing or in another language, leaks between splits.
    """
    with progress_bar() as progress:
        report = check_dataset(path, workers=workers, progress=progress)
    click.echo(f"{path}: " + ", ".join(f"{rows:,} {split}" for split, rows in report.rows.items()))
    for line in (*report.remarks, *report.warnings.lines()):
        click.echo(f"warning: {line}")
    if report.is_clean:
        click.echo("nothing to warn of")
    return 1 if strict and not report.is_clean else 0


@click.command()
@click.argument("path")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with pictures here.")
@click.option("--pictures", type=click.IntRange(0), default=24, show_default=True, help="How many rows it shows.")
def stats(path: str, html: Path | None, pictures: int) -> int:
    """Count what a dataset holds, and with --html show some of its rows as the model sees them."""
    with progress_bar() as progress:
        found = dataset_stats(path, pictures=pictures if html else 0, progress=progress)
    print_stats(found)
    if html:
        write_page(found, html)
        click.echo(f"page: {html}")
    return 0


@click.command()
@click.argument("path")
@click.option(
    "-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option("--split", "splits", multiple=True, help="Which split; all of them by default.")
@click.option(
    "--view",
    "names",
    multiple=True,
    type=click.Choice(VIEWS),
    default=["crop"],
    show_default=True,
    help="What of the page is shown; given twice, each record has two pictures.",
)
@click.option("--workers", type=click.IntRange(1), default=default_workers, help="Processes that draw pictures.")
def records(path: str, out: Path, splits: tuple[str, ...], names: tuple[ViewName, ...], workers: int) -> int:
    """Write each split of a dataset as MiniCPM records: OUT/SPLIT.json and OUT/images.

    A run that was interrupted goes on where it stood. Rows that cannot be used are counted and named.
    """
    views = [View(name) for name in dict.fromkeys(names)]
    for split in splits or list_splits(path):
        with progress_bar() as progress:
            written = write_records(path, split, out, views, workers=workers, progress=progress)
        click.echo(f"{written.path}: {written.records:,} records")
        for line in written.left_out.lines():
            click.echo(f"left out: {line}")
    return 0


@click.command()
@click.argument("path")
@click.argument("target")
def push(path: str, target: str) -> int:
    """Copy the dataset's newest version, or the one that PATH names, to TARGET.

    TARGET is a folder, any fsspec URL, or hf://datasets/OWNER/NAME: on the Hub a new repository is private.
    """
    with progress_bar() as progress:
        there = push_dataset(path, target, progress=progress)
    click.echo(there)
    return 0


@click.command()
@click.argument("source")
@click.argument("path")
def pull(source: str, path: str) -> int:
    """Copy the newest version that lies at SOURCE, or the one that SOURCE names, into the dataset PATH.

    SOURCE is what push has written to; a version on the Hub is hf://datasets/OWNER/NAME@v3.
    """
    with progress_bar() as progress:
        here = pull_dataset(source, path, progress=progress)
    click.echo(here)
    return 0


def print_built(built: Built) -> None:
    """Say what a version has and what was left out of it."""
    facts = built.facts
    splits = ", ".join(f"{rows:,} {split}" for split, rows in facts["rows"].items())
    click.echo(f"{built.path}: {splits}; split by {facts['split_rule']}")
    if not built.is_new:
        click.echo("nothing has changed since it was built: no new version was written")
        return
    click.echo(f"{facts['new_rows']:,} rows are new")
    for reason, found in facts["left_out"].items():
        names = ", ".join(found["examples"])
        click.echo(f"left out: {found['count']:,} × {reason}" + (f" ({names})" if names else ""))
    if len(facts["rows"]) < 3:
        click.echo("too few pages or sites to hold rows out of every split: evaluation will say little")
