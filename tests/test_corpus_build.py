"""The corpus in a real browser: rows tied to the right elements, a build that resumes, verified trajectories."""

import json
import re
from dataclasses import replace
from random import Random

import pyarrow.parquet as pq
import pytest
from corpus_parts import apart, write_modules

from magenta_qa.finetune.corpus.build import build
from magenta_qa.finetune.corpus.figures import figures
from magenta_qa.finetune.corpus.labels import controls_of
from magenta_qa.finetune.corpus.photograph import open_studio
from magenta_qa.finetune.corpus.rows import understanding_rows
from magenta_qa.finetune.corpus.sheet import draw_sheet
from magenta_qa.finetune.corpus.site import make_site
from magenta_qa.finetune.corpus.trajectories import play
from magenta_qa.finetune.corpus.views import views
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
        tries = (make_site(number, 2, modules).draw(page) for number in range(4) for page in range(3))
        played = (play(studio, made, "t", Random(1)) for made in tries)
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
def test_a_build_goes_on_where_it_was(corpus, modules):
    out, facts = corpus
    before = (out / "facts" / "00000.json").stat().st_mtime_ns
    assert build(3, 2, out, modules, workers=1)["rows"] == facts["rows"]
    assert (out / "facts" / "00000.json").stat().st_mtime_ns == before
    (out / "facts" / "00000.json").rename(out / "facts" / "gone.new")  # as if the build had been killed meanwhile
    assert build(3, 2, out, modules, workers=1)["rows"] == facts["rows"]


@pytest.mark.slow
@apart
def test_the_same_seed_gives_the_same_rows_whatever_the_number_of_processes(corpus, modules, tmp_path):
    out, _ = corpus
    build(3, 2, tmp_path, modules, workers=2)
    for name in ("understanding/v1/data/train-00000.parquet", "facts/00000.parquet", "decisions/train-00000.parquet"):
        assert pq.read_table(tmp_path / name).equals(pq.read_table(out / name)), name


@apart
def test_what_a_control_opens_is_seen_and_known(modules):
    with open_studio() as studio:
        made = make_site(2, 2, modules).draw(1)
        seen = set()
        shots = 0
        inside = {
            id(each)
            for place in made.drawn.places
            if place.control.popup
            for each in controls_of([place.control.popup])
        }
        for shot in views(studio, made, Random(1), seen):
            rows = list(understanding_rows(made, shot, f"t-{shots}", seen))
            shots += 1
            assert len({row.external_id for row, _ in rows}) == len(rows)
        opened = [place for place in made.drawn.places if id(place.control) in inside]
    assert shots > 2
    assert {place.index for place in opened} & {index for index, _ in seen}


@pytest.mark.slow
@apart
def test_controls_in_shadow_roots_and_frames_are_known(modules):
    homes = {"root": 0, "frame": 0}
    with open_studio() as studio:
        for number in range(150):
            made = make_site(number, 5, modules).draw(number % 6)
            found = re.search(r'homes=\[\[(\d+), "(root|frame)"\]\]', made.drawn.html)
            if not found or homes[found[2]]:
                continue
            shot = studio.photograph(made.drawn, made.site, made.viewport, made.zoom)
            inside = "i => [...__elements[i].getElementsByTagName('*')].map(e => __elements.indexOf(e))"
            below = set(studio.show(made.drawn, made.site, made.viewport)[0].evaluate(inside, int(found[1])))
            homes[found[2]] += len(below & {known.place.index for known in shot.known.values()})
    assert all(homes.values()), homes


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
