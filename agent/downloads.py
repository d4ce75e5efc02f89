"""Keeps what the page gave to download.

save_downloads(watch, Path(".magenta/downloads"))      # receipt.pdf, receipt (2).pdf, …
"""

import re
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.watch import Watch

SAVE_SECONDS = 30.0


def save_downloads(watch: Watch, folder: Path) -> None:
    """Save each download that was not saved yet; one that the server broke off is among the failed requests."""
    while watch.downloads:
        download = watch.downloads.pop(0)
        path = _free_path(folder, download.suggested_filename)
        try:
            watch.run(lambda d=download, p=path: d.save_as(p), SAVE_SECONDS)  # type: ignore[misc]
        except PlaywrightError:
            continue


def _free_path(folder: Path, name: str) -> Path:
    """Where a download goes: names come from the page, so only their last part counts."""
    plain = re.sub(r"[^\w.() -]", "_", Path(name.replace("\\", "/")).name).lstrip(".") or "download"
    path = folder / plain
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{Path(plain).stem} ({number}){Path(plain).suffix}"
    return path
