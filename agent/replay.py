"""Does a step as its lock remembers it: through the locators, without an observation and without a model.

    replay(errand, then="step")      -> End("passed", …), or None: the page is to be looked at, from here on

Before each action the control that a locator finds must be the only one, be in reach, and be the same as then: role,
name, state, and what it stands in (`agent.fingerprint`); so must that onto which it is dragged. What no locator reaches
is looked for among all controls (`agent.unlocated`). What is not as it was is never acted on; the step goes on with the
full agent. Playwright waits until the control can be acted on, and an effect must be seen, as in any step.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from playwright.sync_api import ElementHandle, Frame
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.effect import began_in
from magenta_qa.agent.errand import End, Errand, Next, follow_tab, judge, label_of
from magenta_qa.agent.execute import await_rest, execute
from magenta_qa.agent.fingerprint import differences, fingerprint_of, is_same_frame
from magenta_qa.agent.known_effect import Aim, Found, Hurry, begins_at_press, can_aim
from magenta_qa.agent.memory import RememberedStep, Target, effect_kind
from magenta_qa.agent.page.candidates import build_candidate
from magenta_qa.agent.page.recorder import BEGIN, CALL
from magenta_qa.agent.page.script import KNOCK, token
from magenta_qa.agent.settle import is_loading, is_sending, pause
from magenta_qa.agent.unlocated import can_tell, find_unlocated
from magenta_qa.model.errors import ActionError
from magenta_qa.model.schema import Action, Candidate, Decision, Done, Effect, Place
from magenta_qa.model.trace import ActionTrace

LOCK = "lock"
"""The decider of what a lock remembers."""
FIND_SECONDS = 1.5  # how long a control may take to be there on a page that is not loading
ASK_SECONDS = 5.0
POLL_MS = 30
APPEAR_MS = 300  # between two looks by all locators; the best one is waited for meanwhile
LOAD_MS = 1_000
"""How long a page may go on loading once its own scripts have run; before that, a control may do something else."""
_NOTHING, _LOADS = "nothing is found by", "the page is loading"
_UNREADY = -1
_WITHOUT_TARGET = frozenset({"goto", "back", "reload", "dialog", "press", "scroll"})
_NEVER = frozenset({"read", "wait", "switch_tab"})
"""They change nothing, or depend on what is open."""
_SEEK = f"""(found, given) => {{
  const ran = performance.getEntriesByType("navigation")[0]?.domContentLoadedEventEnd;
  const ready = document.readyState === "interactive" && ran > 0 && performance.now() > ran + {LOAD_MS};
  if (!ready && document.readyState !== "complete") return [{_UNREADY}, null, null];
  const ask = (name, a) => ({KNOCK})({{ token: given.token, name, a, b: null }});
  if (given.plain) found = Array.from(document.querySelectorAll(given.plain));
  const named = given.named && ask("seekNamed", given.named);
  if (named) found = named.found;
  if (found.length !== 1) return [found.length, null, null];
  const has = (told) => !!told && told !== "null";
  let told = named ? named.told : ask("seek", found[0]);
  if (given.aims && has(told) && !JSON.parse(told).point) {{
    found[0].scrollIntoView({{ block: "center", inline: "nearest", behavior: "instant" }});
    told = ask("seek", found[0]);
  }}
  const fits = given.aims !== "text" || ["input", "textarea"].includes(found[0].localName);
  const aims = fits && has(told) && JSON.parse(told).point ? given.aims : "";
  return [1, has(told) ? told : null, has(told) ? ({BEGIN})(found[0], given.atPress, aims) : null];
}}"""
"""Looks at the one element that was found, and begins the recording of what happens to it, in one go."""
_Told = tuple[int, str | None, dict[str, Any] | None]
"""How many were found, how the only one is, and the recording that began in its frame."""
_NAMED = re.compile(
    r'(?:(?P<item>:is\([^()]*\)):has-text\("(?P<text>[^"\\\n]*)"\) >> )?'
    r'role=(?P<role>\w+)\[name="(?P<name>[^"\\\n]*)"s\]'
)
"""Selectors that the page's own script reads: Playwright's engine takes long to get ready in each new document."""
_PLAIN_PART = r'(?:[a-z][\w-]*|#[A-Za-z][\w-]*|\[data-[\w-]+="[^"\\\n]*"\])(?::nth-of-type\(\d+\))?'
_PLAIN = re.compile(f"{_PLAIN_PART}(?: > {_PLAIN_PART})*")
"""Selectors of CSS that browsers read as Playwright does, but for open shadow roots."""
_SEVERAL = re.compile(r"strict mode violation.* resolved to (\d+) elements", re.DOTALL)
"""How Playwright says that a selector finds more than one."""
_DRAWN = frozenset({"canvas", "image"})
"""What an action does in them only pixels tell, which takes a look."""
_AWAITED = frozenset({"change", "page", "tab", "download", "dialog alert", "dialog confirm", "dialog prompt"})
"""Effects that can be waited for."""


def can_replay(step: RememberedStep | None) -> bool:
    """Whether a step can be done as remembered at all."""
    if step is None or step.anew or not step.targets:
        return False
    kinds = {target.kind for target in step.targets}
    known = all(_is_known(t) if t.role or t.element_type else t.kind in _WITHOUT_TARGET for t in step.targets)
    return known and not kinds & _NEVER and not any(t.element_type in _DRAWN for t in step.targets)


def _is_known(target: Target) -> bool:
    """Whether its control, and that at the other end of a drag, can be found and told from others."""
    if target.fingerprint is None or (target.kind == "drag" and not (target.onto and target.onto_fingerprint)):
        return False
    return bool(target.locators) or (target.kind != "drag" and can_tell(target.fingerprint))


def replay(errand: Errand, *, then: Next = "") -> End | None:
    """Carry out the remembered actions.

    Args:
        errand: A step of which `can_replay` holds.
        then: What follows; a step that is replayed waits for its own control.

    Returns:
        How the step ended; None where it has to go on with the full agent, `errand.drift` saying why.
    """
    assert errand.remembered is not None
    targets = errand.remembered.targets
    for number, target in enumerate(targets):
        follows = then if number == len(targets) - 1 else "step"
        hurry = Hurry(target.effect, follows == "check") if follows and target.effect in _AWAITED else None
        if not target.locators and target.kind != "dialog":  # nothing that is sought tells whether the page is ready
            await_rest(errand.agent.observer, errand.agent.watch, errand.agent.settings)
        found = _find(errand, target, hurry) if target.element_type else None
        if target.element_type and found is None:
            return None
        end = _act(errand, target, found, hurry)
        if (end is None or end.verdict == "passed") and _has_lost_effect(errand, target):
            errand.drift = f"{target.kind} had no effect, which it had when the scenario last passed"
            return None
        if end is not None:
            return end
        if len(errand.done) != number + 1:  # the element was replaced under the action
            errand.drift = "the control went away while it was acted on"
            return None
    return End("passed", "; ".join(map(str, errand.done)))


def _has_lost_effect(errand: Errand, target: Target) -> bool:
    """Whether the action did nothing this time: the full agent knows what to try then, and what to make of it."""
    effect = errand.done[-1].effect if errand.done else None
    return bool(target.effect) and effect is not None and not effect_kind(effect)


def _find(errand: Errand, target: Target, hurry: Hurry | None) -> Found | None:
    """The control of a target, once it is there and as it was, with the recording of its frame begun."""
    agent, started = errand.agent, time.monotonic()
    while True:
        if agent.watch.open_dialog is not None:
            errand.drift = "a JavaScript dialog is open"
            return None
        found, errand.drift = _both_ends(errand, target, hurry)
        waited = time.monotonic() - started
        patience = agent.settings.timeout_ms / 1000 if is_loading(agent.watch, time.monotonic()) else FIND_SECONDS
        if found is not None or waited >= patience:
            return found
        _wait_for(errand, target)


def _wait_for(errand: Errand, target: Target) -> None:
    """Until what the best locator finds has appeared, a dialog opens, or a moment has passed."""
    agent = errand.agent
    best = next(_places(errand, target), None)
    if best and errand.drift == _LOADS:
        with suppress(PlaywrightError):
            agent.watch.run(lambda: best[0].wait_for_load_state("load", timeout=APPEAR_MS), APPEAR_MS / 1000 + 5)
        return
    if best is None or not errand.drift.startswith(_NOTHING):
        pause(agent.watch, agent.page, POLL_MS if target.locators else APPEAR_MS)
        return
    frame, selector = best
    with suppress(PlaywrightError):
        appears = frame.locator(selector).first
        agent.watch.run(lambda: appears.wait_for(state="attached", timeout=APPEAR_MS), APPEAR_MS / 1000 + 5)


def _both_ends(errand: Errand, target: Target, hurry: Hurry | None) -> tuple[Found | None, str]:
    """The control, with where a drag of it ends; or why it is not found."""
    if target.kind != "drag":
        return _look_for(errand, target, hurry)
    end, reason = _look_for(errand, replace(target, locators=target.onto, fingerprint=target.onto_fingerprint), None)
    start, reason = _look_for(errand, target, hurry) if end else (None, reason)
    return (replace(start, onto=end.element) if start and end else None), reason


def _look_for(errand: Errand, target: Target, hurry: Hurry | None) -> tuple[Found | None, str]:
    """The control, or why none of its locators finds it as it was."""
    if not target.locators:
        found, reason = find_unlocated(errand.agent, target)
        reason = reason or _too_early(errand, target)
        return (None if reason else found), reason
    reason = f"{_NOTHING} {target.locators[0]}"
    at_press = begins_at_press(target.kind, hurry)
    for frame, selector in _places(errand, target):
        aims = can_aim(target.kind, target.element_type, target.value, hurry) if frame.parent_frame is None else ""
        count, found = _sought(errand, frame, selector, target, at_press=at_press, aims=aims)
        if count == _UNREADY:
            return None, _LOADS
        if count is None:
            reason = "the page is on its way elsewhere"
        if count and count > 1:
            reason = f"{count} controls are found by {selector}"
        if count != 1:
            continue
        if found is None:
            reason = f"what is found by {selector} cannot be acted on"
            continue
        changed = _changes(errand, target, found.candidate)
        reason = f"what is found by {selector} is not as it was: {changed}" if changed else _too_early(errand, target)
        if not reason:
            return found, ""
        _take_aim_off(errand, found)
    return None, reason


def _too_early(errand: Errand, target: Target) -> str:
    """Why the page should not be left yet."""
    agent = errand.agent
    early = target.effect == "page" and is_sending(agent.watch, time.monotonic(), agent.settings.settle_ms / 1000)
    return "leaving the page would stop what is on its way to the server" if early else ""


def _take_aim_off(errand: Errand, found: Found) -> None:
    """Nothing is pressed or entered after all: whoever does so next may do as they like."""
    if found.element is None and found.began is not None:
        frame = found.began.frame
        with suppress(PlaywrightError):
            errand.agent.watch.run(lambda: frame.evaluate(CALL, ["end"]), ASK_SECONDS)


def _places(errand: Errand, target: Target) -> Iterator[tuple[Frame, str]]:
    """Where to look, by what; the best locator first."""
    assert target.fingerprint is not None
    page, home = errand.agent.page, target.fingerprint.frame
    mask = errand.agent.secrets.mask
    inner = [(frame, mask(frame.url).partition("?")[0]) for frame in page.frames[1:]] if home else []
    exact = [frame for frame, url in inner if url == home]
    moved = [frame for frame, url in inner if is_same_frame(home, url)]
    frames = [] if home else [page.main_frame]
    frames += exact or (moved if len(moved) == 1 else [])
    return ((frame, selector) for selector in target.locators for frame in frames)


def _sought(
    errand: Errand, frame: Frame, selector: str, target: Target, *, at_press: bool, aims: Aim
) -> tuple[int | None, Found | None]:
    """How many elements a selector finds, and the only one as it would be observed, where somebody could act on it.

    None for the number: the page could not be asked.
    """
    try:
        if aims:
            count, told, began = _sought_at_once(errand, frame, selector, at_press=at_press, aims=aims)
            if count != 1 or told is None or (began and began["aimed"]):
                found = _found(errand, frame, target, None, told, began)
                return count, replace(found, selector=selector) if found else None
        element, (count, told, began) = _at_hand(errand, frame, selector, at_press=at_press)
    except PlaywrightError as error:
        errand.agent.watch.check_alive(error)
        several = _SEVERAL.search(str(error))
        return (int(several[1]) if several else None), None
    return count, _found(errand, frame, target, element, told, began)


def _at_hand(errand: Errand, frame: Frame, selector: str, *, at_press: bool) -> tuple[ElementHandle | None, _Told]:
    """The only element that a selector finds, and what the page tells of it."""
    run = errand.agent.watch.run
    if named := _NAMED.fullmatch(selector):
        told = _seek(errand, frame, named.groupdict(), at_press=at_press, aims="")
        element = run(lambda: frame.evaluate_handle(CALL, ["target"]).as_element(), ASK_SECONDS) if told[2] else None
        if element is not None or told[0] == _UNREADY:
            return element, told
    element = run(lambda: frame.query_selector(selector, strict=True), ASK_SECONDS)
    return element, _seek(errand, frame, element, at_press=at_press, aims="") if element else (0, None, None)


def _sought_at_once(errand: Errand, frame: Frame, selector: str, *, at_press: bool, aims: Aim) -> _Told:
    """What the page tells of what the selector finds, in one call."""
    named = _NAMED.fullmatch(selector)
    if named or _PLAIN.fullmatch(selector):
        told = _seek(errand, frame, named.groupdict() if named else {"plain": selector}, at_press=at_press, aims=aims)
        if told[0] in (1, _UNREADY):
            return told
    return _seek(errand, frame, selector, at_press=at_press, aims=aims)


def _seek(
    errand: Errand, frame: Frame, what: ElementHandle | str | dict[str, Any], *, at_press: bool, aims: Aim
) -> _Told:
    """What the page tells of the element, of what the selector finds, or of what is `_NAMED` or `_PLAIN`."""
    plain = what.get("plain") if isinstance(what, dict) else None
    named = what if isinstance(what, dict) and not plain else None
    given = {"token": token(), "named": named, "plain": plain, "atPress": at_press, "aims": aims}

    def ask() -> _Told:
        if isinstance(what, str):
            told: _Told = frame.eval_on_selector_all(what, _SEEK, given)
        else:
            elements = [] if isinstance(what, dict) else [what]
            told = frame.evaluate(f"([elements, given]) => ({_SEEK})(elements, given)", [elements, given])
        return told

    return errand.agent.watch.run(ask, ASK_SECONDS) or (0, None, None)


def _found(
    errand: Errand,
    frame: Frame,
    target: Target,
    element: ElementHandle | None,
    told: str | None,
    began: dict[str, Any] | None,
) -> Found | None:
    """None when nobody could act on it, or the frame has no script yet."""
    if told is None:
        return None
    url = "" if frame.parent_frame is None else frame.url
    candidate = replace(build_candidate(json.loads(told), url, errand.agent.secrets), locators=target.locators)
    return Found(candidate, element, began_in(frame, began))


def _changes(errand: Errand, target: Target, candidate: Candidate) -> str:
    """What keeps the control from being acted on without a look."""
    assert target.fingerprint is not None
    found = differences(target.fingerprint, fingerprint_of(candidate, errand.agent.privacy.mask), kind=target.kind)
    if candidate.state.disabled:
        found = (*found, "it is disabled")
    return "; ".join(found)


def _act(errand: Errand, target: Target, found: Found | None, hurry: Hurry | None) -> End | None:
    """As `work` does it; what the lock says stands in for a decision."""
    agent = errand.agent
    candidate = found.candidate if found else None
    action = Action(target.kind, candidate.mark if candidate else None, target.value)  # type: ignore[arg-type]
    image = agent.picture() if candidate is not None and agent.settings.pictures == "all" else None
    started = time.monotonic()
    effect: Effect | None = None
    error = ""
    try:
        effect = execute(action, agent.observer, agent.watch, agent.secrets, agent.settings, found=found, hurry=hurry)
    except ActionError as problem:
        error = agent.secrets.mask(str(problem))
    place = target.place or Place(0)
    trace = _trace(errand, target, action, candidate, effect, error, time.monotonic() - started)
    errand.actions.append(replace(trace, image=image))
    errand.done.append(Done(action, label_of(candidate), effect, error, place))
    follow_tab(errand, effect)
    return judge(errand, action, candidate, effect, error)


def _trace(
    errand: Errand,
    target: Target,
    action: Action,
    candidate: Candidate | None,
    effect: Effect | None,
    error: str,
    seconds: float,
) -> ActionTrace:
    size = errand.agent.page.viewport_size
    return ActionTrace(
        action,
        Decision("act", action, 1.0, "as when the scenario last passed", decider=LOCK, place=target.place),
        element_type=target.element_type,
        role=target.role,
        name=target.name,
        locators=target.locators,
        box=candidate.box if candidate and candidate.in_view and not candidate.frame else None,
        viewport=(size["width"], size["height"]) if size else (0, 0),
        url=errand.agent.secrets.mask(errand.agent.page.url),
        page=target.page,
        effect=effect,
        error=error,
        seconds={"act": seconds},
        fingerprint=target.fingerprint,
        html=target.html,
        place=target.place,
        onto=target.onto,
        onto_fingerprint=target.onto_fingerprint,
    )
