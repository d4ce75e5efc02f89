"""Expanding and collapsing: one section, the next ones until something is found, or the only sign for it."""

import re
from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import lexicon, stems_of
from magenta_qa.model.language.quantity import ALL, is_plural
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import read_field, read_words
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, named, none, undecided
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.ranking.rank import EXACT
from magenta_qa.model.schema import Box, Candidate, Decision

_CLICKS = frozenset({"click", "check", "uncheck"})
_SIGNS = {"expand": frozenset("+▸▶►⌄▾＋➕☰"), "collapse": frozenset("-−–▾▼▴⌃")}

_EDGES = frozenset({"navigation", "header", "footer"})
_BESIDE_PX = 32.0
_SIGN_WORDS = re.compile(r"\b(?:arrow|caret|chevron|switcher|toggler?|expander)\b")
"""What the classes of a sign for opening say."""


def fold(intent: Intent, turn: Turn) -> Answer:
    """Open or shut what is named; in general, whatever is not yet so."""
    target = intent.target or Target("", "")
    general = all(w.is_stop or w.is_optional for w in read_words(target.phrase)) and not _is_edge(target)
    called = find(Target(target.full, target.full), "expand", turn.page) if general and target.full else None
    if called is not None and called.best is not None and called.best.why in EXACT:
        target = Target(target.full, target.full)  # "Expand the options" where a section is called "Options"
    elif general and not target.ordinal and not target.relations:
        return _expand_any(intent, turn)
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    wanted = intent.kind == "expand"
    choice = find(target, "expand", turn.page)
    if choice.best is None and not choice.torn:
        choice = find(replace(target, verb=intent.kind), "expand", turn.page)
    if choice.best is None and not choice.torn:
        only = _only_expander(intent, turn)
        return only if isinstance(only, Decision) and only.action else undecided(choice)
    if choice.best is None:
        return undecided(choice)
    if sign := _sign_beside(choice.best.candidate, intent.kind, turn):
        return act("click", sign, choice=choice, reason=f"the sign beside {choice.best.label}")
    item = _tree_item(choice.best.candidate, turn)
    if item.state.expanded is wanted:
        return Finished(0, f"{choice.best.label} is already {'expanded' if wanted else 'collapsed'}")
    return act("click", _sign_on(item, turn) or choice.best.candidate, choice=choice)


def _is_edge(target: Target) -> bool:
    """Whether it is a part that a page has once, and none of its sections: "Collapse the sidebar"."""
    return lexicon().containers.get(stems_of(target.phrase)) in _EDGES


def _tree_item(candidate: Candidate, turn: Turn) -> Candidate:
    """The item of a tree whose words were found; else the candidate itself."""
    around = (c for c in turn.page.candidates if c.role == "treeitem" and c.box.contains(candidate.box))
    return min(around, key=lambda c: c.box.width * c.box.height, default=candidate)


def _sign_beside(named: Candidate, kind: str, turn: Turn) -> Candidate | None:
    """The sign for opening beside a link, which leads to what it names: a click on the link unfolds nothing."""
    if named.role != "link" or named.state.expanded is not None:
        return None
    line = [c for c in turn.page.candidates if c is not named and _is_in_line(c.box, named.box)]
    signs = [c for c in line if kind in {k for f in turn.page.names(c) for w in f.words for k in w.concepts}]
    return signs[0] if len(signs) == 1 else None


def _is_in_line(box: Box, other: Box) -> bool:
    """Whether it stands right before or after the other, in one line."""
    gap = max(other.x - (box.x + box.width), box.x - (other.x + other.width))
    return abs(box.center[1] - other.center[1]) <= other.height / 2 and gap <= _BESIDE_PX


def _sign_on(item: Candidate, turn: Turn) -> Candidate | None:
    """The sign for opening on an item of a tree: a click beside it may pick the item, or do nothing."""
    if item.role != "treeitem":
        return None
    inside = (c for c in turn.page.candidates if not c.name and c is not item and item.box.contains(c.box))
    signs = [c for c in inside if c.role in {"generic", "button"} and _SIGN_WORDS.search(c.hints)]
    return signs[0] if len(signs) == 1 else None


def _expand_any(intent: Intent, turn: Turn) -> Answer:
    """ "Expand the sections": one after the other, until what comes next in the step is there; each one once."""
    wanted = intent.kind == "expand"
    tried = {d.element for d in turn.rest}
    goal = turn.following[0].target if turn.following else None
    if goal is not None and turn.rest and turn.page.candidates and find(goal, "click", turn.page).best is not None:
        return Finished(len(turn.rest))
    several = intent.target is not None and (intent.target.count == ALL or is_plural(intent.target.phrase))
    if several and any(read_field(d.element.partition(" ")[2]).phrase == f"{intent.kind} all" for d in turn.rest):
        return Finished(len(turn.rest))
    at_once = [c for c in turn.page.candidates if several and turn.page.name(c).phrase == f"{intent.kind} all"]
    if len(at_once) == 1 and not turn.rest:
        return act("click", at_once[0], reason="the one for all of them")
    shut = [c for c in turn.page.candidates if c.state.expanded is (not wanted) and named(c) not in tried]
    if turn.rest and not several:
        return Finished(len(turn.rest))
    if not shut and turn.page.candidates:
        return Finished(len(turn.rest)) if turn.rest else _only_expander(intent, turn)
    if not shut:
        return none("the page shows nothing to expand", absent=False)
    return act("click", shut[0], reason="the next one that is not open" if wanted else "the next one that is open")


def _only_expander(intent: Intent, turn: Turn) -> Answer:
    """The one control that has no name but a sign for opening, such as "+"."""
    signs = [c for c in turn.page.candidates if (c.name or c.text).strip() in _SIGNS[intent.kind]]
    if len(signs) == 1:
        return act("click", signs[0], reason="the only sign for it")
    return none("there is nothing to expand", absent=False)
