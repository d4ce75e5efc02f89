"""Cells of grids that are edited in place: double-clicked, filled, and left with Enter."""

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, none
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.ranking.fitness import is_editable

_OPENING = frozenset({"double_click"})
_FILLING = frozenset({"fill"})
_LEAVING = frozenset({"press"})


def edit_cell(intent: Intent, turn: Turn) -> Answer | None:
    """The next move of "change the weight of CN-2 to 600"; None where no cell of a grid is meant."""
    opened = ends_at(turn.rest, _OPENING)
    if not opened:
        return _open(intent, turn)
    filled = ends_at(turn.rest[opened:], _FILLING)
    left = ends_at(turn.rest[opened + filled :], _LEAVING) if filled else 0
    if left:
        return Finished(opened + filled + left)
    fields = [c for c in turn.page.candidates if is_editable(c) and c.state.focused]
    if len(fields) != 1:
        return none("the cell does not turn into a field when it is double-clicked", absent=False)
    if filled:
        return act("press", fields[0], "Enter", reason="leaves the field in the cell")
    return act("fill", fields[0], intent.value, reason="the field in the cell")


def _open(intent: Intent, turn: Turn) -> Answer | None:
    """Double-click the cell, where there is no field that could be meant."""
    if turn.rest or intent.value is None or intent.target is None or not intent.target.relations:
        return None
    field = find(intent.target, "fill", turn.page)
    cell = find(intent.target, "double_click", turn.page).best
    if field.best is not None or field.torn or cell is None or cell.candidate.role != "gridcell":
        return None
    return act("double_click", cell.candidate, reason=f"{cell.label}: opens the cell")
