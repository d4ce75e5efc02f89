"""The graph of an application: places (pages and dialogs of one kind), and the controls that were found in each.

    graph.place("http://shop/orders/T-1039", modal="")   -> Place("/orders/#")
    graph.note(place, controls)                            # new controls join the frontier

Pages that differ only in an id are one place, and so are repeated controls in rows: trying one of each tells most.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from magenta_qa.agent.explore.risk import Risk
from magenta_qa.model.schema import Candidate

TaskKind = Literal[
    "act", "open", "submit", "empty", "nasty", "enter", "leak", "save", "drag", "option", "choice", "pages", "bulk"
]
TaskKey = tuple[str, TaskKind, str, str]
"""Place (empty for what all pages share), kind, control, value."""
_ID = re.compile(r"^(?:\d+|[0-9a-f]{8,}|[0-9a-f-]{32,}|[A-Za-z]{1,4}-?\d+|.*\d{3,}.*)$")
_CHROME = frozenset({"banner", "contentinfo", "navigation"})
_NAMED_BY_ITEM = frozenset({"link", "checkbox", "radio", "option", "image"})
"""Controls that as often as not are called what their row or card is called."""
_ITEMS = frozenset({"row", "cell", "gridcell", "listitem", "article"})
"""Roles of what is an entry itself, such as a row that opens when it is clicked: called what stands in it."""
_COUNTED = re.compile(r"^\W*\d+\b|\b\d+\W*$")
"""A number by itself at either end counts something: "6 cheers", "Inbox (1)", page 2."""
_WORD = re.compile(r"[a-z]{2,}|\d{2,}")
FORM = "form:"
MAX_NAME_WORDS = 8
MENU_LINKS = 8
"""More links than that below one path are entries, each alone in its list item or not."""


@dataclass(frozen=True, slots=True)
class Place:
    """Pages of one kind, or a dialog on them."""

    key: str
    url: str
    """Where one of them was seen."""
    modal: str = ""


@dataclass(slots=True)
class Task:
    """Something that can be tried at a place."""

    kind: TaskKind
    place: Place
    key: str
    """The same for the like controls of one place."""
    name: str
    description: str
    """What the understanding back end says that the control does."""
    risks: frozenset[Risk]
    url: str = ""
    """For "open": where the link leads."""
    value: str = ""
    """For "option": which one."""
    opener: str = ""
    """Key of the control that must be clicked first, for what is only in a dialog; `FORM` and the key of a form that
    must be sent first."""
    shared: bool = False
    """Whether it stands in the header, footer or main menu: on another page it is the same control."""
    tried: int = 0
    bonus: float = 0.0
    """What is added to its score because of what was seen since."""


@dataclass(slots=True)
class Graph:
    """What is known of the application."""

    origin: str
    places: dict[str, Place] = field(default_factory=dict)
    tasks: dict[TaskKey, Task] = field(default_factory=dict)
    fresh: set[TaskKey] = field(default_factory=set)
    """What the last action has brought up: to go on there finishes what was begun."""
    links: dict[str, str] = field(default_factory=dict)
    """Name of what a link leads to, folded → where."""
    expected: set[str] = field(default_factory=set)
    """Paths that should show what was sent last: those above the form and above what it led to."""
    familiar: frozenset[str] = frozenset()
    """Places that an earlier user has looked at."""
    openers: dict[str, str] = field(default_factory=dict)
    """Place of a dialog → key of the control that opens it."""
    visits: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    """How often something was sent to the server."""
    looked: dict[str, int] = field(default_factory=dict)
    """Place → `sent` when it was looked at last: what was sent since may be shown there."""
    news: set[str] = field(default_factory=set)
    """Words of what the page said when something was sent: "Enamel Mug is in your cart"."""
    _variable: set[str] = field(default_factory=set)
    """Paths whose last segment is the name of an item, as `/products/`."""

    def learn_links(self, candidates: Iterable[Candidate]) -> None:
        """Links from cards and rows tell which paths end with the name of an item; those of a short menu do not."""
        menus: Counter[str] = Counter()
        for each in candidates:
            item = next((context for context in each.context if context.kind in ("row", "card", "listitem")), None)
            if not each.href or item is None:
                continue
            name = each.name or each.text
            self.links.setdefault(name.casefold(), each.href)
            head, _, tail = urlsplit(each.href).path.rstrip("/").rpartition("/")
            if not tail or not head or is_chrome(each):
                continue
            if item.kind == "listitem" and words(item.text) <= words(name):
                menus[head] += 1  # nothing but the link: as menus have it
            else:
                self._variable.add(head)
        self._variable |= {head for head, count in menus.items() if count > MENU_LINKS}

    def pattern(self, url: str) -> str:
        """Path and names of the query, ids replaced."""
        parts = urlsplit(url)
        segments = ["#" if _ID.match(each) else each for each in parts.path.rstrip("/").split("/")]
        if "/".join(parts.path.rstrip("/").split("/")[:-1]) in self._variable and len(segments) > 1:
            segments[-1] = "#"
        names = sorted({name for name, value in parse_qsl(parts.query, keep_blank_values=True) if value})
        route = parts.fragment if parts.fragment.startswith(("/", "!/")) else ""
        route = "/".join("#" if _ID.match(each) else each for each in route.partition("?")[0].split("/"))
        return ("/".join(segments) or "/") + ("?" + "&".join(names) if names else "") + (f"#{route}" if route else "")

    def path(self, url: str) -> str:
        """The pattern without the query: all views of one list are of one path."""
        return self.pattern(url).partition("?")[0]

    def place(self, url: str, modal: str) -> Place:
        """The place of a page; known from now on."""
        key = self.pattern(url) + (f" [{plain(modal)}]" if modal else "")
        return self.places.setdefault(key, Place(key, url, modal))

    def add(self, task: Task) -> None:
        """Remember a task, unless the same is known."""
        self.tasks.setdefault(key_of(task), task)

    def is_linked(self, text: str) -> bool:
        """Whether an entry, which begins with its name, is what a link that was seen leads to."""
        told = text.casefold().split()
        return any(" ".join(told[:count]) in self.links for count in range(2, MAX_NAME_WORDS))

    def other_openers(self, place: Place) -> list[str]:
        """Keys of the controls that open other dialogs of the same page."""
        page = place.url.split("#")[0]
        others = [p for p in self.places.values() if p.modal and p.key != place.key and p.url.startswith(page)]
        return [self.openers[p.key] for p in others if p.key in self.openers]

    def expect_at(self, *urls: str) -> None:
        """What was sent shows on the pages above the form and above what it led to, which is the last of these."""
        found: set[str] = set()
        for path in map(self.path, urls):
            parts = path.strip("/").split("/")
            found |= {"/" + "/".join(parts[:count]) for count in range(1, len(parts) + 1)}
        self.expected = found - {"/", self.path(urls[-1])}


def key_of(task: Task) -> TaskKey:
    """What tells tasks apart."""
    return "" if task.kind == "open" else task.place.key, task.kind, task.key, task.value


def control_key(candidate: Candidate) -> str:
    """The same for like controls: numbers and the names of rows left out."""
    if candidate.role in _ITEMS:
        return f"{candidate.element_type}|*|{candidate.role}"
    item = next((c for c in candidate.context if c.kind in ("row", "card", "listitem")), None)
    name = plain(candidate.name or candidate.text)
    if item is None and not _COUNTED.match(candidate.name or candidate.text):
        name = " ".join((candidate.name or candidate.text).casefold().split())[:60]  # "Under €30" is not "Under €50"
    if item is None and candidate.context[:1] and candidate.context[0].kind == "list" and not candidate.href:
        return f"{candidate.element_type}|*|in {candidate.context[0].text}"  # an entry that is named as it is
    if item is not None and candidate.element_type in _NAMED_BY_ITEM and name and name in plain(item.text):
        name = "*"
    told = name or "~" + plain(candidate.hints)
    inside = ("in " + item.kind) if item is not None else ""
    return f"{candidate.element_type}|{told}|{inside}{'|chrome' if is_chrome(candidate) else ''}"


def is_chrome(candidate: Candidate) -> bool:
    """Whether it stands in the header, footer or main menu, which all pages share."""
    return any(c.kind == "region" and c.text.casefold() in _CHROME for c in candidate.context)


def plain(text: str) -> str:
    """Lower case, digits and punctuation left out."""
    return " ".join(re.sub(r"[^a-z]+", " ", text.casefold()).split())[:60]


def words(description: str) -> frozenset[str]:
    """What two descriptions are compared by."""
    return frozenset(_WORD.findall(description.casefold()))
