"""Says what the agent needs, what is there, and what to do about what is not.

magenta doctor [--install]

 ✓  Python      3.11.7
 ✓  browser     /usr/bin/chromium: Chromium 156.0.8078.79
 ✗  model       openai:m@http://localhost:8000 does not answer (connection refused)
                → start the server, or use --magenta-understanding accessible
"""

import importlib.metadata
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from magenta_qa.agent.browser import REMEDY, find_browser, install_browser, launch_args
from magenta_qa.agent.plugin.configuration import build_configuration, read_project
from magenta_qa.model.embedded.files import folder_of, is_embedded, read_files
from magenta_qa.model.errors import BrowserError, ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from magenta_qa.agent.settings import Settings

OLDEST_PYTHON = (3, 11)
FIRST_UNTRIED_PYTHON = (3, 14)
DISTRIBUTION = "magenta-qa"
LAUNCH_MS = 30_000
ENDPOINT_SECONDS = 5.0
_TELLING = re.compile(r"error while loading|cannot open|No such file|denied|sandbox")
_EXTRA = re.compile(r"^([\w.-]+).*;.*extra\s*==\s*[\"']([\w-]+)[\"']")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    """What to do when it is not ok."""
    needed: bool = True
    """Whether the agent cannot work without it."""


def run_doctor(
    environ: Mapping[str, str], *, install: bool = False, folder: Path | None = None, console: "Console | None" = None
) -> int:
    """Look, install a browser if that is wanted and needed, and print what was found.

    Args:
        environ: The environment.
        install: Whether to install a browser where there is none.
        folder: Whose pyproject.toml counts; the current one by default.
        console: Where to print; standard output by default.

    Returns:
        0 when everything that is needed is there, else 1.
    """
    from rich.console import Console

    console = console or Console(highlight=False)
    if install:
        install_browser(environ, lambda line: console.print(line, markup=False))
    checks = diagnose(environ, folder or Path.cwd())
    _print(checks, console)
    return 0 if all(check.ok or not check.needed for check in checks) else 1


def diagnose(environ: Mapping[str, str], folder: Path) -> list[Check]:
    """Everything that is looked for.

    Args:
        environ: The environment.
        folder: Where pyproject.toml and the agent's home are.
    """
    checks = [_python(sys.version_info[:3]), _playwright(), _browser(environ)]
    try:
        project = read_project(folder / "pyproject.toml")
        settings = build_configuration({}, environ, project, folder=folder, cwd=folder).settings
    except ConfigError as error:
        return [*checks, Check("settings", False, str(error), "correct that value")]
    return [*checks, _home(settings.home), *_back_ends(settings), *_extras()]


def _python(version: tuple[int, ...]) -> Check:
    found = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return Check("Python", False, found, "use Python 3.11, 3.12 or 3.13")
    if version >= FIRST_UNTRIED_PYTHON:
        return Check("Python", False, f"{found} has not been tried", "prefer Python 3.11 to 3.13", needed=False)
    return Check("Python", True, found)


def _playwright() -> Check:
    try:
        return Check("Playwright", True, importlib.metadata.version("playwright"))
    except importlib.metadata.PackageNotFoundError:
        return Check("Playwright", False, "is not installed", "pip install playwright")


def _browser(environ: Mapping[str, str]) -> Check:
    """Not only found, but started: a browser without its libraries is none."""
    try:
        found = find_browser(environ)
    except BrowserError as error:
        return Check("browser", False, str(error), REMEDY)
    if found is None:
        return Check("browser", False, "none found", REMEDY)
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_args(found), timeout=LAUNCH_MS)
            version = browser.version
            browser.close()
    except Error as error:
        return Check("browser", False, f"{found} does not start: {_reason(error)}", REMEDY)
    return Check("browser", True, f"{found}: Chromium {version}")


def _reason(error: Exception) -> str:
    """The line of Playwright's long message that says what is wrong, such as a missing library."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and "<launching>" not in line]
    telling = [line for line in lines if _TELLING.search(line)]
    return (telling or lines or ["unknown reason"])[0][:300]


def _home(home: Path) -> Check:
    there = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        remedy = "make it writable, or set --magenta-home to a folder that is"
        return Check("home", False, f"{home} cannot be written to: {error.strerror or error}", remedy)
    return Check("home", True, f"{home} is writable")


def _back_ends(settings: "Settings") -> Iterator[Check]:
    for name, spec, fallback in (
        ("understanding", settings.understanding, "accessible"),
        ("decision", settings.decision, "rules"),
    ):
        if is_embedded(spec):
            problem = _files_problem(spec) if name == "understanding" else _reranker_problem(spec)
            yield Check(name, not problem, problem or f"{spec}, whole", f"or use --magenta-{name} {fallback}")
            continue
        if not spec.startswith("openai:"):
            yield Check(name, True, f"{spec} (no server needed)")
            continue
        problem = _endpoint_problem(spec, settings.api_key)
        remedy = f"start that server, correct the address, or use --magenta-{name} {fallback}"
        yield Check(name, not problem, f"{spec} {problem or 'answers'}", remedy if problem else "", needed=False)


def _reranker_problem(spec: str) -> str:
    """Why the files that decide cannot be used; empty when they can."""
    from magenta_qa.model.reranker.files import GRAPH, PIECES, folder_of, read_file, read_manifest

    try:
        folder = folder_of(spec)
        manifest = read_manifest(folder)
        read_file(folder / GRAPH, manifest.graph)
        read_file(folder / PIECES, manifest.pieces)
    except ConfigError as error:
        return str(error)
    return ""


def _files_problem(spec: str) -> str:
    """Why an exported model cannot be used; empty when its files are there and whole."""
    try:
        read_files(folder_of(spec))
    except ConfigError as error:
        return str(error)
    return ""


def _endpoint_problem(spec: str, api_key: str | None) -> str:
    """Why an OpenAI-compatible endpoint cannot be used; empty when it can."""
    from magenta_qa.model.endpoint import parse_address

    try:
        address = parse_address(spec)
    except ConfigError as error:
        return str(error)
    problems = {url: _url_problem(url, address.model, api_key) for url in address.urls}
    if len(problems) == 1:
        return next(iter(problems.values()))
    return "; ".join(f"{url} {problem}" for url, problem in problems.items() if problem)


def _url_problem(url: str, model: str, api_key: str | None) -> str:
    import httpx

    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        answer = httpx.get(f"{url}/models", headers=headers, timeout=ENDPOINT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"does not answer ({str(error) or type(error).__name__})"
    if answer.status_code in (401, 403):
        return f"refuses the key ({answer.status_code}); set MAGENTA_API_KEY"
    if answer.is_error:
        return f"answers with status {answer.status_code}"
    return _model_problem(answer.text, model)


def _model_problem(listing: str, model: str) -> str:
    import json

    try:
        served = [str(entry["id"]) for entry in json.loads(listing)["data"]]
    except (ValueError, KeyError, TypeError):
        return ""  # some servers list nothing; they answer, and that is what counts
    return "" if not served or model in served else f'serves no model "{model}", but {", ".join(served[:5])}'


def _extras() -> Iterator[Check]:
    """The optional parts that this distribution declares, and whether what they need is installed."""
    needs: dict[str, list[str]] = {}
    for requirement in _requirements():
        match = _EXTRA.match(requirement)
        if match and match[2] != "dev":
            needs.setdefault(match[2], []).append(match[1])
    for extra, packages in sorted(needs.items()):
        missing = [package for package in packages if not _is_installed(package)]
        found = f"needs {', '.join(missing)}" if missing else "installed"
        remedy = f"pip install '{DISTRIBUTION}[{extra}]'" if missing else ""
        yield Check(f"[{extra}]", not missing, found, remedy, needed=False)


def _requirements() -> list[str]:
    try:
        return importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return []


def _is_installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _print(checks: list[Check], console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for check in checks:
        sign = Text("✓", "green") if check.ok else Text("✗", "red") if check.needed else Text("–", "yellow")
        table.add_row(sign, Text(check.name, "bold"), Text(check.found))
        if check.remedy:
            table.add_row("", "", Text(f"→ {check.remedy}", "yellow"))
    console.print(table)
