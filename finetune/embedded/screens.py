"""Close views of elements, made on the device from screens that are kept there as bytes; no loader process.

    screens = Screens(split.sizes, split.screens, "cuda")       # 2.8 MB a screen: 20,000 take 57 GB
    screens.pictures(screen, rect, squares)                     # (B, 3, 224, 224) uint8, as model.closeup makes them

Squares of one size are cut, outlined and scaled together; which sizes there are is known on the host, so that nothing
waits for the device.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from magenta_qa.model.closeup import BEYOND, PICTURE_PX, SIDES, outline_of
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.outline import MAGENTA
from magenta_qa.model.picture import decode

_DECODED_AT_ONCE = 128
_AHEAD = 2


class Screens:
    """Decoded screens on a device.

    Args:
        sizes: Width and height of each, (S, 2).
        encoded: The screens as WebP.
        device: Where pixels are kept and pictures made.
        workers: Threads that decode.
        most_bytes: Of pixels at most; None for what fits.

    Raises:
        ConfigError: They take more.
    """

    def __init__(
        self,
        sizes: np.ndarray,
        encoded: Sequence[bytes],
        device: torch.device | str,
        workers: int = 8,
        most_bytes: int | None = None,
    ) -> None:
        areas = sizes[:, 0] * sizes[:, 1]
        whole = int(areas.sum())
        if most_bytes is not None and 3 * whole > most_bytes:
            raise ConfigError(
                f"{len(encoded):,} screens take {3 * whole / 1e9:.1f} GB as pixels, more than the "
                f"{most_bytes / 1e9:.1f} GB allowed; pack a smaller corpus"
            )
        self.sizes = sizes
        self.device = torch.device(device)
        self._start = np.cumsum(areas) - areas
        self._pixels = torch.empty((max(whole, 1), 3), dtype=torch.uint8, device=self.device)
        waiting: deque[tuple[int, list[Future[np.ndarray]]]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            for first in range(0, len(encoded), _DECODED_AT_ONCE):
                some = encoded[first : first + _DECODED_AT_ONCE]
                waiting.append((first, [pool.submit(_decoded, each) for each in some]))
                # While these are decoded, those before them go to the device.
                if len(waiting) > _AHEAD:
                    self._place(*waiting.popleft())
            for first, pages in waiting:
                self._place(first, pages)

    def _place(self, first: int, pages: Sequence[Future[np.ndarray]]) -> None:
        start = int(self._start[first])
        flat = torch.from_numpy(np.concatenate([page.result().reshape(-1, 3) for page in pages]))
        self._pixels[start : start + len(flat)] = flat.to(self.device)

    def pictures(
        self, screen: np.ndarray, rect: np.ndarray, squares: np.ndarray, colours: np.ndarray | None = None
    ) -> Tensor:
        """What the model sees.

        Args:
            screen: Number of each one's screen, (B,).
            rect: left, top, right, bottom of each element, (B, 4).
            squares: left, top, side, (B, 3); sides are of `SIDES`.
            colours: Factor and summand of red, green and blue (B, 2, 3) float32; None for the page's own.
        """
        made = torch.empty((len(screen), 3, PICTURE_PX, PICTURE_PX), dtype=torch.uint8, device=self.device)
        for side in SIDES:
            rows = np.flatnonzero(squares[:, 2] == side)
            if len(rows):
                tints = None if colours is None else colours[rows]
                cut = self._cut(screen[rows], rect[rows], squares[rows, :2], side, tints)
                made[self.send(rows)] = scaled(cut)
        return made

    def _cut(
        self, screen: np.ndarray, rect: np.ndarray, corner: np.ndarray, side: int, colours: np.ndarray | None
    ) -> Tensor:
        """Squares of one size, (n, 3, side, side) uint8."""
        start, size, at = (self.send(each) for each in (self._start[screen], self.sizes[screen], corner))
        steps = torch.arange(side, device=self.device)
        columns, rows = at[:, 0, None] + steps, at[:, 1, None] + steps
        inside_x, inside_y = (columns >= 0) & (columns < size[:, 0, None]), (rows >= 0) & (rows < size[:, 1, None])
        x, y = columns.clamp(min=0).minimum(size[:, 0, None] - 1), rows.clamp(min=0).minimum(size[:, 1, None] - 1)
        place = start[:, None, None] + y[:, :, None] * size[:, 0, None, None] + x[:, None, :]
        inside = inside_y[:, :, None] & inside_x[:, None, :]
        cut = torch.where(inside[..., None], self._pixels[place], _color(BEYOND, self.device))
        if colours is not None:
            factor, summand = self.send(colours)[:, :, None, None].unbind(1)
            cut = (cut * factor + summand).round().clamp(0, 255).to(torch.uint8)
        line = _outline(self.send(rect), at, side)
        cut = torch.where(line[..., None], _color(MAGENTA, self.device), cut)
        return cut.permute(0, 3, 1, 2)

    def send(self, numbers: np.ndarray) -> Tensor:
        """An array on the device; nothing waits for it."""
        sent = torch.from_numpy(np.ascontiguousarray(numbers))
        return sent.pin_memory().to(self.device, non_blocking=True) if self.device.type == "cuda" else sent


def varied(count: int, share: float, generator: np.random.Generator) -> np.ndarray:
    """Colours for so many pictures, as `Screens.pictures` takes them: a share is tinted, half as many are inverted."""
    colours: np.ndarray = np.tile(np.array([[1.0], [0.0]], np.float32), (count, 1, 3))
    tinted = generator.random(count) < share
    factor = generator.uniform(0.6, 1.0, (count, 3))
    colours[tinted, 0] = factor[tinted]
    colours[tinted, 1] = (generator.random((count, 3)) * 255 * (1 - factor))[tinted]
    inverted = generator.random(count) < share / 2
    colours[inverted, 1] = 255 - colours[inverted, 1]
    colours[inverted, 0] *= -1
    return colours


def _decoded(encoded: bytes) -> np.ndarray:
    pixels: np.ndarray = np.asarray(decode(encoded))
    return pixels


def _color(color: tuple[int, int, int], device: torch.device) -> Tensor:
    # Filled on the device: a tensor from a list would make the host wait for its copy.
    return torch.stack([torch.full((), part, dtype=torch.uint8, device=device) for part in color])


def _outline(rect: Tensor, corner: Tensor, side: int) -> Tensor:
    """Where the outline is, (n, side, side) bool; clamped as `model.picture.draw_outline` does."""
    width = outline_of(side)
    across = _bars(rect[:, 0] - corner[:, 0], rect[:, 2] - corner[:, 0], side, width)
    down = _bars(rect[:, 1] - corner[:, 1], rect[:, 3] - corner[:, 1], side, width)
    outside = across[0][:, None, :] & down[0][:, :, None]
    inside = across[1][:, None, :] & down[1][:, :, None]
    return outside & ~inside


def _bars(start: Tensor, end: Tensor, side: int, width: int) -> tuple[Tensor, Tensor]:
    """Along one axis, which pixels lie within the outline's outer edge and which within its inner one, (n, side)."""
    low = (start - width).clamp(min=0, max=side - 2 * width)
    high = torch.maximum((end + width).clamp(max=side), low + width)
    pixels = torch.arange(side, device=start.device)
    within = (pixels >= low[:, None]) & (pixels < high[:, None])
    inner = (pixels >= low[:, None] + width) & (pixels < high[:, None] - width)
    return within, inner


def scaled(pictures: Tensor) -> Tensor:
    """Squares (n, 3, s, s) as Pillow scales them to 224×224: bicubic, axis by axis, whole levels between."""
    side = pictures.shape[-1]
    if side == PICTURE_PX:
        return pictures
    eye = torch.eye(side, device=pictures.device)[None, None]
    weights = F.interpolate(eye, (PICTURE_PX, side), mode="bicubic", antialias=True)[0, 0]
    wide = (pictures.float() @ weights.T).round().clamp(0, 255)
    return (weights @ wide).round().clamp(0, 255).to(torch.uint8)
