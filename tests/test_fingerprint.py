from dataclasses import replace

import pytest

from magenta_qa.agent.fingerprint import anchor_in, differences, is_same, keeps_place
from magenta_qa.agent.heal import means_the_same
from magenta_qa.agent.repeatable import why_anew
from magenta_qa.model.trace import Fingerprint

STEP = "Click Delete in the row of Summer cabin"
DELETE = Fingerprint("button", "Delete", "button", "", ("row: Summer cabin Bergen 7", "heading: Addresses (4)"))


def test_the_same_control_of_another_row_is_another_control() -> None:
    other = replace(DELETE, within=("row: Parents Bergen 7", "heading: Addresses (4)"))
    assert differences(DELETE, other) != ()
    assert not is_same(DELETE, other, STEP)


def test_digits_may_differ_in_a_heading_but_not_in_a_row() -> None:
    assert differences(DELETE, replace(DELETE, within=("row: Summer cabin Bergen 7", "heading: Addresses (3)"))) == ()
    dearer = replace(DELETE, within=("row: Summer cabin Bergen 8", "heading: Addresses (4)"))
    assert differences(DELETE, dearer) != ()
    assert is_same(DELETE, dearer, STEP)


def test_control_that_has_left_its_row_does_not_keep_its_place() -> None:
    assert not keeps_place(DELETE, replace(DELETE, within=("heading: Addresses (4)",)), STEP)


@pytest.mark.parametrize(
    "now",
    [
        replace(DELETE, name="Edit"),
        replace(DELETE, role="link"),
        replace(DELETE, state="disabled"),
        replace(DELETE, frame="http://pay.test/"),
        replace(DELETE, name="", hints="trash"),
    ],
)
def test_any_difference_is_told(now: Fingerprint) -> None:
    assert len(differences(DELETE, now)) == 1


def test_frame_may_be_served_on_another_port_but_neither_by_another_host_nor_from_another_path() -> None:
    then = replace(DELETE, frame="http://pay.test:8001/card")
    assert differences(then, replace(DELETE, frame="http://pay.test:9000/card")) == ()
    for other in ("http://pay.example:8001/card", "http://pay.test:8001/iban", "https://pay.test:8001/card", ""):
        assert len(differences(then, replace(DELETE, frame=other))) == 1


def test_anchor_is_what_the_step_says_of_the_row() -> None:
    assert anchor_in(STEP, DELETE) == ("row", "Summer cabin")
    assert anchor_in("Click Delete", DELETE) == ("row", "")


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Delete", "Remove", True),
        ("Log in", "Sign in", True),
        ("Add to cart", "Add to basket", True),
        ("Check out", "Proceed to check out", True),
        ("Add to wishlist", "Save to wishlist", True),
        ("Save", "Add", False),
        ("Continue", "Continue to payment", False),
        ("Delete", "Delete all", False),
        ("Add to cart", "Add to wishlist", False),
        ("One more", "One less", False),
        ("Cancel order", "Cancel", False),
        ("Next", "Previous", False),
    ],
)
def test_names_mean_the_same_only_word_for_word(name: str, other: str, same: bool) -> None:
    assert means_the_same(name, other) is same
    assert means_the_same(other, name) is same


@pytest.mark.parametrize(
    "step",
    [
        "Open the cheapest mug",
        "Click the second Edit button",
        "Tick all boxes",
        "Scroll down until the footer is visible",
        "Choose tomorrow as the date",
        "Click Delete in the last row",
        "If there is a banner, close it",
        "Open the newest order",
        'Drag the first item above "Tent"',
    ],
)
def test_what_a_step_picks_by_comparing_is_looked_for_anew(step: str) -> None:
    assert why_anew(step)


@pytest.mark.parametrize(
    "step",
    [
        STEP,
        'Click "Show all"',
        'Fill "City" with "First"',
        "Log in as ada@example.com with password ${password}",
        'Drag "Torch" above "Tent"',
    ],
)
def test_what_a_step_names_is_replayed(step: str) -> None:
    assert why_anew(step) == ""
