"""Fused kernels of Liger in the text part, and the attention that costs no plan; on CUDA only.

    if fuse_text(model.text_part()): …      # False where Liger is not installed or has nothing for this decoder

Liger's RMS norm, rotary positions and gated activation read memory fewer times, and keep a third of what PyTorch's keep
for a backward pass.
"""

from importlib.util import find_spec
from typing import Any

import torch

_LIGER = {
    "qwen2": "apply_liger_kernel_to_qwen2",
    "llama": "apply_liger_kernel_to_llama",
    "qwen3_5_text": "apply_liger_kernel_to_qwen3_5",
}
"""`model_type` of the text part → Liger's function for it."""


def fuse_text(text: Any) -> bool:  # noqa: ANN401 - a decoder of any family
    """Use Liger's kernels in a decoder on a GPU, where they are there; says whether."""
    function = _LIGER.get(text.config.model_type)
    if function is None or find_spec("liger_kernel") is None:
        return False
    import liger_kernel.transformers as liger

    # The loss is computed on the answer's tokens only, which leaves nothing for Liger's own to save.
    getattr(liger, function)(model=text, cross_entropy=False, fused_linear_cross_entropy=False)
    return True


def choose_attention() -> None:
    """Leave PyTorch's flash attention, and not cuDNN's, which it takes first on H100s.

    cuDNN's makes a plan for every new shape, which takes 80 ms of a processor, forward and backward. Lengths of batches
    are ever new, so that half of a training step was planning (8.1 B, a page in seven pictures, six rows).
    """
    torch.backends.cuda.enable_cudnn_sdp(False)
