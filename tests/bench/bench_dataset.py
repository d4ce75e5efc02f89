"""Builds datasets of growing size from logs and streams them: rows a second, and memory that must not grow.

    python tests/bench/bench_dataset.py [--rows 10000 100000 1000000] [--workers 1] [--folder DIR] [--seconds 10]
    python tests/bench/bench_dataset.py --rows 10000 --links 125       # reads a million rows after minutes, not hours

The log is made first: 1280×720 screenshots as the agent keeps them, each with 20 labelled elements, which is what
labelling all candidates of a page gives. 2,000 different pages are drawn; every screenshot has bytes of its own. Each
size is built and read in a process of its own, whose peak memory (with its children's) is printed, then:

    stream         rows a second, pictures not decoded: what one reader gets off the disk
    worker         rows a second with the prompt made, the screenshot decoded, cropped to 448×448 and outlined, in file
                   order and `shuffled`
    trained        the same, shuffled, with tokens and slices made and put together for MiniCPM-V 2_6: what one worker
                   process of a training's data loader delivers

Processor time is what counts where other programs share the machine.
"""

import argparse
import hashlib
import io
import json
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from PIL import Image, ImageDraw

from magenta_qa.finetune.dataset import stream_rows
from magenta_qa.finetune.dataset_build import build_dataset
from magenta_qa.finetune.examples import row_example
from magenta_qa.finetune.row import Row
from magenta_qa.model.schema import View

PAGES = 2_000
PER_SCREENSHOT = 20
VIEWPORT = (1280, 720)
BATCH = 16
READING = ("stream", "worker", "shuffled", "trained")
WORDS = [
    "order",
    "cart",
    "account",
    "price",
    "total",
    "delete",
    "save",
    "item",
    "street",
    "berlin",
    "lamp",
    "invoice",
    "customer",
    "ship",
    "paid",
    "open",
    "close",
]


def main() -> None:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="Where to work; a temporary folder by default.")
    parser.add_argument("--seconds", type=float, default=10, help="Processor time for which a worker is watched.")
    parser.add_argument("--links", type=int, default=1, help="Read each file as so many, which are links to it.")
    parser.add_argument("--only", choices=["build", *READING], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(_run(options.only, options.folder, options.workers, options.seconds)))
        return
    folder = options.folder or Path(tempfile.mkdtemp(prefix="bench-dataset-"))
    for rows in options.rows:
        make_log(folder, rows)
        print_line(rows, "build", measure("build", folder, options.workers, options.seconds))
        link(folder / "data" / "v1" / "data", options.links)
        for part in READING:
            print_line(rows * options.links, part, measure(part, folder, options.workers, options.seconds))
        shutil.rmtree(folder / "data")
    if not options.folder:
        shutil.rmtree(folder)


def link(folder: Path, times: int) -> None:
    """Make so many of each file that is trained on, which take no room."""
    for file in list(folder.glob("train-*.parquet")):
        for number in range(1, times):
            os.link(file, file.with_name(f"{file.stem}-{number:05d}.parquet"))


def measure(part: str, folder: Path, workers: int, seconds: float) -> dict[str, float]:
    """One part in a process of its own."""
    command = [sys.executable, __file__, "--only", part, "--folder", str(folder), "--workers", str(workers)]
    done = subprocess.run([*command, "--seconds", str(seconds)], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def print_line(rows: int, part: str, found: dict[str, float]) -> None:
    """One line of the table."""
    rates = [found["rows"] / found[clock] for clock in ("seconds", "processor")]
    took = f"{found['rows']:>9,.0f} rows in {found['seconds']:7.1f} s"
    speed = f"{rates[0]:>7,.0f} rows/s, {rates[1]:>7,.0f} a second of processor time"
    print(f"{rows:>9,}  {part:9} {took}  {speed}   {found['mib']:5.0f} MiB at most", flush=True)


def _run(part: str, folder: Path, workers: int, seconds: float) -> dict[str, float]:
    use = _collated() if part == "trained" else _shown
    started, before = time.perf_counter(), _processor()
    if part == "build":
        facts = build_dataset([str(folder)], str(folder / "data"), at="now", workers=workers).facts
        done = sum(facts["rows"].values())
    else:
        rows = stream_rows(str(folder / "data"), "train")
        rows = rows.shuffled(seed=1) if part in ("shuffled", "trained") else rows
        done = sum(1 for _ in rows) if part == "stream" else _consume(iter(rows), use, seconds)
    found = {"rows": done, "seconds": time.perf_counter() - started, "processor": _processor() - before}
    return found | {"mib": sum(usage.ru_maxrss for usage in _used()) / 1024}


def _used() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


def _processor() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in _used())


def _consume(rows: Iterator[Row], use: Callable[[list[Row]], object], seconds: float) -> int:
    """Batches of rows, until so much processor time is used up; how many rows they were."""
    done, until = 0, time.process_time() + seconds
    while time.process_time() < until and (batch := list(islice(rows, BATCH))):
        use(batch)
        done += len(batch)
    return done


def _shown(rows: list[Row]) -> None:
    for row in rows:
        row_example(row, View()).open_images()


def _collated() -> Callable[[list[Row]], object]:
    """What makes a batch of rows as a training takes it."""
    import torch

    from magenta_qa.finetune.training.batches import Collator, Rows
    from magenta_qa.model.minicpmv.families import family_of
    from magenta_qa.model.minicpmv.random_models import write_checkpoint

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        base = write_checkpoint("MiniCPM-V-2_6", Path(folder))
        processor = family_of(base).load_processor(base)
    encoder, collator = Rows([], processor, max_length=2048, max_slices=9), Collator(processor)
    return lambda rows: collator([encoder.encode(row_example(row, View())) for row in rows])


def make_log(folder: Path, rows: int) -> None:
    """Write the log, going on where a smaller one ended."""
    images = folder / "log" / "images"
    images.mkdir(parents=True, exist_ok=True)
    log = folder / "log" / "interactions.jsonl"
    there = sum(1 for _ in log.open("rb")) if log.exists() else 0
    pages = _pages(min(PAGES, rows // PER_SCREENSHOT))
    with log.open("a") as file:
        for number in range(there // PER_SCREENSHOT, rows // PER_SCREENSHOT):
            content = with_number(pages[number % len(pages)], number)
            sha = hashlib.sha256(content).hexdigest()
            (images / f"{sha}.webp").write_bytes(content)
            file.writelines(json.dumps(line) + "\n" for line in islice(_lines(number, sha), PER_SCREENSHOT))


def _pages(count: int) -> list[bytes]:
    chance, pages = random.Random(0), []
    for _ in range(count):
        image = Image.new("RGB", VIEWPORT, (250, 250, 252))
        draw = ImageDraw.Draw(image)
        for place in range(PER_SCREENSHOT):
            left, top = 40 + 300 * (place % 4), 60 + 120 * (place // 4)
            draw.rectangle((left, top, left + 140, top + 36), outline=(90, 90, 110), fill=(225, 230, 245))
            draw.text((left + 12, top + 12), " ".join(chance.choices(WORDS, k=3)), fill=(20, 20, 30))
            draw.text((left, top + 50), " ".join(chance.choices(WORDS, k=8)), fill=(60, 60, 70))
        out = io.BytesIO()
        image.save(out, "WEBP", quality=90, method=0)
        pages.append(out.getvalue())
    return pages


def with_number(webp: bytes, number: int) -> bytes:
    """The picture with a chunk that decoders skip, so that its bytes are its own."""
    chunk = b"mgta" + struct.pack("<IQ", 8, number)
    return webp[:4] + struct.pack("<I", len(webp) - 8 + len(chunk)) + webp[8:] + chunk


def _lines(number: int, sha: str) -> Iterator[dict[str, object]]:
    chance = random.Random(number)
    for place in range(PER_SCREENSHOT):
        name = " ".join(chance.choices(WORDS, k=3))
        around = " ".join(chance.choices(WORDS, k=60))
        yield {
            "v": 1,
            "id": f"{number:08x}{place:04x}",
            "session": "bench",
            "step": place,
            "at": "2026-11-22T21:52:41Z",
            "by": "agent",
            "site": "shop",
            "url": f"http://127.0.0.1:8000/{WORDS[number % 17]}/{WORDS[number // 17 % 17]}/{number}",
            "viewport": list(VIEWPORT),
            "dpr": 1,
            "image": sha,
            "box": [40 + 300 * (place % 4), 60 + 120 * (place // 4), 140, 36],
            "action_type": "click",
            "element_type": "button",
            "text": name,
            "html": f'<tr><td class="name">{around}</td><td><button title="{name}">{name}</button></td></tr>',
            "value": None,
            "locators": [],
            "goal": None,
            "step_text": f"Click {name}",
            "summary": f"Opens the {name} of the row.",
            "summary_source": "person",
            "confidence": 1.0,
            "effect": None,
        }


if __name__ == "__main__":
    main()
