"""The two graphs in ONNX Runtime, and the cache that a burst's answers share.

network = Network(files, threads=2)               # nothing is loaded before it is asked
network.features([prompt, …])                     -> (B, F, D)
run = network.begin(prompts, room=64)             # reads the prompts: run.logits (B, V)
run.step(tokens)                                  # one token more for each
"""

import copy
import math
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from magenta_qa.model.embedded.files import ModelFiles
from magenta_qa.model.embedded.prompts import Prompt

THREADS = 2


_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""What a container may use, as `200000 100000`: processor time in a span of time; `max` for all."""


def available_threads(wanted: int = THREADS, quota: Path = _QUOTA) -> int:
    """As many threads as wanted, but no more than this process, or its container, may run at once."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        share, span = map(int, quota.read_text("utf-8").split())
        allowed = min(allowed, math.ceil(share / span))
    return max(1, min(wanted, allowed))


@lru_cache(maxsize=2)
def shared_network(files: ModelFiles, threads: int = THREADS) -> "Network":
    """One network for all that use the same files in this process: describing and deciding load the weights once."""
    return Network(files, threads)


class Network:
    """A model's graphs, loaded when first used.

    Args:
        files: The model's.
        threads: Of a graph; no more than the machine has are used.
    """

    def __init__(self, files: ModelFiles, threads: int = THREADS) -> None:
        self._files, self.threads = files, available_threads(threads)

    def features(self, prompts: Sequence[Prompt]) -> np.ndarray:
        """Features (F, D) of all pictures, one behind the other; pictures of one size are one batch."""
        sizes: dict[bytes, list[int]] = {}
        for index, prompt in enumerate(prompts):
            if not prompt.features:
                continue
            sizes.setdefault(prompt.places.tobytes(), []).append(index)
        found: dict[int, np.ndarray] = {}
        for group in sizes.values():
            patches = np.stack([prompts[index].patches for index in group])
            (features,) = self._vision.run(None, {"patches": patches, "places": prompts[group[0]].places})
            found |= zip(group, features, strict=True)
        none: np.ndarray = np.zeros((0, self._files.manifest.cache.width), np.float32)
        joined: np.ndarray = np.concatenate([none, *(found[index] for index in sorted(found))])
        return joined

    def begin(self, prompts: Sequence[Prompt], room: int) -> "Run":
        """Read prompts as one batch, with room for so many tokens more."""
        return Run(self._text, self._files, prompts, self.features(prompts), room)

    @cached_property
    def _vision(self) -> Any:  # noqa: ANN401 - an InferenceSession
        return self._session(self._files.graph("vision"))

    @cached_property
    def _text(self) -> Any:  # noqa: ANN401 - an InferenceSession
        return self._session(self._files.graph("text"))

    def _session(self, graph: bytes) -> Any:  # noqa: ANN401
        # Most runs never ask the model, and this takes a fifth of a second.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        # Waiting threads must not keep the processor from the browser.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class Run:
    """A batch of prompts that has been read, and is written on token by token.

    Args:
        session: The text part's.
        files: The model's.
        prompts: Of any lengths.
        features: Of their pictures, one behind the other.
        room: Steps at most.
    """

    def __init__(
        self,
        session: Any,  # noqa: ANN401 - an InferenceSession
        files: ModelFiles,
        prompts: Sequence[Prompt],
        features: np.ndarray,
        room: int,
    ) -> None:
        self._session, self._facts = session, files.manifest.cache
        self._lengths = np.array([len(prompt) for prompt in prompts], np.int32)
        width = int(self._lengths.max())
        ids: np.ndarray = np.full((len(prompts), width), files.manifest.prompt.padding, np.int64)
        for row, prompt in enumerate(prompts):
            ids[row, : len(prompt)] = prompt.ids
        self._read = self._lengths
        shape = (len(prompts), self._facts.heads, width + room, self._facts.head_size)
        self._bind_cache([np.zeros(shape, np.float32) for _ in range(2 * self._facts.layers)])
        self.logits = self._run(ids, features, _positions(prompts), self._lengths[:, None] - 1)

    def step(self, tokens: np.ndarray) -> None:
        """Append one token (B,) to each row; `logits` (B, V) are then those of its successor."""
        rows = len(tokens)
        self._lengths = self._lengths + 1
        features: np.ndarray = np.zeros((0, self._facts.width), np.float32)
        positions: np.ndarray = np.zeros((0, 2), np.int64)
        self.logits = self._run(tokens[:, None].astype(np.int64), features, positions, np.zeros((rows, 1), np.int64))

    def begun_again(self, rows: Sequence[int], room: int) -> "Run":
        """The prompts of these rows as read, with room for so many tokens more; rows may be named repeatedly."""
        again = copy.copy(self)
        again._lengths = again._read = self._read[list(rows)]
        places = int(again._lengths.max()) + room
        again._bind_cache([memory.numpy()[list(rows), :, :places] for memory in self._memory])
        return again

    @property
    def length(self) -> int:
        """Tokens of the longest row so far."""
        return int(self._lengths.max())

    def _bind_cache(self, content: Sequence[np.ndarray]) -> None:
        """Past and present are the same memory: a step writes one place and copies nothing."""
        import onnxruntime

        self._binding = self._session.io_binding()
        self._memory = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in content]
        names = [f"{what}.{layer}" for layer in range(self._facts.layers) for what in ("key", "value")]
        for name, memory in zip(names, self._memory, strict=True):
            self._binding.bind_ortvalue_input(f"past.{name}", memory)
            self._binding.bind_ortvalue_output(f"present.{name}", memory)

    def _run(self, ids: np.ndarray, features: np.ndarray, positions: np.ndarray, last: np.ndarray) -> np.ndarray:
        inputs = {
            "ids": ids,
            "features": features,
            "positions": positions,
            "lengths": self._lengths - 1,
            "longest": np.array(self._lengths.max(), np.int32),
            "last": last.astype(np.int64),
        }
        for name, value in inputs.items():
            self._binding.bind_cpu_input(name, np.ascontiguousarray(value))
        self._binding.bind_output("logits")
        self._session.run_with_iobinding(self._binding)
        logits: np.ndarray = self._binding.get_outputs()[-1].numpy()
        return logits


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Logarithms (…, V) of the chances of all tokens, from logits (…, V)."""
    shifted = logits - logits.max(-1, keepdims=True)
    logs: np.ndarray = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return logs


def _positions(prompts: Sequence[Prompt]) -> np.ndarray:
    """Row and token (F, 2) of every feature."""
    positions: np.ndarray = np.concatenate(
        [
            np.stack([np.full(prompt.features, row), prompt.first + np.arange(prompt.features)], 1)
            for row, prompt in enumerate(prompts)
        ]
    ).astype(np.int64)
    return positions
