"""What a person sees on a page at one moment: elements, texts, values and states, frames and shadow roots included.

    view.text(view.roots)       -> "Your cart\\nBlue backpack\\t1\\t$42.00\\nTotal: $42.00"
    view.nodes[7].name          -> "Remove Blue backpack"

Lines of the text are blocks; a tab separates what stands on one line without being one text, such as table cells.
Built by `agent.checks.reader` from what `read.js` saw.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from magenta_qa.agent.checks.compare import whole_number
from magenta_qa.model.schema import Box

_INLINE, _INLINE_BLOCK, _BLOCK, _CELL, _BREAK = range(5)
_SEPARATORS = ("", " ", "\t", "\n", "\f")
"""What may stand between two texts, the weakest first; the last parts what can be acted on by itself."""
_NOTHING, _SPACE, _TAB, _LINE, _HARD = range(5)
_HARD_ROLES = frozenset({"tab", "menuitem", "option", "row"})
_BOXES = frozenset({"button", "select", "input", "textarea"})
_STRUCK = frozenset({"s", "del", "strike"})
_BLANKS = re.compile(r"[ \t\n\r\f]+")  # a no-break space may group the digits of a number
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_INTERACTIVE = {"a", "button", "select", "input", "textarea", "summary", "label", "option"}
_HARD_TAGS = frozenset({"li", "tr", "nav", *_INTERACTIVE})
_TEST_IDS = ("data-testid", "data-test", "data-test-id", "data-cy", "data-qa")
_IMPLICIT_ROLES = {
    "button": "button",
    "summary": "button",
    "textarea": "textbox",
    "ul": "list",
    "ol": "list",
    "li": "listitem",
    "table": "table",
    "tr": "row",
    "td": "cell",
    "th": "columnheader",
    "nav": "navigation",
    "main": "main",
    "header": "banner",
    "footer": "contentinfo",
    "aside": "complementary",
    "form": "form",
    "section": "region",
    "article": "article",
    "dialog": "dialog",
    "img": "image",
    "svg": "image",
    "option": "option",
    "progress": "progressbar",
    "fieldset": "group",
    "details": "group",
    "output": "status",
    "meter": "meter",
    "h1": "heading",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "h5": "heading",
    "h6": "heading",
    "search": "search",
}
_INPUT_ROLES = {
    "checkbox": "checkbox",
    "radio": "radio",
    "button": "button",
    "submit": "button",
    "reset": "button",
    "image": "button",
    "range": "slider",
    "number": "spinbutton",
    "search": "searchbox",
}


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """An element, or (with an empty tag) a text."""

    index: int
    parent: "Node | None"
    tag: str
    x: float
    y: float
    width: float
    height: float
    text: str = ""
    """Of a text node: as it stands in the DOM."""
    display: int = _INLINE
    flags: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    value: str | None = None
    name: str = ""
    """Accessible name as far as it does not come from plain visible content."""
    first_line: str = ""
    """Of a name that is shown on several lines, such as a label with an explanation below it."""
    children: list["Node"] = field(default_factory=list)
    end: int = 0
    """Index after its last descendant."""
    known_role: str | None = None

    @property
    def hidden(self) -> bool:
        """Whether its own box is not visible (what is in it may be)."""
        return "h" in self.flags

    @property
    def behind(self) -> bool:
        """Whether it may be a dialog and lies behind something else, such as another one."""
        return "B" in self.flags

    @property
    def secret(self) -> bool:
        """Whether its value must not be shown to anybody."""
        return "S" in self.flags

    @property
    def role(self) -> str:
        """ARIA role, explicit or implied by the tag; empty where there is none."""
        if self.known_role is None:
            self.known_role = self._role()
        return self.known_role

    def _role(self) -> str:
        explicit = self.attributes.get("role", "").split()
        if explicit and explicit[0] not in {"presentation", "none"}:
            return explicit[0].lower()
        if self.tag == "input":
            return _INPUT_ROLES.get(self.attributes.get("type", "text").lower(), "textbox")
        if self.tag == "th" and self.parent is not None:
            cells = [c for c in self.parent.children if c.tag]
            beside_data = any(c.tag == "td" for c in cells) or _is_total(self, cells)
            return "rowheader" if beside_data or self.attributes.get("scope") == "row" else "columnheader"
        if self.tag == "a":
            return "link" if "href" in self.attributes else ""
        if self.tag == "select":
            return "combobox"
        if "contenteditable" in self.attributes and self.attributes["contenteditable"] != "false":
            return "textbox"
        return _IMPLICIT_ROLES.get(self.tag, "")

    @property
    def box(self) -> Box:
        """Its rectangle in the top viewport."""
        return Box(self.x, self.y, self.width, self.height)

    def is_inside(self, other: "Node") -> bool:
        """Whether it is `other` or one of its descendants."""
        return other.index <= self.index < other.end

    def ancestors(self) -> Iterator["Node"]:
        """From the parent outwards."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def tokens(self) -> Iterator[tuple[str, str]]:
        """(kind, words) of its test ids, id and classes: ("class", "cart badge") for class="cart-badge"."""
        for attribute in _TEST_IDS:
            if attribute in self.attributes:
                yield "testid", split_words(self.attributes[attribute])
        if "id" in self.attributes:
            yield "id", split_words(self.attributes["id"])
        for token in self.attributes.get("class", "").split()[:20]:
            yield "class", split_words(token)


def _is_total(head: Node, cells: list[Node]) -> bool:
    """Whether a head stands before a figure that is written as a head, too, as totals below other rows are."""
    row = head.parent
    rows = [c for c in row.parent.children if c.tag] if row is not None and row.parent is not None else []
    if len(cells) != 2 or cells[0] is not head or not rows or row is rows[0]:
        return False
    return whole_number(_text_of(cells[1])) is not None and whole_number(_text_of(head)) is None


def _text_of(node: Node) -> str:
    return node.text if not node.tag else " ".join(_text_of(child) for child in node.children)


@lru_cache(10_000)
def split_words(identifier: str) -> str:
    """The words of an identifier: "cartBadge-2" → "cart badge 2"."""
    return " ".join(_WORD.findall(identifier)).lower()


class View:
    """Everything visible at one moment.

    Args:
        answer: What `read.js` returned for the top frame.
    """

    def __init__(self, answer: dict[str, Any]) -> None:
        self.at_seconds: float = answer["at"] / 1000
        """When it was read, since 1970 by the browser's clock."""
        self.url: str = answer["url"]
        self.title: str = answer["title"]
        self.loaded: bool = answer["loaded"]
        self.icons: list[str] = answer["icons"]
        """The URLs of the page's own pictures in tabs and bookmarks."""
        self.cut: bool = answer["cut"]
        self.raw: list[list[Any]] = answer["nodes"]
        self.nodes: list[Node] = []
        self.unread_frames = 0
        self.draws_all = False
        """Whether it is known that no list of the page draws only what is in view."""
        self._texts: dict[tuple[int, ...], str] = {}

    def insert(self, at: int, answer: dict[str, Any], dx: float, dy: float) -> None:
        """Put the nodes of a frame that was read by itself below its frame element."""
        offset = len(self.raw)
        for row in answer["nodes"]:
            row[0] = at if row[0] < 0 else row[0] + offset
            row[2 if row[1] else 3] += dx
            row[3 if row[1] else 4] += dy
        self.raw.extend(answer["nodes"])

    def build(self) -> None:
        """Make the tree of what has been read, in document order."""
        children: dict[int, list[int]] = {}
        for index, row in enumerate(self.raw):
            children.setdefault(row[0], []).append(index)
        stack: list[tuple[int, Node | None]] = [(index, None) for index in reversed(children.get(-1, []))]
        while stack:
            raw_index, parent = stack.pop()
            node = _node(self.raw[raw_index], len(self.nodes), parent)
            self.nodes.append(node)
            if parent is not None:
                parent.children.append(node)
            stack.extend((child, node) for child in reversed(children.get(raw_index, [])))
        for node in reversed(self.nodes):
            node.end = node.children[-1].end if node.children else node.index + 1
        self.raw = []

    @property
    def roots(self) -> list[Node]:
        """The top elements."""
        return [node for node in self.nodes if node.parent is None]

    @property
    def elements(self) -> Iterator[Node]:
        """All elements, in document order."""
        return (node for node in self.nodes if node.tag)

    def under(self, roots: Iterable[Node]) -> Iterator[Node]:
        """Elements at or below any of `roots`."""
        for root in roots:
            yield from (node for node in self.nodes[root.index : root.end] if node.tag)

    def text(self, roots: Iterable[Node], *, rendered: bool = False, current: bool = False) -> str:
        """Visible text: blocks as lines, cells and neighbours on one line separated by tabs.

        Args:
            roots: Elements, in document order.
            rendered: In capitals where CSS shows capitals; else as it stands in the DOM.
            current: Without what is struck through, such as an old price.
        """
        roots = list(roots)
        key = (rendered + 2 * current, *(root.index for root in roots))
        if key not in self._texts:
            self._texts[key] = _compose(roots, rendered, current)
        return self._texts[key]

    @property
    def blank(self) -> bool:
        """Whether nothing at all can be seen."""
        return not any(
            (not n.tag and n.text.strip())
            or (n.value is not None and not n.hidden)
            or n.tag in {"img", "canvas", "svg"}
            for n in self.nodes
        )

    def name(self, node: Node) -> str:
        """Accessible name as well as it can be told from what is visible."""
        if node.name:
            return node.name
        attributes = node.attributes
        own = attributes.get("alt") or (attributes.get("value") if node.role == "button" else "")
        if own:
            return own
        if node.tag in {"table", "fieldset", "figure", "details"}:
            title = next((c for c in node.children if c.tag in {"caption", "legend", "figcaption", "summary"}), None)
            if title is not None:
                return fold_lines(self.text([title]))
        if node.role in {"heading", "columnheader", "cell", "listitem"} or (
            node.tag in _INTERACTIVE and node.value is None
        ):
            return fold_lines(self.text([node]))[:300] or attributes.get("title", "")
        return attributes.get("title", "") or attributes.get("placeholder", "")


def fold_lines(text: str) -> str:
    """A composed text as one line."""
    return " ".join(text.split())


def _node(row: list[Any], index: int, parent: Node | None) -> Node:
    if row[1] == 0:
        return Node(index, parent, "", row[3], row[4], row[5], row[6], row[2])
    name = first_line = ""
    if row[10]:
        head, line_break, _ = row[10].partition("\n")
        name, first_line = fold_lines(row[10]), head if line_break else ""
    known = (row[6], row[7], row[8] or {}, row[9], name, first_line)
    return Node(index, parent, row[1], row[2], row[3], row[4], row[5], "", *known)


class _Composer:
    """Joins texts with the separators that a reader would see."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.last: Node | None = None
        self.boundary = _NOTHING

    def separate(self, kind: int) -> None:
        if kind > self.boundary:
            self.boundary = kind

    def add(self, text: str, node: Node) -> None:
        lead, body = text[:1].isspace(), " ".join(_BLANKS.split(text.strip()))
        if not body:
            self.separate(_SPACE)
            return
        if self.pieces:
            self.pieces.append(self._separator(lead, body, node))
        self.pieces.append(body)
        self.last, self.boundary = node, _SPACE if text[-1:].isspace() else _NOTHING

    def _separator(self, lead: bool, body: str, node: Node) -> str:
        boundary = self.boundary
        if boundary == _HARD:
            return "\n"
        if boundary == _LINE:
            return "\t" if self._on_one_line(node) else "\n"
        if boundary:
            return _SEPARATORS[boundary]
        return " " if lead or self._gap(body, node) else ""

    def _on_one_line(self, node: Node) -> bool:
        last = self.last
        if last is None or not node.height or not last.height:
            return False
        overlap = min(last.y + last.height, node.y + node.height) - max(last.y, node.y)
        beside = node.x >= last.x + last.width - 1 and node.x - last.x - last.width < 600
        return beside and overlap > 0.5 * min(last.height, node.height)

    def _gap(self, body: str, node: Node) -> bool:
        """Whether styling parts two texts that have no space between them ("Cart" and a badge)."""
        last = self.last
        if last is None or last.parent is node.parent:
            return False
        gap = node.x - last.x - last.width
        digits = self.pieces[-1][-1:].isdigit() and body[:1].isdigit()
        return gap > (6 if digits else 2) and abs(node.y - last.y) < node.height


def _compose(roots: list[Node], rendered: bool, current: bool) -> str:
    composer = _Composer()
    for root in roots:
        composer.separate(_LINE)
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                composer.separate(_edge(node))
                continue
            if not node.tag:
                capitals = rendered and node.parent is not None and "U" in node.parent.flags
                composer.add(node.text.upper() if capitals else node.text, node)
                continue
            if current and node.tag in _STRUCK:
                continue
            composer.separate(_edge(node))
            if node.value is not None or node.tag == "input":
                _add_value(composer, node)
            stack.append((node, True))
            if node.tag != "select":
                stack.extend((child, False) for child in reversed(node.children))
    return "".join(composer.pieces)


def _edge(node: Node) -> int:
    """Which separator stands before and after an element."""
    if node.display == _BLOCK:
        return _HARD if node.tag in _HARD_TAGS or node.role in _HARD_ROLES else _LINE
    if node.display == _INLINE_BLOCK:
        return _HARD if node.tag in _BOXES else _SPACE
    if node.display == _CELL:
        return _TAB
    return _SPACE if node.display == _BREAK else _NOTHING


def _add_value(composer: _Composer, node: Node) -> None:
    shown = node.value if node.value is not None and not node.secret else ""
    if node.tag == "input" and node.role == "button":
        shown = node.attributes.get("value", "")
    if shown and not node.hidden:
        composer.separate(_HARD)
        for line in shown.splitlines():
            composer.add(line, node)
            composer.separate(_HARD)
