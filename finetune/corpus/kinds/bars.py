"""Bars of icons, of everything that an icon can mean: pages to learn pictures from, and to be examined by none.

Pages of other kinds show what such pages have, so that some icons stand on hardly any of them.
"""

from random import Random

from magenta_qa.finetune.corpus.icons import CONCEPTS
from magenta_qa.finetune.corpus.page import Control, Group, Node, Page, Text, button, link, tab
from magenta_qa.finetune.corpus.vocabulary import World
from magenta_qa.model.embedded.icons import ICONS

_LAYOUTS = ("toolbar", "toolbar", "bar", "row")
_BARS, _WIDTH = (8, 15), (9, 18)
_TEXT_BESIDE = 0.12
"""Share of the controls that show their name as well."""


def bars(r: Random, w: World) -> Page:
    """Several bars; no two of their icons mean the same."""
    concepts = r.sample(sorted(CONCEPTS), len(CONCEPTS))  # many of which a set of icons lacks: they show as texts
    title = w.subject()
    body: list[Node] = [Text(title, "heading")]
    for _ in range(r.randrange(*_BARS)):
        names = [concepts.pop() for _ in range(r.randrange(*_WIDTH))]
        look = r.choice(["ghost", "ghost", "plain", "primary"])
        icons: list[Node] = [_control(r, name, look, title) for name in names]
        label: list[Node] = [Text(w.subject(), r.choice(["strong", "muted", "label"]))] if r.random() < 0.4 else []
        body.append(Group(r.choice(_LAYOUTS), [*label, *icons]))
        if r.random() < 0.3:
            body.append(Text(w.sentence(12)))
    return Page("icon bars", title, "/tools", body, shell=r.choice(["plain", "app", "site"]))


def _control(r: Random, concept: str, look: str, title: str) -> Control:
    meaning = ICONS[concept]
    says = f"{meaning.does} on the page {title}"
    show = "both" if r.random() < _TEXT_BESIDE else "icon"
    kind = r.random()
    if kind < 0.1:
        made = tab(says, meaning.name, name=meaning.name, show=show)
        made.icon = concept
        return made
    if kind < 0.3:
        return link(says, meaning.name, "#", concept, name=meaning.name, show=show, look=look)
    return button(says, meaning.name, concept, name=meaning.name, show=show, look=look)
