"""How fast an exported model describes a page's elements, beside plain transformers asked one at a time.

    python tests/bench/bench_embedded.py                     # random weights, 27.7 M parameters: about 3 minutes
    python tests/bench/bench_embedded.py --checkpoint runs/small

A burst of 40 elements, prompts of about 300 tokens (64 of them the picture's), 20 tokens of answer each; here the
shipped model's checkpoint of 29.2 M on two cores of an idle machine (`--rounds 1`):

    2 threads, 1 rounds                         elements/s          CPU s an element
    transformers float32, one at a time               4.53                 0.438
    embedded float32, burst of 40                    21.04    4.6×         0.087    5.0×
    embedded int8, burst of 40                       30.39    6.7×         0.056    7.8×
    (aim: 5 elements/s, 4×)
    loaded after 0.1 s (CPU 0.1 s), 159 MB; a burst of 40 in 1.3 s (CPU 2.2 s), 311 MB at most

With two threads run it on an idle machine only: PyTorch's threads wait for each other in a loop, and where one of them
is kept from running, transformers looks many times slower than it is.

All are asked in turns, in this one run, with the same threads, and a round's ratios are of the same minute; the medians
of the rounds are printed. Transformers is as published: its own vision code and `generate`. All write exactly 20
tokens, as random weights end no sentence. The CPU time is the one to trust where other work is running.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from burst import ANSWER_TOKENS, BURST, Burst, Rate, measured, questions
from PIL import Image

from looks.checkpoint import SMALL, build_tokenizer
from magenta_qa.finetune.embedded.checkpoint import write_blank_checkpoint
from magenta_qa.finetune.export import export
from magenta_qa.model.embedded.network import available_threads
from magenta_qa.model.minicpmv.families import family_of
from magenta_qa.model.minicpmv.native import stock_class

AIM_A_SECOND, AIM_TIMES = 5.0, 4.0
ALONE = 4
"""Elements that transformers is asked about in a round: one at a time, their time is proportional."""


def main() -> None:
    """Print the table."""
    options = _options()
    threads = available_threads(options.threads)
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as place:
        base = options.checkpoint or Path(place, "base")
        if options.checkpoint is None:
            print(f"random weights: {write_blank_checkpoint(base, build_tokenizer(), SMALL) / 1e6:.1f} M parameters")
        ways: dict[str, Callable[[], Rate]] = {"transformers float32, one at a time": Transformers(base).rate}
        for precision in ("float32", "int8"):
            out = Path(place, precision)
            done = export(base, out, precision=precision)
            print(f"embedded {precision}: {done.bytes / 2**20:.1f} MiB, logits moved by {done.moved:.2g}")
            ways[f"embedded {precision}, burst of {BURST}"] = Burst(out, threads, options.batch).rate
        rounds = [{name: rate() for name, rate in ways.items()} for _ in range(options.rounds)]
        _print(rounds, threads)
        _print_start(Path(place, "int8"), threads)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checkpoint", type=Path, help="instead of one with random weights")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


class Transformers:
    """The checkpoint in transformers' own class, with its own vision code.

    Args:
        base: The checkpoint.
    """

    def __init__(self, base: Path) -> None:
        family = family_of(base)
        self.model = stock_class(family.model_type).from_pretrained(base, dtype=torch.float32).eval()
        self.processor = family.load_processor(base, downsample="4x")
        self.inputs = [self._inputs(example) for example in questions(self._encode)[:ALONE]]

    def _encode(self, picture: Image.Image, prompt: str) -> Any:
        return self.processor.encode([picture], prompt, max_slices=1)

    def _inputs(self, example: Any) -> dict[str, Any]:
        """What the published processor hands over: patches of a picture side by side in one strip."""
        patch = self.processor.pictures.patch_size
        pixels = torch.from_numpy(example.slices[0]).float().div(255).sub(0.5).div(0.5)
        rows, columns = pixels.shape[1] // patch, pixels.shape[2] // patch
        strip = pixels.view(3, rows, patch, columns, patch).permute(0, 2, 1, 3, 4).reshape(1, 3, patch, -1)
        return {
            "input_ids": torch.tensor([example.input_ids]),
            "attention_mask": torch.ones((1, len(example)), dtype=torch.long),
            "pixel_values": strip,
            "target_sizes": torch.tensor([[rows, columns]], dtype=torch.int32),
            "downsample_mode": "4x",
        }

    def rate(self) -> Rate:
        """How fast the questions are answered, one at a time."""
        with measured(len(self.inputs)) as rate, torch.inference_mode():
            for inputs in self.inputs:
                said = self.model.generate(
                    **inputs, do_sample=False, max_new_tokens=ANSWER_TOKENS, min_new_tokens=ANSWER_TOKENS
                )
                assert said.shape[1] == inputs["input_ids"].shape[1] + ANSWER_TOKENS
        return rate


def _print(rounds: list[dict[str, Rate]], threads: int) -> None:
    plain = next(iter(rounds[0]))
    print(f"\n{f'{threads} threads, {len(rounds)} rounds':40}{'elements/s':>14}{'CPU s an element':>26}")
    for name in rounds[0]:
        wall = statistics.median(_a_second(one[name]) for one in rounds)
        used = statistics.median(1 / _a_cpu_second(one[name]) for one in rounds)
        faster = statistics.median(_a_second(one[name]) / _a_second(one[plain]) for one in rounds)
        cheaper = statistics.median(_a_cpu_second(one[name]) / _a_cpu_second(one[plain]) for one in rounds)
        times = [f"{ratio:.1f}×" if name != plain else "" for ratio in (faster, cheaper)]
        print(f"{name:40}{wall:14.2f}{times[0]:>8}{used:14.3f}{times[1]:>8}")
    print(f"(aim: {AIM_A_SECOND:.0f} elements/s, {AIM_TIMES:.0f}×)")


def _a_second(rate: Rate) -> float:
    return rate.elements / rate.seconds


def _a_cpu_second(rate: Rate) -> float:
    return rate.elements / rate.processor_seconds


def _print_start(folder: Path, threads: int) -> None:
    """Time and memory of a process of its own, without PyTorch, that loads the files and describes one burst."""
    burst = Path(__file__).with_name("burst.py")
    subprocess.run([sys.executable, str(burst), str(folder), str(threads)], check=True)


if __name__ == "__main__":
    main()
