"""Keeps what lists held when they were looked at, and compares it with what was sent meanwhile.

    ledger = Ledger(graph, today)
    ledger.sent(done, ["Enamel Mug", "Tuesday, 9 June 2026"], scripts)     # what a form was filled with
    list(ledger.look(seen, lists))                                         # Suspicions, seen at any list later

Two things are judged of a record that is new: whether there is one of it for each time it was sent, and whether its day
is the one that was chosen. Both only of records that are known to come from what was sent.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from magenta_qa.agent.explore.findings import Suspicion
from magenta_qa.agent.explore.graph import Graph
from magenta_qa.agent.explore.history import Script, path_of
from magenta_qa.agent.explore.oracles import Entries
from magenta_qa.agent.explore.session import Done, Seen
from magenta_qa.agent.explore.wording import quoted

MIN_TELLING = 4  # characters of a value by which a record is recognised
NEAR_DAYS = 2  # a day so near to the chosen one is a wrong one; others may be of something else
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WRITTEN = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.? (?P<month>[A-Za-z]{3})[a-z]*\.?,? (?P<year>\d{4})"
    r"|(?P<month2>[A-Za-z]{3})[a-z]*\.? (?P<day2>\d{1,2})(?:st|nd|rd|th)?,? (?P<year2>\d{4})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that was sent and accepted."""

    step: str
    values: tuple[str, ...]
    """What was filled in and chosen."""
    asked: frozenset[str]
    """Method and path pattern of the requests that changed something."""
    landed: str
    """URL after it."""
    scripts: tuple[Script, ...]


@dataclass(slots=True)
class Ledger:
    """What one tester's lists held.

    Args:
        graph: Tells which pages are views of one list.
        today: No day that a form was given.
    """

    graph: Graph
    today: date
    lists: dict[tuple[str, str], list[Mapping[str, Any]]] = field(default_factory=dict)
    """Path and name of a list → its entries as they were seen last."""
    log: list[Sent] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    """Path and name of a list → how much had been sent by then."""

    def sent(self, done: Done, values: Sequence[str], scripts: tuple[Script, ...]) -> None:
        """Note what was accepted."""
        answers = [each for each in done.events if each.kind == "response" and (each.status or 0) < 400]
        changing = [each for each in answers if each.text.split(" ")[0] not in ("GET", "HEAD", "OPTIONS")]
        asked = frozenset(f"{each.text.split(' ')[0]} {self.graph.path(each.url)}" for each in changing)
        told = tuple(value for value in values if len(value) >= MIN_TELLING)
        self.log.append(Sent(done.step, told, asked, done.after, scripts))

    def look(self, seen: Seen, lists: Entries) -> Iterator[Suspicion]:
        """Compare the lists of a page with what they held before.

        Args:
            seen: The page.
            lists: Its lists with their entries, as `page.js` gives them.
        """
        path = self.graph.path(seen.observation.url)
        for each in lists:
            key = (path, str(each["name"]))
            before, entries = self.lists.get(key), list(each["entries"])
            since = self.log[self.counts.get(key, 0) :]
            self.lists[key], self.counts[key] = entries, len(self.log)
            if before is not None and since:
                new = _new(before, entries)
                yield from self._twice(new, since, seen)
                yield from self._other_day(new, since[-1], seen)

    def _twice(self, new: Sequence[Mapping[str, Any]], since: Sequence[Sent], seen: Seen) -> Iterator[Suspicion]:
        """More records that are alike than were sent."""
        last = since[-1]
        times = sum(bool(each.asked & last.asked) for each in since)
        for own in (entry for entry in new if _is_of(entry, last)):
            alike = [entry for entry in new if entry is not own and _differ_in_id(entry["text"], own["text"])]
            if alike and len(alike) + 1 > times:
                other = alike[0]["name"]
                text = f"{last.step} was done once, and {own['name']} and {other} are listed, which are alike"
                expect = (f"the page does not show {quoted(other)}",)
                url = seen.observation.url
                ways = _arriving(last, url)
                yield Suspicion("wrong number", seen.place.key, "list", text, url, ways, expect, identity=last.step)
                return

    def _other_day(self, new: Sequence[Mapping[str, Any]], last: Sent, seen: Seen) -> Iterator[Suspicion]:
        """The record's day is beside the one that was chosen."""
        chosen = [(value, day) for value in last.values if (day := day_in(value)) and day != self.today]
        own = [entry for entry in new if _is_of(entry, last)]
        if len(chosen) != 1 or len(own) != 1:
            return
        told, day = chosen[0]
        listed = [found for match in _WRITTEN.finditer(own[0]["text"]) if (found := _day(match))]
        wrong = [other for other in listed if 0 < abs((other - day).days) <= NEAR_DAYS and other != self.today]
        if day not in listed and wrong:
            text = f"{told} was chosen ({last.step}), but {own[0]['name']} is listed with {wrong[0]:%A, %d %B %Y}"
            expect, url = (f"the page shows {quoted(told)}",), seen.observation.url
            ways = _arriving(last, url)
            yield Suspicion("wrong target", seen.place.key, "day", text, url, ways, expect)


def _new(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Entries that were not there, each as often as it was not."""
    known, found = Counter(entry["text"] for entry in before), []
    for entry in after:
        if known[entry["text"]]:
            known[entry["text"]] -= 1
        else:
            found.append(entry)
    names = {entry["name"] for entry in before}
    return [entry for entry in found if entry["name"] not in names or len(after) > len(before)]


def _is_of(entry: Mapping[str, Any], sent: Sent) -> bool:
    """Whether a record is what was sent: it is named where that led to, or holds a value of it that is no day."""
    name, text = str(entry["name"]), str(entry["text"])
    named = len(name) >= MIN_TELLING and name in path_of(sent.landed)
    return named or any(value in text for value in sent.values if not day_in(value))


def _differ_in_id(one: str, other: str) -> bool:
    """Whether two texts differ in one word with a digit and in nothing else."""
    a, b = one.split(), other.split()
    differing = [(x, y) for x, y in zip(a, b, strict=False) if x != y]
    return len(a) == len(b) and len(differing) == 1 and all(re.search(r"\d", word) for word in differing[0])


def _arriving(sent: Sent, url: str) -> tuple[Script, ...]:
    """The ways to what was sent, and on to where it is listed."""
    if sent.landed.split("#")[0] == url.split("#")[0]:
        return sent.scripts
    return tuple(Script(way.url, (*way.steps, f"Go to {path_of(url)}")) for way in sent.scripts)


def day_in(text: str) -> date | None:
    """The only day that a text names; None where it names none or several."""
    found = {day for match in _WRITTEN.finditer(text) if (day := _day(match))}
    return found.pop() if len(found) == 1 else None


def _day(match: re.Match[str]) -> date | None:
    if match["iso"]:
        year, month, day = match["iso"].split("-")
    else:
        name = (match["month"] or match["month2"]).casefold()
        month = str(_MONTHS.index(name) + 1) if name in _MONTHS else "0"
        year, day = match["year"] or match["year2"], match["day"] or match["day2"]
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
