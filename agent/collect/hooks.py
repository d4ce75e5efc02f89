"""Puts a hook before every action of Playwright's public classes, sync and async, and takes it away again.

    remove = install(before)          # before(Act("fill", page, resolve, value="Ada", owner=<Locator …>)) -> Procedure
    …
    remove()

However an element was found (locator, selector, handle, role, test id), its action ends in one of these methods. A hook
that raises is none of the test's business: `before` has to see to that itself.
"""

import functools
import inspect
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from magenta_qa.agent.collect.procedure import Procedure, Step, run_async, run_sync

Some = Any
"""An object of Playwright's sync or async API."""
ACTIONS = {
    "click": "click",
    "dblclick": "double_click",
    "tap": "click",
    "hover": "hover",
    "fill": "fill",
    "clear": "clear",
    "type": "type",
    "press_sequentially": "type",
    "press": "press",
    "select_option": "select",
    "check": "check",
    "uncheck": "uncheck",
    "set_checked": "check",
    "set_input_files": "upload",
    "drag_to": "drag",
    "drag_and_drop": "drag",
}
"""Playwright's method → the log's action type."""
LOOK_SECONDS = 30.0
"""How long an action may be held up at most; then it is done without having been logged."""
_KEYBOARD = {"press": "press", "type": "type", "insert_text": "type"}
_MOUSE = {"move": "move", "click": "click", "dblclick": "double_click", "down": "drag", "wheel": "scroll"}
_TOUCHSCREEN = {"tap": "click"}
_FOCUSED = """() => {
  let el = document.activeElement;
  while (el && el.shadowRoot && el.shadowRoot.activeElement) el = el.shadowRoot.activeElement;
  return el;
}"""
_AT_POINT = """([x, y]) => {
  let el = document.elementFromPoint(x, y);
  for (let inner = el; inner && inner.shadowRoot; ) {
    inner = inner.shadowRoot.elementFromPoint(x, y);
    if (inner === el || !inner) break;
    el = inner;
  }
  return el;
}"""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is about to be done."""

    kind: str
    page: Some
    resolve: Callable[[float], Procedure[Some]]
    """Gives the element's handle, waiting for it at most so many milliseconds."""
    value: object = None
    """Text, key, options or files as the test gave them."""
    timeout_ms: float | None = None
    """The action's own, where the test gave one."""
    ask: Callable[[str, object], Any] | None = None
    """Runs a script with the element, in one go and without waiting for it; "" where there is not exactly one."""


Before = Callable[[Act], Procedure[None]]


def install(before: Before) -> Callable[[], None]:
    """Have `before` run before each action from now on; returns what undoes it."""
    import playwright.async_api
    import playwright.sync_api

    undo: list[Callable[[], None]] = []
    for api, run in ((playwright.sync_api, run_sync), (playwright.async_api, run_async)):
        for owner, actions, acts in (
            (api.Locator, ACTIONS, _of_locator),
            (api.ElementHandle, ACTIONS, _of_handle),
            (api.Frame, ACTIONS, _of_selector),
            (api.Page, ACTIONS, _of_selector),
            (api.Keyboard, _KEYBOARD, _of_keyboard),
            (api.Mouse, _MOUSE, _of_mouse),
            (api.Touchscreen, _TOUCHSCREEN, _of_mouse),
        ):
            for name, kind in actions.items():
                if name in vars(owner):
                    undo.append(_wrap(owner, name, kind, acts, before, run))
        undo += [_note_devices(api.Page, name) for name in ("keyboard", "mouse", "touchscreen")]

    def remove() -> None:
        for restore in undo:
            restore()

    return remove


_pages: WeakKeyDictionary[Some, Some] = WeakKeyDictionary()
"""Keyboards and mice → their page, which they do not tell."""
_places: WeakKeyDictionary[Some, list[float]] = WeakKeyDictionary()
"""Mice → where they were moved to last."""


def _note_devices(owner: Any, name: str) -> Callable[[], None]:  # noqa: ANN401 - a class of either API
    original = vars(owner)[name]

    def device(page: Some) -> Some:
        found = original.fget(page)
        _pages[found] = page
        return found

    setattr(owner, name, property(device, doc=original.__doc__))
    return lambda: setattr(owner, name, original)


Acts = Callable[[str, Some, dict[str, Any]], Act | None]


def _wrap(owner: Any, name: str, kind: str, acts: Acts, before: Before, run: Any) -> Callable[[], None]:  # noqa: ANN401
    original = vars(owner)[name]
    signature = inspect.signature(original)

    def act_of(self: Some, args: Any, kwargs: Any) -> Act | None:  # noqa: ANN401 - as the test gave them
        try:
            given = signature.bind(self, *args, **kwargs).arguments
        except TypeError:
            return None  # the call itself will say what is wrong
        real = "uncheck" if name == "set_checked" and not given.get("checked", True) else kind
        return acts(real, self, given)

    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def wrapped(self: Some, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            act = act_of(self, args, kwargs)
            if act is not None:
                await run(before(act), LOOK_SECONDS)
            return await original(self, *args, **kwargs)
    else:

        @functools.wraps(original)
        def wrapped(self: Some, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            act = act_of(self, args, kwargs)
            if act is not None:
                run(before(act), LOOK_SECONDS)
            return original(self, *args, **kwargs)

    setattr(owner, name, wrapped)
    return lambda: setattr(owner, name, original)


def _of_locator(kind: str, locator: Some, given: dict[str, Any]) -> Act:
    def resolve(timeout_ms: float) -> Procedure[Some]:
        found = yield locator.element_handles  # at once, which waiting for it is not
        return found[0] if len(found) == 1 else (yield lambda: locator.element_handle(timeout=timeout_ms))

    def ask(script: str, wish: object) -> Any:  # noqa: ANN401 - a call of either API
        return locator.evaluate_all(f"(found, wish) => found.length === 1 ? ({script})(found[0], wish) : ''", wish)

    return Act(kind, locator.page, resolve, _value_of(given), given.get("timeout"), ask)


def _of_handle(kind: str, handle: Some, given: dict[str, Any]) -> Act:
    def resolve(_: float) -> Generator[Step, Any, Some]:
        return handle
        yield  # a generator like the others

    return Act(kind, None, resolve, _value_of(given), given.get("timeout"))


def _of_selector(kind: str, owner: Some, given: dict[str, Any]) -> Act:
    selector = given.get("selector", given.get("source"))
    frame: Some = getattr(owner, "main_frame", owner)
    page: Some = owner if frame is not owner else frame.page

    def resolve(timeout_ms: float) -> Procedure[Some]:
        strict = given.get("strict")
        found = yield lambda: frame.query_selector(selector, strict=strict)
        wait = {"state": "attached", "strict": strict, "timeout": timeout_ms}
        return found or (yield lambda: frame.wait_for_selector(selector, **wait))

    return Act(kind, page, resolve, _value_of(given), given.get("timeout"))


def _of_keyboard(kind: str, keyboard: Some, given: dict[str, Any]) -> Act | None:
    return _of_place(kind, _pages.get(keyboard), _FOCUSED, None, given)


def _of_mouse(kind: str, mouse: Some, given: dict[str, Any]) -> Act | None:
    if "x" in given:
        _places[mouse] = [given["x"], given["y"]]
    if kind == "move":
        return None
    return _of_place(kind, _pages.get(mouse), _AT_POINT, _places.get(mouse, [0, 0]), given)


def _of_place(kind: str, page: Some, script: str, place: object, given: dict[str, Any]) -> Act | None:
    if page is None:
        return None

    def resolve(_: float) -> Procedure[Some]:
        found = yield lambda: page.evaluate_handle(script, place)
        return found.as_element()

    return Act(kind, page, resolve, _value_of(given))


def _value_of(given: dict[str, Any]) -> object:
    for name in ("value", "text", "key", "files", "label", "index", "element"):
        if given.get(name) is not None:
            return given[name]
    return None
