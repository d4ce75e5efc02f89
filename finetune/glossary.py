"""What labels of named controls teach: what the names mean on this application.

    glossary_of(rows).deeds     -> {"swift shelf": "Goes to the start page", "add": "Creates something new"}

A name is kept where its labels agree, and where these say more than the name does. Names of things that stand on the
page are taken out first (`pictured.told`): what is learned holds for the next row as well.
"""

from collections import defaultdict
from collections.abc import Sequence

from magenta_qa.finetune.pictured import ASKED_TYPES, told, weighty_words
from magenta_qa.finetune.row import Row
from magenta_qa.model.embedded.glossary import Glossary, fold
from magenta_qa.model.language.wording import kinship, read_field

_AGREED = 0.6
"""Part of a name's labels that have to say the same."""
_LONGEST = 60
"""Characters of a name; longer ones are contents."""


def glossary_of(rows: Sequence[Row]) -> Glossary:
    """What the labels of a split say of names.

    Args:
        rows: With their labels.
    """
    labels: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        name = fold(row.text)
        does = told(row.summary, row.html) if row.element_type in ASKED_TYPES and 0 < len(name) <= _LONGEST else ""
        if does and weighty_words(does):
            labels[name].append(does)
    agreed = ((name, _agreed(said)) for name, said in sorted(labels.items()))
    return Glossary(deeds={name: does for name, does in agreed if does and _says_more(does, name)})


def _agreed(said: Sequence[str]) -> str:
    """The label that most of the others bear out; empty where they are at odds."""
    borne = {does: sum(_says_the_same(does, other) for other in said) for does in said}
    best = max(said, key=lambda does: borne[does])
    return best if borne[best] >= _AGREED * len(said) else ""


def _says_the_same(one: str, other: str) -> bool:
    field = read_field(other)
    return one == other or any(kinship(word, field) for word in weighty_words(one))


def _says_more(does: str, name: str) -> bool:
    field = read_field(name)
    return any(not kinship(word, field) for word in weighty_words(does))
