"""The corpus in a real browser: rows tied to the right elements, a build that resumes, verified trajectories."""

import json
from dataclasses import replace
from random import Random

import pyarrow.parquet as pq
import pytest
from corpus_parts import apart, write_modules

from magenta_qa.finetune.corpus.build import build
from magenta_qa.finetune.corpus.figures import figures
from magenta_qa.finetune.corpus.photograph import open_studio
from magenta_qa.finetune.corpus.sheet import draw_sheet
from magenta_qa.finetune.corpus.site import make_site
from magenta_qa.finetune.corpus.trajectories import play
from magenta_qa.finetune.dataset import load_rows
from magenta_qa.finetune.row import row_picture
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.schema import View

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    return write_modules(tmp_path_factory.mktemp("modules"))


@pytest.fixture(scope="module")
@apart
def corpus(modules, tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus")
    return out, build(3, 2, out, modules, workers=1)


@apart
def test_candidates_are_tied_to_the_controls_that_they_are(modules):
    with open_studio() as studio:
        for number in (1, 8):
            made = make_site(number, 2, modules).draw(0)
            shot = studio.photograph(made.drawn, made.site, (1280, 720))
            assert len(shot.known) > 0.8 * len(shot.observation.candidates)
            for mark, known in shot.known.items():
                candidate, control = shot.observation.candidate(mark), known.place.control
                if known.place.form.shown == "text":
                    assert candidate.text == " ".join(control.label.split())
                assert "data-magenta" not in made.drawn.html


@pytest.mark.slow
@apart
def test_a_trajectory_ends_with_done_after_real_effects(modules):
    with open_studio() as studio:
        tries = (make_site(number, 2, modules).draw(page) for number in range(4) for page in range(6))
        wanted = ("settings", "user form", "checkout", "sign up", "task list", "cart", "wizard")
        played = (play(studio, made, "t", Random(1)) for made in tries if made.kind in wanted)
        rows = next(rows for rows in played if rows)
    assert [row.outcome for row in rows] == ["act"] * (len(rows) - 1) + ["done"]
    assert "Done so far: -" in rows[0].prompt and " → " in rows[-1].prompt
    assert json.loads(rows[-1].answer)["mark"] is None


@pytest.mark.slow
def test_a_build_is_a_dataset_with_decisions_and_facts_beside_it(corpus):
    out, facts = corpus
    rows = load_rows(str(out / "understanding"), "train")
    assert len(rows) == facts["rows"]["train"] > 30 and not facts["refused"]
    assert row_picture(rows[0], View("crop")).size == (448, 448)
    assert rows[0].summary_source == "teacher" and rows[0].instruction
    decisions = pq.read_table(out / "decisions" / "train-00000.parquet").to_pylist()
    for each in decisions:
        answer = json.loads(each["answer"])
        assert answer["mark"] is None or f"\n[{answer['mark']}] " in each["prompt"]
    assert figures(out)["rows"] == len(rows)
    assert draw_sheet(out, "train", 4, 0).size[0] > 1000


@pytest.mark.slow
@apart
def test_a_build_goes_on_where_it_was_and_a_rerun_gives_the_same_rows(corpus, modules, tmp_path):
    out, facts = corpus
    before = (out / "facts" / "00000.json").stat().st_mtime_ns
    assert build(3, 2, out, modules, workers=1)["rows"] == facts["rows"]
    assert (out / "facts" / "00000.json").stat().st_mtime_ns == before
    build(3, 2, tmp_path, modules, workers=1)
    columns = ["external_id", "summary", "html", "instruction", "bounding_box"]
    name = "understanding/v1/data/train-00000.parquet"
    assert pq.read_table(tmp_path / name, columns=columns).equals(pq.read_table(out / name, columns=columns))


@pytest.mark.slow
def test_a_folder_of_another_seed_is_refused(corpus, modules):
    with pytest.raises(DatasetError, match="another seed"):
        build(3, 7, corpus[0], modules, workers=1)


@pytest.mark.slow
@apart
def test_a_page_that_is_built_otherwise_than_drawn_is_refused_and_the_next_one_is_not(modules):
    with open_studio() as studio:
        made = make_site(1, 2, modules).draw(0)
        other = replace(made.drawn, tags=("p", *made.drawn.tags))
        with pytest.raises(DatasetError, match="another page than was drawn"):
            studio.photograph(other, made.site, (1280, 720))
        studio.start_afresh()
        assert studio.photograph(made.drawn, made.site, (1280, 720)).known
