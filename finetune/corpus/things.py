"""What sites talk about: people and products, and the lists of words in `vocabulary.yaml`.

words("subjects")       -> ["Quarterly budget", "Onboarding checklist", …]
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a site."""

    name: str
    email: str
    role: str
    team: str
    city: str

    @property
    def first(self) -> str:
        """Given name."""
        return self.name.split()[0]

    @property
    def initials(self) -> str:
        """Two letters."""
        words = self.name.split()
        return (words[0][0] + words[-1][0]).upper()


@dataclass(frozen=True, slots=True)
class Product:
    """Something that a site sells or stores."""

    name: str
    price: str
    category: str
    sku: str


@cache
def _lists() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("vocabulary.yaml").read_text("utf-8"))
    return found


def words(name: str) -> list[str]:
    """One of the lists: "subjects", "songs" …"""
    found: list[str] = _lists()[name]
    return found


def goods() -> dict[str, list[str]]:
    """Category -> what there is of it."""
    found: dict[str, list[str]] = _lists()["goods"]
    return found
