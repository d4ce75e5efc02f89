"""Actions of ordinary Playwright tests are logged as the page was just before each, and nothing of it shows."""

import asyncio
import io
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from planted import SELECTORS, leaks

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.collect import hooks, writer
from magenta_qa.agent.collect.collector import Collector
from magenta_qa.agent.collect.hooks import install
from magenta_qa.agent.collect.moment import Moment
from magenta_qa.agent.collect.writer import Writer
from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.page.script import ONCE, once_script
from magenta_qa.agent.privacy.layout import Layout
from magenta_qa.agent.privacy.origins import Origins
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.errors import MagentaError
from magenta_qa.model.schema import Box

pytestmark = pytest.mark.browser


@pytest.fixture
def collector(tmp_path):
    privacy = Privacy(SELECTORS)
    collector = Collector(InteractionLog(tmp_path, "shop", privacy), privacy, Origins(tmp_path))
    remove = install(collector.before)
    yield collector
    remove()


def rows_of(collector, folder):
    collector.close()
    return [json.loads(line) for line in (folder / "log" / "interactions.jsonl").read_text().splitlines()]


def steps(page):
    """Every way to find an element and to act on it; each gives a call of either API."""
    yield lambda: page.get_by_label("Name").fill("Ada")
    yield lambda: page.locator("#name").press_sequentially(" L")
    yield lambda: page.press("#name", "Tab")
    yield lambda: page.keyboard.press("Shift+Tab")
    yield lambda: page.get_by_text("Save it").click()
    yield lambda: page.get_by_role("checkbox").check()
    yield lambda: page.get_by_role("checkbox").set_checked(False)
    yield lambda: page.select_option("select", label="Two")
    yield lambda: page.main_frame.dblclick("#save")
    yield lambda: page.mouse.click(30, 20)
    yield lambda: page.mouse.wheel(0, 1)
    yield lambda: page.locator("#far").hover()
    yield lambda: page.frame_locator("iframe").get_by_role("button").click()
    yield lambda: page.get_by_label("Files").set_input_files(__file__)
    yield lambda: page.locator("#save").drag_to(page.locator("#name"))
    yield lambda: page.get_by_label("Secret").fill("planted-password")


KINDS = [
    *(
        "fill",
        "type",
        "press",
        "press",
        "click",
        "check",
        "uncheck",
        "select",
        "double_click",
        "click",
        "scroll",
        "hover",
        "click",
    ),
    *("upload", "drag", "fill"),
]
TYPES = ["input:text"] * 3 + [
    "button",
    "button",
    "checkbox",
    "checkbox",
    "select",
    "button",
    "input:text",
    "input:text",
    "button",
    "button",
]
TYPES += ["input:file", "button", "input:password"]
PAGE = """<!doctype html><style>body{margin:10px} input,button{height:24px}</style>
<label>Name <input id=name style="position:absolute;left:10px;top:8px;width:60px"></label><br><br>
<button id=save><span>Save it</span></button> <input type=checkbox> <select><option>One<option>Two</select>
<input type=file aria-label=Files> <input type=password aria-label=Secret>
<iframe srcdoc="<button style='margin:30px'>Inner</button>" height=90></iframe>
<div style="height:3000px"></div><button id=far>Far</button>"""


def check_rows(rows, folder):
    assert [row["action_type"] for row in rows] == KINDS
    assert [row["element_type"] for row in rows] == TYPES
    assert [rows[i]["value"] for i in (0, 1, 2, 7, 13, 15)] == ["Ada", " L", "Tab", "Two", "test_collect.py", "•••"]
    assert {row["by"] for row in rows} == {"test"}
    assert (rows[4]["text"], rows[12]["text"], rows[11]["text"]) == ("Save it", "Inner", "Far")
    assert "Save it" in rows[4]["html"]
    for row in rows:
        x, y, width, height = row["box"]
        image = Image.open(folder / "log" / "images" / f"{row['image']}.webp").convert("RGB")
        assert 0 <= x + width / 2 < image.width and 0 <= y + height / 2 < image.height
        assert len(image.crop((round(x), round(y), round(x + width), round(y + height))).getcolors(100_000)) > 1


def test_every_action_of_the_sync_api_is_logged_and_the_page_is_as_without(page, site, tmp_path, collector):
    page.goto(f"{site}/check.html")
    page.set_content(PAGE)
    for step in steps(page):
        step()
    left = page.evaluate("[Object.keys(window).filter(k => /magenta/.test(k)).length, document.all.name.value]")
    assert left == [0, "Ada L"]
    check_rows(rows_of(collector, tmp_path), tmp_path)
    assert not collector.missed


@pytest.mark.slow
def test_every_action_of_the_async_api_is_logged(site, tmp_path, collector):
    from playwright.async_api import async_playwright

    async def drive():
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_args(require_browser(os.environ)))
            page = await browser.new_page(viewport={"width": 1280, "height": 720})
            await page.goto(f"{site}/check.html")
            await page.set_content(PAGE)
            for step in steps(page):
                await step()
            await browser.close()

    with ThreadPoolExecutor(1) as thread:  # in this one Playwright's sync API may have a loop of its own
        thread.submit(asyncio.run, drive()).result()
    check_rows(rows_of(collector, tmp_path), tmp_path)


@pytest.mark.parametrize(
    "said",
    [
        "Locator.evaluate_all: Execution context was destroyed, most likely because of a navigation",
        "CDPSession.send: Protocol error (Page.captureScreenshot): Unable to capture screenshot",
        "CDPSession.send: Protocol error (Page.captureScreenshot): Not attached to an active page",
    ],
)
def test_page_that_leaves_while_it_is_looked_at_is_waited_for(page, site, tmp_path, collector, monkeypatch, said):
    from playwright.sync_api import Error

    look_once = collector._looker.look_once

    def leave(*_):
        monkeypatch.setattr(collector._looker, "look_once", look_once)
        raise Error(said)

    page.goto(f"{site}/check.html")
    page.set_content(PAGE)
    monkeypatch.setattr(collector._looker, "look_once", leave)
    page.get_by_text("Save it").click()
    assert [row["text"] for row in rows_of(collector, tmp_path)] == ["Save it"]


def test_field_that_its_label_draws_is_where_the_label_is(page, site, tmp_path, collector):
    page.goto(f"{site}/check.html")
    page.set_content(
        "<style>label{position:absolute;left:80px;width:120px;height:30px} input{position:absolute;left:200px}</style>"
        "<label><input type=radio style='opacity:0'>Blue</label><label style='top:90px'>Photo"
        "<input type=file style='clip-path:inset(50%);width:1px'></label><label style='top:150px'>Box"
        "<input type=checkbox></label>"
    )
    page.get_by_label("Blue").check(force=True)
    page.get_by_label("Photo").set_input_files(__file__)
    page.get_by_label("Box").check()
    places = [
        page.locator(selector).bounding_box() for selector in ("label >> nth=0", "label >> nth=1", "[type=checkbox]")
    ]
    boxes = [row["box"] for row in rows_of(collector, tmp_path)]
    assert boxes == [pytest.approx([each[side] for side in ("x", "y", "width", "height")], abs=1) for each in places]


def test_nothing_planted_is_in_what_is_collected(page, site, tmp_path, collector):
    page.goto(f"{site}/private.html?session_id=planted-token-1")
    page.locator("#save").click()
    page.get_by_label("Password").fill("planted-password")
    page.get_by_text("Planted Button").click()
    page.locator("#row").click()
    page.get_by_text("Show").click()
    page.frame_locator("iframe").first.get_by_role("button").click()
    page.frame_locator("#cross").get_by_role("button").click()
    assert len(rows_of(collector, tmp_path)) == 7
    assert leaks(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        "document.querySelector('p').append(' ada@example.com')",
        "document.querySelector('p').firstChild.data = 'ada@example.com'",
        "document.querySelector('div').attachShadow({ mode: 'open' }).innerHTML = 'ada@example.com'",
        "document.querySelector('section').shadowRoot.querySelector('b').textContent = 'ada@example.com'",
        "document.querySelector('input').value = 'ada@example.com'",
        "document.querySelector('i').style.marginTop = 0",
    ],
)
def test_what_becomes_private_while_the_picture_is_taken_is_found_afterwards(page, change):
    page.set_content(
        "<p>Ada</p><div></div><section></section><input value=Ada><i style='display:block;margin-top:5000px'>b@b.com"
    )
    page.evaluate("document.querySelector('section').attachShadow({ mode: 'open' }).innerHTML = '<b>Ada</b>'")
    wish = {"hide": {"selectors": [], "typed": []}, "chars": 100, "layout": True, "twice": True}
    before = page.query_selector("input").evaluate(once_script(), wish)
    page.evaluate(change)
    after = page.evaluate(f"wish => ({ONCE})(null, wish)", wish | {"twice": False})
    assert [len(json.loads(look)["private"]["rects"]) for look in (before, after)] == [0, 1]


HANGING = "setTimeout(() => { for (;;); }, 0)"


def test_page_that_hangs_holds_no_action_up_for_ever(page, site, collector, monkeypatch):
    from playwright.sync_api import TimeoutError

    monkeypatch.setattr(hooks, "LOOK_SECONDS", 1.0)
    page.goto(f"{site}/check.html")
    page.evaluate(HANGING)
    with pytest.raises(TimeoutError, match=r"Locator\.click: Timeout 100ms exceeded"):
        page.locator("body").click(timeout=100)
    collector.close()
    assert (collector.logged, dict(collector.missed)) == (0, {"Stopped: no answer in time": 1})


def test_page_that_hangs_holds_no_action_of_the_async_api_up_for_ever(site, collector, monkeypatch):
    from playwright.async_api import TimeoutError, async_playwright

    async def act():
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_args(require_browser(os.environ)))
            page = await browser.new_page()
            await page.goto(f"{site}/check.html")
            await page.evaluate(HANGING)
            with pytest.raises(TimeoutError, match=r"Locator\.click: Timeout 100ms exceeded"):
                await page.locator("body").click(timeout=100)
            await browser.close()

    monkeypatch.setattr(hooks, "LOOK_SECONDS", 1.0)
    with ThreadPoolExecutor(1) as thread:  # sync Playwright's loop is running in this one
        thread.submit(lambda: asyncio.run(act())).result()
    collector.close()
    assert (collector.logged, dict(collector.missed)) == (0, {"Stopped: no answer in time": 1})


def test_a_failing_action_fails_by_itself_and_other_origins_are_not_logged(page, site, tmp_path, collector):
    from playwright.sync_api import Error, TimeoutError

    page.goto(f"{site}/check.html")
    with pytest.raises(TimeoutError, match=r"Locator\.click: Timeout 100ms exceeded"):
        page.locator("#nowhere").click(timeout=100)
    with pytest.raises(Error, match="strict mode violation"):
        page.locator("p,div,span").click()
    page.route(
        "https://else.example/", lambda route: route.fulfill(body="<button>Buy</button>", content_type="text/html")
    )
    page.goto("https://else.example/")
    page.get_by_role("button").click()
    collector.close()
    assert (collector.logged, collector.missed["origin not allowed"], sum(collector.missed.values())) == (0, 1, 3)
    assert not (tmp_path / "log").exists()


@pytest.mark.slow
def test_a_writing_process_that_dies_costs_one_row_and_what_was_private_stays_so(tmp_path):
    privacy = Privacy()
    writer = Writer(InteractionLog(tmp_path, "shop", privacy), privacy)
    privacy.note(["Jane Roe"])
    assert writer.write(a_moment("Jane Roe"), "click", None).result() == ""
    writer._process.kill()
    writer._process.wait()
    assert [writer.write(a_moment("Jane Roe"), "click", "Jane Roe").result() for _ in range(2)] == ["", ""]
    writer.close()
    rows = [json.loads(line) for line in (tmp_path / "log" / "interactions.jsonl").read_text().splitlines()]
    assert [(row["text"], row["value"], row["session"]) for row in rows] == [
        ("•••", value, rows[0]["session"]) for value in (None, "•••", "•••")
    ]


def test_writer_that_stops_is_ended_and_holds_nobody_up(tmp_path, monkeypatch):
    privacy = Privacy(())
    writing = Writer(InteractionLog(tmp_path, "shop", privacy), privacy)
    assert writing.write(a_moment("Ada"), "click", None).result() == ""
    monkeypatch.setattr(writer, "ROW_SECONDS", 0.5)
    writing._process.send_signal(signal.SIGSTOP)
    with pytest.raises(MagentaError, match="has ended"):
        writing.write(a_moment("Ada"), "click", None).result(timeout=20)
    monkeypatch.setattr(writer, "ROW_SECONDS", 20.0)
    assert writing.write(a_moment("Ada"), "click", None).result() == ""
    monkeypatch.setattr(writer, "ROW_SECONDS", 0.5)
    writing._process.send_signal(signal.SIGSTOP)
    writing.close()
    assert len((tmp_path / "log" / "interactions.jsonl").read_text().splitlines()) == 2


def a_moment(text):
    picture = io.BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "PNG")
    element = {"type": "button", "text": text, "html": "", "locators": [], "secret": False, "private": False}
    box = Box(1, 1, 9, 9)
    return Moment("http://a/", (40, 30), 1, picture.getvalue(), element, box, (), Layout((40, 30), [], []))
