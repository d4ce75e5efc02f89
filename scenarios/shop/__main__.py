"""Runs the shop alone: ``python -m magenta_qa.scenarios.shop [--port 8000] [--bug NAME | --bare] [--data-dir DIR]``."""

from pathlib import Path

import click

from magenta_qa.scenarios.shop import BUGS, serve


@click.command()
@click.option("--port", default=8000, show_default=True, help="0 takes a free one.")
@click.option("--bug", type=click.Choice(sorted(BUGS)), help="Plant a defect.")
@click.option("--bare", is_flag=True, help="Icons without names.")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Keep databases and request log.")
def main(port: int, bug: str | None, bare: bool, data_dir: Path | None) -> None:
    """Run the demo shop until Ctrl+C. Log in as ada@example.com or ben@example.com, password alpine-lake-42."""
    with serve(port, bug, data_dir, bare=bare) as server:
        click.echo(f"The shop is at {server.url} (planted defect: {bug or 'none'}). Ctrl+C stops it.")
        click.echo("Log in as ada@example.com or ben@example.com, password alpine-lake-42.")
        try:
            server.wait()
        except KeyboardInterrupt:
            click.echo("Stopped.")


if __name__ == "__main__":
    main()
