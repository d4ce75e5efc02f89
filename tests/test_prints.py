"""Prints of icons: the same icon is known elsewhere, in another colour and size; nothing else is taken for it."""

import pytest
from PIL import Image, ImageDraw

from magenta_qa.model.embedded.prints import LIKE, likeness, print_of

Points = tuple[tuple[float, float], ...]
BIN: Points = ((0.1, 0.2), (0.9, 0.2), (0.8, 1.0), (0.2, 1.0))
STAR: Points = (
    *((0.5, 0), (0.6, 0.4), (1, 0.4), (0.7, 0.6), (0.8, 1)),
    *((0.5, 0.75), (0.2, 1), (0.3, 0.6), (0, 0.4), (0.4, 0.4)),
)
SIDE = 40


def drawn(
    points: Points, size: int = 16, *, ink: str = "black", ground: str = "white", filled: bool = True
) -> Image.Image:
    """An icon button as a browser draws it, with soft edges."""
    large = Image.new("RGB", (SIDE * 4, SIDE * 4), ground)
    left = (SIDE - size) * 2
    at = [(left + x * size * 4, left + y * size * 4) for x, y in points]
    ImageDraw.Draw(large).polygon(at, fill=ink if filled else ground, outline=ink, width=6)
    return large.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def alike(one: Image.Image, other: Image.Image) -> float:
    first, second = print_of(one), print_of(other)
    assert first is not None and second is not None
    return likeness(first, second)


@pytest.mark.parametrize("icon", [BIN, STAR])
def test_the_same_icon_in_another_size_and_colour(icon: Points) -> None:
    assert alike(drawn(icon), drawn(icon, 19)) >= LIKE
    assert alike(drawn(icon), drawn(icon, ink="white", ground="navy")) >= LIKE


def test_other_icons_and_other_states_are_others() -> None:
    assert alike(drawn(BIN), drawn(STAR)) < LIKE
    assert alike(drawn(STAR), drawn(STAR, filled=False)) < LIKE
    assert alike(drawn(BIN, 10), drawn(BIN, 24)) < LIKE


def test_the_border_of_its_button_is_no_part_of_it() -> None:
    framed = drawn(STAR)
    ImageDraw.Draw(framed).rectangle((0, 0, SIDE - 1, SIDE - 1), outline="grey", width=2)
    assert alike(drawn(STAR), framed) >= LIKE


def test_what_shows_nothing_or_only_a_colour_has_no_print() -> None:
    assert print_of(Image.new("RGB", (24, 24), "white")) is None
    assert print_of(Image.new("RGB", (6, 24), "white")) is None
    swatch = Image.new("RGB", (40, 40), "white")
    swatch.paste("grey", (12, 12, 28, 28))
    assert print_of(swatch) is None
