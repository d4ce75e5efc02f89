"""The training loop: transformers' `Trainer` with our batches, groups and checks.

What differs from it: batches sorted by length whose order does not depend on the number of devices; parts that train in
full beside LoRA at their own rate; a loss that is no number stops the run before a weight is changed; checkpoints count
only when they are whole (`checkpoints.py`) and have a `run.json` beside them.
"""

import math
import time
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainerCallback

from magenta_qa.finetune.training.arguments import Settings
from magenta_qa.finetune.training.batches import IDS, LengthSorted
from magenta_qa.finetune.training.checkpoints import check_files, guard_disk, load_adapter, needed_bytes
from magenta_qa.finetune.training.even_groups import add_groups
from magenta_qa.finetune.training.interrupt import Stop
from magenta_qa.finetune.training.kernels import choose_attention
from magenta_qa.finetune.training.parts import Choice, parameter_groups
from magenta_qa.finetune.training.run_record import Progress, RunFacts, write_record
from magenta_qa.model.errors import TrainingError
from magenta_qa.model.minicpmv.families import Family

_IDS_SHOWN = 8


class NoNumberError(TrainingError):
    """The loss or the gradient is not a finite number."""


class MagentaTrainer(Trainer):
    """A `Trainer` of one family's model.

    Args:
        family: The model's.
        choice: What trains.
        lengths: Tokens of each row of `train_dataset`.
        facts: For `run.json`, which the first process writes into every checkpoint.
        stop: Says when to end after the current step, with a checkpoint.
        options: As `Trainer` takes them.
    """

    args: Settings
    optimizer: Any

    def __init__(
        self,
        *,
        family: Family,
        choice: Choice,
        lengths: list[int],
        facts: RunFacts,
        stop: Stop,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        choose_attention(self.args)
        self.family, self.choice, self.facts, self.stop = family, choice, facts, stop
        seed = self.args.seed if self.args.data_seed is None else self.args.data_seed
        self.sampler = LengthSorted(lengths, self.args.rows_a_step, seed, sort=self.args.sort_by_length)
        self.progress = Progress()
        self._vision_trains = any(part in ("vision", "resampler") for part in (*choice.lora, *choice.full))
        self._row_ids: list[str] = []
        self.add_callback(_Epochs(self.sampler))
        self.add_callback(_Clock(self.progress))
        self.add_callback(_Ends(stop))
        # The loss is divided by the answers' tokens of all devices, within the model.
        self.model_accepts_loss_kwargs = True

    def train(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """As `Trainer.train`; a loss that is no number is raised after the state has been saved."""
        try:
            return super().train(*arguments, **options)
        except NoNumberError as error:
            self.model.zero_grad(set_to_none=True)
            self._save_checkpoint(self.model_wrapped, trial=None)
            folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
            raise NoNumberError(f"{error}. The state before that step is in {folder}") from None

    def create_optimizer(self, model: Any = None) -> Any:  # noqa: ANN401
        """With a group of its own for what trains in full beside LoRA."""
        if self.optimizer is None:
            chosen = self.model if model is None else model
            optimizer_class, options = self.get_optimizer_cls_and_kwargs(self.args, chosen)
            groups = parameter_groups(chosen, self.family, self.choice, self.args)
            self.optimizer = optimizer_class(groups, **options)
        return self.optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> LengthSorted:  # noqa: ANN401
        return self.sampler

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:  # noqa: ANN401
        """Forward and backward over one batch, whose rows are known by name if it goes wrong."""
        self._row_ids = inputs.pop(IDS, [])
        inputs = self._with_even_groups(inputs)
        self.progress.count(inputs["input_ids"], len(self._row_ids))
        return super().training_step(model, inputs, num_items_in_batch)

    def compute_loss(self, model: Any, inputs: dict[str, Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """The model's own loss.

        Raises:
            NoNumberError: It is not finite, on any device; nothing has been changed by then.
        """
        found = super().compute_loss(model, inputs, *arguments, **options)
        if model.training:
            loss = found[0] if isinstance(found, tuple) else found
            self._refuse_no_number(loss.detach(), "loss")
        return found

    def prediction_step(self, model: Any, inputs: dict[str, Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """The loss alone."""
        inputs.pop(IDS, None)
        return super().prediction_step(model, self._with_even_groups(inputs), *arguments, **options)

    def _with_even_groups(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The batch with as many groups of slices as the other devices have, where that matters."""
        if self.args.world_size == 1 or not (self.shards_weights or self._vision_trains):
            return inputs
        groups = torch.tensor([len(inputs.get("pixel_values") or [])], device=self.args.device)
        most = int(self.accelerator.gather(groups).max())
        # Gradients of a copy on each device need one group; weights that are split up need the same number.
        return add_groups(inputs, most if self.shards_weights else min(most, 1), self.data_collator.processor)

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:  # noqa: ANN401
        norm = super()._get_grad_norm(model, grad_norm=grad_norm)
        # With float16 a gradient that overflows is usual: the scaler leaves such a step out by itself.
        if norm is not None and not self.is_deepspeed_enabled and not self.args.fp16:
            self._refuse_no_number(torch.as_tensor(norm, device=self.args.device), "gradient's norm")
        return norm

    def _refuse_no_number(self, value: Any, what: str) -> None:  # noqa: ANN401
        broken = not math.isfinite(float(value))
        # One exchange for both: all devices stop in the same step, or none does.
        flags = torch.tensor([float(broken), float(self.stop.asked)], device=self.args.device)
        if self.args.world_size > 1:
            flags = self.accelerator.reduce(flags, "sum")
        any_broken, self.stop.asked = (count > 0 for count in flags.tolist())
        if not any_broken:
            return
        rows = ", ".join(self._row_ids[:_IDS_SHOWN]) + (", …" if len(self._row_ids) > _IDS_SHOWN else "")
        raise NoNumberError(
            f"the {what} is {float(value)} in step {self.state.global_step + 1}"
            + (f", in the batch of the rows {rows}" if broken else ": another device's is no number")
            + "; expected a finite number; look at these rows, lower --learning_rate, or use --bf16 true"
        )

    def _save_checkpoint(self, model: Any, trial: Any) -> None:  # noqa: ANN401
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        with guard_disk(folder, needed_bytes(self.model)):
            super()._save_checkpoint(model, trial)

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """What trained, under the published names, and `run.json`."""
        folder = Path(output_dir or self.args.output_dir)
        if self.is_deepspeed_enabled and not self.shards_weights:
            # Every process holds all weights: no need to gather the frozen ones in the first one's memory.
            self._save(str(folder))
        else:
            super().save_model(str(folder), _internal_call=True)
        if self.args.should_save:
            write_record(folder, self.facts, self.progress.at(self.state))

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        super()._save(output_dir, state_dict=state_dict)
        if state_dict and self.args.should_save:
            # Gathered from all devices: this is the only moment at which it can be compared.
            check_files(self.model, state_dict, Path(output_dir or self.args.output_dir))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:  # noqa: ANN401
        chosen = self.model if model is None else model
        if hasattr(chosen, "peft_config"):
            load_adapter(chosen, Path(resume_from_checkpoint))
        else:
            super()._load_from_checkpoint(resume_from_checkpoint, model)

    @property
    def shards_weights(self) -> bool:
        """Whether DeepSpeed has split up the weights (ZeRO-3)."""
        return self.args.zero_stage == 3


class _Epochs(TrainerCallback):
    """Tells the order of rows which epoch it is; accelerate's loaders do not always pass it on."""

    def __init__(self, sampler: LengthSorted) -> None:
        self.sampler = sampler

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        self.sampler.epoch = int(round(state.epoch or 0.0, 6))


class _Ends(TrainerCallback):
    """Ends a run that was told to stop."""

    def __init__(self, stop: Stop) -> None:
        self.stop = stop

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        if self.stop.asked and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = True


class _Clock(TrainerCallback):
    """Measures the time that steps take, saving and evaluating left out."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        self.progress.start(time.monotonic())

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        self.progress.stop(time.monotonic())

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:  # noqa: ANN401
        if logs is not None and "loss" in logs:
            logs |= {"rows_a_second": round(self.progress.rate, 3)}
