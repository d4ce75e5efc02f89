"""Training by a plan with the project's trainer, in calls that stop in time and go on from disk.

watch = Watch(feed, stop_at=time.monotonic() + 500, tell=print)
model = train(base, folder, feed, plan, watch)
watch.stop.asked            # whether time was up before the plan's end: the same call goes on from there
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset, SequentialSampler
from transformers import PrinterCallback, TrainerCallback

from magenta_qa.finetune.embedded.feed import Feed
from magenta_qa.finetune.embedded.plan import KINDS, Plan
from magenta_qa.finetune.training.accounting import Work
from magenta_qa.finetune.training.arguments import parse
from magenta_qa.finetune.training.batches import IDS
from magenta_qa.finetune.training.checkpoints import choose_checkpoint
from magenta_qa.finetune.training.interrupt import Stop
from magenta_qa.finetune.training.parts import choose, make_trainable, measure
from magenta_qa.finetune.training.run_record import RunFacts, now
from magenta_qa.finetune.training.trainer import MagentaTrainer
from magenta_qa.model.minicpmv.adapters import fingerprint
from magenta_qa.model.minicpmv.families import family_of
from magenta_qa.model.minicpmv.unpacked import UNUSED


class Numbers(Dataset[int]):
    """0, 1, 2 …: which micro-batch or element comes; the feed makes it."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> int:
        return index


class PlannedTrainer(MagentaTrainer):
    """Takes micro-batches in the plan's order; each has one group of pictures."""

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:  # noqa: ANN401
        return SequentialSampler(train_dataset if train_dataset is not None else self.train_dataset)

    def _with_even_groups(self, inputs: dict[str, Any]) -> dict[str, Any]:
        return inputs


class Watch(TrainerCallback):
    """Stops in time, and says how it goes: loss, rows a second, and what steps wait for their data.

    Args:
        feed: Makes the batches.
        stop_at: `time.monotonic()` at which to save and stop.
        tell: Told a line now and then.
    """

    def __init__(self, feed: Feed, stop_at: float, tell: Callable[[str], None]) -> None:
        self._feed, self._stop_at, self._tell = feed, stop_at, tell
        self.stop = Stop()
        self._since: tuple[float, float, int] | None = None

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """Stop when time is up."""
        if time.monotonic() > self._stop_at and state.global_step < state.max_steps:
            self.stop.asked = True

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:  # noqa: ANN401
        """Say what happened since the last line."""
        at = (time.monotonic(), self._feed.seconds, state.global_step)
        if logs is not None and "loss" in logs and self._since is not None:
            seconds, waited, steps = (new - old for new, old in zip(at, self._since, strict=True))
            pace = f"{1000 * seconds / max(steps, 1):.0f} ms a step, {waited / max(seconds, 1e-9):.0%} of it for data"
            self._tell(f"step {state.global_step} of {state.max_steps}: loss {float(logs['loss']):.3f}, {pace}")
        self._since = at

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """From here on time counts."""
        self._since = (time.monotonic(), self._feed.seconds, state.global_step)


@dataclass(frozen=True, slots=True)
class Pace:
    """What a step costs, measured."""

    step: float
    """Seconds, data included."""
    data: float
    """Seconds of making its batches, waited for."""


def measure_pace(model: Any, feed: Feed, steps: int = 8) -> Pace:  # noqa: ANN401
    """Time plain steps, which change the model, and the making of their batches apart."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)
    device = feed.device.type
    model.train()
    begun, data = 0.0, 0.0
    for step in range(steps):
        if step == steps // 4:
            begun, data = clock(device), 0.0
        for number in range(step * len(KINDS), (step + 1) * len(KINDS)):
            started = clock(device)
            batch = feed.batch(number)
            data += clock(device) - started
            batch.pop(IDS)
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                loss = model(**batch).loss
            loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    timed = steps - steps // 4
    return Pace((clock(device) - begun) / timed, data / timed)


def clock(device: str) -> float:
    """Seconds, once the device has done all that it was asked for."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def train(base: Path, folder: Path, feed: Feed, plan: Plan, watch: Watch) -> Any:  # noqa: ANN401
    """Train all of the model by the plan, from the last checkpoint in the folder if there is any.

    Args:
        base: The checkpoint to begin with.
        folder: Of checkpoints.
        feed: Makes the batches.
        plan: What is trained.
        watch: Stops it.

    Returns:
        The trained model.
    """
    arguments = _arguments(base, folder, plan, on_gpu=feed.device.type == "cuda")
    settings, _ = parse(arguments)
    family, choice = family_of(base), choose(settings)
    # Weights that train are float32 and computed with in bfloat16.
    model = make_trainable(family.load_model(base, torch.float32, settings.device), family, choice, settings)
    # Several devices wait for each other's gradients, also for those that never come.
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.startswith(UNUSED))
    trainer = PlannedTrainer(
        family=family,
        choice=choice,
        lengths=[1] * plan.batches,
        facts=RunFacts(
            settings=settings.to_dict(),
            arguments=arguments,
            base={"path": str(base), "family": family.name, "fingerprint": fingerprint(base)},
            data={"path": "finetune.embedded pack", "rows": len(feed.split.elements)},
            trained=measure(model, family),
            work=Work(tokens=0, answers=0, patches=0),
            vision_merges=0.0,
            devices=settings.world_size,
            started_at=now(),
        ),
        stop=watch.stop,
        model=model,
        args=settings,
        # Numbers are dealt out to the devices one by one; each makes its own batches of its own screens.
        train_dataset=Numbers(plan.batches * settings.world_size),
        data_collator=lambda numbers: feed.batch(numbers[0] // settings.world_size),
        callbacks=[watch],
    )
    trainer.remove_callback(PrinterCallback)
    last = choose_checkpoint(folder, "auto", start_over=False)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    return model


def _arguments(base: Path, folder: Path, plan: Plan, *, on_gpu: bool) -> list[str]:
    flags = {
        "model_name_or_path": base,
        "data_path": "none",
        "output_dir": folder,
        "train": "full",
        "sort_by_length": "false",
        "max_steps": plan.steps,
        # A number is a whole micro-batch; a step has one of each kind.
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": len(KINDS),
        "learning_rate": plan.learning_rate,
        # Left out, the trainer spares vision parts with 1e-5, as they are trained already elsewhere. Here they are not.
        "full_learning_rate": plan.learning_rate,
        "lr_scheduler_type": "warmup_stable_decay",
        "lr_scheduler_kwargs": json.dumps({"num_decay_steps": plan.decay_steps}),
        "warmup_steps": max(1, min(plan.warmup_steps, plan.steps // 5)),
        "adam_beta2": 0.98,
        "save_steps": plan.save_steps,
        "save_total_limit": 1,
        "logging_steps": max(1, min(50, plan.steps // 10)),
        "report_to": "none",
        "disable_tqdm": "true",
        "use_cpu": str(not on_gpu).lower(),
        # Batches are made on the device, in this process.
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": "false",
    }
    return [part for name, value in flags.items() for part in (f"--{name}", str(value))]
