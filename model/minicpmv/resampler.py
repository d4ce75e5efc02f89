"""What brings vision features of 2_5 and 2_6 to the text part: learned queries that look at all patches of a slice.

(n, rows × columns, vision width) → (n, queries, text width), 64 queries a slice in 2_6 and 96 in 2_5. Parameters are
named as in the published checkpoints. The table of positions is worked out when it is needed and never stored: the
published code keeps it in a buffer that is left out of checkpoints, which transformers 5 fills with zeros in silence.

Source: the resampler of Qwen-VL, https://arxiv.org/abs/2308.12966, with 2-D sine positions.
"""

from functools import lru_cache

import numpy as np
import torch
from torch import nn

HEAD_WIDTH = 128


class Resampler(nn.Module):
    """One cross-attention with learned queries.

    Args:
        queries: Features that each slice becomes.
        width: The text part's.
        vision_width: The vision part's.
    """

    def __init__(self, queries: int, width: int, vision_width: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.zeros(queries, width))
        self.kv_proj = nn.Linear(vision_width, width, bias=False) if vision_width != width else nn.Identity()
        self.attn = CrossAttention(width, width // HEAD_WIDTH)
        self.ln_q = nn.LayerNorm(width, eps=1e-6)
        self.ln_kv = nn.LayerNorm(width, eps=1e-6)
        self.ln_post = nn.LayerNorm(width, eps=1e-6)
        self.proj = nn.Parameter(width**-0.5 * torch.randn(width, width))

    def forward(self, features: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
        """Features (n, rows × columns, vision width) of slices of one size → (n, queries, width)."""
        values = self.ln_kv(self.kv_proj(features))
        places = sine_positions(rows, columns, values.shape[-1]).to(values.device, values.dtype, non_blocking=True)
        queries = self.ln_q(self.query).expand(len(features), -1, -1)
        return self.ln_post(self.attn(queries, values + places, values)) @ self.proj


class CrossAttention(nn.Module):
    """`nn.MultiheadAttention` by its parameters' names, with the fused kernel and no padding mask."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(self, queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """(n, Q, D), (n, L, D), (n, L, D) → (n, Q, D)."""
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        split = [
            nn.functional.linear(given, weight, bias).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for given, weight, bias in zip((queries, keys, values), weights, biases, strict=True)
        ]
        attended = nn.functional.scaled_dot_product_attention(*split)
        return self.out_proj(attended.transpose(1, 2).flatten(2))


@lru_cache(maxsize=256)
def sine_positions(rows: int, columns: int, width: int) -> torch.Tensor:
    """(rows × columns, width) in float32: one half says the column, the other the row."""
    frequencies = 1.0 / 10_000 ** (np.arange(width // 4, dtype=np.float32) / (width / 4.0))

    def waves(count: int) -> np.ndarray:
        angles = np.arange(count, dtype=np.float32)[:, None] * frequencies
        both: np.ndarray = np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)
        return both

    across = np.broadcast_to(waves(columns)[None], (rows, columns, width // 2))
    down = np.broadcast_to(waves(rows)[:, None], (rows, columns, width // 2))
    return torch.from_numpy(np.concatenate([across, down], axis=-1)).float().reshape(rows * columns, width)
