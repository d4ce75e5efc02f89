"""Pages that were written line by line, with the steps that a tester would ask for there: the files of `written/`.

    # Bakery back office: orders of today
    checkbox | Select row | not checked | row 1042 Mira Olsen 6 rolls; heading Orders | Tick what Mira has ordered
    button | (trash) | | row 1042 Mira Olsen 6 rolls; heading Orders | Throw the order of the rolls away
    none | Print the recipe of the rolls

Kind, name (an icon in brackets where there is none), state, context from the nearest outwards, and steps parted by
" / "; steps of `none` are about nothing on the page. The corpus' steps say nearly what stands on a control: these say
what somebody wants.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from magenta_qa.finetune.reranker.look import ACCESSIBLE, MISREAD, READ, Look
from magenta_qa.model.accessible import sentence
from magenta_qa.model.embedded.icons import ICONS
from magenta_qa.model.embedded.placing import icon_sentence, placed
from magenta_qa.model.prompt import state_words
from magenta_qa.model.reranker.words import Line
from magenta_qa.model.schema import ActionKind, Box, Candidate, Context, State

_HELD_OUT = 8
"""Every page of that number is kept for examining."""
_NAMED = 0.5
"""Of readings that are sure enough to become the control's name."""
_ROLES = {
    "button": "button", "link": "link", "tab": "tab", "menuitem": "menuitem", "option": "option", "radio": "radio",
    "checkbox": "checkbox", "select": "combobox", "textarea": "textbox", "image": "img", "other": "generic",
    "input:search": "searchbox", "input:number": "spinbutton", "input:file": "button", "input:range": "slider",
}  # fmt: skip
_TYPED = frozenset({"textarea", *(f"input:{kind}" for kind in
                    ("text", "search", "email", "password", "number", "date", "tel", "url", "time"))})  # fmt: skip
_ACTIONS: dict[str, ActionKind] = {
    **dict.fromkeys(_TYPED, "fill"),
    "select": "select",
    "input:file": "upload",
}
_CONTEXTS = {"item": "listitem"}
_KINDS = frozenset({"row", "item", "card", "dialog", "form", "menu", "group", "region", "table", "list", "label",
                    "heading", "header"})  # fmt: skip
_FLAGS = ("checked", "selected", "expanded", "pressed")
_ICON = re.compile(r"\((?P<icon>[a-z-]+|\?)\)")
_STATES = re.compile(r'\s*((?:[^,"]|"[^"]*")+)')


class WrittenError(ValueError):
    """A line that cannot be read: file, line and why."""


def written_looks(files: Iterable[Path]) -> Iterator[Look]:
    """A look for each page; every eighth is of the split `test`.

    Raises:
        WrittenError: A line has not the form above.
    """
    number = 0
    for path in files:
        look: Look | None = None
        for at, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                if line.startswith("#"):
                    if look:
                        yield look
                    number += 1
                    look = Look("train" if number % _HELD_OUT else "test")
                elif line.strip():
                    if look is None:
                        raise ValueError("a page begins with a line “# application: page”")
                    _read(line, look)
            except ValueError as exc:
                raise WrittenError(f"{path}:{at}: {exc}: {line[:80]}") from exc
        if look:
            yield look


def _read(line: str, look: Look) -> None:
    kind, *parts = (part.strip() for part in line.split("|"))
    steps = [step.strip() for step in parts[-1].split(" / ") if step.strip()] if parts else []
    mark = 0
    if kind != "none":
        if len(parts) != 4 or (kind not in _ROLES and kind not in _TYPED):
            raise ValueError("expected “kind | name | state | context | steps” with a kind of element")
        mark = len(look.lines) + 1
        look.lines[mark] = dict(_variants(*_candidate(mark, kind, *parts[:3]), Random(line)))
        look.says[mark] = f"{mark}"
    for step in steps:
        if look.steps.setdefault(step, mark) != mark:
            raise ValueError(f"“{step}” stands twice on the page")


def _candidate(mark: int, kind: str, name: str, state: str, context: str) -> tuple[Candidate, str]:
    """The candidate, and the icon that it shows instead of a name; "?" where nobody can tell."""
    icon = _ICON.fullmatch(name)
    flags, popup = _state(state)
    role = _ROLES.get(kind, "textbox")
    around = []
    for number, each in enumerate(filter(None, (part.strip() for part in context.split(";")))):
        sort, _, text = each.partition(" ")
        if sort not in _KINDS:
            raise ValueError(f"“{sort}” is no kind of context")
        around.append(Context(_CONTEXTS.get(sort, sort), text or name, number))
    called = "" if icon else name
    action = _ACTIONS.get(kind, "click")
    candidate = Candidate(
        mark, Box(0, 0, 1, 1), kind, role, called, called, State(**flags), (action,), context=tuple(around), popup=popup
    )
    return candidate, icon["icon"] if icon else ""


def _state(text: str) -> tuple[dict[str, Any], str]:
    flags: dict[str, Any] = {}
    popup = ""
    for word in (match[1].strip() for match in _STATES.finditer(text)):
        if word.removeprefix("not ") in _FLAGS:
            flags[word.removeprefix("not ")] = not word.startswith("not ")
        elif word.startswith("value="):
            flags["value"] = word.removeprefix("value=").strip('"')
        elif word.startswith("popup "):
            popup = word.removeprefix("popup ").replace("menu", "true")
        elif word in ("disabled", "readonly", "required", "focused"):
            flags[word] = True
        elif word:
            raise ValueError(f"“{word}” is no state")
    return flags, popup


def _variants(candidate: Candidate, icon: str, r: Random) -> Iterator[tuple[int, Line]]:
    action = candidate.action_types[0]
    line = Line(candidate.element_type, candidate.name, state_words(candidate.state), sentence(candidate, action))
    yield ACCESSIBLE, line
    if icon and icon != "?":
        for variant, shown in ((READ, icon), (MISREAD, r.choice(list(ICONS)))):
            does = ICONS[shown].does if shown in ICONS else "Activates"
            told = placed(icon_sentence(does, shown.replace("-", " ")), candidate, action)
            yield variant, line._replace(name=told.reading if r.random() < _NAMED else "", sentence=told.text)
