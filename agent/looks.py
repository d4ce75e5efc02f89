"""Judges "looks the same": takes pictures of a page or a part of it at rest, and compares them with the baseline.

    judge_looks(agent, LooksCheck(Place("region", "cart")), "the cart looks the same", baseline)
        -> CheckTrace(verdict="failed", reason="212 pixels differ (0.3 %) …", image=<expected, seen, difference>)

Animations are off and the page is scrolled to its top. Without a baseline the verdict is `stuck`: nobody has said yet
what it should look like. What changes by itself is found by several pictures when there is no baseline yet, and becomes
its masks; later pictures must agree outside of these.
"""

import io
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.baselines import Baseline, baseline_of, forget_waiting, keep_waiting
from magenta_qa.agent.check import read_view
from magenta_qa.agent.checks.kinds import PAGE, LooksCheck
from magenta_qa.agent.checks.likeness import Likeness, joined, likeness, unrest
from magenta_qa.agent.checks.scene import Scene
from magenta_qa.agent.privacy.paint import paint_over
from magenta_qa.agent.settle import pause
from magenta_qa.model.schema import Box
from magenta_qa.model.trace import CheckTrace

if TYPE_CHECKING:
    from magenta_qa.agent.agent import Agent

PICTURE_SECONDS = 20.0
PICTURES = 3
"""How many pictures tell what changes by itself."""
APART_MS = (400, 1_100)
"""Between them: a clock's second has passed, and a blinking has changed, in one of both."""
MOST_MASKED = 0.5
"""A page of which more changes by itself cannot be compared."""
POLL_MS = 250
_INNERMOST = """
(boxes) => {
  const leaves = [...document.querySelectorAll("body *")].filter((el) => !el.children.length && el.textContent.trim());
  const rects = leaves.map((el) => el.getBoundingClientRect());
  const touches = (a, [x, y, w, h]) => a.left < x + w && x < a.right && a.top < y + h && y < a.bottom;
  return rects.filter((rect) => boxes.some((box) => touches(rect, box))).map((a) => [a.x, a.y, a.width, a.height]);
}
"""
MAX_HEIGHT = 8_000  # CSS px; below that a page is not compared


def judge_looks(agent: "Agent", check: LooksCheck, expectation: str, number: int) -> CheckTrace:
    """The trace of one expectation; its picture is of the difference, or of what waits to be accepted.

    Args:
        agent: Whose page is looked at.
        check: Which part.
        expectation: Its text.
        number: How often this text has been checked in this scenario.
    """
    folder = agent.settings.baselines
    if folder is None:
        return _trace(check, expectation, "stuck", "there is no place for baselines; use a scenario or the qa fixture")
    browser = agent.page.context.browser
    kind = browser.browser_type.name if browser is not None else "chromium"
    baseline = baseline_of(folder, expectation, number, kind, sys.platform)
    known = baseline.load()
    scroll = agent.page.evaluate("[scrollX, scrollY]")
    agent.page.evaluate("scrollTo(0, 0)")
    try:
        if known is None:
            return _without_baseline(agent, check, expectation, baseline)
        return _compared(agent, check, expectation, baseline, known)
    finally:
        with suppress(PlaywrightError):
            agent.page.evaluate("([x, y]) => scrollTo(x, y)", scroll)


def _without_baseline(agent: "Agent", check: LooksCheck, expectation: str, baseline: Baseline) -> CheckTrace:
    """Keep a picture for a person to accept; nothing has been checked."""
    pictures = []
    for index in range(PICTURES):
        if index:
            pause(agent.watch, agent.page, APART_MS[index - 1])
        picture = _picture(agent, check)
        if isinstance(picture, str):
            return _trace(check, expectation, "stuck", picture)
        pictures.append(picture)
    masks = _whole_elements(agent, check, unrest(pictures))
    if sum(mask.width * mask.height for mask in masks) > MOST_MASKED * pictures[-1].width * pictures[-1].height:
        return _trace(check, expectation, "stuck", "most of it changes by itself, so that nothing could be compared")
    reason = "no baseline yet: look at the picture and accept it with `magenta baselines accept`"
    reason += f"; {len(masks)} parts that change by themselves will not be compared" if masks else ""
    keep_waiting(agent.settings.home, baseline, pictures[-1], expectation=expectation, reason=reason, masks=masks)
    return _trace(check, expectation, "stuck", reason, agent.log.save_image(_png(pictures[-1])))


def _whole_elements(agent: "Agent", check: LooksCheck, found: list[Box]) -> list[Box]:
    """The boxes, grown to the innermost elements that they are in: of a clock not only the figure that moved."""
    origin = Box(0, 0, 0, 0) if check.place == PAGE else _box(agent, check)
    if isinstance(origin, str) or not found:
        return found
    boxes = [[each.x + origin.x, each.y + origin.y, each.width, each.height] for each in found]
    grown: list[list[float]] = agent.watch.run(lambda: agent.page.evaluate(_INNERMOST, boxes), PICTURE_SECONDS) or []
    return joined([*found, *(Box(x - origin.x, y - origin.y, width, height) for x, y, width, height in grown)])


def _compared(
    agent: "Agent", check: LooksCheck, expectation: str, baseline: Baseline, known: tuple[Image.Image, list[Box]]
) -> CheckTrace:
    """Compare until it is alike or time is over: what is still on its way may come."""
    expected, masks = known
    deadline = time.monotonic() + agent.settings.expect_timeout_ms / 1000
    while True:
        picture = _picture(agent, check)
        found = None if isinstance(picture, str) else likeness(expected, picture, masks)
        if found is not None and not found.differing:
            forget_waiting(agent.settings.home, baseline)
            hidden = f", {len(masks)} masked parts left out" if masks else ""
            return _trace(check, expectation, "passed", f"as in {baseline.path.name}{hidden}", actual="the same")
        if time.monotonic() > deadline:
            break
        pause(agent.watch, agent.page, POLL_MS)
    if isinstance(picture, str) or found is None:
        return _trace(check, expectation, "stuck", str(picture))
    reason = f"{_told(found, expected, picture)}; compared with {baseline.path.name}"
    differing = [found.box] if found.box else []
    keep_waiting(
        agent.settings.home,
        baseline,
        picture,
        expectation=expectation,
        reason=reason,
        masks=masks,
        differing=differing,
    )
    image = agent.log.save_image(_png(found.shown)) if found.shown is not None else None
    return _trace(check, expectation, "failed", reason, image, actual=_told(found, expected, picture))


def _told(found: Likeness, expected: Image.Image, seen: Image.Image) -> str:
    size = ""
    if expected.size != seen.size:
        size = f"it is {seen.width}×{seen.height} px instead of {expected.width}×{expected.height}; "
    box = found.box
    where = f" within {box.width:.0f}×{box.height:.0f} px at ({box.x:.0f}, {box.y:.0f})" if box else ""
    return f"{size}{found.differing} pixels differ ({found.share:.2%}){where}"


def _picture(agent: "Agent", check: LooksCheck) -> Image.Image | str:
    """A picture of the part, secrets painted over; or why there is none."""
    if agent.dialog_message():
        return "a JavaScript dialog is open"
    page, clip = agent.page, None
    if check.place != PAGE:
        box = _box(agent, check)
        if isinstance(box, str):
            return box
        clip = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    before = _secret_boxes(agent)
    taken = agent.watch.run(
        lambda: page.screenshot(animations="disabled", caret="hide", scale="css", full_page=True), PICTURE_SECONDS
    )
    if taken is None:
        return "a JavaScript dialog is open"
    boxes = [*before, *_secret_boxes(agent)]
    if boxes:
        taken = paint_over(taken, boxes, Image.open(io.BytesIO(taken)).width)
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    if clip is None:
        return picture.crop((0, 0, picture.width, min(picture.height, MAX_HEIGHT)))
    right, bottom = clip["x"] + clip["width"], clip["y"] + clip["height"]
    return picture.crop((round(clip["x"]), round(clip["y"]), round(right), round(bottom)))


def _secret_boxes(agent: "Agent") -> list[Box]:
    agent.observer.observe(picture=False)  # where the frames are now
    return agent.observer.secret_boxes(whole=True)


def _box(agent: "Agent", check: LooksCheck) -> Box | str:
    """Where the part is on a page that is scrolled to its top; or why that cannot be told."""
    try:
        view = read_view(agent.page, agent.watch)
    except PlaywrightError as error:
        return f"the page could not be read: {str(error).splitlines()[0]}"
    if view is None:
        return "a JavaScript dialog is open"
    found = Scene(view, agent.secrets).finder.places(check.place)
    if len(found.spots) != 1 or not found.spots[0].nodes:
        others = "; ".join([*(spot.label for spot in found.spots), *found.near][:5])
        return f"cannot find {check.place}, or not only one" + (f"; there is: {others}" if others else "")
    boxes = [node.box for node in found.spots[0].nodes]
    x, y = max(0.0, min(b.x for b in boxes)), max(0.0, min(b.y for b in boxes))
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    if right - x < 1 or bottom - y < 1:
        return f"{check.place} has no size"
    return Box(x, y, right - x, bottom - y)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _trace(
    check: LooksCheck, expectation: str, verdict: str, reason: str, image: str | None = None, actual: str = ""
) -> CheckTrace:
    judged = "nobody" if verdict == "stuck" else "dom"
    return CheckTrace(expectation, str(check), verdict, reason, str(check), actual, judged, image)  # type: ignore[arg-type]
