"""The training side of the small model: tokenizer, checkpoint, pack, batches, and that it learns; tiny, on the CPU."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("datasets")

import numpy as np
from embedded_corpus import write_corpus

from magenta_qa.finetune.embedded.__main__ import main
from magenta_qa.finetune.embedded.checkpoint import SHIPPED, build_config
from magenta_qa.finetune.embedded.corpora import read_elements
from magenta_qa.finetune.embedded.feed import Feed
from magenta_qa.finetune.embedded.packed import load_split
from magenta_qa.finetune.embedded.plan import FAR, NEAR, Plan
from magenta_qa.finetune.embedded.screens import Screens
from magenta_qa.finetune.embedded.squares import Geometry
from magenta_qa.finetune.embedded.tokenizer import train_tokenizer
from magenta_qa.finetune.row import row_picture
from magenta_qa.model.closeup import CLOSEUP, Square, square_around
from magenta_qa.model.errors import DatasetError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    corpus, base, pack = write_corpus(folder / "corpus", screens=8), folder / "base", folder / "pack"
    write_corpus(folder / "corpus2", screens=2, split="test")
    assert main(["start", str(corpus), "--out", str(base), "--size", "tiny"]) == 0
    assert main(["pack", str(corpus), str(folder / "corpus2"), "--base", str(base), "--out", str(pack)]) == 0
    return folder


@pytest.fixture(scope="module")
def feed(made):
    split = load_split([made / "pack"], "train", made / "base")
    return Feed(split, Screens(split.sizes, split.screens, "cpu", 1), Plan(100, 8, 8), made / "base")


def test_tokenizer_writes_any_text_and_splits_digits():
    tokenizer = train_tokenizer(["Opens the cart.", "[12] button"] * 9, size=400)
    text = 'Größe 1234 → "日本" </div>\n'
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids) == text
    assert [tokenizer.decode([id]) for id in tokenizer("2026")["input_ids"]] == ["2", "0", "2", "6"]
    assert tokenizer.image_token_id == tokenizer.convert_tokens_to_ids("<|image_pad|>")


def test_shipped_size_fits_into_24_mib_of_bytes():
    import torch

    from magenta_qa.model.minicpmv.native import native_class

    tokenizer = train_tokenizer(["a"], size=300)
    config = build_config(SHIPPED, tokenizer)
    config.text_config.vocab_size = 8192
    with torch.device("meta"):
        model = native_class("minicpmv4_6")(config)
    # The window merger is not used at 4x, so it need not be shipped.
    used = sum(weight.numel() for name, weight in model.named_parameters() if "vit_merger" not in name)
    assert 20 << 20 < used < 24 << 20


def test_pictures_of_the_device_are_those_of_serving(feed, made):
    """On the one side from the packed corpus, on the other from the row's own screenshot as the run time does."""
    split = feed.split
    rows = {element.row.external_id: element.row for element in read_elements([made / "corpus"], "train")}
    elements = np.arange(24)
    squares = Geometry(split).served(elements)
    pictures = feed.screens.pictures(split.elements.screen[elements], split.elements.rect[elements], squares)
    for element, square, picture in zip(elements, squares, pictures.numpy(), strict=True):
        rect, screen = tuple(map(int, split.elements.rect[element])), split.elements.screen[element]
        expected = Square(*map(int, square))
        assert expected == square_around(rect, tuple(map(int, split.sizes[screen])))
        row = rows[split.elements.facts["id"][int(element)].as_py()]
        pixels = np.asarray(row_picture(row, CLOSEUP)).transpose(2, 0, 1)
        assert np.abs(pixels.astype(int) - picture.astype(int)).max() <= 2


def test_batch_is_the_same_again_and_learns_the_answer_only(feed):
    for number in range(3):
        batch, again = feed.batch(number), feed.batch(number)
        assert (batch["input_ids"] == again["input_ids"]).all()
        flat, labels = batch["input_ids"].flatten(), batch["labels"].flatten()
        assert (flat[batch["answer_positions"] + 1] == batch["answer_ids"]).all()
        assert (labels != -100).sum() == len(batch["answer_ids"])
        said = feed.processor.decode([token for token in batch["labels"][0].tolist() if token >= 0])
        assert said.removesuffix("<|im_end|>").endswith(" icon).")


def test_pack_of_another_tokenizer_is_refused(made, tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    with pytest.raises(DatasetError, match="was packed with tokenizer"):
        load_split([made / "pack"], "train", tmp_path)


def test_packs_are_read_one_after_the_other(made):
    one = load_split([made / "pack"], "train", made / "base")
    two = load_split([made / "pack", made / "pack"], "train", made / "base")
    count = len(one.elements)
    assert len(two.elements) == 2 * count
    assert (two.elements.screen[count:] == one.elements.screen + len(one.screens)).all()
    assert (two.elements.full.row(count + 3) == one.elements.full.row(3)).all()


def test_parts_of_a_split_hold_every_element_once_with_its_own_screen(made):
    whole = load_split([made / "pack"], "train", made / "base")
    parts = [whole.part(number, 3) for number in range(3)]
    assert sum(len(part.elements) for part in parts) == len(whole.elements)
    ids = [name for part in parts for name in part.elements.facts["id"].to_pylist()]
    assert sorted(ids) == sorted(whole.elements.facts["id"].to_pylist())
    place = {name: row for row, name in enumerate(whole.elements.facts["id"].to_pylist())}
    for part in parts:
        for row, name in enumerate(part.elements.facts["id"].to_pylist()):
            screen, expected = part.elements.screen[row], whole.elements.screen[place[name]]
            assert part.screens[screen] == whole.screens[expected]
            assert (part.elements.answer.row(row) == whole.elements.answer.row(place[name])).all()


def test_goes_further_from_a_base_that_reads_without_its_first_lessons():
    new, further = Plan(100), Plan(100, further=True)
    assert new.reach(0.0) == NEAR and new.freedom(0.0) == 0.0
    assert further.reach(0.0) == pytest.approx(FAR) == new.reach(1.0)
    assert further.freedom(0.0) == new.freedom(1.0)
    assert (new.decay_steps, further.decay_steps) == (25, 40)


def test_two_processes_learn_together(made, tmp_path):
    """Each from its own screens, one step of both; weights and table come out once."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["-m", "magenta_qa.finetune.embedded", "train", str(made / "pack"), "--base", str(made / "base")]
    command += ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out"), "--split", "train", "--steps", "10"]
    command += ["--full", "4", "--bare", "4", "--workers", "1", "--further", "--elements", "8"]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.count("weights in") == 1 and "step 10 of 10" in run.stdout
    record = json.loads(next((tmp_path / "work" / "run").glob("checkpoint-*/run.json")).read_text("utf-8"))
    assert '"devices": 2' in json.dumps(record)


def test_decisions_of_older_packs_are_not_looked_at(made, tmp_path):
    assert not list((made / "pack").glob("*decisions*"))
    older = Path(shutil.copytree(made / "pack", tmp_path / "pack"))
    facts = json.loads((older / "pack.json").read_text("utf-8"))
    facts["train"] |= {"decisions": 5, "decisions_left_out": 1}
    (older / "pack.json").write_text(json.dumps(facts), "utf-8")
    (older / "train-decisions-00000.parquet").write_bytes(b"")
    assert len(load_split([older], "train", made / "base").elements) == 64


def test_run_begun_with_decisions_cannot_go_on(made, tmp_path, capsys):
    (tmp_path / "plan.json").write_text('{"steps": 9, "full": 8, "bare": 8, "decision": 8}', "utf-8")
    command = ["train", str(made / "pack"), "--base", str(made / "base"), "--work", str(tmp_path), "--workers", "1"]
    assert main(command) == 1
    assert "plan.json is of another version" in capsys.readouterr().out


def test_learns_64_elements_by_their_pictures_stopped_and_resumed(made):
    """The answers cannot be told from the prompt: text and HTML are the same for all."""
    command = ["train", str(made / "pack"), "--base", str(made / "base"), "--work", str(made / "work")]
    command += ["--out", str(made / "out"), "--split", "train", "--steps", str(STEPS), "--learning-rate", "3e-3"]
    command += ["--full", "8", "--bare", "24", "--workers", "1", "--recoloured", "0"]
    assert main([*command, "--stop-after", "0"]) == 0
    assert not (made / "out").exists()
    assert list((made / "work" / "run").glob("checkpoint-*"))
    assert main([*command, "--stop-after", "1000000000"]) == 0
    results = {line["name"]: line for line in json.loads((made / "out" / "exam.json").read_text("utf-8"))}
    assert results["picture only"]["rows"] == 64
    assert results["as served"]["exact"] >= 0.95
    assert results["picture only"]["exact"] >= 0.95
    assert results["HTML only"]["exact"] <= 0.3
    assert results["pair, moved: followed"]["exact"] >= 0.8


STEPS = 160
