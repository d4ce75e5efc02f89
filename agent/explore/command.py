"""`magenta explore URL`: acts on an application without a script and reports what contradicts itself.

    magenta explore http://localhost:8000 --budget 10m --first login.steps.yaml --allow destructive
    [ 0:41/10:00] act Add to cart on /products/#
    [ 0:43/10:00] suspicious: stale display: after Click "Add to cart" “Cart” shows nothing; after a reload 1
    [ 7:52/10:00] reproduced: stale display: …

Every finding has a scenario that fails as long as the fault is there. Exit code: 0 nothing new that reproduces, 1 some,
2 interrupted (what was found is reported all the same), 12 the application cannot be reached.
"""

import os
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from magenta_qa.agent.explore.risk import RISKS, Risk
from magenta_qa.agent.reports.printable import printable
from magenta_qa.model.errors import ConfigError

if TYPE_CHECKING:
    from magenta_qa.agent.explore.exploration import Exploration, Plan

HOME = Path(".magenta/explore")
EXIT_FOUND, EXIT_INTERRUPTED = 1, 2
_STYLES = {"act": "dim", "suspicion": "yellow", "replay": "bold", "note": ""}


def _budget(_: click.Context, __: click.Parameter, value: str) -> float:
    from magenta_qa.agent.plugin.configuration import build_configuration

    try:
        settings = build_configuration({"timeout": value}, {}, {}, folder=Path(), cwd=Path()).settings
    except ConfigError as error:
        raise click.BadParameter(f'"{value}" is not a duration; write 90s or 10m') from error
    return settings.timeout_ms / 1000


def _allow(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    given = [part.strip() for value in values for part in value.split(",")]
    wrong = next((each for each in given if each not in RISKS), None)
    if wrong is not None:
        raise click.BadParameter(f'"{wrong}" is no kind of action; use {", ".join(RISKS)}')
    return frozenset(given)


def _data(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    wrong = next((name for name, equals, _ in pairs if not equals or not name), None)
    if wrong is not None:
        raise click.BadParameter(f'"{wrong}" is not NAME=VALUE')
    return {name: value for name, _, value in pairs}


@click.command()
@click.argument("url")
@click.option("--budget", default="10m", show_default=True, callback=_budget, help="How long, replays included.")
@click.option(
    "--first",
    "firsts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Steps file that comes first, such as a log-in; given twice, two users explore in turn.",
)
@click.option(
    "--allow", "allowed", multiple=True, callback=_allow, metavar="KIND,…", help=f"Also do what is {', '.join(RISKS)}."
)
@click.option("--data", multiple=True, callback=_data, metavar="NAME=VALUE", help="Value for fields of that name.")
@click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="findings.json of an earlier run: only what is not in it counts.",
)
@click.option("-o", "--out", default=HOME, show_default=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--understanding", help="Back end that says what controls do.")
@click.option("--headed", is_flag=True, help="Show the browser.")
def explore(
    url: str,
    budget: float,
    firsts: tuple[Path, ...],
    allowed: frozenset[Risk],
    data: dict[str, str],
    since: Path | None,
    out: Path,
    understanding: str | None,
    headed: bool,
) -> int:
    """Explore an application without a script, and report what contradicts itself.

    Nothing is deleted, paid, sent or logged out of unless --allow says so, and the origin of URL is not left. Use a
    test system all the same: forms are filled and sent. With --allow paying, forms that ask for a bank card get the
    test number 4242 4242 4242 4242 (or --data "card number=…"), also where they stand in a payment provider's frame.
    """
    from magenta_qa.agent.explore.exploration import Plan
    from magenta_qa.agent.explore.findings import load_baseline, save_findings, with_baseline
    from magenta_qa.agent.plugin.configuration import build_configuration, read_project
    from magenta_qa.agent.reports.exploration import build_exploration_page

    console, cwd = Console(), Path.cwd()
    known = load_baseline(since) if since else frozenset()
    options = {"understanding": understanding}
    settings = build_configuration(
        options, os.environ, read_project(Path("pyproject.toml")), folder=cwd, cwd=cwd
    ).settings
    plan = Plan(url, budget, out.absolute(), settings, firsts, allowed, data, os.environ, date.today())
    found = _explore(plan, headed, console)
    found.findings = with_baseline(found.findings, known)
    facts = {"url": url, "seconds": round(found.seconds, 1), "actions": found.actions, "places": found.places}
    save_findings(found.findings, out / "findings.json", **facts)
    page = build_exploration_page(found, url, out / "log" / "images", out / "report.html")
    _conclude(found, page, console)
    if found.interrupted:
        return EXIT_INTERRUPTED
    return EXIT_FOUND if any(each.counts for each in found.findings) else 0


def _explore(plan: "Plan", headed: bool, console: Console) -> "Exploration":
    from playwright.sync_api import Error, sync_playwright

    from magenta_qa.agent.browser import launch_args, require_browser
    from magenta_qa.agent.explore.exploration import explore as run
    from magenta_qa.model.errors import BrowserError

    found, started = require_browser(os.environ, headed=headed), time.monotonic()

    def tell(kind: str, line: str) -> None:
        seconds = time.monotonic() - started
        clock = f"[{_clock(seconds)}/{_clock(plan.budget_seconds)}] "
        text = Text(clock, style="dim")
        text.append(("suspicious: " if kind == "suspicion" else "") + printable(line, 300), style=_STYLES[kind])
        console.print(text, soft_wrap=True)

    try:
        with sync_playwright() as playwright:
            # The browser must outlive a Ctrl-C, which the terminal sends to it too.
            browser = playwright.chromium.launch(
                headless=not headed,
                handle_sigint=False,
                **launch_args(found),
            )
            return run(plan, browser, tell)
    except Error as error:
        raise BrowserError(f"{plan.url} could not be explored: {str(error).splitlines()[0]}") from error


def _conclude(found: "Exploration", page: Path, console: Console) -> None:
    new = [each for each in found.findings if each.counts]
    for each in new:
        console.print(
            Text(f"{each.suspicion.kind}: {printable(each.suspicion.text, 300)}", style="red"), soft_wrap=True
        )
        console.print(Text(f"   {each.scenario}", style="dim"))
    unsure = sum(each.status != "reproduced" for each in found.findings)
    known = sum(each.known for each in found.findings)
    console.print(
        f"{len(new)} new findings reproduced, {known} known, {unsure} not reproduced; {found.actions} actions on "
        f"{len(found.places)} places, {found.left} left, {len(found.avoided)} avoided",
        highlight=False,
    )
    console.print(f"report: {os.path.relpath(page)}", highlight=False, soft_wrap=True)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
