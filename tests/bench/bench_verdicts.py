"""How often a verdict is wrong: the demo suite under each planted defect, against the truth written down first.

    python tests/bench/bench_verdicts.py [--bugs NAME …] [--all] [--workers 2]

By default only the scenarios that a defect affects are run under it, and the whole suite on the clean shop; `--all`
runs every pair. The truth is scenarios/shop/expected.yaml. Prints each wrong pair and the totals:

    pairs 28   false passes 0   false failures 0   wrong kinds 0

A false pass is `passed` where the defect affects the scenario; a false failure is anything else where it does not.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from magenta_qa.agent.reports.traces import load_traces
from magenta_qa.scenarios.shop import BUGS, expected_verdict
from magenta_qa.scenarios.shop.verdicts import load_truth

Pair = tuple[str, str, str, str, str]
"""Defect (or "clean"), scenario, verdict expected, verdict seen, reason."""


def run_suite(bug: str | None, scenarios: list[str]) -> Iterator[Pair]:
    """Run scenarios of the demo suite in a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "magenta_qa.agent.cli", "demo", *(["--bug", bug] if bug else [])]
        command += ["--", "-q", "-k", " or ".join(scenarios)]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        runs = sorted(Path(folder, ".magenta", "runs").iterdir())
        seen = {Path(t.path).name.removesuffix(".scenario.yaml"): t for t in load_traces(runs[-1])}
    for name in scenarios:
        trace = seen.get(name)
        verdict, reason = (trace.verdict, trace.reason) if trace else ("not run", "")
        yield bug or "clean", name, expected_verdict(name, bug), verdict, reason


def kind_of(pair: Pair) -> str:
    """What is wrong with a verdict; empty when it is as expected."""
    _, _, expected, seen, _ = pair
    if expected == seen:
        return ""
    return "false pass" if seen == "passed" else "false failure" if expected == "passed" else "wrong kind"


def main() -> int:
    """Run the pairs and print what is wrong; exit code 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bugs", nargs="+", choices=sorted(BUGS), default=sorted(BUGS))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    truth = load_truth()
    suite = [name for name, verdict in truth.clean.items() if verdict == "passed"]
    jobs: list[tuple[str | None, list[str]]] = [(None, suite)]
    jobs += [(bug, suite if options.all else list(truth.bugs[bug])) for bug in options.bugs]
    pairs: list[Pair] = []
    with ThreadPoolExecutor(options.workers) as pool:
        for done in pool.map(lambda job: list(run_suite(*job)), jobs):
            pairs += done
            for pair in done:
                bug, name, _, seen, reason = pair
                print(f"{kind_of(pair) or 'right':14} {bug:20} {name:18} {seen:8} {reason[:100]}", flush=True)
    kinds = [kind_of(pair) for pair in pairs]
    totals = {"false passes": "false pass", "false failures": "false failure", "wrong kinds": "wrong kind"}
    print(f"pairs {len(pairs)}", *(f"{name} {kinds.count(kind)}" for name, kind in totals.items()), sep="   ")
    return int(any(kinds))


if __name__ == "__main__":
    sys.exit(main())
