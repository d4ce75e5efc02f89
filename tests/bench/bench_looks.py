"""Does it look? A small MiniCPM-V learns from scratch to name the outlined element of a picture, without any HTML.

    python tests/bench/bench_looks.py                       # one H100: 9 minutes, all included
    python tests/bench/bench_looks.py --toy                 # CPU: a minute, to see that the code runs; learns nothing

Pages are drawn with Pillow and kept on the GPU; windows, outlines and batches are made there. The trainer is the
project's. Asked about pages with words and strings that it has never seen, the model must

    name the outlined element                       aim ≥ 80 %
    follow the outline when it moves to a neighbour aim ≥ 70 %
    fall to chance when no outline is drawn         aim: no more than chance

and the pictures are the same in all three. What is interrupted, or stopped by --stop-after, goes on when called again.
Results: OUT/looks.json, looks.png (looked at by people), and with --keep the weights in bfloat16. With them the small
model begins (--base is then what `embedded start` wrote): it does not learn to look from the corpus alone.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import checkout  # noqa: F401, I001 - before anything of magenta_qa
import torch
from looks.checkpoint import SMALL, TOY, build_tokenizer
from looks.exam import Exam, answers, draw_exam, examine
from looks.feed import Feed
from looks.pages import find_fonts
from looks.pupil import PLAIN, Plan, Watch, measure_rate, train
from looks.sheet import save_sheet
from looks.shelf import Shelf, draw_shelf
from looks.views import Views

from magenta_qa.finetune.bootstrap import Interval
from magenta_qa.finetune.embedded.checkpoint import Size, write_blank_checkpoint
from magenta_qa.model.minicpmv.families import family_of

STARTED = time.monotonic()
TEST_SEED = 10_000_000
"""Of the first held-out page; training pages have smaller seeds."""
LOOP_SHARE = 0.86
"""How fast the trainer is at least beside plain steps."""
AIMS = {"named": 0.8, "followed": 0.7}


def main() -> None:
    """Draw, train, examine, print one table."""
    options = _options()
    size, workers = (TOY, 2) if options.toy else (SMALL, max(1, (os.cpu_count() or 2) - 1))
    for folder in (options.out, options.work):
        folder.mkdir(parents=True, exist_ok=True)
    _say(f"fonts: {', '.join(map(_stem, find_fonts()))}")
    # Processes are forked before CUDA is first used.
    shelves = [_draw(options.pages, 0, workers, plain=PLAIN), _draw(options.test_pages, TEST_SEED, workers)]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    _say(torch.cuda.get_device_name() if device == "cuda" else "no GPU: on the CPU")
    blank = options.base or _blank(options.work, size)
    learning, testing = (
        Feed(Views(shelf, device), shelf.names, family_of(blank).load_processor(blank)) for shelf in shelves
    )
    plan = _plan(options, blank, learning)
    exam = draw_exam(testing, options.questions, seed=1)
    quick = draw_exam(testing, min(options.questions, 512), seed=2)
    names = shelves[1].names

    wanted = [names[i] for i in quick.outlined.tolist()]

    def look(model: Any, step: int) -> None:
        shares = []
        for windows in (quick.windows, testing.views.near(quick.outlined, 0, torch.Generator(device))):
            pictures = testing.views.pictures(quick.outlined, windows)
            said = answers(model.eval(), testing, lambda part, of=pictures: of[part], len(pictures))
            shares.append(sum(one == name for one, name in zip(said, wanted, strict=True)) / len(said))
        _say(f"step {step:6} of {plan.steps}: names {shares[0]:.1%} of {len(said)}, {shares[1]:.1%} in the middle")
        model.train()

    watch = Watch(learning, plan, STARTED + options.stop_after, look)
    model = train(blank, options.work / "run", learning, plan, watch)
    if watch.stop.asked:
        _say("stopped in time, state saved; the same command goes on from here")
    results = examine(model.eval(), testing, names, exam)
    _report(results, options.out, plan, {"stopped": watch.stop.asked, "device": device})
    _save_sheet(model, testing, exam, names, options.out)
    if options.keep:
        model.to(torch.bfloat16).save_pretrained(options.out / "model", max_shard_size="15MB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=80_000, help="drawn for training")
    parser.add_argument("--test-pages", type=int, default=1000)
    parser.add_argument("--questions", type=int, default=3000, help="of the examination, for each condition")
    parser.add_argument("--pairs", type=int, default=128, help="of pictures in a step")
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--seconds", type=float, default=490, help="of training, at the rate measured first")
    parser.add_argument("--steps", type=int, help="of training, instead of --seconds")
    parser.add_argument(
        "--stop-after", type=float, default=560, help="seconds from the start at which to save and stop"
    )
    parser.add_argument("--work", type=Path, default=Path("build/looks"), help="checkpoints, to go on from")
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", "build/looks")), help="results")
    parser.add_argument(
        "--base", type=Path, help="checkpoint to begin with, of 4x at 224×224; else one made from nothing"
    )
    parser.add_argument("--keep", action="store_true", help="keep the weights in OUT/model")
    parser.add_argument("--toy", action="store_true", help="a tiny model and few pages, for the CPU")
    options = parser.parse_args()
    if options.toy:
        options.pages, options.test_pages, options.questions = 200, 40, 64
        options.pairs, options.steps = 8, options.steps or 12
        options.work = options.work / "toy"
    return options


def _draw(pages: int, seed: int, workers: int, plain: float = 0.0) -> Shelf:
    started = time.monotonic()
    shelf = draw_shelf(pages, first_seed=seed, held_out=seed >= TEST_SEED, workers=workers, plain=plain)
    _say(f"drew {pages} pages with {len(shelf.names)} elements in {time.monotonic() - started:.1f} s")
    return shelf


def _blank(work: Path, size: Size) -> Path:
    blank = work / "blank"
    if not (blank / "processor_config.json").exists():
        _say(f"made a model of {write_blank_checkpoint(blank, build_tokenizer(), size) / 1e6:.1f} M parameters")
    return blank


def _plan(options: argparse.Namespace, blank: Path, feed: Feed) -> Plan:
    """The plan of an earlier call that is to be gone on with, else one from the rate measured now."""
    file = options.work / "plan.json"
    if file.exists() and (options.work / "run").exists():
        plan = Plan(**json.loads(file.read_text("utf-8")))
        _say(f"goes on with the plan in {file}: {plan.steps} steps")
        return plan
    steps = options.steps
    if steps is None:
        model = family_of(blank).load_model(blank, dtype=torch.float32, device=feed.views.device)
        rate = measure_rate(model, feed, options.pairs)
        steps = round(LOOP_SHARE * options.seconds * rate / (2 * options.pairs))
        _say(f"{rate:,.0f} pictures/s: {steps} steps of {2 * options.pairs} pictures in {options.seconds:.0f} s")
    plan = Plan(
        steps=steps,
        pairs=options.pairs,
        learning_rate=options.learning_rate,
        look_steps=max(6, steps // 20),
        save_steps=max(6, steps // 4),
    )
    file.write_text(json.dumps(asdict(plan)), "utf-8")
    return plan


def _report(results: dict[str, Interval], out: Path, plan: Plan, run: dict[str, Any]) -> None:
    rows = {name: asdict(result) for name, result in results.items()}
    (out / "looks.json").write_text(json.dumps({"plan": asdict(plan), **run, "results": rows}, indent=2), "utf-8")
    print(f"\n{'':24}   share   95 % interval   aim")
    for name, result in results.items():
        aim = f"≥ {AIMS[name]:.0%}" if name in AIMS else "chance" if name == "erased" else ""
        print(f"{name:24} {result.value:7.1%}   {result.low:5.1%} – {result.high:5.1%}   {aim}")
    reached = all(results[name].value >= aim for name, aim in AIMS.items())
    fell = results["erased"].low <= results["chance"].high
    _say("every aim is reached" if reached and fell else "not every aim is reached")


def _save_sheet(model: Any, feed: Feed, exam: Exam, names: tuple[str, ...], out: Path) -> None:
    """Twenty windows, each with its element outlined, then with the neighbour, then with nothing."""
    few = slice(0, 20)
    own, other, windows = exam.outlined[few], exam.moved_to[few], exam.windows[few]
    pictures = torch.cat(
        [
            feed.views.pictures(own, windows),
            feed.views.pictures(other, windows),
            feed.views.pictures(own, windows, outlined=False),
        ]
    )
    said = answers(model, feed, lambda part: pictures[part], len(pictures))
    wanted = [names[i] for i in torch.cat([own, other, own]).tolist()]
    save_sheet(out / "looks.png", pictures, said, wanted)


def _stem(path: str) -> str:
    return Path(path).stem if path else "Pillow's own"


def _say(text: str) -> None:
    print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
