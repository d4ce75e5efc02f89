"""What people have said about one interaction, and what becomes of it.

    settle([])                                            -> Settled("open")
    settle([Judgement("Ada", "…", "accepted", "Opens the cart.")])
    -> Settled("labelled", "Opens the cart.", "accepted")
    settle([accepted by Ada, rejected by Bo])             -> Settled("disputed"): nobody's label counts
    settle([accepted by Ada, rejected by Bo, edited by Cy])   -> what Cy said

A judgement is kept as a further line of the log with the interaction's id: such a line corrects the one before it, as
`finetune/sources.py` reads logs. It has all fields of the interaction, `summary` and `summary_source` as they are to
count from now on, and beside them the judgement itself:

    {"v": 1, "id": "5e…", …, "summary": "Opens the cart.", "summary_source": "accepted",
     "judgement": {"by": "Ada", "at": "2026-11-26T08:12:41Z", "verdict": "accepted", "summary": "Opens the cart."}}
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Opinion = Literal["accepted", "edited", "rejected"]
"""accepted: the suggestion is right. edited: this sentence is. rejected: it cannot be told what it does."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]


class Judgement(BaseModel):
    """What one person has said, or that they take it back."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    by: Name
    at: str
    verdict: Opinion | Literal["undone"]
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What an interaction's label is."""

    state: Literal["open", "labelled", "disputed"]
    summary: str | None = None
    source: Literal["accepted", "person"] | None = None
    """As `summary_source`; None with "labelled": it was rejected, and there is no label."""


def add(standing: list[Judgement], judgement: Judgement) -> None:
    """Put one more to those that stand, or take back its author's last."""
    if judgement.verdict != "undone":
        standing.append(judgement)
        return
    last = next((n for n in range(len(standing) - 1, -1, -1) if standing[n].by == judgement.by), None)
    if last is not None:
        del standing[last]


def settle(judgements: Sequence[Judgement]) -> Settled:
    """What the judgements that stand come to: two must agree, and where they do not the next one decides."""
    if not judgements:
        return Settled("open")
    if len(judgements) == 2 and judgements[0].verdict != judgements[1].verdict:
        return Settled("disputed")
    last = judgements[-1]
    if last.verdict == "rejected":
        return Settled("labelled")
    return Settled("labelled", last.summary, "accepted" if last.verdict == "accepted" else "person")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two people who were asked the same said the same: accepted, edited or rejected."""

    pairs: int = 0
    agreed: int = 0
    by_chance: float = 0.0
    """Share of the pairs that would agree if each said what they say as often, but of any item."""

    @property
    def percent(self) -> float | None:
        """None before anything was given to two people."""
        return 100 * self.agreed / self.pairs if self.pairs else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of first and second opinions, whoever gave them: 1 they always agree, 0 no more than by chance.

        None where chance alone explains all, as when everything was accepted.

        Source: Cohen, "A Coefficient of Agreement for Nominal Scales", 1960, https://doi.org/10.1177/001316446002000104
        """
        if not self.pairs or self.by_chance >= 1:
            return None
        return (self.agreed / self.pairs - self.by_chance) / (1 - self.by_chance)


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """The figures for first and second opinions.

    Args:
        pairs: What the first and the second person said of each item that two were asked about.
    """
    if not pairs:
        return Agreement()
    first, second = (Counter(side) for side in zip(*pairs, strict=True))
    chance = sum(first[said] * second[said] for said in first) / len(pairs) ** 2
    return Agreement(len(pairs), sum(one == two for one, two in pairs), chance)
