"""What the tests need besides pytest-playwright: a browser that is there, and the pages of `tests/pages/` over HTTP.

def test_something(page, site):
    page.goto(f"{site}/act.html")              # site.other is the same server under another origin
"""

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from magenta_qa.agent.browser import launch_args, require_browser

if TYPE_CHECKING:
    from driver import Driver
    from playwright.sync_api import Page

PAGES = Path(__file__).parent / "pages"


class Site(str):
    """Base URL of the test pages; a string, so that f-strings work."""

    __slots__ = ("folder", "other")

    other: str
    """The same server as another origin (`localhost`), for cross-origin frames."""
    folder: Path


class _Pages(SimpleHTTPRequestHandler):
    over = threading.Event()
    """Set when the server stops, so that requests without an answer end."""

    def do_GET(self) -> None:
        """A file, or one of the routes that misbehave."""
        parts = urlsplit(self.path)
        route, _, rest = parts.path.lstrip("/").partition("/")
        if route == "slow":
            query = parse_qs(parts.query)
            self.over.wait(int(query["ms"][0]) / 1000)
            self._answer(200, query.get("body", ["late answer"])[0].encode())
        elif route == "status":
            self._answer(int(rest), b"status " + rest.encode())
        elif route == "loop":
            self._answer(302, b"", Location=self.path)
        elif route == "never":
            self.over.wait()
        elif route == "half":
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<h1>Half")
            self.wfile.flush()
            self.over.wait()
        elif route == "endless":
            self._answer(200, b'<h1>Endless</h1><button onclick="title.textContent=1">Go</button><img src="/never">')
        elif route == "download":
            self._answer(200, b"content", Content_Disposition=f"attachment; filename={rest}")
        else:
            super().do_GET()

    do_POST = do_GET

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are no news in a test run."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


LONGEST = (
    "test_verdicts.py",
    "test_faults_process.py",
    "test_freeze.py",
    "test_mutate.py",
    "test_repeats.py",
    "test_plugin.py",
)
"""Files of tests that take many seconds each: begun first, so that no process is still at one when the others end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """pytest-playwright's launch arguments with the browser that is installed here."""
    headed = browser_type_launch_args.get("headless") is False
    return {**launch_args(require_browser(os.environ, headed=headed)), **browser_type_launch_args}


@pytest.fixture(scope="session")
def base_url(pytestconfig: pytest.Config) -> str | None:
    """The same as pytest-playwright's own, which pytest 9 warns about (a session fixture on an instance)."""
    return pytestconfig.getoption("--base-url") or pytestconfig.getini("base_url") or None


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Serve `tests/pages/` on the loopback interface, under two origins."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(PAGES)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    address = Site(f"http://127.0.0.1:{server.server_port}")
    address.other = f"http://localhost:{server.server_port}"
    address.folder = PAGES
    yield address
    _Pages.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def driver(page: "Page", tmp_path: Path) -> Iterator["Driver"]:
    """Acts on the page."""
    from driver import Driver  # the whole browser side, which most tests do without

    driver = Driver(page, tmp_path)
    yield driver
    driver.watch.close()
