"""Judges the state of controls, whether something is visible, and whether an error is shown.

judge_state(StateCheck(Target("Save", "button"), "disabled"), scene)  -> Judgement(True, 'button "Save" is disabled', …)
"""

import re

from magenta_qa.agent.checks.compare import contains, nearly_contains
from magenta_qa.agent.checks.controls import alerts, controls, errors
from magenta_qa.agent.checks.kinds import ErrorShownCheck, Place, StateCheck, Target, TextCheck
from magenta_qa.agent.checks.names import FIRM, PART
from magenta_qa.agent.checks.page import Node, fold_lines
from magenta_qa.agent.checks.scene import Judgement, Scene, agree, clip, in_place
from magenta_qa.agent.checks.spots import Found, Spot
from magenta_qa.agent.checks.text import text_in

_STATE_FLAGS = {
    "checked": ("c", "um"), "selected": ("s", "n"), "expanded": ("e", "x"), "pressed": ("p", "q"),
    "disabled": ("d", ""), "required": ("r", ""), "readonly": ("o", ""), "focused": ("f", ""), "invalid": ("ij", ""),
}  # fmt: skip


def judge_state(check: StateCheck, scene: Scene) -> Judgement:
    """The state of a control, or whether something named is visible."""
    judge_spot = _visible_in if check.state == "visible" else _state_in
    return in_place(scene, check.target.place, lambda spot: judge_spot(check, scene, list(spot.nodes)))


def _state_in(check: StateCheck, scene: Scene, roots: list[Node]) -> Judgement:
    found = _with_state(check, scene, roots)
    spots = [spot for spot in found.spots if _has_state(spot.nodes[0], check.state, check.target)]
    others = [s.label for s in found.spots] + found.near
    listed = f"; there is: {'; '.join(others[:5])}" if others else ""
    if found.spots and not spots:
        return Judgement(None, f"{found.spots[0].label} cannot be {check.state}{listed}", str(check))
    if not spots:
        return Judgement(False, f"{check.target} is not there{listed}", str(check), "not there")
    judged = [_judge_one_state(check, spot) for spot in spots]
    return agree(judged, str(check.target), [f"{s.label} ({j.actual})" for s, j in zip(spots, judged, strict=True)])


def _with_state(check: StateCheck, scene: Scene, roots: list[Node]) -> Found:
    """The named elements; for a section, what opens and closes it."""
    found = controls(scene.finder, check.target, roots)
    if check.target.role != "region":
        return found
    named = controls(scene.finder, Target(check.target.name), roots)
    return named if any(_has_state(s.nodes[0], check.state, check.target) for s in named.spots) else found


def _has_state(node: Node, state: str, target: Target) -> bool:
    """Whether the notion applies to this element, so that the lack of a flag means something."""
    yes, no = _STATE_FLAGS[state]
    if state in {"checked", "selected", "expanded", "pressed"}:
        return any(flag in node.flags for flag in yes + no) or (
            state == "selected" and node.role in {"radio", "checkbox"}
        )
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
    yes = "c" if check.state == "selected" and node.role in {"radio", "checkbox"} else _STATE_FLAGS[check.state][0]
    is_so = any(flag in node.flags for flag in yes)
    actual = check.state if is_so else f"not {check.state}"
    if check.state == "checked" and "m" in node.flags:
        return Judgement(False, f"{spot.label} is partly checked", str(check), "partly checked", node.box)
    if check.state == "disabled" and not is_so:
        if any("d" in a.flags and a.role in {"group", "radiogroup", "toolbar"} for a in node.ancestors()):
            is_so, actual = True, "disabled with its group"
        elif any(kind == "class" and "disabled" in words.split() for kind, words in node.tokens()):
            return Judgement(None, f"{spot.label} looks disabled by its class only", str(check), "unclear", node.box)
    return Judgement(is_so != check.negated, f"{spot.label} is {actual}", str(check), actual, node.box)


def _visible_in(check: StateCheck, scene: Scene, roots: list[Node]) -> Judgement:
    target = check.target
    found = controls(scene.finder, target, roots)
    exact = [s for s in found.spots if s.score >= FIRM or (target.role == "row" and s.score >= PART)]
    if exact:
        spot = exact[0]
        return Judgement(not check.negated, f"{spot.label} is visible", str(check), spot.label, spot.nodes[0].box)
    if not target.role and (shown := _visible_as_text(check, scene, roots)) is not None:
        return shown
    others = [s.label for s in found.spots] + found.near
    listed = f"; there is: {'; '.join(others[:5])}" if others else ""
    if found.spots:
        return Judgement(None, f"no {target} by that name{listed}", str(check), clip("; ".join(others[:5])))
    if check.negated and (rival := _rival(check, scene, roots)):
        return Judgement(None, f"no {target} is visible, but {rival} is: which is meant?", str(check), rival)
    return Judgement(
        check.negated, f"{target} is not visible{listed if not check.negated else ''}", str(check), "not visible"
    )


def _rival(check: StateCheck, scene: Scene, roots: list[Node]) -> str:
    """Something else by the name of what is said to be gone."""
    target, finder = check.target, scene.finder
    if not target.name:
        return ""
    if target.role == "row":
        shown = contains(scene.view.text(roots), scene.resolve(target.name), ignore_case=True)
        return f'the text "{target.name}"' if shown else ""
    regions = finder.places(Place("region", target.name), roots).spots
    good = [s for s in regions if s.score >= FIRM and finder.is_visible(s.nodes[0])]
    return good[0].label if good and target.role in {"dialog", "region", "table", "list", "message"} else ""


def _visible_as_text(check: StateCheck, scene: Scene, roots: list[Node]) -> Judgement | None:
    """A name without a role may be a text or a region."""
    name = check.target.name
    spot = Spot(str(check.target.place), tuple(roots))
    text = text_in(TextCheck(name, check.target.place, quoted=False), scene, spot)
    if text.holds:
        return Judgement(not check.negated, text.reason, str(check), name, text.box)
    regions = scene.finder.places(Place("region", name), roots)
    good = [s for s in regions.spots if s.score >= FIRM and scene.finder.is_visible(s.nodes[0])]
    if good:
        return Judgement(
            not check.negated, f"{good[0].label} is visible", str(check), good[0].label, good[0].nodes[0].box
        )
    if check.negated:
        near = nearly_contains(scene.view.text(roots), scene.resolve(name))
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
    if raised := alerts(scene.finder, scene.view.roots):
        text = clip(fold_lines(scene.view.text(raised[:1])))
        return Judgement(None, f'an alert is shown that may be an error message: "{text}"', str(check), text)
    loud = re.search(
        r"(?:^|\n)\W*(?:error\b|something went wrong|oops\b|internal server error|an error occurred)[^\n]*",
        scene.view.text(scene.view.roots),
        re.IGNORECASE,
    )
    if loud:
        return Judgement(None, f'"{clip(loud[0].strip())}" may be an error message', str(check), clip(loud[0].strip()))
    return Judgement(check.negated, "no error message is shown", str(check), "no error message")
