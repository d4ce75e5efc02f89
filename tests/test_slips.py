"""Slips of the keyboard are put right by words of the page, and nothing else is changed."""

import pytest

from magenta_qa.model.language.slips import without_slips

PAGE = ["Villa Ivarsson", "Favourites", "Plane tickets"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Click the Book buttno of Vlila Ivarsson", "Click the Book button of Villa Ivarsson"),
        ("Perss Save", "Press Save"),
        ("Open the favourtes", "Open the favourites"),
    ],
)
def test_slips_are_put_right(typed: str, meant: str) -> None:
    assert without_slips(typed, PAGE) == meant


@pytest.mark.parametrize(
    "step",
    [
        'Type "buttno" into the field',  # quoted
        "Open Villa Ivarsen",  # another name
        "Open planes",  # an inflection of what the page says
        "Open RX-7781",
    ],
)
def test_nothing_else_is_changed(step: str) -> None:
    assert without_slips(step, PAGE) == step
