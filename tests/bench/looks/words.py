"""What the drawn elements say: made-up words and random strings, with a part that is only ever used for testing.

    WordMaker(seed=1).word() -> "Miwuto"      WordMaker(seed=1, held_out=True).string() -> "k7xq"

A text belongs to training or to testing by its own hash, so nothing that a model is tested on was drawn in training.
"""

import hashlib
import random

CONSONANTS = "bcdfghjkmnprstvwz"
VOWELS = "aeiou"
ENDINGS = ("", "", "n", "r", "s", "t", "l")
ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789"
"""Of random strings: l, 1 and 0 are left out, which in many fonts are drawn like others."""
HELD_OUT_OF = 10
"""One text in so many is only for testing."""


def is_held_out(text: str) -> bool:
    """Whether a text is only for testing, in whatever case it is written."""
    return hashlib.sha256(text.casefold().encode()).digest()[0] % HELD_OUT_OF == 0


class WordMaker:
    """Makes texts of one side of the split.

    Args:
        seed: Of its own random numbers.
        held_out: Makes the texts for testing instead of those for training.
    """

    def __init__(self, seed: int, *, held_out: bool = False) -> None:
        self._random = random.Random(seed)
        self._held_out = held_out

    def word(self) -> str:
        """A pronounceable word of two or three syllables, sometimes capitalised."""
        while True:
            syllables = (
                self._random.choice(CONSONANTS) + self._random.choice(VOWELS) for _ in range(self._syllables())
            )
            text = "".join(syllables) + self._random.choice(ENDINGS)
            if is_held_out(text) == self._held_out:
                return text.capitalize() if self._random.random() < 0.5 else text

    def string(self) -> str:
        """Three to six characters without any rule."""
        while True:
            text = "".join(self._random.choice(ALPHABET) for _ in range(self._random.randint(3, 6)))
            if is_held_out(text) == self._held_out:
                return text

    def _syllables(self) -> int:
        return 2 if self._random.random() < 0.6 else 3
