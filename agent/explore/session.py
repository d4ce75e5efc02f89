"""One visit of an explorer: a browser context in which it looks, acts, and remembers how it came to be where it is.

session.open("http://shop/cart")
seen = session.look()                              # observation, descriptions, place
done = session.act(Action("click", 7), seen)       # Done(step='Click "Save"', effect=…, events=…, sent=True)
session.script()                                   # what must be done anew to get to the same point
"""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.actions.page import PageHand, goto
from magenta_qa.agent.agent import Agent
from magenta_qa.agent.effect import Recording
from magenta_qa.agent.execute import execute
from magenta_qa.agent.explore.graph import Graph, Place, control_key, is_chrome
from magenta_qa.agent.explore.history import History, Script
from magenta_qa.agent.explore.wording import step_of
from magenta_qa.agent.page.dry_run import KnownHandlers
from magenta_qa.agent.settings import Settings
from magenta_qa.agent.settle import arrive
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Action, Box, Candidate, Effect, Observation
from magenta_qa.model.trace import Event

CONTEXT: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 720},
    "permissions": ["clipboard-read", "clipboard-write"],  # a browser with a window gives them to whoever clicks
}
"""Of every browser context that explores or replays."""
LOAD_SECONDS = 15.0
QUIET_SECONDS = 2.5
PROBE_SECONDS = 10.0
FRAME_SECONDS = 3.0
TRUSTED_AFTER = 3
"""Page loads that say the same of a handler; it sees most pages many times, and a missed element costs little."""
_NEWS = frozenset({"request", "response", "navigation", "download", "tab", "dialog"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a page."""

    observation: Observation
    descriptions: dict[int, str]
    """Mark → what the understanding back end says."""
    place: Place


@dataclass(frozen=True, slots=True)
class Done:
    """One action and what came of it."""

    step: str
    """As a scenario says it."""
    action: Action
    candidate: Candidate | None
    effect: Effect | None
    error: str
    events: tuple[Event, ...]
    before: str
    """URL before it."""
    after: str
    dialogs: tuple[str, ...] = ()

    @property
    def sent(self) -> bool:
        """Whether it made the page send something that may have changed the server's data, and that was accepted."""
        answers = [e for e in self.events if e.kind == "response" and e.text.split(" ")[0] not in _SAFE]
        return any((e.status or 0) < 400 for e in answers)

    @property
    def has_effect(self) -> bool:
        """Whether anything came of it, on the page or on the network."""
        return bool(self.error or self.dialogs) or _is_step(self.effect, self.events)


def _is_step(effect: Effect | None, events: Sequence[Event]) -> bool:
    """Whether an action has changed or asked for anything."""
    asked = any(event.kind in _NEWS for event in events)
    return asked or (effect is not None and (effect.visible or effect.value is not None))


@dataclass(slots=True)
class Session:
    """A browser context with an agent in it.

    Args:
        browser: Makes the context.
        settings: Of the agent; `allow` holds the origin that is not left.
        graph: Where places are looked up.
    """

    browser: Browser
    settings: Settings
    graph: Graph
    context: BrowserContext = field(init=False)
    agent: Agent = field(init=False)
    steps: list[str] = field(default_factory=list)
    """Since the page was loaded by `open`."""
    loaded: str = ""
    history: History = field(init=False)
    news: frozenset[str] = frozenset()
    """Words of what the page said when something was sent, since it was loaded."""
    _sent: bool = False
    _described: dict[tuple[str, str], str] = field(default_factory=dict)
    """Place (empty for what all pages share) and control → what the understanding back end said."""

    def __post_init__(self) -> None:
        self.history = History(self.graph)
        self.context = self.browser.new_context(**CONTEXT, accept_downloads=True)
        page = self.context.new_page()
        self.agent = Agent(page, settings=self.settings)
        self.agent.watch.asking = False
        self.agent.observer.handlers = KnownHandlers(trusted_after=TRUSTED_AFTER)

    @property
    def page(self) -> Page:
        """The tab that is explored."""
        return self.agent.page

    def open(self, url: str) -> str:
        """Load a page; returns why it could not be, or nothing."""
        self._end_group()
        agent = self.agent
        self._answer_dialogs(accept=False)
        try:
            goto(PageHand(Action("goto", value=url), agent.observer, agent.watch, agent.settings, url))
            state_ms = LOAD_SECONDS * 1000
            agent.watch.run(lambda: self.page.wait_for_load_state("load", timeout=state_ms), LOAD_SECONDS + 2)
        except (PlaywrightError, MagentaError) as error:
            agent.watch.check_alive(error)
            if "Timeout" not in str(error):
                return str(error).splitlines()[0]
        self.rest()
        self.loaded, self.steps, self._sent = url, [], False
        if self.graph.path(self.page.url) == self.graph.path(url):
            self.history.reached(url)
        return ""

    def rest(self) -> None:
        """Wait until the page has come to rest, or some seconds are over."""
        with suppress(MagentaError):
            arrive(
                self.agent.watch,
                self.page,
                Recording(self.page, self.agent.watch).rest,
                since=time.monotonic() - 1.0,
                seconds=QUIET_SECONDS,
                load_seconds=LOAD_SECONDS,
            )

    def look(self) -> Seen:
        """Observe the page, and describe what was not described before: like controls do the like.

        Raises:
            ObservationError: The page does not answer.
        """
        observation = self.agent.observe(picture=False)
        self.graph.learn_links(observation.candidates)
        place = self.graph.place(self.page.url, observation.modal)
        keys = {c.mark: _described_as(c, place) for c in observation.candidates}
        new = [c for c in observation.candidates if keys[c.mark] not in self._described]
        if any(self.agent.understanding.looks_at(c) for c in new):
            observation = self.agent.observe()
            keys = {c.mark: _described_as(c, place) for c in observation.candidates}
        wanted = {key: mark for mark, key in reversed(keys.items()) if key not in self._described}
        for description in self.agent.describe(observation, sorted(wanted.values())) if wanted else ():
            self._described[keys[description.mark]] = description.whole
        return Seen(observation, {mark: self._described.get(key, "") for mark, key in keys.items()}, place)

    def act(self, action: Action, seen: Seen, *, accept: bool = True, onto: Candidate | None = None) -> Done:
        """Do it, answer dialogs, close tabs that opened, and remember it as a step.

        Args:
            action: On a mark of `seen`, or on the page.
            seen: The last look.
            accept: How a question of the browser is answered.
            onto: Where a drag ends.
        """
        candidate = seen.observation.candidate(action.mark) if action.mark else None
        step = step_of(action, candidate, seen.observation, onto) if candidate else _page_step(action)
        agent, before = self.agent, self.page.url
        mark = agent.watch.mark()
        effect, error = None, ""
        try:
            effect = execute(action, agent.observer, agent.watch, agent.secrets, agent.settings)
        except MagentaError as problem:
            error = str(problem)
        asked = bool(agent.dialog_message())
        if asked or _is_step(effect, agent.watch.since(mark)):
            self.steps.append(step)  # what did nothing would only fail when it is replayed
        dialogs = self._answer_dialogs(accept)
        self._close_other_tabs()
        agent.findings(mark)  # explains exceptions
        done = Done(
            step, action, candidate, effect, error, tuple(agent.watch.since(mark)), before, self.page.url, dialogs
        )
        self._sent = self._sent or done.sent
        return done

    def reload(self) -> None:
        """Load the page anew; remembered as a step."""
        agent = self.agent
        with suppress(MagentaError, PlaywrightError):
            execute(Action("reload"), agent.observer, agent.watch, agent.secrets, agent.settings)
        self.steps.append("Reload the page")
        self._answer_dialogs(accept=True)
        self.rest()

    def forms(self) -> list[Mapping[str, Any]]:
        """The forms that are shown, those in frames too, with the boxes of their fields in the top page."""
        found = cast(list[Mapping[str, Any]], self._ask("forms") or [])
        for frame in self.page.frames[1:]:
            found = [*found, *self._forms_in(frame)]
        return found

    def _forms_in(self, frame: Frame) -> list[Mapping[str, Any]]:
        """Those of one frame; none where it does not answer."""
        with suppress(PlaywrightError, MagentaError):
            element = self.agent.watch.run(frame.frame_element, FRAME_SECONDS)
            box = element.bounding_box() if element else None
            if box is None or element is None:
                return []
            inner = self.agent.watch.run(lambda: element.evaluate(_INNER), FRAME_SECONDS) or [0, 0]
            x, y = box["x"] + inner[0], box["y"] + inner[1]
            forms = self.agent.watch.run(lambda: frame.evaluate(_script(), "forms"), FRAME_SECONDS) or []
            return [{**form, "frame": frame.url, **_moved(form, x, y)} for form in forms]
        return []

    def facts(self) -> Mapping[str, Any]:
        """State of each control, entries of each list."""
        return cast(Mapping[str, Any], self._ask("facts") or {"states": {}, "lists": []})

    def column(self) -> list[float]:
        """The prices of the entries of the longest list, in order."""
        return cast(list[float], self._ask("column") or [])

    def stored(self) -> str:
        """What the page has stored in the browser."""
        return str(self._ask("stored") or "")

    def is_document(self) -> bool:
        """Whether the page is HTML."""
        return self._ask("type") == "text/html"

    def is_marked(self) -> bool:
        """Whether markup that was typed in has been run as code."""
        return self._ask("marked") is True

    def _ask(self, what: str) -> object:
        """What `page.js` says; None while it cannot be asked."""
        with suppress(PlaywrightError, MagentaError):
            return self.agent.watch.run(lambda: self.page.evaluate(_script(), what), PROBE_SECONDS)
        return None

    def script(self) -> Script:
        """What was done since the page was loaded."""
        return Script(self.loaded, tuple(self.steps))

    def scripts(self, *more: str) -> tuple[Script, ...]:
        """The ways to get here, with further steps, the shortest first."""
        ways = self.history.ways(self.script(), self.text())
        return tuple(replace(way, steps=(*way.steps, *more)) for way in ways)

    def text(self) -> str:
        """What the page shows."""
        return str(self._ask("text") or "")

    def picture(self) -> str | None:
        """Keep a screenshot; its SHA-256."""
        return self.agent.picture()

    def picture_of(self, box: Box) -> tuple[str | None, Box | None]:
        """Keep a screenshot on which a part of the page can be seen: its SHA-256, and where that part is on it.

        Args:
            box: Of the part, in the viewport; the page is scrolled there for the picture if it is outside.
        """
        facts = {"y": box.y, "height": box.height}
        moved = 0.0
        with suppress(PlaywrightError, MagentaError):
            moved = float(self.agent.watch.run(lambda: self.page.evaluate(_SCROLL_TO, facts), PROBE_SECONDS) or 0)
        picture = self.picture()
        if moved:
            with suppress(PlaywrightError, MagentaError):
                self.agent.watch.run(lambda: self.page.evaluate(_SCROLL_BY, -moved), PROBE_SECONDS)
        there = replace(box, y=box.y - moved)
        return picture, there if 0 <= there.y < CONTEXT["viewport"]["height"] else None

    def close(self) -> None:
        """End the visit."""
        self.agent.close()
        with suppress(PlaywrightError):
            self.context.close()

    def _end_group(self) -> None:
        if self._sent:
            self.history.note(self.script(), self.news)
        self._sent, self.news = False, frozenset()

    def _answer_dialogs(self, accept: bool) -> tuple[str, ...]:
        agent, told = self.agent, []
        for _ in range(5):
            message = agent.dialog_message()
            if not message:
                break
            told.append(message)
            word = "accept" if accept else "dismiss"
            with suppress(MagentaError, PlaywrightError):
                execute(Action("dialog", value=word), agent.observer, agent.watch, agent.secrets, agent.settings)
            self.steps.append(f"{word.capitalize()} the dialog")
        if told:
            self.rest()
        return tuple(told)

    def _close_other_tabs(self) -> None:
        for page in self.context.pages:
            if page is not self.page and not page.is_closed():
                with suppress(PlaywrightError):
                    page.close()
        if self.page.is_closed():
            self.agent.observer.page = self.context.new_page()


_SCROLL_BY = "(y) => scrollBy({ top: y, behavior: 'instant' })"
_SCROLL_TO = """({ y, height }) => {
  const before = scrollY;
  if (y < 0 || y + Math.min(height, innerHeight) > innerHeight) {
    scrollBy({ top: y - innerHeight / 3, behavior: "instant" });
  }
  return scrollY - before;
}"""
"""How far the page had to be scrolled."""
_INNER = """(el) => {
  const style = getComputedStyle(el);
  return [el.clientLeft + parseFloat(style.paddingLeft), el.clientTop + parseFloat(style.paddingTop)];
}"""
"""Where a frame's content begins in its element, CSS pixels."""


def _moved(form: Mapping[str, Any], x: float, y: float) -> dict[str, Any]:
    """Its boxes in the top page."""

    def move(box: Sequence[float] | None) -> list[float] | None:
        return [box[0] + x, box[1] + y, *box[2:]] if box is not None else None

    return {"fields": [move(box) for box in form["fields"]], "submit": move(form["submit"])}


def _described_as(candidate: Candidate, place: Place) -> tuple[str, str]:
    """What shares a description with it."""
    return "" if is_chrome(candidate) else place.key, control_key(candidate)


def origin_of(url: str) -> str:
    """Scheme and host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _page_step(action: Action) -> str:
    if action.kind == "press":
        return f"Press {action.value}"
    return f"{action.kind.capitalize()} {json.dumps(action.value) if action.value else ''}".strip()


@cache
def _script() -> str:
    return Path(__file__).with_name("page.js").read_text(encoding="utf-8")
