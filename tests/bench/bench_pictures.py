"""Does the picture matter? The shop's scenarios whose targets have no name in the HTML, by three ways to see them.

    python tests/bench/bench_pictures.py OUT [--understanding embedded] [--decision embedded] [--only NAME …]

12 scenarios of `suite_bare` (icons of rows and cards, on the shop served without names) and 14 of `suite_pictures` (a
photo studio, a player, signs under a story) are played with the back end, with `accessible` and `rules`, and with the
back end while each outline is drawn around the next element. A scenario counts as passed only if the shop's own rows
and requests say so too; `passed` without that is a false pass. Outcomes go to OUT/pictures.json.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import sync_playwright  # noqa: E402
from shop_pictures import SUITES, Outcome, play  # noqa: E402

from magenta_qa.agent.browser import launch_args, require_browser  # noqa: E402


def ways(understanding: str, decision: str) -> dict[str, tuple[str, str, bool]]:
    """Name → understanding, decision, whether outlines are moved."""
    return {
        f"{understanding} + {decision}": (understanding, decision, False),
        "accessible": ("accessible", "rules", False),
        "outline moved": (understanding, decision, True),
    }


def table(found: dict[str, list[Outcome]]) -> str:
    """A line for each suite, a column for each way: passed with a true oracle, verdicts, false passes."""
    lines = ["| suite | scenarios | " + " | ".join(found) + " |", "|---|---:|" + "---|" * len(found)]
    for suite in [suite.name for suite in SUITES]:
        columns = [[o for o in outcomes if o.suite == suite] for outcomes in found.values()]
        if columns and columns[0]:
            lines.append(f"| {suite} | {len(columns[0])} | " + " | ".join(map(_cell, columns)) + " |")
    return "\n".join(
        [*lines, f"| both | {len(next(iter(found.values())))} | " + " | ".join(map(_cell, found.values())) + " |"]
    )


def _cell(outcomes: Sequence[Outcome]) -> str:
    passed = sum(o.verdict == "passed" and o.is_done for o in outcomes)
    false = sum(o.verdict == "passed" and not o.is_done for o in outcomes)
    others = [o.verdict for o in outcomes if o.verdict != "passed"]
    told = ", ".join(f"{others.count(verdict)} {verdict}" for verdict in dict.fromkeys(others))
    return f"{passed} passed" + (f", {told}" if told else "") + (f", {false} FALSE" if false else "")


def _told(outcome: Outcome) -> str:
    false = " FALSELY" if outcome.verdict == "passed" and not outcome.is_done else ""
    return f"{outcome.verdict}{false:10}{outcome.seconds:6.1f} s  {outcome.reason[:150]}"


def main() -> int:
    """Play and print; exit code 1 where a scenario passed falsely or `accessible` did not end stuck."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--understanding", default="embedded")
    parser.add_argument("--decision", default="embedded")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--ways", nargs="+", type=int, default=[0, 1, 2], help="0 the back end, 1 accessible, 2 moved")
    options = parser.parse_args()
    found: dict[str, list[Outcome]] = {}
    chosen = list(ways(options.understanding, options.decision).items())
    browser_found = require_browser(os.environ)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(headless=True, **launch_args(browser_found))
        for number, (name, (understanding, decision, moved)) in enumerate(chosen):
            if number not in options.ways:
                continue
            home = options.out / f"way{number}"
            found[name] = []
            for outcome in play(browser, home, understanding, decision, moved=moved, only=options.only):
                found[name].append(outcome)
                print(f"{name:24}{outcome.scenario:16}{_told(outcome)}", flush=True)
        browser.close()
    print(table(found))
    stored = {name: [asdict(outcome) for outcome in outcomes] for name, outcomes in found.items()}
    (options.out / "pictures.json").write_text(json.dumps(stored, indent=2), "utf-8")
    false = [o for outcomes in found.values() for o in outcomes if o.verdict == "passed" and not o.is_done]
    return int(bool(false) or any(o.verdict != "stuck" for o in found.get("accessible", [])))


if __name__ == "__main__":
    sys.exit(main())
