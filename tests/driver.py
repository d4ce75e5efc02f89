"""Acts on the elements of a page by their names, the way the agent does once it has decided.

until(page, lambda: seen)       returns once that holds; a busy machine may take a while to tell of an event
driver.do("click", "Save")      -> Effect(…)
driver.misfit("click", "Dead")  -> "nothing on the page changed"
"""

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from magenta_qa.agent.effect import fits
from magenta_qa.agent.execute import execute
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.agent.watch import Watch
from magenta_qa.model.schema import Action, Candidate, Effect


def until(page: Page, holds: Callable[[], object], seconds: float = 20.0) -> None:
    """Let the browser work until the condition holds.

    Raises:
        AssertionError: It does not in that time.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so within {seconds:g} s"
        page.wait_for_timeout(20)


class Driver:
    """The agent's hands, with the name of an element in place of a decision."""

    def __init__(self, page: Page, home: Path) -> None:
        self.secrets = Secrets({"PASSWORD": "hunter2"})
        self.settings = Settings(timeout_ms=1_500, settle_ms=4_000, home=home, secrets={"PASSWORD": "hunter2"})
        self.watch = Watch(page.context, self.secrets)
        self.observer = Observer(page, self.secrets)
        self.candidate: Candidate | None = None

    @property
    def page(self) -> Page:
        """The current tab."""
        return self.observer.page

    def find(self, name: str) -> Candidate:
        """The candidate with that name, or else with that text or hint."""
        candidates = self.observer.observe().candidates
        for key in ("name", "text", "description", "hints"):
            found = [c for c in candidates if getattr(c, key).strip() == name]
            if found:
                return found[0]
        raise AssertionError(f"no candidate {name!r} among {[c.name or c.text or c.hints for c in candidates]}")

    def do(self, kind: str, name: str | None = None, value: str | None = None, *, to: str | None = None) -> Effect:
        """Observe, then act."""
        self.candidate = self.find(name) if name is not None else None
        target = self.find(to) if to is not None else None
        if name is not None and to is not None:
            self.candidate = self.find(name)
        mark = self.candidate.mark if self.candidate else None
        return self._execute(Action(kind, mark, value, target.mark if target else None))

    def act(self, kind: str, candidate: Candidate, value: str | None = None, *, mark: int | None = None) -> Effect:
        """Act on a candidate of the last observation, which may be out of date."""
        return self._execute(Action(kind, mark or candidate.mark, value))

    def _execute(self, action: Action) -> Effect:
        return execute(action, self.observer, self.watch, self.secrets, self.settings)

    def misfit(self, kind: str, name: str | None = None, value: str | None = None) -> str:
        """Act, then say why the effect does not fit; empty when it does."""
        effect = self.do(kind, name, value)
        return fits(Action(kind, self.candidate and self.candidate.mark, value), self.candidate, effect)
