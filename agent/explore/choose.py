"""Chooses what to try next: what changes something before what only shows it, and what is new before what is known.

    choose(graph, tried, here)   -> the Task with the highest score, or None when nothing is left

What a control does is taken from the words of its description, whichever back end wrote it. A description that is like
one already tried makes its control boring, on whatever page it stands.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from magenta_qa.agent.explore.graph import Graph, Place, Task, TaskKind, key_of, words
from magenta_qa.agent.explore.risk import Risk

_INTERESTS: tuple[tuple[float, str], ...] = (
    (1.0, r"adds?|creates?|new|puts?|books?|registers?|places?|writes?|uploads?|check ?out|continues?|proceeds?"),
    (
        0.95,
        r"save|saves|update|updates|apply|applies|submit|submits|confirm|confirms|change|changes|set|sets|edit|edits|"
        r"deletes?|removes?",
    ),
    (
        0.9,
        r"tick|ticks|untick|mark|marks|favou?rite|toggle|toggles|switch|like|vote|increases?|decreases?|drags?|moves?|"
        r"(?:one|\d+) (?:more|less)|plus|minus",
    ),
    (0.85, r"sorts?|order by|search|searches|filters?|next|previous|page"),
    (0.75, r"opens?|shows?|expands?|chooses?|selects?|menu|tab|starts?|loads?|more"),
)
_PATTERNS = [(value, re.compile(rf"\b(?:{pattern})\b", re.I)) for value, pattern in _INTERESTS]
_KINDS = {"submit": 1.1, "save": 1.15, "choice": 1.1, "drag": 1.0, "leak": 1.05, "option": 0.85, "enter": 0.85}
_KINDS |= {"empty": 0.7, "nasty": 0.7, "pages": 1.1, "bulk": 1.15}
ELSEWHERE = 0.75
"""How much alike two controls are that are described alike and stand on different pages: they act on other things."""
MAX_VISITS = 6
TOLD = 1.4
"""What a page is worth that should show what was sent: it says whether that has arrived."""
FRESH = 0.25
"""What is added for what the last action has brought up: to go on there finishes what was begun."""
PLAIN = 0.6
NEAR = 0.12
"""What it is worth to stay where one is: going elsewhere takes a page load."""
KNOWN = 0.8
"""How much of its interest a description loses that is the same as one tried."""
NEW_PLACE = 1.05
FAMILIAR = 0.5
"""What a page is worth that an earlier user has looked at, or that is one of many."""
MAX_VIEWS = 3
"""Views of one list, such as by another column or filter, that are looked at before what else there is."""
FIRST_PLACES, PLACES_AN_ACTION = 20, 2
"""So many pages are looked at before anything is tried, and so many more for each thing that was tried."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was done."""

    kind: TaskKind
    words: frozenset[str]
    """Of the control's name and description."""
    path: str
    """Of its place."""
    key: str
    """Of the control and what it is set to: the same in every view of a list, except for the paging of it."""


def tried_as(task: Task) -> Tried:
    """What it is once it was done."""
    view = task.place.key if task.kind == "pages" else task.place.modal
    key = f"{view}|{task.key}|{task.value}"
    return Tried(task.kind, words(f"{task.name} {task.description}"), "" if task.shared else home_of(task), key)


def home_of(task: Task) -> str:
    """Of its place, without the query and the dialog."""
    return task.place.key.partition("?")[0].partition(" [")[0]


def choose(graph: Graph, tried: Sequence[Tried], here: Place | None, allowed: frozenset[Risk]) -> Task | None:
    """The task that promises most.

    Args:
        graph: What is known.
        tried: What was done.
        here: Where the session is.
        allowed: Risks that may be taken.
    """
    open_tasks = [task for task in graph.tasks.values() if _is_open(task, graph) and task.risks <= allowed]
    return max(open_tasks, key=lambda task: score(task, graph, tried, here), default=None)


def _is_open(task: Task, graph: Graph) -> bool:
    """Whether there is anything to try: once, and of a page again when what it shows may have changed."""
    if not task.tried:
        return task.kind != "leak" or bool(graph.other_openers(task.place))
    place = graph.pattern(task.url) if task.kind == "open" else ""
    return bool(place) and task.tried < MAX_VISITS and graph.looked.get(place, graph.sent) < graph.sent


def score(task: Task, graph: Graph, tried: Sequence[Tried], here: Place | None) -> float:
    """How much a task promises."""
    near = NEAR if here is not None and task.place.key == here.key else 0.0
    if task.kind == "open":
        pattern = graph.pattern(task.url)
        if not graph.visits.get(pattern):
            return (FAMILIAR if _is_enough(pattern, graph, len(tried)) else NEW_PLACE) + NEAR
        told = task.tried and (graph.news & words(task.name) or graph.path(task.url) in graph.expected)
        return TOLD - 0.2 * task.tried if told else 0.35 / (1 + task.tried)
    crowd = 0.01 * graph.visits.get(task.place.key, 0)
    fresh = FRESH if key_of(task) in graph.fresh else 0.0
    return interest(task) * novelty(task, tried) + near + fresh + task.bonus - crowd


def _is_enough(pattern: str, graph: Graph, acted: int) -> bool:
    """Whether a page that nobody has looked at may wait: an earlier user has, or others like it or many were opened."""
    path = pattern.partition("?")[0]
    views = sum(key.partition("?")[0] == path for key in graph.visits)
    return (
        pattern in graph.familiar or views >= MAX_VIEWS or len(graph.visits) > FIRST_PLACES + PLACES_AN_ACTION * acted
    )


def interest(task: Task) -> float:
    """What its kind and the description's verb promise."""
    if task.kind in _KINDS:
        return _KINDS[task.kind]
    told = f"{task.name} {task.description}"
    return next((value for value, pattern in _PATTERNS if pattern.search(told)), PLAIN)


def novelty(task: Task, tried: Sequence[Tried]) -> float:
    """1 where nothing like it was done, down to 0.2 where the very same was."""
    now = tried_as(task)
    like = max((_likeness(now, other) for other in tried if other.kind == task.kind), default=0.0)
    if task.kind == "pages":
        like = float(like == 1)  # another view of a list is paged anew
    return 1 - KNOWN * like**2


def _likeness(one: Tried, other: Tried) -> float:
    if one.key == other.key and one.path == other.path:
        return 1.0
    every = one.words | other.words
    like = len(one.words & other.words) / len(every) if every else 0.0
    return like if one.path == other.path else ELSEWHERE * like
