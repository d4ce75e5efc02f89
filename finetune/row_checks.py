"""Whether a row can be trained on, and in what form it is kept.

problem_of(row)        # "its box is empty", found without its picture; "" when there is none
prepare_row(row)       # the row as it is kept: HTML cleaned, label on one line, picture known to decode
    usable_row(row)        # both
"""

from dataclasses import replace
from functools import lru_cache
from typing import cast

from PIL import Image

from magenta_qa.finetune.dataset_index import TRUST
from magenta_qa.finetune.row import Row
from magenta_qa.model.errors import DatasetError, ObservationError
from magenta_qa.model.html import clean_html
from magenta_qa.model.picture import decode
from magenta_qa.model.prompt import neutralise

MAX_SUMMARY = 500
"""Characters; a longer label is no short sentence, and is left out rather than cut."""
MAX_DISTORTION = 0.02
"""How far a picture's width and height may be scaled differently from its viewport's."""
FLAT = 6
"""A picture whose brightest and darkest values differ by no more, in every channel, shows nothing."""
BLANK = "its element is blank in the picture"
UNLABELLED = "nobody has labelled it: it only stands beside the labelled rows of its look"


def is_unlabelled(row: Row) -> bool:
    """Whether the row only says that this element, too, is on a page: it has a box, and nobody has labelled it."""
    return not row.summary_source and not row.summary.strip() and row.box is not None and not _box_problem(row)


def problem_of(row: Row) -> str:
    """Why the row cannot be used, as far as can be said without its picture; empty if it can."""
    if is_unlabelled(row):
        return UNLABELLED
    if row.summary_source not in TRUST:
        return f"label not trusted (summary_source {row.summary_source!s:.20})"
    if not row.summary.strip():
        return "no label"
    if len(row.summary) > MAX_SUMMARY:
        return f"label longer than {MAX_SUMMARY} characters"
    return _box_problem(row)


def _box_problem(row: Row) -> str:
    if row.box is None:
        return ""
    if row.box.width <= 0 or row.box.height <= 0:
        return "its box is empty"
    if row.viewport is not None and min(row.viewport) <= 0:
        return "its viewport is empty"
    width, height = row.viewport or (None, None)
    outside = row.box.x + row.box.width <= 0 or row.box.y + row.box.height <= 0
    if outside or (width and row.box.x >= width) or (height and row.box.y >= height):
        return "its box lies outside of the picture"
    return ""


def usable_row(row: Row) -> Row:
    """The row as it is kept.

    Raises:
        DatasetError: It cannot be used; the message is the reason alone.
    """
    problem = problem_of(row)
    if problem:
        raise DatasetError(problem)
    return prepare_row(row)


def prepare_row(row: Row) -> Row:
    """The row as it is kept; what `problem_of` finds is not looked for again.

    Raises:
        DatasetError: It cannot be used; the message is the reason alone, so that equal reasons can be counted.
    """
    size = _size(row.image)
    if size is None:
        raise DatasetError("its picture does not decode")
    viewport = row.viewport or (size if row.box else None)
    if viewport is not None:
        problem = _box_problem(replace(row, viewport=viewport))
        if problem:
            raise DatasetError(problem)
        if abs(size[0] * viewport[1] / (size[1] * viewport[0]) - 1) > MAX_DISTORTION:
            raise DatasetError("its picture has not the viewport's shape")
    summary = " ".join(neutralise(row.summary).split())
    return replace(row, html=clean_html(row.html), summary=summary, viewport=viewport)


def is_blank(row: Row, picture: Image.Image) -> bool:
    """Whether nothing is to be seen where the row's element stands, as where a transparent field lies over a control.

    Args:
        row: With its box and viewport; without them nothing can be said.
        picture: Its picture.
    """
    if row.box is None or row.viewport is None:
        return False
    scale_x, scale_y = picture.width / row.viewport[0], picture.height / row.viewport[1]
    left, top = max(row.box.x * scale_x, 0), max(row.box.y * scale_y, 0)
    right, bottom = (row.box.x + row.box.width) * scale_x, (row.box.y + row.box.height) * scale_y
    crop = picture.crop((int(left), int(top), min(int(right) + 1, picture.width), min(int(bottom) + 1, picture.height)))
    bands = cast(tuple[tuple[int, int], ...], crop.convert("RGB").getextrema())
    return all(high - low <= FLAT for low, high in bands)


@lru_cache(maxsize=16)
def _size(image: bytes) -> tuple[int, int] | None:
    try:
        return decode(image).size
    except ObservationError:
        return None
