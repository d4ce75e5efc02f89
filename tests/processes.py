"""Suites that run in processes of their own, with real browsers, to see what becomes of them and what is left behind.

suite = Suite(tmp_path, conftest="…")
suite.write(a='{"name": "First", …}')
suite.run()                  -> (0, "1 passed …")
suite.wait_until_gone()      # no process that it started is left
"""

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from magenta_qa.agent.cli import plugin_options
from magenta_qa.agent.reports.traces import load_traces
from magenta_qa.model.trace import ScenarioTrace


def below(pid: int) -> list[tuple[int, str]]:
    """The processes that descend from one, with their command lines."""
    found: list[tuple[int, str]] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            command = stat.with_name("cmdline").read_text()
        except (OSError, UnicodeDecodeError):
            continue  # it has just ended
        if parent == pid:
            child = int(stat.parent.name)
            found += [(child, command), *below(child)]
    return found


class Suite:
    """A folder of scenarios that is run in processes which can be recognised by a mark in their environment."""

    def __init__(self, folder: Path, conftest: str) -> None:
        if not Path("/proc/self/environ").exists():
            pytest.skip("needs /proc to see which processes are left")
        self.folder, self.mark = folder, uuid.uuid4().hex
        (folder / "conftest.py").write_text(conftest)
        (folder / "pytest.ini").write_text("[pytest]\n")
        self.home = folder / ".magenta"

    def write(self, **scenarios: str) -> None:
        for file, text in scenarios.items():
            (self.folder / f"{file}.scenario.yaml").write_text(text)

    def start(self, *options: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pytest",
                *plugin_options(),
                "-p",
                "no:cacheprovider",
                "--magenta-timeout=3s",
                *options,
            ],
            cwd=self.folder,
            env={**os.environ, "MAGENTA_TEST_MARK": self.mark, "COLUMNS": "300"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *options: str) -> tuple[int, str]:
        process = self.start(*options)
        out, _ = process.communicate(timeout=240)
        return process.returncode, out

    def traces(self) -> list[ScenarioTrace]:
        return load_traces(max((self.home / "runs").iterdir()))

    def verdicts(self) -> dict[str, str]:
        return {trace.name: trace.verdict for trace in self.traces()}

    def check_log(self) -> int:
        """How many lines the log has; each can be read but one that was torn when the process was killed."""
        lines = (self.home / "log" / "interactions.jsonl").read_text(encoding="utf-8").splitlines()
        return len([json.loads(line)["id"] for line in lines])

    def left_behind(self) -> list[str]:
        """Command lines of processes that the suite started and that are still there."""
        mark = f"MAGENTA_TEST_MARK={self.mark}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_text().replace("\0", " ")[:100])
            except (OSError, UnicodeDecodeError):
                continue  # it has just ended
        return found

    def wait_until_gone(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while self.left_behind() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert self.left_behind() == []
