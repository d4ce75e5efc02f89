"""The corpus's commands.

$ python -m magenta_qa.finetune.corpus build --pages 600 --seed 1 --out build/corpus/v1
$ python -m magenta_qa.finetune.corpus words --out build/corpus/v1
$ python -m magenta_qa.finetune.corpus real --out build/corpus/v1 --only uikit --only datasette
$ python -m magenta_qa.finetune.corpus sheet build/corpus/v1 --rows 60 --seed 3 -o sheet.png
$ python -m magenta_qa.finetune.corpus figures build/corpus/v1
"""

import json
import sys
from pathlib import Path

import click

from magenta_qa.finetune.corpus.build import build as build_corpus
from magenta_qa.finetune.corpus.fetch import FOLDER
from magenta_qa.finetune.corpus.fetch import fetch as fetch_parts
from magenta_qa.finetune.corpus.figures import figures as figures_of
from magenta_qa.finetune.corpus.messages import fetch_messages, write_messages
from magenta_qa.finetune.corpus.real.build import build_real
from magenta_qa.finetune.corpus.sheet import draw_sheet
from magenta_qa.finetune.progress import progress_bar
from magenta_qa.model.errors import MagentaError

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def main() -> None:
    """Pages with known meaning, and what is learned from them."""


@main.command()
def fetch() -> None:
    """Fetch style sheets, icons and fonts from npm, and explained texts from Debian."""
    click.echo(fetch_parts())
    click.echo(fetch_messages(FOLDER))


@main.command()
@click.option("--pages", default=600, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--out", type=_FOLDER, default=FOLDER / "v1", show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--real/--no-real", "with_real", default=True, show_default=True, help="Whether to add real pages.")
def build(pages: int, seed: int, out: Path, workers: int, with_real: bool) -> None:
    """Draw, photograph and describe pages; what is there already is kept."""
    modules = fetch_parts()
    try:
        facts = build_corpus(pages, seed, out, modules, workers, lambda line: click.echo(line, err=True))
        if with_real:
            with progress_bar() as progress:
                facts["real"] = real_facts = build_real(out, FOLDER / "real", seed, workers, (), progress)
            _tell_failures(real_facts)
    except KeyboardInterrupt:
        click.echo(f"stopped; what is done is in {out}: the same command goes on from there", err=True)
        sys.exit(130)
    click.echo(json.dumps(facts, indent=2))


@main.command()
@click.option("--seed", default=1, show_default=True)
@click.option("--out", type=_FOLDER, default=FOLDER / "v1", show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--only", multiple=True, help="A package of the list; may be given several times.")
def real(seed: int, out: Path, workers: int, only: tuple[str, ...]) -> None:
    """Describe real pages: templates of npm packages and applications of PyPI, started on this machine."""
    with progress_bar() as progress:
        facts = build_real(out, FOLDER / "real", seed, workers, only, progress)
    click.echo(json.dumps(facts, indent=2))
    _tell_failures(facts)


def _tell_failures(facts: dict[str, object]) -> None:
    failed = facts["failed"]
    if isinstance(failed, dict):
        for package, reason in failed.items():
            click.echo(f"no real pages of {package}: {reason}", err=True)


@main.command()
@click.option("--out", type=_FOLDER, default=FOLDER / "v1", show_default=True)
def words(out: Path) -> None:
    """Write the rows of words without pictures: texts of an interface with their explanations."""
    click.echo(write_messages(fetch_messages(FOLDER), out))


@main.command()
@click.argument("corpus", type=_FOLDER)
@click.option("--split", default="train", show_default=True)
@click.option("--rows", default=40, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--kind", help="Only rows of this kind of page.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("sheet.png"))
def sheet(corpus: Path, split: str, rows: int, seed: int, kind: str | None, out: Path) -> None:
    """Draw random rows as a model is shown them, with their descriptions."""
    draw_sheet(corpus, split, rows, seed, kind).save(out)
    click.echo(out)


@main.command()
@click.argument("corpus", type=_FOLDER)
def figures(corpus: Path) -> None:
    """Say how diverse the descriptions are and how many need the picture."""
    click.echo(json.dumps(figures_of(corpus), indent=2))


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except MagentaError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
