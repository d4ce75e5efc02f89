"""Whether a row of a log is complete, as the benchmarks of recording and collecting judge it.

lacking({"html": "", "box": [10, 10, 90, 20], …}, Path("build/record/0/log"))        -> ["html"]
"""

from pathlib import Path
from typing import Any

from PIL import Image

NEEDED = ("action_type", "element_type", "html", "url", "site")


def lacking(row: dict[str, Any], log: Path) -> list[str]:
    """What a row lacks: of its element, of its page, its picture, or its place in that."""
    lacks = [name for name in NEEDED if not row[name]]
    path = log / "images" / f"{row['image']}.webp"
    if not path.exists():
        return [*lacks, "a picture"]
    x, y, width, height = row["box"]
    with Image.open(path) as picture:
        scale = picture.width / row["viewport"][0]
        across, down = scale * (x + width / 2), scale * (y + height / 2)
        is_inside = 0 <= across < picture.width and 0 <= down < picture.height
    return lacks if width > 0 < height and is_inside else [*lacks, "a place in its picture"]
