"""The corpus without a browser: what pages say, how they are drawn, what is held out, how steps are worded."""

import json
import re
import time
from collections import Counter
from random import Random

import pytest
from corpus_parts import write_modules

from magenta_qa.finetune.corpus.build import ChunkFacts, Progress
from magenta_qa.finetune.corpus.element import Element, Raw, number, tags
from magenta_qa.finetune.corpus.frameworks import HELD_OUT as FRAMEWORKS_HELD_OUT
from magenta_qa.finetune.corpus.hands import Hand
from magenta_qa.finetune.corpus.icons import CONCEPTS, IconSet
from magenta_qa.finetune.corpus.icons import HELD_OUT as ICONS_HELD_OUT
from magenta_qa.finetune.corpus.kinds import HELD_OUT as KINDS_HELD_OUT
from magenta_qa.finetune.corpus.kinds import KINDS, TRAINED_ALONE
from magenta_qa.finetune.corpus.kinds.panels import with_panels
from magenta_qa.finetune.corpus.labels import controls_of, relabel
from magenta_qa.finetune.corpus.messages import read_message
from magenta_qa.finetune.corpus.page import Group, Meaning, button, text_field
from magenta_qa.finetune.corpus.popups import furnish
from magenta_qa.finetune.corpus.render import render
from magenta_qa.finetune.corpus.site import make_site, split_of
from magenta_qa.finetune.corpus.styles import read_css
from magenta_qa.finetune.corpus.wording import describe, expand, imperative, step_for
from magenta_qa.model.embedded.icons import ICONS
from magenta_qa.model.errors import MagentaError


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    return write_modules(tmp_path_factory.mktemp("modules"))


def drawn(site, kind, seed):
    r = Random(seed)
    page = with_panels(KINDS[kind](r, site.world), r, site.world)
    nodes = site.frame.around(page, r)
    furnish(nodes, r, site.world)
    return render(page, nodes, site.style, r)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_control_of_every_kind_has_a_description_and_a_step(modules, kind):
    for seed in range(2):
        places = drawn(make_site(seed, 9, modules), kind, seed).places
        assert places
        for place in places:
            meaning = place.control.meaning
            said = describe(meaning, place.control.on, Random(seed))
            asked = step_for(meaning, "fill" if meaning.value else "click", place.control.on, Random(seed))
            assert re.fullmatch(r"[A-Z].*\.", said) and not re.search(r"[\[\]{}|]|  ", said + asked), (said, asked)
            assert len(said.split()) >= 3, said


def test_training_uses_nothing_that_is_held_out(modules):
    names = {"train": set(), "validation": set(), "test": set()}
    for site_number in range(40):
        site = make_site(site_number, 4, modules)
        made = [site.draw(page) for page in range(3)]
        names[site.split].add(site.name)
        if site.split != "test":
            assert site.style.framework_name not in FRAMEWORKS_HELD_OUT
            assert site.style.icons.name not in ICONS_HELD_OUT
            assert not {each.kind for each in made} & KINDS_HELD_OUT
    assert not names["train"] & (names["test"] | names["validation"])
    assert [split_of(n) for n in range(20)].count("test") == 2


def test_every_icon_that_is_drawn_has_one_meaning_and_bars_of_them_are_only_learned_from(modules):
    assert ICONS.keys() == CONCEPTS.keys()
    kinds = Counter(
        (site.split, site.draw(page).kind)
        for number in range(60)
        for site in [make_site(number, 4, modules)]
        for page in range(6)
    )
    assert kinds["train", TRAINED_ALONE] > 10
    assert not kinds["test", TRAINED_ALONE] + kinds["validation", TRAINED_ALONE]


def test_a_dialog_is_never_over_a_page_of_a_kind_that_is_held_out():
    world = make_world()
    for seed in range(40):
        for kind in ("dialog", "menu"):
            path = KINDS[kind](Random(seed), world).path
            assert path not in {KINDS[each](Random(1), world).path for each in KINDS_HELD_OUT}


def make_world():
    from magenta_qa.finetune.corpus.vocabulary import World

    return World(Random(2))


def test_the_same_seed_draws_the_same_page(modules):
    assert make_site(5, 1, modules).draw(2).drawn.html == make_site(5, 1, modules).draw(2).drawn.html


def test_controls_without_a_name_are_named_nowhere_in_their_html(modules):
    seen = 0
    for seed in range(8):
        page = drawn(make_site(seed, 3, modules), "mail", seed)
        for place in page.places:
            if place.form.shown == "icon" and not place.form.named:
                seen += 1
                element = element_at(page.html, place.index)
                assert place.control.meaning.name.lower() not in element.lower(), element
    assert seen > 20


def element_at(html, index):
    from bs4 import BeautifulSoup

    body = BeautifulSoup(html, "html.parser").body
    assert body is not None
    return str(body.find_all(True)[index])


def test_places_count_elements_as_a_browser_does():
    save = button("Saves the form", "Save")
    inner = Element("button", {}, [Element("svg", {}, [Raw("<g><path/></g>")]), "Save"], control=save)
    body = Element("body", {}, [Element("p", {}, ["text"]), Element("div", {}, [inner])])
    assert number(body) == [(2, save)]
    assert tags(body) == ["p", "div", "button", "svg", "g", "path"]


@pytest.mark.parametrize(
    ("sentence", "request_"),
    [
        ("Removes the cup from the cart", "Remove the cup from the cart"),
        ("Goes to the cart", "Go to the cart"),
        ("Searches the mails", "Search the mails"),
        ("Applies the filters", "Apply the filters"),
        ("Orders and pays", "Order and pay"),
        ("Marks the mail as read", "Mark the mail as read"),
        ("Dismisses the question", "Dismiss the question"),
        ("Copies the link", "Copy the link"),
        ("Closes the dialog", "Close the dialog"),
        ("Does without help", "Do without help"),
    ],
)
def test_a_description_becomes_a_request(sentence, request_):
    assert imperative(sentence) == request_


def test_a_grammar_stands_for_all_of_its_sentences():
    found = {expand("[Opens|Shows [all|]] the cart", Random(seed)) for seed in range(40)}
    assert found == {"Opens the cart", "Shows all the cart", "Shows the cart"}


def test_a_step_keeps_the_value_as_it_is():
    meaning = Meaning("Sets the city", "City", thing="city of the delivery address", value="Greifswald")
    assert all("greifswald" in step_for(meaning, "fill", False, Random(seed)).lower() for seed in range(300))


def test_an_explanation_becomes_what_its_widget_does():
    made = read_message(
        "k", "Back", "Label for the button to go back to settings in the [[Special:Media|media]] dialog. {{x|y}}"
    )
    assert (made.widget, made.says) == ("button", "Goes back to settings in the media dialog")
    assert read_message("k", "Sort", "Column header in the table of files").says == ""
    assert read_message("k", "$1 files", "Label for the button to show all files of a user") is None
    assert read_message("k", "Export", "{{Identical|Export}}") is None


def test_a_site_keeps_to_its_own_words_and_no_two_names_become_one():
    for seed in range(30):
        nodes = [button("Deletes the cup", "Delete", row="a"), button("Deletes the pot", "Delete", row="b")]
        nodes += [button("Removes the lid", "Remove"), button("Orders tea", "Order tea", name="Delete")]
        relabel([Group("row", nodes[:2]), *nodes[2:]], Random(seed))
        assert nodes[0].label == nodes[1].label == nodes[0].meaning.name != nodes[2].label
        assert nodes[3].label == "Order tea"


def test_an_import_with_semicolons_in_its_address_takes_nothing_else_with_it(tmp_path):
    sheet = tmp_path / "a.css"
    sheet.write_text(
        '@charset "utf-8";@import url("https://x.test/css2?f=A:wght@400;700&d=swap");:root{--a:1}', "utf-8"
    )
    assert read_css(str(sheet)) == ":root{--a:1}"


def test_a_date_field_gets_a_calendar_whose_days_say_what_they_are():
    field = text_field("day of arrival", "Arrival", "2027-04-02", input_type="date")
    nodes = [Group("form", [field])]
    for seed in range(20):
        furnish(nodes, Random(seed), make_world())
        if field.popup or isinstance(nodes[0].children[0], Group):
            break
    days = [each for each in controls_of(nodes) if each.does.startswith("choose:2027-04")]
    assert len(days) == 30 and days[1].meaning.name == "2 April" and days[1].on
    assert "2 April" in describe(days[1].meaning, False, Random(1))


def test_how_far_a_build_is_counts_only_what_this_run_has_done():
    facts = ChunkFacts(30, 90, 1800, 600, 20, 40.0, ())
    line = Progress(pages=120, kept=30, started=time.monotonic() - 60).line([facts, facts])
    assert line.startswith("pages: 60 of 120; 3,600 rows, 1,200 decisions, 40 trajectories; 2 min left, done about ")


def test_any_icon_is_found_where_every_name_has_a_size(tmp_path):
    def icons(folder, *names):
        file = tmp_path / folder / "@iconify-json" / "fluent" / "icons.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"icons": {name: {"body": "<g/>"} for name in names}}), "utf-8")
        return IconSet("fluent", tmp_path / folder, Random(0))

    some = icons("sized", "arrow-trending-wrench-20-filled", "bin-24-regular", "a-b-c-d-24-regular", "x-16-light")
    assert {some.any(Random(seed)).name for seed in range(40)} == {"arrow-trending-wrench-20-filled", "bin-24-regular"}
    with pytest.raises(MagentaError, match="no icon with a plain name"):
        icons("numbers", "1234").any(Random(0))


def test_hand_redraws_strokes_and_shapes_around_their_middle():
    bold = Hand(weight=1.5, stretch=(0.9, 1), turn=5, slant=0, corners="round")
    strokes = bold.redraw('<path stroke-width="2" stroke-linecap="butt" d="M4 6h16"/>', (0, 0, 24, 24))
    assert 'stroke-width="3"' in strokes and 'stroke-linecap="round"' in strokes
    assert "translate(12 12) rotate(5) skewX(0) scale(0.9 1) translate(-12 -12)" in strokes
    shapes = bold.redraw('<path d="M4 6h16v4z"/>', (0, 0, 20, 20))
    assert 'stroke="currentColor" stroke-width="0.6"' in shapes and "translate(10 10)" in shapes
    assert "stroke" not in Hand(1, (1, 1), 0, 0, "").redraw("<path/>", (0, 0, 20, 20))


def test_hands_differ_and_are_the_same_again():
    hands = [Hand.of(Random(seed)) for seed in range(20)]
    assert hands == [Hand.of(Random(seed)) for seed in range(20)]
    assert len(set(hands)) > 15
