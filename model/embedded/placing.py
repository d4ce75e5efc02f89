"""From what the picture tells to what acting does here: names and places are added from the page, never by the model.

    placed("Deletes (trash icon).", candidate, "click")     -> "Deletes the Blue backpack row (trash icon)."
    placed('Says "Clear all".', candidate, "click")         -> "Activates Clear all in the Cart section."
    placed("Removes the backpack.", candidate, "click")     -> "Removes the backpack."

The last is a model's that a team has trained on sentences of its own.
"""

import re
from dataclasses import replace

from magenta_qa.model.accessible import acting_sentence, sentence
from magenta_qa.model.schema import Candidate

_ICON = re.compile(r"(?P<phrase>.+) \((?P<icon>[^()]+) icon\)\.?")
_TEXT = re.compile(r'Says "(?P<text>[^"]+)"\.?')


def icon_sentence(phrase: str, icon: str) -> str:
    """What a picture with an icon tells, as the model says it."""
    return f"{phrase} ({icon} icon)."


def text_sentence(text: str) -> str:
    """What a picture with a text tells, as the model says it."""
    return f'Says "{text}".'


def placed(said: str, candidate: Candidate, action_type: str) -> str:
    """The sentence for the candidate where it stands; what is said in another form stays as it is."""
    icon, text = _ICON.fullmatch(said.strip()), _TEXT.fullmatch(said.strip())
    if icon:
        return f"{acting_sentence(candidate, icon['phrase']).rstrip('.')} ({icon['icon']} icon)."
    if text:
        return sentence(replace(candidate, name=text["text"]), action_type)
    return said
