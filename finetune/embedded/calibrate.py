"""From which share on an answer of the deciding model counts, fitted on decisions that it was not trained on.

    python -m magenta_qa.finetune.embedded calibrate build/corpus/v1 --files models/small --split validation

Every decision is weighed as the run time does it (`model.embedded.replies`). The temperature is the one under which the
right answers are likeliest; the threshold is the least one that leaves at most `WRONG` of what is acted on wrong, if
half of the questions asked for what is not there: the model is only asked where no control bears the words, so that
this is far more often the case than in the corpus. Both are written into the files' manifest.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from magenta_qa.finetune.embedded.corpora import Decision
from magenta_qa.model.embedded.files import MANIFEST, Calibration, read_files
from magenta_qa.model.embedded.network import Network
from magenta_qa.model.embedded.prompts import Prompts
from magenta_qa.model.embedded.replies import Head, shares_of, weigh

WRONG = 0.01
"""Of what is acted on, at most, had one more been wrong."""
TEMPERATURES = tuple(np.round(np.geomspace(0.5, 8, 41), 3).tolist())
THRESHOLDS = (*(n / 100 for n in range(50, 100)), 0.995, 0.999)
LONGEST = 12_000
"""Characters of a prompt; longer ones are more than the run time shows."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the model says to one question."""

    logs: Mapping[Head, float]
    right: Head


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold would lead to, if half of the questions asked for what is not there."""

    threshold: float
    acted: float
    """Share of the questions that have an answer which are acted on."""
    wrong: float
    """Share of what is acted on that is wrong."""
    bound: float
    """The same, had one more been wrong: few questions prove little."""


def weigh_all(files: Path, decisions: Iterable[Decision], tell: Callable[[int], None] | None = None) -> list[Weighing]:
    """Weigh the answers to these questions."""
    model = read_files(files)
    network, prompts = Network(model), Prompts(model, 0)
    found: list[Weighing] = []
    for decision in decisions:
        if len(decision.prompt) > LONGEST:
            continue
        right = Head(decision.outcome, json.loads(decision.answer)["mark"])  # type: ignore[arg-type]
        found.append(Weighing(weigh(network, prompts, decision.prompt).logs, right))
        if tell:
            tell(len(found))
    return found


def fit(weighings: Sequence[Weighing]) -> tuple[Calibration, list[Point]]:
    """Temperature and threshold, and what other thresholds would lead to."""
    temperature = min(TEMPERATURES, key=lambda each: _surprise(weighings, each))
    points = [_point(weighings, temperature, threshold) for threshold in THRESHOLDS]
    safe = (point.threshold for point in points if point.acted and point.bound <= WRONG)
    # Where no threshold is safe, nothing counts.
    return Calibration(temperature=temperature, threshold=next(safe, 1.0)), points


def write_calibration(files: Path, calibration: Calibration) -> None:
    """Put it into the manifest."""
    manifest = read_files(files).manifest.model_copy(update={"calibration": calibration})
    (files / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")


def _surprise(weighings: Sequence[Weighing], temperature: float) -> float:
    """Mean negative logarithm of the right answers' shares."""
    return -float(np.mean([np.log(max(shares_of(each.logs, temperature)[each.right], 1e-12)) for each in weighings]))


def _point(weighings: Sequence[Weighing], temperature: float, threshold: float) -> Point:
    asked = {True: 0, False: 0}  # by whether there is something to act on
    acted = {True: 0, False: 0}
    right = 0
    for weighing in weighings:
        if weighing.right.outcome == "done":
            continue
        there = weighing.right.outcome == "act"
        shares = shares_of(weighing.logs, temperature)
        best = max(shares, key=lambda head: shares[head])
        asked[there] += 1
        if best.outcome == "act" and shares[best] >= threshold:
            acted[there] += 1
            right += best == weighing.right
    given = acted[True] / max(asked[True], 1)
    in_vain = acted[False] / max(asked[False], 1)
    correct = right / max(asked[True], 1)
    wrong = 1 - correct / (given + in_vain) if given + in_vain else 0.0
    return Point(threshold, given, wrong, wrong + 1 / max(sum(acted.values()), 1))
