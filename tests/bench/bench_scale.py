"""A suite of 200 scenarios on two workers: time, memory of workers and browsers, size of the report.

    python tests/bench/bench_scale.py [--scenarios 200] [--workers 2] [--alone 50] [--minutes 30]

The scenarios (three actions, two expectations, each on a page of its own with 60 controls) run over a small application
on the loopback interface. Memory is sampled from /proc: RSS of each worker, PSS of the browsers and their drivers,
which share pages. The speed-up compares with `--alone` of the scenarios on one worker, time for time of one scenario.
Says every half minute how far it is; when `--minutes` are over, or at Ctrl-C, the run is stopped and what was measured
is printed. Ends with 1 if a scenario did not pass, a bound was missed or a process was left behind:

    16 scenarios, 2 workers: 70 s; 4 on one worker: 32 s (7.93 s each); speed-up 1.82
    worker 1   MB  45 62 120 180 …   last quarter / second quarter 1.02, first quarter 0.93
    report 0.6 MB, built in 0.4 s
"""

import argparse
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from magenta_qa.agent.reports.traces import load_traces

MAX_REPORT_MB = 20
MAX_GROWTH = 1.15
"""Last quarter of the run over its second quarter; the first one starts browsers."""
MAX_SECONDS = 900
SAMPLE_SECONDS = 1.0
TELL_SECONDS = 30.0
STOP_SECONDS = 60.0
"""How long a run that was stopped may take to write its report."""
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

    workers: dict[int, list[float]] = field(default_factory=dict)
    """Process id → samples."""
    browsers: list[float] = field(default_factory=list)
    processes: set[int] = field(default_factory=set)

    def sample(self, root: int) -> None:
        """Note the descendants of a process."""
        found = dict(_descendants(root))
        self.processes |= set(found)
        browsers = 0.0
        for pid, command in found.items():
            if re.search(r"chrom|headless|node$", command):
                browsers += _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss") / 1024
            elif "python" in command and pid != root:
                self.workers.setdefault(pid, []).append(_kilobytes(Path(f"/proc/{pid}/status"), "VmRSS") / 1024)
        self.browsers.append(browsers)

    def __str__(self) -> str:
        workers = " + ".join(f"{samples[-1]:.0f}" for samples in self.workers.values())
        return f"workers {workers or 0} MB, browsers {self.browsers[-1] if self.browsers else 0:.0f} MB"


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


@dataclass(frozen=True)
class Run:
    """One run as measured."""

    seconds: float
    memory: Memory
    code: int | None
    """Exit code; None when it was stopped."""
    started: int
    """How many scenarios were begun."""


def run(folder: Path, url: str, workers: int, files: list[str], deadline: float) -> Run:
    """Run scenarios until they have ended, `deadline` (of `time.monotonic`) has come, or Ctrl-C."""
    command = [sys.executable, "-m", "magenta_qa.agent.cli", "run", *files, f"--base-url={url}", f"-n{workers}"]
    started = told = time.monotonic()
    # In a session of its own, so that Ctrl-C reaches this process alone, which then stops it.
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True
    )
    memory, stopped = Memory(), False
    try:
        while process.poll() is None and not stopped:
            memory.sample(process.pid)
            time.sleep(SAMPLE_SECONDS)
            now = time.monotonic()
            stopped = now > deadline
            if now - told > TELL_SECONDS:
                told = now
                print(f"[{now - started:5.0f} s] {_begun(folder)} of {len(files)} begun; {memory}", flush=True)
    except KeyboardInterrupt:
        stopped = True
    if stopped:
        _stop(process)
    return Run(time.monotonic() - started, memory, None if stopped else process.returncode, _begun(folder))


def _begun(folder: Path) -> int:
    runs = sorted((folder / ".magenta" / "runs").glob("*/"))
    return len(list(runs[-1].glob("*.json"))) if runs else 0


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """As Ctrl-C would; by force when that does not help."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def growth(samples: list[float], since: int = 1) -> float:
    """Mean of the last quarter, less the end where workers stop, over the mean of an earlier one (0: first)."""
    kept = samples[: max(4, len(samples) - 10)]
    quarter = max(1, len(kept) // 4)
    return mean(kept[-quarter:]) / max(1.0, mean(kept[since * quarter : (since + 1) * quarter] or [0.0]))


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
    parser.add_argument("--minutes", type=float, default=30, help="after these, what is still running is stopped")
    options = parser.parse_args()
    deadline = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as name, app() as url:
        folder = Path(name)
        write_suite(folder, options.scenarios)
        files = sorted(path.name for path in folder.glob("*.scenario.yaml"))
        alone = run(folder, url, 1, files[: options.alone], deadline)
        print(f"{alone.started} scenarios on one worker: {alone.seconds:.0f} s; {alone.memory}", flush=True)
        together = run(folder, url, options.workers, files, deadline)
        return tell(options, folder, alone, together)


def tell(options: argparse.Namespace, folder: Path, alone: Run, together: Run) -> int:
    """Print what was measured; 1 if a bound was missed."""
    traces = load_traces(max((folder / ".magenta" / "runs").iterdir()))
    verdicts = Counter(trace.verdict for trace in traces)
    left = left_behind(together.memory)
    report_mb, built = report(folder)
    each, each_together = alone.seconds / max(1, alone.started), together.seconds / max(1, together.started)
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} (5 min)")
    print(f"verdicts {dict(verdicts)}, exit code {together.code}, processes left behind {len(left)}")
    if together.code is None or alone.code is None:
        print("stopped before its end: what follows is of a part")
    print(
        f"{together.started} scenarios, {options.workers} workers: {together.seconds:.0f} s; {alone.started} on one "
        f"worker: {alone.seconds:.0f} s ({each:.2f} s each); speed-up {each / each_together:.2f}"
    )
    series = {f"worker {n}": samples for n, samples in enumerate(together.memory.workers.values(), start=1)}
    series["browsers"] = together.memory.browsers
    for what, samples in series.items():
        grown = f"last quarter / second quarter {growth(samples):.2f}, first quarter {growth(samples, 0):.2f}"
        print(f"{what:9} MB  {parts(samples)}   {grown}")
    print(f"report {report_mb:.1f} MB, built in {built:.1f} s")
    flat = max(growth(samples) for samples in series.values()) < MAX_GROWTH
    kept = flat and report_mb < MAX_REPORT_MB and together.seconds < MAX_SECONDS
    return int(not (kept and verdicts == {"passed": options.scenarios} and together.code == 0 and not left))


def report(folder: Path) -> tuple[float, float]:
    """(MB, seconds) of the report, built once more to see how long that takes."""
    started = time.monotonic()
    command = [sys.executable, "-m", "magenta_qa.agent.cli", "report"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (folder / ".magenta" / "report.html").stat().st_size / 1e6, time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
