"""Builds candidates from what the observing script reported, with secrets masked.

    build_candidates(reports, secrets)     -> ((Candidate(mark=1, …), …), [(frame, row), …])

Marks follow the reading order; a frame's candidates stand where the frame stands.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Frame

from magenta_qa.agent.page.frames import Facts, FrameReport, Row
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.schema import IDS_PER_FRAME, Box, Candidate, Context, State

_PLAIN = State()
_NOWHERE = Box(0, 0, 0, 0)
Mask = Callable[[str], str]


def build_candidates(
    reports: list[FrameReport], secrets: Secrets
) -> tuple[tuple[Candidate, ...], list[tuple[Frame, int]]]:
    """Every candidate in reading order, and for each one its frame and its row there."""
    top = reports[0]
    if len(reports) == 1 and top.memory.page and top.memory.page[0] is top.rows:
        return top.memory.page[1], [(top.frame, index) for index in range(len(top.rows))]
    ordered: list[tuple[tuple[int, ...], FrameReport, int]] = []
    for report in reports:
        rows = report.rows
        ordered += [((*report.order, row.at), report, i) for i, row in enumerate(rows) if report.offers(i)]
    if len(reports) > 1:
        ordered.sort(key=lambda item: item[0])
    builders: dict[int, _Builder] = {}
    for report in reports:
        outer = builders[id(report.parent)] if report.parent else None
        builders[id(report)] = _Builder(report, outer, secrets.mask if secrets.values else str)
    candidates = tuple(builders[id(report)].build(mark, index) for mark, (_, report, index) in enumerate(ordered, 1))
    if len(reports) == 1:
        top.memory.page = top.rows, candidates
    return candidates, [(report.frame, index) for _, report, index in ordered]


def build_candidate(seen: dict[str, Any], frame_url: str, secrets: Secrets) -> Candidate:
    """The one candidate that `seek.js` tells of, its marks and locators left to the caller.

    Args:
        seen: Its answer.
        frame_url: Empty for the top page; boxes in a frame are in the frame's own coordinates.
        secrets: Masked.
    """
    mask = secrets.mask if secrets.values else str
    facts = Facts(*[*seen["facts"], [], []])
    state = _state(seen["state"], mask) if seen["state"] else _PLAIN
    point = seen["point"]
    return Candidate(
        mark=1,
        box=Box(*seen["box"]),
        element_type=facts.element_type,
        role=facts.role,
        name=mask(facts.name),
        text=mask(facts.text) or state.value or "",
        state=state,
        action_types=tuple(facts.actions),
        tag=facts.tag,
        description=mask(facts.description),
        hints=mask(facts.hints),
        context=tuple(Context(kind, mask(text), i) for i, (kind, text) in enumerate(seen["contexts"])),
        frame=mask(frame_url),
        point=(point[0], point[1]) if point else None,
        in_view=point is not None,
    )


class _Builder:
    """Turns the rows of one frame into candidates."""

    def __init__(self, report: FrameReport, outer: "_Builder | None", mask: Mask) -> None:
        self._report = report
        self._mask = mask
        self._matrix = report.to_top()
        self._frame = mask(report.frame.url) if report.parent else ""
        offset = report.index * IDS_PER_FRAME
        self._contexts = [
            Context(kind, mask(text), offset + i) for i, (kind, text) in enumerate(report.memory.contexts)
        ]
        self._outer = self._outer_contexts(outer) if outer else ()
        # A frame's surroundings may change while the frame itself stays as it is.
        self._lasting = report.memory.lasting if outer is None else {}
        self._built = report.memory.built if outer is None else {}

    def _outer_contexts(self, outer: "_Builder") -> tuple[Context, ...]:
        """The frame itself, and what it stands in."""
        place = outer._report.facts["frames"][self._report.slot]
        title = self._mask(self._report.facts["title"] or place["name"])[:200]
        frame = (Context("frame", title, -1 - self._report.index),) if title else ()
        return (*frame, *(outer._contexts[i] for i in place["context"]), *outer._outer)

    def build(self, mark: int, index: int) -> Candidate:
        """The candidate of a row."""
        row = self._report.rows[index]
        point = self._report.points.get(index)
        key = (mark, row.box, row.state, point)
        built = self._built.get(row.facts)
        if built is not None and built[0] == key:
            return built[1]
        candidate = self._build_anew(mark, row, point)
        self._built[row.facts] = key, candidate
        return candidate

    def _build_anew(self, mark: int, row: Row, point: tuple[float, float] | None) -> Candidate:
        lasting = self._lasting.get(row.facts)
        if lasting is None:
            lasting = self._lasting[row.facts] = self._build_lasting(self._report.memory.facts[row.facts])
        state = _state(row.state, self._mask) if row.state else _PLAIN
        return Candidate(
            mark=mark,
            box=Box(*row.box) if self._report.parent is None else self._matrix.box(*row.box),
            state=state,
            text=lasting.text or state.value or "",
            point=point,
            in_view=point is not None,
            frame=self._frame,
            frame_index=self._report.index,
            element_type=lasting.element_type,
            role=lasting.role,
            name=lasting.name,
            action_types=lasting.action_types,
            tag=lasting.tag,
            description=lasting.description,
            hints=lasting.hints,
            context=lasting.context,
            options=lasting.options,
            locators=lasting.locators,
            href=lasting.href,
            popup=lasting.popup,
        )

    def _build_lasting(self, facts: Facts) -> Candidate:
        """A candidate that has only what stays."""
        mask = self._mask
        return Candidate(
            mark=0,
            box=_NOWHERE,
            element_type=facts.element_type,
            role=facts.role,
            name=mask(facts.name),
            text=mask(facts.text),
            state=_PLAIN,
            action_types=tuple(facts.actions),
            tag=facts.tag,
            description=mask(facts.description),
            hints=mask(facts.hints),
            context=(*[self._contexts[i] for i in facts.contexts], *self._outer),
            options=tuple(map(mask, facts.options)),
            locators=tuple([locator for locator in facts.locators if mask(locator) == locator]),
            href=mask(facts.href),
            popup=facts.popup,
        )


def _state(facts: dict[str, Any], mask: Mask) -> State:
    value = facts.get("value")
    if value is not None and mask(value) != value:
        return State(**{**facts, "value": None, "secret": True})
    return State(**facts)
