"""Carries out one action in the browser and says what it changed.

    effect = execute(Action("click", mark=7), observer, watch, secrets, settings)
    str(effect)                                      -> 'new text "Added to cart"'

Playwright waits until the element can be acted on; then the action happens, the page comes to rest, and what is
different from before is the effect. An action that opens a JavaScript dialog returns with the dialog still open.
"""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from playwright.sync_api import ElementHandle, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.actions.field import FIELD_ACTIONS, await_checked, enter, held_value, insist
from magenta_qa.agent.actions.hand import Hand, refusal
from magenta_qa.agent.actions.obstacles import obstacle
from magenta_qa.agent.actions.page import PAGE_ACTIONS, PageHand
from magenta_qa.agent.actions.pointer import POINTER_ACTIONS, approach
from magenta_qa.agent.actions.reading import read_element, read_page
from magenta_qa.agent.downloads import save_downloads
from magenta_qa.agent.effect import Began, Changes, Recording, needs_effect, same_value
from magenta_qa.agent.known_effect import BOXES, CLICKS, Found, Hurry, begins_at_press
from magenta_qa.agent.page.pixels import PixelWatch
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.agent.settle import arrive, pause, settle, unanswered
from magenta_qa.agent.watch import Watch
from magenta_qa.model.errors import ActionError
from magenta_qa.model.schema import Action, Candidate, Effect

if TYPE_CHECKING:
    from magenta_qa.agent.observe import Observer

LATE_SECONDS = 2.0  # how long an action that has changed nothing yet may take to change something
FEEDBACK_SECONDS = 0.9  # how long mere feedback to the pointer, such as a ripple, may last
MAX_ERRORS = 10
SOON_MS, HURRIED_NAP_MS = 250, 50  # between two looks for the first effect of an action that is replayed
ANSWER_SECONDS = 10.0
_APPROACHING = frozenset({"check", "uncheck", "scroll", "hover", "drag", "upload"})
"""They scroll to their element themselves."""
_LOADS = frozenset({"goto", "reload"})
_SHOWS_VALUE = frozenset({"fill", "type", "clear", "select"})
_NOT_FILLED = "it did not take the text, or is no longer on the page"


def execute(
    action: Action,
    observer: "Observer",
    watch: Watch,
    secrets: Secrets,
    settings: Settings,
    *,
    found: Found | None = None,
    hurry: Hurry | None = None,
) -> Effect:
    """Do it, wait until the page is at rest, and return what changed.

    Args:
        action: What to do; marks are those of the observer's last observation.
        observer: Finds the live elements.
        watch: Sees dialogs, downloads, tabs and errors.
        secrets: Fills `${NAME}` placeholders of the value, and masks what comes back.
        settings: Time limits, and where downloads go.
        found: The action's element, where its mark is of no observation.
        hurry: Return as soon as there is the effect that is known, on a page that says itself that it is at rest.

    Raises:
        ActionError: It cannot be done; says why and what to do instead.
        BrowserError: The browser or the page died or does not answer.
    """
    try:
        return _Execution(action, observer, watch, secrets, settings, found, hurry).run()
    except ActionError as error:
        watch.check_alive(error)
        masked = secrets.mask(str(error))
        raise (error if masked == str(error) else ActionError(masked)) from error.__cause__
    except PlaywrightError as error:
        watch.check_alive(error)
        reason = secrets.mask(str(error).splitlines()[0])
        raise ActionError(f"cannot {action.kind.replace('_', ' ')}: {reason}") from error


def come_to_rest(observer: "Observer", watch: Watch, settings: Settings, since: float) -> None:
    """Wait until the page is at rest after actions that nobody waited for.

    Args:
        observer: Knows the page.
        watch: Knows what is on its way.
        settings: Time limits.
        since: `time.monotonic()` just before the first of them.
    """
    page = observer.page
    pulse = Recording(page, watch).pulse
    load_seconds = 3 * settings.timeout_ms / 1000
    settle(watch, page, pulse, since=since, seconds=settings.settle_ms / 1000, load_seconds=load_seconds)


def await_rest(observer: "Observer", watch: Watch, settings: Settings) -> None:
    """Wait until the page is loaded and at rest as it knows itself, whatever has been asked of it before."""
    page = observer.page
    load_seconds = 3 * settings.timeout_ms / 1000
    rest = Recording(page, watch).rest
    arrive(watch, page, rest, since=0.0, seconds=settings.settle_ms / 1000, load_seconds=load_seconds)


class _Execution:
    """One action from before to after."""

    def __init__(
        self,
        action: Action,
        observer: "Observer",
        watch: Watch,
        secrets: Secrets,
        settings: Settings,
        found: Found | None,
        hurry: Hurry | None,
    ) -> None:
        self._found = found
        self._hurry = hurry
        self._action = action
        self._observer = observer
        self._watch = watch
        self._secrets = secrets
        self._settings = settings
        self._value = secrets.resolve(action.value or "")
        self._page: Page = observer.page
        self._recording = Recording(self._page, watch)
        self._pixels: PixelWatch | None = None
        self._needs_effect = needs_effect(action, self._candidate(action.mark) if action.mark is not None else None)
        self._mark = watch.mark()
        self._url = self._page.url
        self._navigations, self._documents = watch.navigations, watch.documents[self._page]
        self._started = time.monotonic()

    def run(self) -> Effect:
        if self._action.mark is None:
            return self._run_on_page()
        if self._watch.open_dialog is not None:
            raise ActionError(f"cannot {self._action.kind}: a JavaScript dialog is open; answer it first")
        if self._found is not None and self._found.element is None:
            return self._enter(self._found) if self._action.kind == "fill" else self._press(self._found)
        hand = self._hand()
        if self._action.kind == "read":
            return read_element(hand, self._secrets)
        self._attempt(hand, lambda: self._prepare(hand))
        asking = self._watch.asking_before_unload() if self._action.kind in CLICKS else nullcontext()
        with asking:
            self._started = time.monotonic()
            self._attempt(hand, lambda: {**POINTER_ACTIONS, **FIELD_ACTIONS}[self._action.kind](hand))
            changes = self._come_to_rest()
        return self._effect(changes, self._read_value(hand, changes.held))

    def _press(self, found: Found) -> Effect:
        """Click where the control was a moment ago; the page does not get to know of a press on anything else."""
        assert found.candidate.point is not None
        x, y = found.candidate.point
        self._recording.begin(None, at_press=True, began=found.began)
        with self._watch.asking_before_unload():
            self._started = time.monotonic()
            self._attempt(None, lambda: self._page.mouse.click(x, y))
            changes = self._come_to_rest()
        self._verify_state(found.candidate)
        return self._effect(changes, None)

    def _enter(self, found: Found) -> Effect:
        """Fill what is in the place of the field; the page does not get to know of text for anything else."""
        assert found.began is not None
        frame, limit = found.began.frame, self._settings.timeout_ms
        self._recording.begin(None, began=found.began)
        self._started = time.monotonic()
        try:
            self._attempt(None, lambda: enter(self._page, frame, found.selector, self._value, limit))
        except PlaywrightError as error:
            raise refusal(self._action, found.candidate, _NOT_FILLED) from error
        changes = self._come_to_rest()
        if changes.held == "":  # some fields put back what does not come from the keyboard
            raise refusal(self._action, found.candidate, _NOT_FILLED)
        return self._effect(changes, self._telling(found.candidate, changes.held))

    def _verify_state(self, candidate: Candidate) -> None:
        """A box that was pressed must be as it was to be."""
        if self._action.kind not in BOXES or self._watch.open_dialog or self._page.is_closed():
            return
        if self._watch.documents[self._page] != self._documents:
            return  # it took the page elsewhere
        wanted, frame = self._action.kind == "check", self._page.main_frame
        if self._watch.run(lambda: await_checked(candidate, frame, wanted), ANSWER_SECONDS) is False:
            raise ActionError(f"cannot {self._action.kind}: it was clicked, but is still {'off' if wanted else 'on'}")

    def _run_on_page(self) -> Effect:
        if self._action.kind == "read":
            return read_page(self._value, self._page, self._watch, self._secrets)
        act = PAGE_ACTIONS.get(self._action.kind)
        if act is None:
            raise ActionError(f"cannot {self._action.kind}: it needs an element; give its mark")
        if self._action.kind == "dialog":
            self._recording.resume()
        elif not (self._hurry and self._hurry.effect == "page" and self._action.kind in _LOADS):
            self._recording.begin(None)
        act(PageHand(self._action, self._observer, self._watch, self._settings, self._value))
        return self._effect(self._come_to_rest(), None)

    def _hand(self) -> Hand:
        candidate = self._candidate(self._action.mark)
        element = self._element(candidate)
        target = self._found.onto if self._found else None
        if self._action.target_mark is not None:
            target = self._element(self._candidate(self._action.target_mark))
        return Hand(
            self._action,
            candidate,
            element,
            self._page,
            self._watch,
            self._settings,
            self._value,
            self._is_secret(candidate),
            target,
            fresh=self._found is not None,
        )

    def _is_secret(self, candidate: Candidate) -> bool:
        return candidate.state.secret or self._value != (self._action.value or "")

    def _candidate(self, mark: int | None) -> Candidate:
        if self._found is not None:
            return self._found.candidate
        observation = self._observer.observation
        found = observation.candidate(mark) if observation and mark is not None else None
        if found is None:
            count = len(observation.candidates) if observation else 0
            raise ActionError(
                f"cannot {self._action.kind}: mark {mark} is not among the {count} candidates; observe again"
            )
        return found

    def _element(self, candidate: Candidate) -> ElementHandle:
        if self._found is not None and self._found.element is not None:
            return self._found.element
        element = self._watch.run(lambda: self._observer.element(candidate), self._settings.timeout_ms / 1000 + 5)
        if element is None:
            raise ActionError(f"cannot {self._action.kind}: a JavaScript dialog is open; answer it first")
        return element

    def _prepare(self, hand: Hand) -> None:
        """Everything that happens before the action proper, and is no effect of it."""
        if hand.candidate.frame:
            hand.bring_frames_into_view(hand.element)
        at_press = begins_at_press(self._action.kind, self._hurry)
        if self._action.kind in CLICKS and not at_press:
            approach(hand)
        elif self._action.kind not in CLICKS | _APPROACHING and not (self._hurry and hand.candidate.in_view):
            hand.element.scroll_into_view_if_needed(timeout=self._settings.timeout_ms)
        self._recording.begin(hand.element, at_press=at_press, began=self._began(hand, at_press))
        if self._needs_effect:
            self._pixels = PixelWatch.begin(self._observer, hand.candidate, self._recording.opaque)

    def _began(self, hand: Hand, at_press: bool) -> Began | None:
        """The recording that has begun already, where nothing was scrolled since."""
        if self._found is None or self._hurry is None or hand.candidate.frame:
            return None
        return self._found.began if at_press or hand.candidate.in_view else None

    def _attempt(self, hand: Hand | None, act: Callable[[], None]) -> None:
        """Do it; errors say what is in the way."""
        try:
            self._watch.run(act, 3 * self._settings.timeout_ms / 1000 + 10)
        except PlaywrightError as error:
            if self._page.is_closed():
                return  # a click may close its own tab
            self._watch.check_alive(error)
            if str(error).rstrip().endswith("action") and "performing" in str(error):
                return  # it was done, but the page has not answered since: settling finds out whether it hangs
            if hand is None:
                raise
            raise hand.refuse(obstacle(self._watch, hand.element, error)) from error

    def _come_to_rest(self) -> Changes:
        """Let the page settle; where nothing has changed yet that an action of this kind should change, wait on."""
        if self._hurry and (seen := self._first_changes(self._hurry)) is not None:
            return seen
        self._settle()
        changes = self._changes()
        if not self._needs_effect:
            return changes
        while not self._is_clear(changes):
            pulse = self._recording.pulse()
            pause(self._watch, self._page, 100)
            if self._recording.pulse() != pulse or self._happened():
                self._settle()
            changes = self._changes()
        return changes

    def _first_changes(self, hurry: Hurry) -> Changes | None:
        """What has changed as soon as it is what is known of the action; None when that does not happen."""
        while time.monotonic() < self._started + LATE_SECONDS or self._watch.leaving(self._page):
            if self._watch.open_dialog or self._page.is_closed():
                return Changes()
            asked = time.monotonic()
            changes = self._changes_soon(hurry)
            if changes is not None and changes.missed:
                raise ActionError(f"cannot {self._action.kind}: the control is no longer on the page where it was")
            if changes is not None and hurry.effect in self._kinds_so_far(changes):
                if hurry.rests and not (changes.rested and self._is_answered(asked)):
                    self._arrive(changes)
                return changes
            self._watch.nap(self._page, HURRIED_NAP_MS)
        return None

    def _changes_soon(self, hurry: Hurry) -> Changes | None:
        """What is different by now; None while something is awaited of which the browser tells by itself."""
        if hurry.effect == "change":
            return self._recording.changes(within_ms=SOON_MS, rests=hurry.rests)
        if hurry.effect == "page" and self._watch.documents[self._page] != self._documents:
            self._recording.forget()
            return Changes(reloaded=True)
        happened = self._watch.navigations != self._navigations or self._happened()
        return self._recording.changes() if happened or self._may_have_missed() else None

    def _may_have_missed(self) -> bool:
        """Whether an aimed press has begun nothing, though there was time."""
        aimed = self._found is not None and self._found.element is None
        idle = self._watch.asked < self._started and not self._watch.leaving(self._page)
        return aimed and idle and time.monotonic() - self._started > HURRIED_NAP_MS / 1000

    def _is_answered(self, asked: float) -> bool:
        """Whether no request of the action is on its way, nor was when the page was asked at that time."""
        waiting = unanswered(self._watch, self._started, time.monotonic()) or self._watch.leaving(self._page)
        alone = len(self._page.frames) == 1
        return alone and not waiting and self._watch.answers.last() < max(asked, self._started)

    def _kinds_so_far(self, changes: Changes) -> set[str]:
        """Kinds of effects that have been seen for certain."""
        kinds = {event.kind for event in self._watch.since(self._mark)} & {"download", "tab"}
        return {
            *kinds,
            *(["page"] if changes.reloaded or self._url_changed() else []),
            *(["change"] if self._is_certain(changes) else []),
        }

    def _is_certain(self, changes: Changes) -> bool:
        """Digits beside the control that are others after it has asked the server are no clock."""
        return changes.certain or (changes.near > 0 and self._watch.asked > self._started)

    def _is_clear(self, changes: Changes) -> bool:
        """Whether there is an effect, or no more hope for one."""
        waited = time.monotonic() - self._started
        if self._is_certain(changes) or self._happened() or waited > LATE_SECONDS or self._page.is_closed():
            return True
        if changes.weak and not changes.doubt:
            return waited > FEEDBACK_SECONDS
        return not changes.dom and self._pixels is not None and self._pixels.changed

    def _happened(self) -> bool:
        """Whether something happened that is not in the DOM."""
        events = self._watch.since(self._mark)
        return any(event.kind in ("dialog", "download", "tab") for event in events) or self._url_changed()

    def _arrive(self, changes: Changes) -> None:
        """Wait until what the action has begun is done; of a new document only until it is loaded, as in `open`."""
        since = math.inf if changes.reloaded else self._started
        arrive(self._watch, self._page, self._recording.rest, since=since, **self._limits)

    @property
    def _limits(self) -> dict[str, float]:
        return {"seconds": self._settings.settle_ms / 1000, "load_seconds": 3 * self._settings.timeout_ms / 1000}

    def _settle(self) -> None:
        if self._action.kind == "scroll":  # it lasts no longer than the frame in which it is drawn
            arrive(self._watch, self._page, self._recording.rest, since=self._started, **self._limits)
            return
        settle(self._watch, self._page, self._recording.pulse, since=self._started, **self._limits)
        if self._pixels is not None and not self._watch.open_dialog and not self._page.is_closed():
            self._pixels.compare(self._observer)

    def _changes(self) -> Changes:
        if self._watch.open_dialog or self._page.is_closed():
            return Changes()
        changes = self._recording.changes()
        if self._watch.leaving(self._page):  # the click's navigation began only now
            self._settle()
            changes = self._recording.changes()
        return changes

    def _url_changed(self) -> bool:
        """Whether the address is another one; a bare "#" at its end, as dead links add, is not."""
        return not self._page.is_closed() and self._page.url.removesuffix("#") != self._url.removesuffix("#")

    def _read_value(self, hand: Hand, held: str | None) -> str | None:
        """What the field holds now, with or without having been asked; secrets are compared here and not told."""
        if self._action.kind not in _SHOWS_VALUE or self._watch.open_dialog or self._page.is_closed():
            return None
        if hand.fresh and held == "" and self._action.kind == "fill":
            self._attempt(hand, lambda: insist(hand))
            held = None
        try:
            if held is None or not hand.fresh:
                held = self._watch.run(lambda: held_value(hand), 5)
        except PlaywrightError:
            return None  # the page went on, as search fields do while one types
        return self._telling(hand.candidate, held)

    def _telling(self, candidate: Candidate, held: str | None) -> str | None:
        """What may be told of what a field holds; what is secret is only compared with what it should be."""
        if held is None or not self._is_secret(candidate):
            return self._secrets.mask(held) if held is not None else None
        expected = "" if self._action.kind == "clear" else self._value
        holds = same_value(expected, held) if self._action.kind in ("fill", "clear") else expected in held
        if self._action.kind != "select" and not holds:
            raise refusal(self._action, candidate, "the field does not hold the secret value afterwards")
        return None

    def _effect(self, changes: Changes, value: str | None) -> Effect:
        events = self._watch.since(self._mark)
        dialogs = [event.text for event in events if event.kind == "dialog"]
        tabs = [event for event in events if event.kind == "tab"]
        downloads = [event.text for event in events if event.kind == "download"]
        save_downloads(self._watch, self._settings.home / "downloads")
        if not self._page.is_closed():
            self._recording.end()
        switched = self._observer.page is not self._page
        return Effect(
            url=changes.reloaded or self._url_changed() or switched,
            dom=changes.dom,
            dom_near=changes.near,
            dialog=dialogs[-1] if dialogs else None,
            download=downloads[-1] if downloads else None,
            tab="closed" if self._page.is_closed() else self._tab_url() if tabs else None,
            value=value,
            state=changes.state or changes.scrolled or (changes.focus and self._action.kind == "press"),
            pixels=self._pixels is not None and self._pixels.changed,
            errors=tuple(finding.text for finding in self._watch.findings(self._mark))[:MAX_ERRORS],
            text=self._secrets.mask(changes.text),
        )

    def _tab_url(self) -> str:
        """Where the new tab is; it opens blank and goes on."""
        page = self._watch.new_page
        if page is None:
            return "about:blank"
        with suppress(PlaywrightError):  # it may be slow or already closed; its URL is what there is
            self._watch.run(lambda: page.wait_for_load_state("domcontentloaded", timeout=3_000), 5)
        return self._secrets.mask(page.url)
