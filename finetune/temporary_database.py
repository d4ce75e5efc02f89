"""A SQLite file that lives as long as a piece of work, for what must not pile up in memory.

with TemporaryDatabase("CREATE TABLE seen (name TEXT)") as database:
    database.add("INSERT INTO seen VALUES (?)", [("a",), ("b",)])
    database.rows("SELECT count(*) FROM seen")
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from magenta_qa.model.errors import DatasetError


class TemporaryDatabase:
    """The file, in a folder that is removed at the end; use it as a context manager.

    Args:
        schema: Statements that make its tables.
    """

    def __init__(self, schema: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="magenta-dataset-")
        self._database = sqlite3.connect(Path(self._folder.name) / "index.sqlite", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._folder.cleanup()

    def add(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run a statement for each of many rows, together.

        Raises:
            DatasetError: The disk is full.
        """
        try:
            self._database.execute("BEGIN")
            self._database.executemany(statement, rows)
            self._database.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise self._full(error) from error

    def change(self, statement: str) -> int:
        """Run a statement; returns how many rows it has changed.

        Raises:
            DatasetError: The disk is full.
        """
        try:
            return self._database.execute(statement).rowcount
        except sqlite3.OperationalError as error:
            raise self._full(error) from error

    def rows(self, statement: str, arguments: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows that a query finds, as they are fetched."""
        yield from self._database.execute(statement, arguments)

    def row(self, statement: str, arguments: tuple[object, ...] = ()) -> tuple[Any, ...] | None:
        """The first row that a query finds."""
        return next(self.rows(statement, arguments), None)

    def _full(self, error: sqlite3.OperationalError) -> DatasetError:
        return DatasetError(
            f"cannot keep the index in {self._folder.name}: {error}; "
            "it takes some 300 bytes a row: free some space or set TMPDIR to another disk"
        )
