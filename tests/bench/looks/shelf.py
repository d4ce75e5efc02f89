"""Many pages in memory: drawn by several processes into one block of memory, with a table of their elements.

shelf = draw_shelf(count=80_000, first_seed=0, held_out=False, workers=16)
shelf.pixels   (P, 288, 288, 3) uint8
shelf.page     (E,) int64        each element's page
shelf.box      (E, 4) int16      x, y, width, height in pixels
shelf.names    E strings
"""

import mmap
import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from looks.pages import SIDE, draw_page, find_fonts

CHUNK = 64
"""Pages that a process draws between two reports."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Pages and their elements."""

    pixels: np.ndarray
    page: np.ndarray
    box: np.ndarray
    names: tuple[str, ...]


def draw_shelf(count: int, *, first_seed: int, held_out: bool, workers: int, plain: float = 0.0) -> Shelf:
    """Draw `count` pages; the same seeds give the same shelf, however many processes draw.

    Args:
        count: Pages.
        first_seed: Of the first page; each further page has the next one.
        held_out: Use the texts for testing.
        workers: Processes; 1 draws in this one.
        plain: Share of plain pages, which come first.
    """
    # Anonymous memory is shared with forked processes, which write their pages into it: nothing is copied.
    memory = mmap.mmap(-1, count * SIDE * SIDE * 3)
    pixels = np.frombuffer(memory, np.uint8).reshape(count, SIDE, SIDE, 3)
    starts = range(0, count, CHUNK)
    draw = partial(_draw_chunk, range(round(plain * count), count), first_seed, held_out, find_fonts())
    _SHARED["pixels"] = pixels
    if workers == 1:
        chunks = [draw(start) for start in starts]
    else:
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            chunks = pool.map(draw, starts, chunksize=1)
    del _SHARED["pixels"]
    elements = [element for chunk in chunks for element in chunk]
    return Shelf(
        pixels,
        np.array([page for page, _, _ in elements], np.int64),
        np.array([box for _, box, _ in elements], np.int16),
        tuple(name for _, _, name in elements),
    )


_SHARED: dict[str, np.ndarray] = {}
"""What forked processes inherit: arguments would be copied."""


def _draw_chunk(
    colorful: range, first_seed: int, held_out: bool, fonts: Sequence[str], start: int
) -> list[tuple[int, tuple[int, int, int, int], str]]:
    elements = []
    for index in range(start, min(start + CHUNK, colorful.stop)):
        page = draw_page(first_seed + index, held_out=held_out, fonts=fonts, plain=index < colorful.start)
        _SHARED["pixels"][index] = np.asarray(page.pixels)
        elements += [(index, box, name) for box, name in zip(page.boxes, page.names, strict=True)]
    return elements
