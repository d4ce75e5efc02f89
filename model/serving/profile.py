"""vLLM's command for a model and a card.

    plan = plan_vllm(Target("openbmb/MiniCPM-V-4.6", revision="3f1c…"), PROFILES["l4"], Options(python="python"))
    shlex.join(plan.command)      # what `magenta serve --dry-run` prints
    plan.remarks                  # what its user should know

The shape of a request follows from the view: one picture, so many slices, so many tokens of text. Prefix caching is
off: each prompt begins with its own picture.
"""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from magenta_qa.model.errors import ConfigError

ProfileName = Literal["l4", "h100", "cpu"]
TEXT_TOKENS = 3072
"""Of a question with its HTML, or of a decision among some 80 candidates."""
ANSWER_TOKENS = 512
SLICE_TOKENS = 64
_VISION = (r"re:(vpm|vit_merger|merger|resampler)\..*", "lm_head")
"""vLLM's names for what stays as it is where weights become fp8."""
_REMOTE_CODE = "MiniCPM-V 2_6 and 2_5"
LARGEST_RANK = 64


@dataclass(frozen=True, slots=True)
class Profile:
    """How vLLM uses a card."""

    name: ProfileName
    memory_share: float
    sequences: int
    """Written at the same time, at most."""
    flags: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


PROFILES: dict[ProfileName, Profile] = {
    # 22.5 GiB: 16.4 GB of weights of the 8.2 B size leave room for about 40 questions of 600 tokens beside the graphs.
    "l4": Profile("l4", 0.92, 64),
    "h100": Profile("h100", 0.90, 256),
    "cpu": Profile(
        "cpu",
        0.5,
        4,
        ("--enforce-eager",),
        {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"},
    ),
}
_L4_MIB = 30_000
"""A card with less memory is served like an L4."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is served."""

    base: str
    """Folder of a checkpoint, also of a merged one, or a name on the hub."""
    adapter: Path | None = None
    """LoRA that vLLM loads beside it."""
    revision: str | None = None
    label: str = ""
    """What it is called in messages: the registry's name of the adapter."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may say beside the profile."""

    python: str
    """Interpreter of the environment that has vLLM."""
    name: str = "magenta"
    max_slices: int = 1
    fp8: bool = False
    lora: bool = False
    """Whether adapters may be loaded while it runs."""
    remote_code: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A command, without host and port."""

    command: tuple[str, ...]
    environment: dict[str, str]
    remarks: tuple[str, ...]


def plan_vllm(target: Target, profile: Profile, options: Options) -> Plan:
    """The command that serves `target`; with an adapter it is served under `options.name`, its base under "base"."""
    lora = options.lora or target.adapter is not None
    # An overview is cut beside the slices of a large picture.
    slices = options.max_slices + (options.max_slices > 1)
    length = -(-(slices * SLICE_TOKENS + TEXT_TOKENS + ANSWER_TOKENS) // 256) * 256
    served = ("base", options.name) if not lora else ("base",)
    command = [options.python, "-m", "vllm.entrypoints.openai.api_server", "--model", target.base]
    command += ["--served-model-name", *served, "--dtype", "bfloat16", "--kv-cache-dtype", "auto"]
    command += ["--max-model-len", str(length), "--max-num-seqs", str(profile.sequences)]
    command += ["--limit-mm-per-prompt", '{"image":1,"video":0}']
    command += ["--mm-processor-kwargs", json.dumps({"max_slice_nums": options.max_slices})]
    command += ["--gpu-memory-utilization", f"{profile.memory_share:g}", "--no-enable-prefix-caching"]
    command += [*profile.flags, *_fp8(options.fp8), *_lora(lora), *_pinned(target, options)]
    environment = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", **profile.environment}
    if lora:
        environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = "1"
    if Path(target.base).is_dir():
        environment["HF_HUB_OFFLINE"] = "1"
    return Plan(tuple(command), environment, _remarks(target, options))


def _fp8(wanted: bool) -> list[str]:
    if not wanted:
        return []
    return ["--quantization", "fp8_per_tensor", "--quantization-config", json.dumps({"ignore": list(_VISION)})]


def _lora(wanted: bool) -> list[str]:
    # Two: while one is swapped for the next, requests of both are answered.
    return ["--enable-lora", "--max-loras", "2", "--max-lora-rank", str(LARGEST_RANK)] if wanted else []


def _pinned(target: Target, options: Options) -> list[str]:
    pinned: list[str] = []
    if target.revision:
        pinned += ["--revision", target.revision, "--tokenizer-revision", target.revision]
    if options.remote_code:
        pinned += ["--trust-remote-code"]
        pinned += ["--code-revision", target.revision] if target.revision else []
    return pinned


def _remarks(target: Target, options: Options) -> tuple[str, ...]:
    remarks = []
    if options.remote_code:
        remarks.append(
            f"vLLM runs the Python code that lies beside the weights of {target.base} ({_REMOTE_CODE} need it); read "
            "it, and pin it with --revision"
        )
    if not target.revision and not Path(target.base).is_dir():
        remarks.append(f"{target.base} is taken from the hub in whatever revision it has today; pin it with --revision")
    return tuple(remarks)


def needs_remote_code(base: str) -> bool:
    """Whether vLLM reads a checkpoint with the code that lies beside it; of one on the hub, by its name."""
    try:
        config = json.loads(Path(base, "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return not Path(base).exists() and ("2_6" in base or "2_5" in base)
    return bool(config.get("auto_map")) or config.get("model_type") == "minicpmv"


def choose_profile(wanted: str) -> Profile:
    """The profile called so, or for "auto" that of this machine's first card.

    Raises:
        ConfigError: There is none of that name.
    """
    if wanted == "auto":
        memory = card_mib()
        wanted = "cpu" if memory is None else "l4" if memory < _L4_MIB else "h100"
    for name, profile in PROFILES.items():
        if name == wanted:
            return profile
    raise ConfigError(f"no profile {wanted!r}: expected auto, {', '.join(PROFILES)}")


def card_mib() -> int | None:
    """Memory of the first NVIDIA card, MiB; None where there is none."""
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        return int(done.stdout.split()[0])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
