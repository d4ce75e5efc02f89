"""Actions on the page as a whole: goto, back, reload, switch_tab, dialog, wait, and keys and scrolling without element.

PAGE_ACTIONS["goto"](PageHand(action, observer, watch, settings, value="/cart"))
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from magenta_qa.agent.actions.field import key_name
from magenta_qa.agent.actions.pointer import DIRECTIONS, scroll_page
from magenta_qa.agent.settings import Settings
from magenta_qa.agent.settle import pause
from magenta_qa.agent.watch import Watch
from magenta_qa.model.errors import ActionError, BrowserError
from magenta_qa.model.schema import Action

if TYPE_CHECKING:
    from magenta_qa.agent.observe import Observer

DIALOG_SECONDS = 1.0  # how long an expected dialog may take to open
TAB_SECONDS = 3.0  # how long an expected tab may take to open
MAX_WAIT_SECONDS = 120.0
LOAD_SECONDS = 30.0
_UNREACHABLE = re.compile(r"ERR_(CONNECTION|NAME|ADDRESS|INTERNET|PROXY|TIMED_OUT|NETWORK|SSL|CERT)\w*")


@dataclass(frozen=True, slots=True)
class PageHand:
    """One action on the page, about to be carried out."""

    action: Action
    observer: "Observer"
    watch: Watch
    settings: Settings
    value: str

    @property
    def page(self) -> Page:
        """The current tab."""
        return self.observer.page

    def refuse(self, reason: str) -> ActionError:
        """The error that says why this action cannot be carried out."""
        return ActionError(f"cannot {self.action.kind.replace('_', ' ')}: {reason}")


def goto(hand: PageHand) -> None:
    """Open a URL; relative ones are resolved against the page's, or the context's base URL before there is a page.

    Raises:
        ActionError: The URL redirects in a loop or is none.
        BrowserError: The server cannot be reached or does not answer.
    """
    url = hand.value.strip()
    if urlsplit(hand.page.url).scheme in ("http", "https", "file"):
        url = urljoin(hand.page.url, url)
    _navigate(hand, url, lambda: hand.page.goto(url, wait_until="commit", timeout=LOAD_SECONDS * 1000))


def back(hand: PageHand) -> None:
    """Go back one entry of the tab's history."""
    before = (hand.page.url, hand.watch.navigations)
    _navigate(hand, "the previous page", lambda: hand.page.go_back(wait_until="commit", timeout=LOAD_SECONDS * 1000))
    if (hand.page.url, hand.watch.navigations) == before and not hand.watch.open_dialog:
        raise hand.refuse("there is no earlier page in this tab")


def reload(hand: PageHand) -> None:
    """Load the page anew."""
    _navigate(hand, hand.page.url, lambda: hand.page.reload(wait_until="commit", timeout=LOAD_SECONDS * 1000))


def _navigate(hand: PageHand, url: str, go: Callable[[], object]) -> None:
    try:
        hand.watch.run(go, LOAD_SECONDS + 5)
    except PlaywrightError as error:
        message = str(error).splitlines()[0]
        if "Download is starting" in message or "ERR_ABORTED" in message:
            return
        if "Timeout" in message or _UNREACHABLE.search(message):
            why = f"no answer within {LOAD_SECONDS:g} s" if "Timeout" in message else _UNREACHABLE.search(message)
            reason = why if isinstance(why, str) else why[0] if why else message
            raise BrowserError(f"cannot reach {url}: {reason}; is the application running?") from error
        if "ERR_TOO_MANY_REDIRECTS" in message:
            raise hand.refuse(f"{url} redirects in a loop") from error
        raise hand.refuse(message) from error


def switch_tab(hand: PageHand) -> None:
    """Make another tab the current one.

    The value: a number from 1, part of a title or URL, "new" or "last" (opened last), "previous" (the one before).
    """
    deadline = time.monotonic() + TAB_SECONDS
    while True:
        found = _tab(hand)
        if found is not None:
            hand.observer.page = found
            hand.watch.run(found.bring_to_front, 5)
            return
        if time.monotonic() > deadline:
            open_tabs = ", ".join(page.url for page in hand.page.context.pages)
            raise hand.refuse(f'no tab is "{hand.value}"; open are: {open_tabs}')
        pause(hand.watch, hand.page, 100)


def _tab(hand: PageHand) -> Page | None:
    tabs = [page for page in hand.page.context.pages if not page.is_closed()]
    wanted = hand.value.strip().casefold()
    others = [page for page in tabs if page != hand.page]
    if wanted in ("new", "newest", "other", ""):
        newest = hand.watch.new_page
        return newest if newest in others else others[-1] if others else None
    if wanted in ("last", "latest"):
        return tabs[-1] if tabs else None
    if wanted in ("previous", "first", "original", "main", "old"):
        index = tabs.index(hand.page) if hand.page in tabs and wanted == "previous" else 1
        return tabs[max(0, index - 1)] if tabs else None
    if wanted.isdigit():
        return tabs[int(wanted) - 1] if 0 < int(wanted) <= len(tabs) else None
    return next((page for page in tabs if wanted in f"{_title(hand, page)}\n{page.url}".casefold()), None)


def _title(hand: PageHand, page: Page) -> str:
    try:
        return hand.watch.run(page.title, 2) or ""
    except (PlaywrightError, BrowserError):
        return ""


def dialog(hand: PageHand) -> None:
    """Answer the open JavaScript dialog.

    The value: "accept", "dismiss", or "accept:TEXT" for a prompt.
    """
    deadline = time.monotonic() + DIALOG_SECONDS
    while hand.watch.open_dialog is None and time.monotonic() < deadline:
        pause(hand.watch, hand.page, 50)
    answer, _, text = hand.value.partition(":")
    answer = answer.strip().lower()
    if answer not in ("accept", "dismiss"):
        raise hand.refuse(f'"{answer}" is no answer; use accept, dismiss or accept:TEXT')
    if hand.watch.open_dialog is None:
        raise hand.refuse("no dialog is open")
    is_prompt = hand.watch.open_dialog.type == "prompt"
    hand.watch.answer(answer == "accept", text if is_prompt and ":" in hand.value else None)


def wait(hand: PageHand) -> None:
    """Wait for so many seconds ("2", "1.5 s", "500 ms"); without a value only until the page is at rest."""
    if not hand.value.strip():
        return
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?)?\s*", hand.value)
    if found is None:
        raise hand.refuse(f'"{hand.value}" is no time; write seconds, such as 2')
    unit = found[2] or "s"
    factor = 0.001 if unit.startswith(("ms", "milli")) else 60 if unit.startswith("m") else 1
    pause(hand.watch, hand.page, min(float(found[1]) * factor, MAX_WAIT_SECONDS) * 1000)


def press(hand: PageHand) -> None:
    """Press a key or a combination where the focus is."""
    hand.watch.run(lambda: hand.page.keyboard.press(key_name(hand.value)), 10)


def scroll(hand: PageHand) -> None:
    """Scroll the page, or its largest inner container when the page itself cannot be scrolled."""
    direction = hand.value.strip().lower() or "down"
    if direction not in DIRECTIONS:
        raise hand.refuse(f'"{direction}" is no direction; use {", ".join(DIRECTIONS)}')
    script, argument = scroll_page(direction)
    hand.watch.run(lambda: hand.page.evaluate(script, argument), 10)


def type_text(hand: PageHand) -> None:
    """Type where the focus is."""
    hand.watch.run(lambda: hand.page.keyboard.type(hand.value), 60)


PAGE_ACTIONS: dict[str, Callable[[PageHand], None]] = {
    "goto": goto,
    "back": back,
    "reload": reload,
    "switch_tab": switch_tab,
    "dialog": dialog,
    "wait": wait,
    "press": press,
    "scroll": scroll,
    "type": type_text,
}
