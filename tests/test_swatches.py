"""Colours that are measured: swatches of palettes, and nothing that bears an icon."""

import pytest
from PIL import Image, ImageDraw

from magenta_qa.model.embedded.swatches import colour_of


def drawn(size: tuple[int, int], *shapes: tuple[str, tuple[int, int, int, int], str], ground: str = "white") -> str:
    picture = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(picture)
    for shape, box, colour in shapes:
        getattr(pen, shape)(box, fill=colour, width=3 if shape == "line" else 0)
    return colour_of(picture)


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#ffd93d", "yellow"), ("#2ecc71", "green"), ("#8e44ad", "purple"), ("#e74c3c", "red"), ("#795548", "brown"),
        ("#ff9800", "orange"), ("#0097a7", "teal"), ("#1976d2", "blue"), ("#ff8ac4", "pink"),
    ],
)  # fmt: skip
def test_a_swatch_is_told_whether_round_or_filling_its_box(colour: str, name: str) -> None:
    assert drawn((24, 24), ground=colour) == name
    assert drawn((70, 32), ("ellipse", (26, 6, 46, 26), colour)) == name
    assert drawn((30, 30), ("rectangle", (1, 1, 28, 28), "#333333"), ("rectangle", (2, 2, 27, 27), colour)) == name


def test_grey_and_what_bears_an_icon_are_no_swatches() -> None:
    assert not drawn((24, 24))
    assert not drawn((24, 24), ground="#888888")
    assert not drawn((24, 24), ("line", (12, 4, 12, 20), "white"), ("line", (4, 12, 20, 12), "white"), ground="#1976d2")
    assert not drawn((120, 40), ground="#1976d2")
    assert not drawn((24, 24), ("line", (4, 12, 20, 12), "#1976d2"))
    assert not drawn((3, 3), ground="#1976d2")
