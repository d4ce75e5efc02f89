"""Runs one scenario: opens its page, works off its entries, ends in exactly one verdict.

    Scenario(name="Remove an item", url="/cart", entries=(do "Remove the Blue backpack", expect "the cart is empty"))
        ─▶ ScenarioTrace(verdict="passed", steps=(open, do, expect), …)

A step that does not pass ends the scenario; expectations at its end are all evaluated, so that one run shows every
difference. What the run acted on is kept beside the scenario when it passed (`agent.memory`).
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from magenta_qa.agent.actions.page import LOAD_SECONDS, PageHand, goto
from magenta_qa.agent.agent import Agent
from magenta_qa.agent.check import connect
from magenta_qa.agent.checks.kinds import LooksCheck
from magenta_qa.agent.errand import Next
from magenta_qa.agent.expect import compile_expectation
from magenta_qa.agent.lock import load_memory, lock_patch, lock_path, save_memory, with_crops
from magenta_qa.agent.log import now_utc
from magenta_qa.agent.memory import Memory, RememberedExpectation, RememberedStep, target_of
from magenta_qa.agent.repeatable import why_anew
from magenta_qa.agent.replay import LOCK, can_replay
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Action, VerdictName
from magenta_qa.model.trace import Finding, Result, ScenarioTrace, StepTrace

if TYPE_CHECKING:
    from magenta_qa.agent.scenario import Entry, Scenario

ORDER: tuple[VerdictName, ...] = ("failed", "error", "stale", "stuck", "passed")
"""Which of several verdicts a scenario gets: the first that applies (design.md, "Verdicts")."""

TeamStep = Callable[[str], Callable[[], object] | None]
"""Finds the team's own implementation of a step's text, bound and ready to be called; None if there is none."""


def run_scenario(
    scenario: "Scenario",
    agent: Agent,
    *,
    node_id: str,
    url: str,
    team_step: TeamStep = lambda text: None,
    remember: bool = True,
    worker: str = "",
    attempt: int = 1,
) -> ScenarioTrace:
    """Run a scenario to its verdict; nothing that the page, the browser or a model does raises.

    Args:
        scenario: What to do and to expect.
        agent: A fresh agent on the page to use.
        node_id: Name of the test item.
        url: Absolute address of its first page; empty to go on with the page as it is.
        team_step: Looks up steps that the team implements itself.
        remember: Whether a passed run is kept beside the scenario file.
        worker: Name of the xdist worker.
        attempt: 1, or more when rerun.
    """
    started, at = time.monotonic(), now_utc()
    memory = load_memory(lock_path(scenario.path))
    steps = _run_entries(scenario, agent, url, team_step, memory)
    verdict, reason = _verdict(steps, agent)
    trace = ScenarioTrace(
        node_id,
        scenario.name,
        str(scenario.path),
        verdict,
        reason,
        steps,
        findings=agent.findings(0),
        tags=tuple(scenario.tags),
        url=agent.secrets.mask(url),
        started_at=at,
        seconds=time.monotonic() - started,
        understanding=agent.settings.understanding,
        decision=agent.settings.decision,
        degraded=agent.degraded,
        worker=worker,
        attempt=attempt,
    )
    if verdict == "passed" and remember:
        _remember(scenario, trace, agent, memory)
    return agent.privacy.mask_all(trace)


def patch_path(home: Path, scenario: Path) -> Path:
    """Where the patch for the lock of a scenario lies that was healed."""
    return home / "heal" / f"{lock_path(scenario).name}.patch"


def _remember(scenario: "Scenario", trace: ScenarioTrace, agent: Agent, before: Memory) -> None:
    """Keep what a passed run acted on; where something was healed, only as a patch unless the settings say `write`."""
    lock = lock_path(scenario.path)
    memory = with_crops(memory_of(trace, before), agent.log.images)
    patch = patch_path(agent.settings.home, scenario.path)
    if not trace.healed:
        patch.unlink(missing_ok=True)
    else:
        with suppress(OSError):  # a full disk takes the patch, not the verdict
            patch.parent.mkdir(parents=True, exist_ok=True)
            patch.write_text(lock_patch(lock, memory), encoding="utf-8")
    if memory != before and (not trace.healed or agent.settings.heal == "write"):
        save_memory(lock, memory)


def memory_of(trace: ScenarioTrace, before: Memory) -> Memory:
    """What a passed run acted on, and which expectations held; a step that was replayed stays as it was."""
    done = [step for step in trace.steps if step.kind == "do"]
    known = before.steps_for([step.text for step in done])
    steps = tuple(
        old if old and step.actions and all(a.decision.decider == LOCK for a in step.actions) else _remembered(step)
        for step, old in zip(done, known, strict=True)
    )
    held = [RememberedExpectation(c.expectation, c.compiled) for step in trace.steps for c in step.checks]
    return Memory(steps, tuple(dict.fromkeys(held)))


def _remembered(step: StepTrace) -> RememberedStep:
    targets = tuple(target_of(action) for action in step.actions if not action.error)
    return RememberedStep(step.text, targets, why_anew(step.text, targets))


def _run_entries(
    scenario: "Scenario", agent: Agent, url: str, team_step: TeamStep, memory: Memory
) -> tuple[StepTrace, ...]:
    steps: list[StepTrace] = []
    if url:
        steps.append(_open(agent, url))
    plan = _plan(scenario, memory)
    for number, entry in enumerate(scenario.entries):
        if _is_over(steps, entry):
            break
        then = _what_follows(scenario.entries[number + 1 :], plan[number + 1 :]) if agent.settings.replay else ""
        again = number > 0 and scenario.entries[number - 1].kind == "expect"
        step = _run_entry(entry, agent, team_step, plan[number], then, again=again)
        steps.append(replace(_in_the_light_of(memory, step), index=len(steps)))
    return tuple(steps)


def _plan(scenario: "Scenario", memory: Memory) -> list[RememberedStep | None]:
    """What is remembered of each entry; nothing of expectations and goals."""
    steps = iter(memory.steps_for([entry.text for entry in scenario.entries if entry.kind == "do"]))
    return [next(steps) if entry.kind == "do" else None for entry in scenario.entries]


def _what_follows(entries: Sequence["Entry"], plan: Sequence[RememberedStep | None]) -> Next:
    """What must be there for the next entry: its own control, what it is about, or the page at rest."""
    if not entries:
        return ""
    if entries[0].kind == "expect":
        check = compile_expectation(entries[0].text)
        return "" if check is None or isinstance(check, LooksCheck) else "check"
    return "step" if can_replay(plan[0]) else ""


def _in_the_light_of(memory: Memory, step: StepTrace) -> StepTrace:
    """An expectation about a part of the page that is gone since the scenario last passed is false."""
    gone = [c for c in step.checks if c.missing and c.verdict == "stuck" and c.expectation in memory.held]
    if step.kind != "expect" or not gone:
        return step
    reason = f"{gone[0].reason}; it was there when the scenario last passed"
    checks = tuple(replace(c, verdict="failed", reason=reason) if c in gone else c for c in step.checks)
    return replace(step, verdict="failed", reason=reason, checks=checks)


def _is_over(steps: Sequence[StepTrace], entry: "Entry") -> bool:
    """Whether the run stops here: after anything but a false expectation among other expectations."""
    bad = [step for step in steps if step.verdict != "passed"]
    return bool(bad) and not (entry.kind == "expect" and all(step.kind == "expect" for step in bad))


def _run_entry(
    entry: "Entry", agent: Agent, team_step: TeamStep, remembered: RememberedStep | None, then: Next, *, again: bool
) -> StepTrace:
    started = time.monotonic()
    try:
        own = team_step(entry.text) if entry.kind == "do" else None
        if own is not None:
            own()
            return StepTrace(0, entry.text, "do", "passed", "the team's own step", seconds=time.monotonic() - started)
        return _call(entry, agent, remembered, then, again=again).steps[0]
    except AssertionError as error:
        verdict: VerdictName = getattr(error, "verdict", "failed")
        reason = agent.secrets.mask(str(error) or "the team's own step failed")
    except Exception as error:  # whatever a team's step or a bug of ours raises must still end in a verdict
        verdict, reason = "error", agent.secrets.mask(f"{type(error).__name__}: {error}")
    return StepTrace(0, entry.text, entry.kind, verdict, reason, seconds=time.monotonic() - started)


def _call(entry: "Entry", agent: Agent, remembered: RememberedStep | None, then: Next, *, again: bool) -> Result:
    if entry.kind == "expect":
        return agent.check(entry.text, again=again)
    if entry.kind == "goal":
        return agent.achieve(entry.text)
    return agent.do(entry.text, remembered=remembered, then=then)


def _open(agent: Agent, url: str) -> StepTrace:
    """Go to the scenario's first page."""
    started = time.monotonic()
    since = agent.watch.mark()
    verdict, reason = _goto(agent, url)
    findings = agent.findings(since)
    broken = next((f for f in findings if f.fails), None)
    if verdict == "passed" and broken is not None:
        verdict, reason = "failed", f"the product showed an error: {broken.text}"
    return StepTrace(
        0,
        f"Open {agent.secrets.mask(url)}",
        "open",
        verdict,
        reason,
        findings=findings,
        seconds=time.monotonic() - started,
        image=agent.picture() if verdict != "passed" else None,
    )


def _goto(agent: Agent, url: str) -> tuple[VerdictName, str]:
    """Go there and wait until it is loaded; a picture or frame that never arrives is not waited for to the end."""
    try:
        goto(PageHand(Action("goto", value=url), agent.observer, agent.watch, agent.settings, url))
        connect(agent.page, agent.watch)
        _wait_for_load(agent, "domcontentloaded", LOAD_SECONDS * 1000)
    except PlaywrightTimeout:
        return "error", f"{agent.secrets.mask(url)} did not load within {LOAD_SECONDS:g} s"
    except (PlaywrightError, MagentaError) as error:
        return "error", agent.secrets.mask(str(error).splitlines()[0])
    with suppress(PlaywrightError, MagentaError):  # it goes on by itself, or the first step finds out what is wrong
        _wait_for_load(agent, "load", agent.settings.timeout_ms)
    return "passed", f"{agent.secrets.mask(agent.page.url)} was opened"


def _wait_for_load(agent: Agent, state: Literal["domcontentloaded", "load"], timeout_ms: float) -> None:
    """Until the page has come so far, or opens a dialog."""
    agent.watch.run(lambda: agent.page.wait_for_load_state(state, timeout=timeout_ms), timeout_ms / 1000 + 5)


def _verdict(steps: Sequence[StepTrace], agent: Agent) -> tuple[VerdictName, str]:
    """The scenario's verdict and its one-line cause."""
    bad = min((s for s in steps if s.verdict != "passed"), key=lambda s: ORDER.index(s.verdict), default=None)
    broken = next((f for f in agent.findings(0) if f.fails), None)
    if broken is not None and (bad is None or bad.verdict != "failed"):
        return "failed", f"the product showed an error: {_finding(broken)}"
    if bad is not None:
        return bad.verdict, f"{bad.text}: {bad.reason}" if bad.kind != "open" else bad.reason
    if not any(step.checks for step in steps):
        return "stuck", "no expectation was evaluated"
    checks = sum(len(step.checks) for step in steps)
    return "passed", f"{checks} expectation{'s' * (checks != 1)} held"


def _finding(finding: Finding) -> str:
    return f"{finding.text} ({finding.url})" if finding.url and finding.url not in finding.text else finding.text
