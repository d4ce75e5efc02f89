"""Counts what a dataset holds, and shows some of its rows as the model sees them.

    found = dataset_stats("data/shop", pictures=24)
    found.counts["element type"]      # {"button": 5120, "link": 2011, …}
    found.lengths["label, characters"]   # Spread(smallest=9, median=38, largest=211)
    write_page(found, Path("stats.html"))    # one file that asks the network for nothing

The rows that are shown are spread evenly over the dataset: each is kept with equal chance as the stream passes by.
"""

import base64
import io
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from magenta_qa.finetune.columns import row_from
from magenta_qa.finetune.dataset import find_source
from magenta_qa.finetune.dataset_check import entries_of
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.finetune.row import Row, row_picture, row_prompt
from magenta_qa.finetune.splits import page_of, site_of
from magenta_qa.finetune.tally import Tally
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.schema import View

TOP = 20
"""Kinds that are listed by name."""
BINS = (0, 25, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 10**9)
"""Edges of the bars of lengths."""
PICTURE_QUALITY = 85


@dataclass(slots=True)
class Spread:
    """How long something is, over all rows."""

    counts: Counter[int] = field(default_factory=Counter)
    """Length → rows; lengths are few even where rows are many."""

    @property
    def smallest(self) -> int:
        """Of all rows."""
        return min(self.counts, default=0)

    @property
    def largest(self) -> int:
        """Of all rows."""
        return max(self.counts, default=0)

    @property
    def median(self) -> int:
        """Half of the rows are no longer."""
        seen = 0
        for length in sorted(self.counts):
            seen += self.counts[length]
            if 2 * seen >= self.counts.total():
                return length
        return 0

    def bars(self) -> list[tuple[str, int]]:
        """("25 to 49", rows) for each range that is not empty."""
        pairs = pairwise(BINS)
        found = [
            (low, high, sum(n for length, n in self.counts.items() if low <= length < high)) for low, high in pairs
        ]
        return [(f"{low} to {high - 1}" if high < 10**9 else f"from {low}", n) for low, high, n in found if n]


@dataclass(frozen=True, slots=True)
class Shown:
    """A row on the page."""

    name: str
    picture: str
    """A data URL; empty if it cannot be shown."""
    problem: str
    prompt: str
    label: str
    source: str
    site: str


@dataclass(slots=True)
class Stats:
    """What a dataset holds."""

    path: str
    rows: Counter[str] = field(default_factory=Counter)
    """Split → rows."""
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    lengths: dict[str, Spread] = field(default_factory=dict)
    unreadable: Tally = field(default_factory=Tally)
    shown: list[Shown] = field(default_factory=list)


def dataset_stats(path: str, *, pictures: int = 0, seed: int = 0, progress: OnProgress | None = None) -> Stats:
    """Count all rows of all splits.

    Args:
        path: A dataset, or a `.json` or `.jsonl` file of records.
        pictures: How many rows to keep for the page.
        seed: Which ones.
        progress: Told now and then.

    Raises:
        DatasetError: It cannot be read.
    """
    stats = Stats(path if path.endswith((".json", ".jsonl")) else find_source(path).path)
    chance, kept = random.Random(seed), list[tuple[str, Row]]()
    for number, (name, split, found) in enumerate(entries_of(path)):
        stats.rows[split] += 1
        try:
            row = row_from(found) if isinstance(found, dict) else found
        except DatasetError as error:
            row = str(error).partition(": ")[2]
        if isinstance(row, str):
            stats.unreadable.add(row, name)
            continue
        _count(stats, row)
        _keep(kept, (name, row), number, pictures, chance)
        if progress and number % 100 == 0:
            progress("counting", number, None)
    stats.shown = [_shown(name, row) for name, row in kept]
    return stats


def _count(stats: Stats, row: Row) -> None:
    kinds = {
        "site": site_of(row),
        "page": f"{site_of(row)} {page_of(row.url)}" if row.url else "",
        "element type": row.element_type,
        "action type": row.action_type,
        "label by": row.summary_source,
        "picture": "screenshot with a box" if row.box else "outlined already",
        "text": "has text" if row.text.strip() else "no text (icon, image, empty field)",
    }
    for kind, name in kinds.items():
        stats.counts.setdefault(kind, Counter())[name] += 1
    lengths = {"label, characters": row.summary, "surrounding HTML, characters": row.html, "text, characters": row.text}
    for kind, text in lengths.items():
        stats.lengths.setdefault(kind, Spread()).counts[len(text)] += 1


def _keep(kept: list[tuple[str, Row]], entry: tuple[str, Row], number: int, wanted: int, chance: random.Random) -> None:
    """Reservoir sampling (Vitter 1985, algorithm R)."""
    if len(kept) < wanted:
        kept.append(entry)
    elif (place := chance.randrange(number + 1)) < wanted:
        kept[place] = entry


def _shown(name: str, row: Row) -> Shown:
    picture, problem = "", ""
    try:
        out = io.BytesIO()
        row_picture(row, View()).save(out, "WEBP", quality=PICTURE_QUALITY)
        picture = f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"
    except DatasetError as error:
        problem = str(error)
    return Shown(name, picture, problem, row_prompt(row), row.summary, row.summary_source, site_of(row))


def write_page(stats: Stats, out: Path) -> None:
    """Write everything as one HTML file; text of pages is escaped, and no script runs in it.

    Raises:
        DatasetError: It cannot be written.
    """
    templates = Environment(
        loader=PackageLoader("magenta_qa.finetune"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = templates.get_template("stats.html.j2").render(stats=stats, top=TOP)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8", errors="replace")
    except OSError as error:
        raise DatasetError(f"cannot write {out}: {error}; choose another place") from error


def print_stats(stats: Stats) -> None:
    """Print the counts as tables."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    total = stats.rows.total()
    console.print(Text(f"{stats.path}: {total:,} rows; " + ", ".join(f"{n:,} {s}" for s, n in stats.rows.items())))
    table = Table("kind", "", "rows", "share", box=None)
    for kind, counts in stats.counts.items():
        for place, (name, rows) in enumerate(counts.most_common(TOP)):
            table.add_row(Text("" if place else kind), Text(name or "-"), f"{rows:,}", f"{rows / total:.0%}")
        if len(counts) > TOP:
            table.add_row("", f"and {len(counts) - TOP} more", "", "")
    for kind, spread in stats.lengths.items():
        table.add_row(Text(kind), f"{spread.smallest} to {spread.largest}, median {spread.median}", "", "")
    console.print(table)
    for line in stats.unreadable.lines():
        console.print(Text(f"cannot be read: {line}", "red"))
