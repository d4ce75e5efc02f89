"""A replay does not act before a page is ready for it: in real Chromium, on pages of a server that takes its time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Site
from playwright.sync_api import Page

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.memory import RememberedStep, target_of
from magenta_qa.agent.replay import LOCK
from magenta_qa.agent.settings import Settings
from magenta_qa.model.trace import Result

pytestmark = pytest.mark.browser


@pytest.fixture
def agent(page: Page, tmp_path: Path) -> Iterator[Agent]:
    with Agent(page, settings=Settings(home=tmp_path, timeout_ms=3000, expect_timeout_ms=800)) as agent:
        yield agent


def _learn(agent: Agent, *steps: str) -> list[RememberedStep]:
    """What a run remembers of the steps, which it passes."""
    learned = []
    for step in steps:
        done = agent.do(step)
        assert done.verdict == "passed", done.reason
        learned.append(RememberedStep(step, tuple(target_of(action) for action in done.steps[0].actions)))
    return learned


def _replay(agent: Agent, memory: RememberedStep) -> Result:
    done = agent.do(memory.do, remembered=memory, then="step")
    assert done.verdict == "passed", done.reason
    assert [action.decision.decider for action in done.steps[0].actions] == [LOCK]
    return done


def test_press_waits_for_the_scripts_that_tell_what_it_does(agent: Agent, site: Site) -> None:
    agent.page.goto(f"{site}/late.html")
    (delete,) = _learn(agent, "Click Delete")
    agent.do("Dismiss the dialog")
    agent.page.goto(f"{site}/late.html", wait_until="commit")
    _replay(agent, delete)
    assert agent.dialog_message() == "confirm: Sure?"


def test_key_waits_for_the_scripts_that_tell_what_it_does(agent: Agent, site: Site) -> None:
    agent.page.goto(f"{site}/late.html")
    (escape,) = _learn(agent, "Press Escape")
    agent.page.goto(f"{site}/late.html", wait_until="commit")
    _replay(agent, escape)
    assert agent.page.text_content("#said") == "Escape was pressed"


def test_picture_that_never_arrives_is_not_waited_for(agent: Agent, site: Site) -> None:
    agent.page.goto(f"{site}/hung_picture.html", wait_until="commit")
    (save,) = _learn(agent, "Click Save")
    agent.page.goto(f"{site}/hung_picture.html", wait_until="commit")
    _replay(agent, save)
    assert agent.page.text_content("#said") == "Saved while interactive"


def test_page_is_not_left_before_what_was_sent_has_arrived(agent: Agent, site: Site) -> None:
    agent.page.goto(f"{site}/leave.html")
    save, leave = _learn(agent, "Click Save", "Click Leave")
    agent.page.evaluate("delete localStorage.saved")
    agent.page.goto(f"{site}/leave.html")
    _replay(agent, save)
    _replay(agent, leave)
    assert agent.check('the page shows "Saved: yes"').verdict == "passed"


def test_press_that_an_inner_frame_has_taken_is_done_again(agent: Agent) -> None:
    save = '<button style="margin:200px" onclick="said.textContent += \'saved\'" {}>Save</button><p id=said></p>'
    agent.page.set_content(save.format(""))
    (memory,) = _learn(agent, "Click Save")
    slips = """onmouseenter="this.onmouseenter = null; over.hidden = false; setTimeout(() => over.remove(), 300)" """
    over = '<iframe id=over hidden style="position:fixed; inset:0; width:100%; height:100%"></iframe>'
    agent.page.set_content(save.format(slips) + over)
    done = agent.do("Click Save", remembered=memory, then="step")
    assert done.verdict == "passed", done.reason
    assert agent.page.text_content("#said") == "saved"
