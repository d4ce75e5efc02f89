"""The understanding back end `local:PATH[+ADAPTER]`: a MiniCPM-V in this process, on the GPU or the CPU.

    answering = open_local("local:openbmb/MiniCPM-V-4.6+runs/1", View())
    answering.answer_all([ask, …])    -> [Completion("Opens the cart.", 0.93), …]

PATH is the folder of a checkpoint or its name on the hub, ADAPTER a folder that training has written. Questions are put
in batches, sorted by length; the most likely token is taken each time, and generation stops where the sentence ends
(minicpmv/burst.py; 4.7 is left to transformers' own loop).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.minicpmv import burst
from magenta_qa.model.minicpmv.adapters import content_identity, with_adapter
from magenta_qa.model.minicpmv.example import Example
from magenta_qa.model.minicpmv.families import checkpoint, family_of
from magenta_qa.model.minicpmv.fused import choose_attention, fuse_text
from magenta_qa.model.minicpmv.generation import generate
from magenta_qa.model.schema import View
from magenta_qa.model.understand import MAX_TOKENS, Ask

PREFIX = "local:"
BATCH_ON_GPU, BATCH_ON_CPU = burst.BATCH, 8
MAX_PROMPT = 4096
"""Tokens at most; longer HTML is cut, the picture never."""
_AT_ONCE = 256
"""Questions whose pictures are held in memory together."""


def parse_local(spec: str) -> tuple[str, Path | None]:
    """The base and the adapter that `local:PATH[+ADAPTER]` names.

    Raises:
        ConfigError: The spec has another form, or there is no such adapter.
    """
    place = spec.strip().removeprefix(PREFIX)
    base, plus, adapter = place.rpartition("+")
    if not plus or Path(place).is_dir():
        base, adapter = place, ""
    if not base or (plus and not adapter and not Path(place).is_dir()):
        raise ConfigError(
            f"cannot use back end {spec!r}: expected local:PATH or local:PATH+ADAPTER, such as "
            "local:openbmb/MiniCPM-V-4.6+runs/1"
        )
    if adapter and not Path(adapter).is_dir():
        raise ConfigError(f"cannot use back end {spec!r}: there is no folder {adapter}; give the adapter's folder")
    return base, Path(adapter) if adapter else None


def open_local(spec: str, view: View, device: str | None = None) -> "LocalAnswering":
    """Load the model that `spec` names.

    Args:
        spec: `local:PATH[+ADAPTER]`.
        view: What the model is shown.
        device: Where it runs; None for the GPU if there is one.

    Raises:
        ConfigError: It cannot be loaded, or the adapter belongs to another base.
    """
    base, adapter = parse_local(spec)
    return LocalAnswering(spec, base, adapter, view, device or ("cuda" if torch.cuda.is_available() else "cpu"))


class LocalAnswering:
    """A model in this process.

    Args:
        spec: What it is called.
        base: Folder of a checkpoint, or its name on the hub.
        adapter: Folder of an adapter, or None.
        view: What the model is shown.
        device: Where it runs; weights are bfloat16 on a GPU and float32 on a CPU.
    """

    reads_pictures_only = False

    def __init__(self, spec: str, base: str, adapter: Path | None, view: View, device: str) -> None:
        self.spec, self.view, self.device = spec, view, torch.device(device)
        folder = checkpoint(base)
        family = family_of(folder)
        dtype = torch.float32 if self.device.type == "cpu" else torch.bfloat16
        self.processor = family.load_processor(folder, downsample=view.downsample)
        model: Any = family.load_model(folder, dtype, self.device)
        if self.device.type == "cuda":
            choose_attention()
            fuse_text(model.text_part())
        self.model = model if adapter is None else with_adapter(model, adapter, folder)
        self._batch = BATCH_ON_CPU if self.device.type == "cpu" else BATCH_ON_GPU
        self._burst = burst.Burst(self.model, self.processor, self._batch) if burst.fits(self.processor) else None
        self._identity = content_identity(folder, adapter)

    def identity(self) -> str:
        """A hash of the weights of base and adapter."""
        return self._identity

    def taught(self, _: str) -> tuple[str, ...]:
        """Nothing: labels have gone into the model itself."""
        return ()

    def labelled(self, _: Image.Image) -> None:
        """Nothing, as above."""

    def answer_all(self, asks: Sequence[Ask]) -> list[Completion | BackendError]:
        """The answers, in order; what went wrong in the place of those that could not be asked."""
        answers: list[Completion | BackendError] = []
        for start in range(0, len(asks), _AT_ONCE):
            answers += self._answer([self._encode(ask) for ask in asks[start : start + _AT_ONCE]])
        return answers

    def close(self) -> None:
        """Nothing to release: the memory goes with the object."""

    def _encode(self, ask: Ask) -> Example | BackendError:
        picture = ask.views.outlined(ask.question.candidate.box)
        try:
            return self.processor.encode([picture], ask.prompt, max_slices=self.view.max_slices, max_length=MAX_PROMPT)
        except ValueError as error:
            return BackendError(f"{self.spec} cannot be asked: {error}")

    def _answer(self, encoded: Sequence[Example | BackendError]) -> list[Completion | BackendError]:
        said = iter(self._said([one for one in encoded if isinstance(one, Example)]))
        return [one if isinstance(one, BackendError) else next(said) for one in encoded]

    def _said(self, questions: Sequence[Example]) -> list[Completion]:
        if self._burst is not None:
            return self._burst.answer(questions, max_new_tokens=MAX_TOKENS, sentence=True)
        return generate(
            self.model, self.processor, questions, max_new_tokens=MAX_TOKENS, batch_size=self._batch, sentence=True
        )
