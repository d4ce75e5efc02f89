"""The command `magenta serve`.

    magenta serve                                              # the model that comes with the package, on the CPU
    magenta serve embedded:models/small                        # another exported one
    magenta serve openbmb/MiniCPM-V-4.6 --revision 3f1c… --adapter runs/1
    magenta serve --registry s3://team/adapters --follow 60    # what is promoted, also what is promoted later
    magenta serve … --dry-run                                  # prints vLLM's command and ends

vLLM loads an adapter by itself where only linear layers of the text part were trained (LoRA); where whole modules or
the vision part were, it gets the merged checkpoint, made first by `magenta finetune merge`.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from magenta_qa.model.embedded.files import NAME, folder_of, is_embedded, read_files
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.serving.asked import Bounds
from magenta_qa.model.serving.profile import (
    LARGEST_RANK,
    Options,
    Plan,
    Target,
    choose_profile,
    needs_remote_code,
    plan_vllm,
)

_NOT_TEXT = re.compile(r"(^|[.])(vision_tower|vit_merger|vpm|merger|resampler|embed_tokens|lm_head)([.]|$)")
_HUB_NAME = re.compile(r"\w[\w.-]*/[\w.-]+")
GRACE_S = 30


@click.command()
@click.argument("model", required=False)
@click.option("--adapter", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A trained adapter.")
@click.option("--registry", help="Take the promoted adapter of this registry, and its base.")
@click.option("--follow", type=click.IntRange(1), metavar="SECONDS", help="Look again, and swap what is promoted.")
@click.option("--revision", help="Of a model on the hub: a commit.")
@click.option("--profile", default="auto", show_default=True, help="auto, l4, h100 or cpu.")
@click.option("--vllm", "python", metavar="PYTHON", help="Interpreter of an environment that has vLLM.")
@click.option("--fp8", is_flag=True, help="Weights of the text part in 8 bits; vision and cache stay in 16.")
@click.option("--max-slices", type=click.IntRange(1, 9), default=1, show_default=True, help="Of a picture: the view's.")
@click.option("--name", default="magenta", show_default=True, help="What clients call the model.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; others than this need a key."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free.")
@click.option("--api-key", envvar="MAGENTA_API_KEY", help="Wanted from clients; else MAGENTA_API_KEY.")
@click.option("--waiting", type=click.IntRange(1), default=Bounds().waiting, show_default=True, help="Requests inside.")
@click.option("--max-body-mb", type=click.FloatRange(0.01), default=16, show_default=True, help="Of a request.")
@click.option("--max-megapixels", type=click.FloatRange(0.01), default=8, show_default=True, help="Of a picture.")
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True, help="Of an embedded model.")
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("vllm.log"),
    show_default=True,
    help="What vLLM prints is appended there.",
)
@click.option("--dry-run", is_flag=True, help="Print vLLM's command and end.")
def serve(model: str | None, **options: Any) -> int:  # noqa: ANN401 - click's
    """Serve MODEL as an OpenAI-compatible endpoint: a checkpoint's folder, its name on the hub, `embedded:PATH` or,
    where nothing is named, the small model that comes with the package, which needs no GPU.

    Clients then use --magenta-understanding openai:NAME@http://HOST:PORT. Ctrl-C or SIGTERM lets requests end first.
    """
    if model is None and not options["registry"] and not options["adapter"]:
        model = NAME
    if model is not None and is_embedded(model):
        return _serve_embedded(model, options)
    if options["follow"] and not options["registry"]:
        raise ConfigError("--follow looks again at what a registry has promoted: expected --registry with it")
    if model is not None:
        _check_checkpoint(model)
    plan = _planner(options)
    target = _target(model, options)
    first = plan(target)
    for remark in first.remarks:
        click.echo(f"note: {remark}", err=True)
    if options["dry_run"]:
        click.echo(" ".join(f"{name}={value}" for name, value in first.environment.items()) + " \\")
        click.echo(shlex.join(first.command))
        return 0
    _check_log(options["log"])
    from magenta_qa.model.serving.vllm import VllmBack

    follow = (lambda: _target(model, options)) if options["follow"] else None
    back = VllmBack(
        plan, target, name=options["name"], log=options["log"], follow=follow, every_s=options["follow"] or 60
    )
    return _run(back, target.label or target.base, options)


def _serve_embedded(model: str, options: dict[str, Any]) -> int:
    without = ("adapter", "registry", "follow", "revision", "fp8", "dry_run")
    given = ", ".join(f"--{name.replace('_', '-')}" for name in without if options[name])
    if given:
        raise ConfigError(f"{model} is served as it is, without vLLM: expected no {given} with it")
    from magenta_qa.model.serving.embedded import EmbeddedBack

    files = read_files(folder_of(model))
    what = "the model that comes with magenta-qa" if model.strip() == NAME else model
    return _run(EmbeddedBack(files, options["name"], options["threads"]), what, options)


def _run(back: Any, what: str, options: dict[str, Any]) -> int:  # noqa: ANN401 - a Back
    import uvicorn

    from magenta_qa.model.serving.front import build_app

    bounds = Bounds(
        body_bytes=int(options["max_body_mb"] * 2**20),
        picture_pixels=int(options["max_megapixels"] * 1e6),
        waiting=options["waiting"],
    )
    if not options["api_key"] and options["host"] not in ("127.0.0.1", "localhost", "::1"):
        raise ConfigError(f"{options['host']} is open to others: give an API key (MAGENTA_API_KEY), or use 127.0.0.1")
    app = build_app(back, bounds, options["api_key"] or None)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=GRACE_S)
    with _listening(options["host"], options["port"]) as listening:
        host, port = listening.getsockname()[:2]
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        click.echo(f"serving {what} at {url}; Ctrl-C ends it", err=True)
        click.echo(f"clients: --magenta-understanding openai:{options['name']}@{url}", err=True)
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def _listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections.

    Raises:
        ConfigError: Somebody else has the port, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}); choose another --port or --host"
        ) from error


def _planner(options: dict[str, Any]) -> Any:  # noqa: ANN401 - a function
    profile = choose_profile(options["profile"])
    python = options["python"] or sys.executable
    if not options["dry_run"] and shutil.which(python) is None:
        raise ConfigError(
            f"cannot run {python!r}: expected the interpreter of an environment that has vLLM, such as vllm/bin/python"
        )
    if options["python"] is None and find_spec("vllm") is None and not options["dry_run"]:
        raise ConfigError(
            "vLLM is not installed here; expected it in this environment or in one named by --vllm PYTHON; "
            'pip install "magenta-qa[vllm]", or serve an exported model with embedded:PATH'
        )

    def plan(target: Target) -> Plan:
        chosen = Options(
            python,
            options["name"],
            options["max_slices"],
            fp8=options["fp8"],
            lora=target.adapter is not None,
            remote_code=needs_remote_code(target.base),
        )
        return plan_vllm(target, profile, chosen)

    return plan


def _target(model: str | None, options: dict[str, Any]) -> Target:
    """What is to be served now.

    Raises:
        ConfigError: Nothing is named, or the adapter is none.
    """
    adapter, label = options["adapter"], ""
    if options["registry"]:
        if adapter is not None:
            raise ConfigError("--adapter and --registry both name an adapter; expected one of them")
        model, adapter, label = _promoted(options["registry"], model)
    if model is None:
        raise ConfigError(f"nothing to serve: expected a checkpoint, the one that {adapter} was trained on")
    _check_checkpoint(model)
    if adapter is None:
        return Target(model, revision=options["revision"], label=label)
    why = why_merged(adapter)
    _check_base(adapter, model)
    if not why:
        return Target(model, adapter.absolute(), options["revision"], label or adapter.name)
    click.echo(f"note: {adapter} is merged into {model} for vLLM: {why}", err=True)
    return Target(str(_merged(model, adapter, options["dry_run"])), label=label or adapter.name)


def _promoted(registry: str, model: str | None) -> tuple[str | None, Path | None, str]:
    from magenta_qa.finetune.adapters import Registry

    found = Registry(registry)
    entry = found.promoted()
    if entry is None and model is None:
        raise ConfigError(
            f"no adapter is promoted in {registry}: promote one with 'magenta adapters promote', or name the base "
            "model that is served until then"
        )
    if entry is None:
        return model, None, "the base model"
    here = found.fetch(entry, Path.home() / ".cache" / "magenta-qa" / "adapters")
    return model or entry.run.base.path, Path(here.path), entry.name


def _check_checkpoint(model: str) -> None:
    """Make sure that a model is a checkpoint's folder, or may be one's name on the hub.

    Raises:
        ConfigError: It is neither.
    """
    if Path(model).is_dir():
        if not Path(model, "config.json").is_file():
            raise ConfigError(
                f"no checkpoint in {model}: it has no config.json; expected a folder with weights, or embedded:{model} "
                "for an exported model"
            )
    elif not _HUB_NAME.fullmatch(model):
        raise ConfigError(
            f"no checkpoint in {model}: there is no such folder, and no name on the hub is written so; expected a "
            "checkpoint's folder, or a name such as openbmb/MiniCPM-V-4.6"
        )


def _check_log(log: Path) -> None:
    try:
        log.open("ab").close()
    except OSError as error:
        raise ConfigError(f"cannot write to {log} ({error.strerror}); give another file as --log") from error


def why_merged(adapter: Path) -> str:
    """Why vLLM cannot load an adapter as it is; empty when it can.

    Raises:
        ConfigError: It is no adapter.
    """
    try:
        config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{adapter} is no adapter: {error}; expected the folder that 'magenta finetune train' has written"
        ) from error
    if config.get("modules_to_save"):
        return f"it trains whole modules ({', '.join(config['modules_to_save'])})"
    targets = config.get("target_modules") or []
    outside = [name for name in ([targets] if isinstance(targets, str) else targets) if _NOT_TEXT.search(name)]
    if outside:
        return f"it trains outside of the text part ({outside[0]})"
    if int(config.get("r", 0)) > LARGEST_RANK:
        return f"its rank is {config['r']}, vLLM is started for {LARGEST_RANK} at most"
    return "it uses DoRA" if config.get("use_dora") else ""


@lru_cache(maxsize=64)
def _check_base(adapter: Path, model: str) -> None:
    """Make sure that the adapter was trained on this base: vLLM loads any whose shapes fit.

    Raises:
        ConfigError: It was trained on another one.
    """
    if not Path(model).is_dir():
        _compare_names(adapter, model)
        return
    if find_spec("torch") is None or find_spec("transformers") is None:
        click.echo(f"note: whether {adapter} was trained on {model} is not checked: that needs [finetune]", err=True)
        return
    from magenta_qa.model.minicpmv.adapters import check_base

    check_base(adapter, model)


def _compare_names(adapter: Path, model: str) -> None:
    """Of a base on the hub, which vLLM alone fetches, only the name is known."""
    try:
        trained_on = str(json.loads((adapter / "run.json").read_text("utf-8"))["base"]["path"])
    except (OSError, ValueError, KeyError, TypeError):
        trained_on = ""
    if trained_on == model:
        return
    if _HUB_NAME.fullmatch(trained_on) and not Path(trained_on).exists():
        raise ConfigError(
            f"the adapter {adapter} was trained on {trained_on}, not on {model}; expected the same; give the adapter's "
            "own base"
        )
    click.echo(
        f"note: whether {adapter} was trained on {model} is not checked: that needs the base in a folder", err=True
    )


def _merged(model: str, adapter: Path, dry_run: bool) -> Path:
    """The merged checkpoint beside the adapter, made if it is not there."""
    out = adapter.absolute().parent / f"{adapter.name}.merged"
    if out.is_dir() or dry_run:
        return out
    # In a process of its own, so that its memory is free again when vLLM starts.
    code = "from magenta_qa.finetune.merge_command import merge; merge()"
    command = [sys.executable, "-c", code, model, str(adapter), str(out)]
    if subprocess.run(command, env=os.environ, check=False).returncode:
        raise ConfigError(f"{adapter} could not be merged into {model}; see above")
    return out
