"""The commands `magenta dataset`, `finetune` and `adapters`; `magenta` loads this file when one is called.

    magenta dataset build .magenta --out data/shop
    magenta finetune train --data data/shop --output-dir runs/1
    magenta finetune --since last
    magenta adapters list adapters

A command is a click command in a module of its own and one line in a table below. That module may import what the
extra `[finetune]` brings at its top: where it is missing, the error names the pip command.
"""

from pathlib import Path
from typing import Any

import click

from magenta_qa.model.commands import LazyGroup

EXTRA = "finetune"
_SETTINGS = {"help_option_names": ["-h", "--help"]}

DATASET_COMMANDS = {
    "build": ("magenta_qa.finetune.dataset_commands:build", "Turn logs into the next version of a dataset."),
    "check": ("magenta_qa.finetune.dataset_commands:check", "Look for what would make a bad adapter."),
    "stats": ("magenta_qa.finetune.dataset_commands:stats", "Count what a dataset holds; with pictures as HTML."),
    "records": ("magenta_qa.finetune.dataset_commands:records", "Write MiniCPM records and outlined pictures."),
    "push": ("magenta_qa.finetune.dataset_commands:push", "Copy a version to where a team shares it."),
    "pull": ("magenta_qa.finetune.dataset_commands:pull", "Copy a version from there."),
}
FINETUNE_COMMANDS = {
    "train": ("magenta_qa.finetune.train_commands:train", "Train an adapter, or all weights, on all GPUs there are."),
    "plan": ("magenta_qa.finetune.train_commands:plan", "Say how long a run would take, and how much memory."),
    "merge": ("magenta_qa.finetune.merge_command:merge", "Make a base and its adapter one checkpoint, for vLLM."),
    "export": (
        "magenta_qa.finetune.export_command:export",
        "Write a small model's files for the CPU, without PyTorch.",
    ),
}
ADAPTERS_COMMANDS = {
    "list": ("magenta_qa.finetune.adapter_commands:list_adapters", "Show all adapters and which is in use."),
    "add": ("magenta_qa.finetune.adapter_commands:add", "Copy a training's folder into the registry."),
    "promote": ("magenta_qa.finetune.adapter_commands:promote", "Put one to use if it is surely better."),
    "rollback": ("magenta_qa.finetune.adapter_commands:rollback", "Put the one before to use again."),
}
"""Name → (module:command, one line of help)."""

dataset = LazyGroup(
    "dataset",
    DATASET_COMMANDS,
    help="From the interaction log to a versioned dataset, and from there to MiniCPM records.",
    extra=EXTRA,
    context_settings=_SETTINGS,
)


def _finetune(since: str | None, **options: Any) -> int | None:  # noqa: ANN401 - click's
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        if since is not None:
            raise click.UsageError(f"--since is the whole job and does not go with {context.invoked_subcommand!r}")
        return None
    if since is None:
        click.echo(context.get_help())
        return None
    missing = [name for name in ("logs", "data", "registry") if not options[name]]
    if missing:
        raise click.UsageError(f"--since needs {', '.join('--log' if n == 'logs' else f'--{n}' for n in missing)} too")
    from magenta_qa.finetune.periodic_command import run_periodically

    return run_periodically(since, **options)


_JOB_OPTIONS: list[click.Parameter] = [
    click.Option(["--since"], metavar="last|VERSION|nothing", help="Do the periodic job: what is new since then."),
    click.Option(["--log", "logs"], multiple=True, help="A log or another source; may be given several times."),
    click.Option(["--data"], default="", help="The dataset that gets a new version: a folder or fsspec URL."),
    click.Option(["--registry"], default="", help="Where adapters are kept: a folder or fsspec URL."),
    click.Option(["--model"], default="openbmb/MiniCPM-V-4.6", show_default=True, help="The base model."),
    click.Option(["--golden"], default="", help="A dataset that is never trained on, to be no worse on."),
    click.Option(["--without-golden"], is_flag=True, help="Promote although there is no golden set."),
    click.Option(
        ["--runs"],
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("runs"),
        show_default=True,
        help="Folder of trainings, on this machine.",
    ),
    click.Option(["--min-new"], type=click.IntRange(1), default=100, show_default=True, help="Fewer new labels: stop."),
    click.Option(["--train", "flags"], default="", help="Flags of 'magenta finetune train', in quotes."),
]

finetune = LazyGroup(
    "finetune",
    FINETUNE_COMMANDS,
    help="From a dataset to a trained adapter; with --since, the whole job that runs periodically.",
    extra=EXTRA,
    callback=_finetune,
    invoke_without_command=True,
    params=_JOB_OPTIONS,
    context_settings=_SETTINGS,
)
adapters = LazyGroup(
    "adapters",
    ADAPTERS_COMMANDS,
    help="The registry of adapters: a folder or any fsspec path.",
    extra=EXTRA,
    context_settings=_SETTINGS,
)
