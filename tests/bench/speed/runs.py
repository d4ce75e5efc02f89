"""One measured training run: a model of random weights made on the device, trained by the project's own trainer.

result = measure_run(Run("ours, crop", "MiniCPM-V-2_6", view="crop", batch=32), size="real", device="cuda")
result["rows_a_second"], result["utilisation"], result["peak_gib"]
"""

import gc
import math
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Literal

import torch
from torch import nn
from transformers import TrainerCallback, set_seed

from magenta_qa.finetune.training.accounting import GIB, flops, vision_share, work_of
from magenta_qa.finetune.training.arguments import Settings, parse, tell_deepspeed
from magenta_qa.finetune.training.batches import Collator, Item
from magenta_qa.finetune.training.interrupt import Stop
from magenta_qa.finetune.training.kernels import fuse, missing_kernels
from magenta_qa.finetune.training.parts import check_trained, choose, make_trainable, measure
from magenta_qa.finetune.training.recompute import choose_recompute, recompute
from magenta_qa.finetune.training.run_record import RunFacts, now
from magenta_qa.finetune.training.trainer import MagentaTrainer
from magenta_qa.model.minicpmv.families import family_named
from magenta_qa.model.minicpmv.generation import to_device
from magenta_qa.model.minicpmv.random_models import build_model
from speed.material import ItemList, build_rows, load_processor
from speed.run import Run

WARM_STEPS = 2


class PublishedTrainer(MagentaTrainer):
    """The recipe's loop: logits of all tokens in float32, and the allocator's cache emptied after every forward pass.

    Source: https://github.com/OpenBMB/MiniCPM-V/blob/main/finetune/trainer.py (`compute_loss`, `training_step`)
    """

    def compute_loss(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> Any:
        """Cross-entropy over all positions."""
        inputs = {name: value for name, value in inputs.items() if name not in ("answer_positions", "answer_ids")}
        labels = inputs.pop("labels")
        logits = model(**inputs).logits.float()
        return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())


class Clock(TrainerCallback):
    """Times steps with the device waited for, and counts the rows and the tokens of those after the warm-up."""

    def __init__(self, device: str) -> None:
        self.device, self.ends, self.losses = device, [], []

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()
        self.ends.append(time.perf_counter())

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        if logs and "loss" in logs:
            self.losses.append(float(logs["loss"]))


def matmul_rate(device: str, side: int = 8192, seconds: float = 0.5) -> float:
    """Operations a second of a matrix product in bfloat16 on random numbers."""
    if device != "cuda":
        side = 256
    left, right = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        left @ right
    _wait(device)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        for _ in range(10):
            left @ right
        count += 10
        _wait(device)
    rate = count * 2 * side**3 / (time.perf_counter() - began)
    del left, right
    free(device)
    return rate


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def measure_run(run: Run, size: Literal["tiny", "real"], device: str) -> dict[str, Any]:
    """Train for some steps and say how fast it was.

    Raises:
        torch.OutOfMemoryError: The device's memory, or what of it may be used, does not suffice.
    """
    if run.memory_gib is not None and device == "cuda":
        whole = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(run.memory_gib * GIB / whole)
    with tempfile.TemporaryDirectory() as folder:
        trainer, began = _build(run, size, device, Path(folder))
        ready = time.perf_counter()
        clock = next(callback for callback in trainer.callback_handler.callbacks if isinstance(callback, Clock))
        trainer.train()
        found = _figures(run, trainer, clock, device)
    found |= {"built_in_s": round(ready - began, 1), "trained_in_s": round(time.perf_counter() - ready, 1)}
    return found


def _build(run: Run, size: Literal["tiny", "real"], device: str, folder: Path) -> tuple[MagentaTrainer, float]:
    began = time.perf_counter()
    # Before the processes know of each other: after that only the first of them would write the processor's files.
    processor = load_processor(run.model)
    settings, _ = parse(_arguments(run, folder, device))
    family, choice = family_named(run.model), choose(settings)
    items = build_rows(processor, run.view, max(2 * settings.rows_a_step, 16))
    set_seed(settings.seed)
    if settings.zero_stage == 3:
        tell_deepspeed(settings)
    model = build_model(run.model, size, settings.compute_dtype, settings.device)
    if run.as_published:
        # 2_6 as published has two kinds of attention in its vision part: flash-attn's, and this.
        model.get_submodule(family.vision).config._attn_implementation = "eager"
    lines = _fused(model, family, settings, processor.collate([item.example for item in items[:2]]))
    share = vision_share(model)
    model = make_trainable(model, family, choice, settings)
    what = choose_recompute(settings, choice)
    recompute(model, family, what, settings)
    check_trained(model, family, choice)
    print(
        f"  {run.name}: built in {time.perf_counter() - began:.0f} s; recompute {what}; {'; '.join(lines)}", flush=True
    )
    lengths = [len(items[index % len(items)].example) for index in range(run.steps * settings.rows_a_step)]
    trainer_class = PublishedTrainer if run.as_published else MagentaTrainer
    trainer = trainer_class(
        family=family,
        choice=choice,
        lengths=lengths,
        facts=_facts(settings, measure(model, family), share, items, processor.pictures.patch_size),
        stop=Stop(),
        model=model,
        args=settings,
        train_dataset=_Repeated(items, len(lengths)),
        data_collator=Collator(processor),
        callbacks=[Clock(device)],
    )
    return trainer, began


def _fused(model: Any, family: Any, settings: Settings, batch: dict[str, Any]) -> list[str]:
    """Put fused kernels in, and say how far the loss is from what it was without them."""
    if not settings.on_gpu or settings.fused_kernels is False or settings.zero_stage == 3:
        fuse(model, family, settings)
        return missing_kernels(model, family, settings)
    batch = to_device(batch, settings.device)
    with torch.no_grad():
        before = float(model(**batch).loss)
        if not fuse(model, family, settings):
            return missing_kernels(model, family, settings)
        after = float(model(**batch).loss)
    return [f"Liger's kernels: loss {after:.4f}, without {before:.4f}"]


class _Repeated(ItemList):
    """Rows over and over."""

    def __init__(self, items: list[Item], count: int) -> None:
        super().__init__(items)
        self._count = count

    def __len__(self) -> int:
        return self._count


def _arguments(run: Run, folder: Path, device: str) -> list[str]:
    flags = {
        "output_dir": folder,
        "max_steps": run.steps,
        "per_device_train_batch_size": run.batch,
        "logging_steps": 1 if run.losses else 1000,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": "true",
        "use_cpu": str(device != "cuda").lower(),
        "dataloader_num_workers": 4 if device == "cuda" else 0,
    }
    return [*(part for name, value in flags.items() for part in (f"--{name}", str(value))), *run.flags]


def _facts(settings: Settings, sizes: Any, share: float, items: list[Item], patch_size: int) -> RunFacts:
    examples = [item.example for item in items]
    work = work_of(
        [len(example) for example in examples],
        sum(len(example) - (example.answer_start or 0) for example in examples),
        sum(piece.shape[1] * piece.shape[2] for example in examples for piece in example.slices),
        patch_size,
    )
    return RunFacts(
        settings=settings.to_dict(),
        arguments=[],
        base={},
        data={},
        trained=sizes,
        work=work.times(1 / len(items)),
        vision_merges=share,
        devices=settings.world_size,
        started_at=now(),
    )


def _figures(run: Run, trainer: MagentaTrainer, clock: Clock, device: str) -> dict[str, Any]:
    settings, facts = trainer.args, trainer.facts
    warm = min(WARM_STEPS, len(clock.ends) - 2)
    steps = len(clock.ends) - 1 - warm
    each = sorted(end - start for start, end in pairwise(clock.ends[warm:]))
    seconds = clock.ends[-1] - clock.ends[warm]
    rows = steps * settings.rows_a_step / seconds
    operations = flops(facts.work, facts.trained, facts.vision_merges)
    return {
        "name": run.name,
        "model": run.model,
        "view": run.view,
        "weights": sum(size.whole for size in facts.trained.values()),
        "trained": sum(size.lora + size.full for size in facts.trained.values()),
        "devices": settings.world_size,
        "rows_a_step": settings.rows_a_step,
        "batch": settings.per_device_train_batch_size,
        "steps": steps,
        "tokens_a_row": round(facts.work.tokens, 1),
        "patches_a_row": round(facts.work.patches, 1),
        "tflop_a_row": round(operations / 1e12, 3),
        "rows_a_second": round(rows, 3),
        "step_s": {"least": round(each[0], 3), "median": round(median(each), 3), "most": round(each[-1], 3)},
        "tokens_a_second": round(rows * facts.work.tokens, 1),
        "tflops_a_device": round(rows * operations / settings.world_size / 1e12, 1),
        "peak_gib": round(torch.cuda.max_memory_allocated() / GIB, 2) if device == "cuda" else None,
        "reserved_gib": round(torch.cuda.max_memory_reserved() / GIB, 2) if device == "cuda" else None,
        "finite": all(math.isfinite(loss) for loss in clock.losses),
        "losses": clock.losses,
    }


def free(device: str) -> None:
    """Give memory back that an earlier try has left."""
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
