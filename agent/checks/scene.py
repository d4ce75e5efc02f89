"""What a check is judged against, and what a judgement is.

    Judgement(False, 'checkbox "Terms" is not checked', expected="checked", actual="not checked", box=…)

`holds` is None where it cannot be told: the named thing is not there, or readings that fit equally well disagree.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from magenta_qa.agent.checks.find import Finder
from magenta_qa.agent.checks.kinds import Place
from magenta_qa.agent.checks.names import FIRM
from magenta_qa.agent.checks.page import View
from magenta_qa.agent.checks.spots import Spot
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.schema import Box

MAX_ACTUAL = 300  # characters of a value shown in the trace


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one look at the page says about a check."""

    holds: bool | None
    reason: str
    expected: str = ""
    actual: str = ""
    box: Box | None = None
    missing: bool = False
    """With `holds` None: the part of the page that is named is not there, or not clearly."""


@dataclass(slots=True)
class Scene:
    """What a check is judged against."""

    view: View
    secrets: Secrets
    finder: Finder = field(init=False)

    def __post_init__(self) -> None:
        self.finder = Finder(self.view, self.secrets.resolve)

    def resolve(self, text: str) -> str:
        """With the values of secrets, for comparing only."""
        return self.secrets.resolve(text)


def unclear(what: str, found: Sequence[str]) -> Judgement:
    """Something named is not to be found, or not clearly."""
    others = "; ".join(found[:5])
    return Judgement(None, f"cannot find {what}" + (f"; there is: {others}" if others else ""), missing=True)


def clip(text: str) -> str:
    """The text, cut where it is too long for a trace."""
    return text if len(text) <= MAX_ACTUAL else text[: MAX_ACTUAL - 1] + "…"


def agree(judgements: list[Judgement], what: str, labels: Sequence[str]) -> Judgement:
    """One judgement of several equally good readings: theirs if they agree, else that it cannot be told."""
    verdicts = {j.holds for j in judgements}
    if len(verdicts) == 1:
        return judgements[0]
    return Judgement(
        None,
        f"{what} is ambiguous: {'; '.join(labels[:5])}",
        judgements[0].expected,
        clip("; ".join(j.actual for j in judgements[:5])),
    )


def in_place(
    scene: Scene,
    place: Place,
    judge_spot: Callable[[Spot], Judgement],
    fits: Callable[[Spot], bool] | None = None,
) -> Judgement:
    """Judge every part of the page that `place` can mean.

    Args:
        scene: The page.
        place: What the expectation calls the part.
        judge_spot: Judges one part.
        fits: Whether a part could be meant at all: of two tables, the one that has the column. Where none fits, all
            are judged.
    """
    found = scene.finder.places(place)
    weak = place.kind not in {"row", "page"} and bool(found.spots) and found.spots[0].score < FIRM
    if not found.spots or weak:
        return unclear(str(place), [s.label for s in found.spots] + found.near)
    spots = found.spots
    if fits is not None and len(spots) > 1:
        spots = [spot for spot in spots if fits(spot)] or spots
    return agree([judge_spot(spot) for spot in spots], str(place), [s.label for s in spots])
