"""The command `magenta finetune export`.

magenta finetune export runs/small models/small
magenta run --magenta-understanding embedded:models/small
"""

from pathlib import Path
from typing import Literal

import click

from magenta_qa.finetune.export import export as export_model


@click.command()
@click.argument("source")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--base", help="The adapter's base, where it is no longer where it was trained from.")
@click.option("--precision", type=click.Choice(["int8", "float32"]), default="int8", show_default=True)
def export(source: str, out: Path, base: str | None, precision: Literal["int8", "float32"]) -> int:
    """Write SOURCE, a small checkpoint or an adapter of one, to the new folder OUT, to run without PyTorch.

    Takes 8 bytes of memory a weight.
    """
    exported = export_model(source, out, base=base, precision=precision)
    click.echo(f"{exported.files} files, {exported.bytes / 2**20:.1f} MiB, in {out}")
    click.echo(f"logits are within {exported.moved:.2g} of the largest from the checkpoint's")
    click.echo(f"use it with --magenta-understanding embedded:{out}")
    return 0
