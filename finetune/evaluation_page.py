"""`evaluation.html`: the figures of an evaluation as tables, and its worst examples as pictures.

    save_page(evaluation, held, Path("runs/1/evaluation/evaluation.html"))

The pictures are what the model was shown. It is one file; text from pages is escaped.
"""

import base64
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from magenta_qa.finetune.evaluation import MODEL, Evaluation, Example
from magenta_qa.finetune.held_out import HeldOut, Look
from magenta_qa.model.picture import open_views
from magenta_qa.model.schema import View

WORST = 24
"""Examples that are shown."""
MAX_SIDE_PX = 480
"""Of a picture on the page; whole pages are scaled down."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One example with its picture as a data URL."""

    example: Example
    picture: str
    prompt: str


def save_page(evaluation: Evaluation, held: HeldOut, path: Path) -> None:
    """Write the page."""
    worst = worst_numbers(evaluation.examples)
    shown = _shown(evaluation, held, worst)
    html = _environment().get_template("evaluation.html").render(evaluation=evaluation, shown=shown, system=MODEL)
    path.write_text(html, encoding="utf-8")


def worst_numbers(examples: Sequence[Example], count: int = WORST) -> list[int]:
    """The rows that the model describes worst, those that mislead the decision step first.

    At most two of a page, unless there are too few pages to fill the number.
    """

    def badness(number: int) -> tuple[bool, float, float]:
        answer = examples[number].answers[MODEL]
        return answer.grounded is not False, answer.rouge_l, answer.cider_d

    taken: Counter[str] = Counter()
    first: list[int] = []
    rest: list[int] = []
    for number in sorted(range(len(examples)), key=badness):
        page = examples[number].page
        taken[page] += 1
        (first if taken[page] <= 2 else rest).append(number)
    return [*first, *rest][:count]


def _shown(evaluation: Evaluation, held: HeldOut, numbers: Sequence[int]) -> list[Shown]:
    found: dict[int, Shown] = {}
    for look in held.looks(numbers):
        for place, number in enumerate(look.numbers):
            question = look.questions[place]
            words = f"{question.action_type} · {question.candidate.element_type} · “{question.candidate.text}”"
            found[number] = Shown(evaluation.examples[number], _picture(look, place, evaluation.view), words)
    return [found[number] for number in numbers]


def _picture(look: Look, place: int, view: View) -> str:
    image = open_views(look.observation, view).outlined(look.questions[place].candidate.box)
    image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=85)
    return f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("magenta_qa.finetune"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
