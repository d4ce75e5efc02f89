"""An exported model as a checkpoint again, so that it can be trained further, or run in PyTorch.

    unpack(Path("models/small"))     -> ~/.cache/huggingface/magenta/3fa9…/, with config.json, model.safetensors, …

Weights are what the exported graphs compute with: int8 becomes the float32 that it stands for. It is done once for each
exported model, into the cache in which models from the hub lie; `checkpoint("embedded:models/small")` calls it. Weights
that only "16x" uses are not exported; they become zeros.
"""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig

from magenta_qa.model.embedded.files import ModelFiles, read_files
from magenta_qa.model.embedded.int8 import BLOCKED, LEVELS, SCALE, TURNED, dequantise, dequantise_columns
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.native import native_class

HEAD, TABLE = "lm_head.weight", "model.language_model.embed_tokens.weight"
"""A head that is equal to the embedding table is stored as the table."""
UNUSED = "model.vision_tower.vit_merger."
"""Begins the names of weights that are not exported."""


def unpack(folder: Path) -> Path:
    """The folder of the checkpoint.

    Raises:
        ConfigError: `folder` holds no whole model, or one whose weights do not fit its config.json.
    """
    from huggingface_hub.constants import HF_HOME

    files = read_files(folder)
    place = Path(HF_HOME) / "magenta" / files.identity
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as unfinished:
            made = Path(unfinished, "checkpoint")
            _write(files, made)
            # Another process may have been faster; what it wrote is the same.
            if not place.exists():
                made.rename(place)
    return place


def _write(files: ModelFiles, place: Path) -> None:
    from safetensors.torch import save_file

    place.mkdir()
    for part in (*files.manifest.checkpoint, files.manifest.tokenizer):
        shutil.copyfile(files.folder / part.file, place / part.file)
    stored = _stored(files)
    with torch.device("meta"):
        model: Any = native_class("minicpmv4_6")(AutoConfig.from_pretrained(place))
    tied = getattr(model, "all_tied_weights_keys", None) or {}
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items() if name not in tied}
    weights = {name: torch.from_numpy(_weight(stored, name, shape, files)) for name, shape in wanted.items()}
    save_file(weights, place / "model.safetensors", {"format": "pt"})


def _stored(files: ModelFiles) -> dict[str, np.ndarray]:
    """What the graphs hold, by name."""
    import onnx
    from onnx import numpy_helper

    graphs = [onnx.load_from_string(files.graph(name)).graph for name in ("vision", "text")]
    return {entry.name: numpy_helper.to_array(entry) for graph in graphs for entry in graph.initializer}


def _weight(stored: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], files: ModelFiles) -> np.ndarray:
    """A parameter in float32 and in its own shape."""
    if name == HEAD and not any(name + ending in stored for ending in ("", TURNED, BLOCKED)):
        name = TABLE
    value: np.ndarray | None = None
    if name in stored:
        value = stored[name]
    elif name + TURNED in stored:
        value = stored[name + TURNED].T
    elif name + BLOCKED in stored:
        value = dequantise(stored[name + BLOCKED], stored[name + SCALE], int(np.prod(shape[1:])))
    elif name + LEVELS in stored:
        value = dequantise_columns(stored[name + LEVELS], stored[name + SCALE])
    elif name.startswith(UNUSED):
        value = np.zeros(shape, np.float32)
    if value is None or value.size != np.prod(shape):
        raise ConfigError(
            f"the embedded model in {files.folder} has no weight {name} of shape {shape}; expected one, as its "
            "config.json says; export it again with 'magenta finetune export'"
        )
    shaped: np.ndarray = np.array(value, np.float32, order="C").reshape(shape)
    return shaped
