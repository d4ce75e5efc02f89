"""Whether a model looks at the outline: asked about elements of pages that it has never seen.

    results = examine(model, feed, names, count=2000)
    results["named"].value          share of pictures in which it names the outlined element
    results["followed"].value       … after the outline has moved to a neighbour in the same picture
    results["erased"].value         … when no outline is drawn: what is left is guessing
    results["chance"].value         one in so many whole elements in the picture

Every picture shows at least two elements whole, and the outlined one lies anywhere in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig

from looks.checkpoint import named_in
from looks.feed import Feed
from looks.pages import ICON_SUFFIX
from magenta_qa.finetune.bootstrap import Interval, interval

MAX_ANSWER = 16
"""Tokens."""
BATCH = 512


@dataclass(frozen=True, slots=True)
class Exam:
    """Questions about held-out pages."""

    outlined: Tensor
    """Elements (N,)."""
    moved_to: Tensor
    """A neighbour of each that is whole in the same window."""
    windows: Tensor
    """(N, 2)."""


def draw_exam(feed: Feed, count: int, seed: int) -> Exam:
    """`count` elements that have a neighbour, with a window that shows both."""
    views = feed.views
    generator = torch.Generator(views.device)
    generator.manual_seed(seed)
    order = torch.randperm(len(views.page), device=views.device, generator=generator)
    neighbors = views.neighbor(order, generator)
    chosen = (neighbors != order).nonzero()[:count, 0]
    outlined, moved_to = order[chosen], neighbors[chosen]
    return Exam(outlined, moved_to, views.windows(outlined, moved_to, generator))


def examine(model: Any, feed: Feed, names: Sequence[str], exam: Exam) -> dict[str, Interval]:
    """Shares with intervals over pages; `named` also for each kind of element."""
    views = feed.views
    pages = [str(page) for page in views.page[exam.outlined].tolist()]
    wanted, moved = ([names[i] for i in elements.tolist()] for elements in (exam.outlined, exam.moved_to))
    asks: dict[str, tuple[list[str], Callable[[slice], Tensor]]] = {
        "named": (wanted, lambda s: views.pictures(exam.outlined[s], exam.windows[s])),
        "followed": (moved, lambda s: views.pictures(exam.moved_to[s], exam.windows[s])),
        "erased": (wanted, lambda s: views.pictures(exam.outlined[s], exam.windows[s], outlined=False)),
        "in the middle": (wanted, lambda s: views.pictures(exam.outlined[s], views.centered(exam.outlined[s]))),
    }
    results: dict[str, Interval] = {}
    for ask, (right, pictures) in asks.items():
        said = answers(model, feed, pictures, len(wanted))
        hits = [float(one == other) for one, other in zip(said, right, strict=True)]
        results[ask] = interval(hits, pages)
        if ask == "named":
            results |= _by_kind(hits, right, pages)
    seen = views.visible(exam.outlined, exam.windows)
    return results | {"chance": interval((1 / seen).tolist(), pages)}


def kind_of(name: str) -> str:
    """word, string or icon; a made-up word has no digit and alternates like one."""
    if name.endswith(ICON_SUFFIX):
        return "icon"
    return "string" if name.islower() and not _is_pronounceable(name) else "word"


def _is_pronounceable(name: str) -> bool:
    vowels = [character in "aeiou" for character in name[:4]]
    return name.isalpha() and vowels == [False, True, False, True]


def _by_kind(hits: Sequence[float], names: Sequence[str], pages: Sequence[str]) -> dict[str, Interval]:
    results = {}
    for kind in ("word", "string", "icon"):
        rows = [i for i, name in enumerate(names) if kind_of(name) == kind]
        if rows:
            results[f"named, {kind}"] = interval([hits[i] for i in rows], [pages[i] for i in rows])
    return results


@torch.inference_mode()
def answers(model: Any, feed: Feed, pictures: Callable[[slice], Tensor], count: int) -> list[str]:
    """The element that each answer names."""
    tokenizer = feed.processor.tokenizer
    settings = GenerationConfig(
        max_new_tokens=MAX_ANSWER,
        do_sample=False,
        eos_token_id=list(feed.processor.end_ids),
        pad_token_id=feed.processor.padding_id,
    )
    said: list[str] = []
    device = feed.views.device.type
    for start in range(0, count, BATCH):
        batch = feed.question(pictures(slice(start, start + BATCH)))
        batch["attention_mask"] = torch.ones_like(batch["input_ids"])
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            ids = model.generate(**batch, generation_config=settings)
        new = ids[:, batch["input_ids"].shape[1] :].tolist()
        said += [named_in(tokenizer.decode(row, skip_special_tokens=True)) for row in new]
    return said
