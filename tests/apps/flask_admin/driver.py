"""Flask-Admin over a made-up library: the interface is Flask-Admin's own, only the data is ours (see library.py)."""

import os
from pathlib import Path

from apps.application import Application, free_port, serving


def command(home: Path, data: Path, port: int) -> list[str]:
    program = Path(__file__).with_name("library.py")
    return [str(home / "venv/bin/python"), str(program), str(port), str(data / "library.db")]


def seed(home: Path, data: Path) -> None:
    port = free_port()
    with serving(command(home, data, port), port, "/admin/", home / "seed.log", os.environ):
        pass  # the program seeds an empty database itself


APPLICATION = Application(
    "flask-admin", ("flask-admin==2.2.1", "flask-sqlalchemy==3.1.1"), seed, command, ready="/admin/"
)
