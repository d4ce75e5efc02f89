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

import pytest
from magenta_qa.agent.browser import launch_args, require_browser

PAGES = Path(__file__).parent / "pages"


class Site(str):
    """Base URL of the test pages; a string, so that f-strings work."""

    __slots__ = ("folder", "other")

    other: str
    """The same server as another origin (`localhost`), for cross-origin frames."""
    folder: Path


class _Pages(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are no news in a test run."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """pytest-playwright's launch arguments with the browser that is installed here."""
    return {**launch_args(require_browser(os.environ)), **browser_type_launch_args}


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
    server.shutdown()
    server.server_close()
    thread.join()
