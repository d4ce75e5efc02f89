"""The agent: observes a page, understands its controls, decides, acts and checks.

    agent = Agent(page)                                     # before or after the page has loaded
    agent.do("Add the Blue backpack to the cart")           # -> Result(verdict="passed", …)
    agent.check("the cart shows 1 item")
    agent.achieve("Order a Blue backpack so that the orders page shows 1 order")

Results are data: only broken configuration raises.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from magenta_qa.agent.check import evaluate, page_text
from magenta_qa.agent.checks.kinds import LooksCheck
from magenta_qa.agent.errand import Next
from magenta_qa.agent.expect import compile_expectation
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.memory import RememberedStep
from magenta_qa.agent.observe import Observer, missing_script
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.agent.watch import Watch
from magenta_qa.agent.work import work
from magenta_qa.model.decide import Deciding, open_decision
from magenta_qa.model.errors import BrowserError, MagentaError
from magenta_qa.model.html import clean_html
from magenta_qa.model.judge import Judge, open_judge
from magenta_qa.model.line import Limits
from magenta_qa.model.schema import Candidate, Description, Observation, Question, VerdictName
from magenta_qa.model.trace import CheckTrace, Finding, Result, StepTrace
from magenta_qa.model.understand import Understanding, open_understanding

OBSERVE_SECONDS = 60.0
PICTURE_SECONDS = 6.0  # a page that hangs gives no picture
MAX_STEP_ACTIONS = 40  # a date two years away is 24 clicks on "next month"


class Agent:
    """Drives one page (and the tabs that it opens).

    Args:
        page: A Playwright page, loaded or not.
        understanding: Spec of the understanding back end; overrides `settings`.
        decision: Spec of the deciding back end; overrides `settings`.
        settings: Everything else.

    Raises:
        ConfigError: A spec that cannot be used.
    """

    def __init__(
        self,
        page: Page,
        understanding: str | None = None,
        decision: str | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        given = settings or Settings()
        self.settings = replace(
            given,
            understanding=understanding or given.understanding,
            decision=decision or given.decision,
        )
        self.secrets = Secrets(self.settings.secrets)
        self.privacy = Privacy(self.settings.private, self.secrets)
        self.understanding: Understanding = open_understanding(
            self.settings.understanding,
            view=self.settings.view,
            cache_dir=self.settings.home / "cache",
            api_key=self.settings.api_key,
            limits=Limits.for_page(self.settings.describe_ms / 1000),
        )
        self.decision: Deciding = open_decision(self.settings.decision, api_key=self.settings.api_key)
        self.judge: Judge | None = open_judge(self.settings.decision, api_key=self.settings.api_key)
        self.watch = Watch(page.context, self.secrets, also=missing_script(page.context))
        self.observer = Observer(page, self.secrets, self.privacy)
        self.observer.dialog_message = self.dialog_message
        self.log = InteractionLog(self.settings.home, self.settings.site or "", self.privacy)
        self.allow: tuple[str, ...] = self.settings.allow or _origin_of(page.url)
        self.degraded = ""
        self.thought = 0.0
        """Seconds that models have taken since the last action; nobody looked at the page meanwhile."""
        self.seen: set[tuple[str, str]] = set()
        """Role and name of the controls that looks since the last action have shown."""
        self.shown: set[tuple[str, str]] = set()
        """Those of the last look."""
        self.hurries = False
        """Whether the model is too slow to be asked about controls that words alone have found."""
        self._steps_taken = 0
        self._looks: Counter[str] = Counter()

    @property
    def page(self) -> Page:
        """The current tab."""
        return self.observer.page

    def observe(self, *, picture: bool = True) -> Observation:
        """One screenshot and every candidate of the current tab.

        Args:
            picture: False for an observation whose screenshot is empty.

        Raises:
            ObservationError: The page crashed or never answered.
        """
        if not self.allow:
            self.allow = _origin_of(self.page.url)
        if not self.log.site:
            self.log.site = urlsplit(self.page.url).hostname or ""
        seen = self.watch.run(lambda: self.observer.observe(picture=picture), OBSERVE_SECONDS)
        seen = seen if seen is not None else self.observer.observe()  # a dialog opened meanwhile: that is what is seen
        self.shown = {(candidate.role, candidate.name) for candidate in seen.candidates}
        self.seen |= self.shown
        return seen

    def begin_anew(self) -> None:
        """Something was done: what was seen and thought before has nothing to say of the page as it is."""
        self.thought = 0.0
        self.seen = set()

    def describe(self, observation: Observation, marks: Sequence[int] | None = None) -> list[Description]:
        """What each candidate does, in one sentence.

        Args:
            observation: The latest observation.
            marks: Which candidates; all by default.
        """
        wanted = observation.candidates if marks is None else _candidates(observation, marks)
        raw = self.observer.surrounding_html([c.mark for c in wanted]) if self.understanding.needs_html else {}
        questions = [Question(c, c.action_types[0], clean_html(raw.get(c.mark, ""))) for c in wanted]
        started = time.monotonic()
        descriptions = self.understanding.describe(observation, questions)
        self.thought += time.monotonic() - started
        self.degraded = self.degraded or next((d.reason for d in descriptions if d.degraded), "")
        return descriptions

    def do(self, step: str, *, remembered: RememberedStep | None = None, then: Next = "") -> Result:
        """Carry out one plain-English step.

        Args:
            step: An imperative sentence; `${NAME}` stands for a secret of the settings.
            remembered: What this step acted on when it last passed: it is done the same way where the controls are
                the same, and tells a renamed control from a missing one.
            then: What follows; after a replayed step the page need not come to rest for everything.

        Returns:
            `passed` only if the intended action was carried out on a clearly best candidate and its effect was seen.
        """
        worked = work(self, step=step, goal=None, max_actions=MAX_STEP_ACTIONS, remembered=remembered, then=then)
        return _result(worked)

    def achieve(self, goal: str, max_steps: int = 20, *, expect: Sequence[str] = ()) -> Result:
        """Pursue a goal, choosing the actions.

        Args:
            goal: What is to be achieved; "… so that X" or "… until X" states its outcome.
            max_steps: At most this many actions.
            expect: Further outcomes that must hold.

        Returns:
            `passed` only if the goal's outcome was compiled to checks that were evaluated and hold.
        """
        outcome, errand = _split_goal(goal)
        worked = work(self, step=None, goal=errand, max_actions=max_steps)
        if worked.verdict != "passed":
            return _result(worked)
        expectations = [*outcome, *expect]
        if not expectations:
            reason = 'no outcome to check: say it in the goal ("… so that the cart shows 1 item") or with expect='
            return _result(replace(worked, verdict="stuck", reason=reason))
        checks = [self.check(text) for text in expectations]
        bad = next((c for c in checks if c.verdict != "passed"), None)
        traces = tuple(check for c in checks for step in c.steps for check in step.checks)
        verdict: VerdictName = bad.verdict if bad else "passed"
        return _result(replace(worked, checks=traces, verdict=verdict, reason=bad.reason if bad else worked.reason))

    def check(self, expectation: str, *, again: bool = False) -> Result:
        """Whether a plain-English expectation holds on the page, retried until it does or time is over.

        Args:
            expectation: What must hold.
            again: Nothing was done since the last check, which may have seen the page a moment ago.

        Returns:
            `passed` or `failed` when it was evaluated, `stuck` when it could not be compiled or judged.
        """
        started = time.monotonic()
        findings: tuple[Finding, ...] = ()
        try:
            trace = self._evaluate(expectation, again)
            wanted = trace.verdict != "passed" or self.settings.pictures == "all"
            image = trace.image or (self.picture() if wanted else None)
            trace = replace(trace, image=image, seconds=time.monotonic() - started)
            findings = self.findings(self._steps_taken)
        except (PlaywrightError, MagentaError) as error:
            reason = self.secrets.mask(f"cannot be checked: {_first_line(error)}")
            trace = CheckTrace(expectation, "", "error", reason, judged_by="nobody")
        step = StepTrace(
            0,
            expectation,
            "expect",
            trace.verdict,
            trace.reason,
            checks=(trace,),
            findings=findings,
            seconds=time.monotonic() - started,
        )
        return _result(step)

    def findings(self, since: int) -> tuple[Finding, ...]:
        """What the browser reported since a mark of `watch`."""
        return tuple(self.watch.findings(since, self.allow, self.settings.strict, self.settings.known))

    def picture(self) -> str | None:
        """Keep the current screenshot; returns its SHA-256, or None while a dialog hides the page."""
        if self.dialog_message():
            return None
        with contextlib.suppress(PlaywrightError, MagentaError):
            return self.log.save_image(self.watch.run(self.observer.screenshot, PICTURE_SECONDS) or b"")
        return None

    def dialog_message(self) -> str:
        """Type and message of the JavaScript dialog that is open, such as "confirm: Delete Ada?"; else empty."""
        dialog = self.watch.open_dialog
        return self.secrets.mask(f"{dialog.type}: {dialog.message}") if dialog else ""

    def close(self) -> None:
        """Release connections and answer what is still open; the page stays the caller's."""
        self.watch.close()
        self.understanding.close()
        self.decision.close()
        if self.judge is not None:
            self.judge.close()

    def __enter__(self) -> "Agent":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _evaluate(self, expectation: str, again: bool) -> CheckTrace:
        self.watch.check_alive()
        if self.page.is_closed():
            raise BrowserError("the page is closed; open one before checking")
        check = compile_expectation(expectation)
        if isinstance(check, LooksCheck):
            from magenta_qa.agent.looks import judge_looks  # pictures are compared by few scenarios

            self._looks[expectation] += 1
            return judge_looks(self, check, expectation, self._looks[expectation])
        if check is not None:
            timeout_ms = self.settings.expect_timeout_ms
            trace = evaluate(
                check, self.page, self.watch, since=0, timeout_ms=timeout_ms, secrets=self.secrets, again=again
            )
            return replace(trace, expectation=expectation)
        if self.judge is None:
            reason = (
                f'cannot be compiled to a check: "{expectation}"; quote the text that must be shown, or set a model'
            )
            return CheckTrace(expectation, "", "stuck", reason, judged_by="nobody")
        judgement = self.judge.judge(expectation, self.secrets.mask(page_text(self.page)))
        verdict: VerdictName = "stuck" if judgement.holds is None else "passed" if judgement.holds else "failed"
        return CheckTrace(
            expectation,
            "",
            verdict,
            f"model-judged: {judgement.reason}",
            actual=judgement.reason,
            judged_by="model",
        )


def _candidates(observation: Observation, marks: Sequence[int]) -> tuple[Candidate, ...]:
    found = [observation.candidate(mark) for mark in marks]
    return tuple(c for c in found if c is not None)


def _result(step: StepTrace) -> Result:
    evidence = [str(a.effect) for a in step.actions if a.effect] + [c.reason for c in step.checks]
    return Result(step.verdict, step.reason, (step,), tuple(evidence))


def _origin_of(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    return (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _split_goal(goal: str) -> tuple[list[str], str]:
    """Its outcomes and the errand itself: "Buy X so that Y" → (["Y"], "Buy X"); what "until" says is both."""
    for joint in (" so that ", " such that ", " until "):
        if joint in goal:
            errand, outcome = goal.split(joint, 1)
            return [outcome], goal if joint == " until " else errand
    return [], goal
