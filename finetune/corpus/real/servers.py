"""Applications of PyPI, each started on loopback with data of its own, thrown away afterwards.

    with started(SOURCES["datasette"], folder) as server:
        server.address            # http://127.0.0.1:40123
        server.paths              # where looking begins; `crawl` finds more

Each has a folder with its seeded data below `build/`; a run works on a copy of it. An application whose data a page may
change is looked at, and only what asks the server for nothing but pages is used (`deeds`).
"""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from magenta_qa.finetune.corpus.real.files import Reply
from magenta_qa.finetune.corpus.real.packages import command_of, installed, python_of
from magenta_qa.finetune.corpus.real.sources import Source
from magenta_qa.model.errors import DatasetError

START_SECONDS = 150
_STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Server:
    """A running application."""

    address: str
    paths: tuple[str, ...]
    headers: Mapping[str, str]
    live: bool = True

    def answer(self, address: str) -> Reply | None:
        """It answers for itself."""
        return None


@dataclass(frozen=True, slots=True)
class Way:
    """How an application is seeded and started."""

    seed: Callable[[Path, Path], None]
    """(environment, data): fill an empty folder."""
    command: Callable[[Path, Path, int], list[str]]
    """(environment, data, port)."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request, where they are what lets a user in."""
    starting: str = ""
    """What its first page says as long as it is not ready."""


@contextmanager
def started(source: Source, folder: Path) -> Iterator[Server]:
    """The application with fresh data; ended, with its children, on leaving.

    Raises:
        DatasetError: It cannot be installed, seeded or started; names the package.
    """
    environment, way = installed(source, folder), _WAYS[source.package]
    home = folder / "apps" / source.site
    data, log, port = home / "data", home / "server.log", _free_port()
    try:
        _seed(way, environment, home)
    except (OSError, subprocess.SubprocessError, sqlite3.Error) as error:
        raise DatasetError(f"cannot seed {source.package}: {_reason(error)}") from error
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(home / "seeded", data, symlinks=True)
    address = f"http://127.0.0.1:{port}"
    before = signal.signal(signal.SIGTERM, _leave)  # a pool ends its workers so, and the server must not stay behind
    with log.open("wb") as output:
        process = subprocess.Popen(
            way.command(environment, data.resolve(), port),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=data,
            env={**os.environ, "HOME": str(data.resolve())},
            start_new_session=True,
        )
    try:
        _wait(process, address + source.pages[0], way.starting, source, log)
        yield Server(address, source.pages, way.headers)
    finally:
        _end(process)
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def _wait(process: "subprocess.Popen[bytes]", address: str, starting: str, source: Source, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(address, starting):
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text("utf-8", errors="replace")[-600:].strip()
            raise DatasetError(f"{source.package} {source.version} did not start: {said or 'no answer'}")
        time.sleep(0.3)


def _answers(address: str, starting: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return not starting or starting not in answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the group that we started: servers fork workers."""
    for each in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, each)
            process.wait(_STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _seed(way: Way, environment: Path, home: Path) -> None:
    seeded = home / "seeded"
    if (home / "seeded.done").exists():
        return
    shutil.rmtree(seeded, ignore_errors=True)
    seeded.mkdir(parents=True)
    way.seed(environment, seeded.resolve())
    (home / "seeded.done").touch()


def _reason(error: Exception) -> str:
    said = getattr(error, "stderr", None) or getattr(error, "output", None)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said or error)
    return re.sub(r"\s+", " ", text)[-400:]


def _run(*command: str | Path, cwd: Path) -> None:
    subprocess.run([str(each) for each in command], cwd=cwd, check=True, capture_output=True, timeout=180)


_PEOPLE = (
    "Ada Moreau",
    "Ben Okafor",
    "Clara Lindt",
    "Dev Patel",
    "Elif Yilmaz",
    "Finn Larsen",
    "Greta Holm",
    "Hugo Silva",
)
_TOWNS = ("Greifswald", "Leeds", "Porto", "Tartu", "Graz", "Lyon")
_ILLS = ("Sprained ankle", "Check-up", "Migraine", "Vaccination", "Blood test", "Sore throat", "Back pain")


def _clinic(path: Path) -> None:
    """A small database: patients, visits and wards of a clinic."""
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(
            """
            create table patients (id integer primary key, name text, town text, born text, insured integer);
            create table visits (id integer primary key, patient_id integer references patients(id), reason text,
                                 day text, minutes integer, cost real);
            create table wards (id integer primary key, ward text, beds integer, head text);
            create index visits_by_day on visits(day);
            create view long_visits as select * from visits where minutes > 40;
            """
        )
        for n in range(24):
            database.execute(
                "insert into patients (name, town, born, insured) values (?, ?, ?, ?)",
                (
                    _PEOPLE[n % 8] + (f" {'ABC'[n // 8]}." if n > 7 else ""),
                    _TOWNS[n % 6],
                    f"19{50 + n * 2}-0{1 + n % 9}-1{n % 9}",
                    n % 3 > 0,
                ),
            )
        for n in range(130):
            database.execute(
                "insert into visits (patient_id, reason, day, minutes, cost) values (?, ?, ?, ?, ?)",
                (1 + n % 24, _ILLS[n % 7], f"2026-0{1 + n % 9}-{10 + n % 18}", 10 + n * 7 % 60, 20 + n * 1.5),
            )
        for n, ward in enumerate(("Surgery", "Children", "Eyes", "Emergency")):
            database.execute("insert into wards (ward, beds, head) values (?, ?, ?)", (ward, 8 + n * 4, _PEOPLE[n]))


def _seed_clinic(environment: Path, data: Path) -> None:
    _clinic(data / "clinic.db")


def _seed_locust(environment: Path, data: Path) -> None:
    (data / "locustfile.py").write_text(
        "from locust import HttpUser, task\n\nclass Visitor(HttpUser):\n    host = 'http://127.0.0.1:9'\n\n"
        "    @task\n    def front(self):\n        self.client.get('/')\n\n\nclass Buyer(Visitor):\n    pass\n",
        "utf-8",
    )


def _seed_roundup(environment: Path, data: Path) -> None:
    admin, home = command_of(environment, "roundup-admin"), data / "tracker"
    _run(admin, "-i", home, "install", "classic", "anydbm", cwd=data)
    config = home / "config.ini"
    text = config.read_text("utf-8")
    for key, value in (
        ("web", "http://127.0.0.1/support/"),
        ("domain", "clinic.test"),
        ("host", "127.0.0.1"),
        ("admin_email", "office@clinic.test"),
    ):
        text = re.sub(rf"(?m)^#?\s*{key} = (NO DEFAULT)?$", f"{key} = {value}", text)
    config.write_text(text, "utf-8")
    _run(admin, "-i", home, "initialise", "admin", cwd=data)
    for n, title in enumerate(
        (
            "Printer on the second floor jams",
            "Badge reader is offline",
            "New chairs for the lobby",
            "Leaking tap in ward 3",
        )
    ):
        _run(admin, "-i", home, "create", "issue", f"title={title}", f"priority={1 + n}", "status=1", cwd=data)


def _seed_calibre(environment: Path, data: Path) -> None:
    """A library of some books, and an administrator who is let in by a header."""
    (data / "library").mkdir()
    script = files("magenta_qa.finetune.corpus.real").joinpath("templates/calibre_seed.txt").read_text("utf-8")
    _run(python_of(environment), "-c", script, data, cwd=data)


_ROUNDUP = (
    # It refuses to run as root, which is what containers run as; it serves on loopback alone, and on thrown-away data.
    "import os; os.getuid = lambda: 1000; from roundup.scripts.roundup_server import run; run()"
)


def _seed_octoprint(environment: Path, data: Path) -> None:
    (data / "octo").mkdir()
    (data / "octo" / "config.yaml").write_text(
        "server:\n  firstRun: false\n  onlineCheck:\n    enabled: false\n  pluginBlacklist:\n    enabled: false\n"
        "accessControl:\n  enabled: true\n  autologinLocal: true\n  autologinAs: mara\n"
        "plugins:\n  _disabled:\n  - softwareupdate\n  - announcements\n  - tracking\n  - backup\n  errortracking:\n    enabled: false\n",
        "utf-8",
    )
    octoprint = command_of(environment, "octoprint")
    _run(
        octoprint, "--basedir", data / "octo", "user", "add", "mara", "--password", "mara-printer", "--admin", cwd=data
    )


def _start_calibre(environment: Path, data: Path, port: int) -> list[str]:
    """Its port stands in its database."""
    first = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1] + '/app.db'); "
        "c.execute('update settings set config_port = ?', [sys.argv[2]]); c.commit(); c.close(); "
        "os.environ['CALIBRE_DBPATH'] = sys.argv[1]; os.execv(sys.argv[3], [sys.argv[3], '-i', '127.0.0.1'])"
    )
    return [str(python_of(environment)), "-c", first, str(data), str(port), str(command_of(environment, "cps"))]


def _seed_buildbot(environment: Path, data: Path) -> None:
    buildbot = command_of(environment, "buildbot")
    _run(buildbot, "create-master", "-r", data / "master", cwd=data)
    (data / "master" / "master.cfg").write_text(
        "import os\nfrom buildbot.plugins import schedulers, steps, util, worker\n\nnames = ['docs', 'linux-tests', 'windows-tests']\n"
        "c = BuildmasterConfig = {'buildbotNetUsageData': None, 'title': 'Harbour', 'titleURL': 'http://127.0.0.1/',\n"
        "    'buildbotURL': 'http://127.0.0.1/', 'db': {'db_url': 'sqlite:///state.sqlite'}, 'protocols': {'null': {}},\n"
        "    'workers': [worker.LocalWorker('shed')],\n"
        "    'builders': [util.BuilderConfig(name=n, workernames=['shed'], tags=['nightly'],\n"
        "        factory=util.BuildFactory([steps.ShellCommand(command=['echo', n])])) for n in names],\n"
        "    'schedulers': [schedulers.ForceScheduler(name='by-hand', builderNames=names)],\n"
        "    'www': {'port': 'tcp:' + os.environ['BUILDBOT_PORT'] + ':interface=127.0.0.1', 'plugins': {'waterfall_view': {}, 'console_view': {}, 'grid_view': {}}}}\n",
        "utf-8",
    )


def _start_buildbot(environment: Path, data: Path, port: int) -> list[str]:
    twistd = [str(command_of(environment, "buildbot")), "start", "--nodaemon", str(data / "master")]
    return ["env", f"BUILDBOT_PORT={port}", *twistd]


def _start_octoprint(environment: Path, data: Path, port: int) -> list[str]:
    octoprint = str(command_of(environment, "octoprint"))
    return [
        octoprint,
        "serve",
        "--iknowwhatimdoing",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--basedir",
        str(data / "octo"),
    ]


_WAYS = {
    "datasette": Way(
        _seed_clinic,
        lambda env, data, port: [
            str(command_of(env, "datasette")),
            str(data / "clinic.db"),
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
        ],
    ),
    "sqlite-web": Way(
        _seed_clinic,
        lambda env, data, port: [
            str(command_of(env, "sqlite_web")),
            "-x",
            "-H",
            "127.0.0.1",
            "-p",
            str(port),
            str(data / "clinic.db"),
        ],
    ),
    "locust": Way(
        _seed_locust,
        lambda env, data, port: [
            str(command_of(env, "locust")),
            "--web-host",
            "127.0.0.1",
            "--web-port",
            str(port),
            "--class-picker",
            "--autostart",
            "--users",
            "2",
        ],
    ),
    "roundup": Way(
        _seed_roundup,
        lambda env, data, port: [
            *(str(python_of(env)), "-c", _ROUNDUP),
            *("-n", "127.0.0.1", "-p", str(port), f"support={data / 'tracker'}"),
        ],
    ),
    "calibreweb": Way(_seed_calibre, _start_calibre, headers={"X-User": "admin"}),
    "octoprint": Way(_seed_octoprint, _start_octoprint, starting="still starting"),
    "buildbot": Way(_seed_buildbot, _start_buildbot),
}
