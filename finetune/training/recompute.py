"""Which activations are computed a second time in the backward pass rather than kept.

A vision part that trains leaves several times as many bytes as the text part does; computing them again costs a third
more of the vision part's work, and lets batches be several times larger.
"""

from typing import Any

from transformers import PreTrainedModel

from magenta_qa.finetune.training.arguments import CHECKPOINTING, Recompute, Settings
from magenta_qa.finetune.training.parts import Choice, plain_name
from magenta_qa.model.minicpmv.families import Family


def choose_recompute(settings: Settings, choice: Choice) -> Recompute:
    """What `--recompute` and `--gradient_checkpointing` ask for; by itself the vision part where it trains."""
    if settings.recomputes_all:
        return "all"
    if settings.recompute is not None:
        return settings.recompute
    return "vision" if "vision" in (*choice.full, *choice.lora) else "none"


def recompute(model: Any, family: Family, what: Recompute, settings: Settings) -> None:  # noqa: ANN401
    """Have the chosen layers' activations computed twice.

    Args:
        model: With its parts chosen, wrapped by PEFT or not.
        family: The model's.
        what: none | vision | all.
        settings: The run's; `all` is left to the trainer, which is told so here.
    """
    setattr(settings, CHECKPOINTING, what == "all")
    if what != "vision":
        return
    for name, module in model.named_modules():
        if isinstance(module, PreTrainedModel) and plain_name(name + ".").rstrip(".") == family.vision:
            getattr(module, f"{CHECKPOINTING}_enable")({"use_reentrant": False})
