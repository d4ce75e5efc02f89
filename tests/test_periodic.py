from dataclasses import replace
from pathlib import Path

import datasets
import fsspec
import pytest
from adapter_entries import evaluation, run_record, write_entry
from dataset_rows import log_line, write_log

from magenta_qa.finetune.adapters import Registry
from magenta_qa.finetune.dataset import list_versions
from magenta_qa.finetune.dataset_build import build_dataset
from magenta_qa.finetune.evaluation import save_evaluation
from magenta_qa.finetune.lock import locked
from magenta_qa.finetune.periodic import Job, run_job
from magenta_qa.model.errors import ConfigError, TrainingError

AT = "2026-11-23T02:00:00Z"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    datasets.disable_progress_bars()
    log_labels("golden-log", 900, 905)
    build_dataset(["golden-log"], "golden", at=AT)


JOB = Job((".magenta",), "data", "adapters", "openbmb/MiniCPM-V-4.6", golden="golden")


class Steps:
    """Trains and evaluates in no time, with the results that a test wants."""

    def __init__(self, gain=0.4, fails=False):
        self.gain, self.fails, self.trained, self.evaluated = gain, fails, [], []

    def train(self, arguments):
        self.trained.append(arguments)
        flags = dict(zip(arguments[::2], arguments[1::2], strict=True))
        folder, version = Path(flags["--output_dir"]), flags["--data_path"].rsplit("/", 1)[-1]
        data = {"path": flags["--data_path"], "version": version, "split_by": "page"}
        started = f"2026-11-{len(list_versions('data')):02}T02:00:00Z"
        record = run_record(data=data, started_at=started, settings={"view": "both", "max_slice_nums": 4})
        write_entry(folder, record | {"status": "stopped" if self.fails else "done"})
        if self.fails:
            raise TrainingError("the training ended with exit code 1")

    def evaluate(self, rows, data, model, base, view, out):
        self.evaluated.append((None if rows is None else len(rows), data, model, base, view.name))
        out.mkdir(exist_ok=True)
        # An identity is a hash of the weights, wherever they lie.
        names = {"model": Path(model).name, "base": Path(base).name}
        save_evaluation(evaluation([self.gain, self.gain / 2], **names), str(out / "evaluation.json"))


def log_labels(home, start, end):
    write_log(Path(home), [log_line(Path(home), number) for number in range(start, end)])


def run(steps, job=JOB):
    said = []
    return run_job(job, AT, said.append, steps), said


def test_too_few_new_labels_are_said_and_nothing_is_built_or_trained():
    log_labels(".magenta", 0, 99)
    steps = Steps()
    outcome, said = run(steps)
    assert (outcome.state, outcome.new) == ("too few", 99)
    assert said == ["99 new labelled interactions (nothing was trained yet); 100 are needed: nothing was trained"]
    assert not steps.trained
    assert not Path("data").exists()


@pytest.mark.parametrize("registry", [pytest.param("adapters", marks=pytest.mark.slow), "memory://team/adapters"])
def test_job_goes_from_new_labels_to_a_promoted_adapter_and_the_next_is_compared_with_it(registry):
    if fsspec.filesystem("memory").exists("/team"):
        fsspec.filesystem("memory").rm("/team", recursive=True)
    job = replace(JOB, registry=registry, flags="--num_train_epochs 1 --view both")
    log_labels(".magenta", 0, 120)
    steps = Steps()
    assert run(steps, job)[0].state == "promoted"
    assert steps.trained[0][-4:] == ["--num_train_epochs", "1", "--view", "both"]
    model, base = "local:openbmb/MiniCPM-V-4.6+runs/v1", "local:openbmb/MiniCPM-V-4.6"
    assert steps.evaluated == [(None, "data/v1", model, base, "both"), (5, "golden", model, base, "both")]

    log_labels(".magenta", 0, 130)
    assert run(Steps(), job)[0].new == 10

    log_labels(".magenta", 0, 240)
    steps = Steps(gain=-0.3)
    outcome, said = run(steps, job)
    assert said[0] == "120 new labelled interactions since v1"
    assert outcome.state == "not promoted"
    assert any("not surely better" in reason for reason in outcome.judgement.reasons)
    assert steps.evaluated[0][3].endswith("/v1")
    assert [entry.name for entry in Registry(registry).entries()] == ["v1", "v2"]
    assert Registry(registry).promoted().name == "v1"
    assert run(Steps(), job)[0].state == "too few"


def test_job_that_broke_off_goes_on_where_it_stood():
    log_labels(".magenta", 0, 120)
    with pytest.raises(TrainingError):
        run(Steps(fails=True))
    steps = Steps()
    outcome, said = run(steps)
    assert outcome.state == "promoted"
    assert list_versions("data") == ["v1"]
    assert "as it was built before" in said[1]
    assert steps.trained[0][5] == "runs/v1"


def test_training_that_is_done_is_not_repeated_when_its_evaluation_broke_off(monkeypatch):
    log_labels(".magenta", 0, 120)
    broken = Steps()
    monkeypatch.setattr(broken, "evaluate", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run(broken)
    steps = Steps()
    assert run(steps)[0].state == "promoted"
    assert not steps.trained


def test_golden_rows_among_the_training_rows_stop_the_job():
    log_labels(".magenta", 0, 120)
    build_dataset([".magenta"], "leaky", at=AT)
    with pytest.raises(ConfigError, match="rows of the golden set leaky are trained on, such as id"):
        run(Steps(), replace(JOB, golden="leaky"))


def test_since_a_version_or_nothing_counts_from_there():
    log_labels(".magenta", 0, 120)
    run(Steps())
    assert run(Steps(), replace(JOB, since="v1"))[0].new == 0
    assert run(Steps(), replace(JOB, since="nothing"))[0].name == "v1-2"
    with pytest.raises(ConfigError, match="--since v9: data has no such version"):
        run(Steps(), replace(JOB, since="v9"))


def test_second_job_at_the_same_time_is_refused():
    log_labels(".magenta", 0, 120)
    with locked("adapters", "fine-tune", AT), pytest.raises(ConfigError, match="another fine-tune is at work"):
        run(Steps())
