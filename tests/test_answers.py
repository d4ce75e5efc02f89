"""When requests were last answered, with and without a page's icon."""

import time

from magenta_qa.agent.answers import MAX_ASIDES, Answers


def test_icon_is_left_out_and_nothing_else_is() -> None:
    answers = Answers()
    assert answers.last() == 0.0
    answers.note("fetch", "/api")
    fetched = answers.last()
    time.sleep(0.002)
    answers.note("other", "/icon.svg")
    assert answers.last() > fetched
    assert answers.last(but=["/icon.svg"]) == fetched
    answers.note("other", "/prefetched")
    assert answers.last(but=["/icon.svg"]) > fetched


def test_flood_of_answers_is_kept_as_one_time() -> None:
    answers = Answers()
    for number in range(MAX_ASIDES + 1):
        answers.note("other", f"/{number}")
    time.sleep(0.002)
    answers.note("other", "/icon.svg")
    assert answers.last(but=["/icon.svg"]) == answers.last() > 0
