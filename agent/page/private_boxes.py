"""Where private things stand on a page now (`private.js` finds them), to be painted over in a picture of it.

find_private_boxes(reader, reports, privacy)      -> [Box(120, 340, 96, 17)]
"""

import json
from collections.abc import Sequence

from magenta_qa.agent.page.frames import FrameReader, FrameReport, NoAnswer, NotInstalled
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.errors import ObservationError
from magenta_qa.model.schema import Box


class Moved(ObservationError):
    """The page cannot be asked any more: it shows another document, or none yet."""


def find_private_boxes(
    reader: FrameReader, reports: Sequence[FrameReport], privacy: Privacy, *, whole: bool = False
) -> list[Box]:
    """In the top page's viewport; what is found is noted.

    Args:
        reader: Asks the frames.
        reports: The last reading; it says where the frames are.
        privacy: What is private besides what looks so.
        whole: Also outside of the viewport.

    Raises:
        Moved: The page could not be asked, or shows another document by now.
    """
    return [box for report in reports for box in _boxes(reader, report, privacy, whole)]


def _boxes(reader: FrameReader, report: FrameReport, privacy: Privacy, whole: bool) -> list[Box]:
    try:
        found = json.loads(reader.ask(report.frame, "private", privacy.wish(), whole))
    except (NoAnswer, NotInstalled) as error:
        return _unasked(report, str(error))
    if found["key"] != report.facts["key"]:
        return _unasked(report, "the frame shows another document by now")
    privacy.take(found)
    return report.boxes_of(found["rects"])


def _unasked(report: FrameReport, reason: str) -> list[Box]:
    """A frame that gives no answer is hidden as a whole."""
    if report.parent is None:
        raise Moved(f"cannot look for what is private in the page ({reason}); observe again")
    seen = report.parent.facts["frames"][report.slot]["seen"]
    return report.parent.boxes_of([seen]) if seen else []
