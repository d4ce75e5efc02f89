"""Ticking, unticking and switching: boxes, switches, and the box of a row that is called by the row's name."""

from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.target import Target
from magenta_qa.model.moves.choosing import row_selector
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, is_on, undecided
from magenta_qa.model.ranking.choice import Choice, find
from magenta_qa.model.ranking.fitness import is_checkable

_CLICKS = frozenset({"click", "check", "uncheck"})


def opted(target: Target) -> Target:
    """ "Subscribe to the weekly summary": the box that stands for what is subscribed to."""
    to = next((r.phrase for r in target.relations if r.kind == "to"), "")
    phrase = target.phrase or to
    return Target(phrase, phrase, ("checkbox",))


def tick(intent: Intent, turn: Turn) -> Answer:
    """Bring a box or switch into the state that is wanted."""
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    target = intent.target or Target("", "")
    wanted = intent.kind == "check"
    choice = find(target, "check", turn.page)
    if choice.best is None:
        if choice.torn:
            return undecided(choice)
        choice = row_selector(target, turn) or choice
    if choice.best is None:
        return _switch_by_name(intent, turn, choice)
    candidate = choice.best.candidate
    if is_on(candidate) == wanted:
        return Finished(0, f"{choice.best.label} is already {'on' if wanted else 'off'}")
    if is_checkable(candidate):
        return act("check" if wanted else "uncheck", candidate, choice=choice)
    return act("click", candidate, choice=choice)


def _switch_by_name(intent: Intent, turn: Turn, missing: Choice) -> Answer:
    """For "Enable two-factor authentication" where there is a button "Enable" and no checkbox."""
    verb = {
        "turn": "enable" if intent.kind == "check" else "disable",
        "switch": "enable" if intent.kind == "check" else "disable",
    }
    named = verb.get(intent.verb, intent.verb)
    if named in {"enable", "disable"} and intent.target:
        choice = find(replace(intent.target, verb=named), "click", turn.page)
        if choice.best is not None:
            return act("click", choice.best.candidate, choice=choice)
    return undecided(missing)


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
