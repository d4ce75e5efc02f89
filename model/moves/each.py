"""Doing one thing to several controls: "Tick all boxes", "Like both posts of Ada", "Delete the first two rows".

The first action notes how many controls there were (`Place.of`), so that it can be told later whether those that were
dealt with have vanished or stay, and nothing is left out or done twice. Where that cannot be told, nothing is done.
"""

from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import lexicon, words_of
from magenta_qa.model.language.quantity import ALL
from magenta_qa.model.language.rating import named_star
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import Word, likeness, read_field, read_words, weighty
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, is_on, none, undecided
from magenta_qa.model.ranking.choice import Choice, find, find_all, without_repeats
from magenta_qa.model.ranking.closest import AHEAD, CLOSE, closest
from magenta_qa.model.ranking.fitness import is_checkable, is_editable
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.schema import ActionKind, Candidate, Decision, Place

_KINDS: dict[str, ActionKind] = {
    "check": "check", "uncheck": "uncheck", "fill": "fill", "clear": "clear", "hover": "hover",
    "double_click": "double_click", "right_click": "right_click",
}  # fmt: skip
_ALL_WORDS = frozenset({"all", "every", "everything", "each"})
_TICKING = frozenset({"check", "uncheck", "select"})
_CHOOSING = frozenset({"select", "choos", "check", "tick", "mark"})
_SHOWING = frozenset({"show", "list", "view", "see", "display", "go"})
_SEARCHED = {"uncheck": "check", "collapse": "expand", "select": "click", "act": "click", "open": "click"}


def is_about_several(intent: Intent) -> bool:
    """Whether the intent asks for one deed on several controls."""
    target = subject(intent)
    if target is None or target.count is None or intent.kind not in {*_KINDS, *_SEARCHED, "click", "toggle", "expand"}:
        return False
    if target.count == ALL and intent.verb.partition(" ")[0] in _SHOWING and intent.kind in {"open", "act"}:
        return False  # "Show all tickets" is about what lists them
    if named_star(target.full):
        return False  # "3 stars" is the third
    if intent.kind in {"expand", "collapse"} and all(w.is_stop or w.is_optional for w in read_words(target.phrase)):
        return False  # "Expand all sections" is about whatever can be
    return intent.kind != "select" or intent.target is None or not intent.target.phrase


def subject(intent: Intent) -> Target | None:
    """What it is done to: the option of a choice, else the target."""
    return intent.option if intent.kind == "select" and intent.option else intent.target


def do_to_each(intent: Intent, turn: Turn) -> Answer:
    """The next one's turn, or that all have had theirs."""
    target = subject(intent)
    assert target is not None and target.count is not None
    if not turn.carried_out:
        one = _said_to_do_all(intent, target, turn) or one_for_all(intent, target, turn)
        if one is not None:
            return one
    elif turn.carried_out[0].place and turn.carried_out[0].place.of == 0:
        return Finished(len(turn.rest))  # one control did it for all
    elif _is_enough(target, turn):
        return Finished(len(turn.rest))
    return _next(intent, target, turn)


def _is_enough(target: Target, turn: Turn) -> bool:
    """Whether what has been done is as many as was asked for, whatever the page shows now."""
    place = turn.carried_out[0].place
    count = target.count or 0
    wanted = abs(count) if count else place.of if place else 0
    return len(turn.carried_out) >= wanted > 0


def _next(intent: Intent, target: Target, turn: Turn) -> Answer:
    choice = find_all(target, _search(intent, turn, target), turn.page)
    found = [r for r in choice.torn if _is_open(intent, r.candidate)]
    if not choice.torn:
        return undecided(choice)
    if intent.kind in {"check", "uncheck", "expand", "collapse", "select"} and target.count == ALL and not found:
        return Finished(len(turn.rest), f"all {len(choice.torn)} are already so")
    done = len(turn.carried_out)
    before = turn.carried_out[0].place.of if done and turn.carried_out[0].place else len(found)
    wanted = before if target.count == ALL else abs(target.count or 0)
    if not done and len(found) < wanted:
        return none(f"there are only {len(found)} of these, not {wanted}", choice)
    index = _index(len(found), before, done, wanted, from_end=(target.count or 0) < 0)
    if index is None:
        return none(f"there were {before} of these, and after {done} there are {len(found)}", choice, absent=False)
    return _act_on(intent, found[index], choice, before)


def _index(now: int, before: int, done: int, wanted: int, *, from_end: bool) -> int | None:
    """Which of those left is next: they all stay, or those dealt with are gone; None where it is neither."""
    if now == before:
        return before - wanted + done if from_end else done
    if now == before - done:
        return now - (wanted - done) if from_end else 0
    return None


def _act_on(intent: Intent, ranked: Ranked, choice: Choice, before: int) -> Decision:
    candidate = ranked.candidate
    kind = _KINDS.get(intent.kind, "click")
    if intent.kind == "select" and is_checkable(candidate):
        kind = "check"
    if kind in {"check", "uncheck"} and not is_checkable(candidate):
        kind = "click"
    reason = f"one of {before}: {ranked.label}"
    value = intent.value if kind == "fill" else None
    decision = act(kind, candidate, value, choice=replace(choice, best=ranked), reason=reason)
    return replace(decision, place=Place(0, before))


def _search(intent: Intent, turn: Turn, target: Target) -> str:
    if intent.kind == "select" and find_all(replace(target, count=None), "check", turn.page).torn:
        return "check"
    return _SEARCHED.get(intent.kind, intent.kind)


def _is_open(intent: Intent, candidate: Candidate) -> bool:
    """Whether it is still to be done; a tick or an expanded section tells so itself."""
    if intent.kind in {"check", "select"} and is_checkable(candidate):
        return is_on(candidate) is not True
    if intent.kind == "uncheck":
        return is_on(candidate) is not False
    if intent.kind in {"expand", "collapse"} and candidate.state.expanded is not None:
        return candidate.state.expanded is not (intent.kind == "expand")
    return True


def _said_to_do_all(intent: Intent, target: Target, turn: Turn) -> Answer | None:
    """The one control that is described as doing it to all of them, or to as many: "Deletes the 5 selected rows"."""
    words = _ALL_WORDS if target.count == ALL else frozenset({str(abs(target.count or 0))})
    if not words & {*words_of(intent.text)}:
        return None
    saying = {m for m, told in turn.page.described.items() if words & {*words_of(told)}}
    ranking = closest(replace(target, count=None), "click", turn.page) if saying else []
    best = next(iter(ranking), None)
    if best is None or best.score < CLOSE or best.candidate.mark not in saying or is_editable(best.candidate):
        return None
    if any(r.score > best.score - AHEAD for r in ranking[1:]):
        return None
    kind: ActionKind = "check" if is_checkable(best.candidate) and intent.kind != "uncheck" else "click"
    return act(
        kind, best.candidate, choice=Choice(best, tuple(ranking), reason=f"{best.label}: does it to all of them")
    )


def one_for_all(intent: Intent, target: Target, turn: Turn) -> Answer | None:
    """ "Select all rows", "Reset all filters": one control that says so of itself."""
    if target.count != ALL:
        return None
    wanted = weighty(read_words(target.phrase)) if target.phrase else ()
    verbs = read_words(intent.verb or intent.kind)
    ticks = intent.kind in _TICKING or any({*verb.stems} & _CHOOSING for verb in verbs)
    saying = [c for c in turn.page.candidates if _says_all(c, wanted, verbs, _CHOOSING if ticks else frozenset())]
    found = without_repeats((Ranked(c, 1.0) for c in saying), turn.page)
    if len(found) != 1 or _search(intent, turn, target) == "fill":
        return _bare(intent, target, turn)
    candidate = found[0].candidate
    if is_checkable(candidate):
        if is_on(candidate) == (intent.kind != "uncheck"):
            return Finished(0, f"{candidate.name} is already so")
        return act("uncheck" if intent.kind == "uncheck" else "check", candidate, reason="the one for all of them")
    return act("click", candidate, reason="the one for all of them")


def _says_all(
    candidate: Candidate, wanted: tuple[Word, ...], verbs: tuple[Word, ...], choosing: frozenset[str]
) -> bool:
    """Whether it is said to do it to all of those; `choosing` are stems that say the same as the verbs."""
    name = read_field(candidate.name or candidate.text)
    if not {"all", "everything", "every"} & {*words_of(candidate.name or candidate.text)}:
        return False
    extra = [w for w in name.words if not w.is_stop and w.raw != "all" and not w.is_optional]
    known = [w for w in extra if {*w.stems} & choosing or any(likeness(v, name) for v in verbs)]
    named = all(likeness(w, name) for w in wanted)
    return bool(known) and (named or len(known) == len(extra))


def _bare(intent: Intent, target: Target, turn: Turn) -> Answer | None:
    """ "Reset all filters" where there is one button "Reset" beside the filters."""
    if intent.kind != "act" or target.is_item:
        return None
    choice = find(replace(target, count=None), "click", turn.page)
    if choice.best is None or lexicon().changing & {*words_of(choice.best.candidate.name)}:
        return None
    return act("click", choice.best.candidate, choice=choice)
