"""A teacher's labels: about what nobody has labelled, once each, whatever happens on the way."""

import json
from pathlib import Path

import datasets
import pytest
from click.testing import CliRunner
from dataset_rows import foreign_rows, log_line, write_log

from magenta_qa.finetune.dataset import stream_rows
from magenta_qa.finetune.dataset_build import scan_sources
from magenta_qa.finetune.describe import describe_rows
from magenta_qa.finetune.describe_command import describe
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.fake_endpoint import FakeEndpoint
from magenta_qa.model.line import forget_faults

AT = "2026-11-26T00:00:00Z"


def unlabelled(home, number, **changes):
    return log_line(home, number, **{"summary_source": "model", "summary": "Opens something."} | changes)


def said(request):
    text = request.prompt.partition("text: ")[2].partition("\n")[0]
    return f"Opens {text} for ada@example.com."


def rows_of(out):
    return {row.external_id: row for row in stream_rows(str(out), "train")}


def test_what_nobody_has_labelled_is_described_and_becomes_part_of_a_dataset(tmp_path):
    lines = [unlabelled(tmp_path, number) for number in range(5)]
    lines.append(log_line(tmp_path, 5))  # by a person
    lines.append({**lines[0], "summary": None, "summary_source": None, "judgement": {"verdict": "rejected"}})
    lines.append(unlabelled(tmp_path, 1, id="again"))  # the same element, seen again
    lines.append(unlabelled(tmp_path, 6, box=[0, 0, 0, 0]))
    home = write_log(tmp_path, lines)
    with FakeEndpoint(said, delay_s=0.1) as endpoint:
        done = describe_rows([str(home)], str(tmp_path / "teacher"), endpoint.spec, at=AT, part_rows=2)
        assert endpoint.max_in_flight > 1
    found = rows_of(tmp_path / "teacher")
    assert set(found) == {"id1", "id2", "id3", "id4"}
    assert {row.summary_source for row in found.values()} == {"teacher"}
    assert found["id3"].summary == "Opens Item 3 for •••." and found["id3"].url == lines[3]["url"]
    assert len(list((tmp_path / "teacher" / "data").glob("*.parquet"))) == 2
    (left_out,) = done.left_out.lines()
    assert (done.rows, done.asked) == (4, 4) and left_out.startswith("1 × its box is empty")
    with scan_sources([str(home), str(tmp_path / "teacher")]) as scan:
        kept = [entry.row for number, _, entry in scan.numbered() if scan.index.find(number, "page")]
    assert {row.external_id: row.summary_source for row in kept} == {
        "id5": "person",
        **dict.fromkeys(("id1", "id2", "id3", "id4"), "teacher"),
    }


def test_what_a_person_rejects_afterwards_has_no_label_of_the_teacher_either(tmp_path):
    lines = [unlabelled(tmp_path, number) for number in range(2)]
    home, out = str(write_log(tmp_path, lines)), str(tmp_path / "teacher")
    with FakeEndpoint(said) as endpoint:
        describe_rows([home], out, endpoint.spec, at=AT)
    rejected = {**lines[0], "summary": None, "summary_source": None, "judgement": {"verdict": "rejected"}}
    undone = {**lines[1], "judgement": {"verdict": "undone"}}
    write_log(tmp_path, [*lines, rejected, {**rejected, "id": "id1"}, undone])
    for sources in ([home, out], [out, home]):
        with scan_sources(sources) as scan:
            kept = [entry.name for number, _, entry in scan.numbered() if scan.index.find(number, "page")]
        assert kept == [f"{out} train:1"]


def test_it_goes_on_where_it_was_stopped_and_keeps_what_was_answered(tmp_path):
    home = write_log(tmp_path, [unlabelled(tmp_path, number) for number in range(6)])
    out = str(tmp_path / "teacher")
    with FakeEndpoint(said) as endpoint:
        describe_rows([str(home)], out, endpoint.spec, at=AT, limit=2, part_rows=2)
        endpoint.mode = "401"
        with pytest.raises(BackendError, match="401"):
            describe_rows([str(home)], out, endpoint.spec, at=AT, part_rows=2)
        endpoint.mode = "normal"
        forget_faults()
        (tmp_path / "teacher" / "part" / "data").mkdir(parents=True, exist_ok=True)
        (tmp_path / "teacher" / "part" / "data" / "train-00001.parquet").write_bytes(b"torn")  # killed while writing
        asked = len(endpoint.requests)
        done = describe_rows([str(home)], out, endpoint.spec, at=AT, part_rows=3)
        assert (done.rows, done.asked, len(endpoint.requests) - asked) == (6, 4, 4)
        assert describe_rows([str(home)], out, endpoint.spec, at=AT).asked == 0
        with pytest.raises(ConfigError, match="was begun with"):
            describe_rows([str(home)], out, "openai:other@http://127.0.0.1:9", at=AT)
    assert len(rows_of(out)) == 6
    assert json.loads((tmp_path / "teacher" / "teacher.json").read_text())["rows"] == 6


def test_answers_that_say_nothing_are_left_out_and_named(tmp_path):
    home = write_log(tmp_path, [unlabelled(tmp_path, number) for number in range(4)])
    nothing = {"Item 1": "{}", "Item 3": "The Item 3 button."}

    def answer(request):
        return next((said for item, said in nothing.items() if item in request.prompt), "Opens it.")

    with FakeEndpoint(answer) as endpoint:
        result = CliRunner().invoke(describe, [str(home), "--teacher", endpoint.spec, "-o", str(tmp_path / "t")])
    assert result.exit_code == 0, result.output
    assert (
        "2 rows described" in result.output
        and "left out: 1 × the teacher's answer is no sentence (id1)" in result.output
        and "left out: 1 × the teacher's answer only repeats the element's text (id3)" in result.output
    )


def test_rows_in_the_original_columns_are_read_from_parquet_on_any_path(tmp_path):
    columns = foreign_rows(4)
    columns["summary"] = ["", "Opens item 1.", "", ""]
    (tmp_path / "theirs" / "data").mkdir(parents=True)
    datasets.Dataset.from_dict(columns).to_parquet(tmp_path / "theirs" / "data" / "train-0.parquet")
    with FakeEndpoint(said) as endpoint:
        done = describe_rows([str(tmp_path / "theirs")], "memory://teacher", endpoint.spec, at=AT)
    assert (done.rows, set(rows_of("memory://teacher"))) == (3, {"ext0", "ext2", "ext3"})


def test_no_model_is_no_teacher(tmp_path):
    with pytest.raises(ConfigError, match="no teacher"):
        describe_rows([str(tmp_path)], str(tmp_path / "out"), "accessible", at=AT)
    assert not Path(tmp_path / "out").exists()
