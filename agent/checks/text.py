"""Judges whether a text is shown, what the title is and which page is open.

judge_text(TextCheck("Order placed"), scene)   -> Judgement(True, '"Order placed" is shown in the page', …)
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from magenta_qa.agent.checks.compare import contains, nearly_contains, squeeze
from magenta_qa.agent.checks.find import heading_lines
from magenta_qa.agent.checks.kinds import PAGE, OnPageCheck, Op, Place, TextCheck, TitleCheck, ValueCheck
from magenta_qa.agent.checks.names import FILLED, FIRM, fit_name
from magenta_qa.agent.checks.page import Node, View, fold_lines
from magenta_qa.agent.checks.readings import judge_readings, readings, value_holds, whole_test
from magenta_qa.agent.checks.scene import Judgement, Scene, clip, in_place, unclear
from magenta_qa.agent.checks.spots import Found, Spot


def judge_text(check: TextCheck, scene: Scene) -> Judgement:
    """Text shown, or not shown, in a place."""
    judgement = _judge_in_place(check, scene)
    if judgement.holds is None and not check.negated and not check.parts and _is_nowhere(check, scene):
        return replace(judgement, holds=False, reason=f'"{check.text}" is nowhere on the page; {judgement.reason}')
    return judgement


def _is_nowhere(check: TextCheck, scene: Scene) -> bool:
    """Whether no reading of the place could make it true, because nothing on the page says or holds that text."""
    roots, expected = scene.view.roots, scene.resolve(check.text)
    values = " ".join(node.value or "" for node in scene.view.under(roots))
    return not nearly_contains(f"{scene.view.text(roots)} {values}", expected) and squeeze(expected).casefold() not in (
        squeeze(f"{scene.view.text(roots)} {values}").casefold()
    )


def _judge_in_place(check: TextCheck, scene: Scene) -> Judgement:
    if check.place.kind == "region":
        found = scene.finder.places(check.place)
        if not found.spots or found.spots[0].score < FIRM:
            return _text_of_value(check, scene, found)
    if check.place.kind == "message":
        return _text_in_messages(check, scene)
    if check.place.kind == "heading" and not check.place.name:
        return in_place(scene, check.place, lambda spot: _text_in_heading(check, scene, spot))
    if check.place.kind == "any heading":
        return _text_in_any_heading(check, scene)
    return in_place(scene, check.place, lambda spot: text_in(check, scene, spot))


def _text_in_any_heading(check: TextCheck, scene: Scene) -> Judgement:
    """In the page's heading or in one of a section: 'the heading "Opening hours" is visible'."""
    found = scene.finder.places(check.place)
    if not found.spots:
        return unclear(str(check.place), found.near)
    return _any_of(check, [_text_in_heading(check, scene, spot) for spot in found.spots])


def _text_in_heading(check: TextCheck, scene: Scene, spot: Spot) -> Judgement:
    """In the page's heading or in a line of its own that belongs to it: "#6" above "Buoy 4 is dark"."""
    lines = [spot, *(Spot(scene.finder.describe(n), (n,)) for n in heading_lines(spot.nodes[0]))]
    results = [text_in(check, scene, line) for line in lines]
    return _any_of(check, results)


def _text_of_value(check: TextCheck, scene: Scene, found: Found) -> Judgement:
    """The named part is no region: a field or a labelled value may be meant ("the total shows $42.00")."""
    values, near = readings(scene.finder, check.place.name, scene.view.roots)
    if not values:
        return unclear(str(check.place), [s.label for s in found.spots] + found.near + near)
    op: Op = check.op
    as_value = ValueCheck(check.place.name, check.text, op, False, check.quoted, PAGE, check.negated)
    return judge_readings(as_value, scene, values)


def _text_in_messages(check: TextCheck, scene: Scene) -> Judgement:
    found = scene.finder.places(check.place)
    if not found.spots:
        if check.negated:
            return text_in(replace(check, place=PAGE), scene, Spot("the page", tuple(scene.view.roots)))
        return Judgement(False, f"no {check.place} is shown", check.text, "no message")
    results = [text_in(check, scene, spot) for spot in found.spots]
    return _any_of(check, results)


def _any_of(check: TextCheck, results: Sequence[Judgement]) -> Judgement:
    """Shown in any of them; not shown only if in none."""
    decisive = (r for r in results if (not r.holds if check.negated else r.holds))
    return next(decisive, results[0])


def text_in(check: TextCheck, scene: Scene, spot: Spot) -> Judgement:
    """Text shown, or not shown, in one part of the page."""
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
        False, f'"{check.text}" is not shown in {spot.label}{_nearest(text, expected)}', check.text, clip(seen), box
    )


def _nearest(text: str, expected: str) -> str:
    near = nearly_contains(text, expected)
    return f'; there is "{near}"' if near else ""


def _shown(view: View, check: TextCheck, expected: str, nodes: Sequence[Node], text: str) -> bool:
    ignore = not check.quoted
    variants = (text, view.text(nodes, rendered=True)) if any("U" in n.flags for n in view.under(nodes)) else (text,)
    if check.op == "contains":
        return any(contains(each, expected, ignore_case=ignore) for each in variants)
    test = whole_test(check.op, expected, ignore)
    if check.place != PAGE and any(test(each) for each in variants):
        return True
    if check.place.kind not in {"page", "message", "dialog"}:
        return False
    return any(test(part) for each in variants for part in re.split(r"[\n\t]", each) + each.split("\n"))


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
        return Judgement(False, f"{names} not shown in {spot.label}", check.text, clip(fold_lines(text)))
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
        clip(fold_lines(text)),
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


def judge_title(check: TitleCheck, scene: Scene) -> Judgement:
    """The document's title."""
    actual, expected = scene.view.title, scene.resolve(check.value)
    holds = value_holds(check.op, actual, expected, ignore_case=not check.quoted) != check.negated
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
