"""Rows of the dataset from one look at a page: each known candidate in view, what is asked of it, and the answer.

for row, facts in understanding_rows(made, shot, "17-4", set()): …
row       # finetune.row.Row, as a log's line would become: un-outlined screenshot, box, HTML, summary, instruction
facts     # RowFacts: page kind, framework, icon set, how the element is named, what is held out
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from magenta_qa.finetune.corpus.photograph import Known, Shot
from magenta_qa.finetune.corpus.render import Place
from magenta_qa.finetune.corpus.site import Made
from magenta_qa.finetune.corpus.wording import describe, step_for
from magenta_qa.finetune.row import Row
from magenta_qa.model.accessible import sentence
from magenta_qa.model.schema import ActionType, Box, Candidate

SOURCE = "teacher"
"""`summary_source`: the generator knows what it has drawn."""
MIN_SHOWN = 0.6
"""Share of an element's area that must be in the picture for it to be asked about."""


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What a row was made from; kept beside the dataset, never shown to a model."""

    external_id: str
    split: str
    kind: str
    framework: str
    icons: str
    site: str
    shown: str
    named: str
    icon: str
    repeated: bool
    """The page has another control of the same name."""
    accessible: str
    """What is said of it without a model and without the picture."""


Seen = set[tuple[int, bool]]
"""Places of the controls that have rows already, each with whether it was on."""


def is_wanted(candidate: Candidate, place: Place, viewport: tuple[int, int], seen: Seen) -> bool:
    """Whether a look gives a row of this candidate: it shows, and no earlier look has shown it in this state."""
    if (place.index, is_on(candidate, place)) in seen or not is_shown(candidate, viewport):
        return False
    # Of the days of a calendar a third is enough.
    return not place.control.does.startswith("choose:2") or place.index % 3 == 0


def understanding_rows(made: Made, shot: Shot, name: str, seen: Seen) -> Iterator[tuple[Row, RowFacts]]:
    """The rows of one look.

    Args:
        made: The page.
        shot: The look, with the HTML of the candidates that are wanted.
        name: What ids begin with, different for every look of a build.
        seen: Grows.
    """
    screenshot = hashlib.sha256(shot.webp).hexdigest()
    names = Counter(known.place.control.meaning.name for known in shot.known.values())
    for candidate in shot.observation.candidates:
        known = shot.known.get(candidate.mark)
        if known is None or not known.html or not is_wanted(candidate, known.place, made.viewport, seen):
            continue
        seen.add((known.place.index, is_on(candidate, known.place)))
        r = Random(f"{name}/{candidate.mark}")
        action = candidate.action_types[0]
        yield (
            Row(
                external_id=f"{name}-{candidate.mark}",
                image=shot.webp,
                action_type=action,
                element_type=candidate.element_type,
                text=candidate.text,
                html=known.html,
                summary=description_of(candidate, known, r),
                box=candidate.box,
                viewport=made.viewport,
                site=made.site,
                url=shot.observation.url,
                summary_source=SOURCE,
                instruction=step_for(
                    known.place.control.meaning, kind_of(candidate, known.place), is_on(candidate, known.place), r
                ),
                screenshot=screenshot,
            ),
            _facts(made, candidate, known, f"{name}-{candidate.mark}", names),
        )


def description_of(candidate: Candidate, known: Known, r: Random) -> str:
    """What the candidate does, as it is now."""
    return describe(known.place.control.meaning, is_on(candidate, known.place), r)


def is_on(candidate: Candidate, place: Place) -> bool:
    """Whether the control is on: what the page says, else how it was drawn."""
    for state in (candidate.state.checked, candidate.state.pressed):
        if state is not None:
            return state is True
    return place.control.on


def kind_of(candidate: Candidate, place: Place) -> ActionType:
    """The action that a step on the candidate takes; lists that are no native ones are opened by a click."""
    opens = place.control.popup is not None and place.control.role not in ("field", "area", "select")
    return "click" if opens else candidate.action_types[0]  # type: ignore[return-value]


def is_shown(candidate: Candidate, viewport: tuple[int, int]) -> bool:
    """Whether enough of it lies in the viewport, and can be seen there."""
    box = candidate.box
    width = min(box.x + box.width, viewport[0]) - max(box.x, 0)
    height = min(box.y + box.height, viewport[1]) - max(box.y, 0)
    if not candidate.in_view or width <= 0 or height <= 0:
        return False
    return width * height >= MIN_SHOWN * _area(box)


def _area(box: Box) -> float:
    return max(box.width * box.height, 1.0)


def _facts(made: Made, candidate: Candidate, known: Known, name: str, names: Counter[str]) -> RowFacts:
    form = known.place.form
    return RowFacts(
        external_id=name,
        split=made.split,
        kind=made.kind,
        framework=made.framework,
        icons=made.icons,
        site=made.site,
        shown=form.shown,
        named=form.named,
        icon=form.icon,
        repeated=names[known.place.control.meaning.name] > 1,
        accessible=sentence(candidate, candidate.action_types[0]),
    )
