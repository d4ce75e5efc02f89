"""One step or goal under way, whoever decides what is done: what has been done, what it means, how it ends.

errand = Errand(agent, "Open the cart", None, remembered, time.monotonic(), agent.watch.mark())
judge(errand, action, candidate, effect, error)      -> End("failed", "… nothing on the page changed"), or None
step_trace(errand, End("passed", "…"))               -> StepTrace(…)
"""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from magenta_qa.agent.effect import fits
from magenta_qa.agent.memory import RememberedStep, Target
from magenta_qa.model.schema import Action, Candidate, Decision, Done, Effect, VerdictName
from magenta_qa.model.trace import ActionTrace, StepTrace

if TYPE_CHECKING:
    from magenta_qa.agent.agent import Agent

Next = Literal["step", "check", ""]
"""What comes after a step: one that can be replayed, an expectation that waits for what it is about, or other things,
for which the page must have come to rest."""
MAX_RETRIES = 2  # of an action whose element was replaced under it
MAX_SETBACKS = 3  # actions in a row without a fitting effect, when pursuing a goal


@dataclass(slots=True)
class Errand:
    """One step or goal under way."""

    agent: "Agent"
    step: str | None
    goal: str | None
    remembered: RememberedStep | None
    started: float
    since: int
    done: list[Done] = field(default_factory=list)
    actions: list[ActionTrace] = field(default_factory=list)
    retries: int = 0
    setbacks: int = 0
    detours: int = 0
    """How many of the actions opened something first that did not have to be opened when the scenario last passed."""
    needs_picture: bool = False
    """Whether a model had to be asked, so that it will be again."""
    drift: str = ""
    """Why the step could not be replayed to its end."""

    @property
    def at(self) -> int:
        """Which of the remembered actions comes next."""
        return len(self.done) - self.detours

    def target(self) -> Target | None:
        """What the next action was carried out on when the scenario last passed; None where nothing tells."""
        if self.remembered is None or self.remembered.anew or not 0 <= self.at < len(self.remembered.targets):
            return None
        return self.remembered.targets[self.at]


@dataclass(frozen=True, slots=True)
class End:
    """How an errand ends."""

    verdict: VerdictName
    reason: str
    decision: Decision | None = None


def judge(errand: Errand, action: Action, candidate: Candidate | None, effect: Effect | None, error: str) -> End | None:
    """What the outcome of an action means for the errand."""
    agent = errand.agent
    strayed = _strayed(agent)
    if strayed:
        return End("error", strayed)
    broken = next((f for f in agent.findings(errand.since) if f.fails), None)
    if broken is not None:
        return End("failed", f"the product showed an error: {broken.text}")
    if error:
        return _setback(errand, error, can_retry="no longer on the page" in error or "detached" in error)
    assert effect is not None
    mismatch = fits(action, candidate, effect)
    place = errand.done[-1].place
    if mismatch and not (place is not None and place.attempt):
        return _setback(errand, f"{action.kind} {label_of(candidate)}: {mismatch}", can_retry=False)
    errand.setbacks = 0
    return None


def _setback(errand: Errand, reason: str, *, can_retry: bool) -> End | None:
    """An action failed or changed nothing: a step fails, a goal may try something else."""
    if can_retry and errand.retries < MAX_RETRIES:
        errand.retries += 1
        errand.done.pop()
        return None
    errand.setbacks += 1
    if errand.goal is not None and errand.setbacks < MAX_SETBACKS:
        return None
    return End("failed", reason)


def follow_tab(errand: Errand, effect: Effect | None) -> None:
    """A person looks at the tab that just opened, or at the last one left when theirs closed."""
    agent = errand.agent
    if effect is not None and effect.tab and effect.tab != "closed" and agent.watch.new_page is not None:
        agent.observer.page = agent.watch.new_page
    elif agent.page.is_closed():
        left = [page for page in agent.watch.context.pages if not page.is_closed()]
        if left:
            agent.observer.page = left[-1]


def _strayed(agent: "Agent") -> str:
    """Why the page is not where the scenario may go; empty while it is."""
    parts = urlsplit(agent.page.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in ("http", "https") or not agent.allow or origin in agent.allow:
        return ""
    return f"left the allowed origins ({', '.join(agent.allow)}) for {agent.page.url}; add it to `allow:` if meant"


def label_of(candidate: Candidate | None) -> str:
    """It in words, such as `button "Save"`; empty for the page as a whole."""
    return f'{candidate.element_type} "{candidate.name or candidate.text}"' if candidate else ""


def step_trace(errand: Errand, end: End) -> StepTrace:
    """What is kept of it."""
    agent = errand.agent
    picture = None if end.verdict == "passed" else agent.picture()
    return StepTrace(
        0,
        errand.step or errand.goal or "",
        "goal" if errand.goal else "do",
        end.verdict,
        agent.secrets.mask(end.reason),
        actions=tuple(errand.actions),
        findings=agent.findings(errand.since),
        seconds=time.monotonic() - errand.started,
        image=picture,
        decision=end.decision,
    )


def first_line(error: Exception) -> str:
    """What an error says in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
