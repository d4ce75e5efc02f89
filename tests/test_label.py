"""Judgements: who gets what, what counts, and that nothing of it is lost."""

import json
import re
import subprocess
import sys
import time

import pytest
from dataset_rows import log_line, picture_bytes, write_log
from serving import free_port, running
from starlette.testclient import TestClient

from magenta_qa.agent.label.app import build_app
from magenta_qa.agent.label.desk import LEASE_S, Desk, Refused
from magenta_qa.agent.label.items import LabelLog
from magenta_qa.agent.label.judgement import agreement
from magenta_qa.agent.label.taught import load_taught
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.finetune.dataset_build import scan_sources
from magenta_qa.finetune.describe import describe_rows
from magenta_qa.model.errors import ConfigError, DatasetError
from magenta_qa.model.fake_endpoint import FakeEndpoint


def suggested(home, number, confidence, **changes):
    """A line with a suggestion of a model."""
    html = f"<b{number}><button>Item</button></b{number}>"
    return log_line(home, number, **{"summary_source": "model", "confidence": confidence, "html": html} | changes)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def desk_of(home, lines, *, second=0.0, clock=None):
    labels = LabelLog(write_log(home, lines))
    privacy = Privacy()
    privacy.note(["Jane Roe"])
    return labels, Desk(labels, privacy, second_share=second, clock=clock or Clock())


def in_dataset(*sources):
    """Id → label and its source, as `magenta dataset build` takes them."""
    with scan_sources([str(source) for source in sources]) as scan:
        kept = [(number, entry.row) for number, _, entry in scan.numbered() if scan.index.find(number, "page")]
    return {row.external_id: (row.summary, row.summary_source) for _, row in kept}


def work(desk, by, count):
    """Ids in the order in which they are offered when all are accepted."""
    found = []
    for _ in range(count):
        found.append(desk.next(by).item.id)
        desk.judge(by, found[-1], "accepted", None)
    return found


def test_least_sure_comes_first_and_near_duplicates_together(tmp_path):
    row = {"html": "<tr><td>Ada</td><td><button>Delete</button></td></tr>", "text": "Delete 1"}
    lines = [
        suggested(tmp_path, 0, 0.9),
        suggested(tmp_path, 1, 0.3, **row),
        suggested(tmp_path, 2, 0.4),
        suggested(tmp_path, 3, 0.95, **row | {"html": row["html"].replace("Ada", "Bo"), "text": "Delete 22"}),
        log_line(tmp_path, 4),  # a person has written it already
        suggested(tmp_path, 5, None, summary=None, summary_source=None, html="<i></i>"),
    ]
    labels, desk = desk_of(tmp_path, lines)
    assert desk.next("Ada").why == "The model is 30 % sure. The first of several alike: 2 of 2 left."
    assert desk.next("Bo").item.id == "id2", "what is alike goes to the same person"
    assert desk.progress().left == 5
    assert work(desk, "Ada", 2) == ["id1", "id3"]
    assert work(desk, "Bo", 1) == ["id2"]
    assert desk.next("Ada").why.startswith("Nobody has suggested")
    with pytest.raises(Refused, match="write a sentence"):
        desk.judge("Ada", "id5", "accepted", None)
    assert not labels.items["id5"].judgements


def test_what_a_teacher_has_said_is_reviewed_and_people_come_before_it(tmp_path):
    home = write_log(tmp_path / "home", [suggested(tmp_path / "home", number, 0.5) for number in range(4)])
    with FakeEndpoint(lambda request: f"Opens part {re.search('Item (.)', request.prompt)[1]}.") as endpoint:
        describe_rows([str(home)], str(tmp_path / "teacher"), endpoint.spec, at="now")
    desk = Desk(LabelLog(home, load_taught(f"file://{tmp_path}/teacher")), Privacy(), second_share=0.0)
    offer = desk.next("Ada")
    assert offer.why.startswith("A teacher has suggested it.")
    assert desk.judge("Ada", "id0", "accepted", None).summary == "Opens part 0."
    desk.judge("Ada", "id1", "edited", "Opens one.")
    desk.judge("Ada", "id2", "rejected", None)
    desk.judge("Ada", "id3", "accepted", None)
    desk.undo("Ada")
    assert in_dataset(home, tmp_path / "teacher") == {
        "id0": ("Opens part 0.", "accepted"),
        "id1": ("Opens one.", "person"),
        "id3": ("Opens part 3.", "teacher"),
    }
    with pytest.raises(ConfigError, match="holds no labels of a teacher"):
        load_taught(str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="cannot read a teacher's labels"):
        load_taught(str(home / "log" / "interactions.jsonl"))


def test_elements_without_text_are_alike_if_they_look_alike(tmp_path):
    bare = {"text": "", "html": "<td><button></button></td>"}
    pictures = [picture_bytes(0), picture_bytes(0, format="WEBP"), picture_bytes(0)]
    boxes = [[70, 45, 36, 18], [70, 45, 36, 18], [8, 178, 60, 18]]
    lines = [
        suggested(tmp_path, number, 0.5, picture=picture, box=box) | bare
        for number, picture, box in zip((0, 6, 1), pictures, boxes, strict=True)
    ]
    labels, _ = desk_of(tmp_path, lines)
    same, alike, other = (labels.items[f"id{number}"].alike for number in (0, 6, 1))
    assert same == alike != other


def test_two_people_never_get_the_same_unless_it_is_wanted(tmp_path):
    clock = Clock()
    _, desk = desk_of(tmp_path, [suggested(tmp_path, n, n / 10) for n in range(3)], clock=clock)
    assert [desk.next(name).item.id for name in ("Ada", "Bo", "Ada", "Bo")] == ["id0", "id1", "id0", "id1"]
    assert desk.next("Cy").item.id == "id2"
    assert desk.next("Di") is None
    clock.now += LEASE_S / 2
    desk.hold("Bo", "id1")
    clock.now += LEASE_S / 2 + 1
    assert desk.next("Di").item.id == "id0", "Ada has gone"
    desk.judge("Ada", "id0", "edited", "Opens it.")  # she is back, and what she wrote is kept
    assert desk.next("Di").item.id == "id2"


def test_second_opinions_are_asked_for_and_their_agreement_is_told(tmp_path):
    _, desk = desk_of(tmp_path, [suggested(tmp_path, n, n / 10) for n in range(3)], second=1.0)
    assert work(desk, "Ada", 3) == ["id0", "id1", "id2"]
    assert desk.next("Ada") is None
    assert desk.next("Bo").why.startswith("A second opinion") and not desk.next("Bo").others
    desk.judge("Bo", "id0", "accepted", None)
    desk.judge("Bo", "id1", "rejected", None)
    agreement = desk.progress().agreement
    assert (agreement.pairs, agreement.agreed, agreement.percent) == (2, 1, 50.0)
    assert (desk.progress().disputed, desk.progress().labelled) == (1, 2)
    assert set(in_dataset(tmp_path)) == {"id0", "id2"}, "nobody's label counts while two disagree"
    offer = desk.next("Cy", skip=["id2"])
    assert [each.verdict for each in offer.others] == ["accepted", "rejected"]
    desk.judge("Cy", "id1", "edited", "Opens item one.")
    assert in_dataset(tmp_path)["id1"] == ("Opens item one.", "person")


def test_labels_reach_the_dataset_and_what_is_taken_back_leaves_it(tmp_path):
    lines = [suggested(tmp_path, n, n / 10) for n in range(4)]
    _, desk = desk_of(tmp_path, lines)
    assert in_dataset(tmp_path) == {}
    desk.judge("Ada", "id0", "accepted", None)
    desk.judge("Ada", "id1", "edited", "  Writes to Jane Roe\n(jane@example.com). ")
    desk.judge("Ada", "id2", "rejected", None)
    desk.judge("Ada", "id3", "accepted", None)
    assert in_dataset(tmp_path) == {
        "id0": (lines[0]["summary"], "accepted"),
        "id1": ("Writes to ••• (•••).", "person"),
        "id3": (lines[3]["summary"], "accepted"),
    }
    again = desk.undo("Ada")
    assert again.item.id == "id3" and set(in_dataset(tmp_path)) == {"id0", "id1"}
    assert desk.next("Ada").item.id == "id3"
    desk.undo("Ada")
    assert desk.undo("Ada").draft == "Writes to ••• (•••)."
    assert set(in_dataset(tmp_path)) == {"id0"}
    with pytest.raises(Refused, match="already"):
        desk.judge("Ada", "id0", "rejected", None)


def test_everything_is_found_again_after_a_crash(tmp_path):
    lines = [suggested(tmp_path, n, n / 10) for n in range(4)]
    labels, desk = desk_of(tmp_path, lines, second=1.0)
    work(desk, "Ada", 3)
    desk.undo("Ada")
    with labels.path.open("ab") as file:
        file.write(b'{"v": 1, "id": "id3", "torn')  # killed in the middle of a line
    later = LabelLog(tmp_path)
    again = Desk(later, Privacy(), second_share=1.0, clock=Clock())
    before = desk.progress()
    assert again.progress() == before and (before.labelled, before.left) == (2, 2)
    assert again.undo("Ada").item.id == "id1", "the order of what she said is known"
    again.judge("Bo", "id3", "edited", "Opens item three.")
    assert later.unreadable == 1
    assert desk.progress().people == {"Ada": 1, "Bo": 1}, "another process sees it too"
    new = suggested(tmp_path, 7, 0.01)
    with labels.path.open("ab") as file:
        file.write(json.dumps(new).encode() + b"\n")
    assert again.next("Cy", skip=["id0"]).item.id == "id3" and again.progress().left == 3


@pytest.fixture
def client(tmp_path):
    labels, desk = desk_of(tmp_path, [suggested(tmp_path, n, n / 10) for n in range(3)])
    return TestClient(build_app(labels, desk), base_url="http://127.0.0.1", raise_server_exceptions=False)


def test_page_asks_and_judges(client, tmp_path):
    found = client.get("/next", params={"by": "Ada"}).json()
    assert found["item"]["id"] == "id0" and found["progress"]["left"] == 3
    answer = client.post("/judge", json={"by": "Ada", "id": "id0", "verdict": "edited", "summary": "Opens a@b.com."})
    assert answer.json()["item"]["id"] == "id1" and "masked" in answer.json()["note"]
    assert client.post("/undo", json={"by": "Ada"}).json()["item"]["draft"] == "Opens •••."
    for view in ("page", "crop"):
        assert client.get(f"/picture/id0/{view}").headers["content-type"] == "image/webp"
    assert client.get("/held", params={"by": "Ada", "id": "id0"}).json()["progress"]["left"] == 3
    assert "default-src 'self'" in client.get("/").headers["content-security-policy"]
    (tmp_path / "log" / "interactions.jsonl").unlink()
    assert "not kept" in client.post("/judge", json={"by": "A", "id": "id0", "verdict": "rejected"}).json()["error"]


@pytest.mark.parametrize(
    ("call", "status", "says"),
    [
        (lambda c: c.get("/next", params={"by": " "}), 400, "your name"),
        (lambda c: c.post("/judge", json={"by": "Ada", "id": "id0", "verdict": "maybe"}), 400, "verdict"),
        (lambda c: c.post("/judge", json={"by": "Ada", "id": "x", "verdict": "rejected"}), 409, "no interaction 'x'"),
        (lambda c: c.post("/undo", json={"by": "Ada"}), 409, "judged nothing"),
        (lambda c: c.post("/undo", json={"by": "Ada"}, headers={"origin": "http://other"}), 403, "another site"),
        (lambda c: c.get("/", headers={"host": "else.example"}), 400, "Invalid host"),
        (lambda c: c.get("/picture/..%2f..%2fsecret/page"), 404, ""),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_reason(client, call, status, says):
    answer = call(client)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text


def test_who_is_not_on_this_machine_needs_the_key(tmp_path):
    labels, desk = desk_of(tmp_path, [suggested(tmp_path, 0, 0.5)])
    client = TestClient(build_app(labels, desk, key="sesame"))
    assert [client.get(path).status_code for path in ("/", "/?key=other", "/?key=sesame", "/next?by=Ada")] == [
        *(403, 403, 200, 200)
    ]


def test_folder_without_a_log_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="has no interactions"):
        LabelLog(tmp_path)


def log_of_the_shop(home, count):
    """Suggestions about many elements."""
    return write_log(home, [suggested(home, number, (number % 97) / 100) for number in range(count)])


def arrive(context, url, name):
    page = context.new_page()
    page.goto(url)
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_selector("#picture:not(.waiting)")
    return page


def item_of(page, after=None):
    """Which one is shown, when it is; `after` the one before it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:  # `wait_for_function` may not evaluate anything on this page
        found = page.evaluate("!busy && document.querySelector('#picture:not(.waiting)') && item && item.id")
        if found and found != after:
            return found
        page.wait_for_timeout(20)
    raise AssertionError(f"nothing after {after}: {page.inner_text('#message')}")


@pytest.mark.browser
def test_keys_alone_are_enough_and_the_page_fits(browser, tmp_path):
    labels = LabelLog(log_of_the_shop(tmp_path, 6))
    desk = Desk(labels, Privacy(), second_share=0.0)
    with running(build_app(labels, desk)) as url:
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        asked, problems = [], []
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: problems.append(message.text))
        page.goto(url)
        page.keyboard.type("Ada")
        page.keyboard.press("Enter")
        seen = []
        for keys in (["Enter"], ["e", "End", "!", "Enter"], ["r"], ["l"], ["u"], ["Enter"]):
            seen.append(item_of(page, after=seen[-1] if seen else None))
            for key in keys:
                page.keyboard.press(key)
        assert item_of(page, after="id2") == "id4"
        assert seen == ["id0", "id1", "id2", "id3", "id4", "id2"]
        first, second, third = (labels.items[f"id{number}"].judgements[0] for number in range(3))
        assert (first.verdict, second.verdict, third.verdict) == ("accepted", "edited", "accepted")
        assert second.summary == "Opens the page of the item number 1.!"
        for width in (1280, 800, 400):
            page.set_viewport_size({"width": width, "height": 720})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not [each for each in asked if not each.startswith((url, "data:"))] and not problems
        context.close()


@pytest.mark.slow
def test_two_people_label_at_once_and_a_kill_in_the_middle_loses_nothing(browser, tmp_path):
    home, port = log_of_the_shop(tmp_path, 40), free_port()
    command = [sys.executable, "-m", "magenta_qa.agent.cli", "label", str(home), "--port", str(port), "--second", "0"]

    def start():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert "interactions to label" in process.stdout.readline() and str(port) in process.stdout.readline()
        return process

    said: dict[str, str] = {}
    process = start()
    contexts = [browser.new_context() for _ in range(2)]
    pages = [arrive(context, f"http://127.0.0.1:{port}", name) for context, name in zip(contexts, "AB", strict=True)]
    for turn in range(16):
        for name, page in zip("AB", pages, strict=True):
            wanted = item_of(page)
            assert wanted not in said, "nobody gets what somebody else has"
            page.fill("#sentence", f"Turn {turn} of {name}.")
            said[wanted] = f"Turn {turn} of {name}."
            if turn == 8 and name == "B":
                process.kill()
                process.wait()
                page.press("#sentence", "Enter")
                page.get_by_text("does not answer").wait_for()
                process.stdout.close()
                process = start()
            page.press("#sentence", "Enter")
            item_of(page, after=wanted)
    for context in contexts:
        context.close()
    process.kill()
    process.wait()
    process.stdout.close()
    assert {name: label for name, (label, source) in in_dataset(home).items()} == said and len(said) == 32
    assert Desk(LabelLog(home), Privacy()).progress().people == {"A": 16, "B": 16}


def test_kappa_takes_out_what_chance_alone_would_agree_on():
    """The example of two readers and fifty proposals: 35 of 50 agree, 0.5 by chance."""
    pairs = [("accepted", "accepted")] * 20 + [("accepted", "rejected")] * 5
    pairs += [("rejected", "accepted")] * 10 + [("rejected", "rejected")] * 15
    assert agreement(pairs).kappa == pytest.approx((0.7 - 0.5) / (1 - 0.5))
    assert agreement([("accepted", "accepted")] * 3).kappa is None
