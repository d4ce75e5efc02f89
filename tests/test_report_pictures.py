"""Pictures of the report: the right part, outlined, once, within the budget."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from magenta_qa.agent.reports.pictures import Pictures
from magenta_qa.model.schema import Box

VIEWPORT = (1280, 720)
BOX = Box(270, 326, 136, 34)


def screenshot(folder: Path, name: str, dpr: int = 1, noise: bool = False) -> str:
    """A grey or noisy page; returns its name, made a SHA-256 by repetition."""
    size = (VIEWPORT[0] * dpr, VIEWPORT[1] * dpr)
    page = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size, "#dddddd")
    page.save(folder / f"{name * 64}.webp", quality=90)
    return name * 64


def picture_of(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB")


def is_magenta(picture: Image.Image, x: float, y: float) -> bool:
    red, green, blue = picture.getpixel((int(x), int(y)))
    return red > 180 and blue > 180 and green < 120


@pytest.mark.parametrize("dpr", [1, 2])
def test_small_picture_is_a_window_around_the_outlined_target(dpr, tmp_path):
    pictures = Pictures(tmp_path)
    pictures.ask(screenshot(tmp_path, "a", dpr), BOX, VIEWPORT, large=False)
    picture = picture_of(next(pictures.encoded(1_000_000)))
    assert picture.size == (480, 300)
    # The 800 × 500 window around the box starts at (0, 93) and is shown at 0.6; the outline is 3 px wide around it.
    left, top, right, bottom = 270 * 0.6, (326 - 93) * 0.6, 406 * 0.6, (360 - 93) * 0.6
    assert is_magenta(picture, left - 2, top + 9) and is_magenta(picture, right + 2, top + 9)
    assert is_magenta(picture, left + 40, top - 2) and is_magenta(picture, left + 40, bottom + 2)
    assert not is_magenta(picture, left + 40, top + 9) and not is_magenta(picture, left - 8, top + 9)


def test_large_picture_is_the_whole_viewport(tmp_path):
    pictures = Pictures(tmp_path)
    pictures.ask(screenshot(tmp_path, "a"), BOX, VIEWPORT, large=True)
    picture = picture_of(next(pictures.encoded(1_000_000)))
    assert picture.size == (960, 540)
    assert is_magenta(picture, 270 * 0.75 - 2, 340 * 0.75)


@pytest.mark.parametrize(
    "box", [None, Box(0, 2000, 10, 10), Box(-50, -50, 10, 10), Box(0, 0, 0, 0), Box(-9, -9, 9e6, 9e6)]
)
def test_any_box_makes_a_picture(box, tmp_path):
    pictures = Pictures(tmp_path)
    pictures.ask(screenshot(tmp_path, "a"), box, VIEWPORT, large=False)
    pictures.ask(screenshot(tmp_path, "a"), box, (0, 0), large=True)
    assert [picture_of(uri).width for uri in pictures.encoded(1_000_000)] == [480, 960]


def test_same_picture_is_encoded_once(tmp_path):
    pictures = Pictures(tmp_path)
    sha = screenshot(tmp_path, "a")
    shots = [pictures.ask(sha, box, VIEWPORT, large=False) for box in (BOX, None, BOX)]
    assert [(shot.id, shot.first) for shot in shots if shot] == [(0, True), (1, True), (0, False)]
    assert len(list(pictures.encoded(1_000_000))) == 2


@pytest.mark.parametrize("name", [None, "", "b" * 64, "../secret", "A" * 64, "a" * 63])
def test_only_screenshots_of_the_folder_are_shown(name, tmp_path):
    (tmp_path / "secret.webp").touch()
    assert Pictures(tmp_path / "images").ask(name, None, VIEWPORT, large=False) is None


def test_photos_are_made_small_enough_for_the_budget(tmp_path):
    pictures = Pictures(tmp_path)
    for n, name in enumerate("abcd"):
        sha = screenshot(tmp_path, name, noise=True)
        for i in range(5):
            pictures.ask(sha, Box(200 + 40 * i, 300, 80, 30), VIEWPORT, large=n == 0)
    uris = list(pictures.encoded(400_000))
    assert sum(map(len, uris)) <= 400_000
    assert all(uri.startswith("data:image/webp") for uri in uris)


def test_pictures_that_no_budget_fits_are_said_to_be_left_out(tmp_path):
    pictures = Pictures(tmp_path)
    pictures.ask(screenshot(tmp_path, "a"), BOX, VIEWPORT, large=True)
    assert "Left%20out" in next(pictures.encoded(1))
