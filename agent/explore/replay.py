"""Writes a suspicion as a scenario and replays it in a fresh browser context: what does not come again is no finding.

    replayer.confirm(suspicion)    -> Finding(status="reproduced", scenario="dead-control-3f9a1c22.scenario.yaml", …)
    replayer.confirm_all([…])      -> a Finding each, of what can be seen at the end of one way

The first of its ways that reproduces it is kept. A replay that fails at something else, such as a control that it does
not find, proves nothing.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.explore.findings import Finding, Suspicion
from magenta_qa.agent.explore.history import Script, path_of
from magenta_qa.agent.explore.session import CONTEXT
from magenta_qa.agent.runner import run_scenario
from magenta_qa.agent.scenario import SUFFIX, Scenario, load_scenario, start_url
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.trace import ScenarioTrace, StepTrace

NOTHING_CHANGED = "nothing on the page changed"
_STEPS_TIMEOUT_MS, _EXPECT_TIMEOUT_MS = 5_000, 3_000
_STILL_TIMEOUT_MS = 1_000
"""For what a page at rest shows at once, and no later than that."""
_TOGETHER = f".together{SUFFIX}"


@dataclass(frozen=True, slots=True)
class Replayer:
    """Replays suspicions.

    Args:
        browser: Makes a context for each replay.
        settings: Of the agent.
        folder: Where scenarios are written.
        base_url: What their addresses are relative to.
        first: A steps file in that folder that comes before all else, such as a log-in; or none.
    """

    browser: Browser
    settings: Settings
    folder: Path
    base_url: str
    first: str = ""
    _broken: list[Script] = field(default_factory=list)
    """Beginnings that could not be replayed: other ways that begin so are not tried."""

    def confirm(self, suspicion: Suspicion) -> Finding:
        """Replay each way until one shows the fault again; its scenario stays in the folder."""
        path = self.folder / f"{suspicion.id}{SUFFIX}"
        finding = Finding(suspicion, "not reproduced", "there was no way to try", path.name)
        for script in dict.fromkeys(suspicion.scripts):
            if any(script.url == it.url and script.steps[: len(it.steps)] == it.steps for it in self._broken):
                continue
            write_scenario(path, suspicion, script, self.first)
            shown, reason = self._replay(path, suspicion, script)
            finding = replace(finding, script=script, reason=reason, status="reproduced" if shown else finding.status)
            if shown:
                return finding
        return finding

    def confirm_all(self, suspicions: Sequence[Suspicion]) -> list[Finding]:
        """Replay a way once for all that is seen at its end; what does not come again is tried by itself.

        Args:
            suspicions: With the same first way, and one expectation each.
        """
        script, path = suspicions[0].scripts[0], self.folder / _TOGETHER
        expect = [each.expect[0] for each in suspicions]
        save_scenario(path, "together", script, expect, self.first, comment="what is seen at the end of one way")
        try:
            trace = self._run(load_scenario(path), path, _STILL_TIMEOUT_MS)
            ends = [step for step in trace.steps if step.kind == "expect"]
        except (PlaywrightError, MagentaError):
            ends = []
        finally:
            path.unlink(missing_ok=True)
        if len(ends) != len(suspicions):
            return [self.confirm(each) for each in suspicions]
        pairs = zip(suspicions, ends, strict=True)
        return [self._seen(each, script, end) if end.verdict == "failed" else self.confirm(each) for each, end in pairs]

    def _seen(self, suspicion: Suspicion, script: Script, end: StepTrace) -> Finding:
        path = self.folder / f"{suspicion.id}{SUFFIX}"
        write_scenario(path, suspicion, script, self.first)
        return Finding(suspicion, "reproduced", end.reason, path.name, script)

    def unconfirmed(self, suspicion: Suspicion) -> Finding:
        """The finding of a suspicion that there was no time to replay."""
        path = self.folder / f"{suspicion.id}{SUFFIX}"
        script = suspicion.scripts[0] if suspicion.scripts else None
        if script is not None:
            write_scenario(path, suspicion, script, self.first)
        return Finding(suspicion, "not tried", "the time was over", path.name if script else "", script)

    def _replay(self, path: Path, suspicion: Suspicion, script: Script) -> tuple[bool, str]:
        try:
            scenario = load_scenario(path)
            trace = self._run(scenario, path, _EXPECT_TIMEOUT_MS)
        except (PlaywrightError, MagentaError) as error:
            return False, str(error).splitlines()[0]
        shown = shows(trace, scenario, suspicion)
        if not shown:
            self._note_broken(trace, scenario, script)
        return shown, trace.reason

    def _run(self, scenario: Scenario, path: Path, expect_ms: int) -> ScenarioTrace:
        context = self.browser.new_context(**CONTEXT)
        try:
            settings = replace(self.settings, timeout_ms=_STEPS_TIMEOUT_MS, expect_timeout_ms=expect_ms)
            with Agent(context.new_page(), settings=settings) as agent:
                url = start_url(scenario, self.base_url)
                return run_scenario(scenario, agent, node_id=path.name, url=url, remember=False)
        finally:
            with suppress(PlaywrightError):
                context.close()

    def _note_broken(self, trace: ScenarioTrace, scenario: Scenario, script: Script) -> None:
        """Note the step at which a replay ended before it came to the last one."""
        done = [step for step in trace.steps if step.kind == "do"]
        whole = [entry for entry in scenario.entries if entry.kind == "do"]
        count = len(script.steps) - (len(whole) - len(done))
        if done and done[-1].verdict != "passed" and 0 < count < len(script.steps):
            self._broken.append(Script(script.url, script.steps[:count]))


def shows(trace: ScenarioTrace, scenario: Scenario, suspicion: Suspicion) -> bool:
    """Whether a replay failed in the way that the suspicion says."""
    if trace.verdict != "failed":
        return False
    done = [step for step in trace.steps if step.kind == "do"]
    whole = [entry for entry in scenario.entries if entry.kind == "do"]
    if suspicion.fails_in_step:
        return len(done) == len(whole) and _is_dead(done[-1]) and all(s.verdict == "passed" for s in done[:-1])
    if suspicion.kind in ("exception", "server error"):
        return any(f.fails and _same_error(f.text, suspicion.text) for f in trace.findings)
    expected = [step for step in trace.steps if step.kind == "expect"]
    arrived = len(done) == len(whole) and all(step.verdict == "passed" for step in done)
    return arrived and any(step.verdict == "failed" for step in expected)


def write_scenario(path: Path, suspicion: Suspicion, script: Script, first: str) -> None:
    """The reproducing scenario as a file."""
    head = f"{suspicion.kind}: {suspicion.text}"
    save_scenario(path, head[:200], script, suspicion.expect, first, comment=f"Fails as long as this is so: {head}")


def save_scenario(
    path: Path, name: str, script: Script, expect: Sequence[str], first: str, *, comment: str, tags: Sequence[str] = ()
) -> None:
    """Write a scenario file.

    Args:
        path: The file.
        name: What it is called.
        script: Where it begins and what it does.
        expect: Its expectations.
        first: A steps file beside it that comes first; empty: none.
        comment: Its first line.
        tags: For selection by `-m`.
    """
    steps: list[str | Mapping[str, str]] = [{"run": first}, f"Go to {path_of(script.url)}"] if first else []
    steps += [_escaped(step) for step in script.steps]
    data: dict[str, object] = {"name": _escaped(name), "url": "/" if first else path_of(script.url)}
    data |= {"steps": steps} if steps else {}
    data |= {"expect": [_escaped(each) for each in expect]} | ({"tags": list(tags)} if tags else {})
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {' '.join(comment.split())}\n{text}", encoding="utf-8")


def load_first(path: Path) -> Scenario:
    """A steps file as a scenario of its own, whose last entry is no step of it.

    Raises:
        ScenarioError: The file cannot be used.
    """
    wrapper = path.with_name(f".{path.stem}{SUFFIX}")
    data = {"name": "first", "url": "/", "steps": [{"run": path.name}], "expect": ["there are no uncaught exceptions"]}
    wrapper.write_text(yaml.safe_dump(data), encoding="utf-8")
    try:
        return load_scenario(wrapper)
    finally:
        wrapper.unlink(missing_ok=True)


def _escaped(text: str) -> str:
    """A page's `${…}` is no placeholder of ours."""
    return " ".join(text.replace("${", "$${").split())


def _is_dead(step: StepTrace) -> bool:
    return step.verdict == "failed" and NOTHING_CHANGED in step.reason


def _same_error(seen: str, told: str) -> bool:
    """Whether the browser reported what the suspicion tells, which names no host: each replay may have another."""
    return re.sub(r"https?://[^/\s]+", "", seen.split("\n")[0])[:60] in told
