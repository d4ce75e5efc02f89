"""Steps whose meaning turns on a word: quoted fields, users called "admin", what is paused, rows, sorts of things."""

import pytest
from candidate_pages import Sheet

from magenta_qa.model.language.step import read_step
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import DecisionRequest, Observation


def clicked(step: str, page: Observation) -> int | None:
    action = RulesDecider().decide(DecisionRequest(step, None, page, ())).action
    return action.mark if action is not None else None


@pytest.mark.parametrize(
    ("step", "user", "secret"),
    [
        ("Log in as admin with password hunter2", "admin", "hunter2"),
        ("Log in as user with the password hunter2", "user", "hunter2"),
        ("Log in as customer, hunter2", "customer", "hunter2"),
        ("Log in as the admin ada with password hunter2", "ada", "hunter2"),
        ("Log in with the password hunter2", None, "hunter2"),
    ],
)
def test_names_of_users_may_be_words_for_users(step: str, user: str | None, secret: str) -> None:
    (intent,) = read_step(step)
    assert (intent.kind, intent.value, intent.secret) == ("login", user, secret)


@pytest.mark.parametrize(
    ("step", "value", "field"),
    [
        ('Type 30 into "Clean out after"', "30", "Clean out after"),
        ('Enter Ada as "Full name"', "Ada", "Full name"),
        ('Set "Amount" to 5', "5", "Amount"),
        ('Fill "Full name" with Ada', "Ada", "Full name"),
        ('Change "Status" from Open to Closed', "Closed", "Status"),
        ('Fill in "Full name": Ada', "Ada", "Full name"),
        ('Set "dark" as theme', "dark", "theme"),
        ('Set "5" to the quantity', "5", "quantity"),
        ('Enter colour as "Red"', "Red", "colour"),
        ("Limit the incoming rate to 300", "300", "incoming rate"),
        ("Cap the upload rate to 300", "300", "upload rate"),
    ],
)
def test_what_is_in_quotes_may_be_the_field(step: str, value: str, field: str) -> None:
    (intent,) = read_step(step)
    assert intent.kind == "fill" and intent.target is not None
    assert (intent.value, intent.target.phrase) == (value, field)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("Pause the video", "act"),
        ("Pause Invoices", "act"),
        ("Pause", "act"),
        ("Pause for 2 seconds", "wait"),
        ("Pause a moment", "wait"),
        ("Pause until Saved appears", "wait"),
    ],
)
def test_what_is_paused_is_not_waited_for(step: str, kind: str) -> None:
    assert [intent.kind for intent in read_step(step)] == [kind]


def test_entry_is_opened_from_the_menu_that_is_named() -> None:
    s = Sheet()
    s.add("button", "Settings")
    s.add("link", "Actions", popup="menu")
    assert clicked("Open the settings from the Actions menu", s.page()) == 2


def test_row_is_acted_on_by_what_it_begins_with() -> None:
    s = Sheet()
    s.add("row", "1 Lecture recordings 8.0 MiB")
    s.add("row", "2 Old maps 15.0 MiB")
    s.add("row", "3 Maps 15.0 MiB")
    assert clicked("Right-click Old maps", s.page()) == 2
    assert clicked("Double-click Maps", s.page()) == 3
    s.add("row", "4 Old maps of Oslo 3.0 MiB")
    assert clicked("Right-click Old maps", s.page()) is None


def test_sort_of_thing_is_not_the_one_that_is_named() -> None:
    s = Sheet()
    card = s.container("card", "Categories Music Study")
    s.add("button", "Categories", card)
    assert clicked("Show only the category Study", s.page()) is None
    s.add("link", "Study (2)", card)
    assert clicked("Show only the category Study", s.page()) == 2


def test_play_button_goes_on() -> None:
    s = Sheet()
    s.add("button", "Resume")
    s.add("button", "Pause")
    assert clicked("Click the play button", s.page()) == 1


def stays() -> Observation:
    """Two cards with a name, "Reserve" and "Map" each."""
    s = Sheet()
    for name in ("Villa Tate", "Inn King"):
        card = s.container("card", f"{name} Reserve Map")
        for label in (name, "Reserve", "Map"):
            s.add("link", label, card)
    return s.page()


def test_what_is_begun_is_the_deed() -> None:
    assert clicked("Start booking Villa Tate", stays()) == 2
    (intent,) = read_step("Start the tour")
    assert intent.verb == "start"


def test_where_something_is_tells_a_map() -> None:
    assert clicked("Show where Inn King is", stays()) == 6


def test_quoted_number_is_what_a_name_begins_with() -> None:
    s = Sheet()
    s.add("link", "#15095 Customer survey")
    s.add("link", "#15096 Customer survey")
    assert clicked('Click "#15095"', s.page()) == 1
    assert clicked('Click "15096"', s.page()) == 2
    assert clicked('Click "#1509"', s.page()) is None


def test_what_is_configured_is_not_opened() -> None:
    s = Sheet()
    row = s.container("row", "cache-13 Running")
    s.add("link", "cache-13", row)
    assert clicked("Configure cache-13", s.page()) is None
    s.add("button", "Configure", row)
    assert clicked("Configure cache-13", s.page()) == 2


def test_all_of_a_sort_is_behind_what_is_called_all() -> None:
    s = Sheet()
    for name in ("New ticket", "All", "Mine"):
        s.add("button" if name == "New ticket" else "tab", name)
    assert clicked("List all tickets", s.page()) == 2
    assert clicked("Show all of the open tickets", s.page()) == 2
    assert clicked("List all tickets of Ada", s.page()) != 2


def test_what_is_brought_back_is_undone() -> None:
    s = Sheet()
    s.add("button", "Undo")
    s.add("link", "Back")
    assert clicked("Bring Staging back", s.page()) == 1
    assert clicked("Restore photo-v2.svg", s.page()) == 1
    s.add("button", "Restore")
    assert clicked("Bring Staging back", s.page()) is None, "two may take it back"


@pytest.mark.parametrize(
    ("step", "owner"),
    [
        ('Use the "Change" of "comment of Jessica"', "Jessica"),
        ('Click Copy link of "comment of Kellie Ray"', "Kellie Ray"),
        ('Use the "Up" button of "Julie Lynn\'s question"', "Julie Lynn"),
    ],
)
def test_item_of_somebody_in_quotes(step: str, owner: str) -> None:
    (intent,) = read_step(step)
    assert intent.target is not None
    assert [(r.kind, r.phrase, r.container) for r in intent.target.relations] == [("in", owner, "listitem")]


@pytest.mark.parametrize("value", ["ada@x.test", "'Ada'"])
def test_field_for_whom_something_is_shared_with(value: str) -> None:
    (intent,) = read_step(f"Fill in {value} for the person to share the page with")
    assert intent.target is not None
    assert (intent.kind, intent.value, intent.target.full) == (
        "fill",
        value.strip("'"),
        "person to share the page with",
    )


def test_search_without_words_presses_the_button() -> None:
    s = Sheet()
    s.add("searchbox", "Search")
    s.add("button", "Search")
    assert clicked("Search the products", s.page()) == 2
    action = RulesDecider().decide(DecisionRequest("Search for the red mug", None, s.page(), ())).action
    assert action is not None and (action.kind, action.mark) == ("fill", 1)


def books() -> Observation:
    s = Sheet()
    for title in ("Emma", "Persuasion", "Mansfield Park"):
        item = s.container("card", f"{title} by Jane Austen")
        s.add("link", title, item)
        s.add("button", "Add to basket", item)
        s.add("button", "×", item)
    s.add("button", "×", s.container("dialog", "A new Emma is out"))
    return s.page()


@pytest.mark.parametrize(
    ("step", "mark"),
    [
        ("Remove Emma", 3),
        ("Delete the second book", 6),
        ("Remove the last of the books", 9),
        ("Open the third of Jane Austen's books", 7),
        ("Open the second of the books", 4),
        ("Open Emma", 1),
    ],
)
def test_cross_in_an_item_removes_it_and_one_of_several_is_counted(step: str, mark: int) -> None:
    assert clicked(step, books()) == mark


@pytest.mark.parametrize("step", ["Remove Sanditon", "Edit Emma", "Remove the fourth of the books"])
def test_cross_in_an_item_does_nothing_else(step: str) -> None:
    assert clicked(step, books()) is None


def test_item_is_meant_by_what_it_says() -> None:
    s = Sheet()
    s.add("link", "Invoices")
    for who, state in (("Ada", "paid"), ("Bo", "draft"), ("Cy", "paid")):
        row = s.container("row", f"{who} $45.00 {state}")
        s.add("link", who, row)
        s.add("button", "Remind", row)
    assert clicked("Open the draft invoice", s.page()) == 4
    assert clicked("Open the paid invoice", s.page()) is None, "two are paid"
    assert clicked("Open the overdue invoice", s.page()) is None


def test_what_is_turned_to_a_figure_is_set_to_it() -> None:
    for step in ("Turn the volume to 30", "Turn the volume up to 30"):
        (intent,) = read_step(step)
        assert intent.target is not None
        assert (intent.kind, intent.target.phrase, intent.value) == ("fill", "volume", "30"), step


def test_junk_is_spam() -> None:
    s = Sheet()
    for name in ("Inbox", "Spam"):
        s.add("link", name)
    assert clicked("Show the junk mail", s.page()) == 2


def test_alternative_is_chosen_by_what_something_is_made() -> None:
    s = Sheet()
    for name in ("Private", "Public"):
        s.add("radio", name)
    decision = RulesDecider().decide(DecisionRequest("Make the profile public", None, s.page(), ()))
    assert decision.action is not None and (decision.action.kind, decision.action.mark) == ("check", 2)
    assert clicked("Make the profile visible", s.page()) is None


def test_filter_that_is_a_button_is_pressed() -> None:
    s = Sheet()
    s.add("searchbox", "Search products")
    for name in ("Brand", "Colour"):
        s.add("button", name)
    assert clicked("Filter by colour", s.page()) == 3
    action = RulesDecider().decide(DecisionRequest("Filter by teapot", None, s.page(), ())).action
    assert action is not None and (action.kind, action.mark) == ("fill", 1)
