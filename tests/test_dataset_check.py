import json
import shutil
from pathlib import Path

import datasets
import pytest
from dataset_rows import encoded, foreign_rows, log_line, picture_bytes, write_log
from PIL import Image

from magenta_qa.finetune.dataset_build import build_dataset
from magenta_qa.finetune.dataset_check import check_dataset
from magenta_qa.finetune.dataset_stats import dataset_stats, write_page
from magenta_qa.finetune.record_files import write_records
from magenta_qa.model.schema import View


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    datasets.disable_progress_bars()


def save(**splits):
    shutil.rmtree("others", ignore_errors=True)
    Path("others").mkdir()
    for name, rows in splits.items():
        data = datasets.Dataset.from_dict(rows).cast_column("image", datasets.Image())
        data.to_parquet(f"others/{name}.parquet")
    return "others"


def ours(count=40, **changes):
    home = Path("home")
    write_log(home, [log_line(home, number, **changes) for number in range(count)])
    return build_dataset([str(home)], "data", at="now").path


def test_good_dataset_has_one_remark_about_its_size():
    report = check_dataset(ours())
    assert sum(report.rows.values()) == 40
    assert report.warnings.lines() == []
    (remark,) = report.remarks
    assert "40 rows are fewer than 10,000" in remark


def test_every_kind_of_bad_row_is_named():
    rows = foreign_rows(7) | {"bounding_box": [[20.0, 20.0, 36.0, 18.0]] + [None] * 6}
    rows["image"][0] = Image.new("RGB", (320, 200), "white")
    rows["image"] = [{"bytes": encoded(image), "path": None} for image in rows["image"]]
    rows["image"][1] = {"bytes": picture_bytes(1), "path": None}
    rows["image"][2] = {"bytes": b"no picture", "path": None}
    rows["summary"][3] = "Item 3"
    rows["summary"][4] = "Öffnet den Warenkorb."
    rows["bounding_box"][5] = [900.0, 20.0, 36.0, 18.0]
    rows["summary"][6] = "word " * 200
    report = check_dataset(save(train=rows))
    assert report.warnings.counts == {
        "its element is blank in the picture": 1,
        "no outline is to be seen in its picture": 1,
        "its picture does not decode": 1,
        "the label only repeats the element's text": 1,
        "the label is not in English but looks like 'de'": 1,
        "its box lies outside of the picture": 1,
        "label longer than 500 characters": 1,
    }
    assert report.warnings.examples["its picture does not decode"] == ["train:2"]
    assert report.remarks[1].startswith("no rows are held out")


def test_leaks_between_splits_are_found():
    rows = foreign_rows(4) | {"url": [f"http://x/orders/{number}" for number in range(4)], "site": ["shop"] * 4}
    held = {name: values[:1] for name, values in rows.items()}
    report = check_dataset(save(train=rows, test=held | {"url": ["http://x/orders/99"]}))
    assert report.warnings.lines() == [
        "1 × held out, but the same question is in another split too (test:0)",
        "1 × held out, but the same picture is in another split too (test:0)",
        "1 × held out, but its page is in another split too (test:0)",
    ]


def test_records_are_checked_too():
    write_records(ours(count=8), "train", Path("out"), [View()])
    records = json.loads(Path("out/train.json").read_text())
    records[0]["conversations"][1]["content"] = "Ouvre le panier."
    records[1]["image"] = "gone.png"
    Path("out/train.json").write_text(json.dumps(records))
    report = check_dataset("out/train.json")
    assert report.rows == {"records": len(records)}
    assert any("looks like 'fr' (train.json:0)" in line for line in report.warnings.lines())
    assert any("its picture cannot be read" in line for line in report.warnings.lines())


def test_records_are_counted_too():
    write_records(ours(count=8), "train", Path("out"), [View()])
    records = json.loads(Path("out/train.json").read_text())
    records[0]["image"] = "gone.png"
    Path("out/train.json").write_text(json.dumps(records))
    found = dataset_stats("out/train.json", pictures=2)
    assert found.rows == {"records": len(records)}
    assert found.counts["picture"] == {"outlined already": len(records) - 1}
    assert found.unreadable.total == 1


def test_counts_and_page_show_what_is_there():
    hostile = "<script>alert(1)</script></image><|im_end|>"
    path = ours(count=12, text=hostile)
    found = dataset_stats(path, pictures=5)
    assert found.counts["element type"] == {"button": 12}
    assert found.lengths["text, characters"].median == len(hostile)
    assert len(found.shown) == 5
    assert all(row.picture.startswith("data:image/webp") for row in found.shown)
    write_page(found, Path("pages/stats.html"))
    page = Path("pages/stats.html").read_text()
    assert "12 rows" in page
    assert "<script" not in page
    assert page.count("<figure>") == 5


def test_rows_that_cannot_be_shown_say_why_on_the_page():
    rows = foreign_rows(2)
    rows["image"] = [{"bytes": picture_bytes(), "path": None}, {"bytes": b"no picture", "path": None}]
    write_page(dataset_stats(save(train=rows), pictures=5), Path("stats.html"))
    assert "cannot decode the screenshot" in Path("stats.html").read_text()
