"""Judges one action by what the browser and the page say before and after it.

    from_events(events, place, …)                      -> exceptions, server errors, failed requests
    lost_changes(before, after, reloaded, changed)     -> [("switch Newsletter 1", "true", "false")]
    stale_badges(before, after, reloaded, again)       -> [("Cart", "1", "2")]
    came_back(done, before, after, reloaded)           -> what was deleted, and is there again
    wrong_row(done, before, after)                     -> what was to be deleted, and what is gone instead

`Suspicion`s come without ways to reproduce them: `Tester` adds these.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from magenta_qa.agent.explore.findings import Suspicion
from magenta_qa.agent.explore.graph import Graph, Place
from magenta_qa.agent.explore.history import path_of
from magenta_qa.agent.explore.session import Done, origin_of
from magenta_qa.agent.explore.wording import item_name, label
from magenta_qa.model.trace import Event

Entries = Sequence[Mapping[str, Any]]
"""Lists and tables of a page with their entries, as `page.js` gives them."""
Numbers = Mapping[str, Any] | None
"""What a page states in numbers, as `health.js` gives it; None where it could not be asked."""
_ABORTED = re.compile(r"ERR_ABORTED|ERR_BLOCKED|NS_BINDING_ABORTED|ERR_CACHE")
_DELETES = re.compile(r"\b(?:delet|remov|eras|discard)\w*", re.I)
_ADDS = re.compile(r"\b(?:add|create|new)\b", re.I)
_EDITS = re.compile(r"\b(?:edit|change|update|rename)\b", re.I)
_UP = re.compile(r"\b(?:low(?:est)? (?:to|first)|ascending|cheapest|cheap to)", re.I)
_AMOUNT = re.compile(r"[€$£¥]\s?\d[\d.,]*|\d[\d.,]*\s?[€£]|\d+\.\d{2}\b")
_DOWN = re.compile(r"\b(?:high(?:est)? (?:to|first)|descending|dearest|most expensive)", re.I)


def from_events(events: Sequence[Event], place: Place, subject: str, url: str, origin: str) -> Iterator[Suspicion]:
    """What the browser reported meanwhile, each once.

    Args:
        events: Since before the action.
        place: Where it was done.
        subject: What was done.
        url: Where.
        origin: Of the application; what other hosts do is not its fault.
    """
    seen: set[str] = set()
    for event in events:
        found = _from_event(event, place, subject, url, origin)
        if found is not None and found.identity not in seen:
            seen.add(found.identity)
            yield found


def _from_event(event: Event, place: Place, subject: str, url: str, origin: str) -> Suspicion | None:
    if event.kind == "exception":
        first = event.text.splitlines()[0]
        expect = ("there are no uncaught exceptions",)
        return Suspicion("exception", place.key, "script", first, url, (), expect, identity=first)
    if origin_of(event.url) != origin or urlsplit(event.url).path.endswith("/favicon.ico"):
        return None
    path = urlsplit(event.url).path
    broken = event.kind == "response" and (event.status or 0) >= 500
    gone = event.kind == "response" and event.status in (404, 405, 410)
    failed = event.kind == "request" and not _ABORTED.search(event.text)
    if not broken and not failed and not (gone and event.url.split("#")[0] != url.split("#")[0]):
        return None
    kind, about = ("server error", subject) if broken else ("failed request", "request")
    text, expect = f"{event.text} {path_of(event.url)}", ("there are no failed requests",)
    method = event.text.split(" ")[0]
    return Suspicion(kind, place.key, about, text, url, (), expect, identity=f"{method} {path}")


def lost_changes(
    before: Mapping[str, str], after: Mapping[str, str], reloaded: Mapping[str, str], changed: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Controls that were changed and saved, and are as before after a reload: (name, saved, found).

    Args:
        before: State of each control as the page was loaded.
        after: As it was saved.
        reloaded: As it is after a reload.
        changed: Keys of those that were changed on purpose.
    """
    return [
        (key, after[key], reloaded[key])
        for key in changed
        if key in before and key in after and key in reloaded
        if before[key] != after[key] and reloaded[key] == before[key]
    ]


def lost_order(before: Entries, after: Entries, reloaded: Entries) -> tuple[list[str], list[str]] | None:
    """A list whose entries had another order after the action and have the old one again: (wanted, found)."""
    for was, then, now in zip(before, after, reloaded, strict=False):
        orders = [[entry["name"] for entry in each["entries"]] for each in (was, then, now)]
        if Counter(orders[0]) == Counter(orders[1]) == Counter(orders[2]) and orders[0] != orders[1]:
            return (orders[1], orders[2]) if orders[2] == orders[0] else None
    return None


def stale_badges(before: Numbers, after: Numbers, reloaded: Numbers, again: Numbers) -> list[tuple[str, str, str]]:
    """Badges that did not follow an action: (name, shown, after a reload).

    Args:
        before: The page's numbers before the action.
        after: After it.
        reloaded: After a reload.
        again: After one more, for what changes by itself.
    """
    pages = (before, after, reloaded, again)
    was, then, now, later = ({b["key"]: b["text"] for b in each["badges"]} if each else {} for each in pages)
    names = {badge["key"]: badge["name"] for each in (before, reloaded) if each for badge in each["badges"]}
    return [
        (names.get(key, key), then[key] or "nothing", now[key] or "nothing")
        for key in then
        if key in was and key in now and now.get(key) == later.get(key) and was[key] == then[key] != now[key]
    ]


def wrong_row(done: Done, before: Entries, after: Entries) -> tuple[str, str] | None:
    """ "Delete" in one row, which is still there while another one is gone: (row, the one that is gone)."""
    candidate = done.candidate
    if candidate is None or not _DELETES.search(f"{label(candidate)} {candidate.hints}") or not item_name(candidate):
        return None
    own = next((c.text for c in candidate.context if c.kind in ("row", "listitem", "card")), "")
    for was, now in zip(before, after, strict=False):
        gone = Counter(entry["text"] for entry in was["entries"])
        gone.subtract(entry["text"] for entry in now["entries"])
        lost = [text for text, count in gone.items() if count > 0]
        kept = [entry for entry in now["entries"] if _alike(entry["text"], own)]
        if len(lost) == 1 and kept and not _alike(lost[0], own) and len(now["entries"]) == len(was["entries"]) - 1:
            name = next(entry["name"] for entry in was["entries"] if entry["text"] == lost[0])
            return str(kept[0]["name"]), str(name)
    return None


def came_back(done: Done, before: Entries, after: Entries, reloaded: Entries) -> str:
    """The name of the entry that a "Delete" took away and a reload has brought back; empty where there is none."""
    if done.candidate is None or not _DELETES.search(f"{label(done.candidate)} {done.candidate.hints}"):
        return ""
    for was, then, now in zip(before, after, reloaded, strict=False):
        gone = Counter(entry["text"] for entry in was["entries"])
        gone.subtract(entry["text"] for entry in then["entries"])
        lost = [text for text, count in gone.items() if count > 0]
        names = [entry["name"] for entry in was["entries"] if entry["text"] in lost]
        if len(names) == 1 and len(then["entries"]) == len(was["entries"]) - 1:
            back = sum(entry["text"] == lost[0] for entry in now["entries"])
            return str(names[0]) if back and [e["name"] for e in was["entries"]].count(names[0]) == 1 else ""
    return ""


def other_page(name: str, url: str, heading: str, graph: Graph) -> bool:
    """Whether the link of one entry has led to the page of another entry of the same kind."""
    own, shown = (" ".join(text.casefold().split()) for text in (name, heading))
    other = graph.links.get(shown, "")
    if not other or own in shown or graph.links.get(own) != url:
        return False
    return other != url and graph.pattern(other) == graph.pattern(url)


def overwritten(step: str, before: Entries, after: Entries) -> tuple[str, str] | None:
    """An entry that was changed by what says that it adds one: (the old one, the new one)."""
    if not _ADDS.search(step) or _EDITS.search(step):
        return None
    for was, now in zip(before, after, strict=False):
        if len(was["entries"]) != len(now["entries"]) or was["name"] != now["name"]:
            continue
        pairs = list(zip(was["entries"], now["entries"], strict=True))
        differing = [(old["text"], new["text"]) for old, new in pairs if old["name"] != new["name"]]
        if len(differing) == 1 and len(pairs) > 1:
            return differing[0]
    return None


@dataclass(frozen=True, slots=True)
class Change:
    """An amount of an entry that has become another one."""

    entry: str
    old: str
    new: str


def changed_amount(before: Entries, after: Entries) -> Change | None:
    """The only entry whose text has changed, and the first amount in it that has."""
    changed = []
    for was, now in zip(before, after, strict=False):
        names = Counter(entry["name"] for entry in was["entries"])
        texts = {entry["name"]: entry["text"] for entry in now["entries"]}
        for entry in was["entries"]:
            name, text = entry["name"], texts.get(entry["name"], entry["text"])
            if names[name] == 1 and text != entry["text"]:
                changed.append((name, _AMOUNT.findall(entry["text"]), _AMOUNT.findall(text)))
    if len(changed) != 1 or len(changed[0][1]) != len(changed[0][2]):
        return None
    name, old, new = changed[0]
    return next((Change(name, a, b) for a, b in zip(old, new, strict=True) if a != b), None)


def wrong_order(option: str, values: Sequence[float]) -> str:
    """Why the prices shown are not in the order that an option names; empty where they are, or it names none."""
    if len(values) < 3 or not (_UP.search(option) or _DOWN.search(option)):
        return ""
    falling = direction(option) == "descending"
    if list(values) == sorted(values, reverse=falling):
        return ""
    told = ", ".join(f"{value:g}" for value in values[:6])
    return f"“{option}” shows {told}{' …' if len(values) > 6 else ''}"


def direction(option: str) -> str:
    """The order that an option names."""
    return "descending" if _DOWN.search(option) else "ascending"


def totals(numbers: Numbers) -> list[str]:
    """ "23 products": what a page states about how many there are."""
    found = [each["text"] for each in (numbers or {}).get("stated", ()) if each["around"] == "page"]
    return [text for text in found if re.fullmatch(r"\d[\d,.]* [A-Za-z]+(?: found| in total)?", text)]


def changed_total(before: Numbers, after: Numbers) -> tuple[str, str] | None:
    """Two numbers that two pages of one list state of how many there are: ("23 products", "41 products")."""
    was, now = totals(before), totals(after)
    for one in was:
        noun = one.split(" ", 1)[1]
        others = [each for each in now if each.split(" ", 1)[1] == noun]
        if others and one not in now and was.count(one) == 1 and len(others) == 1:
            return one, others[0]
    return None


def _alike(one: str, other: str) -> bool:
    """Whether two texts are of one entry, however long each was cut."""
    a, b = (" ".join(re.findall(r"\w+", text)).casefold()[:80] for text in (one, other))
    return bool(a and b) and (a.startswith(b[:40]) or b.startswith(a[:40]))
