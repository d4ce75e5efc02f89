"""Paints over secrets in a screenshot.

    boxes = find_secret_boxes(page, secrets, reports)      -> [Box(120, 340, 96, 17)]
    paint_over(picture, boxes, viewport_width=1280)        -> PNG

The values are looked for in an isolated world of each frame, which the page's scripts cannot see into.
"""

import io
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import CDPSession, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.frames import FrameReport, Matrix, multiply
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.sessions import with_sessions
from magenta_qa.model.schema import Box

_WORLD = "magenta"
_PAINT = (64, 64, 64)


def find_secret_boxes(page: Page, secrets: Secrets, reports: Sequence[FrameReport]) -> list[Box]:
    """Where known secrets stand, in the top page's viewport.

    Args:
        page: The page.
        secrets: Their values.
        reports: The last reading of the page's frames: it says where frames of other processes are.
    """
    matrices = {report.frame: report.to_top() for report in reports}
    values = list(secrets.values)

    def look(session: CDPSession, frame: Frame) -> list[Box]:
        to_top = matrices.get(frame, Matrix())
        return [box for world in _worlds(session) for box in _boxes(session, world, values, to_top)]

    return [box for boxes in with_sessions(page, look) for box in boxes]


def _worlds(session: CDPSession) -> Iterator[tuple[int, list[str], bool]]:
    """For each frame of a session: its isolated world, closed shadow roots in it, whether it is the outermost."""
    tree = session.send("Page.getFrameTree")["frameTree"]
    document = session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
    roots = _closed_roots_by_frame(document, tree["frame"]["id"])
    stack = [(tree, True)]
    while stack:
        node, outermost = stack.pop()
        stack += [(child, False) for child in node.get("childFrames", ())]
        frame_id = node["frame"]["id"]
        try:
            world = session.send("Page.createIsolatedWorld", {"frameId": frame_id, "worldName": _WORLD})
        except PlaywrightError:
            continue  # another process draws it: it has a session of its own
        context: int = world["executionContextId"]
        found = [_resolved(session, backend_id, context) for backend_id in roots.get(frame_id, ())]
        yield context, found, outermost


def _closed_roots_by_frame(document: dict[str, Any], frame_id: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    stack = [(document, frame_id)]
    while stack:
        node, frame = stack.pop()
        if node.get("shadowRootType") == "closed":
            found.setdefault(frame, []).append(node["backendNodeId"])
        stack += [(child, frame) for key in ("children", "shadowRoots") for child in node.get(key, ())]
        if "contentDocument" in node:
            stack.append((node["contentDocument"], node.get("frameId", frame)))
    return found


def _resolved(session: CDPSession, backend_id: int, context: int) -> str:
    answer = session.send("DOM.resolveNode", {"backendNodeId": backend_id, "executionContextId": context})
    object_id: str = answer["object"]["objectId"]
    return object_id


def _boxes(session: CDPSession, world: tuple[int, list[str], bool], values: list[str], to_top: Matrix) -> Iterator[Box]:
    context, roots, outermost = world
    answer = session.send(
        "Runtime.callFunctionOn",
        {
            "functionDeclaration": _script(),
            "executionContextId": context,
            "arguments": [{"value": values}, *({"objectId": root} for root in roots)],
            "returnByValue": True,
        },
    )
    found = answer["result"].get("value")
    if not found or not found["rects"]:
        return
    matrix = to_top if outermost else multiply(to_top, _frame_matrix(session, context, found["root"]))
    for left, top, right, bottom in found["rects"]:
        yield matrix.box(left, top, right - left, bottom - top)


def _frame_matrix(session: CDPSession, context: int, root: list[float]) -> Matrix:
    """From a frame's own viewport to that of the session's outermost frame: where its document element is drawn."""
    element = session.send("Runtime.evaluate", {"expression": "document.documentElement", "contextId": context})
    model = session.send("DOM.getBoxModel", {"objectId": element["result"]["objectId"]})["model"]
    x0, y0, x1, y1, _, _, x3, y3 = model["border"]
    left, top, right, bottom = root
    width, height = max(right - left, 1e-6), max(bottom - top, 1e-6)
    a, b, c, d = (x1 - x0) / width, (y1 - y0) / width, (x3 - x0) / height, (y3 - y0) / height
    return Matrix(a, b, c, d, x0 - a * left - c * top, y0 - b * left - d * top)


@cache
def _script() -> str:
    text = files("magenta_qa.agent").joinpath("page_secrets.js").read_text(encoding="utf-8")
    return text[text.index("(function") :].strip()[1:-1]


def paint_over(picture: bytes, boxes: Sequence[Box], viewport_width: int) -> bytes:
    """The picture with the boxes filled.

    Args:
        picture: PNG of the viewport.
        boxes: In CSS pixels.
        viewport_width: In CSS pixels.
    """
    if not boxes:
        return picture
    from PIL import Image, ImageDraw  # only needed where there are secrets, and slow to import

    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    scale = image.width / viewport_width
    draw = ImageDraw.Draw(image)
    for box in boxes:
        left, top = (box.x - 1) * scale, (box.y - 1) * scale
        draw.rectangle((left, top, left + (box.width + 2) * scale, top + (box.height + 2) * scale), fill=_PAINT)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()
