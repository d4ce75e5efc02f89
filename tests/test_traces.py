"""Traces on disk: whole, apart from each other, and read even when some are broken."""

from dataclasses import replace

import pytest

from magenta_qa.agent.reports.traces import load_traces, save_trace
from magenta_qa.model.schema import Action, Box, Decision, Effect
from magenta_qa.model.trace import ActionTrace, CheckTrace, ScenarioTrace, StepTrace

ACTION = ActionTrace(
    Action("fill", mark=3, value="${PASSWORD}"),
    Decision("act", Action("fill", mark=3), confidence=0.9, reason="the only password field"),
    box=Box(1.5, 2, 3, 4),
    effect=Effect(dom=2, errors=("console: no",)),
    seconds={"observe": 0.1, "act": 0.25},
)
CHECK = CheckTrace("The title is “Ü”", 'title is "Ü"', "passed", 'the title is "Ü"', judged_by="dom")
STEPS = (
    StepTrace(0, "Log in", "do", "passed", "", actions=(ACTION,)),
    StepTrace(1, "…", "expect", "passed", "", checks=(CHECK,)),
)
TRACE = ScenarioTrace(
    "a.scenario.yaml::0", "Log in", "a.scenario.yaml", "passed", "", STEPS, tags=("smoke",), seconds=1.5, worker="gw0"
)


def test_trace_comes_back_as_it_was_saved(tmp_path):
    path = save_trace(TRACE, tmp_path / "deep" / "traces")
    assert load_traces(path.parent) == [TRACE]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_scenarios_attempts_and_workers_have_files_of_their_own(tmp_path):
    others = [replace(TRACE, id="b"), replace(TRACE, attempt=2), replace(TRACE, worker="gw1")]
    assert len({save_trace(trace, tmp_path) for trace in (TRACE, *others)}) == 4
    assert len(load_traces(tmp_path)) == 4


def test_traces_of_all_workers_come_in_the_order_in_which_they_started(tmp_path):
    for second in (3, 1, 2):
        save_trace(replace(TRACE, id=str(second), started_at=f"2026-11-22T21:00:0{second}Z"), tmp_path)
    assert [trace.id for trace in load_traces(tmp_path)] == ["1", "2", "3"]


def test_any_name_makes_a_file_name(tmp_path):
    names = ("../../etc/passwd", "", "x" * 500, "日本", "a/b\\c:d*?", "\ud800 \x00")
    paths = {save_trace(replace(TRACE, id=name, name=name), tmp_path) for name in names}
    assert {path.parent for path in paths} == {tmp_path}
    assert len(load_traces(tmp_path)) == len(names)


@pytest.mark.parametrize("content", [b"", b'{"id": "half', b"[]", b"\xff\xfe", b'{"id": 1}'])
def test_broken_file_is_a_scenario_that_ended_in_error(content, tmp_path):
    save_trace(TRACE, tmp_path)
    (tmp_path / "broken.json").write_bytes(content)
    verdicts = {trace.name: trace.verdict for trace in load_traces(tmp_path)}
    assert verdicts == {"broken": "error", "Log in": "passed"}


def test_no_folder_holds_no_traces(tmp_path):
    assert load_traces(tmp_path / "none") == []
