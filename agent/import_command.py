"""`magenta import`: Playwright recordings and Gherkin features become scenarios, for a person to review."""

from pathlib import Path

import click

from magenta_qa.agent.draft import Draft
from magenta_qa.agent.import_codegen import import_codegen
from magenta_qa.agent.import_gherkin import import_gherkin
from magenta_qa.model.errors import ScenarioError


@click.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder; default: the file's own.")
@click.option("--force", is_flag=True, help="Write over scenarios that are there.")
def import_scenarios(paths: tuple[Path, ...], out: Path | None, force: bool) -> int:
    """Make scenarios of what others wrote: *.py of `playwright codegen --target python-pytest`, *.feature of Gherkin.

    Nothing is run. What has no words is kept as a comment, and everything that a person has to mend is named; the exit
    code is 1 as long as there is any.
    """
    worst = 0
    for path in paths:
        drafts = _drafts(path)
        for number, draft in enumerate(drafts):
            name = draft.slug if [d.slug for d in drafts].count(draft.slug) == 1 else f"{draft.slug}_{number + 1}"
            target = (out or path.parent) / f"{name}.scenario.yaml"
            if target.exists() and not force:
                raise ScenarioError("is there already; give --force, or another folder with -o", target)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(draft.yaml(), encoding="utf-8")
            problems = draft.problems()
            worst = max(worst, bool(problems))
            click.echo(f"{target}: {len(draft.entries)} entries, {len(problems) or 'nothing'} to mend")
            for problem in problems:
                click.echo(f"  {path.name}: {problem}", err=True)
    return int(worst)


def _drafts(path: Path) -> list[Draft]:
    if path.suffix == ".py":
        return import_codegen(path)
    if path.suffix == ".feature":
        return import_gherkin(path)
    raise ScenarioError("is neither a recording in Python (*.py) nor a feature of Gherkin (*.feature)", path)
