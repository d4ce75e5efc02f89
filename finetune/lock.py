"""Keeps two runs from working on the same thing at once, on this machine or, through a shared path, on several.

    with locked("s3://team/adapters", "finetune"): ...

A local folder is locked by the system, which lets go when a process dies, however it does. Elsewhere a file says who
works there since when; one that was left behind has to be removed by hand, as the message says.
"""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fsspec
from filelock import FileLock, Timeout

from magenta_qa.model.errors import ConfigError


@contextmanager
def locked(path: str, what: str, at: str) -> Iterator[None]:
    """Hold the lock while the block runs.

    Args:
        path: Folder or fsspec URL; made when missing.
        what: Name of the lock in it.
        at: The time now, for others to read.

    Raises:
        ConfigError: Somebody else holds it.
    """
    files, root = fsspec.core.url_to_fs(path)
    files.makedirs(root, exist_ok=True)
    name = f"{root}/.{what}.lock"
    if "file" in files.protocol:
        with _held_by_system(name, path, what):
            yield
    else:
        _claim(files, name, path, what, at)
        try:
            yield
        finally:
            files.rm_file(name)


@contextmanager
def _held_by_system(name: str, path: str, what: str) -> Iterator[None]:
    lock = FileLock(name)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ConfigError(f"another {what} is at work on {path}; wait until it has ended") from error
    try:
        yield
    finally:
        lock.release()


def _claim(files: Any, name: str, path: str, what: str, at: str) -> None:  # noqa: ANN401 - fsspec is not looked into
    mine = json.dumps({"host": platform.node(), "pid": os.getpid(), "since": at})
    try:
        # Where the store can, it refuses a second file of the name; elsewhere the look before is all there is.
        if files.exists(name):
            raise FileExistsError
        files.pipe_file(name, mine.encode(), mode="create")
    except FileExistsError as error:
        holder = json.loads(files.cat_file(name))
        raise ConfigError(
            f"another {what} is at work on {path}: {holder['host']}, process {holder['pid']}, since {holder['since']}; "
            f"wait until it has ended, or remove {name} if it is not"
        ) from error
