"""Explores an application that answers everything and keeps nothing."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

NOTES = {"1": "Ebb tide", "2": "Flood tide", "3": "Slack water"}
HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>{0}</title><h1>{0}</h1><nav><a href="/">Notes</a> '
HEAD += '<a href="/settings">Settings</a></nav>'
ROW = '<tr><td><a href="/notes/{0}">{1}</a></td><td><button class="gone">Delete</button></td></tr>'
LIST = """<table aria-label="Notes"><tbody>{}</tbody></table><script>
for (const button of document.querySelectorAll(".gone")) button.onclick = async () => {{
  await fetch("/delete", {{ method: "POST" }});
  button.closest("tr").remove();
}};</script>"""
SETTINGS = """<form id="form"><label>Display name <input name="name" value="Ada"></label> <button>Save</button></form>
<p role="status" id="said"></p><script>
form.onsubmit = async (event) => {
  event.preventDefault();
  await fetch("/settings", { method: "POST" });
  said.textContent = "Saved";
};</script>"""


class Forgetful(BaseHTTPRequestHandler):
    """Shows the page of the next note, and stores nothing that is posted."""

    def do_GET(self) -> None:
        """One of three pages."""
        if self.path.startswith("/notes/"):
            page = HEAD.format(NOTES[str(int(self.path[-1]) % 3 + 1)])
        elif self.path == "/settings":
            page = HEAD.format("Settings") + SETTINGS
        else:
            page = HEAD.format("Notes") + LIST.format("".join(ROW.format(*note) for note in NOTES.items()))
        self._answer(page)

    def do_POST(self) -> None:
        """All is well."""
        self._answer("")

    def _answer(self, page: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def forgetful() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Forgetful)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_what_is_not_kept_and_what_leads_elsewhere_is_found(browser: Browser, forgetful: str, tmp_path: Path):
    from magenta_qa.agent.explore.exploration import Plan, explore
    from magenta_qa.agent.settings import Settings

    allowed = frozenset({"destructive"})
    plan = Plan(f"{forgetful}/", 60, tmp_path, Settings(), allowed=allowed, environ=os.environ)
    found = explore(plan, browser, lambda kind, line: None)
    told = {(each.suspicion.kind, each.suspicion.subject): each.status for each in found.findings}
    assert told == {
        ("lost change", "Delete"): "reproduced",
        ("lost change", "Display name"): "reproduced",
        ("wrong target", "Ebb tide"): "reproduced",
    }
