"""An application of other people: installed from a registry, seeded once, started on loopback with fresh data.

    with started(application, folder) as bed:      # a copy of the seeded data, a free port
        bed.url                                    # http://127.0.0.1:40123
        bed.rows("library.db", "select count(*) from book")
        bed.requests()                             # what the server's log says it was asked

Everything lies below one folder, `build/apps/NAME` by default: the installation, the seeded data and the last run's.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 120
STOP_SECONDS = 15
ROOT = Path(__file__).parents[2] / "build" / "apps"
_REQUEST = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[^\s\"']*)")


@dataclass(frozen=True, slots=True)
class Application:
    """How an application is installed, seeded and started; `home` is its folder below `ROOT`."""

    name: str
    packages: tuple[str, ...]
    """What is installed, pinned; the first is the application itself."""
    seed: Callable[[Path, Path], None]
    """(home, data): make the data that each scenario starts with, in an empty folder."""
    command: Callable[[Path, Path, int], list[str]]
    """(home, data, port): what starts the server."""
    ready: str = "/"
    """Path that answers once it has started."""
    npm: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Versions that npm is told to take of packages that others depend on."""
    environment: Callable[[Path], dict[str, str]] = lambda data: {}

    @property
    def version(self) -> str:
        """Of the application itself."""
        return re.split(r"==|(?<=.)@", self.packages[0])[-1]

    @property
    def folder(self) -> Path:
        """Where its driver, its oracles and its scenarios are."""
        return Path(__file__).with_name(self.name.replace("-", "_"))


@dataclass(frozen=True, slots=True)
class Bed:
    """A running application."""

    url: str
    data: Path
    log: Path

    def rows(self, database: str, query: str) -> list[tuple[object, ...]]:
        """What a database file in its data says."""
        with closing(sqlite3.connect(f"file:{self.data / database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def requests(self) -> list[str]:
        """Requests that its log tells of, such as "GET /search?q=x", oldest first."""
        return [" ".join(m.groups()) for m in _REQUEST.finditer(self.log.read_text(errors="replace"))]

    def asked(self, pattern: str) -> bool:
        """Whether a request matches a regular expression."""
        return any(re.search(pattern, request) for request in self.requests())


Oracle = Callable[[Bed], bool]
"""Whether what a scenario does has been done, told without the page: false before it, true after it."""


def prepare(application: Application, root: Path = ROOT) -> Path:
    """Install and seed the application unless that has been done; returns its folder."""
    home = root / application.name
    home.mkdir(parents=True, exist_ok=True)
    _once(home / "installed", repr(application.packages), lambda: _install(application, home))
    driver = b"".join(p.read_bytes() for p in sorted(application.folder.glob("*.py")) if p.name != "oracles.py")
    _once(home / "seeded.stamp", hashlib.sha256(driver).hexdigest(), lambda: _seed(application, home))
    return home


@contextmanager
def started(application: Application, home: Path) -> Iterator[Bed]:
    """The application with a fresh copy of its data; ended, with its children, on leaving."""
    data, log, port = home / "data", home / "server.log", free_port()
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(home / "seeded", data)
    environment = {**os.environ, **application.environment(data)}
    with serving(application.command(home, data, port), port, application.ready, log, environment) as url:
        log.write_text("")  # what was asked of it while it started is nobody's deed
        yield Bed(url, data, log)


@contextmanager
def serving(command: list[str], port: int, ready: str, log: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """A server that answers on `port`; yields its address."""
    url = f"http://127.0.0.1:{port}"
    with log.open("ab") as output:  # appended to, so that it can be emptied while the server writes
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=log.parent, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(url + ready):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)
        yield url
    finally:
        _end(process)


def answers(url: str) -> bool:
    """Whether a server is there, whatever it says."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process group that we started: servers fork workers."""
    for signal in (15, 9):
        try:
            os.killpg(process.pid, signal)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
            break
        except subprocess.TimeoutExpired:
            continue


def _once(stamp: Path, content: str, work: Callable[[], None]) -> None:
    if stamp.exists() and stamp.read_text() == content:
        return
    stamp.unlink(missing_ok=True)
    work()
    stamp.write_text(content)


def _install(application: Application, home: Path) -> None:
    print(f"installing {', '.join(application.packages)} …", flush=True)
    if application.npm:
        _install_from_npm(application, home)
        return
    venv.create(home / "venv", with_pip=True, clear=True)
    subprocess.run([home / "venv/bin/python", "-m", "pip", "install", "--quiet", *application.packages], check=True)


def _install_from_npm(application: Application, home: Path) -> None:
    wanted = dict(package.rsplit("@", 1) for package in application.packages)
    manifest = {"private": True, "dependencies": wanted, "overrides": dict(application.overrides)}
    (home / "package.json").write_text(json.dumps(manifest))
    subprocess.run(["npm", "install", "--no-fund", "--no-audit", "--silent"], cwd=home, check=True)


def _seed(application: Application, home: Path) -> None:
    print(f"seeding {application.name} …", flush=True)
    seeded = home / "seeded"
    shutil.rmtree(seeded, ignore_errors=True)
    seeded.mkdir()
    application.seed(home, seeded)
