"""The command `magenta label`.

$ magenta label .magenta
1,204 interactions to label, 96 labelled already, in .magenta/log/interactions.jsonl
http://127.0.0.1:8040     Ctrl-C ends
$ magenta dataset build .magenta --out data/shop       # what was labelled becomes a dataset
"""

import os
from collections.abc import Mapping
from pathlib import Path

import click

from magenta_qa.agent.label.desk import Desk
from magenta_qa.agent.label.items import LabelLog
from magenta_qa.agent.label.taught import load_taught
from magenta_qa.agent.plugin.configuration import build_configuration, read_project
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.errors import ConfigError


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--second", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Share given to two people."
)
@click.option("--teacher", metavar="PARQUET", help="Review what 'magenta describe' has written there: suggest that.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Another one is open to others: a key is made.")
@click.option("--port", type=click.IntRange(0, 65535), default=8040, show_default=True)
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
def label(folder: Path, second: float, teacher: str | None, host: str, port: int, show: bool) -> int:
    """Let people accept, edit or reject what is said about the interactions logged in DIR, on a local web page.

    DIR is a .magenta folder. Several people may work at once, each with their name. Judgements are lines of the log.
    They come before a teacher's labels in a dataset, and what was rejected stays out of it.
    """
    from magenta_qa.agent.label.app import build_app
    from magenta_qa.agent.local_page import key_for, serve_page

    cwd = Path.cwd()
    settings = build_configuration({}, os.environ, read_project(Path("pyproject.toml")), folder=cwd, cwd=cwd).settings
    taught = load_taught(teacher) if teacher else {}
    labels = LabelLog(folder, taught)
    desk = Desk(labels, Privacy(settings.private, Secrets(settings.secrets)), second_share=second)
    click.echo(_summary(labels, desk))
    if taught:
        click.echo(_of_teacher(labels, taught, str(teacher)))
    key = key_for(host)
    serve_page(build_app(labels, desk, key=key), host, port, key, show=show)
    return 0


def _of_teacher(labels: LabelLog, taught: Mapping[str, str], path: str) -> str:
    """How much of what the teacher has said is about this log.

    Raises:
        ConfigError: Nothing.
    """
    known = len(taught.keys() & labels.items.keys())
    if not known:
        raise ConfigError(
            f"none of the {len(taught):,} labels in {path} is about an interaction in {labels.path}; expected the log "
            "that 'magenta describe' was given"
        )
    return f"{known:,} of them with a teacher's sentence"


def _summary(labels: LabelLog, desk: Desk) -> str:
    """What is there to do.

    Raises:
        ConfigError: Nothing.
    """
    progress = desk.progress()
    trusted = sum(item.trusted for item in labels.items.values())
    if not labels.items:
        raise ConfigError(f"{labels.path} holds no interaction with its picture; expected at least one to label")
    notes = [f"{labels.without_picture} without their picture"] * bool(labels.without_picture)
    notes += [f"{labels.unreadable} unreadable lines"] * bool(labels.unreadable)
    done = trusted + progress.labelled + progress.rejected
    told = f"{progress.left:,} interactions to label, {done:,} labelled already, in {labels.path}"
    return told + (f"; left out: {', '.join(notes)}" if notes else "")
