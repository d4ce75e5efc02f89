"""Runs an ordinary Playwright suite with `--magenta-collect`: `python -m apps.collected`, from the folder `tests`.

The suite is one of Flask-Admin (flask_admin/plain_suite.py), copied to a folder of its own. It runs as it is first, and
Playwright's traces of that run tell what was done; then collected, with the same data. Prints a line a kind of action,
and what each action was made to wait:

    action          done  records  missed
    click             21       21       0
    …
    all               52       52       0
    traced in 17.2 s, collected in 19.6 s
    magenta collect: 52 actions logged in build/collected/data/log (p50 59 ms each)

It ends with 1 where an action has no record, or a record lacks its picture, its element or its place in the picture.
"""

import json
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from logged_rows import lacking

from apps import proof
from apps.application import ROOT, prepare, started

OUT = ROOT.parent / "collected"
_KINDS = {
    "click": "click",
    "dblclick": "double_click",
    "hover": "hover",
    "fill": "fill",
    "type": "type",
    "press": "press",
    "selectOption": "select",
    "check": "check",
    "uncheck": "uncheck",
    "setInputFiles": "upload",
    "dragAndDrop": "drag",
    "tap": "click",
    "keyboardPress": "press",
    "keyboardType": "type",
    "keyboardInsertText": "type",
    "mouseClick": "click",
    "mouseWheel": "scroll",
    "mouseDown": "drag",
}
"""What a trace calls an action → what a log does."""
_TITLED = {"Clear": "clear", "Double click": "double_click"}
"""The same of what a trace tells apart by its title alone."""


def main() -> int:
    """Run both, print the table; the exit code."""
    application = proof.application("flask-admin")
    home = prepare(application)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    suite = OUT / "test_library.py"
    shutil.copy(application.folder / "plain_suite.py", suite)
    texts, seconds = [], []
    for options in (["--tracing", "on", "--output", str(OUT / "traces")], ["--magenta-collect", str(OUT / "data")]):
        with started(application, home) as bed:
            began = time.monotonic()
            texts.append(play(suite, ["--base-url", bed.url, *options]))
            seconds.append(time.monotonic() - began)
    done = Counter(kind for trace in (OUT / "traces").glob("*/trace.zip") for kind in actions_of(trace))
    rows = [json.loads(line) for line in (OUT / "data/log/interactions.jsonl").read_text().splitlines()]
    missing = compare(done, Counter(row["action_type"] for row in rows))
    said = "".join(re.findall(r"magenta collect: .*\n?", texts[1])).strip()
    print(f"traced in {seconds[0]:.1f} s, collected in {seconds[1]:.1f} s\n{said}")
    lacks = [(row, lacking(row, OUT / "data" / "log")) for row in rows]
    problems = [f"{row['action_type']} {row['text']!r} lacks {', '.join(lack)}" for row, lack in lacks if lack]
    print("\n".join(problems))
    return int(missing or bool(problems) or any(" passed" not in text or " failed" in text for text in texts))


def play(suite: Path, options: list[str]) -> str:
    """Run the suite as its team does; what was printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(OUT)]
    done = subprocess.run([*command, suite, *options], cwd=OUT, capture_output=True, text=True, check=False)
    print(done.stdout if done.returncode else done.stdout.strip().splitlines()[-1], flush=True)
    return done.stdout


def actions_of(trace: Path) -> Iterator[str]:
    """What was done, as Playwright's own trace has it."""
    with zipfile.ZipFile(trace) as archive:
        lines = [line for name in archive.namelist() if name.endswith(".trace") for line in archive.open(name)]
    for event in map(json.loads, lines):
        kind = _KINDS.get(event.get("method", "")) if event["type"] == "before" else None
        if kind:
            yield _TITLED.get(event.get("title", ""), kind)


def compare(done: "Counter[str]", logged: "Counter[str]") -> bool:
    """Print the table; whether something that was done is not in the log, or the other way round."""
    print(f"{'action':14}{'done':>6}{'records':>9}{'missed':>8}")
    for kind in sorted(done | logged):
        print(f"{kind:14}{done[kind]:6}{logged[kind]:9}{done[kind] - logged[kind]:8}")
    print(f"{'all':14}{done.total():6}{logged.total():9}{(done - logged).total():8}")
    return done != logged


if __name__ == "__main__":
    sys.exit(main())
