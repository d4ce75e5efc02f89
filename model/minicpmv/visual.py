"""What every family's model does alike: slices among the token embeddings, a loss on the answer only, generation.

A model that mixes `VisualModel` in has `encode_slices`, which turns one group of equal-sized slices into features. The
group is one batch of plain attention, where the published code loops over pictures (measured on one H100 with 256
pictures: 549 ms a step against 66 ms). A frozen vision part keeps no graph and costs no backward pass.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import nn
from transformers.modeling_outputs import CausalLMOutputWithPast

from magenta_qa.model.minicpmv.example import IGNORED


class VisualModel:
    """Mixed into a `PreTrainedModel`, before it."""

    pixel_mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    pixel_std: tuple[float, float, float] = (0.5, 0.5, 0.5)

    def vision_parts(self) -> Sequence[nn.Module]:
        """Modules that `encode_slices` runs through, in order: the tower, then what brings it to the text part."""
        raise NotImplementedError

    def text_part(self) -> nn.Module:
        """From token embeddings to hidden states: transformers' decoder without its head."""
        raise NotImplementedError

    def encode_slices(
        self, pixels: torch.Tensor, downsample_mode: str | None = None, padded_patches: int = 0
    ) -> torch.Tensor:
        """Features (n × tokens, D) of slices of one size.

        Args:
            pixels: Normalised, (n, 3, H, W).
            downsample_mode: How far features are merged, for families that have a choice; None for the
                configuration's.
            padded_patches: 2_5 only: patches of the largest slice of the same question.
        """
        raise NotImplementedError

    def canvas(
        self,
        input_ids: torch.Tensor,
        kinds: torch.Tensor,
        sizes: torch.Tensor,
        downsample_mode: str | None,
        attention_mask: torch.Tensor | None,
    ) -> torch.Tensor:
        """4.7 only: positions (3, B, T) of pictures on a canvas, worked out from token ids."""
        raise NotImplementedError

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        pixel_values: Sequence[torch.Tensor] | None = None,
        visual_positions: torch.Tensor | None = None,
        visual_rows: torch.Tensor | None = None,
        padded_patches: Sequence[int] | None = None,
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
        """One pass over what `Processor.collate` gives.

        Returns:
            With labels the loss alone (no logits but the answers' are computed, none kept), else logits (B, T, V).
        """
        if inputs_embeds is None:
            inputs_embeds = self.get_input_embeddings()(input_ids)  # type: ignore[attr-defined]
            if pixel_values:
                features = self.visual_features(pixel_values, downsample_mode, padded_patches)
                inputs_embeds = place_features(inputs_embeds, features, visual_positions, visual_rows)
        if mm_token_type_ids is not None and target_sizes is not None and position_ids is None:
            position_ids = self.canvas(input_ids, mm_token_type_ids, target_sizes, downsample_mode, attention_mask)
        if labels is not None:
            kwargs["use_cache"] = False  # with a cache, transformers would not keep packed examples apart
        outputs = self.text_part()(
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

    def prepare_inputs_for_generation(
        self,
        input_ids: torch.Tensor,
        pixel_values: Sequence[torch.Tensor] | None = None,
        visual_positions: torch.Tensor | None = None,
        visual_rows: torch.Tensor | None = None,
        padded_patches: Sequence[int] | None = None,
        is_first_iteration: bool = False,
        **kwargs: object,
    ) -> dict[str, Any]:
        """As transformers', with the pictures in the first pass only."""
        inputs: dict[str, Any] = super().prepare_inputs_for_generation(  # type: ignore[misc]
            input_ids, is_first_iteration=is_first_iteration, **kwargs
        )
        inputs.pop("pixel_values", None)
        if is_first_iteration:
            inputs |= {
                "pixel_values": pixel_values,
                "visual_positions": visual_positions,
                "visual_rows": visual_rows,
                "padded_patches": padded_patches,
            }
        return inputs

    def visual_features(
        self,
        pixel_values: Sequence[torch.Tensor],
        downsample_mode: str | None = None,
        padded_patches: Sequence[int] | None = None,
    ) -> torch.Tensor:
        """Features of all groups, one row a token; without a graph where nothing in the vision parts trains.

        Args:
            pixel_values: One tensor (n, 3, H, W) of uint8 for each size.
            downsample_mode: See `encode_slices`.
            padded_patches: See `encode_slices`; one number for each size.
        """
        trains = torch.is_grad_enabled() and any(
            parameter.requires_grad for part in self.vision_parts() for parameter in part.parameters()
        )
        padded = padded_patches or [0] * len(pixel_values)
        with torch.set_grad_enabled(trains):
            features = [
                self.encode_slices(self.normalise(pixels), downsample_mode, patches)
                for pixels, patches in zip(pixel_values, padded, strict=True)
            ]
        return torch.cat(features)

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 pixels as the vision part's numbers, worked out in float32 as the published processors do."""
        weight = next(self.vision_parts()[0].parameters())
        mean = torch.tensor(self.pixel_mean, device=pixels.device).view(1, 3, 1, 1)
        std = torch.tensor(self.pixel_std, device=pixels.device).view(1, 3, 1, 1)
        return pixels.float().div_(255).sub_(mean).div_(std).to(weight.dtype)


def place_features(
    embeddings: torch.Tensor, features: torch.Tensor, positions: torch.Tensor, rows: torch.Tensor
) -> torch.Tensor:
    """Token embeddings (B, T, D) with row `rows[i]` of the features at flat position `positions[i]`."""
    flat = embeddings.reshape(-1, embeddings.shape[-1])
    placed = flat.index_copy(0, positions, features.to(embeddings.dtype).index_select(0, rows))
    return placed.view_as(embeddings)


def answer_loss(
    hidden: torch.Tensor, head: nn.Module, positions: torch.Tensor, ids: torch.Tensor, items: torch.Tensor | None = None
) -> torch.Tensor:
    """Cross-entropy of the answers' tokens; logits of no other position are ever computed.

    Args:
        hidden: Last hidden states (B, T, D).
        head: From hidden states to logits.
        positions: Flat positions (A,) whose hidden states predict an answer's token.
        ids: Those tokens (A,).
        items: What to divide the sum by when a step has several batches; None for the mean of this batch.
    """
    logits = head(hidden.reshape(-1, hidden.shape[-1]).index_select(0, positions)).float()
    if items is None:
        return nn.functional.cross_entropy(logits, ids)
    return nn.functional.cross_entropy(logits, ids, reduction="sum") / items


def positions_of(labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Flat positions and ids that `answer_loss` takes, from labels (B, T)."""
    shifted = nn.functional.pad(labels, (0, 1), value=IGNORED)[:, 1:].flatten()
    positions = (shifted != IGNORED).nonzero().squeeze(1)
    return positions, shifted[positions]


@lru_cache(maxsize=1024)
def nearest_places(rows: int, columns: int, side: int, published: bool = False) -> torch.Tensor:
    """Indices (rows × columns,) into a learned table of side × side positions.

    Args:
        rows: Patches from top to bottom.
        columns: Patches from left to right.
        side: Of the table.
        published: Whether fractions are rounded as 2.x's original code does; differs where one falls on an edge.

    Source: NaViT's fractional positions, https://arxiv.org/abs/2307.06304.
    """
    edges = torch.arange(1 / side, 1.0, 1 / side)
    down = torch.bucketize(_fractions(rows, published), edges, right=True)
    across = torch.bucketize(_fractions(columns, published), edges, right=True)
    return (down[:, None] * side + across).flatten()


def _fractions(count: int, published: bool) -> torch.Tensor:
    if not published:
        return torch.arange(count) / count
    step = (1 / torch.tensor(count)).item()
    return torch.arange(0, 1 - 1e-6, step)
