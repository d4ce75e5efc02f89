"""What of a screenshot the model is shown, with one element outlined in magenta.

    views = open_views(observation, View("crop"))          # decodes the screenshot, once for all candidates
    views.plain(candidate.box)  -> Picture(image, rect)     # what the model sees without the outline: the cache's key
    views.outlined(candidate.box) -> Image                  # 448×448, outline #FF00FF, 3 px, just outside the box
    views.page(candidate.box)   -> Image                    # the whole viewport at device pixels, for reports
    open_views(observation, CLOSEUP)                        # as `model.closeup` has it: what the small model is shown

Boxes come in CSS pixels of the viewport; `dpr` device pixels make one. A final picture has one pixel for a CSS pixel
(`crop`) or fewer (`page`, where it must fit the slices), so that a model sees the same at every device-pixel ratio.
"""

import io
import math
import mmap
import tempfile
import weakref
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, UnidentifiedImageError

from magenta_qa.model.closeup import closeup, css_page, square_around, visible_rect
from magenta_qa.model.errors import ObservationError
from magenta_qa.model.outline import MAGENTA, OUTLINE_PX, Rect, draw_outline, outline_bars
from magenta_qa.model.schema import Box, Observation, View

SLICE_PX = 448
"""Side of the square that MiniCPM-V cuts pictures into (`scale_resolution`)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without outlines and where the element is in it (twice in the composite of view `both`).

    In a `closeup`, which is outlined before it is scaled, the place is that on the page.
    """

    image: Image.Image
    rects: tuple[Rect, ...]


class Views:
    """All pictures that are made of one screenshot.

    Args:
        screenshot: An encoded picture.
        viewport: (width, height) in CSS pixels.
        view: Which part, at which size.
        outlined: The outline is in the screenshot already, which is shown as it is, whatever the view.

    Raises:
        ObservationError: The screenshot cannot be decoded.
    """

    def __init__(self, screenshot: bytes, viewport: tuple[int, int], view: View, *, outlined: bool = False) -> None:
        self.view, self._is_outlined = view, outlined
        self.image = decode(screenshot)
        self.viewport = viewport
        self._scale_x = self.image.width / max(viewport[0], 1)
        self._scale_y = self.image.height / max(viewport[1], 1)
        self._page: Image.Image | None = None
        self._shared: _SharedPixels | None = None

    def shows(self, box: Box) -> bool:
        """Whether any of the box lies in the viewport; without that there is no picture of it."""
        left, top, right, bottom = _edges(box)
        return (
            right > left
            and bottom > top
            and right > 0
            and bottom > 0
            and left < self.viewport[0]
            and top < self.viewport[1]
        )

    def plain(self, box: Box) -> Picture:
        """What the model sees of the element, without the outline."""
        if self._is_outlined:
            return Picture(self.image, ())
        if self.view.name == "closeup":
            return self._closeup(box)
        if self.view.name == "crop":
            return self._crop(box)
        if self.view.name == "page":
            return self._scaled_page(box, self._page_scale())
        return self._both(box)

    def outlined(self, box: Box) -> Image.Image:
        """What the model sees of the element."""
        if self.view.name == "closeup" and not self._is_outlined:
            rect = visible_rect(box, self.viewport)
            return closeup(self._css_page(), rect, square_around(rect, self.viewport))
        picture = self.plain(box)
        image = picture.image.copy() if picture.image is self._page else picture.image
        for rect in picture.rects:
            draw_outline(image, rect)
        return image

    def page(self, box: Box) -> Image.Image:
        """The whole viewport at the screenshot's own size, outlined; RGBA, to be read only."""
        if self._shared is None:
            self._shared = _SharedPixels(self.image)
        return self._shared.outlined(_scaled(box, self._scale_x, self._scale_y))

    def element(self, box: Box) -> Image.Image:
        """The element alone, as far as it can be seen: one pixel for a CSS pixel, no outline."""
        return self._css_page().crop(visible_rect(box, self.viewport))

    def _crop(self, box: Box) -> Picture:
        left, top, width, height = window_around(box, self.viewport, self.view.crop_px)
        source = (
            left * self._scale_x,
            top * self._scale_y,
            (left + width) * self._scale_x,
            (top + height) * self._scale_y,
        )
        image = _resized(self.image, source, (width, height))
        return Picture(image, (_scaled(Box(box.x - left, box.y - top, box.width, box.height), 1, 1),))

    def _closeup(self, box: Box) -> Picture:
        rect = visible_rect(box, self.viewport)
        square = square_around(rect, self.viewport)
        return Picture(closeup(self._css_page(), rect, square, outlined=False), (rect,))

    def _css_page(self) -> Image.Image:
        if self._page is None:
            self._page = css_page(self.image, self.viewport)
        return self._page

    def _page_scale(self) -> float:
        """Final pixels per CSS pixel: at most one, and few enough for `max_slices` slices."""
        width, height = self.viewport
        return min(1.0, math.sqrt(self.view.max_slices * SLICE_PX**2 / max(width * height, 1)))

    def _scaled_page(self, box: Box, scale: float) -> Picture:
        width, height = (max(1, math.floor(side * scale + 1e-6)) for side in self.viewport)
        if self._page is None:
            self._page = _resized(self.image, (0, 0, *self.image.size), (width, height))
        return Picture(self._page, (_scaled(box, width / max(self.viewport[0], 1), height / max(self.viewport[1], 1)),))

    def _both(self, box: Box) -> Picture:
        crop = self._crop(box)
        page = self._scaled_page(box, min(self._page_scale(), crop.image.width / max(self.viewport[0], 1)))
        size = (max(crop.image.width, page.image.width), crop.image.height + page.image.height)
        image = Image.new("RGB", size, (255, 255, 255))
        image.paste(crop.image, (0, 0))
        image.paste(page.image, (0, crop.image.height))
        left, top, right, bottom = page.rects[0]
        below = (left, top + crop.image.height, right, bottom + crop.image.height)
        return Picture(image, (*crop.rects, below))


@lru_cache(maxsize=2)
def _views(screenshot: bytes, viewport: tuple[int, int], view: View, outlined: bool) -> Views:
    return Views(screenshot, viewport, view, outlined=outlined)


def open_views(observation: Observation, view: View) -> Views:
    """The pictures of an observation; the screenshot is decoded once however often this is called."""
    return _views(observation.screenshot, observation.viewport, view, observation.outlined)


def decode(screenshot: bytes) -> Image.Image:
    """The screenshot as RGB.

    Raises:
        ObservationError: It is not a picture that Pillow reads.
    """
    try:
        with Image.open(io.BytesIO(screenshot)) as image:
            return image.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise ObservationError(
            f"cannot decode the screenshot ({len(screenshot)} bytes): {error}; expected PNG, WebP or JPEG"
        ) from error


def window_around(box: Box, viewport: tuple[int, int], side: int) -> Rect:
    """left, top, width, height of the crop in CSS pixels, within the viewport, around the box's visible part."""
    width, height = min(side, viewport[0]), min(side, viewport[1])
    left, top, right, bottom = _edges(box)
    middle_x = (max(left, 0) + min(right, viewport[0])) / 2
    middle_y = (max(top, 0) + min(bottom, viewport[1])) / 2
    x = min(max(round(middle_x - width / 2), 0), viewport[0] - width)
    y = min(max(round(middle_y - height / 2), 0), viewport[1] - height)
    return x, y, width, height


class _SharedPixels:
    """One picture of which each copy costs only what is drawn on it: the system copies on write.

    A plain copy of 1280×720 pixels spends its time on 3.7 MB of fresh memory; a hundred of them take 200 ms.
    """

    def __init__(self, image: Image.Image) -> None:
        self._size = image.size
        file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        weakref.finalize(self, file.close)
        file.write(image.convert("RGBA").tobytes())
        file.flush()
        self._file = file

    def outlined(self, rect: Rect) -> Image.Image:
        """A copy with an outline."""
        width, height = self._size
        # The copy keeps the mapping alive, and the mapping keeps the file's pixels.
        pixels = mmap.mmap(self._file.fileno(), width * height * 4, access=mmap.ACCESS_COPY)
        for left, top, right, bottom in outline_bars(self._size, rect, OUTLINE_PX):
            left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
            run = bytes((*MAGENTA, 255)) * (right - left)
            for start in range((top * width + left) * 4, (bottom * width + left) * 4, width * 4):
                pixels[start : start + len(run)] = run
        # Pillow takes any buffer; its annotation names only some.
        return Image.frombuffer("RGBA", self._size, pixels, "raw", "RGBA", 0, 1)  # type: ignore[arg-type]


def encode_png(image: Image.Image) -> bytes:
    """PNG bytes, packed fast rather than small: they travel once."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _resized(image: Image.Image, source: tuple[float, float, float, float], size: tuple[int, int]) -> Image.Image:
    if (source[2] - source[0], source[3] - source[1]) == size and all(edge == int(edge) for edge in source):
        return image.crop((int(source[0]), int(source[1]), int(source[2]), int(source[3])))
    return image.resize(size, Image.Resampling.LANCZOS, box=source, reducing_gap=2.0)


def _scaled(box: Box, scale_x: float, scale_y: float) -> Rect:
    """The box in whole pixels, rounded outwards so that the outline never covers the element."""
    left, top, right, bottom = _edges(box)
    return (
        math.floor(left * scale_x + 1e-6),
        math.floor(top * scale_y + 1e-6),
        math.ceil(right * scale_x - 1e-6),
        math.ceil(bottom * scale_y - 1e-6),
    )


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.x + box.width, box.y + box.height
