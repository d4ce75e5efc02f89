"""An ONNX graph in the making, whose linear layers and tables are float32 or int8 by one setting.

    graph = Builder("vision", weights, "int8")
    x = graph.input("x", TensorProto.FLOAT, ["B", "N", 256])
    graph.output("y", graph.linear(x, "model.merger.mlp.0.linear_1"), TensorProto.FLOAT, ["B", "N", 1024])
    graph.build() -> onnx.ModelProto

In int8 a layer's weight has one scale for each of its outputs, and what goes into it one for each token, so that an
answer does not depend on what else stands in its batch; the runtime's own dynamic quantisation takes one scale for a
whole batch, and the same element would be described differently in a burst. Tables and the head that shares one are
cut into blocks (`MatMulNBits`), whose layout serves both.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from magenta_qa.model.embedded.int8 import (
    BLOCKED,
    LEVELS,
    SCALE,
    TURNED,
    ZERO_LEVEL,
    block_of,
    quantise,
    quantise_columns,
)

Precision = Literal["int8", "float32"]
CONTRIB = "com.microsoft"
OPSET = 20
IR_VERSION = 10
"""What ONNX Runtime 1.18 and later read."""
_INT8_INPUTS = 4
"""`accuracy_level` with which products are made of int8 and summed up as int32."""


class Builder:
    """A graph in the making; values are known by name.

    Args:
        name: The graph's.
        weights: The checkpoint's parameters by name, float32.
        precision: Of linear layers and tables.
    """

    def __init__(self, name: str, weights: Mapping[str, np.ndarray], precision: Precision) -> None:
        self._name, self._weights, self._precision = name, weights, precision
        self._nodes: list[Any] = []
        self._initializers: dict[str, Any] = {}
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._levels: dict[str, tuple[str, str]] = {}
        """What has been rounded already."""

    def input(self, name: str, kind: int, shape: Sequence[int | str]) -> str:
        """Declare an input; names among the sizes are dynamic."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        return name

    def output(self, name: str, value: str, kind: int, shape: Sequence[int | str]) -> None:
        """Give a value out under a name."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, kind, list(shape)))

    def op(self, kind: str, *values: str, domain: str = "", **attributes: Any) -> str:  # noqa: ANN401 - ONNX's
        """One node with one output."""
        return self.ops(kind, [""], *values, domain=domain, **attributes)[0]

    def ops(
        self,
        kind: str,
        names: Sequence[str],
        *values: str,
        domain: str = "",
        **attributes: Any,  # noqa: ANN401 - ONNX's
    ) -> list[str]:
        """One node with several outputs; an empty name is made up."""
        outputs = [name or f"{kind}_{len(self._nodes)}_{index}" for index, name in enumerate(names)]
        self._nodes.append(helper.make_node(kind, list(values), outputs, domain=domain, **attributes))
        return outputs

    def give(self, name: str, kind: int, shape: Sequence[int | str]) -> str:
        """Declare an output that a node already writes under this name."""
        self._outputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        """A fixed tensor, kept once however often it is asked for."""
        if name not in self._initializers:
            self._initializers[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def weight(self, name: str) -> str:
        """A parameter in float32."""
        return self.constant(name, self._weights[name])

    def linear(self, value: str, name: str, weight: np.ndarray | None = None) -> str:
        """`value` (…, K) times a layer's weight (N, K), plus its bias where it has one; (…, N).

        Args:
            value: What goes in.
            name: The layer's, without ".weight".
            weight: Instead of the parameter, where it has another shape.
        """
        matrix = self._weights[f"{name}.weight"] if weight is None else weight
        bias = self.weight(f"{name}.bias") if f"{name}.bias" in self._weights else ""
        if self._precision == "int8":
            product = self._int8_product(value, f"{name}.weight", matrix)
        else:
            product = self.op("MatMul", value, self.constant(f"{name}.weight{TURNED}", matrix.T))
        return self.op("Add", product, bias) if bias else product

    def _int8_product(self, value: str, name: str, matrix: np.ndarray) -> str:
        levels, factor = self._rounded(value)
        if name + LEVELS not in self._initializers:
            columns, scales = quantise_columns(matrix)
            self.constant(name + LEVELS, columns)
            self.constant(name + SCALE, scales)
        one, zero = self.constant("one", np.array(1, np.float32)), self.constant("zero", np.array(ZERO_LEVEL, np.uint8))
        weight = (name + LEVELS, one, name + SCALE, zero, zero)
        product = self.op("MatMulIntegerToFloat", levels, *weight, domain=CONTRIB)
        return self.op("Mul", product, factor)

    def _rounded(self, value: str) -> tuple[str, str]:
        """A value as levels (…, K) uint8 and the factor of each row (…, 1); once for all layers that take it."""
        if value not in self._levels:
            last = self.constant("last_axis", np.array([-1]))
            largest = self.op("ReduceMax", self.op("Abs", value), last, keepdims=1)
            largest = self.op("Max", largest, self.constant("least", np.array(1e-20, np.float32)))
            factor = self.op("Mul", largest, self.constant("level", np.array(1 / 127, np.float32)))
            one, zero = (
                self.constant("one", np.array(1, np.float32)),
                self.constant("zero", np.array(ZERO_LEVEL, np.uint8)),
            )
            self._levels[value] = self.op("QuantizeLinear", self.op("Div", value, factor), one, zero), factor
        return self._levels[value]

    def shared_table(self, value: str, name: str) -> str:
        """`value` (…, K) times a table (N, K) that `table` reads rows of; (…, N)."""
        matrix = self._weights[name]
        if self._precision == "float32":
            return self.op("MatMul", value, self.constant(name + TURNED, matrix.T))
        blocked, scale, block = self._blocks(name, matrix)
        return self.op(
            "MatMulNBits",
            *(value, blocked, scale),
            domain=CONTRIB,
            N=matrix.shape[0],
            K=matrix.shape[1],
            bits=8,
            block_size=block,
            accuracy_level=_INT8_INPUTS,
        )

    def _blocks(self, name: str, matrix: np.ndarray) -> tuple[str, str, int]:
        if name + BLOCKED not in self._initializers:
            blocked, scale = quantise(matrix)
            self.constant(name + BLOCKED, blocked)
            self.constant(name + SCALE, scale)
        return name + BLOCKED, name + SCALE, block_of(matrix.shape[1])

    def table(self, ids: str, name: str) -> str:
        """Rows of a parameter (V, D) by their ids (…); (…, D).

        In int8 the table is stored once, also where a linear layer has the same weight.
        """
        matrix = self._weights[name]
        if self._precision == "float32":
            return self.op("Gather", self.weight(name), ids)
        blocked, scale, block = self._blocks(name, matrix)
        levels = self.op("Cast", self.op("Gather", blocked, ids), to=TensorProto.FLOAT)
        levels = self.op("Sub", levels, self.constant("zero_level", np.array(float(ZERO_LEVEL), np.float32)))
        scales = self.op("Unsqueeze", self.op("Gather", scale, ids), self.constant("last_axis", np.array([-1])))
        rows = self.op("Reshape", self.op("Mul", levels, scales), self.constant("rows_shape", np.array([0, 0, -1])))
        if matrix.shape[1] % block == 0:
            return rows
        bounds = [self.constant(f"cut_{n}", np.array([n])) for n in (0, matrix.shape[1], 2)]
        return self.op("Slice", rows, *bounds)

    def layer_norm(self, value: str, name: str, epsilon: float) -> str:
        """Layer normalisation over the last axis."""
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.op("LayerNormalization", value, scale, bias, axis=-1, epsilon=epsilon)

    def rms_norm(self, value: str, name: str, epsilon: float) -> str:
        """Root mean square normalisation over the last axis."""
        return self.op("SimplifiedLayerNormalization", value, self.weight(f"{name}.weight"), axis=-1, epsilon=epsilon)

    def build(self) -> ModelProto:
        """The model."""
        graph = helper.make_graph(
            self._nodes, self._name, self._inputs, self._outputs, list(self._initializers.values())
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="magenta-qa")
