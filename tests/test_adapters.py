import json
from pathlib import Path

import fsspec
import pytest
from adapter_entries import evaluation, run_record, write_entry
from click.testing import CliRunner

from magenta_qa.finetune.adapter_card import adapter_card
from magenta_qa.finetune.adapters import Registry
from magenta_qa.finetune.cli import adapters
from magenta_qa.finetune.lock import locked
from magenta_qa.finetune.promotion import judge
from magenta_qa.model.errors import ConfigError, DatasetError

BETTER = [0.5, 0.2, 0.4]
WORSE = [-0.5, -0.2, -0.4]
UNSURE = [0.5, -0.45, 0.0, 0.02, -0.1]


@pytest.fixture(params=["local", "remote"])
def registry(request, tmp_path):
    files = fsspec.filesystem("memory")
    if files.exists("/team"):
        files.rm("/team", recursive=True)
    return Registry(str(tmp_path / "adapters") if request.param == "local" else "memory://team/adapters")


def run(*arguments):
    result = CliRunner().invoke(adapters, list(arguments), standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value, result.output


def entry(tmp_path, found=None, golden=None, number=1, **changes):
    folder = write_entry(tmp_path / f"runs/{number}", run_record(number, **changes), found, golden)
    registry = Registry(str(tmp_path / "judged"))
    registry.add(str(folder), f"a{number}")
    return registry.entry(f"a{number}")


def test_added_adapter_has_card_and_evaluations_but_no_checkpoints(registry, tmp_path):
    folder = write_entry(tmp_path / "runs/7", run_record(), evaluation(BETTER), evaluation(BETTER))
    code, said = run("add", registry.path, str(folder), "--name", "first")
    assert (code, said) == (0, f"{registry.path}/first\n")
    found = registry.entry("first")
    assert found.evaluation is not None
    assert found.golden is not None
    files, root = fsspec.core.url_to_fs(f"{registry.path}/first")
    names = {name[len(root) + 1 :] for name in files.find(root)}
    assert names == {
        *("adapter_config.json", "adapter_model.safetensors", "run.json", "evaluation.json", "README.md"),
        "golden/evaluation.json",
    }
    with pytest.raises(DatasetError, match="has an adapter 'first' already"):
        registry.add(str(folder), "first")


def test_better_adapter_is_promoted_and_rolled_back(registry, tmp_path):
    for number, base in ((1, "openbmb"), (2, "m1"), (3, "m2")):
        found = evaluation(BETTER, model=f"m{number}", base=base)
        registry.add(str(write_entry(tmp_path / f"runs/{number}", run_record(number), found, found)), f"a{number}")
        code, said = run("promote", registry.path, f"a{number}")
        assert code == 0
        assert f"a{number} is in use now: CIDEr-D +0.367 (" in said
        assert registry.promoted().name == f"a{number}"
    assert "▶  a3" in run("list", registry.path)[1]
    assert run("rollback", registry.path) == (0, "in use: a2\n")
    assert run("rollback", registry.path) == (0, "in use: a1\n")
    assert run("rollback", registry.path)[1].startswith("in use: the base model")
    assert run("rollback", registry.path)[0] == 1
    assert [event.action for event in registry.events()] == ["promote"] * 3 + ["rollback"] * 3


def test_adapter_that_is_not_promoted_says_why_and_changes_nothing(registry, tmp_path):
    registry.add(str(write_entry(tmp_path / "runs/1", run_record(), evaluation(UNSURE))), "a1")
    code, said = run("promote", registry.path, "a1")
    assert code == 1
    assert "a1 is not promoted:\n  not surely better: CIDEr-D" in said
    assert "--without-golden promotes nevertheless" in said
    assert registry.promoted() is None


@pytest.mark.parametrize(
    ("found", "golden", "changes", "said"),
    [
        (evaluation(BETTER), None, {}, "was not evaluated on a golden set"),
        (
            None,
            evaluation(BETTER),
            {},
            "it was not evaluated: magenta evaluate data/shop --understanding local:openbmb",
        ),
        (evaluation(UNSURE), evaluation(BETTER), {}, "not surely better: CIDEr-D"),
        (evaluation(WORSE), evaluation(BETTER), {}, "not surely better: CIDEr-D"),
        (evaluation([0.0]), evaluation(BETTER), {}, "not surely better: CIDEr-D"),
        (evaluation(BETTER), evaluation(WORSE), {}, "surely worse on the golden set: CIDEr-D -0.367"),
        (evaluation(BETTER, pages=3), evaluation(BETTER), {}, "3 held-out pages are too few to tell"),
        (evaluation(BETTER, split="train"), evaluation(BETTER), {}, "used the split 'train'"),
        (evaluation(BETTER), evaluation(BETTER), {"status": "stopped", "step": 7}, "stopped at step 7 of 120"),
        (
            evaluation(BETTER),
            evaluation(BETTER),
            {"data": {"path": "data/shop", "version": "v1", "split_by": "site"}},
            "used rows split by page, its training rows split by site",
        ),
    ],
    ids=[
        "no-golden",
        "no-evaluation",
        "unsure",
        "worse",
        "equal",
        "golden-worse",
        "few-pages",
        "train-split",
        "stopped",
        "other-rule",
    ],
)
def test_what_speaks_against_is_said(tmp_path, found, golden, changes, said):
    judgement = judge(entry(tmp_path, found, golden, **changes), None)
    assert len(judgement.reasons) == 1
    assert said in judgement.reasons[0]


def test_golden_set_may_be_left_out_explicitly_and_may_be_undecided(tmp_path):
    assert judge(entry(tmp_path, evaluation(BETTER)), None, without_golden=True).may_promote
    assert judge(entry(tmp_path, evaluation(BETTER), evaluation(UNSURE), number=2), None).may_promote


def test_adapter_that_was_compared_with_something_else_than_what_is_in_use_is_not_promoted(tmp_path):
    first = entry(tmp_path, evaluation(BETTER, model="m1"), evaluation(BETTER, model="m1"))
    second = entry(tmp_path, evaluation(BETTER, base="openbmb"), evaluation(BETTER, base="m1"), number=2)
    (reason,) = judge(second, first).reasons
    assert reason == "its evaluation compares it with local:openbmb, not with a1, which is in use"


def test_card_says_where_the_adapter_comes_from_and_how_good_it_is(tmp_path):
    card = adapter_card(entry(tmp_path, evaluation(BETTER), evaluation(WORSE)))
    assert card.startswith("---\nbase_model: openbmb/MiniCPM-V-4.6\nlibrary_name: peft\n")
    assert "| data | data/shop v1, 12,000 rows, split by page |" in card
    assert "| hardware | 8 × NVIDIA H100 80GB HBM3 |" in card
    assert "| text button | 36 | 1.367 (" in card
    assert "### On the golden set" in card


@pytest.mark.parametrize("content", ["no json", '{"v": 1}'], ids=["no json", "no record"])
def test_folder_that_is_no_training_is_not_added(registry, tmp_path, content):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(DatasetError, match=r"run\.json is no record of a training"):
        registry.add(str(tmp_path), "a1")
    with pytest.raises(DatasetError, match="has no adapter 'a1'"):
        registry.entry("a1")


def test_second_one_at_work_is_refused(registry):
    with (
        locked(registry.path, "fine-tune", "2026-11-23T00:00:00Z"),
        pytest.raises(ConfigError, match="another fine-tune is at work"),
        locked(registry.path, "fine-tune", "2026-11-23T00:00:01Z"),
    ):
        pass
    with locked(registry.path, "fine-tune", "2026-11-23T00:00:02Z"):
        pass


def test_list_of_a_registry_that_is_not_there_yet_is_empty(tmp_path):
    assert "no adapter is promoted" in run("list", str(tmp_path / "none"))[1]


def test_pointer_that_cannot_be_read_is_an_error_not_the_base_model(tmp_path):
    (tmp_path / "promoted.json").write_text(json.dumps({"v": 1}))
    with pytest.raises(DatasetError, match=r"promoted\.json"):
        Registry(str(tmp_path)).promoted()
    assert Path(tmp_path / "promoted.json").exists()
