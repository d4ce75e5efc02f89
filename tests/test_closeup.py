"""The close view of one element."""

import pytest
from PIL import Image

from magenta_qa.model.closeup import BEYOND, PICTURE_PX, closeup, outline_of, side_for, square_around, visible_rect
from magenta_qa.model.schema import Box

VIEWPORT = (1280, 720)


@pytest.mark.parametrize(("size", "side"), [(32, 112), (106, 112), (107, 224), (218, 224), (219, 448), (900, 448)])
def test_square_is_the_smallest_that_holds_element_and_outline(size, side):
    assert side_for(size, 20) == side_for(20, size) == side


@pytest.mark.parametrize("place", [(0, 0), (1250, 700), (600, 300)])
def test_square_lies_on_the_page_and_holds_the_element(place):
    rect = visible_rect(Box(*place, 40, 30), VIEWPORT)
    left, top, side = square_around(rect, VIEWPORT)
    assert 0 <= left <= rect[0] and rect[2] <= left + side <= VIEWPORT[0]
    assert 0 <= top <= rect[1] and rect[3] <= top + side <= VIEWPORT[1]


def test_picture_is_white_beyond_a_page_that_is_smaller_than_the_square():
    rect = (0, 0, 300, 60)
    square = square_around(rect, (320, 200))
    picture = closeup(Image.new("RGB", (320, 200), "black"), rect, square, outlined=False)
    assert picture.size == (PICTURE_PX, PICTURE_PX)
    assert picture.getpixel((2, 2)) == BEYOND
    assert picture.getpixel((112, 112)) == (0, 0, 0)


@pytest.mark.parametrize("width", [30, 150, 400])
def test_outline_is_three_pixels_wide_or_more_in_the_picture(width):
    rect = (200, 200, 200 + width, 230)
    square = square_around(rect, VIEWPORT)
    picture = closeup(Image.new("RGB", VIEWPORT, "white"), rect, square)
    column = (rect[0] + width // 2 - square.left) * PICTURE_PX // square.side
    pixels = [picture.getpixel((column, row)) for row in range(PICTURE_PX)]
    reddish = [pixel for pixel in pixels if pixel[1] < 60 and pixel[0] > 200]
    assert len(reddish) >= 2 * min(3, outline_of(square.side)) - 1
