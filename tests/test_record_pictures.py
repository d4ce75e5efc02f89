"""A picture of a tab is of the document that was there, of no later moment, and hides what was private around it."""

import base64

import pytest

from magenta_qa.agent.record.pictures import Moment, Pictures
from magenta_qa.model.schema import Box

HERE, LOWER = Box(10, 20, 60, 16), Box(10, 80, 60, 16)


def moment(at, document, *private, suspects=0):
    key = f"{document} https://shop.example.com/"
    facts = {"key": key, "url": f"https://shop.example.com/{document}", "suspects": suspects}
    return Moment(at, facts, {key: list(private)})


def shot(name):
    return base64.b64encode(name).decode()


@pytest.fixture
def pictures():
    pictures = Pictures()
    pictures.begin("1", 10.0)
    pictures.add(10.2, shot(b"early"))
    pictures.ask(moment(10.3, "1", HERE))
    pictures.add(11.0, shot(b"late"))
    pictures.ask(moment(11.1, "1", LOWER))
    return pictures


def test_picture_is_the_last_one_before_the_moment(pictures):
    assert [pictures.before(at, "1").picture for at in (10.9, 11.05)] == [b"early", b"late"]
    assert pictures.before(10.1, "1") is None


def test_what_moved_around_the_picture_is_hidden_where_it_may_have_been(pictures):
    assert pictures.before(10.9, "1").hidden == (HERE,)
    hidden = pictures.before(11.05, "1").hidden
    assert {HERE} < set(hidden)
    assert any(box.y < LOWER.y < box.y + box.height for box in hidden)
    assert not pictures.is_settled


def test_picture_of_a_document_before_is_not_taken_for_the_next_one(pictures):
    pictures.begin("2", 12.0)
    pictures.ask(moment(12.4, "2"))
    assert pictures.before(12.5, "2") is None
    pictures.add(12.6, shot(b"second"))
    pictures.ask(moment(12.7, "2"))
    assert pictures.before(12.65, "2").picture == b"second"
    assert pictures.document_at(11.9) == "1"
    assert pictures.facts_at(12.65, "2")["url"].endswith("/2")


def test_document_that_left_before_it_was_asked_is_pictured_with_what_it_told(pictures):
    pictures.begin("2", 12.0)
    pictures.add(12.6, shot(b"second"))
    pictures.begin("3", 14.0)
    pictures.add(14.2, shot(b"third"))
    pictures.ask(moment(14.3, "3"))
    assert pictures.before(13.5, "2") is None, "nobody knows what was private"
    pictures.tell(moment(12.5, "2", HERE))
    assert pictures.before(13.5, "2") is None, "nor afterwards"
    pictures.tell(moment(13.5, "2", HERE))
    assert pictures.before(13.5, "2").picture == b"second"
    assert HERE in pictures.before(13.5, "2").hidden


def test_address_that_a_document_gives_itself_makes_no_other_of_it(pictures):
    key = "1 https://shop.example.com/?sort=name"
    pictures.ask(Moment(11.5, {"key": key, "url": "", "suspects": 0}, {key: []}))
    pictures.add(11.8, shot(b"later"))
    pictures.tell(Moment(12.1, {"key": key, "url": "", "suspects": 0}, {key: []}))
    assert pictures.before(12.1, "1").picture == b"later"


def test_document_that_may_not_see_all_that_it_shows_is_not_believed_unless_it_was_asked(pictures):
    pictures.add(11.3, shot(b"unknown"))
    pictures.tell(moment(11.6, "1", LOWER, suspects=1))
    assert pictures.before(11.4, "1").picture == b"late"
    assert pictures.before(11.6, "1") is None, "what was seen long enough to act because of it is not known"
    pictures.ask(moment(11.25, "1", LOWER, suspects=1))
    pictures.tell(moment(11.6, "1", LOWER, suspects=1))
    assert pictures.before(11.6, "1").picture == b"unknown"


def test_what_was_asked_about_shortly_before_is_taken_rather_than_what_is_hidden_for_want_of_an_answer(pictures):
    pictures.add(11.5, shot(b"hovered"))
    pictures.tell(moment(11.6, "1", LOWER))
    assert pictures.before(11.6, "1").picture == b"late"
    pictures.tell(moment(11.8, "1", LOWER))
    assert pictures.before(11.8, "1").picture == b"hovered"
