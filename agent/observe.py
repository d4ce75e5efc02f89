"""Observes a page: one screenshot and every element that a person could act on.

    observer = Observer(page, Secrets({}))
    observation = observer.observe()
    observation.candidates[0]        -> Candidate(mark=1, box=Box(812, 340, 32, 32), element_type="button", …)
    observer.element(candidate)      -> Playwright's handle of the live element
    observer.surrounding_html([1])   -> {1: '<tr>…<button data-magenta-target="">…'}

The page is looked at by a script inside it (`agent/page/*.js`) that never writes to the DOM. It is installed before the
page's own scripts run, and into a page that is already loaded through DevTools (`late_attach`).
"""

import base64
import json
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary, WeakSet

from playwright.sync_api import BrowserContext, CDPSession, ElementHandle, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page.bounded import BoundedCalls, Stopped
from magenta_qa.agent.page.candidates import build_candidates
from magenta_qa.agent.page.dry_run import KnownHandlers, try_handlers
from magenta_qa.agent.page.frames import TOP_SECONDS, FrameMemory, FrameReader, FrameReport, NoAnswer, NotInstalled
from magenta_qa.agent.page.late_attach import attach, find_closed_roots
from magenta_qa.agent.page.layouts import read_layout
from magenta_qa.agent.page.overlap import Started
from magenta_qa.agent.page.private_boxes import Moved, find_private_boxes
from magenta_qa.agent.page.script import KNOCK, init_script, token
from magenta_qa.agent.page.secret_boxes import find_secret_boxes
from magenta_qa.agent.privacy.layout import Layout
from magenta_qa.agent.privacy.motion import hidden_around
from magenta_qa.agent.privacy.paint import paint_over
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.errors import ActionError, ObservationError
from magenta_qa.model.schema import Box, Candidate, Observation

_HTML_CHARS = 4000
"""About how much raw HTML is taken around a candidate; it is cleaned and trimmed later."""
_ATTEMPTS = 4
_TRIAL_ROUNDS = 3
_PICTURE_ATTEMPTS = 5
_PICTURE_PAUSE_MS = 100
_SCREENSHOT_SECONDS = 15.0
_FIRST_SCREENSHOT_SECONDS = 5.0
"""After this the page is looked at anew: a document that went away meanwhile never gives its picture."""
_installed: WeakKeyDictionary[BrowserContext, bool] = WeakKeyDictionary()


def missing_script(context: BrowserContext) -> str:
    """What the context's documents have to run before they can be observed; empty once it was asked for."""
    if _installed.get(context):
        return ""
    _installed[context] = True
    return init_script()


class _NoPicture(ObservationError):
    """The browser has not answered in time."""


class Observer:
    """Looks at one page, later perhaps at another one of the same context.

    Args:
        page: Loaded or not.
        secrets: What must not leave the page.
        privacy: What must not be written down: painted over in pictures, masked in HTML; None: nothing is.
    """

    def __init__(self, page: Page, secrets: Secrets, privacy: Privacy | None = None) -> None:
        self._page = page
        self._secrets = secrets
        self._privacy = privacy
        self._session: CDPSession | None = None
        self._reports: list[FrameReport] = []
        self._places: list[tuple[Frame, int]] = []
        self._readings = 0
        self._memories: WeakKeyDictionary[Frame, FrameMemory] = WeakKeyDictionary()
        self._calls = BoundedCalls()
        self.observation: Observation | None = None
        """The last one."""
        self.handlers = KnownHandlers()
        """What was found out about the handlers of the pages so far."""
        self.dialog_message: Callable[[], str] | None = None
        """Says which JavaScript dialog is open; nothing in the page answers meanwhile."""
        self._crashed: WeakSet[Page] = WeakSet()
        page.on("crash", self._on_crash)
        if script := missing_script(page.context):
            page.context.add_init_script(script)

    @property
    def page(self) -> Page:
        """The page that is looked at."""
        return self._page

    @page.setter
    def page(self, page: Page) -> None:
        if page is not self._page:
            self._page = page
            self._session = None
            page.on("crash", self._on_crash)

    def observe(self, *, picture: bool = True) -> Observation:
        """One screenshot and every candidate of the page as it is now.

        Args:
            picture: False for an observation whose screenshot is empty.

        Raises:
            ObservationError: The page crashed, was closed or does not answer.
        """
        message = self.dialog_message() if self.dialog_message else ""
        if message:
            return self._behind_dialog(message)
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._observe(picture, _FIRST_SCREENSHOT_SECONDS)
            except _NoPicture:
                break
            except Moved:
                self._wait_until_loaded()
        return self._observe(picture, _SCREENSHOT_SECONDS)

    def _observe(self, picture: bool, seconds: float) -> Observation:
        take, reports = self._look(picture, seconds)
        candidates, self._places = build_candidates(reports, self._secrets)
        facts = reports[0].facts
        mask = self._secrets.mask
        self.observation = Observation(
            url=mask(facts["url"]),
            title=mask(facts["title"]),
            viewport=(facts["viewport"][0], facts["viewport"][1]),
            dpr=facts["dpr"],
            screenshot=take(),
            candidates=candidates,
            heading=mask(facts["heading"]),
            modal=mask(facts["modal"]),
        )
        return self.observation

    def _look(self, picture: bool, seconds: float) -> tuple[Callable[[], bytes], list[FrameReport]]:
        """The picture, to be asked for when it is needed, and what the frames say; both of the same moment."""
        if not picture:
            self._reports = self._read()
            return bytes, self._reports
        if self._secrets.values:
            self._reports = reports = self._read()
            taken = self.screenshot(seconds)
            return (lambda: taken), reports
        started = self._start_picture()
        self._readings = 0
        try:
            self._reports = reports = self._read()
        except BaseException:
            if started:
                started.abandon()
            raise
        if started and self._readings > 1:
            started.abandon()  # it took more than a look, and the picture may show something older
            started = None
        take = started.result if started else self._picture
        return lambda: self._without_private(self._capture(take, seconds)), reports

    def _start_picture(self) -> Started[str] | None:
        try:
            # Asking a page that has just crashed for a picture would end the whole browser (Chromium 156).
            self._calls.run(lambda: self._devtools().send("Runtime.evaluate", {"expression": "1"}), TOP_SECONDS)
        except (PlaywrightError, Stopped):
            return None  # reading it will tell what is wrong
        return Started(self._picture)

    def _behind_dialog(self, message: str) -> Observation:
        old = self.observation
        self._places = []
        self.observation = Observation(
            url=self._secrets.mask(self._page.url),
            title=old.title if old else "",
            viewport=old.viewport if old else (0, 0),
            dpr=old.dpr if old else 1.0,
            screenshot=old.screenshot if old else b"",
            candidates=(),
            dialog=self._secrets.mask(message),
        )
        return self.observation

    def _read(self) -> list[FrameReport]:
        reason = ""
        for _ in range(_ATTEMPTS):
            self._require_life()
            try:
                return self._read_once()
            except (NoAnswer, NotInstalled, PlaywrightError) as error:
                self._session = None
                reason = str(error) or "the observing script is not there"
                if "no answer" in reason:
                    break
                self._wait_until_loaded()
        raise ObservationError(f"cannot observe {self._secrets.mask(self._page.url)}: {reason}; reload the page")

    def _on_crash(self, page: Page) -> None:
        self._crashed.add(page)
        self._calls.stop()  # nobody will answer any more

    def _require_life(self) -> None:
        if self._page.is_closed():
            raise ObservationError("cannot observe the page: it is closed; switch to another tab or open a page")
        if self._page in self._crashed:
            raise ObservationError(
                f"cannot observe {self._secrets.mask(self._page.url)}: it crashed; open it in a new tab"
            )

    def _read_once(self) -> list[FrameReport]:
        reports = self._reading()
        if any(report.facts["suspects"] for report in reports):
            find_closed_roots(self._page)
            reports = self._reading()
        for _ in range(_TRIAL_ROUNDS):
            if not any(report.facts["trials"] for report in reports):
                break
            try_handlers(self._page, self.handlers)
            reports = self._reading()
        return reports

    def _reading(self) -> list[FrameReport]:
        self._readings += 1
        reports = self._reader().read()
        if self._privacy is not None:
            for report in reports:
                self._privacy.take(report.facts["private"])
        return reports

    def _reader(self) -> FrameReader:
        hide = self._privacy.wish() if self._privacy else None
        return FrameReader(self._page, self._devtools(), self._calls, lambda: attach(self._page), self._memories, hide)

    def _devtools(self) -> CDPSession:
        if self._session is None:
            self._session = self._page.context.new_cdp_session(self._page)
        return self._session

    def _wait_until_loaded(self) -> None:
        try:
            self._page.wait_for_load_state("domcontentloaded", timeout=5000)
        except PlaywrightError as error:
            raise ObservationError(f"cannot observe the page while it loads: {error.message}") from error

    def screenshot(self, seconds: float = _SCREENSHOT_SECONDS) -> bytes:
        """The viewport as PNG, known secrets painted over.

        Args:
            seconds: How long the browser may take.

        Raises:
            ObservationError: The browser gave none.
        """
        self._require_life()
        try:
            return self._screenshot(seconds)
        except Moved:
            self._reports = self._read()
            return self._screenshot(seconds)

    def _screenshot(self, seconds: float) -> bytes:
        # Looked for on both sides of the moment: a value may just come or go.
        before = self.secret_boxes()
        picture = self._capture(self._picture, seconds)
        return paint_over(picture, hidden_around(before, self.secret_boxes()), self._width())

    def secret_boxes(self, *, whole: bool = False) -> list[Box]:
        """Where known secrets and private things stand now.

        Args:
            whole: Also outside of the viewport, for a picture of the whole page.

        Raises:
            ObservationError: They could not be looked for.
        """
        if not self._reports or (self._privacy is not None and not self._knows_frames()):
            self._reports = self._read()
        known = find_secret_boxes(self._page, self._secrets, self._reports) if self._secrets.values else []
        return [*known, *self._private_boxes(whole)]

    def _without_private(self, picture: bytes) -> bytes:
        """A picture that was taken while the page was read."""
        if self._privacy is None:
            return picture
        before = [box for report in self._reports for box in [*report.private_boxes(), *report.silent_boxes()]]
        return paint_over(picture, hidden_around(before, self._private_boxes()), self._width())

    def _width(self) -> int:
        width = self._reports[0].facts["viewport"][0] if self._reports else self._page.evaluate("innerWidth")
        return int(width)

    def _private_boxes(self, whole: bool = False) -> list[Box]:
        if self._privacy is None:
            return []
        return find_private_boxes(self._reader(), self._reports, self._privacy, whole=whole)

    def _knows_frames(self) -> bool:
        """Whether the last reading was of the frames that are there now."""
        if not self._reports or self._reports[0].frame != self._page.main_frame:
            return False
        return len(self._page.frames) == 1 or {r.frame for r in self._reports} == set(self._page.frames)

    def _capture(self, take: Callable[[], str], seconds: float) -> bytes:
        try:
            answer = self._calls.run(take, seconds)
        except (PlaywrightError, Stopped) as error:
            self._session = None
            late = isinstance(error, Stopped) and error.timed_out
            message = f"cannot take a picture of {self._secrets.mask(self._page.url)}: {error}"
            raise (_NoPicture if late else ObservationError)(message) from error
        return base64.b64decode(answer)

    def _picture(self) -> str:
        for attempt in range(_PICTURE_ATTEMPTS):
            try:
                answer = self._devtools().send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
                break
            except PlaywrightError as error:
                # While one document takes another's place there may be nothing to take a picture of.
                if "Unable to capture" not in error.message or attempt == _PICTURE_ATTEMPTS - 1:
                    raise
                self._page.wait_for_timeout(_PICTURE_PAUSE_MS)
        data: str = answer["data"]
        return data

    def layout(self) -> Layout | None:
        """What the last reading saw drawn where; None where the page does not say."""
        try:
            return read_layout(self._reader(), self._reports) if self._reports else None
        except PlaywrightError:
            return None  # it is on its way elsewhere

    def element(self, candidate: Candidate) -> ElementHandle:
        """The live element of a candidate of the last observation; found again by its locators if it was replaced.

        Raises:
            ActionError: It is gone.
        """
        known = self.observation.candidate(candidate.mark) if self.observation else None
        if known is not None and known.locators == candidate.locators and known.box == candidate.box:
            frame, row = self._places[candidate.mark - 1]
            element = self._live(frame, row)
            if element is not None:
                return element
        return self._found_again(candidate)

    def _live(self, frame: Frame, row: int) -> ElementHandle | None:
        try:
            knock = {"token": token(), "name": "element", "a": row, "b": None}
            return frame.evaluate_handle(KNOCK, knock).as_element()
        except PlaywrightError:
            return None  # its frame has navigated or is gone; the locators may still find it

    def _found_again(self, candidate: Candidate) -> ElementHandle:
        frames = [frame for frame in self._page.frames if self._is_home(frame, candidate)]
        for frame in frames:
            for selector in candidate.locators:
                try:
                    found = frame.query_selector_all(selector)
                except PlaywrightError:
                    continue  # the frame is on its way elsewhere
                if len(found) == 1 and self._is_same(frame, found[0], candidate):
                    return found[0]
        label = f'{candidate.element_type} "{candidate.name}"'
        raise ActionError(f"{label} (mark {candidate.mark}) is no longer on the page; observe again before acting")

    def _is_home(self, frame: Frame, candidate: Candidate) -> bool:
        if not candidate.frame:
            return frame.parent_frame is None
        return frame.parent_frame is not None and self._secrets.mask(frame.url) == candidate.frame

    def _is_same(self, frame: Frame, element: ElementHandle, candidate: Candidate) -> bool:
        try:
            answer = frame.evaluate(KNOCK, {"token": token(), "name": "identity", "a": element, "b": None})
        except PlaywrightError:
            return False  # gone meanwhile
        if answer is None:
            return False
        role, name = json.loads(answer)
        return role == candidate.role and self._secrets.mask(name) == candidate.name

    def surrounding_html(self, marks: Sequence[int]) -> dict[int, str]:
        """Raw HTML of each candidate's surroundings, the element itself marked with `data-magenta-target`.

        Args:
            marks: Of the last observation; unknown ones and elements that are gone are left out.
        """
        wanted: dict[Frame, dict[int, int]] = {}
        for mark in marks:
            if 0 < mark <= len(self._places):
                frame, row = self._places[mark - 1]
                wanted.setdefault(frame, {})[row] = mark
        found: dict[int, str] = {}
        reader = self._reader()
        for frame, rows in wanted.items():
            try:
                answers = json.loads(reader.ask(frame, "html", list(rows), _HTML_CHARS))
            except (NoAnswer, NotInstalled):
                continue  # the frame has navigated: none of its elements is there any more
            found.update({rows[row]: self._hidden(html) for row, html in answers if html})
        return found

    def _hidden(self, html: str) -> str:
        return self._privacy.mask_html(html) if self._privacy else self._secrets.mask(html)
