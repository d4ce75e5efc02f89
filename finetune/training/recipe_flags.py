"""Flags of the original recipe and of older transformers, written as `arguments.py` parses them.

    translate(["--evaluation_strategy", "steps", "--llm_type", "qwen2", "--warmup_ratio", "0.01"])
    -> Flags(arguments=("--eval_strategy", "steps", "--warmup_steps", "0.01"),
             notices=("--evaluation_strategy is called --eval_strategy now", …), llm_type="qwen2")

`finetune_lora.sh` thus starts a run unchanged but for its paths. What a flag asked for is done, or a notice of one line
says what is done instead; a flag that nobody knows is left to the argument parser, which refuses it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from magenta_qa.model.errors import ConfigError

LLM_TYPES = {"qwen2": "qwen2", "qwen": "qwen2", "minicpm": "minicpm", "llama3": "llama", "llama": "llama"}
"""Spelling of `--llm_type` → `model_type` of the text part that it stands for."""

OLD_NAMES = {
    "evaluation_strategy": "eval_strategy",
    "per_gpu_train_batch_size": "per_device_train_batch_size",
    "per_gpu_eval_batch_size": "per_device_eval_batch_size",
    "no_cuda": "use_cpu",
    "lora_weight_path": "adapter",
    "group_by_length": "sort_by_length",
}
"""Name in the recipe or in older transformers → the name that is parsed."""

SHORT_NAMES = {
    "model": "model_name_or_path",
    "data": "data_path",
    "eval_data": "eval_data_path",
    "output": "output_dir",
    "resume": "resume_from_checkpoint",
    "lora_rank": "lora_r",
}
"""Shorter name → the name that is parsed."""

WITHOUT_EFFECT = {
    "overwrite_output_dir": "a folder with checkpoints is never overwritten; give another one, or --resume true",
    "save_safetensors": "weights are always saved as safetensors",
    "fp16_full_eval": "evaluation runs in the precision of training, and trained weights stay float32",
    "bf16_full_eval": "evaluation runs in the precision of training, and trained weights stay float32",
    "prediction_loss_only": "evaluation computes the loss alone and never holds the logits",
    "remove_unused_columns": "every column that a batch has is used",
    "label_names": "the labels are called labels",
    "lora_bias": "biases are not trained beside LoRA",
    "lora_modules_to_save": "--train says which parts are trained in full",
    "trust_remote_code": "no code of a checkpoint is ever executed",
}
"""Flags that are accepted and left out, with what holds instead."""

_HELD = frozenset([("remove_unused_columns", "false"), ("label_names", "labels"), ("lora_bias", "none")])
"""Flags left out with the value that holds anyway: nothing to tell."""


@dataclass(frozen=True, slots=True)
class Flags:
    """A command line, translated."""

    arguments: tuple[str, ...]
    notices: tuple[str, ...]
    llm_type: str | None = None
    """`model_type` of the text part that `--llm_type` named."""


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    arguments: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    """The recipe's flags that decide together what trains."""
    llm_type: str | None = None

    def keep(self, name: str, values: Sequence[str]) -> None:
        self.arguments += [f"--{name}", *values]


def translate(arguments: Sequence[str]) -> Flags:
    """The command line as `arguments.py` parses it, with a line for everything that changed.

    Args:
        arguments: As in `sys.argv[1:]`; ``--name value``, ``--name=value``, dashes or underscores.

    Raises:
        ConfigError: A value is none that the flag takes, or flags contradict each other.
    """
    reading = _Reading()
    for name, values in _split(arguments):
        _SPECIAL.get(name, _plain)(reading, name, values)
    _choose_method(reading)
    return Flags(tuple(reading.arguments), tuple(reading.notices), reading.llm_type)


def _split(arguments: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Flags without their dashes, each with the values that follow it."""
    flags: list[tuple[str, list[str]]] = []
    for argument in arguments:
        if argument.startswith("--") and len(argument) > 2:
            name, equals, value = argument[2:].partition("=")
            flags.append((name.replace("-", "_"), [value] if equals else []))
        elif flags:
            flags[-1][1].append(argument)
        else:
            raise ConfigError(f"cannot read the argument {argument!r}: expected a flag such as --data_path before it")
    return flags


def _plain(reading: _Reading, name: str, values: list[str]) -> None:
    if name in WITHOUT_EFFECT:
        if (name, " ".join(values).lower()) not in _HELD:
            reading.notices.append(f"--{name} is left out: {WITHOUT_EFFECT[name]}")
        return
    if name in OLD_NAMES:
        reading.notices.append(f"--{name} is called --{OLD_NAMES[name]} here")
    reading.keep(OLD_NAMES.get(name) or SHORT_NAMES.get(name, name), values)


def _warmup_ratio(reading: _Reading, name: str, values: list[str]) -> None:
    text = _only(name, values)
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio < 1:
        raise ConfigError(f"--warmup_ratio is {text!r}; expected a share of all steps, from 0 up to 1")
    reading.notices.append(
        f"--warmup_ratio {text} is read as --warmup_steps {text}: below 1 it is a share of all steps"
    )
    reading.keep("warmup_steps", [text])


def _logging_dir(reading: _Reading, name: str, values: list[str]) -> None:
    folder = _only(name, values)
    reading.notices.append(f"--logging_dir {folder} is read as --tensorboard_dir {folder}")
    reading.keep("tensorboard_dir", [folder])


def _llm_type(reading: _Reading, name: str, values: list[str]) -> None:
    spelling = _only(name, values)
    if spelling.lower() not in LLM_TYPES:
        raise ConfigError(f"--llm_type is {spelling!r}; expected one of {', '.join(LLM_TYPES)}, or none at all")
    reading.llm_type = LLM_TYPES[spelling.lower()]
    reading.notices.append(f"--llm_type {spelling} is left out: chat template and layers are read from the checkpoint")


def _ask(reading: _Reading, name: str, values: list[str]) -> None:
    reading.asked[name] = _only(name, values) if values else "true"


_SPECIAL: Mapping[str, Callable[[_Reading, str, list[str]], None]] = {
    "warmup_ratio": _warmup_ratio,
    "logging_dir": _logging_dir,
    "llm_type": _llm_type,
    **dict.fromkeys(["use_lora", "tune_vision", "tune_llm", "q_lora"], _ask),
}


def _choose_method(reading: _Reading) -> None:
    """What the recipe's four flags train, said as `--train` and `--train_vision` say it."""
    if not reading.asked:
        return
    # Of flags that are not given, the recipe's own defaults.
    given = {"use_lora": "false", "tune_vision": "true", "tune_llm": "false", "q_lora": "false"} | reading.asked
    wanted = {name: _is_true(name, value) for name, value in given.items()}
    lora = wanted["use_lora"] or wanted["q_lora"]
    if lora and wanted["tune_llm"]:
        raise ConfigError(
            "--tune_llm true with --use_lora true: the text part cannot be trained in full and by LoRA at once; "
            "expected one of them; leave one out"
        )
    method = "recipe" if lora else "full" if wanted["tune_llm"] else "vision"
    choice = ["--train", method, "--train_vision", str(wanted["tune_vision"]).lower()]
    choice += ["--quantize", "true"] if wanted["q_lora"] else []
    asked = " ".join(f"--{name} {value}" for name, value in reading.asked.items())
    reading.notices.append(f"{asked} is read as {' '.join(choice)}: what the recipe trains")
    reading.arguments += choice


def _is_true(name: str, value: str) -> bool:
    if value.lower() in ("true", "1", "yes"):
        return True
    if value.lower() in ("false", "0", "no"):
        return False
    raise ConfigError(f"--{name} is {value!r}; expected true or false")


def _only(name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise ConfigError(f"--{name} has {len(values)} values: {' '.join(values) or 'none'}; expected one")
    return values[0]
