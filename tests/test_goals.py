"""Goals and longer steps, worked off one action at a time on pages that change.

Several controls, menus, values read off the page, conditions, colours, formatting, suggestions, and how a goal ends.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from candidate_pages import Sheet
from PIL import Image, ImageDraw

from magenta_qa.model.language.condition import read_condition, read_wish
from magenta_qa.model.language.quantity import Quantity, take_quantity
from magenta_qa.model.language.reference import Source, read_source, take_piece
from magenta_qa.model.language.styling import read_style
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Action, Box, Decision, DecisionRequest, Done, Effect, Observation, Place


def decide(page: Observation, text: str, done: Sequence[Done] = (), *, goal: bool = False) -> Decision:
    step, aim = (None, text) if goal else (text, None)
    return RulesDecider().decide(DecisionRequest(step, aim, page, (), tuple(done)))


def told(page: Observation, decision: Decision) -> str:
    action = decision.action
    if action is None:
        return decision.outcome
    c = page.candidate(action.mark or 0)
    line = f"{action.kind} {c.name or c.text or c.hints}" if c else action.kind
    return f"{line} = {action.value}" if action.value is not None else line


def after(page: Observation, decision: Decision, value: str | None = None) -> Done:
    assert decision.action is not None, decision.reason
    c = page.candidate(decision.action.mark or 0)
    name = f'{c.element_type} "{c.name or c.text}"' if c else ""
    return Done(decision.action, name, Effect(dom=1, state=True, value=value), place=decision.place)


def play(
    page: Observation, text: str, change: Callable[[Observation, int], Observation], *, goal: bool = False
) -> list[str]:
    """What is done until the end, the page changing as `change(page, mark)` says."""
    done: list[Done] = []
    lines: list[str] = []
    while len(done) < 12:
        decision = decide(page, text, done, goal=goal)
        lines.append(told(page, decision))
        if decision.action is None:
            return lines
        done.append(after(page, decision))
        page = change(page, decision.action.mark or 0)
    return lines


def stays(page: Observation, mark: int) -> Observation:
    return page


def vanishes(page: Observation, mark: int) -> Observation:
    left = [c for c in page.candidates if c.mark != mark]
    return replace(page, candidates=tuple(replace(c, mark=i) for i, c in enumerate(left, 1)))


def notices() -> Observation:
    s = Sheet()
    for author in ("Ines", "Noor", "Ines"):
        s.add("button", "Dismiss", s.container("card", f"{author} wrote a remark"), role="button")
    return s.page("Remarks")


# -- several controls --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [stays, vanishes])
def test_each_of_several_is_dealt_with_once_whether_it_stays_or_vanishes(change: Callable[..., Observation]) -> None:
    lines = play(notices(), "Click 'Dismiss' on all cards by Ines", change)
    assert lines == ["click Dismiss", "click Dismiss", "done"]


def test_the_right_ones_are_dealt_with_in_order() -> None:
    page, done = notices(), list[Done]()
    for mark in (1, 3):
        decision = decide(page, "Click 'Dismiss' on all cards by Ines", done)
        assert decision.action and decision.action.mark == mark
        done.append(after(page, decision))


def test_as_many_as_are_asked_for_and_no_more_than_there_are() -> None:
    assert play(notices(), "Click 'Dismiss' on 2 cards", stays) == ["click Dismiss", "click Dismiss", "done"]
    assert play(notices(), "Click 'Dismiss' on 5 cards", stays) == ["none"]


def test_a_set_that_changes_otherwise_is_not_gone_on_with() -> None:
    page = notices()
    first = decide(page, "Click 'Dismiss' on all cards")
    s = Sheet()
    for author in ("Ines", "Noor", "Ines", "Max", "Eva"):
        s.add("button", "Dismiss", s.container("card", f"{author} wrote a remark"))
    assert decide(s.page(), "Click 'Dismiss' on all cards", [after(page, first)]).outcome == "none"


def test_one_control_that_says_all_does_it_for_all() -> None:
    s = Sheet()
    s.add("checkbox", "Select all rows")
    for name in ("Ada", "Bob"):
        s.add("checkbox", "Select row", s.container("row", f"{name} Editor"))
    assert play(s.page(), "Tick all rows", stays)[0] == "check Select all rows"
    for step in ("Remove all ticked rows", "Discard all changes"):
        assert decide(s.page(), step).outcome == "none"


def test_as_many_of_each_as_are_listed_are_added() -> None:
    s = Sheet()
    for name in ("Rye bread", "Salt and pepper mill", "Olives"):
        card = s.container("card", f"{name} - +")
        s.add("button", "", card, text="-", element_type="other", role="generic")
        s.add("button", "", card, text="+", element_type="other", role="generic")
    page, done, marks = s.page(), list[Done](), []
    while (decision := decide(page, "Put one of each: Rye bread, Salt and pepper mill", done)).action is not None:
        marks.append(decision.action.mark)
        done.append(after(page, decision))
    assert (marks, decision.outcome) == ([2, 4], "done")


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("all the posts", Quantity("posts", 0)),
        ("every row", Quantity("row", 0)),
        ("both fields", Quantity("fields", 2)),
        ("the last two rows", Quantity("rows", -2)),
        ("1 post by Ada", Quantity("post by Ada", 1)),
        ("24 hours", None),
        ("the Save button", None),
    ],
)
def test_quantities_are_told_from_names(text: str, quantity: Quantity | None) -> None:
    assert take_quantity(text) == quantity


# -- what hides a control ----------------------------------------------------------------------------------------------


def rows_with_menus() -> Sheet:
    s = Sheet()
    for name in ("Ada", "Bob"):
        row = s.container("row", f"{name} Editor")
        s.add("link", name, row)
        s.add("button", "", row, hints="ellipsis vertical", popup="menu", expanded=False)
    return s


def test_the_menu_of_the_row_is_opened_where_the_control_may_be_in_it() -> None:
    page = rows_with_menus().page()
    step = "In the row of Bob, click 'Revoke'"
    opened = decide(page, step)
    assert opened.action == Action("click", 4)
    assert opened.place and opened.place.prepares
    s = rows_with_menus()
    s.add("menuitem", "Revoke", s.container("menu", "Actions"))
    assert told(s.page(), decide(s.page(), step, [after(page, opened)])) == "click Revoke"


def test_a_deed_is_looked_for_in_the_menu_of_what_it_is_done_to() -> None:
    page = rows_with_menus().page()
    opened = decide(page, "Revoke Bob")
    assert opened.action == Action("click", 4)
    s = rows_with_menus()
    menu = s.container("menu", "Actions")
    s.add("menuitem", "Revoke", menu)
    s.add("menuitem", "Promote", menu)
    assert told(s.page(), decide(s.page(), "Revoke Bob", [after(page, opened)])) == "click Revoke"
    assert decide(s.page(), "Demote Bob", [after(page, opened)]).outcome == "none"
    assert decide(page, "Revoke Cyd").outcome == "none"


def test_a_menu_is_not_opened_twice_nor_for_a_vague_request() -> None:
    page = rows_with_menus().page()
    opened = decide(page, "In the row of Bob, click 'Revoke'")
    assert decide(page, "In the row of Bob, click 'Revoke'", [after(page, opened)]).outcome == "none"
    assert decide(page, "Bring the quarter to an end").outcome == "none"


def test_an_entry_with_a_menu_of_its_own_is_pointed_at_first() -> None:
    s = Sheet()
    s.add("menuitem", "Arrange", popup="menu")
    page = s.page()
    first = decide(page, "Choose Arrange > By size")
    assert told(page, first) == "hover Arrange"
    s.add("menuitem", "By size")
    assert told(s.page(), decide(s.page(), "Choose Arrange > By size", [after(page, first)])) == "click By size"


# -- values on the page ------------------------------------------------------------------------------------------------


def test_a_value_is_read_and_then_entered() -> None:
    s = Sheet()
    s.add("textarea", "Minutes", value="We meet again on Friday")
    s.add("textbox", "Headline")
    page, step = s.page(), "Copy the last word in the Minutes and paste it into the headline"
    read = decide(page, step)
    assert told(page, read) == "read Minutes"
    assert told(page, decide(page, step, [after(page, read, "We meet again on Friday")])) == "fill Headline = Friday"


def test_a_pronoun_that_stands_for_nothing_is_not_entered() -> None:
    s = Sheet()
    s.add("textbox", "Headline")
    assert decide(s.page(), "Enter it into the headline").outcome == "none"


def test_pieces_of_a_text_are_counted_from_either_end() -> None:
    assert read_source("the second word of the motto") == Source("the motto", 2, "word")
    assert read_source("the text from the 3rd text area below") == Source("the 3rd text area")
    assert take_piece("Slow and steady", Source("x", 2, "word")) == "and"
    assert take_piece("Slow and steady", Source("x", -1, "word")) == "steady"
    assert take_piece("Slow", Source("x", 2, "word")) is None
    assert read_source("Ada Lovelace") is None


def test_something_is_done_until_the_page_bears_a_statement_out() -> None:
    s = Sheet()
    s.add("button", "Older entries")
    page, step = s.page(), "Click 'Older entries' until the page shows \"May 1999\""
    look = decide(page, step)
    assert told(page, look) == 'read = whether the page shows "May 1999"'
    click = decide(page, step, [after(page, look, "no")])
    assert told(page, click) == "click Older entries"
    again = [after(page, look, "no"), after(page, click), after(page, look, "yes")]
    assert decide(page, step, again).outcome == "done"


def test_conditions_on_numbers_hold_or_do_not_or_cannot_be_told() -> None:
    below = read_condition("the counter is less than 5")
    assert (below.holds("4"), below.holds("5"), below.holds("none")) == (True, False, None)
    odd = read_wish("an odd number")
    assert odd is not None
    assert (odd.holds("7"), odd.holds("8")) == (True, False)
    assert read_wish("a new project") is None


# -- looks, measures, spelling -----------------------------------------------------------------------------------------

SWATCHES = {1: (200, 30, 30), 2: (30, 60, 200), 3: (40, 140, 60), 4: (90, 180, 110)}


def painted() -> Observation:
    image = Image.new("RGB", (400, 200), (255, 255, 255))
    s = Sheet()
    for mark, colour in SWATCHES.items():
        left = 20 + 80 * mark
        ImageDraw.Draw(image).rectangle((left, 40, left + 40, 80), fill=colour)
        s.add("button", "", box=Box(left, 40, 40, 40), role="generic", element_type="other", point=(left + 9, 60))
    held = io.BytesIO()
    image.save(held, "PNG")
    return replace(s.page(), screenshot=held.getvalue(), viewport=(400, 200))


@pytest.mark.parametrize(("step", "mark"), [("Click the red tile", 1), ("Click the blue coloured box", 2)])
def test_a_colour_tells_what_no_name_does(step: str, mark: int) -> None:
    decision = decide(painted(), step)
    assert decision.action and decision.action.mark == mark, decision.reason


def test_a_colour_that_is_not_there_or_twice_there_is_not_guessed() -> None:
    assert decide(painted(), "Click the yellow tile").outcome == "none"
    assert [d.split()[0] for d in play(painted(), "Click all the shades of green", stays)] == ["click", "click", "done"]


def test_the_highest_figure_is_found_by_comparing() -> None:
    s = Sheet()
    for name, text in (("Elm", "Elm 3.9 stars $80"), ("Oak", "Oak 4.7 stars $20"), ("Ash", "Ash 4.1 stars $50")):
        card = s.container("listitem", text)
        s.add("link", name, card)
        s.add("button", "Compare", card)
    page = s.page()
    assert told(page, decide(page, "Open the product with the highest rating")) == "click Oak"
    assert told(page, decide(page, "Open the product with the lowest price")) == "click Oak"
    assert decide(page, "Open the product with the highest weight").outcome == "none"


def test_a_name_is_completed_from_the_suggestions_that_are_spelt_so() -> None:
    s = Sheet()
    s.add("textbox", "Town")
    page, step = s.page(), "Enter a town that starts with 'Lin' and ends with 'en' into the town field"
    typed = decide(page, step)
    assert told(page, typed) == "type Town = Lin"
    for name in ("Linz", "Lingen"):
        s.add("option", name)
    assert told(s.page(), decide(s.page(), step, [after(page, typed)])) == "click Lingen"


def test_capitals_count_in_a_quoted_name_where_both_are_there() -> None:
    s = Sheet()
    s.add("button", "a")
    s.add("button", "A")
    assert decide(s.page(), "Click 'A'").action == Action("click", 2)


# -- editors, dragging -------------------------------------------------------------------------------------------------


def test_text_is_selected_and_then_given_its_style() -> None:
    s = Sheet()
    s.add("button", "", hints="bold")
    s.add("textarea", "", tag="div", value="Dear all, see you soon")
    page, step = s.page(), "Make the word soon bold"
    selected = decide(page, step)
    assert selected.action == Action("select", 2, "soon")
    assert decide(page, step, [after(page, selected)]).action == Action("click", 1)
    assert decide(page, "Make everything bold").action == Action("press", 2, "ControlOrMeta+a")


def test_what_is_no_style_is_not_read_as_one() -> None:
    assert read_style("the bed", "make") is None
    assert read_style("everything in italics", "set") == ("", "italics")


def test_dragging_in_a_direction_ends_within_the_window() -> None:
    s = Sheet()
    s.add("button", "Divider", box=Box(1200, 100, 40, 40), action_types=("drag",))
    assert decide(s.page(), "Drag the divider to the right").action == Action("drag", 1, "52,0")
    assert decide(s.page(), "Drag the divider to the left").action == Action("drag", 1, "-80,0")


# -- how a goal differs from a step ------------------------------------------------------------------------------------


def form(*buttons: str) -> Observation:
    s = Sheet()
    s.add("textbox", "Nickname")
    for name in buttons:
        s.add("button", name)
    return s.page()


def test_a_goal_sends_off_what_was_entered_and_a_step_does_not() -> None:
    filled = Done(Action("fill", 1, "Jo"), 'input:text "Nickname"', Effect(value="Jo"), place=Place(0))
    page = form("Save")
    assert told(page, decide(page, "Enter Jo as the nickname", [filled], goal=True)) == "click Save"
    assert decide(page, "Enter Jo as the nickname", [filled]).outcome == "done"


@pytest.mark.parametrize("buttons", [("Save", "Submit"), ("Delete account",), ("Pay now",), ()])
def test_a_goal_does_not_send_off_what_could_be_wrong(buttons: tuple[str, ...]) -> None:
    filled = Done(Action("fill", 1, "Jo"), 'input:text "Nickname"', Effect(value="Jo"), place=Place(0))
    assert decide(form(*buttons), "Enter Jo as the nickname", [filled], goal=True).outcome == "done"


def test_a_goal_declines_a_dialog_in_the_way_and_a_step_does_not() -> None:
    s = Sheet()
    s.add("button", "Imprint", disabled=True)
    s.add("button", "Not now", s.container("dialog", "Try our app"))
    page = s.page(modal="Try our app")
    decision = decide(page, "Click Archive", goal=True)
    assert told(page, decision) == "click Not now"
    assert decide(page, "Click Archive").outcome == "none"
    assert decide(page, "Click Archive", [after(page, decision)], goal=True).outcome == "none"


@pytest.mark.parametrize(
    "step", ["The quantity is 3", "Make sure that Newsletter is ticked", "Verify that Ada is shown"]
)
def test_a_statement_is_never_made_true(step: str) -> None:
    s = Sheet()
    s.add("number", "Quantity", value="1")
    s.add("checkbox", "Newsletter")
    assert decide(s.page(), step).outcome == "none"
