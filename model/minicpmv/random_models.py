"""Random models: tiny ones for tests, and ones of the published sizes for measuring speed. They know nothing.

    write_checkpoint("MiniCPM-V-4.6", folder, size="tiny")   -> a folder that loads like a published checkpoint
    build_model("MiniCPM-V-4.6", size="real", dtype, device)  -> 1.3 B random weights, made on the device

The tokenizer is a small one trained here on the prompt's own words, with the special tokens of the published one.
"""

import json
from pathlib import Path
from typing import Literal

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn
from transformers import AutoConfig, PretrainedConfig, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from magenta_qa.model.minicpmv.families import Family, family_named
from magenta_qa.model.minicpmv.loading import empty_model
from magenta_qa.model.minicpmv.native import native_class
from magenta_qa.model.prompt import UNDERSTANDING_PROMPT

Size = Literal["tiny", "real"]

_WORDS = (
    UNDERSTANDING_PROMPT
    + " click button link input text Opens the Saves Deletes Removes Adds row of page form menu item cart."
    + ' <table><tr><td class="">Ada</td><td><button type="submit">Save</button></td></tr></table></div><a href="/">'
    + " user assistant system You are a helpful assistant.\n 0 1 2 3 4 5 6 7 8 9"
)
_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n\n</think>\n\n{% endif %}"
)
_NATIVE_TOKENS = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>", "<unk>", "<think>", "</think>"),
    *("<image>", "</image>", "<slice>", "</slice>", "<image_id>", "</image_id>"),
)


def build_config(name: str, size: Size, tokenizer: PreTrainedTokenizerBase | None = None) -> PretrainedConfig:
    """Configuration of a family's model.

    Args:
        name: The family's, such as "MiniCPM-V-4.6".
        size: "real" for the published sizes, "tiny" for 0.2 M parameters.
        tokenizer: Whose tokens the model is to know; `build_tokenizer` makes one.
    """
    family, tokenizer = family_named(name), tokenizer or build_tokenizer(name)
    return _native_config(family, size, tokenizer)


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
    "head_dim": 32,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
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


def build_model(
    name: str, size: Size, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu", seed: int = 0
) -> nn.Module:
    """A model with random weights, in evaluation mode.

    Args:
        name: The family's.
        size: "real" or "tiny".
        dtype: Of the weights.
        device: Where they are made.
        seed: Of PyTorch's generators, which are left as they were found.
    """
    config = build_config(name, size)
    devices = [torch.device(device)] if torch.device(device).type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        model = empty_model(native_class(family_named(name).model_type), config, dtype, device)
        _calm(model)
    return model


@torch.no_grad()
def _calm(model: nn.Module) -> None:
    """transformers draws the window merger's weights with a deviation of 1, with which a random model overflows."""
    merger = model.model.vision_tower.vit_merger
    for module in (merger.linear_1, merger.linear_2, *merger.self_attn.children()):
        if getattr(module, "weight", None) is not None:
            module.weight.normal_(std=0.02)


def build_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """A small tokenizer with the family's special tokens and a chat template that reads like the published one."""
    family_named(name)
    tokens = _NATIVE_TOKENS
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=list(tokens),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([_WORDS], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", unk_token="<unk>"
    )
    fast.chat_template = _CHATML
    return fast


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
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": _PICTURES}, indent=2), "utf-8")
    return folder


_PICTURES = {
    "image_processor_type": "MiniCPMV4_6ImageProcessor",
    "downsample_mode": "16x",
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "max_slice_nums": 9,
    "patch_size": 14,
    "scale_resolution": 448,
    "slice_mode": True,
    "use_image_id": True,
}
