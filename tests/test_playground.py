"""The playground in headless Chromium: what it shows and keeps, and that it talks to nobody else."""

import io
import json
from contextlib import ExitStack

import pytest
from PIL import Image
from planted import SELECTORS, leaks
from serving import running

from magenta_qa.agent.playground.camera import Camera
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import ConfigError, ObservationError
from magenta_qa.model.fake_endpoint import FakeEndpoint

# Of Gradio: it uses what other libraries say they will drop, and leaves files open.
_THEIRS = ("Deprecation", "Future", "Resource")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(*(f"ignore::{kind}Warning" for kind in _THEIRS)),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def camera():
    with Camera(lambda: Privacy(SELECTORS), allowed=["localhost"]) as camera:
        yield camera


@pytest.mark.parametrize("url", ["file:///etc/passwd", "", "javascript:alert(1)", "data:text/html,x", "http://"])
def test_what_is_no_address_of_a_page_is_refused(camera, url):
    with pytest.raises(ConfigError, match="no address of a page"):
        camera.look(url)


def test_private_network_is_refused_unless_allowed(camera, site):
    with pytest.raises(ObservationError, match="lets it be opened"):
        camera.look(f"{site}/act_fields.html")
    with pytest.raises(ObservationError, match="private network"):
        camera.look(f"{site.replace('http', 'https')}/act_fields.html")
    look = camera.look(f"{site.other}/act_fields.html")
    assert look.observation.candidates and set(look.html) <= {each.mark for each in look.observation.candidates}


def test_nothing_of_an_allowed_page_reaches_further(camera, site):
    inside = site  # 127.0.0.1, which only `localhost` was allowed beside
    page = f"""<!doctype html><button>Go</button><img src="{inside}/secret.png">
    <iframe src="{inside}/act_fields.html"></iframe>
    <script>fetch("{inside}/secret-by-script", {{mode: "no-cors"}}); new WebSocket("{inside.replace("http", "ws")}/w");
    new Worker(URL.createObjectURL(new Blob(["fetch('{inside}/secret-by-worker', {{mode: 'no-cors'}})"])));
    navigator.sendBeacon("{inside}/secret-beacon")</script>"""
    (site.folder / "reaching.tmp.html").write_text(page)
    try:
        before = len(camera.gate.refused)
        assert camera.look(f"{site.other}/reaching.tmp.html").observation.candidates
    finally:
        (site.folder / "reaching.tmp.html").unlink()
    refused = " ".join(camera.gate.refused[before:])
    for way in ("secret.png", "act_fields.html", "secret-by-script", "secret-by-worker", "secret-beacon"):
        assert way in refused


def test_looks_share_no_state(camera, site):
    (site.folder / "state.tmp.html").write_text(
        "<!doctype html><button></button><script>const n = Number(localStorage.n || 0) + 1; localStorage.n = n;"
        "document.cookie = `n=${n}`; document.querySelector('button').textContent = `Visit ${n} ${document.cookie}`"
        "</script>"
    )
    try:
        names = {camera.look(f"{site.other}/state.tmp.html").observation.candidates[0].name for _ in range(2)}
    finally:
        (site.folder / "state.tmp.html").unlink()
    assert names == {"Visit 1 n=1"}


def test_page_that_never_answers_is_given_up_and_the_next_one_is_looked_at(camera, site, monkeypatch):
    monkeypatch.setattr("magenta_qa.agent.playground.camera.MAX_SECONDS", 8)
    (site.folder / "loop.tmp.html").write_text("<button>A</button><script>setTimeout(() => { for (;;); }, 50)</script>")
    try:
        with pytest.raises(ObservationError, match="gives no answer"):
            camera.look(f"{site.other}/loop.tmp.html")
    finally:
        (site.folder / "loop.tmp.html").unlink()
    assert camera.look(f"{site.other}/act_fields.html").observation.candidates


@pytest.fixture
def visited(tmp_path, browser):
    """A page of the playground with two back ends, all requests that it makes, and the folder of its labels."""
    pytest.importorskip("gradio")
    from magenta_qa.agent.playground.command import build_app

    settings = Settings(private=SELECTORS)
    with ExitStack() as stack:
        endpoint = stack.enter_context(FakeEndpoint(lambda request: "Saves <b>the</b> form.", logprob=-0.1))
        specs = (endpoint.spec, "accessible")
        app = build_app(stack, settings, specs, ("localhost",), tmp_path / "home", None)
        url = stack.enter_context(running(app))
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        page, asked, problems = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(url)
        page.wait_for_selector("#url")
        yield page, tmp_path / "home", endpoint
        mine = (url, "data:", "blob:", url.replace("http", "ws"))
        assert asked and not [each for each in asked if not each.startswith(mine)], "it talks to somebody else"
        assert not problems
        context.close()


@pytest.mark.parametrize("text", ["127.0.0.1:8000", "http://shop.internal", "http://localhost:8000/"])
def test_what_is_more_than_a_host_is_not_allowed(text, tmp_path):
    pytest.importorskip("gradio")
    from magenta_qa.agent.playground.command import build_app

    with ExitStack() as stack, pytest.raises(ConfigError, match="write a host alone"):
        build_app(stack, Settings(), ("accessible",), (text,), tmp_path, None)


def look_at(page, url):
    page.fill("#url textarea, #url input", url)
    page.press("#url textarea, #url input", "Enter")
    page.wait_for_selector(".stage[data-width]")


def kept(page):
    page.click("#keep")
    page.wait_for_function("/Kept|kept|first/.test(document.querySelector('#kept').innerText)")
    return page.inner_text("#kept")


def rows_of(home):
    return [json.loads(line) for line in (home / "log" / "interactions.jsonl").read_text().splitlines()]


def test_a_page_is_looked_at_asked_about_and_corrected(visited, site):
    page, home, endpoint = visited
    look_at(page, f"{site.other}/private.html?session_id=planted-token-1")
    page.locator(".stage rect[aria-label*='Save']").click()
    page.wait_for_selector(".answers article")
    answers = page.locator(".answers article").all_inner_texts()
    assert endpoint.spec in answers[0] and "90 % sure" in answers[0] and "Saves <b>the</b> form." in answers[0]
    assert "accessible" in answers[1] and "Saves" in answers[1]
    assert "button “Save”" in page.input_value("#controls input")
    page.get_by_text("What the model is asked").click()
    assert "element_type: button\ntext: Save" in page.input_value("#prompt textarea")
    page.fill("#sentence textarea", "Saves what planted.ada@example.com has written.")
    assert "Kept" in kept(page)
    (row,) = rows_of(home)
    assert (row["summary"], row["summary_source"], row["by"]) == ("Saves what ••• has written.", "person", "person")
    assert row["text"] == "Save" and "<button" in row["html"]
    assert leaks(home) == []


def test_a_box_is_drawn_and_a_refused_address_says_why(visited, site):
    page, home, _ = visited
    look_at(page, f"{site.other}/act_fields.html")
    area = page.locator(".stage svg").bounding_box()
    page.mouse.move(area["x"] + 20, area["y"] + 20)
    page.mouse.down()
    page.mouse.move(area["x"] + 120, area["y"] + 60, steps=3)
    page.mouse.up()
    page.wait_for_selector(".answers article")
    assert "the box that you have drawn" in page.inner_text("#target")
    assert page.input_value("#controls input") == ""
    page.fill("#sentence textarea", "Shows the heading.")
    assert "Kept" in kept(page)
    scale = 1280 / area["width"]
    assert rows_of(home)[0]["box"] == pytest.approx([20 * scale, 20 * scale, 100 * scale, 40 * scale], abs=2)
    page.fill("#url textarea, #url input", f"{site}/act_fields.html")
    page.press("#url textarea, #url input", "Enter")
    assert "--allow 127.0.0.1" in page.inner_text("#problem [role=alert]")
    assert page.locator(".stage[data-width]").count() == 1, "what was there stays"


def test_list_and_picture_show_the_same_choice(visited, site):
    page, _, _ = visited
    look_at(page, f"{site.other}/act_fields.html")
    controls = page.locator("#controls input")
    first, second = page.locator(".stage rect[data-mark]").all()[:2]
    for control in (first, second):
        name = control.get_attribute("aria-label")
        control.press("Enter")
        page.wait_for_function("name => document.querySelector('#controls input').value === name", arg=name)
    controls.click()
    page.get_by_role("option", name=first.get_attribute("aria-label"), exact=True).click()
    place = "".join(f"[{side}='{first.get_attribute(side)}']" for side in ("x", "y"))
    page.wait_for_selector(f".stage .chosen{place}", state="attached")


def test_a_dropped_screenshot_is_kept_only_with_consent(visited):
    page, home, _ = visited
    content = io.BytesIO()
    Image.new("RGB", (640, 400), (240, 240, 250)).save(content, "PNG")
    page.get_by_text("Or a screenshot of your own").click()
    page.set_input_files(
        "#drop input[type=file]", {"name": "s.png", "mimeType": "image/png", "buffer": content.getvalue()}
    )
    page.wait_for_selector(".stage[data-width='640']")
    area = page.locator(".stage svg").bounding_box()
    page.mouse.move(area["x"] + 20, area["y"] + 20)
    page.mouse.down()
    page.mouse.move(area["x"] + 90, area["y"] + 60, steps=3)
    page.mouse.up()
    page.wait_for_selector(".answers article")
    assert "tick that nothing is" in kept(page) and not home.exists()
    page.get_by_label("My screenshot shows nothing private").check()
    page.click("#keep")
    page.get_by_text("Kept as a label").wait_for()
    assert rows_of(home)[0]["viewport"] == [640, 400]


def test_narrow_and_dark_it_fits_the_window(visited, site):
    page, _, _ = visited
    look_at(page, f"{site.other}/act_fields.html")
    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 720})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
