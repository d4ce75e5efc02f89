"""Exported models beside the checkpoints that they came from: the same logits, the same sentences."""

import json
import shutil

import pytest

torch = pytest.importorskip("torch")
for _package in ("transformers", "peft", "onnx", "onnxruntime"):
    pytest.importorskip(_package)

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import peft  # noqa: E402
from click.testing import CliRunner  # noqa: E402
from PIL import Image  # noqa: E402
from test_embedded import asks  # noqa: E402

from magenta_qa.finetune.export import export  # noqa: E402
from magenta_qa.finetune.export_command import export as export_command  # noqa: E402
from magenta_qa.model.closeup import CLOSEUP  # noqa: E402
from magenta_qa.model.embedded.answering import open_embedded  # noqa: E402
from magenta_qa.model.embedded.files import read_files  # noqa: E402
from magenta_qa.model.embedded.glossary import GLOSSARY  # noqa: E402
from magenta_qa.model.embedded.network import Network  # noqa: E402
from magenta_qa.model.embedded.prompts import Prompts, places  # noqa: E402
from magenta_qa.model.errors import ConfigError  # noqa: E402
from magenta_qa.model.local import open_local  # noqa: E402
from magenta_qa.model.minicpmv.adapters import fingerprint  # noqa: E402
from magenta_qa.model.minicpmv.families import family_of  # noqa: E402
from magenta_qa.model.minicpmv.native import native_class  # noqa: E402
from magenta_qa.model.minicpmv.random_models import build_config, build_tokenizer, write_checkpoint  # noqa: E402
from magenta_qa.model.minicpmv.visual import nearest_places  # noqa: E402
from magenta_qa.model.prompt import understanding_prompt  # noqa: E402
from magenta_qa.model.schema import Box, Candidate, Observation, Question, State, View  # noqa: E402
from magenta_qa.model.understand import MAX_TOKENS, open_understanding  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TEXT = {
    "llama": {"model_type": "llama", "num_attention_heads": 4, "num_key_value_heads": 4, "attention_bias": True},
    "qwen3": {"model_type": "qwen3", "num_attention_heads": 4, "num_key_value_heads": 2},
}


def write_small(folder, kind):
    """A checkpoint with random weights; Qwen3's has shared key heads and a head tied to the embeddings."""
    tokenizer = build_tokenizer("MiniCPM-V-4.6")
    write_checkpoint("MiniCPM-V-4.6", folder)
    config = build_config("MiniCPM-V-4.6", "tiny")
    tied = kind == "qwen3"
    text = TEXT[kind] | {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "head_dim": 16}
    text |= {"vocab_size": len(tokenizer), "tie_word_embeddings": tied, "max_position_embeddings": 2048}
    settings = config.to_dict() | {"text_config": text, "tie_word_embeddings": tied, "downsample_mode": "4x"}
    torch.manual_seed(0)
    model = native_class("minicpmv4_6")(type(config)(**settings)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                # A table that is the head too must be weaker than the layers, or every token would name itself again.
                table = 0.1 if tied else 0.5
                parameter.normal_(std=table if "embed_tokens" in name else parameter[0].numel() ** -0.5)
            elif name.endswith("bias"):
                parameter.normal_(std=0.1)
    shutil.rmtree(folder)
    write_checkpoint("MiniCPM-V-4.6", folder)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["llama", "qwen3"])
def base(request, tmp_path_factory):
    return write_small(tmp_path_factory.mktemp(request.param) / "base", request.param)


@pytest.fixture(scope="module")
def exported(base):
    for precision in ("float32", "int8"):
        export(base, base.parent / precision, precision=precision)
    return base.parent


def questions(count=6):
    """Pictures of several shapes, prompts of several lengths."""
    random = np.random.default_rng(0)
    sizes = [(112, 112), (112, 112), (112, 80), (60, 112), (112, 112), (448, 448)]
    pictures = [Image.fromarray(random.integers(0, 255, (h, w, 3), np.uint8)) for w, h in sizes[:count]]
    return [
        (picture, understanding_prompt("click", "button", "Save " * n, f"<p>{'a b' * (n * 5 % 13)}</p>"))
        for n, picture in enumerate(pictures)
    ]


def logits_of_both(folder, base, tokens):
    """(B, steps, V) of the checkpoint, each question by itself, and of the files, all as one batch."""
    family = family_of(base)
    model, processor = family.load_model(base, torch.float32), family.load_processor(base, downsample="4x")
    files = read_files(folder)
    prompts = Prompts(files, MAX_TOKENS)
    encoded = [prompts.encode(picture, text) for picture, text in questions()]
    run = Network(files).begin(encoded, tokens.shape[1])
    seen = [run.logits]
    for step in tokens.T:
        run.step(step)
        seen.append(run.logits)
    expected = []
    for (picture, text), row, prompt in zip(questions(), tokens, encoded, strict=True):
        example = processor.encode([picture], text, max_slices=1)
        assert example.input_ids == prompt.ids
        batch = processor.collate([example])
        batch["input_ids"] = torch.cat([batch["input_ids"], torch.tensor(row)[None]], 1)
        with torch.inference_mode():
            expected.append(model(**batch).logits[0, len(example) - 1 :].numpy())
    return np.stack(expected), np.stack(seen, 1)


def test_float32_logits_equal_the_checkpoints_for_mixed_lengths(exported, base):
    tokens = np.random.default_rng(1).integers(20, 200, (6, 5))
    expected, seen = logits_of_both(exported / "float32", base, tokens)
    assert np.abs(seen - expected).max() < 1e-4
    # Equal to so little only if pictures, lengths and tokens count.
    assert expected.std(axis=0).mean() > 0.1


def test_int8_logits_are_close(exported, base):
    expected, seen = logits_of_both(exported / "int8", base, np.random.default_rng(1).integers(20, 200, (6, 5)))
    assert np.abs(seen - expected).max() < 0.1 * np.abs(expected).max()
    assert np.corrcoef(seen.ravel(), expected.ravel())[0, 1] > 0.999


def test_same_sentences_as_the_checkpoint(exported, base):
    local = open_local(f"local:{base}", CLOSEUP, device="cpu").answer_all(asks(12))
    embedded = open_embedded(f"embedded:{exported / 'float32'}").answer_all(asks(12))
    assert [answer.text for answer in embedded] == [answer.text for answer in local]
    assert [a.confidence for a in embedded] == pytest.approx([a.confidence for a in local], rel=1e-3)
    assert len({answer.text for answer in local}) > 4


def test_long_prompt_is_cut_as_the_processor_does(exported, base):
    prompts = Prompts(read_files(exported / "int8"), MAX_TOKENS)
    text = understanding_prompt("click", "button", "Save", "<td>Ada it</td> hello " * 700)
    picture = questions(1)[0][0]
    processor = family_of(base).load_processor(base, downsample="4x")
    example = processor.encode([picture], text, max_slices=1, max_length=2048 - MAX_TOKENS)
    assert example.trimmed and prompts.encode(picture, text).ids == example.input_ids


@pytest.mark.parametrize("side", [16, 32, 70])
def test_places_are_those_of_the_checkpoint(side):
    for rows in range(2, 33, 2):
        for columns in (2, 14, 16, 30):
            grid = nearest_places(rows, columns, side).view(rows // 2, 2, columns // 2, 2).transpose(1, 2)
            assert places(rows, columns, side).tolist() == grid.flatten().tolist()


def test_head_that_is_the_table_is_stored_once(exported, base):
    graph = onnx.load_from_string(read_files(exported / "int8").graph("text")).graph
    names = {initializer.name for initializer in graph.initializer}
    tied = "lm_head.weight.int8" not in names
    assert tied == (base.parent.name.startswith("qwen3"))
    assert "model.language_model.embed_tokens.weight.int8" in names


def int8_of(folder):
    graph = onnx.load_from_string(read_files(folder).graph("text")).graph
    return {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer if one.name.endswith(".int8")}


def write_adapter(base, folder):
    """LoRA with weights that change every answer, as PEFT writes it, with training's record beside it."""
    model = family_of(base).load_model(base, torch.float32)
    config = peft.LoraConfig(r=4, target_modules=family_of(base).lora_targets(model), init_lora_weights=False)
    peft.get_peft_model(model, config).save_pretrained(folder)
    record = {"base": {"path": str(base), "family": "MiniCPM-V-4.6", "fingerprint": fingerprint(base)}}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def test_adapter_is_exported_on_its_base(exported, base, tmp_path):
    adapter = write_adapter(base, tmp_path / "adapter")
    out = tmp_path / "out"
    done = CliRunner().invoke(export_command, [str(adapter), str(out), "--precision", "float32"])
    assert done.exit_code == 0 and "MiB, in" in done.output
    assert f"use it with --magenta-understanding embedded:{out}" in done.output.splitlines()
    local = open_local(f"local:{base}+{adapter}", CLOSEUP, device="cpu").answer_all(asks(4))
    embedded = open_embedded(f"embedded:{out}").answer_all(asks(4))
    plain = open_embedded(f"embedded:{exported / 'float32'}").answer_all(asks(4))
    assert [a.text for a in embedded] == [a.text for a in local] != [a.text for a in plain]


def test_what_labels_say_of_names_is_exported_and_used(base, tmp_path):
    adapter = write_adapter(base, tmp_path / "adapter")
    (adapter / GLOSSARY).write_text('{"names": {"swift shelf": ["Goes to the start page"]}}')
    out = export(adapter, tmp_path / "out").folder
    understanding = open_understanding(f"embedded:{out}", view=View(), cache_dir=None, api_key=None)
    links = [
        Candidate(1, Box(8, 8, 60, 16), "link", "link", "Swift  Shelf", "", State(), ("click",)),
        Candidate(2, Box(8, 40, 60, 16), "link", "link", "Tents", "", State(), ("click",)),
        Candidate(3, Box(8, 80, 60, 16), "input:text", "textbox", "Swift shelf", "", State(), ("fill",)),
    ]
    observation = Observation("http://x.test/", "", (640, 400), 1.0, b"", tuple(links))
    said = understanding.describe(observation, [Question(c, c.action_types[0], "") for c in links])
    assert [d.taught for d in said] == [("Goes to the start page",), (), ()]
    assert said[0].whole == "Opens Swift Shelf: goes to the start page."
    (out / GLOSSARY).write_text("{}")
    with pytest.raises(ConfigError, match=GLOSSARY):
        read_files(out)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "cache"))


def test_exported_model_is_a_checkpoint_again(exported, base, cache):
    original = family_of(base).load_model(base, torch.float32).state_dict()
    for precision, allowed in (("float32", 0), ("int8", 0.5 / 127 + 1e-6)):
        spec = f"embedded:{exported / precision}"
        found = family_of(spec).load_model(spec, torch.float32).state_dict()
        assert found.keys() == original.keys()
        for name, weight in original.items():
            if "vit_merger" not in name:
                assert (found[name] - weight).abs().max() <= allowed * weight.abs().max(), name
    expected, seen = logits_of_both(exported / "int8", spec, np.random.default_rng(1).integers(20, 200, (6, 5)))
    assert np.corrcoef(seen.ravel(), expected.ravel())[0, 1] > 0.999


def test_exported_model_is_trained_and_exported_again(exported, cache, tmp_path):
    spec = f"embedded:{exported / 'int8'}"
    adapter = write_adapter(spec, tmp_path / "adapter")
    again = export(adapter, tmp_path / "again", precision="float32")
    local = open_local(f"local:{spec}+{adapter}", CLOSEUP, device="cpu").answer_all(asks(4))
    embedded = open_embedded(f"embedded:{again.folder}").answer_all(asks(4))
    assert [a.text for a in embedded] == [a.text for a in local]
    # What was not trained is rounded to the same levels once more.
    first, second = (int8_of(folder) for folder in (exported / "int8", export(spec, tmp_path / "plain").folder))
    assert first.keys() == second.keys() and all((first[name] == second[name]).all() for name in first)


def test_graph_too_large_for_one_file_takes_several(base, tmp_path, monkeypatch):
    from magenta_qa.finetune import export as module

    monkeypatch.setattr(module, "MAX_FILE_BYTES", 50_000)
    done = export(base, tmp_path / "out")
    assert max(file.stat().st_size for file in (tmp_path / "out").glob("*.bin")) == 50_000
    assert done.files > 6 and len(read_files(tmp_path / "out").graph("text")) > 50_000


def test_what_cannot_be_exported_is_refused(base, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(ConfigError, match="holds something already"):
        export(base, tmp_path / "full")
    other = write_checkpoint("MiniCPM-V-4.6", tmp_path / "qwen3_5")
    with pytest.raises(ConfigError, match=r"its model_type is 'qwen3_5_text'; expected one of llama, qwen3"):
        export(other, tmp_path / "out")
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*"))
