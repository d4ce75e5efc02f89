"""The registry of adapters: one folder each below a folder or any fsspec path, and which of them is in use.

adapters/
  20261123-v4/                     an entry: what `magenta finetune train --output-dir adapters/20261123-v4` wrote,
    adapter_model.safetensors …    with what `magenta evaluate … --out adapters/20261123-v4` found
    run.json evaluation.json
    golden/evaluation.json         the same on the golden set
    README.md                      the model card, written from the two
  promoted.json                    {"v": 1, "events": [{"at": "2026-11-23T01:00:00Z", "action": "promote",
                                    "name": "20261123-v4", "why": "CIDEr-D +0.21 (0.08 … 0.35) over 37 pages"}]}

registry = Registry("s3://team/adapters")
registry.entries()             # oldest first
registry.promoted()            # the entry in use, or None: the base model
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import fsspec
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from magenta_qa.finetune.evaluation import FILE as EVALUATION
from magenta_qa.finetune.evaluation import Evaluation, load_evaluation
from magenta_qa.model.errors import DatasetError

RUN = "run.json"
GOLDEN = "golden"
"""Folder of an entry with the evaluation on the golden set."""
POINTER = "promoted.json"
CARD = "README.md"
_NOT_KEPT = re.compile(r"(^|/)(checkpoint-[^/]*|cache|runs|logs|\.[^/]*)(/|$)|\.part$|\.lock$|events\.out\.")
"""Of a training's folder: what only going on with the training needs."""
_CHUNK_BYTES = 8 << 20


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Base(_Loose):
    path: str
    family: str = ""
    fingerprint: str = ""


class _Data(_Loose):
    path: str
    version: str = ""
    rows: int = 0
    split_by: str | None = None


class Run(_Loose):
    """What `run.json` says, as far as the registry needs it."""

    v: int
    status: str
    step: int = 0
    steps: int = 0
    started_at: str
    base: _Base
    data: _Data
    settings: dict[str, Any] = {}
    seed: int | None = None
    packages: dict[str, str] = {}
    commit: str | None = None
    hardware: dict[str, Any] = {}
    throughput: dict[str, Any] = {}
    loss: list[tuple[float, float]] = []
    eval_loss: list[tuple[float, float]] = []


@dataclass(frozen=True, slots=True)
class Event:
    """A change of what is in use."""

    at: str
    action: Literal["promote", "rollback"]
    name: str
    """The entry in use from then on; empty: the base model."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One adapter."""

    name: str
    path: str
    run: Run
    evaluation: Evaluation | None
    golden: Evaluation | None

    @property
    def spec(self) -> str:
        """The understanding back end that serves it."""
        return f"local:{self.run.base.path}+{self.path}"


class Registry:
    """All adapters of a team.

    Args:
        path: Folder or fsspec URL; need not exist yet.
    """

    def __init__(self, path: str) -> None:
        self.path = path.rstrip("/")
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.path)
        except (ImportError, ValueError) as error:
            raise DatasetError(f"cannot use the registry {path}: {error}") from error

    def entries(self) -> list[Entry]:
        """All entries, the oldest training first.

        Raises:
            DatasetError: One cannot be read; the message says which and why.
        """
        if not self._files.isdir(self._root):
            return []
        names = [str(found).rstrip("/").rsplit("/", 1)[-1] for found in self._files.ls(self._root, detail=False)]
        found = [self.entry(name) for name in sorted(names) if self._files.exists(f"{self._root}/{name}/{RUN}")]
        return sorted(found, key=lambda entry: entry.run.started_at)

    def entry(self, name: str) -> Entry:
        """One entry.

        Raises:
            DatasetError: There is none of that name, or it cannot be read.
        """
        path = f"{self.path}/{name}"
        if not re.fullmatch(r"[\w.-]+", name) or not self._files.exists(f"{self._root}/{name}/{RUN}"):
            raise DatasetError(f"{self.path} has no adapter {name!r} with a {RUN}; 'magenta adapters list' shows them")
        return Entry(name, path, load_run(path), _evaluation(path), _evaluation(f"{path}/{GOLDEN}"))

    def events(self) -> list[Event]:
        """What was promoted and rolled back, oldest first."""
        if not self._files.exists(f"{self._root}/{POINTER}"):
            return []
        try:
            stored = json.loads(self._files.cat_file(f"{self._root}/{POINTER}"))
            events: list[Event] = _EVENTS.validate_python(stored["events"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"cannot read {self.path}/{POINTER}: {error}") from error
        return events

    def promoted(self) -> Entry | None:
        """The entry in use; None where the base model is."""
        name = next((event.name for event in reversed(self.events())), "")
        return self.entry(name) if name else None

    def before(self) -> str:
        """Name of the entry that was in use before the present one; empty: the base model."""
        stack: list[str] = []
        for event in self.events():
            if event.action == "promote":
                stack.append(event.name)
            elif stack:
                stack.pop()
        return stack[-2] if len(stack) > 1 else ""

    def note(self, event: Event) -> None:
        """Change what is in use; readers see the old file or the new one.

        Raises:
            DatasetError: It cannot be written.
        """
        events = _EVENTS.dump_python([*self.events(), event])
        self._write(POINTER, json.dumps({"v": 1, "events": events}, indent=1, ensure_ascii=False))

    def write_card(self, name: str, text: str) -> None:
        """Write an entry's model card."""
        self._write(f"{name}/{CARD}", text)

    def add(self, folder: str, name: str) -> None:
        """Copy a training's folder in as an entry, without checkpoints; `run.json` goes last.

        Raises:
            DatasetError: There is an entry of that name, the folder has no `run.json`, or it cannot be copied.
        """
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise DatasetError(f"cannot call an adapter {name!r}: expected letters, digits, '.', '_' and '-'")
        if self._files.exists(f"{self._root}/{name}/{RUN}"):
            raise DatasetError(f"{self.path} has an adapter {name!r} already; choose another name")
        load_run(folder)
        try:
            _copy_files(folder, f"{self.path}/{name}")
        except OSError as error:
            raise DatasetError(f"cannot copy {folder} to {self.path}/{name}: {error}; call again to go on") from error

    def fetch(self, entry: Entry, folder: Path) -> Entry:
        """The entry in a local folder, which a model can be loaded from: copied, unless the registry is local.

        Raises:
            DatasetError: It cannot be copied.
        """
        if "file" in self._files.protocol:
            return entry
        here = folder / entry.name
        try:
            _copy_files(entry.path, str(here))
        except OSError as error:
            raise DatasetError(f"cannot copy {entry.path} to {here}: {error}") from error
        return replace(entry, path=str(here))

    def _write(self, name: str, text: str) -> None:
        target = f"{self._root}/{name}"
        try:
            self._files.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
            self._files.pipe_file(f"{target}.part", text.encode())
            self._files.mv(f"{target}.part", target)
        except OSError as error:
            raise DatasetError(f"cannot write {self.path}/{name}: {error}") from error


_EVENTS: TypeAdapter[list[Event]] = TypeAdapter(list[Event])


def _copy_files(folder: str, copy: str) -> None:
    """Copy an adapter's files; `run.json`, by which others know it, goes last."""
    source, root = fsspec.core.url_to_fs(folder)
    target, base = fsspec.core.url_to_fs(copy)
    found = [str(file)[len(root) :].lstrip("/") for file in source.find(root)]
    kept = [file for file in found if not _NOT_KEPT.search(file)]
    for file in sorted(kept, key=lambda file: (file == RUN, file)):
        target.makedirs(f"{base}/{file}".rsplit("/", 1)[0], exist_ok=True)
        with source.open(f"{root}/{file}", "rb") as reader, target.open(f"{base}/{file}", "wb") as writer:
            while chunk := reader.read(_CHUNK_BYTES):
                writer.write(chunk)


def load_run(folder: str) -> Run:
    """What a training has noted about itself.

    Raises:
        DatasetError: There is no `run.json`, or it is none.
    """
    try:
        with fsspec.open(f"{folder}/{RUN}", "rb") as file:
            return Run.model_validate_json(file.read())
    except OSError as error:
        raise DatasetError(f"{folder} has no readable {RUN}: {error}; expected a training's folder") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DatasetError(f"{folder}/{RUN} is no record of a training: {place}: {first['msg']}") from error


def _evaluation(folder: str) -> Evaluation | None:
    files, root = fsspec.core.url_to_fs(folder)
    return load_evaluation(f"{folder}/{EVALUATION}") if files.exists(f"{root}/{EVALUATION}") else None
