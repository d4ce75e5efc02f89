"""One step or goal under way, whoever decides what is done: what has been done, what it means, how it ends.

errand = Errand(agent, "Open the cart", None, remembered, time.monotonic(), agent.watch.mark())
judge(errand, action, candidate, effect, error)      -> End("failed", "… nothing on the page changed"), or None
step_trace(errand, End("passed", "…"))               -> StepTrace(…)
"""

import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from magenta_qa.agent.effect import fits
from magenta_qa.agent.memory import RememberedStep, Target
from magenta_qa.model.schema import Action, Candidate, Decision, Description, Done, Effect, Observation, VerdictName
from magenta_qa.model.trace import ActionTrace, StepTrace

if TYPE_CHECKING:
    from magenta_qa.agent.agent import Agent

Next = Literal["step", "check", ""]
"""What comes after a step: one that can be replayed, an expectation that waits for what it is about, or other things,
for which the page must have come to rest."""
MAX_RETRIES = 2  # of an action whose element was replaced under it
MAX_SETBACKS = 3  # actions in a row without a fitting effect, when pursuing a goal
SLOW_SECONDS = 3.0  # that a model takes; pages show for hardly longer what they take away by themselves


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at the page."""

    fits: bool
    """Whether there was a control that the step means."""
    thought: float
    """Seconds that models had taken before, since the last action."""


@dataclass(frozen=True, slots=True)
class Look:
    """One observation with what was understood, decided, and the seconds each took."""

    observation: Observation
    descriptions: tuple[Description, ...]
    decision: Decision
    seconds: dict[str, float]


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
    sights: list[Sight] = field(default_factory=list)
    """Looks at the page since the last action."""

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
    if not error:
        agent.begin_anew()
        errand.sights.clear()
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
    return missing(errand, reason) if can_retry else End("failed", reason)


def missing(errand: Errand, reason: str, decision: Decision | None = None, *, seen_last: bool = True) -> End:
    """The end of an errand whose control is not there (any more).

    Nobody can say that the product lacks it where a model was thinking for long while it may have come and gone.

    Args:
        errand: It.
        reason: What is missing.
        decision: The last one.
        seen_last: Whether it may have been lost after the last look, too.
    """
    sights = [*errand.sights, Sight(False, errand.agent.thought)] if seen_last else errand.sights
    went = errand.agent.seen - errand.agent.shown
    late = sights[0].thought if sights and went else 0.0
    lost = [after.thought - before.thought for before, after in pairwise(sights) if before.fits and not after.fits]
    seconds = max(late, *lost, 0.0)
    if seconds < SLOW_SECONDS:
        return End("failed", reason, decision)
    return End("stuck", f"{reason}; a model took {seconds:.0f} s before, in which it may have been there", decision)


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
