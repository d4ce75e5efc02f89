"""The steps of the periodic job that need a model: training, in processes of its own, and evaluation."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from magenta_qa.finetune.evaluate import Plan, evaluate_rows, run_evaluation
from magenta_qa.finetune.evaluation import FILE, Data, save_evaluation
from magenta_qa.finetune.evaluation_page import save_page
from magenta_qa.finetune.row import Row
from magenta_qa.model.errors import TrainingError
from magenta_qa.model.schema import View

PAGE = "evaluation.html"
TRAINER = "magenta_qa.finetune.train_commands"


class RealSteps:
    """Trains on all GPUs of this machine and evaluates in this process.

    Args:
        devices: Processes to train with; all GPUs by default.
    """

    def __init__(self, devices: int | None = None) -> None:
        self._devices = devices

    def train(self, arguments: Sequence[str]) -> None:
        """Train in another process, so that its memory is free again when models are evaluated.

        Raises:
            TrainingError: It ended with an error, which it has printed.
        """
        devices = ["--devices", str(self._devices)] if self._devices else []
        done = subprocess.run([sys.executable, "-m", TRAINER, *devices, *arguments], check=False)
        if done.returncode:
            raise TrainingError(f"the training ended with exit code {done.returncode}; what it printed says why")

    def evaluate(self, rows: Sequence[Row] | None, data: str, model: str, base: str, view: View, out: Path) -> None:
        """Write `evaluation.json` and its page into `out`: of the rows, or of the dataset's split `test`."""
        plan = Plan(data=data, model=model, base=base, view=view)
        out.mkdir(parents=True, exist_ok=True)
        if rows is None:
            evaluation, held = run_evaluation(plan, out)
        else:
            evaluation, held = evaluate_rows(rows, plan, Data(data, "all", rows=0, pages=0), out)
            save_evaluation(evaluation, str(out / FILE))
        save_page(evaluation, held, out / PAGE)
