"""How fast `local:` describes a page on one GPU, with no more memory than an L4 has; random weights of the real sizes.

    python tests/bench/bench_serve.py                             # one H100, about five minutes
    python tests/bench/bench_serve.py --size tiny --device cpu    # a try on any machine

View `crop`: each of a page's 40 elements is a picture of 448×448 and a prompt of 465 tokens; 20 tokens are written. The
page's time is from pictures and prompts to sentences. Beside it: transformers' own loop, one element at a time and in
batches of 32; the least that operations and weights take at the rates of a matrix product and of a copy measured in
the same process; and what the same sum gives with an L4's figures on paper, a bound that nobody has measured. Each
model has a process of its own. `$OUT/serve.json` has all figures.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import checkout  # noqa: F401

BIG, SMALL = "MiniCPM-V-2_6", "MiniCPM-V-4.6"
BARS = {BIG: (1.2, 60), SMALL: (0.7, 150)}
"""Seconds of a page at most, elements a second to aim at."""
BATCHES = (8, 16, 32, 40, 64, 96, 128, 192, 256)
MEMORY_GIB = 22
GRACE_S = 600
"""For building and plain generation; far more than an idle machine takes."""


def main() -> int:
    """Measure both models and print the table; returns the exit code."""
    options = _options()
    if options.model:
        return _measure(options)
    results = []
    for model in (BIG, SMALL):
        if options.only in model:
            results.append(_in_a_process(model, options))
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / "serve.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    print(f"\n{_table(results)}", flush=True)
    return 0 if all("error" not in result for result in results) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", choices=["real", "tiny"], default="real")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--only", default="", help="the model whose name has this in it")
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", ".")))
    parser.add_argument("--seconds", type=float, default=60, help="of trying batches, for each model")
    parser.add_argument("--plain", action="store_true", help="without flash-linear-attention and Liger's kernels")
    parser.add_argument("--model", help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process(model: str, options: argparse.Namespace) -> dict[str, Any]:
    answer = options.out.absolute() / f".{model}.json"
    options.out.mkdir(parents=True, exist_ok=True)
    answer.unlink(missing_ok=True)
    given = [*sys.argv[1:], "--model", model, "--answer", str(answer)]
    try:
        subprocess.run([sys.executable, __file__, *given], timeout=options.seconds + GRACE_S, check=False)
    except subprocess.TimeoutExpired:
        print(f"  {model}: not done within {options.seconds + GRACE_S:.0f} s", flush=True)
    found: dict[str, Any] = json.loads(answer.read_text("utf-8")) if answer.exists() else {"error": "no answer"}
    answer.unlink(missing_ok=True)
    return {"model": model, **found}


def _measure(options: argparse.Namespace) -> int:
    """One model, in this process."""
    if options.plain:
        # transformers then takes its own linear attention.
        sys.modules["fla"] = None  # type: ignore[assignment]
    from speed.writing import measure_model

    tiny = options.size == "tiny"
    try:
        found = measure_model(
            options.model,
            options.size,
            options.device,
            memory_gib=MEMORY_GIB,
            batches=BATCHES[:2] if tiny else BATCHES,
            seconds=options.seconds,
            libraries=not options.plain,
            say=lambda text: print(text, flush=True),
        )
        found["date"] = time.strftime("%Y-%m-%d")
        found["kernels"] = "PyTorch's" if options.plain else "libraries'"
    except Exception as error:
        traceback.print_exc()
        found = {"error": f"{type(error).__name__}: {error}"[:500]}
    options.answer.write_text(json.dumps(found), "utf-8")
    return 0


def _table(results: list[dict[str, Any]]) -> str:
    lines = []
    for found in results:
        if "error" in found:
            lines.append(f"{found['model']}: {found['error']}")
            continue
        bar, aim = BARS[found["model"]]
        rates = {batch: rate for batch, rate in found["rates"].items() if rate}
        best = max(rates, key=lambda batch: rates[batch], default="-")
        lines += [
            f"{found['model']}, {found['weights'] / 1e9:.1f} B random weights, {found.get('device', 'CPU')}, "
            f"{found['date']}, {found['kernels']} kernels, at most {MEMORY_GIB} GiB",
            f"  a page of 40: {found['page_s']:.2f} s (bar {bar}), {found['of_it_prepared_s']:.2f} of it prepared; "
            f"the first {found['first_page_s']:.2f} s; prompts of mixed lengths {found['mixed_page_s']:.2f} s",
            f"    least by measured rates: {found['least_page_s']:.2f} s "
            f"({found['matmul_tflops']} TFLOP/s, {found['copy_gb_s']} GB/s)",
            f"    an L4, bound, not measured: {found['l4_least_page_s']:.2f} s",
            f"  sustained: {rates.get(best)} elements/s in batches of {best} (aim {aim}); most by operations "
            f"{found['most_a_second']}; an L4, bound, not measured: {found['l4_most_a_second']}",
            f"    by batch: {', '.join(f'{batch}: {rate}' for batch, rate in found['rates'].items())}",
            f"  transformers' loop, seconds an element: {found['plain_one_s']} one at a time, {found['plain_32_s']} in "
            f"batches of 32; answers equal to its: {found.get('equal_answers')}",
            f"  peak {found.get('peak_gib')} GiB",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
