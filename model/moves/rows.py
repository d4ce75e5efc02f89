"""Rows and cards that are called by what stands in them, and the boxes that select them.

row_selector(read_target("The Lantern"), turn)   -> the box in the row of The Lantern
"""

import re
from dataclasses import replace

from magenta_qa.model.language.lexicon import lexicon, stem, words_of
from magenta_qa.model.language.target import Relation, Target, without_sort
from magenta_qa.model.language.wording import contains, read_field
from magenta_qa.model.moves.turn import Turn
from magenta_qa.model.ranking.choice import Choice, find
from magenta_qa.model.ranking.fitness import is_selector
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.schema import Candidate, Context

_BEFORE_NAME = re.compile(r"^(?:[^a-z]+ )+")
_SO_BEGINS = 0.85


def row_selector(target: Target, turn: Turn) -> Choice | None:
    """The checkbox that selects the row or card of that name: "Tick The Lantern"; None where there is none."""
    inside = _row_named(target)
    if inside is None:
        return None
    choice = find(Target("", target.full, ("checkbox",), relations=(inside,)), "check", turn.page)
    best = choice.best.candidate if choice.best else None
    return choice if best and is_selector(best) and stands_in(inside.phrase, best, turn) else None


def stands_in(phrase: str, candidate: Candidate, turn: Turn) -> bool:
    """Whether a control stands in a row or card that has the words."""
    row = turn.page.item(candidate)
    return row is not None and _names_item(phrase, row)


def _row_named(target: Target) -> Relation | None:
    """The row that "The Lantern" or "the row of The Lantern" means."""
    if target.verb:
        return None
    if not target.relations:
        return Relation("in", target.phrase, "row", exact=target.quoted) if target.phrase else None
    kind = lexicon().containers.get(tuple(stem(w) for w in words_of(target.phrase)))
    of, *more = target.relations
    return replace(of, kind="in", container="row") if kind in {"row", "listitem"} and not more and of.phrase else None


def _names_item(phrase: str, row: Context) -> bool:
    text = read_field(row.text)
    return any(contains(text, read_field(p).phrase) for p in (phrase, without_sort(phrase)) if p)


def row_itself(target: Target, turn: Turn) -> Choice | None:
    """The one row that is acted on itself and begins with that name: "Right-click Old maps"; else None."""
    phrase = read_field(target.phrase).phrase
    if not phrase or target.verb or target.kinds or target.relations or target.ordinal:
        return None
    rows = [c for c in turn.page.candidates if c.role == "row" and _begins_with(phrase, c)]
    return Choice(Ranked(rows[0], _SO_BEGINS, "begins with that name"), ()) if len(rows) == 1 else None


def _begins_with(phrase: str, row: Candidate) -> bool:
    """Whether it is what a row says first, but for numbers and boxes."""
    said = _BEFORE_NAME.sub("", read_field(row.text).phrase)
    return f"{said} ".startswith(f"{phrase} ")
