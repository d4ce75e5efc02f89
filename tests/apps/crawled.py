"""Crawls these applications: `python -m apps.crawled --pages 150 [--only trac]`, from the folder `tests`.

Each is started with a copy of its seeded data and looked at by `magenta crawl`, which acts on nothing; its rows go to
build/crawl/NAME/log. Interrupted, it goes on where it was.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import sync_playwright

from apps import proof
from apps.application import ROOT, free_port, prepare, serving
from apps.label_studio.driver import PASSWORD, USER
from magenta_qa.agent.browser import launch_args, require_browser

OUT = ROOT.parent / "crawl"
STARTS = {"flask-admin": "/admin/", "trac": "/wiki/TitleIndex"}
"""Where a crawl begins, if not at the root."""
SIGN_INS = {"label-studio": ("/user/login/", {"[name=email]": USER, "[name=password]": PASSWORD})}
"""Where one signs in, and what into which field."""


def main() -> int:
    """Start one application after the other, and crawl it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=proof.NAMES)
    parser.add_argument("--pages", type=int, default=100, help="of each application, at most")
    given = parser.parse_args()
    return max(crawl(name, given.pages) for name in given.only or proof.NAMES)


def crawl(name: str, pages: int) -> int:
    """The exit code of `magenta crawl` on one of them."""
    application = proof.application(name)
    home = prepare(application)
    folder = OUT / name
    data = folder / "data"
    if not data.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(home / "seeded", data)
    kept = folder / "port"  # the same address each time, so that a crawl knows its pages again
    port = int(kept.read_text()) if kept.exists() else free_port()
    kept.write_text(str(port))
    command = application.command(home, data, port)
    with serving(command, port, application.ready, folder / "server.log", application.environment(data)) as url:
        start = url + STARTS.get(name, "/")
        out = ["--max-pages", str(pages), "--delay", "0", "--out", str(folder)]
        if name in SIGN_INS:
            out += ["--storage-state", str(sign_in(url, folder / "session.json", *SIGN_INS[name]))]
        crawling = [sys.executable, "-m", "magenta_qa.agent.cli", "crawl", start, *out]
        return subprocess.run(crawling, env={**os.environ, "MAGENTA_SITE": name}).returncode


def sign_in(url: str, session: Path, path: str, fields: Mapping[str, str]) -> Path:
    """The file of a session of somebody who has signed in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_args(require_browser(os.environ)))
        page = browser.new_page()
        page.goto(url + path)
        for selector, value in fields.items():
            page.fill(selector, value)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda now: path not in now)
        page.context.storage_state(path=session)
        browser.close()
    return session


if __name__ == "__main__":
    sys.exit(main())
