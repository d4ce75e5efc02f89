"""What rows teach beside the weights: what names mean on this application, and which icons stand for what.

    glossary_of(rows).names     -> {"swift shelf": ("Goes to the start page",), "add": ("Creates something new",)}
    glossary_of(rows).icons     -> (LabelledIcon(…, reading="Approves the translation (approve icon)."), …)

A control is known by its name, an icon without one by its print. Kept is what its labels say, and what testers asked
for when it was used, as far as the labels bear that out: the agent may have taken the wrong one. Names of things that
stand on the page are taken out first (`pictured.told`): what is learned holds for the next row as well.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from magenta_qa.finetune.held_out import HeldOut
from magenta_qa.finetune.pictured import ASKED_TYPES, called, told, without_names
from magenta_qa.finetune.row import Row
from magenta_qa.model.embedded.agreeing import weighty_words
from magenta_qa.model.embedded.glossary import Glossary, LabelledIcon, fold
from magenta_qa.model.embedded.placing import icon_sentence
from magenta_qa.model.embedded.prints import LIKE, Print, likeness, print_of
from magenta_qa.model.embedded.swatches import colour_of
from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.wording import kinship, read_field
from magenta_qa.model.picture import open_views
from magenta_qa.model.schema import View

_AGREED = 0.6
"""Part of an icon's labels that have to say the same."""
_LONGEST = 60
"""Characters of a name; longer ones are contents."""
_MOST = 16
"""Sayings of one control."""
_OFTEN = 2
"""Times that a name is used in steps for an icon whose labels do not have it."""


@dataclass(slots=True)
class _Control:
    """What is known of one."""

    labels: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    """In steps that only name it: "Press Approve"."""

    def add(self, row: Row) -> None:
        self.labels.append(told(row.summary, row.html))
        intents = read_step(row.instruction) if row.instruction else ()
        if len(intents) != 1 or intents[0].kind == "unknown" or intents[0].target is None:
            return
        if intents[0].kind == "click":
            self.called.append(intents[0].target.phrase)
        else:
            self.steps.append(without_names(row.instruction, row.html))

    def sayings(self, name: str) -> tuple[str, ...]:
        """What is said of it, the most frequent first, without what its name says already."""
        steps = (step for step in self.steps if self._is_borne_out(step))
        said = Counter(text for text in (*self.labels, *steps, *self._names()) if text and _says_more(text, name))
        return tuple(text for text, _ in said.most_common(_MOST))

    def name(self) -> str:
        """What an icon is called: in steps, else by what it does; empty where its labels are at odds."""
        does = self.does()
        return next(iter(self._names()), called(does)) if does else ""

    def _names(self) -> list[str]:
        """What steps call it, the most frequent first; some may have been meant for another control."""
        named = Counter(fold(name) for name in self.called if 0 < len(name) <= _LONGEST)
        return [name for name, times in named.most_common() if times >= _OFTEN or self._is_borne_out(name)]

    def does(self) -> str:
        """The label that most of the others bear out; empty where they are at odds."""
        said = [label for label in self.labels if label]
        borne = {label: sum(_says_the_same(label, other) for other in said) for label in said}
        best = max(borne, key=lambda label: borne[label], default="")
        return best if best and borne[best] >= _AGREED * len(said) else ""

    def _is_borne_out(self, step: str) -> bool:
        return any(_says_the_same(step, label) for label in self.labels)


def glossary_of(rows: Sequence[Row]) -> Glossary:
    """What the labels and steps of a split say of names and icons.

    Args:
        rows: With their labels.
    """
    named: dict[str, _Control] = {}
    icons: list[tuple[Print, _Control]] = []
    for row, name, seen in _seen(rows):
        if name:
            named.setdefault(name, _Control()).add(row)
        elif seen is not None:
            likes = [(likeness(other, seen), control) for other, control in icons]
            best, known = max(likes, key=lambda each: each[0], default=(0.0, _Control()))
            if best < LIKE:
                icons.append((seen, known := _Control()))
            known.add(row)
    sayings = {name: control.sayings(name) for name, control in sorted(named.items())}
    labelled = []
    for seen, control in icons:
        if name := control.name():
            said = tuple(dict.fromkeys((name, *control.sayings(""), *sayings.get(name, ()))))[:_MOST]
            labelled.append(LabelledIcon.of(seen, icon_sentence(control.does(), name), said))
    return Glossary(names={name: said for name, said in sayings.items() if said}, icons=tuple(labelled))


def _seen(rows: Sequence[Row]) -> Iterator[tuple[Row, str, Print | None]]:
    """Each row of a control that is pressed, with its folded name, else its print."""
    held = HeldOut(rows)
    asked = [number for number, item in enumerate(held.items) if item.element_type in ASKED_TYPES and item.boxed]
    for look in held.looks(asked):
        views = open_views(look.observation, View())
        for number, question in zip(look.numbers, look.questions, strict=True):
            name, row = fold(question.candidate.name), rows[held.items[number].place]
            if len(name) <= _LONGEST:
                picture = views.element(question.candidate.box)
                yield row, name, None if name or colour_of(picture) else print_of(picture)


def _says_the_same(one: str, other: str) -> bool:
    there = read_field(other)
    return bool(one) and (one == other or any(kinship(word, there) for word in weighty_words(one)))


def _says_more(does: str, name: str) -> bool:
    there = read_field(name)
    return any(not kinship(word, there) for word in weighty_words(does))
