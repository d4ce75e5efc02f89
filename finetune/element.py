"""What a row's surrounding HTML still says about its element: for baselines without a model, and for kinds of elements.

    read_element(row with html '<tr><td>Ada</td><td><button class="trash"/></td></tr>', element_type "button", text "")
    -> Element(name="", hints="trash", context=(Context("row", "Ada", 1),), in_rows=True)
    kinds_of(row)  -> ("icon only", "repeated in rows")

The log keeps no mark of the element in the HTML: it is the first one of the right type with the right text. It has a
name only if all that it might be have the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

from magenta_qa.finetune.row import Row
from magenta_qa.model.schema import Context

KINDS = ("text button", "icon only", "repeated in rows", "link", "input", "choice", "other")
"""An element is of one of them, and may besides be `repeated in rows` or `icon only`."""

_BUTTONS = frozenset({"button", "input:button", "input:submit", "input:reset", "input:image"})
_CHOICES = frozenset({"select", "option", "checkbox", "radio", "input:checkbox", "input:radio", "tab", "menuitem"})
_TAGS = {"link": ("a",), "button": ("button", "input"), "image": ("img", "svg"), "option": ("option",)}
_ROLES = {"row": "row", "tr": "row", "li": "listitem", "form": "form", "dialog": "dialog", "article": "card"}
_NAMING = ("aria-label", "title", "alt", "placeholder")
_HINTING = ("class", "id", "name", "href", "xlink:href", "src")
_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}")
MAX_CONTEXT = 200


@dataclass(frozen=True, slots=True)
class Element:
    """What can be read from the HTML; all empty where the element is not found in it."""

    name: str = ""
    hints: str = ""
    context: tuple[Context, ...] = ()
    in_rows: bool = False


def read_element(row: Row) -> Element:
    """What the row's HTML says about its element."""
    found = _find(BeautifulSoup(row.html, "html.parser"), row)
    if not found:
        return Element()
    target, names = found[0], {_name(tag) for tag in found}
    inside = [target, *target.find_all(True)]
    name = names.pop() if len(names) == 1 else ""
    hints = " ".join(word for tag in inside for key in _HINTING for word in _WORD.findall(_attribute(tag, key)))
    context = tuple(_contexts(target))
    return Element(name, hints.lower(), context, any(c.kind in ("row", "listitem") for c in context))


def kinds_of(row: Row) -> tuple[str, ...]:
    """The kinds that figures are split by; at least one."""
    element = read_element(row)
    words = row.text.strip()
    kinds = ["repeated in rows"] if element.in_rows else []
    if row.element_type in _BUTTONS | {"link", "image", "canvas"} and not re.search(r"\w", words):
        return (*kinds, "icon only")
    if row.element_type in _BUTTONS:
        return (*kinds, "text button")
    if row.element_type == "link":
        return (*kinds, "link")
    if row.element_type in _CHOICES:
        return (*kinds, "choice")
    return (*kinds, "input" if row.element_type.startswith("input") or row.element_type == "textarea" else "other")


def _name(target: Tag) -> str:
    inside = [target, *target.find_all(True)]
    return next((text for tag in inside for key in _NAMING if (text := _attribute(tag, key))), "")


def _find(soup: BeautifulSoup, row: Row) -> list[Tag]:
    """All that may be the row's, in order."""
    kind, _, subtype = row.element_type.partition(":")
    wanted = " ".join(row.text.split())
    names = _TAGS.get(kind, (kind,))
    found = [tag for tag in soup.find_all(True) if tag.name in names or _attribute(tag, "role") == kind]
    if subtype:
        found = [tag for tag in found if (_attribute(tag, "type") or "text") == subtype]
    exact = [tag for tag in found if _text(tag) == wanted or (wanted and _attribute(tag, "value") == wanted)]
    return exact or ([] if wanted else found)


def _contexts(target: Tag) -> Iterator[Context]:
    for number, parent in enumerate(target.parents, 1):
        kind = _ROLES.get(_attribute(parent, "role")) or _ROLES.get(parent.name)
        text = _without(parent, target) if kind else ""
        if kind and text:
            yield Context(kind, text[:MAX_CONTEXT], number)


def _without(parent: Tag, target: Tag) -> str:
    """The text of a container, that of the element and of its neighbours that are controls left out."""
    controls = {id(tag) for tag in parent.find_all(["button", "a", "input", "select", "textarea"])} | {id(target)}
    texts = (str(text) for text in parent.find_all(string=True) if not controls & {id(p) for p in text.parents})
    return " ".join(" ".join(texts).split())


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _attribute(tag: Tag, name: str) -> str:
    value = tag.attrs.get(name, "")
    return " ".join(value) if isinstance(value, list) else str(value or "")
