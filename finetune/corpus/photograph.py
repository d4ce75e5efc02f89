"""Loads a drawn page into a real browser, once: the screenshot, what `observe` sees, and what each candidate means.

    with open_studio() as studio:
        shot = studio.photograph(drawn, "halden.test", (1280, 720), zoom=1.0)
    shot.observation             # as the agent gets it
    shot.known[7]                # Known(place, html): what candidate 7 means and the HTML around it

A candidate is tied to a control by the element's place in the document, which is looked up in the page by the observing
script itself. A candidate that is not a control, but lies within one or holds exactly one, means the same as that one.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, Route, sync_playwright

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.page.overlap import Started
from magenta_qa.agent.page.script import OPEN, token
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.watch import Watch
from magenta_qa.finetune.corpus.render import Drawn, Place
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.html import clean_html
from magenta_qa.model.schema import Observation

WEBP_QUALITY = 80
LOAD_MS = 15_000
_PLACES = (
    "({ token, rows }) => {"
    + OPEN
    + """
  const all = window.__elements;
  const at = new Map(all.map((element, index) => [element, index]));
  const own = rows.map((row) => at.get(api.element(row)) ?? -1);
  const within = own.map((index) => (index < 0 ? 0 : all[index].getElementsByTagName("*").length));
  return { tags: all.map((element) => element.localName.toLowerCase()), own, within };
}"""
)

_SCROLL = """() => {
  const old = scrollY;
  scrollTo({ top: old + innerHeight * 0.85, behavior: "instant" });
  return scrollY > old + 60;
}"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one candidate."""

    place: Place
    html: str
    """Surrounding HTML, cleaned and trimmed."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One look at one page."""

    observation: Observation
    known: dict[int, Known]
    """Mark -> what it means; candidates of which that is not known are missing."""
    webp: bytes


class _Finder(Observer):
    """An observer that also says where its candidates stand in the document."""

    blind = False
    """Whether pictures are left out; they are half of what a look costs."""

    def _start_picture(self) -> Started[str] | None:
        return None if self.blind else super()._start_picture()

    def _picture(self) -> str:
        return "" if self.blind else super()._picture()

    def places(self) -> tuple[list[int], list[int], list[str]]:
        """For each candidate its element's place and how many elements it holds; then all tag names."""
        rows = [row for _, row in self._places]
        found = self.page.evaluate(_PLACES, {"token": token(), "rows": rows})
        return found["own"], found["within"], found["tags"]


class Studio:
    """A browser in which pages are photographed one after the other."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open: dict[tuple[int, int], tuple[Page, _Finder]] = {}
        self._watches: dict[tuple[int, int], Watch] = {}
        self._html, self._viewport = "", (0, 0)

    def photograph(self, drawn: Drawn, host: str, viewport: tuple[int, int], zoom: float = 1.0) -> Shot:
        """The page as the agent sees it.

        Args:
            drawn: The page.
            host: The site's name; nothing leaves the machine.
            viewport: Width and height in CSS pixels.
            zoom: Of the whole page.

        Raises:
            DatasetError: The browser has built other elements than the page was drawn with.
        """
        _, finder = self.show(drawn, host, viewport, zoom)
        observation = finder.observe()
        return Shot(observation, self._known(drawn, finder, observation), as_webp(observation.screenshot))

    def looks(self, drawn: Drawn, host: str, viewport: tuple[int, int], zoom: float, scrolls: int) -> Iterator[Shot]:
        """The page from its top, and again after each of at most `scrolls` screens downwards; see `photograph`."""
        yield self.photograph(drawn, host, viewport, zoom)
        page, finder = self._page(viewport)
        for _ in range(scrolls):
            if not page.evaluate(_SCROLL):
                return
            observation = finder.observe()
            yield Shot(observation, self._known(drawn, finder, observation), as_webp(observation.screenshot))

    def look_again(self, drawn: Drawn, viewport: tuple[int, int]) -> Shot:
        """The page as it is now, after something was done; no picture is kept."""
        _, finder = self._page(viewport)
        finder.blind = True
        try:
            observation = finder.observe()
        finally:
            finder.blind = False
        return Shot(observation, self._known(drawn, finder, observation), b"")

    def show_unused(self, drawn: Drawn, host: str, viewport: tuple[int, int], zoom: float) -> None:
        """The page from its top, nothing done to it; loaded only if it is not there already."""
        page, _ = self._page(viewport)
        if self._html is drawn.html and self._viewport == viewport and not self.state(viewport):
            page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        else:
            self.show(drawn, host, viewport, zoom)

    def hands(self, viewport: tuple[int, int]) -> tuple[Observer, Watch]:
        """What `agent.execute` acts with."""
        page, finder = self._page(viewport)
        if viewport not in self._watches:
            self._watches[viewport] = Watch(page.context, Secrets({}))
        return finder, self._watches[viewport]

    def state(self, viewport: tuple[int, int]) -> list[list[Any]]:
        """What the page's script has noted: `[place, what, value]` of each use of a control."""
        noted: list[list[Any]] = self._page(viewport)[0].evaluate("window.__state")
        return noted

    def show(self, drawn: Drawn, host: str, viewport: tuple[int, int], zoom: float = 1.0) -> tuple[Page, _Finder]:
        """Load the page and wait until its fonts are there."""
        page, finder = self._page(viewport)
        self._html, self._viewport = drawn.html, viewport
        page.goto(f"http://{host}{drawn.path}", timeout=LOAD_MS)
        if zoom != 1.0:
            page.evaluate("zoom => { document.documentElement.style.zoom = zoom }", zoom)
        page.evaluate("document.fonts.ready.then(() => null)")
        return page, finder

    def start_afresh(self) -> None:
        """Close every tab, so that the next page is loaded into a new one."""
        for page, _ in self._open.values():
            page.context.close()
        self._open.clear()
        self._watches.clear()
        self._html = ""

    def _page(self, viewport: tuple[int, int]) -> tuple[Page, _Finder]:
        if viewport not in self._open:
            context = self._browser.new_context(viewport={"width": viewport[0], "height": viewport[1]})
            page = context.new_page()
            page.route("**/*", self._answer)
            self._open[viewport] = page, _Finder(page, Secrets({}))
        return self._open[viewport]

    def _answer(self, route: Route) -> None:
        if route.request.resource_type == "document":
            route.fulfill(status=200, content_type="text/html; charset=utf-8", body=self._html)
        else:
            route.fulfill(status=404, body="")

    def _known(self, drawn: Drawn, finder: _Finder, observation: Observation) -> dict[int, Known]:
        own, within, tags = finder.places()
        expected = list(drawn.tags)
        if tags[: len(expected)] != expected:
            wrong = next((n for n, (a, b) in enumerate(zip(tags, expected, strict=False)) if a != b), len(tags))
            raise DatasetError(
                f"{drawn.path}: the browser built another page than was drawn, from element {wrong}: {tags[max(0, wrong - 2) : wrong + 2]} instead of {expected[max(0, wrong - 2) : wrong + 2]}"
            )
        meanings = _match(drawn, own, within)
        marks = [c.mark for c, place in zip(observation.candidates, meanings, strict=True) if place is not None]
        html = finder.surrounding_html(marks)
        return {
            candidate.mark: Known(place, clean_html(html[candidate.mark]))
            for candidate, place in zip(observation.candidates, meanings, strict=True)
            if place is not None and candidate.mark in html
        }


def _match(drawn: Drawn, own: list[int], within: list[int]) -> list[Place | None]:
    """What each candidate means: its own control's meaning, or that of the only one that it holds."""
    by_index = {place.index: place for place in drawn.places}
    taken = set(own)
    found: list[Place | None] = []
    for index, count in zip(own, within, strict=True):
        exact = by_index.get(index)
        inner = [by_index[i] for i in range(index + 1, index + count + 1) if i in by_index] if exact is None else []
        alone = inner[0] if len(inner) == 1 and inner[0].index not in taken else None
        found.append(exact or alone)
    return found


def as_webp(png: bytes) -> bytes:
    """The picture as it is stored."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(buffer, "WEBP", quality=WEBP_QUALITY, method=1)
    return buffer.getvalue()


@contextmanager
def open_studio() -> Iterator[Studio]:
    """A browser; closed at the end."""
    found = require_browser(os.environ)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(headless=True, **launch_args(found))  # type: ignore[arg-type]
        try:
            yield Studio(browser)
        finally:
            browser.close()
