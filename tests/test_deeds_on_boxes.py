"""What a deed of the application makes of a box: what is hidden, rejected or stopped is unticked, or left alone."""

import pytest
from candidate_pages import Sheet

from magenta_qa.model.decide import open_decision
from magenta_qa.model.language.step import read_step
from magenta_qa.model.reranker.objections import Pick, objection
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, Decision, DecisionRequest, Observation


def settings(*, checked: bool) -> Observation:
    s = Sheet()
    for name in ("Auto refresh", "Marketing", "Hide prices", "Mute sounds", "Gift wrap"):
        s.add("checkbox", name, checked=checked)
    return s.page()


def told(page: Observation, decision: Decision) -> str:
    action = decision.action
    return f"{action.kind} {page.candidate(action.mark).name}" if action and action.mark else decision.outcome


def meant(page: Observation, step: str, name: str) -> Decision:
    mark = next(c.mark for c in page.candidates if c.name == name)
    return RulesDecider().decide_meant(DecisionRequest(step, None, page, ()), mark, 0.95)


@pytest.mark.parametrize(
    ("step", "name", "ticked", "unticked"),
    [
        ("Stop reloading the list by itself", "Auto refresh", "uncheck Auto refresh", "done"),
        ("Reject marketing cookies", "Marketing", "uncheck Marketing", "done"),
        ("Allow marketing cookies", "Marketing", "done", "check Marketing"),
        ("Unsubscribe from the newsletter", "Marketing", "uncheck Marketing", "done"),
        ("Hide the prices", "Hide prices", "done", "check Hide prices"),
        ("Unmute the sounds", "Mute sounds", "uncheck Mute sounds", "done"),
        ("Reject the costs", "Hide prices", "none", "none"),  # neither is sure
        ("Permit everything without fees", "Marketing", "none", "none"),
        ("Pack it nicely", "Gift wrap", "none", "check Gift wrap"),  # what is on already may be meant or not
    ],
)
def test_deed_unticks_what_it_is_against(step: str, name: str, ticked: str, unticked: str) -> None:
    for checked, wanted in ((True, ticked), (False, unticked)):
        page = settings(checked=checked)
        assert told(page, meant(page, step, name)) == wanted, checked


def test_box_that_selects_a_row_neither_stops_nor_removes_what_the_row_is_about() -> None:
    s = Sheet()
    s.add("checkbox", "", s.container("row", "web-12 Running"), checked=True)
    for step in ("Stop the server web-12", "Remove web-12"):
        decision = RulesDecider().decide_meant(DecisionRequest(step, None, s.page(), ()), 1, 0.95)
        assert decision.outcome == "none", step


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("Put the oak shelf on sale", ("check", 2)),
        ("Hide the steel shelf in the shop", ("uncheck", 4)),
        ("Hide the oak shelf in the shop", "done"),
        ("Hide the glass shelf in the shop", "none"),
        ("Sharpen the oak shelf", "none"),
    ],
)
def test_switch_of_the_row_shows_and_hides_what_the_row_is_about(step: str, wanted: object) -> None:
    s = Sheet()
    for name, active in (("Oak shelf", False), ("Steel shelf", True)):
        row = s.container("row", f"{name} $12.00")
        s.add("checkbox", "", row)
        s.add("checkbox", "", s.container("column", "Active"), row, checked=active)
    decision = RulesDecider().decide(DecisionRequest(step, None, s.page(), ()))
    assert ((decision.action.kind, decision.action.mark) if decision.action else decision.outcome) == wanted


@pytest.mark.parametrize(("step", "kind"), [("Allow all cookies", "act"), ("Allow 2 seconds", "wait")])
def test_to_allow_is_to_wait_only_for_a_time(step: str, kind: str) -> None:
    assert [i.kind for i in read_step(step)] == [kind]
    assert [i.kind for i in read_step("Allow the page to load")] == ["wait"]


@pytest.mark.parametrize("step", ["Find the tickets that match", "Find free rooms", "Find matching products"])
def test_what_is_found_by_a_search_is_not_found_by_looking(step: str) -> None:
    s = Sheet()
    s.add("button", "New ticket")
    s.add("button", "Search")
    assert read_step(step)[0].verb == "search"
    assert told(s.page(), RulesDecider().decide(DecisionRequest(step, None, s.page(), ()))) in {"click Search", "none"}


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("Put Hiring plan in Find tickets", Action("fill", 1, "Hiring plan")),
        ("Put the oak shelf in the cart", Action("click", 2)),
    ],
)
def test_what_is_put_into_a_field_is_typed(step: str, wanted: Action) -> None:
    s = Sheet()
    s.add("searchbox", "Find tickets")
    s.add("button", "Add to cart", s.container("card", "Oak shelf $12.00 Add to cart"))
    assert RulesDecider().decide(DecisionRequest(step, None, s.page(), ())).action == wanted


@pytest.mark.parametrize("step", ["Select April 25, 2025", "Select 25 April 2025"])
def test_month_of_a_calendar_may_stand_far_above_its_days(step: str) -> None:
    s = Sheet()
    card = s.container("card", "Calendar Now April 2025 Day Week Year New event Mon Tue Wed")
    for day in range(1, 31):
        s.add("button", str(day), card)
    assert RulesDecider().decide(DecisionRequest(step, None, s.page(), ())).action == Action("click", 25)


def test_nameless_box_is_known_by_what_it_alone_stands_beside() -> None:
    s = Sheet()
    for name in ("Statistics", "Marketing"):
        s.add("checkbox", "", s.container("card", name))
    page = s.page()
    pick = Pick(page.candidates[1], 0.95, "", tuple((c, 0.5) for c in page.candidates), 0.0)
    acted = Decision("act", Action("check", 2), 0.95, "", (), "rules")

    def against(step: str) -> str:
        return objection(acted, step, DecisionRequest(step, None, page, ()), pick, frozenset())

    assert against("Accept marketing cookies") == ""
    assert "nobody has said what it is" in against("Accept cookies")


def test_link_is_no_drop_down() -> None:
    s = Sheet()
    s.add("link", "Authors")
    s.add("select", "Author", options=("Ada", "Bob"))
    page = s.page()
    acted = Decision("act", Action("click", 1), 0.99, "", (), "rules")
    for step, wanted in (("Open the drop-down of authors", "which is no drop-down"), ("Open the authors", "")):
        pick = Pick(page.candidates[0], 0.99, "Opens Authors.", tuple((c, 0.5) for c in page.candidates), 0.0)
        against = objection(acted, step, DecisionRequest(step, None, page, ()), pick, frozenset())
        assert against.endswith(wanted) and bool(against) == bool(wanted)


def test_one_button_that_clears_all_is_pressed() -> None:
    s = Sheet()
    for name in ("Ada", "Bob"):
        s.add("checkbox", "", s.container("row", name), checked=True)
    s.add("button", "Clear selection")
    decision = RulesDecider().decide_meant(DecisionRequest("Deselect all messages", None, s.page(), ()), 3, 0.99)
    assert decision.action == Action("click", 3)


def test_sure_pick_overrules_words_that_are_less_than_clear() -> None:
    s = Sheet()
    s.add("button", "", hints="small folder")
    s.add("link", "Inbox")
    s.add("link", "Sent")
    step = "Show the inbox folder"
    assert (
        told(s.page(), open_decision("embedded", api_key=None).decide(DecisionRequest(step, None, s.page(), ())))
        == "click Inbox"
    )


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("Choose Unpublish", "click Unpublish"),
        ("Choose Edit", "click Edit"),
        ("Choose Harbour repairs", "check Select"),
        ("Choose Pages", "click Pages"),
    ],
)
def test_deed_in_the_open_menu_of_a_row_does_not_select_the_row(step: str, wanted: str) -> None:
    s = Sheet()
    s.add("link", "Pages", s.container("region", "Main navigation"))
    for title in ("Rowing lessons", "Harbour repairs"):
        is_open = title == "Harbour repairs"
        row = s.container("row", f"{title} {'Edit Unpublish' if is_open else ''} One of our pages")
        entries = s.container("listitem", "Edit Unpublish")
        s.add("checkbox", "Select", row)
        s.add("link", title, row)
        s.add("button", f"More options for {title}", row, expanded=is_open)
        for deed in ("Edit", "Unpublish") if is_open else ():
            s.add("link", deed, entries, row)
    page = s.page()
    decision = RulesDecider().decide(DecisionRequest(step, None, page, ()))
    assert told(page, decision) == wanted
