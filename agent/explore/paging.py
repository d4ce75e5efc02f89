"""Turns the pages of a list one after the other, up to the last one, and judges what stays the same and what adds up.

    Paging(tester).carry_out(candidate)      # candidate: "Next"

What is stated of the whole list ("23 products") holds on every page of it; the rule that all pages but the last one are
as long is one of the numbers that every look compares.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from magenta_qa.agent.explore import oracles
from magenta_qa.agent.explore.graph import is_chrome
from magenta_qa.agent.explore.session import Seen
from magenta_qa.agent.explore.wording import label
from magenta_qa.model.schema import Action, Candidate

if TYPE_CHECKING:
    from magenta_qa.agent.explore.tester import Tester

PAGER = re.compile(r"^(?:next|previous|prev|older|newer|\d{1,3}|[›»‹«<>])(?: page)?$", re.I)
_NEXT = re.compile(r"^(?:next|older|[›»>])(?: page)?$", re.I)
MAX_TURNS = 6


def is_pager(candidate: Candidate) -> bool:
    """Whether it shows another page of a list."""
    return bool(PAGER.match(candidate.name or candidate.text)) and not is_chrome(candidate)


def next_page(seen: Seen) -> Candidate | None:
    """What shows the next page; None on the last one."""
    found = (c for c in seen.observation.candidates if _NEXT.match(c.name or c.text) and not is_chrome(c))
    return next((c for c in found if not c.state.disabled), None)


@dataclass(frozen=True, slots=True)
class Paging:
    """Turns pages for one tester."""

    tester: "Tester"

    def carry_out(self, candidate: Candidate) -> None:
        """From the page that is shown to the last one, or the sixth."""
        tester = self.tester
        seen: Seen | None = tester.seen
        following: Candidate | None = candidate
        for _ in range(MAX_TURNS):
            if seen is None or following is None:
                return
            before = tester.examiner.snapshot()
            done = tester.session.act(Action("click", following.mark), seen)
            tester.judge_events(done.events, seen.place.key, done.step, following)
            if not done.has_effect:
                return
            now = tester.look()
            self._judge_totals(done.step, before.numbers, seen, following)
            seen, following = now, next_page(now) if now else None

    def _judge_totals(self, step: str, before: oracles.Numbers, seen: Seen, candidate: Candidate) -> None:
        """Paging shows another part of the same entries: their number stays."""
        examiner = self.tester.examiner
        changed = oracles.changed_total(before, examiner.snapshot().numbers)
        if changed is not None:
            was, now = changed
            text, expect = f"{step} changes “{was}” to “{now}”", (f'the page shows "{was}"',)
            found = examiner.suspicion(
                "wrong number", seen, label(candidate), text, expect, identity=was.split(" ", 1)[1]
            )
            self.tester.suspect(found, seen, candidate)
