"""Checkpoints to models and processors, with every setting checked that would otherwise go wrong in silence.

What is checked, as transformers does not: that no weight is missing or left over; that 4.6 and 4.7 know their image
token (without it the picture is ignored); that the window merger stands within the vision part; that pictures are cut
into patches of the model's size.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn
from transformers import AutoTokenizer, PretrainedConfig, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.native import NATIVE, native_class
from magenta_qa.model.minicpmv.pictures import PictureSettings
from magenta_qa.model.minicpmv.processor import Markup, Processor
from magenta_qa.model.minicpmv.resampled import MiniCPMV

if TYPE_CHECKING:
    from magenta_qa.model.minicpmv.families import Family

_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".gguf", ".safetensors.index.json", ".bin.index.json")


def load_model(
    family: "Family",
    folder: Path,
    dtype: torch.dtype,
    device: torch.device | str,
    attention: str,
    options: dict[str, Any],
) -> nn.Module:
    """See `Family.load_model`."""
    read_json(folder / "config.json")
    native = family.model_type in NATIVE
    attentions = {"": attention, "text_config": attention, "vision_config": "sdpa"} if native else attention
    model, report = model_class(family).from_pretrained(
        folder, dtype=dtype, attn_implementation=attentions, output_loading_info=True, **options
    )
    _check_report(family, folder, model, report)
    if native:
        check_config(family, model.config)
    pictures, _ = _picture_settings(folder)
    model.pixel_mean, model.pixel_std = pictures.mean, pictures.std
    return model.to(device).eval() if "quantization_config" not in options else model.eval()


def model_class(family: "Family") -> type[Any]:
    """The class whose `from_pretrained` reads this family's checkpoints."""
    return native_class(family.model_type) if family.model_type in NATIVE else MiniCPMV


def _check_report(family: "Family", folder: Path, model: nn.Module, report: dict[str, Any]) -> None:
    tied = {name for names in (getattr(model, "all_tied_weights_keys", None) or {}).items() for name in names}
    missing = sorted(set(report.get("missing_keys", ())) - tied)
    unexpected = sorted(name for name in report.get("unexpected_keys", ()) if not name.startswith("mtp."))
    mismatched = sorted(str(entry[0]) for entry in report.get("mismatched_keys", ()))
    for what, names in (("lacks", missing), ("has left over", unexpected), ("has in another shape", mismatched)):
        if names:
            shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            raise ConfigError(
                f"the checkpoint {folder} {what} {len(names)} weights of {family.name}: {shown}; expected exactly the "
                "published ones; fetch it anew"
            )


def check_config(family: "Family", config: PretrainedConfig) -> None:
    """Refuse settings with which the model would run and be wrong."""
    if getattr(config, "image_token_id", None) is None:
        raise ConfigError(f"config.json of {family.name} has no image_token_id: pictures would be ignored; set it")
    vision = config.vision_config
    if not 0 <= vision.insert_layer_id < vision.num_hidden_layers:
        raise ConfigError(
            f"insert_layer_id is {vision.insert_layer_id} in a vision part of {vision.num_hidden_layers} layers; "
            "expected a smaller number, or windows would never be merged; correct config.json"
        )


def load_processor(family: "Family", folder: Path, downsample: Literal["16x", "4x"] | None) -> Processor:
    """See `Family.load_processor`."""
    config = read_json(folder / "config.json")
    settings, raw = _picture_settings(folder)
    _check_patches(folder, config, settings)
    if family.model_type not in NATIVE:
        return Processor(_published_tokenizer(folder), settings, _published_markup(folder, config, raw), folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    mode: Literal["16x", "4x"] = downsample or raw.get("downsample_mode") or config.get("downsample_mode") or "16x"
    placeholder = tokenizer.convert_ids_to_tokens(config["image_token_id"])
    markup = Markup(placeholder, placeholder, None, "<|im_end|>", raw.get("use_image_id", True))
    pictures = replace(settings, merge=2 if mode == "4x" else 4)
    return Processor(tokenizer, pictures, markup, folder, mode, canvas=family.model_type == "minicpmv4_7")


def _check_patches(folder: Path, config: dict[str, Any], settings: PictureSettings) -> None:
    patch_size = config.get("vision_config", {}).get("patch_size", 16 if config.get("model_type") in NATIVE else 14)
    if patch_size != settings.patch_size:
        raise ConfigError(
            f"{folder} cuts pictures into patches of {settings.patch_size} pixels where its model takes {patch_size}; "
            "expected the same; correct patch_size in vision_config of config.json or in the preprocessor's file"
        )


def _published_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """2_5's and 2_6's tokenizer as its file says; the class that is published beside it is not needed."""
    if not (folder / "tokenizer.json").exists():
        raise ConfigError(f"{folder} has no tokenizer.json; expected the published one; copy it there")
    return PreTrainedTokenizerFast.from_pretrained(folder)


def _published_markup(folder: Path, config: dict[str, Any], raw: dict[str, Any]) -> Markup:
    queries, features = config.get("query_num", 64), raw.get("image_feature_size", 64)
    if queries != features:
        raise ConfigError(
            f"{folder} writes {features} tokens a slice where its model gives {queries}; expected the same; correct "
            "query_num in config.json or image_feature_size in preprocessor_config.json"
        )
    mark = "(<image>./</image>)"
    if str(config.get("version")) == "2.5":
        around = {"part": ("<image>", "</image>"), "block": ("<slice>", "</slice>")}
        return Markup(mark, "<unk>", queries, "<|eot_id|>", use_image_id=False, fills_up=True, **around)
    return Markup(mark, "<unk>", queries, "<|im_end|>", use_image_id=raw.get("use_image_id", False))


def _picture_settings(folder: Path) -> tuple[PictureSettings, dict[str, Any]]:
    for name in ("processor_config.json", "preprocessor_config.json"):
        if (folder / name).exists():
            raw = read_json(folder / name)
            raw = raw.get("image_processor", raw)
            return PictureSettings(**settings_of(raw)), raw
    raise ConfigError(f"{folder} has no preprocessor_config.json; expected the published one; copy it there")


def settings_of(raw: dict[str, Any]) -> dict[str, Any]:
    """The names of `PictureSettings` from a preprocessor's file, whichever way that family writes them."""
    names = {
        "patch_size": ("patch_size",),
        "scale_resolution": ("scale_resolution",),
        "max_slices": ("max_slice_nums",),
        "mean": ("image_mean", "norm_mean"),
        "std": ("image_std", "norm_std"),
        "slice_mode": ("slice_mode",),
    }
    found = {name: raw[key] for name, keys in names.items() for key in keys if raw.get(key) is not None}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def copy_processor(source: Path, folder: Path) -> None:
    """All files of a checkpoint but its weights and config.json; what is already there is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        target = folder / file.name
        wanted = file.is_file() and not file.name.endswith(_WEIGHTS) and file.name != "config.json"
        if wanted and not target.exists():
            shutil.copyfile(file, target)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        ConfigError: If there is no such file, or it holds something else.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path.parent} has no {path.name}; expected the folder of a model checkpoint") from error
    except ValueError as error:
        raise ConfigError(f"{path} is no JSON ({error}); expected the published file; fetch it anew") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path} holds a {type(value).__name__}; expected a JSON object; fetch it anew")
    return value
