"""Looks at a page for a visitor: opened, observed, and closed again, in a browser context that nobody else shares.

    with Camera(lambda: Privacy(), allowed={"localhost"}) as camera:
        look = camera.look("https://example.com", screens=0)
        look.observation.candidates, look.html[3]

One thread drives the browser, so that there is one context at a time; whoever asks meanwhile waits. Nothing is acted
on. A page reaches the network only through the `Gate`.
"""

import io
import os
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.page.bounded import BoundedCalls, Stopped
from magenta_qa.agent.playground.gate import Gate
from magenta_qa.agent.privacy.layout import Layout
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.errors import ConfigError, MagentaError, ObservationError
from magenta_qa.model.html import clean_html
from magenta_qa.model.picture import decode
from magenta_qa.model.schema import Observation

VIEWPORT = (1280, 720)
MAX_PICTURE_PX = 40_000_000
MAX_SECONDS = 45
"""For one look; whoever comes next waits for it."""
_CLOSE_SECONDS = 10
_LOAD_MS = 20_000
_IDLE_MS = 3_000
_REST_MS = 400


@dataclass(frozen=True, slots=True)
class Look:
    """What a visitor looks at."""

    observation: Observation
    html: dict[int, str]
    """Mark → cleaned surrounding HTML of what is in view."""
    layout: Layout | None
    """None for a screenshot that was given: what is private in it cannot be found."""
    privacy: Privacy
    """Knows what is private on this page."""


class Camera:
    """The browser; use it as a context manager.

    Args:
        privacy: Makes the rules for one look.
        allowed: Hosts of the private network that may be opened.
    """

    def __init__(self, privacy: Callable[[], Privacy], allowed: Collection[str] = ()) -> None:
        self._privacy = privacy
        self.gate = Gate(allowed)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="magenta-camera")
        self._playwright: Any = None
        self._browser: Browser | None = None

    def __enter__(self) -> Self:
        self.gate.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.submit(self._stop).result()
        self._thread.shutdown()
        self.gate.__exit__(kind, error, trace)

    def look(self, url: str, screens: int = 0) -> Look:
        """Look at a page.

        Args:
            url: Its address.
            screens: How many windows to scroll down first.

        Raises:
            ConfigError: It is no address of a page.
            ObservationError: It cannot be opened; says why.
        """
        address = url.strip() if "://" in url else f"https://{url.strip()}"
        if not _is_page(address):
            raise ConfigError(f"{url.strip()[:200]!r} is no address of a page; write one such as https://example.com")
        return self._thread.submit(self._look, address, screens).result()

    def _look(self, url: str, screens: int) -> Look:
        context = self._running().new_context(
            viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]},
            proxy={"server": self.gate.url, "bypass": "<-loopback>"},
            accept_downloads=False,
            service_workers="block",
        )
        before = len(self.gate.refused)
        try:
            look = BoundedCalls().run(lambda: self._visit(context.new_page(), url, screens), MAX_SECONDS)
            context.close()
        except Stopped as error:
            self._abandon()
            raise ObservationError(f"{url} cannot be looked at: it gives no answer") from error
        except PlaywrightError as error:
            refused = self.gate.refused[before:]
            reason = refused[-1] if refused else str(error).splitlines()[0].removeprefix("Page.goto: ")
            self._close(context)
            raise ObservationError(f"{url} cannot be looked at: {reason}") from error
        except MagentaError:
            self._close(context)
            raise
        return look

    def _visit(self, page: Page, url: str, screens: int) -> Look:
        page.on("dialog", lambda dialog: dialog.dismiss())
        answer = page.goto(url, timeout=_LOAD_MS, wait_until="domcontentloaded")
        # The gate answers itself where it lets nobody through.
        if answer is not None and answer.status in (403, 502) and "Refused" in answer.status_text:
            raise ObservationError(answer.text()[:300])
        return self._observe(page, self._privacy(), screens)

    def _close(self, context: BrowserContext) -> None:
        try:
            BoundedCalls().run(context.close, _CLOSE_SECONDS)
        except (Stopped, PlaywrightError):
            self._abandon()

    def _abandon(self) -> None:
        """Give up a browser that does not answer; the next look gets another one."""
        browser, self._browser = self._browser, None
        with suppress(PlaywrightError, Stopped):
            if browser is not None:
                BoundedCalls().run(browser.close, _CLOSE_SECONDS)

    def _observe(self, page: Page, privacy: Privacy, screens: int) -> Look:
        with suppress(PlaywrightError):
            page.wait_for_load_state("networkidle", timeout=_IDLE_MS)
        if screens:
            page.mouse.wheel(0, screens * VIEWPORT[1] * 0.9)
        page.wait_for_timeout(_REST_MS)
        observer = Observer(page, privacy.secrets, privacy)
        observation = observer.observe()
        marks = [candidate.mark for candidate in observation.candidates if candidate.in_view]
        html = {mark: clean_html(found) for mark, found in observer.surrounding_html(marks).items()}
        return Look(observation, html, observer.layout(), privacy)

    def _running(self) -> Browser:
        """The browser, started anew if it has died."""
        from playwright.sync_api import sync_playwright

        if self._browser is None or not self._browser.is_connected():
            if self._playwright is None:
                self._playwright = sync_playwright().start()
            options: dict[str, Any] = launch_args(require_browser(os.environ))
            # Without this, peers are searched for beside the proxy.
            options["args"] = [*options["args"], "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"]
            self._browser = self._playwright.chromium.launch(**options)
        return self._browser

    def _stop(self) -> None:
        if self._playwright is not None:
            self._abandon()
        if self._playwright is not None:
            self._playwright.stop()


def _is_page(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no port, or a bracket too few
        return False


def look_at_picture(content: bytes, privacy: Privacy) -> Look:
    """A screenshot that somebody has dropped: nothing is known of what is on it.

    Raises:
        ObservationError: It is no picture, or too large.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            if opened.width * opened.height > MAX_PICTURE_PX:
                raise ObservationError(f"the picture has {opened.width}×{opened.height} pixels; give a smaller one")
    except MagentaError:
        raise
    except Exception as error:  # whatever a decoder of strangers' files raises
        raise ObservationError(f"the file is no picture that can be read: {error}") from error
    size = decode(content).size
    return Look(Observation("", "", size, 1.0, content, ()), {}, None, privacy)
