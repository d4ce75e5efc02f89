"""Whether an adapter may take the place of the one in use: only if it is surely better, and nowhere surely worse.

    judgement = judge(candidate, in_use, without_golden=False)
    judgement.may_promote     # False
    judgement.reasons         # ("not surely better: CIDEr-D +0.04 (-0.02 … 0.11) over 37 pages; …",)

Better is a matter of whole pages: the difference between the two adapters' scores on the same held-out rows, resampled
by page (`bootstrap.py`), must have its lower bound above zero. On the golden set no score may have its upper bound
below zero. An adapter that was compared with something else than what is in use, or on a handful of pages, is not
promoted.
"""

from dataclasses import dataclass

from magenta_qa.finetune.adapters import Entry
from magenta_qa.finetune.bootstrap import Interval
from magenta_qa.finetune.evaluation import BASE, METRICS, MODEL, Evaluation, paired_gain
from magenta_qa.model.errors import DatasetError

METRIC = "cider_d"
"""What decides."""
MIN_PAGES = 5
"""Resampling fewer pages says nothing about others."""
TITLES = {"cider_d": "CIDEr-D", "rouge_l": "ROUGE-L", "grounded": "grounding accuracy"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What speaks for and against."""

    reasons: tuple[str, ...]
    """Why not; empty if it may be promoted."""
    gain: Interval | None
    """Of what decides, on held-out rows."""
    remarks: tuple[str, ...] = ()

    @property
    def may_promote(self) -> bool:
        """Whether nothing speaks against."""
        return not self.reasons


def judge(candidate: Entry, in_use: Entry | None, *, without_golden: bool = False) -> Judgement:
    """Whether `candidate` may take the place of `in_use`.

    Args:
        candidate: An adapter with its evaluations.
        in_use: The promoted one; None where the base model is in use.
        without_golden: Promote although there is no golden set.
    """
    reasons, remarks = _of_training(candidate), []
    if in_use is not None and in_use.name == candidate.name:
        reasons.append("it is in use already")
    gain = None
    if candidate.evaluation is None:
        reasons.append(
            f"it was not evaluated: magenta evaluate {candidate.run.data.path} --understanding {candidate.spec} "
            f"--base {in_use.spec if in_use else f'local:{candidate.run.base.path}'} --out {candidate.path}"
        )
    else:
        reasons += _of_comparison(candidate, candidate.evaluation, in_use, "its evaluation")
        gain, found = _of_gain(candidate.evaluation)
        reasons += found
    if candidate.golden is not None:
        reasons += _of_comparison(candidate, candidate.golden, in_use, "its evaluation on the golden set")
        reasons += _of_golden(candidate.golden)
    elif without_golden:
        remarks.append("promoted without a golden set")
    else:
        reasons.append("it was not evaluated on a golden set; --without-golden promotes nevertheless")
    return Judgement(tuple(reasons), gain, tuple(remarks))


def _of_training(candidate: Entry) -> list[str]:
    run = candidate.run
    if run.status == "done":
        return []
    return [f"its training has not ended: {run.status} at step {run.step} of {run.steps}"]


def _of_comparison(candidate: Entry, evaluation: Evaluation, in_use: Entry | None, name: str) -> list[str]:
    """Whether the evaluation compares the right two, on rows that neither was trained on."""
    reasons = []
    data, run = evaluation.data, candidate.run
    if data.split == "train":
        reasons.append(f"{name} used the split 'train', which it was trained on")
    elif name == "its evaluation" and run.data.split_by and data.split_rule not in ("", run.data.split_by):
        reasons.append(f"{name} used rows split by {data.split_rule}, its training rows split by {run.data.split_by}")
    base = evaluation.systems.get(BASE)
    if base is None:
        reasons.append(f"{name} compares it with nothing")
    elif in_use is not None and not _is_same(in_use, base.identity, base.spec):
        reasons.append(f"{name} compares it with {base.spec}, not with {in_use.name}, which is in use")
    return reasons


def _is_same(in_use: Entry, identity: str, spec: str) -> bool:
    known = in_use.evaluation.systems[MODEL].identity if in_use.evaluation else ""
    return identity == known if identity and known else spec == in_use.spec


def _of_gain(evaluation: Evaluation) -> tuple[Interval | None, list[str]]:
    if BASE not in evaluation.systems:
        return None, []
    try:
        gain = paired_gain(evaluation, METRIC)
    except DatasetError as error:
        return None, [str(error)]
    if gain.pages < MIN_PAGES:
        return gain, [f"{gain.pages} held-out pages are too few to tell; expected at least {MIN_PAGES}"]
    if gain.low <= 0:
        return gain, [f"not surely better: {describe_gain(METRIC, gain)}; the lower bound must be above zero"]
    return gain, []


def _of_golden(golden: Evaluation) -> list[str]:
    if BASE not in golden.systems:
        return []
    reasons = []
    for metric in METRICS:
        scored = any(getattr(example.answers[MODEL], metric) is not None for example in golden.examples)
        gain = paired_gain(golden, metric) if scored else None
        if gain is not None and gain.high < 0:
            reasons.append(f"surely worse on the golden set: {describe_gain(metric, gain)}")
    return reasons


def describe_gain(metric: str, gain: Interval) -> str:
    """Such as ``CIDEr-D +0.21 (0.08 … 0.35) over 37 pages``."""
    return f"{TITLES[metric]} {gain.value:+.3f} ({gain.low:.3f} … {gain.high:.3f}) over {gain.pages} pages"
