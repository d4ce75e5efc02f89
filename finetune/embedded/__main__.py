"""The commands of the package; see its docstring."""

import argparse
import gc
import json
import os
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from magenta_qa.finetune.embedded.checkpoint import SIZES, write_blank_checkpoint
from magenta_qa.finetune.embedded.exam import examine, table
from magenta_qa.finetune.embedded.feed import Feed
from magenta_qa.finetune.embedded.packed import known_values, load_split
from magenta_qa.finetune.embedded.plan import Plan
from magenta_qa.finetune.embedded.pupil import Watch, measure_pace, train
from magenta_qa.finetune.embedded.screens import Screens
from magenta_qa.finetune.embedded.tokenizer import train_tokenizer
from magenta_qa.model.errors import ConfigError, MagentaError
from magenta_qa.model.minicpmv.families import family_of

STARTED = time.monotonic()
LOOP_SHARE = 0.86
"""How fast the trainer is at least beside plain steps."""
USUAL = Plan(steps=1)
ACTIVATIONS = 12_000_000_000
"""Bytes of the device that screens leave to the model and its batches."""
SHARD = "15MB"
"""Of the weights that come out: files that travel."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except MagentaError as error:
        print(f"error: {error}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m magenta_qa.finetune.embedded", description=__doc__)
    commands = parser.add_subparsers(required=True)
    start = commands.add_parser("start", help="learn the tokenizer and write the blank model")
    start.add_argument("corpora", type=Path, nargs="+")
    start.add_argument("--out", type=Path, required=True)
    start.add_argument("--size", choices=sorted(SIZES), default="shipped")
    start.add_argument("--rows", type=int, default=20_000, help="of each kind at most, spread evenly over those there")
    start.set_defaults(run=_start)
    packing = commands.add_parser("pack", help="pack corpora for travelling")
    packing.add_argument("corpora", type=Path, nargs="+")
    packing.add_argument("--base", type=Path, required=True)
    packing.add_argument("--out", type=Path, required=True)
    packing.add_argument("--processes", type=int, default=1, help="that clean HTML and encode")
    packing.set_defaults(run=_pack)
    training = commands.add_parser("train", help="train, or go on with it, and examine what came of it")
    _add_model(training, "--base")
    training.add_argument("--work", type=Path, required=True, help="checkpoints, to go on from")
    training.add_argument("--seconds", type=float, default=900, help="of training in all, at the rate measured first")
    training.add_argument("--steps", type=int, help="of training, instead of --seconds")
    training.add_argument("--full", type=int, default=USUAL.full, help="rows of a step with text and HTML")
    training.add_argument("--bare", type=int, default=USUAL.bare, help="rows of a step of which the picture tells")
    training.add_argument("--learning-rate", type=float, default=USUAL.learning_rate)
    training.add_argument(
        "--recoloured", type=float, default=USUAL.recoloured, help="share of pictures in other colours"
    )
    training.add_argument(
        "--further", action="store_true", help="the base has learned to read: as hard as it gets from the first step on"
    )
    training.add_argument(
        "--stop-after", type=float, default=480, help="seconds from the start: save, stop, go on later"
    )
    training.set_defaults(run=_train)
    exam = commands.add_parser("examine", help="print the table of a trained model")
    _add_model(exam, "--model")
    exam.set_defaults(run=lambda o: _report(_load(o.model), o.model, o))
    return parser


def _add_model(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", "build/embedded/out")), help="results")
    parser.add_argument("--split", default="test", help="to be examined on")
    parser.add_argument("--elements", type=int, default=2000, help="of the examination")
    parser.add_argument("--workers", type=int, help="threads that decode screens; default: all of the machine's")


def _start(options: argparse.Namespace) -> None:
    from magenta_qa.finetune.embedded.corpora import texts

    tokenizer = train_tokenizer(texts(options.corpora, options.rows))
    count = write_blank_checkpoint(options.out, tokenizer, SIZES[options.size])
    say(f"{len(tokenizer):,} tokens, {count:,} parameters")


def _pack(options: argparse.Namespace) -> None:
    # What reads a corpus is not needed where a model is trained.
    from magenta_qa.finetune.embedded.pack import pack

    pack(options.corpora, options.base, options.out, say, options.processes)


def _train(options: argparse.Namespace) -> None:
    model = _trained(options)
    if not _devices().is_main_process:
        return
    if model is None:
        say("stopped in time, state saved; the same command goes on from here")
        return
    folder = options.out / "model"
    model.to(torch.bfloat16).save_pretrained(folder, max_shard_size=SHARD)
    family_of(options.base).save_processor(options.base, folder)
    say(f"weights in {folder}")
    gc.collect()  # the screens that were trained on make room for others
    _report(model.float(), options.base, options)


def _trained(options: argparse.Namespace) -> Any:  # noqa: ANN401 - a model; None when it was stopped
    devices = _devices()
    on_gpu = devices.device.type == "cuda"
    say(f"{devices.num_processes} × {torch.cuda.get_device_name()}" if on_gpu else "no GPU: on the CPU")
    options.work.mkdir(parents=True, exist_ok=True)
    split = load_split(options.packs, "train", options.base)
    say(f"{len(split.elements):,} elements on {len(split.screens):,} screens")
    split = split.part(devices.process_index, devices.num_processes)
    room = torch.cuda.mem_get_info()[0] - ACTIVATIONS if on_gpu else None
    screens = Screens(split.sizes, split.screens, devices.device, _workers(options), room)
    say("screens decoded")
    plan = Plan(
        *(1, options.full, options.bare, options.learning_rate, options.recoloured),
        seed=devices.process_index,
        further=options.further,
    )
    feed = Feed(split, screens, plan, options.base)
    plan = broadcast_object_list([_planned(options, feed) if devices.is_main_process else None])[0]
    feed.plan = replace(plan, seed=devices.process_index)
    watch = Watch(feed, STARTED + options.stop_after, say)
    model = train(options.base, options.work / "run", feed, plan, watch)
    return None if watch.stop.asked else model


def _devices() -> PartialState:
    """This process among those of the run, and its device; torchrun starts one for each GPU."""
    return PartialState(cpu=not torch.cuda.is_available())


def _workers(options: argparse.Namespace) -> int:
    workers: int | None = options.workers
    return workers or max(1, (os.cpu_count() or 2) // int(_devices().num_processes))


def _planned(options: argparse.Namespace, feed: Feed) -> Plan:
    """The plan of an earlier call that is to be gone on with, else one from the pace measured now."""
    file = options.work / "plan.json"
    if file.exists():
        try:
            plan = Plan(**json.loads(file.read_text("utf-8")))
        except TypeError as error:
            raise ConfigError(
                f"{file} is of another version ({error}); expected one of this version; choose a new --work"
            ) from error
        say(f"goes on with the plan in {file}: {plan.steps} steps")
        return plan
    steps = options.steps
    if steps is None:
        model = family_of(options.base).load_model(options.base, dtype=torch.float32, device=feed.device)
        pace = measure_pace(model, feed)
        steps = max(10, round(LOOP_SHARE * options.seconds / pace.step))
        say(f"{pace.step * 1000:.0f} ms a step, {pace.data * 1000:.0f} ms of them for its data: {steps} steps")
    plan = replace(feed.plan, steps=steps, save_steps=max(5, steps // 4))
    file.write_text(json.dumps(asdict(plan)), "utf-8")
    return plan


def _load(folder: Path) -> Any:  # noqa: ANN401 - a model
    return family_of(folder).load_model(folder, dtype=torch.float32, device=_devices().device)


def _report(model: Any, base: Path, options: argparse.Namespace) -> None:  # noqa: ANN401
    """Examine, print the table, write it down."""
    split = load_split(options.packs, options.split, base)
    screens = Screens(split.sizes, split.screens, next(model.parameters()).device, _workers(options))
    there, trained = (known_values(options.packs, each, base) for each in (options.split, "train"))
    held = {name: there[name] - trained[name] for name in there}
    results = examine(model, Feed(split, screens, Plan(1), base), held, options.elements)
    print(table(results))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "exam.json").write_text(json.dumps([asdict(result) for result in results], indent=2), "utf-8")


def say(text: str) -> None:
    """A line with the time since the start, from the first of several processes."""
    if _devices().is_main_process:
        print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
