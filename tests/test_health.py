"""What no page should show, as expectations: each is false on a page with that fault, and true on one without."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.checks.kinds import HealthCheck
from magenta_qa.agent.checks.numbers import contradictions, money
from magenta_qa.agent.expect import compile_expectation
from magenta_qa.agent.settings import Settings

FAULTS = {
    "no picture is broken": "/status/404",
    "no text overflows": "Add everything to the cart",
    "no control is covered": "Pay later",
    "the numbers on the page agree with each other": "Subtotal is €48.00, but the rows add up to €80.00",
    'the page has no accessibility violations of "label"': "label (critical)",
}
BOX = {"x": 0, "y": 0, "width": 9, "height": 9}


@pytest.mark.browser
def test_each_fault_of_a_page_is_told(page: Page, site: str, tmp_path: Path):
    page.goto(f"{site}/health.html")
    with Agent(page, settings=Settings(home=tmp_path, expect_timeout_ms=300, pictures="failures")) as agent:
        for sentence, seen in FAULTS.items():
            result = agent.check(sentence)
            assert result.verdict == "failed" and seen in result.reason, (sentence, result)
        page.goto(f"{site}/explore.html")
        for sentence in [*FAULTS, "the page has finished loading", "the page has no accessibility violations"]:
            result = agent.check(sentence)
            assert result.verdict == "passed", (sentence, result.reason)
        page.set_content("<h1>Tools</h1><div aria-busy=true>Reviews</div>")
        result = agent.check("the page has finished loading")
        assert result.verdict == "failed" and "still shows that it is loading" in result.reason


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("all images are loaded", "pictures"),
        ("nothing is still loading", "loading"),
        ("the numbers add up", "numbers"),
        ("There are no accessibility violations", "accessibility"),
    ],
)
def test_health_is_said_in_several_ways(sentence: str, kind: str):
    assert compile_expectation(sentence) == HealthCheck(kind)  # type: ignore[arg-type]


def test_half_understood_health_is_not_compiled():
    assert compile_expectation("the page has no accessibility violations on the second tab or so") is None


def numbers(**given: object) -> dict[str, object]:
    return {"tables": [], "summaries": [], "groups": [], "stated": [], "badges": [], "pager": False, **given}


def bill(*rows: tuple[str, str, str, str]) -> dict[str, object]:
    head = ["Product", "Price", "Quantity", "Total"]
    return {"name": "Bill", "headers": head, "rows": [list(row) for row in rows], "foot": [], "box": BOX}


def told(**given: object) -> list[str]:
    return [each.kind for each in contradictions(numbers(**given))]


def test_bills_that_add_up_are_let_be():
    table = bill(("Mug", "€16.00", "3", "€48.00"), ("Bottle", "€1,032.00", "1", "€1,032.00"))
    terms = [["Subtotal", "€1,080.00"], ["Discount (TEN)", "€108.00"], ["Delivery", "Free"], ["Total", "€972.00"]]
    assert told(tables=[table], summaries=[{"terms": terms, "box": BOX}]) == []
    # A tax that is not a part of what stands above it cannot be known: three terms that are no bill say nothing.
    assert told(summaries=[{"terms": [["Weight", "3"], ["Price", "€4.00"], ["Total", "€9.00"]], "box": BOX}]) == []


def test_bills_that_do_not_add_up_are_told():
    assert told(tables=[bill(("Mug", "€16.00", "3", "€16.00"))]) == ["product"]
    terms = [["Subtotal", "€80.00"], ["Delivery", "€4.90"], ["Total", "€80.00"]]
    assert told(summaries=[{"terms": terms, "box": BOX}]) == ["total"]
    mixed = [bill(("Mug", "€16.00", "1", "€16.00"))], [{"terms": [["Total", "$16.00"], ["Paid", "€16.00"]], "box": BOX}]
    assert "currency" in told(tables=mixed[0], summaries=mixed[1])


def test_counts_are_compared_with_the_only_list_there_is():
    stated = [{"text": "21–25 of 25", "box": BOX, "around": "page"}]
    four = {"name": "", "headers": [], "rows": [[str(n)] for n in range(4)], "foot": [], "box": BOX}
    assert told(stated=stated, tables=[four]) == ["count"]
    orders = [{"text": "9 orders", "box": BOX, "around": "page"}]
    assert told(stated=orders, tables=[four]) == ["count"]
    assert told(stated=orders, tables=[four], pager=True) == []  # the others are on further pages
    assert told(stated=orders, tables=[four, four]) == []  # which of both is meant?


def test_money_is_read_as_people_write_it():
    assert str(money("1.234,50 €")) == "€1,234.50"
    assert str(money("−€3.00")) == "€-3.00"
    assert money("€3.00 instead of €4.00") is None


def test_pages_before_the_last_one_hold_equally_many():
    def page(number: int, rows: int) -> list[str]:
        table = {"name": "", "headers": [], "rows": [[str(n)] for n in range(rows)], "foot": [], "box": BOX}
        texts = ("34 orders", f"Page {number} of 4")
        stated = [{"text": text, "box": BOX, "around": "page"} for text in texts]
        return told(stated=stated, tables=[table], pager=True)

    assert [page(1, 10), page(2, 10), page(4, 4)] == [[], [], []]
    assert page(4, 3) == ["count"]  # 31 orders cannot stand on three pages that hold equally many
    assert page(2, 8) == ["count"]
