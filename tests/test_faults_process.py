"""What becomes of a suite when its process, its browser or its disk fails, with real browsers in real processes.

| fault                                   | outcome                                                                  |
|-----------------------------------------|--------------------------------------------------------------------------|
| kill -9 in the middle of a suite        | what was done is reported, the rest named; the next run works            |
| the browser is killed, a page crashes   | `error` for that scenario alone; the next one gets a new browser         |
| the disk is full                        | verdicts and exit code as ever; what could not be written is said        |

Each leaves a log that can be read line by line, and no browser process behind.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import Suite
from served import served

from magenta_qa.agent.reports.traces import ENDED_AMID

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>Shop</title><link rel=icon href=data:,>
<button onclick='o.textContent=`Saved`'>Save</button><p id=o>"""
STEPS = """
import os, pathlib, resource, signal, subprocess
import pytest
from magenta_qa.agent import magenta_step

@magenta_step("wait to be killed")
def wait(page):
    pathlib.Path("waiting").touch()
    page.wait_for_timeout(60_000)

@magenta_step("the browser is killed")
def kill(page):
    session = page.context.browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    os.kill(next(each["id"] for each in found if each["type"] == "browser"), signal.SIGKILL)

@magenta_step("the page crashes")
def crash(page):
    page.goto("chrome://crash", timeout=5_000)

@magenta_step("the disk is full")
def fill():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
"""


def scenario(name: str, *steps: str) -> str:
    return json.dumps({"name": name, "url": "/", "steps": [*steps, "Click Save"], "expect": 'the page shows "Saved"'})


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path, served(PAGE) + STEPS)


def test_kill_9_in_the_middle_of_a_suite(suite: Suite) -> None:
    suite.write(a=scenario("First"), b=scenario("Killed", "wait to be killed"), c=scenario("Never"))
    process = suite.start()
    deadline = time.monotonic() + 120
    while not (suite.folder / "waiting").exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    suite.wait_until_gone()
    assert suite.verdicts() == {"First": "passed", "Killed": "error"}
    assert suite.check_log() == 1
    told = subprocess.run(
        [sys.executable, "-m", "magenta_qa.agent.cli", "report"], cwd=suite.folder, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    report = (suite.home / "report.html").read_text(encoding="utf-8")
    assert ENDED_AMID in report
    assert "c.scenario.yaml::Never" in report
    assert "1 never started" in (suite.home / "report.md").read_text(encoding="utf-8")

    with (suite.home / "log" / "interactions.jsonl").open("ab") as log:
        log.write(b'{"v": 1, "id": "torn')  # as a kill in the middle of a write would leave it
    suite.write(b=scenario("Killed"))
    code, out = suite.run()
    assert code == 0, out
    assert set(suite.verdicts().values()) == {"passed"}
    lines = (suite.home / "log" / "interactions.jsonl").read_bytes().splitlines()
    assert [line for line in lines if not line.endswith(b"}")] == [b'{"v": 1, "id": "torn']
    assert len(lines) == 4, "the torn line, one of the first run, two of those not replayed by a lock"
    suite.wait_until_gone()


def test_dead_browser_and_crashed_page_cost_one_scenario_each(suite: Suite) -> None:
    suite.write(
        a=scenario("Browser", "the browser is killed"),
        b=scenario("After the browser"),
        c=scenario("Page", "the page crashes"),
        d=scenario("After the page"),
    )
    started = time.monotonic()
    code, out = suite.run()
    assert suite.verdicts() == {
        "Browser": "error",
        "After the browser": "passed",
        "Page": "error",
        "After the page": "passed",
    }, out
    assert code == 12
    assert "Traceback" not in out
    assert suite.check_log() == 2
    assert time.monotonic() - started < 120
    suite.wait_until_gone()


def test_full_disk_changes_no_verdict(suite: Suite) -> None:
    suite.write(a=scenario("First"), b=scenario("Full", "the disk is full"), c=scenario("Still"))
    (suite.folder / "d.scenario.yaml").write_text(scenario("False").replace('shows \\"Saved', 'shows \\"Lost'))
    code, out = suite.run("--magenta-expect-timeout=1s")
    assert code == 1, out
    assert re.search(r"1 failed, 3 passed", out)
    assert "magenta: " in out and "not written" in out
    assert "INTERNALERROR" not in out
    assert suite.verdicts()["First"] == "passed"
    assert suite.check_log() == 1
    assert not list((suite.home / "runs").rglob("*.tmp"))
    suite.wait_until_gone()
