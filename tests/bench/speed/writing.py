"""One model asked about elements: how fast `local:` is, how fast transformers' own loop, and how fast it could be.

found = measure_model("MiniCPM-V-2_6", "real", "cuda", memory_gib=22, batches=[8, 40, 64], seconds=120)
found["page_s"], found["rates"]["40"], found["peak_gib"]
"""

import random
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Literal

import torch
from PIL import Image

from magenta_qa.finetune.training.accounting import GIB, vision_share
from magenta_qa.finetune.training.parts import measure
from magenta_qa.model.minicpmv.burst import Burst
from magenta_qa.model.minicpmv.example import Example
from magenta_qa.model.minicpmv.families import family_named
from magenta_qa.model.minicpmv.fused import choose_attention, fuse_text
from magenta_qa.model.minicpmv.generation import generate
from magenta_qa.model.minicpmv.processor import Processor
from magenta_qa.model.minicpmv.random_models import build_model
from magenta_qa.model.prompt import understanding_prompt
from speed.material import SIZES, load_processor, random_picture
from speed.runs import free, matmul_rate

PAGE, PROMPT_TOKENS, ANSWER_TOKENS = 40, 465, 20
PAGES = 6
"""Of each kind, on a GPU; a try on a CPU has one."""
SHORTER = 120
"""Words by which prompts of mixed lengths are shorter, at most."""
L4_FLOPS, L4_BYTES = 120e12, 300e9
"""An NVIDIA L4's dense bfloat16 operations and bytes a second, on paper."""


def measure_model(
    name: str,
    size: Literal["tiny", "real"],
    device: str,
    *,
    memory_gib: float,
    batches: Sequence[int],
    seconds: float,
    libraries: bool = True,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """All figures of one model.

    Args:
        name: The family's.
        size: Of the random weights.
        device: Where they are.
        memory_gib: Of the device, to be used at most.
        batches: To try, the smallest first; what does not fit is left out.
        seconds: Of trying batches, after which no further one is tried.
        libraries: Whether to use Liger's kernels where they are there, as `local:` does.
        say: Told what is known so far.
    """
    machine = {"matmul": matmul_rate(device), "bytes": copy_rate(device)}
    if device == "cuda":
        whole = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(memory_gib * GIB / whole)
        torch.cuda.reset_peak_memory_stats()
    began = time.monotonic()
    processor = load_processor(name)
    model = build_model(name, size, torch.bfloat16 if device == "cuda" else torch.float32, device)
    _settle(device)
    say(f"  {name}: built in {time.monotonic() - began:.0f} s")
    if device == "cuda":
        choose_attention()
        say(f"  Liger's kernels: {libraries and fuse_text(model.text_part())}")
    asked = Questions(processor)
    burst = Burst(model, processor)
    burst.ends = frozenset()  # so that all answers are of the same length
    found: dict[str, Any] = {"model": name, "weights": sum(p.numel() for p in model.parameters())}
    found |= _page(burst, asked, device)
    say(f"  {found}")
    found |= _plain(model, processor, asked, burst, device)
    say(f"  {found}")
    deadline = time.monotonic() + seconds
    found["rates"] = _rates(burst, asked, batches, device, deadline, say)
    found |= bounds(model, name, processor, asked, machine)
    if device == "cuda":
        found["peak_gib"] = round(torch.cuda.max_memory_reserved() / GIB, 2)
        found["device"] = torch.cuda.get_device_name()
    return found | {"matmul_tflops": round(machine["matmul"] / 1e12), "copy_gb_s": round(machine["bytes"] / 1e9)}


class Questions:
    """Elements to be asked about, each with another picture and text.

    Args:
        processor: The family's.
    """

    def __init__(self, processor: Processor) -> None:
        self._processor, self._chance = processor, random.Random(0)
        numbers = range(PROMPT_TOKENS)
        self._words = bisect_left(numbers, PROMPT_TOKENS, key=lambda words: len(self._encode(*self._one(words))))

    def raw(self, count: int, shorter: int = 0) -> list[tuple[Image.Image, str]]:
        """Pictures and prompts of about `PROMPT_TOKENS` tokens, or of up to so many words less."""
        return [self._one(self._words - self._chance.randint(0, shorter)) for _ in range(count)]

    def encoded(self, raw: Sequence[tuple[Image.Image, str]]) -> list[Example]:
        """The same as the model takes them: what `local:` does for a page."""
        return [self._encode(picture, prompt) for picture, prompt in raw]

    def _encode(self, picture: Image.Image, prompt: str) -> Example:
        return self._processor.encode([picture], prompt, max_slices=1, max_length=4096)

    def _one(self, words: int) -> tuple[Image.Image, str]:
        picture = random_picture(SIZES["crop"], self._chance.randrange(2**31))
        html = " ".join(str(self._chance.randrange(10)) for _ in range(words))
        return picture, understanding_prompt("click", "button", "x", html)


def _page(burst: Burst, asked: Questions, device: str) -> dict[str, Any]:
    """A page's burst, from pictures and prompts to sentences; the first one makes the graph."""
    times, prepared = [], []
    pages = PAGES if device == "cuda" else 1
    for number in range(2 * pages + 1):
        raw = asked.raw(PAGE, shorter=SHORTER if number > pages else 0)
        _settle(device)
        began = time.perf_counter()
        examples = asked.encoded(raw)
        prepared.append(time.perf_counter() - began)
        written = burst.write(examples, ANSWER_TOKENS)
        times.append(time.perf_counter() - began)
        assert all(len(one.ids) == ANSWER_TOKENS for one in written)
    return {
        "first_page_s": round(times[0], 3),
        "page_s": round(median(times[1 : pages + 1]), 3),
        "pages_s": [round(seconds, 3) for seconds in times[1:]],
        "mixed_page_s": round(median(times[pages + 1 + pages // 2 :]), 3),
        "prompt_tokens": [min(map(len, examples)), max(map(len, examples))],
        "of_it_prepared_s": round(median(prepared[1:]), 3),
    }


def _plain(model: Any, processor: Processor, asked: Questions, burst: Burst, device: str) -> dict[str, Any]:
    """transformers' own loop beside it, and how many of its answers are the burst's to the last token."""
    found: dict[str, Any] = {}
    for name, count, batch in (("plain_one_s", 3, 1), ("plain_32_s", 32, 32)):
        examples = asked.encoded(asked.raw(count))
        try:
            generate(model, processor, examples[:1], max_new_tokens=2)
            _settle(device)
            began = time.perf_counter()
            answers = generate(model, processor, examples, max_new_tokens=ANSWER_TOKENS, batch_size=batch)
            _settle(device)
            found[name] = round((time.perf_counter() - began) / count, 4)
        except torch.OutOfMemoryError:
            found[name] = None
            free(device)
            continue
        mine = burst.answer(examples, max_new_tokens=ANSWER_TOKENS)
        found["equal_answers"] = [sum(a.text == b.text for a, b in zip(mine, answers, strict=True)), count]
    return found


def _rates(
    burst: Burst,
    asked: Questions,
    batches: Sequence[int],
    device: str,
    deadline: float,
    say: Callable[[str], None],
) -> dict[str, float | None]:
    """Elements a second of batches that follow each other, prepared beforehand."""
    rates: dict[str, float | None] = {}
    pool = asked.encoded(asked.raw(64))
    for batch in batches:
        if time.monotonic() > deadline:
            break
        examples = [pool[index % len(pool)] for index in range(batch)]
        burst.release()
        try:
            burst.write(examples, ANSWER_TOKENS)
            _settle(device)
            began, count = time.perf_counter(), 0
            while count < 3 or time.perf_counter() - began < 1.5:
                burst.write(examples, ANSWER_TOKENS)
                count += 1
            rates[str(batch)] = round(count * batch / (time.perf_counter() - began), 1)
        except torch.OutOfMemoryError:
            rates[str(batch)] = None
        say(f"  batches of {batch}: {rates[str(batch)]} elements/s")
        if rates[str(batch)] is None:
            break
    burst.release()
    return rates


def bounds(model: Any, name: str, processor: Processor, asked: Questions, machine: dict[str, float]) -> dict[str, Any]:
    """Seconds that a page takes at least: reading by its operations, writing by the weights that each token reads."""
    sizes = measure(model, family_named(name))
    (example,) = asked.encoded(asked.raw(1))
    patches = sum(piece.shape[1] * piece.shape[2] for piece in example.slices) / processor.pictures.patch_size**2
    operations = 2 * sizes["text"].whole * len(example) + 2 * sizes["vision"].whole * patches * vision_share(model)
    operations += 2 * sizes["resampler"].whole * patches / 16
    head = model.get_output_embeddings().weight
    read_bytes = 2 * (sizes["text"].whole + head.numel()) * (ANSWER_TOKENS - 1)
    return {
        "tflop_an_element": round(operations / 1e12, 3),
        "least_page_s": round(PAGE * operations / machine["matmul"] + read_bytes / machine["bytes"], 3),
        "most_a_second": round(machine["matmul"] / operations, 1),
        "l4_least_page_s": round(PAGE * operations / L4_FLOPS + read_bytes / L4_BYTES, 2),
        "l4_most_a_second": round(L4_FLOPS / operations, 1),
    }


def copy_rate(device: str) -> float:
    """Bytes a second, read and written ones both counted, of copies on the device."""
    size = 2**30 if device == "cuda" else 2**24
    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    target.copy_(source)
    _settle(device)
    began = time.perf_counter()
    for _ in range(10):
        target.copy_(source)
    _settle(device)
    rate = 10 * 2 * size / (time.perf_counter() - began)
    del source, target
    free(device)
    return rate


def _settle(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
