"""The reranker in PyTorch: as `model.reranker.network` computes it, with gradients.

    network = Reranker(vectors)
    logits = network(batch)        # [lists, candidates + 1]; the first column is "none of them"

Each candidate is read together with the step by a small transformer; words that both have, and how many candidates of
the page have them, are marked. A second one compares the candidates of a page with each other and with "none".
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from magenta_qa.model.reranker.encode import HASHED
from magenta_qa.model.reranker.words import MAX_LINE, MAX_STEP

WIDTH, HEADS, INNER, READING, COMPARING = 192, 6, 640, 4, 2
OWN = 48
"""Width of what training learns of a word, beside its given vector."""
POSITIONS = 1 + MAX_STEP + MAX_LINE
SEGMENTS, MATCHES, COUNTS = 7, 3, 6
_FORGOTTEN, _BLANK = 0.3, 0.03
"""Shares of words of which only the given vector, and nothing at all, is shown in training."""


def table_of(given: np.ndarray) -> Tensor:
    """The table of given vectors: padding first, unknown words last."""
    table = torch.zeros(1 + len(given) + HASHED, given.shape[1])
    table[1 : len(given) + 1] = torch.from_numpy(given.astype(np.float32)) * math.sqrt(given.shape[1]) / 4
    return table


@dataclass(slots=True)
class Batch:
    """Candidates of several lists, each with its list's step.

    Attributes:
        words, segments, matches, counts: Int tensors [candidates, tokens]; word 0 is padding.
        lists: [candidates], the list that each belongs to; those of a list stand together.
        places: [candidates], each one's column in its list, from 1.
        sizes: [lists].
        asked: The first so many tokens are the step's.
    """

    words: Tensor
    segments: Tensor
    matches: Tensor
    counts: Tensor
    lists: Tensor
    places: Tensor
    sizes: Tensor
    asked: int


class Layer(nn.Module):
    """A transformer's layer, normalised first."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x [rows, tokens, WIDTH]; mask [rows, 1, 1, tokens] of what may be looked at."""
        rows, tokens, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(rows, tokens, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.drop(self.out(seen.transpose(1, 2).reshape(rows, tokens, WIDTH)))
        hidden = nn.functional.gelu(self.up(self.norm2(x)), approximate="tanh")
        return x + self.drop(self.down(hidden))


class Reranker(nn.Module):
    """The whole.

    Args:
        vectors: Given vectors [words, width]; row 0 is padding, the last rows are those of unknown words.
    """

    def __init__(self, vectors: Tensor) -> None:
        super().__init__()
        self.given: Any
        self.register_buffer("given", vectors.float())
        self.own = nn.Embedding(len(vectors), OWN)
        self.project = nn.Linear(vectors.shape[1] + OWN, WIDTH)
        self.segment, self.position = nn.Embedding(SEGMENTS, WIDTH), nn.Embedding(POSITIONS, WIDTH)
        self.match, self.count = nn.Embedding(MATCHES, WIDTH), nn.Embedding(COUNTS, WIDTH)
        self.start, self.none = nn.Parameter(torch.zeros(WIDTH)), nn.Parameter(torch.zeros(WIDTH))
        self.reading = nn.ModuleList(Layer() for _ in range(READING))
        self.comparing = nn.ModuleList(Layer() for _ in range(COMPARING))
        self.norm, self.score = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 1)
        for table in (self.own, self.segment, self.position, self.match, self.count):
            nn.init.normal_(table.weight, std=0.05)

    def forward(self, batch: Batch) -> Tensor:
        """Logits [lists, 1 + most candidates]; -inf where a list has no more."""
        x = self._embed(batch)
        mask = nn.functional.pad(batch.words > 0, (1, 0), value=True)[:, None, None]
        for layer in self.reading:
            x = layer(x, mask)
        read = x[:, 0]
        lists, most = len(batch.sizes), int(batch.sizes.max())
        page = read.new_zeros(lists, most + 1, WIDTH)
        page[batch.lists, batch.places] = read
        page[:, 0] = self.none.to(read.dtype)
        there = torch.arange(most + 1, device=read.device) <= batch.sizes[:, None]
        for layer in self.comparing:
            page = layer(page, there[:, None, None])
        logits = self.score(self.norm(page)).squeeze(-1).float()
        return logits.masked_fill(~there, -1e4)

    def _embed(self, batch: Batch) -> Tensor:
        own, given = self.own(batch.words), self.given[batch.words]
        if self.training:
            chance = torch.rand(batch.words.shape, device=own.device)[..., None]
            own = own * (chance > _FORGOTTEN)
            given = given * (chance < 1 - _BLANK)
        x = self.project(torch.cat([given, own], -1))
        x = x + self.segment(batch.segments) + self.match(batch.matches) + self.count(batch.counts)
        x = torch.cat([self.start.to(x.dtype).expand(len(x), 1, WIDTH), x], 1)
        tokens = x.shape[1] - 1 - batch.asked
        position = self.position.weight
        line = position[1 + MAX_STEP : 1 + MAX_STEP + tokens]  # where the line begins, however long the step is
        return x + torch.cat([position[: 1 + batch.asked], line])
