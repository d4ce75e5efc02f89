"""Logs each action of a test as the page was just before it.

    collector = Collector(log, privacy, origins)
    remove = install(collector.before)
    …                                   # tests run
    remove(); collector.close()
    collector.logged, collector.missed  -> 412, {"not in view": 3}

While the test waits, the page is only looked at; painting, encoding and writing are done by a process of their
own (`writer`).
"""

import os
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import PurePath
from typing import Any

from magenta_qa.agent.collect.hooks import Act
from magenta_qa.agent.collect.looker import Looker
from magenta_qa.agent.collect.moment import Moment
from magenta_qa.agent.collect.procedure import Procedure
from magenta_qa.agent.collect.writer import Writer
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.privacy.origins import Origins
from magenta_qa.agent.privacy.privacy import Privacy

PATIENCE_MS = 10_000
"""How long an element is waited for; the action waits for it once more, and fails by itself if it never comes."""
MAX_WAITING = 50
"""Pictures that wait to be written at most; then a test waits."""
_SCROLL_MS = 5_000
_LOOKS = 6
_BETWEEN_MS = 100
_LEFT = ("Execution context was destroyed", "Unable to capture screenshot", "Not attached to an active page")
"""How a page that goes away while it is looked at says so; the action is done to the one that comes."""


class Collector:
    """The hook before each action.

    Args:
        log: Where rows go.
        privacy: What is private.
        origins: Where actions may be logged.
    """

    def __init__(self, log: InteractionLog, privacy: Privacy, origins: Origins) -> None:
        self.paused = False
        """While the agent drives the page, which logs by itself."""
        self.missed: Counter[str] = Counter()
        """Reason → how many actions were not logged."""
        self.seconds: list[float] = []
        """What each logged action was made to wait."""
        self.logged = 0
        self._origins = origins
        self._looker = Looker(privacy)
        self._writer = Writer(log, privacy)
        self._waiting: deque[Future[str]] = deque()

    def before(self, act: Act) -> Procedure[None]:
        """Log what is about to be done; whatever goes wrong is counted and never reaches the test."""
        if self.paused:
            return
        started = time.perf_counter()
        try:
            moment = yield from self._look_until_it_stays(act)
            if moment is None or not moment.in_view:
                self.missed["gone" if moment is None else "not in view"] += 1
                return
            self._hand_over(moment, act)
            self.seconds.append(time.perf_counter() - started)
        except Exception as error:
            self.missed[_reason(error)] += 1

    def _look_until_it_stays(self, act: Act) -> Procedure[Moment | None]:
        for _ in range(_LOOKS - 1):
            try:
                return (yield from self._look(act))
            except Exception as error:
                if act.page is None or not any(said in str(error) for said in _LEFT):
                    raise
            yield lambda: act.page.wait_for_timeout(_BETWEEN_MS)
        return (yield from self._look(act))

    def _look(self, act: Act) -> Procedure[Moment | None]:
        moment: Moment | None = None
        if act.ask and act.page:
            self._require_permission(act.page)
            moment = yield from self._looker.look_once(act.page, act.ask)
        if moment is not None and (moment.in_view or act.kind == "upload"):
            return moment
        handle = yield from act.resolve(min(PATIENCE_MS, act.timeout_ms or PATIENCE_MS))
        if handle is None:
            return None
        page = act.page or (yield handle.owner_frame).page
        self._require_permission(page)
        moment = moment or (yield from self._looker.look(page, handle))
        if moment is not None and not moment.in_view and act.kind != "upload":
            # As the action itself will do; most elements need it not, and it takes two frames.
            yield lambda: handle.scroll_into_view_if_needed(timeout=_SCROLL_MS)
            moment = yield from self._looker.look(page, handle)
        return moment

    def _require_permission(self, page: Any) -> None:  # noqa: ANN401 - of either API
        if not self._origins.permits(page.url):
            raise _NotPermitted(page.url)

    def _hand_over(self, moment: Moment, act: Act) -> None:
        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= MAX_WAITING):
            self._count(self._waiting.popleft())
        self._waiting.append(self._writer.write(moment, act.kind, _told(act)))

    def _count(self, written: Future[str]) -> None:
        try:
            problem = written.result()
        except Exception as error:
            problem = _reason(error)
        if problem:
            self.missed[problem] += 1
        else:
            self.logged += 1

    def close(self) -> None:
        """Wait until everything is written."""
        self._writer.close()
        while self._waiting:
            self._count(self._waiting.popleft())


class _NotPermitted(Exception):
    """The page's origin may not be recorded."""

    def __str__(self) -> str:
        return "origin not allowed"


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:120]}" if lines and not isinstance(error, _NotPermitted) else str(error)


def _told(act: Act) -> str | None:
    """An action's value as one text; of files their names alone."""
    text = _text_of(act.value)
    if text is None or act.kind != "upload" or not isinstance(act.value, str):
        return text
    return PurePath(text).name


def _text_of(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, os.PathLike):
        return PurePath(value).name
    if isinstance(value, dict):
        return PurePath(str(value.get("name", ""))).name
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        parts = (PurePath(each).name if isinstance(each, str) and "/" in each else _text_of(each) for each in value)
        return ", ".join(filter(None, parts))
    return str(value) if isinstance(value, str | int | float) else None
