"""A picture cut into what the vision part is shown: an overview and, for large pictures, a grid of slices.

    slice_picture(Image 1280×720, PictureSettings(max_slices=9))
    -> Sliced(slices=(overview 588×336, six of 504×392 …), rows=2, columns=3)

Slices stay bytes (uint8): normalising happens on the device, which moves a quarter of the data and costs the loader
nothing. Sizes, grids and pixels equal those of the published processors (see tests/test_minicpmv_pictures.py).

Source: LLaVA-UHD's adaptive slicing, https://arxiv.org/abs/2403.11703, as MiniCPM-V uses it.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

MAX_ASPECT = 100
"""Pictures that are longer than this many times their breadth are refused: they would be scaled to nothing."""


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """How a family cuts pictures; read from the checkpoint's preprocessor file."""

    patch_size: int = 14
    """Side of one patch, pixels."""
    scale_resolution: int = 448
    """A slice has about this many pixels squared."""
    max_slices: int = 9
    """Slices at most, the overview not counted."""
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    merge: int = 1
    """Sides of every slice are multiples of `patch_size × merge`, so that patches can be merged."""
    slice_mode: bool = True


@dataclass(frozen=True, slots=True)
class Sliced:
    """One picture, cut."""

    slices: tuple[np.ndarray, ...]
    """Arrays (3, height, width) of uint8: the overview, then the slices row by row."""
    rows: int = 0
    """Rows of the grid; 0 where the overview is all there is."""
    columns: int = 0


def slice_picture(picture: Image.Image, settings: PictureSettings, max_slices: int | None = None) -> Sliced:
    """Cut a picture as the published processors do.

    Args:
        picture: Any mode; transparency is dropped, as the published processors do.
        settings: How the family cuts.
        max_slices: Slices at most, instead of `settings.max_slices`.

    Raises:
        ValueError: If the picture is empty or longer than `MAX_ASPECT` times its breadth.
    """
    width, height = picture.size
    if not width or not height or max(width, height) > MAX_ASPECT * min(width, height):
        raise ValueError(
            f"cannot cut a picture of {width}×{height} pixels; expected both sides above zero and neither longer than "
            f"{MAX_ASPECT} times the other; leave this picture out or crop it"
        )
    picture = picture.convert("RGB")
    grid = find_grid((width, height), settings, max_slices)
    overview = _resized(picture, fit((width, height), settings, upscale=grid is None))
    if grid is None:
        return Sliced((_array(overview),))
    rows, columns = grid
    enlarged = _resized(picture, refined_size((width, height), grid, settings))
    step_x, step_y = enlarged.width // columns, enlarged.height // rows
    whole = _array(enlarged)
    parts = (
        np.ascontiguousarray(whole[:, y * step_y : (y + 1) * step_y, x * step_x : (x + 1) * step_x])
        for y in range(rows)
        for x in range(columns)
    )
    return Sliced((_array(overview), *parts), rows, columns)


def find_grid(
    size: tuple[int, int], settings: PictureSettings, max_slices: int | None = None
) -> tuple[int, int] | None:
    """(rows, columns) whose shape is nearest to the picture's, or None where one slice holds it.

    Args:
        size: Width and height, pixels.
        settings: How the family cuts.
        max_slices: Slices at most, instead of `settings.max_slices`.
    """
    width, height = size
    most = settings.max_slices if max_slices is None else max_slices
    if most < 1:
        raise ValueError(f"max_slices is {most}; expected 1 (no slices beside the overview) or more")
    wanted = min(math.ceil(width * height / settings.scale_resolution**2), most)
    if wanted <= 1 or not settings.slice_mode:
        return None
    log_ratio = math.log(width / height)
    counts = [count for count in (wanted - 1, wanted, wanted + 1) if 1 < count <= most]
    grids = [(count // columns, columns) for count in counts for columns in range(1, count + 1) if count % columns == 0]
    # The first of several equally good grids, as published: it has the fewest columns.
    return min(grids, key=lambda grid: abs(log_ratio - math.log(grid[1] / grid[0])))


def fit(size: tuple[float, float], settings: PictureSettings, upscale: bool) -> tuple[int, int]:
    """Width and height nearest to `size` that the model can take.

    Args:
        size: Width and height, pixels; may be fractions.
        settings: How the family cuts.
        upscale: Whether small pictures are enlarged to `scale_resolution` squared too.
    """
    width, height = size
    if width * height > settings.scale_resolution**2 or upscale:
        ratio = width / height
        height = int(settings.scale_resolution / math.sqrt(ratio))
        width = int(height * ratio)
    unit = settings.patch_size * settings.merge
    return _to_multiple(width, unit), _to_multiple(height, unit)


def refined_size(size: tuple[int, int], grid: tuple[int, int], settings: PictureSettings) -> tuple[int, int]:
    """Width and height of the enlarged picture that is then cut into `grid` (rows, columns)."""
    rows, columns = grid
    part = (_to_multiple(size[0], columns) / columns, _to_multiple(size[1], rows) / rows)
    width, height = fit(part, settings, upscale=True)
    return width * columns, height * rows


def _to_multiple(length: float, unit: int) -> int:
    return max(round(length / unit) * unit, unit)


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, resample=Image.Resampling.BICUBIC)


def _array(picture: Image.Image) -> np.ndarray:
    """(3, height, width), uint8."""
    pixels: np.ndarray = np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))
    return pixels
