"""The reranker in PyTorch: as `model.reranker.network` computes it, with gradients.

    network = Reranker(pieces=11_000)
    logits = network(batch)        # [lists, candidates + 1]; the first column is "none of them"

A step and a candidate are read together by the layers of MiniLM; words that both have, and how many candidates of the
page have them, are marked. What was read of the candidates of a page is then compared with each other and with "none".
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from magenta_qa.model.reranker.pieces import MAX_LINE, MAX_STEP, OUTSIDE

WIDTH, HEADS, INNER, LAYERS = 384, 12, 1536, 6
"""Of what reads, as MiniLM-L6 has them."""
PAGE_WIDTH, PAGE_HEADS, PAGE_INNER, PAGE_LAYERS = 192, 6, 640, 2
"""Of what compares."""
MATCHES, COUNTS = 3, 6
_NONE = -1e4
_PARTS, _ROUND = 6, 8
"""Parts in which a batch is read, and what lengths are rounded up to: few shapes, and little that only fills up."""


@dataclass(slots=True)
class Batch:
    """Candidates of several lists, and the lists' steps: see `model.reranker.encode.Encoded`.

    Attributes:
        step, step_segments, step_counts: Int tensors [lists, step's pieces]; 0 is padding.
        lines, line_segments, line_counts, line_matches: [candidates, pieces].
        step_matches: [candidates, step's pieces].
        lists: [candidates], the list that each belongs to; those of a list stand together.
        places: [candidates], each one's column in its list, from 1.
        sizes: [lists].
    """

    step: Tensor
    step_segments: Tensor
    step_counts: Tensor
    step_matches: Tensor
    lines: Tensor
    line_segments: Tensor
    line_counts: Tensor
    line_matches: Tensor
    lists: Tensor
    places: Tensor
    sizes: Tensor


class Attention(nn.Module):
    """Each looks at what is there.

    Args:
        width: Of what comes and goes.
        heads: That look side by side.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x [rows, tokens, width]; mask [rows, 1, 1, tokens] of what may be looked at."""
        rows, tokens, width = x.shape
        q, k, v = self.qkv(x).view(rows, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out(seen.transpose(1, 2).reshape(rows, tokens, width))


class Reading(nn.Module):
    """A layer of MiniLM: normalised last."""

    def __init__(self) -> None:
        super().__init__()
        self.look = Attention(WIDTH, HEADS)
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """As `Attention`."""
        x = self.norm1(x + self.drop(self.look(x, mask)))
        return self.norm2(x + self.drop(self.down(nn.functional.gelu(self.up(x)))))


class Comparing(nn.Module):
    """A layer of what compares: normalised first."""

    def __init__(self) -> None:
        super().__init__()
        self.look = Attention(PAGE_WIDTH, PAGE_HEADS)
        self.up, self.down = nn.Linear(PAGE_WIDTH, PAGE_INNER), nn.Linear(PAGE_INNER, PAGE_WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(PAGE_WIDTH), nn.LayerNorm(PAGE_WIDTH)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """As `Attention`."""
        x = x + self.drop(self.look(self.norm1(x), mask))
        return x + self.drop(self.down(nn.functional.gelu(self.up(self.norm2(x)))))


class Reranker(nn.Module):
    """The whole.

    Args:
        pieces: Rows of the table.
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.piece, self.position = nn.Embedding(pieces, WIDTH), nn.Embedding(max(MAX_STEP, MAX_LINE), WIDTH)
        self.segment = nn.Embedding(OUTSIDE + 1, WIDTH)
        self.match, self.count = nn.Embedding(MATCHES, WIDTH), nn.Embedding(COUNTS, WIDTH)
        self.norm, self.drop = nn.LayerNorm(WIDTH, eps=1e-12), nn.Dropout(0.1)
        self.reading = nn.ModuleList(Reading() for _ in range(LAYERS))
        self.narrow, self.none = nn.Linear(3 * WIDTH, PAGE_WIDTH), nn.Parameter(torch.zeros(PAGE_WIDTH))
        self.comparing = nn.ModuleList(Comparing() for _ in range(PAGE_LAYERS))
        self.last, self.score = nn.LayerNorm(PAGE_WIDTH), nn.Linear(PAGE_WIDTH, 1)
        for table in (self.segment, self.match, self.count):
            nn.init.zeros_(table.weight)  # so that training begins with what MiniLM knows

    def forward(self, batch: Batch) -> Tensor:
        """Logits [lists, 1 + most candidates]; very low where a list has no more."""
        lists, most = len(batch.sizes), int(batch.sizes.max())
        parts = self._by_length(batch)
        page = torch.zeros(lists, most + 1, PAGE_WIDTH, device=batch.sizes.device)
        for rows in parts:
            page[batch.lists[rows], batch.places[rows]] = self._read(batch, rows).float()
        page[:, 0] = self.none
        full = torch.arange(most + 1, device=page.device) <= batch.sizes[:, None]
        return self.compare(page, full[:, None, None]).masked_fill(~full, _NONE)

    @staticmethod
    def _by_length(batch: Batch) -> tuple[Tensor, ...]:
        """Candidates that are read together: of like length, since what fills up costs as much as what is there."""
        lengths = (batch.lines > 0).sum(1) + (batch.step > 0).sum(1)[batch.lists]
        parts: tuple[Tensor, ...] = lengths.argsort().chunk(_PARTS)
        return parts

    def _read(self, batch: Batch, rows: Tensor) -> Tensor:
        """What is read of some candidates: [candidates, PAGE_WIDTH]."""
        lists = batch.lists[rows]
        wide, long = _longest(batch.step[lists]), _longest(batch.lines[rows])
        step, line = batch.step[lists, :wide], batch.lines[rows, :long]
        asked = self.embed(step, batch.step_segments[lists, :wide], batch.step_counts[lists, :wide])
        said = self.embed(line, batch.line_segments[rows, :long], batch.line_counts[rows, :long])
        asked = asked + self.match(batch.step_matches[rows, :wide])
        said = said + self.match(batch.line_matches[rows, :long])
        return self.read(asked, said, step > 0, line > 0)

    def embed(self, pieces: Tensor, segments: Tensor, counts: Tensor) -> Tensor:
        """Texts by themselves: int [rows, pieces] -> [rows, pieces, WIDTH]."""
        x = self.piece(pieces) + self.segment(segments) + self.position.weight[: pieces.shape[1]]
        return self.norm(x) + self.count(counts)

    def read(self, step: Tensor, line: Tensor, step_there: Tensor, line_there: Tensor) -> Tensor:
        """A step with each candidate: [candidates, pieces, WIDTH] each -> [candidates, PAGE_WIDTH]."""
        x = self.drop(torch.cat([step, line], 1))
        mask = torch.cat([step_there, line_there], 1)[:, None, None]
        for layer in self.reading:
            x = layer(x, mask)
        wide = step.shape[1]
        asked, said = _mean(x[:, :wide], step_there), _mean(x[:, wide:], line_there)
        return self.narrow(torch.cat([asked, said, asked * said], -1))

    def compare(self, page: Tensor, mask: Tensor | None) -> Tensor:
        """What was read, "none" first: [lists, 1 + candidates, PAGE_WIDTH] -> [lists, 1 + candidates]."""
        for layer in self.comparing:
            page = layer(page, mask)
        return self.score(self.last(page)).squeeze(-1).float()


def _longest(pieces: Tensor) -> int:
    """Of these rows, rounded up."""
    longest = int((pieces > 0).sum(1).max())
    return min(int(pieces.shape[1]), -(-longest // _ROUND) * _ROUND)


def _mean(x: Tensor, there: Tensor) -> Tensor:
    """Over what is there, as MiniLM's sentences are made."""
    weight = there[..., None].to(x.dtype)
    return nn.functional.normalize((x * weight).sum(1), dim=-1) * WIDTH**0.5
