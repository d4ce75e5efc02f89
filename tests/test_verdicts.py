"""A fixed small sample of the verdict matrix (`make bench-verdicts` runs all of it), and how pairs are counted."""

import json
import re
from itertools import product
from pathlib import Path

import pytest
from verdict_runs import JOB_SCENARIOS, Job, Pair, all_scenarios, finished, run_job, split_jobs

from magenta_qa.agent.lock import load_memory, lock_path
from magenta_qa.model.language.lexicon import lexicon, stems_of
from magenta_qa.scenarios.shop import SUITE

SAMPLE = {
    "wrong-order": ("suite/filter_and_sort", "suite_false/wrong_url", "suite_pictures/bookmark"),
    "renamed-control": ("suite/edit_address", "suite/returns"),
}
"""Defect → scenarios: one that it affects each, and one of every verdict besides."""


@pytest.mark.browser
@pytest.mark.parametrize("bug", SAMPLE)
def test_verdicts_are_what_was_written_down_first(bug: str, tmp_path: Path) -> None:
    job = Job(bug, tmp_path, SAMPLE[bug])
    pairs = list(run_job(job))
    assert [(p.scenario, p.seen, p.reason) for p in pairs if p.kind] == []
    assert set(finished(job)) == set(SAMPLE[bug])


def test_every_pair_is_in_one_job_and_what_a_defect_affects_comes_first(tmp_path: Path) -> None:
    names = ("clean", "wrong-total", "renamed-control")
    jobs = split_jobs(names, all_scenarios(), tmp_path)
    assert sorted((job.name, s) for job in jobs for s in job.scenarios) == sorted(product(names, all_scenarios()))
    assert [job.folder.name for job in jobs[:2]] == ["wrong-total-affected", "renamed-control-affected"]
    assert len({job.folder for job in jobs}) == len(jobs)
    assert max(len(job.scenarios) for job in jobs) <= JOB_SCENARIOS


def test_stopped_job_goes_on_where_it_was(tmp_path: Path) -> None:
    run = tmp_path / ".magenta" / "runs" / "1"
    run.mkdir(parents=True)
    trace = {"id": "x", "name": "x", "path": "/somewhere/suite/voucher.scenario.yaml", "verdict": "failed"}
    (run / "x.json").write_text(json.dumps(trace | {"reason": "no field", "steps": []}), encoding="utf-8")
    (pair,) = run_job(Job("control-gone", tmp_path, ("suite/voucher",)))
    assert (pair.seen, pair.reason, pair.kind) == ("failed", "no field", "")


IN_OTHER_WORDS = [path for path in SUITE.glob("*.scenario.yaml") if "other-words" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", IN_OTHER_WORDS, ids=lambda path: path.name.partition(".")[0])
def test_no_word_of_such_a_step_is_on_the_control_that_it_means(path: Path) -> None:
    remembered = load_memory(lock_path(path))
    assert remembered.steps != ()
    for step in remembered.steps:
        said = set(stems_of(re.sub(r"\$\{\w+\}|\"[^\"]*\"", "", step.do))) - lexicon().stop
        for target in step.targets:
            assert not said & set(stems_of(target.name)), f"{step.do} → {target.name}"


def test_a_third_of_the_suite_is_in_other_words() -> None:
    assert len(all_scenarios((SUITE,))) >= 25
    assert 3 * len(IN_OTHER_WORDS) >= len(all_scenarios((SUITE,)))
    assert len(all_scenarios()) == len(set(all_scenarios()))


@pytest.mark.parametrize(
    ("expected", "seen", "kind"),
    [
        ("passed", "passed", ""),
        ("failed", "passed", "false pass"),
        ("passed", "stuck", "false failure"),
        ("stale", "failed", "wrong kind"),
    ],
)
def test_wrong_verdicts_are_told_apart(expected: str, seen: str, kind: str) -> None:
    assert Pair("clean", "suite/x", expected, seen, "", 1.0).kind == kind
