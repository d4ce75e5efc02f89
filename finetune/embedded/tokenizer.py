"""A tokenizer of our own: byte-level BPE learned from the corpus' prompts and answers, digits one by one.

    tokenizer = train_tokenizer(texts)          # 8,192 tokens, the family's special tokens first
    tokenizer.save_pretrained(folder)

Any text can be written with it, as every byte is a token. Digits stand alone, so that marks, amounts and dates are
copied digit by digit.
"""

from collections.abc import Iterable
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 8192
SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>", "<unk>", "<think>", "</think>"),
    *("<image>", "</image>", "<slice>", "</slice>", "<image_id>", "</image_id>"),
)
NAMED = {
    "image_token": "<|image_pad|>",
    "video_token": "<|video_pad|>",
    "image_start_token": "<image>",
    "image_end_token": "</image>",
    "slice_start_token": "<slice>",
    "slice_end_token": "</slice>",
    "image_id_start_token": "<image_id>",
    "image_id_end_token": "</image_id>",
}
"""By these names transformers' own processor, and with it vLLM, asks for them."""
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def train_tokenizer(texts: Iterable[str], size: int = VOCABULARY) -> Any:  # noqa: ANN401 - a tokenizer of transformers
    """Learn a tokenizer.

    Args:
        texts: Prompts and answers, as the model will see them.
        size: Tokens at most, special ones included; little text gives fewer.
    """
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        unk_token="<unk>",
        extra_special_tokens=NAMED,
    )
    tokenizer.chat_template = CHAT
    return tokenizer
