"""Grids of component libraries, whose rows hold their cells in frames (pages/grid.html)."""

import pytest

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def agent(page, site, tmp_path):
    page.goto(f"{site}/grid.html")
    return Agent(page, settings=Settings(home=tmp_path, timeout_ms=2000))


@pytest.mark.parametrize(
    ("expectation", "verdict"),
    [
        ('the first row shows "CN-1"', "passed"),  # neither the row of heads nor a bar that has "row" in its classes
        ('the first row shows "Container"', "failed"),
        ('the last row shows "Porto"', "passed"),
        ('the row of CN-2 shows "Hull"', "passed"),  # the row, not one of its cells
        ('the row of CN-2 shows "Kiel"', "failed"),
        ('the row of CN-3 shows "211" in the Weight column', "passed"),
        ("the weight of CN-3 is 174", "failed"),
        ("the table has 3 rows", "passed"),
        ("the table has 4 rows", "failed"),
        ("the table is sorted by Container", "passed"),
        ('a dialog titled "Sofia Costa" is open', "passed"),
        ('a dialog titled "Jonas Weber" is open', "failed"),
    ],
)
def test_rows_and_cells_are_what_people_take_for_them(agent, expectation, verdict):
    assert agent.check(expectation).verdict == verdict


@pytest.mark.parametrize(
    ("expectation", "verdict"),
    [
        ('the first row shows "CN-3"', "passed"),
        ('the first row shows "CN-1"', "failed"),
        ('the second row shows "CN-1"', "passed"),
        ('the last row shows "CN-2"', "passed"),
        ("the table is sorted by Weight", "passed"),
        ("the table is sorted by Container", "failed"),
    ],
)
def test_rows_come_in_the_order_in_which_they_are_drawn(agent, expectation, verdict):
    agent.page.evaluate(
        """() => {
          document.querySelector("#rows").style.position = "relative";
          [[1, 140], [2, 200], [0, 100]].forEach(([place, weight], index) => {
            const row = document.querySelectorAll("#rows > [role=row]")[index];
            row.style.cssText = `position: absolute; transform: translateY(${place * 30}px)`;
            row.querySelectorAll(".cell")[2].textContent = weight;
          });
        }"""
    )
    assert agent.check(expectation).verdict == verdict


def test_cells_are_called_by_their_column_and_row_and_edited_in_place(agent):
    told = {}
    for step in (
        "Double-click the weight in the row of CN-2",
        "Change the weight of CN-3 to 600",
        "Change the port of CN-1 to Oslo",  # which cannot be edited
        "Click the weight in the row of CN-9",
    ):
        result = agent.do(step)
        told[step] = (result.verdict, result.reason)
        if step.startswith("Double"):
            assert agent.page.locator("[role=row]:has-text('CN-2') input").count() == 1
            agent.page.keyboard.press("Enter")
    assert [verdict == "passed" for verdict, _ in told.values()] == [True, True, False, False], told
    assert agent.page.inner_text("#said") == "CN-3 weighs 600"
    assert agent.check("the weight of CN-3 is 600").verdict == "passed"
    assert agent.check("the weight of CN-2 is 174").verdict == "passed"
