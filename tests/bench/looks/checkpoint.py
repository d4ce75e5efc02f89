"""A small MiniCPM-V 4.6 that knows nothing yet, with all files of a checkpoint: what the benchmark trains from scratch.

    write_blank_checkpoint(folder, SMALL)      # 27.7 M parameters; TOY for a quick look at the code
    family_of(folder).load_model(folder)       # as any published checkpoint

The tokenizer has one token for each line of the prompt, so that a question takes few tokens, and one for each character
of an answer, so that unknown words are spelled out.
"""

import json
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models
from transformers import AutoConfig, PreTrainedTokenizerFast

from looks.pages import ICON_SUFFIX
from looks.views import ENLARGED_PX, PATCH_PX
from magenta_qa.model.minicpmv.native import native_class
from magenta_qa.model.prompt import IMAGE_TOKEN, understanding_prompt

MODEL_TYPE = "minicpmv4_6"
DOWNSAMPLE = "4x"
OPENING = "Opens the "
"""How every answer begins; it then names the element and ends with a full stop."""
PROMPT = understanding_prompt("click", "button", "", "")
SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>", "<unk>"),
    *("<image>", "</image>", "<slice>", "</slice>", "<image_id>", "</image_id>"),
)
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the model is."""

    vision_width: int
    vision_layers: int
    text_width: int
    text_layers: int
    heads: int


SMALL = Size(vision_width=256, vision_layers=8, text_width=384, text_layers=6, heads=6)
TOY = Size(vision_width=32, vision_layers=4, text_width=48, text_layers=2, heads=2)


def answer_for(name: str) -> str:
    """What is right to say about an element."""
    return f"{OPENING}{name}."


def named_in(answer: str) -> str:
    """The element that an answer names; empty when it is no such answer."""
    return answer.removeprefix(OPENING).removesuffix(".") if answer.startswith(OPENING) else ""


def build_tokenizer() -> Any:
    """Lines of the prompt and single characters."""
    lines = PROMPT.removeprefix(IMAGE_TOKEN).splitlines(keepends=True)
    question = ["".join(lines[:2]), *lines[2:-1], lines[-1].rstrip()]
    pieces = [*question, "user\n", "assistant\n", OPENING, ICON_SUFFIX]
    characters = [*string.printable[:95], "\n"]
    vocabulary = [*((token, 0.0) for token in SPECIAL), *((piece, 0.0) for piece in pieces)]
    vocabulary += [(character, -10.0) for character in characters]
    core = Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    core.decoder = decoders.Fuse()
    core.add_special_tokens(list(SPECIAL))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>", unk_token="<unk>"
    )
    tokenizer.chat_template = CHAT
    return tokenizer


def build_config(size: Size, tokenizer: Any) -> Any:
    """The architecture in this size."""
    ids = {name: tokenizer.convert_tokens_to_ids(token) for name, token in _IDS.items()}
    return AutoConfig.for_model(
        MODEL_TYPE,
        text_config={
            "model_type": "llama",
            "vocab_size": len(tokenizer),
            "hidden_size": size.text_width,
            "intermediate_size": size.text_width * 4,
            "num_hidden_layers": size.text_layers,
            "num_attention_heads": size.heads,
            "num_key_value_heads": size.heads,
            "max_position_embeddings": 512,
            "tie_word_embeddings": False,
            **{name: ids[name] for name in ("eos_token_id", "pad_token_id")},
        },
        vision_config={
            "hidden_size": size.vision_width,
            "intermediate_size": size.vision_width * 4,
            "num_hidden_layers": size.vision_layers,
            "num_attention_heads": max(2, size.vision_width // 64),
            "image_size": ENLARGED_PX,
            "patch_size": PATCH_PX,
        },
        insert_layer_id=size.vision_layers // 2 - 1,
        downsample_mode=DOWNSAMPLE,
        tie_word_embeddings=False,
        **ids,
    )


_IDS = {
    "image_token_id": "<|image_pad|>",
    "video_token_id": "<|video_pad|>",
    "eos_token_id": "<|im_end|>",
    "pad_token_id": "<|endoftext|>",
}


def write_blank_checkpoint(folder: Path, size: Size, seed: int = 0) -> int:
    """Write the untrained checkpoint; returns its number of parameters."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = build_tokenizer()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = native_class(MODEL_TYPE)(build_config(size, tokenizer))
        _draw_weights(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": _PICTURES}, indent=2), "utf-8")
    return int(sum(parameter.numel() for parameter in model.parameters()))


@torch.no_grad()
def _draw_weights(model: Any) -> None:
    """Weights by the width of what goes in, as is usual for models as narrow as this one.

    transformers draws all of them with a deviation of 0.02 (the window merger's with 1), which suits widths of some
    thousands: here attention would look everywhere alike, and the places of patches would be lost beside their colours.
    """
    layers = model.config.vision_config.num_hidden_layers + model.config.text_config.num_hidden_layers
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2:
            continue
        deviation = EMBEDDING_DEVIATION if "embed" in name and "patch" not in name else parameter[0].numel() ** -0.5
        if name.endswith(_INTO_RESIDUAL):
            deviation /= layers**0.5
        parameter.normal_(std=deviation)


EMBEDDING_DEVIATION = 0.5
_INTO_RESIDUAL = ("out_proj.weight", "fc2.weight", "o_proj.weight", "down_proj.weight")


_PICTURES = {
    "image_processor_type": "MiniCPMV4_6ImageProcessor",
    "downsample_mode": DOWNSAMPLE,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "max_slice_nums": 1,
    "patch_size": PATCH_PX,
    "scale_resolution": ENLARGED_PX,
    "slice_mode": True,
    "use_image_id": False,
}
