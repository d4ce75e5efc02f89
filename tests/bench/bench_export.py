"""Exported tests of the demo suite, in an environment with nothing but pytest-playwright: clean, and under each defect.

    python tests/bench/bench_export.py [--bugs NAME …] [--workers 2]

The suite is exported with the locks beside it. On the clean shop every test must pass; under a planted defect the tests
of the scenarios that it affects (scenarios/shop/expected.yaml) must fail. Prints a line a defect and the totals:

    exported 32 of 33   clean: 32 passed   under 27 defects: 61 of 64 failed as they should
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.export import ExportError, export_scenario
from magenta_qa.scenarios.shop import BUGS, PASSWORD, SUITE, serve
from magenta_qa.scenarios.shop.verdicts import load_truth

CONFTEST = """import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **%r}
"""
_OUTCOME = re.compile(r"^(?:\S+/)?test_(\w+)\.py::\S+ (PASSED|FAILED|ERROR)", re.MULTILINE)


def prepare(folder: Path) -> tuple[Path, list[str]]:
    """An environment with pytest-playwright alone, and the exported tests; its Python and the scenarios' names."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "pytest-playwright", "pytest-xdist"], check=True)
    packages = subprocess.run([python, "-m", "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert "magenta" not in packages, packages
    (folder / "conftest.py").write_text(CONFTEST % launch_args(require_browser(os.environ)))
    names = []
    for path in sorted(SUITE.glob("*.scenario.yaml")):
        try:
            text = export_scenario(path)
        except ExportError as error:
            print(f"not exported: {error}")
            continue
        name = path.name.partition(".")[0]
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
        names.append(name)
    for path in SUITE.iterdir():
        if ".scenario." not in path.name:
            shutil.copy(path, folder)
    return python, names


def outcomes(python: Path, folder: Path, names: Sequence[str], bug: str | None, workers: int) -> dict[str, str]:
    """Scenario → PASSED, FAILED or ERROR."""
    with serve(bug=bug) as shop:
        tests = [f"test_{name}.py" for name in names]
        command = [python, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--base-url", shop.url, *tests]
        command += ["-n", str(workers)] if workers > 1 and len(tests) > 1 else []
        environment = {**os.environ, "SHOP_PASSWORD": PASSWORD}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    found = dict(_OUTCOME.findall(done.stdout))
    found |= {name: word for word, name in re.findall(r"(PASSED|FAILED|ERROR) test_(\w+)\.py::", done.stdout)}
    if bug is None:
        print(
            "\n".join(line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "E  ")))[:6000]
        )
    return found


def main() -> int:
    """Run the bench; exit code 1 if a test did not pass on the clean shop, or missed a defect."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bugs", nargs="*", default=sorted(BUGS), metavar="NAME")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="magenta-export-"))
    python, names = prepare(folder)
    clean = outcomes(python, folder, names, None, options.workers)
    passed = [name for name in names if clean.get(name) == "PASSED"]
    print(f"clean: {len(passed)} of {len(names)} passed; not: {', '.join(sorted(set(names) - set(passed))) or 'none'}")
    seen = should = 0
    for bug in options.bugs:
        affected = [name for name in load_truth().bugs.get(bug, {}) if name in passed]
        if not affected:
            continue
        found = outcomes(python, folder, affected, bug, options.workers)
        missed = [name for name in affected if found.get(name) == "PASSED"]
        should, seen = should + len(affected), seen + len(affected) - len(missed)
        noticed = f"{len(affected) - len(missed)} of {len(affected)} failed"
        print(f"{bug:24} {noticed}   missed by: {', '.join(missed) or 'none'}", flush=True)
    print(
        f"\nexported {len(names)} of {len(list(SUITE.glob('*.scenario.yaml')))}   clean: {len(passed)} passed   "
        f"under {len(options.bugs)} defects: {seen} of {should} failed as they should"
    )
    shutil.rmtree(folder, ignore_errors=True)
    return int(len(passed) != len(names) or seen != should)


if __name__ == "__main__":
    sys.exit(main())
