"""A light HTML tree and how it is cut to a budget of characters; `model.html` builds it from a page.

    root = Node("")                                   # "" has no tags of its own
    row = root.append(Node("tr")); row.append(Node("td")).append("Ada"); …
    trim(tidy(root), target, budget=1000)  ->  "<tr><td>Ada</td><td><button>…"

Everything is iterative: pages nest deeper than Python recurses.
"""

from collections.abc import Iterator
from html import escape

MAX_TEXT = 160
"""Characters of one run of text."""
MAX_PIECE = 200
"""Characters of one heading that is taken along from afar."""
MAX_SIBLING = 150
"""Characters of a neighbour that does not fit whole."""
MAX_DISTANCE = 60
"""How many neighbours on either side are looked at."""

_VOID = frozenset(["input", "img", "col"])
_WRAPPERS = frozenset(
    [
        "div",
        "span",
        "p",
        "center",
        "font",
        "html",
        "body",
        "tbody",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "b",
        "strong",
        "em",
        "small",
    ]
)
_MEANING = frozenset(
    [
        "tr",
        "li",
        "form",
        "dialog",
        "fieldset",
        "table",
        "thead",
        "ul",
        "ol",
        "dl",
        "section",
        "article",
        "nav",
        "aside",
        "header",
        "footer",
        "main",
        "label",
        "td",
        "th",
        "details",
        "select",
        "figure",
        "menu",
        "a",
        "button",
    ]
)
_ITEMS = frozenset(["tr", "li", "form", "dialog", "fieldset", "article", "table", "ul", "ol", "dl", "option"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "summary", "thead", "figcaption"])


class Node:
    """An element, or with an empty tag a group without tags of its own.

    Args:
        tag: Lower-case tag name.
        attributes: As they stand in the start tag, each with a blank before it.
    """

    __slots__ = ("attributes", "children", "parent", "tag", "target")

    def __init__(self, tag: str, attributes: str = "") -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node | str] = []
        self.parent: Node | None = None
        self.target = False

    def add(self, child: "Node") -> "Node":
        """Append an element; returns it."""
        child.parent = self
        self.children.append(child)
        return child

    def write(self, text: str) -> None:
        """Append text."""
        self.children.append(text)

    @property
    def start(self) -> str:
        """The start tag."""
        return f"<{self.tag}{self.attributes}>" if self.tag else ""

    @property
    def end(self) -> str:
        """The end tag; empty for void elements."""
        return f"</{self.tag}>" if self.tag and self.tag not in _VOID else ""

    @property
    def overhead(self) -> int:
        """Characters of both tags."""
        return len(self.start) + len(self.end)


def tidy(root: Node) -> Node:
    """`root`, changed in place: whitespace folded, neighbouring text joined, meaningless wrappers taken out."""
    for node in reversed(list(_walk(root))):
        node.children = _joined(_spliced(node))
        for child in node.children:
            if isinstance(child, Node):
                child.parent = node
    return root


def _walk(root: Node) -> Iterator[Node]:
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(child for child in node.children if isinstance(child, Node))


def _spliced(node: Node) -> Iterator["Node | str"]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        elif not child.tag:
            yield from child.children
        elif child.target or child.attributes or child.tag not in _WRAPPERS:
            yield child
        elif not child.children:
            yield " "
        elif len(child.children) == 1 and isinstance(child.children[0], Node):
            yield child.children[0]
        else:
            yield child


def _joined(children: Iterator["Node | str"]) -> list["Node | str"]:
    runs: list[Node | list[str]] = []
    for child in children:
        if isinstance(child, Node):
            runs.append(child)
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(child)
        else:
            runs.append([child])
    result: list[Node | str] = []
    for index, run in enumerate(runs):
        if isinstance(run, Node):
            result.append(run)
        elif text := _folded("".join(run), first=index == 0, last=index == len(runs) - 1):
            result.append(text)
    return result


def _folded(text: str, *, first: bool, last: bool) -> str:
    words = " ".join(text.split())
    if not words:
        return ""
    if len(words) > MAX_TEXT:
        words = words[: MAX_TEXT - 1].rstrip() + "…"
    before = "" if first or not text[0].isspace() else " "
    after = "" if last or not text[-1].isspace() else " "
    return before + words + after


def render(root: Node) -> str:
    """The HTML text."""
    parts: list[str] = []
    todo: list[Node | str] = [root]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        parts.append(item.start)
        todo.append(item.end)
        todo.extend(
            escape(child, quote=False) if isinstance(child, str) else child for child in reversed(item.children)
        )
    return "".join(parts)


def trim(root: Node, target: Node | None, budget: int) -> str:
    """HTML text of a tidied tree, at most `budget` characters: what is nearest to the target, else the beginning."""
    whole = render(root)
    if len(whole) <= budget:
        return whole
    kept = cut(root, budget) if target is None else _Surroundings(root, target, budget).build()
    return render(tidy(kept))


def cut(source: Node, budget: int) -> Node:
    """A copy of `source` that ends where `budget` characters are used up."""
    result = Node("")
    left = budget
    todo: list[tuple[Iterator[Node | str], Node]] = [(iter((source,)), result)]
    while todo:
        children, into = todo[-1]
        child = next(children, None)
        if child is None:
            todo.pop()
        elif isinstance(child, str):
            text = _fitted(child, left)
            into.write(text)
            left -= _cost(text)
            if text != child:
                break
        elif child.overhead > left:
            break
        else:
            left -= child.overhead
            made = into.add(Node(child.tag, child.attributes))
            made.target = child.target
            todo.append((iter(child.children), made))
    return result


def _fitted(text: str, limit: int) -> str:
    if _cost(text) <= limit:
        return text
    shorter = text[: max(limit - 1, 0)]
    while shorter and _cost(shorter) + 1 > limit:
        shorter = shorter[:-1]
    return shorter.rstrip() + "…" if shorter.strip() else ""


def _cost(item: "Node | str") -> int:
    return len(escape(item, quote=False)) if isinstance(item, str) else len(render(item))


class _Surroundings:
    """Picks what stays around a target and builds the smaller tree."""

    def __init__(self, root: Node, target: Node, budget: int) -> None:
        self.root = root
        whole = _cost(target) <= budget
        self.target = target
        self.kept: dict[int, Node] = {id(target): target if whole else cut(target, budget)}
        self.texts: dict[tuple[int, int], str] = {}
        self.left = budget - _cost(self.kept[id(target)])
        self.chain = list(_ancestors(target))
        self.path = {id(node) for node in self.chain}
        self.shown: set[int] = set()

    def build(self) -> Node:
        """The smaller tree."""
        self._choose_ancestors()
        for ancestor in self.chain:
            self._take_heading(ancestor)
        child = self.target
        for ancestor in self.chain:
            self._take_siblings(ancestor, child)
            child = ancestor
        return self._copy()

    def _choose_ancestors(self) -> None:
        allowance = self.left * 2 // 5
        for level, node in enumerate(self.chain):
            telling = (
                level < 2 or node.tag in _MEANING or " role=" in node.attributes or " aria-label" in node.attributes
            )
            if telling and node.overhead <= allowance:
                self.shown.add(id(node))
                allowance -= node.overhead
                self.left -= node.overhead

    def _take_heading(self, ancestor: Node) -> None:
        """The first heading in the ancestor, outside of its other items."""
        todo = [child for child in reversed(ancestor.children) if isinstance(child, Node)]
        for _ in range(200):
            if not todo:
                return
            node = todo.pop()
            if node.tag in _HEADINGS and id(node) not in self.path:
                self._take_piece(node)
                return
            if node.tag not in _ITEMS and id(node) not in self.path and node is not self.target:
                todo.extend(child for child in reversed(node.children) if isinstance(child, Node))

    def _take_piece(self, node: Node) -> None:
        cost = _cost(node)
        if id(node) in self.kept or cost > min(self.left, MAX_PIECE):
            return
        self.kept[id(node)] = node
        self.left -= cost
        self.path.update(id(above) for above in _ancestors(node))

    def _take_siblings(self, ancestor: Node, child: Node) -> None:
        middle = next(i for i, sibling in enumerate(ancestor.children) if sibling is child)
        last = len(ancestor.children)
        for distance in range(1, min(last, MAX_DISTANCE)):
            if self.left < 10:
                return
            for index in (middle - distance, middle + distance):
                if 0 <= index < last:
                    self._take_sibling(ancestor, index, distance)

    def _take_sibling(self, ancestor: Node, index: int, distance: int) -> None:
        sibling = ancestor.children[index]
        fits = _cost(sibling) <= self.left
        shortened = min(self.left, MAX_SIBLING) if distance == 1 else 0
        if isinstance(sibling, str):
            text = sibling if fits else _fitted(sibling, shortened)
            self.texts[id(ancestor), index] = text
            self.left -= _cost(text)
        elif id(sibling) not in self.kept and id(sibling) not in self.path:
            small = sibling if fits else cut(sibling, shortened)
            self.kept[id(sibling)] = small
            self.left -= _cost(small)

    def _copy(self) -> Node:
        result = Node("")
        todo = [(self.root, result)]
        while todo:
            source, into = todo.pop()
            for index, child in enumerate(source.children):
                if isinstance(child, str):
                    into.write(self.texts.get((id(source), index), " "))
                elif id(child) in self.kept:
                    into.add(self.kept[id(child)])
                elif id(child) in self.path:
                    shown = id(child) in self.shown
                    todo.append((child, into.add(Node(child.tag, child.attributes) if shown else Node(""))))
        return result


def _ancestors(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None and above.parent is not None:
        yield above
        above = above.parent
