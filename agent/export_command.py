"""`magenta export`: scenarios as plain pytest-playwright tests."""

from pathlib import Path

import click

from magenta_qa.agent.export import ExportError, export_scenario, find_scenarios
from magenta_qa.model.errors import ScenarioError


@click.command(name="export")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SCENARIO…")
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder; default: the scenario's.")
def export_scenarios(paths: tuple[Path, ...], out: Path | None) -> int:
    """Write each scenario as a plain pytest-playwright test, which needs nothing of magenta-qa.

    SCENARIO is a file, its name without the ending, or a folder of scenarios. Each must have passed once, so that its
    lock knows by which locators its controls are found. Run the tests with `pytest --base-url …`. What plain
    Playwright cannot say is named, and that scenario is not written.
    """
    refused = 0
    for path in find_scenarios(paths):
        target = (out or path.parent) / f"test_{path.name.partition('.')[0]}.py"
        try:
            text = export_scenario(path)
        except (ExportError, ScenarioError) as error:
            refused += 1
            click.echo(f"magenta: {error}", err=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        click.echo(f"{target}")
    return 1 if refused else 0
