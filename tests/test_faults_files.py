"""Malformed files: whatever stands in one, it is a scenario or a clear error with file and line; never a traceback.

Valid files are changed at random, the same way in every run (seeded): bytes, characters, lines, indentation, whole
values, and pieces of other files.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted import run

from magenta_qa.agent.lock import load_memory
from magenta_qa.agent.memory import Memory
from magenta_qa.agent.scenario import load_cases
from magenta_qa.model.errors import ScenarioError
from magenta_qa.scenarios.shop import SUITE

pytest_plugins = ["pytester", "scripted"]

FILES = sorted(SUITE.glob("*.scenario.yaml"))
LOCKS = sorted(SUITE.glob("*.lock.yaml"))
ODD = (
    *(
        "",
        " ",
        "\t",
        "null",
        "~",
        "[]",
        "{}",
        "[[[",
        "}}",
        "- ",
        ": ",
        "? ",
        "&a *a",
        "*b",
        "!!python/object:os.system x",
    ),
    *("%YAML 9.9", "---", "...", "|", ">", "'", '"', "\\", "${", "${x}", "$${x}", "${password}", "<<: {a: b}", "#"),
    *(
        "2026-13-45",
        "1e999",
        "0x",
        "-.inf",
        "yes",
        "name",
        "steps:",
        "expect:",
        "run: a.yaml",
        "after: x.scenario.yaml",
    ),
    *("parametrize: {a: [1, 2]}", "timeout: -1", "\u202e", "\ufeff", "\x00", "\x85", "\u2028", "é" * 300, "x" * 6_000),
)


def changed(text: bytes, other: bytes, rng: random.Random) -> bytes:
    """A file with one to three things wrong with it."""
    for _ in range(rng.randint(1, 3)):
        text = rng.choice(CHANGES)(text, other, rng)
    return text


def _byte(text: bytes, other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(text) + 1)
    return text[:at] + bytes([rng.randrange(256)]) + text[at + rng.randint(0, 2) :]


def _cut(text: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    return text[:start] + text[end:]


def _odd(text: bytes, other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(ODD).encode() + text[at:]


def _lines(text: bytes, other: bytes, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        lines.insert(rng.randrange(len(lines)), lines[at])
    elif kind == 1:
        lines[at] = rng.choice((b" ", b"  ", b"\t")) + lines[at]
    elif kind == 2:
        lines[at] = lines[at].lstrip()
    else:
        lines[at] = lines[at].partition(b":")[0] + b": " + rng.choice(ODD).encode() + b"\n"
    return b"".join(lines)


def _piece(text: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(other) + 1) for _ in range(2))
    at = rng.randrange(len(text) + 1)
    return text[:at] + other[start:end] + text[at:]


CHANGES: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (_byte, _cut, _odd, _lines, _lines, _piece)


@pytest.mark.parametrize("seed", range(4))
def test_changed_scenario_is_one_or_says_file_and_line(tmp_path: Path, seed: int) -> None:
    rng, path = random.Random(seed), tmp_path / "changed.scenario.yaml"
    refused = 0
    for _ in range(250):
        text = changed(rng.choice(FILES).read_bytes(), rng.choice(FILES).read_bytes(), rng)
        path.write_bytes(text)
        try:
            cases = load_cases(path)
        except ScenarioError as error:
            refused += 1
            assert re.match(rf"{re.escape(str(tmp_path))}/[\w.]+(:\d+)?: \S", str(error)), (text, str(error))
        else:
            assert all(case.name and case.entries for case in cases), text
    assert 50 < refused < 250


@pytest.mark.parametrize("seed", range(2))
def test_changed_memory_is_read_or_forgotten(tmp_path: Path, seed: int) -> None:
    rng, path = random.Random(seed), tmp_path / "changed.scenario.lock.yaml"
    for _ in range(150):
        whole = rng.choice(LOCKS).read_bytes()[:3_000]
        path.write_bytes(changed(whole, rng.choice(LOCKS).read_bytes()[:500], rng))
        assert isinstance(load_memory(path), Memory)


@pytest.mark.parametrize("text", ["version: 2026-13-45\n", "[" * 3_000, "version: 1\nsteps: 7\nheld: 7\n"])
def test_odd_memory_is_forgotten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.scenario.lock.yaml"
    path.write_text(text)
    assert load_memory(path) == Memory()


def test_suite_of_changed_scenarios_is_run_without_a_traceback(project: pytest.Pytester) -> None:
    rng = random.Random(7)
    for number in range(40):
        text = changed(rng.choice(FILES).read_bytes(), rng.choice(FILES).read_bytes(), rng)
        (project.path / f"changed_{number:02}.scenario.yaml").write_bytes(text)
    result = run(project, "--continue-on-collection-errors", "-q")
    out = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in out and "INTERNALERROR" not in out
    assert re.search(r"changed_\d\d\.scenario\.yaml:\d+: ", out)
    assert result.ret in (1, 10, 11, 12)
