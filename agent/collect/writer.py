"""Writes what was collected, in a process of its own at the lowest priority.

    writer = Writer(log, privacy)
    written = writer.write(moment, "fill", "Ada")      # a future; the test goes on
    written.result()                                  # -> "", or why it was not written
    writer.close()

A thread of the tests' own process would hold them up: a row takes 30 ms, mostly for its picture, Python runs one
thread at a time, and the browser wants the processors. The process is sent pickles: first a `_Start`, then one `Logged`
a row, which it answers with a line of JSON; it ends with its input, also when the tests are killed.
"""

import json
import os
import pickle
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import BinaryIO
from urllib.parse import urlsplit

from magenta_qa.agent.collect.moment import Moment
from magenta_qa.agent.log import Interaction, InteractionLog
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.html import clean_html
from magenta_qa.model.private_text import MASK

LOWEST_PRIORITY = 19
ROW_SECONDS = 60.0
"""A process that has not written a row by then is ended; the next row gets another one."""
_MODULE = "magenta_qa.agent.collect.writer"


@dataclass(frozen=True, slots=True)
class Logged:
    """One row to be written."""

    moment: Moment
    kind: str
    value: str | None
    noted: tuple[str, ...]
    """What was found to be private since the row before."""


@dataclass(frozen=True, slots=True)
class _Start:
    """What the process has to know: where to write, and what is private."""

    home: Path
    site: str
    session: str
    selectors: tuple[str, ...]
    secrets: Secrets
    noted: tuple[str, ...]


class Writer:
    """Hands rows to the process, which is started with the first.

    Args:
        log: Where rows go.
        privacy: What is private.
    """

    def __init__(self, log: InteractionLog, privacy: Privacy) -> None:
        self._log, self._privacy = log, privacy
        self._told: set[str] = set()
        self._thread = ThreadPoolExecutor(1, "magenta-collect")
        self._process: subprocess.Popen[bytes] | None = None

    def write(self, moment: Moment, kind: str, value: str | None) -> Future[str]:
        """Have a row written; the future says why it was not, or nothing.

        Args:
            moment: The page just before the action.
            kind: The action's type.
            value: What it was given, as one text.
        """
        new = tuple(each for each in self._privacy.noted if each not in self._told)
        self._told.update(new)
        return self._thread.submit(self._send, Logged(moment, kind, value, new))

    def _send(self, row: Logged) -> str:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = self._started()
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None, "opened with pipes"
        timer = Timer(ROW_SECONDS, self._process.kill)
        timer.start()
        try:
            pickle.dump(row, into)
            into.flush()
            answer = out.readline()
        finally:
            timer.cancel()
        if not answer:
            raise MagentaError(f"the process that writes rows has ended with {self._process.wait()}")
        return str(json.loads(answer))

    def _started(self) -> subprocess.Popen[bytes]:
        # In a session of its own, so that Ctrl-C ends the tests and not what writes their last rows.
        command = [sys.executable, "-P", "-m", _MODULE]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)
        assert process.stdin is not None, "opened with pipes"
        log, privacy = self._log, self._privacy
        pickle.dump(
            _Start(log.home, log.site, log.session, privacy.selectors, privacy.secrets, privacy.noted), process.stdin
        )
        return process

    def close(self) -> None:
        """Wait until everything is written."""
        self._thread.shutdown(wait=True)
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        timer = Timer(ROW_SECONDS, process.kill)
        timer.start()
        with suppress(BrokenPipeError), process:  # closes its input, which ends it
            pass
        timer.cancel()


def main(rows: BinaryIO, answers: BinaryIO) -> None:
    """Write rows until there are no more.

    Args:
        rows: Pickles, from the process of the tests.
        answers: One line a row.
    """
    start = pickle.load(rows)
    privacy = Privacy(start.selectors, start.secrets)
    privacy.note(start.noted)
    log = InteractionLog(start.home, start.site, privacy, session=start.session)
    while True:
        try:
            row = pickle.load(rows)
        except EOFError:
            return
        privacy.note(row.noted)
        try:
            problem = _write(log, privacy, row)
        except Exception as error:  # the other process counts it
            problem = f"{type(error).__name__}: {_first_line(str(error))}"
        answers.write(json.dumps(problem).encode() + b"\n")
        answers.flush()


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0][:120]


def _write(log: InteractionLog, privacy: Privacy, row: Logged) -> str:
    """Write one row; why it could not be, or nothing."""
    moment, element = row.moment, row.moment.element
    image = log.save_image(moment.painted(), moment.layout)
    written = image and log.write(
        Interaction(
            "test",
            moment.url,
            moment.viewport,
            moment.dpr,
            image,
            moment.box,
            row.kind,
            str(element["type"]),
            str(element["text"] or ""),
            clean_html(privacy.mask_html(str(element["html"]))),
            MASK if row.value and element["secret"] else row.value,
            tuple(element["locators"]),
            private=bool(element["private"]),
        ),
        site=urlsplit(moment.url).hostname or "",
    )
    return "" if written else log.problem or "not written"


if __name__ == "__main__":
    os.nice(LOWEST_PRIORITY)
    # Pickles name this module by its own name, not by `__main__`.
    from magenta_qa.agent.collect import writer

    writer.main(sys.stdin.buffer, sys.stdout.buffer)
