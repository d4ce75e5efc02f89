"""Ticking, unticking and switching: boxes, switches, and the box of a row that is called by the row's name."""

import re
from dataclasses import replace

from magenta_qa.model.language.deeds import denied, lead_of
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import stem, words_of
from magenta_qa.model.language.target import Target
from magenta_qa.model.moves.rows import row_selector, stands_in
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, is_on, none, undecided
from magenta_qa.model.ranking.choice import ACCEPT, Choice, find
from magenta_qa.model.ranking.fitness import column_of, is_checkable, is_selector
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.schema import Candidate

_CLICKS = frozenset({"click", "check", "uncheck"})
_POWER = frozenset({"turn", "switch"})
_ENABLING = frozenset({"enable", "activate"})
_ON = frozenset({"on", "confirm", "follow"})
_OFF = frozenset({"off", "reject", "stop", "unfollow", "remove"})
"""Sorts of deeds that tick and untick a box that is called otherwise."""
_SHOWING = frozenset({"on", "off"})
_PLACE = re.compile(r"\s+(?:in|on|off|from|for)\s+", re.IGNORECASE)
_TAKING = frozenset({"stop", "remove"})
"""Of these, what is not done by the box that only selects a row for what comes next."""
_LEADING = frozenset({"link", "generic", "row", "cell", "gridcell", "listitem"})
"""Roles of what only leads somewhere: a click there activates nothing."""
_OFF_NAME = re.compile(r"(?:disable|deactivate|turn off|switch off)\b", re.IGNORECASE)
"""How the name of a box begins that switches something off when it is ticked."""
_NEGATED = re.compile(
    r"\b(?:no|not|never|don['’]?t|without|opt out|hide|hidden|mute|muted|block|blocked|exclude|skip|ignore|unsubscribe|"
    r"disabled|inactive|archived|suspended)\b",
    re.IGNORECASE,
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


def bring_by_deed(choice: Choice, intent: Intent) -> Answer:
    """What a verb of the application makes of a box: "hide the Blocked calendar" unticks "Blocked".

    Any other verb may be what ticking does, as "forget me" on a box of that name; whether a box that is on already is
    what it means, nobody knows.
    """
    assert choice.best is not None
    candidate = choice.best.candidate
    name = candidate.name or column_of(candidate)
    target = intent.target or Target("", "")
    deed, said = lead_of(words_of(intent.text)), words_of(name)
    why = f"whether that means to tick {choice.best.label} or to untick it is not clear; say which"
    unlike = none(why, choice, absent=False)
    if stem(target.verb) in set(map(stem, said)):
        wanted, is_sure = True, True
    elif target.verb.lower().removeprefix("un") in said:
        wanted, is_sure = False, True
    elif _NEGATED.search(name) or denied(target.full) or (deed & _TAKING and is_selector(candidate)):
        return unlike
    else:
        wanted, is_sure = not deed & _OFF, bool(deed & (_ON | _OFF))
    return _bring(choice, wanted) if is_sure or is_on(candidate) is not wanted else unlike


def switch_of_row(intent: Intent, turn: Turn) -> Choice | None:
    """The one switch in the row of what is shown or hidden: "Put the mug on sale" where rows have a switch "Active"."""
    target = intent.target or Target("", "")
    if target.quoted or not lead_of(words_of(intent.text)) & _SHOWING:
        return None
    for phrase in filter(None, dict.fromkeys((target.phrase, _PLACE.split(target.phrase)[0]))):
        switches = [c for c in turn.page.candidates if _is_switch(c) and stands_in(phrase, c, turn)]
        if len(switches) == 1:
            found = Ranked(switches[0], ACCEPT, "the switch of its row")
            return Choice(found, (found,), reason=f"{found.label}: {found.why}")
    return None


def _is_switch(candidate: Candidate) -> bool:
    """Whether it is a box in a column that says what it stands for, and is called nothing else."""
    column = column_of(candidate)
    is_box = is_checkable(candidate) and candidate.role != "radio" and not is_selector(candidate)
    rest = candidate.name.removeprefix(column).strip()  # "Active Oat milk" in the row of the oat milk
    in_row = any(rest and rest in k.text for k in candidate.context if k.kind == "row")
    return is_box and bool(column) and (not rest or (in_row and rest != candidate.name))


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
        choice = (
            choice if choice.best or verb == "enable" else find(replace(intent.target, verb="hide"), "click", turn.page)
        )
    if choice.best is None:
        return undecided(choice if choice.torn else missing)
    candidate = choice.best.candidate
    wanted = verb in _ENABLING or bool(_OFF_NAME.match(candidate.name) or _NEGATED.search(candidate.name))
    return _bring(choice, wanted) if is_checkable(candidate) else act("click", candidate, choice=choice)


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
