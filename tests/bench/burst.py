"""A page's burst of questions for an exported model; run by itself, it says what a fresh process takes for one.

python tests/bench/burst.py models/small 2
loaded after 0.1 s (CPU 0.1 s), 163 MB; a burst of 40 in 4.8 s (CPU 2.9 s), 396 MB at most
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from magenta_qa.model.embedded.files import read_files
from magenta_qa.model.embedded.network import Network
from magenta_qa.model.embedded.prompts import Prompts
from magenta_qa.model.embedded.writing import write
from magenta_qa.model.outline import draw_outline
from magenta_qa.model.prompt import understanding_prompt

BURST, PROMPT_TOKENS, ANSWER_TOKENS = 40, 300, 20


def questions(encode: Callable[[Image.Image, str], Any]) -> list[Any]:
    """A page's questions as `encode` makes them, of about `PROMPT_TOKENS` tokens."""
    random = np.random.default_rng(0)
    found = []
    for index in range(BURST):
        picture = Image.fromarray(random.integers(0, 255, (112, 112, 3), np.uint8))
        draw_outline(picture, (30, 40, 80, 60))
        html, kept = "", encode(picture, understanding_prompt("click", "button", "", ""))
        while len(kept) < PROMPT_TOKENS + index % 9 - 4:
            html += f"<li>{random.integers(100)}"
            kept = encode(picture, understanding_prompt("click", "button", "", html))
        found.append(kept)
    return found


@dataclass(slots=True)
class Rate:
    """Elements, and the time that they took."""

    elements: int
    seconds: float = 0
    processor_seconds: float = 0
    """Of all threads together: what to trust where other work is running."""


@contextmanager
def measured(elements: int) -> Iterator[Rate]:
    """Fill in a rate with what the block took."""
    rate = Rate(elements)
    began, used = time.perf_counter(), time.process_time()
    yield rate
    rate.seconds, rate.processor_seconds = time.perf_counter() - began, time.process_time() - used


class Burst:
    """An exported model and its questions.

    Args:
        folder: The model's files.
        threads: At most.
        batch: Questions in one pass.
    """

    def __init__(self, folder: Path, threads: int, batch: int = 8) -> None:
        files = read_files(folder)
        self.network, self.prompts, self.batch = Network(files, threads), Prompts(files, ANSWER_TOKENS), batch
        # No token ends an answer, so that all are of the same length.
        self.facts = files.manifest.prompt.model_copy(update={"ends": (-1,), "padding": -1})
        blank = Image.new("RGB", (112, 112))
        self._write([self.prompts.encode(blank, understanding_prompt("click", "button", "", ""))], 2)
        self._questions: list[Any] = []

    def rate(self) -> Rate:
        """How fast a burst is answered."""
        self._questions = self._questions or questions(self.prompts.encode)
        with measured(len(self._questions)) as rate:
            self._write(self._questions, ANSWER_TOKENS)
        return rate

    def _write(self, asked: list[Any], most: int) -> None:
        write(self.network, self.facts, lambda _: "", asked, most=most, batch=self.batch)


def main(folder: Path, threads: int) -> None:
    """Print time and memory."""
    with measured(1) as load:
        burst = Burst(folder, threads)
    print(f"loaded after {load.seconds:.1f} s (CPU {load.processor_seconds:.1f} s), {peak_mb():.0f} MB", end="; ")
    rate = burst.rate()
    spent = f"{rate.seconds:.1f} s (CPU {rate.processor_seconds:.1f} s)"
    print(f"a burst of {BURST} in {spent}, {peak_mb():.0f} MB at most")


def peak_mb() -> float:
    """The most memory that this process ever held; `ru_maxrss` would count the parent's, too."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
