"""Training the small model with the project's trainer on batches that are made on the device.

    plan = Plan(steps=6000, pairs=128)
    model = train(base, folder, feed, plan, Watch(feed, plan, deadline, look))

Interrupted by the deadline (or a kill), it goes on from the last checkpoint when called again with the same plan.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from looks.feed import Feed
from magenta_qa.finetune.embedded.pupil import Numbers, clock
from magenta_qa.finetune.training.accounting import Work
from magenta_qa.finetune.training.arguments import parse
from magenta_qa.finetune.training.checkpoints import choose_checkpoint
from magenta_qa.finetune.training.interrupt import Stop
from magenta_qa.finetune.training.parts import choose, make_trainable, measure
from magenta_qa.finetune.training.run_record import RunFacts, now
from magenta_qa.finetune.training.trainer import MagentaTrainer
from magenta_qa.model.minicpmv.adapters import fingerprint
from magenta_qa.model.minicpmv.families import family_of


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is trained and how."""

    steps: int
    pairs: int
    """Of pictures in a step."""
    learning_rate: float = 5e-4
    warmup_steps: int = 200
    save_steps: int = 1000
    look_steps: int = 500
    """How often it is said how far the model is."""

    def share(self, step: int) -> float:
        """Which part of the elements is asked about: those of plain pages at first."""
        return PLAIN + (1 - PLAIN) * _risen(step / self.steps, 0.16, 0.3)

    def reach(self, step: int) -> float:
        """How far an element may be off the middle of a window of its own, in pixels: first it learns to read."""
        return NEAR_PX + (FAR_PX - NEAR_PX) * _risen(step / self.steps, 0.2, 0.5)

    def freedom(self, step: int) -> float:
        """How many pairs share a window that lies anywhere: none at first, all in the last 40 % of the steps."""
        return _risen(step / self.steps, 0.3, 0.6)


PLAIN = 0.25
"""Share of plain pages among those for training."""
NEAR_PX, FAR_PX = 3.0, 48.0


def _risen(done: float, start: float, end: float) -> float:
    """0 until `start`, 1 from `end` on."""
    return min(1.0, max(0.0, (done - start) / (end - start)))


class Watch(TrainerCallback):
    """Makes windows harder by the plan, says how the model does, and stops in time.

    Args:
        feed: Makes the batches.
        plan: How hard windows are, and how often to look.
        stop_at: `time.monotonic()` at which to save and stop.
        look: Called with the model and the step.
    """

    def __init__(self, feed: Feed, plan: Plan, stop_at: float, look: Callable[[Any, int], None]) -> None:
        self._feed, self._plan, self._stop_at, self._look = feed, plan, stop_at, look
        self.model: Any = None
        self.stop = Stop()

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Set how hard the next windows are, also after going on from a checkpoint."""
        feed, plan, step = self._feed, self._plan, state.global_step
        feed.share, feed.reach, feed.freedom = plan.share(step), plan.reach(step), plan.freedom(step)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Look now and then; stop at the deadline."""
        if state.global_step % self._plan.look_steps == 0:
            self._look(self.model, state.global_step)
        if time.monotonic() > self._stop_at and state.global_step < self._plan.steps:
            self.stop.asked = True


def measure_rate(model: Any, feed: Feed, pairs: int, steps: int = 12) -> float:
    """Pictures a second of plain steps, which change the model."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)
    device = feed.views.device.type
    model.train()
    for step in range(steps):
        if step == steps // 4:
            started = clock(device)
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            loss = model(**feed.pairs(range(step * pairs, (step + 1) * pairs))).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return 2 * pairs * (steps - steps // 4) / (clock(device) - started)


def train(base: Path, folder: Path, feed: Feed, plan: Plan, watch: Watch) -> Any:
    """Train all of the model by the plan with the project's trainer, from the last checkpoint in the folder if any.

    Returns:
        The trained model.
    """
    on_gpu = feed.views.device.type == "cuda"
    arguments = _arguments(base, folder, plan, on_gpu)
    settings, _ = parse(arguments)
    family, choice = family_of(base), choose(settings)
    # Weights that train are float32 and computed with in bfloat16.
    model = make_trainable(family.load_model(base, torch.float32, settings.device), family, choice, settings)
    pairs = plan.steps * plan.pairs
    watch.model = model
    trainer = MagentaTrainer(
        family=family,
        choice=choice,
        lengths=[1] * pairs,
        facts=RunFacts(
            settings=settings.to_dict(),
            arguments=arguments,
            base={"path": str(base), "family": family.name, "fingerprint": fingerprint(base)},
            data={"path": "drawn by tests/bench/looks/pages.py", "rows": pairs},
            trained=measure(model, family),
            work=Work(tokens=0, answers=0, patches=0),
            vision_merges=0.0,
            devices=1,
            started_at=now(),
        ),
        stop=watch.stop,
        model=model,
        args=settings,
        train_dataset=Numbers(pairs),
        data_collator=feed.pairs,
        callbacks=[watch],
    )
    last = choose_checkpoint(folder, "auto", start_over=False)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    return model


def _arguments(base: Path, folder: Path, plan: Plan, on_gpu: bool) -> list[str]:
    flags = {
        "model_name_or_path": base,
        "data_path": "none",
        "output_dir": folder,
        "train": "full",
        "sort_by_length": "false",
        "max_steps": plan.steps,
        "per_device_train_batch_size": plan.pairs,
        "learning_rate": plan.learning_rate,
        # Left out, the trainer spares vision parts with 1e-5, as they are trained already elsewhere. Here they are not.
        "full_learning_rate": plan.learning_rate,
        "lr_scheduler_type": "warmup_stable_decay",
        "lr_scheduler_kwargs": json.dumps({"num_decay_steps": plan.steps // 4}),
        "warmup_steps": min(plan.warmup_steps, plan.steps // 5),
        "adam_beta2": 0.98,
        "save_steps": plan.save_steps,
        "save_total_limit": 1,
        "logging_steps": 100,
        "report_to": "none",
        "disable_tqdm": "true",
        "use_cpu": str(not on_gpu).lower(),
        # Batches are made on the device, in this process.
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": "false",
    }
    return [part for name, value in flags.items() for part in (f"--{name}", str(value))]
