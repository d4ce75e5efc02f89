"""How fast a suite is replayed, against the same flows written by hand in Playwright and against a first run.

    python tests/bench/bench_replay.py [--rounds 3] [--only NAME …]
    python tests/bench/bench_replay.py --replays 1000 --only desk_price      # memory, browsers, files, verdicts

Each scenario of the demo shop, in one browser, each time in a fresh context: once without a lock, then in turn by hand
(tests/shop_flows.py) and by its lock. Prints a line a scenario with the medians, and the sums:

    by hand 24.10 s   replayed 26.02 s (1.08)   first run 88.70 s (3.68)
"""

import argparse
import gc
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from shop_flows import FLOWS  # noqa: E402

from magenta_qa.agent.agent import Agent  # noqa: E402
from magenta_qa.agent.browser import launch_args, require_browser  # noqa: E402
from magenta_qa.agent.lock import lock_path  # noqa: E402
from magenta_qa.agent.replay import LOCK  # noqa: E402
from magenta_qa.agent.runner import run_scenario  # noqa: E402
from magenta_qa.agent.scenario import load_scenario  # noqa: E402
from magenta_qa.agent.settings import Settings  # noqa: E402
from magenta_qa.model.trace import ScenarioTrace  # noqa: E402
from magenta_qa.scenarios.shop import PASSWORD, SUITE, serve  # noqa: E402


def by_hand(browser: Browser, url: str, name: str) -> float:
    """Seconds of a flow in Playwright."""
    context = browser.new_context()
    page = context.new_page()
    started = time.monotonic()
    FLOWS[name](page, url)
    seconds = time.monotonic() - started
    context.close()
    return seconds


def by_agent(browser: Browser, url: str, path: Path, settings: Settings) -> tuple[float, ScenarioTrace]:
    """Seconds of a scenario, the agent's set-up included, and its trace."""
    context = browser.new_context()
    page = context.new_page()
    scenario = load_scenario(path)
    started = time.monotonic()
    with Agent(page, settings=settings) as agent:
        trace = run_scenario(scenario, agent, node_id=path.name, url=url + scenario.url)
        seconds = time.monotonic() - started
    context.close()
    return seconds, trace


def by_lock(trace: ScenarioTrace) -> str:
    """How many of the actions were replayed: "7/7"."""
    actions = [action for step in trace.steps for action in step.actions]
    return f"{sum(action.decision.decider == LOCK for action in actions)}/{len(actions)}"


def compare(browser: Browser, url: str, folder: Path, names: list[str], options: argparse.Namespace) -> int:
    """Print a line a scenario, and the sums."""
    settings = _settings(folder)
    sums: Counter[str] = Counter()
    bad = 0
    for name in names:
        path = folder / f"{name}.scenario.yaml"
        lock_path(path).unlink(missing_ok=True)
        first, trace = by_agent(browser, url, path, settings)
        hand, replayed = list[float](), list[float]()
        for _ in range(options.rounds):
            hand.append(by_hand(browser, url, name))
            seconds, trace = by_agent(browser, url, path, settings)
            replayed.append(seconds)
            bad += trace.verdict != "passed" or bool(trace.healed)
        figures = {"hand": statistics.median(hand), "replayed": statistics.median(replayed), "first": first}
        sums.update({key: round(1000 * value) for key, value in figures.items()})  # type: ignore[arg-type]
        row = "   ".join(f"{key} {value:6.2f} s" for key, value in figures.items())
        ratio = figures["replayed"] / figures["hand"]
        print(f"{name:18} {row}   {ratio:.2f}   {trace.verdict}, by its lock {by_lock(trace)}", flush=True)
    total = {key: value / 1000 for key, value in sums.items()}
    print(
        f"\nby hand {total['hand']:.2f} s   replayed {total['replayed']:.2f} s"
        f" ({total['replayed'] / total['hand']:.2f})"
        f"   first run {total['first']:.2f} s ({total['first'] / total['hand']:.2f})   not passed or healed: {bad}"
    )
    return int(bad > 0)


def endure(browser: Browser, url: str, folder: Path, name: str, count: int) -> int:
    """Replay one scenario again and again; prints memory, processes and files as it goes."""
    settings, path = _settings(folder), folder / f"{name}.scenario.yaml"
    verdicts: Counter[str] = Counter()
    lock_path(path).unlink(missing_ok=True)
    for number in range(count + 1):
        _, trace = by_agent(browser, url, path, settings)
        verdicts[f"{trace.verdict} {by_lock(trace)}" if number else "first"] += 1
        if number % max(1, count // 10) == 0:
            gc.collect()
            files = sum(1 for _ in folder.rglob("*"))
            descriptors = sum(1 for _ in Path("/proc/self/fd").iterdir())
            print(
                f"{number:5} replays   {_mib(os.getpid()):6.1f} MiB here   browser {_browser_mib():6.1f} MiB in "
                f"{len(_children())} processes   {descriptors} descriptors   {files} files   {dict(verdicts)}",
                flush=True,
            )
    return int(len(verdicts) != 2)


def _settings(folder: Path) -> Settings:
    return Settings(home=folder / ".magenta", secrets={"password": PASSWORD}, files=folder, pictures="failures")


def _mib(pid: int) -> float:
    """Resident memory of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


def _children() -> list[int]:
    """All processes that this one has started, directly or not."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = dict(zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True))
    found, grown = {os.getpid()}, 0
    while len(found) != grown:
        grown = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return sorted(found - {os.getpid()})


def _browser_mib() -> float:
    return sum(map(_mib, _children()))


def main() -> int:
    """Run the bench; exit code 1 if a replay did not pass."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = [path.name.removesuffix(".scenario.yaml") for path in sorted(SUITE.glob("*.scenario.yaml"))]
    parser.add_argument("--only", nargs="*", default=known, metavar="NAME")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--replays", type=int, default=0, metavar="N", help="replay the first of them N times instead")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="magenta-replay-"))
    for path in SUITE.iterdir():
        shutil.copy(path, folder)
    with sync_playwright() as playwright, serve() as shop:
        browser = playwright.chromium.launch(**launch_args(require_browser(os.environ)))
        if options.replays:
            code = endure(browser, shop.url, folder, options.only[0], options.replays)
        else:
            code = compare(browser, shop.url, folder, options.only, options)
        browser.close()
    shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
