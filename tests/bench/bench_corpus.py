"""Reads a build of the corpus as training does: prompts made, screenshots decoded, cropped and outlined.

    python -m magenta_qa.finetune.corpus build --pages 60 --no-real --out build/corpus/bench
    python tests/bench/bench_corpus.py build/corpus/bench [--seconds 10]

Printed are rows a second of processor time (what counts where other programs share the machine) for

    rows           read and checked, pictures not decoded
    pictures       decoded, cropped to 448×448 CSS pixels and outlined as well
    examples       the prompt made as well
"""

import argparse
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from magenta_qa.finetune.dataset import stream_rows
from magenta_qa.finetune.row import Row, row_picture, row_prompt
from magenta_qa.model.schema import View

VIEW = View("crop")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0, help="of processor time, for each measurement")
    arguments = parser.parse_args()
    parts = [*arguments.corpus.glob("understanding/v1/data/*.parquet"), *arguments.corpus.glob("decisions/*.parquet")]
    sizes = [part.stat().st_size for part in parts]
    print(f"{len(parts)} parts, {sum(sizes) / 2**20:.1f} MiB, the largest {max(sizes) / 2**20:.1f} MiB")
    works: dict[str, Callable[[Row], object]] = {
        "rows": lambda row: None,
        "pictures": lambda row: row_picture(row, VIEW),
        "examples": lambda row: (row_prompt(row), row_picture(row, VIEW)),
    }
    for name, work in works.items():
        print(f"{name:10} {rate(arguments.corpus, work, arguments.seconds):8,.0f} rows/s")


def rate(corpus: Path, work: Callable[[Row], object], seconds: float) -> float:
    """Rows a second of processor time, in the order of the files; a small build is read again and again."""
    rows, started = 0, time.process_time()
    for _ in cycle([None]):
        for row in stream_rows(str(corpus / "understanding"), "train"):
            work(row)
            rows += 1
            if time.process_time() - started > seconds:
                return rows / (time.process_time() - started)
    raise AssertionError("unreachable")


if __name__ == "__main__":
    main()
