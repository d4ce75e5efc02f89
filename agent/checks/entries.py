"""Judges how many entries there are, how they are sorted, and what stands before what.

Structure first (rows, list items, repeated siblings), then what the page says ("3 items"); where both are there and
disagree, the expectation is false and the reason names both.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from magenta_qa.agent.checks.compare import contains, numbers, sort_keys
from magenta_qa.agent.checks.find import Finder
from magenta_qa.agent.checks.kinds import PAGE, CountCheck, OrderCheck, SequenceCheck
from magenta_qa.agent.checks.names import FILLED, FIRM, STRIPPED, fit_name, fit_token, words_of
from magenta_qa.agent.checks.page import Node, fold_lines
from magenta_qa.agent.checks.phrases import singular
from magenta_qa.agent.checks.readings import readings
from magenta_qa.agent.checks.scene import Judgement, Scene, agree, in_place, unclear
from magenta_qa.agent.checks.spots import Spot
from magenta_qa.agent.checks.tables import is_header_row
from magenta_qa.agent.checks.values import column_cells

_GENERIC = frozenset(
    {"item", "entry", "element", "row", "thing", "line", "line item", "list item", "record", "table row"}
)
_BY_ROLE = {
    "row": {"row"}, "table row": {"row"}, "button": {"button"}, "link": {"link"}, "tab": {"tab"}, "option": {"option"},
    "image": {"image", "img"}, "picture": {"image", "img"}, "checkbox": {"checkbox"}, "radio button": {"radio"},
    "heading": {"heading"}, "field": {"textbox", "searchbox", "spinbutton", "combobox"}, "column": {"columnheader"},
    "list item": {"listitem"}, "article": {"article"}, "table": {"table", "grid"}, "dialog": {"dialog", "alertdialog"},
}  # fmt: skip
_EMPTY = r"\bnothing\b|\b(?:is|are) (?:currently )?empty\b|\bno (?:matches|results|entries|records|data|items)\b"


@dataclass(frozen=True, slots=True)
class _Tally:
    label: str
    nodes: tuple[Node, ...]


def judge_count(check: CountCheck, scene: Scene) -> Judgement:
    """How many of something there are in a place."""
    if check.place.kind == "region":
        found = scene.finder.places(check.place)
        if not found.spots or found.spots[0].score < FIRM:
            return unclear(str(check.place), [s.label for s in found.spots] + found.near)
    return in_place(scene, check.place, lambda spot: _count_in(check, scene, spot))


def _count_in(check: CountCheck, scene: Scene, spot: Spot) -> Judgement:
    tallies = _tallies(scene.finder, check.noun, list(spot.nodes))
    stated = _stated(scene, check.noun, spot)
    wanted, noun = check.comparison, check.noun
    counts = {len(t.nodes) for t in tallies}
    seen = "; ".join(f"{len(t.nodes)} in {t.label}" for t in tallies[:5])
    said = ", ".join(str(n) for n in sorted(stated))
    box = tallies[0].nodes[0].parent.box if tallies and tallies[0].nodes and tallies[0].nodes[0].parent else None
    if len(counts) > 1:
        holding = {wanted.holds(Decimal(c)) for c in counts}
        if len(holding) > 1:
            return Judgement(None, f'which "{noun}" is ambiguous: {seen}', str(wanted), seen)
        return Judgement(holding.pop(), f"{spot.label} has {seen}", str(wanted), seen, box)
    if counts:
        count = counts.pop()
        holds = wanted.holds(Decimal(count))
        if stated and not all(wanted.holds(n) == holds for n in stated):
            reason = f"{spot.label} has {count} {noun} entries, but says {said}: {_names(scene, tallies[0])}"
            return Judgement(False, reason, str(wanted), f"{seen}; text says {said}", box)
        return Judgement(
            holds,
            f"{spot.label} has {seen}{_names(scene, tallies[0])}",
            str(wanted),
            f"{count}{_names(scene, tallies[0])}",
            box,
        )
    if len(stated) == 1:
        number = next(iter(stated))
        return Judgement(wanted.holds(number), f"{spot.label} says {said} {noun}", str(wanted), said)
    if stated:
        return Judgement(None, f"{spot.label} says {said} {noun}", str(wanted), said)
    return _nothing(check, scene, spot)


def _nothing(check: CountCheck, scene: Scene, spot: Spot) -> Judgement:
    """Neither structure nor text: zero only where the place itself is there and empty, or says so."""
    text = fold_lines(scene.view.text(spot.nodes))
    noun = re.escape(check.noun.split()[-1])
    none_of_it = rf"\b(?:no|not any|zero) (?:\w+ ){{0,2}}{noun}(?:s|es)?\b"
    # Anywhere on the page, "is empty" may be said of something else.
    says = re.search(none_of_it if check.place == PAGE else f"{none_of_it}|{_EMPTY}", text, re.IGNORECASE)
    empty = [
        n for n in scene.view.under(spot.nodes) if n.role in {"list", "table", "grid"} and not scene.finder.rows([n])
    ]
    if says or (check.place != PAGE and empty):
        shown = f'says "{says[0]}"' if says else "has an empty list"
        return Judgement(check.comparison.holds(Decimal(0)), f"{spot.label} {shown}", str(check.comparison), "0")
    if check.comparison.holds(Decimal(0)):
        return Judgement(
            None,
            f'cannot tell: nothing in {spot.label} is called "{check.noun}", and it does not say that there is none',
            str(check.comparison),
        )
    return Judgement(False, f'nothing in {spot.label} is called "{check.noun}"', str(check.comparison), "none found")


def _names(scene: Scene, tally: _Tally) -> str:
    texts = [fold_lines(scene.view.text([n]))[:30] for n in tally.nodes[:5]]
    return f" ({'; '.join(texts)})" if any(texts) else ""


def _tallies(finder: Finder, noun: str, roots: list[Node]) -> list[_Tally]:
    """The structures whose entries can be called `noun`."""
    view = finder.view
    groups = [g for g in finder.groups(roots) if not _in_chrome(g[0])]
    outer = [
        g for g in groups if not any(o is not g and any(e is not g[0] and g[0].is_inside(e) for e in o) for o in groups)
    ]
    if noun.lower() in {"row", "table row"}:
        rows = [g for g in groups if g[0].role == "row" and not is_header_row(g[0])]
        return _merged(finder, rows or outer)
    if noun.lower() in _GENERIC:
        return _merged(finder, outer)
    if roles := _BY_ROLE.get(noun.lower()):
        found = tuple(n for n in view.under(roots) if n.role in roles and not n.hidden)
        return [_Tally(f'all of kind "{noun}"', found)] if found else []
    named = tuple(n for n in view.under(roots) if _called(finder, noun, n))
    top = tuple(n for n in named if not any(n is not o and n.is_inside(o) for o in named))
    if top:
        return [_Tally(f'elements called "{noun}"', top)]
    titled = [g for g in outer if _group_called(finder, noun, g)]
    if titled:
        return _merged(finder, titled)
    return _merged(finder, outer) if len(roots) == 1 and roots[0].tag != "html" and fit_name(noun, "item") else []


def _called(finder: Finder, noun: str, node: Node) -> bool:
    if node.hidden and not finder.view.text([node]):
        return False
    if node.tag in {
        "ul",
        "ol",
        "table",
        "tbody",
        "thead",
        "body",
        "html",
        "main",
        "a",
        "button",
        "input",
        "span",
        "img",
        "label",
        "h1",
        "h2",
        "h3",
    }:
        return False
    described = {words_of(node.attributes.get("aria-roledescription", ""))} - {()}
    tokens = [words for kind, words in node.tokens() if kind != "id"]
    wanted = words_of(noun)
    return wanted in described or any(_entry_token(wanted, words) for words in tokens)


def _entry_token(wanted: tuple[str, ...], words: str) -> bool:
    """Whether a class such as "product", "product-card", "product_item" names one entry (a plural names the list)."""
    parts = words.split()
    if parts and parts[-1] != singular(parts[-1]):
        return False
    bare = tuple(
        p
        for p in parts
        if p not in {"card", "item", "row", "tile", "entry", "box", "element", "li", "wrapper", "container"}
        and not p.isdigit()
    )
    return wanted in (bare, tuple(parts))


def _group_called(finder: Finder, noun: str, group: list[Node]) -> bool:
    parent = group[0].parent
    holders = [parent, *parent.ancestors()][:3] if parent is not None else []
    for holder in holders:
        if holder.tag in {"body", "html", "main"}:
            break
        names = [holder.name, finder.caption(holder), *finder.preceding_heading(holder)]
        if any(fit_name(noun, n) >= FILLED for n in names if n) or any(
            fit_token(noun, w) >= STRIPPED for _, w in holder.tokens()
        ):
            return True
    table = next((a for a in group[0].ancestors() if a.role in {"table", "grid", "treegrid"}), None)
    if table is not None and (headers := finder.headers(table)) and fit_name(noun, headers[0][0]) >= FILLED:
        return True
    return bool(parent is not None and any(fit_name(noun, n) >= FILLED for n in finder.preceding_heading(parent)))


def _merged(finder: Finder, groups: list[list[Node]]) -> list[_Tally]:
    """Groups of one list or table as one tally (a table may have several bodies, a list several kinds of items)."""
    owners: dict[int, list[Node]] = {}
    for group in groups:
        parent = group[0].parent
        table = (
            next((a for a in group[0].ancestors() if a.role in {"table", "grid", "treegrid"}), parent)
            if group[0].role == "row"
            else parent
        )
        owners.setdefault(table.index if table else -1, []).extend(group)
    return [_Tally(finder.describe(g[0].parent), tuple(g)) for g in owners.values()]


def _in_chrome(node: Node) -> bool:
    return any(
        a.role in {"navigation", "banner", "contentinfo", "menubar", "tablist", "menu"} or a.tag == "select"
        for a in node.ancestors()
    )


def _stated(scene: Scene, noun: str, spot: Spot) -> set[Decimal]:
    """Numbers that the place gives for the noun: "3 items", "Items: 3", "Showing 10 of 57 results"."""
    text = scene.view.text(spot.nodes)
    words = r"[ \t]+".join(re.escape(w) for w in noun.split()[:-1])
    last = noun.split()[-1]
    stem = re.escape(last[:-1]) + r"(?:y|ies)" if last.endswith("y") else re.escape(last) + r"(?:s|es|\(s\))?"
    name = rf"{words}[ \t]+{stem}" if words else stem
    found: set[Decimal] = set()
    for match in re.finditer(
        rf"(?<![\w.,$€£\-])(?P<n>\d[\d,]*)[ \t]+(?:\w+[ \t]+)?{name}(?!\w)|(?<!\w){name}[ \t]*[:(][ "
        rf"\t]*(?P<m>\d[\d,]*)(?![\w.])",
        text,
        re.IGNORECASE,
    ):
        amounts = numbers(match["n"] or match["m"])
        found |= {a.value for a in amounts}
    return found


# --- order -----------------------------------------------------------------------------------------------------------


def judge_order(check: OrderCheck, scene: Scene) -> Judgement:
    """Whether the entries of a list or table are sorted."""
    if check.place.kind == "region" and not scene.finder.places(check.place).spots:
        return unclear(str(check.place), scene.finder.places(check.place).near)
    return in_place(
        scene,
        check.place,
        lambda spot: _order_in(check, scene, spot),
        fits=lambda spot: bool(check.key and _columns(check, scene, spot)),
    )


def _columns(check: OrderCheck, scene: Scene, spot: Spot) -> list[tuple[_Tally, list[str]]]:
    """What can be compared there: entries, and the text of each that they are to be sorted by."""
    read = ((tally, _key_texts(check, scene, tally)) for tally in _sortable(check, scene, spot))
    return [(tally, values) for tally, values in read if values is not None]


def _order_in(check: OrderCheck, scene: Scene, spot: Spot) -> Judgement:
    columns = _columns(check, scene, spot)
    if not columns:
        key = f'by "{check.key}"' if check.key else ""
        return Judgement(None, f"cannot find entries of {spot.label} to compare {key}".rstrip(), str(check))
    judged = [_sorted(check, tally, values) for tally, values in columns]
    return agree(judged, "what is sorted", [f"{t.label}: {', '.join(v[:3])}" for t, v in columns])


def _sortable(check: OrderCheck, scene: Scene, spot: Spot) -> list[_Tally]:
    roots = list(spot.nodes)
    if check.what:
        tallies = _tallies(scene.finder, check.what, roots)
        if tallies:
            return tallies
        groups = _tallies(scene.finder, "item", roots)
        return groups if len(groups) == 1 or check.key else []
    return _tallies(scene.finder, "item", roots)


def _key_texts(check: OrderCheck, scene: Scene, tally: _Tally) -> list[str] | None:
    """What each entry is compared by; None when an entry does not have it."""
    if not check.key:
        return [_title(scene, node) for node in tally.nodes]
    found: list[str] = []
    for node in tally.nodes:
        cells = column_cells(scene, node, check.key)
        if cells is None and node.role == "row":
            return None
        text = (
            fold_lines(scene.view.text(cells))
            if cells and len(cells) == 1
            else ""
            if cells
            else _property(scene, node, check.key)
        )
        if not text:
            return None
        found.append(text)
    return found


def _property(scene: Scene, node: Node, key: str) -> str:
    values, _ = readings(scene.finder, key, [node])
    if len({v.value for v in values}) == 1:
        return values[0].value
    if key.lower() in {"name", "title", "alphabet"} and not values:
        return _title(scene, node)
    amounts = [a for a in numbers(scene.view.text([node], current=True)) if a.unit and a.unit != "%"]
    return (
        f"{amounts[0].unit}{amounts[0].value}"
        if key.lower() in {"price", "cost", "amount"} and len(amounts) == 1 and not values
        else ""
    )


def _title(scene: Scene, node: Node) -> str:
    """What an entry is called: its heading or its first text."""
    heading = next((n for n in scene.view.under([node]) if n.role in {"heading", "rowheader"}), None)
    text = scene.view.text([heading if heading is not None else node])
    return re.split(r"[\t\n]", text)[0]


def _sorted(check: OrderCheck, tally: _Tally, values: list[str]) -> Judgement:
    listed = ", ".join(values[:12])
    if len(values) < 2:
        return Judgement(
            None, f"{tally.label} has {len(values)} entries; at least 2 are needed to see an order", str(check), listed
        )
    keys = sort_keys(values)
    if keys is None:
        return Judgement(None, f"the values cannot be compared: {listed}", str(check), listed)
    pairs = list(pairwise(keys))
    wrong = next((i for i, (a, b) in enumerate(pairs) if (a < b if check.descending else a > b)), None)
    holds = (wrong is None) != check.negated
    reason = (
        f"in order: {listed}" if wrong is None else f'"{values[wrong]}" stands before "{values[wrong + 1]}" in {listed}'
    )
    if all(key == keys[0] for key in keys):
        return Judgement(None, f"all entries are the same, so that no order can be seen: {listed}", str(check), listed)
    box = tally.nodes[0].parent.box if tally.nodes[0].parent else None
    return Judgement(holds, reason, str(check), listed, box)


def judge_sequence(check: SequenceCheck, scene: Scene) -> Judgement:
    """Whether one text stands before another."""
    return in_place(scene, check.place, lambda spot: _sequence_in(check, scene, spot))


def _sequence_in(check: SequenceCheck, scene: Scene, spot: Spot) -> Judgement:
    places = []
    for wanted in (check.first, check.second):
        expected = scene.resolve(wanted)
        nodes = _holders(scene, spot.nodes, expected, ignore_case=not check.quoted)
        if not nodes:
            return Judgement(False, f'"{wanted}" is not shown in {spot.label}', str(check), "not shown")
        places.append(nodes)
    first, second = places
    if first[-1].index < second[0].index:
        holds: bool | None = True
    elif second[-1].index < first[0].index:
        holds = False
    else:
        holds = None
    reason = {
        True: "in this order",
        False: f'"{check.second}" comes first',
        None: "each is shown several times, in both orders",
    }[holds]
    return Judgement(holds, reason, str(check), reason, first[0].box)


def _holders(scene: Scene, roots: Sequence[Node], expected: str, *, ignore_case: bool) -> list[Node]:
    """The innermost elements that show a text."""
    found = [
        n for n in scene.view.under(roots)
        if n.end - n.index <= 60 and contains(scene.view.text([n]), expected, ignore_case=ignore_case)
    ]  # fmt: skip
    return [n for n in found if not any(o is not n and o.is_inside(n) for o in found)]
