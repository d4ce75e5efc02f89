"""The settings of a run: transformers' `TrainingArguments` with better defaults, and ours beside them.

    settings, notices = parse(["--model_name_or_path", "openbmb/MiniCPM-V-4.6", "--data_path", "data/shop",
                               "--output_dir", "runs/1"])
    settings.train, settings.learning_rate, settings.view       # ("lora", 1e-4, "crop")

Defaults differ from the original recipe where it does worse: bfloat16 rather than float16, 1e-4 rather than 1e-6 for
LoRA, no more than 1e-5 for vision parts that train in full, batches of eight sorted by length.
"""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any, Literal, NoReturn

import torch
from transformers import HfArgumentParser, TrainingArguments

from magenta_qa.finetune.training.deepspeed_files import load_configuration
from magenta_qa.finetune.training.recipe_flags import translate
from magenta_qa.model.closeup import CLOSEUP
from magenta_qa.model.embedded.files import is_embedded
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.schema import ViewName

Recompute = Literal["none", "vision", "all"]
DEFAULT_MODEL = "openbmb/MiniCPM-V-4.6"
CHECKPOINTING = (
    "activation_checkpointing"
    if any(entry.name == "activation_checkpointing" for entry in fields(TrainingArguments))
    else "gradient_checkpointing"
)
"""What the installed transformers calls it."""
VISION_RATE = 1e-5
"""Learning rate at most of parts that train in full beside LoRA: they were trained for long, LoRA begins at nothing."""


@dataclass
class Settings(TrainingArguments):
    """Everything that a run is told."""

    model_name_or_path: str = field(
        default=DEFAULT_MODEL, metadata={"help": "The base model: a folder, or its name on the hub."}
    )
    data_path: str = field(
        default="", metadata={"help": "A dataset (folder, fsspec URL, name on the hub), or MiniCPM records (.json)."}
    )
    eval_data_path: str = field(
        default="", metadata={"help": "As --data_path; left out: the dataset's own validation split, if it has one."}
    )
    train: Literal["lora", "lora_vision", "recipe", "full", "vision"] = field(
        default="lora",
        metadata={
            "help": (
                "What trains: LoRA on the text part; on the vision part too; as the recipe (LoRA, resampler and "
                "embeddings); everything; or the resampler alone."
            )
        },
    )
    train_vision: bool | None = field(
        default=None, metadata={"help": "Whether the vision part trains in full; left out: with --train full only."}
    )
    quantize: bool = field(
        default=False, metadata={"help": "Hold the frozen weights in 4 bits (QLoRA; needs bitsandbytes and a GPU)."}
    )
    adapter: str = field(default="", metadata={"help": "An adapter to go on from, trained on the same base."})
    lora_r: int = field(default=64, metadata={"help": "Rank."})
    lora_alpha: int = field(default=64, metadata={"help": "Scale is alpha / rank."})
    lora_dropout: float | None = field(
        default=None, metadata={"help": "Of what goes into LoRA; left out: 0, with --train recipe 0.05."}
    )
    lora_target_modules: list[str] | None = field(
        default=None,
        metadata={
            "help": "A regular expression on names of layers, or several ends of names; left out: every linear layer."
        },
    )
    lora_layers_to_transform: list[int] | None = field(
        default=None, metadata={"help": "Numbers of the only layers that get LoRA."}
    )
    full_learning_rate: float | None = field(
        default=None,
        metadata={
            "help": f"Of parts that train in full beside LoRA; left out: --learning_rate, at most {VISION_RATE}."
        },
    )
    view: ViewName = field(
        default="crop",
        metadata={"help": "What is shown of a row with a box; an embedded model's is always closeup, at 4x."},
    )
    downsample: Literal["16x", "4x"] | None = field(
        default=None, metadata={"help": "How far 4.6 and 4.7 merge visual features."}
    )
    max_slice_nums: int = field(default=9, metadata={"help": "Slices of a picture at most."})
    model_max_length: int = field(
        default=2048, metadata={"help": "Tokens at most; longer HTML is cut, pictures and answers never."}
    )
    sort_by_length: bool = field(default=True, metadata={"help": "Make batches of rows of like length."})
    recompute: Recompute | None = field(
        default=None,
        metadata={"help": "Activations computed twice to save memory; left out: the vision part's, where it trains."},
    )
    low_memory: bool = field(
        default=False,
        metadata={
            "help": "For 8 B within 22 GiB: one row at a time, activations computed twice, the same rows a step."
        },
    )
    fused_kernels: bool | None = field(
        default=None, metadata={"help": "Use Liger's kernels; left out: where they are installed, on a GPU."}
    )
    tensorboard_dir: str = field(
        default="", metadata={"help": "Where TensorBoard's files go; left out: within --output_dir."}
    )
    start_over: bool = field(
        default=False, metadata={"help": "Train even though --output_dir holds checkpoints of an earlier run."}
    )

    learning_rate: float | None = field(
        default=None, metadata={"help": "Left out: 1e-4, with --train full or vision 1e-5."}
    )
    num_train_epochs: float = field(
        default=3.0, metadata={"help": "Passes over the data, unless --max_steps is given."}
    )
    per_device_train_batch_size: int = field(default=8, metadata={"help": "Rows on each device in one pass."})
    per_device_eval_batch_size: int = field(default=8, metadata={"help": "Rows on each device in one pass."})
    bf16: bool | None = field(default=None, metadata={"help": "Left out: on devices that have it, unless --fp16 true."})
    optim: str = field(default="adamw_torch_fused", metadata={"help": "Optimizer."})
    lr_scheduler_type: str = field(default="cosine", metadata={"help": "How the learning rate goes down."})
    warmup_steps: float = field(
        default=0.03, metadata={"help": "Steps over which the learning rate goes up; below 1: a share of all."}
    )
    weight_decay: float = field(default=0.01, metadata={"help": "Of matrices."})
    logging_steps: float = field(default=10, metadata={"help": "Steps between lines of loss."})
    save_steps: float = field(default=500, metadata={"help": "Steps between checkpoints."})
    save_total_limit: int | None = field(default=3, metadata={"help": "Checkpoints kept."})
    report_to: None | str | list[str] = field(  # noqa: RUF036 - the parser takes the second type
        default=None, metadata={"help": "tensorboard | wandb | none; left out: tensorboard."}
    )
    dataloader_num_workers: int = field(
        default=-1, metadata={"help": "Processes that prepare pictures for each device; -1: as many as pay."}
    )
    text_type: str | None = field(default=None, init=False)
    """`model_type` of the text part that `--llm_type` named."""

    def __post_init__(self) -> None:
        self._choose_precision()
        if self.low_memory:
            self.gradient_accumulation_steps *= self.per_device_train_batch_size
            self.per_device_train_batch_size = self.per_device_eval_batch_size = 1
            setattr(self, CHECKPOINTING, True)
        if is_embedded(str(self.model_name_or_path)):
            self.view, self.downsample = CLOSEUP.name, CLOSEUP.downsample
        if self.learning_rate is None:
            self.learning_rate = VISION_RATE if self.train in ("full", "vision") else 1e-4
        if self.lora_dropout is None:
            self.lora_dropout = 0.05 if self.train == "recipe" else 0.0
        if self.dataloader_num_workers < 0:
            self.dataloader_num_workers = _loader_processes(self.on_gpu)
        if self.report_to is None:
            self.report_to = "tensorboard" if find_spec("tensorboard") else "none"
        if self.tensorboard_dir:
            os.environ["TENSORBOARD_LOGGING_DIR"] = self.tensorboard_dir
        # Batches, loss and checks are the run's own; none of these is a choice.
        self.remove_unused_columns = False
        self.prediction_loss_only = True
        self.logging_nan_inf_filter = False
        self.label_names = ["labels"]
        self.average_tokens_across_devices = True
        self.ddp_find_unused_parameters = False
        if not self.on_gpu:
            self.dataloader_pin_memory = False
        setattr(self, f"{CHECKPOINTING}_kwargs", {"use_reentrant": False})
        super().__post_init__()

    @property
    def on_gpu(self) -> bool:
        """Whether there is one and it may be used."""
        return bool(torch.cuda.is_available()) and not self.use_cpu

    @property
    def rate_of_full_parts(self) -> float:
        """Learning rate of what trains in full beside LoRA."""
        if self.full_learning_rate is not None:
            return self.full_learning_rate
        return min(float(self.learning_rate or VISION_RATE), VISION_RATE)

    @property
    def compute_dtype(self) -> Any:  # noqa: ANN401 - a torch.dtype
        """Of frozen weights and of what is computed."""
        return torch.bfloat16 if self.bf16 else torch.float16 if self.fp16 else torch.float32

    @property
    def recomputes_all(self) -> bool:
        """Whether all activations are computed twice rather than kept."""
        return bool(getattr(self, CHECKPOINTING)) or self.recompute == "all"

    @property
    def zero_stage(self) -> int:
        """DeepSpeed's: 3 splits the weights up among devices; 0 without it."""
        blocks = self.deepspeed if isinstance(self.deepspeed, dict) else {}
        return int(blocks.get("zero_optimization", {}).get("stage", 0))

    @property
    def rows_a_step(self) -> int:
        """Rows of all devices that one step of the optimizer sees."""
        return int(self.per_device_train_batch_size * self.gradient_accumulation_steps * max(1, self.world_size))

    def _choose_precision(self) -> None:
        if not self.on_gpu:
            # Said outright: without it several processes on a machine without a GPU would not know of each other.
            self.use_cpu, self.fp16 = True, False
            self.optim = "adamw_torch" if self.optim == "adamw_torch_fused" else self.optim
        if self.bf16 is None:
            self.bf16 = self.on_gpu and not self.fp16 and torch.cuda.is_bf16_supported()


def parse(arguments: Sequence[str]) -> tuple[Settings, list[str]]:
    """The settings that a command line gives, and a line for everything that was translated.

    Args:
        arguments: Flags of ours, of the recipe, of transformers; older names too.

    Raises:
        ConfigError: A flag is unknown, or a value is none that it takes.
    """
    flags = translate(arguments)
    arguments, notices = _with_deepspeed(_checkpointing_named(flags.arguments))
    _refuse_unknown(arguments)
    parser = HfArgumentParser(Settings, exit_on_error=False)
    parser.error = _refuse
    try:
        (settings,) = parser.parse_args_into_dataclasses(arguments, look_for_args_file=False)
    except (ValueError, TypeError, ImportError, argparse.ArgumentError) as error:
        _refuse(str(error))
    if not settings.output_dir:
        raise ConfigError("--output_dir is missing: expected a folder for checkpoints and the trained adapter")
    settings.text_type = flags.llm_type
    notices = [*flags.notices, *notices]
    if "--fp16" in arguments and not settings.on_gpu:
        notices.append("--fp16 is left out: there is no GPU, and on the CPU everything is computed in float32")
    return settings, notices


def tell_deepspeed(settings: Settings) -> None:
    """Let DeepSpeed know of the other processes before weights are loaded, which it then splits up at once.

    transformers would do so only when training begins.
    """
    import deepspeed

    deepspeed.init_distributed(dist_backend="nccl" if settings.on_gpu else "gloo")


def _refuse(message: str) -> NoReturn:
    raise ConfigError(f"cannot use these settings: {message}; 'magenta finetune train --help' lists them")


def _checkpointing_named(arguments: Sequence[str]) -> list[str]:
    """Newer transformers say activation checkpointing, older ones and the recipe gradient checkpointing."""
    names = {f"--{kind}_checkpointing{end}" for kind in ("gradient", "activation") for end in ("", "_kwargs")}
    return [
        f"--{CHECKPOINTING}{'_kwargs' if argument.endswith('_kwargs') else ''}" if argument in names else argument
        for argument in arguments
    ]


def _with_deepspeed(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The command line with DeepSpeed's file replaced by what is in it."""
    if "--deepspeed" not in arguments:
        return arguments, []
    at = arguments.index("--deepspeed")
    if at + 1 == len(arguments) or arguments[at + 1].startswith("--"):
        raise ConfigError("--deepspeed has no value; expected a file, zero2 or zero3")
    if find_spec("deepspeed") is None:
        raise ConfigError("--deepspeed needs the package deepspeed, which is not installed; pip install deepspeed")
    content, notices = load_configuration(arguments[at + 1])
    return [*arguments[: at + 1], json.dumps(content), *arguments[at + 2 :]], notices


def _refuse_unknown(arguments: Sequence[str]) -> None:
    known = {entry.name for entry in fields(Settings) if entry.init}
    known |= {f"no_{entry.name}" for entry in fields(Settings) if entry.init and entry.default is True}
    for argument in arguments:
        name = argument[2:]
        if argument.startswith("--") and name not in known and not name.startswith("{"):
            near = get_close_matches(name, known, n=3)
            hint = f"; did you mean {' or '.join('--' + match for match in near)}?" if near else ""
            _refuse(f"there is no flag --{name}{hint}")


def _loader_processes(on_gpu: bool) -> int:
    """Processes that prepare pictures for one device: the cores shared out, eight at most."""
    if not on_gpu:
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")) - 1))
