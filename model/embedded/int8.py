"""Matrices as int8: in blocks for tables and the head, by columns for all other layers.

    blocked, scale = quantise(weight)        # (N, K) → (N, blocks, block) uint8, (N, blocks) float32
    dequantise(blocked, scale, K)            # back, each value within half a level
    levels, scale = quantise_columns(weight) # (N, K) → (K, N) uint8, (N,) float32
    dequantise_columns(levels, scale)

Blocks are what ONNX Runtime's `MatMulNBits` reads; columns go through `MatMulIntegerToFloat`, which took 0.4 of its
time where many tokens are read, with signed columns. Now both are unsigned, at 7 to 20 % more time for a burst: of
products of unsigned with signed bytes, processors without VNNI (AVX2 alone) add pairs up in 16 bits, which large ones
do not fit into; that moved logits by 6.7 % of the largest where rounding alone moves them by 2.2 %. In a graph a
parameter's blocks are called its name with `BLOCKED` after it, its columns with `LEVELS`, the scales of either with
`SCALE`, and float32 that is stored turned over with `TURNED`.
"""

import numpy as np

ZERO_LEVEL = 128
"""int8 is stored as uint8 with this in the place of 0."""
BLOCKED, LEVELS, SCALE, TURNED = ".int8", ".levels", ".scale", ".T"
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


def quantise_columns(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A matrix (N, K) float32 turned over as uint8 (K, N), and a scale for each column (N,) float32."""
    scale = np.abs(weight).max(1) / 127
    scale[scale == 0] = 1
    levels: np.ndarray = (np.round(weight / scale[:, None]) + ZERO_LEVEL).astype(np.uint8)
    return np.ascontiguousarray(levels.T), scale.astype(np.float32)


def dequantise_columns(levels: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The matrix (N, K) float32 that `quantise_columns` has rounded."""
    matrix: np.ndarray = np.ascontiguousarray(((levels.astype(np.float32) - ZERO_LEVEL) * scale).T)
    return matrix


def block_of(columns: int) -> int:
    """The largest block that divides a row, or one that leaves little to fill up."""
    return next((block for block in _BLOCKS if columns % block == 0), 32)
