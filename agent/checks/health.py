"""Judges what no page should show, whatever it is for: broken pictures, endless loading, overflow, wrong sums, ….

    judge_health(HealthCheck("numbers"), page, watch)
        -> Judgement(False, "Subtotal is €16.00, but the rows add up to €48.00", …)

`ailments` gives the single faults; `magenta explore` looks for them on every page that it finds.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from magenta_qa.agent.checks.accessibility import violations
from magenta_qa.agent.checks.kinds import HealthCheck
from magenta_qa.agent.checks.numbers import contradictions
from magenta_qa.agent.checks.scene import Judgement, clip
from magenta_qa.agent.watch import Watch
from magenta_qa.model.schema import Box

PROBE_SECONDS = 20.0
MAX_TOLD = 3


@dataclass(frozen=True, slots=True)
class Ailment:
    """One fault of a page."""

    text: str
    key: str
    """What stays the same when it is seen again."""
    box: Box | None = None


def judge_health(check: HealthCheck, page: Page, watch: Watch) -> Judgement:
    """Whether the page is free of one kind of faults.

    Args:
        check: Which kind; "loading" is judged where rest is.
        page: The page.
        watch: Bounds the calls.
    """
    try:
        found = [each for each in ailments(check.kind, page, watch) if check.rule in ("", each.key)]
    except PlaywrightError as error:
        watch.check_alive(error)
        return Judgement(None, f"the page could not be examined: {str(error).splitlines()[0]}", str(check))
    told = "; ".join(each.text for each in found[:MAX_TOLD]) + (" …" if len(found) > MAX_TOLD else "")
    box = found[0].box if found else None
    return Judgement(not found, told or f"{check} holds", str(check), clip(told or "none"), box)


def ailments(kind: str, page: Page, watch: Watch) -> list[Ailment]:
    """The faults of one kind that the page has now.

    Args:
        kind: pictures | overflow | covered | numbers | accessibility.
        page: The page.
        watch: Bounds the calls.

    Raises:
        BrowserError: The page does not answer.
        PlaywrightError: It is on its way elsewhere.
    """
    if kind == "accessibility":
        return [Ailment(str(each), each.rule, each.box) for each in violations(page, watch)]
    answer = probe(kind, page, watch)
    if kind == "numbers":
        return [Ailment(each.text, each.kind, each.box) for each in contradictions(answer)] if answer else []
    return [Ailment(each["text"], each["text"], Box(**each["box"])) for each in answer or []]


def probe(kind: str, page: Page, watch: Watch) -> Any:  # noqa: ANN401
    """What `health.js` reads of the top page; None while a JavaScript dialog is open."""
    return watch.run(lambda: page.evaluate(_script(), kind), PROBE_SECONDS)


@cache
def _script() -> str:
    return Path(__file__).with_name("health.js").read_text(encoding="utf-8")
