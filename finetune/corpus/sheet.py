"""Contact sheets: random rows as a model is shown them, beside their descriptions, steps and HTML, for people's eyes."""

import textwrap
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
from PIL import Image, ImageDraw, ImageFont

from magenta_qa.finetune.columns import row_from
from magenta_qa.finetune.row import Row, row_picture
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.schema import View

CROP_PX = 300
COLUMNS = 5
_TEXT_PX = 150
_FONT_PX = 12
_WRAP = 46
"""Characters that fit into a column."""


def draw_sheet(corpus: Path, split: str, rows: int, seed: int, kind: str | None = None) -> Image.Image:
    """One sheet.

    Args:
        corpus: A build's folder.
        split: Of the rows.
        rows: How many.
        seed: Chooses them.
        kind: Only those of pages of this kind.

    Raises:
        DatasetError: There are none.
    """
    chosen = _choose(corpus, split, rows, seed, kind)
    if not chosen:
        raise DatasetError(f"{corpus} has no rows in split {split!r}{f' of kind {kind!r}' if kind else ''}")
    height = CROP_PX + _TEXT_PX
    made = Image.new("RGB", (COLUMNS * (CROP_PX + 8), -(-len(chosen) // COLUMNS) * height), (255, 255, 255))
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(_FONT_PX)
    for number, (row, label) in enumerate(chosen):
        left, top = number % COLUMNS * (CROP_PX + 8), number // COLUMNS * height
        made.paste(row_picture(row, View("crop", crop_px=CROP_PX)), (left, top))
        lines = [f"{number} {label}", *textwrap.wrap(f"= {row.summary}", _WRAP)[:3]]
        lines += textwrap.wrap(f"> {row.instruction}", _WRAP)[:3]
        lines += textwrap.wrap(f"{row.action_type} {row.element_type} '{row.text[:30]}' {row.html}", _WRAP)[:3]
        draw.multiline_text((left + 2, top + CROP_PX + 2), "\n".join(lines), fill=(0, 0, 0), font=font, spacing=2)
    return made


def _choose(corpus: Path, split: str, rows: int, seed: int, kind: str | None) -> list[tuple[Row, str]]:
    """Random rows, each with its kind, framework and how it is named."""
    facts = {}
    for file in sorted((corpus / "facts").glob("*.parquet")):
        for fact in pq.read_table(file).to_pylist():
            if fact["split"] == split and (kind is None or fact["kind"] == kind):
                facts[fact["external_id"]] = fact
    wanted = set(Random(seed).sample(sorted(facts), min(rows, len(facts))))
    found = []
    for file in sorted((corpus / "understanding/v1/data").glob(f"{split}-*.parquet")):
        parquet = pq.ParquetFile(file)
        ids = parquet.read(columns=["external_id"]).column(0).to_pylist()
        if not wanted.intersection(ids):
            continue
        for batch in parquet.iter_batches(batch_size=64):
            found += [row_from(each) for each in batch.to_pylist() if each["external_id"] in wanted]
    Random(seed).shuffle(found)
    return [(row, _label(facts[row.external_id])) for row in found]


def _label(fact: dict[str, str]) -> str:
    return f"{fact['kind']}/{fact['framework']}/{fact['icons']} {fact['shown']}:{fact['named'] or 'NAMELESS'}"
