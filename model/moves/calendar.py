"""Picks a day in a calendar: opens it, goes to the month, clicks the day; one decision at a time."""

import re
from datetime import date

from magenta_qa.model.language.dates import is_day_number, parse_month, spellings
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import contains, read_field
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, none, undecided
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.schema import Candidate

_MAX_CLICKS = 36  # three years of months
_LEAST_DAYS = 28  # that make a month
_DAY = re.compile(r'"(?:\D*\b)?(\d{1,2})\b')


def pick_day(day: date, target: Target | None, turn: Turn) -> Answer:
    """The next click towards `day`."""
    chosen = _chosen(day, turn)
    if chosen:
        return Finished(chosen)
    full = [
        c
        for c in turn.page.candidates
        if any(contains(read_field(f"{c.name} {c.description}"), s) for s in spellings(day))
    ]
    if len(full) == 1 and not full[0].state.disabled:
        return act("click", full[0], reason=f"{day:%d %B %Y} in the calendar")
    shown = _shown_month(turn)
    if shown is None:
        return _open(target, turn)
    if len(turn.rest) >= _MAX_CLICKS:
        return none(f"the calendar has not come to {day:%B %Y}", absent=False)
    if shown == (day.year, day.month):
        days = [c for c in turn.page.candidates if _is_day(c, day.day) and not c.state.disabled]
        days = _of_month(days, day.day)
        return act("click", days[0], reason="the day in the calendar") if len(days) == 1 else none(
            f"{len(days)} controls could be the day {day.day}", absent=False)  # fmt: skip
    word = "next" if shown < (day.year, day.month) else "previous"
    return _turn_page(word, turn)


def _chosen(day: date, turn: Turn) -> int:
    for index, done in enumerate(turn.rest):
        match = _DAY.search(done.element)
        if not done.error and done.action.kind == "click" and match and int(match[1]) == day.day:
            return index + 1
    return 0


def _shown_month(turn: Turn) -> tuple[int, int] | None:
    texts = [
        k.text
        for c in turn.page.candidates
        for k in c.context
        if k.kind in {"table", "dialog", "heading", "region", "group"}
    ]
    texts += [c.name or c.text for c in turn.page.candidates]
    days = [c for c in turn.page.candidates if is_day_number(c.name or c.text)]
    texts += [k.text for c in days[:1] for k in c.context if len(days) >= _LEAST_DAYS]
    return next((month for text in texts if (month := parse_month(text))), None)


def _is_day(candidate: Candidate, number: int) -> bool:
    return (candidate.name or candidate.text).strip() == str(number)


def _of_month(days: list[Candidate], number: int) -> list[Candidate]:
    """Without the days of the months before and after: late days come first then, early ones last."""
    if len(days) != 2:
        return days
    return [days[0]] if number < 15 else [days[-1]]


def _open(target: Target | None, turn: Turn) -> Answer:
    if len(turn.carried_out) >= 2:
        return none("the calendar does not say which month it shows", absent=False)
    choice = find(target or Target("calendar", "calendar", ("date",)), "click", turn.page)
    if choice.best is None:
        return undecided(choice)
    return act("click", choice.best.candidate, choice=choice, reason="opens the calendar")


def _turn_page(word: str, turn: Turn) -> Answer:
    for phrase in (f"{word} month", word):
        choice = find(Target(phrase, phrase), "click", turn.page)
        if choice.best is not None:
            return act("click", choice.best.candidate, choice=choice)
    return undecided(choice)
