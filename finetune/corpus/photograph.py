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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Frame, Page, Route, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.page.frames import FrameReport
from magenta_qa.agent.page.overlap import Started
from magenta_qa.agent.page.script import OPEN, token
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.watch import Watch
from magenta_qa.finetune.corpus.render import Drawn, Place
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.html import clean_html
from magenta_qa.model.schema import Candidate, Observation

WEBP_QUALITY = 80
LOAD_MS = 15_000
_PLACES = (
    "({ token, rows }) => {"
    + OPEN
    + """
  const all = top.__elements;
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


Wanted = Callable[[Candidate, Place], bool]


def is_any(candidate: Candidate, place: Place) -> bool:
    """Every candidate is wanted."""
    return True


def is_none(candidate: Candidate, place: Place) -> bool:
    """No candidate is wanted."""
    return False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one candidate."""

    place: Place
    html: str = ""
    """Surrounding HTML, cleaned and trimmed; empty where nobody asked for it: it is a fifth of what a look costs."""


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

    def _read_once(self) -> list[FrameReport]:
        # Drawn pages make their shadow roots by script, and their handlers need no trial: looking for either costs
        # as much as the look itself.
        return self._reading()

    def places(self) -> tuple[list[int], list[int], list[str]]:
        """For each candidate its element's place and how many elements it holds; then all tag names."""
        rows: dict[Frame, dict[int, int]] = {}
        for number, (frame, row) in enumerate(self._places):
            rows.setdefault(frame, {})[row] = number
        own, within = [-1] * len(self._places), [0] * len(self._places)
        tags: list[str] = []
        for frame in dict.fromkeys([self.page.main_frame, *rows]):
            numbers = rows.get(frame, {})
            found = frame.evaluate(_PLACES, {"token": token(), "rows": list(numbers)})
            for number, index, count in zip(numbers.values(), found["own"], found["within"], strict=True):
                own[number], within[number] = index, count
            tags = tags or found["tags"]
        return own, within, tags


class Studio:
    """A browser in which pages are photographed one after the other."""

    def __init__(self, launch: Callable[[], Browser]) -> None:
        self._launch = launch
        self._browser = launch()
        self._open: dict[tuple[int, int], tuple[Page, _Finder]] = {}
        self._watches: dict[tuple[int, int], Watch] = {}
        self._html, self._viewport = "", (0, 0)

    def photograph(
        self, drawn: Drawn, host: str, viewport: tuple[int, int], zoom: float = 1.0, wanted: Wanted = is_any
    ) -> Shot:
        """The page as the agent sees it.

        Args:
            drawn: The page.
            host: The site's name; nothing leaves the machine.
            viewport: Width and height in CSS pixels.
            zoom: Of the whole page.
            wanted: Of which candidates the HTML is needed.

        Raises:
            DatasetError: The browser has built other elements than the page was drawn with.
        """
        self.show(drawn, host, viewport, zoom)
        return self.photograph_again(drawn, viewport, wanted)

    def photograph_again(self, drawn: Drawn, viewport: tuple[int, int], wanted: Wanted = is_any) -> Shot:
        """The page as it is by now; see `photograph`."""
        _, finder = self._page(viewport)
        observation = finder.observe()
        return Shot(observation, self._known(drawn, finder, observation, wanted), as_webp(observation.screenshot))

    def scroll(self, viewport: tuple[int, int]) -> bool:
        """Scroll about a screen downwards; whether there was anything to scroll."""
        return bool(self._page(viewport)[0].evaluate(_SCROLL))

    def open(self, place: Place, viewport: tuple[int, int]) -> bool:
        """Open what a control opens, as if it had been used; False where it is not in view."""
        return bool(self._page(viewport)[0].evaluate("place => __show(place)", place.index))

    def close(self, viewport: tuple[int, int]) -> None:
        """Hide whatever controls have opened."""
        self._page(viewport)[0].evaluate("__hide()")

    def flip(self, places: Sequence[Place], viewport: tuple[int, int]) -> None:
        """Turn controls on that are off, and off that are on."""
        self._page(viewport)[0].evaluate("places => __flip(places)", [place.index for place in places])

    def look_again(self, drawn: Drawn, viewport: tuple[int, int]) -> Shot:
        """The page as it is now, after something was done; no picture is kept."""
        _, finder = self._page(viewport)
        finder.blind = True
        try:
            observation = finder.observe()
        finally:
            finder.blind = False
        return Shot(observation, self._known(drawn, finder, observation, is_none), b"")

    def show_unused(self, drawn: Drawn, host: str, viewport: tuple[int, int], zoom: float) -> None:
        """The page from its top, nothing done to it; loaded only if it is not there already."""
        page, _ = self._page(viewport)
        if self._html is drawn.html and self._viewport == viewport and not self.state(viewport):
            page.evaluate("__hide(); scrollTo({ top: 0, behavior: 'instant' })")
        else:
            self.show(drawn, host, viewport, zoom)

    def close_browser(self) -> None:
        """End the browser."""
        self._browser.close()

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
        """Close every tab, so that the next page is loaded into a new one; a browser that died gets a successor."""
        for page, _ in self._open.values():
            with suppress(PlaywrightError):
                page.context.close()
        if not self._browser.is_connected():
            self._browser = self._launch()
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

    def _known(self, drawn: Drawn, finder: _Finder, observation: Observation, wanted: Wanted) -> dict[int, Known]:
        own, within, tags = finder.places()
        expected = list(drawn.tags)
        if tags[: len(expected)] != expected:
            wrong = next((n for n, (a, b) in enumerate(zip(tags, expected, strict=False)) if a != b), len(tags))
            raise DatasetError(
                f"{drawn.path}: the browser built another page than was drawn, from element {wrong}: {tags[max(0, wrong - 2) : wrong + 2]} instead of {expected[max(0, wrong - 2) : wrong + 2]}"
            )
        known = {
            candidate.mark: (candidate, place)
            for candidate, place in zip(observation.candidates, _match(drawn, own, within), strict=True)
            if place is not None
        }
        marks = [mark for mark, (candidate, place) in known.items() if wanted(candidate, place)]
        html = finder.surrounding_html(marks) if marks else {}
        return {mark: Known(place, clean_html(html.get(mark, ""))) for mark, (_, place) in known.items()}


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
        studio = Studio(lambda: playwright.chromium.launch(headless=True, **launch_args(found)))
        try:
            yield studio
        finally:
            studio.close_browser()
