"""The reranker's network: one ONNX graph on the CPU.

network = open_network(folder)
network.shares("Log me out", lines)      # [1 + candidates]: "none of them" first; together one
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from magenta_qa.model.embedded.network import available_threads
from magenta_qa.model.reranker.encode import encode
from magenta_qa.model.reranker.files import GRAPH, WEIGHTS, WORDS, Manifest, read_file, read_manifest
from magenta_qa.model.reranker.words import MAX_STEP, Line

if TYPE_CHECKING:
    import onnxruntime


class Network:
    """A folder's graph; loaded when it is first asked.

    Args:
        folder: With the graph, the words of its table and the manifest.
        manifest: As it was read.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.threshold = folder, manifest.threshold
        self._manifest = manifest

    def shares(self, step: str, lines: Sequence[Line]) -> np.ndarray:
        """How likely each candidate is meant, float32 [1 + candidates]; the first share is that of none.

        Args:
            step: What is asked for.
            lines: Of at least one candidate.

        Raises:
            ConfigError: A file is missing or not the one that the manifest names.
        """
        read = encode(step, lines, self._places)
        tokens = read.words.shape[1]
        line = 1 + MAX_STEP  # where a line's places begin, however long the step is
        places = np.array([*range(1 + read.asked), *range(line, line + tokens - read.asked)], np.int64)
        fed = {"words": read.words, "segments": read.segments, "matches": read.matches, "counts": read.counts}
        logits: np.ndarray = self._session.run(None, fed | {"positions": places})[0]
        shares: np.ndarray = np.exp(logits - logits.max())
        shares /= shares.sum()
        return shares

    @cached_property
    def _session(self) -> "onnxruntime.InferenceSession":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = available_threads()
        options.log_severity_level = 3
        graph = read_file(self.folder / GRAPH, self._manifest.graph)
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    @cached_property
    def _places(self) -> Mapping[str, int]:
        words = read_file(self.folder / WORDS, self._manifest.words).decode("utf-8").split("\n")
        return {word: place for place, word in enumerate(words, 1)}


@lru_cache(maxsize=4)
def open_network(folder: Path = WEIGHTS) -> Network:
    """The network of a folder, one for the process.

    Raises:
        ConfigError: The folder holds no reranker.
    """
    return Network(folder, read_manifest(folder))
