"""Labels of interfaces as parts of an English sentence: verbs in the third person, articles, capitals.

    third("apply")                                   -> "applies"
    predicate("Add new user", known)                 -> "adds a new user"
    predicate("Toggle navigation", known)            -> "toggles the navigation"
    predicate("Dashboards", known)                   -> None: it names a thing
    lowered("Account Menu", known)                   -> "account menu"

`known` are words that have been seen in lower case: a capital within a label is kept where the word is not among them,
since it may be somebody's name. None stands for "cannot tell".
"""

import re
from collections.abc import Set as AbstractSet

from magenta_qa.finetune.corpus.real.lexicon import listed

_TIMELESS = re.compile(r"(?i)^(here|now|today|later|again|details|more|everything|everyone)$")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*$")


def third(verb: str) -> str:
    """The verb as "she does it"; what a person sees or gets, the control shows."""
    if verb in ("view", "see"):
        return "shows"
    if verb in ("forgot", "login", "logout", "shutdown"):
        raise ValueError(f"{verb!r} has no third person")
    if verb.endswith(("s", "sh", "ch", "x", "o", "z")):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def gerund(verb: str) -> str:
    """The verb as "by doing it"."""
    if verb in listed("doubled"):
        return f"{verb}{verb[-1]}ing"
    return f"{verb[:-1] if verb.endswith('e') and not verb.endswith('ee') else verb}ing"


def is_verb(word: str) -> bool:
    """Whether a label that begins with it asks for something."""
    return word.lower() in listed("verbs")


def predicate(label: str, known: AbstractSet[str]) -> str | None:
    """A label that asks for something, as what is done; None where it does not, or where it is unclear."""
    words = label.split()
    if len(words) < 2 or not is_verb(words[0]) or not all(_WORD.match(word) for word in words):
        return None
    verb = words[0].lower()
    if verb in listed("only alone") or verb in ("forgot", "login", "logout", "shutdown"):
        return None
    rest = lowered(" ".join(words[1:]), known)
    if rest is None:
        return None
    return _governed(verb, rest.split())


def _governed(verb: str, words: list[str]) -> str | None:
    """The verb with what follows it, an article where one is needed."""
    particles: list[str] = []
    while words and words[0] in listed("particles"):
        particles.append(words.pop(0))
    if not words:
        return None  # "Sign in": too short to say anything
    rest = " ".join(words)
    if is_vague(rest):
        return None
    if any(is_plain_verb(word) for word in words[1:]) or "and" in words or "or" in words:
        return None  # "Save and continue", "Show hide"
    rest = re.sub(r"\b(my|your|our)\b", "the", rest)
    if words[0] not in listed("determiners") and not words[0][0].isupper() and not _TIMELESS.match(words[0]):
        rest = with_article(rest, new=verb in listed("new") and not particles)
    return " ".join([third(verb), *particles, rest])


def is_vague(rest: str) -> bool:
    """Whether a noun is missing: "Upload new", "View all", "Create one"."""
    return rest.split()[-1] in listed("vague ends")


def is_plain_verb(word: str) -> bool:
    """Whether it is hardly ever anything but a verb."""
    return word in (
        "add",
        "apply",
        "choose",
        "close",
        "continue",
        "create",
        "delete",
        "edit",
        "go",
        "open",
        "remove",
        "save",
    )


def with_article(noun: str, *, new: bool = False) -> str:
    """The noun with "the", or with "a" where there is no such thing yet."""
    head = noun.split(" in ")[0].split(" for ")[0].split(" to ")[0].split(" from ")[0].split(" of ")[0].split()[-1]
    if not new or head in listed("mass"):
        return f"the {noun}"
    if is_plural(head):
        return noun
    return f"{'an' if re.match(r'(?i)[aeio]|u(?!s|ni)', noun) else 'a'} {noun}"


def is_plural(noun: str) -> bool:
    """Whether the noun looks like several."""
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is", "news"))


def lowered(label: str, known: AbstractSet[str]) -> str | None:
    """The label without the capitals of a heading; None where a capital may belong to a name."""
    made = []
    for word in label.split():
        if (word.isupper() and len(word) > 1) or not word[:1].isupper():
            made.append(word)  # an abbreviation stays
        elif word.lower() in listed("names"):
            made.append(word)
        elif word.lower() in known and word[1:].islower():
            made.append(word.lower())
        else:
            return None
    return " ".join(made)
