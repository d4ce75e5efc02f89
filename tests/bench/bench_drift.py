"""Does a suite survive changes of the front end, and notice those that break it? See tests/bench/drift/changes.yaml.

    python tests/bench/bench_drift.py [--only NAME …] [--heal report] [--replay false]

Locks are recorded on the unchanged shop; then each change is served and the scenarios that it touches are run against
it, with their locks. The oracles of tests/shop_oracles.py say, from rows and requests alone, whether a scenario that
passed was really carried out. Prints a line a run and the totals:

    keeps behaviour: 47 runs   passed as before 20   healed rightly 24   not passed 3   healed wrongly 0
    breaks it:       65 runs   noticed 65   passed 0                                    in 9 min 12 s
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from shop_evidence import Evidence  # noqa: E402
from shop_oracles import ORACLES  # noqa: E402

from magenta_qa.agent.agent import Agent  # noqa: E402
from magenta_qa.agent.browser import launch_args, require_browser  # noqa: E402
from magenta_qa.agent.runner import run_scenario  # noqa: E402
from magenta_qa.agent.scenario import load_scenario  # noqa: E402
from magenta_qa.agent.settings import Settings  # noqa: E402
from magenta_qa.model.trace import ScenarioTrace  # noqa: E402
from magenta_qa.scenarios.shop import PASSWORD, SUITE  # noqa: E402
from magenta_qa.scenarios.shop.bugs import NO_BUG, Bug  # noqa: E402
from magenta_qa.scenarios.shop.server import Server  # noqa: E402

CHANGES = Path(__file__).parent / "drift" / "changes.yaml"
ALWAYS_TRUE = 'the page shows "Tarn"'
"""What the expectations of a weak scenario are replaced by: the name of the shop stands on each of its pages."""


@dataclass(frozen=True)
class Drift(Bug):
    """A change of the front end."""

    edits: tuple[tuple[str, str, str], ...] = field(default=())

    def spoil(self, name: str, text: str) -> str:
        """The file's text as this change has it."""
        for file, before, after in self.edits:
            if file != name:
                continue
            if text.count(before) != 1:
                raise LookupError(f"{name} should contain {before!r} once, but has it {text.count(before)} times")
            text = text.replace(before, after)
        return text


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario under one change."""

    change: str
    keeps: bool
    scenario: str
    weak: bool
    drift: Drift

    @property
    def file(self) -> str:
        """Name of the scenario's file."""
        return f"{self.scenario}{'_weak' * self.weak}.scenario.yaml"


def load_cases(only: list[str], one: bool) -> list[Case]:
    """Every case, in the order of the file; with `one` a single one of each change, the weak one where there is one."""
    data: Mapping[str, Mapping[str, Any]] = yaml.safe_load(CHANGES.read_text(encoding="utf-8"))
    found = []
    for kind in ("keeps", "breaks"):
        for name, change in data[kind].items():
            if only and name not in only:
                continue
            drift = Drift(description=name, edits=tuple(tuple(edit) for edit in change["files"]))
            weak = [Case(name, kind == "keeps", s, True, drift) for s in change.get("weak", ())]
            cases = [*weak, *(Case(name, kind == "keeps", s, False, drift) for s in change["scenarios"])]
            found += cases[:1] if one else cases
    return found


def prepare(folder: Path, cases: list[Case]) -> None:
    """Copy what the cases need, and write the weak scenarios."""
    for path in SUITE.iterdir():
        if ".scenario." not in path.name:
            shutil.copy(path, folder)
    for scenario in {case.scenario for case in cases}:
        shutil.copy(SUITE / f"{scenario}.scenario.yaml", folder)
        data = yaml.safe_load((SUITE / f"{scenario}.scenario.yaml").read_text(encoding="utf-8"))
        data["steps"] = [step for step in data["steps"] if not (isinstance(step, dict) and "expect" in step)]
        data["expect"] = [ALWAYS_TRUE]
        (folder / f"{scenario}_weak.scenario.yaml").write_text(yaml.safe_dump(data, allow_unicode=True))


def play(browser: Browser, server: Server, path: Path, settings: Settings) -> tuple[ScenarioTrace, bool]:
    """The trace, and what the oracle says."""
    scenario = load_scenario(path)
    name = path.name.removesuffix(".scenario.yaml").removesuffix("_weak")
    context = browser.new_context()
    with Agent(context.new_page(), settings=settings) as agent:
        trace = run_scenario(scenario, agent, node_id=path.name, url=server.url + scenario.url)
        cookie = f"tarn-{urlsplit(server.url).port}"
        session = next((str(c["value"]) for c in context.cookies() if c["name"] == cookie), "").partition(".")[0]
        true = bool(session) and bool(ORACLES[name](Evidence.of(server.data_dir, session, agent.page.url)))
    context.close()
    return trace, true


def judged(case: Case, trace: ScenarioTrace, true: bool) -> str:
    """What the run is counted as."""
    if not case.keeps:
        return "broken passed" if trace.verdict == "passed" else "noticed"
    if trace.verdict != "passed":
        return "not passed"
    if not true:
        return "healed wrongly"
    return "healed rightly" if trace.healed else "passed as before"


def run(cases: list[Case], options: argparse.Namespace) -> Iterator[tuple[Case, str, ScenarioTrace]]:
    """Record the locks on the unchanged shop, then run each case; yields what it is counted as."""
    folder = Path(tempfile.mkdtemp(prefix="magenta-drift-"))
    prepare(folder, cases)
    settings = Settings(
        home=folder / ".magenta",
        secrets={"password": PASSWORD},
        files=folder,
        pictures="failures",
        timeout_ms=options.timeout * 1_000,
        expect_timeout_ms=options.timeout * 750,
        heal=options.heal,
        replay=options.replay != "false",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_args(require_browser(os.environ)))
        with Server(0, NO_BUG, None) as server:
            for file in sorted({case.file for case in cases}):
                trace, _ = play(browser, server, folder / file, settings)
                print(f"   lock of {file}: {trace.verdict}{' ' + trace.reason if trace.verdict != 'passed' else ''}")
        for case in cases:
            with Server(0, case.drift, None) as server:
                trace, true = play(browser, server, folder / case.file, settings)
            yield case, judged(case, trace, true), trace
        browser.close()
    shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run the bench; exit code 1 if anything was healed wrongly or passed though broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--one", action="store_true", help="one scenario a change")
    parser.add_argument("--heal", default="report", choices=("off", "report"))
    parser.add_argument("--timeout", type=int, default=4, metavar="SECONDS", help="more on a busy machine")
    parser.add_argument("--replay", default="true", choices=("true", "false"))
    options = parser.parse_args()
    cases, started = load_cases(options.only, options.one), time.monotonic()
    counts: Counter[tuple[bool, str]] = Counter()
    for case, word, trace in run(cases, options):
        counts[case.keeps, word] += 1
        why = trace.reason if trace.verdict != "passed" else "; ".join(f"{h.after}: {h.reason}" for h in trace.healed)
        name = f"{case.change} / {case.scenario}{' (weak)' * case.weak}"
        print(f"{word:16} {name:58} {trace.verdict:7} {trace.seconds:5.1f} s  {why[:150]}", flush=True)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    for keeps, title, words in (
        (True, "keeps behaviour:", ("passed as before", "healed rightly", "not passed", "healed wrongly")),
        (False, "breaks it:      ", ("noticed", "broken passed")),
    ):
        numbers = "   ".join(f"{word} {counts[keeps, word]}" for word in words)
        changes = len({case.change for case in cases if case.keeps == keeps})
        print(f"{title} {changes} changes, {sum(case.keeps == keeps for case in cases)} runs   {numbers}")
    print(f"in {minutes} min {seconds} s, heal={options.heal}, replay={options.replay}")
    return int(counts[True, "healed wrongly"] + counts[False, "broken passed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
