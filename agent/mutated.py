"""The agent of `magenta mutate`: it works like the usual one, on pages in which one control is changed.

    MutatedAgent(page, settings=settings, mutant=mutant)

The page is changed in the browser alone, at each look of the agent: the server never knows, and what the application
renders anew is changed anew. Whether a change has taken is seen by looking once more, as the agent looks.
"""

from contextlib import suppress
from functools import cache
from importlib.resources import files

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.mutation import Mutant
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Candidate, Observation
from magenta_qa.model.trace import Result

WORD = "Zorblax"
"""What a renamed control is called: no word of any language that a suite is written in."""
MUTATE_SECONDS = 5.0


@cache
def _script() -> str:
    text = files("magenta_qa.agent.page").joinpath("mutate.js").read_text(encoding="utf-8")
    return text[text.index("(el,") :]


class MutatedAgent(Agent):
    """An agent that sees one control changed.

    Args:
        page: As for `Agent`.
        settings: As for `Agent`.
        mutant: Which control, and how.
    """

    def __init__(self, page: Page, *, settings: Settings, mutant: Mutant) -> None:
        super().__init__(page, settings=settings)
        self.mutant = mutant
        self.applied = False
        """Whether the control was there, was changed, and was then seen to be."""

    def observe(self, *, picture: bool = True) -> Observation:
        """As `Agent.observe`, after the control was changed."""
        seen = super().observe(picture=picture)
        found = [each for each in seen.candidates if self._is_untouched(each, seen.url)]
        if not found:
            return seen
        for candidate in found:
            self._change(candidate)
        again = super().observe(picture=picture)
        self.applied = self.applied or not any(self._is_untouched(each, again.url) for each in again.candidates)
        return again

    def check(self, expectation: str, *, again: bool = False) -> Result:
        """As `Agent.check`, after the control was changed; what was seen before that counts no more."""
        with suppress(PlaywrightError, MagentaError):  # the check itself tells what is wrong with the page
            self.observe(picture=False)
        return super().check(expectation)

    def _is_untouched(self, candidate: Candidate, url: str) -> bool:
        disabled = self.mutant.kind == "disable" and candidate.state.disabled
        return self.mutant.fits(candidate, url) and not disabled

    def _change(self, candidate: Candidate) -> None:
        arguments = [self.mutant.kind, WORD]
        with suppress(PlaywrightError, MagentaError):  # gone meanwhile: the next look finds it again
            element = self.observer.element(candidate)
            self.watch.run(lambda: element.evaluate(_script(), arguments), MUTATE_SECONDS)
