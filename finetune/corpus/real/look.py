"""Looks at real pages: the screenshot, what `observe` sees, and what stands around each candidate.

    with open_viewer(site, (1280, 720)) as viewer:
        for sight in viewer.sights("/production/inbox.html", scrolls=2):
            sight.observation, sight.webp
            sight.seen[7]      # Seen(candidate, item="Sarah K.", icons=("star",), …)

Nothing leaves the machine: the browser resolves no name, and what is not the site's own is not answered.
"""

import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Protocol
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.page.script import OPEN, token
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.watch import Watch
from magenta_qa.finetune.corpus.photograph import as_webp
from magenta_qa.finetune.corpus.real.files import Reply
from magenta_qa.finetune.corpus.real.targets import Targets
from magenta_qa.model.schema import Candidate, Observation

LOAD_MS = 20_000
_QUIET_MS = 2_500
"""How long a page's requests are waited for; some ask for ever."""
_REST_MS = 350
_DRIFT_PX = 4.0
"""How far a candidate may stand from where it was observed: more, and the picture may show it elsewhere."""
_LOOKS = 3
_MOVING = 0.05
"""Share of candidates on the move at which the page is looked at again."""
_FLAT = 12
"""Shades between the darkest and the lightest pixel of something in which nothing can be seen."""
_ONLY_LOOPBACK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_SCROLL = """() => {
  const old = scrollY;
  scrollTo({ top: old + innerHeight * 0.85, behavior: "instant" });
  return scrollY > old + 60;
}"""


class Served(Protocol):
    """Where pages come from."""

    @property
    def address(self) -> str:
        """Scheme and host, such as `http://uikit.test`."""

    def answer(self, address: str) -> Reply | None:
        """The body of a request to this host; None where there is none. Not asked where `live`."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Sent with every request."""

    @property
    def live(self) -> bool:
        """Whether a server on loopback answers."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One candidate and what stands around it."""

    candidate: Candidate
    index: int
    """Place among all elements of the page's body; -1 within a shadow root."""
    item: str = ""
    """Title of the row, list item or card that it stands in."""
    item_kind: str = ""
    """row | item."""
    form: str = ""
    """Name of its form, where that has one."""
    dialog: str = ""
    in_dialog: bool = False
    group: str = ""
    """Legend of the group of choices that it is one of."""
    label: str = ""
    """Visible text that labels it."""
    icons: tuple[str, ...] = ()
    """Class names, sprite ids and the like of it and its icons."""
    alert: str = ""
    """First line of the message that it stands in."""
    header: str = ""
    """Text of the column header that it is part of."""
    sorts: bool = False
    searching: bool = False
    has_password: bool = False
    paging: bool = False
    sliding: bool = False
    crumb: bool = False
    posts: bool = False
    fallback: str = ""
    """Its placeholder."""
    badge: str = ""
    """Text of the counts and marks within it."""
    anchors: bool = False
    """Whether it leads to another part of the page."""
    tabbed: bool = False
    """Whether it is one of a row of tabs, whatever its role."""
    english: bool = True
    live: bool = False
    """Whether a server has made the page, which then knows every address that it links to."""
    floats: bool = False
    """Whether what it unfolds lies over the page, as menus do."""
    unfolded: bool | None = None
    """Whether what it unfolds can be seen; None where it is not known what that is."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a page."""

    observation: Observation
    seen: dict[int, Seen]
    """By mark; candidates within frames are missing."""
    webp: bytes
    words: frozenset[str] = field(default_factory=frozenset)
    """Words that the page writes in lower case."""
    targets: Targets | None = None
    """Tells where links of the site lead to."""


class Finder(Observer):
    """An observer that also says what stands around its candidates."""

    def surroundings(self) -> list[dict[str, Any] | None]:
        """For each candidate of the last observation what `surroundings.js` says."""
        rows = [row if frame == self.page.main_frame else -1 for frame, row in self._places]
        found: list[dict[str, Any] | None] = self.page.evaluate(_script(), {"token": token(), "rows": rows})
        return found


@cache
def _script() -> str:
    body = files("magenta_qa.finetune.corpus.real").joinpath("surroundings.js").read_text("utf-8")
    return "({ token, rows }) => {" + OPEN + f"return ({body})({{ rows, api }});\n}}"


class Viewer:
    """One tab in which a site's pages are looked at.

    Args:
        page: A blank tab.
        site: Whose pages.
        viewport: Width and height in CSS pixels.
        targets: Of the site.
    """

    def __init__(self, page: Page, site: Served, viewport: tuple[int, int], targets: Targets) -> None:
        self.page, self.site, self.viewport, self.targets = page, site, viewport, targets
        self.finder = Finder(page, Secrets({}))
        self.watch = Watch(page.context, Secrets({}))
        page.context.route("**/*", self._answer)

    def show(self, path: str) -> None:
        """Load a page and wait until it is at rest, or has been given time enough."""
        self.page.goto(self.site.address + path, timeout=LOAD_MS)
        if self.site.live:
            with suppress(PlaywrightError):
                self.page.wait_for_load_state("networkidle", timeout=_QUIET_MS)
        self.page.evaluate("document.fonts.ready.then(() => null)")
        self.page.wait_for_timeout(_REST_MS)

    def sights(self, path: str, scrolls: int) -> Iterator[Sight]:
        """The page from its top, and again after each of at most `scrolls` screens downwards."""
        self.show(path)
        yield self.sight()
        for _ in range(scrolls):
            if not self.page.evaluate(_SCROLL):
                return
            self.page.wait_for_timeout(_REST_MS)
            yield self.sight()

    def sight(self, *, picture: bool = True) -> Sight:
        """The page as it is now."""
        for _ in range(_LOOKS):
            observation = self.finder.observe(picture=picture)
            around = self.finder.surroundings()
            present = [(c, facts) for c, facts in zip(observation.candidates, around, strict=True) if facts is not None]
            seen = {c.mark: _seen(c, facts, self.site.live) for c, facts in present if _stands(c, facts)}
            if len(present) - len(seen) <= _MOVING * len(present):
                break
            self.page.wait_for_timeout(_REST_MS)
        words = self.page.evaluate("(document.body.innerText.match(/(?<![A-Za-z])[a-z]{3,}(?![A-Za-z])/g) || [])")
        webp = as_webp(observation.screenshot) if picture else b""
        return Sight(observation, seen, webp, frozenset(words), self.targets)

    def _answer(self, route: Route) -> None:
        address = route.request.url
        if not address.startswith(self.site.address + "/"):
            with suppress(PlaywrightError):  # its page may be gone
                route.abort()
        elif self.site.live:
            route.continue_()
        else:
            reply = self.site.answer(address)
            if reply is None:
                route.fulfill(status=404, content_type="text/html", body="<title>Not found</title><h1>Not found</h1>")
            else:
                route.fulfill(status=200, content_type=reply.content_type, body=reply.body)


def _stands(candidate: Candidate, facts: dict[str, Any]) -> bool:
    """Whether it is still where it was when the picture was taken."""
    box = candidate.box
    return any(abs(x - box.x) <= _DRIFT_PX and abs(y - box.y) <= _DRIFT_PX for x, y in facts["corners"])


def blank_marks(sight: Sight) -> set[int]:
    """Candidates in view of which the picture shows nothing: what is drawn only with the focus, or is covered."""
    picture = Image.open(io.BytesIO(sight.observation.screenshot)).convert("L")
    ratio = sight.observation.dpr
    blank = set()
    for mark, seen in sight.seen.items():
        box = seen.candidate.box
        area = tuple(round(each * ratio) for each in (box.x, box.y, box.x + box.width, box.y + box.height))
        left, top, right, bottom = (
            max(0, area[0]),
            max(0, area[1]),
            min(picture.width, area[2]),
            min(picture.height, area[3]),
        )
        if seen.candidate.in_view and right > left and bottom > top:
            shades = picture.crop((left, top, right, bottom)).tobytes()
            if max(shades) - min(shades) < _FLAT:
                blank.add(mark)
    return blank


def _seen(candidate: Candidate, facts: dict[str, Any], live: bool) -> Seen:
    return Seen(
        candidate,
        index=facts["index"],
        item=facts["item"],
        item_kind=facts["itemKind"],
        form=facts["form"],
        dialog=facts["dialog"],
        in_dialog=facts["inDialog"],
        group=facts["group"],
        label=facts["label"],
        icons=tuple(facts["icons"]),
        alert=facts["alert"],
        header=facts["header"],
        sorts=facts["sorts"],
        searching=facts["searching"],
        has_password=facts["hasPassword"],
        paging=facts["paging"],
        sliding=facts["sliding"],
        crumb=facts["crumb"],
        posts=facts["posts"],
        fallback=facts["fallback"],
        badge=facts["badge"],
        anchors=facts["anchors"],
        tabbed=facts["tabbed"],
        english=facts["english"],
        live=live,
        floats=facts["floats"],
        unfolded=facts["unfolded"],
    )


def path_of(address: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


@contextmanager
def open_viewers(site: Served) -> Iterator["Viewers"]:
    """Tabs of one browser, made as they are needed; closed at the end."""
    found = require_browser(os.environ)
    launch: dict[str, Any] = dict(launch_args(found))
    launch["args"] = [*launch["args"], _ONLY_LOOPBACK]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(headless=True, **launch)
        try:
            yield Viewers(site, lambda **options: browser.new_context(service_workers="block", **options))
        finally:
            browser.close()


class Viewers:
    """Viewers of one site, each with its own context, so that nothing of one page is left in the next."""

    def __init__(self, site: Served, new_context: Callable[..., BrowserContext]) -> None:
        self._site, self._new_context, self._targets = site, new_context, Targets(site)

    @contextmanager
    def open(self, viewport: tuple[int, int], dark: bool = False) -> Iterator[Viewer]:
        """A fresh tab."""
        context = self._new_context(
            viewport={"width": viewport[0], "height": viewport[1]},
            reduced_motion="reduce",
            color_scheme="dark" if dark else "light",
            extra_http_headers=dict(self._site.headers),
        )
        try:
            yield Viewer(context.new_page(), self._site, viewport, self._targets)
        finally:
            context.close()
