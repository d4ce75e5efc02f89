"""A small tokenizer with the special tokens of a published one, made here: for random models and tests.

It splits text as byte-level BPE does and knows a few words whole, always with the same ids: nothing is learned, so that
ids written down in a test stay true.
"""

from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

_WORDS = (
    *("In", " a", " short", " sentence", ",", " what", " does", " the", " action", " outlined", " with", " magenta"),
    *(
        " rectangle",
        " do",
        "?",
        "Action",
        " data",
        "action",
        "_type",
        "element",
        "text",
        "surrounding",
        "_html",
        " click",
    ),
    *(" button", "button", " link", " input", "Opens", "Saves", "Deletes", " row", " of", " page", " form", " menu"),
    *(" item", "form", "table", "tr", "td", "div", "span", "li", "ul", "class", "href", "user", "assistant", "system"),
    *("You", " are", " helpful", "Save", "Ada", " it", " hello"),
)
SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>", "<unk>", "<think>", "</think>"),
    *("<image>", "</image>", "<slice>", "</slice>", "<image_id>", "</image_id>"),
)
"""Special tokens of 4.6 and 4.7."""
ROLES: dict[str, Any] = {
    "eos_token": "<|im_end|>",
    "pad_token": "<|endoftext|>",
    "unk_token": "<unk>",
    # By these names transformers' own processor, and with it vLLM, asks for them.
    "extra_special_tokens": {
        "image_token": "<|image_pad|>",
        "video_token": "<|video_pad|>",
        "image_start_token": "<image>",
        "image_end_token": "</image>",
        "slice_start_token": "<slice>",
        "slice_end_token": "</slice>",
        "image_id_start_token": "<image_id>",
        "image_id_end_token": "</image_id>",
    },
}
"""What transformers is told of them."""
_TOKENS = {
    "4": SPECIAL,
    "2.6": (
        *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<unk>", "<image>", "</image>", "<ref>", "</ref>", "<box>"),
        *("</box>", "<quad>", "</quad>", "<point>", "</point>", "<slice>", "</slice>", "<image_id>", "</image_id>"),
        *("<unit>", "</unit>"),
    ),
    "2.5": (
        *("<|begin_of_text|>", "<|end_of_text|>", "<unk>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        *("<image>", "</image>", "<ref>", "</ref>", "<box>", "</box>", "<quad>", "</quad>", "<point>", "</point>"),
        *("<slice>", "</slice>"),
    ),
}
_ROLES: dict[str, dict[str, Any]] = {
    "4": ROLES,
    "2.6": {
        "bos_token": "<|im_start|>",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": "<unk>",
    },
    "2.5": {
        "bos_token": "<|begin_of_text|>",
        "eos_token": "<|end_of_text|>",
        "pad_token": "!",
        "unk_token": "<unk>",
    },
}
_CHATML = "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
_TEMPLATES = {
    "4": "{% for message in messages %}"
    + _CHATML.replace("message.content", "message.content | trim")
    + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n\n</think>\n\n{% endif %}",
    "2.6": "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% for message in messages %}"
    + _CHATML
    + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    "2.5": "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message.role }}<|end_header_id|>\n\n"
    "{{ message.content | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}",
}


def tiny_tokenizer(kind: str) -> PreTrainedTokenizerBase:
    """A tokenizer of about 500 tokens.

    Args:
        kind: "4" (4.6 and 4.7), "2.6" or "2.5".
    """
    vocabulary, merges = _vocabulary()
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _TOKENS[kind]])
    fast: Any = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **_ROLES[kind])
    fast.chat_template = _TEMPLATES[kind]
    return fast


def _vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Bytes first ("!" is 0, as in the published ones), then the words with all their beginnings."""
    vocabulary = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges: list[tuple[str, str]] = []
    for word in _WORDS:
        letters = word.replace(" ", "Ġ")
        for length in range(2, len(letters) + 1):
            if letters[:length] not in vocabulary:
                vocabulary[letters[:length]] = len(vocabulary)
                merges.append((letters[: length - 1], letters[length - 1]))
    return vocabulary, merges
