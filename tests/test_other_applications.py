"""Scenarios against applications that nobody here wrote, each with an oracle that reads the application's database.

The application is installed from the registry into an environment of its own, below pytest's cache folder.
"""

import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from magenta_qa.agent.reports.traces import load_traces

pytestmark = [pytest.mark.slow, pytest.mark.browser]

APPS = Path(__file__).parent / "apps"
FLASK_ADMIN = ("flask-admin==2.2.1", "flask-sqlalchemy==3.1.1")
START_SECONDS = 60

Rows = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def python(pytestconfig: pytest.Config) -> Path:
    """An interpreter that has the application installed."""
    folder = pytestconfig.cache.mkdir("flask-admin")  # type: ignore[union-attr]
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *FLASK_ADMIN], check=True)
        (folder / "installed").touch()
    return python


@contextmanager
def started(command: list[object], url: str) -> Iterator[None]:
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(url, timeout=2).close()
                break
            except OSError:
                assert process.poll() is None, f"{command} ended with {process.returncode}"
                assert time.monotonic() < deadline, f"{url} did not answer within {START_SECONDS} s"
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def book(title: str, column: str) -> str:
    return f"select {column} from book where title = '{title}'"


ORACLES: dict[str, tuple[str, object]] = {
    "add_author": ("select country from author where name = 'Zoe Park'", [("Korea",)]),
    "change_price": (book("The Lantern", "price"), [(12.75,)]),
    "delete": (book("The Copper", "count(*)"), [(0,)]),
    "details": (book("The Glacier", "count(*)"), [(1,)]),
    "search": ("select count(*) from book", [(14,)]),
    "sort": ("select count(*) from book", [(14,)]),
}
READS_ONLY = {"details", "search", "sort"}


@pytest.mark.parametrize("name", sorted(ORACLES))
def test_flask_admin_scenario_passes_and_the_database_agrees(name: str, python: Path, tmp_path: Path) -> None:
    database, port = tmp_path / "library.db", free_port()
    query, expected = ORACLES[name]

    def rows() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(query).fetchall()

    url = f"http://127.0.0.1:{port}"
    with started([python, APPS / "flask_admin" / "library.py", port, database], f"{url}/admin/"):
        assert name in READS_ONLY or rows() != expected, "the oracle is true before anything was done"
        shutil.copy(APPS / "flask_admin" / "suite" / f"{name}.scenario.yaml", tmp_path)
        command = [sys.executable, "-m", "pytest", "-q", "--rootdir", tmp_path, "--base-url", url, tmp_path]
        run = subprocess.run([*map(str, command)], cwd=tmp_path, capture_output=True, text=True)
        (trace,) = load_traces(next((tmp_path / ".magenta" / "runs").iterdir()))
        assert trace.verdict == "passed", f"{trace.reason}\n{run.stdout}"
        assert run.returncode == 0, run.stdout
        assert rows() == expected
