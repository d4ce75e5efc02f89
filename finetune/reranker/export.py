"""Writes a trained reranker as the files that the package ships: an ONNX graph with int8 weights, and its words.

    python -m magenta_qa.finetune.reranker.export TRAINED/reranker.npz VOCABULARY.npz OUT --threshold 0.9

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

from magenta_qa.finetune.reranker.network import WIDTH, Reranker, table_of
from magenta_qa.model.reranker.files import GRAPH, MANIFEST, WORDS, Manifest

_LEAST = 10_000
"""Values of a tensor that is worth rounding."""
_OPSET = 17


class _OnePage(nn.Module):
    """The network for the candidates of one page."""

    def __init__(self, network: Reranker) -> None:
        super().__init__()
        self.network = network

    def forward(self, words: Tensor, segments: Tensor, matches: Tensor, counts: Tensor, positions: Tensor) -> Tensor:
        """Int64 [candidates, tokens], and the places of the start and the tokens -> logits [1 + candidates]."""
        n = self.network
        x = n.project(torch.cat([n.given[words], n.own(words)], -1))
        x = x + n.segment(segments) + n.match(matches) + n.count(counts)
        x = torch.cat([n.start.expand(x.shape[0], 1, WIDTH), x], 1) + n.position(positions)
        there = torch.cat([torch.ones_like(words[:, :1], dtype=torch.bool), words > 0], 1)[:, None, None]
        mask = torch.where(there, 0.0, -1e4)
        for layer in n.reading:
            x = layer(x, mask)
        page = torch.cat([n.none[None], x[:, 0]])[None]
        for layer in n.comparing:
            page = layer(page, None)
        return n.score(n.norm(page))[0, :, 0]


def export(trained: Path, vocabulary: Path, out: Path, threshold: float) -> Path:
    """Write the files; returns the graph's."""
    with np.load(vocabulary) as stored:
        words, network = stored["words"].tolist(), Reranker(table_of(stored["vectors"]))
    with np.load(trained) as stored:
        state = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    network.load_state_dict(state | {"given": network.given})
    out.mkdir(parents=True, exist_ok=True)
    tokens = torch.ones(3, 5, dtype=torch.int64)
    names = ["words", "segments", "matches", "counts"]
    axes = {name: {0: "candidates", 1: "tokens"} for name in names} | {"positions": {0: "places"}, "logits": {0: "all"}}
    with warnings.catch_warnings():
        # The newer exporter needs one more package and makes no better graph of this.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _OnePage(network).eval(),
            (tokens, tokens, tokens, tokens, torch.arange(6)),
            out / GRAPH,
            input_names=[*names, "positions"],
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
    model = onnx.load(out / GRAPH)
    _round(model.graph)
    onnx.save(model, out / GRAPH)
    (out / WORDS).write_text("\n".join(words), "utf-8")
    digests = (hashlib.sha256((out / name).read_bytes()).hexdigest() for name in (GRAPH, WORDS))
    manifest = Manifest(graph=next(digests), words=next(digests), threshold=threshold)
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
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threshold", type=float, required=True, help="the least share with which a candidate counts")
    args = parser.parse_args()
    path = export(args.trained, args.vocabulary, args.out, args.threshold)
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
