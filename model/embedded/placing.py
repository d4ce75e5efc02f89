"""From what the picture tells to what acting does here: names and places are added from the page, never by the model.

    placed("Deletes (trash icon).", candidate, "click")   -> ("Deletes the Blue backpack row (trash icon).", "Delete")
    placed('Says "Clear all".', candidate, "click")     -> ("Activates Clear all in the Cart section.", "Clear all")
    placed("Removes the backpack.", candidate, "click")     -> ("Removes the backpack.", "")

The last is a model's that a team has trained on sentences of its own.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from magenta_qa.model.accessible import acting_sentence, sentence
from magenta_qa.model.embedded.icons import ICONS, ON_ITEMS, Meaning
from magenta_qa.model.schema import Candidate, Guess

_SURE, _SURER = 0.8, 0.95
"""Of a reading; one that is less sure is left out: a wrong one costs more than none. The second is for icons that are
not among `ICONS`: their names can be anything, and few of them were learned from more than one set."""
_LEAST_CHANCE = 0.02
"""Of a guess: of ten icons, a step that means none of them then falls on one 1 to 2 times in 100."""
_ICON = re.compile(r"(?P<does>.+) \((?P<icon>[^()]+) icon\)\.?")
_ITEMS = ("row", "listitem", "card")
_TEXT = re.compile(r'Says "(?P<text>[^"]+)"\.?')


class Placed(NamedTuple):
    """A sentence where it belongs."""

    text: str
    reading: str
    """What the control would be called; empty where the sentence is somebody's own."""


def icon_sentence(does: str, icon: str) -> str:
    """What a picture with an icon tells, as the model says it."""
    return f"{does} ({icon} icon)."


def text_sentence(text: str) -> str:
    """What a picture with a text tells, as the model says it."""
    return f'Says "{text}".'


def is_sure(said: str, confidence: float) -> bool:
    """Whether a reading is sure enough to be used."""
    known = not icon_of(said) or is_known_icon(said)
    return confidence >= (_SURE if known else _SURER)


def is_known_icon(said: str) -> bool:
    """Whether it tells of an icon whose meaning is known."""
    return icon_of(said).replace(" ", "-") in ICONS


def is_reading(said: str) -> bool:
    """Whether a sentence tells what a picture shows, as the small model was taught to."""
    return bool(_ICON.fullmatch(said.strip()) or _TEXT.fullmatch(said.strip()))


def icon_of(said: str) -> str:
    """The name of the icon that a reading tells of; empty where it tells of a text or is none."""
    icon = _ICON.fullmatch(said.strip())
    return icon["icon"] if icon else ""


def placed(said: str, candidate: Candidate, action_type: str) -> Placed:
    """The sentence for the candidate where it stands; what is said in another form stays as it is."""
    icon, text = _ICON.fullmatch(said.strip()), _TEXT.fullmatch(said.strip())
    if icon:
        meaning = _meaning(icon["icon"].replace(" ", "-"), candidate)
        where = acting_sentence(candidate, meaning.does if meaning else icon["does"]).rstrip(".")
        return Placed(f"{where} ({icon['icon']} icon).", meaning.name if meaning else icon["icon"].capitalize())
    if text:
        return Placed(sentence(replace(candidate, name=text["text"]), action_type), text["text"])
    return Placed(said, "")


def guessed(likely: Iterable[tuple[str, float]], candidate: Candidate, action_type: str) -> tuple[Guess, ...]:
    """What a candidate may be, of all that its picture may show: icons whose meaning is known, the likeliest first.

    Args:
        likely: What the picture may show, each with its chance.
        candidate: Whose picture it is.
        action_type: What would be done with it.
    """
    known = [(said, chance) for said, chance in likely if chance >= _LEAST_CHANCE and is_known_icon(said)]
    return tuple(Guess(*placed(said, candidate, action_type), chance) for said, chance in known)


def _meaning(concept: str, candidate: Candidate) -> Meaning | None:
    """What an icon stands for on this candidate; None for one that is not known."""
    around = next((context.kind for context in candidate.context if context.kind in (*_ITEMS, "dialog")), "")
    return ON_ITEMS.get(concept, ICONS.get(concept)) if around in _ITEMS else ICONS.get(concept)
