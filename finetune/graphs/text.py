"""The text part, Llama or Qwen3: prompts with their features, and then token by token, with a cache in place.

    in    ids (B, T) int64, filled up on the right
          features (F, D) float32, positions (F, 2) int64    row F goes to (row of the batch, token); none in a step
          lengths (B,) int32                                 tokens of each row so far, these included, less one
          longest () int32                                   tokens of the longest row
          last (B, 1) int64                                  token whose successor is wanted
          past.key.N, past.value.N (B, heads, room, head)    the cache, for each layer
    out   logits (B, V) float32
          present.key.N, present.value.N                     the same memory, when bound to it

A prompt and a step are one graph: the weights are there once, on disk and in memory. Rows of different lengths lie at
the beginning of their cache; what fills a row up is never attended to, and is written over by the steps.

Source: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.GroupQueryAttention
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto

from magenta_qa.finetune.graphs.builder import CONTRIB, Builder, Precision
from magenta_qa.model.errors import ConfigError

_TEXT = "model.language_model"
_HEAD = "lm_head"
_KINDS = ("llama", "qwen3")
_HEAD_UNIT = 16
"""What the fused attention takes."""


def build_text(
    weights: Mapping[str, np.ndarray],
    config: Any,  # noqa: ANN401 - transformers' configuration
    precision: Precision,
    room: int,
) -> ModelProto:
    """The graph.

    Args:
        weights: The checkpoint's parameters by name, float32.
        config: The checkpoint's configuration.
        precision: Of linear layers and the embedding table.
        room: Tokens at most of a prompt and its answer.

    Raises:
        ConfigError: The text part is of another kind, or has something that is not built here.
    """
    text = config.text_config
    check_text(text)
    graph = Builder("text", weights, precision)
    hidden, shared = _inputs(graph, text, room)
    for index in range(text.num_hidden_layers):
        hidden = _layer(graph, hidden, index, text, shared)
    last = graph.input("last", TensorProto.INT64, ["rows", 1])
    chosen = graph.op("GatherND", hidden, last, batch_dims=1)
    normed = graph.rms_norm(chosen, f"{_TEXT}.norm", text.rms_norm_eps)
    graph.output("logits", _logits(graph, normed, weights), TensorProto.FLOAT, ["rows", text.vocab_size])
    return graph.build()


def check_text(text: Any) -> None:  # noqa: ANN401 - transformers' configuration
    """Refuse what would be computed wrongly.

    Raises:
        ConfigError: Another kind of text part, or a setting that the graph does not know.
    """
    rope = text.rope_parameters or {}
    known: dict[str, tuple[object, object]] = {
        "model_type": (text.model_type in _KINDS, f"{text.model_type!r}; expected one of {', '.join(_KINDS)}"),
        "hidden_act": (text.hidden_act == "silu", f"{text.hidden_act!r}; expected 'silu'"),
        "rope_type": (rope.get("rope_type", "default") == "default", f"{rope.get('rope_type')!r}; expected 'default'"),
        "partial_rotary_factor": (rope.get("partial_rotary_factor", 1.0) == 1.0, "below 1; expected 1"),
        "head_dim": (text.head_dim % _HEAD_UNIT == 0, f"{text.head_dim}; expected a multiple of {_HEAD_UNIT}"),
        "sliding_window": (not getattr(text, "sliding_window", None), "set; expected none"),
    }
    for name, (fits, seen) in known.items():
        if not fits:
            raise ConfigError(f"cannot export this text part: its {name} is {seen}; train one of that kind")


def _logits(graph: Builder, hidden: str, weights: Mapping[str, np.ndarray]) -> str:
    """Where the head is tied to the table, by the table, so that it is stored once."""
    table = f"{_TEXT}.embed_tokens"
    tied = f"{_HEAD}.weight" not in weights or np.array_equal(weights[f"{_HEAD}.weight"], weights[f"{table}.weight"])
    return graph.shared_table(hidden, f"{table if tied else _HEAD}.weight")


def _inputs(graph: Builder, text: Any, room: int) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    """Embeddings with the features in their places, and what all layers' attention takes."""
    ids = graph.input("ids", TensorProto.INT64, ["rows", "tokens"])
    features = graph.input("features", TensorProto.FLOAT, ["features", text.hidden_size])
    positions = graph.input("positions", TensorProto.INT64, ["features", 2])
    lengths = graph.input("lengths", TensorProto.INT32, ["rows"])
    longest = graph.input("longest", TensorProto.INT32, [])
    hidden = graph.op("ScatterND", graph.table(ids, f"{_TEXT}.embed_tokens.weight"), positions, features)
    theta = float((text.rope_parameters or {}).get("rope_theta", 10_000.0))
    frequencies = 1 / theta ** (np.arange(0, text.head_dim, 2, dtype=np.float32) / text.head_dim)
    # Made when the graph is loaded: as tables they would be 1 MiB of the file.
    numbers = (graph.constant(f"places_{n}", np.array(n, np.float32)) for n in (0, room, 1))
    column = graph.op("Unsqueeze", graph.op("Range", *numbers), graph.constant("second_axis", np.array([1])))
    angles = graph.op("Mul", column, graph.constant("frequencies", frequencies[None].astype(np.float32)))
    return hidden, (lengths, longest, graph.op("Cos", angles), graph.op("Sin", angles))


def _layer(graph: Builder, hidden: str, index: int, text: Any, shared: tuple[str, ...]) -> str:  # noqa: ANN401
    name = f"{_TEXT}.layers.{index}"
    normed = graph.rms_norm(hidden, f"{name}.input_layernorm", text.rms_norm_eps)
    attended = _attended(graph, normed, index, text, shared)
    hidden = graph.op("Add", hidden, graph.linear(attended, f"{name}.self_attn.o_proj"))
    normed = graph.rms_norm(hidden, f"{name}.post_attention_layernorm", text.rms_norm_eps)
    gate = graph.linear(normed, f"{name}.mlp.gate_proj")
    gate = graph.op("Mul", gate, graph.op("Sigmoid", gate))
    inner = graph.op("Mul", gate, graph.linear(normed, f"{name}.mlp.up_proj"))
    return graph.op("Add", hidden, graph.linear(inner, f"{name}.mlp.down_proj"))


def _attended(graph: Builder, normed: str, index: int, text: Any, shared: tuple[str, ...]) -> str:  # noqa: ANN401
    name = f"{_TEXT}.layers.{index}.self_attn"
    query, key, value = (graph.linear(normed, f"{name}.{part}_proj") for part in ("q", "k", "v"))
    if text.model_type == "qwen3":
        query = _head_norm(graph, query, f"{name}.q_norm", text)
        key = _head_norm(graph, key, f"{name}.k_norm", text)
    cache = ["rows", text.num_key_value_heads, "room", text.head_dim]
    past = [graph.input(f"past.{what}.{index}", TensorProto.FLOAT, cache) for what in ("key", "value")]
    present = [f"present.{what}.{index}" for what in ("key", "value")]
    attended, *_ = graph.ops(
        "GroupQueryAttention",
        ["", *present],
        *(query, key, value, *past, *shared),
        domain=CONTRIB,
        num_heads=text.num_attention_heads,
        kv_num_heads=text.num_key_value_heads,
        do_rotary=1,
        rotary_interleaved=0,
    )
    for name in present:
        graph.give(name, TensorProto.FLOAT, cache)
    return attended


def _head_norm(graph: Builder, value: str, name: str, text: Any) -> str:  # noqa: ANN401
    """Qwen3's normalisation of each head by itself."""
    heads = graph.op("Reshape", value, graph.constant("heads_shape", np.array([0, 0, -1, text.head_dim])))
    normed = graph.rms_norm(heads, name, text.rms_norm_eps)
    return graph.op("Reshape", normed, graph.constant("joined_shape", np.array([0, 0, -1])))
