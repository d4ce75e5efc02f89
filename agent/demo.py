"""`magenta demo`: starts the demo shop on the loopback interface and runs its scenarios against it.

magenta demo                       # all pass
magenta demo --bug wrong-total     # a planted defect is found
"""

import os
import shutil
from pathlib import Path

import click

from magenta_qa.agent.cli import run_pytest
from magenta_qa.scenarios.shop import BUGS, PASSWORD, SUITE, serve

HOME = Path(".magenta")


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--bug", type=click.Choice(sorted(BUGS)), metavar="NAME", help="Plant a defect; see --list-bugs.")
@click.option("--list-bugs", is_flag=True, help="List the defects that can be planted.")
@click.option("--keep", is_flag=True, help="Leave the shop running afterwards, to look at it.")
@click.option("--headed", is_flag=True, help="Show the browser.")
@click.option("--port", default=0, show_default="any free one", help="Port of the shop.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST OPTIONS]")
def demo(bug: str | None, list_bugs: bool, keep: bool, headed: bool, port: int, arguments: tuple[str, ...]) -> int:
    """Try it: start the demo shop, run its scenarios in a real browser, and write the report."""
    if list_bugs:
        width = max(map(len, BUGS))
        for name, text in BUGS.items():
            click.echo(f"{name:{width}}  {text}")
        return 0
    suite = _unpack(HOME.absolute() / "demo")
    os.environ.setdefault("SHOP_PASSWORD", PASSWORD)
    with serve(port=port, bug=bug) as shop:
        click.echo(f"shop at {shop.url}" + (f" with the defect {bug}: {BUGS[bug]}" if bug else ""))
        code = run_pytest([*_options(shop.url, suite), *(["--headed"] if headed else []), *arguments])
        if keep:
            click.echo(f"the shop is still at {shop.url}; Ctrl-C stops it")
            _wait(shop.wait)
    return code


def _options(url: str, suite: Path) -> list[str]:
    """Nothing of the folder that the demo is started in shall have a say."""
    home = suite.parents[1]
    return [
        str(suite),
        f"--rootdir={suite}",
        f"--confcutdir={suite}",
        f"-c{suite / 'pytest.ini'}",
        f"--base-url={url}",
        f"--magenta-home={home}",
        "--magenta-site=shop",
        "-pno:cacheprovider",
        f"--output={home / 'test-results'}",
    ]


def _unpack(folder: Path) -> Path:
    """A copy of the suite to look at and to change; a run writes beside its scenarios what it has learnt."""
    suite = folder / "suite"
    suite.mkdir(parents=True, exist_ok=True)
    for file in SUITE.iterdir():
        if file.is_file():
            shutil.copyfile(file, suite / file.name)
    (suite / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return suite


def _wait(stopped: object) -> None:
    try:
        if callable(stopped):
            stopped()
    except KeyboardInterrupt:
        click.echo()
