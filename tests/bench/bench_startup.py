"""What the plugin adds to pytest's start-up in an empty project, side by side in alternating runs.

    python tests/bench/bench_startup.py [rounds]

                                             wall      CPU
    pytest                                 142 ms   130 ms
    pytest + pytest-playwright             402 ms   380 ms
    pytest + pytest-playwright + magenta   421 ms   395 ms
    magenta adds                            19 ms    15 ms   (aim: under 50 ms)

Each round starts every variant once, so that a busy machine is busy for all; the last line is the median of the rounds'
differences. The CPU time is the one to trust where other work is running.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from magenta_qa.agent.cli import is_registered

AIM_MS = 50
ROUNDS = 21
PLUGIN = "magenta_qa.agent.pytest_plugin"
WITHOUT = ("-p", "no:magenta")
VARIANTS = {
    "pytest": (*WITHOUT, "-p", "no:playwright"),
    "pytest + pytest-playwright": WITHOUT,
    "pytest + pytest-playwright + magenta": () if is_registered() else ("-p", PLUGIN),
}


def main(rounds: int = ROUNDS) -> None:
    """Print the medians."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in VARIANTS}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        for _ in range(rounds):
            for name, options in VARIANTS.items():
                times[name].append(_start(options, folder))
    print(f"{'':36}{'wall':>8}{'CPU':>9}")
    for name, measured in times.items():
        _print(name, measured)
    _, without, ours = times.values()
    added = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(without, ours, strict=True)]
    _print("magenta adds", added, f"(aim: under {AIM_MS} ms; {rounds} rounds)")


def _print(name: str, measured: list[tuple[float, float]], remark: str = "") -> None:
    wall, cpu = (statistics.median(column) for column in zip(*measured, strict=True))
    print(f"{name:36}{wall:5.0f} ms{cpu:6.0f} ms   {remark}".rstrip())


def _start(options: tuple[str, ...], folder: str) -> tuple[float, float]:
    """Wall and CPU time of one pytest run, ms."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "MAGENTA_"))}
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (time.perf_counter() - started) * 1_000, cpu * 1_000


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
