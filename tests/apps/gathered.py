"""Makes a dataset of what was crawled and driven: `python -m apps.gathered`, from the folder `tests`.

    python -m apps.crawled --pages 200 --only trac        # build/crawl/trac/log
    MAGENTA_SITE=trac python -m apps --only trac          # build/apps/trac/runs/SCENARIO/log
    python -m apps.gathered                               # build/gathered: teacher/, data/v1, stats.html

The commands are those of the README. A teacher's place is taken by a stand-in, which knows each prompt's text and no
picture: what is measured is the way of the rows, not what the labels are worth.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from apps.application import ROOT
from magenta_qa.model.accessible import sentence
from magenta_qa.model.fake_endpoint import ChatRequest, FakeEndpoint
from magenta_qa.model.schema import Box, Candidate, State

OUT = ROOT.parent / "gathered"
_PROMPT = re.compile(r"action_type: (\S*)\nelement_type: (\S*)\ntext: (.*)\nsurrounding_html: (.*)", re.DOTALL)
_NAME = re.compile(r'(?:aria-label|title|alt|placeholder)="([^"]+)"')


def main() -> int:
    """The exit code of `magenta dataset check --strict`."""
    logs = sorted([*ROOT.parent.glob("crawl/*/log"), *ROOT.glob("*/runs/*/log")])
    sources = [str(path) for path in logs if (path / "interactions.jsonl").exists()]
    shutil.rmtree(OUT, ignore_errors=True)
    with FakeEndpoint(stand_in) as endpoint:
        _magenta("describe", *sources, "--teacher", endpoint.spec, "--out", str(OUT / "teacher"))
    _magenta("dataset", "build", *sources, str(OUT / "teacher"), "--out", str(OUT / "data"))
    _magenta("dataset", "stats", str(OUT / "data"), "--html", str(OUT / "stats.html"))
    return _magenta("dataset", "check", str(OUT / "data"), "--strict")


def stand_in(request: ChatRequest) -> str:
    """What its name and kind say of the element that a prompt is about."""
    found = _PROMPT.search(request.prompt)
    if found is None:
        return ""
    action, kind, text, html = (field.strip() for field in found.groups())
    named = _NAME.search(html)
    name = text or (named[1] if named else "")
    candidate = Candidate(1, Box(0, 0, 1, 1), kind, kind.partition(":")[0], name, text, State(), (action,))
    return sentence(candidate, action)


def _magenta(*words: str) -> int:
    print("$ magenta", *(word.replace(f"{Path.cwd().parent}/", "") for word in words), flush=True)
    return subprocess.run([sys.executable, "-m", "magenta_qa.agent.cli", *words]).returncode


if __name__ == "__main__":
    sys.exit(main())
