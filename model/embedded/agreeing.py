"""Whether two say the same of a control: a label and what a small model reads on its picture.

says("Deletes (trash icon).", "Removes from the cart")      -> True
weighty_words("Opens the past versions")                     -> the words "past" and "versions"
"""

from magenta_qa.model.embedded.icons import ICONS
from magenta_qa.model.embedded.placing import icon_of
from magenta_qa.model.language.deeds import told_deeds
from magenta_qa.model.language.wording import Word, kinship, read_field, read_words

_OPENING = frozenset({"open"})
_LIGHT = frozenset({"open", "show", "display", "go", "bring", "list", "chang", "us", "do", "mak", "tak", "put", "set"})


def says(reading: str, does: str) -> bool:
    """Whether a reading says what is done, in its own words.

    Args:
        reading: As the model says it, of an icon whose meaning is known.
        does: What is done, in the third person.
    """
    icon = icon_of(reading)
    meaning = ICONS.get(icon.replace(" ", "-"))
    if meaning is None:
        return False
    if told_deeds(does).every & told_deeds(meaning.does).every - _OPENING:
        return True
    field = read_field(f"{meaning.does} {meaning.name} {icon}")
    return any(kinship(word, field) for word in weighty_words(does)[:2])


def weighty_words(does: str) -> list[Word]:
    """The words of a deed that say something: not "opens", "shows" or "the"."""
    return [word for word in read_words(does) if not word.is_stop and not {*word.stems} & _LIGHT]
