import json
import re
import shlex
from pathlib import Path

import pytest

from magenta_qa.finetune.training.deepspeed_files import PACKAGED, load_configuration
from magenta_qa.finetune.training.recipe_flags import translate
from magenta_qa.model.errors import ConfigError

SCRIPT = Path(__file__).parent / "recipe" / "finetune_lora.sh"
"""The original recipe's, as it is."""


def recipe_arguments():
    variables, command = SCRIPT.read_text("utf-8").split("finetune.py", 1)
    values = dict(line.split("=", 1) for line in variables.splitlines() if re.match(r"[A-Za-z_]+=", line))
    named = {name: shlex.split(value, comments=True)[0] for name, value in values.items() if value != '"'}
    given = shlex.split(command.replace("\\\n", " "), comments=True)
    return [named.get(argument[1:], argument) if argument.startswith("$") else argument for argument in given]


def value_of(flags, name):
    return flags.arguments[flags.arguments.index(f"--{name}") + 1]


def test_every_flag_of_the_recipe_is_kept_translated_or_explained():
    given = recipe_arguments()
    flags = translate(given)
    for flag in (argument for argument in given if argument.startswith("--")):
        silent = flag in ("--remove_unused_columns", "--label_names")  # What they ask for always holds.
        assert flag in flags.arguments or any(flag in notice for notice in flags.notices) or silent, flag
    assert all("\n" not in notice for notice in flags.notices)


def test_recipe_trains_what_it_trained():
    flags = translate(recipe_arguments())
    assert (value_of(flags, "train"), value_of(flags, "train_vision")) == ("recipe", "true")
    assert value_of(flags, "lora_target_modules").startswith(r"llm\..*layers")
    assert value_of(flags, "learning_rate") == "1e-6"


def test_flags_that_newer_transformers_dropped_are_written_anew():
    flags = translate(["--evaluation_strategy", "steps", "--logging_dir", "logs", "--warmup_ratio", "0.01"])
    assert flags.arguments == ("--eval_strategy", "steps", "--tensorboard_dir", "logs", "--warmup_steps", "0.01")
    assert len(flags.notices) == 3


@pytest.mark.parametrize(
    ("spelling", "text"), [("qwen2", "qwen2"), ("qwen", "qwen2"), ("minicpm", "minicpm"), ("llama3", "llama")]
)
def test_every_spelling_of_llm_type_is_understood(spelling, text):
    flags = translate(["--llm_type", spelling])
    assert (flags.llm_type, flags.arguments, len(flags.notices)) == (text, (), 1)


@pytest.mark.parametrize(
    ("asked", "train", "vision"),
    [
        ("--use_lora true --tune_vision false", "recipe", "false"),
        ("--use_lora true", "recipe", "true"),  # The recipe's own default is to tune the vision part.
        ("--use_lora false --tune_llm true --tune_vision false", "full", "false"),
        ("--tune_llm false --tune_vision true", "vision", "true"),
        ("--use_lora=true --tune-vision=false", "recipe", "false"),
    ],
)
def test_what_the_recipes_flags_train(asked, train, vision):
    flags = translate(shlex.split(asked))
    assert flags.arguments == ("--train", train, "--train_vision", vision)


def test_q_lora_holds_frozen_weights_in_four_bits():
    assert translate(["--q_lora", "true", "--tune_vision", "false"]).arguments[-2:] == ("--quantize", "true")


def test_own_flags_pass_through_untouched_and_short_names_grow():
    flags = translate(["--model", "m", "--data", "d", "--output", "o", "--resume", "true", "--lora_r", "8"])
    long = ("--model_name_or_path", "m", "--data_path", "d", "--output_dir", "o", "--resume_from_checkpoint", "true")
    assert flags.arguments == (*long, "--lora_r", "8")
    assert not flags.notices


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--llm_type", "gpt"], "expected one of qwen2, qwen, minicpm, llama3"),
        (["--llm_type"], "has 0 values"),
        (["--warmup_ratio", "5"], "from 0 up to 1"),
        (["--warmup_ratio", "much"], "'much'"),
        (["--use_lora", "maybe"], "expected true or false"),
        (["--use_lora", "true", "--tune_llm", "true"], "in full and by LoRA"),
        (["data.json", "--use_lora", "true"], "'data.json'"),
    ],
)
def test_flags_that_cannot_be_used_say_why(arguments, words):
    with pytest.raises(ConfigError, match=words):
        translate(arguments)


def test_the_recipes_deepspeed_file_is_found_in_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings, notices = load_configuration("ds_config_zero2.json")
    assert settings["zero_optimization"]["stage"] == 2
    assert len(notices) == 1
    assert load_configuration("zero3")[0]["zero_optimization"]["stage"] == 3


def test_a_deepspeed_file_that_is_there_is_used_but_does_not_override_the_command_line(tmp_path):
    file = tmp_path / "ds_config_zero2.json"
    blocks = {"zero_optimization": {"stage": 1}, "scheduler": {"type": "WarmupLR"}, "optimizer": {"type": "AdamW"}}
    file.write_text(json.dumps(blocks))
    settings, notices = load_configuration(str(file))
    assert settings == {"zero_optimization": {"stage": 1}}
    assert ["scheduler" in notices[0], "optimizer" in notices[1]] == [True, True]


def test_packaged_deepspeed_files_have_no_scheduler_and_no_optimizer():
    for name in PACKAGED:
        assert load_configuration(str(Path(name).stem.removeprefix("ds_config_")))[1] == []


@pytest.mark.parametrize(("content", "words"), [(None, "there is no"), ("{", "cannot read"), ("[]", "a list")])
def test_a_deepspeed_file_that_cannot_be_used_says_why(tmp_path, content, words):
    file = tmp_path / "mine.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match=words):
        load_configuration(str(file))
