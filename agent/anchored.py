"""Locators that find a repeated control by what its step says of the row, item or card that it stands in.

    anchored_locator(observer, candidate, "Click Delete in the row of Summer cabin")
        -> ':is(tr, [role="row"]):has-text("Summer cabin") >> role=button[name="Delete"s]'

A path such as `tr:nth-of-type(3) > td > button` finds another row as soon as one is added; this one does not.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.fingerprint import anchor_in, fingerprint_of
from magenta_qa.model.errors import ActionError
from magenta_qa.model.schema import Candidate

if TYPE_CHECKING:
    from magenta_qa.agent.observe import Observer

CONTAINERS = {
    "row": ':is(tr, [role="row"])',
    "listitem": ':is(li, [role="listitem"])',
    "card": ':is(article, [role="article"])',
}
"""Kind of item → CSS selector."""
_NO_ROLE = frozenset({"", "generic", "none", "presentation"})
_UNSPEAKABLE = frozenset('"\\\n')


def anchored_locator(observer: "Observer", candidate: Candidate, step: str) -> str:
    """A selector that finds this candidate alone; empty where its step says nothing about its item."""
    kind, phrase = anchor_in(step, fingerprint_of(candidate))
    if not phrase or kind not in CONTAINERS or not candidate.name or candidate.role in _NO_ROLE:
        return ""
    if _UNSPEAKABLE & set(phrase + candidate.name):
        return ""
    selector = f'{CONTAINERS[kind]}:has-text("{phrase}") >> role={candidate.role}[name="{candidate.name}"s]'
    with suppress(PlaywrightError, ActionError):  # gone meanwhile: acting on it will tell
        element = observer.element(candidate)
        frame = element.owner_frame()
        found = frame.query_selector_all(selector) if frame else []
        if len(found) == 1 and found[0].evaluate("(one, other) => one === other", element):
            return selector
    return ""
