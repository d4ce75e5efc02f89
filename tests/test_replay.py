"""Replaying and healing on one page in real Chromium."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.memory import RememberedStep, target_of
from magenta_qa.agent.replay import LOCK
from magenta_qa.agent.settings import Settings
from magenta_qa.model.trace import Result

pytestmark = pytest.mark.browser

STEP = "Click Delete in the row of Cabin"
NAV = "".join(f"<a href=#{n}>{n}</a> " for n in ("Home", "Orders", "Profile", "Contact"))
ROW = "<tr><td>{0}<td><button onclick=\"out.textContent='{0} is gone'\">{1}</button></tr>"
TABLE = f"{NAV}<table>{ROW.format('Home', 'Delete')}{ROW.format('Cabin', 'Delete')}</table><p id=out></p>"
# Votes behind closed shadow roots, which no locator reaches.
VOTES = f"""{NAV}<ul><li>Priya <x-vote></x-vote><li>Tomasz <x-vote></x-vote></ul><p id=out></p><script>
for (const host of document.querySelectorAll("x-vote")) {{
  const root = host.attachShadow({{ mode: "closed" }});
  root.innerHTML = "<button>Helpful</button>";
  root.firstChild.onclick = () => (out.textContent = "a vote for " + host.parentNode.firstChild.data);
}}</script>"""
HELPFUL = "Click Helpful in the item of Priya"
DRAG = 'Drag "Torch" above "Tent"'
LIST = """<ul aria-label=Bag>{0}</ul><p id=out></p><script>
for (const item of document.querySelectorAll("li")) {{
  item.draggable = true;
  item.ondragstart = (event) => event.dataTransfer.setData("text", item.textContent);
  item.ondragover = (event) => event.preventDefault();
  item.ondrop = (event) => (out.textContent = event.dataTransfer.getData("text") + " is at " + item.textContent);
}}</script>"""
Play = Callable[..., Result]


@pytest.fixture
def play(page: Page, tmp_path: Path) -> Play:
    """Pass the step on one page, then do it on another one with what was remembered."""

    def played(
        before: str, after: str, step: str = STEP, blind: bool = False, check: str = "", **settings: object
    ) -> Result:
        given = Settings(home=tmp_path, timeout_ms=1500, expect_timeout_ms=800, **settings)  # type: ignore[arg-type]
        with Agent(page, settings=given) as agent:
            page.set_content(before)
            passed = agent.do(step)
            assert passed.verdict == "passed", passed.reason
            page.set_content(after)
            if blind:
                agent.observe = None  # type: ignore[assignment,method-assign]
            memory = RememberedStep(step, tuple(target_of(action) for action in passed.steps[0].actions))
            done = agent.do(step, remembered=memory, then="check" if check else "")
            return agent.check(check) if check and done.verdict == "passed" else done

    return played


def _deciders(result: Result) -> list[str]:
    return [action.decision.decider for step in result.steps for action in step.actions]


def _bag(*names: str) -> str:
    return NAV + LIST.format("".join(f"<li>{name}</li>" for name in names))


def _healed(result: Result) -> list[str]:
    return [action.healing.reason for step in result.steps for action in step.actions if action.healing]


def test_replay_needs_no_observation_and_sees_the_effect(play: Play) -> None:
    moved = TABLE.replace("<table>", "<table>" + ROW.format("Office", "Delete"))
    for after in (TABLE, moved):
        result = play(TABLE, after, blind=True)
        assert result.verdict == "passed", result.reason
        assert "Cabin is gone" in result.evidence[0]


def test_expectation_after_a_replay_waits_for_what_the_step_has_begun(play: Play) -> None:
    save = "<button onclick=\"out.textContent='saved'; {}\">Save</button><p id=out></p><p>Amount: <b id=sum>11</b></p>"
    later = {
        "a timer": "setTimeout(() => sum.textContent = '12', 300)",
        "a chain": "fetch('data:,').then(() => setTimeout(() => sum.textContent = '12', 150))",
        "an end": "out.animate([{opacity: 1}, {opacity: 0}], 300).onfinish = () => sum.textContent = '12'",
    }
    for what, script in later.items():
        result = play(
            save.format(""), save.format(script), "Click Save", blind=True, check='the page shows "Amount: 11"'
        )
        assert result.verdict == "failed", what


def test_what_hovering_changes_is_no_effect_of_a_replayed_click(play: Play) -> None:
    save = "<button onclick=\"out.textContent='saved'\">Save</button><p id=out></p>"
    hover = save.replace("onclick=", "onmouseenter=")
    result = play(save, hover, "Click Save", blind=True, check='the page shows "saved"')
    assert result.verdict == "failed"
    assert "nothing on the page changed" in result.reason


def test_press_on_what_has_slipped_under_the_pointer_is_kept_from_the_page(play: Play, page: Page) -> None:
    save = "<button {} onclick=\"out.textContent += 'saved'\">Save</button><p id=out></p>"
    slips = """<div id=over style="position:fixed;inset:0;display:none">Drop</div><script>
      const drop = () => { out.textContent += "dropped"; };
      for (const type of ["pointerdown", "mousedown", "mouseup", "click"]) over.addEventListener(type, drop);
      const slip = (button) => {
        button.onmouseenter = null;
        over.style.display = "block";
        setTimeout(() => over.remove(), 300);
      };
    </script>"""
    after = save.format('style="margin:200px" onmouseenter="slip(this)"') + slips
    result = play(save.format(""), after, "Click Save", check='the page shows "saved"')
    assert result.verdict == "passed", result.reason
    assert page.text_content("#out") == "saved"


def test_action_without_an_effect_fails_in_a_replay_too(play: Play) -> None:
    dead = TABLE.replace("out.textContent=", "void ")
    assert play(TABLE, dead, blind=True).verdict == "failed"


def test_locator_that_hits_another_control_is_not_acted_on(play: Play, page: Page) -> None:
    step = "Click Save"
    before = f"{NAV}<button id=b onclick=\"out.textContent='saved'\">Save</button><p id=out></p>"
    after = f"{NAV}<button id=b onclick=\"out.textContent='dropped'\">Discard</button><p id=out></p>"
    result = play(before, after, step, check='the page shows "saved"')
    assert result.verdict == "stale"
    assert not result.steps[0].actions
    page.click("text=Contact")  # whoever presses next presses what they like
    assert page.url.endswith("#Contact")


def test_role_name_and_row_are_sought_without_playwrights_engine(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    for way in ("eval_on_selector_all", "query_selector"):
        monkeypatch.setattr(Frame, way, None)
    shadow = f"{NAV}<x-row></x-row><p id=out></p><script>document.querySelector('x-row').attachShadow("
    shadow += "{mode: 'open'}).innerHTML = `<button onclick='out.textContent=1'>Save</button>`</script>"
    marked = f"{NAV}<button data-test-id=save onclick='out.textContent=2'>Save</button><p id=out></p>"
    pages = (TABLE, STEP, "Cabin is gone"), (shadow, "Click Save", "1"), (marked, "Click Save", "2")
    for before, step, seen in pages:
        result = play(before, before, step, blind=True, check=f'the page shows "{seen}"')
        assert result.verdict == "passed", result.reason


def test_fields_are_filled_and_chosen_in_without_playwrights_engine(
    play: Play, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    for way in ("eval_on_selector_all", "query_selector", "fill"):
        monkeypatch.setattr(Frame, way, None)
    for field in ("<input id=a value=Oslo>", "<textarea id=a>Oslo\nBergen</textarea>"):
        form = f"{NAV}<label>City {field}</label>"
        result = play(form, form, 'Fill "City" with "Rome"', blind=True, check="the page has no error")
        assert result.verdict == "passed", result.reason
        assert page.evaluate("a.value") == "Rome"
    form = f"{NAV}<label>City <select id=a><option>Oslo<option>Rome</select></label>"
    result = play(form, form, 'Select "Rome" in "City"', blind=True, check="the page has no error")
    assert result.verdict == "passed", result.reason
    assert page.evaluate("a.value") == "Rome"


def test_one_of_two_controls_that_are_called_the_same_is_not_acted_on(play: Play, page: Page) -> None:
    save = f"{NAV}<button onclick=\"out.textContent+='saved'\">Save</button><p id=out></p>"
    for twin in ("<button>Save</button>", "<p role=button tabindex=0>Save</p>", "<button disabled>Save</button>"):
        with pytest.raises(TypeError):  # the full agent, which would choose, cannot look
            play(save, save + twin, "Click Save", blind=True, check='the page shows "saved"')
        assert page.text_content("#out") == ""


def test_control_of_another_name_that_says_the_same_is_healed_and_said_so(play: Play) -> None:
    result = play(TABLE, TABLE.replace(">Delete<", ">Remove<"))
    assert result.verdict == "passed", result.reason
    assert "Cabin is gone" in result.evidence[0]
    (reason,) = _healed(result)
    assert reason.startswith('it was called "Delete" and is called "Remove"')
    assert reason.endswith("its name says the same")


def test_control_of_another_name_is_healed_also_where_the_step_quotes_the_old_one(play: Play) -> None:
    before = f"{NAV}<button id=b onclick=\"out.textContent='gone'\">Delete</button><p id=out></p>"
    result = play(before, before.replace(">Delete<", ">Remove<"), 'Click "Delete"')
    assert result.verdict == "passed", result.reason
    assert len(_healed(result)) == 1
    other = play(before, before.replace(">Delete<", ">Archive<"), 'Click "Delete"')
    assert other.verdict == "stale"


@pytest.mark.slow
def test_without_healing_a_renamed_control_is_stale(play: Play) -> None:
    result = play(TABLE, TABLE.replace(">Delete<", ">Remove<"), heal="off")
    assert result.verdict == "stale"


def test_healed_control_that_does_something_else_is_stale(play: Play) -> None:
    asks = TABLE.replace(">Delete<", ">Remove<").replace("out.textContent=", "confirm('Sure?');out.textContent=")
    result = play(TABLE, asks)
    assert result.verdict == "stale"
    assert "dialog" in result.reason


@pytest.mark.slow
def test_control_that_has_gone_into_a_menu_is_healed(play: Play) -> None:
    menu = TABLE.replace("<button", '<details><summary aria-label="More actions">…</summary><button')
    result = play(TABLE, menu)
    assert result.verdict == "passed", result.reason
    assert len(_healed(result)) == 1


def test_lost_control_of_one_row_is_not_replaced_by_that_of_another(play: Play) -> None:
    gone = TABLE.replace(ROW.format("Cabin", "Delete"), "<tr><td>Cabin<td></tr>")
    result = play(TABLE, gone)
    assert result.verdict in ("failed", "stale", "stuck")
    assert not result.steps[0].actions


def test_control_that_no_locator_reaches_is_replayed_by_what_it_is(play: Play) -> None:
    result = play(VOTES, VOTES, HELPFUL)
    assert result.verdict == "passed", result.reason
    assert (_deciders(result), result.evidence[0]) == ([LOCK], 'new text "a vote for Priya"')


def test_control_that_no_locator_reaches_is_not_replaced_by_another_row_s(play: Play) -> None:
    for after in (VOTES.replace("Priya", "Anna"), VOTES.replace("Tomasz", "Priya")):
        result = play(VOTES, after, HELPFUL)
        assert result.verdict in ("failed", "stale", "stuck")
        assert not result.steps[0].actions


def test_drag_is_replayed_where_both_ends_are_as_they_were(play: Play) -> None:
    result = play(_bag("Mug", "Tent", "Torch"), _bag("Mug", "Tent", "Torch"), DRAG)
    assert result.verdict == "passed", result.reason
    assert _deciders(result) == [LOCK]
    assert "Torch is at Tent" in result.evidence[0]


def test_drag_ends_nowhere_else_than_it_did(play: Play) -> None:
    moved = play(_bag("Mug", "Tent", "Torch"), _bag("Tent", "Mug", "Torch"), DRAG)
    assert moved.verdict == "passed", moved.reason
    assert "Torch is at Tent" in moved.evidence[0]
    gone = play(_bag("Mug", "Tent", "Torch"), _bag("Mug", "Map", "Torch"), DRAG)
    assert gone.verdict in ("failed", "stale", "stuck")
    assert not gone.steps[0].actions


def test_control_in_a_frame_on_another_port_is_replayed_but_not_in_that_of_another_host(play: Play, page: Page) -> None:
    pay = "<button onclick=\"this.nextSibling.textContent='paid'\">Pay</button><p></p>"
    page.route("**/card", lambda route: route.fulfill(body=pay, content_type="text/html"))
    framed = NAV + "<iframe src=http://{}/card></iframe>"
    result = play(framed.format("pay.test:8001"), framed.format("pay.test:8002"), "Click Pay")
    assert (result.verdict, _deciders(result)) == ("passed", [LOCK])
    other = play(framed.format("pay.test:8001"), framed.format("bad.test:8001"), "Click Pay")
    assert LOCK not in _deciders(other)


def test_text_for_one_field_reaches_no_other(play: Play, page: Page) -> None:
    before = f"{NAV}<label>City <input id=a></label><label>Code <input id=b></label>"
    step, check = 'Fill "City" with "Rome"', "the page has no error"
    result = play(before, before, step, blind=True, check=check)
    assert result.verdict == "passed", result.reason
    assert page.evaluate("[a.value, b.value]") == ["Rome", ""]
    with pytest.raises(TypeError):  # the full agent, which would go on, cannot look
        play(before, before.replace("id=a", "id=a onfocus=b.focus()"), step, blind=True, check=check)
    assert page.evaluate("[a.value, b.value]") == ["", ""]
