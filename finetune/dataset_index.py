"""Which entries of the sources become rows of the dataset, decided on disk, so that memory stays flat at any size.

A temporary SQLite file has one line for each usable entry: its number among all entries, its id, how far its label is
to be trusted, a hash of what makes two entries the same, its site and page. When all are in, `settle` drops corrected
and repeated ones, and the rows are read again in the order of their numbers:

    with RowIndex() as index:
        index.add(7, row, corrects=True)
        dropped = index.settle()                  # {"corrected by a later line": 3, "duplicate": 41}
        index.rule()                              # "page"
        index.sizes("page")                       # {"shop /cart": 40, …}
        index.find(7, "page")                     # ("5e…", "shop /cart"); None if it was dropped
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from magenta_qa.finetune.row import Row, box_list
from magenta_qa.finetune.splits import MIN_SITES, Rule, page_group, path_of, site_of
from magenta_qa.finetune.temporary_database import TemporaryDatabase

TRUST = {"person": 0, "accepted": 1, "": 1, "teacher": 2, "effect": 3}
"""Sources of a label that are trained on → rank, the most trusted first; empty: somebody else's dataset has none."""
PIXELS_TELL = frozenset({"canvas", "image"})
"""Element types whose HTML says nothing: another picture is another row."""
_BATCH = 5_000
_SHA = re.compile(r"[0-9a-fA-F]{64}")
_GROUP: dict[Rule, str] = {"site": "site", "page": "page", "picture": "page"}
"""Rule → column."""
_SCHEMA = """
CREATE TABLE entry (number INTEGER PRIMARY KEY, id TEXT, corrects INT, rank INT, same BLOB, site TEXT,
                    page TEXT, has_url INT, label BLOB, new_id TEXT, asked BLOB,
                    picture BLOB);
CREATE TABLE withdrawn (id TEXT PRIMARY KEY, number INT, rejected INT) WITHOUT ROWID;
"""


class RowIndex:
    """The temporary file; use it as a context manager."""

    def __init__(self) -> None:
        self._database = TemporaryDatabase(_SCHEMA)
        self._waiting: list[tuple[object, ...]] = []
        self._withdrawn: list[tuple[str, int, bool]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.__exit__(kind, error, trace)

    def add(self, number: int, row: Row, *, corrects: bool) -> None:
        """Note a usable entry.

        Args:
            number: Its place among all entries of all sources.
            row: It.
            corrects: Whether it takes the place of an earlier entry with the same id.

        Raises:
            ObservationError: It has no URL, and its picture cannot be decoded.
        """
        name, trust = row.external_id, TRUST[row.summary_source]
        place = site_of(row), page_group(row), bool(row.url)
        label = _digest([row.summary, row.summary_source, row.instruction])
        keys = asked_key(row), picture_key(row)
        self._waiting.append((number, name, corrects, trust, same_key(row), *place, label, name, *keys))
        if len(self._waiting) >= _BATCH:
            self._flush()

    def withdraw(self, number: int, name: str, *, rejected: bool) -> None:
        """Note an entry that is no row, and that takes the label from earlier ones with its id.

        Args:
            number: Its place among all entries of all sources.
            name: The id.
            rejected: It says that there can be no label: none of another source counts either.
        """
        self._withdrawn.append((name, number, rejected))
        if len(self._withdrawn) >= _BATCH:
            self._flush()

    def settle(self) -> dict[str, int]:
        """Drop what is corrected or repeated, give ids that are still there twice an ending; how many of each."""
        self._flush()
        change = self._database.change
        change("CREATE INDEX by_id ON entry (id, number)")
        corrected = change(
            "DELETE FROM entry WHERE corrects AND EXISTS (SELECT 1 FROM entry AS later "
            "WHERE later.id = entry.id AND later.corrects AND later.number > entry.number) "
            "OR EXISTS (SELECT 1 FROM withdrawn WHERE withdrawn.id = entry.id "
            "AND CASE WHEN corrects THEN withdrawn.number > entry.number ELSE rejected END)"
        )
        # The best label stays, and among equals the latest.
        repeated = change(
            "DELETE FROM entry WHERE number IN (SELECT number FROM (SELECT number, "
            "row_number() OVER (PARTITION BY same ORDER BY rank, number DESC) AS place FROM entry) WHERE place > 1)"
        )
        renamed = change(
            "UPDATE entry SET new_id = id || '-' || place FROM (SELECT number AS found, "
            "row_number() OVER (PARTITION BY id ORDER BY number) AS place FROM entry) "
            "WHERE number = found AND place > 1"
        )
        return {CORRECTED: corrected, DUPLICATE: repeated, RENAMED: renamed}

    def rule(self) -> Rule:
        """What the rows that are left are to be split by."""
        found = self._database.row("SELECT count(DISTINCT nullif(site, '')), count(nullif(has_url, 0)) FROM entry")
        sites, urls = found or (0, 0)
        return "site" if sites >= MIN_SITES else "page" if urls else "picture"

    def sizes(self, rule: Rule) -> dict[str, int]:
        """Group → rows that are left."""
        return dict(self._database.rows(f"SELECT {_GROUP[rule]}, count(*) FROM entry GROUP BY 1 ORDER BY 1"))

    def drop_leaks(self, rule: Rule, splits: Mapping[str, str]) -> dict[str, int]:
        """Drop held-out rows whose very question is in another split too, such as a site's menu, or whose picture is,
        such as that of a page with two addresses; how many for which reason.

        A split keeps them where it would be empty otherwise.

        Args:
            rule: What the groups were made by.
            splits: Group → split.
        """
        self._database.change("CREATE TEMP TABLE place (name TEXT PRIMARY KEY, split TEXT) WITHOUT ROWID")
        self._database.add("INSERT INTO place VALUES (?, ?)", splits.items())
        return {reason: self._drop_leaks(column, rule) for column, reason in LEAKS.items()}

    def _drop_leaks(self, column: str, rule: Rule) -> int:
        self._database.change(f"CREATE INDEX by_{column} ON entry ({column})")
        dropped = 0
        for held, others in (("test", "train"), ("validation", "train"), ("validation", "test")):
            inside = f"SELECT number, {column} FROM entry JOIN place ON {_GROUP[rule]} = name WHERE split = "
            there = f"SELECT {column} FROM ({inside}'{others}')"
            leaking = f"SELECT number FROM ({inside}'{held}') WHERE {column} IN ({there})"
            rest = self._database.row(f"SELECT 1 FROM ({inside}'{held}') WHERE number NOT IN ({leaking})")
            if rest is not None:
                dropped += self._database.change(f"DELETE FROM entry WHERE number IN ({leaking})")
        return dropped

    def find(self, number: int, rule: Rule) -> tuple[str, str] | None:
        """(id, group) that the entry gets in the dataset; None if it was dropped."""
        found = self._database.row(f"SELECT new_id, {_GROUP[rule]} FROM entry WHERE number = ?", (number,))
        return (found[0], found[1]) if found else None

    def digest(self) -> str:
        """SHA-256 over the rows that are left: the same for the same rows with the same labels."""
        total = hashlib.sha256()
        for name, same, label in self._database.rows("SELECT new_id, same, label FROM entry ORDER BY new_id"):
            total.update(name.encode() + b"\0" + same + label)
        return total.hexdigest()

    def count_unknown(self, known: Iterator[str]) -> int:
        """How many of the rows that are left have an id that is not among `known`."""
        self._database.change("CREATE TEMP TABLE IF NOT EXISTS known (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._database.change("DELETE FROM known")
        self._database.add("INSERT OR IGNORE INTO known VALUES (?)", ((name,) for name in known))
        found = self._database.row("SELECT count(*) FROM entry WHERE new_id NOT IN (SELECT id FROM known)")
        return int(found[0]) if found else 0

    def _flush(self) -> None:
        self._database.add("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._waiting)
        self._waiting.clear()
        self._database.add("INSERT OR REPLACE INTO withdrawn VALUES (?, ?, ?)", self._withdrawn)
        self._withdrawn.clear()


CORRECTED = "corrected by a later line of the log"
DUPLICATE = "duplicate"
RENAMED = "id given twice, renamed"
LEAKS = {
    "asked": "held out, but the same question is in another split too",
    "picture": "held out, but the same picture is in another split too",
}
"""Column → what is said of held-out rows that have it in common with another split."""


def asked_key(row: Row) -> bytes | None:
    """Hash of what the model is asked and where in the picture, whatever page it is on; None without a box."""
    if row.box is None:
        return None
    return _digest([row.action_type, row.element_type, row.text, row.html, box_list(row.box)])


def picture_key(row: Row) -> bytes:
    """Hash of the picture that the row's element is shown in."""
    return bytes.fromhex(row.screenshot) if _SHA.fullmatch(row.screenshot) else hashlib.sha256(row.image).digest()


def same_key(row: Row) -> bytes:
    """Hash of what makes two rows the same: what the model is asked, where it stands on which page, not when."""
    box = [round(side) for side in box_list(row.box)] if row.box else None
    picture = ""
    if row.box is None:
        picture = hashlib.sha256(row.image).hexdigest()
    elif row.element_type in PIXELS_TELL:
        picture = row.screenshot
    place: list[object] = [site_of(row), path_of(row.url), box, row.viewport, picture]
    asked: list[object] = [row.action_type, row.element_type, row.text, row.html]
    return _digest(place + asked)


def _digest(fields: list[object]) -> bytes:
    return hashlib.blake2b(json.dumps(fields).encode(), digest_size=16).digest()
