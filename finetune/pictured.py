"""What rows teach a small model that reads pictures alone: what the picture of a control without a text tells.

    examples = pictured(rows, CLOSEUP, open_embedded("embedded"), show)
    examples[0].turns[1]         # Turn("assistant", "Shows the raw data (raw data icon).")
    told("Removes the Blue backpack from the cart.", "<td>Blue backpack…")    -> "Removes from the cart"

The back end `embedded` adds names and places from the page (`model.embedded.placing`), and is asked only about what has
neither a name nor a text. So names that stand on the page are taken out of the label, and rows that name themselves are
left out. Where the model's own reading says what the label says, it stays as it is; else the label's words are learned.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from magenta_qa.finetune.examples import Example, Examples
from magenta_qa.finetune.held_out import HeldOut
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.finetune.records import Turn
from magenta_qa.finetune.row import Row
from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.embedded.agreeing import says
from magenta_qa.model.embedded.placing import icon_sentence, is_reading
from magenta_qa.model.errors import BackendError, DatasetError
from magenta_qa.model.picture import open_views
from magenta_qa.model.schema import View
from magenta_qa.model.understand import Ask

ASKED_TYPES = frozenset({"button", "link", "tab", "menuitem", "image", "other", "input:image"})
_TAG = re.compile(r"<[^>]*>")
_QUOTED = re.compile(r"[\"“”«»][^\"“”«»]*[\"“”«»]")
_WRITTEN = re.compile(r"\d|[@_/]|\w\.\w")
"""In names of files, numbers, addresses and the like."""
_SMALL = r"(?:the|a|an|of|for|in|to|into|from|on|onto|with|about|by|at|as|under|next to|and)"
_DANGLING = re.compile(rf"\s+{_SMALL}(?=(?:\s+{_SMALL})*\s*$|\s+(?:of|for|in|to|into|from|on|onto|with|about|by|at)\b)")
_ARTICLES = re.compile(r"\b(?:the|an?|all|this|its)\s+", re.IGNORECASE)
_SHOWING = frozenset({"opens", "shows", "displays", "goes", "brings", "lists"})
_MOST_WORDS, _MOST_OF_NAME = 8, 4


class Reader(Protocol):
    """A model that reads pictures alone."""

    def answer_all(self, asks: Sequence[Ask]) -> list[Completion | BackendError]:
        """The answers, in order."""
        ...


class Pictured(Examples):
    """Rows whose answers are what their pictures tell.

    Args:
        rows: All rows of a split.
        answers: Place of a row → what is to be said.
        view: What is shown.
    """

    def __init__(self, rows: Sequence[Row], answers: dict[int, str], view: View) -> None:
        super().__init__(rows, view)
        self._answers = list(answers.items())

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def told(self) -> str:
        """How many rows it is asked about, for people."""
        rest = len(self.source) - len(self)
        return f"{len(self)} rows are about controls that only their pictures tell; {rest} others are not learned from"

    def _at(self, index: int) -> Example:
        place, answer = self._answers[index]
        example = super()._at(place)
        return replace(example, turns=(example.turns[0], Turn("assistant", answer)))


def pictured(rows: Sequence[Row], view: View, reader: Reader, show: OnProgress) -> Pictured:
    """The examples of the rows that the model is asked about when serving.

    Args:
        rows: A split.
        view: What the model is shown.
        reader: The model as it is, whose right readings stay.
        show: Told how far it is.

    Raises:
        DatasetError: No row is about a control that only its picture tells.
    """
    held = HeldOut(rows)
    asked = [n for n, item in enumerate(held.items) if item.element_type in ASKED_TYPES and not rows[item.place].text]
    answers: dict[int, str] = {}
    done = 0
    for look in held.looks(asked):
        views = open_views(look.observation, view)
        asks = [Ask(views, question) for question in look.questions if not question.candidate.name]
        numbers = [n for n, q in zip(look.numbers, look.questions, strict=True) if not q.candidate.name]
        for number, said in zip(numbers, reader.answer_all(asks), strict=True):
            row = rows[held.items[number].place]
            answer = answer_for(row, said.text if isinstance(said, Completion) else "")
            if answer:
                answers[held.items[number].place] = answer
        done += len(look.numbers)
        show("reading pictures", done, len(asked))
    if not answers:
        raise DatasetError(
            f"none of the {len(rows)} rows is about a control without name and text, and a small model is asked only "
            "about those; label icons of the application, or train a larger model"
        )
    return Pictured(rows, dict(sorted(answers.items())), view)


def answer_for(row: Row, reading: str) -> str:
    """What the model is to say of a row's picture; empty where its label tells nothing but names.

    Args:
        row: With its label.
        reading: What the model says now.
    """
    does = told(row.summary, row.html)
    if not does:
        return ""
    if is_reading(reading) and says(reading, does):
        return reading.strip()
    return icon_sentence(does, called(does))


def told(summary: str, html: str) -> str:
    """A label without the names that stand on the page, and without what only leads to them; empty where it is none."""
    words = _QUOTED.sub(" ", summary).split()
    return " ".join(without_names(summary, html).split()[:_MOST_WORDS]) if words and words[0].endswith("s") else ""


def without_names(text: str, html: str) -> str:
    """A sentence without the names that stand on the page, and without what only leads to them."""
    page = f" {' '.join(_TAG.sub(' ', html).split())} ".casefold()
    words = _QUOTED.sub(" ", text.strip().rstrip(".")).replace("(", " ").replace(")", " ").split()
    kept, at = words[:1], 1
    while at < len(words):
        length = _length_of_name(words[at:], page)
        kept += [] if length else words[at : at + 1]
        at += length or 1
    left = " ".join(kept)
    while (shorter := " ".join(_DANGLING.sub("", left).split())) != left:
        left = shorter
    return left


def _length_of_name(words: Sequence[str], page: str) -> int:
    """How many words from the first on are a name: as many as stand on the page like that; 0 where it is none."""
    first = words[0].strip(".,;:'’")
    if not (first[:1].isupper() or _WRITTEN.search(first)):
        return 0
    length = 0
    while length < len(words) and re.sub(r"['’]s?$", "", " ".join(words[: length + 1]).casefold()) in page:
        length += 1
    return length or int(not first.isupper() or not first.isalpha())


def called(does: str) -> str:
    """What a control would be called that does this: "raw data" for "Shows the raw data"."""
    verb, _, rest = _ARTICLES.sub("", does).partition(" ")
    words = rest.split()[:_MOST_OF_NAME]
    if verb.casefold() in _SHOWING and words:
        return " ".join(words[1:] if words[0] in {"to", "up"} and len(words) > 1 else words).casefold()
    return " ".join([_imperative(verb), *words]).casefold()


def _imperative(verb: str) -> str:
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-2] if re.search(r"(?:sh|ch|x|ss|zz|o)es$", verb) else verb.removesuffix("s")
