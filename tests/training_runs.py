"""Tiny models, data and runs for the tests of training."""

import json
import os
import subprocess
import sys
from pathlib import Path

from dataset_rows import log_line, write_log

ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
QUIET = ("--report_to", "none", "--disable_tqdm", "true", "--logging_steps", "1")
SENTENCES = ("Opens the cart.", "Deletes the row of Ada.", "Saves the form.")


def built_records(folder: Path, rows: int = 24) -> Path:
    """Log → dataset → MiniCPM records, with three sentences to learn; the records' file."""
    from magenta_qa.finetune.dataset_build import build_dataset
    from magenta_qa.finetune.record_files import write_records
    from magenta_qa.model.schema import View

    home = folder / "home"
    lines = [log_line(home, n, text=f"Item {n}", summary=SENTENCES[n % 3], step_text="Do it") for n in range(rows)]
    built = build_dataset([str(write_log(home, lines))], str(folder / "data"), at="2026-11-23T00:00:00Z")
    return write_records(built.path, "train", folder / "records", [View("crop")]).path


def arguments(model: Path, data: Path | str, output: Path, *flags: object) -> list[str]:
    """A command line of a short run."""
    base = ["--model", model, "--data", data, "--output_dir", output, *QUIET, *flags]
    return [str(argument) for argument in base]


def losses_of(folder: Path) -> list[tuple[int, float]]:
    """(step, loss) of a run, from its record."""
    return [(step, loss) for step, loss in json.loads((folder / "run.json").read_text())["loss"]]


def trained_apart(flags: list[str], processes: int = 1, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    """A run in processes of its own."""
    start = [sys.executable, "-m"]
    if processes > 1:
        start += ["torch.distributed.run", "--standalone", "--nproc_per_node", str(processes), "-m"]
    command = [*start, "magenta_qa.finetune.train", *flags]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=seconds, check=False)
