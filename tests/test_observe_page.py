"""What an observation says about a page, and that the page does not notice."""

import io
import time

import pytest
from PIL import Image

from magenta_qa.agent.observe import Observer
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.accessible import sentence
from magenta_qa.model.errors import ActionError, ObservationError

pytestmark = pytest.mark.browser

NONE = Secrets({})


@pytest.fixture
def people(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/observe.html")
    observation = observer.observe()
    return observer, {(c.element_type, c.name): c for c in observation.candidates}, observation


def test_an_observation_names_the_page(people, site):
    _, _, observation = people
    assert (observation.title, observation.heading, observation.url) == ("People", "People", f"{site}/observe.html")
    assert observation.viewport == (1280, 720)
    with Image.open(io.BytesIO(observation.screenshot)) as picture:
        assert picture.size == (1280, 720)
    assert [c.mark for c in observation.candidates] == list(range(1, len(observation.candidates) + 1))


def test_fields_show_their_state_but_never_a_secret(people):
    _, found, _ = people
    assert str(found["input:text", "Full name"].state) == "required"
    assert found["select", "Role"].state.value == "Doctor"
    assert found["select", "Role"].options == ("Nurse", "Doctor")
    assert found["input:password", "Password"].state.value is None
    assert found["input:text", "Code"].state.value is None
    assert found["input:text", "Code"].state.secret
    assert found["checkbox", "Active"].state.checked is True
    assert found["radio", "Free"].state.checked is False
    assert found["button", "More"].state.expanded is False
    assert found["button", "More"].popup == "menu"
    assert found["button", "Archive"].state.disabled
    assert found["input:number", ""].state.value == "2"


def test_context_tells_repeated_controls_apart(people):
    _, _, observation = people
    rows = [[c.text for c in cand.context if c.kind == "row"] for cand in observation.candidates if cand.name == "Edit"]
    assert [row[0].split()[0] for row in rows] == ["Ada", "Grace"]
    edit = next(c for c in observation.candidates if c.name == "Edit")
    assert {(c.kind, c.text) for c in edit.context} >= {("column", "Actions"), ("table", "Staff")}
    radio = next(c for c in observation.candidates if c.name == "Paid")
    assert {(c.kind, c.text) for c in radio.context} >= {("group", "Plan"), ("region", "Billing")}
    nameless = next(c for c in observation.candidates if c.element_type == "input:number")
    assert ("label", "Quantity") in {(c.kind, c.text) for c in nameless.context}


def test_indented_rows_keep_their_last_cells(page):
    cells = "".join(f"\n{' ' * 90}<td>\n{' ' * 110}<b>{word}</b>\n{' ' * 90}</td>" for word in ("Ada", "7.00", "Bern"))
    page.set_content(f"<table><tr>{cells}<td><button>Go</button></td></tr></table>")
    go = next(c for c in Observer(page, NONE).observe().candidates if c.name == "Go")
    assert [c.text for c in go.context if c.kind == "row"] == ["Ada 7.00 Bern Go"]


def test_what_a_column_is_called_in_its_head_sorts_by_it(page):
    heads = "<th><a href=#>Price</a> ▲</th><th><input type=checkbox aria-label=All></th><th>Edit</th>"
    cells = "<td><a href=#>Price</a></td><td></td><td><a href=#>Edit</a></td>"
    page.set_content(f"<h1>Mugs</h1><table><tr>{heads}</tr><tr>{cells}</tr></table>")
    said = [sentence(c, "click") for c in Observer(page, NONE).observe().candidates]
    assert said[0] == "Sorts by Price under Mugs." and said[1].startswith("Ticks the All checkbox")
    assert len(said) == 4 and not any(text.startswith("Sorts") for text in said[1:])


def test_what_has_only_a_picture_is_described_by_it(page):
    page.set_content(
        "<style>span, a { cursor: pointer }</style><div><a><img alt='Bin it' src='data:,'></a>"
        "<span><svg width=9 height=9><title>Options</title></svg></span><a>Logo <img alt=Acme src='data:,'></a>"
        "<a><img alt=A src='data:,'><img alt=B></a></div>"
        "<script>for (const e of document.querySelectorAll('a, span')) e.onclick = () => {}</script>"
    )
    found = Observer(page, NONE).observe().candidates
    assert [(c.name, c.description) for c in found] == [("", "Bin it"), ("", "Options"), ("", ""), ("", "")]


def test_the_same_container_has_the_same_id(people):
    _, _, observation = people
    by_name = {}
    for candidate in observation.candidates:
        by_name.setdefault(candidate.name, []).append(next((c.id for c in candidate.context if c.kind == "row"), None))
    assert by_name["Edit"] == by_name["Remove"]
    assert len(set(by_name["Edit"])) == 2


def test_hints_come_from_icons(people):
    _, _, observation = people
    assert "trash" in next(c for c in observation.candidates if c.name == "Remove").hints.split()


@pytest.mark.parametrize(
    ("html", "hints"),
    [
        ("<button class='inline-flex items-center rounded-full px-2 hover:bg-gray-100 hotkeys'></button>", "hotkeys"),
        ("<button class='MuiButton-root MuiButton-sizeLarge select-all text-color'></button>", "select all text color"),
        ("<a href='mailto:ada@x.test'></a>", "email"),
        ("<a href='tel:+4712345678'></a>", "phone"),
        ("<a href='/'></a>", "home"),
        ("<a href='https://other.test/'></a>", ""),
        ("<a href='/orders/new'></a>", "orders new"),
    ],
)  # fmt: skip
def test_hints_say_what_it_is_for_and_not_how_it_looks(page, site, html, hints):
    page.goto(f"{site}/observe.html")
    page.set_content(f"{html}<style>a, button {{ display: block; width: 40px; height: 40px }}</style>")
    assert [c.hints for c in Observer(page, NONE).observe().candidates] == [hints]


def test_links_to_people_and_names_that_were_not_filled_in_are_told_as_what_they_are(page):
    page.set_content(
        "<a href='mailto:ada@x.test'>Ada</a> <a href='tel:+47'>Call us</a><button aria-label='Get {{it}}'>"
    )
    said = [sentence(c, "click") for c in Observer(page, NONE).observe().candidates]
    assert said == ["Writes an e-mail (Ada).", "Calls (Call us).", "Activates Get."]


@pytest.mark.parametrize(
    ("handler", "address"),
    [
        ("window.location.href='/basket/';", "{site}/basket/"),
        ("location = 'https://other.test/basket'", "https://other.test/basket"),
        ("save(); location.href = '/basket/'", ""),  # it does more than a link does
        ("location.href = '//other.test/'", ""),
        ("location.href = base + '/basket/'", ""),
    ],
)
def test_button_that_only_goes_to_an_address_has_it_as_a_link_has(page, site, handler, address):
    page.goto(f"{site}/observe.html")
    page.set_content(f'<button onclick="{handler}">View basket</button>')
    (button,) = Observer(page, NONE).observe().candidates
    assert button.href == address.format(site=site)


def test_locators_prefer_test_ids_and_leave_generated_ids_out(people):
    _, found, _ = people
    assert found["button", "Save"].locators[0] == '[data-testid="save"]'
    assert found["input:text", "Full name"].locators[0] == 'role=textbox[name="Full name"s]'
    assert not any("r7" in locator for locator in found["button", "More"].locators)


def test_surrounding_html_marks_the_element_and_keeps_its_row(people):
    observer, _, observation = people
    mark = next(c.mark for c in observation.candidates if c.name == "Remove")
    html = observer.surrounding_html([mark])[mark]
    assert html.count("data-magenta-target") == 1
    assert "Ada" in html
    password = next(c.mark for c in observation.candidates if c.name == "Password")
    assert "topsecret" not in observer.surrounding_html([password])[password]


def test_surrounding_html_reaches_out_of_shadow_roots(people):
    observer, _, observation = people
    mark = next(c.mark for c in observation.candidates if c.name == "Two")
    assert "A component" in observer.surrounding_html([mark])[mark]


def test_a_replaced_element_is_found_again_by_its_locators(people, page):
    observer, found, _ = people
    page.evaluate("() => { const b = document.querySelector('[data-testid=save]'); b.replaceWith(b.cloneNode(true)); }")
    assert observer.element(found["button", "Save"]).inner_text() == "Save"
    page.evaluate("() => document.querySelector('[data-testid=save]').remove()")
    with pytest.raises(ActionError, match="no longer on the page"):
        observer.element(found["button", "Save"])


def test_a_mutation_observer_sees_nothing(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/cases.html")
    page.wait_for_load_state("networkidle")
    page.evaluate("""() => {
        window.mutations = [];
        const watch = (root) => new MutationObserver((records) => mutations.push(...records.map(String))).observe(root,
            { subtree: true, childList: true, attributes: true, characterData: true });
        watch(document);
        for (const el of document.querySelectorAll("*")) if (el.shadowRoot) watch(el.shadowRoot);
    }""")
    observation = observer.observe()
    observer.surrounding_html([c.mark for c in observation.candidates])
    observer.element(observation.candidates[0])
    assert page.evaluate("() => new Promise((done) => setTimeout(() => done(mutations), 50))") == []
    assert page.evaluate("window.acted") is True  # by the page itself, when it was loaded
    page.evaluate("window.acted = false")
    observer.observe()
    assert page.evaluate("window.acted") is False


NATIVES = """() => [
    [EventTarget.prototype, "addEventListener"], [EventTarget.prototype, "removeEventListener"],
    [Element.prototype, "attachShadow"], [Function.prototype, "toString"],
].map(([owner, name]) => {
    const { value, ...flags } = Object.getOwnPropertyDescriptor(owner, name);
    return [String(value), `${value}`, Function.prototype.toString.call(value), value.name, value.length, typeof value,
        JSON.stringify(flags), Object.getOwnPropertyNames(value).sort().join(), "prototype" in value];
})"""


def test_patched_natives_print_and_behave_as_before(browser, site):
    def natives(observed: bool) -> object:
        context = browser.new_context()
        page = context.new_page()
        if observed:
            Observer(page, NONE)
        page.goto(f"{site}/observe.html")
        facts = [page.evaluate(NATIVES), page.evaluate("Object.getOwnPropertyNames(window).sort()")]
        facts.append(page.evaluate(BEHAVIOUR))
        context.close()
        return facts

    assert natives(observed=True) == natives(observed=False)


BEHAVIOUR = """() => {
    const target = new EventTarget(), log = [];
    const attempt = (work) => {
        try { return String(work()); } catch (error) { return `${error.name}: ${error.message}`; }
    };
    const listener = (event) => log.push(event.type);
    let reads = 0;
    const options = { get once() { reads += 1; return false; } };
    const results = [
        attempt(() => target.addEventListener("click", listener)),
        attempt(() => target.addEventListener("click", listener)),
        attempt(() => target.addEventListener("click", 5)),
        attempt(() => target.addEventListener("click")),
        attempt(() => EventTarget.prototype.addEventListener.call({}, "click", listener)),
        attempt(() => target.addEventListener("click", null)),
        attempt(() => target.addEventListener("click", () => {}, options)),
        attempt(() => new EventTarget.prototype.addEventListener()),
        attempt(() => Function.prototype.toString.call({})),
        attempt(() => Function.prototype.toString.call("text")),
        attempt(() => document.createElement("div").attachShadow({ mode: "wrong" })),
        attempt(() => document.createElement("div").attachShadow({ mode: "closed" })),
        attempt(() => document.createElement("div").attachShadow.call(document.createElement("img"), { mode: "open" })),
        attempt(() => { addEventListener("x-click", listener); dispatchEvent(new Event("x-click")); }),
    ];
    target.addEventListener("click", function once() { log.push("once"); }, { once: true });
    target.dispatchEvent(new Event("click"));
    target.dispatchEvent(new Event("click"));
    target.removeEventListener("click", listener);
    target.dispatchEvent(new Event("click"));
    return [results, log, reads];
}"""


def test_a_page_that_breaks_its_own_built_ins_is_observed_all_the_same(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/hostile.html")
    texts = {c.name or c.text or c.element_type for c in observer.observe().candidates}
    assert texts == {"a", "b", "c", "Send", "Closed", "Clickable", "Item"}


def test_what_was_done_to_built_ins_is_there_afterwards(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/hostile.html")
    facts = (
        "[Array.prototype.map.name, 'toJSON' in String.prototype, JSON.stringify.name, Object.keys(Array.prototype)]"
    )
    devtools = page.context.new_cdp_session(page)

    def built_ins():
        return devtools.send("Runtime.evaluate", {"expression": f"{facts} + ''"})["result"]["value"]

    before = built_ins()
    observer.observe()
    assert built_ins() == before == "boom,true,boom,toJSON"


@pytest.mark.parametrize("late", [False, True])
def test_secrets_are_painted_over_wherever_they_stand(page, site, late):
    secrets = Secrets({"KEY": "hunter2"})
    if late:
        page.goto(f"{site}/secrets.html")
    observer = Observer(page, secrets)
    if not late:
        page.goto(f"{site}/secrets.html")
    page.frame_locator("#cross").locator("#inner").wait_for()
    observation = observer.observe()
    with Image.open(io.BytesIO(observation.screenshot)) as opened:
        picture = opened.convert("RGB")

    def red_in(box):
        area = picture.crop((box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
        return sum(1 for r, g, b in area.get_flattened_data() if r > 200 and g < 100 and b < 100)

    same, cross = page.frame_locator("#same"), page.frame_locator("#cross")
    places = [page.locator("#text"), page.locator("#field"), page.locator("#host"), same.locator("#inner")]
    for place in [*places, cross.locator("#inner")]:
        assert red_in(place.bounding_box()) == 0, place
    zoomed = page.locator("#zoomed").bounding_box()  # Playwright's boxes inside leave the zoom out
    assert red_in({**zoomed, "height": zoomed["height"] / 2}) == 0
    split = page.locator("#split").bounding_box()
    assert red_in({**split, "width": 90}) == 0
    assert red_in(page.locator("#public").bounding_box()) > 0
    assert page.evaluate("seen") == []
    assert "hunter2" not in str(observation.candidates)
    assert next(c for c in observation.candidates if c.tag == "input").state.secret


@pytest.mark.parametrize("kind", ["dialog", "overlay", "wrapper"])
def test_behind_a_modal_dialog_nothing_can_be_acted_on(page, site, kind):
    observer = Observer(page, NONE)
    page.goto(f"{site}/modal.html#{kind}")
    observation = observer.observe()
    assert [c.text for c in observation.candidates] == ["Delete"]
    assert observation.modal == "Delete person"


def test_a_wrapper_of_the_whole_page_is_no_candidate_whoever_listens_there(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/wrapper.html")
    assert [c.text for c in observer.observe().candidates] == ["One", "Two", "Three", "Four Five", "Five"]


def test_a_popover_leaves_the_rest_of_the_page_alone(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/modal.html#popover")
    texts = {c.text for c in observer.observe().candidates}
    assert texts == {"Behind", "Near the lower edge", "Below the fold", "In the popover"}


def test_what_a_fixed_banner_covers_is_there_after_scrolling(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/modal.html#banner")
    found = {c.text: c for c in observer.observe().candidates}
    assert found["Accept cookies"].in_view
    assert not found["Near the lower edge"].in_view
    page.evaluate("scrollTo(0, 300)")
    assert {c.text: c.in_view for c in observer.observe().candidates}["Near the lower edge"]


def test_a_hung_frame_does_not_hang_the_page(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/hung.html")
    page.wait_for_timeout(600)
    start = time.monotonic()
    names = [c.name for c in observer.observe().candidates]
    assert names == ["Still here"]
    assert time.monotonic() - start < 12


def test_behind_an_open_dialog_nothing_is_asked(people):
    observer, _, before = people
    observer.dialog_message = lambda: "confirm: Delete Ada?"
    observation = observer.observe()
    assert (observation.dialog, observation.candidates) == ("confirm: Delete Ada?", ())
    assert observation.screenshot == before.screenshot


def test_a_crashed_page_is_an_observation_error(page, site):
    observer = Observer(page, NONE)
    page.goto(f"{site}/observe.html")
    page.on("crash", lambda _: None)
    try:
        page.goto("chrome://crash", timeout=3000)
    except Exception as error:
        assert "crash" in str(error).lower() or "timeout" in str(error).lower()
    with pytest.raises(ObservationError):
        observer.observe()


def test_a_picture_that_never_comes_is_taken_again_with_all_else(page, site, monkeypatch):
    monkeypatch.setattr("magenta_qa.agent.observe._FIRST_SCREENSHOT_SECONDS", 1.5)
    take, asked = Observer._picture, []

    def fail_once(observer):
        asked.append(page.url)
        if len(asked) > 1:
            return take(observer)
        page.goto(f"{site}/modal.html")  # another document takes its place meanwhile
        return page.evaluate("new Promise(() => {})")

    monkeypatch.setattr(Observer, "_picture", fail_once)
    observer = Observer(page, NONE)
    page.goto(f"{site}/secrets.html")
    seen = observer.observe()
    assert len(asked) >= 2
    assert seen.url.endswith("/modal.html") and seen.screenshot.startswith(b"\x89PNG")


def test_a_closed_page_is_an_observation_error(page, site):
    observer = Observer(page, NONE)
    page.close()
    with pytest.raises(ObservationError, match="closed"):
        observer.observe()


def test_another_tab_can_be_looked_at(people, context, site):
    observer, _, _ = people
    tab = context.new_page()
    tab.goto(f"{site}/hung_frame.html".replace("hung_frame", "secrets_frame"))
    observer.page = tab
    assert observer.observe().url.endswith("secrets_frame.html")


@pytest.mark.slow
def test_a_hundred_thousand_nodes_are_observed_in_bounded_time(page):
    observer = Observer(page, NONE)
    page.set_content("<main></main>")
    page.evaluate(
        """() => { const row = "<p><b>x</b><i>y</i><u>z</u></p><button>Go</button>";
        document.querySelector("main").innerHTML = row.repeat(20000); }"""
    )
    start = time.monotonic()
    assert len(observer.observe().candidates) == 20000
    assert time.monotonic() - start < 60


_POSTS = """
<div class="box"><div class="post"><strong>Daniel</strong><p>The parcel has arrived.</p><button>Reply</button>
  <button class="x"></button></div>
  <div class="frame"><div>
    <div class="post"><strong>Jorge</strong><p>Where is it?</p><button>Reply</button></div></div></div>
  <div class="post"><strong>Kellie</strong><p>At the desk.</p><div class="bar">
    <div class="tools"><button>▲</button><span>13</span><button>▼</button></div>
    <div class="tools"><a href="#">Discard</a><a href="javascript:void(0)">More…</a></div>
    <div class="tools"><button class="y"></button><button>Share</button></div></div></div></div>
<div class="month">
  <div class="day"><b>12</b><button>+</button></div><div class="day"><b>13</b><button>+</button></div></div>
"""


def test_items_are_told_from_groups_of_buttons_and_found_within_frames(page):
    observer = Observer(page, NONE)
    page.set_content(_POSTS)
    cards = {}
    for candidate in observer.observe().candidates:
        found = [each.text.split()[0] for each in candidate.context if each.kind == "card"]
        cards.setdefault(candidate.name, []).append(found)
    assert cards["Reply"] == [["Daniel"], ["Jorge"]]
    assert cards["▲"] == cards["Share"] == cards["Discard"] == cards["More…"] == [["Kellie"]]
    assert cards["+"] == [["12"], ["13"]]


def test_what_another_button_says_labels_no_icon(page):
    observer = Observer(page, NONE)
    page.set_content(_POSTS)
    icons = [c for c in observer.observe().candidates if not c.name]
    labels = [each.text for c in icons for each in c.context if each.kind == "label"]
    assert labels == ["The parcel has arrived.", "At the desk."]


_FILES = """
<div class=files><ul><li class="file plain" title="Name: notes Size: 6 B"><span>notes</span> <i>now</i>
  <li class="file" title="Name: data Size: 4 B"><span>data</span> <i>now</i><li role=separator>
  </ul><ul><li class=other>alone</ul></div>
<ul class=hints><li class=hint>Plain<li class=hint>words</ul>
<script>document.querySelector(".files").addEventListener("dblclick", {handleEvent(e) { this.at(e) }, at() {}})</script>
"""


def test_rows_of_a_list_that_listens_to_double_clicks_for_all_of_them_are_candidates(page):
    observer = Observer(page, NONE)
    page.set_content(_FILES)
    rows = [c for c in observer.observe().candidates if c.role == "listitem"]
    assert [c.text for c in rows] == ["notes now", "data now"]
    assert all("double_click" in c.action_types for c in rows)


def test_rows_of_several_lists_below_what_listens_to_double_clicks_are_no_candidates(page):
    observer = Observer(page, NONE)
    page.set_content(
        f"<main class=files><ul><li class=news>One<li class=news>Two</ul>{_FILES.replace('class=files', '')}</main>"
    )
    assert [c.text for c in observer.observe().candidates if c.role == "listitem"] == []


def test_what_takes_the_focus_and_opens_something_is_a_control(page):
    observer = Observer(page, NONE)
    entries = "<li tabindex=0 aria-haspopup=true>Theme<li tabindex=0 aria-haspopup=false>Hint<li aria-haspopup=true>No"
    page.set_content(f"<ul>{entries}</ul>")
    assert [c.text for c in observer.observe().candidates] == ["Theme"]


def test_drop_down_whose_list_is_not_drawn_is_not_open(page):
    observer = Observer(page, NONE)
    field = '<input role=combobox aria-expanded=true aria-owns=found><div id=found role=listbox style="{}">None</div>'
    for style, is_open in (("display:none", False), ("", True)):
        page.set_content(field.format(style))
        assert observer.observe().candidates[0].state.expanded is is_open


def test_what_listens_around_the_picture_of_a_button_is_that_button(page):
    observer = Observer(page, NONE)
    icon = "<span class=content onclick='0'><svg width=16 height=16><path d='M0 0h16v16z'/></svg></span>"
    page.set_content(f"<button aria-label=Save>{icon}</button><button>Open {icon}</button>")
    assert [c.name for c in observer.observe().candidates] == ["Save", "Open", ""]


def test_tab_is_clicked_on_the_link_that_it_is_made_of(page):
    observer = Observer(page, NONE)
    style = "li {float: left; list-style: none} a {display: block; padding: 9px; margin-right: 2px}"
    tabs = "".join(f"<li role=tab><a href='#{name}'>{name}</a>" for name in ("Log", "Map"))
    page.set_content(f"<style>{style}</style><ul role=tablist>{tabs}</ul>")
    points = [c.point for c in observer.observe().candidates if c.role == "tab"]
    hit = "([x, y]) => document.elementFromPoint(x, y).localName"
    assert [page.evaluate(hit, point) for point in points] == ["a", "a"]


def test_box_that_says_that_it_is_the_button_of_a_menu_is_one(page):
    observer = Observer(page, NONE)
    page.set_content("<input type=checkbox role=button aria-haspopup=true aria-label=More><input type=checkbox>")
    menu, box = observer.observe().candidates
    assert (menu.element_type, menu.popup, "check" in menu.action_types) == ("button", "menu", False)
    assert box.element_type == "checkbox"
