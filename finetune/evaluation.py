"""What an evaluation found: `evaluation.json`, which the registry, the report page and people read.

    {"v": 1, "at": "2026-11-22T21:52:41Z",
     "data": {"path": "data/shop/v3", "split": "test", "rows": 412, "pages": 37, …},
     "view": {"name": "crop", …}, "decision": "rules", "tokenizer": "lower-case words …",
     "systems": {"base": {"spec": "local:openbmb/MiniCPM-V-4.6", …}, "model": {"spec": "local:…+runs/1", …}},
     "figures": {"base": {"all": {"cider_d": {"value": 1.2, "low": 1.0, "high": 1.4, "rows": 412, "pages": 37}, …}, …}},
     "gains": {"all": {"cider_d": {"value": 0.9, "low": 0.6, "high": 1.1, …}}},
     "controls": {"model": {"html only": {…}, "outline moved": {…}}},
     "examples": [{"id": "5e…", "page": "shop /cart", "kinds": ["icon only", "repeated in rows"], "reference": "…",
                   "answers": {"base": {"text": "…", "cider_d": 0.0, "rouge_l": 0.2, "grounded": false}, …}}]}

`examples` has every row, so that two evaluations of the same rows can be compared page by page (`paired_gain`).
"""

import json
from dataclasses import dataclass, field
from typing import Any

import fsspec
from pydantic import TypeAdapter, ValidationError

from magenta_qa.finetune.bootstrap import Interval, paired_interval
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.schema import View

VERSION = 1
FILE = "evaluation.json"
BASE, MODEL = "base", "model"
"""Names of the two systems that are compared; a single one is the model."""
METRICS = ("cider_d", "rouge_l", "grounded")
"""What every example has a score of; BLEU-4 is one of all rows together."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one system said about one row, and how good that was."""

    text: str
    """Empty when the system gave no usable answer."""
    cider_d: float
    rouge_l: float
    confidence: float = 1.0
    grounded: bool | None = None
    """Whether the decision step, given only descriptions, picked this element; None where it was not asked."""
    problem: str = ""
    """Why the text is empty."""


@dataclass(frozen=True, slots=True)
class Example:
    """One held-out row."""

    id: str
    page: str
    """What belongs together when intervals are worked out: application and path."""
    kinds: tuple[str, ...]
    reference: str
    answers: dict[str, Answer]
    """System → what it said."""
    instruction: str = ""
    """What the decision step was asked for."""
    candidates: int = 0
    """How many elements it had to choose from."""


@dataclass(frozen=True, slots=True)
class Data:
    """What was evaluated on."""

    path: str
    split: str
    rows: int
    pages: int
    version: str = ""
    split_rule: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    """Why rows were not evaluated → how many."""


@dataclass(frozen=True, slots=True)
class System:
    """What was evaluated."""

    spec: str
    """As `--understanding` takes it."""
    identity: str = ""
    """What stands behind the spec: hashes of weights and adapter, or what an endpoint says of itself."""
    unusable: int = 0
    """Rows without a usable answer; they score nothing."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All of it."""

    at: str
    package: str
    """Version of magenta-qa."""
    data: Data
    view: View
    decision: str
    tokenizer: str
    seed: int
    systems: dict[str, System]
    figures: dict[str, dict[str, dict[str, Interval]]]
    """System → kind ("all" first) → metric → figure."""
    gains: dict[str, dict[str, Interval]]
    """Kind → metric → model minus base, paired over rows; empty with a single system."""
    controls: dict[str, dict[str, dict[str, Interval]]]
    """System → what was taken from it or changed → figure."""
    examples: tuple[Example, ...]
    v: int = VERSION


def paired_gain(evaluation: Evaluation, metric: str = "cider_d", *, seed: int = 0) -> Interval:
    """How much better the model is than the base, with its interval over pages.

    Raises:
        DatasetError: There is no base, or no row has this score.
    """
    pairs = [
        (example.answers[BASE], example.answers[MODEL], example.page)
        for example in evaluation.examples
        if BASE in example.answers and getattr(example.answers[MODEL], metric) is not None
    ]
    if not pairs:
        raise DatasetError(f"the evaluation of {evaluation.data.path} compares no {metric}; expected a base and rows")
    before, after = ([float(getattr(pair[side], metric)) for pair in pairs] for side in (0, 1))
    return paired_interval(before, after, [page for _, _, page in pairs], seed=seed)


def save_evaluation(evaluation: Evaluation, path: str) -> None:
    """Write it, as a local file or to any fsspec URL."""
    with fsspec.open(path, "wt", encoding="utf-8") as file:
        json.dump(_ADAPTER.dump_python(evaluation, mode="json"), file, ensure_ascii=False, indent=1)


def load_evaluation(path: str) -> Evaluation:
    """Read it.

    Raises:
        DatasetError: There is none, or it is no evaluation of this version.
    """
    try:
        with fsspec.open(path, "rb") as file:
            evaluation: Evaluation = _ADAPTER.validate_json(file.read())
            return evaluation
    except OSError as error:
        raise DatasetError(f"cannot read the evaluation {path}: {error}; run 'magenta evaluate' first") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DatasetError(
            f"{path} is no evaluation that this version reads: {place}: {first['msg']}; run 'magenta evaluate' again"
        ) from error


_ADAPTER: Any = TypeAdapter(Evaluation)
