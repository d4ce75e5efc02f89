"""What becomes of a suite when a process of the browser is stopped in the middle: it answers nothing, but does not end.

| stopped                                | outcome                                                                   |
|----------------------------------------|---------------------------------------------------------------------------|
| the whole browser, Playwright's driver | it is ended, `error` for that scenario alone; the next one gets a new one |
| the page's process, the graphics' one  | `error` for that scenario alone, whatever step was under way              |

The run comes back by itself each time, and leaves no process behind.
"""

import json
from pathlib import Path

import pytest
from processes import Suite
from served import served

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>Shop</title><link rel=icon href=data:,><label>Name <input></label>
<button onclick='o.textContent=`Saved`'>Save</button><p id=o>"""
STEPS = """
import os, pathlib, signal, threading
from magenta_qa.agent import magenta_step
from magenta_qa.agent.page import pulse

pulse.PAUSE_SECONDS, pulse.ANSWER_SECONDS = 0.3, 1.0

def below(pid):
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            command = stat.with_name("cmdline").read_text()
        except OSError:
            continue
        if parent == pid:
            yield int(stat.parent.name), command
            yield from below(int(stat.parent.name))

def stop(sign):
    for pid, command in list(below(os.getpid())):
        if sign in command if sign else "--type=" not in command and "--user-data-dir" in command:
            os.kill(pid, signal.SIGSTOP)

@magenta_step("the {word} stops")
def at_once(word):
    stop({"browser": "", "driver": "run-driver", "page": "--type=renderer", "graphics": "--type=gpu-process"}[word])
"""


def scenario(name: str, *steps: str) -> str:
    done = [*steps, "Click Save"]
    return json.dumps({"name": name, "url": "/", "steps": done, "expect": 'the page shows "Saved"'})


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path, served(PAGE) + STEPS)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("browser", "the browser did not answer for 2 s and was ended"),
        ("driver", "Playwright's driver did not answer for 2 s and was ended"),
    ],
)
def test_what_never_answers_is_ended_and_started_anew(suite: Suite, word: str, reason: str) -> None:
    suite.write(a=scenario("Stops", f"the {word} stops"), b=scenario("After"))
    code, out = suite.run()
    assert code == 12, out
    traces = {trace.name: trace for trace in suite.traces()}
    assert (traces["Stops"].verdict, traces["After"].verdict) == ("error", "passed"), out
    assert traces["Stops"].reason == f"Click Save: {reason}"
    suite.wait_until_gone()
