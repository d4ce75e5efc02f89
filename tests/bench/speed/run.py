"""What is to be measured; imports nothing heavy, as each measurement has a process of its own."""

from dataclasses import dataclass
from typing import Literal

View = Literal["page", "crop"]
ATTENTION = r"llm\..*layers\.\d+\.(self_attn|linear_attn)\.(q_proj|k_proj|v_proj|o_proj|in_proj_qkv|in_proj_z|out_proj)"
"""The layers that the recipe puts LoRA on, and their like in linear attention."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is measured."""

    name: str
    model: str
    view: View
    batch: int
    flags: tuple[str, ...] = ()
    steps: int = 12
    as_published: bool = False
    """Whether to do besides what the recipe's own loop does: see `PublishedTrainer`."""
    memory_gib: float | None = None
    """Of the device, to be used at most."""
    losses: bool = False
    """Whether the loss of every step is wanted."""
