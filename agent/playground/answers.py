"""What each back end says about one element, with the prompt, the picture and the time that it took.

answers = ask_all(back_ends, look, target)
answers[0]      # Answer("accessible", "Opens the cart.", 0.5, 0.0004, …)
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from magenta_qa.agent.playground.camera import Look
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.picture import open_views
from magenta_qa.model.schema import Box, Candidate, Question, State, View
from magenta_qa.model.understand import Ask, Understanding

NOT_ASKED = "The page says what it is; the model was not asked."


@dataclass(frozen=True, slots=True)
class Answer:
    """What one back end said."""

    spec: str
    text: str
    confidence: float | None
    seconds: float
    note: str = ""
    """Why it is not the model's, if it is not."""
    prompt: str = ""
    """Empty where no model is asked."""
    picture: Image.Image | None = None
    """What the model was shown."""


def target_of(look: Look, mark: int | None, box: Box | None) -> Question | None:
    """What is asked about: a candidate by its number, or whatever stands in a box."""
    if box is not None:
        drawn = Candidate(0, box, "other", "generic", "", "", State(), ("click",))
        return Question(drawn, "click", "")
    candidate = look.observation.candidate(mark) if mark else None
    if candidate is None or not candidate.in_view:
        return None
    return Question(candidate, candidate.action_types[0], look.html.get(candidate.mark, ""))


def ask_all(back_ends: Mapping[str, Understanding], look: Look, question: Question) -> list[Answer]:
    """The answers of all back ends, one after the other, so that their times can be compared."""
    return [_ask(spec, understanding, look, question) for spec, understanding in back_ends.items()]


def _ask(spec: str, understanding: Understanding, look: Look, question: Question) -> Answer:
    candidates: Sequence[Candidate] = look.observation.candidates
    if question.candidate.mark == 0:
        candidates = (question.candidate,)
    observation = replace(look.observation, candidates=tuple(candidates))
    began = time.perf_counter()
    try:
        (description,) = understanding.describe(observation, [question])
    except MagentaError as error:
        return Answer(spec, "", None, time.perf_counter() - began, str(error))
    seconds = time.perf_counter() - began
    unasked = NOT_ASKED if description.source != "model" and spec != "accessible" else ""
    note = description.reason or unasked
    confidence = description.confidence if description.source == "model" else None
    answer = Answer(spec, description.whole, confidence, seconds, note)
    view = getattr(understanding, "view", None)
    if not isinstance(view, View):
        return answer
    ask = Ask(open_views(observation, view), question)
    if not ask.has_picture:
        return answer
    return replace(answer, prompt=ask.prompt, picture=ask.views.outlined(question.candidate.box))
