"""`magenta crawl URL`: looks at the pages of a site and logs every control on them, acting on none.

    magenta crawl https://shop.example.com --max-pages 200
    12/200  31 controls  https://shop.example.com/products?page=2
    …
    200 pages, 5120 controls logged in .magenta/log; 3 pages not read: 2 robots.txt, 1 net::ERR_ABORTED

It stays on the origin, keeps to robots.txt, waits between pages (`--delay`, or what robots.txt asks for), and follows
links only by their address. `HOME/crawl.jsonl` has a line for each page found and one for each page done, so that
the same command goes on after a kill. A page's rows are written together when it has been looked at as a whole.
"""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import click
import httpx
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.page.bounded import BoundedCalls, Stopped
from magenta_qa.agent.page.pulse import require_connection, start_pulse
from magenta_qa.agent.privacy.layout import Layout
from magenta_qa.agent.privacy.origins import Origins, origin_of
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.accessible import describe_plainly
from magenta_qa.model.errors import BrowserError, ConfigError, MagentaError
from magenta_qa.model.html import clean_html
from magenta_qa.model.schema import Action, ActionKind, Candidate, Observation, Question

AGENT = "magenta-qa"
"""What robots.txt calls us."""
JOURNAL = "crawl.jsonl"
START = "the start page"
MAX_SCREENS = 15
"""How often a page is scrolled to see what is on it."""
MAX_ALIKE = 30
"""Pages whose addresses differ in numbers and ids only."""
_LOAD_MS = 20_000
_REST_MS = 400
_ANSWER_SECONDS = 10.0
_PAGE_SECONDS = 120.0  # for all that is looked at on one page
_ROBOTS_SECONDS = 10.0
_LINKS = """() => Array.from(document.querySelectorAll("a[href]"))
  .filter((a) => !a.hasAttribute("download") && !/\\bnofollow\\b/.test(a.rel)).map((a) => a.href)"""
# An address that changes something although it is only a link; and what is no page.
_DEED = re.compile(
    r"(?i)(?<![a-z])(?:(?:log|sign)[-_]?(?:out|off)|delete|remove|destroy|unsubscribe|cancel|revoke|reset|approve|accept|"
    r"reject|disable|enable|toggle|like|vote|purge|clear|restore|impersonate)(?![a-z])"
)
_FILE = re.compile(
    r"(?i)\.(pdf|zip|gz|tgz|png|jpe?g|gif|webp|svg|ico|mp[34]|webm|css|js|json|xml|csv|xlsx?|docx?|atom|rss)$"
)
_ROUTE = re.compile(r"!?/.")
_VARIABLE = re.compile(r"\d+|[0-9a-f]{8,}(?:-[0-9a-f]{4,})*", re.IGNORECASE)


@dataclass(slots=True)
class Crawled:
    """What was done, over all runs of this crawl."""

    pages: int = 0
    controls: int = 0
    failed: Counter[str] = field(default_factory=Counter)


class Journal:
    """Which pages are known, and which are done; survives a kill.

    Args:
        path: The file; a torn last line is ignored.
        start: The first page.
        finds: Whether an address holds something private. Such a page is not gone to, and not written down; the first
            one is, and stands in the file as `START`.
    """

    def __init__(self, path: Path, start: str, finds: Callable[[str], bool] = lambda url: False) -> None:
        self._path, self._finds, self._start = path, finds, start
        self.done: dict[str, int] = {}
        """Address → how many controls it had."""
        self._queue: list[str] = []
        self._known: set[str] = set()
        self._alike: Counter[str] = Counter()
        for line in path.read_bytes().splitlines() if path.exists() else ():
            self._replay(line)
        if self._remember(start):
            self._append([{"found": self._written(start)}])

    def _written(self, url: str) -> str:
        return START if url == self._start and self._finds(url) else url

    def _read(self, written: object) -> str:
        return self._start if written == START else str(written)

    def _replay(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if "done" in entry:
            self.done[self._read(entry["done"])] = int(entry.get("controls", 0))
        else:
            self._remember(self._read(entry["found"]))

    def _remember(self, url: str) -> bool:
        shape = _VARIABLE.sub("#", url)
        if url in self._known or self._alike[shape] >= MAX_ALIKE:
            return False
        self._known.add(url)
        self._alike[shape] += 1
        self._queue.append(url)
        return True

    def add(self, urls: list[str]) -> None:
        """Note pages that were found."""
        self._append([{"found": url} for url in urls if not self._finds(url) and self._remember(url)])

    def close(self, url: str, controls: int) -> None:
        """Note that a page is done."""
        self.done[url] = controls
        self._append([{"done": self._written(url), "controls": controls}])

    def pending(self) -> Iterator[str]:
        """What is left, in the order in which it was found; what is added meanwhile comes too."""
        at = 0
        while at < len(self._queue):
            url = self._queue[at]
            at += 1
            if url not in self.done:
                yield url

    def _append(self, entries: list[dict[str, Any]]) -> None:
        if entries:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(b"".join(json.dumps(entry).encode() + b"\n" for entry in entries))


@click.command()
@click.argument("url")
@click.option(
    "--max-pages", type=click.IntRange(1), default=100, show_default=True, help="Over all runs of this crawl."
)
@click.option(
    "--delay", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds between pages, at least."
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder of the log (default: .magenta).")
@click.option("--private", "selectors", multiple=True, metavar="SELECTOR", help="CSS selector of what is private.")
@click.option("--storage-state", type=click.Path(exists=True, dir_okay=False), help="Playwright's file of a session.")
def crawl(
    url: str, max_pages: int, delay: float, out: Path | None, selectors: tuple[str, ...], storage_state: str | None
) -> int:
    """Look at the pages of a site and log every control on them, acting on none."""
    from magenta_qa.agent.plugin.configuration import build_configuration, read_project

    if not origin_of(url):
        raise ConfigError(f"{url!r} is no address of a page; write one such as https://shop.example.com")
    cwd = Path.cwd()
    settings = build_configuration({}, os.environ, read_project(Path("pyproject.toml")), folder=cwd, cwd=cwd).settings
    home = out or settings.home
    Origins(home, [url])
    privacy = Privacy((*settings.private, *selectors), Secrets(settings.secrets))
    log = InteractionLog(home, settings.site or urlsplit(url).hostname or "", privacy)
    journal = Journal(home / JOURNAL, _plain(url), privacy.finds)
    with _open_page(storage_state) as page:
        crawler = Crawler(page, log, privacy, journal, delay=delay, echo=click.echo)
        done = crawler.run(url, max_pages)
    failed = ", ".join(f"{count} {reason}" for reason, count in done.failed.items())
    notes = f"; {sum(done.failed.values())} pages not read: {failed}" if failed else ""
    click.echo(f"{done.pages} pages, {done.controls} controls logged in {log.folder}{notes}")
    if log.problem:
        raise ConfigError(log.problem)
    return 0


class Crawler:
    """Goes from page to page.

    Args:
        page: Where pages are opened.
        log: Where rows go.
        privacy: What is private.
        journal: What is known and done.
        delay: Seconds between pages, at least.
        echo: Told each page.
    """

    def __init__(
        self,
        page: Page,
        log: InteractionLog,
        privacy: Privacy,
        journal: Journal,
        *,
        delay: float,
        echo: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._log, self._journal, self._echo = log, journal, echo
        self._delay, self._privacy = delay, privacy
        self._calls = BoundedCalls()
        self._next = 0.0
        self._work_in(page)

    def _work_in(self, page: Page) -> None:
        self._page = page
        self._observer = Observer(page, self._privacy.secrets, self._privacy)
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.on("download", lambda download: download.cancel())

    def run(self, start: str, max_pages: int) -> Crawled:
        """Look at pages until there are no more, or enough."""
        robots = load_robots(origin_of(start))
        self._delay = max(self._delay, float(robots.crawl_delay(AGENT) or 0))
        read = [count for count in self._journal.done.values() if count >= 0]
        done = Crawled(len(read), sum(read))
        for url in self._journal.pending():
            if done.pages >= max_pages:
                break
            controls, problem = self._visit(url) if robots.can_fetch(AGENT, url) else (-1, "robots.txt")
            self._journal.close(url, controls)
            if problem:
                done.failed[problem] += 1
                continue
            done.pages += 1
            done.controls += controls
            self._echo(f"{done.pages}/{max_pages}  {controls} controls  {self._privacy.mask(url)}")
        return done

    def _visit(self, url: str) -> tuple[int, str]:
        """How many controls were logged, or -1 and why the page was not read."""
        time.sleep(max(self._next - time.monotonic(), 0))
        self._next = time.monotonic() + self._delay
        try:
            return self._calls.run(lambda: self._read(url), _PAGE_SECONDS)
        except Stopped:
            require_connection(self._page.context.browser)
            self._leave()
            return -1, "no answer in time"
        except (PlaywrightError, MagentaError) as error:
            require_connection(self._page.context.browser, error)
            return -1, re.split(r" at |\n|; ", str(error).removeprefix("Page.goto: "))[0][:80]

    def _leave(self) -> None:
        """Go on in a new tab: what hangs may not let go of the old one."""
        hanging = self._page
        self._work_in(hanging.context.new_page())
        with suppress(PlaywrightError, Stopped):
            self._calls.run(hanging.close, _ANSWER_SECONDS)

    def _read(self, url: str) -> tuple[int, str]:
        answer = self._page.goto(url, timeout=_LOAD_MS, wait_until="domcontentloaded")
        self._rest()
        if origin_of(self._page.url) != origin_of(url):
            return -1, "led to another origin"
        if answer is not None and answer.status >= 400:
            return -1, f"HTTP {answer.status}"
        links = self._calls.run(lambda: self._page.evaluate(_LINKS), _ANSWER_SECONDS)
        controls = self._log_controls()
        self._journal.add(same_origin_pages(url, links))
        return controls, ""

    def _rest(self) -> None:
        """Wait until the page has loaded, but not for what never ends."""
        with suppress(PlaywrightError):
            self._page.wait_for_load_state("networkidle", timeout=3_000)
        self._page.wait_for_timeout(_REST_MS)

    def _log_controls(self) -> int:
        """Scroll through the page and log what comes into view; nothing is logged of a page that fails on the way."""
        seen: set[tuple[str, ...]] = set()
        tried: set[tuple[str, ...]] = set()
        looks: list[tuple[Observation, list[Candidate], dict[int, str], Layout | None]] = []
        for _ in range(MAX_SCREENS):
            observation = self._observer.observe()
            new = [c for c in observation.candidates if c.in_view and _identity(c) not in seen]
            if new:
                seen |= {_identity(c) for c in new}
                html = self._observer.surrounding_html([c.mark for c in new])
                looks.append((observation, new, html, self._observer.layout()))
            hidden = [c for c in observation.candidates if not c.in_view and _identity(c) not in seen | tried]
            if not hidden:
                break
            tried.add(_identity(hidden[0]))
            self._bring_into_view(hidden[0])
        return sum(self._log_look(*look) for look in looks)

    def _bring_into_view(self, candidate: Candidate) -> None:
        # To the top, so that as much as possible of what follows comes into view with it.
        script = "el => el.scrollIntoView({ block: 'start', behavior: 'instant' })"
        with suppress(PlaywrightError, MagentaError):  # gone; the next look tells
            self._observer.element(candidate).evaluate(script)
            self._page.wait_for_timeout(_REST_MS / 2)

    def _log_look(
        self, observation: Observation, new: list[Candidate], html: dict[int, str], layout: Layout | None
    ) -> int:
        image = self._log.save_image(observation.screenshot, layout)
        cleaned = {candidate.mark: clean_html(html.get(candidate.mark, "")) for candidate in new}
        return sum(
            self._log.append(
                observation,
                candidate,
                Action(cast(ActionKind, candidate.action_types[0]), candidate.mark),
                html=cleaned[candidate.mark],
                image=image,
                # A suggestion to whoever labels it.
                description=describe_plainly(Question(candidate, candidate.action_types[0], cleaned[candidate.mark])),
                effect=None,
                step=None,
                goal=None,
                by="crawl",
            )
            is not None
            for candidate in new
        )


def same_origin_pages(base: str, links: list[str]) -> list[str]:
    """The addresses among `links` that are pages of the same origin and change nothing, each once."""
    origin = origin_of(base)
    plain = (_plain(urljoin(base, link)) for link in links)
    return list(dict.fromkeys(url for url in plain if origin_of(url) == origin and _is_page(url)))


def _is_page(url: str) -> bool:
    parts = urlsplit(url)
    return not _FILE.search(parts.path) and not _DEED.search(f"{parts.path}?{parts.query}#{parts.fragment}")


def _plain(url: str) -> str:
    """The address of a page, with the fragment only where that is a route of an application of one page."""
    plain, fragment = urldefrag(url)
    plain = plain if urlsplit(plain).path else plain + "/"
    return f"{plain}#{fragment}" if _ROUTE.match(fragment) else plain


def _identity(candidate: Candidate) -> tuple[str, ...]:
    """What a control is recognised by after scrolling."""
    return (candidate.frame, candidate.role, candidate.name, *(candidate.locators or (str(candidate.box),)))


def load_robots(origin: str) -> RobotFileParser:
    """What robots.txt of an origin allows: everything where there is none, nothing where the server fails.

    Source: https://www.rfc-editor.org/rfc/rfc9309#section-2.3.1
    """
    url = f"{origin}/robots.txt"
    robots = RobotFileParser(url)
    try:
        answer = httpx.get(url, timeout=_ROBOTS_SECONDS, follow_redirects=True, headers={"User-Agent": AGENT})
    except httpx.HTTPError as error:
        raise BrowserError(f"cannot read {url}: {error}; is the site up?") from error
    rules = (
        answer.text if answer.status_code < 400 else "User-agent: *\nDisallow: /" if answer.status_code >= 500 else ""
    )
    robots.parse(rules.splitlines())
    return robots


@contextmanager
def _open_page(storage_state: str | None) -> Iterator[Page]:
    """A page in a browser of its own, which says in its user agent who we are."""
    from playwright.sync_api import sync_playwright

    found = require_browser(os.environ)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_args(found))
            start_pulse(browser)
            agent = browser.new_page().evaluate("navigator.userAgent")
            context = browser.new_context(
                viewport={"width": 1280, "height": 720}, user_agent=f"{agent} {AGENT}", storage_state=storage_state
            )
            yield context.new_page()
            browser.close()
    except PlaywrightError as error:
        raise BrowserError(f"the crawl ended: {error.message.splitlines()[0]}; start it again, it goes on") from error
