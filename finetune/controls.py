"""What a system still knows when something is taken from it, and whether it looks where the outline is.

    html only       the picture is grey: what the HTML alone tells
    picture only    no text and no HTML: what the picture alone tells
    outline moved   the same, and the outline stands around another element of the same look: the answer must change

Each makes of a look another one that any back end can be asked about.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from PIL import Image

from magenta_qa.finetune.held_out import Item, Look
from magenta_qa.model.picture import decode
from magenta_qa.model.schema import Candidate, Question

HTML_ONLY, PICTURE_ONLY, OUTLINE_MOVED = "html only", "picture only", "outline moved"
_GREY = (128, 128, 128)


def html_only(look: Look) -> Look:
    """The look with a grey picture of the same size."""
    blank = _grey(decode(look.observation.screenshot).size)
    return replace(look, observation=replace(look.observation, screenshot=blank, outlined=False))


def picture_only(look: Look) -> Look:
    """The look without anything that can be read besides the picture."""
    return _with_candidates(look, [_silent(question.candidate) for question in look.questions], html="")


def outline_moved(look: Look, items: Sequence[Item]) -> tuple[Look, tuple[int, ...]] | None:
    """The look without text and with each outline around another element; None where there is no other.

    Returns:
        The look, of the elements that have another one with another label, and for each of them the number of the
        item that is outlined instead.
    """
    places = range(len(look.numbers))
    moves = {
        place: other
        for place in places
        if (other := _another(place, look.numbers, items)) is not None and items[look.numbers[place]].boxed
    }
    if not moves:
        return None
    boxes = [question.candidate.box for question in look.questions]
    moved = [
        replace(_silent(look.questions[place].candidate), box=boxes[other], point=None)
        for place, other in moves.items()
    ]
    few = replace(
        look,
        questions=tuple(look.questions[place] for place in moves),
        numbers=tuple(look.numbers[place] for place in moves),
    )
    return _with_candidates(few, moved, html=""), tuple(look.numbers[other] for other in moves.values())


def _another(place: int, numbers: Sequence[int], items: Sequence[Item]) -> int | None:
    """The next element of the look that is labelled otherwise."""
    own = items[numbers[place]].reference
    around = [*range(place + 1, len(numbers)), *range(place)]
    return next((other for other in around if items[numbers[other]].reference != own), None)


def _silent(candidate: Candidate) -> Candidate:
    return replace(candidate, name="", text="", hints="", context=(), description="")


def _with_candidates(look: Look, candidates: Sequence[Candidate], html: str) -> Look:
    asked = zip(candidates, look.questions, strict=True)
    questions = tuple(Question(candidate, question.action_type, html) for candidate, question in asked)
    observation = replace(look.observation, candidates=tuple(candidates))
    return Look(observation, questions, look.numbers)


@lru_cache(maxsize=64)
def _grey(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, _GREY).save(out, "PNG")
    return out.getvalue()
