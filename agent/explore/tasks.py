"""What can be tried on a page: each control once, each form in several ways, each option of a drop-down.

tasks_of(seen, forms, origin)   -> [Task("open", …, "/orders"), Task("submit", …, "/api/voucher|voucher"), …]
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from magenta_qa.agent.explore.filling import is_card, is_text
from magenta_qa.agent.explore.graph import Graph, Task, TaskKind, control_key, is_chrome
from magenta_qa.agent.explore.paging import is_pager, next_page
from magenta_qa.agent.explore.risk import Risk, risks
from magenta_qa.agent.explore.session import Seen, origin_of
from magenta_qa.agent.explore.wording import item_of, label
from magenta_qa.model.schema import Candidate

BESIDE_PX = 160  # between two buttons that belong together, such as “less” and “more”
MAX_OPTIONS = 6
NAMELESS = -0.4
"""What is taken from the score of what bears no name and is no control by its markup: others name it."""
MAX_MENU = 2
"""Options of a drop-down that is no sort order: two tell whether it works."""
SAVES = re.compile(r"\b(?:sav|updat|appl|confirm|store)(?:e|es|y|ies|ing)?s?\b", re.I)
ADDS = re.compile(r"\b(?:add|put|buy)\b", re.I)
_SORTS = re.compile(r"\b(?:sort|order)\w*", re.I)
_FILES = re.compile(r"\.(?:csv|pdf|zip|xlsx?|docx?|tgz|tar|gz|json|xml|txt|ics|png|jpe?g|svg)$", re.I)
_CONTAINERS = frozenset(
    {"dialog", "alertdialog", "tooltip", "document", "form", "table", "grid", "list", "main", "log"}
)
"""Roles of what listens for what is in it."""
_TRIED = (("click",), ("check",), ("uncheck",))
_VIEW = re.compile(r"page|sort|order|offset|start|limit|size|dir", re.I)
"""Parameters that show the same entries in another way."""
_NEW = re.compile(r"\b(?:new|add|create)\b", re.I)
_CHANGES = frozenset({"select", "checkbox", "switch", "combobox", "radio", "input:checkbox", "input:radio"})
_STATEFUL = frozenset({"checkbox", "switch", "radio", "menuitemcheckbox"})


def tasks_of(seen: Seen, forms: Sequence[Mapping[str, Any]], graph: Graph) -> Iterator[Task]:
    """All of them; those that are known already are the graph's business.

    Args:
        seen: The page.
        forms: As `page.js` tells them.
        graph: Knows which links lead to pages of one kind.
    """
    in_forms = {c.mark for form in forms if form["submit"] or form["texts"] > 1 for c in fields_of(form, seen)}
    filled, paged = [form for form in forms if form["fields"]], next_page(seen)
    submits = {c.mark for form in filled if (c := at_box(form["submit"], seen)) is not None}
    for candidate in seen.observation.candidates:
        if candidate.state.disabled or is_foreign(candidate.frame, graph):
            continue
        if paged is not None and is_pager(candidate):
            continue
        yield from _of_candidate(candidate, seen, graph, candidate.mark in in_forms, candidate.mark in submits)
    for form in forms:
        yield from _of_form(form, seen, graph)
    if paged is not None:
        yield _task("pages", paged, seen)
    if len(tickable(seen)) > 2:
        yield _task("bulk", tickable(seen)[0], seen, key="bulk")
    yield from _drags(seen)
    yield from _choices(seen, in_forms)


def _of_candidate(candidate: Candidate, seen: Seen, graph: Graph, in_form: bool, submits: bool) -> Iterator[Task]:
    if candidate.href and not is_pager(candidate):
        if _can_open(candidate.href, seen.observation.url, graph):
            yield _task("open", candidate, seen, key=graph.pattern(candidate.href), url=candidate.href)
        return
    if candidate.element_type == "select":
        sorts = bool(_SORTS.search(f"{label(candidate)} {candidate.hints}"))
        for option in candidate.options[: MAX_OPTIONS if sorts else MAX_MENU + 1]:
            if option != candidate.state.value and option.strip():
                yield _task("option", candidate, seen, value=option)
        return
    if is_text(candidate):
        if not in_form and not candidate.state.readonly:
            yield _task("act", candidate, seen)
        return
    other = candidate.action_types[:1] not in _TRIED or _is_draggable(candidate) or candidate.role in _CONTAINERS
    if submits or candidate.state.selected or other:
        return
    if in_form and candidate.element_type in _CHANGES and candidate.role not in ("switch",):
        return
    saves = candidate.role == "button" and not undoable(candidate) and SAVES.search(candidate.name)
    task = _task("save" if saves and not is_chrome(candidate) else "act", candidate, seen)
    nameless = candidate.element_type == "other" and not (candidate.name or candidate.text or candidate.description)
    yield replace(task, bonus=NAMELESS) if nameless else task


def _of_form(form: Mapping[str, Any], seen: Seen, graph: Graph) -> Iterator[Task]:
    """Sensible data first; a form for reading only (GET) has nothing to validate.

    Of other origins' frames only what pays is filled: the rest is somebody else's.
    """
    submit, fields = at_box(form["submit"], seen), fields_of(form, seen)
    texts = [c for c in fields if is_text(c)]
    foreign = is_foreign(str(form.get("frame", "")), graph)
    pays = any(is_card(c) for c in texts)
    if not fields or (foreign and not pays):
        return
    if submit is None:
        return
    kinds = _ways(form, texts, any(c.element_type == "input:password" for c in fields), seen.place.modal)
    for kind in kinds[:1] if foreign else kinds:
        task = _task(kind, submit, seen, key=str(form["key"]))
        yield replace(task, risks=task.risks | {"paying"}) if pays else task


def _ways(form: Mapping[str, Any], texts: Sequence[Candidate], secret: bool, modal: str) -> list[TaskKind]:
    """How a form is sent; one whose button waits for what is to be filled in cannot be sent without it."""
    kinds: list[TaskKind] = ["submit", *(["leak"] if _NEW.search(modal) else [])]  # type: ignore[list-item]
    if not form["ready"] or secret:
        return kinds
    kinds += ["enter"] if form["whole"] and any(c.element_type != "textarea" for c in texts) else []
    if form["method"] == "post" or not str(form["key"]).startswith("/|"):
        kinds += ["empty"] if len(texts) > 1 else []
        kinds += ["nasty"] if texts else []
    return kinds


def _drags(seen: Seen) -> Iterator[Task]:
    movable = draggables(seen)
    if len(movable) > 2:
        yield _task("drag", movable[0], seen)


def _choices(seen: Seen, in_forms: set[int]) -> Iterator[Task]:
    """What is chosen beside an "Add" button must be what is added."""
    radios = choices(seen)
    items = {item.id for c in radios[:1] if (item := item_of(c))}
    buttons = [c for c in seen.observation.candidates if c.role == "button" and ADDS.search(c.name)]
    adds = [c for c in buttons if (item := item_of(c)) is None or item.id in items]
    if len(radios) > 1 and adds and not in_forms & {c.mark for c in (*radios, adds[0])}:
        yield _task("choice", adds[0], seen)


def choices(seen: Seen) -> list[Candidate]:
    """The options of the first group of radio buttons."""
    radios = [c for c in seen.observation.candidates if c.role == "radio" and not c.state.disabled]
    return [c for c in radios if c.hints == radios[0].hints]


def tickable(seen: Seen) -> list[Candidate]:
    """The boxes of the rows of a table or list, by which several of them are chosen."""
    found = [
        c
        for c in seen.observation.candidates
        if c.role == "checkbox" and not c.state.disabled and c.context[:1] and (item := item_of(c)) is not None
        if item.kind in ("row", "listitem") and c.context[0].kind in ("row", "cell", "listitem")
    ]
    return found if all(c.state.checked is False for c in found) else []


def draggables(seen: Seen) -> list[Candidate]:
    """Entries of the first list that can be dragged."""
    found = [c for c in seen.observation.candidates if _is_draggable(c)]
    return [c for c in found if c.context[:1] == found[0].context[:1] and c.element_type == found[0].element_type]


def _is_draggable(candidate: Candidate) -> bool:
    """Whether it is there to be dragged: an entry, not a link that a browser lets one drag."""
    return "drag" in candidate.action_types and candidate.element_type in ("other", "image")


def fields_of(form: Mapping[str, Any], seen: Seen) -> list[Candidate]:
    """The candidates that are fields of a form."""
    found = [at_box(box, seen) for box in form["fields"]]
    return [each for each in found if each is not None]


def at_box(box: Sequence[float] | None, seen: Seen) -> Candidate | None:
    """The candidate at a place of the page."""
    if box is None:
        return None
    x, y, width, height = box
    for candidate in seen.observation.candidates:
        at = candidate.box
        if abs(at.x - x) < 3 and abs(at.y - y) < 3 and abs(at.width - width) < 4 and abs(at.height - height) < 4:
            return candidate
    return next(
        (
            c
            for c in seen.observation.candidates
            if x - 2 <= c.box.center[0] <= x + width + 2 and y - 2 <= c.box.center[1] <= y + height + 2 and not c.href
        ),
        None,
    )


def companions(candidate: Candidate, seen: Seen) -> list[Candidate]:
    """Controls with a state that stand in the same part of the page as a "Save" button."""
    home = next((c.id for c in candidate.context if c.kind in ("form", "dialog", "group", "region")), None)
    found = [
        c
        for c in seen.observation.candidates
        if (c.role in _STATEFUL or c.role == "combobox") and not c.state.disabled and not is_chrome(c)
    ]
    return [c for c in found if home is None or any(context.id == home for context in c.context)]


def beside(candidate: Candidate, seen: Seen, allowed: AbstractSet[Risk]) -> list[Candidate]:
    """Buttons on the same line, the nearest first, that may be tried."""

    def gap(other: Candidate) -> float:
        ours, theirs = candidate.box, other.box
        return max(theirs.x - ours.x - ours.width, ours.x - theirs.x - theirs.width)

    found = [
        c
        for c in seen.observation.candidates
        if c.element_type == "button" and c.mark != candidate.mark and not c.state.disabled and not c.href
        if abs(c.box.center[1] - candidate.box.center[1]) < candidate.box.height / 2 and gap(c) < BESIDE_PX
        if risks(c.name or c.text, seen.descriptions.get(c.mark, ""), undoable=undoable(c)) <= allowed
    ]
    return sorted(found, key=gap)


def is_foreign(frame: str, graph: Graph) -> bool:
    """Whether a frame of that URL shows a page of somebody else; a page in the page's own text is its own."""
    return bool(frame) and not frame.startswith("about:") and origin_of(frame) != graph.origin


def undoable(candidate: Candidate) -> bool:
    """Whether a second click sets it back."""
    return candidate.state.pressed is not None or candidate.state.checked is not None


def _task(kind: TaskKind, candidate: Candidate, seen: Seen, *, key: str = "", url: str = "", value: str = "") -> Task:
    description = seen.descriptions.get(candidate.mark, "")
    if kind == "pages":
        path, _, query = seen.place.key.partition("?")  # another filter makes it another list
        description += " ".join((" of", path, *(name for name in query.split("&") if not _VIEW.search(name))))
    found: frozenset[Risk] = risks(candidate.name or candidate.text, description, undoable=undoable(candidate))
    if url and origin_of(url) != origin_of(seen.observation.url):
        found |= {"leaving"}
    told = (key or control_key(candidate), label(candidate), description)
    return Task(kind, seen.place, *told, found, url, value, shared=is_chrome(candidate))


def _can_open(href: str, url: str, graph: Graph) -> bool:
    """Whether a link leads to a page of the application that is not the part of this one."""
    parts = urlsplit(href)
    same = href.split("#")[0] == url.split("#")[0] and not parts.fragment.startswith(("/", "!/"))
    return (
        parts.scheme in ("http", "https")
        and origin_of(href) == graph.origin
        and not same
        and not _FILES.search(parts.path)
    )
