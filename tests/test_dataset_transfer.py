import inspect
import json
from pathlib import Path

import datasets
import fsspec
import pytest
from dataset_rows import foreign_rows, log_line, write_log

from magenta_qa.finetune.dataset import list_versions, load_rows, stream_rows
from magenta_qa.finetune.dataset_build import build_dataset
from magenta_qa.finetune.dataset_transfer import pull_dataset, push_dataset
from magenta_qa.model.errors import DatasetError

SHARED = "memory://shared/shop"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    datasets.disable_progress_bars()
    files = fsspec.filesystem("memory")
    if files.exists("/shared"):
        files.rm("/shared", recursive=True)


def built(count, out="data"):
    home = Path("home")
    write_log(home, [log_line(home, number) for number in range(count)])
    return build_dataset([str(home)], out, at="now").path


def test_version_goes_there_and_back():
    built(20)
    built(30)
    assert push_dataset("data/v1", SHARED) == f"{SHARED}/v1"
    assert push_dataset("data", SHARED) == f"{SHARED}/v2"
    assert [row.external_id for row in stream_rows(SHARED, "test")] == [
        r.external_id for r in load_rows("data", "test")
    ]
    assert pull_dataset(f"{SHARED}/v1", "copy") == "copy/v1"
    assert pull_dataset(SHARED, "copy") == "copy/v2"
    assert list(load_rows("copy", "train")) == list(load_rows("data", "train"))
    # Another build goes on from what was pulled.
    assert build_dataset(["home"], "copy", at="now").is_new is False


def test_copy_that_was_cut_off_is_gone_on_with():
    built(20)
    push_dataset("data", SHARED)
    files = fsspec.filesystem("memory")
    files.rm("/shared/shop/v1/dataset.json")
    (kept,) = files.glob("/shared/shop/v1/data/train-*")
    files.pipe(kept, files.cat(kept)[:100])
    assert list_versions(SHARED) == []
    push_dataset("data", SHARED)
    assert list(stream_rows(SHARED, "train")) == list(load_rows("data", "train"))


def test_another_version_of_the_same_name_is_not_overwritten():
    push_dataset(built(20), SHARED)
    built(10, "other")
    with pytest.raises(DatasetError, match="is there already and has other rows"):
        push_dataset("other", SHARED)


def test_somebody_elses_dataset_is_not_pushed():
    datasets.Dataset.from_dict(foreign_rows(1)).to_parquet("others/train.parquet")
    with pytest.raises(DatasetError, match="only datasets that 'magenta dataset build' made are copied"):
        push_dataset("others", SHARED)


class Hub:
    """Writes down what it is asked for, as far as `huggingface_hub.HfApi` takes it."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        import huggingface_hub

        def call(*args, **kwargs):
            inspect.signature(getattr(huggingface_hub.HfApi, name)).bind(self, *args, **kwargs)
            self.calls.append((name, args, kwargs))

        return call


def test_push_to_the_hub_commits_the_version_with_a_tag():
    built(20)
    hub = Hub()
    assert push_dataset("data", "hf://datasets/team/shop", hub=hub) == "hf://datasets/team/shop@v1"
    assert [name for name, _, _ in hub.calls] == ["create_repo", "upload_folder", "create_tag"]
    assert hub.calls[0][2]["private"] is True
    assert hub.calls[1][2]["folder_path"] == "data/v1"
    assert hub.calls[2][2]["tag"] == "v1"
    assert json.loads(Path("data/v1/dataset.json").read_text())["version"] == "v1"
