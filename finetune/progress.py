"""A progress bar for long work, and nothing where nobody watches but a line now and then.

with progress_bar() as show:
    show("writing", 1200, 10_000)      # what, how many are done, of how many (None: not known yet)
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

OnProgress = Callable[[str, int, int | None], None]
"""What is being done, how many are done, and of how many (None: not known yet)."""

LINE_SECONDS = 30.0
"""Between two lines in a log file of CI."""


@contextmanager
def progress_bar() -> Iterator[OnProgress]:
    """Shows progress on standard error."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield _line_now_and_then(console.print)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {}

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield show


def _line_now_and_then(write: Callable[[str], None]) -> OnProgress:
    last = time.monotonic()

    def show(what: str, done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            write(f"{what}: {done:,}" + (f" of {total:,}" if total else ""))

    return show
