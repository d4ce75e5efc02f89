"""What testers call things that bear other names: periods, start pages, days, rows by number, what is selected."""

import pytest
from candidate_pages import Sheet

from magenta_qa.model.decide import open_decision
from magenta_qa.model.language.step import read_step
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Box, Candidate, Decision, DecisionRequest, Observation


def shop() -> Observation:
    s = Sheet()
    dialog = s.container("dialog", "Share the page")
    ticket, order = s.container("row", "#33158 Printer"), s.container("row", "#6378 Ada")
    month = s.container("card", "February 2027 Mo Tu We")
    s.add("link", "Acme", href=s.page().url)
    s.add("button", "Last 7 days")
    s.add("button", "Next 7 days")
    s.add("button", "This quarter")
    s.add("textbox", "From", s.container("label", "Period of the report"))
    s.add("textbox", "name@example.com", s.container("label", "Add people"))
    s.add("button", "Italic")
    s.add("button", "Duplicate")
    s.add("link", "#33158 Printer", ticket)
    s.add("select", "Priority", ticket, options=("Low", "Urgent"))
    s.add("checkbox", "", order)
    s.add("link", "#6378", order)
    s.add("select", "Priority", order, options=("Low", "Urgent"))
    s.add("spinbutton", "Quantity", order)
    s.add("spinbutton", "Quantity", ticket)
    s.add("button", "Halt", ticket)
    s.add("button", "26", month)
    s.add("button", "27", month)
    s.add("button", "Snooze message")
    s.add("button", "Previous")
    s.add("button", "Done", dialog)
    return s.page()


def decide(step: str) -> tuple[Decision, Candidate | None]:
    page = shop()
    decision = RulesDecider().decide(DecisionRequest(step, None, page, ()))
    mark = decision.action.mark if decision.action else None
    return decision, next((c for c in page.candidates if c.mark == mark), None)


@pytest.mark.parametrize(
    ("step", "kind", "name", "value"),
    [
        ("Click the Last 7 days button", "click", "Last 7 days", None),
        ("Go to the home page", "click", "Acme", None),
        ('Click the "Acme logo"', "click", "Acme", None),
        ("Set the report to this quarter", "click", "This quarter", None),
        ('Add people: "rosa@example.com"', "fill", "name@example.com", "rosa@example.com"),
        ("Set the selection in italics", "click", "Italic", None),
        ("Duplicate the 11 selected tasks", "click", "Duplicate", None),
        ("Open ticket 33158", "click", "#33158 Printer", None),
        ("In the Priority dropdown for ticket 33158, choose Urgent", "select", "Priority", "Urgent"),
        ('Quantity for #6378: "8"', "fill", "Quantity", "8"),
        ('Select the row of "#6378"', "check", "", None),
        ("Switch off the server Printer", "click", "Halt", None),
        ('Press "26 February"', "click", "26", None),
        ("Press February 27", "click", "27", None),
        ("Return to the previous page of orders", "click", "Previous", None),
        ("Dismiss the sharing dialog", "click", "Done", None),
    ],
)
def test_a_step_means(step: str, kind: str, name: str, value: str | None) -> None:
    decision, found = decide(step)
    assert decision.action, decision.reason
    assert found is not None
    assert (decision.action.kind, found.name, decision.action.value) == (kind, name, value)


def test_a_row_is_told_by_its_number() -> None:
    for step in ("In the Priority dropdown for ticket 33158, choose Urgent", "Open ticket 33158"):
        _, found = decide(step)
        assert found is not None
        assert found.context[0].text.startswith("#33158")


def test_how_many_are_selected_is_no_count_of_controls() -> None:
    (intent,) = read_step("Duplicate the 11 selected tasks")
    assert intent.target is not None
    assert (intent.target.phrase, intent.target.count) == ("selected tasks", None)


def test_what_is_put_off_is_no_condition() -> None:
    decision, _ = decide("Snooze the message until tomorrow")
    assert decision.action is None or decision.action.kind == "click", decision.reason


def test_quoted_number_of_a_sort_may_stand_without_its_sort() -> None:
    s = Sheet()
    for number in ("41374", "41375"):
        s.add("button", "Reply", s.container("row", f"#{number} Printer"))
    s.add("link", "7")
    s.add("link", "Page 3")
    for step, mark in (('Tap the "Reply" button of "ticket 41375"', 2), ('Use "page 7"', 3), ('Use "page 3"', 4)):
        decision = RulesDecider().decide(DecisionRequest(step, None, s.page(), ()))
        assert decision.action and decision.action.mark == mark, step
    assert RulesDecider().decide(DecisionRequest('Use "page 8"', None, s.page(), ())).outcome == "none"


def test_quoted_name_may_be_without_its_urging_word() -> None:
    s = Sheet()
    for name in ("Hostel Jordá", "Villa Hardy"):
        s.add("button", "Book now", s.container("card", f"{name} $60 a night"))
    decision = RulesDecider().decide(DecisionRequest('Hit the "Book" beside Hostel Jordá', None, s.page(), ()))
    assert decision.action and decision.action.mark == 1
    assert RulesDecider().decide(DecisionRequest('Click "Book"', None, s.page(), ())).outcome == "none"


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("Remove the price filter", 1),
        ("Remove the filter on the price", None),  # of two links that filter by price nobody says which
        ("Remove the shape filter", 3),
        ("Remove the colour red filter", None),
    ],
)
def test_chip_takes_away_what_it_is_called(step: str, wanted: int | None) -> None:
    s = Sheet()
    s.add("link", "× Price")
    s.add("link", "Price")
    s.add("button", "Shape ✕")
    s.add("button", "Size ✕")
    decision = RulesDecider().decide(DecisionRequest(step, None, s.page(), ()))
    assert (decision.action.mark if decision.action else None) == wanted


def test_card_is_told_by_a_value_that_stands_there_without_its_sort() -> None:
    s = Sheet()
    for name, licence in (("anchor-ui", "ISC"), ("tide-table", "MIT")):
        card = s.container("card", f"{name} Buttons for harbours Ada v0.10.0 {licence}")
        s.add("button", "Download", card)
    for step, mark in (
        ("Download the one with the MIT licence", 2),
        ("Press Download of the card with the ISC licence", 1),
    ):
        decision = RulesDecider().decide(DecisionRequest(step, None, s.page(), ()))
        assert decision.action and decision.action.mark == mark, step
    assert (
        RulesDecider().decide(DecisionRequest("Download the one with the GPL licence", None, s.page(), ())).outcome
        == "none"
    )


def test_list_that_holds_a_link_of_the_name_is_not_meant() -> None:
    s = Sheet()
    s.add("other", "", role="list", text="Account & Settings Log Out", box=Box(0, 0, 300, 200))
    s.add("link", "Account & Settings", box=Box(10, 10, 200, 40))
    decision = RulesDecider().decide(DecisionRequest("Go to the account page", None, s.page(), ()))
    assert decision.action and decision.action.mark == 2


@pytest.mark.parametrize(
    ("step", "values", "wanted"),
    [
        ("Set the price to 41.25", ("39.50", "", ""), 1),
        ("Change the price to 41.25", ("", "39.50", ""), 2),
        ("Set the price to 41.25", ("39.50", "12.00", ""), None),
        ("Set the price to 41.25", ("", "", ""), None),
        ("Type 41.25 into the price", ("39.50", "", ""), None),
    ],
)
def test_what_is_changed_stands_in_the_row_that_is_filled_in(
    step: str, values: tuple[str, ...], wanted: int | None
) -> None:
    s = Sheet()
    for number, value in enumerate(values):
        s.add("spinbutton", "Price", s.container("row", f"Stock {number}"), value=value)
    decision = RulesDecider().decide(DecisionRequest(step, None, s.page(), ()))
    assert (decision.action.mark if decision.action else None) == wanted


def test_button_need_not_say_that_it_is_about_all_of_the_form() -> None:
    s = Sheet()
    s.add("button", "Apply")
    s.add("button", "Clear all")
    for step, mark in (("Apply the filters", 1), ("Apply the selection", 1), ("Apply the coupon", None)):
        decision = RulesDecider().decide(DecisionRequest(step, None, s.page(), ()))
        assert (decision.action.mark if decision.action else None) == mark, step


def test_what_people_see_on_a_button_is_its_name_too() -> None:
    s = Sheet()
    s.add("button", "Save general settings", text="Save")
    s.add("button", "Tasks Actions", text="1 Task")
    s.add("button", "Save as file")
    for step, mark in (("Click Save", 1), ('Open the "1 Task" menu', 2), ("Click 1 Task", 2)):
        decision = open_decision("embedded", api_key=None).decide(DecisionRequest(step, None, s.page(), ()))
        assert decision.action and decision.action.mark == mark, step
