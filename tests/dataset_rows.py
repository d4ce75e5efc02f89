"""Rows, pictures and logs for the tests of `finetune/`, as the agent or the original recipe would write them."""

import hashlib
import io
import json
from pathlib import Path

from PIL import Image, ImageDraw

PICTURE_PX = (320, 200)


def picture_bytes(number: int = 0, mode: str = "RGB", format: str = "PNG") -> bytes:
    """A page with a few boxes on it, different for each number."""
    image = Image.new("RGB", PICTURE_PX, (240, 240, 245))
    draw = ImageDraw.Draw(image)
    for place in range(6):
        left, top = 20 + 50 * place, 20 + 25 * ((place + number) % 6)
        draw.rectangle((left, top, left + 36, top + 18), fill=((37 * number) % 256, 40 * place, 120))
        draw.text((left + 12, top + 3), str(place), fill=(255, 255, 255))
    draw.text((10, 180), f"page {number}", fill=(0, 0, 0))
    return encoded(image.convert(mode), format)


def encoded(image: Image.Image, format: str = "PNG") -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()


def log_line(home: Path, number: int, **changes: object) -> dict[str, object]:
    """One line as `agent/log.py` writes it, its picture saved; `picture` gives another picture's bytes."""
    content = changes.pop("picture", None) or picture_bytes(number)
    assert isinstance(content, bytes)
    sha = hashlib.sha256(content).hexdigest()
    images = home / "log" / "images"
    images.mkdir(parents=True, exist_ok=True)
    (images / f"{sha}.webp").write_bytes(content)
    place = number % 6
    line: dict[str, object] = {
        "v": 1,
        "id": f"id{number}",
        "session": "s",
        "step": number,
        "at": f"2026-11-22T21:{number // 60 % 60:02}:{number % 60:02}Z",
        "by": "agent",
        "site": "shop",
        "url": f"http://127.0.0.1:8000/section-{'abcdefghij'[number % 10]}/item/{number}",
        "viewport": list(PICTURE_PX),
        "dpr": 1,
        "image": sha,
        "box": [20 + 50 * place, 20 + 25 * ((place + number) % 6), 36, 18],
        "action_type": "click",
        "element_type": "button",
        "text": f"Item {number}",
        "html": f"<li><button>Item {number}</button></li>",
        "value": None,
        "locators": ["role=button"],
        "goal": None,
        "step_text": f"Open item {number}",
        "summary": f"Opens the page of the item number {number}.",
        "summary_source": "person",
        "confidence": 1.0,
        "effect": {"url": True, "dom": 14, "dialog": None, "errors": 0},
    }
    return line | changes


def write_log(home: Path, lines: list[dict[str, object]]) -> Path:
    """The log of `home` with these lines."""
    path = home / "log" / "interactions.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return home


def foreign_rows(count: int) -> dict[str, list[object]]:
    """Columns of the original recipe, the outline drawn into the pictures."""
    rows: dict[str, list[object]] = {}
    for number in range(count):
        image = Image.open(io.BytesIO(picture_bytes(number)))
        ImageDraw.Draw(image).rectangle((17, 17, 60, 45), outline=(255, 0, 255), width=3)
        row = {
            "external_id": f"ext{number}",
            "image": image,
            "action_type": "click",
            "element_type": "button",
            "text": f"Item {number}",
            "html": f"<button>Item {number}</button>",
            "summary": f"Opens item {number}.",
        }
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
    return rows
