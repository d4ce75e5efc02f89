"""Fetches the packages that real pages come from, below `build/`: npm's as unpacked files, PyPI's into environments of their own.

    fetched(SOURCES["uikit"], folder)        -> build/corpus/real/npm/uikit/package
    installed(SOURCES["datasette"], folder)  -> build/corpus/real/apps/datasette/venv

What is there in the wanted version is not fetched again. Of npm packages only the files are read: nothing they depend on is
fetched, and none of their scripts is run.
"""

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from magenta_qa.finetune.corpus.real.sources import Source, require_allowed
from magenta_qa.model.errors import DatasetError

_SECONDS = 900


def fetched(source: Source, folder: Path) -> Path:
    """The unpacked files of an npm package.

    Raises:
        DatasetError: npm is missing or cannot fetch it; names the package.
    """
    require_allowed(source.package)
    home = folder / "npm" / source.site
    wanted = f"{source.package}@{source.version}"
    if not _is_done(home, wanted):
        _begin(home)
        _run(["npm", "pack", "--loglevel=error", wanted], home, wanted)
        for archive in home.glob("*.tgz"):
            with tarfile.open(archive) as opened:
                opened.extractall(home, filter="data")
            archive.unlink()
        (home / "done").write_text(wanted, "utf-8")
    return next(path for path in sorted(home.iterdir()) if path.is_dir())


def installed(source: Source, folder: Path) -> Path:
    """The virtual environment that an application of PyPI is installed into, apart from everything else.

    Raises:
        DatasetError: pip cannot install it; names the package.
    """
    require_allowed(source.package)
    home = folder / "apps" / source.site
    wanted = [f"{source.package}=={source.version}", *source.extras]
    if not _is_done(home, " ".join(wanted)):
        _begin(home)
        _run([sys.executable, "-m", "venv", "venv"], home, wanted[0])
        _run([str(python_of(home / "venv")), "-m", "pip", "install", "--quiet", *wanted], home, wanted[0])
        (home / "done").write_text(" ".join(wanted), "utf-8")
    return home / "venv"


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment.resolve() / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def command_of(environment: Path, name: str) -> Path:
    """A command of a virtual environment."""
    return python_of(environment).with_name(name)


def _is_done(home: Path, wanted: str) -> bool:
    mark = home / "done"
    return mark.exists() and mark.read_text("utf-8") == wanted


def _begin(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)


def _run(command: Sequence[str], folder: Path, package: str) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=_SECONDS)
    except FileNotFoundError as error:
        raise DatasetError(f"cannot fetch {package}: there is no {command[0]}; install Node.js 20 or newer") from error
    except subprocess.TimeoutExpired as error:
        raise DatasetError(f"cannot install {package}: {command[0]} has not finished in {_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        raise DatasetError(
            f"cannot install {package}: {(error.stderr or error.stdout or '')[-400:].strip()}"
        ) from error
