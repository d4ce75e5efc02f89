"""Choosing, judging, and telling in a way that can be replayed; the whole of it on one page is `slow`."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from magenta_qa.agent.expect import compile_expectation
from magenta_qa.agent.explore import oracles
from magenta_qa.agent.explore.choose import KNOWN, choose, novelty, score, tried_as
from magenta_qa.agent.explore.exploration import told_once
from magenta_qa.agent.explore.filling import MARKUP
from magenta_qa.agent.explore.findings import Finding, Suspicion, load_baseline, save_findings, with_baseline
from magenta_qa.agent.explore.graph import Graph, Place, Task, key_of
from magenta_qa.agent.explore.history import History, Script
from magenta_qa.agent.explore.replay import Replayer, shows, write_scenario
from magenta_qa.agent.explore.risk import risks
from magenta_qa.agent.explore.session import Done, Seen
from magenta_qa.agent.explore.tasks import tasks_of
from magenta_qa.agent.explore.wording import step_of
from magenta_qa.agent.scenario import load_scenario
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.reply import gives
from magenta_qa.model.schema import Action, Box, Candidate, Context, Observation, State
from magenta_qa.model.trace import Finding as TraceFinding
from magenta_qa.model.trace import ScenarioTrace, StepTrace

HOME = Place("/", "http://a/")
SHOP = "http://a"


def task(name: str, description: str, **given: object) -> Task:
    facts = {"kind": "act", "place": HOME, "key": name, "risks": risks(name, description), **given}
    return Task(name=name, description=description, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("Delete", "Deletes the Summer cabin row.", {"destructive"}),
        ("", "Removes the Blue backpack from the cart.", {"destructive"}),  # a model's words about an icon
        ("Cancel order", "Activates Cancel order.", {"destructive"}),
        ("Cancel", "Cancels.", set()),
        ("Place order", "Activates Place order.", {"paying"}),
        ("Payment methods", "Opens Payment methods.", set()),
        ("Publish", "Activates Publish.", {"sending"}),
        ("E-mail address", "Types into the E-mail address field.", set()),
        ("Log out", "Activates Log out.", {"leaving"}),
        ("Edit", "Edits the Delete me row.", set()),
        ("Save changes", "Saves changes.", set()),
    ],
)
def test_what_must_not_be_done_unasked_is_known_by_name_and_description(name: str, description: str, expected: set):
    assert risks(name, description) == expected


def test_a_toggle_can_be_set_back():
    assert risks("Remove from wishlist", "Removes from wishlist.", undoable=True) == frozenset()


def test_what_was_not_allowed_is_never_chosen_and_what_was_done_comes_last():
    graph = Graph(SHOP)
    for each in (task("Delete", "Deletes the row."), task("Add", "Adds an address."), task("Help", "Opens the help.")):
        graph.add(each)
    first = choose(graph, [], HOME, frozenset())
    assert first is not None and first.name == "Add"
    done = [tried_as(task("Add", "Adds an address."))]
    graph.add(task("Add another", "Adds an address.", key="more"))
    second = choose(graph, done, HOME, frozenset())
    assert second is not None and second.name == "Help"
    for each in graph.tasks.values():
        each.tried = int(each.name != "Delete")
    assert choose(graph, done, HOME, frozenset()) is None
    assert choose(graph, done, HOME, frozenset({"destructive"})) is not None


def test_what_was_begun_is_finished_first():
    graph = Graph(SHOP)
    for each in (task("Add", "Adds an address."), task("Sort", "Sorts by name.", key="sort")):
        graph.add(each)
    graph.fresh = {key_of(task("Sort", "Sorts by name.", key="sort"))}
    first = choose(graph, [], HOME, frozenset())
    assert first is not None and first.name == "Sort"


def test_the_same_control_in_another_view_of_a_list_is_no_news():
    here, view = Place("/", f"{SHOP}/"), Place("/?max", f"{SHOP}/?max=30")
    wish = task("Add to wishlist", "Adds Beam Headlamp to the wishlist.", key="heart", place=view)
    done = [tried_as(task("Add to wishlist", "Adds Ridge Tent to the wishlist.", key="heart", place=here))]
    assert novelty(wish, done) == pytest.approx(1 - KNOWN)
    paged = [tried_as(task("Next", "Goes to the next page of /.", kind="pages", key="next", place=here))]
    other = task("Next", "Goes to the next page of / max.", kind="pages", key="next", place=view)
    assert novelty(other, paged) == 1


def test_views_of_a_list_wait_once_some_were_looked_at():
    graph = Graph(SHOP)
    view = task("Owner", "Opens.", kind="open", url=f"{SHOP}/query?owner=x&desc=1")
    assert score(view, graph, [], HOME) > 1
    graph.visits = {"/query": 1, "/query?type": 1, "/query?order": 1}
    assert score(view, graph, [], HOME) < 0.7
    assert score(task("Report", "Opens.", kind="open", url=f"{SHOP}/report"), graph, [], HOME) > 1


def test_a_picture_that_is_missing_is_told_once():
    missing = suspicion(kind="broken picture", identity="/logo.png")
    request, other = (suspicion(kind="failed request", identity=f"GET /{name}") for name in ("logo.png", "users"))
    assert told_once([request, missing, other]) == [missing, other]


def test_a_leak_between_dialogs_is_tried_once_there_are_two():
    graph = Graph(SHOP)
    new, edit = (graph.place(f"{SHOP}/addresses", modal) for modal in ("New address", "Edit address"))
    graph.add(task("Save", "Saves.", kind="leak", place=new))
    assert choose(graph, [], new, frozenset()) is None
    graph.openers[edit.key] = "button|edit|in row"
    assert choose(graph, [], new, frozenset()) is not None


def test_what_was_sent_is_expected_on_the_pages_above():
    graph = Graph(SHOP)
    graph.expect_at(f"{SHOP}/repairs/new", f"{SHOP}/orders/T-1039?placed=1")
    assert graph.expected == {"/repairs", "/repairs/new", "/orders"}


def test_pages_that_differ_in_an_id_are_one_place():
    graph = Graph(SHOP)
    assert (
        graph.pattern(f"{SHOP}/orders/T-1039?tab=2") == graph.pattern(f"{SHOP}/orders/T-1041?tab=7") == "/orders/#?tab"
    )
    assert graph.pattern(f"{SHOP}/#/runs/abcdef123456") == "/#/runs/#"
    assert graph.pattern(f"{SHOP}/help#delivery") == "/help"


def test_the_links_of_a_menu_lead_to_pages_of_different_kinds():
    def link(name: str, item: str, path: str) -> Candidate:
        context = (Context("listitem", item, 1),)
        facts = ("link", "link", name, name, State(), ("click",))
        return Candidate(1, Box(0, 0, 9, 9), *facts, context=context, href=f"{SHOP}{path}")

    graph = Graph(SHOP)
    graph.learn_links([link("Authors", "Authors", "/admin/authors"), link("Enamel Mug", "Enamel Mug €16", "/p/mug")])
    assert graph.pattern(f"{SHOP}/admin/authors") == "/admin/authors"
    assert graph.pattern(f"{SHOP}/p/mug") == "/p/#"
    graph.learn_links([link(f"Story {n}", f"Story {n}", f"/read/story-of-{n}-days") for n in range(9)])
    assert graph.pattern(f"{SHOP}/read/story-of-ten-days") == "/read/#"


def test_a_change_is_lost_only_if_a_reload_brings_the_old_state_back():
    before, after = {"switch SMS 1": "false"}, {"switch SMS 1": "true"}
    assert oracles.lost_changes(before, after, before, list(after)) == [("switch SMS 1", "true", "false")]
    assert oracles.lost_changes(before, after, after, list(after)) == []
    assert oracles.lost_changes(before, after, {}, list(after)) == []  # it is not there: nothing is known


def test_an_amount_that_was_changed_is_told_with_its_entry():
    lists = [
        [{"name": "L", "entries": [{"name": "Mug", "text": text}, {"name": "Pot", "text": "Pot €48.00 19"}]}]
        for text in ("Mug €16.00 52", "Mug €17.50 52", "Mug €16.00 3")
    ]
    assert oracles.changed_amount(lists[0], lists[1]) == oracles.Change("Mug", "€16.00", "€17.50")
    assert oracles.changed_amount(lists[0], lists[2]) is None  # a small number stands anywhere
    assert oracles.changed_amount(lists[0], lists[0]) is None


def test_the_number_of_all_entries_is_the_same_on_each_page():
    def stated(text: str) -> dict[str, object]:
        return {"stated": [{"text": text, "around": "page"}]}

    assert oracles.changed_total(stated("23 products"), stated("41 products")) == ("23 products", "41 products")
    assert oracles.changed_total(stated("23 products"), stated("23 products")) is None
    assert oracles.changed_total(stated("23 products"), stated("Page 2")) is None


def test_a_card_is_paid_with_only_where_paying_is_allowed():
    field = Candidate(1, Box(10, 10, 90, 20), "input:text", "textbox", "Card number", "", State(), ("fill",))
    button = Candidate(2, Box(10, 50, 90, 20), "button", "button", "Continue", "", State(), ("click",))
    seen = Seen(Observation(f"{SHOP}/pay", "", (1280, 720), 1, b"", (field, button)), {}, HOME)
    form = {"key": "/pay|", "method": "post", "texts": 1, "fields": [[10, 10, 90, 20]], "submit": [10, 50, 90, 20]}
    form |= {"ready": True, "whole": True}
    foreign = {**form, "frame": "http://b/pay"}
    found = [(t.kind, t.risks) for t in tasks_of(seen, [foreign], Graph(SHOP)) if t.key == "/pay|"]
    assert found == [("submit", frozenset({"paying"}))]
    searching = replace(field, name="Search")
    seen = replace(seen, observation=replace(seen.observation, candidates=(searching, button)))
    assert [t for t in tasks_of(seen, [foreign], Graph(SHOP)) if t.key == "/pay|"] == []  # somebody else's form
    assert {t.kind for t in tasks_of(seen, [form], Graph(SHOP)) if t.key == "/pay|"} == {"submit", "enter", "nasty"}


def badge(text: str) -> dict[str, object]:
    return {"badges": [{"key": "cart", "name": "Cart", "text": text}]}


def test_a_badge_is_stale_only_if_nothing_but_the_action_explains_the_reload():
    assert oracles.stale_badges(badge("1"), badge("1"), badge("2"), badge("2")) == [("Cart", "1", "2")]
    assert oracles.stale_badges(badge("1"), badge("2"), badge("2"), badge("2")) == []
    assert oracles.stale_badges(badge("1"), badge("1"), badge("2"), badge("3")) == []  # it counts by itself


def test_an_order_is_judged_by_what_the_option_says():
    assert oracles.wrong_order("Price, low to high", [3, 2, 1]) == "“Price, low to high” shows 3, 2, 1"
    assert oracles.wrong_order("Price, high to low", [3, 2, 1]) == ""
    assert oracles.wrong_order("Featured", [3, 1, 2]) == ""


def test_adding_must_not_change_an_entry():
    one = [{"name": "T", "entries": [{"name": "Home", "text": "Home 1"}, {"name": "Office", "text": "Office 2"}]}]
    other = [{"name": "T", "entries": [{"name": "Robin", "text": "Robin 7"}, {"name": "Office", "text": "Office 2"}]}]
    assert oracles.overwritten("New address Click Save", one, other) == ("Home 1", "Robin 7")
    assert oracles.overwritten("Edit address Click Save", one, other) is None


def test_deleting_must_not_take_another_row():
    row = Context("row", "Office Ada Linden, Studio Nord", 1)
    button = Candidate(1, Box(0, 0, 9, 9), "button", "button", "Delete", "", State(), ("click",), context=(row,))
    done = Done('Click "Delete"', Action("click", 1), button, None, "", (), SHOP, SHOP)
    home, office, cabin = (
        {"name": text.split()[0], "text": text}
        for text in ("Home Ada Linden", "Office Ada Linden, Studio Nord", "Cabin Ada Linden Strandveien")
    )
    before = [{"name": "Addresses", "entries": [home, office, cabin]}]
    wrong, right = ([{"name": "Addresses", "entries": left}] for left in ([home, office], [home, cabin]))
    assert oracles.wrong_row(done, before, wrong) == ("Office", "Cabin")
    assert oracles.wrong_row(done, before, right) is None
    assert oracles.wrong_row(done, before, before) is None  # nothing was deleted: that is another matter
    assert oracles.came_back(done, before, right, before) == "Office"
    assert oracles.came_back(done, before, right, right) == ""


def test_the_link_of_an_entry_leads_to_its_own_page():
    graph = Graph(SHOP, links={name.casefold(): f"{SHOP}/runs/{i}" for i, name in enumerate(("Ebb", "Flood"), 1)})
    graph.links["pier"] = f"{SHOP}/experiments/1"
    assert oracles.other_page("Ebb", f"{SHOP}/runs/1", "Flood", graph)
    assert not oracles.other_page("Ebb", f"{SHOP}/runs/1", "Ebb", graph)
    assert not oracles.other_page("Ebb", f"{SHOP}/runs/1", "Pier", graph)  # an entry's page may be headed by its group


def suspicion(**given: object) -> Suspicion:
    script = Script(f"{SHOP}/cart?a=1", ('Click "Say ${hello}: now"',))
    facts = {
        "kind": "dead control",
        "place": "/cart",
        "subject": 'button "Save"',
        "text": "Save: does nothing",
        **given,
    }
    return Suspicion(url=SHOP, scripts=(script,), expect=("there are no uncaught exceptions",), **facts)  # type: ignore[arg-type]


def test_findings_keep_their_identity_and_a_baseline_knows_them(tmp_path: Path):
    assert suspicion().id == suspicion(text="another wording", place="/cart?x").id
    assert suspicion().id != suspicion(subject='button "Send"').id
    file = tmp_path / "findings.json"
    save_findings([Finding(suspicion(), "reproduced")], file, url=SHOP)
    (again,) = with_baseline([Finding(suspicion(), "reproduced")], load_baseline(file))
    assert again.known and not again.counts
    file.write_text("[]")
    with pytest.raises(ConfigError, match=r"no findings\.json of an exploration"):
        load_baseline(file)


def test_a_server_error_is_reproduced_whatever_host_the_replay_has(tmp_path: Path):
    found = suspicion(kind="server error", text="GET 500 /report?id=1")
    write_scenario(tmp_path / "x.scenario.yaml", found, found.scripts[0], "")
    scenario = load_scenario(tmp_path / "x.scenario.yaml")

    def ends_with(text: str) -> ScenarioTrace:
        finding = TraceFinding("response", text, "http://127.0.0.1:8001/report?id=1", 500, fails=True)
        return ScenarioTrace("x", "x", "x", "failed", "the product showed an error", (), findings=(finding,))

    assert shows(ends_with("GET 500 http://127.0.0.1:8001/report?id=1"), scenario, found)
    assert not shows(ends_with("GET 500 http://127.0.0.1:8001/login"), scenario, found)


def test_what_was_done_to_an_entry_comes_before_what_is_seen_of_it():
    history = History(Graph(SHOP))
    lamp = Script(f"{SHOP}/", ('Click "Add to cart" on the card of "Beam Headlamp Lights 200 m"',))
    history.note(lamp, frozenset({"basket"}))
    for number in range(9):
        history.note(Script(f"{SHOP}/help/{number}", ('Click "Helpful"',)), frozenset({"thanks"}))
    ways = history.ways(Script(f"{SHOP}/cart", ('Click "One more"',)), "Your cart\nBeam Headlamp\n€49.00")
    assert ways[0].steps == ('Click "One more"',)
    assert ("Go to /", *lamp.steps, "Go to /cart", 'Click "One more"') in [way.steps for way in ways]
    more = 'Click "One more" in the row of "Beam Headlamp €49.00 1"'
    assert history.ways(Script(f"{SHOP}/cart", (more,)), "")[1].steps == ("Go to /", *lamp.steps, "Go to /cart", more)


def test_what_begins_with_what_could_not_be_replayed_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ended = [StepTrace(0, "Add", "do", "passed", ""), StepTrace(1, "Remove", "do", "stuck", "nothing fits")]
    trace, tried = ScenarioTrace("x", "x", "x", "stuck", "nothing fits", tuple(ended)), []
    monkeypatch.setattr(Replayer, "_run", lambda _self, _scenario, path, _ms: tried.append(path) or trace)
    ways = [Script(f"{SHOP}/", ("Add", "Remove", last)) for last in ("Send", "Print")]
    replayer = Replayer(None, Settings(), tmp_path, SHOP)  # type: ignore[arg-type]
    found = replayer.confirm(replace(suspicion(), scripts=(*ways, Script(f"{SHOP}/", ("Add", "Send")))))
    assert (found.status, len(tried)) == ("not reproduced", 2)


def test_what_one_way_shows_is_replayed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    way = (Script(f"{SHOP}/", ()),)
    rules = [f'the page has no accessibility violations of "{rule}"' for rule in ("list", "label")]
    two = [replace(suspicion(kind="accessibility", identity=rule), scripts=way, expect=(rule,)) for rule in rules]
    ended = (StepTrace(0, "x", "expect", "failed", "2 elements"), StepTrace(1, "x", "expect", "passed", ""))
    trace, runs = ScenarioTrace("x", "x", "x", "failed", "2 elements", ended), []
    monkeypatch.setattr(
        Replayer, "_run", lambda _self, scenario, path, _ms: runs.append(len(scenario.entries)) or trace
    )
    monkeypatch.setattr(Replayer, "confirm", lambda _self, each: Finding(each, "not reproduced"))
    found = Replayer(None, Settings(), tmp_path, SHOP).confirm_all(two)  # type: ignore[arg-type]
    assert [each.status for each in found] == ["reproduced", "not reproduced"]
    assert runs == [2]
    assert [file.name for file in tmp_path.iterdir()] == [f"{two[0].id}.scenario.yaml"]


def test_a_step_says_the_kind_of_control_where_another_kind_is_called_the_same():
    names = (("link", "Search"), ("button", "Search"), ("button", "Help"))
    link, button, other = (
        Candidate(mark, Box(0, 30 * mark, 9, 9), kind, kind, name, "", State(), ("click",))
        for mark, (kind, name) in enumerate(names, 1)
    )
    seen = Observation(SHOP, "Shop", (1280, 720), 1, b"", (link, button, other))
    assert step_of(Action("click", 2), button, seen) == 'Click the button "Search"'
    assert step_of(Action("click", 3), other, seen) == 'Click "Help"'
    assert gives(step_of(Action("fill", 3, MARKUP), other, seen), MARKUP)  # it holds quotes itself


def test_a_reproducing_scenario_can_be_loaded_whatever_the_page_calls_its_controls(tmp_path: Path):
    write_scenario(tmp_path / "x.scenario.yaml", suspicion(), suspicion().scripts[0], "")
    scenario = load_scenario(tmp_path / "x.scenario.yaml")
    assert scenario.url == "/cart?a=1"
    assert scenario.entries[0].text == 'Click "Say ${hello}: now"'


def test_what_scenarios_of_findings_expect_can_be_compiled():
    sentences = (
        "there are no failed requests",
        'the Cart badge shows "2"',
        '"Text messages" is checked',
        'the field "How often" has the value "Weekly"',
        '"Tent" stands before "Stove"',
        "the list is sorted by price, ascending",
        "an error message is shown",
    )
    assert [text for text in sentences if compile_expectation(text) is None] == []


@pytest.mark.slow
def test_an_exploration_finds_what_is_broken_and_nothing_else(browser: Browser, site: str, tmp_path: Path):
    from magenta_qa.agent.explore.exploration import Plan, explore

    plan = Plan(f"{site}/explore.html", 60, tmp_path, Settings(), environ=os.environ)
    found = explore(plan, browser, lambda kind, line: None)
    assert sorted((f.suspicion.kind, f.status) for f in found.findings) == [
        ("dead control", "reproduced"),
        ("exception", "reproduced"),  # "Sharpen"
        ("exception", "reproduced"),  # "Keep" in a dialog without a form element, once its field is filled
    ]
    assert any("Delete everything" in each for each in found.avoided)
    assert found.left == 0 and not found.interrupted
