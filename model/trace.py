"""What is kept of a run: events, findings, what each action and check came to, how it ended.

Frozen dataclasses like those of `model/schema.py`, which hold what flows while a step is decided and carried out.
"""

from dataclasses import dataclass, field
from typing import Literal

from magenta_qa.model.schema import Action, Box, Decision, Description, Effect, Place, VerdictName


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that the browser reported while the agent was watching; see `agent.watch.Watch`."""

    seq: int
    kind: Literal["dialog", "download", "tab", "exception", "console", "request", "response", "navigation", "crash"]
    text: str
    """Message, suggested file name, exception text, "GET 500" … secrets already masked."""
    url: str = ""
    status: int | None = None
    answer: str = ""
    """What a dialog was answered with: "accept", "dismiss", or empty while it is open."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noteworthy that the browser reported, whether or not it decides the verdict."""

    kind: Literal["exception", "console", "request", "response", "dialog", "crash"]
    text: str
    url: str = ""
    status: int | None = None
    fails: bool = False
    """True when it makes the scenario `failed` by itself (uncaught exception, 5xx of an allowed origin)."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes a control the one that it is, wherever on the page it is found; secrets are masked."""

    role: str
    name: str
    element_type: str
    state: str = ""
    """Flags such as `not expanded`, without value, focus and validity."""
    within: tuple[str, ...] = ()
    """What it stands in, nearest first: `row: Summer cabin Strandveien 7`, `dialog: Edit address`."""
    hints: str = ""
    """Words that programmers left on it; what tells controls without a name apart."""
    frame: str = ""
    """Address of its frame without query; empty for the top page."""


@dataclass(frozen=True, slots=True)
class Healing:
    """A step that acted on another control, or found it in another way, than when its scenario last passed."""

    step: str
    before: str
    """What it acted on then, such as `button "Delete" in row "Summer cabin"`."""
    after: str
    reason: str
    """What is different, and why it is held to be the same."""
    locators_before: tuple[str, ...] = ()
    locators_after: tuple[str, ...] = ()
    image_before: str | None = None
    """SHA-256 of the screenshot that showed it then; the picture may be gone by now."""
    box_before: Box | None = None


@dataclass(frozen=True, slots=True)
class ActionTrace:
    """One action as it happened, with everything needed to show why."""

    action: Action
    decision: Decision
    element_type: str = ""
    role: str = ""
    name: str = ""
    locators: tuple[str, ...] = ()
    description: Description | None = None
    box: Box | None = None
    image: str | None = None
    """SHA-256 of the un-outlined screenshot taken before the action; the file is images/SHA256.webp."""
    after: str | None = None
    """The same for the moment after it, where one was taken."""
    viewport: tuple[int, int] = (0, 0)
    dpr: float = 1.0
    url: str = ""
    candidates: int = 0
    page: tuple[str, ...] = ()
    """`role|name` of the named candidates of that page; what `agent.memory` keeps."""
    effect: Effect | None = None
    error: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    """Per stage: observe, describe, decide, act, settle."""
    interaction: str | None = None
    """`id` of its line in the interaction log."""
    fingerprint: Fingerprint | None = None
    """Of the control, just before the action."""
    html: str = ""
    """A digest of the control's surrounding HTML."""
    place: Place | None = None
    """Which part of the step it was for."""
    onto: tuple[str, ...] = ()
    """Locators of where a drag ended."""
    onto_fingerprint: Fingerprint | None = None
    """What makes that element the one that it is."""
    healing: Healing | None = None
    """How it differs from what the lock remembers, where that was held to be the same."""


@dataclass(frozen=True, slots=True)
class CheckTrace:
    """One expectation: what it was compiled to and what was seen."""

    expectation: str
    compiled: str
    """Readable assertion, such as `text "Order placed" is shown in region "Cart"`; empty if it could not be
    compiled."""
    verdict: VerdictName
    reason: str
    expected: str = ""
    actual: str = ""
    """The value or values seen."""
    judged_by: Literal["dom", "model", "nobody"] = "dom"
    image: str | None = None
    box: Box | None = None
    """Where on the page it was seen, when there is such a place."""
    seconds: float = 0.0
    missing: bool = False
    """With "stuck": the part of the page that the expectation names is not there, or not clearly."""


@dataclass(frozen=True, slots=True)
class StepTrace:
    """One entry of a scenario: a step, an expectation or a goal."""

    index: int
    text: str
    kind: Literal["do", "expect", "goal", "open"]
    verdict: VerdictName
    reason: str
    actions: tuple[ActionTrace, ...] = ()
    checks: tuple[CheckTrace, ...] = ()
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    image: str | None = None
    """Screenshot at the end of a step that did not pass."""
    decision: Decision | None = None
    """The decision that ended a step without an action (outcome "none"): why, and what it was torn between."""


@dataclass(frozen=True, slots=True)
class Result:
    """What `do`, `check` and `achieve` return."""

    verdict: VerdictName
    reason: str
    steps: tuple[StepTrace, ...] = ()
    evidence: tuple[str, ...] = ()
    """Sentences that say what was seen."""


@dataclass(frozen=True, slots=True)
class ScenarioTrace:
    """One scenario from start to verdict: what the report is made of."""

    id: str
    """pytest node id."""
    name: str
    path: str
    verdict: VerdictName
    reason: str
    steps: tuple[StepTrace, ...]
    findings: tuple[Finding, ...] = ()
    tags: tuple[str, ...] = ()
    url: str = ""
    started_at: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
    understanding: str = ""
    decision: str = ""
    degraded: str = ""
    """Why descriptions came from `accessible` although a model was configured; empty otherwise."""
    worker: str = ""
    attempt: int = 1
    repetition: int = 0
    """With --repeat which of its runs this is, from 1; 0 where each scenario is run once."""
    group: str = ""
    """With --repeat the id that all runs of the scenario share."""

    @property
    def healed(self) -> tuple[Healing, ...]:
        """What it found otherwise than its lock says and held to be the same; a finding, also when it passed."""
        return tuple(action.healing for step in self.steps for action in step.actions if action.healing)

    @property
    def scenario(self) -> str:
        """The same for all attempts and repetitions of one scenario."""
        return self.group or self.id
