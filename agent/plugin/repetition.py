"""`--magenta-repeat 5`: every scenario becomes five items, which xdist distributes like any others.

    cart.scenario.yaml::Buys[chromium] ─▶ cart.scenario.yaml::Buys[chromium-run 1 of 5], …

A run's traces name the id that its repetitions share, so that the report can say where they differ.
"""

import re

import pytest

PARAMETER = "magenta_repetition"
_SUFFIX = re.compile(r"(?:(\[)|-)run (\d+) of \d+\]\Z")


def multiply(metafunc: pytest.Metafunc, count: int) -> None:
    """Make `count` items of a test."""
    if count > 1:
        metafunc.fixturenames.append(PARAMETER)
        metafunc.parametrize(PARAMETER, range(1, count + 1), ids=[f"run {n} of {count}" for n in range(1, count + 1)])


def repetition_of(item: pytest.Item) -> int:
    """Which repetition an item is, from 1; 0 when there is only one run."""
    callspec = getattr(item, "callspec", None)
    return int(callspec.params.get(PARAMETER, 0)) if callspec else 0


def split_repetition(name: str) -> tuple[str, int]:
    """A name or node id without its repetition, and which that is: "Buys[run 2 of 5]" → ("Buys", 2)."""
    match = _SUFFIX.search(name)
    return (name[: match.start()] + ("" if match[1] else "]"), int(match[2])) if match else (name, 0)
