"""Reads what a page states for a label: form fields, "Label: "
    "value" texts, definition lists, two-cell rows, id'd elements.

readings(finder, "total", roots)   ->  [Reading('text "Total"', "$42.00", node, 100), Reading("span cart-total", …, 40)]
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from magenta_qa.agent.checks.compare import contains, same_value, squeeze
from magenta_qa.agent.checks.controls import fields
from magenta_qa.agent.checks.find import Finder
from magenta_qa.agent.checks.kinds import CellCheck, Op, ValueCheck
from magenta_qa.agent.checks.names import EXACT, FILLED, FIRM, PART, fit_name
from magenta_qa.agent.checks.page import Node, fold_lines
from magenta_qa.agent.checks.scene import Judgement, Scene, agree, clip

MAX_LABELLED = 40  # nodes: a larger element is not a label with its value
_NEVER_LABEL = frozenset({"heading", "button", "link", "columnheader", "tab", "menuitem", "option", "navigation"})
_HINT = re.compile(r"\b(?:placeholder|label|legend|hint|option|dropdown|listbox)\b")
_CONTAINERS = frozenset({"tr", "thead", "tbody", "tfoot", "table", "ul", "ol", "dl"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One place where the page states a value for a label."""

    label: str
    value: str
    node: Node
    score: int
    secret: bool = False


def readings(
    finder: Finder, subject: str, roots: list[Node], *, only_fields: bool = False
) -> tuple[list[Reading], list[str]]:
    """Every value that the page states for `subject`, the well fitting ones only if there are any.

    Returns:
        The readings, and labels of what comes near when there is none.
    """
    found = fields(finder, subject, roots)
    all_readings = [
        Reading(s.label, field_value(finder, s.nodes[0]), s.nodes[0], s.score, s.nodes[0].secret) for s in found.spots
    ]
    if not only_fields:
        labelled = _unique(_labelled(finder, subject, roots))
        named = [r for r in labelled if r.score >= FILLED]
        tokens = _by_token(finder, subject, roots)
        # What is only called so by its programmers holds more than the line that says so itself.
        all_readings += [*labelled, *(t for t in tokens if not any(n.node.is_inside(t.node) for n in named))]
    good = [r for r in all_readings if r.score >= FIRM]
    best = good or [r for r in all_readings if r.score >= PART - 10]
    return best, found.near


def _drawn_in(finder: Finder, field: Node) -> str:
    """The text that stands where a field is, apart from its label and its placeholder."""
    around = ([field, *field.ancestors()][:4])[-1]
    drawn = []
    for node in finder.view.nodes[around.index : around.end]:
        x, y = node.x + node.width / 2, node.y + node.height / 2
        over = field.x <= x <= field.x + field.width and field.y <= y <= field.y + field.height
        if not node.tag and node.text.strip() and over and not any(map(_is_hint, [*node.ancestors()][:3])):
            drawn.append(node.text)
    text = fold_lines(" ".join(drawn))
    return "" if text == finder.view.name(field) else text


def _is_hint(node: Node) -> bool:
    return node.tag in {"label", "legend"} or any(_HINT.search(words) for _, words in node.tokens())


def field_value(finder: Finder, node: Node) -> str:
    """What a field holds; of one that only searches a list, the choice that is drawn in it instead."""
    if node.value == "" and node.role == "combobox" and node.tag == "input":
        return _drawn_in(finder, node)
    if node.value is not None:
        return node.value
    return (
        node.attributes.get("aria-valuetext")
        or fold_lines(finder.view.text([node]))
        or node.attributes.get("aria-valuenow", "")
    )


def _unique(found: Iterator[Reading]) -> list[Reading]:
    kept: dict[int, Reading] = {}
    for reading in found:
        known = kept.get(reading.node.index)
        if known is None or reading.score > known.score:
            kept[reading.node.index] = reading
    values = list(kept.values())
    return [
        r for r in values if not any(o is not r and o.node.is_inside(r.node) and o.value == r.value for o in values)
    ]


def _labelled(finder: Finder, subject: str, roots: list[Node]) -> Iterator[Reading]:
    view = finder.view
    for node in view.under(roots):
        if (
            node.end - node.index > MAX_LABELLED
            or node.role in _NEVER_LABEL
            or not node.children
            or node.tag in _CONTAINERS
            or node.value is not None
        ):
            continue
        if any(a.role in {"columnheader", "button", "navigation"} for a in (node, *node.ancestors())):
            continue
        text = view.text([node])
        if not text or len(text) > 300 or "\n" in text.strip():
            continue
        line = fold_lines(text)
        if inner := _split_label(subject, line):
            yield Reading(f'text "{line[:60]}"', inner[1], node, inner[0])
            continue
        score = fit_name(subject, line) if len(line) < 80 else 0
        if score >= FILLED or (score == PART and len(line.split()) <= 4):
            partner = _partner(node)
            if partner is not None and (
                value := fold_lines(view.text([partner], current=True) if partner.tag else partner.text)
            ):
                yield Reading(f'text "{line[:40]}"', value, partner, score)


def _split_label(subject: str, line: str) -> tuple[int, str] | None:
    """(score, value) of a line such as "Total: $42.00" or "Total $42.00"."""
    match = re.fullmatch(r"(?P<label>[^:]{1,60}?)\s*:\s*(?P<value>.+)", line) or re.fullmatch(
        r"(?P<label>[^\d$€£¥₹:]{2,60}?)\s+(?P<value>[-$€£¥₹\d][\d.,$€£¥₹% ]*)", line
    )
    if not match:
        return None
    score = fit_name(subject, match["label"])
    return (
        (score, match["value"].strip())
        if score >= FILLED or (score == PART and len(match["label"].split()) <= 4)
        else None
    )


def _partner(label: Node) -> Node | None:
    """What stands beside or below a label as its value."""
    node = label
    for _ in range(3):
        parent = node.parent
        if parent is None or parent.tag in {"body", "html", "ul", "ol", "nav"}:
            return None
        following = [
            c
            for c in parent.children[parent.children.index(node) + 1 :]
            if c.tag not in {"br", "hr"} and (c.tag or c.text.strip(" :\n\t"))
        ]
        if following:
            partner = following[0]
            pair = len(following) == 1 or label.tag == "dt" or not partner.tag or parent.tag == "tr"
            if parent.tag == "tr":
                pair = len([c for c in parent.children if c.tag]) <= 2
            return partner if pair and partner.role not in {"heading", "button"} and partner.tag != "dt" else None
        if [c for c in parent.children if c.tag or c.text.strip()] != [node]:
            return None
        node = parent
    return None


def _by_token(finder: Finder, subject: str, roots: list[Node]) -> list[Reading]:
    found = []
    for node in finder.view.under(roots):
        if node.end - node.index > MAX_LABELLED or node.value is not None or node.role in {"button", "link", "form"}:
            continue
        score = finder.token_fit(subject, node)
        aria = fit_name(subject, node.attributes.get("aria-label", ""))
        score = max(score, aria if aria == EXACT else 0)
        text = fold_lines(finder.view.text([node], current=True)) if score else ""
        if not text or any(c.value is not None for c in finder.view.under([node])):
            continue
        split = _split_label(subject, text)
        if fit_name(subject, text) >= FILLED:
            continue  # the label, not the value
        found.append(Reading(finder.describe(node), split[1] if split else text, node, score))
    return [r for r in found if not any(o is not r and o.node.is_inside(r.node) and o.value == r.value for o in found)]


def value_holds(op: Op, actual: str, expected: str, *, ignore_case: bool) -> bool:
    """Whether a value is, contains, starts or ends with what is expected; a remark in parentheses does not count."""
    if op == "equals":
        return same_value(actual, expected, ignore_case=ignore_case) or same_value(
            re.sub(r"\s*\([^)]*\)\s*$", "", actual), expected, ignore_case=ignore_case
        )
    if op == "contains":
        return contains(actual, expected, ignore_case=ignore_case)
    return whole_test(op, expected, ignore_case)(actual)


def holds(check: ValueCheck | CellCheck, scene: Scene, node: Node, actual: str) -> bool:
    """Whether an element's value is as expected, as it is written or in the capitals that CSS draws it in."""
    expected, capitals = scene.resolve(check.value), actual.upper()
    held = value_holds(check.op, actual, expected, ignore_case=not check.quoted)
    if not held and check.quoted and capitals in fold_lines(scene.view.text([node], rendered=True)):
        held = value_holds(check.op, capitals, expected, ignore_case=False)
    return held != check.negated


def whole_test(op: Op, expected: str, ignore_case: bool) -> Callable[[str], bool]:
    """A test of a whole text."""

    def fold(text: str) -> str:
        return squeeze(text).casefold() if ignore_case else squeeze(text)

    wanted = fold(expected)
    if op == "starts with":
        return lambda text: fold(text).startswith(wanted)
    if op == "ends with":
        return lambda text: fold(text).endswith(wanted)
    return lambda text: fold(text) == wanted


def judge_readings(check: ValueCheck, scene: Scene, values: list[Reading]) -> Judgement:
    """Compare every reading; they must agree."""
    judged = []
    for reading in values:
        shown = clip("•••" if reading.secret else reading.value)
        held = holds(check, scene, reading.node, reading.value)
        judged.append(Judgement(held, f'{reading.label} is "{shown}"', check.value, shown, reading.node.box))
    labels = [f'{r.label}: "{"•••" if r.secret else r.value[:40]}"' for r in values]
    return agree(judged, f'"{check.subject}"', labels)
