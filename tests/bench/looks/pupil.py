"""Training the small model with the project's trainer on batches that are made on the device.

    plan = Plan(pictures=1_500_000, batch=256)
    train(folder, feed, plan, device="cuda", stop_at=deadline, on_progress=print)   -> True when the plan is done

Interrupted by the deadline (or a kill), it goes on from the last checkpoint when called again with the same plan.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from looks.feed import Feed


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is trained and how."""

    steps: int
    pairs: int
    """Of pictures in a step."""
    learning_rate: float = 8e-4
    warmup_steps: int = 200
    save_steps: int = 1000
    look_steps: int = 500
    """How often it is said how far the model is."""


class Numbers(Dataset[int]):
    """0, 1, 2 …: which element a pair begins with; the feed makes the rest of it."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> int:
        return index


class Watch(TrainerCallback):
    """Says how the model does, and stops in time.

    Args:
        plan: How often to look.
        stop_at: `time.monotonic()` at which to save and stop.
        look: Called with the step.
    """

    def __init__(self, plan: Plan, stop_at: float, look: Callable[[int], None]) -> None:
        self._plan, self._stop_at, self._look = plan, stop_at, look
        self.stopped = False

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Look now and then; stop at the deadline."""
        if state.global_step % self._plan.look_steps == 0:
            self._look(state.global_step)
        if time.monotonic() > self._stop_at and state.global_step < self._plan.steps:
            control.should_save = control.should_training_stop = self.stopped = True


def measure_rate(model: Any, feed: Feed, pairs: int, steps: int = 20) -> float:
    """Pictures a second of plain steps on a throw-away optimiser; the model's weights are left as they were."""
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0)
    device = feed.views.device.type
    model.train()
    for step in range(steps):
        if step == steps // 4:
            started = _now(device)
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            loss = model(**feed.pairs(range(step * pairs, (step + 1) * pairs))).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    rate = 2 * pairs * (steps - steps // 4) / (_now(device) - started)
    model.load_state_dict(kept)
    return rate


def _now(device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def train(model: Any, feed: Feed, plan: Plan, folder: Path, watch: Watch) -> None:
    """Train all of the model by the plan, from the last checkpoint in the folder if there is one."""
    on_gpu = feed.views.device.type == "cuda"
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=plan.steps,
        per_device_train_batch_size=plan.pairs,
        learning_rate=plan.learning_rate,
        warmup_steps=min(plan.warmup_steps, plan.steps // 5),
        lr_scheduler_type="cosine",
        weight_decay=0.01,
        adam_beta2=0.98,
        bf16=on_gpu,
        use_cpu=not on_gpu,
        optim="adamw_torch_fused" if on_gpu else "adamw_torch",
        save_steps=plan.save_steps,
        save_total_limit=1,
        logging_steps=100,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        # Batches are made on the device, in this process.
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=Numbers(plan.steps * plan.pairs),
        data_collator=feed.pairs,
        callbacks=[watch],
    )
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(folder)) if folder.is_dir() else None)
