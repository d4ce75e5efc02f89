"""How candidates are ranked for a target: exact before near, the word before its synonym, the row before the page."""

import cProfile
import pstats
from dataclasses import replace

import pytest
from candidate_pages import Sheet, admin, crm, modal

from magenta_qa.model.language.spans import mask
from magenta_qa.model.language.target import Target, read_target
from magenta_qa.model.ranking.choice import Choice, find
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.ranking.rank import rank
from magenta_qa.model.schema import Box, Candidate, Observation


def target(text: str, verb: str = "") -> Target:
    masked = mask(text)
    return read_target(masked.text, masked, verb)


def choice(observation: Observation, text: str, action: str = "click", verb: str = "") -> Choice:
    return find(target(text, verb), action, Page(observation))


def names(observation: Observation, text: str, action: str = "click") -> list[str]:
    return [r.candidate.name for r in rank(target(text), action, Page(observation))]


def buttons(*called: str) -> Observation:
    s = Sheet()
    for name in called:
        s.add("button", name)
    return s.page()


def test_exact_name_comes_before_longer_ones() -> None:
    assert names(buttons("Save changes", "Save", "Save it now"), "Save")[0] == "Save"


def test_the_word_comes_before_its_synonym() -> None:
    assert names(buttons("Remove", "Delete"), "Delete") == ["Delete", "Remove"]
    assert choice(buttons("Remove", "Delete"), "Delete").best


def test_a_synonym_is_enough_where_nothing_else_fits() -> None:
    found = choice(buttons("Help", "Remove"), "Delete").best
    assert found and found.candidate.name == "Remove"
    assert found.score < 1


def test_a_name_comes_before_hints() -> None:
    s = Sheet()
    s.add("button", "", hints="trash")
    s.add("button", "Delete")
    found = choice(s.page(), "Delete").best
    assert found and found.candidate.name == "Delete"


def test_hints_alone_are_weak_but_enough() -> None:
    s = Sheet()
    s.add("button", "", hints="cog wheel")
    found = choice(s.page(), "settings icon").best
    assert found and found.score < 0.8


def test_quoted_name_must_be_there_word_for_word() -> None:
    assert choice(buttons("Save changes"), '"Save"').best is None
    assert choice(buttons("Store"), '"Save"').best is None
    assert choice(buttons("  SAVE… "), '"Save"').best
    assert choice(buttons("Inbox (3)"), '"Inbox"').best


@pytest.mark.parametrize("text", ["Save", "save button", "the 'Save' button"])
def test_disabled_control_is_chosen_only_without_an_enabled_one(text: str) -> None:
    s = Sheet()
    s.add("button", "Save", disabled=True)
    only = choice(s.page(), text).best
    assert only and only.candidate.mark == 1
    s.add("button", "Save")
    enabled = choice(s.page(), text).best
    assert enabled and enabled.candidate.mark == 2


def test_out_of_view_is_no_way_to_tell_two_apart() -> None:
    page = buttons("Edit", "Edit")
    hidden = replace(page.candidates[1], in_view=False)
    assert choice(replace(page, candidates=(page.candidates[0], hidden)), "Edit").torn


def test_open_dialog_comes_first() -> None:
    found = choice(modal(), "Delete").best
    assert found and found.candidate.context


def test_text_goes_only_where_it_can_be_typed() -> None:
    s = Sheet()
    s.add("button", "Search")
    s.add("textbox", "Search")
    found = choice(s.page(), "Search", "fill").best
    assert found and found.candidate.mark == 2
    clicked = choice(s.page(), "Search").best
    assert clicked and clicked.candidate.mark == 1


def test_the_noun_tells_a_tab_from_a_link() -> None:
    s = Sheet()
    s.add("link", "Orders")
    s.add("tab", "Orders")
    for noun, mark in (("link", 1), ("tab", 2)):
        found = choice(s.page(), f"Orders {noun}").best
        assert found and found.candidate.mark == mark
    assert choice(s.page(), "Orders").torn


def test_value_of_a_field_is_not_its_name() -> None:
    s = Sheet()
    s.add("textbox", "Comment", text="Delete")
    assert choice(s.page(), "Delete").best is None


def test_the_own_row_counts_more_than_the_table() -> None:
    s = Sheet()
    table = s.container("table", "Ada Miller, Bob Stone")
    for name in ("Ada Miller", "Bob Stone"):
        s.add("button", "Edit", s.container("row", name), table)
    found = choice(s.page(), "Ada Miller", verb="edit").best
    assert found and found.candidate.mark == 1


def test_words_of_two_rows_do_not_make_one() -> None:
    assert choice(admin(), "Ada Fisher", verb="edit").best is None
    assert choice(admin(), "Edit in the row of Bob Miller").best is None


def test_part_of_a_word_is_not_the_word() -> None:
    found = choice(admin(), "Edit in the row of Bob").best
    assert found and "Bob Stone" in found.candidate.context[0].text


def test_label_with_a_preposition_is_one_name() -> None:
    s = Sheet()
    s.add("link", "Terms of service")
    s.add("link", "Terms")
    found = choice(s.page(), "Terms of service").best
    assert found and found.candidate.mark == 1


def placed(s: Sheet, name: str, x: float, y: float) -> Candidate:
    return s.add("button", name, box=Box(x, y, 40, 20))


def test_directions_are_told_by_boxes() -> None:
    s = Sheet()
    placed(s, "Edit", 100, 100)
    placed(s, "Total", 300, 100)
    placed(s, "Edit", 500, 100)
    placed(s, "Edit", 300, 300)
    page = s.page()
    for words, mark in (("left of", 1), ("right of", 3), ("below", 4)):
        found = choice(page, f"Edit {'to the ' if 'of' in words else ''}{words} Total").best
        assert found and found.candidate.mark == mark, words
    assert choice(page, "Edit above Total").best is None


def test_header_and_footer_are_told_by_place() -> None:
    s = Sheet()
    placed(s, "Help", 10, 10)
    placed(s, "Help", 10, 700)
    top, bottom = choice(s.page(), "Help in the header").best, choice(s.page(), "Help in the footer").best
    assert top and top.candidate.mark == 1
    assert bottom and bottom.candidate.mark == 2


def test_ordinals_count_in_reading_order() -> None:
    page = buttons("Edit", "Edit profile", "Edit", "Edit")
    for words, mark in (("first Edit", 1), ("second Edit", 3), ("last Edit", 4)):
        found = choice(page, words).best
        assert found and found.candidate.mark == mark
    assert choice(page, "fourth Edit").absent


def test_absent_only_where_no_nameless_control_could_be_it() -> None:
    assert choice(buttons("Help"), "Delete").absent
    s = Sheet()
    s.add("button", "")
    assert not choice(s.page(), "Delete").absent
    fields = Sheet()
    fields.add("textbox", "")
    assert choice(fields.page(), "Delete button").absent


@pytest.mark.parametrize(("row", "absent"), [("Hal Cook", False), ("Ada Linden", True), ("Grace Hopper", False)])
def test_a_nameless_control_of_another_row_is_not_what_is_meant(row: str, absent: bool) -> None:
    s = Sheet()
    s.add("button", "", s.container("row", "Hal Cook"))
    s.add("button", "Edit", s.container("row", "Ada Linden"))
    assert (
        choice(s.page(), f"Delete in the row of {row}").absent is absent
    )  # nobody knows what becomes of a row that is gone


def servers(*, kind: str) -> Observation:
    s = Sheet()
    around = s.container("card", "Servers cache-34 Stopped db-21 Stopped Start")
    head = s.container(kind, "Name State")
    s.add("button", "Sort", head, around, hints="clear small")
    named = s.container(kind, "cache-34 Stopped")
    s.add("button", "", named, around, hints="clear small play")
    other = s.container(kind, "db-21 Stopped Start")
    s.add("button", "Start", other, around, hints="clear small play")
    return s.page()


@pytest.mark.parametrize("kind", ["row", "card"])
@pytest.mark.parametrize("where", ["next to cache-34", "in the row of cache-34", "of cache-34"])
def test_control_of_another_item_of_the_list_is_not_what_is_meant(kind: str, where: str) -> None:
    assert choice(servers(kind=kind), f'"Start" {where}').best is None
    found = choice(servers(kind=kind), f'"Start" {where.replace("cache-34", "db-21")}').best
    assert found and found.candidate.mark == 3


def test_head_and_foot_of_a_card_are_no_items_of_a_list() -> None:
    s = Sheet()
    card = s.container("card", "Ada Delete")
    s.add("button", "", s.container("card", "Ada"), card, hints="icon star")
    s.add("button", "Delete", s.container("card", "Delete"), card, hints="danger")
    found = choice(s.page(), "Delete in the card of Ada").best
    assert found and found.candidate.mark == 2


def test_buttons_of_a_bar_are_no_items_that_others_stand_beside() -> None:
    s = Sheet()
    bar = s.container("region", "Save Undo")
    for number, name in enumerate(("Save", "Undo")):
        s.add("button", name, s.container("listitem", name), bar, box=Box(20 + number * 60, 20, 56, 24))
    found = choice(s.page(), "Undo next to Save").best
    assert found and found.candidate.mark == 2


def test_scores_lie_between_0_and_1() -> None:
    for text in ("Save", "Save as draft", "City under Billing", "the first button", "", "of", "terms"):
        for ranked in rank(target(text), "click", Page(crm())):
            assert 0 <= ranked.score <= 1


def crowd(rows: int) -> Observation:
    s = Sheet()
    for i in range(rows):
        row = s.container("row", f"Person {i} p{i}@x.org Editor")
        s.add("link", f"Person {i}", row)
        s.add("button", "Edit", row)
    return s.page("People")


def calls(observation: Observation) -> int:
    """How many calls a ranking takes; unlike seconds the same on every machine."""
    find(target("Edit in the row of Person 7"), "click", Page(observation))  # texts are read once
    profile = cProfile.Profile()
    profile.runcall(lambda: choice(observation, "Edit in the row of Person 7"))
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def test_ranking_is_linear_in_the_candidates() -> None:
    assert calls(crowd(1_600)) < 4.6 * calls(crowd(400))


def test_what_stands_alone_comes_before_what_every_card_has() -> None:
    s = Sheet()
    s.add("button", "Add to cart")
    for name in ("Tent", "Stove", "Mug"):
        s.add("button", "Add to cart", s.container("listitem", name))
    found = choice(s.page(), '"Add to cart"').best
    assert found and found.candidate.mark == 1
    s.add("button", "Add to cart")
    assert choice(s.page(), '"Add to cart"').torn


def test_label_with_an_explanation_is_found_by_its_first_words() -> None:
    s = Sheet()
    s.add("switch", "Text messages On the day of delivery")
    s.add("switch", "Text size of messages")
    found = choice(s.page(), '"Text messages"', "check").best
    assert found and found.candidate.mark == 1
    assert choice(buttons("Save Changes"), '"Save"').best is None


def test_alternative_is_found_by_the_first_words_of_its_label() -> None:
    s = Sheet()
    group = s.container("group", "Delivery")
    s.add("radio", "Standard 2–3 days €4.90", group)
    s.add("radio", "Express tomorrow before noon €14.90", group)
    found = choice(s.page(), '"Express"').best
    assert found and found.candidate.mark == 2


def test_a_nameless_field_is_called_by_what_stands_beside_it() -> None:
    s = Sheet()
    s.add("textarea", "", s.container("group", "Description"))
    s.add("textarea", "Ask a question...")
    found = choice(s.page(), "description", "fill").best
    assert found and found.candidate.mark == 1


def test_a_checkbox_with_a_meaning_of_its_own_does_not_select_its_row() -> None:
    s = Sheet()
    for name in ("naive", "forest"):
        row = s.container("row", f"Pin run {name} 10 months ago")
        s.add("checkbox", "Select row", row)
        s.add("checkbox", "Pin run", row)
    found = choice(s.page(), "checkbox in the row of forest", "check").best
    assert found and found.candidate.mark == 3


def test_badge_on_a_link_is_no_button_by_a_synonym() -> None:
    s = Sheet()
    link = s.add("link", "AI Gateway New", box=Box(10, 10, 180, 30))
    s.add("generic", "New", box=Box(130, 14, 40, 20))
    assert choice(s.page(), "Create").best is None
    found = choice(s.page(), "New").best
    assert found and found.candidate.mark != link.mark
    s.add("button", "Create", box=Box(400, 10, 80, 30))
    found = choice(s.page(), "Create").best
    assert found and found.candidate.name == "Create"


def test_control_in_a_row_comes_before_the_row_that_repeats_its_words() -> None:
    s = Sheet()
    row = s.container("row", "Hal Cook 41")
    s.add("row", "Hal Cook 41 More actions", box=Box(0, 0, 600, 40))
    s.add("button", "More actions", row, box=Box(500, 5, 60, 30))
    found = choice(s.page(), "actions menu in the row of Hal", "open")
    assert found.best and found.best.candidate.role == "button"


def test_field_that_searches_takes_no_name() -> None:
    s = Sheet()
    s.add("textbox", "Search experiments")
    assert choice(s.page(), "experiment name", "fill").best is None
    assert choice(s.page(), "the experiment search field", "fill").best
    s.add("textbox", "Experiment name")
    found = choice(s.page(), "experiment name", "fill").best
    assert found and found.candidate.name == "Experiment name"


def test_what_is_clicked_without_a_role_is_an_item_only_beside_its_like() -> None:
    s = Sheet()
    s.add("generic", "ada@harbour.test", hints="header user avatar")
    assert not names(s.page(), "the first project")
    for name in ("Boats", "Letters"):
        s.add("generic", name, hints="block rounded project")
    assert names(s.page(), "the first project")[0] == "Boats"


def test_quoted_name_in_the_item_comes_before_one_in_the_list_around_it() -> None:
    s = Sheet()
    whole = s.container("card", "Dips: Fish and chips - + Salt and pepper - +")
    for dish in ("Fish and chips - +", "Salt and pepper - +"):
        s.add("button", "+", s.container("card", dish), whole)
    found = choice(s.page(), '"Salt and pepper"', verb="add").best
    assert found and found.candidate.mark == 2


def test_control_called_like_a_sort_of_thing_comes_before_things_of_that_sort() -> None:
    s = Sheet()
    for name in ("Pages", "Images", "Documents"):
        s.add("link", name)
    for name in ("Red buoy", "Blue sail"):
        s.add("image", name)
    s.add("link", "4 images created")
    best = choice(s.page(), "the images", action="open").best
    assert best and best.candidate.name == "Images"
