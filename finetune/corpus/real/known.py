"""From what is told of a page's candidates to what rows are made of, with the filters on the way.

told = tell(sight, r)                        -> {7: Told("real name", Meaning(…))}
to_known(sight.seen[7], told[7], html, r)    -> photograph.Known, its HTML masked more often than not
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from random import Random

from magenta_qa.finetune.corpus.fields import Form
from magenta_qa.finetune.corpus.page import Control, Meaning, Role
from magenta_qa.finetune.corpus.photograph import Known
from magenta_qa.finetune.corpus.real.entries import is_entry
from magenta_qa.finetune.corpus.real.glyphs import say_glyph
from magenta_qa.finetune.corpus.real.look import Seen, Sight
from magenta_qa.finetune.corpus.real.masking import masked
from magenta_qa.finetune.corpus.real.sayings import say
from magenta_qa.finetune.corpus.render import Place
from magenta_qa.finetune.corpus.wording import expand
from magenta_qa.finetune.labels import language_of
from magenta_qa.model.html import clean_html

MASKED = 0.75
"""Share of the names that are taken out of the HTML, where they do not stand in the picture as the control's own text."""
MIN_WORDS = 3
MAX_ALIKE = 6
"""Controls of one page that may be described alike, such as the paginations above and below a list."""
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one candidate."""

    rule: str
    """real name | real icon | real deed."""
    meaning: Meaning
    icons: tuple[str, ...] = ()
    """Class names and the like that would tell it."""
    alone: bool = True
    """Whether nothing else on the page would be described alike."""


def tell(sight: Sight, r: Random) -> dict[int, Told]:
    """What is certain of the candidates in view, by mark; what several of them would share is left out."""
    found: dict[int, Told] = {}
    for mark, seen in sight.seen.items():
        if not seen.candidate.in_view or seen.index < 0:
            continue
        meaning = say(seen, sight)
        glyph = say_glyph(seen) if meaning is None else None
        if meaning is not None:
            found[mark] = Told("real name", meaning)
        elif glyph is not None:
            found[mark] = Told("real icon", *glyph)
    found = {mark: told for mark, told in found.items() if is_fit(told.meaning, sight.seen[mark], r)}
    return _without_shared(found, sight)


def is_fit(meaning: Meaning, seen: Seen, r: Random) -> bool:
    """Whether every sentence is English, has three words and is more than the control's own text."""
    for _ in range(_TRIES):
        sentence = expand(meaning.says, r)
        if len(sentence.split()) < MIN_WORDS or _folded(sentence) == _folded(seen.candidate.text):
            return False
        if language_of(sentence) != "en":
            return False
    return True


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold().strip(" .:“”")


def _without_shared(found: dict[int, Told], sight: Sight) -> dict[int, Told]:
    """Of a few controls that would be described alike the first; of many none, since that says nothing of any."""
    alike: dict[str, list[int]] = defaultdict(list)
    for mark, told in found.items():
        alike[told.meaning.says.casefold()].append(mark)
    kept: dict[int, Told] = {}
    for marks in alike.values():
        if len(marks) <= MAX_ALIKE:
            targets = {sight.seen[mark].candidate.href for mark in marks}
            same = len(targets) == 1 and targets != {""} and not next(iter(targets)).endswith("#")
            kept[marks[0]] = replace(found[marks[0]], alone=len(marks) == 1 or same)
    return kept


def to_known(seen: Seen, told: Told, html: str, r: Random) -> Known:
    """The candidate as rows are made of it.

    Args:
        seen: The candidate.
        told: What it does.
        html: Raw, the candidate marked.
        r: Decides whether the name is masked.
    """
    candidate, named = seen.candidate, _named(seen)
    hides = bool(told.icons) or (told.rule == "real name" and named != "text" and r.random() < MASKED)
    if hides:
        html = masked(html, candidate.name, told.icons)
    entry = is_entry(candidate)
    shown = "field" if entry else "text" if candidate.text.strip() else "icon"
    control = Control(role=_role(candidate.element_type, entry), meaning=told.meaning, label=candidate.name)
    form = Form(shown, "" if hides else named, told.icons[0] if told.icons else "")  # type: ignore[arg-type]
    return Known(Place(seen.index, control, form), clean_html(html))


def _named(seen: Seen) -> str:
    """What names it: text | label | title | aria; empty: nothing."""
    candidate = seen.candidate
    if not candidate.name:
        return ""
    if not is_entry(candidate) and _folded(candidate.name) in _folded(candidate.text):
        return "text"
    return "label" if seen.label else "aria"


def _role(element_type: str, entry: bool) -> Role:
    if element_type in ("link", "tab", "checkbox", "radio", "select"):
        return element_type  # type: ignore[return-value]
    return "field" if entry else "button"
