import time

import pytest
from driver import until
from playwright.sync_api import Page

from magenta_qa.agent import Agent
from magenta_qa.agent.event_log import KEPT_FIRST, KEPT_LAST, EventLog, findings
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.watch import Watch
from magenta_qa.model.errors import BrowserError

SHOP = "http://shop"


@pytest.fixture
def watch(page: Page) -> Watch:
    watch = Watch(page.context, Secrets({"TOKEN": "s3cret"}))
    yield watch
    watch.close()


def kinds(watch: Watch, mark: int = 0) -> list[str]:
    return [event.kind for event in watch.since(mark)]


def test_uncaught_exception_fails() -> None:
    log = EventLog()
    log.add("exception", "boom")
    assert [finding.fails for finding in findings(log)] == [True]


@pytest.mark.parametrize(
    ("status", "url", "strict", "fails"),
    [
        (500, f"{SHOP}/cart", False, True),
        (503, "http://ads/x", False, False),
        (404, f"{SHOP}/cart", False, False),
        (404, f"{SHOP}/cart", True, True),
    ],
)
def test_answers_fail_by_status_origin_and_strictness(status: int, url: str, strict: bool, fails: bool) -> None:
    log = EventLog()
    log.add("response", f"GET {status}", url=url, status=status)
    assert [finding.fails for finding in findings(log, allow=(SHOP,), strict=strict)] == [fails]


@pytest.mark.parametrize(
    ("known", "fails"),
    [
        ("/news/upgrade", False),
        ("/news/*", False),
        (f"{SHOP}/news/upgrade", False),
        ("/news", True),
        ("/upgrade", True),
        ("http://ads/news/*", True),
    ],
)
def test_answers_that_are_known_are_findings_that_fail_nothing(known: str, fails: bool) -> None:
    log = EventLog()
    log.add("response", "GET 503", url=f"{SHOP}/news/upgrade?now=1", status=503)
    log.add("exception", "TypeError", url=f"{SHOP}/news/upgrade")
    found = findings(log, allow=(SHOP,), known=(known,))
    assert [(finding.kind, finding.fails) for finding in found] == [("response", fails), ("exception", True)]


@pytest.mark.parametrize(
    ("kind", "text", "url", "status"),
    [
        ("response", "GET 404", f"{SHOP}/favicon.ico", 404),
        ("response", "GET 200", f"{SHOP}/", 200),
        ("request", "GET net::ERR_ABORTED", f"{SHOP}/x", None),
        ("console", "log: hello", "", None),
        ("console", "error: Failed to load resource: the server responded with a status of 404 ()", "", None),
        ("dialog", "alert: hello", "", None),
        ("download", "a.csv", "", None),
    ],
)
def test_ordinary_events_are_no_findings(kind: str, text: str, url: str, status: int | None) -> None:
    log = EventLog()
    log.add(kind, text, url=url, status=status)
    assert findings(log, allow=(SHOP,), strict=True) == []


def test_console_error_fails_only_when_strict() -> None:
    log = EventLog()
    log.add("console", "error: boom")
    assert [finding.fails for strict in (False, True) for finding in findings(log, strict=strict)] == [False, True]


def test_dialog_that_nobody_answered_is_a_finding_at_the_end() -> None:
    log = EventLog()
    event = log.add("dialog", "alert: hello")
    log.closed = True
    assert [finding.text for finding in findings(log)] == ["nobody answered alert: hello"]
    log.answered(event, "accept")
    assert findings(log) == []


def test_flood_keeps_first_and_last_and_counts_the_rest() -> None:
    log = EventLog()
    for number in range(10_000):
        log.add("console", f"error: {number}", sort="error")
    log.add("console", "log: quiet", sort="log")
    events = log.since(0)
    assert len(events) == KEPT_FIRST + KEPT_LAST + 1
    assert [events[0].text, events[-2].text] == ["error: 0", "error: 9999"]
    assert [event.seq for event in events] == sorted(event.seq for event in events)
    assert findings(log)[-1].text == f"and {10_000 - KEPT_FIRST - KEPT_LAST} more"
    assert findings(log, since=10_000) == []


@pytest.mark.browser
def test_what_a_page_does_is_recorded(watch: Watch, page: Page, site: str) -> None:
    page.goto(f"{site}/act_effects.html")
    mark = watch.mark()
    page.click("#fail")
    until(page, lambda: {"console", "response", "exception"} <= set(kinds(watch, mark)))
    events = watch.since(mark)
    assert {event.kind for event in events} == {"console", "response", "exception"}
    assert next(event for event in events if event.kind == "response").status == 500
    assert "broken handler" in next(event for event in events if event.kind == "exception").text
    failing = [finding for finding in watch.findings(mark) if finding.fails]
    assert sorted(finding.kind for finding in failing) == ["exception", "response"]
    assert watch.findings(watch.mark()) == []


THROWN = {
    "Promise.reject({code: 7, message: 'no stock'})": '{"code":7,"message":"no stock"}',
    "throw {token: 's3cret'}": '{"token":"•••"}',
    "Promise.reject([1, 2])": "[1,2]",
    "Promise.reject(new class Refused { get message() { return 'no seat' } }())": "no seat",
    "Promise.reject(new Response('', {status: 409}))": "status: 409",
    "const me = {}; me.me = me; Promise.reject(me)": "Object",
    "Promise.reject({get a() { throw 1 }})": "Object",
    "Promise.reject({a: Array(1e6).fill(0)})": "Object",
    "Promise.reject(new Error('plain'))": "plain",
    "Promise.reject('words')": "words",
}


@pytest.mark.browser
def test_thrown_objects_are_told_by_what_is_in_them(watch: Watch, page: Page, site: str) -> None:
    page.goto(f"{site}/act_fields.html")
    for count, script in enumerate(THROWN, 1):
        page.evaluate("script => { setTimeout(() => new Function(script)()) }", script)
        until(page, lambda count=count: kinds(watch).count("exception") == count)
    told = [finding.text for finding in watch.findings()]
    assert len(told) == len(THROWN)
    assert [text for text, wanted in zip(told, THROWN.values(), strict=True) if wanted not in text] == []
    assert watch.since(0)[-1].text == "words"


@pytest.mark.browser
def test_refused_connection_is_a_finding(watch: Watch, page: Page, site: str) -> None:
    page.goto(f"{site}/act_fields.html")
    page.evaluate("fetch('http://127.0.0.1:1/').catch(() => 0)")
    until(page, watch.findings)
    assert [finding.kind for finding in watch.findings()] == ["request"]


@pytest.mark.browser
def test_secrets_are_masked_wherever_they_come_from(watch: Watch, page: Page, site: str) -> None:
    page.goto(f"{site}/act_fields.html?token=s3cret")
    page.evaluate("console.error('s3cret'); setTimeout(() => { throw new Error('s3cret') }); void fetch('/x?s3cret')")
    until(page, lambda: {"console", "exception", "response", "navigation"} <= set(kinds(watch)))
    assert "s3cret" not in repr(watch.events) + repr(watch.findings())


@pytest.mark.browser
def test_tabs_and_downloads_are_recorded(watch: Watch, page: Page, site: str) -> None:
    page.goto(f"{site}/act_dialogs.html")
    mark = watch.mark()
    page.get_by_text("New tab").click()
    page.get_by_text("Download").click()
    until(page, lambda: {"tab", "download"} <= set(kinds(watch, mark)))
    assert watch.new_page in page.context.pages
    assert [download.suggested_filename for download in watch.downloads] == ["report.csv"]


@pytest.mark.browser
def test_page_that_logs_without_end_stays_usable(watch: Watch, page: Page) -> None:
    page.set_content("<button>Fine</button>")
    page.evaluate("() => { for (let i = 0; i < 6000; i++) console.log(i) }")
    page.wait_for_timeout(200)
    assert page.inner_text("button") == "Fine"
    assert len(watch.events) <= KEPT_FIRST + KEPT_LAST + 5
    watch.mark()
    page.evaluate("console.error('after the flood')")
    until(page, lambda: watch.events[-1].text == "error: after the flood")


@pytest.mark.browser
def test_call_returns_when_a_dialog_opens(watch: Watch, page: Page) -> None:
    started = time.monotonic()
    assert watch.run(lambda: page.evaluate("confirm('Sure?')"), 20) is None
    assert time.monotonic() - started < 10
    assert watch.open_dialog is not None
    assert watch.run(lambda: page.title(), 20) is None
    watch.answer(True)
    assert watch.open_dialog is None
    assert watch.run(lambda: page.evaluate("1 + 1"), 20) == 2
    assert watch.events[-1].answer == "accept"


@pytest.mark.browser
def test_nothing_of_a_left_call_runs_later(watch: Watch, page: Page) -> None:
    done: list[str] = []

    def two_calls() -> None:
        page.evaluate("alert('first')")
        done.append("second")

    watch.run(two_calls, 20)
    watch.answer(True)
    page.wait_for_timeout(200)
    assert done == []


@pytest.mark.browser
def test_call_that_gets_no_answer_ends(watch: Watch, page: Page) -> None:
    with pytest.raises(BrowserError, match="did not answer within 0"):
        watch.run(lambda: page.evaluate("new Promise(() => {})"), 0.3)
    assert watch.run(lambda: page.evaluate("2"), 20) == 2


@pytest.mark.browser
def test_error_of_a_call_is_raised(watch: Watch) -> None:
    with pytest.raises(ZeroDivisionError):
        watch.run(lambda: 1 // 0, 5)


@pytest.mark.browser
def test_announced_answers_are_used_once(watch: Watch, page: Page) -> None:
    watch.announce("accept", "Ada")
    assert page.evaluate("prompt('Name?')") == "Ada"
    assert watch.run(lambda: page.evaluate("prompt('Again?')"), 20) is None
    watch.answer(False)


@pytest.mark.browser
def test_hundred_dialogs_end_with_the_scenario(watch: Watch, page: Page, site: str) -> None:
    page.goto(f"{site}/act_dialogs.html")
    watch.run(lambda: page.click("text=Hundred"), 20)
    for _ in range(5):
        watch.answer(True)
        page.wait_for_timeout(20)
    assert watch.open_dialog is not None
    started = time.monotonic()
    watch.close()
    page.wait_for_function("document.querySelector('#out').textContent === 'all'", timeout=20_000)
    assert time.monotonic() - started < 20


@pytest.mark.browser
def test_dialog_of_a_closed_tab_is_forgotten(watch: Watch, page: Page) -> None:
    with page.expect_popup() as popup:
        page.evaluate("void open('about:blank')")
    watch.run(lambda: popup.value.evaluate("alert('x')"), 20)
    assert watch.open_dialog is not None
    popup.value.close()
    assert watch.open_dialog is None
    assert watch.new_page is None


@pytest.mark.browser
def test_the_script_of_a_shared_worker_is_not_waited_for(page, site):
    """Its answer is never told of, so that a page with one would never be at rest."""
    page.goto(f"{site}/observe.html")
    agent = Agent(page)
    page.evaluate("new SharedWorker('/workers/idle.js') && 1")
    until(page, lambda: any(each.kind == "worker" for each in agent.watch.pending(0.0)))
    assert agent.check('the page does not show "Never"').verdict == "passed"
