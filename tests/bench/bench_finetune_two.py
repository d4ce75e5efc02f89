"""Two GPUs against one: DeepSpeed through torchrun, the recipe's trainable set, random weights of the published sizes.

    python tests/bench/bench_finetune_two.py                            # two H100s or H200s, about eight minutes
    python tests/bench/bench_finetune_two.py --size tiny --device cpu   # a try on any machine

Three runs under torchrun: one process and two with ZeRO-2, which see the same rows in each of 50 steps, and two with
ZeRO-3; then the recipe's own script on a tiny model. With OUT set, what is known so far is in `$OUT/finetune_two.json`.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from speed.run import ATTENTION, Run

MODEL = "MiniCPM-V-2_6"
RECIPE = (
    *("--train", "recipe", "--train_vision", "true", "--lora_target_modules", ATTENTION),
    # Without dropout, which draws other numbers on other devices, both runs compute the same.
    # The recipe's own rate. At 1e-5 and more, fresh random weights amplify the order in which devices add up.
    *("--lora_dropout", "0", "--learning_rate", "1e-6", "--warmup_steps", "5"),
)
BATCH = 8
STEPS = 50
RUNS = {
    "one": (
        1,
        Run(
            "one, ZeRO-2",
            MODEL,
            "page",
            BATCH,
            (*RECIPE, "--deepspeed", "zero2", "--gradient_accumulation_steps", "6"),
            STEPS,
        ),
    ),
    "two": (
        2,
        Run(
            "two, ZeRO-2",
            MODEL,
            "page",
            BATCH,
            (*RECIPE, "--deepspeed", "zero2", "--gradient_accumulation_steps", "3"),
            STEPS,
        ),
    ),
    "three": (2, Run("two, ZeRO-3", MODEL, "page", BATCH, (*RECIPE, "--deepspeed", "zero3"), 6)),
}
"""Name → processes and what each does; the first two take 6 × `BATCH` rows a step."""
SCRIPT = Path(__file__).parents[1] / "recipe" / "finetune_lora.sh"
SPEEDUP = 1.85
CLOSENESS = 0.01


def main() -> int:
    """Run all and say whether the bars hold; returns the exit code."""
    options = _options()
    if options.part:
        return _work(options)
    began, results = time.monotonic(), {}
    for name, (processes, _) in RUNS.items():
        results[name] = _under_torchrun(name, processes, options)
        _save(results, options)
        shown = {key: value for key, value in results[name].items() if key != "losses"}
        print(f"{name}: {json.dumps(shown)}", flush=True)
    print(f"\n{_verdicts(results)}\n", flush=True)
    results["script"] = _recipe_script(options)
    _save(results, options)
    print(f"the recipe's script: {json.dumps(results['script'])}\nin all {time.monotonic() - began:.0f} s", flush=True)
    return 0 if all("error" not in result for result in results.values()) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", choices=["real", "tiny"], default="real", help="of the model")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--seconds", type=float, default=280, help="for each of the runs")
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", ".")), help="where the results go")
    parser.add_argument("--part", choices=list(RUNS), help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _work(options: argparse.Namespace) -> int:
    """One process of a run."""
    import torch
    from speed.runs import measure_run

    _, run = RUNS[options.part]
    run = replace(run, losses=True)
    if options.size == "tiny":
        run = replace(run, steps=6)
    result = measure_run(run, options.size, options.device)
    if int(os.environ["RANK"]) == 0:
        options.answer.write_text(json.dumps(result), "utf-8")
    torch.distributed.destroy_process_group()
    return 0


def _under_torchrun(name: str, processes: int, options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [*_torchrun(processes), __file__, "--size", options.size, "--device", options.device]
        command += ["--part", name, "--answer", str(answer)]
        allocator = dict.fromkeys(("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF"), "expandable_segments:True")
        try:
            code = _waited_for(command, os.environ | allocator, options.seconds)
        except subprocess.TimeoutExpired:
            return {"error": f"no result within {options.seconds:.0f} s"}
        return json.loads(answer.read_text("utf-8")) if answer.exists() else {"error": f"torchrun ended with {code}"}


def _torchrun(processes: int) -> list[str]:
    return [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]


def _waited_for(command: list[str], environment: dict[str, str], seconds: float) -> int:
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            return process.wait(seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _save(results: dict[str, Any], options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "finetune_two.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")


def _verdicts(results: dict[str, Any]) -> str:
    lines = [
        f"{result['name']:<14}{result['rows_a_second']:>8.2f} rows/s  {result['tflops_a_device']:>6.1f} TFLOP/s each  "
        f"{result['peak_gib'] or 0:>5.1f} GiB at the peak  loss {result['losses'][0]:.3f} to {result['losses'][-1]:.3f}"
        for result in results.values()
        if "error" not in result
    ]
    one, two = results["one"], results["two"]
    if "error" in one or "error" in two:
        return "\n".join([*lines, "one and two cannot be compared"])
    ratio = two["rows_a_second"] / one["rows_a_second"]
    lines.append(f"two / one: {ratio:.3f} (bar {SPEEDUP}) {'holds' if ratio >= SPEEDUP else 'MISSED'}")
    apart = [abs(b - a) / a for a, b in zip(one["losses"], two["losses"], strict=True)]
    mean = abs(sum(two["losses"]) - sum(one["losses"])) / sum(one["losses"])
    holds = "holds" if max(apart) <= CLOSENESS else "MISSED"
    lines.append(
        f"losses over {len(apart)} steps: {max(apart):.3%} apart at most, {mean:.3%} on average "
        f"(bar {CLOSENESS:.0%}) {holds}"
    )
    return "\n".join(lines)


def _recipe_script(options: argparse.Namespace) -> dict[str, Any]:
    """Start `finetune_lora.sh`, changed only in GPUS_PER_NODE, paths and the module, and stop it after some steps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = _records(folder)
        text = SCRIPT.read_text("utf-8").replace("GPUS_PER_NODE=8", "GPUS_PER_NODE=2")
        text = text.replace('MODEL="openbmb/MiniCPM-V-2_6"', f'MODEL="{folder / "model"}"')
        text = re.sub(r'DATA="path/to/\w+"', f'DATA="{data}"', text)
        text = text.replace(" finetune.py ", " -m magenta_qa.finetune.train ")
        (folder / "finetune_lora.sh").write_text(text, "utf-8")
        log = folder / "log"
        folder_of_python = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "finetune_lora.sh"],
                cwd=folder,
                env=os.environ | {"PATH": folder_of_python},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            deadline = time.monotonic() + options.seconds
            while process.poll() is None and time.monotonic() < deadline and _losses(log) < 5:
                time.sleep(1)
            with contextlib.suppress(ProcessLookupError):  # it may have ended by itself, and its log says why
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        said = log.read_text("utf-8", "replace")
        lines = [line for line in said.splitlines() if "magenta:" in line or "'loss'" in line]
        print("\n".join(lines[:25]), flush=True)
        found = {"losses": _losses(log), "stopped_with_checkpoint": "stopped; its state is in" in said}
        # torchrun's own account of what failed comes last and is long: the cause stands above it.
        error = re.compile(r"(\[rank\d+\]: )?(\w+\.)*\w*(Error|Exception)\b")
        causes = [line for line in said.splitlines() if error.match(line)]
        return found if found["losses"] else found | {"error": "\n".join(causes[:5]) or said[-1500:]}


def _losses(log: Path) -> int:
    return log.read_text("utf-8", "replace").count("'loss':")


def _records(folder: Path) -> Path:
    """A tiny model and MiniCPM records for the script."""
    from PIL import Image

    from magenta_qa.model.minicpmv.random_models import write_checkpoint

    write_checkpoint(MODEL, folder / "model")
    records = []
    for number in range(16):
        Image.effect_noise((640, 480), 60 + number).convert("RGB").save(folder / f"{number}.png")
        turns = [("user", f"<image>\nWhat does element {number} do?"), ("assistant", f"Opens page {number}.")]
        conversation = [{"role": role, "content": content} for role, content in turns]
        records.append({"id": str(number), "image": str(folder / f"{number}.png"), "conversations": conversation})
    data = folder / "records.json"
    data.write_text(json.dumps(records), "utf-8")
    return data


if __name__ == "__main__":
    sys.exit(main())
