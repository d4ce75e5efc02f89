"""How fast training is on one GPU: the original recipe against ours, random weights of the published sizes.

    python tests/bench/bench_finetune.py                            # one H100, about seven minutes
    python tests/bench/bench_finetune.py --size tiny --device cpu   # a try on any machine, in a minute

Each row of the table runs in a process of its own, so that no row can spoil another; with OUT set, what is known so far
is in `$OUT/finetune.json` after every row. Utilisation is model operations (`training/accounting.py`) a second over the
rate of a matrix product of 8192 × 8192 in bfloat16, measured in the same process. Rows are encoded beforehand: what is
measured is training, batches put together by the loader's processes included.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from speed.run import ATTENTION, Run

BIG, SMALL = "MiniCPM-V-2_6", "MiniCPM-V-4.6"
RECIPE_RATE = 1.23
"""Rows a second of a plain loop with the recipe's settings on one H100, if ours of it is slower."""
RECIPE = ("--train", "recipe", "--train_vision", "true", "--lora_target_modules", ATTENTION, "--learning_rate", "1e-6")
LORA = ("--train", "lora", "--lora_target_modules", ATTENTION)

RUNS = [
    Run(
        "the recipe",
        BIG,
        view="page",
        batch=1,
        steps=14,
        as_published=True,
        flags=(
            *RECIPE,
            *("--fp16", "true", "--gradient_checkpointing", "true", "--fused_kernels", "false"),
            *("--optim", "adamw_torch", "--torch_empty_cache_steps", "1", "--sort_by_length", "false"),
        ),
    ),
    Run("ours, the same view and weights", BIG, view="page", batch=8, flags=RECIPE, steps=9),
    Run("ours, crop, LoRA", BIG, view="crop", batch=32, flags=LORA),
    Run("ours, crop, LoRA on every layer", BIG, view="crop", batch=24),
    Run(
        "ours, crop, LoRA, --low_memory",
        BIG,
        view="crop",
        batch=8,
        flags=(*LORA, "--low_memory", "true"),
        steps=5,
        memory_gib=22,
    ),
    Run("ours, crop, LoRA", SMALL, view="crop", batch=64, flags=LORA, steps=40),
]
RUN_NUMBERS = {(run.model, run.name): number for number, run in enumerate(RUNS)}
SMALLEST_BATCH = 1
SECONDS_A_ROW = 300
PLAIN_SHARE = 8
"""The batch without libraries' kernels is so much smaller: PyTorch's linear attention holds many times the memory."""
ALLOCATOR = dict.fromkeys(("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF"), "expandable_segments:True")
"""So that memory that was freed in pieces can be used again as a whole; older and newer PyTorch's names for it."""


def main() -> int:
    """Measure all rows and print the table; returns the exit code."""
    options = _options()
    if options.row is not None:
        return _measure(options)
    began, results = time.monotonic(), []
    for run in RUNS:
        if options.only and options.only not in f"{run.model} {run.name}":
            continue
        left = options.seconds - (time.monotonic() - began)
        result = _measured_apart(_adapted(run, options), options, min(left, SECONDS_A_ROW))
        results.append(result)
        _save(results, options)
        print(json.dumps({name: value for name, value in result.items() if name != "losses"}), flush=True)
    print(f"\n{_table(results)}\n\n{_bars(results)}\n\nin all {time.monotonic() - began:.0f} s", flush=True)
    return 0 if all("error" not in result for result in results) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", choices=["real", "tiny"], default="real", help="of the models")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--only", default="", help="rows whose model and name have this in it")
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", ".")), help="where finetune.json goes")
    parser.add_argument("--seconds", type=float, default=540, help="after which no row is begun")
    for name, kind in (("--row", int), ("--batch", int), ("--answer", Path)):
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured_apart(run: Run, options: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """The row's figures from a process of its own; batches are made smaller until they fit."""
    batch, plain, deadline = run.batch, False, time.monotonic() + seconds
    while True:
        result = _in_a_process(replace(run, batch=batch), options, deadline - time.monotonic(), plain)
        if "error" not in result or time.monotonic() > deadline:
            return result
        if result["error"] == "out of memory" and batch > SMALLEST_BATCH:
            print(f"  {run.name}: a batch of {batch} does not fit", flush=True)
            batch = batch * 3 // 4 if batch > 4 else batch - 1
        elif not plain:
            print(f"  {run.name}: {result['error'][:300]}; once more without libraries' kernels", flush=True)
            plain, batch = True, max(SMALLEST_BATCH, run.batch // PLAIN_SHARE)
        else:
            return result


def _in_a_process(run: Run, options: argparse.Namespace, seconds: float, plain: bool) -> dict[str, Any]:
    failed = {"name": run.name, "model": run.model, "view": run.view, "batch": run.batch}
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, __file__, "--size", options.size, "--device", options.device]
        command += ["--row", str(RUN_NUMBERS[run.model, run.name]), "--batch", str(run.batch), "--answer", str(answer)]
        command += ["--plain"] if plain else []
        try:
            done = subprocess.run(command, timeout=max(10.0, seconds), env=os.environ | ALLOCATOR, check=False)
        except subprocess.TimeoutExpired:
            return failed | {"error": f"no result within {SECONDS_A_ROW} s"}
        if not answer.exists():
            return failed | {"error": f"the process ended with {done.returncode}"}
        return failed | json.loads(answer.read_text("utf-8"))


def _measure(options: argparse.Namespace) -> int:
    """One row, in this process."""
    import torch
    from speed.runs import matmul_rate, measure_run

    run = _adapted(RUNS[options.row], options)
    if options.plain:
        # transformers then takes its own linear attention.
        sys.modules["fla"] = None  # type: ignore[assignment]
        run = replace(run, flags=(*run.flags, "--fused_kernels", "false"))
    try:
        rate = matmul_rate(options.device)
        result = measure_run(replace(run, batch=options.batch), options.size, options.device)
        result["kernels"] = "PyTorch's" if options.plain else "libraries'"
        result["matmul_tflops"] = round(rate / 1e12, 1)
        result["utilisation"] = round(result["tflops_a_device"] * 1e12 / rate, 3)
        if options.device == "cuda":
            result["device"] = torch.cuda.get_device_name()
    except torch.OutOfMemoryError as error:
        print(f"  {run.name}: {error}", flush=True)
        result = {"error": "out of memory"}
    except Exception as error:
        traceback.print_exc()
        result = {"error": f"{type(error).__name__}: {error}"}
    options.answer.write_text(json.dumps(result), "utf-8")
    return 0


def _adapted(run: Run, options: argparse.Namespace) -> Run:
    return run if options.size == "real" else replace(run, batch=min(run.batch, 2), steps=min(run.steps, 4))


def _save(results: list[dict[str, Any]], options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "finetune.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")


def _table(results: list[dict[str, Any]]) -> str:
    head = (
        f"{'what':<34}{'model':<15}{'view':<6}{'batch':>6}{'rows/s':>9}{'tokens/s':>10}{'TFLOP/s':>9}{'of matmul':>11}"
    )
    lines = [f"{head}{'peak GiB':>10}"]
    for result in results:
        start = f"{result['name']:<34}{result['model']:<15}{result['view']:<6}{result['batch']:>6}"
        if "error" in result:
            lines.append(f"{start}  {result['error'][:80]}")
            continue
        lines.append(
            f"{start}{result['rows_a_second']:>9.2f}{result['tokens_a_second']:>10,.0f}{result['tflops_a_device']:>9.1f}"
            f"{result['utilisation']:>11.1%}{result['peak_gib'] or 0:>10.1f}"
        )
    return "\n".join(lines)


def _bars(results: list[dict[str, Any]]) -> str:
    """What is asked of the figures, and whether they hold it."""
    done = {(result["model"], result["name"]): result for result in results if "error" not in result}
    recipe = max(done.get((BIG, "the recipe"), {}).get("rows_a_second", 0.0), RECIPE_RATE)
    same, crop = done.get((BIG, "ours, the same view and weights")), done.get((BIG, "ours, crop, LoRA"))
    small = done.get((BIG, "ours, crop, LoRA, --low_memory"))
    lines = [f"the recipe's rate is taken as {recipe:.2f} rows/s, the larger of measured and {RECIPE_RATE}"]
    if same:
        lines.append(_bar("same view and weights / recipe", same["rows_a_second"] / recipe, 3))
    if crop:
        lines.append(_bar("crop, LoRA / recipe", crop["rows_a_second"] / recipe, 15))
        lines.append(_bar("utilisation of crop, LoRA", crop["utilisation"], 0.4))
    if small:
        lines.append(f"8 B with --low_memory: {small['peak_gib']} GiB at the peak, 22 allowed")
    return "\n".join(lines)


def _bar(what: str, value: float, least: float) -> str:
    return f"{what}: {value:.2f} (bar {least}) {'holds' if value >= least else 'MISSED'}"


if __name__ == "__main__":
    sys.exit(main())
