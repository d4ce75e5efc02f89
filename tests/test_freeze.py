"""What becomes of a suite when a process of the browser is stopped in the middle: it answers nothing, but does not end.

| stopped                                | outcome                                                                   |
|----------------------------------------|---------------------------------------------------------------------------|
| the whole browser, Playwright's driver | it is ended, `error` for that scenario alone; the next one gets a new one |
| the page's process, the graphics' one  | `error` for that scenario alone, whatever step was under way              |

The run comes back by itself each time, and leaves no process behind.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driver import Driver
from playwright.sync_api import Page
from processes import Suite, below
from served import served

from magenta_qa.agent import agent as agent_module
from magenta_qa.agent.agent import Agent
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import BrowserError

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>Shop</title><link rel=icon href=data:,><label>Name <input></label>
<button onclick='o.textContent=`Saved`'>Save</button><p id=o>"""
STEPS = """
import os, signal, sys
from magenta_qa.agent import magenta_step
from magenta_qa.agent.page import pulse

sys.path.append(TESTS)
from processes import below

pulse.PAUSE_SECONDS, pulse.ANSWER_SECONDS = 0.3, 1.0

@magenta_step("the {word} stops")
def stop(word):
    for pid, command in below(os.getpid()):
        if "run-driver" in command if word == "driver" else "--type=" not in command and "--user-data-dir" in command:
            os.kill(pid, signal.SIGSTOP)
"""


def scenario(name: str, *steps: str) -> str:
    done = [*steps, "Click Save"]
    return json.dumps({"name": name, "url": "/", "steps": done, "expect": 'the page shows "Saved"'})


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path, f"{served(PAGE)}\nTESTS = {str(Path(__file__).parent)!r}\n{STEPS}")


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


@pytest.fixture
def stop() -> Iterator[Callable[[str], None]]:
    """Stops the browser's processes of a kind, until the end of the test."""
    stopped: list[int] = []

    def stop(kind: str) -> None:
        for pid, command in below(os.getpid()):
            if f"--type={kind}" in command:
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
        assert stopped

    yield stop
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("kind", ["renderer", "gpu-process"])
@pytest.mark.parametrize("act", [("click", "Save", None), ("fill", "Name", "Ada")], ids=["click", "fill"])
def test_action_that_nothing_but_the_browser_hinders_is_not_held_against_the_product(
    page: Page, driver: Driver, stop: Callable[[str], None], kind: str, act: tuple[str, str, str | None]
) -> None:
    page.set_content(PAGE)
    candidate = driver.find(act[1])
    stop(kind)
    with pytest.raises(BrowserError, match=r"did not answer|Nothing is in the way"):
        driver.act(act[0], candidate, value=act[2])


@pytest.mark.parametrize("step", ["Click Save", 'Type "Ada" into Name'])
def test_page_that_stops_is_an_error(
    page: Page, tmp_path: Path, stop: Callable[[str], None], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_module, "OBSERVE_SECONDS", 2.0)
    monkeypatch.setattr(agent_module, "PICTURE_SECONDS", 1.0)
    page.set_content(PAGE)
    with Agent(page, settings=Settings(home=tmp_path, timeout_ms=1_000, expect_timeout_ms=500)) as agent:
        stop("renderer")
        result = agent.do(step)
    assert result.verdict == "error"
    assert "the page did not answer" in result.reason
