"""Controls that look alike mean the same: the trash icons of a table's rows are read together.

    groups_of([views.element(box), …])                           -> [[0, 4, 8], [1, 5, 9], [2]]
    agreed([("Deletes (trash icon).", 0.7), ("Deletes (trash icon).", 0.9), ("Edits (edit icon).", 0.4)])
    -> ("Deletes (trash icon).", 0.9)

What stands around an icon sways the small model now and then, and of several that look the same one is then read
otherwise; "all of them" and "each" need one reading.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from PIL import Image

from magenta_qa.model.embedded.placing import is_reading

VOTERS = 4
"""Of a group that are asked; the others are what these agree on."""
_DIFFERENT = 0.15
"""Ink that two pictures do not share, as a part of all: a star that is filled is not one that is empty."""
_BLANK = 3.0
"""Mean ink, of 255, below which there is nothing to compare."""
_AGREED = 0.6
"""Part of all confidence that has to stand behind one reading."""


def groups_of(pictures: Sequence[Image.Image]) -> list[list[int]]:
    """Which of the pictures look the same: their places, each in one group.

    Args:
        pictures: Of the elements alone, RGB.
    """
    inks = [_ink(picture) for picture in pictures]
    by_size: dict[tuple[int, ...], list[list[int]]] = defaultdict(list)
    for place, ink in enumerate(inks):
        groups = by_size[ink.shape]
        same = next((group for group in groups if _is_same(inks[group[0]], ink)), None)
        if same is None:
            groups.append([place])
        else:
            same.append(place)
    return [group for groups in by_size.values() for group in groups]


def agreed(answers: Sequence[tuple[str, float]]) -> tuple[str, float] | None:
    """The one reading of several that look the same, with its best confidence, or none where they are at odds.

    Args:
        answers: Text and confidence of each.

    Returns:
        None where something else than the picture is told, such as by a model that a team has trained.
    """
    behind: dict[str, float] = defaultdict(float)
    for text, confidence in answers:
        if not is_reading(text):
            return None
        behind[text.strip()] += confidence
    if not behind:
        return None
    best = max(behind, key=lambda text: behind[text])
    if behind[best] < _AGREED * sum(behind.values()):
        return best, 0.0
    return best, max(confidence for text, confidence in answers if text.strip() == best)


def merged(likely: Sequence[Sequence[tuple[str, float]]]) -> tuple[tuple[str, float], ...]:
    """What several that look the same may be, each with its mean chance, the likeliest first.

    Args:
        likely: Texts and chances of each.
    """
    each_one = [dict(each) for each in likely]
    texts = dict.fromkeys(text for each in each_one for text in each)
    chances = [(text, sum(each.get(text, 0.0) for each in each_one) / len(each_one)) for text in texts]
    return tuple(sorted(chances, key=lambda each: -each[1]))


def _ink(picture: Image.Image) -> np.ndarray:
    """What stands out from the ground: int16 [height, width, 3]."""
    pixels = np.asarray(picture.convert("RGB"), dtype=np.int16)
    ink: np.ndarray = pixels - np.median(pixels.reshape(-1, 3), axis=0).astype(np.int16)
    return ink


def _is_same(one: np.ndarray, other: np.ndarray) -> bool:
    ink = float(np.abs(one).mean() + np.abs(other).mean())
    return ink > 2 * _BLANK and float(np.abs(one - other).mean()) < _DIFFERENT * ink
