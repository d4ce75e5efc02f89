"""The README's lines from an empty folder to a pushed dataset; and data that somebody else has made."""

import io
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_hub import FakeHub
from PIL import Image, ImageDraw

from magenta_qa.model.fake_endpoint import FakeEndpoint
from magenta_qa.scenarios.shop import serve

pytestmark = pytest.mark.slow
README = Path(__file__).parents[1] / "README.md"
MAGENTA = [sys.executable, "-m", "magenta_qa.agent.cli"]


def script():
    """The command lines of the README, without their remarks."""
    _, _, after = README.read_text().partition("From an empty folder to a dataset that a team shares")
    lines = [line.partition("  #")[0].partition("    #")[0] for line in re.findall(r"^    (magenta .*)$", after, re.M)]
    return [line.strip() for line in lines[: lines.index(next(x for x in lines if "hf://" in x)) + 1]]


def run(line, env, cwd):
    done = subprocess.run([*MAGENTA, *shlex.split(line)[1:]], env=env, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def label_some(line, env, cwd, count):
    """What people do on the page, by its own requests; ended with Ctrl-C."""
    command = [*MAGENTA, *shlex.split(line)[1:], "--port", "0"]
    process = subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.PIPE, text=True)
    assert "interactions to label" in process.stdout.readline()
    url = process.stdout.readline().split()[0]
    with httpx.Client(base_url=url, trust_env=False) as client:
        item = client.get("/next", params={"by": "Ada"}).json()["item"]
        for _ in range(count):
            said = {"by": "Ada", "id": item["id"], "verdict": "edited", "summary": f"Opens what {item['text']} names."}
            item = client.post("/judge", json=said).json()["item"]
    process.send_signal(signal.SIGINT)
    assert process.wait(30) in (0, 2, -signal.SIGINT)
    process.stdout.close()


def test_the_readmes_lines_lead_from_an_empty_folder_to_a_pushed_dataset(tmp_path):
    lines = script()
    assert [line.split()[1] for line in lines] == ["crawl", "label", "describe", *["dataset"] * 4]
    with serve(port=0) as shop, FakeEndpoint(lambda _: "Opens that part of the shop.") as endpoint, FakeHub() as hub:
        places = {
            "https://shop.example.com": shop.url,
            "--max-pages 20": "--max-pages 3",
            "openai:MODEL@http://gpu:8000": endpoint.spec,
            "s3://team": (tmp_path / "shared").as_uri(),
        }
        env = hub.environment | {"HF_HOME": str(tmp_path / "hf"), "HOME": str(tmp_path)}
        env |= {name: os.environ[name] for name in ("PLAYWRIGHT_BROWSERS_PATH",) if name in os.environ}
        said = {}
        for line in lines:
            for written, here in places.items():
                line = line.replace(written, here)
            if " label " in line:
                label_some(line, env, tmp_path, 5)
            else:
                said[line] = run(line, env, tmp_path)
        assert not [line for line in said if "example.com" in line or "s3:" in line]
        built = next(text for line, text in said.items() if "dataset build" in line)
        assert " train" in built
        run(f"magenta dataset pull {places['s3://team']}/data/shop copy", env, tmp_path)
        run("magenta dataset pull hf://datasets/team/shop copy-of-the-hub", env, tmp_path)
        assert hub.private is True and "v1" in hub.files
    found = {
        folder: sorted((path.name, path.read_bytes()) for path in (tmp_path / folder / "v1" / "data").iterdir())
        for folder in ("data/shop", "copy", "copy-of-the-hub")
    }
    assert found["data/shop"] == found["copy"] == found["copy-of-the-hub"]
    tables = [pq.read_table(io.BytesIO(content)) for _, content in found["copy"]]
    sources = [source for table in tables for source in table["summary_source"].to_pylist()]
    # Pages that differ in their query only show the same elements, of which each is a row once.
    assert 2 <= sources.count("person") <= 5 and sources.count("teacher") > 50


def write_theirs(folder, count):
    """A dataset in the original recipe's columns, written with PyArrow and Pillow alone."""
    rows = []
    for number in range(count):
        picture, content = Image.new("RGB", (400, 300), (250, 250, 250)), io.BytesIO()
        draw = ImageDraw.Draw(picture)
        for place in range(5):
            draw.rectangle((20 + 70 * place, 30 + number, 70 + 70 * place, 60 + number), fill=(60, 30 * place, 140))
        draw.rectangle((17, 27 + number, 73, 63 + number), outline=(255, 0, 255), width=3)
        picture.save(content, "PNG")
        row = {"external_id": f"theirs-{number}", "image": {"bytes": content.getvalue(), "path": f"{number}.png"}}
        row |= {"action_type": "click", "element_type": "button", "text": f"Row {number}"}
        html = f"<tr><td>Row {number}</td><td><button>Open</button></td></tr>"
        rows.append(row | {"html": html, "summary": f"Opens the details of row number {number}."})
    (folder / "data").mkdir(parents=True)
    for split, some in (("train", rows[: count // 2]), ("test", rows[count // 2 :])):
        pq.write_table(pa.Table.from_pylist(some), folder / "data" / f"{split}-00000-of-00001.parquet")


def test_data_in_the_original_columns_that_others_have_made_loads_checks_and_trains(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("peft")
    from training_runs import ENVIRONMENT, arguments, losses_of, trained_apart

    from magenta_qa.model.minicpmv.random_models import write_checkpoint

    write_theirs(tmp_path / "theirs", 24)
    env = ENVIRONMENT | {"HF_HOME": str(tmp_path / "hf")}
    checked = run("magenta dataset check theirs", env, tmp_path)
    assert "12 train, 12 test" in checked and "fewer than 10,000" in checked
    assert checked.count("warning:") <= 2, checked
    assert "24 rows are new" in run("magenta dataset build theirs --out ours", env, tmp_path)
    model = write_checkpoint("MiniCPM-V-4.6", tmp_path / "model")
    short = ("--max_steps", 6, "--learning_rate", 0.005)
    done = trained_apart(arguments(model, tmp_path / "theirs", tmp_path / "run", *short))
    assert done.returncode == 0, done.stderr[-2000:]
    losses = [loss for _, loss in losses_of(tmp_path / "run")]
    assert losses[-1] < losses[0]
