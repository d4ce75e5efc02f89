"""Waits after an action until the page has come to rest.

    settle(watch, page, probe, since=now, seconds=3, load_seconds=30)   # 0.1 s on a page that does nothing

At rest: no navigation on its way, no request that the action started without an answer, and no DOM change for 0.1 s.
Long polls, event streams, sockets, beacons and media are not waited for, nor is a page that never stops moving.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from magenta_qa.agent.pending import PendingRequest
from magenta_qa.agent.watch import Watch
from magenta_qa.model.errors import BrowserError

QUIET_SECONDS = 0.1
POLL_MS = 25
RESTLESS_SECONDS = 1.5  # a page that still moves by then, with no request on its way, is not waited for
ARRIVAL_SECONDS = 20.0  # what has not been answered by then is a long poll, or never will be
MINOR_SECONDS = 0.5  # pictures, fonts and the like
_WAITED_FOR = frozenset({"document", "script", "stylesheet", "fetch", "xhr"})
_MINOR = frozenset({"image", "font", "manifest", "other"})


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a page is doing at one moment."""

    document: int
    """Changes when the page gets another document."""
    changes: int
    """DOM changes so far, other than those that happen all the time."""
    animating: bool
    """Whether a transition or animation is about to end."""
    loaded: bool
    """Whether a document that is new since the action has been loaded."""
    still_seconds: float = field(compare=False)
    """How long ago the last of these changes was, by the page's own clock."""
    calm_seconds: float = field(default=0.0, compare=False)
    """For how long the page has been watched, since it was loaded, without any change."""
    passing: bool = field(default=True, compare=False)
    """Whether an animation is about to bring something into view, or to take it away."""
    soon_seconds: float | None = field(default=None, compare=False)
    """When the timers that fire soon will have fired; None where nobody knows what timers there are."""
    rested: bool = field(default=False, compare=False)
    """Whether the page says itself that it is at rest: `effect_rest.js`."""
    at_seconds: float = field(default=0.0, compare=False)
    """When this moment was, since 1970 by the browser's clock."""


def settle(
    watch: Watch, page: Page, probe: Callable[[], Pulse | None], *, since: float, seconds: float, load_seconds: float
) -> None:
    """Return when the page is at rest, a dialog is open, the page is gone, or time is over.

    Args:
        watch: Knows navigations, requests and dialogs.
        page: The page.
        probe: Looks at the page; None when it cannot be asked now.
        since: `time.monotonic()` just before the action.
        seconds: How long to wait at most.
        load_seconds: How long the server may take to answer with a new document; nothing can be done before it has.

    Raises:
        BrowserError: It took longer.
    """
    deadline = time.monotonic() + seconds
    started = quiet_since = time.monotonic()
    last: tuple[int, Pulse | None] | None = None
    while not watch.open_dialog and not page.is_closed():
        deadline += _wait_for_document(watch, page, load_seconds)
        asked = time.monotonic()
        pulse = probe()
        now = time.monotonic()
        seen = (watch.navigations, pulse)
        if seen != last:
            quiet_since, last = _moved_at(seen, last, now), seen
        waiting = bool(unanswered(watch, since, now))
        restless = now - started > RESTLESS_SECONDS and not waiting
        quiet = now - quiet_since
        told = watch.answers.last() < asked or restless  # what an answer brings comes a moment after it
        if pulse is not None and pulse.loaded and not waiting and told and _is_quiet(pulse, quiet, restless):
            return
        if now >= deadline:
            watch.slow_endpoints.update(each.endpoint for each in watch.pending(since))
            return
        if waiting:
            watch.nap(page, POLL_MS)
        else:
            pause(watch, page, max(POLL_MS, 1000 * (QUIET_SECONDS - quiet)))


def arrive(
    watch: Watch, page: Page, probe: Callable[[], Pulse | None], *, since: float, seconds: float, load_seconds: float
) -> None:
    """As `settle`, on a page that says itself when it is at rest.

    Args:
        watch: As for `settle`.
        page: As for `settle`.
        probe: Answers once the page is at rest, or after a while; None when it cannot be asked now.
        since: `time.monotonic()`; requests that were sent before are not waited for; infinity for none.
        seconds: As for `settle`.
        load_seconds: As for `settle`.

    Raises:
        BrowserError: As `settle`.
    """
    deadline = time.monotonic() + seconds
    while not watch.open_dialog and not page.is_closed():
        deadline += _wait_for_document(watch, page, load_seconds)
        asked = time.monotonic()
        pulse = None if unanswered(watch, since, asked) else probe()
        now = time.monotonic()
        told = watch.answers.last() < max(asked, since)  # what an answer brings comes a moment after it
        if pulse is not None and pulse.loaded and told and not unanswered(watch, since, now):
            return  # at rest, or so restless that nobody waits for it
        if now >= deadline:
            watch.slow_endpoints.update(each.endpoint for each in watch.pending(since))
            return
        if pulse is None:
            watch.nap(page, POLL_MS)


def _moved_at(seen: tuple[int, Pulse | None], last: tuple[int, Pulse | None] | None, now: float) -> float:
    """When the page moved last; it tells itself where nothing but its DOM has changed since the last look."""
    (navigations, pulse), (navigations_before, before) = seen, last or (-1, None)
    if pulse is None or before is None or navigations != navigations_before:
        return now
    only_dom = replace(before, changes=pulse.changes) == pulse
    return now - min(pulse.still_seconds, QUIET_SECONDS) if only_dom else now


def _wait_for_document(watch: Watch, page: Page, load_seconds: float) -> float:
    """Wait while the page is about to get another document; returns the seconds that it took."""
    started = time.monotonic()
    while (request := watch.leaving(page)) and not watch.open_dialog:
        if time.monotonic() - request.started > load_seconds:
            raise BrowserError(f"no answer to {request.endpoint} within {load_seconds:g} s; is the application stuck?")
        watch.nap(page, POLL_MS)
    return time.monotonic() - started


def unanswered(watch: Watch, since: float, now: float) -> list[PendingRequest]:
    """The requests to wait for."""
    ignored = watch.slow_endpoints | watch.long_polls.endpoints
    return [each for each in watch.pending(since) if _matters(each, now) and each.endpoint not in ignored]


def is_loading(watch: Watch, now: float) -> bool:
    """Whether the page waits for something that may hold what is missing from it, however slow its endpoint is."""
    asked = [each for each in watch.pending(0.0) if each.endpoint not in watch.long_polls.endpoints]
    return any(each.kind in _WAITED_FOR and now - each.started < ARRIVAL_SECONDS for each in asked)


def is_sending(watch: Watch, now: float, seconds: float) -> bool:
    """Whether something has been on its way to the server for less than so long, and is lost if the page is left."""
    asked = unanswered(watch, now - seconds, now)
    return any(not each.replied and not each.endpoint.startswith(("GET ", "HEAD ")) for each in asked)


def pause(watch: Watch, page: Page, milliseconds: float) -> None:
    """Let the browser work; ends early when a dialog opens or the page goes away."""
    with suppress(PlaywrightError):
        watch.run(lambda: page.wait_for_timeout(milliseconds), milliseconds / 1000 + 5)


def _matters(request: PendingRequest, now: float) -> bool:
    return request.kind in _WAITED_FOR or (request.kind in _MINOR and now - request.started < MINOR_SECONDS)


def _is_quiet(pulse: Pulse, quiet: float, restless: bool) -> bool:
    return restless or (quiet >= QUIET_SECONDS and not pulse.animating)
