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

from magenta_qa.model.minicpmv.random_tokenizer import ROLES, SPECIAL

VOCABULARY = 8192
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
    tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=core, **ROLES)
    tokenizer.chat_template = CHAT
    return tokenizer
