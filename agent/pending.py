"""Requests without an answer, and which of them wait for news: long polls.

polls.asked("GET /events", pending, now)     # each time a request is sent
polls.answered(request, now)
"GET /events" in polls.endpoints             # from the third round on
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from playwright.sync_api import Frame

LONG_POLL_SECONDS = 10.0  # what takes longer to answer and is asked again at once waits for news
_ASKED_AGAIN_SECONDS = 1.0
_ROUNDS = 2  # a slow list that is read anew once, after something was done, is no long poll


@dataclass(slots=True)
class PendingRequest:
    """A request that has no answer yet."""

    started: float
    """`time.monotonic()` when it was sent."""
    kind: str
    """Playwright's resource type: document, script, fetch, xhr, websocket, …; or "worker"."""
    endpoint: str
    """Method and URL without query; the same for each round of a long poll."""
    frame: Frame | None = None
    """The frame that it gives a new document to, if it does."""
    replied: bool = False
    """Whether the server has begun to answer, so that it knows what was sent."""


class LongPolls:
    """Tells by how they are asked again."""

    def __init__(self) -> None:
        self.endpoints: set[str] = set()
        """Asked again as soon as they had answered, which took long, round for round."""
        self._answered: dict[str, float] = {}
        self._rounds: Counter[str] = Counter()

    def asked(self, endpoint: str, pending: Iterable[PendingRequest], now: float) -> None:
        """Note that a request is sent; the body of the last answer may still be on its way."""
        answered = self._answered.pop(endpoint, None)
        again = answered is not None and now - answered < _ASKED_AGAIN_SECONDS
        if again or any(each.endpoint == endpoint and each.replied and _took_long(each, now) for each in pending):
            self._rounds[endpoint] += 1
        else:
            del self._rounds[endpoint]
        if self._rounds[endpoint] >= _ROUNDS:
            self.endpoints.add(endpoint)

    def answered(self, request: PendingRequest, now: float) -> None:
        """Note that a request has its answer."""
        if _took_long(request, now):
            self._answered[request.endpoint] = now


def _took_long(request: PendingRequest, now: float) -> bool:
    """Whether it is as slow as a long poll, and only asks."""
    asks = request.kind in ("fetch", "xhr") and request.endpoint.startswith("GET ")
    return asks and now - request.started > LONG_POLL_SECONDS
