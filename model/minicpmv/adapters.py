"""Adapters on their base: which base one was trained on, and putting it onto a model to ask it.

    check_base(adapter, base)                       # an error unless the adapter was trained on this base
    model = with_adapter(model, adapter, base)      # the same model, adapted
    content_identity(base, adapter)                 -> "3fa9…": other weights, other identity

An adapter is a folder as PEFT writes it, with the `run.json` that training puts beside it.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.families import checkpoint, family_of
from magenta_qa.model.minicpmv.loading import read_json

RECORD = "run.json"
CONFIG = "adapter_config.json"
_BLOCK_BYTES = 65_536
_BLOCKS = 64
"""Of a file of weights, spread over it: weights that differ anywhere differ almost everywhere."""
_ROWS = 8
"""Of a matrix, spread over it; a vector is read whole."""
_REWRITTEN = ("transformers_version", "_name_or_path", "torch_dtype", "dtype")
"""Entries of config.json that every version of transformers writes anew."""


def fingerprint(path: str | Path) -> str:
    """What tells one base model from another: a hash of its configuration and of rows of every weight.

    How weights are spread over files does not count. Rows are enough: what trains a matrix changes all of it.
    """
    folder = checkpoint(path)
    digest = hashlib.sha256()
    config = read_json(folder / "config.json")
    for name in _REWRITTEN:
        config.pop(name, None)
    digest.update(json.dumps(config, sort_keys=True).encode())
    samples = dict(pair for file in folder.glob("*.safetensors") for pair in _samples(file))
    for name in sorted(samples):
        digest.update(name.encode() + samples[name])
    return digest.hexdigest()[:16]


def _samples(file: Path) -> Iterator[tuple[str, bytes]]:
    """For each weight of a file its name, and a hash of its type, its shape and a few of its rows."""
    with safe_open(file, "pt") as opened:
        for name in opened.keys():  # noqa: SIM118 - no mapping
            part = opened.get_slice(name)
            shape = part.get_shape()
            digest = hashlib.sha256(f"{part.get_dtype()} {shape}".encode())
            rows = sorted({shape[0] * number // _ROWS for number in range(_ROWS)}) if len(shape) > 1 else []
            for values in [part[row : row + 1] for row in rows] or [opened.get_tensor(name)]:
                digest.update(values.contiguous().flatten().view(torch.uint8).numpy().tobytes())
            yield name, digest.digest()


def content_identity(base: str | Path, adapter: Path | None) -> str:
    """A hash of the configuration and of samples of all weights, of the base and of the adapter."""
    folders = [checkpoint(base), *([adapter] if adapter else [])]
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.iterdir()):
            if file.suffix in (".json", ".safetensors", ".bin", ".jinja", ".model") and file.name != RECORD:
                digest.update(f"{file.name} {file.stat().st_size} ".encode())
                for block in _sampled(file):
                    digest.update(block)
    return digest.hexdigest()[:32]


def _sampled(file: Path) -> Iterator[bytes]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        if size <= _BLOCKS * _BLOCK_BYTES:
            yield opened.read()
            return
        for number in range(_BLOCKS):
            opened.seek((size - _BLOCK_BYTES) * number // (_BLOCKS - 1))
            yield opened.read(_BLOCK_BYTES)


def check_base(adapter: Path, base: str | Path) -> None:
    """Make sure that an adapter was trained on this base.

    Raises:
        ConfigError: It is no adapter, or was trained on another base; says on which.
    """
    if not (adapter / CONFIG).exists():
        raise ConfigError(f"{adapter} is no adapter: it has no {CONFIG}; expected the folder that training has written")
    family = family_of(base)
    record = read_json(adapter / RECORD).get("base", {}) if (adapter / RECORD).exists() else {}
    if record and record.get("family") != family.name:
        raise ConfigError(
            f"the adapter {adapter} was trained on {record.get('family')} ({record.get('path')}); {base} is "
            f"{family.name}; expected the same; give the adapter's own base"
        )
    if record and record.get("fingerprint") != fingerprint(base):
        raise ConfigError(
            f"the adapter {adapter} was trained on other weights of {family.name} ({record.get('path')}, fingerprint "
            f"{record.get('fingerprint')}) than {base} ({fingerprint(base)}); expected the same; give the adapter's "
            "own base"
        )


def with_adapter(model: nn.Module, adapter: Path, base: str | Path) -> Any:  # noqa: ANN401 - a PeftModel
    """The model with an adapter put onto it, in evaluation mode.

    Args:
        model: What `Family.load_model` gave for `base`; changed.
        adapter: PEFT's folder.
        base: Where the model came from.

    Raises:
        ConfigError: The adapter belongs to another base, or does not fit this one.
    """
    from peft import PeftConfig, PeftModel, get_peft_model_state_dict
    from safetensors.torch import load_file

    check_base(adapter, base)
    try:
        adapted = PeftModel(model, PeftConfig.from_pretrained(str(adapter)))
        saved = load_file(adapter / "adapter_model.safetensors")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"the adapter {adapter} does not fit {base}: {error}; expected one that was trained on it"
        ) from error
    expected = get_peft_model_state_dict(adapted)
    wrong = sorted(saved.keys() ^ expected.keys())
    wrong += sorted(name for name in saved.keys() & expected.keys() if saved[name].shape != expected[name].shape)
    if wrong:
        raise ConfigError(
            f"the adapter {adapter} does not fit {base}: {len(wrong)} of its {len(saved)} weights are missing there or "
            f"have another shape, such as {wrong[0]}; expected one that was trained on it"
        )
    _put(adapted, saved)
    return adapted.eval()


def _put(adapted: Any, saved: dict[str, Any]) -> None:  # noqa: ANN401 - a PeftModel
    from peft import set_peft_model_state_dict

    # In the weights' own precision: LoRA is trained in float32 on a base in bfloat16.
    set_peft_model_state_dict(adapted, saved)
