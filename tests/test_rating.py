"""Ratings by stars (pages/rating.html)."""

from dataclasses import replace

import pytest
from candidate_pages import Sheet

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings
from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Box, DecisionRequest


@pytest.mark.browser
@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("Rate Lighthouse with 4 stars", "Lighthouse: 4"),
        ("Give Skerries two stars", "Skerries: 2"),
        ("Give 3 stars to the crew", "The crew: 3"),
        ("Rate the crew 5 out of 5", "The crew: 5"),
        ("Give the review 4 stars", "Score: 4"),
    ],
)
def test_star_of_that_number_is_pressed(page, site, tmp_path, step, told):
    page.goto(f"{site}/rating.html")
    result = Agent(page, settings=Settings(home=tmp_path, timeout_ms=300)).do(step)
    assert result.verdict == "passed", result.reason
    assert page.inner_text("#log") == told


@pytest.mark.browser
@pytest.mark.parametrize(
    "step", ["Rate it 4 stars", "Rate Lighthouse 7 stars", "Rate Mermaid 4 stars", "Rate Harbour 2 stars"]
)
def test_rating_that_is_not_there_is_not_given(page, site, tmp_path, step):
    page.goto(f"{site}/rating.html")
    assert Agent(page, settings=Settings(home=tmp_path, timeout_ms=300)).do(step).verdict != "passed"
    assert page.inner_text("#log") == ""


def decide(sheet: Sheet, step: str):
    return RulesDecider().decide(DecisionRequest(step, None, sheet.page(), ()))


def test_pages_of_a_list_are_no_stars():
    sheet = Sheet()
    for number in range(1, 6):
        sheet.add("button", str(number))
    assert decide(sheet, "Give it 4 stars").outcome == "none"


def test_label_and_box_of_one_star_are_one():
    sheet = Sheet()
    for number in range(1, 6):
        for sort in ("radio", "button"):
            star = sheet.add(sort, f"Rate {number} of 5")
            sheet.candidates[-1] = replace(star, box=Box(20 * number, 20, 16, 16))
    decision = decide(sheet, "Rate the pain 4 of 5")
    assert decision.action
    assert decision.action.mark == 7  # the radio button of the fourth


def stars(*names: str) -> Sheet:
    sheet = Sheet()
    for number, name in enumerate(names, 1):
        star = sheet.add("button", name)
        sheet.candidates[-1] = replace(star, box=Box(20 * number, 20, 16, 16))
    return sheet


@pytest.mark.parametrize(
    "step", ['Tap "2 stars"', 'Use the "2 stars" button', "Push 2 stars button", "Give it 2 stars"]
)
def test_star_that_does_not_say_its_number_is_told_by_those_beside_it(step):
    decision = decide(stars("1 star", "Star", "3 stars", "Star", "Star"), step)
    assert decision.action
    assert decision.action.mark == 2


def test_stars_that_count_otherwise_than_they_stand_are_no_rating():
    assert decide(stars("Star", "4 stars", "Star", "Star"), "Give it 3 stars").outcome == "none"


def test_star_that_alone_says_which_it_is_is_pressed():
    sheet = Sheet()
    sheet.add("button", "")
    sheet.add("link", "4 stars")
    assert decide(sheet, "Rate the support with 4 stars").outcome == "none"
    sheet.add("button", "4 stars")
    decision = decide(sheet, "Rate the support with 4 stars")
    assert decision.action and decision.action.mark == 3
    assert decide(sheet, "Rate the support with 3 stars").outcome == "none"
