"""The untrained model: MiniCPM-V 4.6's architecture at sizes that a laptop's CPU runs, with all files of a checkpoint.

    write_blank_checkpoint(folder, tokenizer, SHIPPED)      # 23.4 M parameters with 8,192 tokens: 22.3 MiB as int8
    family_of(folder).load_model(folder)                    # as any published checkpoint

One picture of 224×224 pixels is one slice of 16×16 patches, merged once ("4x") to 64 tokens.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig

from magenta_qa.model.closeup import PICTURE_PX
from magenta_qa.model.minicpmv.native import native_class

MODEL_TYPE = "minicpmv4_6"
PATCH_PX = 14
DOWNSAMPLE = "4x"
_HEAD = 64


@dataclass(frozen=True, slots=True)
class Size:
    """How large a model is."""

    vision_width: int
    vision_layers: int
    text_width: int
    text_inner: int
    """Width within the text part's feed-forward layers."""
    text_layers: int
    heads: int
    shared_heads: int
    """Heads of keys and values, each shared by several of queries."""
    tied: bool = True
    """Whether tokens' embeddings are the head, too."""
    max_positions: int = 4096


SHIPPED = Size(
    vision_width=256, vision_layers=8, text_width=384, text_inner=1024, text_layers=8, heads=6, shared_heads=2
)
TINY = Size(vision_width=48, vision_layers=4, text_width=64, text_inner=128, text_layers=2, heads=2, shared_heads=1)
"""For tests."""
SIZES = {"shipped": SHIPPED, "tiny": TINY}


def build_config(size: Size, tokenizer: Any) -> Any:  # noqa: ANN401 - of transformers, both
    """The architecture in this size."""
    ids = {name: tokenizer.convert_tokens_to_ids(token) for name, token in _IDS.items()}
    return AutoConfig.for_model(
        MODEL_TYPE,
        text_config={
            "model_type": "llama",
            "vocab_size": len(tokenizer),
            "hidden_size": size.text_width,
            "intermediate_size": size.text_inner,
            "num_hidden_layers": size.text_layers,
            "num_attention_heads": size.heads,
            "num_key_value_heads": size.shared_heads,
            "max_position_embeddings": size.max_positions,
            "tie_word_embeddings": size.tied,
            **{name: ids[name] for name in ("eos_token_id", "pad_token_id")},
        },
        vision_config={
            "hidden_size": size.vision_width,
            "intermediate_size": size.vision_width * 4,
            "num_hidden_layers": size.vision_layers,
            "num_attention_heads": max(2, size.vision_width // _HEAD),
            "image_size": PICTURE_PX,
            "patch_size": PATCH_PX,
        },
        # Below the number of layers, or the window merger would never be reached.
        insert_layer_id=size.vision_layers // 2 - 1,
        downsample_mode=DOWNSAMPLE,
        tie_word_embeddings=size.tied,
        **ids,
    )


_IDS = {
    "image_token_id": "<|image_pad|>",
    "video_token_id": "<|video_pad|>",
    "eos_token_id": "<|im_end|>",
    "pad_token_id": "<|endoftext|>",
}


def write_blank_checkpoint(folder: Path, tokenizer: Any, size: Size, seed: int = 0) -> int:  # noqa: ANN401
    """Write the untrained checkpoint; returns its number of parameters, tied ones once."""
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = native_class(MODEL_TYPE)(build_config(size, tokenizer))
        draw_weights(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": _PICTURES}, indent=2), "utf-8")
    return int(sum(parameter.numel() for parameter in model.parameters()))


@torch.no_grad()
def draw_weights(model: Any) -> None:  # noqa: ANN401
    """Weights by the width of what goes in, as is usual for models as narrow as this one.

    transformers draws all of them with a deviation of 0.02 (the window merger's with 1), which suits widths of some
    thousands: here attention would look everywhere alike, and the places of patches would be lost beside their colours.
    """
    layers = model.config.vision_config.num_hidden_layers + model.config.text_config.num_hidden_layers
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2:
            continue
        is_table = "embed_tokens" in name or "position_embedding" in name
        deviation = TABLE_DEVIATION if is_table else parameter[0].numel() ** -0.5
        if name.endswith(_INTO_RESIDUAL):
            deviation /= layers**0.5
        parameter.normal_(std=deviation)
    if model.config.tie_word_embeddings:
        # Embeddings are the head, too: what goes into it is made smaller, so that first logits deviate by 1.
        last_norm = model.text_part().norm.weight
        last_norm.fill_(1 / (TABLE_DEVIATION * len(last_norm) ** 0.5))


TABLE_DEVIATION = 0.5
"""Of tokens' embeddings and patches' places: large enough to be told from what the first layers add to them."""
_INTO_RESIDUAL = ("out_proj.weight", "fc2.weight", "o_proj.weight", "down_proj.weight")

_PICTURES = {
    "image_processor_type": "MiniCPMV4_6ImageProcessor",
    "downsample_mode": DOWNSAMPLE,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "max_slice_nums": 1,
    "patch_size": PATCH_PX,
    "scale_resolution": PICTURE_PX,
    "slice_mode": True,
    "use_image_id": False,
}
