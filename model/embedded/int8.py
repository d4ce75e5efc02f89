"""Matrices as int8 in blocks, as ONNX Runtime's `MatMulNBits` reads them.

    blocked, scale = quantise(weight)        # (N, K) → (N, blocks, block) uint8, (N, blocks) float32
    dequantise(blocked, scale, K)            # back, each value within half a level

In a graph a parameter's blocks are called its name with `BLOCKED` after it, its scales with `SCALE`, and a float32
parameter that is stored turned over with `TURNED`.
"""

import numpy as np

ZERO_LEVEL = 128
"""int8 is stored as uint8 with this in the place of 0."""
BLOCKED, SCALE, TURNED = ".int8", ".scale", ".T"
_BLOCKS = (128, 64, 32, 16)


def quantise(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A matrix as int8 in blocks.

    Args:
        weight: (N, K) float32.

    Returns:
        (N, blocks, block) uint8, whose rows are filled up with zeros to whole blocks, and scales (N, blocks) float32.
    """
    block = block_of(weight.shape[1])
    filled = np.pad(weight, ((0, 0), (0, -weight.shape[1] % block))).reshape(len(weight), -1, block)
    scale = np.abs(filled).max(-1, keepdims=True) / 127
    scale[scale == 0] = 1
    return (np.round(filled / scale) + ZERO_LEVEL).astype(np.uint8), scale[..., 0].astype(np.float32)


def dequantise(blocked: np.ndarray, scale: np.ndarray, columns: int) -> np.ndarray:
    """The matrix (N, columns) float32 that `quantise` has rounded."""
    values = (blocked.astype(np.float32) - ZERO_LEVEL) * scale[..., None]
    matrix: np.ndarray = np.ascontiguousarray(values.reshape(len(blocked), -1)[:, :columns])
    return matrix


def block_of(columns: int) -> int:
    """The largest block that divides a row, or one that leaves little to fill up."""
    return next((block for block in _BLOCKS if columns % block == 0), 32)
