"""The scenarios whose controls only a picture tells apart by hand, by their place; see shop_flows.py."""

from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page
from shop_hands import open_as, shown

STUDIO = {
    "turn_left": (0, "turned by 270°"),
    "turn_right": (1, "turned by 90°"),
    "mirror": (2, "seen from behind"),
    "magnify": (3, "125 % large"),
    "brighten": (4, "120 % light"),
    "frame": (5, "with a white edge"),
}
"""Scenario → (place of its tool, what the page shows then)."""
PLAYER = {
    "play": (0, "Playing at 1:00"),
    "rewind": (1, "Stopped at 0:45"),
    "skip": (2, "Stopped at 1:15"),
    "mute": (3, "without sound"),
}
SIGNS = {
    "bookmark": (0, "Kept for later."),
    "share": (1, "is in your clipboard."),
    "large_print": (2, "Large letters."),
}


def _use(page: Page, place: str, number: int, text: str) -> None:
    page.locator(f"{place} > button").nth(number).click()
    shown(page, text)


def _in_studio(number: int, text: str, page: Page, url: str) -> None:
    open_as(page, url, "/desk/studio", "mira@example.com")
    _use(page, "#t", number, text)


def _on_story(place: str, number: int, text: str, page: Page, url: str) -> None:
    page.goto(f"{url}/journal/40")
    _use(page, place, number, text)


def start_over(page: Page, url: str) -> None:
    _in_studio(4, "120 % light", page, url)
    _use(page, "#t", 6, "100 % light")


PICTURE_FLOWS: dict[str, Callable[[Page, str], None]] = {
    **{name: partial(_in_studio, *how) for name, how in STUDIO.items()},
    **{name: partial(_on_story, "#player .signs", *how) for name, how in PLAYER.items()},
    **{name: partial(_on_story, ".story .signs", *how) for name, how in SIGNS.items()},
    "start_over": start_over,
}
