"""Fused kernels of libraries, put into a loaded model.

Liger's are put in by `model.minicpmv.fused`. Qwen3.5's text part takes the gated delta rule from flash-linear-attention
by itself where that is installed; `missing_kernels` says so where it is not.
"""

from importlib.util import find_spec
from typing import Any

from magenta_qa.finetune.training.arguments import Settings
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv import fused
from magenta_qa.model.minicpmv.families import Family
from magenta_qa.model.minicpmv.fused import fuse_text


def fuse(model: Any, family: Family, settings: Settings) -> bool:  # noqa: ANN401 - a model of any family
    """Use Liger's kernels in the text part, where they are wanted and there; says whether.

    Raises:
        ConfigError: `--fused_kernels true` without a GPU or without Liger.
    """
    there = settings.on_gpu and find_spec("liger_kernel") is not None
    if settings.fused_kernels and not there:
        raise ConfigError("--fused_kernels true needs a GPU and the package liger-kernel; pip install liger-kernel")
    if not there or settings.fused_kernels is False:
        return False
    return fuse_text(model.get_submodule(family.text))


def choose_attention(settings: Settings) -> None:
    """The attention that costs no plan for every new length of a batch."""
    if settings.on_gpu:
        fused.choose_attention()


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
