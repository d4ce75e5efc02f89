"""Evaluates a compiled expectation on a page, retrying until it holds or time is over.

    check = compile_expectation("the cart shows 2 items")
    evaluate(check, page, watch, since=0, timeout_ms=5000, secrets=secrets)
        -> CheckTrace(verdict="failed", expected="2", actual="3 (Blue backpack; …)", reason="region cart has 3 …", …)

A check that something is shown passes the moment it is. A check that something is absent, a count or an order must
hold on a page that is loaded, shows something and has come to rest, and go on holding for a short while: else the
page that has not loaded yet would pass it.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.checks.controls import busy
from magenta_qa.agent.checks.entries import judge_count, judge_order, judge_sequence
from magenta_qa.agent.checks.events import judge_event, judge_quiet, judge_status, judge_url
from magenta_qa.agent.checks.health import judge_health
from magenta_qa.agent.checks.kinds import (
    AllChecks,
    CellCheck,
    Check,
    CountCheck,
    EmptyCheck,
    ErrorShownCheck,
    EventCheck,
    HealthCheck,
    LooksCheck,
    NumberCheck,
    OnPageCheck,
    OrderCheck,
    Place,
    QuietCheck,
    SequenceCheck,
    StateCheck,
    StatusCheck,
    TextCheck,
    TitleCheck,
    UrlCheck,
    ValueCheck,
)
from magenta_qa.agent.checks.page import View, fold_lines
from magenta_qa.agent.checks.reader import PageReader
from magenta_qa.agent.checks.scene import Judgement, Scene
from magenta_qa.agent.checks.states import judge_error_shown, judge_state
from magenta_qa.agent.checks.text import judge_on_page, judge_text, judge_title
from magenta_qa.agent.checks.unseen import judge_unseen
from magenta_qa.agent.checks.values import judge_cell, judge_empty, judge_number, judge_value
from magenta_qa.agent.effect import Recording
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settle import Pulse, is_loading, pause, unanswered
from magenta_qa.agent.watch import Watch
from magenta_qa.agent.windowed import find_windowed
from magenta_qa.model.errors import BrowserError
from magenta_qa.model.schema import VerdictName
from magenta_qa.model.trace import CheckTrace, Event

PATIENCE = 3  # times the time limit, for what is missing from a page that is still loading
LOADING_SECONDS = 0.5
HOLD_SECONDS = 0.25  # how long an absence, a count or an order must hold on a page at rest
CALM_SECONDS = 0.06  # the same on a page that nothing is about to change: no answer, timer, animation, socket, worker
FIRST_POLL_MS, LONGEST_POLL_MS = 25, 250
HOLD_POLL_MS = 50
HOLD_LOOKS = 4  # on a slow machine two may both fall between what comes and goes all the time
RECENT_SECONDS = 0.1  # how old what the last check has seen may be to be looked at by the next one
CONNECT_SECONDS = 1.0  # how long a page that is loading is asked for a connection
READ_SECONDS = 20.0  # how long the page may take to be read
_JUDGES: dict[type, Callable[..., Judgement]] = {
    TextCheck: judge_text,
    TitleCheck: judge_title,
    OnPageCheck: judge_on_page,
    ValueCheck: judge_value,
    NumberCheck: judge_number,
    EmptyCheck: judge_empty,
    CellCheck: judge_cell,
    StateCheck: judge_state,
    ErrorShownCheck: judge_error_shown,
    CountCheck: judge_count,
    OrderCheck: judge_order,
    SequenceCheck: judge_sequence,
}
_SEARCHED = (TextCheck, CellCheck, StateCheck, CountCheck, OrderCheck, SequenceCheck, EmptyCheck)
"""Checks about what may stand in a long list."""
_readers: dict[BrowserContext, PageReader] = {}


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the page says."""

    judgements: tuple[Judgement, ...]
    restless: str
    """Why the page is not at rest; empty when it is."""
    asked: float
    """`time.monotonic()` just before the page was read."""
    view: View | None = None
    """What was read."""

    @property
    def holds(self) -> bool | None:
        """Whether all hold; False if any is false, None if any cannot be told."""
        verdicts = [j.holds for j in self.judgements]
        return False if False in verdicts else None if None in verdicts else True


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is visible, or why nothing can be seen."""

    asked: float
    """`time.monotonic()` just before the page was read."""
    view: View | None
    problem: str = ""


def evaluate(
    check: Check, page: Page, watch: Watch, *, since: int, timeout_ms: int, secrets: Secrets, again: bool = False
) -> CheckTrace:
    """Judge `check`, retried until it holds or time is over; longer while the page waits for answers of its server.

    Args:
        check: The compiled expectation.
        page: The page it is about.
        watch: Knows dialogs, downloads, tabs, console and network.
        since: A mark of `watch`; earlier events are not looked at.
        timeout_ms: How long to retry on a page that is not loading.
        secrets: Values behind placeholders; masked in everything that is returned.
        again: Nothing was done since the last check: what it has just seen is looked at first.

    Raises:
        BrowserError: The browser is gone, or the page does not answer.
    """
    started = time.monotonic()
    deadline = started + timeout_ms / 1000
    latest = started + PATIENCE * timeout_ms / 1000
    checks = check.checks if isinstance(check, AllChecks) else (check,)
    must_last = any(map(_needs_rest, checks))
    held_since: float | None = None
    looks = 0
    wait_ms = FIRST_POLL_MS
    while True:
        seen = _seen_just_now(page) if again else None
        look = _look(checks, page, watch, since, secrets, must_last, seen or _see(page, watch))
        now = time.monotonic()
        good = look.holds is True and not (must_last and look.restless)
        again = False
        if seen is not None and not good:
            continue
        held_since = (held_since or now) if good else None
        looks = looks + 1 if good else 0
        held = (held_since or now, looks, look, deadline)
        left = _must_still_hold(checks, page, watch, *held) if good and must_last else 0.0
        if good and not left:
            look = _look_further(look, checks, page, watch, since, secrets) if must_last else look
            return _trace(check, look, secrets, time.monotonic() - started)
        if now >= deadline and now < latest and not good and is_loading(watch, now):
            deadline = min(latest, now + LOADING_SECONDS)  # what is on its way may be what is missing
        if now >= deadline and not (good and must_last):
            if look.holds is not True:  # what is missing may be found by scrolling
                look = _look_further(look, checks, page, watch, since, secrets)
            return _trace(check, look, secrets, time.monotonic() - started, out_of_time=bool(look.restless))
        until_ms = min(HOLD_POLL_MS, 1000 * left + 1) if good else min(wait_ms, max(1.0, 1000 * (deadline - now)))
        pause(watch, page, until_ms)
        wait_ms = min(LONGEST_POLL_MS, wait_ms * 2)


def _must_still_hold(
    checks: tuple[Check, ...], page: Page, watch: Watch, held_since: float, looks: int, look: _Look, deadline: float
) -> float:
    """Seconds that what holds must go on holding: looked at several times, or on a page that does not change meanwhile.

    Args:
        checks: What holds.
        page: The page.
        watch: Knows when requests were answered.
        held_since: `time.monotonic()` of the first look in a row at which it held.
        looks: How many there were in that row.
        look: The last one.
        deadline: From then on no timer is waited for.
    """
    left = max(0.0 if looks >= HOLD_LOOKS else HOLD_POLL_MS / 1000, HOLD_SECONDS - (time.monotonic() - held_since))
    icons = look.view.icons if look.view else ()
    pulse = Recording(page, watch).calm(CALM_SECONDS, answered=watch.answers.last(but=icons))
    now = time.monotonic()
    if pulse is not None and pulse.soon_seconds and now < deadline:
        return max(left, pulse.soon_seconds)
    if pulse is None or not pulse.loaded or pulse.passing or pulse.soon_seconds:
        return left
    if len(page.frames) > 1 or any(isinstance(check, QuietCheck) for check in checks):
        return left  # changes of other frames, and what the console says, are not seen otherwise
    answered = watch.answers.last(but=icons)
    calm = min(pulse.calm_seconds, now - answered)
    unknown = pulse.soon_seconds is None or watch.pushes(page)
    wanted = HOLD_SECONDS if unknown else CALM_SECONDS
    return min(left, max(0.0, wanted - calm, _changed_after(look, pulse), answered - look.asked))


def _changed_after(look: _Look, pulse: Pulse) -> float:
    """How many seconds after a look the page has changed last, by its own clock: that may be not what was seen."""
    return pulse.at_seconds - pulse.calm_seconds - (look.view.at_seconds if look.view else 0.0)


def connect(page: Page, watch: Watch) -> None:
    """Open the connection through which the page is read: best while it loads, since it is waited for then anyway.

    A page that is too busy for that is connected to when it is read.
    """
    with suppress(PlaywrightError, BrowserError):
        watch.run(lambda: _reader(page).connect(page), CONNECT_SECONDS)


def read_view(page: Page, watch: Watch) -> View | None:
    """Everything that is visible on the page now; None while a JavaScript dialog hides it.

    Raises:
        BrowserError: The page does not answer.
        PlaywrightError: It is on its way elsewhere.
    """
    return watch.run(lambda: _reader(page).read(page), READ_SECONDS)


def page_text(page: Page) -> str:
    """The visible text of the whole page, frames and shadow roots included; not masked."""
    view = _reader(page).read(page)
    return view.text(view.roots).replace("\t", " ")


def _needs_rest(check: Check) -> bool:
    """Whether a page that is still loading could satisfy the check by accident."""
    if isinstance(check, (CountCheck, HealthCheck, OrderCheck, QuietCheck, SequenceCheck)):
        return True
    if isinstance(check, StateCheck) and check.state != "visible":
        return False
    return bool(getattr(check, "negated", False)) or isinstance(check, EmptyCheck)


def _seen_just_now(page: Page) -> _Seen | None:
    """What the page showed when it was last read, if that was a moment ago."""
    latest = _reader(page).latest
    if latest is None or latest.page is not page or time.monotonic() - latest.asked > RECENT_SECONDS:
        return None
    return _Seen(latest.asked, latest.view)


def _see(page: Page, watch: Watch) -> _Seen:
    asked = time.monotonic()
    if watch.open_dialog:
        return _Seen(asked, None, "a JavaScript dialog is open")
    if page.is_closed():
        return _Seen(asked, None, "the page is closed")
    try:
        view = read_view(page, watch)
        return _Seen(asked, view, "" if view else "a JavaScript dialog is open")
    except PlaywrightError as error:  # navigating: the next look will see the new document
        watch.check_alive(error)
        return _Seen(asked, None, f"the page could not be read: {str(error).splitlines()[0]}")


def _look(
    checks: tuple[Check, ...], page: Page, watch: Watch, since: int, secrets: Secrets, must_last: bool, seen: _Seen
) -> _Look:
    scene = Scene(seen.view, secrets) if seen.view is not None else None
    events = watch.since(since)
    judgements = tuple(_judge(check, page, watch, scene, events, secrets, seen.problem) for check in checks)
    return _Look(judgements, seen.problem or (_restless(scene, watch) if must_last else ""), seen.asked, seen.view)


def _look_further(
    look: _Look, checks: tuple[Check, ...], page: Page, watch: Watch, since: int, secrets: Secrets
) -> _Look:
    """The same once lists that draw only what is in view have been looked through; `look` itself on other pages."""
    if page.is_closed() or not any(isinstance(check, _SEARCHED) for check in checks):
        return look
    if look.view is not None and look.view.draws_all:
        return look
    windows = find_windowed(page, watch)
    if not windows:
        if look.view is not None:
            look.view.draws_all = True
        return look

    def again() -> tuple[Judgement, ...]:
        return _look(checks, page, watch, since, secrets, False, _see(page, watch)).judgements

    judged = judge_unseen(checks, look.judgements, windows, page, watch, again, secrets)
    return look if judged == look.judgements and look.holds is not True else replace(look, judgements=judged)


def _judge(
    check: Check, page: Page, watch: Watch, scene: Scene | None, events: list[Event], secrets: Secrets, problem: str
) -> Judgement:
    if isinstance(check, UrlCheck):
        return judge_url(check, page.url, secrets)
    if isinstance(check, EventCheck):
        return judge_event(check, events, _page_dialogs(scene), secrets)
    if isinstance(check, StatusCheck):
        return judge_status(check, events, page.url, secrets)
    if isinstance(check, QuietCheck) and check.kind != "error":
        return judge_quiet(check, events)
    if isinstance(check, TextCheck) and check.place.kind == "dialog" and not _page_dialogs(scene):
        spoken = _spoken(check, events, watch, secrets)
        if spoken is not None:
            return spoken
    if scene is None:
        return Judgement(None, problem or "a JavaScript dialog is open", str(check))
    if isinstance(check, LooksCheck):
        return Judgement(None, "how it looks must be an expectation of its own", str(check))
    if isinstance(check, HealthCheck):
        return _judge_health(check, page, watch, scene)
    if isinstance(check, QuietCheck):
        quiet = judge_quiet(check, events)
        return quiet if not quiet.holds else judge_error_shown(ErrorShownCheck(negated=True), scene)
    judge: Callable[[Check, Scene], Judgement] = _JUDGES[type(check)]
    return judge(check, scene)


def _judge_health(check: HealthCheck, page: Page, watch: Watch, scene: Scene) -> Judgement:
    if check.kind != "loading":
        return judge_health(check, page, watch)
    restless = _restless(scene, watch)
    return Judgement(not restless, restless or "the page is at rest", str(check), restless or "at rest")


def _page_dialogs(scene: Scene | None) -> str:
    if scene is None:
        return ""
    spots = scene.finder.places(Place("dialog")).spots
    return " ".join(fold_lines(scene.view.text(spot.nodes)) for spot in spots)


def _spoken(check: TextCheck, events: list[Event], watch: Watch, secrets: Secrets) -> Judgement | None:
    """ "The dialog says …" of a JavaScript dialog: the open one, else the last one."""
    dialogs = [e for e in events if e.kind == "dialog"]
    if not dialogs or (watch.open_dialog is None and check.negated):
        return None
    as_event = EventCheck("dialog", check.text, check.op if check.op == "equals" else "contains", check.negated)
    return judge_event(as_event, dialogs[-1:], "", secrets)


def _restless(scene: Scene | None, watch: Watch) -> str:
    if scene is None:
        return "the page could not be read"
    view = scene.view
    if not view.loaded:
        return "the page has not finished loading"
    if view.blank:
        return "the page shows nothing at all"
    if view.cut or view.unread_frames:
        return "the page is too large to be read in full" if view.cut else "a frame of the page cannot be read"
    pending = unanswered(watch, 0.0, time.monotonic())
    if pending:
        return f"{pending[0].endpoint} has not been answered"
    loading = busy(scene.finder)
    return f"the page still shows that it is loading: {scene.finder.describe(loading[0])}" if loading else ""


def _reader(page: Page) -> PageReader:
    context = page.context
    if context not in _readers:
        _readers[context] = PageReader()
        # Its DevTools sessions know the context, so that neither would ever be freed by itself.
        context.once("close", _forget)
    return _readers[context]


def _forget(context: BrowserContext) -> None:
    _readers.pop(context, None)


def _trace(check: Check, look: _Look, secrets: Secrets, seconds: float, *, out_of_time: bool = False) -> CheckTrace:
    holds = look.holds
    verdict: VerdictName = "stuck" if holds is None else "passed" if holds and not out_of_time else "failed"
    decisive = [j for j in look.judgements if j.holds is holds] if holds is not True else list(look.judgements)
    reason = "; ".join(j.reason for j in decisive)
    if holds and out_of_time:
        verdict = "stuck"
        reason = f"cannot be told yet: {look.restless or 'it did not last'} ({reason})"
    return CheckTrace(
        "",
        str(check),
        verdict,
        secrets.mask(reason),
        expected=secrets.mask("; ".join(j.expected for j in look.judgements if j.expected)),
        actual=secrets.mask("; ".join(j.actual for j in look.judgements if j.actual)),
        box=next((j.box for j in decisive if j.box is not None), None),
        seconds=seconds,
        missing=holds is None and any(j.missing for j in decisive),
    )
