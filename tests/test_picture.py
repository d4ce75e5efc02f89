"""Outlines and views, pixel by pixel."""

import io
import math

import pytest
from PIL import Image

from magenta_qa.model.errors import ObservationError
from magenta_qa.model.outline import MAGENTA, OUTLINE_PX
from magenta_qa.model.picture import SLICE_PX, Views, decode, encode_png, open_views, window_around
from magenta_qa.model.schema import Box, Observation, View

WIDTH, HEIGHT = 1280, 720
GREY, BLUE = (200, 200, 200), (0, 0, 200)


def screenshot(box=None, dpr=1.0, size=(WIDTH, HEIGHT), mode="RGB", kind="PNG"):
    """A grey page with a blue element."""
    image = Image.new("RGB", (round(size[0] * dpr), round(size[1] * dpr)), GREY)
    if box:
        edges = (box.x, box.y, box.x + box.width, box.y + box.height)
        image.paste(BLUE, tuple(round(edge * dpr) for edge in edges))
    buffer = io.BytesIO()
    image.convert(mode).save(buffer, kind)
    return buffer.getvalue()


def magenta_pixels(image):
    pixels = image.convert("RGB").load()
    return {(x, y) for x in range(image.width) for y in range(image.height) if pixels[x, y] == MAGENTA}


def ring(left, top, right, bottom, width=OUTLINE_PX):
    """The pixels just outside of a rectangle, right and bottom excluded."""
    outer = {(x, y) for x in range(left - width, right + width) for y in range(top - width, bottom + width)}
    return outer - {(x, y) for x in range(left, right) for y in range(top, bottom)}


def test_outline_is_three_pixels_just_outside_the_box():
    box = Box(600, 300, 80, 30)
    image = Views(screenshot(box), (WIDTH, HEIGHT), View("crop")).outlined(box)
    # The crop is centred on the box: its left edge is 640 − 224 = 416, its top 315 − 224 = 91.
    assert image.size == (448, 448)
    assert magenta_pixels(image) == ring(600 - 416, 300 - 91, 680 - 416, 330 - 91)
    assert image.getpixel((184, 209)) == BLUE and image.getpixel((263, 238)) == BLUE


def test_outline_never_covers_an_element_at_fractions_of_pixels():
    box = Box(600.4, 300.6, 80.2, 30.2)
    image = Views(screenshot(), (WIDTH, HEIGHT), View("page")).outlined(box)
    assert magenta_pixels(image) == ring(600, 300, 681, 331)


@pytest.mark.parametrize("dpr", [1.0, 1.25, 1.5, 2.0, 3.0])
def test_final_picture_is_the_same_at_every_device_pixel_ratio(dpr):
    box = Box(600, 300, 80, 30)
    image = Views(screenshot(box, dpr), (WIDTH, HEIGHT), View("crop")).outlined(box)
    assert image.size == (448, 448)
    assert magenta_pixels(image) == ring(184, 209, 264, 239)
    assert image.getpixel((224, 224)) == BLUE


@pytest.mark.parametrize(
    ("box", "edges"),
    [
        (Box(0, 0, 50, 20), (0, 0, 53, 23)),
        (Box(1230, 700, 50, 20), (395, 425, 448, 448)),
        (Box(-30, 100, 60, 40), (0, 97, 33, 143)),
        (Box(-100, -100, 5000, 5000), (0, 0, 448, 448)),
    ],
    ids=["top left", "bottom right", "half outside", "larger than the page"],
)
def test_outline_is_clamped_to_the_picture(box, edges):
    found = magenta_pixels(Views(screenshot(), (WIDTH, HEIGHT), View("crop")).outlined(box))
    assert (min(x for x, _ in found), min(y for _, y in found)) == edges[:2]
    assert (max(x for x, _ in found) + 1, max(y for _, y in found) + 1) == edges[2:]


def test_crop_stays_within_a_viewport_that_is_smaller_than_it():
    box = Box(10, 10, 20, 20)
    image = Views(screenshot(box, size=(320, 200)), (320, 200), View("crop")).outlined(box)
    assert image.size == (320, 200)


def test_window_is_around_the_visible_part():
    assert window_around(Box(600, 300, 80, 30), (WIDTH, HEIGHT), 448) == (416, 91, 448, 448)
    assert window_around(Box(1200, -1000, 80, 1100), (WIDTH, HEIGHT), 448) == (832, 0, 448, 448)


def test_page_view_shows_the_whole_viewport():
    box = Box(600, 300, 80, 30)
    image = Views(screenshot(box), (WIDTH, HEIGHT), View("page")).outlined(box)
    assert image.size == (WIDTH, HEIGHT)
    assert magenta_pixels(image) == ring(600, 300, 680, 330)


@pytest.mark.parametrize("slices", [1, 2, 4])
def test_page_view_fits_its_slices_and_keeps_the_outline_three_pixels_wide(slices):
    box = Box(600, 300, 80, 30)
    image = Views(screenshot(box), (WIDTH, HEIGHT), View("page", max_slices=slices)).outlined(box)
    assert math.ceil(image.width * image.height / SLICE_PX**2) <= slices
    column = [y for y in range(image.height) if image.getpixel((round(640 * image.width / WIDTH), y)) == MAGENTA]
    assert len(column) == 2 * OUTLINE_PX


def test_both_view_has_the_crop_above_the_page_with_an_outline_in_each():
    box = Box(600, 300, 80, 30)
    image = Views(screenshot(box), (WIDTH, HEIGHT), View("both")).outlined(box)
    # 448 of crop, and the page scaled to the crop's width: 720 · 448 / 1280 = 252.
    assert image.size == (448, 448 + 252)
    below = {(x, y) for x, y in magenta_pixels(image) if y >= 448}
    assert magenta_pixels(image) - below == ring(184, 209, 264, 239)
    assert (min(x for x, _ in below), min(y for _, y in below)) == (210 - 3, 448 + 105 - 3)


def test_views_share_the_page_and_do_not_draw_on_it():
    views = Views(screenshot(), (WIDTH, HEIGHT), View("page"))
    first = views.outlined(Box(10, 10, 20, 20))
    second = views.outlined(Box(500, 500, 20, 20))
    assert first.getpixel((8, 15)) == MAGENTA and second.getpixel((8, 15)) == GREY
    assert magenta_pixels(views.image) == set()
    assert views.plain(Box(10, 10, 20, 20)).image.getpixel((8, 15)) == GREY


def test_whole_page_view_is_at_device_pixels():
    box = Box(600, 300, 80, 30)
    image = Views(screenshot(box, 2), (WIDTH, HEIGHT), View("crop")).page(box)
    assert image.size == (2560, 1440)
    assert magenta_pixels(image) == ring(1200, 600, 1360, 660)
    assert image.getpixel((1210, 610))[:3] == BLUE


def test_whole_page_views_are_independent_of_each_other_and_outlive_their_page():
    views = Views(screenshot(), (WIDTH, HEIGHT), View("crop"))
    made = [views.page(Box(10 * i, 5 * i, 20, 20)) for i in range(40)]
    del views
    for i, image in enumerate(made):
        assert image.getpixel((10 * i + 22, 5 * i + 10))[:3] == MAGENTA
        assert image.getpixel((10 * i + 30, 5 * i + 10))[:3] == GREY


@pytest.mark.parametrize("box", [Box(-50, -50, 20, 20), Box(5000, 5000, 10, 10), Box(0, 0, 1280, 720)])
def test_whole_page_view_clamps_any_box(box):
    image = Views(screenshot(), (WIDTH, HEIGHT), View("crop")).page(box)
    assert image.size == (WIDTH, HEIGHT) and magenta_pixels(image)


def test_tiny_screenshot_is_outlined_without_error():
    views = Views(screenshot(size=(2, 2)), (2, 2), View("crop"))
    assert views.outlined(Box(0, 0, 1, 1)).size == views.page(Box(0, 0, 1, 1)).size == (2, 2)


@pytest.mark.parametrize(
    ("box", "shown"),
    [
        (Box(10, 10, 5, 5), True),
        (Box(-4, 10, 5, 5), True),
        (Box(-5, 10, 5, 5), False),
        (Box(1280, 10, 5, 5), False),
        (Box(10, 720, 5, 5), False),
        (Box(10, 10, 0, 5), False),
    ],
)
def test_only_what_lies_in_the_viewport_has_a_picture(box, shown):
    assert Views(screenshot(), (WIDTH, HEIGHT), View()).shows(box) is shown


def test_screenshot_is_decoded_once_for_all_candidates():
    png = screenshot()
    observations = [Observation("u", "t", (WIDTH, HEIGHT), 1.0, png, ()) for _ in range(2)]
    assert open_views(observations[0], View()) is open_views(observations[1], View())
    assert open_views(observations[0], View("page")) is not open_views(observations[0], View())


@pytest.mark.parametrize(
    ("mode", "kind"), [("L", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("RGB", "WEBP"), ("RGB", "JPEG")]
)
def test_every_usual_kind_of_picture_is_decoded(mode, kind):
    image = decode(screenshot(mode=mode, kind=kind))
    assert image.mode == "RGB" and image.size == (WIDTH, HEIGHT)


@pytest.mark.parametrize("junk", [b"", b"no picture", screenshot()[:500]])
def test_undecodable_screenshot_is_an_error_that_says_so(junk):
    with pytest.raises(ObservationError, match="cannot decode the screenshot"):
        decode(junk)


def test_png_keeps_the_outline_exactly():
    box = Box(600, 300, 80, 30)
    image = Views(screenshot(box), (WIDTH, HEIGHT), View("crop")).outlined(box)
    assert magenta_pixels(decode(encode_png(image))) == magenta_pixels(image)
