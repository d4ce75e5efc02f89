"""What every family's model does alike: put encoded slices among the token embeddings, and the loss on the answer only.

A model that mixes `VisualModel` in has `encode_slices`, which turns one group of equal-sized slices into features. The
group is one batch of plain attention, where the published code loops over pictures (measured on one H100 with 256
pictures: 549 ms a step against 66 ms). A frozen vision part runs without a graph, so that it costs no backward pass and
keeps no activations.
"""

from collections.abc import Sequence

import torch
from torch import nn

from magenta_qa.model.minicpmv.example import IGNORED


class VisualModel:
    """Mixed into a `PreTrainedModel`; expects `get_input_embeddings` and what is declared here."""

    pixel_mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    pixel_std: tuple[float, float, float] = (0.5, 0.5, 0.5)

    def vision_parts(self) -> Sequence[nn.Module]:
        """Modules that `encode_slices` runs through, in order: the tower, then what brings it to the text part."""
        raise NotImplementedError

    def encode_slices(self, pixels: torch.Tensor, downsample_mode: str | None = None) -> torch.Tensor:
        """Features (n × tokens, D) of slices of one size, from normalised pixels (n, 3, H, W)."""
        raise NotImplementedError

    def visual_features(self, pixel_values: Sequence[torch.Tensor], downsample_mode: str | None = None) -> torch.Tensor:
        """Features of all groups, one row a token; without a graph where nothing in the vision parts trains.

        Args:
            pixel_values: One tensor (n, 3, H, W) of uint8 for each size.
            downsample_mode: How far features are merged, for families that have a choice.
        """
        trains = torch.is_grad_enabled() and any(
            parameter.requires_grad for part in self.vision_parts() for parameter in part.parameters()
        )
        with torch.set_grad_enabled(trains):
            features = [self.encode_slices(self.normalise(pixels), downsample_mode) for pixels in pixel_values]
        return torch.cat(features)

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 pixels as the vision part's numbers, worked out in float32."""
        weight = next(self.vision_parts()[0].parameters())
        mean = torch.tensor(self.pixel_mean, device=pixels.device).view(1, 3, 1, 1)
        std = torch.tensor(self.pixel_std, device=pixels.device).view(1, 3, 1, 1)
        return ((pixels.float() / 255 - mean) / std).to(weight.dtype)

    def embed(
        self,
        input_ids: torch.Tensor,
        pixel_values: Sequence[torch.Tensor] | None,
        visual_positions: torch.Tensor,
        visual_rows: torch.Tensor,
        downsample_mode: str | None = None,
    ) -> torch.Tensor:
        """Token embeddings (B, T, D) with the slices' features in their places."""
        embeddings = self.get_input_embeddings()(input_ids)  # type: ignore[attr-defined]
        if not pixel_values:
            return embeddings
        features = self.visual_features(pixel_values, downsample_mode).to(embeddings.dtype)
        flat = embeddings.reshape(-1, embeddings.shape[-1])
        placed = flat.index_copy(0, visual_positions, features.index_select(0, visual_rows))
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
