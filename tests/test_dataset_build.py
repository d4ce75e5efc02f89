import json
import resource
import subprocess
import sys
from pathlib import Path

import datasets
import pytest
from dataset_rows import foreign_rows, log_line, picture_bytes, write_log

from magenta_qa.finetune.dataset import list_versions, load_facts, load_rows, stream_rows
from magenta_qa.finetune.dataset_build import build_dataset, count_new, scan_sources
from magenta_qa.finetune.row import row_picture, row_prompt
from magenta_qa.finetune.splits import page_of
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.schema import View

AT = "2026-11-23T00:00:00Z"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()


def build(home: Path, lines: list[dict[str, object]], **options: object):
    write_log(home, lines)
    return build_dataset([str(home)], str(home / "data"), at=AT, **options)


def rows_of(built):
    return [row for split in built.facts["rows"] for row in load_rows(built.path, split)]


def reasons(built):
    return {reason: found["count"] for reason, found in built.facts["left_out"].items()}


def test_log_becomes_a_version_with_card_and_facts(tmp_path):
    built = build(tmp_path, [log_line(tmp_path, number) for number in range(60)])
    assert built.is_new
    assert built.path.endswith("data/v1")
    assert sum(built.facts["rows"].values()) == built.facts["new_rows"] == 60
    assert set(built.facts["rows"]) == {"train", "validation", "test"}
    assert built.facts["split_rule"] == "page"
    assert load_facts(str(tmp_path / "data")) == built.facts
    card = (Path(built.path) / "README.md").read_text()
    assert "| train |" in card
    assert "size_categories:\n- n<1K" in card
    # The Hub's own reader finds the splits from the card.
    assert {name: len(split) for name, split in datasets.load_dataset(built.path).items()} == built.facts["rows"]


def test_rows_are_the_logs_and_shown_as_when_serving(tmp_path):
    line = log_line(tmp_path, 3, html="<td style='x'><button>Go</button></td>")
    built = build(tmp_path, [line])
    (row,) = rows_of(built)
    assert (row.external_id, row.site, row.url, row.summary) == ("id3", "shop", line["url"], line["summary"])
    assert (row.instruction, row.screenshot, row.viewport) == ("Open item 3", line["image"], (320, 200))
    assert row.image == picture_bytes(3)
    assert row.html == "<td><button>Go</button></td>"
    assert row_prompt(row).endswith("text: Item 3\nsurrounding_html: <td><button>Go</button></td>\n")
    assert row_picture(row, View()).size == (320, 200)


def test_pages_are_never_divided_between_splits(tmp_path):
    built = build(tmp_path, [log_line(tmp_path, number) for number in range(80)])
    pages: dict[str, set[str]] = {}
    for split in built.facts["rows"]:
        for row in load_rows(built.path, split):
            pages.setdefault(page_of(row.url), set()).add(split)
    assert len(pages) == 10
    assert all(len(splits) == 1 for splits in pages.values())


def test_five_sites_are_split_by_site(tmp_path):
    built = build(tmp_path, [log_line(tmp_path, number, site=f"site {number % 5}") for number in range(30)])
    assert built.facts["split_rule"] == "site"
    assert built.facts["groups"] == {"train": 3, "validation": 1, "test": 1}
    assert len({row.site for row in load_rows(built.path, "test")}) == 1


def test_only_trusted_labels_are_taken_and_the_rest_is_counted_by_reason(tmp_path):
    torn = picture_bytes(9)[:400]
    lines = [
        log_line(tmp_path, 0),
        log_line(tmp_path, 1, summary_source="model"),
        log_line(tmp_path, 2, summary_source="rule"),
        log_line(tmp_path, 3, summary=None, summary_source=None),
        log_line(tmp_path, 4, summary="  "),
        log_line(tmp_path, 5, summary="word " * 200),
        log_line(tmp_path, 6, box=[900, 20, 30, 30]),
        log_line(tmp_path, 7, box=[20, 20, 0, 30]),
        log_line(tmp_path, 8, image="0" * 64),
        log_line(tmp_path, 9, picture=torn),
        log_line(tmp_path, 10, viewport=[320, 400]),
        log_line(tmp_path, 11, image="../../secret"),
        log_line(tmp_path, 12, v=2),
        {"v": 1, "id": "short"},
    ]
    write_log(tmp_path, lines)
    with (tmp_path / "log" / "interactions.jsonl").open("a") as file:
        file.write('{"v": 1, "id": "to')
    built = build_dataset([str(tmp_path / "log")], str(tmp_path / "data"), at=AT)
    assert [row.external_id for row in rows_of(built)] == ["id0"]
    assert reasons(built) == {
        "label not trusted (summary_source model)": 1,
        "label not trusted (summary_source rule)": 1,
        "label not trusted (summary_source none)": 1,
        "no label": 1,
        "label longer than 500 characters": 1,
        "its box lies outside of the picture": 1,
        "its box is empty": 1,
        "its picture cannot be read": 1,
        "its picture does not decode": 1,
        "its picture has not the viewport's shape": 1,
        "the line does not name a picture": 1,
        "log version 2 is not known": 1,
        "not a line of the log: at field required": 1,
        "not JSON (a torn line?)": 1,
    }
    named = built.facts["left_out"]["its picture does not decode"]["examples"]
    assert named == [f"{tmp_path}/log/interactions.jsonl:10"]


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA"])
def test_grey_and_palette_pictures_are_kept_as_they_are(tmp_path, mode):
    built = build(tmp_path, [log_line(tmp_path, 0, picture=picture_bytes(0, mode))])
    (row,) = rows_of(built)
    assert row.image == picture_bytes(0, mode)
    assert row_picture(row, View()).mode == "RGB"


def test_later_line_with_the_same_id_corrects_the_label(tmp_path):
    said = [
        log_line(tmp_path, 0, summary_source="model"),
        log_line(tmp_path, 0),
        log_line(tmp_path, 0, summary="Buys."),
    ]
    built = build(tmp_path, [*said, log_line(tmp_path, 0, summary_source="model", summary="Sells.")])
    assert [row.summary for row in rows_of(built)] == ["Buys."]
    assert reasons(built)["corrected by a later line of the log"] == 1


def test_held_out_rows_ask_nothing_that_is_trained_on(tmp_path):
    menu = {"text": "Home", "html": "<nav><a>Home</a></nav>", "box": [20, 20, 286, 143]}
    lines = [log_line(tmp_path, number) for number in range(60)]
    lines += [log_line(tmp_path, number, id=f"menu{number}", **menu) for number in range(60)]
    built = build(tmp_path, lines)
    held = {split: [row.text for row in load_rows(built.path, split)] for split in built.facts["rows"]}
    assert "Home" in held["train"] and "Home" not in held["test"] + held["validation"]
    assert min(map(len, held.values())) > 0
    left_out = reasons(built)["held out, but the same question is in another split too"]
    assert sum(map(len, held.values())) == 120 - left_out == built.facts["new_rows"]


def test_held_out_rows_share_no_picture_with_what_is_trained_on(tmp_path):
    lines = [log_line(tmp_path, number) for number in range(60)]
    url = "http://127.0.0.1:9/{}/page"
    for number, letter in enumerate("klmnopqrstuvwxyz"):
        lines.append(log_line(tmp_path, number, id=f"{letter}{number}", url=url.format(letter), box=[0, 0, 300, 190]))
    built = build(tmp_path, lines)
    pictures = {split: {row.image for row in load_rows(built.path, split)} for split in built.facts["rows"]}
    assert min(map(len, pictures.values())) > 0
    assert not pictures["train"] & (pictures["test"] | pictures["validation"])
    assert not pictures["test"] & pictures["validation"]
    assert reasons(built)["held out, but the same picture is in another split too"] > 0


def test_repeated_interaction_is_kept_once_with_its_most_trusted_label(tmp_path):
    again = {"url": "http://127.0.0.1:9/a", "text": "Go", "html": "<b>Go</b>", "box": [20, 20, 286, 143]}
    lines = [
        log_line(tmp_path, number, summary_source=source, **again)
        for number, source in enumerate(["effect", "person", "teacher", "effect"])
    ]
    built = build(tmp_path, lines)
    assert [(row.external_id, row.summary_source) for row in rows_of(built)] == [("id1", "person")]
    assert reasons(built) == {"duplicate": 3}


def test_what_only_pixels_tell_is_no_duplicate(tmp_path):
    again = {"url": "http://127.0.0.1:9/a", "text": "", "html": "<canvas></canvas>", "box": [20, 20, 286, 143]}
    lines = [log_line(tmp_path, number, element_type="canvas", **again) for number in range(3)]
    assert len(rows_of(build(tmp_path, lines))) == 3


def test_element_of_which_nothing_is_to_be_seen_is_left_out(tmp_path):
    lines = [log_line(tmp_path, 0), log_line(tmp_path, 1, box=[300, 150, 15, 12])]
    built = build(tmp_path, lines)
    assert [row.external_id for row in rows_of(built)] == ["id0"]
    assert reasons(built) == {"its element is blank in the picture": 1}


def test_next_version_keeps_splits_counts_what_is_new_and_is_not_written_without_news(tmp_path):
    lines = [log_line(tmp_path, number) for number in range(40)]
    first = build(tmp_path, lines)
    assert build(tmp_path, lines).is_new is False
    assert list_versions(str(tmp_path / "data")) == ["v1"]
    second = build(tmp_path, lines + [log_line(tmp_path, number) for number in range(40, 47)])
    assert second.path.endswith("v2")
    assert second.facts["new_rows"] == 7
    old = json.loads((Path(first.path) / "splits.json").read_text())["groups"]
    new = json.loads((Path(second.path) / "splits.json").read_text())["groups"]
    assert {group: new[group] for group in old} == old
    with scan_sources([str(tmp_path)]) as scan:
        assert count_new(scan, str(tmp_path / "data")) == 0


def test_somebody_elses_rows_are_split_by_look_and_ids_given_twice_are_told_apart(tmp_path):
    rows = foreign_rows(8)
    rows["external_id"] = ["same", "same", *rows["external_id"][2:]]
    folder = tmp_path / "others"
    folder.mkdir()
    datasets.Dataset.from_dict(rows).cast_column("image", datasets.Image()).to_parquet(str(folder / "train.parquet"))
    built = build_dataset([str(folder)], str(tmp_path / "data"), at=AT)
    assert built.facts["split_rule"] == "picture"
    assert sorted(row.external_id for row in rows_of(built))[-2:] == ["same", "same-2"]
    assert built.facts["renamed"] == 1
    assert all(row.box is None for row in rows_of(built))


def test_records_with_the_understanding_prompt_become_rows(tmp_path):
    (tmp_path / "a.png").write_bytes(picture_bytes(1))
    source = build(tmp_path, [log_line(tmp_path, 1)])
    prompt = row_prompt(rows_of(source)[0])
    record = {"id": 7, "image": str(tmp_path / "a.png")}
    talk = [{"role": "user", "content": prompt}, {"role": "assistant", "content": "Opens it."}]
    other = [{"role": "user", "content": "<image>\nWhat is it?"}, {"role": "assistant", "content": "A cat."}]
    (tmp_path / "train.json").write_text(json.dumps([record | {"conversations": c} for c in (talk, other)]))
    built = build_dataset([str(tmp_path / "train.json")], str(tmp_path / "fromrecords"), at=AT)
    (row,) = rows_of(built)
    assert (row.external_id, row.text, row.html, row.summary) == ("7", "Item 1", rows_of(source)[0].html, "Opens it.")
    assert reasons(built) == {"not one question with the understanding prompt and one answer": 1}


@pytest.mark.parametrize(
    ("lines", "said"),
    [([], "is empty"), ([0], r"none of the 1 entries .* can be used: 1 × label not trusted")],
    ids=["empty", "nothing usable"],
)
def test_nothing_to_build_from_is_an_error_and_leaves_nothing(tmp_path, lines, said):
    made = [log_line(tmp_path, number, summary_source="model") for number in lines]
    with pytest.raises(DatasetError, match=said):
        build(tmp_path, made)
    assert not (tmp_path / "data").exists()


def test_rows_without_any_readable_picture_are_an_error_and_leave_no_version(tmp_path):
    with pytest.raises(DatasetError, match="1 × its picture cannot be read"):
        build(tmp_path, [log_line(tmp_path, 0, image="0" * 64)])
    assert list_versions(str(tmp_path / "data")) == []


@pytest.mark.parametrize("path", ["no/such/folder", ".magenta"], ids=["nowhere", "no log"])
def test_source_that_is_not_there_is_named(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".magenta").mkdir()
    with pytest.raises(DatasetError, match=path.replace(".", r"\.")):
        build_dataset([path], str(tmp_path / "data"), at=AT)


def test_build_in_several_processes_gives_the_same_rows_on_a_remote_path(tmp_path):
    lines = [log_line(tmp_path, number) for number in range(80)]
    one = build(tmp_path, lines, file_bytes=20_000)
    assert any(len(files) > 1 for files in one.facts["files"].values())
    several = build_dataset([str(tmp_path)], "memory://bucket/data", at=AT, workers=2)
    assert several.path == "memory://bucket/data/v1"
    streamed = [row for split in several.facts["rows"] for row in stream_rows("memory://bucket/data", split)]
    assert streamed == rows_of(one)


FULL = """
import resource, signal, sys
from magenta_qa.finetune.dataset_build import build_dataset
from magenta_qa.model.errors import DatasetError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    build_dataset([sys.argv[1]], sys.argv[2], at="now")
except DatasetError as error:
    print(error)
"""


def test_disk_that_is_full_is_a_clear_error_and_leaves_no_version(tmp_path):
    write_log(tmp_path, [log_line(tmp_path, number) for number in range(600)])
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    arguments = [sys.executable, "-c", FULL, str(tmp_path), str(tmp_path / "data")]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=180)
    assert "cannot" in done.stdout
    assert "free some space" in done.stdout
    assert done.stderr == ""
    assert list((tmp_path / "data").iterdir()) == []


def test_hostile_tokens_and_endless_html_of_a_page_reach_no_prompt(tmp_path):
    tokens = ("<image>", "</image>", "<slice>", "</slice>", "<|im_end|>", "<|im_start|>", "<|image_pad|>", "<unk>")
    html = f"<div>{'<p>text</p>' * 20_000}<button>{''.join(tokens)}</button></div>"
    built = build(tmp_path, [log_line(tmp_path, 0, html=html, text="".join(tokens), summary=f"Opens {tokens[4]} it.")])
    (row,) = rows_of(built)
    prompt = row_prompt(row)
    assert len(prompt) < 1_600
    assert prompt.startswith("<image>\n")
    assert not any(token in prompt[8:] + row.summary for token in tokens)
    assert row.summary == "Opens ‹|im_end|> it."


def test_what_the_agent_logs_is_what_is_read(tmp_path):
    from magenta_qa.agent.log import InteractionLog
    from magenta_qa.agent.privacy.privacy import Privacy
    from magenta_qa.model.schema import Action, Box, Candidate, Description, Observation, State

    log = InteractionLog(tmp_path, "shop", Privacy())
    box = Box(20, 20, 36, 18)
    seen = Candidate(1, box, "button", "button", "Save", "Save", State(), ("click",), ("role=button",))
    page = Observation("http://127.0.0.1/a", "A", (320, 200), 1, picture_bytes(), (seen,))
    for source, sentence in (("model", "Guesses."), ("effect", "Saves the form.")):
        log.append(
            page,
            seen,
            Action("click", 1),
            html="<button>Save</button>",
            image=log.save_image(page.screenshot),
            description=Description(1, sentence, source, "accessible"),
            effect=None,
            step="Save it",
            goal=None,
        )
    built = build_dataset([str(tmp_path)], str(tmp_path / "data"), at=AT)
    (row,) = rows_of(built)
    assert (row.summary, row.summary_source, row.instruction, row.box) == ("Saves the form.", "effect", "Save it", box)
    assert reasons(built) == {"label not trusted (summary_source model)": 1}
    assert row_picture(row, View()).size == (320, 200)
