"""`run.json`: where an adapter comes from, beside every checkpoint and beside the trained adapter.

{"v": 1, "status": "running", "step": 500, "steps": 1200, "started_at": "2026-11-25T19:00:00Z",
 "base": {"path": "openbmb/MiniCPM-V-4.6", "family": "MiniCPM-V-4.6", "fingerprint": "9c…"},
 "data": {"path": "data/shop", "version": "v3", "rows": 12000, "tokens": 5400000, "unusable": [], "split_by": "site"},
 "trained": {"text": {"whole": …, "lora": …, "full": 0}, …}, "settings": {…}, "arguments": ["--data_path", …],
 "seed": 42, "packages": {"torch": "2.11.0", …}, "commit": "421e492…",
 "hardware": {"devices": 8, "name": "NVIDIA H100 80GB HBM3", "memory_gib": 79.1, …},
 "throughput": {"rows_a_second": 150.2, "tokens_a_second": …, "tflops": …, "padding": 0.03, "peak_memory_gib": 61.0},
 "loss": [[10, 2.31], …], "eval_loss": [[500, 1.02]]}
"""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from magenta_qa.finetune.training.accounting import GIB, Work, flops
from magenta_qa.finetune.training.parts import PartSize
from magenta_qa.model.minicpmv.families import Part

RECORD_VERSION = 1
PACKAGES = (
    *("magenta-qa", "torch", "transformers", "peft", "accelerate", "deepspeed", "datasets", "bitsandbytes"),
    *("liger-kernel", "flash-linear-attention", "tokenizers", "safetensors", "pillow", "numpy"),
)


@dataclass(slots=True)
class Progress:
    """How far a run is and how fast; of this process, since it was started."""

    rows: int = 0
    positions: int = 0
    """Of tokens, padding included."""
    seconds: float = 0.0
    """Spent on steps, without the first, which compiles and allocates."""
    steps: int = 0
    step: int = 0
    all_steps: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    _began: float | None = None
    _first_rows: int = 0

    def count(self, input_ids: Any, rows: int) -> None:  # noqa: ANN401 - a tensor
        """Note down a batch of this process."""
        self.rows += rows
        self.positions += int(input_ids.numel())

    def start(self, now: float) -> None:
        """A step begins."""
        self._began = now

    def stop(self, now: float) -> None:
        """A step has ended."""
        self.steps += 1
        if self.steps == 1:
            self._first_rows = self.rows
        elif self._began is not None:
            self.seconds += now - self._began

    def at(self, state: Any) -> "Progress":  # noqa: ANN401 - transformers' TrainerState
        """With what transformers knows of the run."""
        self.step, self.all_steps, self.history = state.global_step, state.max_steps, list(state.log_history)
        return self

    @property
    def rate(self) -> float:
        """Rows a second of this process."""
        return (self.rows - self._first_rows) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known when a run begins."""

    settings: Mapping[str, Any]
    arguments: Sequence[str]
    base: Mapping[str, str]
    data: Mapping[str, Any]
    trained: Mapping[Part, PartSize]
    work: Work
    """Of one row, on average."""
    vision_merges: float
    devices: int
    started_at: str


def write_record(folder: Path, facts: RunFacts, progress: Progress, status: str = "running") -> Path:
    """Write `run.json`; a reader never sees half of it.

    Args:
        folder: The checkpoint's or the adapter's.
        facts: Of the run.
        progress: Up to now.
        status: running | done | stopped.
    """
    record = build_record(facts, progress, status)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "run.json.part"
    partial.write_text(json.dumps(record, indent=2, default=str) + "\n", "utf-8")
    return partial.replace(folder / "run.json")


def build_record(facts: RunFacts, progress: Progress, status: str) -> dict[str, Any]:
    """The record's content."""
    return {
        "v": RECORD_VERSION,
        "status": status,
        "step": progress.step,
        "steps": progress.all_steps,
        "started_at": facts.started_at,
        "written_at": now(),
        "base": dict(facts.base),
        "data": dict(facts.data),
        "trained": {part: asdict(size) for part, size in facts.trained.items()},
        "settings": dict(facts.settings),
        "arguments": list(facts.arguments),
        "seed": facts.settings.get("seed"),
        "packages": package_versions(),
        "commit": commit(),
        "hardware": hardware(facts.devices),
        "throughput": throughput(facts, progress),
        "loss": [[line["step"], line["loss"]] for line in progress.history if "loss" in line],
        "eval_loss": [[line["step"], line["eval_loss"]] for line in progress.history if "eval_loss" in line],
    }


def throughput(facts: RunFacts, progress: Progress) -> dict[str, float]:
    """Of all devices; the first step, saving and evaluating left out."""
    rows = progress.rate * facts.devices
    work = facts.work.times(rows)
    found = {
        "rows_a_second": rows,
        "tokens_a_second": work.tokens,
        "tflops_a_device": flops(work, facts.trained, facts.vision_merges) / facts.devices / 1e12,
        "padding": 1 - facts.work.tokens * progress.rows / progress.positions if progress.positions else 0.0,
    }
    if torch.cuda.is_available():
        found["peak_memory_gib"] = torch.cuda.max_memory_allocated() / GIB
    return {name: round(float(value), 4) for name, value in found.items()}


def hardware(devices: int) -> dict[str, Any]:
    """What the run ran on."""
    found: dict[str, Any] = {
        "devices": devices,
        "nodes": int(os.environ.get("GROUP_WORLD_SIZE", "1")),
        "name": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        found |= {
            "name": properties.name,
            "memory_gib": round(properties.total_memory / GIB, 1),
            "cuda": str(torch.version.cuda),
        }
    return found


def package_versions() -> dict[str, str]:
    """Of everything that the result may depend on and that is installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The source's commit, with "+" behind it when files differ from it; None outside of a repository."""
    try:
        root = _git("rev-parse", "--show-toplevel")
        # Installed into another project's environment, the repository around this file is not ours.
        if 'name = "magenta-qa"' not in (Path(root) / "pyproject.toml").read_text("utf-8"):
            return None
        return _git("rev-parse", "HEAD") + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).resolve().parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
