"""`magenta observe URL`: what the agent sees on a page, for people.

$ magenta observe http://127.0.0.1:8000/cart
  #  element   name              state     what it does
  1  link      Tarn              -         Opens the start page.
  2  button    Remove            -         Removes the Blue backpack from the cart.
picture with all outlines: observation.png
"""

import os
from pathlib import Path

import click
from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table
from rich.text import Text

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.plugin.configuration import build_configuration, read_project
from magenta_qa.agent.reports.printable import printable
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import BrowserError
from magenta_qa.model.outline import draw_outline
from magenta_qa.model.picture import decode
from magenta_qa.model.schema import Candidate, Description, Observation

NAVIGATION_TIMEOUT_MS = 30_000
_MAGENTA = (255, 0, 255)
_LABEL_HEIGHT = 12  # px of Pillow's built-in font


@click.command()
@click.argument("url")
@click.option("--understanding", help="Back end that describes the controls.")
@click.option(
    "-o", "--out", default="observation.png", type=click.Path(dir_okay=False, path_type=Path), show_default=True
)
@click.option("--headed", is_flag=True, help="Show the browser.")
def look(url: str, understanding: str | None, out: Path, headed: bool) -> int:
    """Show what the agent sees on a page: every control, and a picture with all of them outlined."""
    options = {"understanding": understanding}
    cwd = Path.cwd()
    settings = build_configuration(
        options, os.environ, read_project(Path("pyproject.toml")), folder=cwd, cwd=cwd
    ).settings
    observation, descriptions = _observe(url, settings, headed)
    console = Console()
    console.print(
        f"[bold]{printable(observation.title) or '(no title)'}[/]  {observation.url}", markup=True, highlight=False
    )
    console.print(_table(observation, descriptions))
    outline_all(observation).save(out)
    console.print(f"picture with all outlines: {out}", highlight=False)
    return 0


def outline_all(observation: Observation) -> Image.Image:
    """The screenshot with every visible candidate outlined and numbered."""
    image = decode(observation.screenshot).convert("RGB")
    scale = image.width / max(observation.viewport[0], 1)
    draw = ImageDraw.Draw(image)
    for candidate in observation.candidates:
        box = candidate.box
        if not candidate.in_view:
            continue
        left, top, right, bottom = (round(v * scale) for v in (box.x, box.y, box.x + box.width, box.y + box.height))
        draw_outline(image, (left, top, right, bottom), 1)
        label = str(candidate.mark)
        width = round(draw.textlength(label)) + 3
        above = max(0, top - _LABEL_HEIGHT)
        draw.rectangle((left, above, left + width, above + _LABEL_HEIGHT), fill=_MAGENTA)
        draw.text((left + 2, above), label, fill=(255, 255, 255))
    return image


def _observe(url: str, settings: Settings, headed: bool) -> tuple[Observation, list[Description]]:
    from playwright.sync_api import Error, sync_playwright

    found = require_browser(os.environ, headed=headed)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(headless=not headed, **launch_args(found))
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            with Agent(page, settings=settings) as agent:
                page.goto(url, timeout=NAVIGATION_TIMEOUT_MS)
                observation = agent.observe()
                descriptions = agent.describe(observation)
            browser.close()
    except Error as error:
        raise BrowserError(f"{url} could not be observed: {str(error).splitlines()[0]}") from error
    return observation, descriptions


def _table(observation: Observation, descriptions: list[Description]) -> Table:
    said = {d.mark: d.whole for d in descriptions}
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("#", justify="right", style="magenta")
    for name in ("element", "name", "state", "what it does"):
        table.add_column(name, overflow="fold")
    for candidate in observation.candidates:
        table.add_row(*(Text(cell) for cell in _cells(candidate, said)))
    return table


def _cells(candidate: Candidate, said: dict[int, str]) -> tuple[str, ...]:
    name = printable(candidate.name or candidate.text or candidate.description, 60) or "-"
    state = printable(str(candidate.state), 40) + ("" if candidate.in_view else " (scroll)")
    return (
        str(candidate.mark),
        candidate.element_type,
        name,
        state.strip() or "-",
        printable(said.get(candidate.mark, ""), 100),
    )
