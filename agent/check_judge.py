"""Judges one compiled check against one view of the page.

    judge(CountCheck("item", = 2, region "cart"), Scene(view, …))
        -> Judgement(holds=False, expected="2", actual="3 items (list: Blue backpack; Red mug; Pen)", reason="…")

`holds` is None where it cannot be told: the named thing is not there, or readings that fit equally well disagree.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from magenta_qa.agent.check_compare import contains, nearly_contains, numbers, same_value, squeeze
from magenta_qa.agent.check_find import FILLED, PART, STRIPPED, Finder, Found, Spot, fit_name
from magenta_qa.agent.check_kinds import (
    PAGE,
    CellCheck,
    Check,
    EmptyCheck,
    ErrorShownCheck,
    NumberCheck,
    OnPageCheck,
    Op,
    Place,
    StateCheck,
    Target,
    TextCheck,
    TitleCheck,
    ValueCheck,
)
from magenta_qa.agent.check_page import Node, View, fold_lines
from magenta_qa.agent.check_values import Reading, readings
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.schema import Box

MAX_ACTUAL = 300  # characters of a value shown in the trace
_STATE_FLAGS = {
    "checked": ("c", "um"), "selected": ("s", "n"), "expanded": ("e", "x"), "pressed": ("p", "q"),
    "disabled": ("d", ""), "required": ("r", ""), "readonly": ("o", ""), "focused": ("f", ""), "invalid": ("ij", ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one look at the page says about a check."""

    holds: bool | None
    reason: str
    expected: str = ""
    actual: str = ""
    box: Box | None = None


@dataclass(slots=True)
class Scene:
    """What a check is judged against."""

    view: View
    secrets: Secrets
    finder: Finder = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.finder is None:
            self.finder = Finder(self.view, self.secrets.resolve)

    def resolve(self, text: str) -> str:
        """With the values of secrets, for comparing only."""
        return self.secrets.resolve(text)


def unclear(what: str, found: Sequence[str]) -> Judgement:
    """Something named is not to be found, or not clearly."""
    others = "; ".join(found[:5])
    return Judgement(None, f"cannot find {what}" + (f"; there is: {others}" if others else ""))


def _clip(text: str) -> str:
    return text if len(text) <= MAX_ACTUAL else text[: MAX_ACTUAL - 1] + "…"


def agree(judgements: list[Judgement], what: str, labels: Sequence[str]) -> Judgement:
    """One judgement of several equally good readings: theirs if they agree, else that it cannot be told."""
    verdicts = {j.holds for j in judgements}
    if len(verdicts) == 1:
        return judgements[0]
    return Judgement(
        None,
        f"{what} is ambiguous: {'; '.join(labels[:5])}",
        judgements[0].expected,
        _clip("; ".join(j.actual for j in judgements[:5])),
    )


def in_place(scene: Scene, place: Place, judge_spot: Callable[[Spot], Judgement]) -> Judgement:
    """Judge every part of the page that `place` can mean."""
    found = scene.finder.places(place)
    weak = place.kind not in {"row", "page"} and bool(found.spots) and found.spots[0].score < STRIPPED - 30 + 15
    if not found.spots or weak:
        return unclear(str(place), [s.label for s in found.spots] + found.near)
    return agree([judge_spot(spot) for spot in found.spots], str(place), [s.label for s in found.spots])


# --- text ------------------------------------------------------------------------------------------------------------


def judge_text(check: TextCheck, scene: Scene) -> Judgement:
    """Text shown, or not shown, in a place."""
    if check.place.kind == "region":
        found = scene.finder.places(check.place)
        if not found.spots or found.spots[0].score < STRIPPED - 15:
            return _text_of_value(check, scene, found)
    if check.place.kind == "message":
        return _text_in_messages(check, scene)
    return in_place(scene, check.place, lambda spot: _text_in(check, scene, spot))


def _text_of_value(check: TextCheck, scene: Scene, found: Found) -> Judgement:
    """The named part is no region: a field or a labelled value may be meant ("the total shows $42.00")."""
    values, near = readings(scene.finder, check.place.name, scene.view.roots)
    if not values:
        return unclear(str(check.place), [s.label for s in found.spots] + found.near + near)
    op: Op = check.op
    as_value = ValueCheck(check.place.name, check.text, op, False, check.quoted, PAGE, check.negated)
    return _judge_readings(as_value, scene, values)


def _text_in_messages(check: TextCheck, scene: Scene) -> Judgement:
    found = scene.finder.places(check.place)
    if not found.spots:
        if check.negated:
            return _text_in(replace(check, place=PAGE), scene, Spot("the page", tuple(scene.view.roots)))
        return Judgement(False, f"no {check.place} is shown", check.text, "no message")
    results = [_text_in(check, scene, spot) for spot in found.spots]
    wanted = (
        next((r for r in results if r.holds is not (not check.negated)), results[0])
        if check.negated
        else next((r for r in results if r.holds), results[0])
    )
    return wanted


def _text_in(check: TextCheck, scene: Scene, spot: Spot) -> Judgement:
    expected = scene.resolve(check.text)
    text = scene.view.text(spot.nodes)
    shown = _shown(scene.view, check, expected, spot.nodes, text)
    seen = fold_lines(text)
    if check.negated:
        return _absent(check, scene, spot, shown, text, expected)
    if shown:
        place = _innermost(scene.view, spot.nodes, expected, not check.quoted)
        return Judgement(
            True, f'"{check.text}" is shown in {spot.label}', check.text, expected, place.box if place else None
        )
    if check.parts:
        return _listed(check, scene, spot, text)
    box = spot.nodes[0].box if spot.label != "the page" and spot.nodes else None
    return Judgement(
        False, f'"{check.text}" is not shown in {spot.label}{_nearest(text, expected)}', check.text, _clip(seen), box
    )


def _nearest(text: str, expected: str) -> str:
    near = nearly_contains(text, expected)
    return f'; there is "{near}"' if near else ""


def _shown(view: View, check: TextCheck, expected: str, nodes: Sequence[Node], text: str) -> bool:
    ignore = not check.quoted
    if check.op == "contains":
        return contains(text, expected, ignore_case=ignore) or (
            check.quoted and _upper(view, nodes) and contains(text.upper(), expected)
        )
    test = _whole_test(check.op, expected, ignore)
    if check.place != PAGE and test(fold_lines(text)):
        return True
    return (
        any(test(fold_lines(line)) for line in text.split("\n"))
        if check.place == PAGE
        else any(
            test(part) for part in map(squeeze, re.split(r"[\n\t]", text)) if check.place.kind in {"message", "dialog"}
        )
    )


def _whole_test(op: Op, expected: str, ignore_case: bool) -> Callable[[str], bool]:
    def fold(text: str) -> str:
        return squeeze(text).casefold() if ignore_case else squeeze(text)

    wanted = fold(expected)
    if op == "starts with":
        return lambda text: fold(text).startswith(wanted)
    if op == "ends with":
        return lambda text: fold(text).endswith(wanted)
    return lambda text: fold(text) == wanted


def _upper(view: View, nodes: Sequence[Node]) -> bool:
    """Whether CSS shows some of the text in capitals."""
    return any("U" in n.flags for n in view.under(nodes))


def _absent(check: TextCheck, scene: Scene, spot: Spot, shown: bool, text: str, expected: str) -> Judgement:
    if shown:
        place = _innermost(scene.view, spot.nodes, expected, not check.quoted)
        return Judgement(
            False,
            f'"{check.text}" is shown in {spot.label}',
            f'no "{check.text}"',
            expected,
            place.box if place else None,
        )
    hints = " ".join(n.attributes.get("placeholder", "") for n in scene.view.under(spot.nodes) if n.value == "")
    near = nearly_contains(text, expected) or nearly_contains(hints, expected) if check.op == "contains" else ""
    if near:
        return Judgement(
            None,
            f'"{check.text}" is not shown in {spot.label}, but "{near}" is: which is meant?',
            f'no "{check.text}"',
            near,
        )
    return Judgement(True, f'"{check.text}" is not shown in {spot.label}', f'no "{check.text}"', "not shown")


def _listed(check: TextCheck, scene: Scene, spot: Spot, text: str) -> Judgement:
    """An unquoted "A and B" that does not stand there as one text: each part, as a whole text of its own."""
    texts = [squeeze(part).casefold() for part in re.split(r"[\n\t]", text)]
    missing = [part for part in check.parts if not contains(text, scene.resolve(part), ignore_case=True)]
    if missing:
        names = ", ".join(f'"{part}"' for part in missing)
        return Judgement(False, f"{names} not shown in {spot.label}", check.text, _clip(fold_lines(text)))
    if all(squeeze(scene.resolve(part)).casefold() in texts for part in check.parts):
        return Judgement(
            True,
            f'"{check.text}" is shown in {spot.label}, each by itself',
            check.text,
            "; ".join(check.parts),
            spot.nodes[0].box,
        )
    return Judgement(
        None,
        f'"{check.text}" may be one text or a list of texts: put quotes around each',
        check.text,
        _clip(fold_lines(text)),
    )


def _innermost(view: View, nodes: Sequence[Node], expected: str, ignore_case: bool) -> Node | None:
    """The smallest element whose text has `expected` in it."""
    best: Node | None = None
    candidates: list[Node] = list(nodes)
    while candidates:
        inner = next(
            (n for n in candidates if n.tag and contains(view.text([n]), expected, ignore_case=ignore_case)), None
        )
        if inner is None:
            return best
        best, candidates = inner, inner.children
    return best


# --- title, page name ------------------------------------------------------------------------------------------------


def judge_title(check: TitleCheck, scene: Scene) -> Judgement:
    """The document's title."""
    actual, expected = scene.view.title, scene.resolve(check.value)
    holds = _value_holds(check.op, actual, expected, ignore_case=not check.quoted) != check.negated
    if check.negated and not actual:
        holds = False
    return Judgement(holds, f'the title is "{actual}"', str(check), actual)


def judge_on_page(check: OnPageCheck, scene: Scene) -> Judgement:
    """Path, first heading and title as witnesses of which page this is."""
    view, name = scene.view, scene.resolve(check.name)
    path = re.sub(r"^[a-z]+://[^/]*", "", view.url)
    route = path.partition("#")[2] if re.search(r"#!?/", path) else re.split(r"[?#]", path)[0]
    segments = [s for s in route.split("/") if s]
    headings = scene.finder.places(Place("heading")).spots
    heading = fold_lines(view.text(headings[0].nodes)) if headings else ""
    titles = re.split(r"\s[|–—\-·:•»]\s|: ", view.title)
    by_path = bool(segments) and _core_equal(
        name, re.sub(r"[-_.]", " ", segments[-1].removesuffix(".html").removesuffix(".php"))
    )
    by_path = by_path or (not segments and name.lower() in {"home", "start", "main", "landing", "front"})
    by_heading = fit_name(name, heading) >= FILLED
    by_title = any(fit_name(name, part) >= FILLED for part in titles)
    near = (not by_path and any(_core_equal(name, re.sub(r"[-_.]", " ", s)) for s in segments)) or fit_name(
        name, heading
    ) > 0
    witnesses = sum((by_path, by_heading, by_title))
    holds: bool | None = witnesses >= 2 or by_heading or (witnesses == 1 and not heading)
    if not holds and (witnesses or near):
        holds = None
    actual = f'path {route or "/"}, heading "{heading}", title "{view.title}"'
    result = None if holds is None else holds != check.negated
    reason = (
        f"the open page has {actual}"
        if holds is not None
        else f"whether this is the {check.name} page is unclear: {actual}"
    )
    return Judgement(result, reason, check.name, actual, headings[0].nodes[0].box if headings else None)


def _core_equal(name: str, words: str) -> bool:
    return fit_name(name, words) >= FILLED


# --- values ----------------------------------------------------------------------------------------------------------


def _value_holds(op: Op, actual: str, expected: str, *, ignore_case: bool) -> bool:
    if op == "equals":
        return same_value(actual, expected, ignore_case=ignore_case) or same_value(
            re.sub(r"\s*\([^)]*\)\s*$", "", actual), expected, ignore_case=ignore_case
        )
    if op == "contains":
        return contains(actual, expected, ignore_case=ignore_case)
    return _whole_test(op, expected, ignore_case)(actual)


def judge_value(check: ValueCheck, scene: Scene) -> Judgement:
    """What a field holds or the page states for a label."""
    places = scene.finder.places(check.place)
    if len(places.spots) != 1:
        return unclear(str(check.place), [s.label for s in places.spots] + places.near)
    values, near = readings(scene.finder, check.subject, list(places.spots[0].nodes), only_fields=check.field)
    if not values and not check.field:
        as_text = TextCheck(check.value, Place("region", check.subject), check.op, check.quoted, check.negated)
        found = scene.finder.places(as_text.place)
        if found.spots and found.spots[0].score >= STRIPPED - 15:
            return in_place(scene, as_text.place, lambda spot: _text_in(as_text, scene, spot))
    if not values:
        return unclear(f'{"the field" if check.field else "a value of"} "{check.subject}"', near)
    return _judge_readings(check, scene, values)


def _judge_readings(check: ValueCheck, scene: Scene, values: list[Reading]) -> Judgement:
    expected = scene.resolve(check.value)
    judged = []
    for reading in values:
        actual = "•••" if reading.secret else reading.value
        holds = _value_holds(check.op, reading.value, expected, ignore_case=not check.quoted) != check.negated
        judged.append(
            Judgement(holds, f'{reading.label} is "{_clip(actual)}"', check.value, _clip(actual), reading.node.box)
        )
    labels = [f'{r.label}: "{"•••" if r.secret else r.value[:40]}"' for r in values]
    return agree(judged, f'"{check.subject}"', labels)


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
        reason = f'{reading.label} is "{_clip(reading.value)}"' + ("" if amounts else ", which is no number")
        judged.append(Judgement(holds, reason, str(check.comparison), _clip(reading.value), reading.node.box))
    return agree(judged, f'"{check.subject}"', [f'{r.label}: "{r.value[:40]}"' for r in values])


def judge_empty(check: EmptyCheck, scene: Scene) -> Judgement:
    """A field without a value; a list or region without entries."""
    values, near = readings(scene.finder, check.subject, scene.view.roots, only_fields=True)
    if values and (check.field or values[0].score >= STRIPPED):
        judged = [
            Judgement(
                (not r.value.strip()) != check.negated,
                f'{r.label} holds "{"•••" if r.secret and r.value else _clip(r.value)}"',
                str(check),
                "•••" if r.secret and r.value else _clip(r.value),
                r.node.box,
            )
            for r in values
        ]
        return agree(judged, f'"{check.subject}"', [r.label for r in values])
    if check.field:
        return unclear(f'the field "{check.subject}"', near)
    kind = re.fullmatch(r"(?:the )?(.*?)\s*(table|list|cart|inbox)?", check.subject)
    place = Place(
        kind[2] if kind and kind[2] in {"table", "list"} else "region",
        kind[1] if kind and kind[2] in {"table", "list"} else check.subject,
    )  # type: ignore[arg-type]
    return in_place(scene, place, lambda spot: _empty_spot(check, scene, spot))


def _empty_spot(check: EmptyCheck, scene: Scene, spot: Spot) -> Judgement:
    rows = scene.finder.rows(list(spot.nodes))
    text = fold_lines(scene.view.text(spot.nodes))
    said = re.search(
        r"\b(?:is|are) (?:currently )?empty\b|\bno [a-z ]{2,30}\b|\bnothing\b|\bempty\b|\b0 \w+", text, re.IGNORECASE
    )
    if rows:
        state: bool | None = None if said and len(rows) == 1 else False
    else:
        state = True if said or not text else None
    actual = f"{len(rows)} entries" if rows else f'"{_clip(text)}"'
    if state is None:
        return Judgement(None, f"cannot tell whether {spot.label} is empty: {actual}", "empty", actual)
    return Judgement(state != check.negated, f"{spot.label} has {actual}", "empty", actual, spot.nodes[0].box)


def judge_cell(check: CellCheck, scene: Scene) -> Judgement:
    """A cell by column header, or a property of an entry by its words."""
    return in_place(scene, check.row, lambda spot: _cell_in(check, scene, spot))


def _cell_in(check: CellCheck, scene: Scene, spot: Spot) -> Judgement:
    expected, row = scene.resolve(check.value), spot.nodes[0]
    cells = column_cells(scene, row, check.column)
    if cells is None:
        values, near = readings(scene.finder, check.column, [row])
        if not values:
            return unclear(f'"{check.column}" in {spot.label}', near)
        as_value = ValueCheck(check.column, check.value, check.op, False, check.quoted, PAGE, check.negated)
        return _judge_readings(as_value, scene, values)
    if len(cells) != 1:
        return Judgement(None, f'{len(cells)} columns fit "{check.column}"', check.value)
    cell = cells[0]
    fields = [n for n in scene.view.under([cell]) if n.value is not None]
    actual = fields[0].value or "" if len(fields) == 1 and not fields[0].secret else fold_lines(scene.view.text([cell]))
    holds = _value_holds(check.op, actual, expected, ignore_case=not check.quoted) != check.negated
    return Judgement(
        holds, f'"{check.column}" of {spot.label} is "{_clip(actual)}"', check.value, _clip(actual), cell.box
    )


def column_cells(scene: Scene, row: Node, column: str) -> list[Node] | None:
    """The cells of a table row under the headers that fit best; None when there is no such table or header."""
    table = next((a for a in row.ancestors() if a.role in {"table", "grid", "treegrid"}), None)
    if table is None or row.role != "row":
        return None
    headers = header_positions(scene, table)
    scored = [(fit_name(column, name), start) for name, start in headers]
    top = max((score for score, _ in scored), default=0)
    if not top:
        return None
    positions = [start for score, start in scored if score == top]
    return [cell for position in positions if (cell := cell_at(row, position)) is not None]


def header_positions(scene: Scene, table: Node) -> list[tuple[str, int]]:
    """(text, first column) of each column header of a table."""
    for row in scene.view.under([table]):
        cells = [c for c in row.children if c.tag] if row.role == "row" else []
        if cells and all(c.tag == "th" or c.role == "columnheader" for c in cells):
            positions, at = [], 0
            for cell in cells:
                positions.append(
                    (
                        cell.attributes.get("aria-label")
                        or re.sub(r"[\s▲▼↑↓⇅]+$", "", fold_lines(scene.view.text([cell]))),
                        at,
                    )
                )
                at += _span(cell)
            return positions
    return []


def cell_at(row: Node, position: int) -> Node | None:
    """The cell of a row that covers a column."""
    at = 0
    for cell in row.children:
        if not cell.tag:
            continue
        if at <= position < at + _span(cell):
            return cell
        at += _span(cell)
    return None


def _span(cell: Node) -> int:
    span = cell.attributes.get("colspan", "1")
    return max(1, int(span)) if span.isdigit() and len(span) < 4 else 1


# --- states ----------------------------------------------------------------------------------------------------------


def judge_state(check: StateCheck, scene: Scene) -> Judgement:
    """The state of a control, or whether something named is visible."""
    if check.state == "visible":
        return _judge_visible(check, scene)
    target = check.target
    found = scene.finder.controls(target)
    spots = [spot for spot in found.spots if _has_state(spot.nodes[0], check.state, target)]
    if not spots:
        others = [s.label for s in found.spots] + found.near
        if target.place != PAGE and not scene.finder.places(target.place).spots:
            return unclear(str(target.place), others)
        known = f"{target} is not there" if not found.spots else f"{found.spots[0].label} cannot be {check.state}"
        return Judgement(
            False if not found.spots else None,
            known + (f"; there is: {'; '.join(others[:5])}" if others else ""),
            str(check),
            "not there",
        )
    judged = [_judge_one_state(check, spot) for spot in spots]
    return agree(judged, str(target), [f"{s.label} ({j.actual})" for s, j in zip(spots, judged, strict=True)])


def _has_state(node: Node, state: str, target: Target) -> bool:
    """Whether the notion applies to this element, so that the lack of a flag means something."""
    yes, no = _STATE_FLAGS[state]
    if state in {"checked", "selected", "expanded", "pressed"}:
        return any(flag in node.flags for flag in yes + no) or (state == "selected" and node.role in {"radio"})
    if state in {"required", "readonly", "invalid"}:
        return node.value is not None or node.role in {
            "textbox",
            "combobox",
            "checkbox",
            "radio",
            "searchbox",
            "spinbutton",
            "radiogroup",
        }
    if state == "disabled":
        return bool(target.role) or node.role not in {"heading", "image", "option"}
    return True


def _judge_one_state(check: StateCheck, spot: Spot) -> Judgement:
    node = spot.nodes[0]
    yes, _ = _STATE_FLAGS[check.state]
    if check.state == "selected" and node.role in {"radio"}:
        yes = "c"
    is_so = any(flag in node.flags for flag in yes)
    actual = (
        check.state
        if is_so
        else "partly checked"
        if check.state == "checked" and "m" in node.flags
        else f"not {check.state}"
    )
    if (
        check.state == "disabled"
        and not is_so
        and any("d" in a.flags and a.role in {"group", "radiogroup", "toolbar"} for a in node.ancestors())
    ):
        is_so, actual = True, "disabled with its group"
    holds = is_so != check.negated if actual != "partly checked" else False
    return Judgement(holds, f"{spot.label} is {actual}", str(check), actual, node.box)


def _judge_visible(check: StateCheck, scene: Scene) -> Judgement:
    target = check.target
    if target.place != PAGE and not scene.finder.places(target.place).spots:
        return unclear(str(target.place), scene.finder.places(target.place).near)
    found = scene.finder.controls(target)
    exact = [s for s in found.spots if s.score >= STRIPPED - 15 or (target.role == "row" and s.score >= PART)]
    if exact:
        spot = exact[0]
        return Judgement(not check.negated, f"{spot.label} is visible", str(check), spot.label, spot.nodes[0].box)
    if not target.role and (shown := _visible_as_text(check, scene)) is not None:
        return shown
    others = [s.label for s in found.spots] + found.near
    listed = f"; there is: {'; '.join(others[:5])}" if others else ""
    if found.spots:
        return Judgement(None, f"no {target} by that name{listed}", str(check), _clip("; ".join(others[:5])))
    return Judgement(
        check.negated, f"{target} is not visible{listed if not check.negated else ''}", str(check), "not visible"
    )


def _visible_as_text(check: StateCheck, scene: Scene) -> Judgement | None:
    """A name without a role may be a text or a region."""
    name = check.target.name
    text = _text_in(
        TextCheck(name, check.target.place, quoted=False), scene, scene.finder.places(check.target.place).spots[0]
    )
    if text.holds:
        return Judgement(not check.negated, text.reason, str(check), name, text.box)
    regions = scene.finder.places(Place("region", name))
    good = [s for s in regions.spots if s.score >= STRIPPED - 15 and scene.finder._visible(s.nodes[0])]
    if good:
        return Judgement(
            not check.negated, f"{good[0].label} is visible", str(check), good[0].label, good[0].nodes[0].box
        )
    if check.negated:
        near = nearly_contains(scene.view.text(scene.view.roots), scene.resolve(name))
        if near:
            return Judgement(None, f'"{name}" is not shown, but "{near}" is: which is meant?', str(check), near)
    return None


def judge_error_shown(check: ErrorShownCheck, scene: Scene) -> Judgement:
    """Whether any error message is shown."""
    errors = scene.finder.errors(scene.view.roots)
    texts = [fold_lines(scene.view.text([n])) for n in errors]
    invalid = [n for n in scene.view.elements if "i" in n.flags and not n.hidden]
    if errors:
        reason = f'an error message is shown: "{_clip(texts[0])}"'
        return Judgement(not check.negated, reason, str(check), _clip("; ".join(texts)), errors[0].box)
    if invalid and check.negated:
        return Judgement(
            None,
            "no error message was found, but a field is marked invalid",
            str(check),
            scene.finder._describe(invalid[0]),
            invalid[0].box,
        )
    loud = re.search(
        r"(?:^|\n)\W*(?:error\b|something went wrong|oops\b|internal server error|an error occurred)[^\n]*",
        scene.view.text(scene.view.roots),
        re.IGNORECASE,
    )
    if loud:
        return Judgement(
            None, f'"{_clip(loud[0].strip())}" may be an error message', str(check), _clip(loud[0].strip())
        )
    return Judgement(check.negated, "no error message is shown", str(check), "no error message")


JUDGES: dict[type, Callable[..., Judgement]] = {
    TextCheck: judge_text,
    TitleCheck: judge_title,
    OnPageCheck: judge_on_page,
    ValueCheck: judge_value,
    NumberCheck: judge_number,
    EmptyCheck: judge_empty,
    CellCheck: judge_cell,
    StateCheck: judge_state,
    ErrorShownCheck: judge_error_shown,
}


def judge(check: Check, scene: Scene) -> Judgement:
    """What the view says about a check of the page's content."""
    return JUDGES[type(check)](check, scene)
