"""The `qa` fixture: the agent for tests in Python, where a verdict other than `passed` fails the test.

def test_cart(qa):
    qa.page.goto("/shop")
    qa.do("Put the blue backpack into the cart")
    qa.check("the cart shows 1 item")
"""

from collections.abc import Sequence

from playwright.sync_api import Page

from magenta_qa.agent.agent import Agent
from magenta_qa.model.schema import Description, Observation, VerdictName
from magenta_qa.model.trace import Result, StepTrace


class VerdictError(AssertionError):
    """A step, expectation or goal that did not pass.

    Args:
        text: What was to be done or seen.
        result: How it ended.
    """

    def __init__(self, text: str, result: Result) -> None:
        self.verdict: VerdictName = result.verdict
        self.reason = result.reason
        self.result = result
        super().__init__(f"{result.verdict}: {text}: {result.reason}")


class Qa:
    """The agent, raising `VerdictError` when something did not pass.

    Args:
        agent: Drives the page.
    """

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.steps: list[StepTrace] = []
        """Everything done so far, for the report."""

    @property
    def page(self) -> Page:
        """The current tab."""
        return self.agent.page

    def do(self, step: str) -> Result:
        """Carry out one plain-English step.

        Raises:
            VerdictError: It did not pass.
        """
        __tracebackhide__ = True
        return self._passed(step, self.agent.do(step))

    def check(self, expectation: str) -> Result:
        """See whether a plain-English expectation holds.

        Raises:
            VerdictError: It does not, or it could not be compiled.
        """
        __tracebackhide__ = True
        return self._passed(expectation, self.agent.check(expectation))

    def achieve(self, goal: str, max_steps: int = 20, *, expect: Sequence[str] = ()) -> Result:
        """Pursue a goal, choosing the actions.

        Raises:
            VerdictError: It was not reached, or its outcome could not be checked.
        """
        __tracebackhide__ = True
        return self._passed(goal, self.agent.achieve(goal, max_steps, expect=expect))

    def observe(self) -> Observation:
        """One screenshot and every candidate of the current tab."""
        return self.agent.observe()

    def describe(self, observation: Observation, marks: Sequence[int] | None = None) -> list[Description]:
        """What each candidate does, in one sentence."""
        return self.agent.describe(observation, marks)

    def _passed(self, text: str, result: Result) -> Result:
        __tracebackhide__ = True
        self.steps += result.steps
        if result.verdict != "passed":
            raise VerdictError(text, result)
        return result
