"""What an action changed: compares the page just before it with the page at rest.

    recording = Recording(observer.page, watch)
    recording.begin(element)
    …                                       # act, settle
    recording.changes()                     -> Changes(dom=3, near=1, text="Added to cart", …)
    fits(action, candidate, effect)         -> "" or "nothing on the page changed"

Lasting, net changes count: a ripple that came and went does not, nor does a clock that ticks anyway. A script inside
each frame (`recorder`) does the work.
"""

import re
import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import ElementHandle, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.actions.date_values import field_value
from magenta_qa.agent.page.recorder import CALL, recorder_script
from magenta_qa.agent.settle import Pulse
from magenta_qa.agent.watch import Watch
from magenta_qa.model.errors import BrowserError
from magenta_qa.model.schema import Action, Box, Candidate, Effect

MAX_FRAMES = 20
ANSWER_SECONDS = 10.0
FRAME_SECONDS = 2.0  # an inner frame that does not answer in this time is left out
REST_MS, REST_LIMIT_MS = 20, 1_500  # for a page that says itself when it is at rest: `effect_rest.js`
_GONE = re.compile(r"(?i)context was destroyed|detached|closed|cannot find context|navigat")
_BUTTON_INPUTS = frozenset({"", "button", "submit", "reset", "image", "checkbox", "radio"})
_QUIET_KEYS = re.compile(
    r"(?i)(.*\+)?(tab|arrow\w*|home|end|pageup|pagedown|shift|control|alt|meta)$|(control|meta|controlormeta)\+[ac]$"
)
"""Keys that move the focus, the cursor or the selection, or copy it: nothing that can be seen in the DOM."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What the frames of a page report, added up."""

    dom: int = 0
    near: int = 0
    weak: int = 0
    """Of `dom`: may be mere feedback to the pointer; counts if it stays."""
    doubt: int = 0
    """Of `dom`: in nodes that have changed by themselves before."""
    state: bool = False
    scrolled: bool = False
    focus: bool = False
    reloaded: bool = False
    """The top page has another document."""
    text: str = ""
    held: str | None = None
    """What the target, if it is a plain field, holds now."""
    missed: bool = False
    """A press that was meant for the target alone has never arrived, or was kept from the page where it did."""
    rested: bool = False
    """The target's frame has come to rest since, as it knows itself."""

    @property
    def certain(self) -> bool:
        """Whether some change needs no second look."""
        return self.dom > self.weak + self.doubt or self.state or self.scrolled or self.reloaded


@dataclass(frozen=True, slots=True)
class Began:
    """A recording that has begun in one frame."""

    frame: Frame
    token: int
    opaque: tuple[Box, ...]
    """Boxes of canvases and media."""
    aimed: bool = False
    """Whether the next press that lands on something else than the target is kept from the page."""


def began_in(frame: Frame, answer: dict[str, Any] | None) -> Began | None:
    """What `begin` of the recorder in a frame has answered; None where it is not there."""
    if not answer:
        return None
    return Began(frame, answer["token"], tuple(Box(**box) for box in answer["opaque"]), answer["aimed"])


class Recording:
    """Records one action's changes in all frames of a page.

    Args:
        page: The page that is acted on.
        watch: Bounds every call.
    """

    def __init__(self, page: Page, watch: Watch) -> None:
        self._page = page
        self._watch = watch
        self._tokens: dict[Frame, int] = {}
        self._home = page.main_frame
        self._ended: set[Frame] = set()
        self.opaque: list[Box] = []
        """Boxes of canvases and media in the top frame: only their pixels tell what happened in them."""

    def begin(self, target: ElementHandle | None, *, at_press: bool = False, began: Began | None = None) -> None:
        """Remember how everything is now.

        Args:
            target: What will be acted on.
            at_press: Compare with how everything is when the pointer is pressed, not with now.
            began: The target's frame, where that has begun already.
        """
        main = self._page.main_frame
        self._home = home = began.frame if began else self._home_of(target) or main
        frames = [main, home, *(each for each in self._page.frames if each not in (main, home))]
        for frame in dict.fromkeys(frames[: MAX_FRAMES + 2]):
            here = (
                began if began and frame == home else self._begin_in(frame, target if frame == home else None, at_press)
            )
            if here is not None:
                self._tokens[frame] = here.token
                self.opaque += here.opaque if frame == main else ()
        self._watch.recorded = dict(self._tokens)

    def _begin_in(self, frame: Frame, target: ElementHandle | None, at_press: bool) -> Began | None:
        answer = self._call(frame, "begin", target, at_press)
        if answer is None and self._install(frame):
            answer = self._call(frame, "begin", target, at_press)
        return began_in(frame, answer)

    def _home_of(self, target: ElementHandle | None) -> Frame | None:
        if target is None or len(self._page.frames) == 1:
            return None
        return self._watch.run(target.owner_frame, ANSWER_SECONDS)

    def resume(self) -> None:
        """Go on with the recording that an open dialog had interrupted."""
        self._tokens = dict(self._watch.recorded)

    def pulse(self) -> Pulse | None:
        """How the top page and the target's frame are doing; None when they cannot be asked now."""
        return self._pulse("poll")

    def calm(self, seconds: float, *, answered: float) -> Pulse | None:
        """The same once nothing has changed for so long and the last answer was so long ago, or something does change.

        Args:
            seconds: For how long.
            answered: `time.monotonic()` of the last answer to a request of the page.
        """
        since_answer = time.monotonic() - answered
        return self._pulse("calm", 1000 * seconds, 1000 * max(0.0, seconds - since_answer))

    def rest(self) -> Pulse | None:
        """The same once both are at rest as they know it themselves, or after a while."""
        return self._pulse("rest", REST_MS, REST_LIMIT_MS)

    def _pulse(self, name: str, *given: object) -> Pulse | None:
        pulses = [self._pulse_of(frame, name, *given) for frame in list(self._tokens)[:2] or [self._page.main_frame]]
        known = [each for each in pulses if each is not None]
        if pulses[0] is None:
            return None
        soon = [each.soon_seconds for each in known]
        return Pulse(
            known[0].document,
            sum(each.changes for each in known),
            any(each.animating for each in known),
            all(each.loaded for each in known),
            min(each.still_seconds for each in known),
            min(each.calm_seconds for each in known),
            any(each.passing for each in known),
            None if None in soon else max(each for each in soon if each is not None),
            all(each.rested for each in known),
            known[0].at_seconds,
        )

    def changes(self, *, within_ms: float = 0.0, rests: bool = False) -> Changes:
        """What is different now from what was at `begin`.

        Args:
            within_ms: Wait so long until something in the target's frame is different for certain.
            rests: And then until that frame is at rest, or for a while.
        """
        main = self._page.main_frame
        waits = (within_ms, *((REST_MS, REST_LIMIT_MS) if rests else ())) if within_ms else ()
        reports = {frame: self._report_of(frame, waits if frame == self._home else ()) for frame in self._tokens}
        lost = [frame for frame, report in reports.items() if report is None and frame != main]
        present = [report for report in reports.values() if report is not None]
        return Changes(
            dom=sum(each["dom"] for each in present) + len(lost),
            near=sum(each["near"] for each in present),
            weak=sum(each["weak"] for each in present),
            doubt=sum(each["doubt"] for each in present),
            state=any(each["state"] for each in present),
            scrolled=any(each["scrolled"] for each in present),
            focus=any(each["focus"] for each in present),
            reloaded=main in reports and reports[main] is None,
            text=" ".join(each["text"] for each in present if each["text"])[:200],
            held=next((each["held"] for each in present if each["held"] is not None), None),
            missed=any(each["missed"] for each in present),
            rested=any(each.get("rested") for each in present),
        )

    def forget(self) -> None:
        """The page has another document."""
        self._tokens.clear()

    def end(self) -> None:
        """What changes from now on is no effect of this action."""
        for frame in self._tokens:
            if not frame.is_detached() and not self._watch.open_dialog and frame not in self._ended:
                self._call(frame, "end")

    def _report_of(self, frame: Frame, waits: tuple[float, ...]) -> dict[str, Any] | None:
        """None when the frame is gone or has another document."""
        if frame.is_detached():
            return None
        report = self._call(frame, "effect", *waits) if waits else self._call(frame, "report")
        if report is None or report["token"] != self._tokens[frame]:
            return None
        if report.get("ended"):
            self._ended.add(frame)
        return report

    def _pulse_of(self, frame: Frame, name: str, *given: object) -> Pulse | None:
        if frame.is_detached():
            return None
        answer = self._call(frame, name, *given)
        if answer is None:
            return None
        same = answer["token"] == self._tokens.get(frame, -1)
        loaded, still = same or answer["complete"], answer["still"] / 1000
        calm = answer["calm"] / 1000
        soon = None if answer["soon"] is None else answer["soon"] / 1000
        ends = (answer.get("rested", False), answer["at"] / 1000)
        flags = (answer["animating"], loaded)
        return Pulse(answer["token"], answer["changes"], *flags, still, calm, answer["passing"], soon, *ends)

    def _install(self, frame: Frame) -> bool:
        try:
            self._watch.run(lambda: frame.evaluate(recorder_script()), FRAME_SECONDS)
        except (PlaywrightError, BrowserError):
            return False
        return True

    def _call(self, frame: Frame, name: str, *given: object) -> dict[str, Any] | None:
        """What the recorder in that frame answers; None when it is not there or the frame is on its way elsewhere."""
        is_main = frame == self._page.main_frame
        # A page on its way to another may answer no more, and is asked again once the other is there.
        is_patient = is_main and not self._watch.leaving(self._page)
        try:
            return self._watch.run(
                lambda: frame.evaluate(CALL, [name, *given]), ANSWER_SECONDS if is_patient else FRAME_SECONDS
            )
        except BrowserError:
            if is_patient and not self._watch.leaving(self._page):
                raise
            return None
        except PlaywrightError as error:
            self._watch.check_alive(error)
            if not _GONE.search(str(error)):
                raise
            return None


def fits(action: Action, candidate: Candidate | None, effect: Effect) -> str:
    """Why the effect is not what the action was meant to have, in one line; empty when it is.

    Args:
        action: What was done.
        candidate: What it was done to, as observed before.
        effect: What it changed.
    """
    if action.kind in ("fill", "clear", "type", "select"):
        return _misfit_of_value(action, candidate, effect)
    if action.kind == "scroll" and action.value and not effect.visible and action.value not in ("top", "bottom"):
        return f"nothing could be scrolled {action.value}"
    return "nothing on the page changed" if needs_effect(action, candidate) and not effect.visible else ""


def needs_effect(action: Action, candidate: Candidate | None) -> bool:
    """Whether an action is in vain when nothing visible changes."""
    if action.kind == "press":
        return not _QUIET_KEYS.match(action.value or "")
    if action.kind == "click" and candidate is not None:
        return not _only_takes_focus(candidate)
    return action.kind in ("double_click", "right_click", "drag", "upload", "click")


def _only_takes_focus(candidate: Candidate) -> bool:
    """Text fields, and fields whose native pop-up is no part of the page."""
    if candidate.tag == "input":
        return candidate.element_type.partition(":")[2] not in _BUTTON_INPUTS
    return candidate.tag in ("textarea", "select") or candidate.role in ("textbox", "searchbox")


def _misfit_of_value(action: Action, candidate: Candidate | None, effect: Effect) -> str:
    """`execute` itself compares secrets, selected options and named stops, and raises when they are not there."""
    named = candidate is not None and candidate.role == "slider" and not re.search(r"\d", action.value or "")
    if effect.value is None or action.kind == "select" or named:
        return ""
    kind = candidate.element_type.partition(":")[2] if candidate is not None else ""
    wanted, held = field_value(kind, action.value or ""), effect.value
    if action.kind == "clear":
        return f'the field still holds "{held}"' if held else ""
    if action.kind == "type":
        return "" if same_value(wanted, held) or _bare(wanted) in _bare(held) else f'the field holds "{held}"'
    return "" if same_value(wanted, held) else f'the field holds "{held}" instead of "{wanted}"'


def same_value(wanted: str, held: str) -> bool:
    """Whether a field that was given `wanted` holds it, whatever mask the page puts on it (`1234 5678`)."""
    return wanted == held or (bool(_bare(wanted)) and _bare(wanted) == _bare(held))


def _bare(text: str) -> str:
    """Without what masks add: spaces, hyphens, slashes, brackets, and separators of thousands."""
    return re.sub(r"[\s()/+_-]+|(?<=\d)[.,'](?=\d{3}(?!\d))", "", text).casefold()
