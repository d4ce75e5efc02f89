"""What 100 outlined views of a whole page cost beside one screenshot of it, measured side by side in one run.

    python tests/bench/bench_views.py [--rounds 15]

Each round takes one `page.screenshot()` of a 1280×720 page and then makes 100 whole-page pictures of it, each with
another element outlined, all held at once, decoding the screenshot included. They share memory until they are drawn on;
the third line makes the same pictures as full copies. Aim: the second line below the first.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial

from PIL import Image
from playwright.sync_api import sync_playwright

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.model.picture import Views
from magenta_qa.model.schema import Box, View

VIEWS = 100
WIDTH, HEIGHT = 1280, 720
PAGE = (
    "<body style='font:14px sans-serif;margin:8px'><h1>Orders</h1>"
    + "".join(f"<p style='margin:2px'>Order {i} <button>Edit</button> <a href='#'>Details</a></p>" for i in range(60))
    + "</body>"
)
BOXES = [Box(20 + 12 * (i % 100), 10 + 6 * i, 60, 24) for i in range(VIEWS)]


def milliseconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    started = time.perf_counter()
    kept = work()
    spent = (time.perf_counter() - started) * 1000
    del kept
    return spent


def outlined(png: bytes) -> list[Image.Image]:
    """Decode once, outline a hundred times."""
    views = Views(png, (WIDTH, HEIGHT), View("page"))
    return [views.page(box) for box in BOXES]


def copied(png: bytes) -> list[Image.Image]:
    """The same as full copies."""
    views = Views(png, (WIDTH, HEIGHT), View("page"))
    return [views.outlined(box) for box in BOXES]


def main() -> None:
    """Print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    spent: dict[str, list[float]] = {"one page.screenshot()": [], "100 outlined views": [], "100 as full copies": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_args(require_browser(os.environ)))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(PAGE)
        png = page.screenshot()
        works = (page.screenshot, partial(outlined, png), partial(copied, png))
        for _ in range(rounds):
            for name, work in zip(spent, works, strict=True):
                spent[name].append(milliseconds(work))
        browser.close()
    shot = statistics.median(spent["one page.screenshot()"])
    for name, times in spent.items():
        print(f"{name:24} {statistics.median(times):7.1f} ms   {statistics.median(times) / shot:5.2f} × screenshot")


if __name__ == "__main__":
    main()
