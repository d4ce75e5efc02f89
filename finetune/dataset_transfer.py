"""Copies a version of a dataset to where a team shares it, and back.

    push_dataset("data/shop", "s3://team/data/shop")                 # -> "s3://team/data/shop/v4"
    push_dataset("data/shop", "hf://datasets/team/shop")             # the Hub: a commit with the tag v4
    pull_dataset("s3://team/data/shop", "data/shop")                 # -> "data/shop/v4", the newest version
    pull_dataset("hf://datasets/team/shop@v3", "data/shop")

Files that are there already are not copied again, and `dataset.json` goes last: a copy that was cut off is gone on with
by calling again, and until then nobody takes it for a version.
"""

import json
from typing import Any, Protocol

import fsspec

from magenta_qa.finetune.dataset import FACTS, find_source
from magenta_qa.finetune.progress import OnProgress
from magenta_qa.model.errors import DatasetError

HUB = "hf://datasets/"
_CHUNK_BYTES = 8 << 20


class HubApi(Protocol):
    """What is used of `huggingface_hub.HfApi`."""

    def create_repo(self, repo_id: str, *, repo_type: str, private: bool, exist_ok: bool) -> object:
        """Make the repository, unless it is there."""
        ...

    def upload_folder(
        self, *, repo_id: str, repo_type: str, folder_path: str, commit_message: str, delete_patterns: str
    ) -> object:
        """Commit a folder's files; those that are there already are not sent again."""
        ...

    def create_tag(self, repo_id: str, *, tag: str, repo_type: str, exist_ok: bool) -> object:
        """Give the newest commit a name."""
        ...


def push_dataset(path: str, target: str, *, hub: HubApi | None = None, progress: OnProgress | None = None) -> str:
    """Copy a version to another place; returns where it lies there.

    Args:
        path: A dataset of ours (its newest version is taken) or one of its versions.
        target: Folder or fsspec URL of the dataset there; `hf://datasets/OWNER/NAME` for the Hub, private if it is new.
        hub: The Hub's client; its own, with the token that `hf auth login` has stored, by default.
        progress: Told after each file.

    Raises:
        DatasetError: It is none of ours, the other place has another version of that name, or cannot be written to.
    """
    folder, facts = _version(path)
    if target.startswith(HUB):
        return _push_to_hub(folder, facts, target, hub or _hub())
    there = f"{target.rstrip('/')}/{facts['version']}"
    _copy(folder, there, facts, progress)
    return there


def pull_dataset(source: str, out: str, *, progress: OnProgress | None = None) -> str:
    """Copy a version from another place; returns where it lies here.

    Args:
        source: What `push_dataset` wrote to, or a version in it.
        out: Folder or fsspec URL of the dataset here.
        progress: Told after each file.

    Raises:
        DatasetError: There is none of our datasets, or it cannot be written here.
    """
    folder, facts = _version(source)
    here = f"{out.rstrip('/')}/{facts['version']}"
    _copy(folder, here, facts, progress)
    return here


def _version(path: str) -> tuple[str, dict[str, Any]]:
    """The version's folder and what its `dataset.json` says."""
    folder = find_source(path).path
    facts = _facts(folder)
    if facts is None:
        raise DatasetError(f"{folder} has no {FACTS}: only datasets that 'magenta dataset build' made are copied")
    return folder, facts


def _facts(folder: str) -> dict[str, Any] | None:
    try:
        with fsspec.open(f"{folder}/{FACTS}", "rt", encoding="utf-8") as file:
            facts: dict[str, Any] = json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DatasetError(f"cannot read {folder}/{FACTS}: {error}") from error
    return facts


def _copy(folder: str, there: str, facts: dict[str, Any], progress: OnProgress | None) -> None:
    earlier = _facts(there)
    if earlier is not None and earlier["digest"] != facts["digest"]:
        raise DatasetError(
            f"{there} is there already and has other rows (built {earlier['created']}); choose another dataset's name"
        )
    try:
        source, root = fsspec.core.url_to_fs(folder)
        target, base = fsspec.core.url_to_fs(there)
        names = sorted(source.find(root), key=lambda name: (name.endswith(f"/{FACTS}"), name))
        for number, name in enumerate(names, 1):
            _copy_file(source, name, target, base + name[len(root) :])
            if progress:
                progress("copying", number, len(names))
    except (OSError, ImportError, ValueError) as error:
        raise DatasetError(f"cannot copy {folder} to {there}: {error}; call again to go on") from error


def _copy_file(source: Any, name: str, target: Any, copy: str) -> None:  # noqa: ANN401 - fsspec is not looked into
    if target.exists(copy) and target.size(copy) == source.size(name):
        return
    target.makedirs(copy.rsplit("/", 1)[0], exist_ok=True)
    with source.open(name, "rb") as reader, target.open(copy, "wb") as writer:
        while chunk := reader.read(_CHUNK_BYTES):
            writer.write(chunk)


def _push_to_hub(folder: str, facts: dict[str, Any], target: str, hub: HubApi) -> str:
    if "://" in folder:
        raise DatasetError(f"cannot push {folder} to the Hub from there: pull it to a local folder first")
    name, version = target.removeprefix(HUB).strip("/"), str(facts["version"])
    try:
        hub.create_repo(name, repo_type="dataset", private=True, exist_ok=True)
        hub.upload_folder(
            repo_id=name,
            repo_type="dataset",
            folder_path=folder,
            commit_message=f"Add {version}",
            delete_patterns="data/*.parquet",
        )
        hub.create_tag(name, tag=version, repo_type="dataset", exist_ok=True)
    except Exception as error:  # also of whatever HTTP client huggingface_hub uses
        raise DatasetError(f"cannot push to {target}: {error}; is there a token ('hf auth login')?") from error
    return f"{HUB}{name}@{version}"


def _hub() -> HubApi:
    from huggingface_hub import HfApi

    api: HubApi = HfApi()
    return api
