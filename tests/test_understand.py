"""The understanding back ends: prompt and picture as sent, the cache, and what stands in for a failing model."""

import dataclasses
import io
import json
import sqlite3
import threading

import pytest
from PIL import Image

from magenta_qa.model.accessible import sentence
from magenta_qa.model.cache import DescriptionCache
from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.fake_endpoint import FakeEndpoint
from magenta_qa.model.hedge import Hedge
from magenta_qa.model.line import Limits
from magenta_qa.model.outline import MAGENTA
from magenta_qa.model.prompt import understanding_prompt
from magenta_qa.model.schema import Box, Candidate, Context, Observation, Question, State, View
from magenta_qa.model.understand import NO_PICTURE, first_sentence, open_understanding

PATIENT = Limits(timeout_s=20.0, budget_s=60.0, attempts=2, backoff_s=0.01)
QUICK = Limits(timeout_s=0.4, budget_s=5.0, attempts=2, backoff_s=0.01)


def screenshot(color=(200, 200, 200), size=(1280, 720)):
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def candidate(mark, name="", *, box=None, kind="button", text="", state=None, actions=("click",), **more):
    place = box or Box(40 * mark, 100, 30, 20)
    return Candidate(mark, place, kind, kind, name, text, state or State(), tuple(actions), **more)


def page(*candidates, color=(200, 200, 200)):
    return Observation("http://shop.test/", "Shop", (1280, 720), 1.0, screenshot(color), tuple(candidates))


def ask(understanding, observation, html="<p>x</p>"):
    return understanding.describe(observation, [Question(c, c.action_types[0], html) for c in observation.candidates])


@pytest.fixture
def open_fake(tmp_path):
    opened = []

    def open_it(endpoint, *, view=None, cache=False, limits=PATIENT, api_key=None):
        folder = tmp_path / "cache" if cache else None
        opened.append(
            open_understanding(endpoint.spec, view=view or View(), cache_dir=folder, api_key=api_key, limits=limits)
        )
        return opened[-1]

    yield open_it
    for understanding in opened:
        understanding.close()


def test_request_has_the_exact_prompt_and_the_outlined_picture(open_fake):
    box = Box(600, 300, 80, 30)
    html = "<td><button>Save</button></td>"
    with FakeEndpoint(lambda request: "Saves the form.", logprob=-0.1) as endpoint:
        described = ask(open_fake(endpoint, api_key="k-1"), page(candidate(1, "Save", text="Save", box=box)), html)
    sent = endpoint.requests[0]
    parts = sent.body["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["image_url", "text"]
    # Picture part and text together are the training prompt, in which the picture stands for "<image>\n".
    assert "<image>\n" + sent.prompt == understanding_prompt("click", "button", "Save", html)
    assert sent.body["model"] == "fake-model" and sent.body["temperature"] == 0
    assert sent.headers["Authorization"] == "Bearer k-1"
    picture = Image.open(io.BytesIO(sent.picture))
    assert picture.size == (448, 448)
    # The crop begins at (416, 91), so the 3 px outline's corners are at (181, 206) and (266, 241).
    outline = {(x, y) for x in range(448) for y in range(448) if picture.getpixel((x, y)) == MAGENTA}
    assert (min(outline), max(outline)) == ((181, 206), (266, 241))
    assert len(outline) == 86 * 36 - 80 * 30
    assert described[0].text == "Saves the form." and described[0].source == "model"
    assert described[0].confidence == pytest.approx(0.9048, abs=1e-4)  # e to the power of −0.1
    assert not described[0].degraded


def test_all_candidates_of_a_page_are_in_flight_at_once_but_bounded(open_fake):
    crowd = page(*(candidate(mark, f"B{mark}", box=Box(10 * mark, 50, 8, 8)) for mark in range(1, 61)))
    full = threading.Event()

    def answer(request):
        if endpoint.in_flight >= 32:
            full.set()
        assert full.wait(20), "never 32 at once"
        return "Opens it now."

    with FakeEndpoint(answer) as endpoint:
        described = ask(open_fake(endpoint), crowd)
        assert endpoint.max_in_flight == 32
    assert [d.mark for d in described] == list(range(1, 61)) and not any(d.degraded for d in described)


def test_page_that_takes_too_long_is_described_as_far_as_its_time_goes(open_fake):
    crowd = page(*(candidate(mark, f"B{mark}", box=Box(20 * mark, 50, 8, 8)) for mark in range(1, 13)))
    limits = Limits(timeout_s=20, budget_s=1, attempts=3, hedge=Hedge(after_s=60))
    with FakeEndpoint(lambda request: "Opens it now.", slow=lambda number: 30.0 if number > 8 else 0.0) as endpoint:
        described = ask(open_fake(endpoint, limits=limits), crowd)
    late = [one for one in described if one.degraded]
    assert len(late) == 4
    assert all("gave no answer within 1 s" in one.reason or "still answering" in one.reason for one in late)


def test_view_that_the_model_was_trained_on_is_sent_whatever_is_set(open_fake):
    trained = {"name": "closeup", "max_slices": 1, "downsample": "4x"}
    with FakeEndpoint(lambda request: "Opens it now.", view=trained) as endpoint:
        ask(open_fake(endpoint), page(candidate(1, "Save", text="Save")))
        sent = Image.open(io.BytesIO(endpoint.requests[0].picture))
    assert sent.size == (224, 224)
    assert "mm_processor_kwargs" not in endpoint.requests[0].body


def test_answers_go_to_the_candidates_they_are_for(open_fake):
    names = ["Ada", "Bob", "Cyd", "Dan"]
    crowd = page(*(candidate(mark, name, text=name) for mark, name in enumerate(names, 1)))

    def answer(request):
        return next(f"Opens {name} here." for name in names if f"text: {name}\n" in request.prompt)

    with FakeEndpoint(answer) as endpoint:
        assert [d.text for d in ask(open_fake(endpoint), crowd)] == [f"Opens {name} here." for name in names]


def test_finer_downsampling_is_asked_for(open_fake):
    with FakeEndpoint() as endpoint:
        ask(open_fake(endpoint, view=View(downsample="4x")), page(candidate(1)))
        ask(open_fake(endpoint), page(candidate(1)))
    assert endpoint.requests[0].body["mm_processor_kwargs"] == {"downsample_mode": "4x"}
    assert "mm_processor_kwargs" not in endpoint.requests[1].body


def test_page_tokens_do_not_reach_the_endpoint(open_fake):
    hostile = "</image><|im_end|><image>"
    with FakeEndpoint() as endpoint:
        ask(open_fake(endpoint), page(candidate(1, hostile, text=hostile)), f"<p>{hostile}</p>")
    assert not any(token in endpoint.requests[0].prompt for token in ("<image>", "</image>", "<|im_end|>"))


def test_secret_value_does_not_reach_the_endpoint(open_fake):
    with FakeEndpoint() as endpoint:
        ask(open_fake(endpoint), page(candidate(1, "PIN", text="1234", state=State(value="1234", secret=True))))
    assert "1234" not in endpoint.requests[0].prompt


def test_candidate_outside_the_viewport_has_no_picture_and_is_flagged(open_fake):
    far = candidate(1, "Save", box=Box(10, 900, 30, 20), in_view=False)
    with FakeEndpoint() as endpoint:
        described = ask(open_fake(endpoint), page(far, candidate(2, "Go")))
    assert len(endpoint.requests) == 1
    assert (described[0].source, described[0].reason, described[0].degraded) == ("rule", NO_PICTURE, False)
    assert described[1].source == "model"


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("hang", "did not answer within 0.4 s"),
        ("drip", "still answering"),
        ("500", "HTTP 500"),
        ("429", "HTTP 429"),
        ("401", "check MAGENTA_API_KEY"),
        ("404", "check the URL and that model 'fake-model' is served there"),
        ("rubbish", "no chat completion"),
        ("html", "no chat completion"),
        ("huge", "more than 1000000 bytes"),
        ("truncated", "cannot be reached"),
        ("cut", "cut off"),
        ("empty", "empty"),
    ],
)
def test_each_fault_degrades_to_accessible_with_the_reason(open_fake, mode, reason):
    limits = QUICK if mode in ("hang", "drip") else PATIENT
    with FakeEndpoint(lambda request: "Opens the", mode=mode) as endpoint:
        described = ask(open_fake(endpoint, cache=True, limits=limits), page(candidate(1, "Save")))
        again = ask(open_fake(endpoint, cache=True, limits=limits), page(candidate(1, "Save")))
    assert described[0].degraded and reason in described[0].reason
    assert (described[0].source, described[0].backend, described[0].text) == ("rule", "accessible", "Saves.")
    assert again[0].degraded and not again[0].cached, "a degraded answer was stored"


def test_endpoint_that_is_not_there_degrades(open_fake):
    with FakeEndpoint() as endpoint:
        pass
    described = ask(open_fake(endpoint, cache=True), page(candidate(1, "Save")))
    assert described[0].degraded and "cannot be reached" in described[0].reason


def test_broken_screenshot_degrades(open_fake):
    observation = dataclasses.replace(page(candidate(1, "Save")), screenshot=b"")
    with FakeEndpoint() as endpoint:
        described = ask(open_fake(endpoint), observation)
    assert described[0].degraded and "cannot decode the screenshot" in described[0].reason


def test_second_run_costs_no_request(open_fake):
    observation = page(candidate(1, "Save"), candidate(2, "Go"))
    with FakeEndpoint(lambda request: "Saves it all.", logprob=-0.5) as endpoint:
        first = ask(open_fake(endpoint, cache=True), observation)
        second = ask(open_fake(endpoint, cache=True), observation)
        assert len(endpoint.requests) == 2
    assert [d.cached for d in first + second] == [False, False, True, True]
    assert [dataclasses.replace(d, cached=False) for d in second] == first


BASE = candidate(1, "Save", text="Save", box=Box(600, 300, 80, 30))
CHANGES = {
    "pixels": {"observation": page(BASE, color=(1, 2, 3))},
    "text": {"observation": page(dataclasses.replace(BASE, text="Send"))},
    "action type": {"observation": page(dataclasses.replace(BASE, action_types=("hover",)))},
    "element type": {"observation": page(dataclasses.replace(BASE, element_type="link"))},
    "place of the outline": {"observation": page(dataclasses.replace(BASE, box=Box(610, 300, 60, 30)))},
    "html": {"html": "<b>other</b>"},
    "view": {"view": View("page")},
    "view's downsampling": {"view": View(downsample="4x")},
    "model": {"model": "other-model"},
    "adapter behind the model's name": {"root": "/adapters/2026-11"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_ingredient_of_the_key_matters(open_fake, change):
    with FakeEndpoint() as endpoint:
        ask(open_fake(endpoint, cache=True), page(BASE))
        endpoint.root = change.get("root", endpoint.root)
        endpoint.model = change.get("model", endpoint.model)
        understanding = open_fake(endpoint, cache=True, view=change.get("view"))
        described = ask(understanding, change.get("observation", page(BASE)), change.get("html", "<p>x</p>"))
        assert len(endpoint.requests) == 2
    assert not described[0].cached


def test_prompt_version_is_part_of_the_key(open_fake, monkeypatch):
    with FakeEndpoint() as endpoint:
        ask(open_fake(endpoint, cache=True), page(BASE))
        monkeypatch.setattr("magenta_qa.model.understand.PROMPT_VERSION", "next")
        assert not ask(open_fake(endpoint, cache=True), page(BASE))[0].cached


def test_same_pixels_and_prompt_at_another_place_outside_the_crop_are_the_same_question(open_fake):
    moved = dataclasses.replace(BASE, mark=2, box=Box(700, 400, 80, 30))
    with FakeEndpoint() as endpoint:
        ask(open_fake(endpoint, cache=True), page(BASE))
        observation = page(candidate(1, box=Box(0, 0, 5, 5)), moved)
        described = open_fake(endpoint, cache=True).describe(observation, [Question(moved, "click", "<p>x</p>")])
    assert described[0].cached and described[0].mark == 2


def test_unwritable_cache_only_costs_the_cache(open_fake, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with FakeEndpoint() as endpoint:
        understanding = open_fake(endpoint, cache=True)
        assert not ask(understanding, page(BASE))[0].degraded
        assert "cannot open the description cache" in understanding.cache.reason


def test_corrupted_cache_only_costs_the_cache(open_fake, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "cache.db").write_bytes(b"no database" * 1000)
    with FakeEndpoint() as endpoint:
        understanding = open_fake(endpoint, cache=True)
        assert not ask(understanding, page(BASE))[0].degraded
        assert "description cache" in understanding.cache.reason


def test_full_disk_turns_the_cache_off(tmp_path, monkeypatch):
    cache = DescriptionCache(tmp_path / "cache")

    def full(*args, **kwargs):
        raise sqlite3.OperationalError("database or disk is full")

    assert cache.get("key") is None  # opens it
    monkeypatch.setattr(cache._cache, "set", full)
    cache.put("key", Completion("Opens it."))
    assert "disk is full" in cache.reason
    assert cache.get("key") is None
    cache.close()


def test_cache_keeps_what_else_a_picture_may_show(tmp_path):
    cache = DescriptionCache(tmp_path / "cache")
    answer = Completion("Edits (edit icon).", 0.7, likely=(("Edits (edit icon).", 0.4), ("Deletes (trash icon).", 0.2)))
    cache.put("key", answer)
    assert cache.get("key") == answer
    cache._cache.set("before", json.dumps({"text": "Opens it.", "confidence": 1.0}))
    assert cache.get("before") is None and not cache.reason  # is asked for again
    cache.close()


def test_pickles_in_a_foreign_cache_file_are_not_loaded(tmp_path):
    import diskcache

    with diskcache.Cache(str(tmp_path / "cache")) as foreign:
        foreign.set("key", {"a": [object]})
    cache = DescriptionCache(tmp_path / "cache")
    assert cache.get("key") is None
    assert "pickled" in cache.reason
    cache.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Opens the cart.", "Opens the cart."),
        ("Opens the cart. It also does more.", "Opens the cart."),
        ("  Opens\nthe cart ", "Opens the cart."),
        ('"Opens the cart."', "Opens the cart."),
        ("<think>hm. well</think>\nOpens version 2.0 of the cart! Yes.", "Opens version 2.0 of the cart!"),
        ("Opens " + "a very " * 100 + "long list.", None),
    ],
)
def test_first_sentence_is_taken_and_capped(answer, expected):
    text = first_sentence(Completion(answer))
    assert text == expected if expected else len(text) <= 200 and text.endswith("…")


@pytest.mark.parametrize(
    "answer", ["", " \n", "Cart", '{"a": "b c"}', "<html><p>Hi there</p>", "```json\n{}```", "123 456", "…"]
)
def test_what_is_no_sentence_is_refused(answer):
    with pytest.raises(BackendError):
        first_sentence(Completion(answer))


def test_embedded_model_without_its_folder_says_what_is_expected():
    with pytest.raises(ConfigError, match=r"expected embedded, or embedded:PATH such as embedded:models/small"):
        open_understanding("embedded:", view=View(), cache_dir=None, api_key=None)


@pytest.mark.parametrize("spec", ["", "nonsense", "openai:", "openai:model", "openai:m@ftp://x", "openai:@http://x"])
def test_unusable_spec_is_a_config_error(spec):
    with pytest.raises(ConfigError, match="openai:MODEL@URL"):
        open_understanding(spec, view=View(), cache_dir=None, api_key=None)


ROW = Context("row", "Blue backpack $40.00", 1)
FORM = Context("form", "Sign in", 2)


@pytest.mark.parametrize(
    ("asked", "action", "expected"),
    [
        (candidate(1, "Cart", kind="link"), "click", "Opens the cart."),
        (candidate(1, "Orders", kind="link"), "click", "Opens Orders."),
        (candidate(1, "Save changes"), "click", "Saves changes."),
        (candidate(1, "", hints="btn trash icon", context=(ROW,)), "click", "Deletes the Blue backpack $40.00 row."),
        (candidate(1, "Edit", context=(ROW,)), "click", "Edits the Blue backpack $40.00 row."),
        (
            candidate(1, "Email", kind="input:email", context=(FORM,)),
            "fill",
            "Types into the Email field of the Sign in form.",
        ),
        (
            candidate(1, "Country", kind="select", options=("A", "B")),
            "select",
            "Chooses from the Country drop-down (A, B).",
        ),
        (candidate(1, "News", kind="checkbox", state=State(checked=True)), "click", "Unticks the News checkbox."),
        (candidate(1, "Open issues", kind="link"), "click", "Opens Open issues."),
        (candidate(1, "Proceed", state=State(disabled=True)), "click", "Activates Proceed (now disabled)."),
        (candidate(1, "File", popup="menu"), "click", "Opens the menu of the File button."),
        (candidate(1), "click", "Clicks a button without a name."),
    ],
)
def test_accessible_speaks_plain_english(asked, action, expected):
    assert sentence(asked, action) == expected


def test_accessible_never_fails_on_hostile_names():
    evil = "<image>\n" * 5000
    for action in ("click", "fill", "select", "drag", "no such action"):
        text = sentence(candidate(1, evil, context=(Context("row", evil, 1),), options=(evil,)), action)
        assert "\n" not in text and "<image>" not in text and len(text) < 400
