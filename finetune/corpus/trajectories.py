"""Goals of several actions, played in the real browser: each look is one decision row, the last one's answer is "done".

    rows = play(studio, made, "17-4-t", Random(3))     -> [DecisionRow(outcome="act", …), …, DecisionRow(outcome="done", …)]

A goal joins what some controls of one page do: fields to fill, boxes to tick, rows to remove, a button to press at the end.
The actions are carried out as the agent does it, with its own effects as history. Rows count only if the page's own
script has noted exactly these actions with these values; otherwise the whole trajectory is thrown away.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from magenta_qa.agent.execute import execute
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.finetune.corpus.decisions import DecisionRow, Questioner
from magenta_qa.finetune.corpus.labels import controls_of
from magenta_qa.finetune.corpus.photograph import Studio
from magenta_qa.finetune.corpus.render import Drawn, Place
from magenta_qa.finetune.corpus.site import Made
from magenta_qa.finetune.corpus.wording import join_steps, step_for
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Action, Done

_SETTINGS = Settings(timeout_ms=3_000, settle_ms=1_000)
_FIELDS = ("field", "area", "select")
MAX_ACTIONS = 5
OPENED = 0.5
"""Share of the goals that end in a menu, a list or a calendar, where the page has one."""


def play(studio: Studio, made: Made, name: str, r: Random) -> list[DecisionRow]:
    """One trajectory; empty if the page offers none, or if it did not end as it should.

    Args:
        studio: The browser.
        made: The page.
        name: What ids begin with.
        r: Source of chance.
    """
    studio.show_unused(made.drawn, made.site, made.viewport, made.zoom)
    shot = studio.look_again(made.drawn, made.viewport)
    asked = Questioner(made, shot, r)
    plan = _plan(asked, made.drawn, r)
    goal = join_steps([step for step, _ in plan], r) if plan else ""
    todo = [place for _, places in plan for place in places]
    if len(todo) < 2:
        return []
    try:
        rows = _play(studio, made, name, goal, todo, r)
    except MagentaError:
        return []  # something was covered or gone: a page like this teaches nothing
    return rows if _is_done(studio.state(made.viewport), todo) else []


Clause = tuple[str, Sequence[Place]]
"""What a goal asks for in one clause, and the controls that it takes."""


def _plan(asked: Questioner, drawn: Drawn, r: Random) -> list[Clause]:
    """What the goal asks for: fields and lists in the page's order, then what is clicked, a main button last."""
    fields, clicks, opened, last = [], [], [], []
    for target in asked.targets:
        control = asked.place(target).control
        if not target.in_view:
            continue
        if control.popup and control.does != "remove" and control.role not in _FIELDS:
            opened.append(target)
        elif control.role in _FIELDS:
            takes = control.role != "select" or control.meaning.value in control.options
            fields += [target] if takes and control.meaning.value not in ("", target.state.value) else []
        elif control.look == "primary":
            last.append(target)
        elif control.role in ("checkbox", "radio") or control.does in ("remove", "toggle"):
            clicks.append(target)
    chosen = r.sample(fields, min(len(fields), r.randrange(0, 4)))
    chosen += r.sample(clicks, min(len(clicks), r.randrange(0, 3)))
    chosen = sorted(chosen, key=lambda target: target.mark)[: MAX_ACTIONS - 1]
    clauses: list[Clause] = [(asked.step(target), [asked.place(target)]) for target in chosen]
    if opened and r.random() < OPENED:
        clauses += _within(asked.place(r.choice(opened)), drawn, r)
    elif last and r.random() < 0.8:
        target = r.choice(last)
        clauses.append((asked.step(target), [asked.place(target)]))
    return clauses


def _within(opener: Place, drawn: Drawn, r: Random) -> list[Clause]:
    """Something in what a control opens; the goal names only that."""
    inside = {id(control) for control in controls_of([opener.control.popup] if opener.control.popup else [])}
    entries = [
        place
        for place in drawn.places
        if id(place.control) in inside and place.control.role in ("button", "option") and not place.control.on
    ]
    if not entries:
        return []
    entry = r.choice(entries)
    return [(step_for(entry.control.meaning, "click", False, r), [opener, entry])]


def _play(studio: Studio, made: Made, name: str, goal: str, todo: Sequence[Place], r: Random) -> list[DecisionRow]:
    rows: list[DecisionRow] = []
    done: list[Done] = []
    observer, watch = studio.hands(made.viewport)
    for place in todo:
        shot = studio.look_again(made.drawn, made.viewport)
        asked = Questioner(made, shot, r)
        target = next(
            (c for c in shot.observation.candidates if c.mark in shot.known and asked.place(c) is place), None
        )
        if target is None:
            return []
        rows.append(asked.row(f"{name}{len(rows)}", "act", target, goal=goal, done=done))
        action = Action(asked.kind(target), target.mark, asked.value(target))
        effect = execute(action, observer, watch, Secrets({}), _SETTINGS)
        done.append(replace(asked.done_line(target, effect), action=action))
    asked = Questioner(made, studio.look_again(made.drawn, made.viewport), r)
    rows.append(asked.row(f"{name}{len(rows)}", "done", None, goal=goal, done=done))
    return rows


def _is_done(state: list[list[Any]], todo: Sequence[Place]) -> bool:
    """Whether the page's script has noted each action, in order, with its value, and nothing else."""
    noted = [(index, value) for index, _, value in state]
    if [index for index, _ in noted] != [place.index for place in todo]:
        return False
    return all(
        value == place.control.meaning.value
        for (_, value), place in zip(noted, todo, strict=True)
        if place.control.role in _FIELDS
    )
