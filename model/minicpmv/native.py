"""MiniCPM-V 4.6 and 4.7: transformers' own models with batched vision and a loss on the answer only.

The classes carry their parents' names, as `save_pretrained` writes the class's name into config.json: what is saved is
what vLLM and transformers load. No parameter is added, renamed or moved.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import torch
from torch import nn

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.visual import VisualModel, nearest_places

MAX_WINDOWS = 32_768
"""Windows in one attention call: CUDA kernels take at most 65,535 of a batch."""


NATIVE = {"minicpmv4_6": "MiniCPMV4_6", "minicpmv4_7": "MiniCPMV4_7"}


class NativeModel(VisualModel):
    """Mixed into transformers' `MiniCPMV4_6ForConditionalGeneration` and its successor."""

    def vision_parts(self) -> Sequence[nn.Module]:
        """The tower (with its window merger) and the merger."""
        return self.model.vision_tower, self.model.merger  # type: ignore[attr-defined]

    def text_part(self) -> nn.Module:
        """The decoder (transformers' inner model passes embeddings on to it)."""
        return self.model.language_model  # type: ignore[attr-defined]

    def encode_slices(
        self, pixels: torch.Tensor, downsample_mode: str | None = None, padded_patches: int = 0
    ) -> torch.Tensor:
        """Features (n × tokens, D); "16x" merges patches twice, "4x" once."""
        tower, merger = self.vision_parts()
        mode = downsample_mode or self.config.downsample_mode  # type: ignore[attr-defined]
        hidden, (rows, columns) = encode(tower, pixels, merge_windows=mode != "4x")
        return merge(merger, hidden, rows, columns)

    def canvas(
        self,
        input_ids: torch.Tensor,
        kinds: torch.Tensor,
        sizes: torch.Tensor,
        downsample_mode: str | None,
        attention_mask: torch.Tensor | None,
    ) -> torch.Tensor:
        """4.7's positions (3, B, T) of pictures on a canvas."""
        positions, _ = self.model.get_rope_index(  # type: ignore[attr-defined]
            input_ids,
            mm_token_type_ids=kinds,
            target_sizes=sizes,
            downsample_mode=downsample_mode,
            attention_mask=attention_mask,
        )
        return positions


def encode(tower: nn.Module, pixels: torch.Tensor, merge_windows: bool) -> tuple[torch.Tensor, tuple[int, int]]:
    """The vision tower over slices of one size as one batch.

    Args:
        tower: transformers' `MiniCPMV4_6VisionModel`, or the same wrapped by PEFT.
        pixels: Normalised, (n, 3, H, W).
        merge_windows: Whether windows of 2×2 patches are merged after layer `insert_layer_id` ("16x").

    Returns:
        Hidden states (n, rows × columns, D) and (rows, columns).
    """
    hidden = tower.embeddings.patch_embedding(pixels)
    rows, columns = hidden.shape[-2:]
    places = nearest_places(rows, columns, tower.embeddings.num_patches_per_side).to(hidden.device, non_blocking=True)
    hidden = hidden.flatten(2).transpose(1, 2) + tower.embeddings.position_embedding(places)
    merge_after = tower.config.insert_layer_id if merge_windows else -1
    for index, layer in enumerate(tower.encoder.layers):
        hidden = layer(hidden, attention_mask=None, cu_seqlens=_whole(rows * columns), max_seqlen=None)
        if index == merge_after:
            hidden = merge_in_windows(tower.vit_merger, hidden, rows, columns)
            rows, columns = rows // 2, columns // 2
    return tower.post_layernorm(hidden), (rows, columns)


def merge_in_windows(merger: nn.Module, hidden: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Attention within windows, each then merged to one: (n, rows × columns, D) → (n, rows × columns / 4, D)."""
    high, wide = merger.window_kernel_size
    windows = _windows(hidden, rows, columns, high, wide)
    normed = merger.layer_norm1(windows)
    attended = [
        merger.self_attn(hidden_states=part, cu_seqlens=_whole(high * wide), max_seqlen=None)[0]
        for part in normed.split(MAX_WINDOWS)
    ]
    windows = windows + torch.cat(attended)
    merged = merger.linear_2(merger.act(merger.linear_1(merger.pre_norm(windows.flatten(1)))))
    return (merged + windows.mean(dim=1)).view(len(hidden), -1, hidden.shape[-1])


def merge(merger: nn.Module, hidden: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Neighbouring features merged and brought to the text part's width: (n × tokens, D)."""
    high, wide = merger.merge_kernel_size
    count = len(hidden)
    for mlp in merger.mlp:
        hidden = mlp(_windows(hidden, rows, columns, high, wide).flatten(1))
        rows, columns = rows // high, columns // wide
        hidden = hidden.view(count, rows * columns, -1)
    return hidden.flatten(0, 1)


def _windows(hidden: torch.Tensor, rows: int, columns: int, high: int, wide: int) -> torch.Tensor:
    """(n, rows × columns, D) → (windows, high × wide, D), windows row by row."""
    if rows % high or columns % wide:
        raise ValueError(f"a grid of {rows}×{columns} patches cannot be merged by {high}×{wide}; expected multiples")
    grid = hidden.view(len(hidden), rows // high, high, columns // wide, wide, -1).transpose(2, 3)
    return grid.reshape(-1, high * wide, hidden.shape[-1])


def _whole(length: int) -> torch.Tensor:
    """Bounds that tell the stock attention to take each row as one sequence; on the CPU, so that nothing waits."""
    return torch.tensor([0, length], dtype=torch.int32)


@lru_cache
def native_class(model_type: str) -> type[Any]:
    """The model's class for "minicpmv4_6" or "minicpmv4_7".

    Raises:
        ConfigError: If the installed transformers does not have that architecture.
    """
    stock = stock_class(model_type)
    return type(stock.__name__, (NativeModel, stock), {"__doc__": stock.__doc__, "__module__": __name__})


def stock_class(model_type: str) -> type[Any]:
    """transformers' own class, as published."""
    name = NATIVE[model_type]
    try:
        module = import_module(f"transformers.models.{model_type}.modeling_{model_type}")
    except ImportError as error:
        import transformers

        raise ConfigError(
            f"transformers {transformers.__version__} has no {name}; expected a version with it; "
            "pip install -U 'transformers>=5.23'"
        ) from error
    return getattr(module, f"{name}ForConditionalGeneration")  # type: ignore[no-any-return]
