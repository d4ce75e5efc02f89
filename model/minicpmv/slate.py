"""Rows that are written together: memory that stays in its place, and one CUDA graph that writes a token of each.

    slate = Slate(model, read.cache, rows=40, room=576)
    slate.begin(longest=465)
    slate.place(0, read)                     # prompts that were read, as rows 0 … 15
    slate.step()                             # one token more for all rows, nothing waits for the device
    slate.ids(40, 2)                         -> [[151, 9], …]

On a CPU the same is computed without a graph.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import StaticCache
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

MOST_TOKENS = 512
"""Of an answer."""
_GROUPED = "magenta_grouped"


@dataclass(frozen=True, slots=True)
class Read:
    """Prompts that a model has read."""

    cache: Any
    """transformers' `DynamicCache`, filled up on the left."""
    logits: torch.Tensor
    """Of the first token of each answer, (B, V)."""
    lengths: list[int]
    """Of the prompts; rows beyond them only fill up."""


class Slate:
    """Memory for so many rows, and the graph.

    Args:
        model: What `Family.load_model` gave, or the same wrapped by PEFT.
        like: A cache that the model has filled; only its shapes are looked at.
        rows: Written together.
        room: Tokens of a prompt and its answer at most.
    """

    def __init__(self, model: Any, like: Any, rows: int, room: int) -> None:  # noqa: ANN401
        self._text, self._head = model.text_part(), model.get_output_embeddings()
        self._embed = model.get_input_embeddings()
        device = self._embed.weight.device
        self.rows, self.room = rows, room
        self._cache = StaticCache(config=self._text.config, max_cache_len=room)
        for layer, other in zip(self._cache.layers, like.layers, strict=True):
            _make_room(layer, other, rows)
        self._tokens = torch.zeros(rows, 1, dtype=torch.long, device=device)
        self._positions = torch.zeros(rows, 1, dtype=torch.long, device=device)
        self._seen = torch.zeros(rows, 1, 1, room, dtype=torch.bool, device=device)
        self._next = torch.zeros(1, dtype=torch.long, device=device)
        self._written = torch.zeros(1, 1, dtype=torch.long, device=device)
        self._ids = torch.zeros(rows, MOST_TOKENS, dtype=torch.long, device=device)
        self._chances = torch.zeros(rows, MOST_TOKENS, device=device)
        self._end = 0
        self._graph = self._captured() if device.type == "cuda" else None

    def begin(self, longest: int) -> None:
        """Forget all rows; the prompts to come have at most `longest` tokens."""
        self._end = longest
        self._seen.zero_()
        self._next.fill_(longest)
        self._written.fill_(1)
        for layer in self._cache.layers:
            if _attends(layer):
                layer.cumulative_length.fill_(longest)

    def place(self, start: int, read: Read) -> None:
        """Put prompts that were read into the rows from `start` on, so that all prompts end at the same place."""
        rows = slice(start, start + len(read.lengths))
        for mine, other in zip(self._cache.layers, read.cache.layers, strict=True):
            _copy(mine, other, rows, self._end)
        lengths = torch.tensor(read.lengths, device=self._tokens.device)
        places = torch.arange(self._end, device=self._tokens.device)
        self._seen[rows, 0, 0, : self._end] = places >= self._end - lengths[:, None]
        self._positions[rows, 0] = lengths
        token, chance = _likeliest(read.logits[: len(read.lengths)])
        self._tokens[rows], self._ids[rows, :1], self._chances[rows, :1] = token, token, chance

    def step(self) -> None:
        """Write one token more of every row."""
        if self._graph is None:
            self._step()
        else:
            self._graph.replay()

    def ids(self, rows: int, count: int) -> list[list[int]]:
        """The first `count` tokens written of the first `rows` rows; waits for the device."""
        found: list[list[int]] = self._ids[:rows, :count].tolist()
        return found

    def chances(self, rows: int, count: int) -> list[list[float]]:
        """Their probabilities."""
        found: list[list[float]] = self._chances[:rows, :count].tolist()
        return found

    def _captured(self) -> Any:  # noqa: ANN401 - a CUDAGraph
        """The graph of one step; what it writes meanwhile is overwritten by `begin` and `place`."""
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(2):
                self._step()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._step()
        return graph

    def _step(self) -> None:
        self._seen.index_fill_(3, self._next, True)
        mask: Any = self._seen
        if "linear_attention" in (getattr(self._text.config, "layer_types", None) or ()):
            mask = {"full_attention": self._seen, "linear_attention": None}
        with _grouped_attention(self._text.config):
            hidden = self._text(
                inputs_embeds=self._embed(self._tokens),
                attention_mask=mask,
                position_ids=self._positions,
                use_cache=True,
                **{cache_name(self._text): self._cache},
            )[0]
        token, chance = _likeliest(self._head(hidden[:, -1]))
        self._tokens.copy_(token)
        place = self._written.expand(self.rows, 1)
        self._ids.scatter_(1, place, token)
        self._chances.scatter_(1, place, chance)
        for counter in (self._positions, self._next, self._written):
            counter.add_(1)


def cache_name(text: nn.Module) -> str:
    """What a decoder calls its cache: transformers 5.2x has renamed it."""
    return "cache" if "cache" in inspect.signature(text.forward).parameters else "past_key_values"


def _likeliest(logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Of logits (B, V) the likeliest token and its probability, both (B, 1)."""
    logits = logits.float()
    best, token = logits.max(-1, keepdim=True)
    return token, (best - logits.logsumexp(-1, keepdim=True)).exp()


def _attends(layer: Any) -> bool:  # noqa: ANN401 - transformers' layers
    """Whether a layer of a cache holds keys and values, and no state of linear attention."""
    return hasattr(layer, "keys")


def _make_room(layer: Any, like: Any, rows: int) -> None:  # noqa: ANN401
    if _attends(layer):
        layer.lazy_initialization(
            *(part.new_empty((rows, part.shape[1], 0, part.shape[3])) for part in (like.keys, like.values))
        )
        return
    conv, recurrent = like.conv_states[0], like.recurrent_states[0]
    layer.lazy_initialization(
        conv_states=conv.new_empty((rows, *conv.shape[1:])),
        recurrent_states=recurrent.new_empty((rows, *recurrent.shape[1:])),
    )
    layer.has_previous_state[0] = True


def _copy(mine: Any, other: Any, rows: slice, end: int) -> None:  # noqa: ANN401
    count = rows.stop - rows.start
    if not _attends(mine):
        mine.conv_states[0][rows] = other.conv_states[0][:count]
        mine.recurrent_states[0][rows] = other.recurrent_states[0][:count]
        return
    start = end - other.keys.shape[2]
    mine.keys[rows, :, start:end] = other.keys[:count]
    mine.values[rows, :, start:end] = other.values[:count]


@contextmanager
def _grouped_attention(config: Any) -> Iterator[None]:  # noqa: ANN401 - any decoder's
    """Attention of one token that reads keys and values once for all heads that share them."""
    if _GROUPED not in ALL_ATTENTION_FUNCTIONS:
        ALL_ATTENTION_FUNCTIONS.register(_GROUPED, _attend)
    before = config._attn_implementation
    config._attn_implementation = _GROUPED
    try:
        yield
    finally:
        config._attn_implementation = before


def _attend(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    scaling: float | None = None,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """As transformers' `sdpa` with one query (B, H, 1, D): the heads of a group stand in the place of queries.

    transformers before 5.2x copies keys and values for every head instead, several times the memory's traffic.
    """
    rows, heads, _, width = query.shape
    grouped = query.view(rows, key.shape[1], heads // key.shape[1], width)
    attended = nn.functional.scaled_dot_product_attention(grouped, key, value, attn_mask=attention_mask, scale=scaling)
    return attended.reshape(rows, 1, heads, width), None
