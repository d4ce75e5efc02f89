"""How well the sort of a control goes with what is to be done, and with what the tester called it.

fits_action("fill", button)        -> 0.0
fits_kinds(("button",), a_link)    -> 0.9   (many links look like buttons)
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from magenta_qa.model.language.lexicon import lexicon
from magenta_qa.model.language.wording import read_field
from magenta_qa.model.schema import Candidate

if TYPE_CHECKING:
    from magenta_qa.model.ranking.page import Page

_CHECKABLE = frozenset({"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"})
_SELECTS = re.compile(r"\b(?:select|selects|selection|selected|choose|tick|check|mark)\b(?!.*\ball\b)", re.IGNORECASE)
_TEXT_ROLES = frozenset({"textbox", "searchbox", "spinbutton"})
_BUTTONS = frozenset({"button", "input:submit", "input:button", "input:reset", "input:image"})
_NO_FIELD = frozenset(
    {
        "input:submit",
        "input:button",
        "input:reset",
        "input:image",
        "input:checkbox",
        "input:radio",
        "input:file",
        "input:hidden",
    }
)

_LOOKS = frozenset(
    {"text", "clear", "default", "size", "color", "colour", "font", "base", "basic", "simple", "plain", "ghost", "link"}
    | {"primary", "secondary", "small", "medium", "large", "sm", "md", "lg", "ico", "outline", "action", "actions"}
    | {"javascript", "void", "toolbar", "inherit", "active", "page"}
)
"""Words of classes that say how a control looks: "ant-btn-text", "button clear small"."""
_UNFOLDING = ("menu", "dropdown", "toggle", "caret", "chevron")
"""Words of names that buttons of menus have."""
_TILE_PX = 64.0
_FRAMES = frozenset(
    {"generic", "presentation", "list", "menu", "dialog", "table", "grid", "tablist", "group", "region"}
)


def is_editable(c: Candidate) -> bool:
    """Whether text can be put into it."""
    if c.element_type == "textarea" or "fill" in c.action_types or "type" in c.action_types:
        return True
    return (c.element_type.startswith("input:") and c.element_type not in _NO_FIELD) or c.role in _TEXT_ROLES


def is_select(c: Candidate) -> bool:
    """Whether it is a native select."""
    return c.tag == "select" or (not c.tag and c.element_type == "select")


def is_dropdown(c: Candidate) -> bool:
    """Whether options come up when it is clicked."""
    if c.role in {"combobox", "listbox"} or c.element_type == "select":
        return True
    return c.popup in {"listbox", "menu", "tree", "grid", "true"}


def is_checkable(c: Candidate) -> bool:
    """Whether it can be ticked."""
    return (
        c.role in _CHECKABLE
        or c.element_type in {"checkbox", "radio", "input:checkbox", "input:radio"}
        or "check" in c.action_types
    )


def column_of(c: Candidate) -> str:
    """What the column that a control stands in is called; empty where it stands in none."""
    return next((k.text for k in c.context if k.kind in {"column", "header"}), "")


def is_selector(c: Candidate) -> bool:
    """Whether it is a checkbox that selects the row or card that it stands in: nameless, or named after that.

    One without a name in a column that has one, such as "Active", means what the column says.
    """
    called = c.name or column_of(c)
    return is_checkable(c) and (not called or bool(_SELECTS.search(called)))


def is_tile(c: Candidate) -> bool:
    """Whether it is a picture or card that says it can be ticked, as galleries have it, rather than a box."""
    return is_checkable(c) and c.tag != "input" and bool(c.name) and min(c.box.width, c.box.height) >= _TILE_PX


def is_frame(c: Candidate) -> bool:
    """Whether it only holds others: a dialog that hears clicks beside it, a list that hears those on its items."""
    return (c.element_type == "other" and c.role in _FRAMES) or (c.role == "listbox" and not is_select(c))


def is_search_field(c: Candidate) -> bool:
    """Whether it is a field that programmers call a search, whatever it says that it looks through."""
    return is_editable(c) and (c.role == "searchbox" or "search" in c.hints.split())


def is_header(c: Candidate) -> bool:
    """Whether it is what a column is called in its head, maybe with a sign for how it is sorted: a click sorts."""
    named = (c.name or c.text).strip().casefold()
    heads = (re.sub(r"\W+$", "", k.text).casefold() for k in c.context if k.kind == "header")
    return c.role == "columnheader" or (not is_checkable(c) and any(named.startswith(head) for head in heads if head))


def is_button(c: Candidate) -> bool:
    """Whether it is a button."""
    return c.role == "button" or c.element_type in _BUTTONS


def is_upload(c: Candidate) -> bool:
    """Whether a file can be put into it."""
    return c.element_type == "input:file" or "upload" in c.action_types


def told_by(hints: str) -> frozenset[str]:
    """The concepts of what programmers call a control, without words of how it looks."""
    return read_field(" ".join(word for word in hints.split() if word not in _LOOKS)).concepts


def is_nameless(c: Candidate, page: "Page | None" = None) -> bool:
    """Whether nothing but its picture, names that programmers gave it and a model's doubtful words say what it is."""
    if page is not None and c.mark in page.read:
        return True
    described = page.described.get(c.mark, "") if page is not None and c.mark in page.surely else ""
    said = c.name or c.description or described or ("" if is_editable(c) else c.text)
    if is_editable(c) and not any(k.kind in {"label", "group"} for k in c.context):
        return not said.strip()
    return not re.search(r"\w", said) and said.strip() not in lexicon().symbols and not told_by(c.hints)


def fits_action(action: str, c: Candidate) -> float:
    """0 where the action makes no sense on the control, 1 where it is its usual one."""
    if action in {"fill", "type"}:
        return 1.0 if is_editable(c) else 0.97 if is_select(c) or is_dropdown(c) else 0.0
    if action == "clear":
        return 1.0 if is_editable(c) else 0.0
    if action == "select":
        opens = is_button(c) and (c.state.expanded is not None or bool({"dropdown", "menu"} & set(c.hints.split())))
        return 1.0 if is_select(c) or is_dropdown(c) else 0.85 if opens else 0.0
    if action == "check":
        return 1.0 if is_checkable(c) else 0.85 if c.state.pressed is not None else 0.0
    if action == "upload":
        return 1.0 if is_upload(c) else 0.0
    if action == "toggle":
        return 1.0 if is_checkable(c) or c.state.pressed is not None or c.state.expanded is not None else 0.85
    if action == "expand":
        return 1.0 if c.state.expanded is not None else 0.0 if is_editable(c) else 0.9
    if action == "open":
        ticked = is_editable(c) or (is_checkable(c) and not is_tile(c))
        return 0.5 if ticked else 0.9 if is_select(c) else 1.0
    if action == "drag":
        return 1.0 if "drag" in c.action_types else 0.85
    if action == "focus":
        return 1.0 if is_editable(c) else 0.9
    if action == "click":
        return 0.95 if is_dropdown(c) else 0.9 if is_editable(c) else 1.0
    return 1.0


_ROLES: dict[str, frozenset[str]] = {
    "link": frozenset({"link"}),
    "checkbox": frozenset({"checkbox", "menuitemcheckbox"}),
    "switch": frozenset({"switch"}),
    "radio": frozenset({"radio", "menuitemradio"}),
    "option": frozenset({"option", "radio", "menuitem", "menuitemradio", "listitem", "treeitem"}),
    "tab": frozenset({"tab"}),
    "menuitem": frozenset({"menuitem", "menuitemcheckbox", "menuitemradio"}),
    "image": frozenset({"img", "image", "graphics-document"}),
    "slider": frozenset({"slider"}),
    "header": frozenset({"columnheader", "rowheader"}),
    "canvas": frozenset({"img"}),
}  # fmt: skip


def fits_kinds(kinds: tuple[str, ...], c: Candidate) -> float:
    """How well the control goes with the nouns that the tester used for it; 1 where none was used."""
    return max((_fits_kind(kind, c) for kind in kinds), default=1.0)


def _fits_kind(kind: str, c: Candidate) -> float:
    roles = _ROLES.get(kind, frozenset())
    if kind == "checkbox" and c.role == "switch":
        return _as_checkable(c)
    if c.role in roles or c.element_type == kind or c.element_type == f"input:{kind}":
        return 1.0
    judge = _JUDGES.get(kind)
    return judge(c) if judge else 0.8


def _as_button(c: Candidate) -> float:
    return 1.0 if is_button(c) else 0.4 if is_editable(c) or is_checkable(c) else 0.9


def _as_field(c: Candidate) -> float:
    if is_editable(c):
        return 0.9 if c.element_type == "textarea" else 1.0  # where there is nothing else to tell them apart
    return 0.95 if is_select(c) or is_dropdown(c) else 0.9 if is_checkable(c) or is_upload(c) else 0.35


def _as_textarea(c: Candidate) -> float:
    lines = c.element_type == "textarea" or (is_editable(c) and c.tag not in {"input", ""})
    return 1.0 if lines else 0.88 * _as_field(c)


def _as_select(c: Candidate) -> float:
    if is_select(c) or is_dropdown(c):
        return 1.0
    return 0.85 if c.state.expanded is not None or c.popup else 0.6 if is_editable(c) else 0.5


def _as_date(c: Candidate) -> float:
    if c.element_type in {"input:date", "input:datetime-local", "input:month"}:
        return 1.0
    return 0.95 if is_editable(c) or is_button(c) else 0.5


def _as_checkable(c: Candidate) -> float:
    return 0.9 if is_checkable(c) or c.state.pressed is not None else 0.4


def _as_picture(c: Candidate) -> float:
    return 0.5 if is_editable(c) or is_select(c) else 0.97


def _as_menu(c: Candidate) -> float:
    if c.popup in {"menu", "true"}:
        return 1.0
    said = f" {read_field(c.name).phrase} {c.hints} "
    if is_editable(c) or is_checkable(c):
        return 0.45
    return 0.9 if any(f" {word} " in said for word in _UNFOLDING) else 0.75


def _as_clickable(c: Candidate) -> float:
    return 0.45 if is_editable(c) or is_checkable(c) or is_select(c) else 0.9


_JUDGES: dict[str, Callable[[Candidate], float]] = {
    "button": _as_button,
    "field": _as_field,
    "textarea": _as_textarea,
    "select": _as_select,
    "date": _as_date,
    "file": lambda c: 1.0 if is_upload(c) else 0.5,
    **dict.fromkeys(("checkbox", "switch", "radio"), _as_checkable),
    **dict.fromkeys(("icon", "image", "canvas"), _as_picture),
    "menu": _as_menu,
    **dict.fromkeys(("link", "tab", "menuitem"), _as_clickable),
    "header": lambda c: 1.0 if is_header(c) else _as_clickable(c),
    "option": lambda c: 0.9 if is_checkable(c) else _as_clickable(c),
    "toggle": lambda c: 0.45 if is_editable(c) else 0.9,
}
