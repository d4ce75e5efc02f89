"""Doing something until a condition holds: "Click Next until page 5 is shown"; "Generate a number less than 5"."""

from collections.abc import Callable
from dataclasses import replace

from magenta_qa.model.language.condition import Condition
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, none
from magenta_qa.model.schema import Decision, Done

_MAX_TIMES = 40
WHETHER = "whether "


def repeat(intent: Intent, turn: Turn, move: Callable[[Intent, Turn], Answer]) -> Answer:
    """Look whether the condition holds, and do it once more if not.

    Args:
        intent: With a condition.
        turn: What has been done for it.
        move: What does it once.
    """
    condition = intent.until
    assert condition is not None
    last = turn.carried_out[-1] if turn.carried_out else None
    if last is not None and last.action.kind == "read":
        holds = _holds(condition, last)
        if holds:
            return Finished(len(turn.rest), f"it holds: {condition.statement or condition.what}")
        if holds is None:
            return none(f'"{last.effect.value if last.effect else ""}" is no number', absent=False)
    elif last is not None or condition.statement:
        return _look(condition)
    if len(turn.carried_out) >= 2 * _MAX_TIMES:
        return none(f"{_MAX_TIMES} times in vain: {intent.text}", absent=False)
    return move(intent, replace(turn, rest=()))


def _look(condition: Condition) -> Decision:
    what = f"{WHETHER}{condition.statement}" if condition.statement else condition.what
    return act("read", value=what, reason=f"looks {what}")


def _holds(condition: Condition, done: Done) -> bool | None:
    value = done.effect.value if done.effect and done.effect.value is not None else ""
    return value == "yes" if condition.statement else condition.holds(value)
