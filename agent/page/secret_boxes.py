"""Where known secrets stand on a page, to be painted over in a picture of it.

find_secret_boxes(page, secrets, reports)      -> [Box(120, 340, 96, 17)]

The values are looked for in an isolated world of each frame, which the page's scripts cannot see into.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from playwright.sync_api import CDPSession, Frame, Page

from magenta_qa.agent.page.closed import closed_roots_by_frame
from magenta_qa.agent.page.frames import FrameReport, Matrix
from magenta_qa.agent.page.script import knock_expression
from magenta_qa.agent.page.sessions import default_contexts, with_sessions
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.errors import ObservationError
from magenta_qa.model.schema import Box

_WORLD = "magenta"


def find_secret_boxes(page: Page, secrets: Secrets, reports: Sequence[FrameReport]) -> list[Box]:
    """Where known secrets stand, in the top page's viewport.

    Args:
        page: The page.
        secrets: Their values.
        reports: The last reading of the page's frames: it says where frames of other processes are.

    Raises:
        ObservationError: They could not be looked for; no picture may leave the page then.
    """
    matrices = {report.facts["key"]: report.to_top() for report in reports}
    values = list(secrets.values)
    closed = any(report.facts["closed"] for report in reports)

    def look(session: CDPSession, frame: Frame) -> tuple[Frame, list[Box]]:
        return frame, [box for world in _worlds(session, matrices, closed) for box in _boxes(session, world, values)]

    found = dict(with_sessions(page, look))
    if page.main_frame not in found:
        raise ObservationError("cannot look for secrets in the page, which must not be pictured without; observe again")
    silent = [box for report in reports for box in report.silent_boxes()]
    return [*silent, *(box for boxes in found.values() for box in boxes)]


class _World(NamedTuple):
    """A frame's isolated world."""

    context: int
    roots: list[str]
    """Its closed shadow roots."""
    to_top: Matrix


def _worlds(session: CDPSession, matrices: Mapping[str, Matrix], closed: bool) -> Iterator[_World]:
    """One for each frame of a session that shows something."""
    contexts = default_contexts(session)
    roots = _closed_roots_by_frame(session) if closed else {}
    for frame, context in list(contexts.items()):
        facts = {"expression": knock_expression("key", None, None), "contextId": context, "returnByValue": True}
        key = session.send("Runtime.evaluate", facts)["result"].get("value")
        if key not in matrices:
            continue  # it is not drawn, or has navigated since
        world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": _WORLD})
        isolated: int = world["executionContextId"]
        yield _World(isolated, [_resolved(session, root, isolated) for root in roots.get(frame, ())], matrices[key])


def _closed_roots_by_frame(session: CDPSession) -> dict[str, list[int]]:
    outermost = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    document: dict[str, Any] = session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
    return {frame or outermost: roots for frame, roots in closed_roots_by_frame(document).items()}


def _resolved(session: CDPSession, backend_id: int, context: int) -> str:
    answer = session.send("DOM.resolveNode", {"backendNodeId": backend_id, "executionContextId": context})
    object_id: str = answer["object"]["objectId"]
    return object_id


def _boxes(session: CDPSession, world: _World, values: list[str]) -> Iterator[Box]:
    answer = session.send(
        "Runtime.callFunctionOn",
        {
            "functionDeclaration": _script(),
            "executionContextId": world.context,
            "arguments": [{"value": values}, *({"objectId": root} for root in world.roots)],
            "returnByValue": True,
        },
    )
    if "exceptionDetails" in answer:
        raise ObservationError(f"cannot look for secrets in a frame: {answer['exceptionDetails'].get('text')}")
    yield from map(world.to_top.box_of, answer["result"]["value"])


@cache
def _script() -> str:
    text = files("magenta_qa.agent.page").joinpath("secrets.js").read_text(encoding="utf-8")
    return text[text.index("(function") + 1 :].rstrip().removesuffix(";").removesuffix(")")
