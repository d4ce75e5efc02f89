"""Runs a command and ends it, with all that it has started, when the process that wanted it is gone.

    python -m magenta_qa.model.serving.warden COMMAND…      # as the leader of a process group, its input a pipe

The other end of the pipe is held by whoever wants the command to run: a kill -9 of that closes it too.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

STOP_S = 60
"""How long the command may take to end by itself."""


def main(command: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    # Signals are for the whole group: the command ends, and then this. A handler, unlike SIG_IGN, is not handed down.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_when_alone, args=(process,), daemon=True).start()
    return process.wait()


def _end_when_alone(process: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGTERM)
    try:
        process.wait(STOP_S)
    finally:
        os.killpg(0, signal.SIGKILL)  # what the command has left behind, and this


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
