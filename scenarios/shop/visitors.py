"""Who is asking, and that visitor's own copy of the shop.

Every browser session is a visitor of its own: the first request sets a signed cookie, and the visitor gets a copy of
the seed as a SQLite database. Carts, orders, addresses, even reviews are read from and written to that copy alone, so
that any number of browsers can use one server at once, and every new browser finds the shop as it was sown.

    data_dir/seed.db                    what every visitor starts with
    data_dir/visitors/9f3a….db          one visitor's shop
    data_dir/requests.jsonl             one line a request, in the order in which they were answered:
    {"seq": 4, "at": 1763880000.25, "method": "GET", "path": "/", "query": "q=mug", "status": 200, "session": "9f3a…"}
"""

import hashlib
import hmac
import json
import re
import secrets
import shutil
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from magenta_qa.scenarios.shop.records.database import create_seed

_NAME = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the request log."""

    seq: int
    at: float
    """Seconds since 1970."""
    method: str
    path: str
    query: str
    status: int
    session: str
    """The visitor; empty for requests that belong to none, such as style sheets."""


class Visitors:
    """All visitors of one server.

    Args:
        data_dir: An existing folder that this server has to itself.
    """

    def __init__(self, data_dir: Path) -> None:
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._seq = 0
        self._folder = data_dir / "visitors"
        self._seed = data_dir / "seed.db"
        self._log = data_dir / "requests.jsonl"
        self.latest = ""
        """The visitor who asked last."""
        self.reset()

    def reset(self) -> None:
        """Everybody finds the seeded state again; the request log starts anew."""
        with self._lock:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            self._seed.unlink(missing_ok=True)
            create_seed(self._seed)
            self._log.write_text("", encoding="utf-8")
            self._seq, self.latest = 0, ""

    def sign(self, session: str) -> str:
        """The cookie for a visitor, such as ``9f3a….3be1…``."""
        return f"{session}.{hmac.new(self._key, session.encode(), hashlib.sha256).hexdigest()[:32]}"

    def read(self, cookie: str) -> str:
        """The visitor of a cookie; empty when the cookie is missing or not signed by us."""
        session = cookie.partition(".")[0]
        genuine = _NAME.fullmatch(session) and hmac.compare_digest(cookie.encode(), self.sign(session).encode())
        return session if genuine else ""

    def admit(self, cookie: str) -> str:
        """The visitor of a cookie, or a new one."""
        return self.read(cookie) or secrets.token_hex(8)

    def database(self, session: str) -> Path:
        """A visitor's database, made from the seed when it is not there yet."""
        path = self._folder / f"{session}.db"
        with self._lock:
            if not path.exists():
                shutil.copyfile(self._seed, path)
        return path

    def record(self, method: str, path: str, query: str, status: int, session: str) -> None:
        """Append one line to the request log."""
        with self._lock:
            self._seq += 1
            self.latest = session or self.latest
            entry = Request(self._seq, round(time.time(), 3), method, path, query, status, session)
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")

    def requests(self, session: str | None = None) -> list[Request]:
        """The request log so far, of one visitor or of all."""
        with self._lock:
            lines = self._log.read_text(encoding="utf-8").splitlines()
        entries = [Request(**json.loads(line)) for line in lines]
        return [entry for entry in entries if session in (None, entry.session)]
