"""Fused kernels of libraries, put into a loaded model.

Liger's RMS norm, rotary positions and gated activation keep a third of what PyTorch's keep for the backward pass and
read memory fewer times. Qwen3.5's text part takes the gated delta rule from flash-linear-attention by itself where that
is installed; `missing_kernels` says so where it is not.
"""

from importlib.util import find_spec
from typing import Any

import torch

from magenta_qa.finetune.training.arguments import Settings
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.families import Family

_LIGER = {
    "qwen2": "apply_liger_kernel_to_qwen2",
    "llama": "apply_liger_kernel_to_llama",
    "qwen3_5_text": "apply_liger_kernel_to_qwen3_5",
}
"""`model_type` of the text part → Liger's function for it."""


def fuse(model: Any, family: Family, settings: Settings) -> bool:  # noqa: ANN401 - a model of any family
    """Use Liger's kernels in the text part, where they are wanted and there; says whether.

    Raises:
        ConfigError: `--fused_kernels true` without a GPU or without Liger.
    """
    there = settings.on_gpu and find_spec("liger_kernel") is not None
    if settings.fused_kernels and not there:
        raise ConfigError("--fused_kernels true needs a GPU and the package liger-kernel; pip install liger-kernel")
    text = model.get_submodule(family.text)
    function = _LIGER.get(text.config.model_type)
    if not there or settings.fused_kernels is False or function is None:
        return False
    import liger_kernel.transformers as liger

    # The loss is computed on the answer's tokens only, which leaves nothing for Liger's own to save.
    getattr(liger, function)(model=text, cross_entropy=False, fused_linear_cross_entropy=False)
    return True


def choose_attention(settings: Settings) -> None:
    """Leave PyTorch's flash attention, and not cuDNN's, which it takes first on H100s.

    cuDNN's makes a plan for every new shape, which takes 80 ms of a processor, forward and backward. Lengths of batches
    are ever new, so that half of a step was planning (8.1 B, a page in seven pictures, six rows).
    """
    if settings.on_gpu:
        torch.backends.cuda.enable_cudnn_sdp(False)


def missing_kernels(model: Any, family: Family, settings: Settings) -> list[str]:  # noqa: ANN401
    """A line for every library that would make this run faster and is not installed."""
    if not settings.on_gpu:
        return []
    lines = []
    if find_spec("liger_kernel") is None and settings.fused_kernels is not False:
        lines.append("liger-kernel is not installed: norms and activations run unfused; pip install liger-kernel")
    if model.get_submodule(family.text).config.model_type.startswith("qwen3_5") and find_spec("fla") is None:
        lines.append(
            "flash-linear-attention is not installed: linear attention runs several times slower; "
            "pip install flash-linear-attention"
        )
    return lines
