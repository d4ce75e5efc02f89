"""What the model sees of the pages, made on the device: window, outline, enlargement. No loader process.

    views = Views(shelf, device="cuda")
    windows = views.windows(elements, others, generator)    # somewhere on the page, so that both are inside
    pictures = views.pictures(elements, windows)            # (B, 3, 112, 112) uint8, element outlined as in serving
    enlarged(pictures)                                      # (B, 3, 224, 224) uint8: what the model takes

The window is cut from the page at one pixel for a pixel; the outline is as `magenta_qa.model.picture` draws it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from looks.pages import SIDE
from looks.shelf import Shelf
from magenta_qa.model.closeup import PICTURE_PX

WINDOW_PX = 112
OUTLINE_PX = 3
MAGENTA = (255, 0, 255)
MAX_NEIGHBORS = 8


class Views:
    """The pages on a device.

    Args:
        shelf: Pages and elements.
        device: Where pixels are kept and pictures made.
    """

    def __init__(self, shelf: Shelf, device: torch.device | str) -> None:
        self.pixels = torch.from_numpy(shelf.pixels).to(device)
        self.page = torch.from_numpy(shelf.page).to(device)
        self.box = torch.from_numpy(shelf.box.astype("int64")).to(device)
        self.first, self.count = self._elements_of_pages()
        # Known here, so that no batch has to wait for the device to say it.
        self.steps = torch.arange(int(self.count.max()), device=self.box.device)
        self.device = self.pixels.device

    def _elements_of_pages(self) -> tuple[Tensor, Tensor]:
        """For each page its first element and how many it has; elements stand in the order of pages."""
        count = torch.bincount(self.page, minlength=len(self.pixels))
        return torch.cumsum(count, 0) - count, count

    def edges(self, elements: Tensor) -> Tensor:
        """Left, top, right, bottom of elements (…,) with room for the outline, (…, 4)."""
        x, y, width, height = self.box[elements].unbind(-1)
        return torch.stack((x - OUTLINE_PX, y - OUTLINE_PX, x + width + OUTLINE_PX, y + height + OUTLINE_PX), -1).clamp(
            0, SIDE
        )

    def neighbor(self, elements: Tensor, generator: torch.Generator) -> Tensor:
        """For each element (B,) one of its page that fits into a window with it, by chance; itself if none does."""
        page = self.page[elements]
        steps = self.steps
        candidates = (self.first[page][:, None] + steps).clamp(max=len(self.page) - 1)
        own, theirs = self.edges(elements)[:, None], self.edges(candidates)
        spans = torch.maximum(own[..., 2:], theirs[..., 2:]) - torch.minimum(own[..., :2], theirs[..., :2])
        fits = (steps < self.count[page][:, None]) & (spans <= WINDOW_PX).all(-1) & (candidates != elements[:, None])
        luck = torch.rand(fits.shape, device=self.device, generator=generator)
        best = torch.where(fits, luck, -1.0).argmax(1)
        chosen = candidates.gather(1, best[:, None])[:, 0]
        return torch.where(fits.any(1), chosen, elements)

    def windows(self, elements: Tensor, others: Tensor, generator: torch.Generator) -> Tensor:
        """Left and top (B, 2) of a window that holds both elements whole, anywhere that allows it."""
        own, theirs = self.edges(elements), self.edges(others)
        least = (torch.maximum(own[:, 2:], theirs[:, 2:]) - WINDOW_PX).clamp(min=0)
        most = torch.minimum(own[:, :2], theirs[:, :2]).clamp(max=SIDE - WINDOW_PX)
        luck = torch.rand(least.shape, device=self.device, generator=generator)
        return least + (luck * (most - least + 1)).floor().long().clamp(max=SIDE)

    def centered(self, elements: Tensor) -> Tensor:
        """Left and top (B, 2) of the window that serving would take: the element in its middle, within the page."""
        middle = self.box[elements][:, :2] + self.box[elements][:, 2:] / 2
        return (middle - WINDOW_PX / 2).round().long().clamp(0, SIDE - WINDOW_PX)

    def near(self, elements: Tensor, reach: float, generator: torch.Generator) -> Tensor:
        """Left and top (B, 2) of a window that shows each element whole, at most `reach` pixels off its middle.

        It may lie partly beyond the page: near an edge `centered` would not have the element in its middle.
        """
        edges = self.edges(elements)
        middle = (edges[:, :2] + edges[:, 2:] - WINDOW_PX) / 2
        luck = torch.rand(middle.shape, device=self.device, generator=generator) * 2 - 1
        shifted = (middle + luck * reach).round().long()
        return torch.minimum(torch.maximum(shifted, edges[:, 2:] - WINDOW_PX), edges[:, :2])

    def visible(self, elements: Tensor, windows: Tensor) -> Tensor:
        """How many elements of the page lie whole in each window, (B,)."""
        page = self.page[elements]
        steps = self.steps
        candidates = (self.first[page][:, None] + steps).clamp(max=len(self.page) - 1)
        x, y, width, height = self.box[candidates].unbind(-1)
        left, top = (windows[:, i, None] for i in (0, 1))
        inside = (x >= left) & (y >= top) & (x + width <= left + WINDOW_PX) & (y + height <= top + WINDOW_PX)
        return (inside & (steps < self.count[page][:, None])).sum(1)

    def pictures(self, elements: Tensor, windows: Tensor, *, outlined: bool = True) -> Tensor:
        """The windows (B, 3, 112, 112) uint8, each with its element outlined; beyond the page its edge goes on."""
        steps = torch.arange(WINDOW_PX, device=self.device)
        columns, rows = ((windows[:, i, None] + steps).clamp(0, SIDE - 1) for i in (0, 1))
        cut = self.pixels[self.page[elements][:, None, None], rows[:, :, None], columns[:, None, :]]
        pictures = cut.permute(0, 3, 1, 2).contiguous()
        if outlined:
            color = torch.tensor(MAGENTA, dtype=torch.uint8, device=self.device)[None, :, None, None]
            pictures = torch.where(self._outline(elements, windows)[:, None], color, pictures)
        return pictures

    def _outline(self, elements: Tensor, windows: Tensor) -> Tensor:
        """Where the outline is, (B, 112, 112) bool; clamped as `magenta_qa.model.picture.draw_outline` does."""
        x, y, width, height = self.box[elements].unbind(-1)
        x, y = x - windows[:, 0], y - windows[:, 1]
        across = _bars(x, x + width, self.device)
        down = _bars(y, y + height, self.device)
        outside = across[0][:, None, :] & down[0][:, :, None]
        inside = across[1][:, None, :] & down[1][:, :, None]
        return outside & ~inside


def _bars(start: Tensor, end: Tensor, device: torch.device) -> tuple[Tensor, Tensor]:
    """Along one axis, which pixels lie within the outline's outer edge and which within its inner one, (B, 112)."""
    width = OUTLINE_PX
    low = (start - width).clamp(min=0).clamp(max=WINDOW_PX - 2 * width)
    high = torch.maximum((end + width).clamp(max=WINDOW_PX), low + width)
    pixels = torch.arange(WINDOW_PX, device=device)
    within = (pixels >= low[:, None]) & (pixels < high[:, None])
    inner = (pixels >= low[:, None] + width) & (pixels < high[:, None] - width)
    return within, inner


def enlarged(pictures: Tensor) -> Tensor:
    """Pictures as the processor enlarges them, (B, 3, 224, 224) uint8.

    Bicubic as in Pillow: one axis after the other, whole levels in between.
    """
    eye = torch.eye(WINDOW_PX, device=pictures.device)[None, None]
    size = (PICTURE_PX, WINDOW_PX)
    weights = F.interpolate(eye, size, mode="bicubic", antialias=True)[0, 0]
    wide = (pictures.float() @ weights.T).round().clamp(0, 255)
    return (weights @ wide).round().clamp(0, 255).to(torch.uint8)
