"""Which elements are candidates, on a page of labelled cases: tests/pages/cases.html and the pages in its frames.

Every element with `data-case` is a case; `data-want` says whether a person could act on it. In tall viewports most
cases are in view and hit-tested, in usual ones most must be judged by layout alone; both must come out the same.
"""

import re

import pytest
from playwright.sync_api import ElementHandle, Frame, Page

from magenta_qa.agent.observe import Observer
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.schema import Candidate, Observation

pytestmark = pytest.mark.browser

CASE_PAGES = ("cases.html", "cases_frame.html", "cases_cross.html", "cases_object.html")
CASE = re.compile(r'data-case="?([\w-]+)"? data-want="?(in|out)')
CASE_OF = "e => ((e.control && e.control.dataset.case) || e.dataset.case || 'no case: ' + e.outerHTML.slice(0, 80))"
WANTED_OF = """e => Object.fromEntries(Object.entries((e.control || e).dataset)
    .filter(([key]) => key.startsWith('want') && key !== 'want'))"""


def labelled_cases(site) -> dict[str, str]:
    return dict(found for page in CASE_PAGES for found in CASE.findall((site.folder / page).read_text("utf-8")))


def open_cases(page: Page, site, late: bool, height: int = 720) -> tuple[Observer, Observation]:
    page.set_viewport_size({"width": 1280, "height": height})
    early = None if late else Observer(page, Secrets({}))
    page.goto(f"{site}/cases.html")
    page.wait_for_load_state("networkidle")
    observer = early or Observer(page, Secrets({}))
    return observer, observer.observe()


def titles(frame: Frame) -> tuple[str, ...]:
    """What tells a frame from the others, whatever order they were loaded in."""
    if frame.parent_frame is None:
        return ()
    element = frame.frame_element()
    return (*titles(frame.parent_frame), element.get_attribute("title") or element.get_attribute("id") or frame.url)


def found_cases(observer: Observer, observation: Observation) -> dict[str, list[tuple[Candidate, ElementHandle]]]:
    found: dict[str, list[tuple[Candidate, ElementHandle]]] = {}
    for candidate in observation.candidates:
        element = observer.element(candidate)
        found.setdefault(element.evaluate(CASE_OF), []).append((candidate, element))
    return found


def test_there_are_more_than_sixty_cases_and_both_kinds(site):
    cases = labelled_cases(site)
    assert len(cases) > 200
    assert min(list(cases.values()).count(kind) for kind in ("in", "out")) > 80


@pytest.mark.parametrize("height", [720, pytest.param(5000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("late", [False, True], ids=["before load", "after load"])
def test_every_case_is_judged_right(page, site, late, height):
    found = found_cases(*open_cases(page, site, late, height))
    wanted = {case for case, kind in labelled_cases(site).items() if kind == "in"}
    assert set(found) - wanted == set()
    assert wanted - set(found) == set()
    assert [case for case, several in found.items() if len(several) > 1] == []


def test_cases_have_the_expected_role_name_type_and_state(page, site):
    found = found_cases(*open_cases(page, site, late=False))
    wrong = []
    for case, [(candidate, element)] in found.items():
        wanted = element.evaluate(WANTED_OF)
        seen = {
            "wantRole": candidate.role,
            "wantName": candidate.name,
            "wantType": candidate.element_type,
            "wantState": str(candidate.state),
            "wantAction": candidate.action_types[0],
            "wantScroll": "" if not candidate.in_view and candidate.point is None else "in view",
            "wantSecret": "" if candidate.state.secret and candidate.state.value is None else "shown",
        }
        for key, value in wanted.items():
            if key in seen and value not in (seen[key] if key == "wantState" else (seen[key],)):
                wrong.append((case, key, value, seen[key]))
    assert wrong == []


def test_a_styled_control_has_its_labels_box(page, site):
    found = found_cases(*open_cases(page, site, late=False, height=5000))
    for case in ("transparent-checkbox", "unrendered-radio", "clipped-checkbox", "hidden-file"):
        [(candidate, element)] = found[case]
        assert element.evaluate("e => e.localName") == "label", case
        box = element.bounding_box()
        assert (candidate.box.x, candidate.box.width) == pytest.approx((box["x"], box["width"]), abs=0.5)


@pytest.mark.parametrize("dpr", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_boxes_are_those_of_playwright_in_every_frame(browser, site, dpr):
    context = browser.new_context(viewport={"width": 1280, "height": 5000}, device_scale_factor=dpr)
    observer, observation = open_cases(context.new_page(), site, late=False, height=5000)
    odd = {
        "area",
        "zero-overflowing",
        "display-contents",
        "multi-line",
        "svg-ring",
    }  # Playwright has no, or another, box for these
    compared = 0
    for case, [(candidate, element)] in found_cases(observer, observation).items():
        box = element.bounding_box()
        if case in odd or box is None:
            continue
        # Of frames of other processes it leaves out the border, of zoomed ones the zoom. Clicks are tested below.
        if case.startswith("cross-") or case in ("sandboxed", "zoomed-frame", "skewed-frame"):
            continue
        seen = (candidate.box.x, candidate.box.y, candidate.box.width, candidate.box.height)
        assert seen == pytest.approx((box["x"], box["y"], box["width"], box["height"]), abs=1.0), case
        compared += 1
    assert compared > 100
    assert observation.dpr == dpr
    context.close()


def test_a_click_at_its_point_reaches_each_element_in_every_frame(page, site):
    observer, observation = open_cases(page, site, late=False, height=5000)
    for frame in page.frames:
        frame.evaluate(RECORD_CLICKS)
    missed = []
    silent = {"audio", "video", "sandboxed"}  # their own controls take the click; no script may listen there
    for case, [(candidate, element)] in found_cases(observer, observation).items():
        if candidate.point is None or candidate.state.disabled or case in silent:
            continue
        page.mouse.click(*candidate.point)
        if not element.evaluate("e => e.ownerDocument.defaultView.reached(e)"):
            missed.append((case, candidate.point))
    assert missed == []


RECORD_CLICKS = """() => {
    let path = [];
    // Before anything of the page's, and without letting the click do anything.
    window.addEventListener("mousedown", (event) => {
        path = event.composedPath();
        if (event.target.localName !== "select") event.preventDefault();
    }, true);
    window.addEventListener("click", (event) => { event.preventDefault(); event.stopImmediatePropagation(); }, true);
    // Closed roots are not in the path: there the host must do.
    window.reached = (element) => {
        const label = path.find((node) => node.localName === "label");
        const host = element.getRootNode().host;
        return path.includes(element) || path.includes(host) || Boolean(label && label.control === element);
    };
}"""


def test_locators_find_their_element_alone_and_again_after_a_reload(page, site):
    observer, observation = open_cases(page, site, late=False)
    expected = []
    for candidate in observation.candidates:
        case = observer.element(candidate).evaluate(CASE_OF)
        expected.append((case, candidate, titles(page.frames[candidate.frame_index])))
    page.reload()
    page.wait_for_load_state("networkidle")
    frames = {titles(frame): frame for frame in page.frames}
    wrong, without = [], []
    for case, candidate, home in expected:
        frame = frames[home]
        if not candidate.locators:
            without.append(case)
        for locator in candidate.locators:
            elements = frame.query_selector_all(locator)
            cases = [element.evaluate(CASE_OF) for element in elements]
            if cases != [case]:
                wrong.append((case, locator, cases))
    assert wrong == []
    # Playwright's selectors do not reach into closed shadow roots.
    closed = {"closed-root", "closed-listener", "closed-in-open", "declarative-closed", "frame-closed", "cross-closed"}
    assert set(without) == closed
