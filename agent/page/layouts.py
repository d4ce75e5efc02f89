"""Asks a page's frames what is drawn where (`layout.js`), as one `Layout` of the top page's viewport."""

import json
from collections.abc import Sequence

from magenta_qa.agent.page.frames import FrameReader, FrameReport, NoAnswer, NotInstalled
from magenta_qa.agent.privacy.layout import Layout, Rect, join_frames
from magenta_qa.model.schema import Box


def read_layout(reader: FrameReader, reports: Sequence[FrameReport]) -> Layout:
    """What is drawn where, as the last reading of the frames saw it; frames that give no answer are left out."""
    width, height = reports[0].facts["viewport"]
    found = []
    for report in reports:
        try:
            found.append((json.loads(reader.ask(report.frame, "layout")), _Placed(report)))
        except (NoAnswer, NotInstalled):
            continue
    return join_frames((width, height), found)


class _Placed:
    """Where a rectangle of a frame stands in the top page."""

    def __init__(self, report: FrameReport) -> None:
        self._report = report

    def __call__(self, rect: Rect) -> Box:
        return self._report.boxes_of([(rect[0], rect[1], rect[2], rect[3])])[0]
