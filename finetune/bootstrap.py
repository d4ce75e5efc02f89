"""How sure a figure is: intervals by resampling whole pages, since rows of one page are alike.

    interval([0.9, 0.2, 0.7], pages=["a", "a", "b"])               -> Interval(value=0.6, low=…, high=…)
    paired_interval(before=[…], after=[…], pages=[…])              -> of the mean difference; better if low > 0

Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13 (percentile intervals).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
CONFIDENCE = 0.95
_CHUNK = 200
"""Resamples at once: a chunk's counts are 200 × pages numbers."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float
    rows: int
    pages: int


def interval(values: Sequence[float], pages: Sequence[str], *, seed: int = 0) -> Interval:
    """The mean of `values`, one a row, with its interval over `pages`, the page of each row.

    Raises:
        ValueError: There are no rows.
    """
    columns = np.column_stack([np.asarray(values, np.float64), np.ones(len(values))])
    return interval_of(columns, pages, lambda sums: sums[:, 0] / sums[:, 1], seed=seed)


def paired_interval(
    before: Sequence[float], after: Sequence[float], pages: Sequence[str], *, seed: int = 0
) -> Interval:
    """The mean of `after` − `before`, which belong to the same rows, with its interval over pages."""
    pairs = zip(before, after, strict=True)
    return interval([new - old for old, new in pairs], pages, seed=seed)


def interval_of(
    columns: np.ndarray, pages: Sequence[str], statistic: Callable[[np.ndarray], np.ndarray], *, seed: int = 0
) -> Interval:
    """A statistic of sums over rows with its interval.

    Args:
        columns: (rows, K) of what is added up.
        pages: The page of each row.
        statistic: Takes sums (resamples, K) and gives the figures (resamples,).
        seed: Of the resampling.

    Raises:
        ValueError: There are no rows.
    """
    if not len(columns):
        raise ValueError("cannot give a figure: there are no rows")
    names, index = np.unique(np.asarray(pages), return_inverse=True)
    sums = np.zeros((len(names), columns.shape[1]))
    np.add.at(sums, index, columns)
    generator = np.random.default_rng(seed)
    even = np.full(len(names), 1 / len(names))
    chunks = [statistic(generator.multinomial(len(names), even, _CHUNK) @ sums) for _ in range(RESAMPLES // _CHUNK)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.concatenate(chunks), (tail, 1 - tail))
    value = statistic(columns.sum(0, keepdims=True))[0]
    return Interval(float(value), float(low), float(high), len(columns), len(names))
