"""Merging: the base's names, types and files, the adapter's numbers; bad input, interruption, a full disk."""

import json
import resource
import shutil

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")
pytest.importorskip("datasets")

import datasets
import peft
import torch
from click.testing import CliRunner
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from training_runs import arguments, built_records

from magenta_qa.finetune.cli import finetune
from magenta_qa.finetune.merge import _Probe, merge
from magenta_qa.finetune.train import train
from magenta_qa.model.errors import ConfigError, TrainingError
from magenta_qa.model.minicpmv.adapters import fingerprint, with_adapter
from magenta_qa.model.minicpmv.families import FAMILIES, family_of
from magenta_qa.model.minicpmv.random_models import write_checkpoint

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

REMOTE_CODE = "modeling_minicpmv.py"


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    before = datasets.config.HF_DATASETS_CACHE
    datasets.config.HF_DATASETS_CACHE = tmp_path_factory.mktemp("cache")
    yield built_records(tmp_path_factory.mktemp("data"), rows=6)
    datasets.config.HF_DATASETS_CACHE = before


def published(name, folder, dtype=torch.bfloat16):
    """A random checkpoint in two files with an index, and with code beside it that must never run."""
    write_checkpoint(name, folder, dtype=dtype)
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names, files = sorted(weights), [f"model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    halves = dict(zip(files, (names[::2], names[1::2]), strict=True))
    for file, half in halves.items():
        save_file({name: weights[name] for name in half}, folder / file, {"format": "pt"})
    index = {"metadata": {}, "weight_map": {name: file for file, half in halves.items() for name in half}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "modeling_minicpmv.MiniCPMV"}
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / REMOTE_CODE).write_text("raise SystemExit('code of a checkpoint was executed')")
    return folder


def adapter_of(base, records, folder, how="lora"):
    flags = ("--max_steps", 2, "--train", how, "--learning_rate", "5e-2", "--full_learning_rate", "5e-2")
    return train(arguments(base, records, folder, *flags))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return published("MiniCPM-V-2_6", tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="module")
def adapter(base, records, tmp_path_factory):
    return adapter_of(base, records, tmp_path_factory.mktemp("adapter") / "run")


def layout(folder):
    """Of every file of weights: names, types and shapes."""
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as opened:
            slices = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
            found[file.name] = {name: (part.get_dtype(), part.get_shape()) for name, part in slices.items()}
    return found


def weights_of(folder):
    return {name: weight for file in folder.glob("*.safetensors") for name, weight in load_file(file).items()}


def logits(model, base):
    return _Probe(family_of(base), base, "cpu").logits(model)


@pytest.mark.parametrize("how", ["lora", "recipe"])
@pytest.mark.parametrize("name", [family.name for family in FAMILIES])
def test_merged_checkpoint_has_the_bases_form_and_computes_what_the_adapter_does(name, how, records, tmp_path):
    base = published(name, tmp_path / "base", torch.float32)
    adapter, out = adapter_of(base, records, tmp_path / "run", how), tmp_path / "merged"
    result = merge(base, adapter, out)
    assert layout(out) == layout(base)
    assert all(file.stat().st_mode & 0o044 == 0o044 for file in out.glob("*.safetensors"))
    assert (out / "config.json").read_bytes() == (base / "config.json").read_bytes()
    assert {file.name for file in base.iterdir()} == {file.name for file in out.iterdir()} - {"run.json"}
    assert 0 < result.changed < result.weights == len(weights_of(base))
    family = family_of(base)
    adapted = logits(with_adapter(family.load_model(base, torch.float32), adapter, base), base)
    merged = logits(family.load_model(out, torch.float32), base)
    plain = logits(family.load_model(base, torch.float32), base)
    for one, other, before in zip(adapted, merged, plain, strict=True):
        torch.testing.assert_close(other, one, atol=1e-4, rtol=1e-4)
        assert not torch.allclose(before, one, atol=1e-2)


def test_weights_are_added_in_float32_and_rounded_once(base, adapter, tmp_path):
    result = merge(base, adapter, tmp_path / "merged")
    layer = "llm.model.layers.0.self_attn.q_proj"
    saved, config = (
        load_file(adapter / "adapter_model.safetensors"),
        json.loads((adapter / "adapter_config.json").read_text()),
    )
    down, up = (saved[f"base_model.model.{layer}.lora_{side}.weight"].float() for side in "AB")
    before, after = (weights_of(folder)[f"{layer}.weight"] for folder in (base, tmp_path / "merged"))
    expected = before.float() + config["lora_alpha"] / config["r"] * up @ down
    assert after.dtype == torch.bfloat16
    assert torch.equal(after, expected.to(torch.bfloat16))
    assert 0 < result.rounding < result.effect
    record = json.loads((tmp_path / "merged" / "run.json").read_text())
    assert record["merged"]["fingerprint"] == fingerprint(base) != fingerprint(tmp_path / "merged")
    assert record["base"]["family"] == "MiniCPM-V-2_6"


def test_transformers_own_class_loads_a_merged_native_checkpoint(records, tmp_path):
    from transformers import AutoModelForImageTextToText

    base = write_checkpoint("MiniCPM-V-4.6", tmp_path / "base")
    merge(base, adapter_of(base, records, tmp_path / "run", "recipe"), tmp_path / "merged")
    _, report = AutoModelForImageTextToText.from_pretrained(tmp_path / "merged", output_loading_info=True)
    assert not any(report[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))


def test_command_merges_and_says_what_the_adapter_does(base, adapter, tmp_path):
    done = CliRunner().invoke(finetune, ["merge", str(base), str(adapter), str(tmp_path / "merged")])
    assert done.exit_code == 0, done.output
    assert "the adapter changes" in done.output
    assert "loads and computes the same" in done.output


@pytest.mark.parametrize(("what", "words"), [("twin", "other weights of"), ("kind", "was trained on MiniCPM-V-2_6")])
def test_adapter_of_another_base_is_not_merged(adapter, tmp_path, what, words):
    # A twin has the same configuration and files of the same size; only its numbers are others.
    name = "MiniCPM-V-2_6" if what == "twin" else "MiniCPM-V-4.6"
    other = write_checkpoint(name, tmp_path / "other", seed=1, dtype=torch.bfloat16)
    with pytest.raises(ConfigError, match=words):
        merge(other, adapter, tmp_path / "merged")
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_same_weights_in_other_files_are_the_same_base(adapter, tmp_path):
    config = {"auto_map": {"AutoModel": "modeling_minicpmv.MiniCPMV"}}
    one = write_checkpoint("MiniCPM-V-2_6", tmp_path / "one", dtype=torch.bfloat16)
    entries = json.loads((one / "config.json").read_text()) | config
    (one / "config.json").write_text(json.dumps(entries))
    merge(one, adapter, tmp_path / "merged")


def test_place_that_holds_something_is_left_as_it_is(base, adapter, tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ConfigError, match="holds something already"):
        merge(base, adapter, tmp_path)
    with pytest.raises(ConfigError, match=r"is no adapter: it has no adapter_config\.json"):
        merge(base, base, tmp_path / "merged")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_interrupted_merge_leaves_nothing(base, adapter, tmp_path):
    def interrupt(text):
        if text.startswith("writing") and "2 of 2" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        merge(base, adapter, tmp_path / "merged", say=interrupt)
    assert not list(tmp_path.iterdir())


def test_full_disk_is_a_clear_error_and_leaves_nothing(base, adapter, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(TrainingError, match="make room or merge elsewhere"):
            merge(base, adapter, tmp_path / "merged")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())


def test_weight_that_is_no_number_is_not_merged(base, adapter, tmp_path):
    broken = shutil.copytree(adapter, tmp_path / "broken", ignore=shutil.ignore_patterns("checkpoint-*"))
    saved = load_file(broken / "adapter_model.safetensors")
    next(weight for name, weight in saved.items() if "lora_B" in name).fill_(float("nan"))
    save_file(saved, broken / "adapter_model.safetensors", {"format": "pt"})
    with pytest.raises(TrainingError, match="expected finite weights"):
        merge(base, broken, tmp_path / "merged")


def test_embeddings_that_were_trained_apart_from_their_head_are_not_merged(tmp_path):
    base = write_checkpoint("MiniCPM-V-4.6", tmp_path / "base")
    family = family_of(base)
    config = peft.LoraConfig(
        target_modules=family.lora_targets(family.load_model(base)), modules_to_save=family.modules(["embeddings"])
    )
    adapted = peft.get_peft_model(family.load_model(base, torch.float32), config)
    next(weight for name, weight in adapted.named_parameters() if "modules_to_save" in name).data.add_(1)
    adapted.save_pretrained(tmp_path / "adapter")
    with pytest.raises(TrainingError, match=r"are one weight in the base, and the adapter trained only one"):
        merge(base, tmp_path / "adapter", tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
