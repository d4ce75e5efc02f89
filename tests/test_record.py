"""What a person does in a browser is logged as it was just before, and becomes steps that the agent understands."""

import json

import pytest
import yaml
from planted import SELECTORS, leaks

from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.privacy.origins import Origins
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.record.command import build_scenario
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
