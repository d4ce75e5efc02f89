"""The command `magenta describe`.

magenta describe .magenta --teacher openai:big-model@http://gpu:8000 --out s3://team/teacher
magenta dataset build .magenta s3://team/teacher --out data/shop
"""

import os

import click

from magenta_qa.finetune.clock import now_utc
from magenta_qa.finetune.describe import describe_rows
from magenta_qa.finetune.progress import progress_bar
from magenta_qa.model.schema import VIEWS, View, ViewName


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option("--teacher", required=True, metavar="SPEC", help="A large model: openai:MODEL@URL, or local:PATH.")
@click.option("-o", "--out", required=True, help="Where its labels go, as Parquet: a folder or any fsspec URL.")
@click.option("--view", "name", type=click.Choice(VIEWS), default="crop", show_default=True, help="What it is shown.")
@click.option("--crop-px", type=click.IntRange(32, 4096), default=448, show_default=True)
@click.option("--rows", type=click.IntRange(1), help="Label at most so many.")
def describe(sources: tuple[str, ...], teacher: str, out: str, name: ViewName, crop_px: int, rows: int | None) -> int:
    """Have a large model describe what nobody has labelled.

    SOURCE is a log (.magenta), a dataset in Parquet or a JSON file of MiniCPM records, here or at any fsspec URL. What
    was interrupted goes on when called again. `magenta dataset build SOURCE OUT` makes a dataset of it, in which
    people's labels come before the teacher's. The key of an endpoint is MAGENTA_API_KEY.
    """
    with progress_bar() as progress:
        done = describe_rows(
            sources,
            out,
            teacher,
            at=now_utc(),
            view=View(name, crop_px=crop_px),
            limit=rows,
            api_key=os.environ.get("MAGENTA_API_KEY"),
            progress=progress,
        )
    click.echo(f"{out}: {done.rows:,} rows described by {done.teacher}; {done.asked:,} asked about now")
    for line in done.left_out.lines():
        click.echo(f"left out: {line}")
    return 0
