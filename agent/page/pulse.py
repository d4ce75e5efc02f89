"""Ends a browser that has stopped answering, so that what waits for it fails instead of waiting for ever.

    start_pulse(page.context.browser)
    require_connection(page.context.browser)     # BrowserError: the browser did not answer for 40 s and was ended

Many calls of Playwright's have no time limit, `context.close()` for one: a browser process or a driver that hangs would
hang them, and with them the whole suite. So while anything waits for the browser, it is asked now and then for what it
can say without any page. One answer that does not come tells nothing (this process may have been stopped, and the
answer may lie in the pipe); two in a row do.

Only a browser that this process launched is ended, and only where /proc tells its ancestors (Linux); Playwright's
driver only where that was not enough.
"""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary, WeakSet

from greenlet import greenlet
from playwright.sync_api import Browser, CDPSession
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page.bounded import BoundedCalls, Stopped, driver_is_gone
from magenta_qa.model.errors import BrowserError

PAUSE_SECONDS = 5.0
ANSWER_SECONDS = 20.0
UNANSWERED = 2  # in a row, and the browser is ended
_DRIVER_SECONDS = 5.0  # in which Playwright's driver tells that the browser has ended
_asked: WeakSet[Browser] = WeakSet()
_ended: WeakKeyDictionary[Browser, str] = WeakKeyDictionary()
"""Why a browser was ended here."""


def start_pulse(browser: Browser | None) -> None:
    """Ask a browser from now on as long as it is there; one that cannot be asked (no Chromium) is left alone."""
    if browser is None or browser in _asked:
        return
    with suppress(PlaywrightError, Stopped):
        session, pid = BoundedCalls().run(lambda: _connect(browser), ANSWER_SECONDS)
        _Pulse(browser, session, pid)
        _asked.add(browser)


def _connect(browser: Browser) -> tuple[CDPSession, int]:
    """A session of its own, and the id of its main process; 0 where it does not tell."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return session, next((int(each["id"]) for each in processes if each["type"] == "browser"), 0)


def is_gone(browser: Browser) -> bool:
    """Whether nothing can be asked of a browser any more."""
    return browser in _ended or driver_is_gone() or not browser.is_connected()


def require_connection(browser: Browser | None, error: Exception | None = None) -> None:
    """Do nothing while the browser is there.

    Args:
        browser: It.
        error: What gave rise to the question.

    Raises:
        BrowserError: It is gone; says why.
    """
    if browser is None or not is_gone(browser):
        return
    reason = str(error).splitlines()[0] if error and str(error) else "connection lost"
    raise BrowserError(_ended.get(browser) or f"the browser died: {reason}; see `magenta doctor`") from error


class _Pulse:
    """Asks one browser.

    Args:
        browser: It.
        session: Its own, of no page.
        pid: Of its main process.
    """

    def __init__(self, browser: Browser, session: CDPSession, pid: int) -> None:
        self._browser, self._session, self._pid = browser, session, pid
        self._calls = BoundedCalls()
        self._unanswered = 0
        self._later(PAUSE_SECONDS)

    def _later(self, seconds: float) -> None:
        # In a greenlet of its own, as Playwright runs event listeners: nothing else waits for the answer.
        asyncio.get_running_loop().call_later(seconds, lambda: greenlet(self._ask).switch())

    def _ask(self) -> None:
        if not self._browser.is_connected():
            return
        pause = PAUSE_SECONDS
        try:
            self._calls.run(lambda: self._session.send("Browser.getVersion"), ANSWER_SECONDS)
            self._unanswered = 0
        except Stopped:
            self._unanswered += 1
        except PlaywrightError:  # it is closing
            self._unanswered += 1
            pause = ANSWER_SECONDS
        if self._unanswered < UNANSWERED:
            self._later(pause)
        elif self._browser.is_connected() and (lineage := _lineage(self._pid)):
            self._end("the browser", self._pid)
            asyncio.get_running_loop().call_later(_DRIVER_SECONDS, self._end_driver, lineage[-1])

    def _end_driver(self, pid: int) -> None:
        if self._browser.is_connected():
            self._end("Playwright's driver", pid)

    def _end(self, name: str, pid: int) -> None:
        _ended[self._browser] = f"{name} did not answer for {UNANSWERED * ANSWER_SECONDS:g} s and was ended"
        _kill(pid)


def _lineage(pid: int) -> list[int]:
    """A process and its ancestors below this one: [browser, …, driver]; empty if it does not descend from this one."""
    found: list[int] = []
    while pid > 1:
        found.append(pid)
        try:  # "4711 (name with ) in it) S 4710 …": state and parent follow the last parenthesis
            pid = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:
            return []
        if pid == os.getpid():
            return found
    return []


def _kill(pid: int) -> None:
    """End a process, with its group if it leads one: the browser's helpers may be stopped like itself."""
    with suppress(OSError):
        (os.killpg if os.getpgid(pid) == pid else os.kill)(pid, signal.SIGKILL)
