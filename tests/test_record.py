"""What a person does in a browser is logged as it was just before, and becomes steps that the agent understands."""

import json

import pytest
import yaml
from PIL import Image
from planted import SELECTORS, leaks

from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.privacy.origins import Origins
from magenta_qa.agent.privacy.paint import PAINT
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.record.command import build_scenario
from magenta_qa.agent.record.pictures import KEPT_FRAMES
from magenta_qa.agent.record.recorder import Recorder
from magenta_qa.agent.record.steps import Deed, build_steps, scenario_text
from magenta_qa.agent.scenario import load_scenario

PAGE = """<!doctype html><title>Form</title><h1>Form</h1><style>body{margin:10px}</style>
<label>Name <input id=name></label><label>Password <input type=password id=pw></label>
<label>Diet <input id=diet data-magenta-private></label>
<label><input type=checkbox id=box> Rain jacket</label>
<select id=size aria-label=Size><option>One<option>Two</select>
<table><tr><td>Ada<td><button>Delete</button><tr><td>Bob<td><button id=bob>Delete</button></table>
<iframe srcdoc="<button id=inner style='margin:20px'>Inner</button>" height=80></iframe>
<button id=go>Go</button>"""

BUSY = """<!doctype html><title>Busy</title><h1>Busy</h1><style>body{margin:10px} li{padding:8px}</style>
<nav aria-label=Account><a href="#1">Repairs</a></nav><nav aria-label=Footer><a href="#2">Repairs</a></nav>
<label>More <input id=more onkeydown="if (event.key === 'Enter') this.value = ''"></label>
<ol><li draggable=true>Torch<li draggable=true>Bag<li draggable=true>Stove</ol>
<button id=again onclick="location.reload()">Again</button> <a href="/act_fields.html" target=_blank>Elsewhere</a>
<script>
let dragged = null;
document.ondragstart = (event) => { dragged = event.target; };
document.ondragover = (event) => {
  event.preventDefault();
  const over = event.target.closest("li");
  if (over && over !== dragged) over.before(dragged);
};
</script>"""


LEAVING = """<!doctype html><title>Leaving</title><style>body{{margin:0;background:{background}}}</style>
<p data-magenta-private style="margin:0;height:40px;background:rgb(0,255,0)">Secret</p>
<a href="{address}" style="display:block;height:60px;background:{colour}">Leave</a>"""


@pytest.fixture
def recorder(page, tmp_path):
    privacy = Privacy(SELECTORS)
    recorder = Recorder(page.context, InteractionLog(tmp_path, "", privacy), privacy, Origins(tmp_path))
    recorder.pump()
    return recorder


def settle(recorder, page):
    for _ in range(12):
        page.wait_for_timeout(25)
        recorder.pump()
    recorder.finish()


def serve(page, bodies):
    def answer(route):
        route.fulfill(body=bodies[route.request.url], content_type="text/html")

    page.route(lambda url: url in bodies, answer)


def rows(folder):
    return [json.loads(line) for line in (folder / "log" / "interactions.jsonl").read_text().splitlines()]


def test_double_clicks_and_repeated_fills_are_one_step_each():
    deeds = [
        Deed("fill", "input:text", "Name", "A"),
        Deed("fill", "input:text", "Name", "Ada"),
        Deed("click", "button", "Go", at=1.0),
        Deed("click", "button", "Go", at=1.1),
        Deed("double_click", "button", "Go", at=1.2),
        Deed("press", "input:text", "Name", "Control+S"),
        Deed("check", "radio", "Express"),
        Deed("click", "button", "Delete", within="Ada"),
    ]
    assert build_steps(deeds)[0] == [
        'Fill "Name" with "Ada"',
        'Double-click the "Go" button',
        "Press Control+S",
        'Select "Express"',
        'Click the "Delete" button in the row of "Ada"',
    ]


def test_secret_becomes_a_variable_and_the_file_is_a_scenario(tmp_path):
    deeds = [Deed("fill", "input:password", "Pass word", None, secret=True), Deed("goto", value="/cart")]
    path = tmp_path / "s.scenario.yaml"
    path.write_text(scenario_text("Recorded", "/", deeds, ['the page shows "Cart"']))
    assert yaml.safe_load(path.read_text())["data"] == {"pass_word": "${PASS_WORD}"}
    assert [entry.text for entry in load_scenario(path).entries] == [
        'Fill "Pass word" with "${pass_word}"',
        "Go to /cart",
        'the page shows "Cart"',
    ]


@pytest.mark.browser
def test_what_is_done_is_logged_and_the_page_is_not_changed(page, site, tmp_path, recorder):
    page.route(f"{site}/form", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto(f"{site}/form")
    settle(recorder, page)
    before = page.evaluate("[document.documentElement.outerHTML, Object.getOwnPropertyNames(window).length]")
    page.locator("#name").click()
    page.keyboard.type("Ada")
    page.locator("#pw").click()
    page.keyboard.type("hunter2")
    page.keyboard.press("Enter")
    page.locator("#diet").click()
    page.keyboard.type("no")
    page.locator("#box").click()
    settle(recorder, page)
    page.locator("#bob").click()
    page.frame_locator("iframe").locator("#inner").click()
    page.locator("#go").dblclick()
    settle(recorder, page)
    page.locator("#size").select_option("Two")
    settle(recorder, page)
    steps, data = build_steps(recorder.deeds)
    assert steps == [
        'Fill "Name" with "Ada"',
        'Fill "Password" with "${password}"',
        "Press Enter",
        'Fill "Diet" with "${diet}"',
        'Check "Rain jacket"',
        'Click the "Delete" button in the row of "Bob"',
        'Click the "Inner" button',
        'Double-click the "Go" button',
        'Select "Two" in "Size"',
    ]
    assert data == {"password": "${PASSWORD}", "diet": "${DIET}"}
    after = page.evaluate("[document.documentElement.outerHTML, Object.getOwnPropertyNames(window).length]")
    assert after == before
    logged = rows(tmp_path)
    assert [row["action_type"] for row in logged] == [deed.kind for deed in recorder.deeds]
    assert (logged[0]["text"], logged[1]["value"], {row["by"] for row in logged}) == ("", "•••", {"person"})
    inner = next(row for row in logged if row["text"] == "Inner")
    box = page.frame_locator("iframe").locator("#inner").bounding_box()
    assert inner["box"][:2] == pytest.approx([box["x"], box["y"]], abs=1)
    assert recorder.heading == "Form" and "the page shows" in build_scenario(recorder, site, Privacy())
    assert not recorder.missed


@pytest.mark.browser
def test_what_the_page_does_by_itself_is_no_step(page, site, recorder):
    page.route(f"{site}/busy", lambda route: route.fulfill(body=BUSY, content_type="text/html"))
    page.goto(f"{site}/busy")
    settle(recorder, page)
    page.get_by_label("Footer").get_by_role("link").click()
    page.locator("#more").click()
    page.keyboard.type("Socks")
    page.keyboard.press("Enter")
    place = page.get_by_text("Torch").bounding_box()
    page.get_by_text("Stove").hover()
    page.mouse.down()
    for way in (12, 10, 8):  # Stove takes its place
        page.mouse.move(place["x"] + 40, place["y"] + way)
    page.mouse.up()
    settle(recorder, page)
    with page.expect_navigation():
        page.locator("#again").click()
    settle(recorder, page)
    page.reload()
    settle(recorder, page)
    assert build_steps(recorder.deeds)[0] == [
        'Click the "Repairs" link in "Footer"',
        'Fill "More" with "Socks"',
        "Press Enter",
        'Drag "Stove" above "Torch"',
        'Click the "Again" button',
        "Reload the page",
    ]


@pytest.mark.browser
def test_page_that_leaves_before_anybody_looked_is_logged_as_it_was(page, site, tmp_path, recorder):
    first = LEAVING.format(background="white", colour="rgb(255,0,0)", address="/second")
    second = LEAVING.format(background="black", colour="rgb(0,0,255)", address="/third")
    bodies = {f"{site}/first": first, f"{site}/second": second, f"{site}/third": "<h1>Third</h1>"}
    serve(page, bodies)
    page.goto(f"{site}/first")
    for name in ("second", "third"):  # on a busy machine, whoever records gets no turn meanwhile
        page.wait_for_timeout(600)
        page.get_by_text("Leave").click()
        page.wait_for_url(f"**/{name}")
    settle(recorder, page)
    logged = rows(tmp_path)
    assert [row["url"].rpartition("/")[2] for row in logged] == ["first", "second"], recorder.missed
    for row, colour in zip(logged, [(255, 0, 0), (0, 0, 255)], strict=True):
        with Image.open(tmp_path / "log" / "images" / f"{row['image']}.webp") as picture:
            pixels = [picture.convert("RGB").getpixel((300, y)) for y in (20, 70)]
        assert all(abs(a - b) < 12 for a, b in zip(sum(pixels, ()), (*PAINT, *colour), strict=True)), pixels


@pytest.mark.browser
def test_page_that_leaves_before_anybody_looked_is_not_logged_if_it_may_show_what_it_does_not_see(page, site, recorder):
    hidden = "<x-card></x-card><script>document.querySelector('x-card').attachShadow({mode: 'closed'})</script>"
    serve(page, {f"{site}/closed": f"{hidden}<a href=/next>Leave</a>", f"{site}/next": "<h1>Next</h1>"})
    page.goto(f"{site}/closed")
    page.wait_for_timeout(600)
    page.get_by_text("Leave").click()
    page.wait_for_url("**/next")
    settle(recorder, page)
    assert (recorder.logged, dict(recorder.missed)) == (0, {"no picture of that moment": 1})


@pytest.mark.browser
def test_frame_of_another_site_that_goes_on_is_heard_once(page, site, tmp_path, recorder):
    inner = f"{site.other}/inner"
    bodies = {f"{site}/outer": f"<iframe src={inner}></iframe>", inner: "", f"{inner}/2": "<button>Press</button>"}
    serve(page, bodies)
    page.goto(f"{site}/outer")
    settle(recorder, page)
    page.frames[1].goto(f"{inner}/2")
    settle(recorder, page)
    page.frame_locator("iframe").get_by_role("button").click()
    settle(recorder, page)
    assert [row["text"] for row in rows(tmp_path)] == ["Press"]


@pytest.mark.browser
def test_field_that_is_written_in_for_long_is_logged_as_it_was_before(page, site, tmp_path, recorder):
    body = "<body style='margin:0'><input id=name style='width:300px;height:40px;border:0;font:30px monospace'>"
    serve(page, {f"{site}/field": body})
    page.goto(f"{site}/field")
    settle(recorder, page)
    page.locator("#name").click()
    for _ in range(2 * KEPT_FRAMES):
        page.keyboard.type("W")
        page.wait_for_timeout(40)
        recorder.pump()
    page.keyboard.press("Tab")
    settle(recorder, page)
    (row,) = rows(tmp_path)
    with Image.open(tmp_path / "log" / "images" / f"{row['image']}.webp") as picture:
        assert picture.convert("L").crop((20, 5, 290, 35)).getextrema()[0] > 200, "nothing was written in it yet"


@pytest.mark.browser
def test_a_step_leads_back_to_the_tab_where_one_goes_on(page, site, recorder):
    page.route(f"{site}/busy", lambda route: route.fulfill(body=BUSY, content_type="text/html"))
    page.goto(f"{site}/busy")
    settle(recorder, page)
    with page.expect_popup() as opened:
        page.get_by_text("Elsewhere").click()
    opened.value.wait_for_load_state()
    settle(recorder, page)
    opened.value.close()
    settle(recorder, page)
    page.get_by_label("Account").get_by_role("link").click()
    settle(recorder, page)
    assert build_steps(recorder.deeds)[0] == [
        'Click the "Elsewhere" link',
        'Switch to the browser tab "Busy"',
        'Click the "Repairs" link in "Account"',
    ]
    assert recorder.heading == "Busy"


@pytest.mark.browser
def test_nothing_planted_is_in_what_is_recorded(page, site, tmp_path, recorder):
    page.goto(f"{site}/private.html?session_id=planted-token-1")
    settle(recorder, page)
    page.locator("#save").click()
    page.get_by_label("E-mail").click()
    page.keyboard.press("End")
    page.keyboard.type("x")
    page.get_by_text("Planted Button").click()
    page.frame_locator("iframe").first.get_by_role("button").click()
    page.frame_locator("#cross").get_by_role("button").click()
    settle(recorder, page)
    page.get_by_text("Show").click()
    settle(recorder, page)
    page.locator("#save").click()
    settle(recorder, page)
    (tmp_path / "s.scenario.yaml").write_text(build_scenario(recorder, page.url, recorder._privacy))
    logged = rows(tmp_path)
    assert [row["action_type"] for row in logged] == ["click", "fill", *["click"] * 5], recorder.missed
    assert leaks(tmp_path) == []
