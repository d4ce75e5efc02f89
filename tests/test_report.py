"""The report of realistic traces: complete, inert, small, self-contained, readable in a browser."""

import hashlib
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image, ImageDraw

from magenta_qa.agent.reports.report import build_report
from magenta_qa.agent.reports.summary import build_summary
from magenta_qa.model.schema import Action, Alternative, Box, Decision, Description, Effect
from magenta_qa.model.trace import ActionTrace, CheckTrace, Finding, Healing, ScenarioTrace, StepTrace

HOSTILE = (
    "</script></style></title><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
    '" onmouseover="window.hacked = 3" \' autofocus onfocus=window.hacked=4 {{ 7 * 7 }} </bdi></details>'
    "<iframe src=http://evil.test/></image><|im_end|>\x1b[31m\x00 \ud800 ‮evil"
)
GOODS = ("Blue backpack", "Red tent", "Camping stove", "Rain jacket", "Head torch", "Water bottle")


def shop_picture(folder: Path, seed: int, noise: int = 0) -> str:
    """A drawn shop page, 1280 × 720, kept as the interaction log keeps it; returns its SHA-256."""
    rnd = random.Random(seed)
    page = Image.new("RGB", (1280, 720), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1280, 56), fill="#24324a")
    draw.text((24, 16), "Outdoor shop", fill="white", font_size=22)
    draw.text((1130, 18), f"Cart ({seed % 4})", fill="white", font_size=18)
    for n, name in enumerate(GOODS):
        x, y = 40 + n % 3 * 410, 90 + n // 3 * 310
        draw.rounded_rectangle((x, y, x + 380, y + 280), 8, outline="#ccd", fill="#fafbfd")
        _photo(page, (x + 10, y + 10, 360, 170), rnd, noise)
        draw.text((x + 14, y + 190), name, fill="#222", font_size=18)
        draw.text((x + 14, y + 218), f"€ {rnd.randrange(900, 30000) / 100:.2f}", fill="#555", font_size=16)
        draw.rounded_rectangle((x + 230, y + 236, x + 366, y + 270), 6, fill="#2f6fde")
        draw.text((x + 252, y + 243), "Add to cart", fill="white", font_size=16)
    sha = hashlib.sha256(page.tobytes()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    page.save(folder / f"{sha}.webp", quality=90)
    return sha


def _photo(page: Image.Image, box: tuple[int, int, int, int], rnd: random.Random, noise: int) -> None:
    x, y, width, height = box
    colours = bytes(rnd.randrange(60, 255) for _ in range(6 * 4 * 3))
    photo = Image.frombytes("RGB", (6, 4), colours).resize((width, height), Image.Resampling.BICUBIC)
    if noise:
        grain = Image.effect_noise((width, height), noise).convert("RGB")
        photo = Image.blend(photo, grain, 0.35)
    page.paste(photo, (x, y))


def button_box(n: int) -> Box:
    """Where `shop_picture` draws the n-th "Add to cart"."""
    return Box(270 + n % 3 * 410, 326 + n // 3 * 310, 136, 34)


def an_action(image: str, n: int = 0, **changes) -> ActionTrace:
    trace = ActionTrace(
        action=Action("click", mark=14 + n),
        decision=Decision(
            "act",
            Action("click", mark=14 + n),
            confidence=0.94,
            reason=f'"{GOODS[n % 6]}" is the heading of its card, and "Add to cart" its only button',
            alternatives=(
                Alternative(14 + n, f'button "Add to cart" in {GOODS[n % 6]}', 0.94),
                Alternative(15 + n, f'button "Add to cart" in {GOODS[(n + 1) % 6]}', 0.31),
            ),
            decider="rules",
        ),
        element_type="button",
        role="button",
        name="Add to cart",
        locators=(f'[data-testid="add-{n}"]', 'role=button[name="Add to cart"s] >> nth=1'),
        description=Description(
            14 + n, f"Adds the {GOODS[n % 6]} to the cart.", "model", "openai:minicpm@http://l4:8000", 0.91
        ),
        box=button_box(n % 6),
        image=image,
        viewport=(1280, 720),
        url="http://127.0.0.1:8000/shop?page=2",
        candidates=37,
        effect=Effect(dom=6, dom_near=2, text="Added to cart"),
        seconds={"observe": 0.084, "describe": 0.412, "decide": 0.006, "act": 0.061, "settle": 0.238},
        interaction=f"5e0c{n:04}",
    )
    return replace(trace, **changes)


def a_check(image: str | None = None, **changes) -> CheckTrace:
    check = CheckTrace(
        expectation="The cart shows 1 item",
        compiled='text "1 item" is shown in region "Cart"',
        verdict="passed",
        reason='"1 item" is shown in region "Cart"',
        expected="1 item",
        actual="1 item",
        image=image,
        box=Box(1110, 8, 150, 40),
        seconds=0.021,
    )
    return replace(check, **changes)


def a_step(index: int, text: str, *actions: ActionTrace, checks: tuple[CheckTrace, ...] = (), **changes) -> StepTrace:
    kind = "expect" if checks else "do"
    seconds = sum(sum(a.seconds.values()) for a in actions) + sum(c.seconds for c in checks)
    step = StepTrace(index, text, kind, "passed", "", actions=actions, checks=checks, seconds=seconds)
    return replace(step, **changes)


def a_scenario(images: Path, n: int, steps: int = 5, noise: int = 0, **changes) -> ScenarioTrace:
    """One that passed: `steps` actions and an expectation."""
    done = [
        a_step(
            i, f"Put the {GOODS[(n + i) % 6].lower()} into the cart", an_action(_shot(images, n, i, noise), (n + i) % 6)
        )
        for i in range(steps)
    ]
    check = a_check(_shot(images, n, steps, noise))
    trace = ScenarioTrace(
        id=f"suite/cart.scenario.yaml::{n}",
        name=f"Fill the cart with {GOODS[n % 6].lower()}s, case {n}",
        path="suite/cart.scenario.yaml",
        verdict="passed",
        reason="1 expectation was checked and holds",
        steps=(*done, a_step(steps, check.expectation, checks=(check,))),
        tags=("cart", "smoke") if n % 2 else ("cart",),
        url="http://127.0.0.1:8000/",
        started_at=f"2026-11-22T21:{n // 60 % 60:02}:{n % 60:02}Z",
        seconds=4.2 + n % 7,
        understanding="openai:minicpm@http://l4:8000",
        decision="rules",
        worker=f"gw{n % 2}",
    )
    return replace(trace, **changes)


def _shot(images: Path, n: int, i: int, noise: int) -> str:
    return shop_picture(images, n * 10 + i, noise)


def a_bad_suite(images: Path) -> list[ScenarioTrace]:
    """One of each verdict that is not `passed`, and what only some scenarios have."""
    before, after = shop_picture(images, 901), shop_picture(images, 902)
    good = a_step(0, "Put the red tent into the cart", an_action(before, 1))
    wrong = a_check(
        after, verdict="failed", actual="2 items", reason='expected "1 item" in region "Cart", saw "2 items"'
    )
    none = Decision(
        "none",
        confidence=0.41,
        reason="two controls fit equally well",
        alternatives=(
            Alternative(3, 'button "Edit" in row Ada', 0.5),
            Alternative(7, 'button "Edit" in row Bob', 0.49),
        ),
        decider="rules",
    )
    dead = an_action(before, 2, effect=Effect(), after=after, error="no effect: the page did not change")
    gone = an_action(before, 4, error='"Pay" is gone; "Pay now" took its place')
    broken = Finding("response", "POST /orders answered 500", "http://127.0.0.1:8000/orders", 500, fails=True)
    noise = Finding("console", "Deprecated API for given entry type.")
    return [
        _bad(images, 301, "failed", wrong.reason, good, a_step(1, "Count", checks=(wrong,), verdict="failed")),
        _bad(images, 302, "failed", "POST /orders answered 500", good,
             a_step(1, "Pay", dead, verdict="failed", reason="POST /orders answered 500", findings=(broken,)),
             findings=(broken, noise)),
        _bad(images, 303, "stuck", "two controls fit equally well", good,
             a_step(1, "Edit the entry", verdict="stuck", reason=none.reason, image=after, decision=none)),
        _bad(images, 304, "stale", '"Pay" is gone; "Pay now" took its place', good,
             a_step(1, "Pay", gone, verdict="stale", reason=gone.error, image=after)),
        _bad(images, 305, "error", "http://127.0.0.1:8000/ cannot be reached: connection refused",
             a_step(0, "Open the shop", kind="open", verdict="error", reason="connection refused"),
             degraded="the endpoint did not answer within 20 s (3 tries)"),
    ]  # fmt: skip


def _bad(images: Path, n: int, verdict: str, reason: str, *steps: StepTrace, **changes) -> ScenarioTrace:
    trace = a_scenario(images, n, steps=0, name=f"Scenario that ends {verdict}", verdict=verdict, reason=reason)
    return replace(trace, steps=steps, **changes)


def strings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """(field, text) for every text of a trace."""
    if isinstance(value, str):
        yield name, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for part in value:
            yield from strings(part, name)


# Enumerated words, names of files, and times, which a page cannot choose.
NOT_FREE = {"kind", "path", "verdict", "source", "judged_by", "outcome", "image", "after", "started_at"}


def poisoned(value, name: str = ""):
    """The trace with hostile text added to every text that a page could have a say in."""
    if isinstance(value, str) and value and name not in NOT_FREE:
        return value + HOSTILE
    if is_dataclass(value):
        return replace(value, **{f.name: poisoned(getattr(value, f.name), f.name) for f in fields(value)})
    if isinstance(value, tuple):
        return tuple(poisoned(part, name) for part in value)
    return value


def page_of(report: Path) -> BeautifulSoup:
    return BeautifulSoup(report.read_text(encoding="utf-8"), "html.parser")


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="module")
def suite(images) -> list[ScenarioTrace]:
    """One scenario of each verdict, and one that passed at the second attempt."""
    passed = a_scenario(images, 0, 3)
    again = replace(passed, attempt=2)
    return [*a_bad_suite(images), replace(passed, verdict="failed", reason="the first try failed"), again]


@pytest.fixture(scope="module")
def report(suite, images, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("report") / "deep" / "report.html"
    return build_report(
        suite, images, out, title="Outdoor shop", command="magenta run suite", not_started={"Cancel": "“Pay” failed"}
    )


def test_every_text_of_a_trace_is_in_the_report(suite, report):
    page = page_of(report)
    text = folded(page.get_text(" "))
    # Names of files, what only the agent compares, and words that the report says in its own way.
    unseen = {"image", "after", "page", "outcome", "judged_by"}
    missing = {
        (name, value)
        for trace in suite
        for name, value in strings(trace)
        if name not in unseen and folded(value) and folded(value).replace("_", " ") not in text.replace("_", " ")
    }
    assert not missing


def test_report_shows_what_was_understood_decided_and_seen(report):
    text = folded(page_of(report).get_text(" "))
    for part in (
        "Adds the Red tent to the cart. model 91 %",
        "click button “Add to cart” 94 %",
        'new text "Added to cart"',
        "observe 84 ms describe 412 ms decide 6 ms act 61 ms settle 238 ms",
        'Checked text "1 item" is shown in region "Cart" Expected 1 item Seen 2 items',
        'two controls fit equally well Decided no action 41 % rules [3] button "Edit" in row Ada 0.50',
        "response 500 POST /orders answered 500",
        "Degraded. In 1 scenario the model did not answer",
        "Never started 1 Cancel “Pay” failed",
        "5 of 6 scenarios did not pass",
    ):
        assert part in text


def test_scenarios_that_did_not_pass_come_first_and_are_open(report):
    found = [(a["data-v"], a.details.has_attr("open")) for a in page_of(report).select("article")]
    assert [verdict for verdict, _ in found] == ["failed", "failed", "error", "stale", "stuck", "passed", "failed"]
    assert [is_open for _, is_open in found] == [True] * 5 + [False] * 2


def test_healed_control_is_shown_before_and_after_with_the_reason(images, tmp_path):
    before, after = shop_picture(images, 901), shop_picture(images, 902)
    healing = Healing(
        "Buy it",
        'button "Buy"',
        'button "Order"',
        "its name says the same",
        ("#buy",),
        ("#order",),
        before,
        button_box(1),
    )
    healed = a_step(0, "Buy it", an_action(after, healing=healing))
    trace = a_scenario(images, 1, steps=1)
    page = page_of(build_report([replace(trace, steps=(healed, *trace.steps))], images, tmp_path / "healed.html"))
    section = page.select_one("section.healed")
    assert len(section.select("img")) == 2
    for text in ('button "Buy"', "#buy", 'button "Order"', "#order", "its name says the same"):
        assert text in folded(section.get_text())
    assert "healed" in page.select_one("article summary").get_text()
    assert "Healed" in build_summary([replace(trace, steps=(healed,))])


def test_model_judged_expectation_is_labelled(images, tmp_path):
    check = a_check(judged_by="model", compiled="", actual="calm colours")
    trace = replace(a_scenario(images, 0, 1), steps=(a_step(0, "It looks friendly", checks=(check,)),))
    page = page_of(build_report([trace], images, tmp_path / "r.html"))
    assert [chip.text for chip in page.select(".judged")] == ["model-judged"]


def test_hostile_text_changes_nothing_but_text(suite, images, tmp_path):
    def skeleton(traces: list[ScenarioTrace]) -> Counter[tuple[str, ...]]:
        out = build_report(traces, images, tmp_path / "r.html", title=traces[0].name, command=traces[0].name)
        return Counter((tag.name, *sorted(tag.attrs)) for tag in page_of(out).find_all(True))

    assert skeleton([poisoned(trace) for trace in suite]) == skeleton(suite)


def test_report_names_nothing_outside_itself(report):
    page = page_of(report)
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    links = [tag.get(key) for tag in page.find_all(True) for key in ("src", "href") if tag.get(key)]
    assert all(link.startswith(("data:image/", "#")) for link in links)


def test_picture_stands_in_the_report_once(suite, report):
    page = page_of(report)
    sources = [img["src"] for img in page.select("img[src]")]
    assert len(sources) == len(set(sources))
    ids = {img["id"] for img in page.select("img[src]")}
    assert {img["data-p"] for img in page.select("img[data-p]")} <= ids


def test_missing_and_broken_pictures_are_said_to_be_so(images, tmp_path):
    (images / f"{'b' * 64}.webp").write_bytes(b"no picture")
    names = ("a" * 64, "b" * 64, "../../etc/passwd")
    steps = tuple(a_step(n, "Look", an_action(name)) for n, name in enumerate(names))
    page = page_of(build_report([replace(a_scenario(images, 0, 1), steps=steps)], images, tmp_path / "r.html"))
    assert [tag.text for tag in page.select(".noshot")] == ["The picture is missing"] * 2
    assert "cannot%20be%20read" in page.select_one("article img")["src"]


def test_empty_run_makes_a_report(tmp_path):
    page = page_of(build_report([], tmp_path, tmp_path / "r.html"))
    assert "No scenario was run" in page.title.text


def photo_suite(images: Path, scenarios: int) -> list[ScenarioTrace]:
    """Six steps each, on photo-like pages; every tenth failed; no two pictures alike."""
    shots = [shop_picture(images, n, noise=60) for n in range(min(40, scenarios))]

    def shifted(n: int, i: int) -> Box:
        return replace(button_box(i), x=button_box(i).x + n % 50, y=button_box(i).y + n // 50)

    def one(n: int) -> ScenarioTrace:
        steps = [a_step(i, f"Step {i}", an_action(shots[(n + i) % len(shots)], i, box=shifted(n, i))) for i in range(6)]
        if n % 10 == 0:
            steps[5] = replace(steps[5], verdict="failed", reason="no effect", image=shots[n % len(shots)])
        verdict = "passed" if n % 10 else "failed"
        return replace(a_scenario(images, 0, 0), id=f"s{n}", name=f"Scenario {n}", steps=tuple(steps), verdict=verdict)

    return [one(n) for n in range(scenarios)]


@pytest.mark.slow
def test_200_scenarios_of_photos_stay_below_20_mb(tmp_path):
    traces = photo_suite(tmp_path, 200)
    started = time.perf_counter()
    out = build_report(traces, tmp_path, tmp_path / "r.html")
    seconds, size = time.perf_counter() - started, out.stat().st_size
    print(f"\n200 scenarios of 6 steps: {size / 1e6:.1f} MB in {seconds:.1f} s")
    assert size < 20_000_000


def request_log(page) -> list[str]:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    return seen


def shown(page) -> list[str]:
    return page.locator("article:visible").evaluate_all("nodes => nodes.map(node => node.dataset.v)")


@pytest.mark.browser
def test_report_works_from_a_file_and_asks_the_network_for_nothing(report, page):
    seen = request_log(page)
    page.goto(report.as_uri())
    page.get_by_role("button", name="stale").click()
    assert shown(page) == ["stale"]
    page.get_by_role("button", name="failed").click()
    assert shown(page) == ["failed", "failed"]
    page.get_by_role("button", name="All 6").click()
    page.keyboard.press("/")
    page.keyboard.type("water bottle")
    assert 0 < len(shown(page)) < 7
    page.keyboard.press("Escape")
    page.get_by_label("Order", exact=True).select_option("slow")
    seconds = page.locator("article").evaluate_all("nodes => nodes.map(node => Number(node.dataset.seconds))")
    assert seconds == sorted(seconds, reverse=True)
    page.get_by_label("Tag", exact=True).select_option("smoke")
    assert page.get_by_role("status").text_content() == f"{len(shown(page))} of 7 scenarios shown"
    assert [url for url in seen if not url.startswith(("file:", "data:"))] == []


@pytest.mark.browser
def test_report_is_used_with_the_keyboard(report, page):
    page.goto(report.as_uri())
    page.locator("body").press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert not page.locator("article").nth(1).locator("details").first.evaluate("node => node.open")
    page.locator(".wide .zoom").first.press("Enter")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.browser
def test_every_picture_is_loaded(report, page):
    page.goto(report.as_uri())
    page.get_by_role("button", name="Open all").click()
    load = "nodes => Promise.all(nodes.map(node => node.decode().then(() => node.naturalWidth)))"
    widths = page.locator("article img").evaluate_all(load)
    assert widths and min(widths) > 200


@pytest.mark.browser
def test_hostile_text_is_inert_in_a_browser(suite, images, tmp_path, page):
    seen = request_log(page)
    out = build_report([poisoned(trace) for trace in suite], images, tmp_path / "r.html", title=HOSTILE)
    page.goto(out.as_uri())
    page.get_by_role("button", name="Open all").click()
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("[document.scripts.length, document.querySelectorAll('iframe').length]") == [1, 0]
    assert [url for url in seen if not url.startswith(("file:", "data:"))] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_report_never_scrolls_sideways(suite, images, tmp_path, page, width):
    long = replace(suite[0], name="Donaudampfschifffahrt" * 12, reason="x" * 900, tags=("y" * 200,))
    out = build_report([*suite, long], images, tmp_path / "r.html", command="z" * 500)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(out.as_uri())
    page.get_by_role("button", name="Open all").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
