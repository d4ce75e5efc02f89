import json
import shutil
import subprocess
import sys
from pathlib import Path

import datasets
import pytest
from dataset_rows import foreign_rows, log_line, picture_bytes, write_log
from PIL import Image

from magenta_qa.finetune import record_files
from magenta_qa.finetune.dataset_build import build_dataset
from magenta_qa.finetune.examples import load_examples
from magenta_qa.finetune.record_files import write_records
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.outline import MAGENTA
from magenta_qa.model.schema import View

PREPARE = Path(__file__).parent / "recipe" / "prepare.py"
"""The original recipe's script, as it is."""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    datasets.disable_progress_bars()


def save(rows):
    shutil.rmtree("others", ignore_errors=True)
    Path("others").mkdir()
    datasets.Dataset.from_dict(rows).cast_column("image", datasets.Image()).to_parquet("others/train.parquet")
    return "others"


def built(count, **changes):
    home = Path("home")
    write_log(home, [log_line(home, number, **changes) for number in range(count)])
    return build_dataset([str(home)], "data", at="now").path


def test_records_are_those_of_the_recipes_script(capsys):
    path = save(foreign_rows(4))
    Path("dataset/images").mkdir(parents=True)
    script = PREPARE.read_text().replace('"your-username/name-of-your-dataset"', repr(path))
    exec(compile(script, "prepare.py", "exec"), {})
    theirs = Path("dataset/train.json").read_bytes()
    pictures = {p.name: Image.open(p).convert("RGB").tobytes() for p in Path("dataset/images").iterdir()}
    shutil.rmtree("dataset")
    assert write_records(path, "train", Path("dataset"), [View()]).records == 4
    assert Path("dataset/train.json").read_bytes() == theirs
    assert {p.name: Image.open(p).tobytes() for p in Path("dataset/images").iterdir()} == pictures
    assert sorted(p.name for p in Path("dataset").iterdir()) == ["images", "train.json"]


def test_records_of_our_rows_are_outlined_and_train_as_the_rows_do():
    path = built(8)
    write_records(path, "train", Path("out"), [View("crop", crop_px=100)])
    ours = list(load_examples(path, "train", View("crop", crop_px=100)))
    read = list(load_examples("out/train.json", "train", View()))
    assert [(example.id, example.turns) for example in read] == [(example.id, example.turns) for example in ours]
    for one, other in zip(read, ours, strict=True):
        picture = one.open_images()["<image>"]
        assert picture.tobytes() == other.open_images()["<image>"].tobytes()
        assert MAGENTA in picture.get_flattened_data()


def test_several_views_make_records_of_several_pictures():
    write_records(built(3), "train", Path("out"), [View("crop"), View("page")])
    record = json.loads(Path("out/train.json").read_text())[0]
    assert record["image"] == {
        "<image_00>": f"out/images/image_{record['id']}_crop.png",
        "<image_01>": f"out/images/image_{record['id']}_page.png",
    }
    assert record["conversations"][0]["content"].startswith("<image_00>\n<image_01>\nIn a short sentence,")
    example = load_examples("out/train.json", "train", View())[0]
    assert list(example.open_images()) == ["<image_00>", "<image_01>"]


def test_killed_run_goes_on_where_it_stood(monkeypatch):
    path = save(foreign_rows(9))
    write_records(path, "train", Path("whole"), [View()])
    written = []
    save_picture = record_files._save

    def dies_at_the_fifth(image, target):
        if len(written) == 4:
            raise KeyboardInterrupt
        written.append(target.name)
        save_picture(image, target)

    monkeypatch.setattr(record_files, "_save", dies_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        write_records(path, "train", Path("part"), [View()])
    part = Path("part/.train.part.jsonl")
    part.write_bytes(part.read_bytes() + b'{"id": "to')
    monkeypatch.setattr(record_files, "_save", lambda image, target: written.append(target.name))
    written.clear()
    write_records(path, "train", Path("part"), [View()])
    assert len(written) == 5
    assert json.loads(Path("part/train.json").read_text()) == json.loads(
        Path("whole/train.json").read_text().replace("whole/", "part/")
    )
    assert not part.exists()


def test_run_with_other_settings_begins_anew(monkeypatch):
    path = save(foreign_rows(3))
    Path("out").mkdir()
    Path("out/.train.part.jsonl").write_text('{"dataset": "another"}\n{"id": "1", "problem": "x", "name": "y"}\n')
    assert write_records(path, "train", Path("out"), [View()]).records == 3


def test_rows_that_cannot_be_used_are_named_and_not_replaced():
    rows = foreign_rows(3)
    rows["summary"][1] = "  "
    rows["image"] = [{"bytes": picture_bytes(number), "path": None} for number in range(3)]
    rows["image"][2]["bytes"] = b"no picture"
    written = write_records(save(rows), "train", Path("out"), [View()])
    assert written.records == 1
    assert written.left_out.lines() == [
        "1 × no label (train:1 (id ext1))",
        "1 × its picture does not decode (train:2 (id ext2))",
    ]
    assert [record["id"] for record in json.loads(Path("out/train.json").read_text())] == ["ext0"]


def test_ids_given_twice_or_unfit_for_a_file_name_overwrite_nothing():
    rows = foreign_rows(4)
    rows["external_id"] = ["a", "a", "../../b", "x" * 300]
    write_records(save(rows), "train", Path("out"), [View()])
    records = json.loads(Path("out/train.json").read_text())
    assert [record["id"] for record in records][:3] == ["a", "a-train:1", "../../b"]
    paths = {Path(record["image"]) for record in records}
    assert len(paths) == 4
    assert all(path.parent == Path("out/images") and path.exists() for path in paths)


def test_split_without_a_usable_row_is_an_error():
    rows = foreign_rows(1)
    rows["summary"] = [""]
    with pytest.raises(DatasetError, match="no row can be used: 1 × no label"):
        write_records(save(rows), "train", Path("out"), [View()])


def test_labels_that_a_model_wrote_are_not_trained_on():
    path = save(foreign_rows(2) | {"summary_source": ["person", "model"]})
    with pytest.raises(DatasetError, match=r"1 labels are not to be trusted \(summary_source model\)"):
        load_examples(path, "train", View())
    assert write_records(path, "train", Path("out"), [View()]).records == 1


FULL = """
import resource, signal
from pathlib import Path
from magenta_qa.finetune.record_files import write_records
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.schema import View
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    write_records("others", "train", Path("out"), [View()])
except DatasetError as error:
    print(error)
print(len(Path("out/.train.part.jsonl").read_bytes().splitlines()))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(write_records("others", "train", Path("out"), [View()]).records)
"""


def test_disk_that_is_full_loses_nothing(tmp_path):
    save(foreign_rows(60))
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, timeout=180, cwd=tmp_path)
    assert done.stderr == ""
    said, lines, records = done.stdout.splitlines()
    assert "cannot write records to out" in said
    assert "run again to go on where it stood" in said
    assert 30 < int(lines) < 60
    assert records == "60"
