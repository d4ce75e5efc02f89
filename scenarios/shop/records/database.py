"""One visitor's SQLite database: made from the seed, open for one request, and who is logged in there.

    create_seed(Path("seed.db"))
    with Database(path) as database:
        database.user()            -> User(id=1, email="ada@example.com", name="Ada Linden", role="customer")

The parts of the shop build upon it; `store.Store` has them all.
"""

import hashlib
import sqlite3
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from magenta_qa.scenarios.shop.records.goods import User

TODAY = date(2026, 5, 14)
"""The shop's calendar stands still, so that every run sees the same dates. A Thursday."""
SEEDS = ("schema", "goods", "people", "orders", "club")
"""The files ``*.sql`` beside this one, in the order in which they are sown."""


def create_seed(path: Path) -> None:
    """Write the database that every visitor starts with."""
    with sqlite3.connect(path) as connection:
        connection.create_function("hash_password", 1, hash_password, deterministic=True)
        for name in SEEDS:
            connection.executescript(Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8"))
    connection.close()


def hash_password(password: str) -> str:
    """PBKDF2; one salt for all, since the demo's accounts are public."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), b"tarn", 10_000).hex()


class Database:
    """A visitor's database, open for one request.

    Args:
        path: A copy of the seed.
        writes: False leaves the database to others until the first read.
    """

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        self._begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None)
        self._db.row_factory = sqlite3.Row

    def __enter__(self) -> Self:
        self._db.execute(self._begin)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._db.execute("ROLLBACK" if error else "COMMIT")
        self._db.close()

    def _all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def _write(self, sql: str, *values: object) -> int:
        """Run a statement; the number of rows that it touched."""
        return self._db.execute(sql, values).rowcount

    def _insert(self, sql: str, *values: object) -> int:
        """Run an INSERT; the new row's id."""
        return self._db.execute(sql, values).lastrowid or 0

    def user(self) -> User | None:
        """Who is logged in."""
        row = self._one("SELECT u.id, u.email, u.name, u.role FROM session s JOIN users u ON u.id = s.user_id")
        return User(**row) if row else None

    @property
    def _owner(self) -> int:
        """Whose cart and wishes are meant: the user's, or those of the visitor before logging in (0)."""
        user = self.user()
        return user.id if user else 0
