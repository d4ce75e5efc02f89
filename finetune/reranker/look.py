"""One look at a page as the reranker is trained on it: each candidate's line in several readings, and steps."""

from dataclasses import dataclass, field

from magenta_qa.model.reranker.words import Line

ACCESSIBLE, READ, MISREAD, PEOPLE = range(4)
"""How a candidate's sentence came about: without a model; with a picture read, or read wrongly; by people."""


@dataclass(slots=True)
class Look:
    """One look: lines by mark and variant, and the steps that can be asked there."""

    split: str
    lines: dict[int, dict[int, Line]] = field(default_factory=dict)
    says: dict[int, str] = field(default_factory=dict)
    """What acting on each does; the same for those that do the same."""
    steps: dict[str, int] = field(default_factory=dict)
    """The mark that each step means; 0 for none."""
