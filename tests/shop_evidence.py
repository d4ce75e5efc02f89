"""What a visitor of the demo shop left behind: rows of the database, requests, the page at the end.

    evidence = Evidence.of(data_dir, session="9f3a…", url=page.url)
    evidence.rows("SELECT label FROM addresses")

Imports nothing of this project: it reads the visitor's SQLite file and `requests.jsonl`.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one visitor left behind."""

    database: Path
    requests: tuple[dict[str, Any], ...]
    url: str

    @classmethod
    def of(cls, data_dir: Path, session: str, url: str) -> "Evidence":
        """The evidence of a visitor of the server that keeps its files in `data_dir`."""
        lines = (data_dir / "requests.jsonl").read_text(encoding="utf-8").splitlines()
        requests = tuple(r for r in map(json.loads, lines) if r["session"] == session)
        return cls(data_dir / "visitors" / f"{session}.db", requests, url)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the visitor's database answers."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    def asked(self, method: str, path: str, status: int = 200) -> list[dict[str, Any]]:
        """The visitor's requests of that kind."""
        return [r for r in self.requests if (r["method"], r["path"], r["status"]) == (method, path, status)]

    @property
    def path(self) -> str:
        """Path of the page that the browser ended on."""
        return urlsplit(self.url).path

    def asked_before(self, path: str, other: str) -> bool:
        """Whether the first request of one path came before the last of another."""
        one = [r["seq"] for r in self.requests if r["path"] == path]
        last = [r["seq"] for r in self.requests if r["path"] == other]
        return bool(one and last) and one[0] < last[-1]

    @property
    def written(self) -> list[tuple[str, str]]:
        """Method and path of every request that may have changed something, besides logging in."""
        return [(r["method"], r["path"]) for r in self.requests if r["method"] != "GET" and r["path"] != "/login"]
