"""What trains: LoRA on some parts of a model, other parts in full, the rest frozen.

    choice = choose(settings)                        # Choice(lora=("text",), full=("resampler", "embeddings"))
    model = make_trainable(model, family, choice, settings)
    print(table(model, family))                      # a line for each part: weights, how many train, as what
    check_trained(model, family, choice)             # raises unless exactly that trains

Frozen weights stay in the precision they were loaded in. Weights that train are float32, so that no step is too small
to be kept; only DeepSpeed holds them in half precision, with float32 copies of its own in the optimizer.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn

from magenta_qa.finetune.training.arguments import Settings
from magenta_qa.model.errors import ConfigError, TrainingError
from magenta_qa.model.minicpmv.families import Family, Part

ADAPTER = "default"
"""PEFT's name of the one adapter that is trained."""
_WRAPPED = re.compile(r"^base_model\.model\.|\.base_layer(?=\.)|\.modules_to_save\.\w+(?=\.)|\.original_module(?=\.)")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which parts train, and how."""

    lora: tuple[Part, ...]
    full: tuple[Part, ...]


def choose(settings: Settings) -> Choice:
    """What the flags `--train` and `--train_vision` ask for."""
    lora: dict[str, tuple[Part, ...]] = {"lora": ("text",), "lora_vision": ("text", "vision"), "recipe": ("text",)}
    full: dict[str, tuple[Part, ...]] = {
        "recipe": ("resampler", "embeddings"),
        "full": ("text", "resampler", "embeddings", "head"),
        "vision": ("resampler",),
    }
    wants_vision = settings.train == "full" if settings.train_vision is None else settings.train_vision
    if wants_vision and settings.train == "lora_vision":
        raise ConfigError("--train lora_vision with --train_vision true: the vision part cannot train in both ways")
    parts = full.get(settings.train, ())
    return Choice(lora.get(settings.train, ()), (*parts, "vision") if wants_vision else parts)


def quantization(settings: Settings, family: Family) -> dict[str, Any]:
    """What `Family.load_model` takes beside the dtype to hold the text part in 4 bits; empty without `--quantize`.

    Raises:
        ConfigError: bitsandbytes is not installed, or nothing is left frozen.
    """
    if not settings.quantize:
        return {}
    if settings.train in ("full", "vision"):
        raise ConfigError(f"--quantize true with --train {settings.train}: weights in 4 bits cannot train; use lora")
    if find_spec("bitsandbytes") is None:
        raise ConfigError("--quantize needs the package bitsandbytes, which is not installed; pip install bitsandbytes")
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=settings.compute_dtype,
        llm_int8_skip_modules=[family.vision, family.resampler, family.head],
    )
    return {"quantization_config": config}


def make_trainable(model: Any, family: Family, choice: Choice, settings: Settings) -> Any:  # noqa: ANN401
    """The model with exactly the chosen weights training; wrapped by PEFT where there is LoRA.

    Raises:
        ConfigError: The LoRA pattern matches nothing, or a part that was not asked for; the adapter to go on from does
            not fit.
    """
    model.requires_grad_(False)
    if choice.lora:
        model = _with_lora(model, family, choice, settings)
    else:
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(family.part_of(name) in choice.full)
    if not settings.deepspeed:
        _widen(model, settings)
    return model


def _with_lora(model: Any, family: Family, choice: Choice, settings: Settings) -> Any:  # noqa: ANN401
    from peft import LoraConfig, get_peft_model

    targets = family.lora_targets(model, lora_pattern(settings.lora_target_modules), choice.lora)
    tied = bool(getattr(model.config, "tie_word_embeddings", False)) and "embeddings" in choice.full
    config = LoraConfig(
        r=settings.lora_r,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=targets,
        layers_to_transform=settings.lora_layers_to_transform,
        modules_to_save=family.modules(choice.full) or None,
        ensure_weight_tying=tied,
    )
    return get_peft_model(model, config, autocast_adapter_dtype=not settings.deepspeed)


def lora_pattern(values: Sequence[str] | None) -> str | list[str] | None:
    """`--lora_target_modules` as `Family.lora_targets` takes it: one regular expression, or ends of names."""
    if not values:
        return None
    if len(values) == 1 and re.search(r"[\\()*+?\[\]^$|]", values[0]):
        return values[0]
    return [name for value in values for name in value.split(",") if name]


def _widen(model: Any, settings: Settings) -> None:  # noqa: ANN401
    """What trains to float32; what it gives on back in the precision of the rest."""
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    if settings.compute_dtype == torch.float32:
        return
    for module in model.modules():
        if hasattr(module, "cast_input_dtype_enabled"):
            # Autocast brings the adapter's weights down to the input; PEFT would first bring the input up to them.
            module.cast_input_dtype_enabled = False
        if isinstance(module, nn.Embedding) and module.weight.requires_grad:
            # Without this everything after the embeddings would be float32 too.
            module.register_forward_hook(lambda _, __, output: output.to(settings.compute_dtype))


def plain_name(name: str) -> str:
    """A parameter's name as it would be without PEFT's wrappers."""
    return _WRAPPED.sub("", name)


def trained(model: nn.Module, family: Family) -> Iterator[tuple[str, Part, bool, nn.Parameter]]:
    """Name, part, whether it belongs to LoRA, and the parameter, of everything that trains."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            yield name, family.part_of(plain_name(name)), "lora_" in name, parameter


@dataclass(frozen=True, slots=True)
class PartSize:
    """How much of a part there is and how much of it trains."""

    whole: int
    """Weights of the base model."""
    lora: int
    """Weights of LoRA on it."""
    full: int
    """Its own weights that train."""
    dtypes: tuple[str, ...]
    """Of what trains."""


def measure(model: nn.Module, family: Family) -> dict[Part, PartSize]:
    """The size of each part of a model that may be wrapped by PEFT; copies that PEFT keeps count once."""
    whole: dict[Part, int] = {}
    for name, parameter in model.named_parameters():
        if "lora_" not in name and ".modules_to_save." not in name:
            part = family.part_of(plain_name(name))
            whole[part] = whole.get(part, 0) + size_of(parameter)
    sizes: dict[Part, PartSize] = {}
    for part, count in whole.items():
        mine = [(is_lora, weight) for _, of, is_lora, weight in trained(model, family) if of == part]
        sizes[part] = PartSize(
            whole=count,
            lora=sum(size_of(weight) for is_lora, weight in mine if is_lora),
            full=sum(size_of(weight) for is_lora, weight in mine if not is_lora),
            dtypes=tuple(sorted({str(weight.dtype).removeprefix("torch.") for _, weight in mine})),
        )
    return sizes


def size_of(parameter: Any) -> int:  # noqa: ANN401 - DeepSpeed's parameters carry their whole size apart
    """Weights of a parameter, also of one that DeepSpeed has split up, or that holds two weights in a byte."""
    if hasattr(parameter, "ds_numel"):
        return int(parameter.ds_numel)
    state = getattr(parameter, "quant_state", None)
    return int(state.shape.numel() if state is not None else parameter.numel())


def table(model: nn.Module, family: Family) -> str:
    """What trains, one line a part."""
    lines = [f"{'part':<12}{'weights':>16}{'LoRA':>14}{'in full':>16}  trained as"]
    for part, size in measure(model, family).items():
        dtypes = ", ".join(size.dtypes) or "frozen"
        lines.append(f"{part:<12}{size.whole:>16,}{size.lora:>14,}{size.full:>16,}  {dtypes}")
    return "\n".join(lines)


def check_trained(model: nn.Module, family: Family, choice: Choice) -> None:
    """Make sure that what was asked for trains, and nothing else.

    Raises:
        TrainingError: It is otherwise; says which part and how.
    """
    for part, size in measure(model, family).items():
        if part in choice.full and size.full < size.whole:
            raise TrainingError(f"{size.full:,} of {size.whole:,} weights of part {part} train; expected all of them")
        if part not in choice.full and size.full:
            raise TrainingError(f"{size.full:,} weights of part {part} train in full; expected none")
        if size.lora and part not in choice.lora:
            raise TrainingError(f"part {part} has {size.lora:,} weights of LoRA; expected none")
    if choice.lora and not any(is_lora for _, _, is_lora, _ in trained(model, family)):
        raise TrainingError(f"no weights of LoRA train; expected some on {', '.join(choice.lora)}")


def parameter_groups(model: nn.Module, family: Family, choice: Choice, settings: Settings) -> list[dict[str, Any]]:
    """The optimizer's groups: parts that train in full at a lower rate apart, each with decay and without."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, part, is_lora, parameter in trained(model, family):
        careful = not is_lora and (bool(choice.lora) or part in ("vision", "resampler"))
        groups.setdefault((careful, parameter.ndim > 1 and not name.endswith("bias")), []).append(parameter)
    rate = float(settings.learning_rate or 0.0)
    return [
        {
            "params": parameters,
            "lr": settings.rate_of_full_parts if careful else rate,
            "weight_decay": settings.weight_decay if decays else 0.0,
        }
        for (careful, decays), parameters in groups.items()
    ]
