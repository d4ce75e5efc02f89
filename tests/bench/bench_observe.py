"""How long observing takes, next to what Playwright's own screenshot and accessibility snapshot take.

    make bench-observe       (or: python tests/bench/bench_observe.py [1000 5000 10000])

     nodes  candidates    first  changed  observe  screenshot  aria_snapshot  first  changed  again
      1007         400     58.3     26.9     21.8        43.2           26.0   0.84     0.39   0.32

Pages of N elements, 40 % of them controls, many of them below the fold. Each figure is the median of rounds in which
all are timed one after the other, so that a busy machine slows all of them; times are in milliseconds. `first` looks
at a new document that has been drawn once; before `changed` the DOM was changed, so that contexts and locators are
worked out anew; `observe` looks at a page that is as it was. The last three columns are the ratios of these to
`page.screenshot()` plus `page.locator("body").aria_snapshot()`; the aim is at most 0.4.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, sync_playwright

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.secrets import Secrets

ROUNDS = 7
ROW = """<div class="row" data-row="{i}"><h3>Item {i}</h3><p>In stock since <b>May {i}</b></p>
<label for="q{i}">Quantity</label><input id="q{i}" name="q{i}" value="{i}">
<button class="edit" aria-label="Edit item {i}"><svg width="12" height="12"></svg></button>
<a href="/items/{i}">Open item {i}</a><span class="act" id="s{i}">Archive</span></div>"""
NODES_PER_ROW = 10


def build_page(nodes: int) -> str:
    """HTML with about that many elements: of each ten, four are controls (field, button, link, span with listener)."""
    rows = "".join(ROW.format(i=i) for i in range(nodes // NODES_PER_ROW))
    script = "for (const s of document.querySelectorAll('.act')) s.addEventListener('click', () => s.remove());"
    return (
        "<!doctype html><title>Items</title><style>.row{display:flex;gap:8px}</style>"
        f"<main>{rows}</main><script>{script}</script>"
    )


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def first_look(context: BrowserContext, content: str) -> float:
    """How long the first look at a new document takes, which has been drawn once."""
    page = context.new_page()
    page.set_content(content)
    page.screenshot()
    took = milliseconds(Observer(page, Secrets({})).observe)
    page.close()
    return took


def measure(page: Page, nodes: int) -> str:
    """One line of the table."""
    observer, content = Observer(page, Secrets({})), build_page(nodes)
    page.goto("about:blank")
    page.set_content(content)
    calls: list[Callable[[], object]] = [
        observer.observe,
        page.screenshot,
        observer.observe,
        page.locator("body").aria_snapshot,
    ]
    rounds = []
    for number in range(ROUNDS + 1):
        first = first_look(page.context, content)
        page.evaluate("n => document.body.setAttribute('data-round', n)", number)
        rounds.append([first, *map(milliseconds, calls)])
    first, changed, screenshot, observe, aria = (statistics.median(column) for column in zip(*rounds[1:], strict=True))
    found = len(observer.observe().candidates)
    count = page.evaluate("document.querySelectorAll('*').length")
    both = screenshot + aria
    times = f"{first:8.1f} {changed:8.1f} {observe:8.1f} {screenshot:11.1f} {aria:14.1f}"
    return f"{count:6d} {found:11d} {times} {first / both:6.2f} {changed / both:8.2f} {observe / both:6.2f}"


def main() -> None:
    """Print the table."""
    sizes = [int(word) for word in sys.argv[1:]] or [1000, 5000, 10000]
    print(" nodes  candidates    first  changed  observe  screenshot  aria_snapshot  first  changed  again")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_args(require_browser(os.environ)))
        page = browser.new_context().new_page()
        for nodes in sizes:
            print(measure(page, nodes), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
