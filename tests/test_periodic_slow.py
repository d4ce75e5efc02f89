"""The periodic job with a real, tiny training and evaluation."""

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

import datasets
from adapter_entries import run_record
from dataset_rows import log_line, write_log

from magenta_qa.finetune.adapters import Registry
from magenta_qa.finetune.periodic import Job, run_job
from magenta_qa.finetune.periodic_steps import RealSteps
from magenta_qa.model.minicpmv.random_models import write_checkpoint

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def test_job_trains_evaluates_and_explains(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    base = write_checkpoint("MiniCPM-V-4.6", tmp_path / "base")
    write_log(Path(".magenta"), [log_line(Path(".magenta"), number) for number in range(110)])
    flags = "--max_steps 2 --per_device_train_batch_size 2 --lora_r 4 --report_to none --save_steps 2"
    job = Job((".magenta",), "data", "adapters", str(base), without_golden=True, flags=flags)
    said = []
    outcome = run_job(job, "2026-11-23T02:00:00Z", said.append, RealSteps(devices=1))
    assert outcome.new == 110
    assert outcome.state == "not promoted", "two steps make a random model no better on unseen pages"
    entry = Registry("adapters").entry(outcome.name)
    assert set(run_record()) <= set(json.loads(Path("adapters/v1/run.json").read_text()))
    assert entry.run.data.version == "v1"
    assert entry.evaluation.systems["model"].spec == f"local:{base}+runs/v1"
    assert entry.evaluation.data.split_rule == "page"
    assert entry.evaluation.systems["model"].identity != entry.evaluation.systems["base"].identity
    assert Path("adapters/v1/README.md").read_text().startswith("---\nbase_model:")
    assert not list(Path("adapters/v1").glob("checkpoint-*"))
    assert run_job(job, "2026-11-23T03:00:00Z", said.append, RealSteps(devices=1)).state == "too few"
