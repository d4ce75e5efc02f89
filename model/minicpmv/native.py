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
from transformers.modeling_outputs import CausalLMOutputWithPast

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.visual import VisualModel, answer_loss, positions_of

MAX_WINDOWS = 32_768
"""Windows in one attention call: CUDA kernels take at most 65,535 of a batch."""


class NativeModel(VisualModel):
    """Mixed into transformers' `MiniCPMV4_6ForConditionalGeneration` and its successor."""

    def vision_parts(self) -> Sequence[nn.Module]:
        """The tower (with its window merger) and the merger."""
        return self.model.vision_tower, self.model.merger  # type: ignore[attr-defined]

    def encode_slices(self, pixels: torch.Tensor, downsample_mode: str | None = None) -> torch.Tensor:
        """Features (n × tokens, D) of slices (n, 3, H, W) of one size.

        Args:
            pixels: Normalised; both sides multiples of the patch size times what is merged.
            downsample_mode: "16x" (patches merged twice) or "4x" (once); None for the configuration's.
        """
        tower, merger = self.vision_parts()
        mode = downsample_mode or self.config.downsample_mode  # type: ignore[attr-defined]
        hidden, (rows, columns) = encode(tower, pixels, merge_windows=mode != "4x")
        return merge(merger, hidden, rows, columns)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        pixel_values: Sequence[torch.Tensor] | None = None,
        visual_positions: torch.Tensor | None = None,
        visual_rows: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        answer_positions: torch.Tensor | None = None,
        answer_ids: torch.Tensor | None = None,
        downsample_mode: str | None = None,
        mm_token_type_ids: torch.Tensor | None = None,
        target_sizes: torch.Tensor | None = None,
        inputs_embeds: torch.Tensor | None = None,
        num_items_in_batch: torch.Tensor | None = None,
        logits_to_keep: int = 0,
        **kwargs: object,
    ) -> CausalLMOutputWithPast:
        """As the parent's, with what `Processor.collate` gives.

        Returns:
            With labels the loss alone (no logits but the answers' are computed, none kept), else logits (B, T, V).
        """
        if inputs_embeds is None:
            inputs_embeds = self.embed(input_ids, pixel_values, visual_positions, visual_rows, downsample_mode)
        if mm_token_type_ids is not None and target_sizes is not None and position_ids is None:
            position_ids = self.canvas(input_ids, mm_token_type_ids, target_sizes, downsample_mode, attention_mask)
        outputs = self.model(  # type: ignore[attr-defined]
            inputs_embeds=inputs_embeds, attention_mask=attention_mask, position_ids=position_ids, **kwargs
        )
        head = self.get_output_embeddings()  # type: ignore[attr-defined]
        if labels is None:
            logits = head(outputs[0][:, -logits_to_keep:] if logits_to_keep else outputs[0])
            return CausalLMOutputWithPast(logits=logits, past_key_values=outputs.past_key_values)
        if answer_positions is None:
            answer_positions, answer_ids = positions_of(labels)
        loss = answer_loss(outputs[0], head, answer_positions, answer_ids, num_items_in_batch)
        return CausalLMOutputWithPast(loss=loss)

    def canvas(
        self,
        input_ids: torch.Tensor,
        kinds: torch.Tensor,
        sizes: torch.Tensor,
        downsample_mode: str | None,
        attention_mask: torch.Tensor | None,
    ) -> torch.Tensor:
        """4.7's positions (3, B, T) of pictures on a canvas, which transformers can work out from token ids only."""
        positions, _ = self.model.get_rope_index(  # type: ignore[attr-defined]
            input_ids,
            mm_token_type_ids=kinds,
            target_sizes=sizes,
            downsample_mode=downsample_mode,
            attention_mask=attention_mask,
        )
        return positions

    def prepare_inputs_for_generation(
        self,
        input_ids: torch.Tensor,
        pixel_values: Sequence[torch.Tensor] | None = None,
        visual_positions: torch.Tensor | None = None,
        visual_rows: torch.Tensor | None = None,
        is_first_iteration: bool = False,
        **kwargs: object,
    ) -> dict[str, Any]:
        """As the parent's; pictures go in with the first pass only."""
        inputs: dict[str, Any] = super().prepare_inputs_for_generation(  # type: ignore[misc]
            input_ids, is_first_iteration=is_first_iteration, **kwargs
        )
        inputs.pop("pixel_values", None)
        if is_first_iteration:
            inputs |= {
                "pixel_values": pixel_values,
                "visual_positions": visual_positions,
                "visual_rows": visual_rows,
            }
        return inputs


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


@lru_cache(maxsize=256)
def nearest_places(rows: int, columns: int, side: int) -> torch.Tensor:
    """Indices (rows × columns,) into a learned table of side × side positions.

    Source: NaViT's fractional positions, https://arxiv.org/abs/2307.06304.
    """
    edges = torch.arange(1 / side, 1.0, 1 / side)
    down = torch.bucketize(torch.arange(rows) / rows, edges, right=True)
    across = torch.bucketize(torch.arange(columns) / columns, edges, right=True)
    return (down[:, None] * side + across).flatten()


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
    name = {"minicpmv4_6": "MiniCPMV4_6", "minicpmv4_7": "MiniCPMV4_7"}[model_type]
    try:
        module = import_module(f"transformers.models.{model_type}.modeling_{model_type}")
    except ImportError as error:
        import transformers

        raise ConfigError(
            f"transformers {transformers.__version__} has no {name}; expected a version with it; "
            "pip install -U 'transformers>=5.23'"
        ) from error
    return getattr(module, f"{name}ForConditionalGeneration")  # type: ignore[no-any-return]
