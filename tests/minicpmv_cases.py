"""What MiniCPM-V 2_5 and 2_6 are compared on: pictures, prompts and weights that any two programs can make alike.

Needs NumPy and Pillow only, so that it also runs beside an old transformers (tests/minicpmv_original.py).
"""

import hashlib
import zlib

import numpy as np
from PIL import Image

SIZES = [
    *[(448, 448), (300, 200), (64, 64), (20, 30), (14, 700), (448, 449), (449, 448), (500, 400), (640, 480)],
    *[(800, 600), (1024, 768), (1280, 720), (1366, 768), (1920, 1080), (720, 1280), (1080, 1920), (375, 667)],
    *[(390, 844), (414, 896), (2560, 1440), (1000, 300), (300, 1000), (2000, 200), (448, 896), (896, 448)],
    *[(447, 447), (28, 28), (1200, 1200), (333, 777), (1600, 900)],
]
PROMPT = (
    "In a short sentence, what does the action outlined with a magenta rectangle do?\nAction data:\n"
    'action_type: click\nelement_type: button\ntext: Save\nsurrounding_html: <tr><td class="a">Ada</td></tr>\n'
)
LOGIT_CASES = [[(448, 448)], [(300, 200)], [(700, 500)], [(500, 900)], [(448, 448), (600, 400)]]
"""Sizes of the pictures of one question each."""
SHOWN_TOKENS = 24


def picture(size, seed=0):
    """Random blocks of 8×8 pixels: with sharp edges, as pages have."""
    width, height = size
    blocks = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST)


def weight(name, shape):
    """A weight that depends on its name alone; of a size that keeps a random model's numbers in bounds."""
    values = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    normed = "norm" in name or "ln_" in name
    if normed and name.endswith("weight"):
        return (1 + 0.1 * values).astype(np.float32)
    if len(shape) < 2:
        return (0.1 * values).astype(np.float32)
    if "embed_tokens" in name or name.endswith("query"):
        return values.astype(np.float32)
    return (values / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def fill(model):
    """Give every weight of a model the value of its name."""
    import torch

    with torch.no_grad():
        for name, value in model.state_dict().items():
            value.copy_(torch.from_numpy(weight(name, tuple(value.shape))))
    return model


def digest(array):
    """Of the numbers' bytes, the first twelve hexadecimal digits."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:12]


def processed(ids, pixels, target_sizes, bounds):
    """One entry of the golden file: pixels are float32 arrays (3, patch, patches × patch), one a slice."""
    return {
        "tokens": len(ids),
        "ids": digest(np.asarray(ids, dtype=np.int64)),
        "pixels": digest(np.concatenate([np.asarray(p, dtype=np.float32) for p in pixels], axis=-1)),
        "target_sizes": np.asarray(target_sizes).tolist(),
        "image_bounds": np.asarray(bounds).tolist(),
    }


def logits_shown(logits):
    """Of logits (T, V): the length of every eighth row, and the last row's beginning."""
    logits = np.asarray(logits, dtype=np.float64)
    return {
        "lengths": [round(float(value), 5) for value in np.linalg.norm(logits, axis=-1)[::8]],
        "last": [round(float(value), 6) for value in logits[-1, :SHOWN_TOKENS]],
    }
