"""A picture of what the model was asked and what it said: right answers in green, wrong ones in red.

save_sheet(path, pictures, said=["Miwuto", …], wanted=["Miwuto", …])
"""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

COLUMNS = 10
LINE_PX = 14
RIGHT, WRONG = (0, 110, 0), (190, 0, 0)


def save_sheet(path: Path, pictures: Tensor, said: Sequence[str], wanted: Sequence[str]) -> None:
    """Pictures (N, 3, H, W) uint8 in rows, with the answer below and, where it is wrong, what was right."""
    height, width = pictures.shape[2:]
    cell = (width + 6, height + 2 * LINE_PX + 6)
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (cell[0] * COLUMNS, cell[1] * rows), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for index, (answer, right) in enumerate(zip(said, wanted, strict=True)):
        x, y = index % COLUMNS * cell[0], index // COLUMNS * cell[1]
        sheet.paste(Image.fromarray(pictures[index].permute(1, 2, 0).cpu().numpy()), (x, y))
        draw.text((x + 2, y + height), answer or "(nothing)", fill=RIGHT if answer == right else WRONG, font=font)
        if answer != right:
            draw.text((x + 2, y + height + LINE_PX), f"is {right}", fill=(60, 60, 60), font=font)
    sheet.save(path)
