"""Asks a page's frames what is drawn where (`layout.js`), as one `Layout` of the top page's viewport."""

import json
from collections.abc import Sequence
from typing import Any

from magenta_qa.agent.page.frames import FrameReader, FrameReport, NoAnswer, NotInstalled
from magenta_qa.agent.privacy.layout import Layout


def read_layout(reader: FrameReader, reports: Sequence[FrameReport]) -> Layout:
    """What is drawn where, as the last reading of the frames saw it; frames that give no answer are left out."""
    viewport = reports[0].facts["viewport"]
    layout = Layout((viewport[0], viewport[1]), [], [])
    for report in reports:
        try:
            found = json.loads(reader.ask(report.frame, "layout"))
        except (NoAnswer, NotInstalled):
            continue
        add_frame(layout, report, found)
    return layout


def add_frame(layout: Layout, report: FrameReport, found: dict[str, list[list[Any]]]) -> None:
    """Put one frame's elements and texts behind those that are there."""
    first = len(layout.elements)
    for above, tag, facts, rect in found["elements"]:
        layout.elements.append([first + above if above >= 0 else -1, tag, facts, _moved(report, rect)])
    for element, text, *rects in found["texts"]:
        layout.texts.append([first + element, text, *(_moved(report, rect) for rect in rects)])


def _moved(report: FrameReport, rect: list[float]) -> list[float]:
    if report.parent is None:
        return rect
    box = report.boxes_of([(rect[0], rect[1], rect[2], rect[3])])[0]
    return [box.x, box.y, round(box.x + box.width, 2), round(box.y + box.height, 2)]
