"""Rows to measure training on: random pictures and text of the usual length, encoded by the family's own processor.

rows = build_rows("MiniCPM-V-2_6", "page", count=64)
rows[0].example        # 1280×720 cut into slices, about 340 tokens of prompt, an answer of one sentence
"""

import random
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from torch.utils.data import Dataset

from magenta_qa.finetune.training.batches import Item
from magenta_qa.model.minicpmv.families import family_named
from magenta_qa.model.minicpmv.processor import Processor
from magenta_qa.model.minicpmv.random_models import write_checkpoint
from magenta_qa.model.prompt import understanding_prompt
from speed.run import View

SIZES: dict[View, tuple[int, int]] = {"page": (1280, 720), "crop": (448, 448)}
TEXT_TOKENS = (250, 430)
"""Prompt and answer without the picture, from and to: the template, about 1,000 characters of HTML, one sentence."""
MAX_SLICES = 9


class ItemList(Dataset[Item]):
    """Rows that are encoded already."""

    def __init__(self, items: list[Item]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Item:
        return self._items[index % len(self._items)]


def load_processor(name: str) -> Processor:
    """A processor of the family with a small tokenizer of its own."""
    with tempfile.TemporaryDirectory() as folder:
        base = write_checkpoint(name, Path(folder) / "tiny")
        return family_named(name).load_processor(base)


def build_rows(processor: Processor, view: View, count: int, seed: int = 0) -> list[Item]:
    """Rows of one view, all different.

    Args:
        processor: The family's.
        view: `page` is a whole viewport, `crop` a window around an element.
        count: Rows.
        seed: Of pictures and texts.
    """
    chance = random.Random(seed)
    return [_row(processor, view, chance, number) for number in range(count)]


def _row(processor: Processor, view: View, chance: random.Random, number: int) -> Item:
    picture = random_picture(SIZES[view], chance.randrange(2**31))
    visual = len(processor.encode([picture], "<image>\n", max_slices=MAX_SLICES))
    html = " ".join(f'<li class="row"><a href="/{chance.random()}">{chance.random()}</a></li>' for _ in range(100))
    example = processor.encode(
        [picture],
        understanding_prompt("click", "button", str(chance.random()), html),
        " ".join(str(chance.randrange(1000)) for _ in range(6)),
        max_slices=MAX_SLICES,
        max_length=visual + chance.randint(*TEXT_TOKENS),
    )
    return Item(f"row {number}", example)


def random_picture(size: tuple[int, int], seed: int) -> Image.Image:
    """Random blocks of 8×8 pixels: with sharp edges, as pages have."""
    blocks = np.random.default_rng(seed).integers(0, 256, (size[1] // 8, size[0] // 8, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST)
