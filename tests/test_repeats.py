"""Repeated runs: which items there are, what counts, and what is said about runs that differ."""

import pytest
from scripted import EVERY, run, scenario, verdicts, write

from magenta_qa.agent.plugin.repetition import split_repetition
from magenta_qa.agent.reports.overview import build_overview
from magenta_qa.agent.reports.repeats import agreements, distinct_ways
from magenta_qa.agent.reports.report import build_report
from magenta_qa.agent.reports.summary import build_summary
from magenta_qa.model.schema import Action, Decision
from magenta_qa.model.trace import ActionTrace, ScenarioTrace, StepTrace

pytest_plugins = ["pytester", "scripted"]


def trace(repetition, *steps, verdict="passed", group="buy"):
    made = [
        StepTrace(n, f"Step {n}", "do", each, "because", actions=(click(name),)) for n, (each, name) in enumerate(steps)
    ]
    return ScenarioTrace(
        f"{group}-{repetition}",
        "Buy",
        "buy.scenario.yaml",
        verdict,
        "because",
        tuple(made),
        repetition=repetition,
        group=group,
    )


def click(name):
    return ActionTrace(Action("click", 1), Decision("act"), element_type="button", name=name)


SAME = [trace(n, ("passed", "Save")) for n in (1, 2, 3)]
DIFFERENT = [
    trace(1, ("passed", "Save"), ("passed", "Next")),
    trace(2, ("passed", "Save"), ("passed", "Next")),
    trace(3, ("failed", "Save"), verdict="failed"),
]


def test_runs_that_do_the_same_agree():
    found = agreements(SAME)["buy"]
    assert (found.flaky, found.difference, found.tally) == (False, "", "3 passed")
    assert [step.agreed for step in found.steps] == [3]
    assert distinct_ways(SAME) == SAME[:1]


def test_first_differing_step_is_told_with_what_each_run_did():
    found = agreements(DIFFERENT)["buy"]
    assert found.flaky
    assert [step.agreed for step in found.steps] == [2, 2]
    way = 'passed, click button "Save" in runs 1, 2; failed, click button "Save" in run 3'
    assert found.difference == f'step 1, "Step 0": {way}'


def test_same_verdict_on_another_control_is_flaky_too():
    assert agreements([trace(1, ("passed", "Save")), trace(2, ("passed", "Store"))])["buy"].flaky


def test_worst_run_counts_and_each_scenario_once():
    overview = build_overview([*DIFFERENT, *(trace(n, ("passed", "Go"), group="other") for n in (1, 2, 3))])
    assert overview.total == 2
    assert (overview.counts["failed"], overview.counts["passed"]) == (1, 1)
    assert [each.scenario for each in overview.flaky] == ["buy"]


def test_report_and_summary_say_what_differed(tmp_path):
    report = build_report(DIFFERENT, tmp_path, tmp_path / "report.html").read_text(encoding="utf-8")
    assert report.count('<article class="scenario') == 2  # the run that counts, and the other way
    assert "2 of 3" in report and "3 runs: 2 passed, 1 failed" in report
    summary = build_summary(DIFFERENT)
    assert "### Flaky" in summary
    assert "| Buy | 2 passed, 1 failed | step 1, " in summary


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("a::Buys[chromium-run 2 of 5]", ("a::Buys[chromium]", 2)),
        ("Buys[run 12 of 20]", ("Buys", 12)),
        ("Buys[Ada]", ("Buys[Ada]", 0)),
    ],
)
def test_repetition_is_split_off(name, split):
    assert split_repetition(name) == split


@pytest.mark.parametrize("workers", [(), pytest.param(("-n2",), marks=pytest.mark.slow)], ids=["one process", "xdist"])
def test_repeated_suite_names_the_scenario_that_differs(project, workers):
    write(project, flaky=scenario("once marker", name="Flaky"), good=EVERY["passed"], many=MANY)
    result = run(project, "--magenta-repeat=3", *workers)
    assert result.ret == 1  # the worst run counts
    assert len(verdicts(project)) == 4  # a name for each scenario, not for each run
    result.stdout.fnmatch_lines(["magenta: flaky: Flaky (2 passed, 1 failed): step 1, *once marker*in run *"])
    report = (project.path / ".magenta" / "report.html").read_text(encoding="utf-8")
    assert "3 runs of each: 3 of 4 scenarios agreed at every step" in report


MANY = scenario("'hello ${user}'", name="Greets", parametrize="{user: [Ada, Bob]}")


def test_chain_is_repeated_as_a_chain(project):
    write(
        project, login=scenario("look", name="Login"), cart=scenario("look", name="Cart", after="login.scenario.yaml")
    )
    result = run(project, "--magenta-repeat=2", "-k", "Cart", "-v")
    result.assert_outcomes(passed=4)
    lines = [line.partition("::")[2].partition(" PASSED")[0] for line in result.outlines if "PASSED" in line]
    names = [f"{name}[chromium-run {n} of 2]" for n in (1, 2) for name in ("Login", "Cart")]
    assert lines == names


@pytest.mark.parametrize("value", ["0", "many", "1001"])
def test_number_of_runs_must_be_one(project, value):
    result = run(project, f"--magenta-repeat={value}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*--magenta-repeat: '{value}' must be a whole number from 1 to 1,000*"])
