"""One row of a dataset, and what the model is shown of it: the same prompt and picture as when serving.

    Row(external_id="5e…", image=b"RIFF…WEBP…", action_type="click", element_type="button", text="",
        html="<tr><td>Blue backpack…", summary="Removes the Blue backpack from the cart.",
        box=Box(812, 340, 32, 32), viewport=(1280, 720), site="shop", url="http://127.0.0.1:8000/cart",
        summary_source="person", at="2026-11-22T21:52:41Z", instruction="Remove the blue backpack", screenshot="9c…")

    row_prompt(row)               -> '<image>\\nIn a short sentence, what does the action outlined with a magenta …'
    row_picture(row, View())      -> 448×448 RGB with the outline drawn

A row without a box comes from somebody else's dataset: the outline is already in its picture, which is shown as it is.
"""

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from magenta_qa.model.errors import DatasetError, ObservationError
from magenta_qa.model.html import clean_html
from magenta_qa.model.picture import Views, decode
from magenta_qa.model.prompt import understanding_prompt
from magenta_qa.model.schema import Box, View


@dataclass(frozen=True, slots=True)
class Row:
    """One interaction with its label."""

    external_id: str
    image: bytes
    """The encoded picture: the un-outlined screenshot where there is a box, else the outlined picture."""
    action_type: str
    element_type: str
    text: str
    html: str
    summary: str
    box: Box | None = None
    """In CSS pixels of the viewport; None: the outline is in the picture."""
    viewport: tuple[int, int] | None = None
    """(width, height) in CSS pixels; None: the picture has one pixel for each."""
    site: str = ""
    url: str = ""
    summary_source: str = ""
    at: str = ""
    instruction: str = ""
    """What the tester had asked for when this was done, if anything."""
    screenshot: str = ""
    """SHA-256 of the screenshot, equal for all elements of one look at a page; empty where it is not known."""


def row_prompt(row: Row) -> str:
    """The prompt, beginning with the image token; HTML cleaned and hostile tokens neutralised as when serving."""
    return understanding_prompt(row.action_type, row.element_type, row.text, clean_html(row.html))


def row_picture(row: Row, view: View) -> Image.Image:
    """What the model is shown, as RGB, outlined.

    Args:
        row: The row. Its decoded screenshot is kept for the next one of the same screenshot.
        view: Which part, at which size; a picture that is already outlined is taken as it is.

    Raises:
        DatasetError: The picture cannot be decoded, or the box lies outside of it.
    """
    try:
        if row.box is None:
            return decode(row.image)
        views = _views(row.image, row.viewport, view)
    except ObservationError as error:
        raise DatasetError(f"row {row.external_id}: {error}") from error
    if not views.shows(row.box):
        raise DatasetError(
            f"row {row.external_id}: the box {box_list(row.box)} lies outside of the viewport {views.viewport}; "
            "expected x, y, width, height in CSS pixels; 'magenta dataset build' leaves such rows out"
        )
    return views.outlined(row.box)


def box_list(box: Box) -> list[float]:
    """x, y, width, height."""
    return [box.x, box.y, box.width, box.height]


@lru_cache(maxsize=4)
def _views(image: bytes, viewport: tuple[int, int] | None, view: View) -> Views:
    if viewport is None:
        viewport = decode(image).size
    return Views(image, viewport, view)
