"""MiniCPM-V 2_6 and MiniCPM-Llama3-V 2_5 equal the code that is published with them.

The golden numbers (tests/data/minicpmv_2_*.json) were printed by that code, run by tests/minicpmv_original.py with
transformers 4.44.2 on github.com/404805854/minicpmv2.6-onnx at 8490e59 and on github.com/theonlyengine/VQA_Model. With
MAGENTA_MINICPMV_2_6 or MAGENTA_MINICPMV_2_5 naming a folder with a copy, and MAGENTA_MINICPMV_PYTHON a Python that has
such a transformers, the numbers are printed anew and compared too.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import numpy as np
import torch
from minicpmv_cases import LOGIT_CASES, PROMPT, SIZES, digest, fill, logits_shown, picture, processed

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.families import family_of
from magenta_qa.model.minicpmv.random_models import write_checkpoint

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
NAMES = {"2_6": "MiniCPM-V-2_6", "2_5": "MiniCPM-Llama3-V-2_5"}
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module", params=list(NAMES))
def version(request):
    return request.param


@pytest.fixture(scope="module")
def folder(version, tmp_path_factory):
    return write_checkpoint(NAMES[version], tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(folder):
    return family_of(folder).load_model(folder, torch.float32)


@pytest.fixture(scope="module")
def processor(folder):
    return family_of(folder).load_processor(folder)


@pytest.fixture(scope="module")
def golden(version):
    return json.loads((DATA / f"minicpmv_{version}.json").read_text())


def packed(piece, patch=14):
    """A slice as the published processor packs it: normalised, (3, patch, patches × patch)."""
    channels, height, width = piece.shape
    pixels = (piece.astype(np.float32) / 255 - np.float32(0.5)) / np.float32(0.5)
    grid = pixels.reshape(channels, height // patch, patch, width // patch, patch).transpose(0, 2, 1, 3, 4)
    return grid.reshape(channels, patch, -1)


def read(example):
    sizes = [[piece.shape[1] // 14, piece.shape[2] // 14] for piece in example.slices]
    return processed(example.input_ids, [packed(piece) for piece in example.slices], sizes, example.visual_spans)


def logits_of(model, processor, sizes):
    example = processor.encode([picture(size, seed) for seed, size in enumerate(sizes)], PROMPT)
    with torch.no_grad():
        return logits_shown(model(**processor.collate([example])).logits[0].numpy())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_ids_pixels_sizes_and_bounds_equal_the_published_processors(processor, golden, size):
    example = processor.encode([picture(size, SIZES.index(size))], PROMPT)
    assert read(example) == golden["processor"][f"{size[0]}x{size[1]}"]


def test_pixels_are_normalised_to_the_same_bits(model, processor):
    piece = processor.encode([picture((300, 200))], PROMPT).slices[0]
    normalised = model.normalise(torch.from_numpy(piece)[None])[0].numpy()
    assert digest(normalised) == digest((piece.astype(np.float32) / 255 - np.float32(0.5)) / np.float32(0.5))


def test_saved_weights_have_exactly_the_published_names(folder, golden):
    safetensors = pytest.importorskip("safetensors")
    with safetensors.safe_open(folder / "model.safetensors", "pt") as file:
        assert sorted(file.keys()) == golden["weights"]


@pytest.fixture(scope="module")
def filled(folder):
    return fill(family_of(folder).load_model(folder, torch.float32))


@pytest.mark.parametrize("case", range(len(LOGIT_CASES)))
def test_logits_equal_the_published_models(filled, processor, golden, case):
    found, expected = logits_of(filled, processor, LOGIT_CASES[case]), golden["logits"][case]
    assert found["lengths"] == pytest.approx(expected["lengths"], abs=1e-4)
    assert found["last"] == pytest.approx(expected["last"], abs=1e-4)


def test_code_beside_the_weights_is_never_executed(folder, tmp_path):
    family_of(folder).save_processor(folder, tmp_path)
    (tmp_path / "model.safetensors").symlink_to(folder / "model.safetensors")
    names = {"AutoConfig": "configuration_minicpm.MiniCPMVConfig", "AutoModel": "modeling_minicpmv.MiniCPMV"}
    config = json.loads((folder / "config.json").read_text()) | {"auto_map": names}
    (tmp_path / "config.json").write_text(json.dumps(config))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings |= {"tokenizer_class": "MiniCPMVTokenizerFast"}
    settings |= {"auto_map": {"AutoTokenizer": ["tokenization_minicpmv_fast.MiniCPMVTokenizerFast", None]}}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    for module in ("configuration_minicpm", "modeling_minicpmv", "tokenization_minicpmv_fast"):
        (tmp_path / f"{module}.py").write_text(f"raise SystemExit('{module} was executed')\n")
    family = family_of(tmp_path)
    family.load_model(tmp_path, torch.float32).save_pretrained(tmp_path / "saved")
    tokenizer = family.load_processor(tmp_path).tokenizer
    assert tokenizer("Saves it.")["input_ids"] == family.load_processor(folder).tokenizer("Saves it.")["input_ids"]
    family.save_processor(tmp_path, tmp_path / "saved")
    assert json.loads((tmp_path / "saved" / "config.json").read_text())["auto_map"] == names
    assert (tmp_path / "saved" / "modeling_minicpmv.py").exists()


def test_tokens_a_slice_that_differ_from_the_models_are_an_error(folder, tmp_path):
    family_of(folder).save_processor(folder, tmp_path)
    config = json.loads((folder / "config.json").read_text()) | {"query_num": 32}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="its model gives 32"):
        family_of(tmp_path).load_processor(tmp_path)


def test_a_copy_of_the_published_code_still_says_so(version, folder, golden):
    copy = os.environ.get(f"MAGENTA_MINICPMV_{version}")
    if not copy:
        pytest.skip(f"MAGENTA_MINICPMV_{version} names no folder with a copy of the published code")
    python = os.environ.get("MAGENTA_MINICPMV_PYTHON", sys.executable)
    script = Path(__file__).parent / "minicpmv_original.py"
    done = subprocess.run([python, str(script), copy, str(folder)], capture_output=True, text=True, check=True)
    live = json.loads(done.stdout)
    assert (live["processor"], live["weights"]) == (golden["processor"], golden["weights"])
    for found, expected in zip(live["logits"], golden["logits"], strict=True):
        assert found["lengths"] == pytest.approx(expected["lengths"], abs=1e-4)
        assert found["last"] == pytest.approx(expected["last"], abs=1e-4)
