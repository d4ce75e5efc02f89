"""What the browser reported, kept in bounded memory, and which of it speaks against the product.

    log = EventLog()
    log.add("response", "GET 500", url="http://127.0.0.1:8000/cart", status=500)
    findings(log, allow=("http://127.0.0.1:8000",))  -> [Finding("response", "GET 500 …/cart", fails=True, …)]

A page may log a million lines: of each sort of event the first and the last ones are kept, and the rest is counted.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import chain
from typing import Literal
from urllib.parse import urlsplit

from magenta_qa.model.trace import Event, Finding

EventKind = Literal["dialog", "download", "tab", "exception", "console", "request", "response", "navigation", "crash"]

KEPT_FIRST = 100  # of each sort of event
KEPT_LAST = 400
MAX_TEXT = 500  # characters of one event


class _Bucket:
    """Events of one sort: the first, the last, and how many between them are gone."""

    def __init__(self) -> None:
        self.first: list[Event] = []
        self.last: deque[Event] = deque(maxlen=KEPT_LAST)
        self.gone = 0
        self.gone_until = -1

    def add(self, event: Event) -> None:
        if len(self.first) < KEPT_FIRST:
            self.first.append(event)
            return
        if len(self.last) == KEPT_LAST:
            self.gone += 1
            self.gone_until = self.last[0].seq
        self.last.append(event)

    def replace(self, event: Event) -> None:
        for kept in (self.first, self.last):
            for index, each in enumerate(kept):
                if each.seq == event.seq:
                    kept[index] = event

    def since(self, mark: int) -> Iterable[Event]:
        return (event for event in chain(self.first, self.last) if event.seq >= mark)


class EventLog:
    """Numbered events; `seq` increases by one with each, also with those that were not kept."""

    def __init__(self) -> None:
        self.closed = False
        """Nothing more will happen: a dialog that is still open was never answered."""
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._next = 0

    def add(
        self, kind: EventKind, text: str, *, url: str = "", status: int | None = None, answer: str = "", sort: str = ""
    ) -> Event:
        """Record an event.

        Args:
            kind: See `Event`.
            text: Cut at 500 characters.
            url: Where it happened.
            status: Of a response.
            answer: Of a dialog.
            sort: Separates events of one kind, so that a flood of one sort does not push out the other.
        """
        event = Event(self._next, kind, text[:MAX_TEXT], url[:MAX_TEXT], status, answer)
        self._next += 1
        self._buckets.setdefault((kind, sort), _Bucket()).add(event)
        return event

    def answered(self, event: Event, answer: str) -> None:
        """Note what a dialog was answered with."""
        for bucket in self._buckets.values():
            bucket.replace(replace(event, answer=answer))

    def retold(self, event: Event, text: str) -> None:
        """Note what an event was really about."""
        for bucket in self._buckets.values():
            bucket.replace(replace(event, text=text[:MAX_TEXT]))

    def mark(self) -> int:
        """The number that the next event will get."""
        return self._next

    def since(self, mark: int) -> list[Event]:
        """The events kept with that number or a higher one, in order."""
        kept = chain.from_iterable(bucket.since(mark) for bucket in self._buckets.values())
        return sorted(kept, key=lambda event: event.seq)

    def gone(self, kind: EventKind, mark: int) -> int:
        """How many of a kind are not kept, if some of these happened since the mark."""
        buckets = (bucket for (each, _), bucket in self._buckets.items() if each == kind)
        return sum(bucket.gone for bucket in buckets if bucket.gone_until >= mark)


def findings(
    log: EventLog, since: int = 0, allow: Sequence[str] = (), strict: bool = False, known: Sequence[str] = ()
) -> list[Finding]:
    """What speaks against the product, or is worth knowing.

    Args:
        log: What happened.
        since: A mark; earlier events are not looked at.
        allow: Origins whose 5xx answers fail a scenario.
        strict: Console errors and 4xx answers fail it too.
        known: Addresses, with * for any part of them, whose answers never fail it.
    """
    events = (event for event in log.since(since) if log.closed or event.kind != "dialog")
    found = [finding for event in events if (finding := _finding(event, allow, strict))]
    found = [replace(each, fails=False) if _is_known(each, known) else each for each in found]
    for kind in ("exception", "console", "request", "response", "dialog"):
        gone = log.gone(kind, since)
        if gone and any(finding.kind == kind for finding in found):
            found.append(Finding(kind, f"and {gone} more"))
    return found


def _finding(event: Event, allow: Sequence[str], strict: bool) -> Finding | None:
    if event.kind == "exception":
        return Finding("exception", event.text, event.url, fails=True)
    if event.kind == "crash":
        return Finding("crash", event.text, event.url)
    if event.kind == "dialog" and not event.answer:
        return Finding("dialog", f"nobody answered {event.text}", event.url)
    if event.kind == "console":
        return _console_finding(event, strict)
    if event.kind == "request" and not _is_favicon(event.url) and "ERR_ABORTED" not in event.text:
        return Finding("request", f"{event.text} {event.url}", event.url)
    if event.kind == "response" and (event.status or 0) >= 400 and not _is_favicon(event.url):
        server_error = (event.status or 0) >= 500
        fails = _origin(event.url) in allow if server_error else strict
        return Finding("response", f"{event.text} {event.url}", event.url, event.status, fails)
    return None


def _console_finding(event: Event, strict: bool) -> Finding | None:
    """Errors only, without the lines that Chromium writes about responses, which are findings of their own."""
    if not event.text.startswith("error: ") or event.text.startswith("error: Failed to load resource"):
        return None
    return Finding("console", event.text, event.url, fails=strict)


def _is_known(finding: Finding, known: Sequence[str]) -> bool:
    """Whether it is an answer from one of these addresses; one without a host is any host's."""
    parts = urlsplit(finding.url or "")
    places = (f"{parts.scheme}://{parts.netloc}{parts.path}", parts.path)
    return finding.kind == "response" and any(fnmatchcase(place, each) for each in known for place in places)


def _is_favicon(url: str) -> bool:
    return urlsplit(url).path.endswith("/favicon.ico")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
