"""Photographs the elements that were labelled by hand and writes them as a dataset that a model can be judged by.

    python tests/hand_labelled.py OUT [--only flask-admin …] [--wrong]
    magenta evaluate OUT/first --understanding accessible --control-rows 0
    magenta evaluate OUT/second …                        # the same elements, the second description of each

Installs and seeds the applications below build/apps the first time (`apps/application.py`). `hand_labels.py` says what
is labelled. Beside the labelled elements of a look stand all others that the agent sees there, without a label: what an
instruction means must be found among them. `--wrong` has the agent's own decision step, without a model, read each
instruction on the live page and prints what it gets wrong.
"""

import argparse
import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from apps import proof
from apps.application import ROOT, prepare, started
from hand_labels import Element, LabelledPage, Labels, Step, load_labels
from PIL import Image
from playwright.sync_api import Browser, ElementHandle, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.browser import launch_args, require_browser
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.secrets import Secrets
from magenta_qa.finetune.dataset import FACTS
from magenta_qa.finetune.dataset_write import ParquetWriters
from magenta_qa.finetune.row import Row
from magenta_qa.model.accessible import AccessibleUnderstanding
from magenta_qa.model.decide import open_decision
from magenta_qa.model.html import clean_html
from magenta_qa.model.schema import Candidate, DecisionRequest, Observation, Question

VIEWPORT = (1280, 720)
WORDINGS = ("first", "second")
"""Folders of the two datasets, one for each description."""
STEP_MS = 15_000
_STILL_MS = 300
_STILL_ATTEMPTS = 20
_SAME = "([element, all]) => all.indexOf(element)"


class UnknownElement(Exception):
    """Selectors that do not match exactly one candidate in view, a line for each."""


@dataclass(frozen=True, slots=True)
class Look:
    """One page, photographed."""

    application: str
    page: LabelledPage
    observation: Observation
    html: dict[int, str]
    """By mark, cleaned."""
    labelled: dict[int, Element]
    """By mark."""
    left_out: frozenset[int]
    """Marks of what does the same as something labelled."""

    def name(self, mark: int) -> str:
        """What the row of a candidate is called."""
        element = self.labelled.get(mark)
        return f"{self.application}/{self.page.page}/{element.id if element else mark}"


def photograph(labels: Labels, root: Path = ROOT) -> Iterator[Look]:
    """Every labelled page of an application, on fresh data.

    Raises:
        UnknownElement: Selectors do not match exactly one candidate in view; raised after the last page, for all.
    """
    application = proof.application(labels.application)
    with started(application, prepare(application, root)) as bed, _browser() as browser:
        page = browser.new_page(viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]}, base_url=bed.url)
        page.set_default_timeout(STEP_MS)
        observer = Observer(page, Secrets({}))
        if labels.steps:
            reach(page, labels.path, labels.steps)
        problems: list[str] = []
        for labelled in labels.pages:
            reach(page, labelled.path, labelled.steps)
            try:
                yield _look(labels.application, labelled, observer)
            except UnknownElement as error:
                problems.append(str(error))
        if problems:
            raise UnknownElement("\n".join(problems))


@contextmanager
def _browser() -> Iterator[Browser]:
    found = require_browser(os.environ)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(headless=True, **launch_args(found))
        try:
            yield browser
        finally:
            browser.close()


def reach(page: Page, path: str, steps: tuple[Step, ...]) -> None:
    """Open the page and take the steps."""
    page.goto("about:blank")  # or a route in the fragment would only be gone to, with what was open still open
    page.goto(path)
    _rest(page)
    for step in steps:
        if step.click:
            page.click(step.click)
        elif step.hover:
            page.hover(step.hover)
        elif step.fill:
            page.fill(step.fill, step.with_)
        else:
            page.keyboard.press(step.press)
        _rest(page)


def _rest(page: Page) -> None:
    """Wait until the page looks the same twice."""
    page.wait_for_load_state("networkidle")
    before = b""
    for _ in range(_STILL_ATTEMPTS):
        now = page.screenshot(animations="allow", caret="hide")
        if now == before:
            return
        before = now
        page.wait_for_timeout(_STILL_MS)


def _look(application: str, labelled: LabelledPage, observer: Observer) -> Look:
    observation = observer.observe()
    shown = [candidate for candidate in observation.candidates if candidate.in_view and _inside(candidate)]
    finder = _Finder(observer.page, shown, [observer.element(candidate) for candidate in shown])
    marks: dict[int, Element] = {}
    left_out: set[int] = set()
    for element in labelled.elements:
        finder.name = f"{application}/{labelled.page}/{element.id}"
        mark = finder.mark_of(element.selector)
        if mark in marks:
            finder.problems.append(f"{finder.name}: is the same element as {marks[mark].id}")
        marks[mark] = element
        left_out.update(map(finder.mark_of, element.also))
    if finder.problems:
        raise UnknownElement("\n".join(finder.problems))
    html = {mark: clean_html(raw) for mark, raw in observer.surrounding_html([c.mark for c in shown]).items()}
    return Look(application, labelled, observation, html, marks, frozenset(left_out - set(marks)))


class _Finder:
    """Finds candidates by selectors and notes why it cannot."""

    def __init__(self, page: Page, shown: Sequence[Candidate], handles: Sequence[ElementHandle]) -> None:
        self._page, self._shown, self._handles = page, shown, list(handles)
        self.name = ""
        """Of the element that is looked for."""
        self.problems: list[str] = []

    def mark_of(self, selector: str) -> int:
        """The mark of the candidate; 0 where there is not exactly one."""
        try:
            found = self._page.query_selector_all(selector)
        except PlaywrightError as error:
            return self._problem(f"the selector {selector!r} cannot be read: {error.message.splitlines()[0]}")
        if len(found) != 1:
            return self._problem(f"{selector!r} matches {len(found)} elements; expected one")
        place: int = self._page.evaluate(_SAME, [found[0], self._handles])
        if place < 0:
            return self._problem(f"{selector!r} is none of the {len(self._shown)} candidates in view")
        return self._shown[place].mark

    def _problem(self, text: str) -> int:
        self.problems.append(f"{self.name}: {text}")
        return 0


def _inside(candidate: Candidate) -> bool:
    x, y = candidate.box.center
    return 0 <= x < VIEWPORT[0] and 0 <= y < VIEWPORT[1]


def rows_of(look: Look, wording: int) -> Iterator[Row]:
    """The rows of a look, in the page's order.

    Args:
        look: The look.
        wording: Which of the two descriptions is the label.
    """
    image = _webp(look.observation.screenshot)
    screenshot = hashlib.sha256(image).hexdigest()
    for candidate in look.observation.candidates:
        if candidate.mark not in look.html or candidate.mark in look.left_out:
            continue
        element = look.labelled.get(candidate.mark)
        yield Row(
            external_id=look.name(candidate.mark),
            image=image,
            action_type=candidate.action_types[0],
            element_type=candidate.element_type,
            text=candidate.text,
            html=look.html[candidate.mark],
            summary=element.descriptions[wording] if element else "",
            box=candidate.box,
            viewport=VIEWPORT,
            site=look.application,
            url=look.observation.url,
            summary_source="person" if element else "",
            instruction=element.instruction if element else "",
            screenshot=screenshot,
        )


def _webp(png: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def write_dataset(looks: list[Look], out: Path) -> dict[str, int]:
    """Write `OUT/first` and `OUT/second`; returns how many rows have a label and how many have none."""
    counts = {"labelled": 0, "unlabelled": 0}
    for wording, name in enumerate(WORDINGS):
        folder = out / name / "v1"
        if folder.exists():
            raise FileExistsError(f"{folder} is there already; remove it or choose another folder")
        rows = [row for look in looks for row in rows_of(look, wording)]
        counts = {
            "labelled": sum(bool(row.summary) for row in rows),
            "unlabelled": sum(not row.summary for row in rows),
        }
        with ParquetWriters(str(folder)) as writers:
            for row in rows:
                writers.write("test", row)
        versions = {look.application: proof.application(look.application).version for look in looks}
        facts = {"format": 1, "rows": {"test": len(rows)}, **counts, "applications": versions, "looks": len(looks),
                 "split_rule": "all held out"}  # fmt: skip
        (folder / FACTS).write_text(json.dumps(facts, indent=2), "utf-8")
    return counts


def wrong_decisions(look: Look) -> Iterator[str]:
    """A line for each instruction that the decision step without a model, shown the live page, gets wrong."""
    deciding = open_decision("rules", api_key=None)
    kept = [c for c in look.observation.candidates if c.mark in look.html and c.mark not in look.left_out]
    observation = replace(look.observation, candidates=tuple(kept))
    questions = [Question(c, c.action_types[0], look.html.get(c.mark, "")) for c in kept]
    said = tuple(AccessibleUnderstanding().describe(observation, questions))
    for mark, element in look.labelled.items():
        decision = deciding.decide(DecisionRequest(element.instruction, None, observation, said))
        picked = decision.action.mark if decision.outcome == "act" and decision.action else None
        if picked != mark:
            other = observation.candidate(picked) if picked else None
            told = f"{other.element_type} {other.name or other.text!r}" if other else f"{decision.outcome}"
            yield f"{look.name(mark)}: {element.instruction!r} -> {told} ({decision.reason})"


def main() -> int:
    """Photograph, write, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = load_labels()
    names = [labels.application for labels in known]
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="APPLICATION")
    parser.add_argument("--wrong", action="store_true", help="Print the instructions that the agent gets wrong.")
    options = parser.parse_args()
    looks: list[Look] = []
    for labels in known:
        if labels.application in options.only:
            for look in photograph(labels):
                looks.append(look)
                print(f"{look.name(0)[:-2]}: {len(look.labelled)} labelled of {len(look.html)}", flush=True)
    print(f"{options.out}: {write_dataset(looks, options.out)}")
    if options.wrong:
        wrong = [line for look in looks for line in wrong_decisions(look)]
        print("\n".join(wrong), f"{len(wrong)} of {sum(len(look.labelled) for look in looks)} wrong", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
