import os
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from driver import Driver

from magenta_qa.model.errors import ActionError, BrowserError

pytestmark = pytest.mark.browser


@pytest.fixture
def fields(driver: Driver, site: str) -> Driver:
    driver.page.goto(f"{site}/act_fields.html")
    return driver


@pytest.fixture
def pointer(driver: Driver, site: str) -> Driver:
    driver.page.goto(f"{site}/act_pointer.html")
    return driver


@pytest.fixture
def dialogs(driver: Driver, site: str) -> Driver:
    driver.page.goto(f"{site}/act_dialogs.html")
    return driver


def test_a_field_that_searches_when_a_key_is_let_go_does_so_after_it_was_filled(driver: Driver, site: str) -> None:
    driver.page.goto(f"{site}/keyup.html")
    driver.do("fill", "Find", "js")
    assert driver.page.inner_text("#found") == "json"
    driver.do("clear", "Find")
    assert driver.page.inner_text("#found").split() == ["csv", "json", "xml"]


@pytest.mark.parametrize(
    ("name", "value", "held"),
    [
        ("Name", "Ada", "Ada"),
        ("Note", "Two\nlines", "Two\nlines"),
        ("Born", "24 December 2026", "2026-12-24"),
        ("Hour", "3:05 pm", "15:05"),
        ("Volume", "70", "70"),
        ("Amount", "12.5", "12.5"),
        ("Card", "12345678", "1234 5678"),
        ("Rich", "New text", "New text"),
        ("Canvas text", "typed", "typed"),
    ],
)
def test_fill_replaces_what_the_field_held(fields: Driver, name: str, value: str, held: str) -> None:
    effect = fields.do("fill", name, value)
    assert effect.value == held
    assert effect.visible


def test_filled_field_that_does_not_hold_the_value_does_not_fit(fields: Driver) -> None:
    assert fields.misfit("fill", "Stubborn", "yes") == 'the field holds "no" instead of "yes"'
    assert fields.misfit("fill", "Name", "Ada") == ""
    assert fields.misfit("fill", "Card", "12345678") == ""
    assert fields.misfit("fill", "Born", "12/24/2026") == ""


def test_secret_is_typed_but_not_told(fields: Driver) -> None:
    effect = fields.do("fill", "Password", "${PASSWORD}")
    assert fields.page.input_value("[type=password]") == "hunter2"
    assert effect.value is None
    assert effect.state
    assert "hunter2" not in str(effect)


def test_secret_that_the_field_rejects_is_an_error_without_the_secret(fields: Driver) -> None:
    with pytest.raises(ActionError, match="does not hold the secret") as caught:
        fields.do("fill", "Stubborn", "${PASSWORD}")
    assert "hunter2" not in str(caught.value)


def test_type_appends(fields: Driver) -> None:
    assert fields.do("type", "Name", " timer").value == "Old timer"
    assert fields.do("type", "Note", " line").value == "First line"


def test_clear_empties(fields: Driver) -> None:
    assert fields.do("clear", "Name").value == ""
    assert fields.do("clear", "Rich").value == ""


@pytest.mark.parametrize(("key", "seen"), [("enter", "Enter"), ("ctrl + s", "Control+s"), ("page down", "PageDown")])
def test_press_takes_keys_as_people_write_them(fields: Driver, key: str, seen: str) -> None:
    fields.do("press", "Keys", key)
    assert fields.page.inner_text("#pressed") == seen


@pytest.mark.parametrize("value", ["Green", "g", "green"])
def test_select_takes_label_or_value(fields: Driver, value: str) -> None:
    effect = fields.do("select", "Colour", value)
    assert effect.value == "Green"
    assert effect.state


def test_select_waits_for_options_that_load_late(fields: Driver) -> None:
    fields.settings = replace(fields.settings, timeout_ms=20_000)
    fields.page.evaluate("fillLateList()")
    assert fields.do("select", "Late list", "Arrived").value == "Arrived"


def test_select_takes_several_options_where_the_field_does(fields: Driver) -> None:
    assert fields.do("select", "Toppings", "Ham, Olives").value == "Ham, Olives"


def test_unknown_option_is_an_error_that_lists_the_options(fields: Driver) -> None:
    with pytest.raises(ActionError, match='no option "Pink"; its options are: "Red", "Green", "Blue"'):
        fields.do("select", "Colour", "Pink")
    with pytest.raises(ActionError, match='"Blue" is disabled'):
        fields.do("select", "Colour", "Blue")


@pytest.mark.parametrize("name", ["Terms", "Styled", "Toggle", "Switch"])
def test_check_and_uncheck_reach_their_end_state(fields: Driver, name: str) -> None:
    assert fields.do("check", name).state
    assert fields.find(name).state.checked
    assert not fields.do("check", name).visible
    assert fields.do("uncheck", name).state
    assert fields.find(name).state.checked is False


def test_check_that_does_not_take_is_an_error(fields: Driver) -> None:
    with pytest.raises(ActionError, match="was clicked, but is still off"):
        fields.do("check", "Broken box")


def test_radio_button_cannot_be_unchecked(fields: Driver) -> None:
    fields.do("check", "Small")
    with pytest.raises(ActionError, match="choose another one"):
        fields.do("uncheck", "Small")


def test_upload_to_field_and_through_chooser(fields: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt"):
        Path(name).write_text("x")
    assert fields.do("upload", "Photo", "a.txt").visible
    assert fields.page.inner_text("#photos") == "a.txt"
    fields.do("upload", "Avatar", "b.txt")
    assert fields.page.inner_text("#photos") == "avatar b.txt"
    fields.do("upload", "Attach", "a.txt, b.txt")
    assert fields.page.inner_text("#photos") == "a.txt,b.txt"


def test_upload_errors_say_what_is_wrong(fields: Driver, tmp_path: Path) -> None:
    with pytest.raises(ActionError, match=r'no file "missing\.pdf"'):
        fields.do("upload", "Photo", "missing.pdf")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ActionError, match="opened no file chooser"):
        fields.do("upload", "No chooser", str(tmp_path / "a.txt"))


@pytest.mark.parametrize(("kind", "name", "why"), [("fill", "Locked", "read-only"), ("fill", "Off", "disabled")])
def test_field_that_takes_nothing_says_why(fields: Driver, kind: str, name: str, why: str) -> None:
    with pytest.raises(ActionError, match=why):
        fields.do(kind, name, "x")


def test_double_and_right_click(pointer: Driver) -> None:
    assert pointer.do("double_click", "Double").text == "doubled"
    assert pointer.do("right_click", "Context").text == "menu"


def test_hover_shows_what_style_hides(pointer: Driver) -> None:
    assert pointer.do("hover", "Hover me").text == "Submenu entry"


def test_native_drag_reorders(pointer: Driver) -> None:
    effect = pointer.do("drag", "Alpha", to="Gamma")
    assert pointer.page.inner_text("#list").split() == ["Beta", "Gamma", "Alpha"]
    assert effect.dom
    pointer.do("drag", "Alpha", to="Beta")
    assert pointer.page.inner_text("#list").split() == ["Alpha", "Beta", "Gamma"]


def test_pointer_drag_by_an_offset(pointer: Driver) -> None:
    pointer.do("drag", "Knob", "90,0")
    assert pointer.page.evaluate("parseInt(knob.style.left)") == pytest.approx(90, abs=5)


def test_element_in_an_inner_container_is_scrolled_to(pointer: Driver) -> None:
    assert pointer.do("click", "Deep").text == "deep"
    assert pointer.do("click", "Far").text == "far"


def test_scroll_moves_page_or_container(pointer: Driver) -> None:
    assert pointer.do("scroll", None, "down").state
    assert pointer.page.evaluate("scrollY") > 300
    assert pointer.do("scroll", None, "top").state
    assert pointer.page.evaluate("scrollY") == 0
    assert pointer.do("scroll", "Deep", "down").state
    assert pointer.page.evaluate("[inner.scrollTop > 50, scrollY]") == [True, 0]
    pointer.page.reload()
    assert "nothing could be scrolled up" in pointer.misfit("scroll", None, "up")


def test_frame_and_closed_shadow_root_are_acted_in(pointer: Driver) -> None:
    assert pointer.do("click", "Framed").text == "Done"
    assert pointer.do("click", "Secret button").text == "opened"


def test_element_without_a_box_of_its_own_is_clicked(pointer: Driver) -> None:
    assert pointer.do("click", "West").text == "west"
    assert pointer.do("click", "Boxless").text == "inside"


def test_drag_out_of_the_viewport_is_refused(pointer: Driver) -> None:
    with pytest.raises(ActionError, match="both ends must be visible"):
        pointer.do("drag", "Knob", to="Far")


def test_covered_element_names_its_cover(pointer: Driver) -> None:
    pointer.observer.observe()
    pointer.page.evaluate("cover.style.visibility = 'hidden'")
    candidate = pointer.find("Under")
    pointer.page.evaluate("cover.style.visibility = ''")
    with pytest.raises(ActionError, match='covered by <div id="cover" class="overlay"> “Loading…”'):
        pointer.act("click", candidate)


def test_element_that_is_gone_says_so(pointer: Driver) -> None:
    candidate = pointer.find("Double")
    pointer.page.evaluate("document.getElementById('double').remove()")
    with pytest.raises(ActionError, match="no longer on the page"):
        pointer.act("click", candidate)


def test_unknown_mark_is_refused(pointer: Driver) -> None:
    candidate = pointer.find("Double")
    with pytest.raises(ActionError, match="mark 999 is not among"):
        pointer.act("click", candidate, mark=999)


def test_confirm_stays_open_until_it_is_answered(dialogs: Driver) -> None:
    for answer, said in (("accept", "yes"), ("dismiss", "no")):
        assert dialogs.do("click", "Confirm").dialog == "confirm: Sure?"
        assert dialogs.watch.open_dialog is not None
        assert dialogs.do("dialog", None, answer).text == said
        assert dialogs.watch.open_dialog is None


def test_prompt_is_answered_with_text(dialogs: Driver) -> None:
    dialogs.do("click", "Prompt")
    assert dialogs.do("dialog", None, "accept:Ada").text == "Ada"


def test_dialog_text_is_masked(dialogs: Driver) -> None:
    assert dialogs.do("click", "Alert").dialog == "alert: Hello •••"
    dialogs.do("dialog", None, "accept")


def test_announced_answer_is_given_at_once(dialogs: Driver) -> None:
    dialogs.watch.announce("accept")
    effect = dialogs.do("click", "Confirm")
    assert (effect.dialog, effect.text) == ("confirm: Sure?", "yes")


def test_acting_behind_a_dialog_is_refused(dialogs: Driver) -> None:
    candidate = dialogs.find("Confirm")
    dialogs.act("click", candidate)
    with pytest.raises(ActionError, match="dialog is open"):
        dialogs.act("click", candidate)


def test_dialog_that_opens_later_belongs_to_the_action(dialogs: Driver) -> None:
    assert dialogs.do("click", "Delayed").dialog == "alert: later"


def test_leaving_a_guarded_page_asks_a_person_but_not_a_goto(dialogs: Driver, site: str) -> None:
    dialogs.do("click", "Guard")
    assert dialogs.do("click", "Leave").dialog == "beforeunload: "
    dialogs.do("dialog", None, "dismiss")
    assert dialogs.page.url.endswith("act_dialogs.html")
    assert dialogs.do("goto", None, "act_fields.html").url
    assert dialogs.page.title() == "Fields"


def test_no_dialog_to_answer_is_an_error(dialogs: Driver) -> None:
    with pytest.raises(ActionError, match="no dialog is open"):
        dialogs.do("dialog", None, "accept")


def test_dialog_while_a_page_loads_does_not_hang(dialogs: Driver) -> None:
    assert dialogs.do("goto", None, "?greet").dialog == "alert: Welcome"
    dialogs.do("dialog", None, "accept")
    assert dialogs.find("Alert")


def test_download_is_saved(dialogs: Driver) -> None:
    assert dialogs.do("click", "Download").download == "report.csv"
    assert dialogs.do("click", "Download").download == "report.csv"
    folder = dialogs.settings.home / "downloads"
    assert sorted(path.name for path in folder.iterdir()) == ["report (2).csv", "report.csv"]
    assert (folder / "report.csv").read_text() == "content"


def test_tabs_are_switched_by_number_title_and_word(dialogs: Driver) -> None:
    effect = dialogs.do("click", "New tab")
    assert effect.tab is not None
    assert effect.tab.endswith("act_pointer.html")
    titles = []
    for value in ("new", "1", "Pointer", "previous", "last"):
        dialogs.do("switch_tab", None, value)
        titles.append(dialogs.page.title())
    assert titles == ["Pointer", "Dialogs", "Pointer", "Dialogs", "Pointer"]
    with pytest.raises(ActionError, match='no tab is "nowhere"'):
        dialogs.do("switch_tab", None, "nowhere")


def test_tab_that_closes_itself_is_an_effect(dialogs: Driver, site: str) -> None:
    with dialogs.page.expect_popup() as popup:
        dialogs.page.evaluate("url => void window.open(url)", f"{site}/act_dialogs.html")
    dialogs.observer.page = popup.value
    popup.value.wait_for_load_state()
    assert dialogs.do("click", "Close me").tab == "closed"


def test_goto_back_and_reload(dialogs: Driver) -> None:
    assert dialogs.do("goto", None, "/act_fields.html").url
    assert dialogs.page.title() == "Fields"
    assert dialogs.do("back").url
    assert dialogs.page.title() == "Dialogs"
    assert dialogs.do("reload").url
    assert dialogs.do("click", "Away").url
    assert dialogs.page.title() == "Fields"


def test_link_to_the_same_page_loads_it_anew(dialogs: Driver) -> None:
    assert dialogs.do("click", "Again").url


def test_wait_takes_times_with_units(dialogs: Driver) -> None:
    started = time.monotonic()
    dialogs.do("wait", None, "300 ms")
    assert 0.3 < time.monotonic() - started < 30
    with pytest.raises(ActionError, match="is no time"):
        dialogs.do("wait", None, "a while")


def test_navigation_in_the_middle_of_filling_is_no_error(dialogs: Driver) -> None:
    assert dialogs.do("fill", "Search", "x").url


def test_element_that_removes_itself_was_clicked(dialogs: Driver) -> None:
    effect = dialogs.do("click", "Vanish")
    assert effect.text == "gone"
    assert effect.dom_near


def test_endless_script_ends_in_an_error(dialogs: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    started = time.monotonic()
    monkeypatch.setattr("magenta_qa.agent.effect.ANSWER_SECONDS", 2.0)
    with pytest.raises(BrowserError, match="did not answer within 2 s"):
        dialogs.do("click", "Hang")
    assert time.monotonic() - started < 15


def test_redirect_loop_is_the_applications_fault(dialogs: Driver, site: str) -> None:
    with pytest.raises(ActionError, match="redirects in a loop"):
        dialogs.do("goto", None, f"{site}/loop")


def test_unreachable_server_is_infrastructure(dialogs: Driver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(BrowserError, match=f"cannot reach http://127.0.0.1:{port}/: ERR_CONNECTION_REFUSED"):
        dialogs.do("goto", None, f"http://127.0.0.1:{port}/")


def test_page_that_never_finishes_loading_can_be_used(dialogs: Driver, site: str) -> None:
    started = time.monotonic()
    dialogs.do("goto", None, f"{site}/endless")
    assert dialogs.find("Go")
    assert time.monotonic() - started < 60


def test_navigation_without_answer_ends_in_time(dialogs: Driver) -> None:
    started = time.monotonic()
    with pytest.raises(BrowserError, match=r"no answer to GET http://.*/never within 4\.5 s"):
        dialogs.do("click", "Never")
    assert time.monotonic() - started < 20


def test_killed_browser_is_a_browser_error(browser_type, browser_type_launch_args, tmp_path, site) -> None:
    browser = browser_type.launch(**browser_type_launch_args)
    page = browser.new_page()
    page.goto(f"{site}/act_dialogs.html")
    driver = Driver(page, tmp_path)
    candidate = driver.find("Alert")
    cdp = browser.new_browser_cdp_session()
    processes = cdp.send("SystemInfo.getProcessInfo")["processInfo"]
    os.kill(next(each["id"] for each in processes if each["type"] == "browser"), signal.SIGKILL)
    with pytest.raises(BrowserError, match="browser died"):
        driver.act("click", candidate)


def test_crashed_page_is_a_browser_error(dialogs: Driver) -> None:
    candidate = dialogs.find("Alert")
    session = dialogs.page.context.new_cdp_session(dialogs.page)
    dialogs.page.on("crash", lambda: None)
    with pytest.raises(Exception):  # noqa: B017 - the crash itself ends this call
        dialogs.watch.run(lambda: session.send("Page.crash"), 3)
    with pytest.raises(BrowserError, match="crashed"):
        dialogs.act("click", candidate)
