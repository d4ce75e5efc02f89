"""`magenta finetune train` and `magenta finetune plan`.

    magenta finetune train --model openbmb/MiniCPM-V-4.6 --data data/shop --output_dir runs/1
    magenta finetune plan --data data/shop

`train` starts one process on every GPU of this machine (torchrun); several machines are started with torchrun itself.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields

import click

_PASSED_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
_MODULE = "magenta_qa.finetune.train"


@click.command(context_settings=_PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="--data_path PATH --output_dir FOLDER [FLAGS]")
def train(arguments: tuple[str, ...]) -> int:
    """Fine-tune a model on all GPUs of this machine, or on the CPU.

    Flags are those of magenta_qa.finetune.train: ours, the original recipe's and transformers'. --devices N takes fewer
    GPUs.
    """
    if _asks_for_help(arguments):
        click.echo(_help("train", "Fine-tune a model on all GPUs of this machine, or on the CPU."))
        return 0
    return launch(arguments)


@click.command(context_settings=_PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="--data_path PATH [FLAGS]")
def plan(arguments: tuple[str, ...]) -> int:
    """Say what a run would take: rows, tokens, hours and memory on 1 and 8 H100s. Flags as for train."""
    if _asks_for_help(arguments):
        click.echo(_help("plan", "Say what a run would take: rows, tokens, hours and memory on 1 and 8 H100s."))
        return 0
    from magenta_qa.finetune.training.plan import build_plan, describe_plan

    click.echo(describe_plan(build_plan(arguments)))
    return 0


def launch(arguments: Sequence[str]) -> int:
    """Train with these flags on all GPUs of this machine, or as many as `--devices` says; returns the exit code."""
    import torch

    devices, rest = _devices(arguments, torch.cuda.device_count())
    if devices <= 1:
        from magenta_qa.finetune.train import main

        return main(rest)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(devices)]
    with subprocess.Popen([*torchrun, "-m", _MODULE, *rest]) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                # The processes got it too, and end with a checkpoint.
                continue


def _devices(arguments: Sequence[str], found: int) -> tuple[int, list[str]]:
    """How many processes to start, and the other flags."""
    rest = list(arguments)
    if "--devices" not in rest:
        return found, rest
    at = rest.index("--devices")
    value = rest[at + 1] if at + 1 < len(rest) else ""
    if not value.isdigit() or int(value) < 1:
        raise click.UsageError(f"--devices is {value!r}; expected a number of processes, 1 or more")
    return int(value), rest[:at] + rest[at + 2 :]


def _asks_for_help(arguments: Sequence[str]) -> bool:
    return not arguments or any(argument in ("-h", "--help") for argument in arguments)


def _help(name: str, text: str) -> str:
    """Our own flags with what they mean; those of transformers are many, and documented there."""
    from transformers import TrainingArguments

    from magenta_qa.finetune.training.arguments import Settings

    theirs = {entry.name: entry.default for entry in fields(TrainingArguments)}
    mine = [entry for entry in fields(Settings) if entry.init and "help" in entry.metadata]
    mine = [entry for entry in mine if entry.name not in theirs or entry.default != theirs[entry.name]]
    formatter = click.HelpFormatter(width=110)
    formatter.write_usage(f"magenta finetune {name}", "--data_path PATH --output_dir FOLDER [FLAGS]")
    formatter.write_paragraph()
    formatter.write_text(text)
    with formatter.section("Flags (those of transformers' TrainingArguments and of the original recipe work too)"):
        rows = [(f"--{entry.name}", f"{entry.metadata['help']} [{entry.default}]") for entry in mine]
        formatter.write_dl([("--devices", "Processes to start, each on a GPU. [all GPUs]"), *rows])
    return formatter.getvalue().rstrip()


if __name__ == "__main__":
    sys.exit(launch(sys.argv[1:]))
