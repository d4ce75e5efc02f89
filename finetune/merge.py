"""One checkpoint of a base and its adapter, for servers that take no adapter with whole modules in it, such as vLLM.

    merged = merge("openbmb/MiniCPM-V-4.6", Path("runs/1"), Path("merged"), say=print)
    merged.changed, merged.weights       # 186, 508: weights that the adapter changed, of all

Out: the files of the base, with the same config.json and, in the same files, weights of the same names, shapes and
types; only the numbers that the adapter changes are others. What loads the base loads this. `run.json` is the
adapter's, with an entry `merged`.

It is made beside `out` and put there when everything was checked: logits of the adapted and the merged model, and those
of what was written, loaded anew.
"""

import gc
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file

from magenta_qa.finetune.training.checkpoints import guard_disk
from magenta_qa.finetune.training.run_record import now, package_versions
from magenta_qa.model.errors import ConfigError, TrainingError
from magenta_qa.model.minicpmv.adapters import RECORD, check_base, fingerprint, with_adapter
from magenta_qa.model.minicpmv.families import Family, checkpoint, family_of
from magenta_qa.model.minicpmv.loading import read_json
from magenta_qa.model.outline import draw_outline
from magenta_qa.model.prompt import understanding_prompt

TOLERANCE = 1e-4
"""Between adapted and merged logits, as a share of the largest: what float32 loses over a model's depth."""
_SIZES = ((448, 448), (900, 500))
"""Of the pictures that are asked about: one slice, and several."""
_SHOWN_TOKENS = 32
"""Logits of a question's last tokens are compared: they depend on all before them."""
_UNREAD = "mtp."
"""Begins the names of weights that transformers leaves alone: predictors of further tokens."""
_ADVICE = "make room or merge elsewhere; nothing was kept"
_ROOM_FOR_FILES = 50_000_000
_READABLE = 0o644

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did."""

    weights: int
    """Tensors of the checkpoint."""
    changed: int
    """Of these, how many are others than the base's."""
    effect: float
    """How far the adapter moves a logit, at most."""
    rounding: float
    """How far rounding to the base's types moves one, at most."""


def merge(base: str | Path, adapter: Path, out: Path, *, device: str = "cpu", say: Say = lambda _: None) -> Merged:
    """Write a checkpoint that computes what the adapter on its base does.

    Args:
        base: Folder of a checkpoint, or its name on the hub.
        adapter: Folder that training has written.
        out: Where to; must not be there yet, or be empty.
        device: Where it is computed; takes 4 bytes a weight.
        say: Told what is being done.

    Raises:
        ConfigError: The adapter belongs to another base; `out` holds something.
        TrainingError: The disk is full, or the merged model computes something else.
    """
    folder = checkpoint(base)
    family = family_of(folder)
    _check_place(out)
    check_base(adapter, folder)
    files = _weight_files(folder)
    with _made_beside(out, sum(file.stat().st_size for file in files)) as unfinished:
        say(f"loading {family.name} in float32")
        probe = _Probe(family, folder, device)
        model = with_adapter(family.load_model(folder, torch.float32, device), adapter, folder)
        with model.disable_adapter():
            plain = probe.logits(model)
        model, merged = _merged(model, probe)
        count, changed = _write(model, files, unfinished, say)
        rounded = probe.logits(model)
        del model
        gc.collect()
        result = Merged(count, changed, _distance(plain, merged), _distance(merged, rounded))
        shutil.copyfile(folder / "config.json", unfinished / "config.json")
        family.save_processor(folder, unfinished)
        _write_record(unfinished, str(base), adapter, fingerprint(folder), result)
        say("loading what was written")
        _check_written(probe.logits(family.load_model(unfinished, torch.float32, device)), rounded)
    return result


def _check_place(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"cannot merge into {out}: it holds something already; expected a new folder; give another")


def _weight_files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ConfigError(f"{folder} has no *.safetensors; expected the published weights; fetch the model anew")
    return files


@contextmanager
def _made_beside(out: Path, weights_bytes: int) -> Iterator[Path]:
    """A folder that becomes `out` when all went well, and is gone otherwise."""
    unfinished = out.absolute().parent / f".{out.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        with guard_disk(unfinished, weights_bytes + _ROOM_FOR_FILES, _ADVICE):
            unfinished.mkdir()
            yield unfinished
            # Onto an empty folder too, and all at once.
            unfinished.replace(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


class _Probe:
    """Questions about pictures of one and of several slices, and the logits that a model gives for them."""

    def __init__(self, family: Family, folder: Path, device: str) -> None:
        processor = family.load_processor(folder)
        prompt = understanding_prompt("click", "button", "Save", "<form><button>Save</button></form>")
        self.device = device
        self.batches = [processor.collate([processor.encode([_page(size)], prompt)]) for size in _SIZES]

    @torch.no_grad()
    def logits(self, model: Any) -> list[torch.Tensor]:  # noqa: ANN401 - PEFT's or a family's
        """Of each question's last tokens, (1, T, V) in float32 on the CPU."""
        moved = [{name: self._moved(value) for name, value in batch.items()} for batch in self.batches]
        return [model(**batch, logits_to_keep=_SHOWN_TOKENS).logits.float().cpu() for batch in moved]

    def _moved(self, value: Any) -> Any:  # noqa: ANN401 - tensors, lists of them, and words
        if isinstance(value, torch.Tensor):
            return value.to(self.device)
        return [self._moved(part) for part in value] if isinstance(value, list) else value


def _page(size: tuple[int, int]) -> Image.Image:
    """Grey from top to bottom, with an outline."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw_outline(image, (40, 60, 140, 100))
    return image


def _merged(model: Any, probe: _Probe) -> tuple[Any, list[torch.Tensor]]:  # noqa: ANN401
    """The model without its adapter's layers, and its logits, which are the adapted one's."""
    adapted = probe.logits(model)
    try:
        model = model.merge_and_unload(safe_merge=True)
    except ValueError as error:
        raise TrainingError(f"cannot merge the adapter: {error}; expected finite weights; train it anew") from error
    merged = probe.logits(model)
    allowed = TOLERANCE * max(float(part.abs().max()) for part in adapted)
    if not (distance := _distance(adapted, merged)) <= allowed:
        raise TrainingError(
            f"the merged model's logits are up to {distance:.2g} from the adapted one's; expected at most "
            f"{allowed:.2g}; nothing was kept; serve base and adapter apart"
        )
    return model, merged


def _distance(one: list[torch.Tensor], other: list[torch.Tensor]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(one, other, strict=True))


@torch.no_grad()
def _write(model: Any, files: list[Path], folder: Path, say: Say) -> tuple[int, int]:  # noqa: ANN401
    """Write the model's weights as the base's files have theirs; the model then holds them as they were rounded.

    Returns:
        How many there are and how many are not the base's.
    """
    state = model.state_dict()
    tied = getattr(model, "all_tied_weights_keys", None) or {}
    _check_names(state, files, tied)
    _check_tied(state, tied)
    count = changed = 0
    for number, file in enumerate(files, 1):
        say(f"writing {file.name}, {number} of {len(files)}")
        with safe_open(file, "pt") as opened:
            published = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
            metadata = opened.metadata()
        weights = {name: _rounded(state[name], old) if name in state else old for name, old in published.items()}
        count += len(weights)
        changed += sum(not torch.equal(weights[name], old) for name, old in published.items())
        save_file(weights, folder / file.name, metadata)
        # safetensors writes for the owner alone, but a server often runs as somebody else.
        (folder / file.name).chmod(_READABLE)
    for index in files[0].parent.glob("*.safetensors.index.json"):
        shutil.copyfile(index, folder / index.name)
    return count, changed


def _check_names(state: Mapping[str, Any], files: list[Path], tied: Mapping[str, str]) -> None:
    """Every weight of the model has its place in a file, or is another by a second name."""
    published: set[str] = set()
    for file in files:
        with safe_open(file, "pt") as opened:
            published |= set(opened.keys())
    lost = sorted(name for name in state.keys() - published if name not in tied and name not in tied.values())
    lost += sorted(name for name in published - state.keys() if not name.startswith(_UNREAD))
    if lost:
        raise TrainingError(
            f"cannot merge: {len(lost)} weights are called otherwise in the base's files than in the model, such as "
            f"{lost[0]}; expected the published names; fetch the base anew"
        )


def _check_tied(state: Mapping[str, Any], tied: Mapping[str, str]) -> None:
    """What is one weight in the base has stayed one: its files hold it once."""
    for name, other in tied.items():
        if not torch.equal(state[name], state[other]):
            raise TrainingError(
                f"cannot merge: {name} and {other} are one weight in the base, and the adapter trained only one of "
                "them; expected both; train with --train recipe, which keeps them one"
            )


def _rounded(weight: torch.Tensor, published: torch.Tensor) -> torch.Tensor:
    """The weight in the published one's type, on the CPU; what it was rounded to is put back."""
    rounded = weight.detach().to(published.dtype)
    weight.copy_(rounded)
    # A copy of its own: safetensors refuses weights that share memory.
    return rounded.cpu().contiguous().clone()


def _write_record(folder: Path, base: str, adapter: Path, identity: str, result: Merged) -> None:
    record = read_json(adapter / RECORD) if (adapter / RECORD).exists() else {}
    record["merged"] = {
        "base": base,
        "fingerprint": identity,
        "adapter": str(adapter),
        "at": now(),
        "packages": package_versions(),
        **asdict(result),
    }
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", "utf-8")


def _check_written(loaded: list[torch.Tensor], expected: list[torch.Tensor]) -> None:
    if not all(torch.equal(a, b) for a, b in zip(loaded, expected, strict=True)):
        raise TrainingError(
            f"what was written computes logits up to {_distance(loaded, expected):.2g} from those of the merged model; "
            "expected the same; nothing was kept; check the disk and merge anew"
        )
