"""How many MiniWoB++ tasks `agent.achieve(goal)` solves, without a model unless one is given.

    python tests/bench/bench_miniwob.py --package DIR [--seeds 0 1 …] [--tasks NAME …] [--group qa] [--out FILE]

`DIR` is the folder of PyPI's `miniwob` 1.1.0 (`pip install --no-deps --target DIR miniwob==1.1.0`). Tasks are those of
`miniwob_tasks.txt`. Every third task marked `qa` is held back: nobody looks at it or tunes for it. Its goals, actions
and reasons are not even written down, and only its totals are printed. Each finished episode is a line of FILE, so a
run that was stopped goes on where it was.

    {"task": "click-menu", "seed": 0, "raw": 1, "verdict": "stuck", "seconds": 4.1, "goal": "…", "actions": ["…"]}

An episode: the page is loaded at 332×240, the clock begins at a fixed moment, time zone and locale are fixed, the
random generator is seeded, the cover removed, the goal read with `core.getUtterance()`, the yellow query bar and the
display of rewards hidden. The reward is the first raw reward that `core.endEpisode` is given. A success is a raw reward
above 0, a full success at least 1. A false pass is an episode that `achieve` calls passed without a success.

Source: https://miniwob.farama.org (Liu et al., 2018, https://arxiv.org/abs/1802.08802).
"""

import argparse
import atexit
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from magenta_qa.agent import Agent
from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.settings import Settings

TASKS = Path(__file__).with_name("miniwob_tasks.txt")
GROUPS = ("qa", "held back", "pointer")
MAX_STEPS = 20
_OPEN = ("goal", "reason", "actions")  # what is not written down of tasks that are held back
START = """seed => {
    core.EPISODE_MAX_TIME = 60000;
    Math.seedrandom(seed);
    const end = core.endEpisode;
    core.endEpisode = function (reward, ...rest) {
        if (window.__raw === undefined) window.__raw = reward;
        return end.call(this, reward, ...rest);
    };
    core.startEpisodeReal();
    core.startEpisode = core.startEpisodeReal = () => {};
    const said = core.getUtterance();
    document.getElementById('query').style.visibility = 'hidden';
    document.getElementById('reward-display').style.display = 'none';
    return typeof said === 'string' ? said : said.utterance;
}"""

Episode = dict[str, Any]


def read_tasks() -> dict[str, str]:
    """Task name → group: "qa", "held back" (every third of the `qa` ones) or "pointer"."""
    rows = [line.split() for line in TASKS.read_text().splitlines() if line.strip() and not line.startswith("#")]
    qa = [name for name, kind in rows if kind == "qa"]
    held = set(qa[2::3])
    return {name: "held back" if name in held else kind for name, kind in rows}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def play(page: Page, url: str, seed: int, settings: Settings) -> Episode:
    """One episode; returns goal, raw reward and what the agent said of it."""
    page.clock.install(time="2026-01-15T10:00:00Z")
    page.goto(url)
    with Agent(page, settings=settings) as agent:
        goal = page.evaluate(START, seed)
        result = agent.achieve(goal, max_steps=MAX_STEPS)
    actions = [f"{a.action.kind} {a.name!r} {a.action.value or ''}" for a in result.steps[0].actions]
    raw = page.evaluate("window.__raw ?? 0")
    return {"raw": raw, "verdict": result.verdict, "goal": goal, "reason": result.reason, "actions": actions}


@dataclass(frozen=True, slots=True)
class Stage:
    """What one process needs to play episodes: a browser, a server and settings."""

    browser: Browser
    base: str
    settings: Settings

    def play(self, task: str, seed: int, held: bool) -> Episode:
        """One episode in a context of its own."""
        started = time.monotonic()
        context = self.browser.new_context(viewport={"width": 332, "height": 240}, timezone_id="UTC", locale="en-US")
        try:
            played = play(context.new_page(), f"{self.base}/miniwob/{task}.html", seed, self.settings)
        except Exception as error:
            played = {"raw": 0, "verdict": "error", "reason": f"{type(error).__name__}: {error}"}
        finally:
            context.close()
        played = {k: v for k, v in played.items() if not held or k not in _OPEN}
        return {"task": task, "seed": seed, "seconds": round(time.monotonic() - started, 1), **played}


_stages: list[Stage] = []  # one a process


def open_stage(package: Path, decision: str, understanding: str) -> None:
    """Start what this process plays with; it lasts until the process ends."""
    stack = ExitStack()
    playwright = stack.enter_context(sync_playwright())
    base = stack.enter_context(served(package / "miniwob" / "html"))
    home = stack.enter_context(tempfile.TemporaryDirectory())
    settings = Settings(
        understanding=understanding,
        decision=decision,
        home=Path(home),
        timeout_ms=1500,
        settle_ms=1500,
        expect_timeout_ms=1500,
    )
    browser = playwright.chromium.launch(**launch_args(require_browser({})))
    _stages.append(Stage(browser, base, settings))
    atexit.register(stack.close)


def play_in_process(task: str, seed: int, held: bool) -> Episode:
    """One episode on this process's stage."""
    return _stages[0].play(task, seed, held)


def print_scores(episodes: Sequence[Episode]) -> None:
    """A line a group: tasks, episodes, shares of successes and of full successes, false passes."""
    groups = read_tasks()
    print(f"\n{'group':<12}{'tasks':>6}{'episodes':>10}{'success':>10}{'full':>8}{'passed':>8}{'false passes':>14}")
    for group in GROUPS:
        rows = [e for e in episodes if groups[e["task"]] == group]
        if rows:
            success = sum(e["raw"] > 0 for e in rows) / len(rows)
            full = sum(e["raw"] >= 1 for e in rows) / len(rows)
            passed = [e for e in rows if e["verdict"] == "passed"]
            false = sum(e["raw"] <= 0 for e in passed)
            tasks = len({e["task"] for e in rows})
            print(f"{group:<12}{tasks:>6}{len(rows):>10}{success:>10.1%}{full:>8.1%}{len(passed):>8}{false:>14}")


def print_tasks(episodes: Sequence[Episode]) -> None:
    """A line a task that is not held back: the raw reward of each seed."""
    groups = read_tasks()
    for task in sorted({e["task"] for e in episodes if groups[e["task"]] != "held back"}):
        rows = sorted((e for e in episodes if e["task"] == task), key=lambda e: e["seed"])
        print(f"{task:<32}{groups[task]:<9}" + "".join(f"{e['raw']:>7.2f}" for e in rows))


def play_missing(missing: Sequence[tuple[str, int]], options: argparse.Namespace) -> Iterator[Episode]:
    """Play episodes in several processes, in the order in which they end."""
    groups = read_tasks()
    stage = (options.package, options.decision, options.understanding)
    pool = ProcessPoolExecutor(options.workers, get_context("spawn"), initializer=open_stage, initargs=stage)
    with pool:
        played = [pool.submit(play_in_process, t, s, groups[t] == "held back") for t, s in missing]
        try:
            for future in as_completed(played):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--tasks", nargs="+")
    parser.add_argument("--group", choices=GROUPS)
    parser.add_argument("--decision", default="rules")
    parser.add_argument("--understanding", default="accessible")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("build/miniwob.jsonl"))
    return parser.parse_args()


def main() -> None:
    """Play what is missing in the output file, then print the tables."""
    options = parse_options()
    groups = read_tasks()
    wanted = options.tasks or [t for t, g in groups.items() if options.group in (None, g)]
    episodes = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    finished = {(e["task"], e["seed"]) for e in episodes}
    missing = [(t, s) for s in options.seeds for t in wanted if (t, s) not in finished]
    started = time.monotonic()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("a") as out:
        for number, episode in enumerate(play_missing(missing, options), 1):
            episodes.append(episode)
            out.write(json.dumps(episode) + "\n")
            out.flush()
            told = "held back" if groups[episode["task"]] == "held back" else episode["task"]
            score = "" if told == "held back" else f"raw {episode['raw']:.2f} {episode['verdict']}"
            spent = time.monotonic() - started
            print(f"[{number}/{len(missing)} {spent:5.0f} s] {told} seed {episode['seed']} {score}", flush=True)
    shown = [e for e in episodes if e["task"] in wanted and e["seed"] in options.seeds]
    print_tasks(shown)
    print_scores(shown)


if __name__ == "__main__":
    main()
