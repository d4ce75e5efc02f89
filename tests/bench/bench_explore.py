"""What `magenta explore` finds on the demo shop, under each planted defect that can be seen without a specification.

    python tests/bench/bench_explore.py [--budget 5m] [--bugs NAME …] [--workers 2] [--keep]

Which defects these are stands in explore/visible.yaml, written down before the first run. Every run explores in turn as
a customer and as staff, with everything allowed: the shop is thrown away afterwards. A defect counts as found when
a reproduced finding of its kind stands at its place and the clean shop has not got it. Prints a line for each run and,
at the end, the share found and what was reported of the clean shop, for judging by hand.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from magenta_qa.scenarios.shop import BUGS, PASSWORD, serve

ROOT = Path(__file__).parents[2]
VISIBLE = Path(__file__).with_name("explore") / "visible.yaml"
FOLDER = ROOT / "build" / "explore"
USERS = ("ada", "mira")


@dataclass(frozen=True)
class Run:
    """One exploration of the shop."""

    bug: str
    seconds: float
    actions: int
    findings: tuple[dict, ...]

    @property
    def reproduced(self) -> list[dict]:
        """What it reported."""
        return [each for each in self.findings if each["status"] == "reproduced"]


def explore(bug: str, budget: str, *, keep: bool = False) -> Run:
    """Run the command against a shop of its own, unless what an earlier run has found is to be kept."""
    folder = FOLDER / bug
    if not (keep and (folder / "findings.json").exists()):
        _explore(bug, budget, folder)
    found = json.loads((folder / "findings.json").read_text())
    return Run(bug, found["seconds"], found["actions"], tuple(found["findings"]))


def _explore(bug: str, budget: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for user in USERS:
        steps = f"Log in as {user}@example.com with password ${{password}}"
        data = {"data": {"password": "${SHOP_PASSWORD}"}, "steps": ["Go to /login", steps]}
        (folder / f"{user}.steps.yaml").write_text(yaml.safe_dump(data))
    firsts = [part for user in USERS for part in ("--first", str(folder / f"{user}.steps.yaml"))]
    allow = "destructive,paying,sending"
    with serve(bug=None if bug == "clean" else bug) as shop:
        command = [sys.executable, "-m", "magenta_qa.agent.cli", "explore", shop.url, "--budget", budget]
        command += [*firsts, "--allow", allow, "--out", str(folder)]
        with (folder / "output.txt").open("w") as output:
            environ = {**os.environ, "SHOP_PASSWORD": PASSWORD}
            subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=environ, cwd=folder, check=False)


def is_bug(finding: dict, truth: dict, clean: set[str]) -> bool:
    """Whether a finding is the planted defect."""
    suspicion = finding["suspicion"]
    where = f"{suspicion['place']} {suspicion['url']} {suspicion['text']}"
    kind = re.fullmatch(truth["seen_as"], suspicion["kind"])
    return bool(kind and finding["id"] not in clean and re.search(truth["at"], where))


def tell(run: Run, truth: dict, clean: set[str]) -> bool:
    """Print the row of a defect; whether it was found."""
    hits = [each for each in run.reproduced if is_bug(each, truth, clean)]
    others = [each for each in run.reproduced if each["id"] not in clean and each not in hits]
    seen = hits[0]["suspicion"]["text"][:80] if hits else ""
    mark = "found" if hits else "  -  "
    print(f"{run.bug:24} {mark} {run.seconds:5.0f} s {run.actions:4} actions  others {len(others)}  {seen}", flush=True)
    for each in others:
        print(f"   other: {each['suspicion']['kind']}: {each['suspicion']['text'][:140]}")
    return bool(hits)


def main() -> int:
    """Explore the clean shop, then every visible defect; 1 where less than 60 % are found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    truths = {name: each for name, each in yaml.safe_load(VISIBLE.read_text()).items() if each["visible"]}
    assert truths.keys() <= BUGS.keys()
    parser.add_argument("--budget", default="5m", help="of each run")
    parser.add_argument("--bugs", nargs="*", choices=[*truths, "clean"], default=[*truths])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="explore only where build/explore has no findings yet")
    options = parser.parse_args()
    bugs = [bug for bug in options.bugs if bug != "clean"]
    with ThreadPoolExecutor(options.workers) as pool:
        clean, *runs = pool.map(lambda bug: explore(bug, options.budget, keep=options.keep), ["clean", *bugs])
    known = {each["id"] for each in clean.findings}
    found = sum([tell(run, truths[run.bug], known) for run in runs])
    print(f"\nclean: {clean.seconds:.0f} s, {clean.actions} actions, reported:")
    for each in clean.reproduced:
        print(f"   {each['suspicion']['kind']}: {each['suspicion']['text'][:160]}")
    share = found / max(len(runs), 1)
    print(f"found {found} of {len(runs)} defects that can be seen without a specification ({share:.0%}, aim 60 %)")
    return int(share < 0.6)


if __name__ == "__main__":
    sys.exit(main())
