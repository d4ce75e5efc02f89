from dataclasses import replace

import pytest
from driver import Driver
from playwright.sync_api import Page

from magenta_qa.agent.actions.date_values import field_value
from magenta_qa.agent.actions.field import key_name
from magenta_qa.agent.effect import fits, needs_effect, same_value
from magenta_qa.model.schema import Action, Effect


@pytest.fixture
def effects(driver: Driver, site: str) -> Driver:
    driver.page.goto(f"{site}/act_effects.html")
    driver.page.wait_for_function("() => ticks >= 3")  # an agent has looked at a page for a while before it acts
    driver.page.wait_for_selector("text=batch 3")
    return driver


@pytest.mark.parametrize(
    ("wanted", "held", "same"),
    [
        ("12345678", "1234 5678", True),
        ("5551234567", "(555) 123-4567", True),
        ("1000", "1,000", True),
        ("abc", "ABC", True),
        ("1.5", "15", False),
        ("12", "123", False),
        ("", "x", False),
        ("x", "", False),
    ],
)
def test_masks_of_a_field_do_not_make_another_value(wanted: str, held: str, same: bool) -> None:
    assert same_value(wanted, held) is same


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", "2026-12-24", "2026-12-24"),
        ("date", "December 24th, 2026", "2026-12-24"),
        ("date", "24/12/2026", "2026-12-24"),
        ("date", "12/24/2026", "2026-12-24"),
        ("date", "tomorrow", "tomorrow"),
        ("time", "9:30", "09:30"),
        ("time", "9 pm", "21:00"),
        ("month", "May 2026", "2026-05"),
        ("datetime-local", "24 Dec 2026, 9:30 am", "2026-12-24T09:30"),
        ("text", "24/12/2026", "24/12/2026"),
    ],
)
def test_dates_are_written_as_the_field_wants_them(kind: str, text: str, value: str) -> None:
    assert field_value(kind, text) == value


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("esc", "Escape"),
        ("Ctrl+Shift+p", "Control+Shift+p"),
        ("arrow down", "ArrowDown"),
        ("Cmd-a", "Meta+a"),
        ("a", "a"),
        ("Enter key", "Enter"),
        ("F5", "F5"),
        ("-", "-"),
        ("+", "+"),
        ("down arrow", "ArrowDown"),
    ],
)
def test_keys_are_named_as_playwright_names_them(text: str, key: str) -> None:
    assert key_name(text) == key


@pytest.mark.parametrize(
    ("action", "effect", "why"),
    [
        (Action("click", 1), Effect(), "nothing on the page changed"),
        (Action("click", 1), Effect(errors=("GET 500",)), "nothing on the page changed"),
        (Action("click", 1), Effect(dom=1), ""),
        (Action("click", 1), Effect(dialog="alert: x"), ""),
        (Action("drag", 1, target_mark=2), Effect(), "nothing on the page changed"),
        (Action("press", 1, "Enter"), Effect(), "nothing on the page changed"),
        (Action("press", 1, "Tab"), Effect(), ""),
        (Action("hover", 1), Effect(), ""),
        (Action("wait", value="1"), Effect(), ""),
        (Action("fill", 1, "a"), Effect(value="b"), 'the field holds "b" instead of "a"'),
        (Action("fill", 1, "a"), Effect(value=None), ""),
        (Action("clear", 1), Effect(value="b"), 'the field still holds "b"'),
        (Action("scroll", value="down"), Effect(), "nothing could be scrolled down"),
        (Action("scroll", 1), Effect(), ""),
    ],
)
def test_effect_fits_the_intent_or_says_why_not(action: Action, effect: Effect, why: str) -> None:
    assert fits(action, None, effect) == why


@pytest.mark.browser
@pytest.mark.parametrize("name", ["Dead", "Ripple", "Pressed", "Nowhere", "Tracked", "Same again", "Still canvas"])
def test_what_nobody_notices_is_no_effect(effects: Driver, name: str) -> None:
    effect = effects.do("click", name)
    assert not effect.visible, effect
    assert effect.text == ""


@pytest.mark.browser
def test_tooltip_of_hovering_is_no_effect_of_the_click(effects: Driver) -> None:
    assert not effects.do("click", "Tipped").visible
    effects.page.mouse.move(0, 0)
    effects.page.evaluate("document.querySelector('#tip-home').textContent = ''")
    assert effects.do("hover", "Tipped").text == "More about it"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Add", "Added to cart"),
        ("Late", "Came late"),
        ("Toast", "Saved draft"),
        ("Fetch", "late answer"),
        ("Popover", "Popped up"),
        ("Opener", "Hidden by style"),
        ("Shadow", "Lit"),
        ("Count 0", "1"),
    ],
)
def test_new_text_is_told(effects: Driver, name: str, text: str) -> None:
    effect = effects.do("click", name)
    assert effect.visible
    assert effect.text == text


@pytest.mark.browser
@pytest.mark.parametrize("name", ["Star", "Sort", "All", "Remove fig", "Route", "Part", "Canvas", "Fail"])
def test_changes_without_new_text_are_effects(effects: Driver, name: str) -> None:
    effect = effects.do("click", name)
    assert effect.visible or name == "Fail"
    assert effect.url == (name in ("Route", "Part"))
    assert effect.pixels == (name == "Canvas")
    assert effect.text == ""


@pytest.mark.browser
def test_counter_that_each_click_changes_late_is_no_clock(effects: Driver) -> None:
    assert [effects.do("click", f"Stock {left}").text for left in (9, 8, 7, 6)] == ["8", "7", "6", "5"]


@pytest.mark.browser
def test_clock_stays_a_clock_through_a_long_action(effects: Driver) -> None:
    effects.page.evaluate(
        """() => {
            let ticks = 0;
            setInterval(() => { by("tip-home").textContent = `0:${++ticks}`; }, 60);
            by("late").onclick = async () => {
                for (let i = 0; i < 6; i++) await fetch("/slow?ms=400");
                out.textContent = "Came late";
            };
        }"""
    )
    effects.page.wait_for_timeout(600)
    effects.settings = replace(effects.settings, settle_ms=8_000)
    assert effects.do("click", "Late").text == "Came late"


@pytest.mark.browser
def test_list_that_has_loaded_in_batches_can_still_grow(effects: Driver) -> None:
    effects.page.wait_for_selector("text=batch 3")
    assert effects.do("click", "More").text == "batch 4"


@pytest.mark.browser
def test_changes_next_to_the_target_are_told_apart(effects: Driver) -> None:
    assert effects.do("click", "Remove pear").dom_near == 1
    effect = effects.do("click", "Add")
    assert (effect.dom, effect.dom_near) == (1, 0)


@pytest.mark.browser
def test_errors_seen_meanwhile_are_told(effects: Driver) -> None:
    errors = "\n".join(effects.do("click", "Fail").errors)
    assert "broken handler" in errors
    assert "error: boom" in errors
    assert "GET 500" in errors


@pytest.mark.browser
def test_click_into_a_field_needs_no_effect(effects: Driver) -> None:
    assert not needs_effect(Action("click", 1), effects.find("City"))
    assert effects.misfit("click", "City") == ""


@pytest.mark.browser
def test_page_is_not_written_to(effects: Driver) -> None:
    effects.page.evaluate("window.seen = []")
    effects.page.evaluate(
        """new MutationObserver((records) => seen.push(...records.map((r) => r.target.id)))
           .observe(document, { subtree: true, childList: true, attributes: true, characterData: true })"""
    )
    effects.do("click", "Dead")
    assert set(effects.page.evaluate("seen")) <= {"clock", "stripe"}


@pytest.mark.browser
def test_recorder_is_installed_into_a_page_that_was_loaded_before(page: Page, site: str, tmp_path) -> None:
    page.goto(f"{site}/act_effects.html")
    page.wait_for_selector("text=batch 3")
    driver = Driver(page, tmp_path)
    assert driver.do("click", "Add").text == "Added to cart"
    page.wait_for_timeout(1_000)  # the recorder was not there to see the clock tick until the first action
    assert not driver.do("click", "Dead").visible
    driver.watch.close()


@pytest.mark.browser
def test_effect_in_another_frame_counts(driver: Driver, site: str) -> None:
    driver.page.goto(f"{site}/act_effects.html")
    driver.page.evaluate(
        """url => { document.body.innerHTML = `<button onclick="frames[0].postMessage('hi', '*')">Send</button>
           <iframe src="${url}" width=300 height=100></iframe>` }""",
        f"{site.other}/act_receiver.html",
    )
    driver.page.frames[1].wait_for_load_state()
    assert driver.do("click", "Send").text == "hi"
