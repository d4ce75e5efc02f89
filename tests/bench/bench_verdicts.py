"""How often a verdict is wrong: every scenario of the demo shop under every planted defect, against the truth.

    python tests/bench/bench_verdicts.py [--bugs NAME …] [--workers 4] [--fresh]
    python tests/bench/bench_verdicts.py --clean-runs 20        # the clean suite again and again

The truth is scenarios/shop/expected.yaml, written down before the first run. The scenarios that a defect affects come
first, since they tell most. Prints a line for each job (some scenarios under one defect) as it is done, each wrong
verdict, and the totals:

    pairs 1679   right 1679   false passes 0   false failures 0   wrong kinds 0   in 24 min 10 s

A false pass is `passed` where the defect affects the scenario; a false failure is anything else where it does not. A
run that was stopped goes on where it was; `--fresh` starts anew, as does a change of the code.
"""

import argparse
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from verdict_runs import Job, Pair, all_scenarios, run_job, split_jobs  # noqa: E402

from magenta_qa.scenarios.shop import BUGS, SUITE  # noqa: E402

FOLDER = ROOT / "build" / "verdicts"
TOTALS = {"false passes": "false pass", "false failures": "false failure", "wrong kinds": "wrong kind"}


def fingerprint() -> str:
    """Changes when the agent or the shop does; results of other code are not taken for these."""
    digest = hashlib.sha256()
    for package in ("agent", "model", "scenarios"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".js", ".yaml", ".html", ".css", ".sql"} and ".lock." not in path.name:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def run_all(jobs: Iterable[Job], workers: int) -> list[Pair]:
    """Run jobs side by side and print each as it is done."""
    started, pairs = time.monotonic(), list[Pair]()
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(lambda job=job: list(run_job(job))): job for job in jobs}
        for number, future in enumerate(_until_stopped(pool, running), 1):
            done = future.result()
            pairs += done
            wrong = [pair for pair in done if pair.kind]
            right, seconds = len(done) - len(wrong), sum(pair.seconds for pair in done)
            print(
                f"[{number:3}/{len(running)}] {running[future].folder.name:28} {right:3} right of {len(done):3}"
                f"   {seconds:4.0f} s of scenarios   {_span(time.monotonic() - started)}",
                flush=True,
            )
            for pair in wrong:
                print(f"   {pair.kind}: {pair.scenario} {pair.seen} for {pair.expected}: {pair.reason[:160]}")
    return pairs


def _until_stopped(pool: ThreadPoolExecutor, running: Iterable[Future[list[Pair]]]) -> Iterator[Future[list[Pair]]]:
    """Each as it is done; after Ctrl-C, which the jobs under way get too, none is begun any more."""
    try:
        yield from as_completed(running)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _span(seconds: float) -> str:
    return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"


def print_matrix(pairs: list[Pair]) -> None:
    """One row for each defect: what its scenarios ended with."""
    print(f"\n{'defect':22}{'passed':>8}{'failed':>8}{'stale':>8}{'stuck':>8}{'error':>8}{'wrong':>8}")
    for job in sorted({pair.job for pair in pairs}):
        row = [pair for pair in pairs if pair.job == job]
        seen = Counter(pair.seen for pair in row)
        cells = [seen[v] for v in ("passed", "failed", "stale", "stuck", "error")] + [sum(bool(p.kind) for p in row)]
        print(f"{job:22}" + "".join(f"{cell:8}" for cell in cells))


def differing(pairs: list[Pair]) -> int:
    """How many verdicts differ from what most runs of the same scenario ended with."""
    total = 0
    for scenario in dict.fromkeys(pair.scenario for pair in pairs):
        seen = Counter(pair.seen for pair in pairs if pair.scenario == scenario)
        total += sum(seen.values()) - max(seen.values())
        if len(seen) > 1:
            print(f"   {scenario}: {', '.join(f'{count} × {verdict}' for verdict, count in seen.most_common())}")
    return total


def main() -> int:
    """Run the pairs and print what is wrong; exit code 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bugs", nargs="*", choices=sorted(BUGS), default=sorted(BUGS))
    workers = "processes side by side; a run waits half of its time, so that four keep two cores busy (default: 4)"
    parser.add_argument("--workers", type=int, default=4, help=workers)
    parser.add_argument("--clean-runs", type=int, default=0, metavar="N", help="run the clean suite N times instead")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run has finished")
    options = parser.parse_args()
    folder = FOLDER / fingerprint()
    if options.fresh and folder.exists():
        folder.rename(folder.with_name(f"{folder.name}-{time.time():.0f}"))
    names = [f"clean-{n}" for n in range(1, options.clean_runs + 1)] or ["clean", *options.bugs]
    jobs = split_jobs(names, all_scenarios((SUITE,)) if options.clean_runs else all_scenarios(), folder)
    for job in jobs:
        job.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    pairs = run_all(jobs, options.workers)
    print_matrix(pairs)
    kinds = Counter(pair.kind for pair in pairs)
    totals = "   ".join(f"{name} {kinds[kind]}" for name, kind in TOTALS.items())
    took = _span(time.monotonic() - started)
    print(f"\npairs {len(pairs)}   right {kinds['']}   {totals}   in {took}   with {options.workers} processes")
    if options.clean_runs:
        print(f"differing verdicts in {options.clean_runs} runs: {differing(pairs)}")
    return int(len(pairs) != kinds[""])


if __name__ == "__main__":
    sys.exit(main())
