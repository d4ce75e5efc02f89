"""Which MiniCPM-V a checkpoint is, and everything that differs between them behind one interface.

    family = family_of("openbmb/MiniCPM-V-4.6")            # or a folder with a config.json
    model = family.load_model(path, dtype=torch.bfloat16, device="cuda")
    processor = family.load_processor(path)
    batch = processor.collate([processor.encode([picture], prompt, answer) for …])
    loss = model(**batch).loss
    answers = generate(model, processor, [processor.encode([picture], prompt)])       # generation.py

A training loop and a generator need no line that depends on the family: parts of a model are known by name ("text",
"vision", "resampler", "embeddings", "head"), and patterns written for one family's names work on another's.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from magenta_qa.model.embedded.files import folder_of, is_embedded
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv import loading
from magenta_qa.model.minicpmv.processor import Processor

Part = Literal["text", "vision", "resampler", "embeddings", "head"]
Downsample = Literal["16x", "4x"]


@dataclass(frozen=True, slots=True)
class Family:
    """One architecture: its names and how it is loaded."""

    name: str
    """As the checkpoints are called: "MiniCPM-V-4.6"."""
    model_type: str
    """`model_type` of config.json."""
    version: str
    """`version` of config.json for the types that share one."""
    text: str
    """Name of the module that holds the text part's layers."""
    vision: str
    resampler: str
    """What brings the vision part's features to the text part's width."""
    embeddings: str
    head: str
    packing: bool = False
    """Whether several examples may stand in one row with their attention kept apart (a test shows equal loss)."""

    def load_model(
        self,
        path: str | Path,
        dtype: torch.dtype = torch.bfloat16,
        device: torch.device | str = "cpu",
        *,
        attention: str = "sdpa",
        **options: object,
    ) -> nn.Module:
        """The model in evaluation mode, with nothing trained; no code of the checkpoint is executed.

        Args:
            path: Folder of a checkpoint, or its name on the hub.
            dtype: Of the weights.
            device: Where to put them; "meta" is not one of them.
            attention: The text part's attention in transformers' words (sdpa | flash_attention_2 | eager).
            options: Passed to `from_pretrained`, such as `quantization_config`.

        Raises:
            ConfigError: If a weight is missing or left over, or a setting would silently ignore the picture.
        """
        return loading.load_model(self, checkpoint(path), dtype, device, attention, options)

    def load_processor(self, path: str | Path, *, downsample: Downsample | None = None) -> Processor:
        """What turns pictures and prompts into this family's batches.

        Args:
            path: Folder of a checkpoint, or its name on the hub.
            downsample: For 4.6 and 4.7 instead of the checkpoint's own ("16x").

        Raises:
            ConfigError: If the picture settings do not fit the model's, or the tokenizer lacks one of its tokens.
        """
        return loading.load_processor(self, checkpoint(path), downsample)

    def save_processor(self, path: str | Path, folder: Path) -> None:
        """Copy all of a checkpoint but its weights, so that what is saved beside it loads by itself, also elsewhere."""
        loading.copy_processor(checkpoint(path), folder)

    def part_of(self, name: str) -> Part:
        """Which part a module or parameter belongs to, by its name in the unwrapped model."""
        parts: tuple[tuple[str, Part], ...] = (
            (self.embeddings, "embeddings"),
            (self.head, "head"),
            (self.vision, "vision"),
            (self.resampler, "resampler"),
        )
        return next((part for prefix, part in parts if name == prefix or name.startswith(prefix + ".")), "text")

    def alias(self, name: str) -> str:
        """A module's name as the 2.x checkpoints write it, so that patterns like ``llm\\..*q_proj`` are understood."""
        for prefix, published in (
            (self.text, "llm.model"),
            (self.head, "llm.lm_head"),
            (self.vision, "vpm"),
            (self.resampler, "resampler"),
        ):
            if name == prefix or name.startswith(prefix + "."):
                return published + name[len(prefix) :]
        return name

    def lora_targets(
        self, model: nn.Module, pattern: str | Sequence[str] | None = None, parts: Sequence[Part] = ("text",)
    ) -> list[str]:
        """Names of the linear layers that get a LoRA.

        Args:
            model: The family's model, not yet wrapped by PEFT.
            pattern: A regular expression that a whole name must match (the model's own names or 2.x's), several ends
                of names ("q_proj"), or None for every linear layer of `parts`.
            parts: Parts that may be matched.

        Raises:
            ConfigError: If nothing matches, or a part that is not in `parts` does; says what did match.
        """
        names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
        if pattern is None:
            return [name for name in names if self.part_of(name) in parts]
        matched = [name for name in names if _matches(pattern, name) or _matches(pattern, self.alias(name))]
        if not matched:
            raise ConfigError(
                f"the LoRA pattern {pattern!r} matches none of {len(names)} linear layers of {self.name}; expected at "
                f"least one; the layers are {_summary(names)}"
            )
        unasked = [name for name in matched if self.part_of(name) not in parts]
        if unasked:
            raise ConfigError(
                f"the LoRA pattern {pattern!r} matches {len(unasked)} layers of {self.name} outside of "
                f"{', '.join(parts)}; expected none; narrow it or allow these parts. It matches {_summary(matched)}"
            )
        return matched

    def modules(self, parts: Iterable[Part]) -> list[str]:
        """Full names of whole parts, for PEFT's `modules_to_save`."""
        names = {
            "text": self.text,
            "vision": self.vision,
            "resampler": self.resampler,
            "embeddings": self.embeddings,
            "head": self.head,
        }
        return [names[part] for part in parts]


def _matches(pattern: str | Sequence[str], name: str) -> bool:
    if isinstance(pattern, str):
        return re.fullmatch(pattern, name) is not None
    return any(name == end or name.endswith("." + end) for end in pattern)


def _summary(names: Iterable[str]) -> str:
    """Names with their numbers left out, each kind once: ``model.layers.N.mlp.up_proj (24)``."""
    kinds: dict[str, int] = {}
    for name in names:
        kind = re.sub(r"\.\d+", ".N", name)
        kinds[kind] = kinds.get(kind, 0) + 1
    return ", ".join(f"{kind} ({count})" for kind, count in kinds.items())


_NATIVE = {
    "text": "model.language_model",
    "vision": "model.vision_tower",
    "resampler": "model.merger",
    "embeddings": "model.language_model.embed_tokens",
    "head": "lm_head",
}
_PUBLISHED = {
    "text": "llm.model",
    "vision": "vpm",
    "resampler": "resampler",
    "embeddings": "llm.model.embed_tokens",
    "head": "llm.lm_head",
}
FAMILIES: tuple[Family, ...] = (
    Family("MiniCPM-V-4.6", "minicpmv4_6", "", **_NATIVE),  # type: ignore[arg-type]
    Family("MiniCPM-V-4.7", "minicpmv4_7", "", **_NATIVE),  # type: ignore[arg-type]
    Family("MiniCPM-V-2_6", "minicpmv", "2.6", **_PUBLISHED, packing=True),
    Family("MiniCPM-Llama3-V-2_5", "minicpmv", "2.5", **_PUBLISHED, packing=True),
)


def family_of(path: str | Path) -> Family:
    """The family of a checkpoint.

    Args:
        path: Folder with a config.json, or a name on the hub.

    Raises:
        ConfigError: If there is no config.json, or it is of another architecture.
    """
    config = loading.read_json(checkpoint(path) / "config.json")
    model_type, version = config.get("model_type"), str(config.get("version", ""))
    for family in FAMILIES:
        if family.model_type == model_type and family.version in ("", version):
            return family
    known = ", ".join(family.name for family in FAMILIES)
    described = f"{model_type!r}" + (f" version {version}" if version else "")
    raise ConfigError(f"{path} is a model of type {described}; expected one of {known}; use one of these as the base")


def family_named(name: str) -> Family:
    """The family whose checkpoints are called so."""
    for family in FAMILIES:
        if family.name.casefold() == name.casefold():
            return family
    raise ConfigError(f"no model family is called {name!r}; expected one of {', '.join(f.name for f in FAMILIES)}")


def checkpoint(path: str | Path) -> Path:
    """The folder of a checkpoint; one that is named as on the hub is fetched into the hub's cache.

    Args:
        path: A folder, a name on the hub, or `embedded:PATH` for an exported model, which is unpacked.

    Raises:
        ConfigError: If it is neither a folder nor can be fetched.
    """
    if is_embedded(str(path)):
        from magenta_qa.model.minicpmv.unpacked import unpack

        return unpack(folder_of(str(path)))
    folder = Path(path)
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(str(path)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ConfigError(
            f"no model at {path}: it is no folder here and could not be fetched from the hub ({error}); give the "
            "folder of a checkpoint, or a name on the hub while online"
        ) from error


def describe_parts(family: Family, model: nn.Module) -> dict[Part, tuple[int, int]]:
    """For each part its parameters and how many of them train."""
    counts: dict[Part, tuple[int, int]] = {}
    for name, parameter in model.named_parameters():
        whole, trained = counts.get(family.part_of(name), (0, 0))
        size = parameter.numel()
        counts[family.part_of(name)] = (whole + size, trained + size * parameter.requires_grad)
    return counts


__all__ = ["FAMILIES", "Family", "Part", "checkpoint", "describe_parts", "family_named", "family_of"]
