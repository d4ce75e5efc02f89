"""Checkpoints that are whole or not there, and adapters that fit their base.

    output_dir/checkpoint-500/adapter_model.safetensors, adapter_config.json   what trained
                              optimizer.pt, scheduler.pt, rng_state.pth         what a run needs to go on
                              run.json                                          where it comes from
                              trainer_state.json                                written last: with it, it is whole

A run that is killed leaves at most one folder without `trainer_state.json`; such a one is never gone on from.
"""

import errno
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from magenta_qa.finetune.training.parts import ADAPTER, size_of
from magenta_qa.model.errors import ConfigError, TrainingError

STATE = "trainer_state.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = ("No space left", "file write failed", "PytorchStreamWriter", "Disk quota", "File too large")
_ADVICE = (
    "make room, then go on with --resume true; --save_total_limit keeps fewer checkpoints. Earlier checkpoints "
    "are whole"
)


def list_checkpoints(output_dir: Path) -> list[Path]:
    """Whole checkpoints, oldest first."""
    found = [folder for folder in output_dir.glob("checkpoint-*") if folder.name.split("-")[-1].isdigit()]
    return sorted(filter(_is_whole, found), key=lambda folder: int(folder.name.split("-")[-1]))


def remove_unfinished(output_dir: Path) -> None:
    """Remove what a run left that was killed while it saved."""
    for folder in output_dir.glob("checkpoint-*"):
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    try:
        return isinstance(json.loads((folder / STATE).read_text("utf-8")), dict)
    except (OSError, ValueError):
        return False


def choose_checkpoint(output_dir: Path, asked: str | None, start_over: bool) -> Path | None:
    """The checkpoint to go on from, or None to begin.

    Args:
        output_dir: The run's.
        asked: `--resume_from_checkpoint`: a folder; "true" or "auto" for the newest one; "false" or None for none.
        start_over: Whether checkpoints of an earlier run may be there all the same.

    Raises:
        ConfigError: There is none to go on from, or an earlier run would be overwritten.
    """
    known = list_checkpoints(output_dir)
    wanted = (asked or "false").lower()
    if wanted in ("true", "auto"):
        # A run that was killed before its first checkpoint begins anew: a restart may always say --resume true.
        return known[-1] if known else None
    if wanted != "false":
        if not _is_whole(Path(str(asked))):
            raise ConfigError(
                f"{asked} is no whole checkpoint: it has no {STATE}; expected one of "
                f"{', '.join(map(str, known)) or 'none: there are no checkpoints in ' + str(output_dir)}"
            )
        return Path(str(asked))
    if known and not start_over:
        raise ConfigError(
            f"{output_dir} holds an earlier run, whose last checkpoint is {known[-1].name}; expected an empty folder; "
            "say --resume true to go on, --start_over true to begin anew, or give another --output_dir"
        )
    return None


def needed_bytes(model: Any) -> int:  # noqa: ANN401
    """Room that a checkpoint takes: what trains, or the whole model without LoRA, and Adam's two moments."""
    whole = not hasattr(model, "peft_config")
    return sum(size_of(weight) * (12 if weight.requires_grad else 4 * whole) for weight in model.parameters())


@contextmanager
def guard_disk(folder: Path, needed: int, advice: str = _ADVICE) -> Iterator[None]:
    """Turn a full disk into a clear error, and leave no half of a checkpoint behind.

    Args:
        folder: What is written.
        needed: Bytes that it will take.
        advice: What the error says to do.

    Raises:
        TrainingError: The disk is full, before or while writing.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    if free < needed:
        raise TrainingError(_disk_message(folder, needed, free, advice))
    try:
        yield
    except Exception as error:
        if not _is_full_disk(error):
            raise
        shutil.rmtree(folder, ignore_errors=True)
        free = shutil.disk_usage(folder.parent).free
        raise TrainingError(_disk_message(folder, needed, free, advice)) from error


def _is_full_disk(error: BaseException) -> bool:
    number = getattr(error, "errno", None)
    return number in _FULL or any(words in str(error) for words in _FULL_WORDS)


def _disk_message(folder: Path, needed: int, free: int, advice: str) -> str:
    return f"cannot save {folder}: about {needed / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free; {advice}"


def load_adapter(model: Any, folder: Path) -> None:  # noqa: ANN401 - a PeftModel
    """Put saved weights into a model whose adapter has the same layout.

    Raises:
        ConfigError: Names or shapes differ; says which.
    """
    from peft import get_peft_model_state_dict, set_peft_model_state_dict

    saved = read_weights(folder)
    expected = get_peft_model_state_dict(model, adapter_name=ADAPTER)
    wrong = sorted(set(saved) ^ set(expected))
    wrong += [name for name in set(saved) & set(expected) if saved[name].shape != expected[name].shape]
    if wrong:
        shown = "; ".join(
            f"{name}: {tuple(saved[name].shape) if name in saved else 'not saved'} against "
            f"{tuple(expected[name].shape) if name in expected else 'not in this model'}"
            for name in wrong[:3]
        )
        raise ConfigError(
            f"the adapter {folder} does not fit: {len(wrong)} of {len(saved)} weights differ, such as {shown}; "
            "expected the same base, --train, --lora_r and --lora_target_modules as it was trained with"
        )
    set_peft_model_state_dict(model, saved, adapter_name=ADAPTER)


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    """All weights of a saved adapter or model, by name.

    Raises:
        ConfigError: There are none.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ConfigError(f"{folder} has no weights; expected {ADAPTER_WEIGHTS} or model.safetensors")
    weights: dict[str, torch.Tensor] = {}
    for file in files:
        with safe_open(file, "pt") as opened:
            weights |= {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
    return weights


def check_saved(model: Any, folder: Path, loss: Any) -> None:  # noqa: ANN401
    """Reload what was saved and make sure that the model computes with it what it computed before.

    Every weight that trained is first overwritten, so that one that was not saved cannot go unnoticed.

    Args:
        model: As trained, not split up among devices.
        folder: Where it was saved.
        loss: Gives the model's loss on some rows.

    Raises:
        TrainingError: The loss differs, or a weight is missing or another.
    """
    before = float(loss())
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight.zero_()
    try:
        if hasattr(model, "peft_config"):
            load_adapter(model, folder)
        else:
            _load_whole(model, folder)
    except ConfigError as error:
        raise TrainingError(f"what was saved in {folder} cannot be loaded: {error}") from error
    after = float(loss())
    if before != after:
        raise TrainingError(
            f"the model reloaded from {folder} has loss {after} where the trained one had {before}; expected the same"
        )


def _load_whole(model: Any, folder: Path) -> None:  # noqa: ANN401
    saved = read_weights(folder)
    missing, _ = model.load_state_dict(saved, strict=False)
    trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
    lost = sorted(trained & set(missing))
    if lost:
        raise ConfigError(f"{len(lost)} weights that trained were not saved, such as {lost[0]}")


def check_files(model: Any, state: dict[str, Any], folder: Path) -> None:  # noqa: ANN401
    """Make sure that a folder holds these very weights, for a model that is split up among devices.

    Args:
        model: As trained.
        state: Its weights, gathered.
        folder: Where they were saved.

    Raises:
        TrainingError: One is missing or another.
    """
    if hasattr(model, "peft_config"):
        from peft import get_peft_model_state_dict

        state = get_peft_model_state_dict(model, state_dict=state, adapter_name=ADAPTER)
    saved = read_weights(folder)
    wrong = [name for name, weight in state.items() if name in saved and not _same(weight, saved[name])]
    # Of tied weights only one is saved.
    wrong += [] if len(saved) + 1 >= len(state) else sorted(set(state) - set(saved))
    if wrong:
        raise TrainingError(
            f"{len(wrong)} of {len(state)} weights in {folder} are not those trained, such as {wrong[0]}"
        )


def _same(weight: torch.Tensor, saved: torch.Tensor) -> bool:
    return weight.shape == saved.shape and bool(torch.equal(weight.detach().cpu().to(saved.dtype), saved))
