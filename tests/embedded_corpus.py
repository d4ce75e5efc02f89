"""A corpus drawn with Pillow in the form that `finetune.corpus` writes: coloured boxes, and decisions."""

import hashlib
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

from magenta_qa.finetune.dataset_write import ParquetWriters
from magenta_qa.finetune.row import Row
from magenta_qa.model.prompt import DECISION_ANSWER
from magenta_qa.model.schema import Box

COLORS = ("red", "orange", "yellow", "green", "cyan", "blue", "black", "gray")
ICONS = ("trash", "edit", "heart", "bell", "home", "send", "play", "print")
"""What a box of each colour is said to be."""
SIZE = (400, 300)


def write_corpus(folder, screens, per_screen=8, split="train"):
    """`screens` screens with `per_screen` unnamed buttons each, and a decision a screen."""
    facts, decisions = [], []
    with ParquetWriters(f"{folder}/understanding/v1") as writers:
        for number in range(screens):
            rows = list(_rows(number, per_screen, split))
            for row in rows:
                writers.write(split, row)
                color = row.summary.removeprefix("Opens the ").removesuffix(" box.")
                facts.append(_facts(row, split, f"own:{ICONS[COLORS.index(color)]}"))
            decisions.append(_decision(number, rows, split))
    for name, stored in (("facts/00000", facts), (f"decisions/{split}-00000", decisions)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(stored), folder / f"{name}.parquet")
    return folder


def _rows(number, count, split):
    page = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(page)
    made = []
    for place in range(count):
        color = COLORS[(number * 3 + place) % len(COLORS)]
        x, y = 24 + place % 4 * 54, 40 + place // 4 * 54
        draw.rectangle((x, y, x + 40, y + 40), fill=color)
        made.append((Box(x, y, 40, 40), f"Opens the {color} box."))
    if number % 2:
        page = page.resize((2 * SIZE[0], 2 * SIZE[1]), Image.Resampling.NEAREST)  # of a screen with two pixels for one
    buffer = io.BytesIO()
    page.save(buffer, "WEBP", lossless=True)
    screenshot = hashlib.sha256(buffer.getvalue()).hexdigest()
    for place, (box, summary) in enumerate(made):
        yield Row(
            external_id=f"{split}-{number}-{place}",
            image=buffer.getvalue(),
            action_type="click",
            element_type="button",
            text="",
            html="<div><button></button><button></button></div>",
            summary=summary,
            box=box,
            viewport=SIZE,
            site=f"{split}.test",
            url=f"http://{split}.test/{number}",
            summary_source="teacher",
            screenshot=screenshot,
        )


def _facts(row, split, icon):
    return {
        "external_id": row.external_id,
        "split": split,
        "kind": f"{split} kind",
        "framework": "own",
        "icons": "own",
        "site": row.site,
        "shown": "icon",
        "named": "",
        "icon": icon,
        "repeated": False,
        "accessible": "Clicks the button.",
    }


def _decision(number, rows, split):
    mark = number % len(rows) + 1
    lines = [f'[{place}] button "" | {row.summary}' for place, row in enumerate(rows, 1)]
    wanted = rows[mark - 1].summary.removeprefix("Opens ").rstrip(".")
    head = f"Goal: -\nStep: Open {wanted}\nDone so far: -\nPage: Boxes | /{number}\nCandidates:"
    answer = {"outcome": "act", "mark": mark, "kind": "click", "value": None, "confidence": 0.97}
    return {
        "id": f"{split}-{number}-d",
        "split": split,
        "site": f"{split}.test",
        "kind": f"{split} kind",
        "outcome": "act",
        "prompt": "\n".join([head, *lines, DECISION_ANSWER]),
        "answer": json.dumps(answer | {"reason": rows[mark - 1].summary}),
    }
