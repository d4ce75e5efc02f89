"""A checkpoint, with or without an adapter, as the files that `embedded:PATH` runs on the CPU without PyTorch.

    exported = export("runs/small", Path("models/small"), precision="int8")
    exported.bytes                       # of all files together

Out: `manifest.json` with checksums, the graphs in parts of at most 16 MiB, `tokenizer.json`, and the checkpoint's other
small files, from which `embedded:PATH` becomes a checkpoint again for training. They are made beside the folder and put
there when a question was put to both, the checkpoint and the files: in float32 their logits must be equal, in int8 it
is said how far they are moved.
"""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from onnx import ModelProto
from PIL import Image

from magenta_qa.finetune.graphs.builder import Precision
from magenta_qa.finetune.graphs.text import build_text, check_text
from magenta_qa.finetune.graphs.vision import build_vision
from magenta_qa.model.closeup import PICTURE_PX, closeup, square_around
from magenta_qa.model.embedded.files import (
    FORMAT,
    MANIFEST,
    MAX_FILE_BYTES,
    CacheFacts,
    Manifest,
    Part,
    PictureFacts,
    PromptFacts,
    read_files,
)
from magenta_qa.model.embedded.glossary import GLOSSARY
from magenta_qa.model.embedded.network import Network
from magenta_qa.model.embedded.prompts import Prompts
from magenta_qa.model.errors import ConfigError, TrainingError
from magenta_qa.model.local import MAX_PROMPT
from magenta_qa.model.minicpmv.adapters import CONFIG, RECORD, content_identity, with_adapter
from magenta_qa.model.minicpmv.families import Family, checkpoint, family_of
from magenta_qa.model.minicpmv.loading import read_json
from magenta_qa.model.minicpmv.pictures import slice_picture
from magenta_qa.model.minicpmv.processor import Processor
from magenta_qa.model.prompt import understanding_prompt
from magenta_qa.model.understand import MAX_TOKENS

TOLERANCE = 1e-3
"""Between float32 logits, as a share of the largest: what different orders of summing lose over a model's depth."""
FAMILY = "MiniCPM-V-4.6"
_CHECKPOINT = (
    *("config.json", "generation_config.json", "processor_config.json", "preprocessor_config.json"),
    *("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja"),
)
"""What a checkpoint has beside its weights and tokenizer.json."""
_MARK = "QUESTION"
"""Stands for the question while the chat template is taken apart."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    folder: Path
    files: int
    bytes: int
    moved: float
    """How far a logit of a question is from the checkpoint's, at most, as a share of the largest."""


def export(
    source: str | Path,
    out: Path,
    *,
    base: str | Path | None = None,
    precision: Precision = "int8",
) -> Exported:
    """Write the files.

    Args:
        source: Folder of a checkpoint, or of an adapter that training has written.
        out: Where to; must not be there yet, or be empty.
        base: The adapter's base, where it is no longer where it was trained from.
        precision: Of linear layers and the embedding table.

    Raises:
        ConfigError: The model is of another kind, the adapter does not fit its base, or `out` holds something.
        TrainingError: What was written computes something else.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"cannot export to {out}: it holds something already; expected a new folder; give another")
    folder, adapter = places_of(source, base)
    family = family_of(folder)
    if family.name != FAMILY:
        raise ConfigError(f"cannot export {folder}: it is {family.name}; expected {FAMILY}")
    model: Any = _model(family, folder, adapter)
    check_text(model.config.text_config)
    processor = family.load_processor(folder, downsample="4x")
    unfinished = out.absolute().parent / f".{out.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        _write(unfinished, model, processor, precision, content_identity(folder, adapter), Path(source) / GLOSSARY)
        moved = _moved(unfinished, model, processor)
        if precision == "float32" and not moved < TOLERANCE:
            raise TrainingError(
                f"exporting {source} went wrong: the files' logits are off by {moved:.2g} of the largest; expected "
                f"less than {TOLERANCE}; nothing was kept; report this with the checkpoint's config.json"
            )
        if out.exists():
            out.rmdir()
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    sizes = [file.stat().st_size for file in out.iterdir()]
    return Exported(out, len(sizes), sum(sizes), moved)


@torch.inference_mode()
def _moved(folder: Path, model: Any, processor: Processor) -> float:  # noqa: ANN401
    """How far logits of the files are from the checkpoint's, as a share of the largest."""
    files = read_files(folder)
    page = Image.effect_noise((PICTURE_PX, PICTURE_PX), 80).convert("RGB")
    rect = (30, 40, 80, 60)
    picture = closeup(page, rect, square_around(rect, page.size))
    prompt = understanding_prompt("click", "button", "", "<li><button class='b'></button></li>")
    batch = processor.collate([processor.encode([picture], prompt, max_slices=1)], "left")
    expected = model(**batch).logits[0, -1].float().numpy()
    run = Network(files).begin([Prompts(files, MAX_TOKENS).encode(picture, prompt)], 1)
    return float(np.abs(run.logits[0] - expected).max() / np.abs(expected).max())


def places_of(source: str | Path, base: str | Path | None) -> tuple[Path, Path | None]:
    """The folder of the base and that of the adapter, where `source` is one.

    Raises:
        ConfigError: It is an adapter and nobody knows of which base.
    """
    adapter = Path(source)
    if not (adapter / CONFIG).exists():
        return checkpoint(source), None
    record = read_json(adapter / RECORD).get("base", {}) if (adapter / RECORD).exists() else {}
    known = base or record.get("path")
    if not known:
        raise ConfigError(f"cannot export the adapter {adapter}: it does not say what its base is; give it with --base")
    return checkpoint(known), adapter


def _model(family: Family, folder: Path, adapter: Path | None) -> torch.nn.Module:
    model = family.load_model(folder, torch.float32)
    if adapter is None:
        return model
    merged: torch.nn.Module = with_adapter(model, adapter, folder).merge_and_unload()
    return merged


def _write(
    folder: Path,
    model: Any,  # noqa: ANN401 - the family's
    processor: Processor,
    precision: Precision,
    source: str,
    glossary: Path,
) -> None:
    config, text = model.config, model.config.text_config
    room = min(MAX_PROMPT, int(text.max_position_embeddings))
    weights = weights_of(model)
    pictures = processor.pictures
    graphs: dict[Literal["vision", "text"], ModelProto] = {
        "vision": build_vision(weights, config, pictures.mean, pictures.std, precision),
        "text": build_text(weights, config, precision, room),
    }
    tokenizer: Any = processor.tokenizer
    manifest = Manifest(
        format=FORMAT,
        precision=precision,
        source=source,
        room=room,
        pictures=PictureFacts(
            patch_size=pictures.patch_size,
            scale_resolution=pictures.scale_resolution,
            places=config.vision_config.image_size // config.vision_config.patch_size,
        ),
        prompt=prompt_facts(processor),
        cache=CacheFacts(
            layers=text.num_hidden_layers,
            heads=text.num_key_value_heads,
            head_size=text.head_dim,
            width=text.hidden_size,
        ),
        graphs={name: write_parts(folder, name, graph.SerializeToString()) for name, graph in graphs.items()},
        checkpoint=tuple(
            _write_file(folder / name, (processor.path / name).read_bytes())
            for name in _CHECKPOINT
            if (processor.path / name).exists()
        ),
        tokenizer=_write_file(folder / "tokenizer.json", tokenizer.backend_tokenizer.to_str().encode()),
        glossary=_write_file(folder / GLOSSARY, glossary.read_bytes()) if glossary.exists() else None,
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")


def weights_of(model: torch.nn.Module) -> Mapping[str, np.ndarray]:
    """The parameters by name, float32."""
    return {name: tensor.detach().float().cpu().numpy() for name, tensor in model.state_dict().items()}


def prompt_facts(processor: Processor) -> PromptFacts:
    """What the chat template and the processor put around a picture and a question.

    Raises:
        ConfigError: The template does something else with a question than putting text around it.
    """
    mark = processor.markup.mark
    plain, padded = (_rendered(processor, f"{mark}\n{question}") for question in (_MARK, f"{_MARK} \n"))
    before, found, ending = plain.partition(f"{mark}\n{_MARK}")
    strips = padded == plain
    if not found or not (strips or padded == f"{before}{mark}\n{_MARK} \n{ending}"):
        raise ConfigError(
            f"cannot export {processor.path}: its chat template writes a question as {plain!r}; expected text before "
            "and after it and no other change"
        )
    side = processor.pictures.scale_resolution
    blank = slice_picture(Image.new("RGB", (side, side)), processor.pictures, 1)
    ids, spans = processor.with_pictures(before + mark, [blank])
    first, end = spans[0]
    tokenizer: Any = processor.tokenizer
    added = {number for number, token in tokenizer.added_tokens_decoder.items() if len(str(token)) > 1}
    return PromptFacts(
        opening=tuple(ids[:first]),
        plain=_rendered(processor, _MARK).partition(_MARK)[0],
        closing=tuple(ids[end:]),
        ending=ending,
        strips=strips,
        placeholder=ids[first],
        padding=processor.padding_id,
        ends=processor.end_ids,
        special=tuple(sorted(added | {ids[first - 1], ids[first], ids[end]} | set(processor.end_ids))),
    )


def _rendered(processor: Processor, content: str) -> str:
    tokenizer: Any = processor.tokenizer
    message = [{"role": "user", "content": content}]
    return str(
        tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    )


def write_parts(folder: Path, name: str, content: bytes) -> tuple[Part, ...]:
    """A graph as files of at most `MAX_FILE_BYTES`."""
    starts = range(0, len(content), MAX_FILE_BYTES)
    return tuple(
        _write_file(folder / f"{name}.{number}.bin", content[start : start + MAX_FILE_BYTES])
        for number, start in enumerate(starts)
    )


def _write_file(path: Path, content: bytes) -> Part:
    path.write_bytes(content)
    return Part(file=path.name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
