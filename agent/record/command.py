"""`magenta record URL`: a browser in which a person works; what they do is logged and becomes a scenario.

    magenta record https://shop.example.com --scenario buy.scenario.yaml
    Click "Sign in"
    …
    14 interactions logged in .magenta/log; the page was held up 4 ms each (p95 11 ms); scenario: buy.scenario.yaml

It ends when the browser's last tab is closed, or with Ctrl-C; a kill loses the last second at most. --cdp and --connect
record in a browser that runs already.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import click
from playwright.sync_api import BrowserContext, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.expect import compile_expectation
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.privacy.files import write_atomically
from magenta_qa.agent.privacy.origins import Origins, origin_of
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.record.recorder import Recorder
from magenta_qa.agent.record.steps import build_steps, scenario_text
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.errors import BrowserError, ConfigError

PUMP_SECONDS = 0.015
SAVE_SECONDS = 1.0


@click.command()
@click.argument("url")
@click.option("--scenario", type=click.Path(dir_okay=False, path_type=Path), help="The scenario file to write.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder of the log (default: .magenta).")
@click.option("--cdp", metavar="URL", help="Record in the Chromium whose DevTools listen there.")
@click.option("--connect", metavar="URL", help="Record in the browser of the Playwright server there.")
@click.option("--private", "selectors", multiple=True, metavar="SELECTOR", help="CSS selector of what is private.")
def record(
    url: str, scenario: Path | None, out: Path | None, cdp: str | None, connect: str | None, selectors: tuple[str, ...]
) -> int:
    """Log what a person does in a browser, and write it as a scenario."""
    from magenta_qa.agent.plugin.configuration import build_configuration, read_project

    if not origin_of(url):
        raise ConfigError(f"{url!r} is no address of a page; write one such as https://shop.example.com")
    cwd = Path.cwd()
    settings = build_configuration({}, os.environ, read_project(Path("pyproject.toml")), folder=cwd, cwd=cwd).settings
    home = out or settings.home
    privacy = Privacy((*settings.private, *selectors), Secrets(settings.secrets))
    origins = Origins(home, [url, *settings.allow], lambda origin: click.confirm(f"Record what is done on {origin}?"))
    log = InteractionLog(home, settings.site, privacy)
    target = scenario or Path(f"{(urlsplit(url).hostname or 'session').replace('.', '_')}.scenario.yaml")
    with sync_playwright() as playwright, _browser(playwright, cdp, connect) as context:
        recorder = Recorder(context, log, privacy, origins, click.echo)

        def save() -> None:
            write_atomically(target, build_scenario(recorder, url, privacy).encode())

        with suppress(KeyboardInterrupt, PlaywrightError), _ended_by(signal.SIGTERM, signal.SIGINT) as ended:
            _run(recorder, context, url, save, ended)
        recorder.finish()
        save()
    click.echo(_summary(recorder, log, target))
    return 0


@contextmanager
def _ended_by(*numbers: int) -> Iterator[threading.Event]:
    """An event that signals set, so that what is going on is taken down to its end; a second one ends it at once."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        if ended.is_set():
            raise KeyboardInterrupt
        ended.set()

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(
    recorder: Recorder, context: BrowserContext, url: str, save: Callable[[], None], ended: threading.Event
) -> None:
    """Record until the last tab is closed or `ended` is set; what was done so far is saved about once a second."""
    page = context.pages[0] if context.pages else context.new_page()
    recorder.pump()
    page.goto(url)
    saved, next_save = 0, 0.0
    while not recorder.is_over:
        recorder.pump()
        if len(recorder.deeds) != saved and time.monotonic() > next_save:
            saved, next_save = len(recorder.deeds), time.monotonic() + SAVE_SECONDS
            save()
        pages = context.pages
        if not pages or (ended.is_set() and recorder.is_through):
            return
        with suppress(PlaywrightError):  # that tab was closed meanwhile
            pages[-1].wait_for_timeout(1000 * PUMP_SECONDS)


@contextmanager
def _browser(playwright: Playwright, cdp: str | None, connect: str | None) -> Iterator[BrowserContext]:
    """The context to record in; a browser of our own is closed at the end."""
    try:
        if cdp:
            browser = playwright.chromium.connect_over_cdp(cdp)
            yield browser.contexts[0]
            return
        if connect:
            browser = playwright.chromium.connect(connect)
        else:
            args = launch_args(require_browser(os.environ, headed=True))
            browser = playwright.chromium.launch(headless=False, **args)
        yield browser.new_context(no_viewport=True)
    except PlaywrightError as error:
        raise BrowserError(f"cannot record: {error.message.splitlines()[0]}; is there a display?") from error
    with suppress(PlaywrightError):
        browser.close()


def build_scenario(recorder: Recorder, url: str, privacy: Privacy) -> str:
    """The session as a scenario; it expects what was seen last."""
    parts = urlsplit(url)
    start = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    seen = f'the page shows "{recorder.heading}"' if recorder.heading and '"' not in recorder.heading else ""
    fits = seen and compile_expectation(seen) is not None and not privacy.finds(recorder.heading)
    expectations = [seen if fits else "no error is shown"]
    name = f"Recorded on {time.strftime('%Y-%m-%d %H:%M')}"
    return privacy.mask(scenario_text(name, privacy.mask(start), recorder.deeds, expectations))


def _summary(recorder: Recorder, log: InteractionLog, target: Path) -> str:
    spent = sorted(recorder.spent_ms)
    p50, p95 = (spent[int(len(spent) * share)] if spent else 0.0 for share in (0.5, 0.95))
    cost = f"; the page was held up {p50:.0f} ms each (p95 {p95:.0f} ms)"
    missed = ", ".join(f"{count} {reason}" for reason, count in recorder.missed.items())
    lines = f"{recorder.logged} interactions logged in {log.folder}{cost if spent else ''}; scenario: {target}"
    _, data = build_steps(recorder.deeds)
    needed = ", ".join(value[2:-1] for value in data.values())
    asked = f"\nto replay it, set {needed}" if needed else ""
    return lines + asked + (f"\nnot logged: {missed}" if missed else "")
