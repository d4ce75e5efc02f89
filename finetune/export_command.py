"""The command `magenta export`, which `magenta finetune export` is, too.

magenta export runs/small models/small
magenta run --magenta-understanding embedded:models/small
"""

from pathlib import Path
from typing import Literal

import click

from magenta_qa.finetune.export import export as export_model


@click.command()
@click.argument("source")
@click.argument("out", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--base", help="The adapter's base, where it is no longer where it was trained from.")
@click.option("--precision", type=click.Choice(["int8", "float32"]), default="int8", show_default=True)
def export(source: str, out: Path | None, base: str | None, precision: Literal["int8", "float32"]) -> int:
    """Write SOURCE, a small checkpoint or an adapter of one, to the new folder OUT, to run without PyTorch.

    OUT is SOURCE-embedded by default. Takes 8 bytes of memory a weight.
    """
    out = out or Path(f"{source.rstrip('/')}-embedded")
    exported = export_model(source, out, base=base, precision=precision)
    click.echo(f"{exported.files} files, {exported.bytes / 2**20:.1f} MiB, in {out}")
    click.echo(f"logits are within {exported.moved:.2g} of the largest from the checkpoint's")
    click.echo(f"use it with --magenta-understanding embedded:{out}")
    return 0
