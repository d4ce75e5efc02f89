"""Training: what learns, what is saved, going on, bad input; tiny random models on the CPU."""

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")
pytest.importorskip("datasets")

import datasets
import torch
from PIL import Image
from training_runs import arguments, built_records, losses_of

from magenta_qa.finetune.merge import merge
from magenta_qa.finetune.train import main, train
from magenta_qa.finetune.training.arguments import parse
from magenta_qa.finetune.training.checkpoints import guard_disk, list_checkpoints, read_weights
from magenta_qa.finetune.training.parts import quantization
from magenta_qa.model.errors import ConfigError, DatasetError, TrainingError
from magenta_qa.model.minicpmv.families import family_of
from magenta_qa.model.minicpmv.random_models import write_checkpoint

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

HOSTILE = ("<image>", "</image>", "<slice>", "<|im_end|>", "<|image_pad|>")
FAMILIES = ["MiniCPM-V-4.6", "MiniCPM-V-2_6"]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return {name: write_checkpoint(name, tmp_path_factory.mktemp("models") / name) for name in FAMILIES}


@pytest.fixture(scope="module")
def small(models):
    return models["MiniCPM-V-2_6"]


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    before = datasets.config.HF_DATASETS_CACHE
    datasets.config.HF_DATASETS_CACHE = tmp_path_factory.mktemp("cache")
    yield built_records(tmp_path_factory.mktemp("data"))
    datasets.config.HF_DATASETS_CACHE = before


def test_record_says_where_an_adapter_comes_from(small, records, tmp_path):
    train(arguments(small, records, tmp_path / "run", "--max_steps", 2, "--eval_data", records, "--save_steps", 1))
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (record["status"], record["step"], record["seed"]) == ("done", 2, 42)
    assert record["base"]["family"] == "MiniCPM-V-2_6"
    assert record["data"]["version"].startswith("sha256:")
    assert record["data"]["usable"] == record["data"]["rows"] > 0
    assert {"torch", "transformers", "peft"} <= record["packages"].keys()
    assert record["throughput"]["rows_a_second"] > 0
    assert record["settings"]["view"] == "crop"
    assert record["trained"]["text"]["lora"] > 0
    assert record["eval_loss"]
    assert "token" not in str(record["settings"].get("hub_token"))
    beside = json.loads((tmp_path / "run" / "checkpoint-1" / "run.json").read_text())
    assert (beside["status"], beside["step"]) == ("running", 1)


def write_rows(folder, rows):
    data = folder / "rows.json"
    data.write_text(json.dumps(rows))
    return data


def row(folder, number, content=None, answer="Opens it.", mode="RGB", size=(320, 200)):
    picture = folder / f"{number}.png"
    if content is None:
        Image.effect_noise(size, 50).convert(mode).save(picture)
    else:
        picture.write_bytes(content)
    turns = [{"role": "user", "content": "<image>\nWhat?"}, {"role": "assistant", "content": answer}]
    return {"id": f"row{number}", "image": str(picture), "conversations": turns}


def test_rows_that_cannot_be_used_are_named_and_never_replaced(small, tmp_path, capsys):
    talk = row(tmp_path, 7)
    talk["conversations"] *= 2
    rows = [row(tmp_path, 0), row(tmp_path, 1, b"no picture"), row(tmp_path, 2, mode="P"), row(tmp_path, 3, mode="L")]
    rows += [
        row(tmp_path, 4, answer=" "),
        row(tmp_path, 5, size=(4000, 10)),
        row(tmp_path, 6, answer="word " * 900),
        talk,
        row(tmp_path, 0),
        row(tmp_path, 8, answer="Opens <|im_end|> it."),
    ]
    rows[-1]["conversations"][0]["content"] += "".join(HOSTILE)
    train(arguments(small, write_rows(tmp_path, rows), tmp_path / "run", "--max_steps", 1))
    data = json.loads((tmp_path / "run" / "run.json").read_text())["data"]
    assert (data["rows"], data["usable"], data["trimmed"]) == (10, 6, 1)
    assert [found["id"] for found in data["unusable"]] == ["row1", "row4", "row5", "row7"]
    said = capsys.readouterr().out
    assert "6 of 10 rows can be used" in said
    assert "row row1" in said


def test_one_row_is_enough(small, tmp_path):
    train(arguments(small, write_rows(tmp_path, [row(tmp_path, 0)]), tmp_path / "run", "--num_train_epochs", 3))
    assert len(losses_of(tmp_path / "run")) == 3


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [([], DatasetError, "no rows"), (["broken"], DatasetError, "none of the 1 rows")],
)
def test_data_without_a_usable_row_says_so(small, tmp_path, rows, error, words):
    made = [row(tmp_path, 0, b"no picture") for _ in rows]
    with pytest.raises(error, match=words):
        train(arguments(small, write_rows(tmp_path, made), tmp_path / "run"))


def test_loss_that_is_no_number_stops_with_a_saved_state_and_names_the_batch(small, records, tmp_path):
    flags = ("--learning_rate", "1e30", "--warmup_steps", 0, "--max_steps", 5, "--max_grad_norm", 0)
    with pytest.raises(TrainingError, match=r"in step \d, in the batch of the rows .*The state before .*checkpoint-\d"):
        train(arguments(small, records, tmp_path / "run", *flags))
    (saved,) = list_checkpoints(tmp_path / "run")
    assert (saved / "optimizer.pt").exists()


def test_disk_that_is_too_small_is_found_out_before_writing(tmp_path):
    with (
        pytest.raises(TrainingError, match=r"are needed and .* are free"),
        guard_disk(tmp_path / "checkpoint-1", 10**18),
    ):
        pytest.fail("began to write")


def test_adapter_of_another_base_is_refused(models, records, tmp_path):
    train(arguments(models["MiniCPM-V-2_6"], records, tmp_path / "run", "--max_steps", 1))
    other = write_checkpoint("MiniCPM-V-2_6", tmp_path / "other", seed=5)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"rope_theta": 5.0}))
    for base, words in ((models["MiniCPM-V-4.6"], "was trained on MiniCPM-V-2_6"), (other, "other weights of")):
        with pytest.raises(ConfigError, match=words):
            train(arguments(base, records, tmp_path / "next", "--adapter", tmp_path / "run"))
    with pytest.raises(ConfigError, match=r"does not fit: .*weights differ"):
        flags = ("--adapter", tmp_path / "run", "--lora_r", 4)
        train(arguments(models["MiniCPM-V-2_6"], records, tmp_path / "next", *flags))
    train(
        arguments(models["MiniCPM-V-2_6"], records, tmp_path / "next", "--adapter", tmp_path / "run", "--max_steps", 1)
    )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--lora_target_modules", "no_such_layer"), "matches none of"),
        (("--lora_target_modules", "q_proj,k_proj"), r"outside of text.*vpm"),
        (("--train", "lora_vision", "--train_vision", "true"), "cannot train in both ways"),
        (("--quantize", "true", "--train", "full"), "in 4 bits cannot train"),
        (("--eval_strategy", "steps"), "nothing to judge by"),
        (("--learnin_rate", "1"), "did you mean --learning_rate"),
        (("--train", "half"), "invalid"),
        (("--deepspeed", "nowhere.json"), "there is no DeepSpeed file"),
        (("--resume", "nowhere"), "is no whole checkpoint"),
        (("--fused_kernels", "true"), "needs a GPU"),
    ],
)
def test_settings_that_cannot_be_used_say_why(small, records, tmp_path, flags, words):
    with pytest.raises(ConfigError, match=words):
        train(arguments(small, records, tmp_path / "run", *flags))


def test_earlier_run_is_never_overwritten(small, records, tmp_path, capsys):
    flags = arguments(small, records, tmp_path / "run", "--max_steps", 1)
    assert main(flags) == 0
    assert main(flags) == 4
    assert "--resume true to go on" in capsys.readouterr().err


def test_low_memory_computes_the_same_steps(small, records, tmp_path):
    flags = ("--max_steps", 4, "--lora_dropout", 0, "--learning_rate", "1e-2")
    train(arguments(small, records, tmp_path / "plain", *flags))
    train(arguments(small, records, tmp_path / "low", *flags, "--low_memory", "true"))
    for (_, plain), (_, low) in zip(losses_of(tmp_path / "plain"), losses_of(tmp_path / "low"), strict=True):
        assert low == pytest.approx(plain, rel=1e-4)


def test_half_precision_keeps_what_trains_in_float32(small, records, tmp_path):
    train(arguments(small, records, tmp_path / "run", "--bf16", "true", "--max_steps", 2, "--train", "recipe"))
    assert {weight.dtype for weight in read_weights(tmp_path / "run").values()} == {torch.float32}


@pytest.mark.parametrize("name", FAMILIES)
def test_text_part_in_four_bits_learns_and_its_adapter_merges_into_the_whole_base(
    name, models, records, tmp_path, monkeypatch
):
    bitsandbytes = pytest.importorskip("bitsandbytes")
    # Its fast path for some CPUs takes widths that are multiples of 64 only.
    monkeypatch.setattr(bitsandbytes.nn.modules, "has_avx512bf16", lambda: False)
    base, family = models[name], family_of(models[name])
    flags = ("--quantize", "true", "--train", "recipe", "--learning_rate", "1e-2", "--max_steps", 6)
    command = arguments(base, records, tmp_path / "run", *flags)
    loaded = family.load_model(base, torch.float32, device_map={"": "cpu"}, **quantization(parse(command)[0], family))
    layers = {name for name, module in loaded.named_modules() if isinstance(module, bitsandbytes.nn.Linear4bit)}
    assert layers == set(family.lora_targets(loaded))
    train(command)
    losses = [loss for _, loss in losses_of(tmp_path / "run")]
    assert losses[-1] < 0.95 * losses[0]
    assert merge(base, tmp_path / "run", tmp_path / "merged").effect > 0
