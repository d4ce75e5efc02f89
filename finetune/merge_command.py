"""The command `magenta finetune merge`.

magenta finetune merge openbmb/MiniCPM-V-4.6 runs/1 merged
vllm serve ./merged --served-model-name minicpm-v --trust-remote-code
"""

from pathlib import Path

import click
import torch

from magenta_qa.finetune.merge import merge as merge_adapter
from magenta_qa.model.errors import ConfigError


@click.command()
@click.argument("base")
@click.argument("adapter", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
def merge(base: str, adapter: Path, out: Path, device: str) -> int:
    """Write BASE with the trained ADAPTER merged into it to the new folder OUT, for vLLM.

    Takes 4 bytes of memory a weight. Names, types and files are the base's; logits are compared before and after.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: there is no GPU here; expected one; use --device cpu")
    merged = merge_adapter(base, adapter, out, device=device, say=lambda text: click.echo(text, err=True))
    click.echo(
        f"the adapter changes {merged.changed} of {merged.weights} weights and moves logits by {merged.effect:.3g}"
    )
    click.echo(f"rounding to the base's types moves them by {merged.rounding:.3g}")
    if merged.rounding >= merged.effect:
        click.echo(
            "rounding moves them more than the adapter: little of it is left; train longer or with a higher rate"
        )
    click.echo(f"what was written loads and computes the same: {out}")
    return 0
