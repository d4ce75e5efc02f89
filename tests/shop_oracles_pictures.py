"""Oracles for the scenarios whose controls only a picture tells apart; see shop_oracles.py."""

from collections.abc import Callable
from functools import partial

from shop_evidence import Evidence

UNTOUCHED = (0, 0, 100, 100, 0)
PHOTOS = {
    "turn_left": (270, 0, 100, 100, 0),
    "turn_right": (90, 0, 100, 100, 0),
    "mirror": (0, 1, 100, 100, 0),
    "magnify": (0, 0, 125, 100, 0),
    "brighten": (0, 0, 100, 120, 0),
    "frame": (0, 0, 100, 100, 1),
}
"""Scenario → angle, mirrored, zoom, light, framed."""
PLAYERS = {"play": (1, 0, 60), "rewind": (0, 0, 45), "skip": (0, 0, 75), "mute": (0, 1, 60)}
"""Scenario → playing, muted, second."""


def photo_is(wanted: tuple[int, ...], uses: int, evidence: Evidence) -> bool:
    """The photo is as wanted after so many uses of a tool."""
    used = evidence.asked("POST", "/api/studio")
    return evidence.rows("SELECT * FROM photo") == [wanted] and len(used) == uses


def player_is(wanted: tuple[int, ...], evidence: Evidence) -> bool:
    """The recording stands as wanted after one use of a control."""
    used = evidence.asked("POST", "/api/player")
    return evidence.rows("SELECT * FROM player") == [wanted] and len(used) == 1


def bookmarked(evidence: Evidence) -> bool:
    """The story alone is kept."""
    return evidence.rows("SELECT story_id FROM bookmarks WHERE owner = 0") == [(40,)]


def on_story(evidence: Evidence) -> bool:
    """The story's page was opened and nothing changed: what the sign does stays in the browser."""
    return evidence.path == "/journal/40" and evidence.written == []


PICTURE_ORACLES: dict[str, Callable[[Evidence], bool]] = {
    **{name: partial(photo_is, wanted, 1) for name, wanted in PHOTOS.items()},
    **{name: partial(player_is, wanted) for name, wanted in PLAYERS.items()},
    "start_over": partial(photo_is, UNTOUCHED, 2),
    "bookmark": bookmarked,
    "share": on_story,
    "large_print": on_story,
}
