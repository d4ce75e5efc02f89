"""What is drawn where in a logged picture: `images/SHA256.layout.json.gz` beside `images/SHA256.webp`.

    {"v": 1, "viewport": [1280, 720],
     "elements": [[-1, "html", {}, [0, 0, 1280, 900]], [0, "p", {"class": "balance"}, [10, 10, 300, 30]]],
     "texts": [[1, "Balance: 1,204 EUR", [10, 10, 160, 28]]]}

An element's first entry is the number of the one it stands in; a text's is its element's. Rectangles (left, top, right,
bottom) are in CSS pixels of the viewport. A text's rectangles are its lines. With it a rule that is made later finds
what it is about in an old picture (`scrub`).
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, Tag

from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.schema import Box

SUFFIX = ".layout.json.gz"
Rect = Sequence[float]


@dataclass(frozen=True, slots=True)
class Layout:
    """What one picture shows."""

    viewport: tuple[int, int]
    elements: list[list[Any]]
    texts: list[list[Any]]

    def dump(self) -> bytes:
        """The file's content."""
        facts = {"v": 1, "viewport": list(self.viewport), "elements": self.elements, "texts": self.texts}
        return gzip.compress(json.dumps(facts, ensure_ascii=False).encode(errors="replace"), compresslevel=3, mtime=0)

    def masked(self, privacy: Privacy) -> "Layout":
        """The same without what is private."""
        return Layout(self.viewport, privacy.mask_all(self.elements), privacy.mask_all(self.texts))

    def find(self, privacy: Privacy) -> list[Box]:
        """Where something private is drawn, by the rules of `privacy`."""
        found = [rect for _, text, *rects in self.texts if privacy.finds(text) for rect in rects]
        found += [rect for number in self._selected(privacy) for rect in self._covered(number)]
        return [Box(left, top, right - left, bottom - top) for left, top, right, bottom in found]

    def private_texts(self, privacy: Privacy) -> list[str]:
        """What stands in the elements that the selectors of `privacy` match."""
        hidden = {number for top in self._selected(privacy) for number in self._subtree(top)}
        return [str(text) for number, text, *_ in self.texts if number in hidden]

    def without(self, privacy: Privacy) -> "Layout":
        """The same without what the rules of `privacy` find."""
        hidden = {number for top in self._selected(privacy) for number in self._subtree(top)}
        numbered = enumerate(self.elements)
        elements = [[up, tag, {} if n in hidden else facts, rect] for n, (up, tag, facts, rect) in numbered]
        texts = [[number, text, *rects] for number, text, *rects in self.texts if number not in hidden]
        return Layout(self.viewport, elements, texts).masked(privacy)

    def _covered(self, number: int) -> Iterator[Rect]:
        subtree = self._subtree(number)
        yield from (self.elements[each][3] for each in subtree)
        yield from (rect for element, _, *rects in self.texts if element in subtree for rect in rects)

    def _subtree(self, number: int) -> set[int]:
        subtree = {number}
        for each in range(number + 1, len(self.elements)):  # what stands in an element comes after it
            if self.elements[each][0] in subtree:
                subtree.add(each)
        return subtree

    def _selected(self, privacy: Privacy) -> list[int]:
        """Elements that the selectors match."""
        if not privacy.selectors:
            return []
        soup = BeautifulSoup("", "html.parser")
        tags: list[Tag] = []
        for number, (above, name, facts, _) in enumerate(self.elements):
            tag = soup.new_tag(name, attrs={**facts, "data-magenta-number": str(number)})
            (tags[above] if above >= 0 else soup).append(tag)
            tags.append(tag)
        found = soup.select(", ".join(privacy.selectors))
        return [int(str(tag["data-magenta-number"])) for tag in found]


def join_frames(
    viewport: tuple[int, int], frames: Iterable[tuple[Mapping[str, list[list[Any]]], Callable[[Rect], Box]]]
) -> Layout:
    """One layout of what the script inside each frame (`layout.js`) said.

    Args:
        viewport: Of the top page.
        frames: What a frame said, and where a rectangle of it stands in the top page.
    """
    layout = Layout(viewport, [], [])
    for found, place in frames:
        first = len(layout.elements)
        for above, tag, facts, rect in found["elements"]:
            layout.elements.append([first + above if above >= 0 else -1, tag, facts, _edges(place(rect))])
        for element, text, *rects in found["texts"]:
            layout.texts.append([first + element, text, *(_edges(place(rect)) for rect in rects)])
    return layout


def _edges(box: Box) -> list[float]:
    return [box.x, box.y, round(box.x + box.width, 2), round(box.y + box.height, 2)]


def load_layout(content: bytes) -> Layout:
    """The layout that a file holds.

    Raises:
        DatasetError: It holds none.
    """
    try:
        facts = json.loads(gzip.decompress(content))
        return Layout((facts["viewport"][0], facts["viewport"][1]), facts["elements"], facts["texts"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError) as error:
        raise DatasetError(f"not a layout of a picture: {error}") from error
