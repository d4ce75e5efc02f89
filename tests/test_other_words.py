"""What people call controls by other words than those that stand on them, and what they leave unsaid."""

from dataclasses import replace

import pytest
from candidate_pages import Sheet

from magenta_qa.model.decide import open_decision
from magenta_qa.model.language.lexicon import stem
from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.target import Target
from magenta_qa.model.ranking.choice import ACCEPT
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.ranking.rank import rank
from magenta_qa.model.reranker.objections import Pick, objection
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, Box, Candidate, Decision, DecisionRequest, Description, Observation


def decide(step: str, page: Observation, *said: Description) -> Decision:
    return RulesDecider().decide(DecisionRequest(step, None, page, said))


def clicked(step: str, page: Observation, *said: Description) -> int | None:
    action = decide(step, page, *said).action
    return action.mark if action is not None else None


def read(mark: int, name: str) -> Description:
    return Description(mark, f"{name}s.", "embedded", "", reading=name)


def moved(candidate: Candidate, box: Box) -> Candidate:
    return replace(candidate, box=box)


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("organise", "organize"),
        ("organisations", "organization"),
        ("licence", "license"),
        ("colours", "color"),
        ("analysing", "analyze"),
        ("catalogue", "catalog"),
        ("labelled", "labeled"),
        ("cancelled", "canceled"),
    ],
)
def test_british_and_american_words_are_the_same(british: str, american: str) -> None:
    assert stem(british) == stem(american)


@pytest.mark.parametrize("word", ["this", "hour", "your", "spelled", "called"])
def test_other_words_stay_what_they_are(word: str) -> None:
    assert stem(word) in {word, word.removesuffix("ed")}


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("Show the keyboard shortcuts", "Hotkeys"),
        ("Open the changelog", "Release notes"),
        ("Show the licence", "License"),
        ("Store the changes", "Save"),
        ("Sort by availability", "In stock"),
        ("Align the text flush left", "Align left"),
        ("List all releases", "Versions"),
    ],
)
def test_other_words_for_the_same(step: str, name: str) -> None:
    s = Sheet()
    for each in ("Hotkeys", "Release notes", "License", "Save", "In stock", "Align left", "Versions", "Help"):
        s.add("button", each)
    page = s.page()
    mark = clicked(step, page)
    assert mark is not None and page.candidate(mark).name == name


def test_switch_of_the_theme_is_called_by_how_the_page_is_now() -> None:
    s = Sheet()
    s.add("button", "Light")
    s.add("button", "Log out")
    assert clicked("Switch to dark mode", s.page()) == 1
    s.add("button", "Dark")
    assert clicked("Switch to dark mode", s.page()) == 3


def test_what_closes_need_not_say_what_it_closes() -> None:
    s = Sheet()
    s.add("textbox", "Search")
    s.add("button", "Close")
    assert clicked("Close the list of suggestions", s.page()) == 2
    assert clicked("Close the harbour", s.page()) is None
    assert clicked("Close the dialog without saving", s.page(modal="Edit")) is None
    s.add("button", "Close")
    assert clicked("Close the list of suggestions", s.page()) is None


def test_list_that_is_left_by_a_link_called_done() -> None:
    s = Sheet()
    dialog = s.container("dialog", "Share the page Invite people Done")
    s.add("textbox", "Invite people", dialog)
    s.add("link", "Done", dialog)
    assert clicked("Dismiss the sharing dialog", s.page(modal="Share the page")) == 2


def test_field_that_programmers_call_search_shows_what_it_looks_through() -> None:
    s = Sheet()
    s.add("textbox", "name", hints="form control search")
    s.add("textbox", "Country")
    assert decide('Enter "Okafor" into the search field', s.page()).action == Action("fill", 1, "Okafor")


def test_menu_that_lies_open_is_not_shut_for_what_is_in_it() -> None:
    s = Sheet()
    menu = s.container("group", "Add filter")
    s.add("button", "Add filter", expanded=True)
    s.add("menuitem", "Availability", menu)
    assert clicked("Add a filter on availability", s.page()) == 2
    page = s.page()
    shut = Decision("act", Action("click", 1), 0.9, "", (), "rules")
    pick = Pick(page.candidates[0], 0.9, "Adds a filter.", ((page.candidates[0], 0.9),), 0.1)
    asked = DecisionRequest("Add a filter on price", None, page, ())
    assert objection(shut, asked.step or "", asked, pick, frozenset()) == (
        'the model picked [1] button "Add filter", which is open already'
    )


@pytest.mark.parametrize(
    ("step", "name", "against"),
    [
        ("Add a new flow", "Flows", 'the model picked [1] button "Flows", which only names them all'),
        ("Add a comment", "Comment", ""),
        ("Add flows", "Flows", ""),
        ("Open a flow", "Flows", ""),
        ("Type json into the filter", "json", 'the model picked [1] button "json", into which nothing can be typed'),
        ("Choose json", "json", ""),
    ],
)
def test_what_cannot_do_what_is_asked_is_not_acted_on(step: str, name: str, against: str) -> None:
    s = Sheet()
    s.add("button", name)
    page = s.page()
    acted = Decision("act", Action("click", 1), 0.9, "", (), "rules")
    pick = Pick(page.candidates[0], 0.9, "", ((page.candidates[0], 0.9),), 0.1)
    assert objection(acted, step, DecisionRequest(step, None, page, ()), pick, frozenset()) == against


@pytest.mark.parametrize("keys", ["ctrl-f", "Ctrl+Shift+F", "⇧⌘F", "(Ctrl+F)", "ctrl-g f", "alt-⇧f"])
def test_the_keys_of_an_entry_belong_to_no_name(keys: str) -> None:
    s = Sheet()
    menu = s.container("menu", "Edit")
    s.add("link", "Flows", menu)
    s.add("link", f"Search flows {keys}", menu)
    assert clicked("Choose Search flows", s.page()) == 2


@pytest.mark.parametrize("name", ["Room F2", "Delivery option B", "Night shift 2"])
def test_what_only_looks_like_keys_belongs_to_the_name(name: str) -> None:
    s = Sheet()
    s.add("button", name.rpartition(" ")[0])
    s.add("button", name)
    assert clicked(f"Click {name}", s.page()) == 2


@pytest.mark.parametrize(("y", "opened"), [(64.0, None), (400.0, 1)])
def test_list_that_hangs_below_a_button_of_more_is_its_open_menu(y: float, opened: int | None) -> None:
    s = Sheet()
    card = s.container("card", "Boat names")
    s.add("button", "Project options", card, text="", box=Box(372, 40, 30, 24))
    s.add("list", "", box=Box(372, y, 93, 82), text="Settings Label")
    assert clicked("Duplicate Boat names", s.page()) == opened


def test_who_has_logged_in_is_the_menu_of_the_user() -> None:
    s = Sheet()
    s.add("button", "ada@harbour.test", popup="menu", box=Box(1200, 10, 40, 28))
    s.add("button", "ben@harbour.test", s.container("row", "Ben Okafor"), box=Box(20, 50, 90, 20))
    assert clicked("Open the user menu", s.page()) == 1


def test_what_adjoins_is_beside_it_and_it_is_not_beside_itself() -> None:
    s = Sheet()
    s.add("button", "Label all", box=Box(400, 96, 160, 32))
    s.add("button", "Toggle open", text="", box=Box(560, 96, 33, 32))
    s.add("button", "Menu", box=Box(900, 96, 60, 32))
    assert clicked("Open the menu beside Label all", s.page()) == 2


def test_options_of_a_list_in_a_card_are_items_of_their_own() -> None:
    s = Sheet()
    card = s.container("card", "moon-phase Tells the phase of the moon tide-table Predicts the tides")
    s.add("textbox", "Search packages")
    s.add("option", "moon-phase Tells the phase of the moon", card)
    s.add("option", "tide-table Predicts the tides", card)
    assert clicked("Choose the package about the phase of the moon", s.page()) == 2


@pytest.mark.parametrize("step", ["Run the search", "Find free rooms", "Find the rooms that match"])
def test_search_is_started_by_the_only_button_for_it(step: str) -> None:
    s = Sheet()
    s.add("textbox", "Where to")
    s.add("button", "Look up")
    s.add("button", "Help")
    assert clicked(step, s.page()) == 2
    assert clicked("Find the invoice of Ada", s.page()) is None


def test_what_is_done_to_the_selected_is_not_done_by_a_row() -> None:
    s = Sheet()
    s.add("button", "Archive")
    for name in ("Ada", "Ben"):
        s.add("button", "Archive", s.container("row", f"{name} Lunch"))
    assert clicked("Archive the selected mails", s.page()) == 1
    assert clicked('Click "Archive selected"', s.page()) == 1


@pytest.mark.parametrize("step", ["Restart cache-17", "Refresh cache-17"])
def test_one_picture_stands_for_several_deeds(step: str) -> None:
    s = Sheet()
    row = s.container("row", "cache-17 Running")
    s.add("button", "", row)
    s.add("button", "Stop", row)
    assert clicked(step, s.page(), read(1, "Refresh")) == 1


def test_stars_without_names_are_counted_from_one_that_has_one() -> None:
    s = Sheet()
    card = s.container("card", "Rate the lamp 3 stars")
    for name in ("", "", "3 stars", "", ""):
        s.add("button", name, card, text=name, box=Box(40, 341, 34, 28))
    assert clicked("Give the lamp 2 stars", s.page()) == 2
    assert clicked('Click "5 stars"', s.page()) == 5


def test_sign_beside_a_link_unfolds_what_the_link_leads_to() -> None:
    s = Sheet()
    s.add("button", "Expand", text="", box=Box(20, 100, 20, 24))
    s.add("link", "Garden", box=Box(44, 100, 80, 24), href="http://app.test/garden")
    s.add("link", "Kitchen", box=Box(44, 140, 80, 24), href="http://app.test/kitchen")
    assert clicked("Expand the department Garden", s.page()) == 1


def test_filter_with_a_value_alone() -> None:
    assert [(i.kind, i.value) for i in read_step('Filter: "web"')] == [("filter", "web")]


def test_box_narrows_a_list_down_to_what_is_so() -> None:
    s = Sheet()
    s.add("checkbox", "Shared")
    meant = RulesDecider().decide_meant(DecisionRequest("Show entries that are shared", None, s.page(), ()), 1, 0.99)
    assert meant.action == Action("check", 1)


def test_button_does_what_reads_like_a_value() -> None:
    s = Sheet()
    s.add("button", "Align left")
    meant = RulesDecider().decide_meant(DecisionRequest("Set the text flush left", None, s.page(), ()), 1, 0.99)
    assert meant.action == Action("click", 1)


def test_card_of_its_own_label_is_meant_where_several_stand_in_one_lane() -> None:
    s = Sheet()
    lane = s.container("card", "Review Clean up old accounts")
    s.add("button", "", s.container("label", "Review"), lane)
    s.add("button", "", s.container("label", "Clean up old accounts"), lane)
    said = (read(1, "More actions"), read(2, "More actions"))
    assert clicked('Show more actions for the card "Clean up old accounts"', s.page(), *said) == 2


def test_row_is_meant_rather_than_a_cell_of_it() -> None:
    s = Sheet()
    s.add("generic", "", text="When does the ferry leave?", box=Box(0, 100, 800, 60), hints="task row")
    s.add("generic", "", text="The crane is new", box=Box(0, 200, 800, 60), hints="task row")
    row = s.container("row", "When does the ferry leave?")
    s.add("generic", "", row, box=Box(0, 100, 60, 60), hints="cell select")
    assert clicked("Open the letter about the ferry", s.page()) == 1


def test_sections_are_not_single_items() -> None:
    s = Sheet()
    s.add("link", "A", s.container("listitem", "A Ada Moreau"))
    s.add("tab", "Versions")
    assert clicked("List all releases of the package", s.page()) == 2


def test_box_that_says_the_opposite_is_unticked() -> None:
    s = Sheet()
    s.add("checkbox", "In stock", checked=True)
    assert decide("Mark the book as not available", s.page()).action == Action("uncheck", 1)
    s.add("button", "Not spam")
    assert clicked("Mark the mail as not spam", s.page()) == 2


def test_other_ways_of_seeing_it() -> None:
    s = Sheet()
    for name in ("Hotel Anker", "Hotel Krone"):
        card = s.container("card", f"{name} $90 Map")
        s.add("link", name, card)
        s.add("button", "Map", card)
    s.add("radio", "Switch to grid view")
    assert clicked("Show Hotel Krone on the map", s.page()) == 4
    assert clicked("Show the hotels as cards", s.page()) == 5


def test_name_after_a_preposition_begins_no_request() -> None:
    assert [i.kind for i in read_step("Dismiss the notification about Press release")] == ["close"]
    assert [i.kind for i in read_step("Open the menu press Delete")] == ["open", "press"]


def test_switch_that_is_called_by_its_column_and_its_row() -> None:
    s = Sheet()
    for name in ("Oat milk", "Mug"):
        column, row = s.container("column", "Active"), s.container("row", f"{name} Remove")
        s.add("checkbox", f"Active {name}", column, row, checked=True)
    assert decide("Hide the mug in the shop", s.page()).action == Action("uncheck", 2)


def test_what_is_switched_off_may_be_hidden() -> None:
    s = Sheet()
    for name in ("Frame", "Colour"):
        s.add("button", "", s.container("card", name))
    assert clicked("Switch off the layer Frame", s.page(), read(1, "Show"), read(2, "Show")) == 1


def test_writing_to_somebody_types_nothing_into_a_control() -> None:
    s = Sheet()
    s.add("link", "A", href="mailto:ada@app.test")
    page = s.page()
    pick = Pick(page.candidates[0], 0.9, "Writes to Ada.", ((page.candidates[0], 0.9),), 0.1)
    click = Decision("act", Action("click", 1), 0.9, "", (), "rules")
    for step, against in (("Write an e-mail to the author", ""), ("Write hello into the filter", "can be typed")):
        said = objection(click, step, DecisionRequest(step, None, page, ()), pick, frozenset())
        assert (against in said) if against else "typed" not in said


def test_words_stand_where_the_model_means_what_cannot_be_done() -> None:
    s = Sheet()
    s.add("link", "Wishlist")
    for name in ("Glow Lantern", "Nook Tent"):
        s.add("button", "Add to wishlist", s.container("listitem", f"{name} $40.00"))
    decision = open_decision("embedded", api_key=None).decide(
        DecisionRequest("Have a look at my favourites", None, s.page(), ())
    )
    assert decision.action == Action("click", 1)


@pytest.mark.parametrize(("label", "sure"), [("Login", True), ("Signum", True), ("Signum", False)])
def test_name_of_the_user_is_surely_the_only_field_before_the_password(label: str, sure: bool) -> None:
    s = Sheet()
    s.add("textbox", "Search")
    form = s.container("form", "Sign in")
    if not sure:
        s.add("textbox", "Branch", form)
    s.add("textbox", label, form)
    s.add("password", "Password", form)
    decision = decide("Log in as mira with password ${PW}", s.page())
    assert decision.action == Action("fill", 2 if sure else 3, "mira")
    assert (decision.confidence > 0.9) is sure


def test_entry_of_a_menu_is_one_of_several_that_stand_on_each_other() -> None:
    s = Sheet()
    for at, name in enumerate(("Subject", "Priority")):
        s.add("link", name, s.container("header", name), box=Box(100 + 200 * at, 100, 60, 16))
    s.add("link", "Priority", box=Box(700, 40, 60, 16))
    for at, name in enumerate(("Edit", "Priority", "Delete issue")):
        s.add("link", name, box=Box(900, 120 + 20 * at, 140, 16))
    assert decide("Hover over Priority in the menu", s.page()).action == Action("hover", 5)
    assert clicked("Click Priority in the menu", s.page()) == 5


def test_beside_is_in_the_same_line() -> None:
    s = Sheet()
    for at, (label, name) in enumerate((("Category", "New category"), ("Target version", "New version"))):
        s.add("select", label, options=("", "A"), box=Box(200, 400 + 32 * at, 250, 24))
        s.add("link", name, text=name, box=Box(470, 404 + 32 * at, 16, 16), hints="add")
    assert clicked("Click the plus beside Category", s.page()) == 2
    assert clicked("Click the plus beside Target version", s.page()) == 4


def test_capitals_tell_apart_what_differs_in_nothing_else() -> None:
    s = Sheet()
    s.add("link", "Admin")
    s.add("link", "admin")
    assert clicked("Go to the Admin page", s.page()) == 1
    assert clicked("Click Admin", s.page()) == 1
    assert decide("Go to the admin page", s.page()).outcome == "none"


def test_row_is_called_by_what_it_shows_whatever_its_tooltip_tells() -> None:
    s = Sheet()
    for name in ("alpha.txt", "beta.txt"):
        told = f"Name: {name} Size: 6 B Created: 11/28/26, 12:28 AM Writable: true"
        s.add("listitem", told, text=f"{name} 5m ago", action_types=("click", "double_click"))
    page = s.page()
    assert decide("Right-click beta.txt", page).action == Action("right_click", 2)
    assert decide("Open beta.txt", page).action == Action("double_click", 2)
    assert decide("Click beta.txt", page).action == Action("click", 2)


def test_icon_is_not_called_by_a_word_that_stands_anywhere_in_its_part_of_the_page() -> None:
    s = Sheet()
    part = s.container("card", "/ Name Modified alpha 5m ago notes 5m ago")
    s.add("image", "", part, hints="folder", text="")
    for at in range(9):
        s.add("button", f"Tool {at}", part)
    said = Description(1, "Opens the folder in the / Name Modified alpha 5m ago notes 5m ago card.", "embedded", "")
    assert decide("Open the alpha folder", s.page()).outcome == "none"
    page = Page(s.page(), [replace(said, reading="Folder")])
    assert all(
        r.score < ACCEPT for verb in ("", "open") for r in rank(Target("alpha folder", "", verb=verb), "open", page)
    )
    assert clicked("Open the folder", s.page()) == 1


def test_name_goes_before_pictures_of_the_same() -> None:
    s = Sheet()
    part = s.container("region", "File list New")
    s.add("button", "New Folder", part, text="", hints="folder")
    s.add("image", "", part, text="", hints="folder")
    assert clicked("Click the new folder icon above the file list", s.page()) == 1


@pytest.mark.parametrize(("name", "focused", "mark"), [("", True, 2), ("Filter", True, None), ("", False, None)])
def test_what_was_just_made_is_named_in_the_field_that_waits_for_it(name: str, focused: bool, mark: int | None) -> None:
    s = Sheet()
    s.add("searchbox", "Search")
    s.add("textbox", name, focused=focused, value="Untitled")
    s.add("button", "File")
    action = decide('Name the folder "reports"', s.page()).action
    assert action == (Action("fill", 2, "reports") if mark else None)


def test_nothing_is_confirmed_by_what_a_notice_asks() -> None:
    s = Sheet()
    s.add("button", "Yes", s.container("region", "Notifications"))
    s.add("button", "No")
    assert decide("Confirm the deletion in the dialog", s.page()).outcome == "none"
    s = Sheet()
    s.add("button", "Yes", s.container("dialog", "Delete the file?"))
    assert clicked("Confirm the deletion in the dialog", s.page()) == 1
    s = Sheet()
    s.add("button", "Confirm")
    assert clicked("Confirm the deletion", s.page()) == 1


def test_text_that_is_entered_is_no_entry_that_means_the_same() -> None:
    s = Sheet()
    s.add("menuitem", "File")
    s.add("radio", "Large")
    assert decide('Name the folder "papers" and press Enter', s.page()).outcome == "none"
    assert decide('Enter "papers" as the name', s.page()).outcome == "none"
    assert clicked("Enter Large as the size", s.page()) == 2


def test_bar_at_the_top_is_more_than_the_upper_part() -> None:
    s = Sheet()
    s.add("link", "", box=Box(940, 0, 44, 40), hints="wrench")
    s.add("button", "", box=Box(1060, 112, 34, 26), hints="wrench")
    assert clicked("Click the wrench in the top bar", s.page()) == 1


@pytest.mark.parametrize("word", ["View history", "Save", "Delete", "Close"])
def test_neighbour_is_no_purpose(word: str) -> None:
    s = Sheet()
    s.add("link", word, box=Box(800, 40, 86, 40))
    s.add("button", "", box=Box(890, 40, 28, 40), hints="star")
    s.add("button", "", box=Box(400, 40, 28, 40), hints="star")
    assert clicked(f"Click the star next to {word}", s.page()) == 2


@pytest.mark.parametrize("value", ["admin:heron-42", "localhost:8080"])
def test_colon_inside_one_word_belongs_to_the_value(value: str) -> None:
    s = Sheet()
    s.add("password", "admin:pass")
    decision = decide(f"Enter {value}", s.page())
    assert decision.action is not None and decision.action.value == value


def test_field_before_a_colon_without_a_blank_is_a_field() -> None:
    s = Sheet()
    s.add("textbox", "Nickname")
    s.add("textbox", "Motto")
    decision = decide("Enter nickname:Ada", s.page())
    assert decision.action is not None and (decision.action.mark, decision.action.value) == (1, "Ada")


@pytest.mark.parametrize(("bar", "against"), [("top", "header"), ("bottom", "footer")])
def test_what_a_model_picks_stands_in_the_bar_that_was_named(bar: str, against: str) -> None:
    s = Sheet()
    near = s.add("button", "Tools", box=Box(940, 0 if bar == "top" else 680, 44, 40))
    far = s.add("button", "Tools", box=Box(1060, 400, 34, 26))
    page, step = s.page(), f"Click the wrench in the {bar} bar"
    for meant in (near, far):
        click = Decision("act", Action("click", meant.mark), 0.9, "")
        pick = Pick(meant, 0.9, "Opens the tools.", ((near, 0.5), (far, 0.5)), 0.0)
        said = objection(click, step, DecisionRequest(step, None, page, ()), pick, frozenset())
        assert (f"which is not in the {against}" in said) == (meant == far)
