"""Builds candidates from what the observing script reported, with secrets masked.

    build_candidates(reports, secrets)     -> ((Candidate(mark=1, …), …), [(frame, row), …])

Marks follow the reading order; a frame's candidates stand where the frame stands.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Frame

from magenta_qa.agent.frames import FrameReport
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.schema import Candidate, Context, State

_IDS_PER_FRAME = 1_000_000
Mask = Callable[[str], str]


def build_candidates(
    reports: list[FrameReport], secrets: Secrets
) -> tuple[tuple[Candidate, ...], list[tuple[Frame, int]]]:
    """Every candidate in reading order, and for each one its frame and its row there."""
    mask: Mask = secrets.mask if secrets.values else str
    contexts = {id(report): _contexts(report, mask) for report in reports}
    ordered = [
        ((*report.order, row["at"]), report, index, row)
        for report in reports
        for index, row in enumerate(report.facts["rows"])
        if report.offers(index)
    ]
    if len(reports) > 1:
        ordered.sort(key=lambda item: item[0])
    candidates = tuple(
        _candidate(mark, report, index, row, contexts, mask) for mark, (_, report, index, row) in enumerate(ordered, 1)
    )
    return candidates, [(report.frame, index) for _, report, index, _ in ordered]


def _contexts(report: FrameReport, mask: Mask) -> list[Context]:
    offset = report.index * _IDS_PER_FRAME
    return [Context(kind, mask(text), offset + i) for i, (kind, text) in enumerate(report.facts["contexts"])]


def _candidate(
    mark: int,
    report: FrameReport,
    index: int,
    row: dict[str, Any],
    contexts: dict[int, list[Context]],
    mask: Mask,
) -> Candidate:
    point = report.points.get(index)
    return Candidate(
        mark=mark,
        box=report.to_top().box(*row["box"]),
        element_type=row["type"],
        role=row["role"],
        name=mask(row["name"]),
        text=mask(row["text"]),
        state=_state(row["state"], mask),
        action_types=tuple(row["actions"]),
        tag=row["tag"],
        description=mask(row.get("description", "")),
        hints=mask(row.get("hints", "")),
        context=_context_of(report, row["context"], contexts, mask),
        options=tuple(map(mask, row.get("options", ()))),
        frame=mask(report.frame.url) if report.parent else "",
        frame_index=report.index,
        locators=tuple(locator for locator in row["locators"] if mask(locator) == locator),
        point=(round(point[0], 2), round(point[1], 2)) if point else None,
        in_view=point is not None,
        popup=row.get("popup", ""),
    )


def _state(facts: dict[str, Any], mask: Mask) -> State:
    value = facts.get("value")
    if value is not None and mask(value) != value:
        return State(**{**facts, "value": None, "secret": True})
    return State(**facts)


def _context_of(
    report: FrameReport, ids: list[int], contexts: dict[int, list[Context]], mask: Mask
) -> tuple[Context, ...]:
    found = [contexts[id(report)][i] for i in ids]
    while report.parent is not None:
        title = report.facts["title"] or report.parent.facts["frames"][report.slot]["name"]
        if title:
            found.append(Context("frame", mask(title)[:200], -1 - report.index))
        found += [contexts[id(report.parent)][i] for i in report.parent.facts["frames"][report.slot]["context"]]
        report = report.parent
    return tuple(found)
