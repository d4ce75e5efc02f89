"""What `--magenta-collect` adds to an action, beside one `page.screenshot()` of the same page in the same run.

    python tests/bench/bench_collect.py [--actions 40]

Pages of 300, 1,500 and 5,000 elements. Aim: the p50 of what is added is at most 1.3 times that of a screenshot.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.collect.collector import Collector
from magenta_qa.agent.collect.hooks import install
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.privacy.origins import Origins
from magenta_qa.agent.privacy.privacy import Privacy

ROW = "<tr><td>{n}<td>Person {n}<td>person.{n}@example.com<td><a href='#{n}'>Open</a> <button>Delete</button></tr>"
PAGE = "<style>td{{padding:4px}}</style><h1>People</h1><input id=q><button id=go>Search</button><table>{rows}</table>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=40)
    actions = parser.parse_args().actions
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_args(require_browser(os.environ)))
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        print("elements   plain   collected   added   screenshot   added/screenshot   (p50, ms)")
        for rows in (40, 200, 700):
            page.goto("about:blank")
            page.route("http://localhost/", lambda route: route.fulfill(body=" ", content_type="text/html"))
            page.goto("http://localhost/")
            page.set_content(PAGE.format(rows="".join(ROW.format(n=n) for n in range(rows))))
            report(page, actions)
        browser.close()


def report(page: Page, actions: int) -> None:
    """One line: plain actions, collected ones and screenshots in turn."""
    plain: list[float] = []
    collected: list[float] = []
    pictures: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        privacy = Privacy()
        collector = Collector(InteractionLog(Path(folder), "bench", privacy), privacy, Origins(Path(folder)))
        for number in range(actions):
            plain.append(seconds(lambda: page.locator("#go").click()))
            pictures.append(seconds(page.screenshot))
            remove = install(collector.before)
            collected.append(seconds(lambda: page.locator("#go").click()))
            remove()
            page.evaluate("n => (document.querySelector('#q').value = n)", str(number))
        collector.close()
        assert collector.logged == actions, collector.missed
    count = page.evaluate("document.querySelectorAll('*').length")
    p50 = [1000 * statistics.median(times) for times in (plain, collected, pictures)]
    added = p50[1] - p50[0]
    print(f"{count:8} {p50[0]:7.0f} {p50[1]:11.0f} {added:7.0f} {p50[2]:12.0f} {added / p50[2]:18.2f}")


def seconds(call: object) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
