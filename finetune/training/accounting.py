"""What a run costs, in floating-point operations, bytes and hours, counted the same for plan, run record and benchmark.

Model operations: tokens without padding × (4 · frozen + 6 · trained weights) where gradients flow, 2 · frozen in a
frozen vision part, whose patches count in place of tokens. What is computed twice to save memory counts once. Tables
that are only looked up (embeddings, positions) count nothing, the head counts for the answer's tokens only, as no other
logits are needed, and attention's products are left out: the true work is somewhat more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from magenta_qa.finetune.training.arguments import Recompute
from magenta_qa.finetune.training.parts import PartSize
from magenta_qa.model.minicpmv.families import Part

GIB = 1024**3
H100_FLOPS = 790e12
"""Matrix product of 8192 × 8192 in bfloat16 on one H100, measured; the data sheet's 989e12 is not reached."""
H100_BYTES = 79e9


@dataclass(frozen=True, slots=True)
class Work:
    """What one row, or many, ask of a model."""

    tokens: float
    """Of the text part, pictures' tokens included, padding not."""
    answers: float
    """Tokens of answers."""
    patches: float
    """Of all slices."""

    def times(self, factor: float) -> "Work":
        """The same so many times."""
        return Work(self.tokens * factor, self.answers * factor, self.patches * factor)


def flops(work: Work, sizes: Mapping[Part, PartSize], vision_merges: float = 1.0) -> float:
    """Model operations of training on `work`, forward and backward.

    Args:
        work: Tokens and patches.
        sizes: Of the parts, from `parts.measure`.
        vision_merges: Share of the patches' work in the vision part that is left where it merges them on the way.
    """
    trains_vision = any(part in sizes and sizes[part].lora + sizes[part].full for part in ("vision", "resampler"))
    total = work.tokens * _cost(sizes["text"], backward=True)
    total += work.answers * _cost(sizes["head"], backward=True) if "head" in sizes else 0.0
    vision = sizes["vision"]
    gradients = bool(vision.lora + vision.full)
    total += work.patches * vision_merges * _cost(vision, backward=gradients)
    if "resampler" in sizes:
        # Its queries or merged patches are about as many as a sixteenth of the patches.
        total += work.patches / 16 * _cost(sizes["resampler"], backward=trains_vision)
    return total


def _cost(size: PartSize, backward: bool) -> float:
    """Operations for one token: 2 forward, 2 for the gradient of what comes in, 2 for that of a weight that trains."""
    frozen = size.whole - size.full
    trained = size.lora + size.full
    return (4 if backward else 2) * frozen + 6 * trained


def vision_share(model: Any, downsample: str | None = None) -> float:  # noqa: ANN401 - a model of any family
    """Share of the vision part's work that is left because patches are merged after some of its layers."""
    config: Any = getattr(model.config, "vision_config", None)
    merged_after = getattr(config, "insert_layer_id", None)
    if merged_after is None or (downsample or getattr(model.config, "downsample_mode", "16x")) == "4x":
        return 1.0
    layers: int = config.num_hidden_layers
    return float((merged_after + 1 + (layers - merged_after - 1) / 4) / layers)


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on one device."""

    weights: float
    optimizer: float
    activations: float
    fixed: float = 2.0 * GIB
    """CUDA's context, cuBLAS's workspace, blocks that do not fit together."""

    @property
    def total(self) -> float:
        """All of it."""
        return self.weights + self.optimizer + self.activations + self.fixed


def memory(
    sizes: Mapping[Part, PartSize],
    config: Any,  # noqa: ANN401 - any family's configuration
    work: Work,
    rows: int,
    *,
    recompute: Recompute,
    devices: int = 1,
    zero: int = 0,
) -> Memory:
    """What a run takes on one device, to within about a fifth.

    Args:
        sizes: Of the parts.
        config: The model's.
        work: Of one row.
        rows: In one pass on one device.
        recompute: What is computed twice rather than kept.
        devices: Among which DeepSpeed shares out.
        zero: DeepSpeed's stage; 0 without it.
    """
    whole = sum(size.whole for size in sizes.values())
    full = sum(size.full for size in sizes.values())
    trained = full + sum(size.lora for size in sizes.values())
    half, shared = (2, devices) if zero else (4, 1)
    weights: float = 2 * (whole - full) + half * trained
    weights /= devices if zero == 3 else 1
    # Gradient and Adam's two moments in float32, and with DeepSpeed the float32 weights too.
    optimizer = trained * (16 if zero else 12) / shared
    return Memory(weights, optimizer, rows * _activations(sizes, config, work, recompute))


def _activations(sizes: Mapping[Part, PartSize], config: Any, work: Work, recompute: Recompute) -> float:  # noqa: ANN401
    """Bytes that one row leaves for the backward pass."""
    text: Any = getattr(config, "text_config", config)
    kept = work.tokens * _of_layers(text, 2, recompute == "all")
    if sizes["vision"].lora + sizes["vision"].full:
        # Weights that train in float32 keep what goes in in half precision and in full.
        kept += work.patches * _of_layers(config.vision_config, 4, recompute != "none")
    return float(kept + work.answers * 12 * text.vocab_size)


def _of_layers(part: Any, width: int, recomputes: bool) -> float:  # noqa: ANN401
    """Bytes that a part's layers keep of one token: all of each layer, or what goes into each and all of one."""
    of_one = _kept(part.hidden_size, part.intermediate_size) * width / 2
    if recomputes:
        return float(part.num_hidden_layers * width * part.hidden_size + of_one)
    return float(part.num_hidden_layers * of_one)


def _kept(hidden: int, inner: int) -> float:
    """Bytes that a layer keeps of one token in half precision: norms, projections with LoRA, attention, the MLP."""
    return 2 * (11 * hidden + 3 * inner)


def hours(operations: float, devices: int, utilisation: float, rate: float = H100_FLOPS) -> float:
    """How long so many model operations take.

    Args:
        operations: Of all rows and epochs.
        devices: That share them.
        utilisation: Share of `rate` that training reaches, measured.
        rate: Of one device's matrix products.
    """
    return operations / (rate * utilisation * devices) / 3600


def work_of(lengths: Sequence[int], answers: int, pixels: int, patch_size: int) -> Work:
    """What rows ask of a model, from a survey's numbers."""
    return Work(float(sum(lengths)), float(answers), pixels / patch_size**2)
