"""Plays the steps of data/steps.yaml against a decider: pages that stay as they are, actions that succeed.

python tests/step_pages.py [rules | embedded]         prints what is not right, and the figures
"""

import re
import shlex
import sys
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from candidate_pages import Sheet

from magenta_qa.model.decide import Deciding, open_decision
from magenta_qa.model.schema import Action, Candidate, Context, DecisionRequest, Done, Effect, Observation

FILE = Path(__file__).parent / "data" / "steps.yaml"
MAX_ACTIONS = 12
_CONTROL = re.compile(r"(?P<sort>\w+)#(?P<id>\w+)\s+(?P<rest>.*)")
_SAME = {"check": "click", "type": "fill"}  # either does, where a control is ticked by a click


@dataclass(frozen=True, slots=True)
class Played:
    """A step, what it means and what the decider made of it."""

    page: str
    step: str
    wanted: tuple[str, ...]
    got: tuple[str, ...]
    reason: str

    @property
    def outcome(self) -> str:
        """right | stuck (too early, nothing wrong done) | wrong (something done that was not meant)."""
        wanted, got = tuple(map(_plain, self.wanted)), tuple(map(_plain, self.got))
        if got == wanted:
            return "right"
        meant = [w for w in wanted if w not in {"stuck", "done"}]
        acted = [g for g in got if g not in {"stuck", "done"}]
        early = acted == meant[: len(acted)] and got[-1:] != ("done",)
        return "stuck" if early else "wrong"


def _plain(action: str) -> str:
    kind, _, rest = action.partition(" ")
    return f"{_SAME.get(kind, kind)} {rest}".strip()


@cache
def load() -> tuple[dict[str, tuple[Observation, dict[int, str]]], list[list[str]]]:
    """Pages by name, each with the ids of its marks, and the steps."""
    data = yaml.safe_load(FILE.read_text())
    return {name: _page(page) for name, page in data["pages"].items()}, data["steps"]


def play(page: str, step: str, wanted: tuple[str, ...], deciding: Deciding) -> Played:
    """Decide and act until there is nothing left to do."""
    observation, ids = load()[0][page]
    done: list[Done] = []
    got: list[str] = []
    while len(got) < MAX_ACTIONS:
        decision = deciding.decide(DecisionRequest(step, None, observation, (), tuple(done)))
        if decision.action is None:
            if decision.outcome == "none":
                got.append("stuck")
            elif not got:
                got.append("done")
            break
        candidate = observation.candidate(decision.action.mark or 0)
        got.append(_told(decision.action, ids))
        called = f'{candidate.element_type} "{candidate.name or candidate.text}"' if candidate else ""
        done.append(Done(decision.action, called, Effect(dom=1, state=True, text="Done"), place=decision.place))
        observation = _after(observation, decision.action)
    return Played(page, step, wanted, tuple(got), decision.reason)


@cache
def play_all(spec: str) -> list[Played]:
    """Every step of the file, decided by the back end that `spec` names."""
    deciding = open_decision(spec, api_key=None)
    return [play(page, step, tuple(wanted), deciding) for page, step, *wanted in load()[1]]


def _told(action: Action, ids: dict[int, str]) -> str:
    told = f"{action.kind} {ids.get(action.mark or 0, '')}".strip()
    return f"{told} = {action.value}" if action.value is not None and action.kind != "drag" else told


def _after(page: Observation, action: Action) -> Observation:
    """The page once a box has been ticked or a field filled; everything else stays as it is."""

    def changed(c: Candidate) -> Candidate:
        if c.mark != action.mark:
            return replace(c, state=replace(c.state, focused=False))
        if action.kind in {"check", "uncheck"} or (action.kind == "click" and c.state.checked is not None):
            return replace(c, state=replace(c.state, checked=action.kind != "uncheck"))
        if action.kind in {"fill", "type"}:
            return replace(c, state=replace(c.state, value=action.value, focused=True))
        if c.state.expanded is not None:
            return replace(c, state=replace(c.state, expanded=not c.state.expanded))
        return c

    return replace(page, candidates=tuple(map(changed, page.candidates)))


def _page(data: dict[str, Any]) -> tuple[Observation, dict[int, str]]:
    sheet, ids = Sheet(), dict[int, str]()
    _add(sheet, ids, data["controls"], ())
    facts = {k: v for k, v in data.items() if k in {"heading", "modal"}}
    return sheet.page(data["title"], **facts), ids


def _add(sheet: Sheet, ids: dict[int, str], controls: list[Any], around: tuple[Context, ...]) -> None:
    for control in controls:
        if isinstance(control, dict):
            _add(sheet, ids, control["controls"], (sheet.container(*control["in"]), *around))
            continue
        match = _CONTROL.fullmatch(control)
        assert match, f"cannot be read: {control}"
        name, *more = shlex.split(match["rest"])
        ids[sheet.add(match["sort"], name, *around, **dict(map(_fact, more))).mark] = match["id"]


def _fact(text: str) -> tuple[str, object]:
    key, _, value = text.partition("=")
    if key == "options":
        return key, tuple(value.split(";"))
    if key == "below":
        return "in_view", False
    return key, {"": True, "true": True, "false": False}.get(value, value)


def main() -> None:
    """Print what is not right, then the figures."""
    played = play_all(sys.argv[1] if len(sys.argv) > 1 else "rules")
    for each in played:
        if each.outcome != "right":
            print(f"{each.outcome:<6}{each.page}: {each.step}\n      wanted {each.wanted}\n      got    {each.got}")
            print(f"      {each.reason[:160]}")
    counts = Counter(p.outcome for p in played)
    print(f"{len(played)} steps: " + ", ".join(f"{counts[k]} {k}" for k in ("right", "stuck", "wrong")))


if __name__ == "__main__":
    main()
