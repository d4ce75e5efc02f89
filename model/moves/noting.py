"""Values that are read off the page: noting one, and entering what was noted.

An action of kind "read" brings the value back as `Effect.value`; everything later is told from the history.
"""

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.reference import Source, take_piece
from magenta_qa.model.language.spans import Masked
from magenta_qa.model.language.target import read_target
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, none
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.schema import Decision, Done

READS = frozenset({"read"})


def note(intent: Intent, turn: Turn) -> Answer:
    """ "Copy the order number": read it, for what comes later in the step."""
    used = ends_at(turn.rest, READS)
    if used:
        return Finished(used)
    assert intent.source is not None
    return _read(intent.source, turn)


def noted_value(intent: Intent, turn: Turn) -> str | Decision:
    """The value that the intent points to, or the decision to read it first, or that there is none."""
    assert intent.source is not None
    source = intent.source
    reads = _reads(turn.rest if source.what else turn.history)
    if not reads:
        return _read(source, turn) if source.what else none(f'nothing has been read yet: "{intent.text}"', absent=False)
    if not source.what:
        source = turn.noted or source
    value = take_piece(reads[-1], source)
    return value if value else none(f'"{reads[-1][:60]}" has no {source.unit} number {source.nth}', absent=False)


def _reads(done: tuple[Done, ...]) -> list[str]:
    return [d.effect.value for d in done if d.action.kind == "read" and d.effect and d.effect.value is not None]


def _read(source: Source, turn: Turn) -> Decision:
    """From a control of that name; else the page is asked what it states for it."""
    target = read_target(source.what, Masked(source.what, (), ()))
    for action in ("fill", "hover"):
        if not target.phrase and not target.kinds and not target.ordinal:
            break
        choice = find(target, action, turn.page)
        if choice.best is not None:
            return act("read", choice.best.candidate, choice=choice, reason=f"reads {choice.best.label}")
    return act("read", value=source.what, reason=f'reads "{source.what}"')
