"""Accessibility by axe-core, whose script comes with the package axe-playwright-python, not from a network.

violations(page, watch)   -> [Violation("color-contrast", "serious", "Elements must meet …", 3, Box(…))]

Only rules of WCAG 2 A and AA count, with an impact that axe calls serious or critical: the rest is advice.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

from magenta_qa.agent.watch import Watch
from magenta_qa.model.schema import Box

AXE_SECONDS = 30.0
_GRAVE = frozenset({"serious", "critical"})
_RUN = """
async (options) => {
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, impact, help, nodes }) => {
    const element = document.querySelector(nodes[0].target.at(-1)) ?? document.body;
    const { x, y, width, height } = element.getBoundingClientRect();
    const first = nodes[0].html.slice(0, 160);
    return { rule: id, impact, help, count: nodes.length, first, box: { x, y, width, height } };
  });
}
"""
_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that elements of a page break."""

    rule: str
    impact: str
    help: str
    count: int
    """How many elements break it."""
    first: str
    """HTML of the first of them."""
    box: Box

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}): {self.help}, {self.count} element{'s' * (self.count != 1)}: {self.first}"


def violations(page: Page, watch: Watch) -> list[Violation]:
    """The grave violations of the page as it is now; empty while a JavaScript dialog hides it.

    Raises:
        BrowserError: The page does not answer.
        PlaywrightError: It is on its way elsewhere.
    """

    def ask() -> list[dict[str, Any]]:
        page.evaluate(_axe())
        found: list[dict[str, Any]] = page.evaluate(_RUN, _OPTIONS)
        return found

    answer = watch.run(ask, AXE_SECONDS) or []
    return [Violation(**{**each, "box": Box(**each["box"])}) for each in answer if each["impact"] in _GRAVE]


@cache
def _axe() -> str:
    """The script, as an expression that yields nothing; a page's own `module` or `define` must not swallow it."""
    source = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    hidden = "const module = undefined, exports = undefined, define = undefined;"
    return f"() => {{ if (window.axe?.run) return; {hidden}\n{source}\n}}"
