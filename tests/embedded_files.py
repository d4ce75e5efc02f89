"""Files of a tiny embedded model with random weights, written without PyTorch: NumPy, onnx and tokenizers."""

import hashlib
import string
from types import SimpleNamespace

import numpy as np
from tokenizers import Tokenizer, decoders, models

from magenta_qa.finetune.graphs.text import build_text
from magenta_qa.finetune.graphs.vision import build_vision
from magenta_qa.model.embedded.files import FORMAT, MANIFEST, CacheFacts, Manifest, Part, PictureFacts, PromptFacts

SPECIAL = ("<pad>", "<end>", "<pic>", "<begin>")
PAD, END, PICTURE, BEGIN = range(4)
WIDTH, HEADS, LAYERS, VISION, ROOM = 64, 2, 2, 32, 1024


def write_tiny(folder, precision="float32", seed=0):
    """The folder, with a whole model in it that writes nonsense."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    config = _config(tokenizer.get_vocab_size())
    weights = _weights(config, np.random.default_rng(seed))
    graphs = {
        "vision": build_vision(weights, config, (0.5,) * 3, (0.5,) * 3, precision),
        "text": build_text(weights, config, precision, ROOM),
    }
    manifest = Manifest(
        format=FORMAT,
        precision=precision,
        source="tiny",
        room=ROOM,
        pictures=PictureFacts(patch_size=14, scale_resolution=56, places=4),
        prompt=PromptFacts(
            opening=(BEGIN,),
            plain="<begin>",
            closing=(BEGIN,),
            ending="\n",
            strips=True,
            placeholder=PICTURE,
            padding=PAD,
            ends=(END,),
            special=(PAD, END, PICTURE, BEGIN),
        ),
        cache=CacheFacts(layers=LAYERS, heads=HEADS, head_size=WIDTH // HEADS, width=WIDTH),
        graphs={name: (_write(folder / f"{name}.0.bin", graph.SerializeToString()),) for name, graph in graphs.items()},
        checkpoint=(),
        tokenizer=_write(folder / "tokenizer.json", tokenizer.to_str().encode()),
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json())
    return folder


def _write(path, content):
    path.write_bytes(content)
    return Part(file=path.name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def _tokenizer():
    vocabulary = [*((token, 0.0) for token in SPECIAL), *((character, -1.0) for character in string.printable)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def _config(vocabulary):
    text = SimpleNamespace(
        model_type="llama",
        hidden_act="silu",
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        head_dim=WIDTH // HEADS,
        hidden_size=WIDTH,
        vocab_size=vocabulary,
        rms_norm_eps=1e-6,
    )
    vision = SimpleNamespace(
        num_hidden_layers=2,
        hidden_size=VISION,
        num_attention_heads=2,
        layer_norm_eps=1e-6,
        hidden_act="gelu_pytorch_tanh",
        patch_size=14,
    )
    return SimpleNamespace(text_config=text, vision_config=vision, merger_times=1, merge_kernel_size=(2, 2))


def _weights(config, random):
    """By the width of what goes in, so that attention looks somewhere and answers differ."""
    weights = {}

    def linear(name, rows, columns, *, bias=True):
        weights[f"{name}.weight"] = (random.standard_normal((rows, columns)) / columns**0.5).astype(np.float32)
        if bias:
            weights[f"{name}.bias"] = (random.standard_normal(rows) * 0.1).astype(np.float32)

    def norm(name, width, *, bias=True):
        weights[f"{name}.weight"] = np.ones(width, np.float32)
        if bias:
            weights[f"{name}.bias"] = np.zeros(width, np.float32)

    tower, text = "model.vision_tower", "model.language_model"
    linear(f"{tower}.embeddings.patch_embedding", VISION, 588)
    weights[f"{tower}.embeddings.patch_embedding.weight"].shape = (VISION, 3, 14, 14)
    linear(f"{tower}.embeddings.position_embedding", 16, VISION, bias=False)
    for index in range(config.vision_config.num_hidden_layers):
        name = f"{tower}.encoder.layers.{index}"
        for part in ("q", "k", "v", "out"):
            linear(f"{name}.self_attn.{part}_proj", VISION, VISION)
        linear(f"{name}.mlp.fc1", 64, VISION)
        linear(f"{name}.mlp.fc2", VISION, 64)
        norm(f"{name}.layer_norm1", VISION)
        norm(f"{name}.layer_norm2", VISION)
    norm(f"{tower}.post_layernorm", VISION)
    norm("model.merger.mlp.0.pre_norm", 4 * VISION)
    linear("model.merger.mlp.0.linear_1", 4 * VISION, 4 * VISION)
    linear("model.merger.mlp.0.linear_2", WIDTH, 4 * VISION)
    linear(f"{text}.embed_tokens", config.text_config.vocab_size, WIDTH, bias=False)
    for index in range(LAYERS):
        name = f"{text}.layers.{index}"
        for part in ("q", "k", "v", "o"):
            linear(f"{name}.self_attn.{part}_proj", WIDTH, WIDTH, bias=False)
        for part, rows, columns in (("gate", 128, WIDTH), ("up", 128, WIDTH), ("down", WIDTH, 128)):
            linear(f"{name}.mlp.{part}_proj", rows, columns, bias=False)
        norm(f"{name}.input_layernorm", WIDTH, bias=False)
        norm(f"{name}.post_attention_layernorm", WIDTH, bias=False)
    norm(f"{text}.norm", WIDTH, bias=False)
    linear("lm_head", config.text_config.vocab_size, WIDTH, bias=False)
    weights["lm_head.weight"] *= 4  # chances far enough apart that rounding does not change an answer
    return weights
