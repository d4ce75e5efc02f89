"""Listens to the browser while the agent works: dialogs, downloads, tabs, exceptions, console, requests, crashes.

    watch = Watch(page.context, secrets)
    mark = watch.mark()
    …
    watch.since(mark)                -> [Event(7, "response", "GET 500", url="http://127.0.0.1:8000/cart", status=500)]
    watch.findings(mark, allow=("http://127.0.0.1:8000",))   -> [Finding("response", …, fails=True)]

A JavaScript dialog stays open until it is answered (`answer`, or `announce` beforehand). While one is open the page
answers nothing; `run` makes Playwright calls that return when a dialog opens meanwhile, or when time is over.
An event's `text`: "confirm: Delete Ada?" of a dialog, "error: boom" of the console, "GET 404" of a response,
"GET net::ERR_CONNECTION_REFUSED" of a request, the suggested file name of a download, the URL of a tab or navigation.
"""

import inspect
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Download,
    Frame,
    Page,
    Request,
    Response,
    WebError,
    WebSocket,
)
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.answers import Answers
from magenta_qa.agent.event_log import MAX_TEXT, EventLog, findings
from magenta_qa.agent.page.bounded import BoundedCalls, Stopped, driver_is_gone
from magenta_qa.agent.page.pulse import require_connection, start_pulse
from magenta_qa.agent.page.reasons import Reasons
from magenta_qa.agent.page.recorder import recorder_script
from magenta_qa.agent.pending import LongPolls, PendingRequest
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.errors import BrowserError, MagentaError
from magenta_qa.model.trace import Event, Finding

T = TypeVar("T")

ANSWER_SECONDS = 10.0  # how long the browser may take to close an answered dialog
CONSOLE_FLOOD = 2_000  # console messages between two marks; what comes after is not listened to
_MAX_RAW = 10_000  # characters that are searched for secrets; cutting comes after masking
_MAX_DOWNLOADS = 100
_REASON_SECONDS = 2.0
_FORGET_SECONDS = 60.0  # a request without an answer for so long will not get one


@dataclass(slots=True)
class _OpenDialog:
    dialog: Dialog
    event: Event


class Watch:
    """Everything that a browser context reports from now on.

    Args:
        context: All its pages are listened to, also those that open later.
        secrets: Masked in every text and URL.
        also: A script that every document runs besides the recorder.
    """

    def __init__(self, context: BrowserContext, secrets: Secrets, *, also: str = "") -> None:
        self.context = context
        self.log = EventLog()
        self.new_page: Page | None = None
        """The tab that opened last."""
        self.downloads: list[Download] = []
        """Those not yet saved, oldest first; `agent.execute` takes them."""
        self.asking = False
        """Whether "Leave this page?" dialogs wait for an answer; else they are accepted."""
        self.asked = 0.0
        """`time.monotonic()` when a request for data or a document was last sent."""
        self.answers = Answers()
        """When requests ended."""
        self.navigations = 0
        """How often a main frame got another document or URL."""
        self.documents: Counter[Page] = Counter()
        """How often each page got another document that was asked for over the network."""
        self.slow_endpoints: set[str] = set()
        """Endpoints that did not answer while an action settled, such as long polls: not waited for again."""
        self.long_polls = LongPolls()
        self.recorded: dict[Frame, int] = {}
        """Token of the recording under way in each frame; it goes on while a dialog is open."""
        self._secrets = secrets
        self._calls = BoundedCalls()
        self._dialogs: list[_OpenDialog] = []
        self._announced: tuple[str, str | None] | None = None
        self._pending: dict[Request, PendingRequest] = {}
        self._first_origin = ""
        self._console_left = CONSOLE_FLOOD
        self._crashed: Page | None = None
        self._sockets = False
        self._napping = False
        self._reasons = Reasons()
        self._listeners: list[tuple[BrowserContext | Page, str, Callable[..., None]]] = []
        start_pulse(context.browser)
        self._listen()
        context.add_init_script(f"{recorder_script()};\n{also}")

    @property
    def events(self) -> list[Event]:
        """All that is kept, in order."""
        return self.log.since(0)

    @property
    def open_dialog(self) -> Dialog | None:
        """The JavaScript dialog that waits for an answer, if any."""
        return self._dialogs[0].dialog if self._dialogs else None

    def mark(self) -> int:
        """The number that the next event will get."""
        if self._console_left <= 0 and not self.log.closed:
            self.context.on("console", self._on_console)
        self._console_left = CONSOLE_FLOOD
        return self.log.mark()

    def since(self, mark: int) -> list[Event]:
        """The events with that number or a higher one."""
        return self.log.since(mark)

    def findings(
        self, since: int = 0, allow: Sequence[str] = (), strict: bool = False, known: Sequence[str] = ()
    ) -> list[Finding]:
        """What speaks against the product since a mark.

        Args:
            since: A mark.
            allow: Origins whose 5xx answers fail the scenario; empty: the origin of the first page.
            strict: Console errors and 4xx answers fail it too.
            known: Addresses whose answers never fail it.
        """
        self._explain_exceptions()
        return findings(self.log, since, allow or (self._first_origin,), strict, known)

    def _explain_exceptions(self) -> None:
        def ask(call: Callable[[], T]) -> T | None:
            with suppress(PlaywrightError, BrowserError):
                return self.run(call, _REASON_SECONDS)
            return None

        for event, text in self._reasons.told(ask):
            self.log.retold(event, self._clean(text))

    def run(self, call: Callable[[], T], seconds: float) -> T | None:
        """What `call` returns, or None when a JavaScript dialog is open before it has returned.

        Args:
            call: Makes Playwright calls; see `BoundedCalls.run`.
            seconds: How long it may take.

        Raises:
            BrowserError: The page did not answer in that time, or the browser is gone.
        """
        if self.open_dialog:
            return None
        try:
            return self._calls.run(call, seconds)
        except Stopped as stopped:
            if stopped.timed_out:
                raise BrowserError(
                    f"the page did not answer within {seconds:g} s; a script of it may be in an endless loop"
                ) from None
            self.check_alive()
            return None
        except PlaywrightError as error:
            self.check_alive(error)
            raise
        except MagentaError as error:
            require_connection(self.context.browser, error)
            raise

    def nap(self, page: Page, milliseconds: float) -> None:
        """Let the browser work until it tells of something: an answer, a document, a dialog, a tab, a download.

        Args:
            page: Which page's clock is used.
            milliseconds: How long at most.
        """
        self._napping = True
        try:
            with suppress(PlaywrightError):
                self.run(lambda: page.wait_for_timeout(milliseconds), milliseconds / 1000 + 5)
        finally:
            self._napping = False

    def _stir(self) -> None:
        """Something has happened that somebody may be waiting for."""
        if self._napping:
            self._napping = False
            self._calls.stop()

    def answer(self, accept: bool, text: str | None = None) -> None:
        """Answer the open dialog.

        Raises:
            BrowserError: The browser did not close it.
        """
        opened = self._dialogs.pop(0)
        self.log.answered(opened.event, "accept" if accept else "dismiss")
        with suppress(Stopped):  # accepting one dialog may open the next
            self._calls.run(lambda: _answer(opened.dialog, accept, text), ANSWER_SECONDS)

    def announce(self, answer: str, text: str | None = None) -> None:
        """Answer the next dialog as soon as it opens.

        Args:
            answer: "accept" or "dismiss".
            text: What a prompt is given.
        """
        self._announced = (answer, text)

    @contextmanager
    def asking_before_unload(self) -> Iterator[None]:
        """While this lasts, a page's "Leave this page?" waits for an answer, as it does for a person who clicks."""
        self.asking = True
        try:
            yield
        finally:
            self.asking = False

    def pending(self, since: float) -> list[PendingRequest]:
        """Requests sent after that moment of `time.monotonic()` that have no answer yet."""
        return [each for each in self._pending.values() if each.started >= since]

    def leaving(self, page: Page) -> PendingRequest | None:
        """The request for the page's next document, if one is on its way; the page answers nothing meanwhile."""
        return next((each for each in self._pending.values() if each.frame == page.main_frame), None)

    def pushes(self, page: Page) -> bool:
        """Whether something may change the page of which neither a request nor a timer tells: sockets, workers."""
        streams = any(each.kind in ("eventsource", "websocket", "worker") for each in self._pending.values())
        return self._sockets or streams or bool(page.workers)

    def check_alive(self, error: Exception | None = None) -> None:
        """Do nothing while the browser lives.

        Raises:
            BrowserError: It is gone, or the page crashed.
        """
        require_connection(self.context.browser, error)
        if self._crashed in self.context.pages or (isinstance(error, PlaywrightError) and "crashed" in str(error)):
            raise BrowserError("the page crashed; open it anew") from error

    def close(self) -> None:
        """Stop listening and dismiss what nobody answered; Playwright dismisses whatever opens later."""
        self.log.closed = True
        if driver_is_gone():
            self._listeners.clear()  # to stop listening is told to the driver
        for emitter, event, listener in self._listeners:
            with suppress(PlaywrightError, KeyError, ValueError):
                emitter.remove_listener(event, listener)
        self._listeners.clear()
        for opened in self._dialogs:
            leaving = opened.dialog.type == "beforeunload"
            with suppress(Stopped, PlaywrightError):
                self._calls.run(lambda opened=opened, leaving=leaving: _answer(opened.dialog, leaving, None), 2.0)  # type: ignore[misc]
        self._dialogs.clear()
        self._pending.clear()
        self._reasons.forget()

    def _listen(self) -> None:
        context = self.context
        self._on(context, "page", self._on_page)
        self._on(context, "dialog", self._on_dialog)
        self._on(context, "dialogclosed", self._on_dialog_closed)
        self._on(context, "console", self._on_console)
        self._on(context, "weberror", self._on_web_error)
        self._on(context, "request", self._on_request)
        self._on(context, "requestfinished", self._on_request_finished)
        self._on(context, "requestfailed", self._on_request_failed)
        self._on(context, "response", self._on_response)
        for page in context.pages:
            self._listen_to(page)

    def _listen_to(self, page: Page) -> None:
        self._note_origin(page.url)
        self._on(page, "download", self._on_download)
        self._on(page, "framenavigated", self._on_navigated)
        self._on(page, "websocket", self._on_websocket)
        self._on(page, "crash", self._on_crash)
        self._on(page, "close", self._on_close)

    def _on(self, emitter: BrowserContext | Page, event: str, listener: Callable[..., None]) -> None:
        function = listener.__func__  # type: ignore[attr-defined]
        if not hasattr(function, "__signature__"):  # Playwright asks for it at each event, and it is slow to find out
            function.__signature__ = inspect.signature(function)
        emitter.on(event, listener)  # type: ignore[call-overload]
        self._listeners.append((emitter, event, listener))

    def _clean(self, text: str) -> str:
        return self._secrets.mask(text[:_MAX_RAW])

    def _on_page(self, page: Page) -> None:
        self._listen_to(page)
        self.new_page = page
        url = self._clean(page.url)
        self.log.add("tab", url, url=url)
        self._stir()

    def _on_dialog(self, dialog: Dialog) -> None:
        page = dialog.page
        text = self._clean(f"{dialog.type}: {dialog.message[:MAX_TEXT]}")
        event = self.log.add("dialog", text, url=self._clean(page.url) if page else "")
        answer = self._announced or (("accept", None) if dialog.type == "beforeunload" and not self.asking else None)
        self._announced = None
        if answer is None:
            self._dialogs.append(_OpenDialog(dialog, event))
            self._calls.stop()
            return
        self.log.answered(event, answer[0])
        with suppress(PlaywrightError):
            _answer(dialog, answer[0] == "accept", answer[1])

    def _on_dialog_closed(self, dialog: Dialog) -> None:
        self._dialogs = [each for each in self._dialogs if each.dialog is not dialog]

    def _on_console(self, message: ConsoleMessage) -> None:
        self._console_left -= 1
        if self._console_left <= 0:
            with suppress(KeyError, ValueError):
                self.context.remove_listener("console", self._on_console)
        text = self._clean(f"{message.type}: {message.text}")
        self.log.add("console", text, url=self._clean(message.location.get("url") or ""), sort=message.type)

    def _on_web_error(self, error: WebError) -> None:
        page = error.page
        event = self.log.add("exception", self._clean(str(error.error)), url=self._clean(page.url) if page else "")
        if page is not None and not error.error.stack:
            self._reasons.note(event, page)

    def _on_request(self, request: Request) -> None:
        now = time.monotonic()
        for stale in [each for each, known in self._pending.items() if known.started < now - _FORGET_SECONDS]:
            del self._pending[stale]
        endpoint = f"{request.method} {request.url.partition('?')[0]}"
        kind = _kind_of(request)
        self.long_polls.asked(endpoint, self._pending.values(), now)
        self._pending[request] = PendingRequest(now, kind, endpoint, _new_document(request))
        if kind in ("document", "fetch", "xhr"):
            self.asked = now

    def _on_request_finished(self, request: Request) -> None:
        if known := self._pending.pop(request, None):
            self.long_polls.answered(known, time.monotonic())
        self.answers.note(request.resource_type, request.url)
        self._stir()

    def _on_request_failed(self, request: Request) -> None:
        self._on_request_finished(request)
        self.log.add("request", f"{request.method} {request.failure or 'failed'}", url=self._clean(request.url))

    def _on_response(self, response: Response) -> None:
        status = response.status
        text = f"{response.request.method} {status}"
        if known := self._pending.get(response.request):
            known.replied = True
        self.log.add("response", text, url=self._clean(response.url), status=status, sort=str(status // 100))

    def _on_download(self, download: Download) -> None:
        if len(self.downloads) < _MAX_DOWNLOADS:
            self.downloads.append(download)
        self._arrived(download.page.main_frame)
        self.log.add("download", self._clean(download.suggested_filename), url=self._clean(download.url))
        self._stir()

    def _on_navigated(self, frame: Frame) -> None:
        arrived = self._arrived(frame)
        if frame.parent_frame is not None:
            return
        self.navigations += 1
        self.documents[frame.page] += arrived
        self._note_origin(frame.url)
        url = self._clean(frame.url)
        self.log.add("navigation", url, url=url)
        self._stir()

    def _arrived(self, frame: Frame) -> bool:
        """A frame has its new document, or the answer was a download: the page can be asked again."""
        awaited = [each for each in self._pending.values() if each.frame == frame]
        for each in awaited:
            each.frame = None
        return bool(awaited)

    def _on_websocket(self, socket: WebSocket) -> None:
        self._sockets = True

    def _on_crash(self, page: Page) -> None:
        self._crashed = page
        self.log.add("crash", "the page crashed", url=self._clean(page.url))
        self._calls.stop()

    def _on_close(self, page: Page) -> None:
        self._dialogs = [each for each in self._dialogs if each.dialog.page is not page]
        self._listeners = [each for each in self._listeners if each[0] is not page]
        if self.new_page is page:
            self.new_page = None
        self._stir()

    def _note_origin(self, url: str) -> None:
        parts = urlsplit(url)
        if not self._first_origin and parts.netloc:
            self._first_origin = f"{parts.scheme}://{parts.netloc}"


def _kind_of(request: Request) -> str:
    """Its resource type; a worker's own script is no part of the page, and of a shared worker's no answer is told.

    The browser sends it by itself: none of the headers that a page's requests have is known yet.
    """
    kind = request.resource_type
    return "worker" if kind == "script" and "user-agent" not in request.headers else kind


def _new_document(request: Request) -> Frame | None:
    if not request.is_navigation_request():
        return None
    try:
        return request.frame
    except PlaywrightError:
        return None  # the first document of a tab that is not there yet


def _answer(dialog: Dialog, accept: bool, text: str | None) -> None:
    """Answer it; a page that is gone needs no answer."""
    if not accept:
        dialog.dismiss()
    elif text is None:
        dialog.accept()
    else:
        dialog.accept(text)
