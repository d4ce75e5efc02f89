"""Judges what fields hold, what the page states for a label, and what stands in a cell.

judge_value(ValueCheck("total", "$42.00"), scene)            -> Judgement(True, 'text "Total" is "$42.00"', …)
judge_cell(CellCheck(Place("row", "Ada"), "Role", "Admin"), scene)
"""

import re
from typing import Literal

from magenta_qa.agent.checks.compare import numbers
from magenta_qa.agent.checks.kinds import PAGE, CellCheck, EmptyCheck, NumberCheck, Place, TextCheck, ValueCheck
from magenta_qa.agent.checks.names import FIRM, STRIPPED, fit_name
from magenta_qa.agent.checks.page import Node, fold_lines
from magenta_qa.agent.checks.readings import holds, judge_readings, readings
from magenta_qa.agent.checks.scene import Judgement, Scene, agree, clip, in_place, unclear
from magenta_qa.agent.checks.spots import Spot
from magenta_qa.agent.checks.tables import cell_at
from magenta_qa.agent.checks.text import text_in

_SAYS_EMPTY = re.compile(
    r"\b(?:is|are) (?:currently |now )?empty\b|^empty$|\bnothing (?:here|yet|found|to show|in|to see)\b|"
    r"\b(?:no|0) (?:\w+ ){0,2}(?:items?|products?|entries|results?|records?|messages?|orders?|data|notifications?|"
    r"articles?|files?|tasks?|rows?|matches)\b",
    re.IGNORECASE,
)
_LISTS: tuple[Literal["table", "list"], ...] = ("table", "list")


def judge_value(check: ValueCheck, scene: Scene) -> Judgement:
    """What a field holds or the page states for a label."""
    places = scene.finder.places(check.place)
    if len(places.spots) != 1:
        return unclear(str(check.place), [s.label for s in places.spots] + places.near)
    values, near = readings(scene.finder, check.subject, list(places.spots[0].nodes), only_fields=check.field)
    if not values and not check.field:
        as_text = TextCheck(check.value, Place("region", check.subject), check.op, check.quoted, check.negated)
        found = scene.finder.places(as_text.place)
        if found.spots and found.spots[0].score >= FIRM:
            return in_place(scene, as_text.place, lambda spot: text_in(as_text, scene, spot))
    if not values:
        return unclear(f'{"the field" if check.field else "a value of"} "{check.subject}"', near)
    return judge_readings(check, scene, values)


def judge_number(check: NumberCheck, scene: Scene) -> Judgement:
    """The number that the page states for a label, compared."""
    places = scene.finder.places(check.place)
    if len(places.spots) != 1:
        return unclear(str(check.place), places.near)
    values, near = readings(scene.finder, check.subject, list(places.spots[0].nodes))
    if not values:
        return unclear(f'a value of "{check.subject}"', near)
    judged = []
    for reading in values:
        amounts = numbers(reading.value)
        holds = None
        if len(amounts) == 1 and not reading.secret:
            holds = check.comparison.holds(amounts[0].value) and (
                not check.comparison.unit or amounts[0].unit == check.comparison.unit
            )
        reason = f'{reading.label} is "{clip(reading.value)}"' + ("" if amounts else ", which is no number")
        judged.append(Judgement(holds, reason, str(check.comparison), clip(reading.value), reading.node.box))
    return agree(judged, f'"{check.subject}"', [f'{r.label}: "{r.value[:40]}"' for r in values])


def judge_empty(check: EmptyCheck, scene: Scene) -> Judgement:
    """A field without a value; a list or region without entries."""
    values, near = readings(scene.finder, check.subject, scene.view.roots, only_fields=True)
    if values and (check.field or values[0].score >= STRIPPED):
        judged = [
            Judgement(
                (not r.value.strip()) != check.negated,
                f'{r.label} holds "{"•••" if r.secret and r.value else clip(r.value)}"',
                str(check),
                "•••" if r.secret and r.value else clip(r.value),
                r.node.box,
            )
            for r in values
        ]
        return agree(judged, f'"{check.subject}"', [r.label for r in values])
    if check.field:
        return unclear(f'the field "{check.subject}"', near)
    place = Place("region", check.subject)
    for kind in _LISTS:
        if f" {check.subject}".endswith(f" {kind}"):
            place = Place(kind, check.subject.removesuffix(kind).strip())
    return in_place(scene, place, lambda spot: _empty_spot(check, scene, spot))


def _empty_spot(check: EmptyCheck, scene: Scene, spot: Spot) -> Judgement:
    rows = scene.finder.rows(list(spot.nodes))
    text = fold_lines(scene.view.text(spot.nodes))
    said = _SAYS_EMPTY.search(text)
    if rows:
        state: bool | None = None if said and len(rows) == 1 else False
    else:
        state = True if said or not text else None
    actual = f"{len(rows)} entries" if rows else f'"{clip(text)}"'
    if state is None:
        return Judgement(None, f"cannot tell whether {spot.label} is empty: {actual}", "empty", actual)
    return Judgement(state != check.negated, f"{spot.label} has {actual}", "empty", actual, spot.nodes[0].box)


def judge_cell(check: CellCheck, scene: Scene) -> Judgement:
    """A cell by column header, or a property of an entry by its words."""
    return in_place(scene, check.row, lambda spot: _cell_in(check, scene, spot))


def _cell_in(check: CellCheck, scene: Scene, spot: Spot) -> Judgement:
    row = spot.nodes[0]
    cells = column_cells(scene, row, check.column)
    if cells is None:
        values, near = readings(scene.finder, check.column, [row])
        if not values:
            return unclear(f'"{check.column}" in {spot.label}', near)
        as_value = ValueCheck(check.column, check.value, check.op, False, check.quoted, PAGE, check.negated)
        return judge_readings(as_value, scene, values)
    if len(cells) != 1:
        return Judgement(None, f'{len(cells)} columns fit "{check.column}"', check.value)
    cell = cells[0]
    fields = [n for n in scene.view.under([cell]) if n.value is not None]
    actual = fields[0].value or "" if len(fields) == 1 and not fields[0].secret else fold_lines(scene.view.text([cell]))
    held = holds(check, scene, cell, actual)
    return Judgement(held, f'"{check.column}" of {spot.label} is "{clip(actual)}"', check.value, clip(actual), cell.box)


def column_cells(scene: Scene, row: Node, column: str) -> list[Node] | None:
    """The cells of a table row under the headers that fit best; None when there is no such table or header."""
    table = next((a for a in row.ancestors() if a.role in {"table", "grid", "treegrid"}), None)
    if table is None or row.role != "row":
        return None
    headers = scene.finder.headers(table)
    scored = [(fit_name(column, name), start) for name, start in headers]
    top = max((score for score, _ in scored), default=0)
    if not top:
        return None
    positions = [start for score, start in scored if score == top]
    return [cell for position in positions if (cell := cell_at(row, position)) is not None]
