"""What component libraries draw (pages/components.html): frames around fields, nested controls, grids in pieces."""

import pytest

from magenta_qa.agent import Agent

pytestmark = pytest.mark.browser


@pytest.fixture
def agent(page, site):
    page.goto(f"{site}/components.html")
    return Agent(page)


def do(agent, step):
    result = agent.do(step)
    assert result.verdict == "passed", result.reason
    return agent.page.inner_text("#log")


def test_the_frame_of_a_field_is_no_candidate_and_a_popup_icon_no_dialog(agent):
    found = [c.role for c in agent.observe().candidates]
    assert found[:3] == ["textbox", "button", "link"]
    assert agent.check("the dialog is gone").verdict == "passed"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("Click Download", "went to #download"),
        ("Click @harbour/berths", "went to #berths"),
        ("Open version 1.1.0", "went to #v110"),
        ("Open the run forest", "went to #forest"),
        ("Tick boosted", "Press boosted"),
        ("Select the run naive with its checkbox", "Press naive"),
        ("Select forest", "Press forest"),
        ("Tick Pin run in the row of forest", "Pin forest"),
        ("Delete the run boosted", "deleted 3"),
    ],
)
def test_steps_on_components_reach_what_is_meant(agent, step, told):
    assert do(agent, step) == told


@pytest.fixture
def tasks(page, site):
    page.goto(f"{site}/components_dialog.html")
    return Agent(page)


def test_a_drop_down_behind_its_label_and_its_list_outside_of_the_dialog(tasks):
    do(tasks, "Click New task")
    found = {c.name: c.element_type for c in tasks.observe().candidates}
    assert found == {"Owner": "select", "Low": "radio", "High": "radio", "Save": "button"}
    do(tasks, "Choose Cleo as the owner")
    do(tasks, "Pick High")
    assert do(tasks, "Save") == "saved for Cleo, High"


def test_rows_are_selected_by_what_stands_in_them_and_not_above_them(tasks):
    do(tasks, "Tick the checkbox in the row of Book flights")
    assert do(tasks, "Click Delete selected") == "deleted Book flights"


def test_icons_that_a_font_draws_are_no_words(tasks):
    candidates = {c.name: c for c in tasks.observe().candidates}
    assert candidates["New task"].text == "New task"
    assert candidates["Delete selected"].locators
    assert "stands before" in tasks.check("the table is sorted by title").reason
    assert tasks.check('the page does not show "arrow_upward"').verdict == "passed"


def test_search_that_filters_while_one_types_needs_no_effect_of_enter(tasks):
    do(tasks, "Search for bank")
    assert tasks.check("the table has 1 row").verdict == "passed"
    assert tasks.do("Press Enter in Search tasks").verdict == "failed"


@pytest.fixture
def record(page, site):
    page.goto(f"{site}/components_record.html")
    return Agent(page)


def test_a_drawn_drop_down_is_called_what_the_hidden_one_is(record):
    found = [(c.element_type, c.name, c.text) for c in record.observe().candidates if c.role == "combobox"]
    assert found == [("select", "Author", "Search...")]
    assert do(record, "Choose Tove Jansson as the author") == "author id: 2 name: Tove Jansson born: 1914"


def test_links_to_a_list_and_to_the_list_as_it_was_sorted_are_one(record):
    assert do(record, "Go to Books") == "went to #/books"


def test_a_link_in_a_row_comes_before_a_cell_that_can_be_clicked(record):
    assert do(record, "Edit The Winter Book") == "went to #edit2"
