"""`magenta scrub DIR`: applies the rules of today to what was logged under older ones, and proves it.

    magenta scrub .magenta --private .balance --value "Jane Roe"
    412 lines and 87 pictures checked: 31 lines and 9 pictures changed
    proved: no line, layout or picture holds anything that the rules find

Lines are masked again. In pictures the layout beside each (`layout`) says where something stands that the rules find;
it is painted over, and its text masked everywhere. A picture without a layout cannot be proved clean: with
--drop-unchecked it goes, and its lines with it.
Reports, the cache of descriptions and pictures that wait to become baselines are deleted; a run makes them anew.
Traces are masked like lines. Afterwards everything is read again, and the command ends well only if the rules find
nothing more.
"""

import io
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from bs4 import BeautifulSoup

from magenta_qa.agent.baselines import WAITING
from magenta_qa.agent.log import LOG_FILE, to_webp
from magenta_qa.agent.privacy.files import write_atomically
from magenta_qa.agent.privacy.layout import SUFFIX, Layout, load_layout
from magenta_qa.agent.privacy.paint import PAINT, paint_over
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.private_text import MASK
from magenta_qa.model.schema import Box

EXIT_UNPROVED = 1
_TOLERANCE = 40
"""How far a painted pixel may be from the paint after the picture was compressed."""


@dataclass(slots=True)
class Scrubbed:
    """What was done."""

    lines: int = 0
    changed_lines: int = 0
    pictures: int = 0
    changed_pictures: int = 0
    dropped_lines: int = 0
    unchecked: list[Path] = field(default_factory=list)
    """Pictures without a layout."""
    boxes: dict[str, list[Box]] = field(default_factory=dict)
    """Picture → where the rules found something in it."""
    left: list[str] = field(default_factory=list)
    """What the rules still find afterwards."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--private", "selectors", multiple=True, metavar="SELECTOR", help="CSS selector of what is private.")
@click.option("--value", "values", multiple=True, metavar="TEXT", help="A text that must not be there.")
@click.option("--drop-unchecked", is_flag=True, help="Delete pictures that cannot be proved clean, and their lines.")
def scrub(folder: Path, selectors: tuple[str, ...], values: tuple[str, ...], drop_unchecked: bool) -> int:
    """Mask what is private in old logs, texts and pixels, and prove it.

    DIR is a .magenta folder. The selectors of [tool.magenta] count too.
    """
    from magenta_qa.agent.plugin.configuration import build_configuration, read_project

    cwd = Path.cwd()
    settings = build_configuration({}, os.environ, read_project(Path("pyproject.toml")), folder=cwd, cwd=cwd).settings
    privacy = Privacy((*settings.private, *selectors))
    privacy.note(values)
    done = scrub_folder(folder, privacy, drop_unchecked=drop_unchecked)
    changed = f"{done.changed_lines} lines and {done.changed_pictures} pictures changed"
    click.echo(f"{done.lines} lines and {done.pictures} pictures checked: {changed}")
    if done.dropped_lines:
        click.echo(f"{done.dropped_lines} lines whose picture could not be checked were deleted with it")
    for problem in done.left[:20]:
        click.echo(f"still there: {problem}", err=True)
    if done.unchecked:
        message = f"{len(done.unchecked)} pictures have no layout and cannot be proved clean: {done.unchecked[0]}, …"
        click.echo(f"{message}; --drop-unchecked deletes them and their lines", err=True)
    if done.left or done.unchecked:
        return EXIT_UNPROVED
    click.echo("proved: no line, layout or picture holds anything that the rules find")
    return 0


def scrub_folder(folder: Path, privacy: Privacy, *, drop_unchecked: bool = False) -> Scrubbed:
    """Apply the rules to everything below a `.magenta` folder.

    Args:
        folder: It, or its `log`.
        privacy: The rules.
        drop_unchecked: Whether pictures without a layout go.
    """
    done = Scrubbed()
    pictures = sorted(folder.rglob("images/*.webp"))
    for path in pictures:
        _scrub_picture(path, privacy, done)
    dropped = {path.stem for path in done.unchecked} if drop_unchecked else set()
    for log in sorted(folder.rglob(LOG_FILE)):
        _scrub_log(log, privacy, dropped, done)
    for path in done.unchecked if drop_unchecked else ():
        path.unlink()
    done.unchecked = [] if drop_unchecked else done.unchecked
    for trace in sorted(folder.glob("runs/*/*.json")):
        write_atomically(trace, json.dumps(privacy.mask_all(json.loads(trace.read_bytes()))).encode())
    _forget_derived(folder)
    done.left = list(_left(folder, privacy))
    return done


def _scrub_picture(path: Path, privacy: Privacy, done: Scrubbed) -> None:
    done.pictures += 1
    beside = path.with_name(path.stem + SUFFIX)
    try:
        layout = load_layout(beside.read_bytes())
    except (OSError, DatasetError):
        done.unchecked.append(path)
        return
    privacy.note(layout.private_texts(privacy))
    done.boxes[path.stem] = boxes = layout.find(privacy)
    if boxes:
        # The picture first: whoever interrupts this finds the layout still saying what is left to do.
        write_atomically(path, to_webp(paint_over(path.read_bytes(), boxes, layout.viewport[0])))
        done.changed_pictures += 1
    if not _is_clean(path, layout, privacy):
        done.left.append(f"{path}: not painted over")
    elif boxes:
        write_atomically(beside, layout.without(privacy).dump())


def _is_clean(path: Path, layout: Layout, privacy: Privacy) -> bool:
    """Whether the pixels of everything that the rules find are paint and nothing else."""
    from PIL import Image

    with Image.open(io.BytesIO(path.read_bytes())) as opened:
        image = opened.convert("RGB")
    scale = image.width / layout.viewport[0]
    for box in layout.find(privacy):
        edges = (box.x, box.y, box.x + box.width, box.y + box.height)
        left, top, right, bottom = (round(v * scale) for v in edges)
        crop = image.crop((max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height)))
        if crop.width > 0 and crop.height > 0 and any(_differs(crop.getchannel(i).getextrema(), i) for i in range(3)):
            return False
    return True


def _differs(extrema: Any, channel: int) -> bool:  # noqa: ANN401 - Pillow's
    low, high = extrema
    return bool(abs(low - PAINT[channel]) > _TOLERANCE or abs(high - PAINT[channel]) > _TOLERANCE)


def _scrub_log(log: Path, privacy: Privacy, dropped: set[str], done: Scrubbed) -> None:
    """A line at a time into a new file, which then takes the old one's place."""
    new = log.with_name(f".{log.name}.scrubbed")
    with log.open("rb") as old, new.open("wb") as file:
        for line in old:
            row = _row(line)
            if row is None:
                continue  # torn: nothing reads it, and what is in it cannot be told
            done.lines += 1
            if row.get("image") in dropped:
                done.dropped_lines += 1
                continue
            masked = _masked_row(row, privacy, done.boxes.get(str(row.get("image")), ()))
            done.changed_lines += masked != row
            file.write(json.dumps(masked, ensure_ascii=False).encode(errors="replace") + b"\n")
    new.replace(log)


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _masked_row(row: dict[str, Any], privacy: Privacy, boxes: Sequence[Box] = ()) -> dict[str, Any]:
    """The line without what the rules find; `boxes` are where they find something in its picture."""
    masked = privacy.mask_all(row)
    masked["html"] = privacy.mask_html(_hidden(str(row.get("html") or ""), privacy))
    masked["locators"] = [each for each in row.get("locators") or () if not privacy.finds(str(each))]
    if _covers(boxes, row.get("box")):
        masked["locators"] = []
        masked |= {name: MASK for name in ("text", "value") if row.get(name)}
    return masked


def _covers(boxes: Sequence[Box], box: object) -> bool:
    """Whether the middle of a line's element lies in one of the boxes."""
    if not isinstance(box, list) or len(box) != 4:
        return False
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return any(b.x <= x <= b.x + b.width and b.y <= y <= b.y + b.height for b in boxes)


def _hidden(html: str, privacy: Privacy) -> str:
    """The HTML without what the selectors match."""
    if not privacy.selectors or not html:
        return html
    soup = BeautifulSoup(html, "html.parser")
    found = soup.select(", ".join(privacy.selectors))
    for tag in found:
        tag.attrs = {}
        tag.string = MASK
    return str(soup) if found else html


def _forget_derived(folder: Path) -> None:
    for path in [*folder.glob("report*.html"), *folder.glob("report*.md")]:
        path.unlink()
    for name in ("cache", WAITING):
        shutil.rmtree(folder / name, ignore_errors=True)


def _left(folder: Path, privacy: Privacy) -> Iterator[str]:
    """What the rules find in what is there now."""
    for path in sorted(folder.rglob(LOG_FILE)):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                row = _row(line)
                if row is None or _masked_row(row, privacy) != row:
                    yield f"{path}:{number}"
    for path in sorted(folder.glob("runs/*/*.json")):
        trace = json.loads(path.read_bytes())
        if privacy.mask_all(trace) != trace:
            yield str(path)
    for path in sorted(folder.rglob(f"*{SUFFIX}")):
        if load_layout(path.read_bytes()).find(privacy):
            yield str(path)
