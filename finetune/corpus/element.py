"""HTML as a tree that knows which of its elements are controls, so that nothing needs to be written into the page.

    body = Element("body", {}, [Element("button", {"class": "btn"}, ["Save"], control=save)])
    body.html()                      -> '<body><button class="btn">Save</button></body>'
    number(body)                     -> [(0, save)]

`number` counts as `document.body.getElementsByTagName("*")` does: what an element means is kept beside the page as a
place in that list. For this to hold, the tree must be one that a browser's parser leaves as it is (rows within a
`tbody`, no blocks within a `p`); `photograph` compares both and refuses a page where they differ.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from magenta_qa.finetune.corpus.page import Control

EMPTY = frozenset({"input", "img", "br", "hr"})
_START_TAG = re.compile(r"<([A-Za-z][\w:-]*)")


@dataclass(frozen=True, slots=True)
class Raw:
    """Markup that stands as it is, such as the shapes of an icon."""

    markup: str

    @property
    def tags(self) -> list[str]:
        """Tag names of its elements, in order."""
        return _START_TAG.findall(self.markup)


@dataclass(slots=True, eq=False)
class Element:
    """One element; `None` as an attribute's value writes the bare name."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Union["Element", Raw, str]] = field(default_factory=list)
    control: "Control | None" = None

    def html(self) -> str:
        """The element as text."""
        parts: list[str] = []
        self._write(parts)
        return "".join(parts)

    def _write(self, parts: list[str]) -> None:
        shown = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in self.attributes.items()
        )
        parts.append(f"<{self.tag}{shown}>")
        if self.tag in EMPTY:
            return
        for child in self.children:
            if isinstance(child, Element):
                child._write(parts)
            else:
                parts.append(child.markup if isinstance(child, Raw) else escape(child, quote=False))
        parts.append(f"</{self.tag}>")

    def walk(self) -> Iterator[Union["Element", str]]:
        """Every element below this one in document order; those of raw markup as their tag names."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()
            elif isinstance(child, Raw):
                yield from child.tags

    def add_class(self, names: str) -> None:
        """Append class names."""
        old = self.attributes.get("class")
        if names:
            self.attributes["class"] = f"{old} {names}" if old else names


def number(body: Element) -> list[tuple[int, "Control"]]:
    """(place among all elements of the body, control) of each control, in document order."""
    found = []
    for place, element in enumerate(body.walk()):
        if isinstance(element, Element) and element.control is not None:
            found.append((place, element.control))
    return found


def tags(body: Element) -> list[str]:
    """Tag names of all elements of the body, lower case, in document order."""
    return [(element.tag if isinstance(element, Element) else element).lower() for element in body.walk()]
