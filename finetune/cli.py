"""The commands `magenta dataset`, `finetune` and `adapters`; `magenta` loads this file when one is called.

    magenta dataset build .magenta --out data/shop
    magenta finetune train --data data/shop --output-dir runs/1
    magenta finetune --since last
    magenta adapters list adapters

A command is a click command in a module of its own and one line in a table below. That module may import what the
extra `[finetune]` brings at its top: where it is missing, the error names the pip command.
"""

from magenta_qa.model.commands import LazyGroup

EXTRA = "finetune"
_SETTINGS = {"help_option_names": ["-h", "--help"]}

DATASET_COMMANDS = {
    "build": ("magenta_qa.finetune.dataset_commands:build", "Turn logs into the next version of a dataset."),
    "check": ("magenta_qa.finetune.dataset_commands:check", "Look for what would make a bad adapter."),
    "stats": ("magenta_qa.finetune.dataset_commands:stats", "Count what a dataset holds; with pictures as HTML."),
    "records": ("magenta_qa.finetune.dataset_commands:records", "Write MiniCPM records and outlined pictures."),
    "push": ("magenta_qa.finetune.dataset_commands:push", "Copy a version to where a team shares it."),
    "pull": ("magenta_qa.finetune.dataset_commands:pull", "Copy a version from there."),
}
FINETUNE_COMMANDS = {
    "train": ("magenta_qa.finetune.train_commands:train", "Train an adapter, or all weights, on all GPUs there are."),
    "plan": ("magenta_qa.finetune.train_commands:plan", "Say how long a run would take, and how much memory."),
}
ADAPTERS_COMMANDS = {
    "list": ("magenta_qa.finetune.adapter_commands:list_adapters", "Show all adapters and which is in use."),
    "add": ("magenta_qa.finetune.adapter_commands:add", "Copy a training's folder into the registry."),
    "promote": ("magenta_qa.finetune.adapter_commands:promote", "Put one to use if it is surely better."),
    "rollback": ("magenta_qa.finetune.adapter_commands:rollback", "Put the one before to use again."),
}
"""Name → (module:command, one line of help)."""

dataset = LazyGroup(
    "dataset",
    DATASET_COMMANDS,
    help="From the interaction log to a versioned dataset, and from there to MiniCPM records.",
    extra=EXTRA,
    context_settings=_SETTINGS,
)
finetune = LazyGroup(
    "finetune",
    FINETUNE_COMMANDS,
    help="From a dataset to a trained and merged adapter.",
    extra=EXTRA,
    context_settings=_SETTINGS,
)
adapters = LazyGroup(
    "adapters",
    ADAPTERS_COMMANDS,
    help="The registry of adapters: a folder or any fsspec path.",
    extra=EXTRA,
    context_settings=_SETTINGS,
)
