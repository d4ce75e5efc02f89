"""A suite of 200 scenarios on two workers: time, memory of workers and browsers, size of the report.

    python tests/bench/bench_scale.py [--scenarios 200] [--workers 2] [--alone 50]

The scenarios (three actions, two expectations, each on a page of its own with 60 controls) run over a small application
on the loopback interface. Memory is sampled from /proc: RSS of the workers, PSS of the browsers and their drivers,
which share pages. The speed-up compares with `--alone` of the scenarios on one worker, time for time of one scenario.
Prints, and ends with 1 if a scenario did not pass, a bound was missed or a process was left behind:

    16 scenarios, 2 workers: 70 s; 4 on one worker: 32 s (7.93 s each); speed-up 1.82
    workers   MB  53 155 345 463 519 529 541 542 520 189   last quarter / second quarter 0.68
    report 0.6 MB
"""

import argparse
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

from magenta_qa.agent.reports.traces import load_traces

MAX_REPORT_MB = 20
MAX_GROWTH = 1.15
"""Last quarter of the run over its second quarter; the first one starts browsers."""
MAX_SECONDS = 900
SAMPLE_SECONDS = 1.0
PARTS = 10


def page(number: int) -> str:
    """A product with a form, among other things to click."""
    hue = number * 37 % 360
    others = "".join(f"<li><a href='/item/{n}'>Item {n}</a> <button>Watch {n}</button></li>" for n in range(28))
    return f"""<!doctype html><title>Item {number}</title><link rel=icon href=data:,><style>
        body {{ font: 16px sans-serif }} .picture {{ width: 400px; height: 160px; background: linear-gradient(
        {number * 3}deg, hsl({hue} 80% 60%), hsl({hue + 90} 70% 40%), hsl({hue + 200} 60% 70%)) }}</style>
        <h1>Item {number}</h1><div class=picture></div>
        <form onsubmit="event.preventDefault(); cart.textContent = `${{q.value}} of item {number} for ${{who.value}}`">
        <label>Quantity <input id=q></label> <label>Name <input id=who></label> <button>Add to cart</button></form>
        <section aria-label=Cart><p id=cart>Your cart is empty</p></section><ul>{others}</ul>"""


class App(http.server.BaseHTTPRequestHandler):
    """Pages /item/NUMBER."""

    def do_GET(self) -> None:
        body = page(int(re.sub(r"\D", "", self.path) or 0)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are no news."""


@contextmanager
def app() -> Iterator[str]:
    """Serve it; gives the base URL."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def write_suite(folder: Path, count: int) -> None:
    """`count` scenario files."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    for n in range(count):
        steps = [f"Fill Quantity with {n + 2}", f"Fill Name with Ada {n}", "Add it to the cart"]
        expect = [f'the page shows "{n + 2} of item {n} for Ada {n}"', 'the page does not show "Your cart is empty"']
        text = json.dumps({"name": f"Item {n} is bought", "url": f"/item/{n}", "steps": steps, "expect": expect})
        (folder / f"item_{n:03}.scenario.yaml").write_text(text)


@dataclass
class Memory:
    """MB at each sample."""

    workers: list[float] = field(default_factory=list)
    browsers: list[float] = field(default_factory=list)
    processes: set[int] = field(default_factory=set)

    def sample(self, root: int) -> None:
        """Add up the descendants of a process."""
        found = dict(_descendants(root))
        self.processes |= set(found)
        workers = browsers = 0.0
        for pid, command in found.items():
            if re.search(r"chrom|headless|node$", command):
                browsers += _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss") / 1024
            elif "python" in command:
                workers += _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS") / 1024
        self.workers.append(workers)
        self.browsers.append(browsers)


def _descendants(root: int) -> Iterator[tuple[int, str]]:
    """(pid, command) of a process and everything below it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue  # it has just ended
    for pid in parents:
        at = pid
        while at not in (0, 1, root):
            at = parents.get(at, 0)
        if at == root:
            try:
                yield pid, Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0]
            except OSError:
                continue


def _kilobytes(path: Path, key: str) -> float:
    try:
        found = re.search(rf"^{key}:\s+(\d+)", path.read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return float(found[1]) if found else 0.0


def run(folder: Path, url: str, workers: int, files: list[str]) -> tuple[float, Memory, int]:
    """Run scenarios; returns (seconds, memory, exit code)."""
    command = [sys.executable, "-m", "magenta_qa.agent.cli", "run", *files, f"--base-url={url}", f"-n{workers}"]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    memory = Memory()
    while process.poll() is None:
        memory.sample(process.pid)
        time.sleep(SAMPLE_SECONDS)
    return time.monotonic() - started, memory, process.returncode


def growth(samples: list[float]) -> float:
    """Mean of the last quarter, without the end where workers stop, over the mean of the second quarter."""
    kept = samples[: max(4, len(samples) - 10)]
    quarter = len(kept) // 4
    return mean(kept[-quarter:]) / max(1.0, mean(kept[quarter : 2 * quarter]))


def parts(samples: list[float]) -> str:
    """The run in ten means."""
    size = max(1, len(samples) // PARTS)
    return " ".join(f"{mean(samples[at : at + size]):.0f}" for at in range(0, size * PARTS, size) if samples[at:])


def left_behind(memory: Memory) -> list[int]:
    """Processes of the run that are still there some seconds after it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in memory.processes):
        time.sleep(0.2)
    return [pid for pid in memory.processes if Path(f"/proc/{pid}").exists()]


def main() -> int:
    """Run, print, and say whether every bound was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--alone", type=int, default=50, help="how many of them are run on one worker, to compare")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, app() as url:
        folder = Path(name)
        write_suite(folder, options.scenarios)
        files = sorted(path.name for path in folder.glob("*.scenario.yaml"))
        alone, _, _ = run(folder, url, 1, files[: options.alone])
        seconds, memory, code = run(folder, url, options.workers, files)
        report_mb = (folder / ".magenta" / "report.html").stat().st_size / 1e6
        traces = load_traces(max((folder / ".magenta" / "runs").iterdir()))
        left = left_behind(memory)
    verdicts: dict[str, Any] = {}
    for trace in traces:
        verdicts[trace.verdict] = verdicts.get(trace.verdict, 0) + 1
    each = alone / options.alone
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} (5 min)")
    print(f"verdicts {verdicts}, exit code {code}, processes left behind {len(left)}")
    print(
        f"{options.scenarios} scenarios, {options.workers} workers: {seconds:.0f} s; {options.alone} on one worker: "
        f"{alone:.0f} s ({each:.2f} s each); speed-up {each / (seconds / options.scenarios):.2f}"
    )
    grown = {"workers": growth(memory.workers), "browsers": growth(memory.browsers)}
    for what, samples in (("workers", memory.workers), ("browsers", memory.browsers)):
        print(f"{what:9} MB  {parts(samples)}   last quarter / second quarter {grown[what]:.2f}")
    print(f"report {report_mb:.1f} MB")
    flat = max(grown.values()) < MAX_GROWTH
    kept = flat and report_mb < MAX_REPORT_MB and seconds < MAX_SECONDS
    return int(not (kept and verdicts == {"passed": options.scenarios} and code == 0 and not left))


if __name__ == "__main__":
    sys.exit(main())
