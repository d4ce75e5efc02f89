"""A small MiniCPM-V 4.6 that knows nothing yet, with all files of a checkpoint: what the benchmark trains from scratch.

    write_blank_checkpoint(folder, build_tokenizer(), SMALL)      # 27.7 M parameters; TOY for a quick look at the code
    family_of(folder).load_model(folder)                          # as any published checkpoint

The tokenizer has one token for each line of the prompt, so that a question takes few tokens, and one for each character
of an answer, so that unknown words are spelled out.
"""

import string
from dataclasses import replace
from typing import Any

from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from looks.pages import ICON_SUFFIX
from magenta_qa.finetune.embedded.checkpoint import Size
from magenta_qa.finetune.embedded.tokenizer import CHAT
from magenta_qa.model.prompt import IMAGE_TOKEN, understanding_prompt

OPENING = "Opens the "
"""How every answer begins; it then names the element and ends with a full stop."""
PROMPT = understanding_prompt("click", "button", "", "")
SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>", "<unk>"),
    *("<image>", "</image>", "<slice>", "</slice>", "<image_id>", "</image_id>"),
)


SMALL = Size(
    vision_width=256,
    vision_layers=8,
    text_width=384,
    text_inner=1536,
    text_layers=6,
    heads=6,
    shared_heads=6,
    tied=False,
    max_positions=512,
)
TOY = replace(
    SMALL, vision_width=32, vision_layers=4, text_width=48, text_inner=192, text_layers=2, heads=2, shared_heads=2
)


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
