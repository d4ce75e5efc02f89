"""From answers to figures: means with intervals over pages, for all rows and for each kind of element.

figures_of(examples, "model", counts, seed)   -> {"all": {"cider_d": Interval(…), "bleu_4": …}, "icon only": {…}}
gains_of(examples, seed)                      -> {"all": {"cider_d": Interval(value=0.9, low=0.6, …)}, …}
"""

from collections.abc import Sequence

import numpy as np

from magenta_qa.finetune.asking import ControlAnswers, Said
from magenta_qa.finetune.bootstrap import Interval, interval, interval_of, paired_interval
from magenta_qa.finetune.controls import HTML_ONLY, OUTLINE_MOVED, PICTURE_ONLY
from magenta_qa.finetune.element import KINDS
from magenta_qa.finetune.evaluation import BASE, METRICS, MODEL, Answer, Example
from magenta_qa.finetune.held_out import Item
from magenta_qa.finetune.metrics import NGRAMS, BleuCounts, rouge_l, score_sentences, words

ALL = "all"
EVERYTHING = "everything"
"""The rows of the controls with nothing taken away, to compare with."""
BLEU_4 = "bleu_4"

Figures = dict[str, Interval]


def figures_of(examples: Sequence[Example], system: str, counts: Sequence[BleuCounts], seed: int) -> dict[str, Figures]:
    """Kind → metric → figure of one system.

    Args:
        examples: All rows.
        system: Whose answers.
        counts: What each of the answers adds to BLEU.
        seed: Of the resampling.
    """
    return {kind: _figures(examples, rows, system, counts, seed) for kind, rows in _kinds(examples).items()}


def gains_of(examples: Sequence[Example], seed: int) -> dict[str, Figures]:
    """Kind → metric → how much better the model is than the base on the same rows."""
    gains: dict[str, Figures] = {}
    for kind, rows in _kinds(examples).items():
        gains[kind] = {}
        for metric in METRICS:
            answers = [(examples[row].answers[BASE], examples[row].answers[MODEL], row) for row in rows]
            pairs = [(_score(old, metric), _score(new, metric), row) for old, new, row in answers]
            known = [(old, new, examples[row].page) for old, new, row in pairs if old is not None and new is not None]
            if known:
                before, after, pages = (list(column) for column in zip(*known, strict=True))
                gains[kind][metric] = paired_interval(before, after, pages, seed=seed)
    return gains


def control_figures(
    items: Sequence[Item], said: Sequence[Said], answers: ControlAnswers, seed: int
) -> dict[str, Figures]:
    """What is left of a system's figures when something is taken from it, and whether it follows the outline."""
    rows = sorted(answers.html_only)
    full = {row: said[row] for row in rows}
    compared = {EVERYTHING: full, HTML_ONLY: answers.html_only, PICTURE_ONLY: answers.picture_only}
    figures = {name: _fit(items, found, seed) for name, found in compared.items()}
    if answers.moved_to:
        figures[OUTLINE_MOVED] = _followed(items, answers, seed)
    return figures


def _fit(items: Sequence[Item], said: dict[int, Said], seed: int) -> Figures:
    rows = sorted(said)
    pages = [items[row].page for row in rows]
    scores = score_sentences([said[row].text for row in rows], [items[row].reference for row in rows])
    return {
        "cider_d": interval([score.cider_d for score in scores], pages, seed=seed),
        "rouge_l": interval([score.rouge_l for score in scores], pages, seed=seed),
    }


def _followed(items: Sequence[Item], answers: ControlAnswers, seed: int) -> Figures:
    """`changed`: another answer than before; `followed`: nearer to the label of the element that is outlined now."""
    rows = sorted(answers.moved_to)
    pages = [items[row].page for row in rows]
    changed, followed = [], []
    for row in rows:
        before, after = answers.picture_only[row].text, answers.outline_moved[row].text
        own, other = (words(items[number].reference) for number in (row, answers.moved_to[row]))
        changed.append(float(before != after))
        followed.append(float(rouge_l(words(after), other) > rouge_l(words(after), own)))
    return {
        "changed": interval(changed, pages, seed=seed),
        "followed": interval(followed, pages, seed=seed),
    }


def _kinds(examples: Sequence[Example]) -> dict[str, list[int]]:
    """Kind → rows, those of all kinds first; kinds without rows are left out."""
    rows = {ALL: list(range(len(examples)))}
    for kind in KINDS:
        found = [row for row, example in enumerate(examples) if kind in example.kinds]
        if found:
            rows[kind] = found
    return rows


def _figures(
    examples: Sequence[Example], rows: Sequence[int], system: str, counts: Sequence[BleuCounts], seed: int
) -> Figures:
    figures: Figures = {}
    for metric in METRICS:
        scores = [(_score(examples[row].answers[system], metric), examples[row].page) for row in rows]
        known = [(score, page) for score, page in scores if score is not None]
        if known:
            figures[metric] = interval([score for score, _ in known], [page for _, page in known], seed=seed)
    columns = np.array([_columns(counts[row]) for row in rows], np.float64)
    figures[BLEU_4] = interval_of(columns, [examples[row].page for row in rows], _bleu_4, seed=seed)
    return figures


def _score(answer: Answer, metric: str) -> float | None:
    value = getattr(answer, metric)
    return None if value is None else float(value)


def _columns(counts: BleuCounts) -> list[int]:
    return [*counts.matches, *counts.totals, counts.length, counts.reference_length]


def _bleu_4(sums: np.ndarray) -> np.ndarray:
    """BLEU-4 of sums (resamples, 10) as `_columns` lays them out; `metrics.bleu_4` for many sums at once."""
    matches, totals = sums[:, :NGRAMS], sums[:, NGRAMS : 2 * NGRAMS]
    lengths, references = sums[:, -2], sums[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(totals > 0, matches / totals, 0.0)
        brevity = np.where(lengths < references, np.exp(1 - references / np.maximum(lengths, 1e-9)), 1.0)
        scores: np.ndarray = np.exp(np.log(precision).mean(1)) * brevity
    return scores
