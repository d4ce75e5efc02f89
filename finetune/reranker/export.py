"""Writes a trained reranker as the files that the package ships: an ONNX graph with int8 weights, and its pieces.

    python -m magenta_qa.finetune.reranker.export TRAINED/reranker.npz START.npz OUT --threshold 0.6

Weights are rounded with a scale for each output and made whole again when the graph is loaded, so that arithmetic stays
float32 and a candidate's share does not depend on what is read beside it.
"""

import argparse
import hashlib
import math
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from magenta_qa.finetune.reranker.network import Reranker
from magenta_qa.model.reranker.encode import Encoded
from magenta_qa.model.reranker.files import GRAPH, MANIFEST, PIECES, Manifest

_LEAST = 10_000
"""Values of a tensor that is worth rounding."""
_OPSET = 17


class _OnePage(nn.Module):
    """The network for the candidates of one page."""

    def __init__(self, network: Reranker) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        step: Tensor,
        step_segments: Tensor,
        step_counts: Tensor,
        step_matches: Tensor,
        lines: Tensor,
        line_segments: Tensor,
        line_counts: Tensor,
        line_matches: Tensor,
    ) -> Tensor:
        """Int64 arrays as in `Encoded` -> logits [1 + candidates]."""
        n = self.network
        asked = n.embed(step[None], step_segments[None], step_counts[None]) + n.match(step_matches)
        said = n.embed(lines, line_segments, line_counts) + n.match(line_matches)
        read = n.read(asked, said, torch.ones_like(step_matches, dtype=torch.bool), lines > 0)
        return n.compare(torch.cat([n.none[None], read])[None], None)[0]


def export(trained: Path, start: Path, out: Path, threshold: float) -> Path:
    """Write the files; returns the graph's."""
    with np.load(start) as stored:
        pieces = stored["pieces"].tolist()
    network = Reranker(len(pieces))
    with np.load(trained) as stored:
        network.load_state_dict({name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files})
    out.mkdir(parents=True, exist_ok=True)
    step, lines = torch.ones(4, dtype=torch.int64), torch.ones(3, 5, dtype=torch.int64)
    axes: dict[str, dict[int, str]] = {name: {0: "candidates", 1: "pieces"} for name in Encoded._fields}
    axes |= {name: {0: "asked"} for name in Encoded._fields[:3]} | {"step_matches": {0: "candidates", 1: "asked"}}
    with warnings.catch_warnings():
        # The newer exporter needs one more package and makes no better graph of this.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _OnePage(network).eval(),
            (step, step, step, torch.ones(3, 4, dtype=torch.int64), lines, lines, lines, lines),
            out / GRAPH,
            input_names=[*Encoded._fields],
            output_names=["logits"],
            dynamic_axes=axes | {"logits": {0: "all"}},
            opset_version=_OPSET,
            dynamo=False,
        )
    model = onnx.load(out / GRAPH)
    _round(model.graph)
    onnx.save(model, out / GRAPH)
    (out / PIECES).write_text("\n".join(pieces), "utf-8")
    digests = (hashlib.sha256((out / name).read_bytes()).hexdigest() for name in (GRAPH, PIECES))
    manifest = Manifest(graph=next(digests), pieces=next(digests), threshold=threshold)
    (out / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")
    return out / GRAPH


def _round(graph: onnx.GraphProto) -> None:
    """Large weights as int8 with a scale for each output: rows of tables, columns of layers."""
    gathered = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    for weight in [each for each in graph.initializer if math.prod(each.dims) >= _LEAST]:
        values = numpy_helper.to_array(weight)
        axis = 0 if weight.name in gathered else 1
        scale = (np.abs(values).max(1 - axis) / 127 + 1e-12).astype(np.float32)
        rounded = np.round(values / np.expand_dims(scale, 1 - axis)).astype(np.int8)
        graph.initializer.remove(weight)
        graph.initializer.append(numpy_helper.from_array(rounded, f"{weight.name}/int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{weight.name}/scale"))
        inputs = [f"{weight.name}/int8", f"{weight.name}/scale"]
        graph.node.insert(0, helper.make_node("DequantizeLinear", inputs, [weight.name], axis=axis))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trained", type=Path)
    parser.add_argument("start", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threshold", type=float, required=True, help="the least share with which a candidate counts")
    args = parser.parse_args()
    path = export(args.trained, args.start, args.out, args.threshold)
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
