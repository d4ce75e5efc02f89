"""Fine-tunes a MiniCPM-V on described interactions, on however many devices there are.

    torchrun --nproc_per_node 8 -m magenta_qa.finetune.train --model_name_or_path openbmb/MiniCPM-V-4.6 \
        --data_path data/shop --output_dir runs/1
    magenta finetune train …                                  # the same, started on all devices of this machine

In: a dataset of ours or anyone's with its columns, or MiniCPM records. Out: `output_dir/` with the adapter (or the
whole model), the processor's files, `run.json`, and checkpoints. Flags of the original recipe are understood
(`training/recipe_flags.py`); `training/arguments.py` has them all.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Subset
from transformers import set_seed

from magenta_qa.finetune.training.accounting import Work, vision_share, work_of
from magenta_qa.finetune.training.arguments import Settings, parse, tell_deepspeed
from magenta_qa.finetune.training.batches import IDS, Collator, Rows, Survey
from magenta_qa.finetune.training.checkpoints import (
    check_saved,
    choose_checkpoint,
    guard_disk,
    load_adapter,
    needed_bytes,
    remove_unfinished,
)
from magenta_qa.finetune.training.data import TrainingData, load_data
from magenta_qa.finetune.training.interrupt import Stop, stop_requests
from magenta_qa.finetune.training.kernels import fuse, missing_kernels
from magenta_qa.finetune.training.parts import check_trained, choose, make_trainable, measure, quantization, table
from magenta_qa.finetune.training.recompute import choose_recompute, recompute
from magenta_qa.finetune.training.run_record import RunFacts, now, write_record
from magenta_qa.finetune.training.trainer import MagentaTrainer
from magenta_qa.model.embedded.glossary import GLOSSARY
from magenta_qa.model.errors import MagentaError, TrainingError
from magenta_qa.model.minicpmv.adapters import check_base, fingerprint
from magenta_qa.model.minicpmv.families import Family, checkpoint, family_of

EXIT_ERROR = 4
"""As the command's for settings and files that cannot be used."""
EXIT_INTERRUPTED = 130


class Interrupted(TrainingError):
    """A run that was told to stop, and can go on.

    Args:
        checkpoint: Where its state is.
    """

    def __init__(self, checkpoint: Path) -> None:
        super().__init__(f"stopped; its state is in {checkpoint}; go on with --resume true")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says; returns the exit code."""
    try:
        train(list(sys.argv[1:] if arguments is None else arguments))
    except Interrupted as stopped:
        _Says(os.environ.get("RANK", "0") == "0").lines([str(stopped)])
        return EXIT_INTERRUPTED
    except MagentaError as error:
        print(f"magenta: {error}", file=sys.stderr, flush=True)
        return EXIT_ERROR
    finally:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
    return 0


def train(arguments: Sequence[str]) -> Path:
    """Train, check what was saved, and return the folder where it is.

    Args:
        arguments: The command line's flags.

    Raises:
        MagentaError: Settings, data or model cannot be used; the run cannot go on; what was saved is not what trained.
    """
    _alone_for_deepspeed(arguments)
    settings, notices = parse(arguments)
    say = _Says(settings.process_index == 0)
    say.lines(notices)
    base = checkpoint(settings.model_name_or_path)
    family = family_of(base)
    output = Path(settings.output_dir)
    resume_from = choose_checkpoint(output, settings.resume_from_checkpoint, settings.start_over)
    if resume_from:
        if settings.should_save:
            remove_unfinished(output)
        if settings.train not in ("full", "vision"):
            check_base(resume_from, base)
        say.lines([f"going on from {resume_from}"])
    processor = family.load_processor(base, downsample=settings.downsample)
    data = load_data(settings, processor, say.lines)
    with _memory_named(), stop_requests() as stop:
        trainer = _build_trainer(arguments, settings, family, base, data, say, stop)
        trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)
        if trainer.state.global_step < trainer.state.max_steps:
            raise Interrupted(output / f"checkpoint-{trainer.state.global_step}")
        return _finish(trainer, settings, family, base, data, say)


class _Says:
    """Prints for one process of all."""

    def __init__(self, speaks: bool) -> None:
        self.speaks = speaks

    def lines(self, texts: Sequence[str]) -> None:
        for text in texts if self.speaks else ():
            print(f"magenta: {text}", flush=True)


def _alone_for_deepspeed(arguments: Sequence[str]) -> None:
    """DeepSpeed expects what torchrun sets; one process started without it is the only one."""
    wants = any(argument.split("=")[0] == "--deepspeed" for argument in arguments)
    if wants and "RANK" not in os.environ:
        alone = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
        os.environ.update(alone)


def _build_trainer(
    arguments: Sequence[str],
    settings: Settings,
    family: Family,
    base: Path,
    data: TrainingData,
    say: _Says,
    stop: Stop,
) -> MagentaTrainer:
    choice = choose(settings)
    set_seed(settings.seed)
    model = _load_model(settings, family, base)
    fused = fuse(model, family, settings)
    share = vision_share(model, settings.downsample)
    say.lines(["fused kernels: Liger"] if fused else missing_kernels(model, family, settings))
    model = make_trainable(model, family, choice, settings)
    if settings.adapter:
        check_base(Path(settings.adapter), base)
        load_adapter(model, Path(settings.adapter))
    recompute(model, family, choose_recompute(settings, choice), settings)
    say.lines(["what trains:", *table(model, family).splitlines()])
    check_trained(model, family, choice)
    facts = RunFacts(
        settings=settings.to_dict(),
        arguments=arguments,
        base={"path": settings.model_name_or_path, "family": family.name, "fingerprint": fingerprint(base)},
        data=data.facts,
        trained=measure(model, family),
        work=_mean_work(data.survey, data.rows),
        vision_merges=share,
        devices=settings.world_size,
        started_at=now(),
    )
    return MagentaTrainer(
        family=family,
        choice=choice,
        lengths=data.survey.lengths,
        facts=facts,
        stop=stop,
        model=model,
        args=settings,
        train_dataset=Subset(data.rows, data.survey.indices),
        eval_dataset=data.eval_rows,
        data_collator=Collator(data.rows.processor),
    )


def _mean_work(survey: Survey, rows: Rows) -> Work:
    whole = work_of(survey.lengths, survey.answers, survey.pixels, rows.processor.pictures.patch_size)
    return whole.times(1 / len(survey.lengths))


def _load_model(settings: Settings, family: Family, base: Path) -> Any:  # noqa: ANN401
    split_up = settings.zero_stage == 3
    if split_up:
        tell_deepspeed(settings)
    device = "cpu" if split_up or not settings.on_gpu else settings.device
    options = quantization(settings, family)
    if options:
        options["device_map"] = {"": settings.device}
    return family.load_model(base, settings.compute_dtype, device, **options)


def _finish(
    trainer: MagentaTrainer, settings: Settings, family: Family, base: Path, data: TrainingData, say: _Says
) -> Path:
    """Evaluate a last time, save, reload and compare."""
    output = Path(settings.output_dir)
    if data.eval_rows is not None:
        say.lines([f"held-out loss {trainer.evaluate()['eval_loss']:.4f}"])
    with guard_disk(output, needed_bytes(trainer.model) // 3):
        trainer.save_model(str(output))
    if settings.should_save:
        family.save_processor(base, output)
        if data.glossary is not None:
            (output / GLOSSARY).write_text(data.glossary.model_dump_json(indent=1), "utf-8")
        say.lines([_check(trainer, output)])
        progress = trainer.progress.at(trainer.state)
        write_record(output, replace(trainer.facts, data=data.facts), progress, "done")
    say.lines([f"done: {output}"])
    trainer.accelerator.wait_for_everyone()
    return output


def _check(trainer: MagentaTrainer, output: Path) -> str:
    """Raises unless what was saved is what trained; says how that was found out."""
    if trainer.shards_weights:
        return "what was saved is what trained, weight by weight"
    batch = trainer.data_collator([trainer.train_dataset[0]])
    batch.pop(IDS)
    model = trainer.model.eval()

    def loss() -> Any:  # noqa: ANN401
        with torch.no_grad(), trainer.compute_loss_context_manager(), trainer.accelerator.autocast():
            return model(**trainer._prepare_inputs(dict(batch))).loss

    check_saved(model, output, loss)
    return "what was saved loads, and computes what the trained model did"


@contextmanager
def _memory_named() -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            f"the GPU's memory does not suffice: {str(error).splitlines()[0]}; try --low_memory true, or half of "
            "--per_device_train_batch_size with twice --gradient_accumulation_steps, or --deepspeed zero3"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
