"""What is listed is compared with what was sent: once is once, and the day is the one that was chosen."""

from datetime import date
from itertools import count

from magenta_qa.agent.explore.graph import Graph, Place
from magenta_qa.agent.explore.ledger import Ledger, day_in
from magenta_qa.agent.explore.session import Done, Script, Seen
from magenta_qa.model.schema import Action, Observation
from magenta_qa.model.trace import Event

SHOP = "http://a"
COUNT = count()
WAY = (Script(f"{SHOP}/checkout", ('Click "Place order"',)),)


def seen(path: str) -> Seen:
    return Seen(Observation(f"{SHOP}{path}", "", (1280, 720), 1, b"", ()), {}, Place(path, f"{SHOP}{path}"))


def entries(*texts: str) -> list[dict[str, object]]:
    return [{"name": "List", "entries": [{"name": text.split()[0], "text": text, "cells": []} for text in texts]}]


def done(path: str, landed: str) -> Done:
    answer = Event(next(COUNT), "response", f"POST 303 {SHOP}{path}", f"{SHOP}{path}", 303)
    return Done('Click "Place order"', Action("click", 1), None, None, "", (answer,), SHOP, f"{SHOP}{landed}")


def told(ledger: Ledger, path: str, *texts: str) -> list[str]:
    return [found.text for found in ledger.look(seen(path), entries(*texts))]


def test_two_records_of_one_order_are_one_too_many():
    ledger = Ledger(Graph(SHOP), date(2026, 1, 1))
    assert told(ledger, "/orders", "T-107 Monday €9.00") == []
    ledger.sent(done("/checkout", "/orders/T-108"), [], WAY)
    (found,) = ledger.look(seen("/orders"), entries("T-109 Friday €4.00", "T-108 Friday €4.00", "T-107 Monday €9.00"))
    assert "T-108 and T-109 are listed, which are alike" in found.text
    assert found.expect == ('the page does not show "T-109"',)
    assert found.scripts[0].steps == ('Click "Place order"', "Go to /orders")


def test_what_was_sent_twice_may_be_listed_twice():
    ledger = Ledger(Graph(SHOP), date(2026, 1, 1))
    told(ledger, "/orders", "T-107 Monday €9.00")
    ledger.sent(done("/checkout", "/orders/T-108"), [], WAY)
    ledger.sent(done("/checkout", "/orders/T-109"), [], WAY)
    assert told(ledger, "/orders", "T-109 Friday €4.00", "T-108 Friday €4.00", "T-107 Monday €9.00") == []


def test_the_day_that_was_chosen_is_the_one_that_is_listed():
    for listed, wrong in (("Friday, 22 May 2026", True), ("Saturday, 23 May 2026", False), ("1 April 2026", False)):
        ledger = Ledger(Graph(SHOP), date(2026, 1, 1))
        told(ledger, "/repairs", "R-1 Stove Monday, 4 May 2026")
        ledger.sent(done("/repairs/new", "/repairs"), ["Enamel Mug", "Saturday, 23 May 2026"], WAY)
        found = told(ledger, "/repairs", "R-1 Stove Monday, 4 May 2026", f"R-2 Enamel Mug {listed}")
        assert bool(found) is wrong, listed


def test_days_are_read_as_they_are_written():
    assert day_in("Saturday, 23 May 2026") == day_in("May 23, 2026") == day_in("2026-05-23") == date(2026, 5, 23)
    assert day_in("from 2026-05-23 to 2026-05-24") is None
    assert day_in("23 items of 2026") is None
