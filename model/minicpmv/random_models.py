"""Random models: tiny ones for tests, and ones of the published sizes for measuring speed. They know nothing.

    write_checkpoint("MiniCPM-V-4.6", folder, size="tiny")       -> a folder that loads like a published checkpoint
    build_model("MiniCPM-V-2_6", "real", torch.bfloat16, "cuda")  -> 8.1 B random weights, made on the device

The tokenizer is a small one (random_tokenizer.py); a model of the real size has the published vocabulary all the same.
"""

import json
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from transformers import AutoConfig, PretrainedConfig, PreTrainedTokenizerBase

from magenta_qa.model.minicpmv.families import Family, family_named
from magenta_qa.model.minicpmv.loading import model_class
from magenta_qa.model.minicpmv.native import NATIVE, native_class
from magenta_qa.model.minicpmv.random_tokenizer import tiny_tokenizer
from magenta_qa.model.minicpmv.resampled import MiniCPMVConfig

Size = Literal["tiny", "real"]


def build_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """A small tokenizer with the special tokens of the family that is called so."""
    family = family_named(name)
    return tiny_tokenizer("4" if family.model_type in NATIVE else family.version)


def build_config(name: str, size: Size, tokenizer: PreTrainedTokenizerBase | None = None) -> PretrainedConfig:
    """Configuration of a family's model.

    Args:
        name: The family's, such as "MiniCPM-V-4.6".
        size: "real" for the published sizes, "tiny" for less than a million parameters.
        tokenizer: Whose tokens the model is to know; `build_tokenizer` makes one.
    """
    family, tokenizer = family_named(name), tokenizer or build_tokenizer(name)
    if family.model_type in NATIVE:
        return _native_config(family, size, tokenizer)
    return MiniCPMVConfig(**_published_config(family, size, tokenizer))


def _published_config(family: Family, size: Size, tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    """What config.json says."""
    text = _REAL_PUBLISHED[family.version] if size == "real" else _TINY_PUBLISHED | {"vocab_size": len(tokenizer)}
    vision = {"model_type": "siglip" if family.version == "2.6" else "idefics2"}
    return {
        **_PUBLISHED[family.version],
        **text,
        "vision_config": vision | (_REAL_VISION if size == "real" else _TINY_VISION),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }


def _native_config(family: Family, size: Size, tokenizer: PreTrainedTokenizerBase) -> PretrainedConfig:
    native_class(family.model_type)
    text = _REAL_TEXT if size == "real" else _TINY_TEXT | {"vocab_size": len(tokenizer)}
    vision = _REAL_VISION if size == "real" else _TINY_VISION
    ids = {name: tokenizer.convert_tokens_to_ids(token) for name, token in _NATIVE_IDS.items()}
    if family.model_type == "minicpmv4_7":
        ids |= {name: tokenizer.convert_tokens_to_ids(token) for name, token in _CANVAS_IDS.items()}
        ids["newline_id"] = tokenizer("\n", add_special_tokens=False)["input_ids"][0]
    return AutoConfig.for_model(
        family.model_type,
        text_config=text | {"model_type": "qwen3_5_text"},
        vision_config=vision,
        insert_layer_id=6 if size == "real" else 0,
        tie_word_embeddings=True,
        eos_token_id=ids.pop("eos_token_id"),
        **ids,
    )


_NATIVE_IDS = {"image_token_id": "<|image_pad|>", "video_token_id": "<|video_pad|>", "eos_token_id": "<|im_end|>"}
_CANVAS_IDS = {
    "image_start_id": "<image>",
    "image_end_id": "</image>",
    "slice_start_id": "<slice>",
    "slice_end_id": "</slice>",
}
_REAL_TEXT = {
    "vocab_size": 248_094,
    "hidden_size": 1024,
    "intermediate_size": 3584,
    "num_hidden_layers": 24,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "head_dim": 256,
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 16,
    "tie_word_embeddings": True,
}
_TINY_TEXT = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "layer_types": ["linear_attention", "full_attention"],
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 64,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 64,
    "linear_value_head_dim": 64,
    "tie_word_embeddings": True,
}
_REAL_VISION = {
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "image_size": 980,
    "patch_size": 14,
}
_TINY_VISION = _REAL_VISION | {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}


_PUBLISHED: dict[str, dict[str, Any]] = {
    "2.6": {"version": 2.6, "query_num": 64, "use_image_id": True, "rope_theta": 1_000_000.0, "rms_norm_eps": 1e-6},
    "2.5": {"version": "2.5", "query_num": 96, "rope_theta": 500_000.0, "rms_norm_eps": 1e-5, "attention_bias": False},
}
for _entries in _PUBLISHED.values():
    _entries |= {
        "model_type": "minicpmv",
        "architectures": ["MiniCPMV"],
        "batch_vision_input": True,
        "drop_vision_last_layer": False,
        "hidden_act": "silu",
        "image_size": 448,
        "patch_size": 14,
        "slice_config": {"max_slice_nums": 9, "patch_size": 14, "model_type": "minicpmv"},
        "slice_mode": True,
        "tie_word_embeddings": False,
    }
_REAL_PUBLISHED = {
    "2.6": {
        "vocab_size": 151_666,
        "hidden_size": 3584,
        "intermediate_size": 18_944,
        "num_hidden_layers": 28,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
        "max_position_embeddings": 32_768,
    },
    "2.5": {
        "vocab_size": 128_256,
        "hidden_size": 4096,
        "intermediate_size": 14_336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "max_position_embeddings": 8192,
    },
}
_TINY_PUBLISHED = {
    "hidden_size": 128,
    "intermediate_size": 160,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
}


def build_model(
    name: str,
    size: Size,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
    seed: int = 0,
    attention: str = "sdpa",
) -> nn.Module:
    """A model with random weights, in evaluation mode.

    Args:
        name: The family's.
        size: "real" or "tiny".
        dtype: Of the weights.
        device: Where they are made.
        seed: Of PyTorch's generators, which are left as they were found.
        attention: The text part's, in transformers' words.
    """
    family, config = family_named(name), build_config(name, size)
    devices = [torch.device(device)] if torch.device(device).type == "cuda" else []
    with torch.random.fork_rng(devices=devices), torch.device(device):
        torch.manual_seed(seed)
        model = model_class(family)._from_config(config, dtype=dtype, attn_implementation=attention).eval()
        if family.model_type in NATIVE:
            _calm(model)
    return model


@torch.no_grad()
def _calm(model: nn.Module) -> None:
    """transformers draws the window merger's weights with a deviation of 1, with which a random model overflows."""
    merger = model.model.vision_tower.vit_merger
    for module in (merger.linear_1, merger.linear_2, *merger.self_attn.children()):
        if getattr(module, "weight", None) is not None:
            module.weight.normal_(std=0.02)


def write_checkpoint(
    name: str,
    folder: Path,
    size: Size = "tiny",
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
    seed: int = 0,
) -> Path:
    """Write a random checkpoint with all its files; returns its folder.

    Args:
        name: The family's.
        folder: Made if it is not there.
        size: "real" or "tiny".
        dtype: Of the weights.
        device: Where the weights are made.
        seed: Of the weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    build_model(name, size, dtype, device, seed).save_pretrained(folder)
    build_tokenizer(name).save_pretrained(folder)
    file, entries = _preprocessor(family_named(name))
    (folder / file).write_text(json.dumps(entries, indent=2), "utf-8")
    return folder


def _preprocessor(family: Family) -> tuple[str, dict[str, Any]]:
    """Name and contents of the file with the picture settings, as published."""
    shared = {"max_slice_nums": 9, "scale_resolution": 448, "patch_size": 14, "slice_mode": True}
    if family.model_type in NATIVE:
        entries = shared | {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "use_image_id": True}
        entries |= {"image_processor_type": "MiniCPMV4_6ImageProcessor", "downsample_mode": "16x"}
        video = {"video_processor_type": "MiniCPMV4_6VideoProcessor"}
        processor = "MiniCPMV4_7Processor" if family.model_type == "minicpmv4_7" else "MiniCPMV4_6Processor"
        whole = {"image_processor": entries, "video_processor": video, "processor_class": processor}
        return "processor_config.json", whole
    entries = shared | {"norm_mean": [0.5] * 3, "norm_std": [0.5] * 3, "version": float(family.version)}
    entries |= {"image_processor_type": "MiniCPMVImageProcessor", "processor_class": "MiniCPMVProcessor"}
    entries |= {"image_feature_size": _PUBLISHED[family.version]["query_num"], "use_image_id": family.version == "2.6"}
    return "preprocessor_config.json", entries
