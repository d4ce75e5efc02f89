"""The commands of `magenta adapters`, over a folder or any fsspec path.

magenta adapters list adapters
magenta adapters add adapters runs/7 --name 20261123-v4
magenta adapters promote adapters 20261123-v4
magenta adapters rollback adapters
"""

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from magenta_qa.finetune.adapter_card import adapter_card
from magenta_qa.finetune.adapters import Entry, Event, Registry
from magenta_qa.finetune.clock import now_utc
from magenta_qa.finetune.evaluation import METRICS, MODEL
from magenta_qa.finetune.lock import locked
from magenta_qa.finetune.promotion import METRIC, Judgement, describe_gain, judge

LOCK = "registry"
EXIT_NOT_PROMOTED = 1


@click.command("list")
@click.argument("registry")
def list_adapters(registry: str) -> int:
    """Show all adapters of REGISTRY, what they were trained on, how good they are and which is in use."""
    found = Registry(registry)
    in_use = found.promoted()
    table = Table("", "adapter", "trained", "base", "data", *METRICS, "status", box=None)
    for entry in found.entries():
        mark = "▶" if in_use is not None and in_use.name == entry.name else ""
        data = f"{entry.run.data.path} {entry.run.data.version}".strip()
        cells = (mark, entry.name, entry.run.started_at, entry.run.base.path, data, *_scores(entry), entry.run.status)
        table.add_row(*map(Text, cells))
    Console().print(table)
    click.echo(f"in use: {in_use.spec}" if in_use else "in use: the base model; no adapter is promoted")
    return 0


def _scores(entry: Entry) -> list[str]:
    if entry.evaluation is None:
        return ["–"] * len(METRICS)
    figures = entry.evaluation.figures[MODEL].get("all", {})
    return [f"{figures[name].value:.3f}" if name in figures else "–" for name in METRICS]


@click.command()
@click.argument("registry")
@click.argument("folder")
@click.option("--name", help="What to call it; the folder's name by default.")
def add(registry: str, folder: str, name: str | None) -> int:
    """Copy a training's FOLDER, with its evaluations if it has any, into REGISTRY."""
    called = name or folder.rstrip("/").rsplit("/", 1)[-1]
    with locked(registry, LOCK, now_utc()):
        found = Registry(registry)
        found.add(folder, called)
        found.write_card(called, adapter_card(found.entry(called)))
    click.echo(f"{registry.rstrip('/')}/{called}")
    return 0


@click.command()
@click.argument("registry")
@click.argument("name")
@click.option("--without-golden", is_flag=True, help="Promote although it was not evaluated on a golden set.")
def promote(registry: str, name: str, without_golden: bool) -> int:
    """Put adapter NAME to use if it is surely better than what is in use, else say why not.

    Surely better: on the held-out rows, the interval of its gain (paired, resampled by page) is above zero; and on the
    golden set nothing is surely worse. Ends with 1 if it is not promoted.
    """
    with locked(registry, LOCK, now_utc()):
        judgement = promote_if_better(Registry(registry), name, now_utc(), without_golden=without_golden)
    print_judgement(name, judgement)
    return 0 if judgement.may_promote else EXIT_NOT_PROMOTED


def promote_if_better(registry: Registry, name: str, at: str, *, without_golden: bool = False) -> Judgement:
    """Judge an adapter and put it to use if nothing speaks against; its model card is written anew.

    Args:
        registry: Where it is; the caller holds its lock.
        name: Its name.
        at: The time now.
        without_golden: Promote although there is no golden set.
    """
    entry = registry.entry(name)
    judgement = judge(entry, registry.promoted(), without_golden=without_golden)
    registry.write_card(name, adapter_card(entry))
    if judgement.may_promote and judgement.gain is not None:
        why = "; ".join([describe_gain(METRIC, judgement.gain), *judgement.remarks])
        registry.note(Event(at, "promote", name, why))
    return judgement


def print_judgement(name: str, judgement: Judgement) -> None:
    """Say what was decided and why."""
    if judgement.may_promote and judgement.gain is not None:
        click.echo(f"{name} is in use now: {describe_gain(METRIC, judgement.gain)}")
    else:
        click.echo(f"{name} is not promoted:")
    for line in (*judgement.reasons, *judgement.remarks):
        click.echo(f"  {line}")


@click.command()
@click.argument("registry")
def rollback(registry: str) -> int:
    """Put the adapter to use again that was in use before the present one."""
    with locked(registry, LOCK, now_utc()):
        found = Registry(registry)
        in_use = found.promoted()
        if in_use is None:
            click.echo("no adapter is promoted: there is nothing to roll back from")
            return EXIT_NOT_PROMOTED
        before = found.before()
        if before:
            found.entry(before)  # that it is still there is seen before anything is changed
        found.note(Event(now_utc(), "rollback", before, f"from {in_use.name}"))
    click.echo(f"in use: {before}" if before else "in use: the base model; no adapter was promoted before")
    return 0
