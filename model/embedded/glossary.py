"""What a team's labels and steps say that controls do: by what these are called, and icons by what they look like.

    glossary.sayings("Save as file")                -> ("Exports the picture", "Download the picture")
    glossary.icon(views.element(box)).reading       -> "Approves the translation (approve icon)."
    glossary.icon(views.element(box)).sayings       -> ("Approves the translation", "Confirm the translation")

`magenta finetune train --model embedded` writes it beside what it trains, `magenta finetune export` into the model's
folder. What it says decides only where the page's own words leave a step open (`model.guesses`).
"""

import base64
from functools import cached_property

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, field_validator

from magenta_qa.model.embedded.prints import LIKE, SIDE, Print, likeness, print_of

GLOSSARY = "glossary.json"


class LabelledIcon(BaseModel):
    """An icon that somebody has labelled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: tuple[int, int]
    """Height and width in CSS pixels."""
    ink: str
    """Its print, base64."""
    reading: str
    """As the model says it: "Approves the translation (approve icon)."."""
    sayings: tuple[str, ...] = ()
    """What labels and steps say of it."""

    @field_validator("ink")
    @classmethod
    def _whole(cls, ink: str) -> str:
        if len(base64.b64decode(ink, validate=True)) != SIDE * SIDE:
            raise ValueError(f"expected a print of {SIDE} times {SIDE} pixels")
        return ink

    @classmethod
    def of(cls, seen: Print, reading: str, sayings: tuple[str, ...]) -> "LabelledIcon":
        """From its print."""
        ink = base64.b64encode(seen.ink.tobytes()).decode()
        return cls(size=seen.size, ink=ink, reading=reading, sayings=sayings)

    @cached_property
    def look(self) -> Print:
        """What it looks like."""
        return Print(self.size, np.frombuffer(base64.b64decode(self.ink), np.uint8).reshape(SIDE, SIDE))


class Glossary(BaseModel):
    """Of one application, or of several."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[str, tuple[str, ...]] = {}
    """Folded name → what labels and steps say of the controls that are called so."""
    icons: tuple[LabelledIcon, ...] = ()

    def sayings(self, name: str) -> tuple[str, ...]:
        """What is said of a control so named."""
        return self.names.get(fold(name), ())

    def icon(self, picture: Image.Image) -> LabelledIcon | None:
        """The icon that looks like this; None where nobody labelled it.

        Args:
            picture: Of the element alone, one pixel for a CSS pixel.
        """
        seen = print_of(picture) if self.icons else None
        likes = [(likeness(icon.look, seen), icon) for icon in self.icons] if seen is not None else []
        best, icon = max(likes, key=lambda each: each[0], default=(0.0, None))
        return icon if best >= LIKE else None

    def with_later(self, later: "Glossary") -> "Glossary":
        """Both; where they say different things of the same, the later one's."""
        old = (icon for icon in self.icons if not any(likeness(icon.look, new.look) >= LIKE for new in later.icons))
        return Glossary(names=self.names | later.names, icons=(*later.icons, *old))


def fold(name: str) -> str:
    """A name as the glossary has it."""
    return " ".join(name.split()).casefold()
