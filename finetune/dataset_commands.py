"""The commands of `magenta dataset`.

magenta dataset build .magenta --out data/shop
magenta dataset build .magenta s3://team/logs/ci --out s3://team/data/shop
"""

import os
from datetime import UTC, datetime

import click

from magenta_qa.finetune.dataset_build import Built, build_dataset
from magenta_qa.finetune.progress import progress_bar

MAX_WORKERS = 8


def now_utc() -> str:
    """The time now, ISO 8601 in UTC with seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
