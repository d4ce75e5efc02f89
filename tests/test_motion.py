"""What moved while a picture was taken is hidden wherever it may be in it."""

from magenta_qa.agent.privacy.motion import Hidden, hidden_around, hidden_between
from magenta_qa.model.schema import Box

FIRST, THIRD = Box(10, 100, 50, 20), Box(90, 300, 50, 20)


def test_what_stays_is_hidden_as_it_is():
    assert hidden_between([{"doc": [FIRST]}, {"doc": [FIRST]}]) == Hidden((FIRST,), False)


def test_what_moves_is_hidden_on_its_way_and_a_little_beyond():
    looks = [{"doc": [FIRST]}, {"doc": [Box(10, 200, 50, 20)]}]
    assert hidden_between(looks) == Hidden((FIRST, Box(10, 50, 50, 220)), True)


def test_what_comes_or_goes_is_hidden_and_what_nobody_can_follow_makes_the_picture_useless():
    assert hidden_between([{"doc": [FIRST]}, {"doc": [FIRST, THIRD], "frame": [FIRST]}]) == Hidden(
        (FIRST, THIRD), False
    )
    assert hidden_between([{"doc": [FIRST]}, {"doc": [Box(10, 200, 50, 20), THIRD]}]) is None
    assert set(hidden_around([FIRST], [THIRD, THIRD])) == {FIRST, THIRD}
