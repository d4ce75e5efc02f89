"""The reranker's network: one ONNX graph on the CPU.

network = open_network(folder)
network.shares("Log me out", lines)      # [1 + candidates]: "none of them" first; together one
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from magenta_qa.model.embedded.network import available_threads
from magenta_qa.model.reranker.encode import encode
from magenta_qa.model.reranker.files import GRAPH, PIECES, WEIGHTS, Manifest, read_file, read_manifest
from magenta_qa.model.reranker.pieces import Pieces
from magenta_qa.model.reranker.words import Line

if TYPE_CHECKING:
    import onnxruntime


class Network:
    """A folder's graph; loaded when it is first asked.

    Args:
        folder: With the graph, the pieces of its table and the manifest.
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
        read = encode(step, lines, self._pieces)
        logits: np.ndarray = self._session.run(None, read._asdict())[0]
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
    def _pieces(self) -> Pieces:
        return Pieces(read_file(self.folder / PIECES, self._manifest.pieces).decode("utf-8").split("\n"))


@lru_cache(maxsize=4)
def open_network(folder: Path = WEIGHTS) -> Network:
    """The network of a folder, one for the process.

    Raises:
        ConfigError: The folder holds no reranker.
    """
    return Network(folder, read_manifest(folder))
