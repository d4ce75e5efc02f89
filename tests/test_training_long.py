"""Training from end to end: learning, going on after a kill, several processes, the recipe's own files."""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")
pytest.importorskip("datasets")

import datasets
import torch
from PIL import Image
from training_runs import ENVIRONMENT, arguments, built_records, losses_of, trained_apart

from magenta_qa.finetune.merge import merge
from magenta_qa.finetune.train import EXIT_INTERRUPTED, train
from magenta_qa.finetune.training.checkpoints import list_checkpoints, read_weights
from magenta_qa.model.minicpmv.adapters import with_adapter
from magenta_qa.model.minicpmv.families import family_of
from magenta_qa.model.minicpmv.random_models import write_checkpoint

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

FAMILIES = ["MiniCPM-V-4.6", "MiniCPM-V-2_6"]
RATES = {"lora": "1e-2", "recipe": "1e-2", "full": "3e-3"}
FALLS_TO = {"lora": 0.95, "recipe": 0.95, "full": 0.8}
"""Share of the first losses that the last ones reach; LoRA alone can do little for a random head."""


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


def loss_on(model, family, base, records):
    """The model's loss on the first records, as a checkpoint's reader would compute it."""
    processor = family.load_processor(base)
    rows = json.loads(records.read_text())[:4]
    examples = []
    for row in rows:
        with Image.open(records.parent / "images" / Path(row["image"]).name) as picture:
            examples.append(processor.encode([picture.convert("RGB")], *(t["content"] for t in row["conversations"])))
    with torch.no_grad():
        return float(model.eval()(**processor.collate(examples)).loss)


@pytest.mark.parametrize("how", ["lora", "recipe", "full"])
@pytest.mark.parametrize("name", FAMILIES)
def test_model_learns_goes_on_and_what_it_saved_computes_the_same(name, how, models, records, tmp_path):
    base, family = models[name], family_of(models[name])
    flags = ("--train", how, "--learning_rate", RATES[how], "--full_learning_rate", "1e-3", "--save_steps", 10)
    flags = (*flags, "--lora_r", 8, "--seed", 1)
    with_vision = ("--train_vision", "true") if how == "recipe" else ()
    command = arguments(base, records, tmp_path / "run", *flags, *with_vision, "--max_steps", 20)
    train(command)
    losses = losses_of(tmp_path / "run")
    assert [step for step, _ in losses] == list(range(1, 21))
    begun, ended = (sum(loss for _, loss in part) for part in (losses[:3], losses[-3:]))
    assert ended < FALLS_TO[how] * begun
    # Going on from the middle ends where the whole run ended.
    shutil.copytree(tmp_path / "run" / "checkpoint-10", tmp_path / "again" / "checkpoint-10")
    train(arguments(base, records, tmp_path / "again", *flags, *with_vision, "--max_steps", 20, "--resume", "true"))
    assert losses_of(tmp_path / "again")[-10:] == losses[-10:]
    first, second = (read_weights(tmp_path / folder) for folder in ("run", "again"))
    assert all(torch.equal(weight, second[key]) for key, weight in first.items())
    # Loaded anew, alone or onto its base, and merged, it computes the same.
    if how == "full":
        loaded = family.load_model(tmp_path / "run", torch.float32)
        assert loss_on(loaded, family, base, records) < losses[0][1]
        return
    adapted = with_adapter(family.load_model(base, torch.float32), tmp_path / "run", base)
    trained = loss_on(adapted, family, base, records)
    assert trained < losses[0][1]
    merge(base, tmp_path / "run", tmp_path / "merged")
    merged = family.load_model(tmp_path / "merged", torch.float32)
    assert loss_on(merged, family, base, records) == pytest.approx(trained, rel=1e-5)


@pytest.mark.parametrize("name", FAMILIES)
def test_run_that_is_killed_goes_on_with_the_same_losses(name, models, records, tmp_path):
    flags = ("--max_steps", 14, "--save_steps", 4, "--learning_rate", "1e-2", "--lora_dropout", 0.1)
    train(arguments(models[name], records, tmp_path / "whole", *flags))
    command = [sys.executable, "-m", "magenta_qa.finetune.train"]
    command += arguments(models[name], records, tmp_path / "killed", *flags, "--resume", "true")
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        lines = (line for line in run.stdout if "'loss'" in line)
        for _ in range(6):
            next(lines)
        run.send_signal(signal.SIGKILL)
    assert list_checkpoints(tmp_path / "killed")[0].name == "checkpoint-4"
    # As if it had been killed while it saved.
    half = tmp_path / "killed" / "checkpoint-99"
    half.mkdir()
    (half / "adapter_model.safetensors").write_bytes(b"half")
    train(arguments(models[name], records, tmp_path / "killed", *flags, "--resume", "true"))
    assert losses_of(tmp_path / "killed") == losses_of(tmp_path / "whole")
    assert not half.exists()


def test_interrupted_run_saves_a_checkpoint_and_goes_on(small, records, tmp_path):
    flags = arguments(small, records, tmp_path / "run", "--max_steps", 500, "--save_steps", 1000)
    command = [sys.executable, "-m", "magenta_qa.finetune.train", *flags]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        next(line for line in run.stdout if "'loss'" in line)
        run.send_signal(signal.SIGINT)
        said = run.stdout.read()
    assert run.returncode == EXIT_INTERRUPTED
    (saved,) = list_checkpoints(tmp_path / "run")
    assert f"its state is in {saved}" in said


def test_several_processes_compute_what_one_does(small, records, tmp_path):
    # Pictures of several sizes, so that batches differ in their groups of slices.
    rows = json.loads(records.read_text())[:12]
    for number, row in enumerate(rows):
        size = (320, 200) if number % 3 else (700, 500)
        row["image"] = str(tmp_path / f"{number}.png")
        Image.effect_noise(size, 40 + number).convert("RGB").save(row["image"])
    data = tmp_path / "rows.json"
    data.write_text(json.dumps(rows))
    flags = ("--train", "recipe", "--train_vision", "true", "--lora_dropout", 0, "--max_steps", 3, "--save_steps", 3)
    train(arguments(small, data, tmp_path / "one", *flags, "--per_device_train_batch_size", 4))
    for name, more in (("ddp", ()), ("zero2", ("--deepspeed", "zero2")), ("zero3", ("--deepspeed", "zero3"))):
        if more:
            pytest.importorskip("deepspeed")
        command = arguments(small, data, tmp_path / name, *flags, "--per_device_train_batch_size", 2, *more)
        done = trained_apart(command, processes=2, seconds=500)
        assert done.returncode == 0, done.stderr[-3000:]
        pairs = zip(losses_of(tmp_path / "one"), losses_of(tmp_path / name), strict=True)
        assert all(abs(a - b) < 0.01 * a for (_, a), (_, b) in pairs), name


def test_the_recipes_script_starts_a_run(small, records, tmp_path):
    pytest.importorskip("deepspeed")
    text = (Path(__file__).parent / "recipe" / "finetune_lora.sh").read_text()
    text = text.replace("GPUS_PER_NODE=8", "GPUS_PER_NODE=1")
    text = text.replace('MODEL="openbmb/MiniCPM-V-2_6"', f'MODEL="{small}"')
    text = re.sub(r'DATA="path/to/\w+"', f'DATA="{records}"', text)
    (tmp_path / "finetune_lora.sh").write_text(text.replace(" finetune.py ", " -m magenta_qa.finetune.train "))
    path = f"{Path(sys.executable).parent}:{ENVIRONMENT['PATH']}"
    run = subprocess.Popen(
        ["bash", "finetune_lora.sh"],
        cwd=tmp_path,
        env=ENVIRONMENT | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said, losses = [], 0
    with run:
        for line in run.stdout:
            said.append(line)
            losses += "'loss'" in line
            if losses == 3:
                subprocess.run(["kill", "-INT", "--", f"-{run.pid}"], check=True)
                losses += 1
    text = "".join(said)
    assert "ds_config_zero2.json is not there: the packaged" in text
    assert "is read as --train recipe --train_vision true" in text
    assert list_checkpoints(tmp_path / "output" / "output__lora"), text[-3000:]


def test_prepare_py_changed_in_the_datasets_name_makes_records_that_train(small, tmp_path, monkeypatch):
    from dataset_rows import foreign_rows

    monkeypatch.chdir(tmp_path)
    Path("others").mkdir()
    Path("dataset/images").mkdir(parents=True)
    rows = datasets.Dataset.from_dict(foreign_rows(8)).cast_column("image", datasets.Image())
    rows.to_parquet("others/train.parquet")
    script = (Path(__file__).parent / "recipe" / "prepare.py").read_text()
    Path("prepare.py").write_text(script.replace("your-username/name-of-your-dataset", "others"))
    cache = {"HF_DATASETS_CACHE": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "prepare.py"], check=True, env=ENVIRONMENT | cache, capture_output=True)
    train(arguments(small, "dataset/train.json", tmp_path / "run", "--max_steps", 2))
    assert json.loads((tmp_path / "run" / "run.json").read_text())["data"]["usable"] == 8


def test_full_disk_is_an_error_that_leaves_whole_checkpoints(small, records, tmp_path):
    shell = 'ulimit -f 400; exec "$0" -m magenta_qa.finetune.train "$@"'
    flags = arguments(small, records, tmp_path / "run", "--max_steps", 2, "--save_steps", 1, "--lora_r", 128)
    done = subprocess.run(
        ["bash", "-c", shell, sys.executable, *flags], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 4, done.stderr[-2000:]
    assert "cannot save" in done.stderr
    assert "make room" in done.stderr
    assert not list((tmp_path / "run").glob("checkpoint-*"))


def test_the_recipes_pattern_is_understood_for_other_families(models, records, tmp_path):
    pattern = r"llm\..*layers\.\d+\.self_attn\.(q_proj|k_proj|v_proj|o_proj)"
    for name, base in models.items():
        output = tmp_path / name
        train(arguments(base, records, output, "--lora_target_modules", pattern, "--max_steps", 1))
        kinds = {key.split(".lora_")[0].rsplit(".", 1)[-1] for key in read_weights(output)}
        assert kinds == {"q_proj", "k_proj", "v_proj", "o_proj"}
