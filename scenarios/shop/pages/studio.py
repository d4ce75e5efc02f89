"""The photo studio, for staff: a picture, and tools that say what they do by their icons alone."""

from dataclasses import asdict
from typing import Any

from magenta_qa.scenarios.shop.pages.visit import Visit

CHANGES = ("left", "right", "mirror", "closer", "brighter", "frame", "anew")
"""What each tool does, in the order in which they stand."""


def show_studio(visit: Visit) -> str:
    """The picture and its tools."""
    visit.require_staff()
    return visit.render("studio.html", photo=asdict(visit.store.photo()))


def change_photo(visit: Visit) -> dict[str, Any]:
    """A tool was used."""
    visit.require_staff()
    tool = visit.number("tool")
    if tool >= len(CHANGES):
        visit.not_found(f"no tool {tool}")
    return asdict(visit.store.change_photo(CHANGES[tool]))
