from pathlib import Path

import pytest
from click.testing import CliRunner

from magenta_qa.agent.import_codegen import import_codegen
from magenta_qa.agent.import_command import import_scenarios
from magenta_qa.agent.import_gherkin import import_gherkin
from magenta_qa.agent.scenario import load_cases, load_scenario
from magenta_qa.model.errors import ScenarioError

RECORDING = """import re
from playwright.sync_api import Page, expect


def test_delete_address(page: Page) -> None:
    page.goto("http://localhost:8000/account")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("textbox", name="Password").fill("alpine")
    page.get_by_role("button", name="Log in").click()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("row", name="Summer cabin").get_by_role("button", name="Delete").click()
    page.locator("#x > .y").click()
    page.get_by_label("Country").select_option("Norway")
    page.goto("http://localhost:8000/orders")
    with page.expect_popup() as page1_info:
        page.get_by_role("link", name="Track").click()
    page1 = page1_info.value
    expect(page1.get_by_text("On its way")).to_be_visible()
    expect(page1.get_by_role("checkbox", name="News")).to_be_checked()
"""
FEATURE = """@shop
Feature: Cart
  Background:
    Given I am on "/shop"

  @smoke
  Scenario Outline: Buy <what>
    When I click the "Add" button
    And I fill in "City" with "<what>"
    Then I should see "<what> is in your cart"
    But I should not see "Sold out"

    Examples:
      | what |
      | mug  |
      | tent |

  Scenario: Unclear
    When the stars align
    Then everything is fine
"""


def test_recording_becomes_words_and_what_has_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "recorded.py"
    path.write_text(RECORDING)
    (draft,) = import_codegen(path)
    assert draft.problems() == ["line 12: no words for: page.locator('#x > .y').click()"]
    written = tmp_path / "x.scenario.yaml"
    written.write_text(draft.yaml())
    scenario = load_scenario(written)
    assert (scenario.name, scenario.url) == ("Delete address", "http://localhost:8000/account")
    assert scenario.secrets == {"password": "${PASSWORD}"}
    assert [entry.text for entry in scenario.entries] == [
        'Fill "E-mail" with "ada@example.com"',
        'Fill the field "Password" with ${password}',
        'Click the button "Log in"',
        'Click the button "Delete" in the row of "Summer cabin"',
        "Dismiss the dialog",
        'Choose "Norway" in "Country"',
        "Go to /orders",
        'Click the link "Track"',
        "Switch to the new tab",
        'the page shows "On its way"',
        'the checkbox "News" is checked',
    ]
    assert "alpine" not in draft.yaml()


def test_feature_becomes_scenarios_with_parameters(tmp_path: Path) -> None:
    path = tmp_path / "cart.feature"
    path.write_text(FEATURE)
    outline, unclear = import_gherkin(path)
    assert outline.problems() == []
    written = tmp_path / "x.scenario.yaml"
    written.write_text(outline.yaml())
    cases = load_cases(written)
    assert [entry.text for entry in cases[1].entries] == [
        'Click the "Add" button',
        'Fill in "City" with "tent"',
        'I should see "tent is in your cart"',
        'I should not see "Sold out"',
    ]
    assert (cases[0].url, cases[0].tags) == ("/shop", ("shop", "smoke"))
    assert len(unclear.problems()) == 2


@pytest.mark.parametrize(
    ("name", "text"), [("x.py", "def ("), ("x.py", "a = 1"), ("x.feature", "Nonsense"), ("x.js", "")]
)
def test_what_cannot_be_read_is_an_error(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    result = CliRunner().invoke(import_scenarios, [str(tmp_path / name)])
    assert isinstance(result.exception, ScenarioError)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "recorded.py"
    path.write_text(RECORDING)
    assert CliRunner().invoke(import_scenarios, [str(path)], standalone_mode=False).return_value == 1
    again = CliRunner().invoke(import_scenarios, [str(path)])
    assert isinstance(again.exception, ScenarioError)
