"""What a run would take, before it is started: rows, tokens, hours and memory on one and on eight H100s.

    plan = build_plan(["--model", "openbmb/MiniCPM-V-4.6", "--data", "data/shop"])
    print(describe_plan(plan))

Weights are counted on the model's configuration, without loading any; tokens on a sample of the rows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from magenta_qa.finetune.training.accounting import (
    GIB,
    H100_BYTES,
    H100_FLOPS,
    Memory,
    Work,
    flops,
    hours,
    memory,
    vision_share,
    work_of,
)
from magenta_qa.finetune.training.arguments import Settings, parse
from magenta_qa.finetune.training.batches import Survey, steps_of, take_survey
from magenta_qa.finetune.training.data import open_rows
from magenta_qa.finetune.training.parts import PartSize, choose, make_trainable, measure
from magenta_qa.finetune.training.recompute import choose_recompute
from magenta_qa.model.errors import ConfigError, DatasetError
from magenta_qa.model.minicpmv.families import Family, Part, checkpoint, family_of
from magenta_qa.model.minicpmv.loading import model_class

UTILISATION = 0.6
"""Share of the matrix products' rate that training is planned to reach; `make bench-finetune` measures it."""
SAMPLE_ROWS = 300
DEVICES = (1, 8)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would take."""

    settings: Settings
    rows: int
    unusable: float
    """Share of the sample that cannot be used."""
    work: Work
    """Of one row."""
    longest: int
    """Tokens of the sample's longest row."""
    sizes: dict[Part, PartSize]
    config: Any
    vision_merges: float

    @property
    def usable(self) -> int:
        """Rows that can probably be used."""
        return round(self.rows * (1 - self.unusable))

    @property
    def passes(self) -> float:
        """Rows that are seen, in all epochs, as a share of all rows."""
        if self.settings.max_steps > 0:
            return float(self.settings.max_steps * self.settings.rows_a_step / max(1, self.usable))
        return float(self.settings.num_train_epochs)

    def hours(self, devices: int) -> float:
        """On so many H100s."""
        operations = flops(self.work, self.sizes, self.vision_merges) * self.usable * self.passes
        return hours(operations, devices, UTILISATION)

    def memory(self, devices: int) -> Memory:
        """On each of so many H100s, with DeepSpeed's ZeRO-2 when there are several."""
        longest = self.work.times(self.longest / self.work.tokens)
        zero = 0 if devices == 1 else 2
        return memory(
            self.sizes,
            self.config,
            longest,
            self.settings.per_device_train_batch_size,
            recompute=choose_recompute(self.settings, choose(self.settings)),
            devices=devices,
            zero=zero,
        )


def build_plan(arguments: Sequence[str]) -> Plan:
    """What a run with these flags would take.

    Raises:
        MagentaError: Settings, data or model cannot be used.
    """
    given = list(arguments)
    if not any(argument.startswith(("--output_dir", "--output-dir", "--output")) for argument in given):
        given += ["--output_dir", "."]
    settings, _ = parse([*given, "--report_to", "none"])
    base = checkpoint(settings.model_name_or_path)
    family = family_of(base)
    rows = open_rows(settings, family.load_processor(base, downsample=settings.downsample))
    every = max(1, len(rows) // SAMPLE_ROWS)
    survey = take_survey(rows, range(0, len(rows), every), settings.dataloader_num_workers)
    if not survey.indices:
        raise DatasetError(f"none of the sampled rows can be used; the first: {survey.unusable[0].reason}")
    model = _without_weights(family, base)
    share = vision_share(model, settings.downsample)
    config = model.config
    if settings.quantize:
        raise ConfigError("the plan counts weights of two bytes; leave --quantize out")
    sizes = measure(make_trainable(model, family, choose(settings), settings), family)
    whole = work_of(survey.lengths, survey.answers, survey.pixels, rows.processor.pictures.patch_size)
    return Plan(
        settings=settings,
        rows=len(rows),
        unusable=_unusable(survey),
        work=whole.times(1 / len(survey.lengths)),
        longest=max(survey.lengths),
        sizes=sizes,
        config=config,
        vision_merges=share,
    )


def _without_weights(family: Family, base: Path) -> Any:  # noqa: ANN401
    """The model as its configuration says, on no device."""
    chosen = model_class(family)
    with torch.device("meta"):
        return chosen._from_config(chosen.config_class.from_pretrained(base), dtype=torch.bfloat16)


def _unusable(survey: Survey) -> float:
    return len(survey.unusable) / (len(survey.unusable) + len(survey.indices))


def describe_plan(plan: Plan) -> str:
    """The plan in words and numbers."""
    settings, work = plan.settings, plan.work
    whole = sum(size.whole for size in plan.sizes.values())
    trained = sum(size.lora + size.full for size in plan.sizes.values())
    rows_a_step = settings.rows_a_step
    steps = steps_of(plan.usable, rows_a_step, settings.num_train_epochs, settings.max_steps)
    lines = [
        f"model   {settings.model_name_or_path}: {whole / 1e9:.2f} B weights, {trained / 1e6:,.1f} M train",
        f"rows    {plan.usable:,} of {plan.rows:,}; {work.tokens:,.0f} tokens a row, {plan.longest:,} at most",
        f"tokens  {work.tokens * plan.usable / 1e6:,.1f} M an epoch, {plan.passes:,.2f} epochs",
        f"steps   {steps:,} of {rows_a_step} rows on one device",
        f"work    {flops(work, plan.sizes, plan.vision_merges) / 1e12:,.2f} TFLOP a row, "
        f"at {UTILISATION:.0%} of {H100_FLOPS / 1e12:,.0f} TFLOP/s",
        "",
        f"{'':<10}{'hours':>10}{'weights':>12}{'optimizer':>12}{'activations':>13}{'in all':>10}   GiB a device",
        *(_line(plan, devices) for devices in DEVICES),
    ]
    if plan.memory(1).total > H100_BYTES:
        lines.append("too much for one H100: try --low_memory true, smaller batches, or --deepspeed zero3 on several")
    return "\n".join(lines)


def _line(plan: Plan, devices: int) -> str:
    room = plan.memory(devices)
    parts = (room.weights, room.optimizer, room.activations, room.total)
    weights, optimizer, activations, total = (value / GIB for value in parts)
    fits = "fits" if room.total <= H100_BYTES else "does not fit"
    time = plan.hours(devices)
    shown = f"{time:,.2f}" if time >= 0.1 else f"{math.ceil(time * 60)} min"
    name = f"{devices} H100" + ("s" if devices > 1 else "")
    return f"{name:<10}{shown:>10}{weights:>12.1f}{optimizer:>12.1f}{activations:>13.1f}{total:>10.1f}   {fits}"
