"""Ticking, unticking and switching: boxes, switches, and the box of a row that is called by the row's name."""

import re
from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.target import Target
from magenta_qa.model.moves.choosing import row_selector
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, is_on, none, undecided
from magenta_qa.model.ranking.choice import Choice, find
from magenta_qa.model.ranking.fitness import is_checkable, is_selector

_CLICKS = frozenset({"click", "check", "uncheck"})
_POWER = frozenset({"turn", "switch"})
_LEADING = frozenset({"link", "generic", "row", "cell", "gridcell", "listitem"})
"""Roles of what only leads somewhere: a click there activates nothing."""
_OFF_NAME = re.compile(r"(?:disable|deactivate|turn off|switch off)\b", re.IGNORECASE)
"""How the name of a box begins that switches something off when it is ticked."""
_NEGATED = re.compile(
    r"\b(?:no|not|never|don['’]?t|without|opt out|hide|mute|block|exclude|skip|ignore|unsubscribe)\b", re.IGNORECASE
)


def opted(target: Target) -> Target:
    """ "Subscribe to the weekly summary": the box that stands for what is subscribed to."""
    to = next((r.phrase for r in target.relations if r.kind in {"to", "from", "of"}), "")
    phrase = target.phrase or to
    return Target(phrase, phrase, ("checkbox",))


def tick(intent: Intent, turn: Turn) -> Answer:
    """Bring a box or switch into the state that is wanted.

    "Tick Ada" may be about the box that selects Ada's row; "disable Ada" never is.
    """
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    target = intent.target or Target("", "")
    switches = _switching(intent)
    choice = find(target, "check", turn.page)
    if choice.torn:
        return undecided(choice)
    if switches:
        choice = Choice(None, (), reason=choice.reason) if _selects_item(choice, target, turn) else choice
    elif choice.best is None:
        choice = row_selector(target, turn) or choice
    if choice.best is None:
        return _switch_by_name(switches, intent, turn, choice)
    name, wanted = choice.best.candidate.name, intent.kind == "check"
    if switches and _NEGATED.search(name) and not _NEGATED.search(target.full):
        return none(f'whether that means to tick "{name}" or to untick it is not clear; say "tick" or "untick"', choice)
    return _bring(choice, not wanted if switches and _OFF_NAME.match(name) else wanted)


def untick(intent: Intent, turn: Turn) -> Answer:
    """ "Deselect Red", "clear the box": what is ticked or selected no longer is."""
    return tick(replace(intent, kind="uncheck", verb=""), turn)


def _switching(intent: Intent) -> str:
    """enable | disable | activate | deactivate, where the step says so and not "tick"; else empty."""
    verb = intent.verb.split(" ")[0].lower()
    if verb in _POWER:
        return "enable" if intent.kind == "check" else "disable"
    return verb if verb in {"enable", "disable", "activate", "deactivate"} else ""


def _selects_item(choice: Choice, target: Target, turn: Turn) -> bool:
    """Whether it is the box that only selects a row or card for what comes next, and was not called a box."""
    best = choice.best.candidate if choice.best else None
    if best is None or target.kinds or best.role == "switch":
        return False
    return is_selector(best) and turn.page.item(best) is not None


def _bring(choice: Choice, wanted: bool) -> Answer:
    assert choice.best is not None
    candidate = choice.best.candidate
    if is_on(candidate) == wanted:
        return Finished(0, f"{choice.best.label} is already {'on' if wanted else 'off'}")
    if is_checkable(candidate):
        return act("check" if wanted else "uncheck", candidate, choice=choice)
    return act("click", candidate, choice=choice)


def _switch_by_name(verb: str, intent: Intent, turn: Turn, missing: Choice) -> Answer:
    """For "Enable two-factor authentication" where there is a button "Enable" and no checkbox; "activate the tab".

    What is switched off may be a machine, which is stopped.
    """
    if not verb or intent.target is None:
        return undecided(missing)
    choice = find(replace(intent.target, verb=verb), "click", turn.page)
    if choice.best is None and not choice.torn and verb == "activate":
        plain = find(intent.target, "click", turn.page)
        leads = plain.best is not None and plain.best.candidate.role in _LEADING and not intent.target.kinds
        choice = missing if leads else plain
    if choice.best is None and not choice.torn and intent.verb.split(" ")[0].lower() in _POWER:
        choice = find(replace(intent.target, verb="start" if verb == "enable" else "stop"), "click", turn.page)
    if choice.best is None:
        return undecided(choice if choice.torn else missing)
    candidate = choice.best.candidate
    return _bring(choice, True) if is_checkable(candidate) else act("click", candidate, choice=choice)


def toggle(intent: Intent, turn: Turn) -> Answer:
    """Bring a box or switch into its other state."""
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    choice = find(intent.target or Target("", ""), "toggle", turn.page)
    if choice.best is None:
        return undecided(choice)
    candidate = choice.best.candidate
    if is_checkable(candidate) and "check" in candidate.action_types and candidate.state.checked is not None:
        return act("uncheck" if candidate.state.checked is True else "check", candidate, choice=choice)
    return act("click", candidate, choice=choice)
