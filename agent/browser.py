"""Finds the Chromium that the agent drives, says how to launch it, and installs one where there is none.

    found = find_browser(os.environ)       -> FoundBrowser(path=Path("/usr/bin/chromium"), origin="installed")
    launch_args(found)                     -> {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", …]}
    install_browser(os.environ, print)     -> True when a browser is there afterwards

Order: `MAGENTA_BROWSER`, Playwright's own Chromium, then a headless shell unless a window is wanted (Playwright too
runs one), then Chrome, Edge or Chromium where they usually are.
The environment comes in as a parameter: only the command line and the pytest plugin read it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from magenta_qa.model.errors import BrowserError

OVERRIDE = "MAGENTA_BROWSER"
LAUNCH_ARGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--site-per-process",  # a headless shell isolates no sites by itself, and a frame that hangs would hang the page
)
_WITHOUT = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""Features of a whole browser that cost more than the pages: two hidden pages of its address bar for each window."""
_SWITCHES = ("lib/coreBundle.js", "lib/server/chromium/chromiumSwitches.js")
"""Where Playwright's driver keeps its launch arguments, by version."""
REMEDY = (
    "run `magenta doctor --install`, or `python -m playwright install chromium`, or install Chrome, Edge or Chromium; "
    f"to use a browser in an unusual place, set {OVERRIDE} to its path"
)
_INSTALL_SECONDS = 900
_WINDOWLESS_COMMANDS = ("chromium-headless-shell", "chrome-headless-shell")
_COMMANDS = (
    "google-chrome-stable",
    "google-chrome",
    "chromium",
    "chromium-browser",
    "microsoft-edge-stable",
    "microsoft-edge",
    "brave-browser",
    "chrome",
    "msedge",
)
_MAC_APPS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS_PROGRAMS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
_LINUX_PATHS = (
    "/opt/google/chrome/chrome",
    "/opt/microsoft/msedge/msedge",
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/snap/bin/chromium",
    "/var/lib/flatpak/exports/bin/org.chromium.Chromium",
)


@dataclass(frozen=True, slots=True)
class FoundBrowser:
    """A browser that can be launched."""

    path: Path | None
    """Its executable; None for Playwright's own, which Playwright finds by itself."""
    origin: Literal["override", "playwright", "installed"]

    def __str__(self) -> str:
        return "Playwright's own Chromium" if self.path is None else str(self.path)


def find_browser(
    environ: Mapping[str, str], *, headed: bool = False, platform: str = sys.platform
) -> FoundBrowser | None:
    """The browser to use, or None when there is none.

    Args:
        environ: The environment.
        headed: Whether it must be able to open a window.
        platform: As in `sys.platform`.

    Raises:
        BrowserError: `MAGENTA_BROWSER` names something that is not there.
    """
    override = environ.get(OVERRIDE)
    if override:
        return FoundBrowser(_overriding(override, environ), "override")
    if _has_own_browser(environ, platform):
        return FoundBrowser(None, "playwright")
    path = next(_installed(environ, platform, headed), None)
    return FoundBrowser(path, "installed") if path else None


def require_browser(environ: Mapping[str, str], *, headed: bool = False) -> FoundBrowser:
    """The browser to use; `headed` when it must be able to open a window.

    Raises:
        BrowserError: There is none; says what to do.
    """
    found = find_browser(environ, headed=headed)
    if found is None:
        raise BrowserError(f"no browser found: {REMEDY}")
    return found


def launch_args(found: FoundBrowser, *, root: bool | None = None) -> dict[str, Any]:
    """Keyword arguments for Playwright's `launch`.

    Args:
        found: What `find_browser` returned.
        root: Whether this process runs as root, where Chromium's sandbox cannot start; None: ask the system.
    """
    as_root = _is_root() if root is None else root
    args: dict[str, Any] = {"args": [*(["--no-sandbox"] if as_root else []), *LAUNCH_ARGS]}
    if found.path is not None:
        args["args"] = [*args["args"], *_leaner()]
        args["executable_path"] = str(found.path)
    return args


@cache
def _leaner() -> list[str]:
    """An argument that switches off what Playwright does, and the hidden pages that a whole browser opens besides.

    Chromium keeps only the last list of features to disable, so that this one has Playwright's own features too; where
    they cannot be read, Playwright's argument stands as it is.
    """
    package = _playwright_package()
    files = (package / name for name in _SWITCHES) if package else ()
    source = next((path.read_text(encoding="utf-8") for path in files if path.exists()), "")
    listed = re.search(r"disabledFeatures = [^\[]*\[(.*?)\]\.filter", source, re.DOTALL)
    names = re.findall(r'^\s*"(\w+)",?\s*$', listed[1], re.MULTILINE) if listed else []
    return [f"--disable-features={','.join((*names, *_WITHOUT))}"] if names else []


def install_browser(environ: Mapping[str, str], echo: Callable[[str], None]) -> bool:
    """Make sure that there is a browser: Playwright's own, else the distribution's Chromium on Debian and Ubuntu.

    Args:
        environ: The environment, also for the installers.
        echo: Gets one line for each thing tried, and what to do when nothing worked.
    """
    found = find_browser(environ)
    if found is not None:
        echo(f"browser: {found}")
        return True
    for command in _install_commands(root=_is_root()):
        echo(f"running: {' '.join(command)}")
        failure = _failure_of(command, environ)
        found = find_browser(environ)
        if found is not None:
            echo(f"browser: {found}")
            return True
        echo(f"that gave no browser: {failure or 'it ended well, but no browser is there'}")
    echo(f"no browser could be installed: {REMEDY}")
    return False


def _overriding(override: str, environ: Mapping[str, str]) -> Path:
    path = shutil.which(override, path=environ.get("PATH"))
    if path is None:
        raise BrowserError(f"{OVERRIDE}={override!r} is no executable: give the full path of Chrome, Edge or Chromium")
    return Path(path)


def _has_own_browser(environ: Mapping[str, str], platform: str) -> bool:
    """Whether the Chromium revision that the installed Playwright wants has been downloaded completely."""
    package = _playwright_package()
    folder = package and _own_browsers_folder(environ, platform, package)
    if not package or not folder or not folder.is_dir():
        return False
    listing = json.loads((package / "browsers.json").read_text(encoding="utf-8"))
    wanted = [
        folder / f"{browser['name'].replace('-', '_')}-{browser['revision']}"
        for browser in listing["browsers"]
        if browser["name"] in ("chromium", "chromium-headless-shell")
    ]
    return bool(wanted) and all((each / "INSTALLATION_COMPLETE").exists() for each in wanted)


def _playwright_package() -> Path | None:
    """Folder of the driver's JavaScript package; the spec is enough, importing Playwright takes 0.3 s."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent / "driver" / "package"
    return package if (package / "browsers.json").exists() else None


def _own_browsers_folder(environ: Mapping[str, str], platform: str, package: Path) -> Path:
    """Where Playwright keeps downloaded browsers. Source: https://playwright.dev/python/docs/browsers."""
    chosen = environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen == "0":
        return package / ".local-browsers"
    if chosen:
        return Path(chosen)
    home = Path(environ.get("USERPROFILE" if platform == "win32" else "HOME") or Path.home())
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ms-playwright"
    if platform == "darwin":
        return home / "Library" / "Caches" / "ms-playwright"
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "ms-playwright"


def _installed(environ: Mapping[str, str], platform: str, headed: bool) -> Iterator[Path]:
    """Browsers that stand on PATH or where their installers put them, best first."""
    for command in (*(() if headed else _WINDOWLESS_COMMANDS), *_COMMANDS):
        path = shutil.which(command, path=environ.get("PATH"))
        if path:
            yield Path(path)
    for place in _usual_places(environ, platform):
        if place.is_file() and os.access(place, os.X_OK):
            yield place


def _usual_places(environ: Mapping[str, str], platform: str) -> Iterator[Path]:
    if platform == "darwin":
        for folder in (Path("/Applications"), Path(environ.get("HOME", "/")) / "Applications"):
            yield from (folder / app for app in _MAC_APPS)
    elif platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if environ.get(variable):
                yield from (Path(environ[variable]) / program for program in _WINDOWS_PROGRAMS)
    else:
        yield from map(Path, _LINUX_PATHS)


def _install_commands(*, root: bool) -> list[list[str]]:
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if root and shutil.which("apt-get"):
        commands.append(["apt-get", "update"])
        # Ubuntu has no package of the headless shell, and with it nothing would be installed.
        commands.append(["apt-get", "install", "-y", "--no-install-recommends", "chromium", "chromium-headless-shell"])
        commands.append(["apt-get", "install", "-y", "--no-install-recommends", "chromium"])
    return commands


def _failure_of(command: list[str], environ: Mapping[str, str]) -> str:
    """Why the command failed, in one line; empty when it did not."""
    try:
        done = subprocess.run(
            command,
            env={**environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
