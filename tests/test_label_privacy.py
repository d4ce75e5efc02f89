"""What is private on a page is in no byte and no pixel that labelling, a teacher and a dataset write."""

import io
import json

import datasets
import pytest
from PIL import Image
from planted import SELECTORS, leaks, leaks_of, red_pixels
from starlette.testclient import TestClient

from magenta_qa.agent.crawl import Crawler, Journal
from magenta_qa.agent.label.app import build_app
from magenta_qa.agent.label.desk import Desk
from magenta_qa.agent.label.items import LabelLog
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.finetune.dataset import list_splits, load_rows
from magenta_qa.finetune.dataset_build import build_dataset
from magenta_qa.finetune.describe import describe_rows
from magenta_qa.finetune.record_files import write_records
from magenta_qa.model.fake_endpoint import FakeEndpoint
from magenta_qa.model.schema import View

TYPED = "Writes to planted.ada@example.com about card 4111 1111 1111 1111 and +49 30 90182777."
"""What a careless person types, and what a teacher reads off a picture."""


def unpacked(path, folder):
    """The rows of a dataset as plain files, so that they can be searched."""
    folder.mkdir()
    for split in list_splits(path):
        for number, row in enumerate(load_rows(path, split)):
            facts = {name: getattr(row, name) for name in row.__slots__ if name not in ("image", "box")}
            (folder / f"{split}-{number}.json").write_text(json.dumps(facts, ensure_ascii=False))
            (folder / f"{split}-{number}.webp").write_bytes(row.image)


@pytest.mark.browser
def test_nothing_planted_is_in_what_labels_a_teacher_and_a_dataset_write(page, site, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    home, privacy = tmp_path / "home", Privacy(SELECTORS)
    start = f"{site}/private.html?session_id=planted-token-1"
    log = InteractionLog(home, "shop", privacy)
    Crawler(page, log, privacy, Journal(home / "crawl.jsonl", start, privacy.finds), delay=0).run(start, 1)

    labels = LabelLog(home)
    client = TestClient(build_app(labels, Desk(labels, Privacy())), base_url="http://127.0.0.1")
    shown = client.get("/next", params={"by": "Ada"})
    for _ in range(3):
        name = shown.json()["item"]["id"]
        pictures = [client.get(f"/picture/{name}/{view}").content for view in ("page", "crop")]
        assert [red_pixels(picture) for picture in pictures] == [0, 0]
        said = {"by": "Ada", "id": name, "verdict": "edited", "summary": TYPED}
        shown = client.post("/judge", json=said)
    client.post("/undo", json={"by": "Ada"})
    with FakeEndpoint(lambda request: TYPED) as endpoint:
        describe_rows([str(home)], str(tmp_path / "teacher"), endpoint.spec, at="now")
        asked = [(request.prompt.encode(), request.picture) for request in endpoint.requests]
    assert len(asked) > 5
    for number, (prompt, picture) in enumerate(asked):
        (tmp_path / f"asked-{number}.txt").write_bytes(prompt)
        (tmp_path / f"asked-{number}.png").write_bytes(picture)

    built = build_dataset([str(home), str(tmp_path / "teacher")], str(tmp_path / "data"), at="now")
    sources = built.facts["summary_sources"]
    # One of the two that Ada has judged is painted over: nothing is to be learned from it.
    assert sources["person"] == 1 and sources["teacher"] > 1
    unpacked(built.path, tmp_path / "unpacked")
    for split in list_splits(built.path):
        write_records(built.path, split, tmp_path / "records", [View("crop"), View("page")])
    assert leaks(tmp_path) == []
    summary = load_rows(built.path, list_splits(built.path)[0])[0].summary
    assert summary == "Writes to ••• about card ••• and •••."


def test_the_search_finds_what_is_planted(tmp_path):
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), (255, 0, 0)).save(picture, "PNG")
    (tmp_path / "a.png").write_bytes(picture.getvalue())
    (tmp_path / "a.json").write_text(json.dumps({"summary": TYPED}))
    assert leaks_of(tmp_path / "a.png") == ["16 red pixels"]
    assert len(leaks_of(tmp_path / "a.json")) == 3
