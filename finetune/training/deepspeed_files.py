"""DeepSpeed's configuration: the packaged files, and others made to follow the command line.

load_configuration("ds_config_zero2.json")
-> ({"zero_optimization": {"stage": 2, …}, …}, ["ds_config_zero2.json is not in …: the packaged file is used"])
"""

import json
from pathlib import Path
from typing import Any

from magenta_qa.model.errors import ConfigError

_FOLDER = Path(__file__).parent
PACKAGED = ("ds_config_zero2.json", "ds_config_zero3.json")
OWN_BLOCKS = {
    "scheduler": "--lr_scheduler_type, --learning_rate and --warmup_steps",
    "optimizer": "--optim, --learning_rate and --weight_decay, with fully trained vision parts in a group of their own",
}
"""Blocks that would override the command line without a word → what says it instead."""


def load_configuration(path: str) -> tuple[dict[str, Any], list[str]]:
    """The configuration and a line for everything that differs from the file.

    Args:
        path: A file; one that is not there but is named as a packaged one is taken from the package. `zero2` and
            `zero3` are short for these.

    Raises:
        ConfigError: There is no such file, or it is no JSON object.
    """
    notices = []
    file = Path(path)
    if not file.is_file():
        name = f"ds_config_{path}.json" if path in ("zero2", "zero3") else file.name
        if name not in PACKAGED:
            raise ConfigError(
                f"there is no DeepSpeed file {path}; expected one, or zero2 or zero3 for the packaged ones"
            )
        file = _FOLDER / name
        if name == Path(path).name:
            notices.append(f"--deepspeed {path} is not there: the packaged {name} is used")
    try:
        settings = json.loads(file.read_text("utf-8"))
        if not isinstance(settings, dict):
            raise ValueError(f"it holds a {type(settings).__name__}")
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the DeepSpeed file {file}: {error}; expected a JSON object") from error
    for block, flags in OWN_BLOCKS.items():
        if settings.pop(block, None) is not None:
            notices.append(f"the {block} block of {file} is left out: {flags} hold")
    return settings, notices
