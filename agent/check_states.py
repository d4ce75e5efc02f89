"""Judges the state of controls, whether something is visible, and whether an error is shown.

judge_state(StateCheck(Target("Save", "button"), "disabled"), scene)  -> Judgement(True, 'button "Save" is disabled', …)
"""

import re

from magenta_qa.agent.check_compare import nearly_contains
from magenta_qa.agent.check_controls import controls, errors
from magenta_qa.agent.check_find import Spot
from magenta_qa.agent.check_kinds import PAGE, ErrorShownCheck, Place, StateCheck, Target, TextCheck
from magenta_qa.agent.check_names import FIRM, PART
from magenta_qa.agent.check_page import Node, fold_lines
from magenta_qa.agent.check_scene import Judgement, Scene, agree, clip, unclear
from magenta_qa.agent.check_text import text_in

_STATE_FLAGS = {
    "checked": ("c", "um"), "selected": ("s", "n"), "expanded": ("e", "x"), "pressed": ("p", "q"),
    "disabled": ("d", ""), "required": ("r", ""), "readonly": ("o", ""), "focused": ("f", ""), "invalid": ("ij", ""),
}  # fmt: skip


def judge_state(check: StateCheck, scene: Scene) -> Judgement:
    """The state of a control, or whether something named is visible."""
    if check.state == "visible":
        return _judge_visible(check, scene)
    target = check.target
    found = controls(scene.finder, target)
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
    found = controls(scene.finder, target)
    exact = [s for s in found.spots if s.score >= FIRM or (target.role == "row" and s.score >= PART)]
    if exact:
        spot = exact[0]
        return Judgement(not check.negated, f"{spot.label} is visible", str(check), spot.label, spot.nodes[0].box)
    if not target.role and (shown := _visible_as_text(check, scene)) is not None:
        return shown
    others = [s.label for s in found.spots] + found.near
    listed = f"; there is: {'; '.join(others[:5])}" if others else ""
    if found.spots:
        return Judgement(None, f"no {target} by that name{listed}", str(check), clip("; ".join(others[:5])))
    return Judgement(
        check.negated, f"{target} is not visible{listed if not check.negated else ''}", str(check), "not visible"
    )


def _visible_as_text(check: StateCheck, scene: Scene) -> Judgement | None:
    """A name without a role may be a text or a region."""
    name = check.target.name
    text = text_in(
        TextCheck(name, check.target.place, quoted=False), scene, scene.finder.places(check.target.place).spots[0]
    )
    if text.holds:
        return Judgement(not check.negated, text.reason, str(check), name, text.box)
    regions = scene.finder.places(Place("region", name))
    good = [s for s in regions.spots if s.score >= FIRM and scene.finder.is_visible(s.nodes[0])]
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
    found = errors(scene.finder, scene.view.roots)
    texts = [fold_lines(scene.view.text([n])) for n in found]
    invalid = [n for n in scene.view.elements if "i" in n.flags and not n.hidden]
    if found:
        reason = f'an error message is shown: "{clip(texts[0])}"'
        return Judgement(not check.negated, reason, str(check), clip("; ".join(texts)), found[0].box)
    if invalid and check.negated:
        return Judgement(
            None,
            "no error message was found, but a field is marked invalid",
            str(check),
            scene.finder.describe(invalid[0]),
            invalid[0].box,
        )
    loud = re.search(
        r"(?:^|\n)\W*(?:error\b|something went wrong|oops\b|internal server error|an error occurred)[^\n]*",
        scene.view.text(scene.view.roots),
        re.IGNORECASE,
    )
    if loud:
        return Judgement(None, f'"{clip(loud[0].strip())}" may be an error message', str(check), clip(loud[0].strip()))
    return Judgement(check.negated, "no error message is shown", str(check), "no error message")
