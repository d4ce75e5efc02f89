"""What a model has learned, on pages that it has never seen: one table.

    rows = examine(model, feed, held, count=2000)       # held: values of kind, framework, icons unknown to training
    print(table(rows))

Each description is right word for word (`exact`), nearly so (`near`: ROUGE-L of at least 0.75), or has at least half of
the reference's words (`half`). Rows of one reference count as one: what every page has would else decide.
Conditions: as served; without text and HTML; with the picture blank; with the outline around another element
of the same square, where `followed` counts descriptions of that other element.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import GenerationConfig

from magenta_qa.finetune.embedded.feed import Feed
from magenta_qa.finetune.metrics import rouge_l, words

NEAR = 0.75
"""ROUGE-L from which a description counts as near."""
MOST_TOKENS = 32
BATCH = 256


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table."""

    name: str
    exact: float
    near: float
    half: float
    rows: int
    distinct: int
    """References."""


def examine(
    model: Any,  # noqa: ANN401
    feed: Feed,
    held: Mapping[str, set[str]],
    count: int,
    seed: int = 0,
) -> list[Result]:
    """Ask about elements of a split that was not trained on.

    Args:
        model: In any mode; left in evaluation mode.
        feed: Of the split.
        held: Page kinds, frameworks and icon sets that training has not seen.
        count: Elements at most.
        seed: Of which are taken.
    """
    model.eval()
    generator = np.random.default_rng(seed)
    elements = np.sort(generator.permutation(len(feed.split.elements))[:count])
    others = feed.geometry.neighbours(elements, generator)
    results = _groups(feed, held, elements, _described(model, feed, elements))
    results += _controls(model, feed, elements, others)
    accessible = _column(feed, "accessible", elements)
    return [*results, _result("no model (accessible)", accessible, _column(feed, "summary", elements))]


def _described(model: Any, feed: Feed, elements: np.ndarray) -> list[str]:  # noqa: ANN401
    squares = feed.geometry.served(elements)
    return _say(model, feed, len(elements), lambda part: feed.question(elements[part], "full", squares[part]))


def _groups(feed: Feed, held: Mapping[str, set[str]], elements: np.ndarray, said: Sequence[str]) -> list[Result]:
    """As served: all rows, and those that are hard or new."""
    facts = {name: _column(feed, name, elements) for name in (*held, "shown", "named", "repeated", "summary")}
    groups: dict[str, list[bool]] = {"as served": [True] * len(elements)}
    for name, unknown in held.items():
        groups[f"  new {name}"] = [value in unknown for value in facts[name]]
    icon_only = [shown == "icon" for shown in facts["shown"]]
    unnamed = [icon and not named for icon, named in zip(icon_only, facts["named"], strict=True)]
    groups |= {"  icon only": icon_only, "  icon only, no name": unnamed, "  repeated": facts["repeated"]}
    return [
        _result(name, [said[i] for i in rows], [facts["summary"][i] for i in rows])
        for name, chosen in groups.items()
        if (rows := [i for i, wanted in enumerate(chosen) if wanted])
    ]


def _controls(model: Any, feed: Feed, elements: np.ndarray, others: np.ndarray) -> list[Result]:  # noqa: ANN401
    """The same without HTML, without a picture, and with the outline moved."""
    geometry, wanted = feed.geometry, _column(feed, "summary", elements)
    squares = geometry.served(elements)
    bare = _say(model, feed, len(elements), lambda part: feed.question(elements[part], "bare", squares[part]))
    blind = _say(model, feed, len(elements), lambda part: _blank(feed.question(elements[part], "full", squares[part])))
    results = [_result("picture only", bare, wanted), _result("HTML only", blind, wanted)]
    paired = np.flatnonzero(elements != others)
    if not len(paired):
        return results
    own, other = elements[paired], others[paired]
    both = geometry.shared(own, other, np.random.default_rng(0))
    asks = {
        "pair, picture only": (own, "bare", own),
        "pair, moved: followed": (own, "bare", other),
        "pair, moved, with HTML: still own": (own, "full", other),
    }
    for name, (asked, kind, outline) in asks.items():

        def question(part: slice, asked: Any = asked, kind: Any = kind, outline: Any = outline) -> dict[str, Any]:  # noqa: ANN401
            return feed.question(asked[part], kind, both[part], outline=outline[part])

        right = other if "followed" in name else own
        results.append(_result(name, _say(model, feed, len(own), question), _column(feed, "summary", right)))
    return results


def _blank(batch: dict[str, Any]) -> dict[str, Any]:
    return batch | {"pixel_values": [torch.full_like(pixels, 255) for pixels in batch["pixel_values"]]}


def _column(feed: Feed, name: str, elements: np.ndarray) -> list[Any]:
    found: list[Any] = feed.split.elements.facts.column(name).take(elements).to_pylist()
    return found


def _result(name: str, said: Sequence[str], wanted: Sequence[str]) -> Result:
    """Means over distinct references."""
    hits: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for text, reference in zip(said, wanted, strict=True):
        mine, theirs = words(text), words(reference)
        half = 2 * sum((Counter(mine) & Counter(theirs)).values()) >= len(theirs)
        hits[" ".join(theirs)].append((mine == theirs, rouge_l(mine, theirs) >= NEAR, half))
    means = np.array([np.mean(rows, axis=0) for rows in hits.values()])
    exact, near, share = means.mean(axis=0).tolist()
    return Result(name, exact, near, share, len(said), len(hits))


def _say(model: Any, feed: Feed, count: int, question: Callable[[slice], dict[str, Any]]) -> list[str]:  # noqa: ANN401
    """Answers to so many questions, asked in batches."""
    settings = GenerationConfig(
        max_new_tokens=MOST_TOKENS,
        do_sample=False,
        eos_token_id=list(feed.processor.end_ids),
        pad_token_id=feed.processor.padding_id,
    )
    device = feed.device.type
    said: list[str] = []
    for start in range(0, count, BATCH):
        batch = question(slice(start, start + BATCH))
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            ids = model.generate(**batch, generation_config=settings)
        answers: list[list[int]] = ids[:, batch["input_ids"].shape[1] :].tolist()
        said += [feed.processor.decode(answer) for answer in answers]
    return said


def table(results: Sequence[Result]) -> str:
    """The results as text."""
    lines = [f"{'':36}{'exact':>8}{'near':>8}{'half':>8}{'rows':>8}{'distinct':>10}"]
    lines += [f"{r.name:36}{r.exact:8.1%}{r.near:8.1%}{r.half:8.1%}{r.rows:8}{r.distinct:10}" for r in results]
    return "\n".join(lines)
