"""Runs the shop in a background thread, on the loopback interface only.

with serve(bug="wrong-total") as server:
    page.goto(server.url)                       # http://127.0.0.1:49152
    server.database                             # SQLite file of the visitor who asked last
    server.requests                             # [Request(method="GET", path="/", status=200, session="9f3a…"), …]
"""

import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import waitress
from waitress import wasyncore

from magenta_qa.scenarios.shop.app import build_app
from magenta_qa.scenarios.shop.bare import BARE
from magenta_qa.scenarios.shop.bugs import CATALOGUE, NO_BUG, Bug
from magenta_qa.scenarios.shop.visitors import Request, Visitors

THREADS = 12


class Server:
    """A running shop; stops at the end of a ``with`` block.

    Args:
        port: 0 takes a free one.
        bug: The planted defect.
        data_dir: Where databases and request log are kept; None makes a folder that is removed at the end.
    """

    def __init__(self, port: int, bug: Bug, data_dir: Path | None) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="magenta-shop-") if data_dir is None else None
        self.data_dir = data_dir or Path(self._temporary.name if self._temporary else "")
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._visitors = Visitors(self.data_dir)
        self._sockets: dict[int, Any] = {}
        app = build_app(self._visitors, bug)
        self._waitress = waitress.create_server(app, self._sockets, host="127.0.0.1", port=port, threads=THREADS)
        self._thread = threading.Thread(target=self._waitress.run, name="shop", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the shop is, without a slash at the end."""
        return f"http://127.0.0.1:{self._waitress.effective_port}"

    @property
    def requests(self) -> list[Request]:
        """Every request so far; also as lines of ``data_dir/requests.jsonl``, for other processes."""
        return self._visitors.requests()

    @property
    def database(self) -> Path:
        """The database of the visitor who asked last; before the first visit, the seed."""
        latest = self._visitors.latest
        return self.database_of(latest) if latest else self.data_dir / "seed.db"

    def database_of(self, session: str) -> Path:
        """The database of one visitor, as named in the request log."""
        return self._visitors.database(session)

    def reset(self) -> None:
        """Everybody finds the seeded state again, and the request log starts anew."""
        self._visitors.reset()

    def stop(self) -> None:
        """Stop answering; a second call does nothing."""
        if self._thread.is_alive():
            # From within its own loop: closing a socket under a running select() fails.
            with suppress(OSError):  # the loop may end by itself in between
                self._waitress.trigger.pull_trigger(lambda: wasyncore.close_all(self._sockets, ignore_all=True))
            self._thread.join(timeout=10)
            self._waitress.task_dispatcher.shutdown()
        if self._temporary:
            self._temporary.cleanup()

    def wait(self) -> None:
        """Return when the server has been stopped."""
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()


def serve(port: int = 0, bug: str | None = None, data_dir: Path | None = None, *, bare: bool = False) -> Server:
    """Start the shop.

    Args:
        port: 0 takes a free one.
        bug: Name of a planted defect, one of `BUGS`.
        data_dir: Where databases and request log are kept; None makes a folder that is removed at the end.
        bare: Whether icons have no names (`bare.py`); without a defect.

    Raises:
        ValueError: There is no such defect, or one is to be planted in the bare shop.
    """
    if bare and bug:
        raise ValueError(f"the bare shop has no planted defects, so not {bug!r}; leave one of the two out")
    if bug and bug not in CATALOGUE:
        raise ValueError(f"no planted defect is called {bug!r}; choose one of {', '.join(sorted(CATALOGUE))}")
    return Server(port, BARE if bare else CATALOGUE[bug] if bug else NO_BUG, data_dir)
