from PIL import Image, ImageDraw

from magenta_qa.agent.checks.likeness import likeness, unrest
from magenta_qa.model.schema import Box


def picture(angle: float = 0.0, dot: tuple[int, int] | None = None, size: tuple[int, int] = (200, 120)) -> Image.Image:
    """Two lines whose edges are smoothed; `angle` shifts them by a part of a pixel."""
    large = Image.new("RGB", (size[0] * 4, size[1] * 4), "white")
    draw = ImageDraw.Draw(large)
    draw.line((40, 60 + angle, 700, 380 + angle), fill="black", width=12)
    small = large.resize(size, Image.Resampling.LANCZOS)
    if dot is not None:
        ImageDraw.Draw(small).rectangle((*dot, dot[0] + 3, dot[1] + 3), fill="red")
    return small


def test_the_same_picture_is_alike():
    assert likeness(picture(), picture()).differing == 0


def test_smoothed_edges_that_fall_otherwise_are_alike():
    one, other = picture(), picture(angle=1.0)
    assert one.tobytes() != other.tobytes()
    assert likeness(one, other).differing == 0


def test_four_red_pixels_are_seen_where_they_are():
    found = likeness(picture(), picture(dot=(150, 20)))
    assert found.differing == 16
    assert found.box == Box(150, 20, 4, 4)
    assert found.shown is not None and found.shown.width > 600  # three panels


def test_what_is_masked_is_not_compared_and_all_else_is():
    masks = [Box(145, 15, 20, 20)]
    assert likeness(picture(), picture(dot=(150, 20)), masks).differing == 0
    assert likeness(picture(), picture(dot=(100, 100)), masks).differing == 16


def test_another_size_is_never_alike():
    blank = Image.new("RGB", (50, 50), "white")
    assert likeness(blank, Image.new("RGB", (50, 60), "white")).differing == 50 * 10
    black = Image.new("RGB", (50, 50))
    assert likeness(black, Image.new("RGB", (50, 60))).differing > 0  # also where the padding looks like the picture


def test_what_changes_by_itself_is_found_in_several_pictures():
    (box,) = unrest([picture(), picture(dot=(150, 20)), picture()])
    assert box.contains(Box(150, 20, 4, 4))
    assert unrest([picture(), picture(), picture()]) == []
