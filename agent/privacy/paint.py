"""Paints over what is private in a picture.

paint_over(picture, [Box(120, 340, 96, 17)], viewport_width=1280)        -> PNG
"""

import io
from collections.abc import Sequence
from typing import Literal

from magenta_qa.model.schema import Box

PAINT = (64, 64, 64)


def paint_over(picture: bytes, boxes: Sequence[Box], viewport_width: int, form: Literal["PNG", "BMP"] = "PNG") -> bytes:
    """The picture with the boxes filled.

    Args:
        picture: The viewport, encoded.
        boxes: In CSS pixels.
        viewport_width: In CSS pixels.
        form: How the painted one is encoded; BMP takes no time, and some more memory.
    """
    if not boxes:
        return picture
    from PIL import Image, ImageDraw  # only needed where there are secrets, and slow to import

    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    scale = image.width / viewport_width
    draw = ImageDraw.Draw(image)
    for box in boxes:
        left, top = (box.x - 1) * scale, (box.y - 1) * scale
        draw.rectangle((left, top, left + (box.width + 2) * scale, top + (box.height + 2) * scale), fill=PAINT)
    out = io.BytesIO()
    image.save(out, form, **({"compress_level": 1} if form == "PNG" else {}))
    return out.getvalue()
