"""Runs a copy of the code that is published with MiniCPM-V 2_5 or 2_6 and prints what it gives, as JSON.

    python tests/minicpmv_original.py COPY CHECKPOINT > golden.json

COPY is a folder with `modeling_minicpmv.py` and what it imports, CHECKPOINT one that `write_checkpoint` made (its
settings and tokenizer are used; weights follow from their names). Wants the transformers of that time, such as 4.44:
under transformers 5 the published code loses the resampler's positions without an error.
"""

import builtins
import importlib
import json
import sys
import tempfile
import types
from pathlib import Path

import torch
import transformers  # before the empty modules below, which it would take for the real ones

sys.path.insert(0, str(Path(__file__).parent))

from minicpmv_cases import LOGIT_CASES, PROMPT, SIZES, fill, logits_shown, picture, processed

MARK = "(<image>./</image>)\n"


def load(copy):
    """The copy as a package; what it imports without need is given as an empty module."""
    for name in ("torchvision", "torchvision.transforms"):
        sys.modules.setdefault(name, types.ModuleType(name))
    vision = sys.modules["torchvision"]
    vision.transforms = sys.modules["torchvision.transforms"]
    for name in ("Compose", "ToTensor", "Normalize"):
        setattr(vision.transforms, name, lambda *args, **kwargs: None)
    builtins.List = list  # the copy finds it in torch.nn.functional, which no longer has it
    package = types.ModuleType("published")
    package.__path__ = [str(copy)]
    sys.modules["published"] = package
    names = ("configuration_minicpm", "modeling_minicpmv", "image_processing_minicpmv", "processing_minicpmv")
    return [importlib.import_module(f"published.{name}") for name in (*names, "tokenization_minicpmv_fast")]


def old_merges(file):
    """A copy of a tokenizer's file whose merges are written as old readers want them."""
    entries = json.loads(file.read_text())
    entries["model"]["merges"] = [" ".join(pair) for pair in entries["model"]["merges"]]
    copied = Path(tempfile.mkdtemp()) / "tokenizer.json"
    copied.write_text(json.dumps(entries))
    return str(copied)


def main(copy, checkpoint):
    configuration, modeling, imaging, processing, tokenizing = load(copy)
    entries = json.loads((checkpoint / "preprocessor_config.json").read_text())
    settings = json.loads((checkpoint / "tokenizer_config.json").read_text())
    roles = {name: settings[name] for name in ("bos_token", "eos_token", "pad_token", "unk_token")}
    file = old_merges(checkpoint / "tokenizer.json")
    tokenizer = tokenizing.MiniCPMVTokenizerFast(tokenizer_file=file, **roles)
    tokenizer.chat_template = (checkpoint / "chat_template.jinja").read_text()
    processor = processing.MiniCPMVProcessor(imaging.MiniCPMVImageProcessor(**entries), tokenizer)
    batched = float(entries["version"]) > 2.5

    def encode(pictures):
        text = MARK * len(pictures) + PROMPT
        rendered = tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
        )
        return processor([rendered], [pictures]) if batched else processor(rendered, pictures)

    golden = {"processor": {}, "logits": []}
    for seed, size in enumerate(SIZES):
        found = encode([picture(size, seed)])
        golden["processor"][f"{size[0]}x{size[1]}"] = processed(
            found["input_ids"][0], found["pixel_values"][0], found["tgt_sizes"][0], found["image_bound"][0]
        )
    config = configuration.MiniCPMVConfig(**json.loads((checkpoint / "config.json").read_text()))
    model = fill(modeling.MiniCPMV(config).eval().float())
    golden["weights"] = sorted(model.state_dict())
    for sizes in LOGIT_CASES:
        found = encode([picture(size, seed) for seed, size in enumerate(sizes)])
        data = dict(found.items()) | {"position_ids": torch.arange(found["input_ids"].shape[1])[None]}
        data["pixel_values"] = [[torch.as_tensor(p) for p in data["pixel_values"][0]]]
        data["tgt_sizes"] = [torch.as_tensor(data["tgt_sizes"][0])]
        with torch.no_grad():
            golden["logits"].append(logits_shown(model(data).logits[0].numpy()))
    golden["transformers"] = transformers.__version__
    print(json.dumps(golden))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
