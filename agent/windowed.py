"""Lists that draw only what is in view ("virtualised"), looked through one screen after the other.

    windows = find_windowed(page, watch)                   # [] on most pages
    for stop in look_through(windows, page, watch, 20.0):  # scrolls each from its start to its end
        stop.text                                          # "Order 41\\nOrder 42\\n…": what is drawn there
    put_back(windows)

Such a list has much room to scroll and nothing drawn in most of it. Others draw everything at once: what is out of view
there is known without scrolling.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import ElementHandle, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.settle import pause, unanswered
from magenta_qa.agent.watch import Watch

READ_SECONDS = 10.0
DRAW_SECONDS = 2.0  # how long a screen may take to be drawn
STEP = 0.8  # of a screen, so that no row is cut at every stop
_FIND = """() => {
  const found = [];
  const seen = (rect) => rect.width > 0 && rect.height > 0;
  const isHollow = (el, isPage) => {
    const port = el.getBoundingClientRect();
    const start = isPage ? port.top : port.top + el.clientTop - el.scrollTop;
    let low = Infinity, high = -Infinity, count = 0;
    const texts = document.createTreeWalker(isPage ? document.body : el, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (!/\\S/.test(text.data)) continue;
      if (++count > 3000) return false;
      range.selectNodeContents(text);
      const rect = range.getBoundingClientRect();
      if (seen(rect)) { low = Math.min(low, rect.top); high = Math.max(high, rect.bottom); }
    }
    if (low > high) return false;
    return Math.max(low - start, start + el.scrollHeight - high) > el.clientHeight;
  };
  const visit = (root) => {
    for (const el of root.querySelectorAll("*")) {
      if (el.shadowRoot) visit(el.shadowRoot);
      if (found.length >= 4 || el.clientHeight < 60 || el.scrollHeight < 2 * el.clientHeight) continue;
      const isPage = el === document.scrollingElement;
      if (!isPage && !/auto|scroll|overlay/.test(getComputedStyle(el).overflowY)) continue;
      if (isHollow(el, isPage)) found.push(el);
    }
  };
  visit(document);
  return found;
}"""
_SCROLL = """async (el, top) => {
  const frame = () => new Promise((done) => { requestAnimationFrame(() => done()); setTimeout(done, 100); });
  el.scrollTo({ top, behavior: "instant" });
  await frame();
  await frame();
  const page = el === document.scrollingElement;
  return {
    text: (page ? document.body : el).innerText.slice(0, 100000),
    top: el.scrollTop,
    screen: el.clientHeight,
    last: el.scrollTop + el.clientHeight >= el.scrollHeight - 2,
  };
}"""


@dataclass(frozen=True, slots=True)
class Windowed:
    """One such list."""

    element: ElementHandle
    top: float
    """How far it was scrolled, in CSS pixels."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What is drawn at one place of a list."""

    text: str
    last: bool
    """Whether this is the end of the last list."""


def find_windowed(page: Page, watch: Watch) -> list[Windowed]:
    """The lists of the top frame that draw only what is in view; none while the page cannot be asked."""
    with contextlib.suppress(PlaywrightError):
        if not watch.run(lambda: page.evaluate(f"({_FIND})().length"), READ_SECONDS):
            return []  # most pages have none
        handle = watch.run(lambda: page.evaluate_handle(_FIND), READ_SECONDS)
        places = handle.get_properties().values() if handle is not None else ()
        elements = [element for each in places if (element := each.as_element()) is not None]
        return [Windowed(each, float(each.evaluate("el => el.scrollTop"))) for each in elements]
    return []


def look_through(windows: list[Windowed], page: Page, watch: Watch, seconds: float) -> Iterator[Stop]:
    """Scroll each list from its start to its end; ends early when `seconds` are over or the page goes away."""
    deadline = time.monotonic() + seconds
    for window in windows:
        top, ended = 0.0, False
        while not ended:
            drawn = _scroll_to(window, top, watch)
            if drawn is None or time.monotonic() > deadline:
                return
            _wait_for_answers(page, watch)
            ended = bool(drawn["last"]) or float(str(drawn["top"])) < top - 2
            yield Stop(str(drawn["text"]), ended and window is windows[-1])
            top = float(str(drawn["top"])) + STEP * float(str(drawn["screen"]))


def put_back(windows: list[Windowed]) -> None:
    """Scroll the lists to where they were."""
    for window in windows:
        with contextlib.suppress(PlaywrightError):
            window.element.evaluate(_SCROLL, window.top)


def _scroll_to(window: Windowed, top: float, watch: Watch) -> dict[str, object] | None:
    with contextlib.suppress(PlaywrightError):
        return watch.run(lambda: window.element.evaluate(_SCROLL, top), READ_SECONDS)
    return None


def _wait_for_answers(page: Page, watch: Watch) -> None:
    """Rows may be fetched when they come into view."""
    started = time.monotonic()
    while unanswered(watch, started - 1, time.monotonic()) and time.monotonic() - started < DRAW_SECONDS:
        pause(watch, page, 50)
