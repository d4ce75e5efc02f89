"""The page of `magenta explore`: each finding with its picture, how to see it again, and the file that does so.

    build_exploration_page(exploration, "http://shop/", Path("log/images"), Path(".magenta/explore/report.html"))

It opens from a folder and asks the network for nothing, as the report does; text of pages is hostile.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from magenta_qa.agent.reports.pictures import Pictures, Shot
from magenta_qa.agent.reports.report import BUDGET_BYTES, write_page

if TYPE_CHECKING:
    from magenta_qa.agent.explore.exploration import Exploration
    from magenta_qa.agent.explore.findings import Finding

_VIEWPORT = (1280, 720)
_WITH_EXAMPLE = re.compile(r"(.*, \d+ elements?): (<.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Card:
    """One finding as it is shown."""

    finding: "Finding"
    verdict: str
    """Whose colour it has: failed for what is new and reproduced, stuck for what is not, passed for what is known."""
    shot: Shot | None
    title: str
    """What is wrong."""
    example: str
    """HTML of one element that it is wrong with; empty where none is told."""


def build_exploration_page(
    found: "Exploration", url: str, images: Path, out: Path, *, budget_bytes: int = BUDGET_BYTES
) -> Path:
    """Write what was found as one HTML file.

    Args:
        found: The exploration.
        url: Where it began.
        images: Folder of the screenshots, named SHA256.webp.
        out: The HTML file.
        budget_bytes: The file stays below this.

    Returns:
        `out`.
    """
    from magenta_qa.agent.explore.findings import KINDS

    pictures = Pictures(images)
    cards = [_card(each, pictures) for each in found.findings]
    counts = Counter(card.finding.suspicion.kind for card in cards if card.finding.counts)
    parts = {
        "url": url,
        "found": found,
        "groups": [
            ("Findings", [card for card in cards if card.verdict == "failed"]),
            ("Known before", [card for card in cards if card.verdict == "passed"]),
            ("Suspicions that did not come again, or were not replayed", [c for c in cards if c.verdict == "stuck"]),
        ],
        "counts": {kind: counts[kind] for kind in KINDS if counts[kind]},
        "kinds": KINDS,
        "headline": _headline(sum(counts.values())),
        "places": sorted(found.places.items()),
    }
    return write_page("exploration.html.j2", parts, pictures, out, budget_bytes)


def _card(finding: "Finding", pictures: Pictures) -> Card:
    verdict = "passed" if finding.known else "failed" if finding.status == "reproduced" else "stuck"
    suspicion = finding.suspicion
    shot = pictures.ask(suspicion.image, suspicion.box, _VIEWPORT, True)
    told = _WITH_EXAMPLE.fullmatch(suspicion.text) if suspicion.kind == "accessibility" else None
    title, example = told.groups() if told is not None else (suspicion.text, "")
    return Card(finding, verdict, shot, title, example)


def _headline(new: int) -> str:
    return f"{new} new finding{'s' * (new != 1)} reproduced" if new else "No new finding was reproduced"
