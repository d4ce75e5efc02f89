"""The vision part with one merger ("4x"): patches of pictures of one size to features.

    in    patches (B, N, 3·P·P) uint8    each patch colour by colour and row by row; patches in the order of merging:
                                         the four of a window follow each other
          places (N,) int64              row of the position table for each patch
    out   features (B, N / 4, D) float32

As patches come in windows, merging is a reshape; attention does not care about their order.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto

from magenta_qa.finetune.graphs.builder import CONTRIB, Builder, Precision
from magenta_qa.model.errors import ConfigError

_TOWER = "model.vision_tower"
_MERGER = "model.merger.mlp.0"
_MERGER_EPSILON = 1e-6
_ACTIVATIONS = {"gelu_pytorch_tanh": "tanh", "gelu": "none"}


def build_vision(
    weights: Mapping[str, np.ndarray],
    config: Any,  # noqa: ANN401 - transformers' configuration
    mean: tuple[float, ...],
    std: tuple[float, ...],
    precision: Precision,
) -> ModelProto:
    """The graph.

    Args:
        weights: The checkpoint's parameters by name, float32.
        config: The checkpoint's configuration.
        mean: Of each colour, as the processor subtracts it.
        std: What it divides by.
        precision: Of linear layers.

    Raises:
        ConfigError: The checkpoint's vision part has something that is not built here.
    """
    _check(config)
    vision, graph = config.vision_config, Builder("vision", weights, precision)
    pixels = 3 * vision.patch_size**2
    patches = graph.input("patches", TensorProto.UINT8, ["pictures", "patches", pixels])
    places = graph.input("places", TensorProto.INT64, ["patches"])
    hidden = _embedded(graph, patches, places, weights, mean, std)
    for index in range(vision.num_hidden_layers):
        hidden = _layer(graph, hidden, f"{_TOWER}.encoder.layers.{index}", vision)
    hidden = graph.layer_norm(hidden, f"{_TOWER}.post_layernorm", vision.layer_norm_eps)
    merged = _merged(graph, hidden, 4 * vision.hidden_size)
    width = config.text_config.hidden_size
    graph.output("features", merged, TensorProto.FLOAT, ["pictures", "features", width])
    return graph.build()


def _check(config: Any) -> None:  # noqa: ANN401
    if config.merger_times != 1 or tuple(config.merge_kernel_size) != (2, 2):
        raise ConfigError(
            f"cannot export a model that merges {config.merger_times} times by {tuple(config.merge_kernel_size)}; "
            "expected once by (2, 2); train one with merger_times 1"
        )
    if config.vision_config.hidden_act not in _ACTIVATIONS:
        raise ConfigError(
            f"cannot export a vision part with the activation {config.vision_config.hidden_act!r}; expected one of "
            f"{', '.join(_ACTIVATIONS)}"
        )


def _embedded(
    graph: Builder,
    patches: str,
    places: str,
    weights: Mapping[str, np.ndarray],
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> str:
    name = f"{_TOWER}.embeddings.patch_embedding"
    kernel = weights[f"{name}.weight"]
    per_colour = kernel.shape[2] * kernel.shape[3]
    scale: np.ndarray = np.repeat(1 / (255 * np.array(std, np.float32)), per_colour).astype(np.float32)
    shift: np.ndarray = np.repeat(-np.array(mean, np.float32) / np.array(std, np.float32), per_colour).astype(
        np.float32
    )
    values = graph.op("Mul", graph.op("Cast", patches, to=TensorProto.FLOAT), graph.constant("pixel_scale", scale))
    values = graph.op("Add", values, graph.constant("pixel_shift", shift))
    hidden = graph.linear(values, name, kernel.reshape(len(kernel), -1))
    table = graph.weight(f"{_TOWER}.embeddings.position_embedding.weight")
    return graph.op("Add", hidden, graph.op("Gather", table, places))


def _layer(graph: Builder, hidden: str, name: str, vision: Any) -> str:  # noqa: ANN401
    normed = graph.layer_norm(hidden, f"{name}.layer_norm1", vision.layer_norm_eps)
    parts = [graph.linear(normed, f"{name}.self_attn.{part}_proj") for part in ("q", "k", "v")]
    attended = graph.op("MultiHeadAttention", *parts, domain=CONTRIB, num_heads=vision.num_attention_heads)
    hidden = graph.op("Add", hidden, graph.linear(attended, f"{name}.self_attn.out_proj"))
    normed = graph.layer_norm(hidden, f"{name}.layer_norm2", vision.layer_norm_eps)
    inner = graph.linear(normed, f"{name}.mlp.fc1")
    inner = graph.op("Gelu", inner, approximate=_ACTIVATIONS[vision.hidden_act])
    return graph.op("Add", hidden, graph.linear(inner, f"{name}.mlp.fc2"))


def _merged(graph: Builder, hidden: str, width: int) -> str:
    windows = graph.op("Reshape", hidden, graph.constant("window_shape", np.array([0, -1, width])))
    windows = graph.layer_norm(windows, f"{_MERGER}.pre_norm", _MERGER_EPSILON)
    inner = graph.op("Gelu", graph.linear(windows, f"{_MERGER}.linear_1"), approximate="none")
    return graph.linear(inner, f"{_MERGER}.linear_2")
