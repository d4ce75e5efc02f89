"""What the shop has besides goods: repairs, stories, packing lists, mails, the desk's orders, the studio's photo.

Repair(number="R-209", article="Ridge 45 Backpack", pickup_on="2026-05-19", daytime="Morning", status="Booked", …)
"""

from dataclasses import dataclass
from datetime import date

DAYTIMES = ("Morning", "Afternoon")
STATUSES = ("Processing", "Shipped", "Delivered", "Cancelled")
ORDERS_PER_PAGE = 10


def long_day(iso: str) -> str:
    """``2026-05-19`` as it is shown: ``Tuesday, 19 May 2026``."""
    day = date.fromisoformat(iso)
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


@dataclass(frozen=True, slots=True)
class Repair:
    """A thing that we fetch and mend."""

    number: str
    article: str
    pickup_on: str
    daytime: str
    photo: str
    """File name of the picture of the damage."""
    photo_bytes: int
    note: str
    status: str

    @property
    def day(self) -> str:
        """The day of the pick-up, written out."""
        return long_day(self.pickup_on)


@dataclass(frozen=True, slots=True)
class Story:
    """What a customer tells of a trip."""

    id: int
    title: str
    author: str
    place: str
    written_on: str
    body: str
    """HTML of a few harmless tags."""
    tint: str
    cheers: int
    kept: int
    """Whether the visitor has bookmarked it."""


@dataclass(frozen=True, slots=True)
class PackingItem:
    """One line of a packing list."""

    id: int
    name: str
    packed: int


@dataclass(frozen=True, slots=True)
class Mail:
    """A message in the demo's own inbox."""

    id: int
    sent_on: str
    recipient: str
    subject: str
    body: str
    link: str
    """Path that the button leads to; empty when there is none."""
    link_text: str
    is_read: int


@dataclass(frozen=True, slots=True)
class DeskOrder:
    """An order as the staff see it."""

    number: str
    customer: str
    placed_on: str
    status: str
    articles: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """What the desk's first page tells."""

    to_ship: int
    today: int
    low_stock: int
    repairs: int


@dataclass(frozen=True, slots=True)
class Photo:
    """The picture in the studio, and what has been done to it."""

    angle: int
    mirrored: int
    zoom: int
    """Percent."""
    light: int
    """Percent."""
    framed: int


@dataclass(frozen=True, slots=True)
class Player:
    """The recording beside a story."""

    playing: int
    muted: int
    second: int
