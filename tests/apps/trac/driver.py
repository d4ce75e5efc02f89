"""Trac, a ticket tracker with a wiki: a project of a made-up harbour; anybody on loopback is its administrator."""

import subprocess
from pathlib import Path

from apps.application import Application

SEED = """
from trac.env import Environment
from trac.ticket.model import Ticket, Component, Milestone
from trac.wiki.model import WikiPage

env = Environment(r"{data}/project")
TICKETS = [
    ("Crane 2 stops in the rain", "defect", "critical", "component1", "ada"),
    ("Print berth invoices on A5", "enhancement", "minor", "component2", "ben"),
    ("Harbour map shows the old pier", "defect", "major", "component2", "clara"),
    ("Renew the diving certificates", "task", "major", "component1", "ada"),
    ("Tide table is an hour off in summer", "defect", "blocker", "component2", "ben"),
]
for summary, kind, priority, component, reporter in TICKETS:
    ticket = Ticket(env)
    ticket.populate(dict(summary=summary, type=kind, priority=priority, component=component, reporter=reporter,
                         status="new", milestone="milestone1", description=summary + "."))
    ticket.insert()
page = WikiPage(env, "HarbourRules")
page.text = "= Harbour rules =\\n\\nNo swimming at the pier. Speed limit: 3 knots.\\n"
page.save("ada", "first version")
"""


def seed(home: Path, data: Path) -> None:
    admin = [home / "venv/bin/trac-admin", data / "project"]
    subprocess.run([*admin, "initenv", "Harbour", "sqlite:db/trac.db"], check=True, capture_output=True)
    subprocess.run([*admin, "permission", "add", "anonymous", "TRAC_ADMIN"], check=True, capture_output=True)
    subprocess.run([home / "venv/bin/python", "-c", SEED.format(data=data)], check=True)


def command(home: Path, data: Path, port: int) -> list[str]:
    return [str(home / "venv/bin/tracd"), "-s", "--hostname", "127.0.0.1", "--port", str(port), str(data / "project")]


APPLICATION = Application("trac", ("trac==1.6", "setuptools<81"), seed, command)
