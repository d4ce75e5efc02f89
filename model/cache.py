"""Descriptions on disk, shared between runs and pytest-xdist workers.

    key   sha256 of back end, model identity, prompt version, view, prompt, place of the outline and un-outlined pixels
    value {"text": "Deletes (trash icon).", "confidence": 0.93, "likely": [["Deletes (trash icon).", 0.5], …]}

A cache that cannot be used (read-only, full or corrupted disk) turns itself off and says why; it never fails a run.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

import diskcache

from magenta_qa.model.chat_answer import Completion

SIZE_LIMIT_BYTES = 256 * 2**20
_TROUBLE = (OSError, sqlite3.Error, diskcache.Timeout, ValueError, KeyError, TypeError, EOFError)


class _TextDisk(diskcache.Disk):  # type: ignore[misc]
    """Stores texts only: a cache file that somebody else wrote must not unpickle anything."""

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> object:
        if mode == diskcache.core.MODE_PICKLE:
            raise ValueError("the cache holds a pickled value, which this package never writes")
        return super().fetch(mode, filename, value, read)


class DescriptionCache:
    """Key → answer.

    Args:
        folder: Where the files lie; made when missing, when something is first looked up or kept.
    """

    def __init__(self, folder: Path) -> None:
        self.reason = ""
        """Why the cache is off; empty while it works."""
        self._folder = folder
        self._cache: Any = None

    def get(self, key: str) -> Completion | None:
        """The answer, or None when it is not there."""
        if not self._is_open():
            return None
        try:
            stored = self._cache.get(key)
            if stored is None:
                return None
            entry = json.loads(stored)
            if "likely" not in entry:
                return None  # an answer of before these were kept is asked for again
            likely = tuple((str(text), float(chance)) for text, chance in entry["likely"])
            return Completion(str(entry["text"]), float(entry["confidence"]), likely=likely)
        except _TROUBLE as error:
            self._turn_off(f"cannot read the description cache: {error}")
            return None

    def put(self, key: str, answer: Completion) -> None:
        """Keep a whole answer."""
        if not self._is_open():
            return
        try:
            entry = {"text": answer.text, "confidence": answer.confidence, "likely": answer.likely}
            self._cache.set(key, json.dumps(entry))
        except _TROUBLE as error:
            self._turn_off(f"cannot write the description cache: {error}")

    def close(self) -> None:
        """Release the files."""
        if self._cache is not None:
            self._cache.close()
            self._cache = None

    def _is_open(self) -> bool:
        if self._cache is None and not self.reason:
            try:
                self._cache = diskcache.Cache(str(self._folder), disk=_TextDisk, size_limit=SIZE_LIMIT_BYTES, timeout=2)
            except _TROUBLE as error:
                self._turn_off(f"cannot open the description cache {self._folder}: {error}")
        return self._cache is not None

    def _turn_off(self, reason: str) -> None:
        self.reason = f"{reason}; descriptions are not cached in this run"
        cache, self._cache = self._cache, None
        if cache is not None:
            cache.close()
