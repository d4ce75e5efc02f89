"""What was sent to the server in one visit, and the ways in which what is seen now can be seen again.

history.note(Script("http://shop/", ('Click "Add to cart" on the card of "Enamel Mug"',)), news={"enamel", "mug"})
history.ways(Script("http://shop/cart", ()), "Enamel Mug €16.00 …")     # the page alone, and after what it needs
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from magenta_qa.agent.explore.graph import Graph, words

MAX_GROUPS = 6
MAX_NAMED = 2
MIN_COMMON = 2
"""Words that a message and a page must share for the message to be about what the page shows."""
_ENTRY = re.compile(r'\b(?:row|card|item) of "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Script:
    """What must be done to see something again."""

    url: str
    steps: tuple[str, ...]


@dataclass(slots=True)
class History:
    """The page loads of a visit in which something was sent, the oldest first.

    Args:
        graph: Tells which pages are of one kind.
    """

    graph: Graph
    groups: list[Script] = field(default_factory=list)
    bases: dict[str, tuple[Script, ...]] = field(default_factory=dict)
    """Path of a page → the groups that came before it was reached for the first time: it may need them."""
    _told: list[frozenset[str]] = field(default_factory=list)
    """Words of what the page said in each of the groups."""

    def note(self, script: Script, told: frozenset[str]) -> None:
        """Remember a page load in which something was sent, with words of what the page said about it."""
        self.groups.append(script)
        self._told.append(told)

    def reached(self, url: str) -> None:
        """A page was loaded, perhaps for the first time."""
        self.bases.setdefault(self.graph.path(url), tuple(self.groups[-MAX_GROUPS:]))

    def ways(self, short: Script, shown: str) -> tuple[Script, ...]:
        """The ways to the end of a script: by itself, after what it may need, and after all that was sent last.

        What may be needed was sent before the page was reached for the first time, or said to be on it ("in your
        cart"), or was done to an entry that the script acts on, or that the page shows.

        Args:
            short: What was done since the page was loaded.
            shown: The text of the page.
        """
        path = self.graph.path(short.url)
        named = [group for group, told in zip(self.groups, self._told, strict=True) if told & words(path)]
        acted = self._about(" ".join(entry for step in short.steps for entry in _ENTRY.findall(step)))
        based, about = self.bases.get(path, ()), self._about(shown)
        needed = (acted, based, named[-MAX_NAMED:], about, self.groups[-MAX_GROUPS:])
        return tuple(dict.fromkeys((short, *(_after(groups, short) for groups in needed))))

    def _about(self, shown: str) -> list[Script]:
        """The last groups that did something to an entry that a text names."""
        text = " ".join(shown.casefold().split())
        there = words(text)
        found = []
        for group, told in zip(self.groups, self._told, strict=True):
            entries = [name for step in group.steps for name in _entries_in(step)]
            if len(told & there) >= MIN_COMMON or any(name in text for name in entries):
                found.append(group)
        return found[-MAX_GROUPS:]


def path_of(url: str) -> str:
    """Path, query and fragment."""
    parts = urlsplit(url)
    query, fragment = (f"?{parts.query}" if parts.query else ""), (f"#{parts.fragment}" if parts.fragment else "")
    return f"{parts.path or '/'}{query}{fragment}"


def _after(groups: Sequence[Script], script: Script) -> Script:
    """A script that does first what earlier ones did."""
    if not groups:
        return script
    steps: list[str] = []
    for group in groups:
        steps += [f"Go to {path_of(group.url)}", *group.steps]
    return Script(script.url, (*steps, f"Go to {path_of(script.url)}", *script.steps))


def _entries_in(step: str) -> list[str]:
    """How the entries begin that a step acts on: 'Click "Edit" in the row of "Beam Headlamp €49.00 1"'."""
    found = [" ".join(entry.casefold().split()[:2]) for entry in _ENTRY.findall(step)]
    return [name for name in found if name]
