"""`magenta mutate`: which mutants there are, what becomes of them, and the whole way with a browser."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from scripted import run, scenario, write
from served import served

from magenta_qa.agent.mutate import EXIT_SURVIVED, advice, exit_code, mutate
from magenta_qa.agent.mutation import KINDS, Mutant, build_mutants
from magenta_qa.agent.plugin.mutants import Outcome, judge, load_outcomes, load_plan, save_outcome, save_plan
from magenta_qa.agent.reports.mutants import build_mutants_page
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.schema import Action, Decision
from magenta_qa.model.trace import ActionTrace, ScenarioTrace, StepTrace

pytest_plugins = ["pytester", "scripted"]


def act(name: str, role: str = "button", url: str = "http://shop.test/cart/7", error: str = "") -> ActionTrace:
    locators = (f"text={name}",)
    decision = Decision("act")
    return ActionTrace(Action("click", 1), decision, role=role, name=name, locators=locators, url=url, error=error)


def trace(file: str, *actions: ActionTrace, verdict: str = "passed", attempt: int = 1) -> ScenarioTrace:
    step = StepTrace(1, "Click it", "do", "passed", "", actions, seconds=2.0)
    return ScenarioTrace(f"{file}.scenario.yaml::Buys", "Buys", file, verdict, "", (step,), attempt=attempt)


MUTANT = Mutant("5f0c", "hide", "a.scenario.yaml::Buys", "Click it", "button", "Save", (), "/", 3_000)
SEEN = Outcome(MUTANT.scenario, "5f0c", "failed", "gone", applied=True)


def test_each_control_of_a_scenario_is_changed_once_in_each_way() -> None:
    mutants = build_mutants([trace("a", act("Save"), act("Save", url="http://shop.test/cart/12"), act("", "link"))])
    found = sorted((m.name, m.kind) for m in mutants)
    assert found == [("", "disable"), ("", "hide"), ("Save", "disable"), ("Save", "hide"), ("Save", "rename")]
    assert {m.page for m in mutants} == {"/cart/#"}
    assert {m.patience_ms for m in mutants} == {8_000}  # four times the longest step


def test_only_what_passed_and_what_was_really_done_says_anything() -> None:
    failed, vain = trace("b", act("Save"), verdict="failed"), trace("c", act("Save", error="covered"), act("", ""))
    rerun = [trace("d", act("Save"), verdict="failed"), trace("d", act("Save"), attempt=2)]
    mutants = build_mutants([failed, vain, *rerun])
    assert {m.scenario for m in mutants} == {"d.scenario.yaml::Buys"}


def test_sample_takes_scenarios_in_turn_and_is_the_same_every_time() -> None:
    traces = [trace(file, act("Save"), act("Close")) for file in "abcd"]
    first = [m.scenario for m in build_mutants(traces)[:4]]
    assert len(set(first)) == 4
    assert build_mutants(traces) == build_mutants(traces[::-1])
    assert {m.id for m in build_mutants(traces, ["hide"])} < {m.id for m in build_mutants(traces)}


@pytest.mark.parametrize(
    ("outcomes", "fate"),
    [
        ([], "not judged"),
        ([SEEN], "noticed"),
        ([replace(SEEN, verdict="stale")], "noticed"),
        ([replace(SEEN, verdict="passed")], "survived"),
        ([replace(SEEN, applied=False)], "not applied"),
        ([replace(SEEN, verdict="passed", applied=False)], "not applied"),
        ([replace(SEEN, verdict="error")], "not judged"),
        ([replace(SEEN, verdict="skipped", applied=False)], "not judged"),
        ([replace(SEEN, verdict="error"), SEEN], "noticed"),
        ([SEEN, Outcome(MUTANT.scenario, "", "passed")], "noticed"),
        ([SEEN, Outcome(MUTANT.scenario, "", "failed", "no stock left")], "not judged"),
        ([replace(SEEN, verdict="passed"), Outcome(MUTANT.scenario, "", "failed")], "survived"),
    ],
)
def test_fate_of_a_mutant(outcomes: list[Outcome], fate: str) -> None:
    assert [each.fate for each in judge([MUTANT], outcomes)] == [fate]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [(["failed", "stale"], 0), (["failed", "passed"], EXIT_SURVIVED), (["failed", "error"], 12), (["error"], 12)],
)
def test_exit_code(verdicts: list[str], code: int) -> None:
    mutants = [replace(MUTANT, id=verdict) for verdict in verdicts]
    assert exit_code(judge(mutants, [replace(SEEN, mutant=m.id, verdict=m.id) for m in mutants])) == code
    assert exit_code(judge(mutants, [replace(SEEN, mutant=m.id, applied=False) for m in mutants])) == 12


def test_action_on_the_control_itself_shows_that_it_was_not_changed() -> None:
    mutant = next(m for m in build_mutants([trace("a", act("Save"))]) if m.kind == "hide")
    assert mutant.acted_on(act("Save"))
    assert not mutant.acted_on(act("Zorblax"))
    assert not mutant.acted_on(act("Save", url="http://shop.test/orders"))
    assert not mutant.acted_on(act("Save", error="it is disabled"))


def test_torn_line_is_left_out_and_a_file_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    save_outcome(SEEN, tmp_path / "results.jsonl")
    with (tmp_path / "results.jsonl").open("ab") as file:
        file.write(b'{"scenario": "torn')
    save_outcome(SEEN, tmp_path / "results.jsonl")
    assert load_outcomes(tmp_path / "results.jsonl") == [SEEN, SEEN]
    save_plan([MUTANT], tmp_path / "plan.json")
    assert load_plan(tmp_path / "plan.json") == (MUTANT,)
    with pytest.raises(ConfigError, match="is no plan of mutants"):
        load_plan(tmp_path / "results.jsonl")


def test_page_and_terminal_make_hostile_text_harmless(tmp_path: Path) -> None:
    hostile = replace(MUTANT, name="<script>x</script>\x1b[31m", step="<img src=x>")
    found = judge([hostile], [replace(SEEN, verdict="passed", acts=("click <b>",))])
    text = build_mutants_page(found, tmp_path, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "0 of 1 changes were noticed" in text
    assert not re.search("<script|<img src|<b>x|\x1b", text)
    assert "\x1b" not in advice(found)[0].plain


@pytest.mark.parametrize("arguments", [["--kinds", "break"], ["--kinds=hide,break"], ["--sample", "0"], ["--kinds"]])
def test_option_that_cannot_be_used_is_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(mutate, arguments)
    assert result.exit_code == 2
    assert "Error" in result.output


def mutants_of(*names: str) -> list[Mutant]:
    ids = {name: f"{name}.scenario.yaml::{name.upper()}[chromium]" for name in names}
    return [replace(MUTANT, id=f"{kind}-{name}", kind=kind, scenario=ids[name]) for name in names for kind in KINDS]


@pytest.mark.parametrize("options", [(), pytest.param(("-n2",), marks=pytest.mark.slow)])
def test_plan_is_run_mutant_by_mutant_and_goes_on_where_it_was(project, options) -> None:
    write(project, a=scenario("verdict failed gone", name="A"), b=scenario("look", name="B"), c=scenario(name="C"))
    project.makepyfile("def test_one(): raise ValueError('not asked for')")
    plan, results = project.path / "plan.json", project.path / "results.jsonl"
    mutants = mutants_of("a", "b")
    save_plan(mutants, plan)
    save_outcome(Outcome(mutants[0].scenario, mutants[0].id, "failed", applied=True), results)
    save_outcome(Outcome(mutants[1].scenario, mutants[1].id, "error", applied=True), results)
    result = run(project, f"--magenta-mutants={plan}", *options)
    assert result.ret == 0, result.stdout.str()
    assert not (project.path / ".magenta" / "report.html").exists()
    outcomes = load_outcomes(results)[2:]
    assert sorted(o.mutant for o in outcomes) == ["", "", *sorted(m.id for m in mutants[1:])]
    assert {(o.scenario[0], o.verdict) for o in outcomes} == {("a", "failed"), ("b", "passed")}
    assert not list(project.path.glob("*.lock.yaml"))


def test_scenario_goes_on_from_an_unchanged_predecessor(project) -> None:
    write(project, first=scenario("look", name="FIRST"))
    write(project, second="name: SECOND\nafter: first.scenario.yaml\nsteps:\n- look\nexpect: it is so\n")
    plan = project.path / "plan.json"
    save_plan(mutants_of("second"), plan)
    result = run(project, "-s", f"--magenta-mutants={plan}")
    assert result.ret == 0, result.stdout.str()
    outcomes = load_outcomes(project.path / "results.jsonl")
    assert [o.scenario.partition(".")[0] for o in outcomes] == ["first", *["second"] * 4]
    assert {o.verdict for o in outcomes} == {"passed"}
    assert result.stdout.str().count("of this process") == 4  # the state in which FIRST has left the browser


PAGE = """<!doctype html><title>Basket</title><link rel=icon href=data:,><h1>Basket</h1>
<ul><li>Apples <button>Remove</button></li><li>Pears <button>Remove</button></li></ul><p id=out></p>
<script>for (const button of document.querySelectorAll("li button")) button.onclick = () => {
  out.textContent = button.parentElement.firstChild.data.trim() + " removed";
  button.parentElement.remove();
}</script>"""


def basket(name: str, expectation: str) -> str:
    steps = ["Click the first Remove button"]
    return json.dumps({"name": name, "url": "/", "steps": steps, "expect": f'the page shows "{expectation}"'})


@pytest.mark.browser
@pytest.mark.slow
def test_weak_expectation_is_the_one_that_lets_mutants_survive(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(served(PAGE))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "weak.scenario.yaml").write_text(basket("Something is removed", "removed"))
    (tmp_path / "strong.scenario.yaml").write_text(basket("Apples are removed", "Apples removed"))
    command = [sys.executable, "-m", "magenta_qa.agent.cli", "mutate", ".", "--magenta-expect-timeout=500ms"]
    command += ["--magenta-timeout=1s", "--kinds"]

    def told(*options: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=240)

    first = told("hide", "--sample", "1")
    assert re.search(r"^all +\d +\d +0 +0", first.stdout, re.MULTILINE), first.stdout + first.stderr
    second = told("hide", "disable", "rename")
    assert second.returncode == EXIT_SURVIVED, second.stdout + second.stderr
    assert "6 mutants of 2 scenarios that pass; 1 were judged before" in second.stdout
    home = tmp_path / ".magenta" / "mutate"
    found = judge(load_plan(home / "plan.json"), load_outcomes(home / "results.jsonl"))
    fates = {(each.mutant.kind, each.mutant.scenario[:4]): each.fate for each in found}
    assert fates == {(k, s): "survived" if s == "weak" else "noticed" for k in KINDS for s in ("weak", "stro")}
    page = (home / "mutants.html").read_text(encoding="utf-8")
    assert "3 of 6 changes were noticed" in page
    assert "data:image/webp;base64," in page
    assert not (tmp_path / ".magenta" / "log").exists()
