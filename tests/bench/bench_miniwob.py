"""How many MiniWoB++ tasks `agent.achieve(goal)` solves, without a model unless one is given.

    python tests/bench/bench_miniwob.py --package DIR [--seeds 0 1 …] [--tasks NAME …] [--decision SPEC] [--out FILE]

`DIR` is the folder of PyPI's `miniwob` 1.1.0 (`pip install --no-deps --target DIR miniwob==1.1.0`). Tasks are those of
`miniwob_tasks.txt`. Every third task marked `qa` is held back: nobody looks at it or tunes for it, and its score stands
apart. Each finished episode is a line of FILE, so a run that was stopped goes on where it was.

An episode: the page is loaded at 332×240, clock, time zone and locale fixed, the random generator seeded, the cover
removed, the goal read with `core.getUtterance()`, the yellow query bar hidden. The reward is the first raw reward that
`core.endEpisode` is given. A success is a raw reward above 0, a full success at least 1.

Source: https://miniwob.farama.org (Liu et al., 2018, https://arxiv.org/abs/1802.08802).
"""

import argparse
import json
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from magenta_qa.agent import Agent
from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.settings import Settings

TASKS = Path(__file__).with_name("miniwob_tasks.txt")
MAX_STEPS = 20
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
    document.getElementById('query').style.display = 'none';
    return typeof said === 'string' ? said : said.utterance;
}"""


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


def play(page: Page, url: str, seed: int, settings: Settings) -> dict[str, Any]:
    """One episode; returns goal, raw reward and what the agent said of it."""
    page.clock.set_fixed_time("2026-01-15T10:00:00Z")
    page.goto(url)
    with Agent(page, settings=settings) as agent:
        goal = page.evaluate(START, seed)
        result = agent.achieve(goal, max_steps=MAX_STEPS)
    actions = [f"{a.action.kind} {a.name!r} {a.action.value or ''}" for a in result.steps[0].actions]
    raw = page.evaluate("window.__raw ?? 0")
    return {"goal": goal, "raw": raw, "verdict": result.verdict, "reason": result.reason, "actions": actions}


def play_task(
    task: str, seeds: Sequence[int], package: Path, decision: str, understanding: str
) -> list[dict[str, Any]]:
    """All episodes of one task in one browser."""
    with (
        sync_playwright() as playwright,
        served(package / "miniwob" / "html") as base,
        tempfile.TemporaryDirectory() as home,
    ):
        browser = playwright.chromium.launch(**launch_args(require_browser({})))  # type: ignore[arg-type]
        settings = Settings(
            understanding=understanding, decision=decision, home=Path(home), timeout_ms=1500, settle_ms=1500
        )
        return [_episode(browser, f"{base}/miniwob/{task}.html", task, seed, settings) for seed in seeds]


def _episode(browser: Browser, url: str, task: str, seed: int, settings: Settings) -> dict[str, Any]:
    context = browser.new_context(viewport={"width": 332, "height": 240}, timezone_id="UTC", locale="en-US")
    try:
        played = play(context.new_page(), url, seed, settings)
    except Exception as error:
        played = {"raw": 0, "verdict": "error", "reason": f"{type(error).__name__}: {error}", "actions": []}
    finally:
        context.close()
    return {"task": task, "seed": seed, **played}


def print_scores(episodes: Sequence[dict[str, Any]]) -> None:
    """A line a group: tasks, episodes, share of successes and of full successes."""
    groups = read_tasks()
    print(f"{'group':<12}{'tasks':>6}{'episodes':>10}{'success':>10}{'full':>8}")
    for group in ("qa", "held back", "pointer"):
        rows = [e for e in episodes if groups[e["task"]] == group]
        if rows:
            success = sum(e["raw"] > 0 for e in rows) / len(rows)
            full = sum(e["raw"] >= 1 for e in rows) / len(rows)
            print(f"{group:<12}{len({e['task'] for e in rows}):>6}{len(rows):>10}{success:>9.1%}{full:>8.1%}")


def main() -> None:
    """Play what is missing in the output file, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--tasks", nargs="+")
    parser.add_argument("--group", choices=["qa", "held back", "pointer"])
    parser.add_argument("--decision", default="rules")
    parser.add_argument("--understanding", default="accessible")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("miniwob.jsonl"))
    options = parser.parse_args()
    groups = read_tasks()
    wanted = options.tasks or [t for t, g in groups.items() if options.group in (None, g)]
    episodes = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    finished = {(e["task"], e["seed"]) for e in episodes}
    missing = {t: [s for s in options.seeds if (t, s) not in finished] for t in wanted}
    with ProcessPoolExecutor(options.workers) as pool, options.out.open("a") as out:
        played = [
            pool.submit(play_task, task, seeds, options.package, options.decision, options.understanding)
            for task, seeds in missing.items()
            if seeds
        ]
        for future in played:
            for episode in future.result():
                episodes.append(episode)
                out.write(json.dumps(episode) + "\n")
                out.flush()
    print_scores([e for e in episodes if e["task"] in wanted and e["seed"] in options.seeds])


if __name__ == "__main__":
    main()
