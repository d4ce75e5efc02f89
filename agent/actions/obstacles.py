"""Says why an element could not be acted on, in words that a tester understands.

obstacle(handle, error)    -> 'it is covered by <div class="overlay"> “Loading…”; close or wait for that first'
"""

import re
from typing import Any

from playwright.sync_api import ElementHandle
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from magenta_qa.agent.watch import Watch
from magenta_qa.model.errors import BrowserError

_LOOK_SECONDS = 2.0
_LOOK = """(target) => {
  if (!target.isConnected) return { detached: true };
  const element = target.nodeType === 1 ? target : target.parentElement;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const at = (x, y) => {
    let found = element.getRootNode().elementFromPoint?.(x, y) ?? document.elementFromPoint(x, y);
    return found;
  };
  const top = at(box.x + box.width / 2, box.y + box.height / 2);
  const mine = !top || element.contains(top) || top.contains(element) || element.control === top;
  const name = (each) => {
    const id = each.id ? ` id="${each.id}"` : "";
    const cls = typeof each.className === "string" && each.className ? ` class="${each.className}"` : "";
    return `<${each.localName}${id}${cls}>`.slice(0, 120);
  };
  const words = mine ? "" : top.innerText || top.getAttribute("aria-label") || "";
  const text = words.replace(/\\s+/g, " ").trim().slice(0, 80);
  return {
    disabled: element.matches(":disabled") || !!element.closest('[aria-disabled="true"]'),
    readonly: !!element.readOnly || element.getAttribute("aria-readonly") === "true",
    hidden: style.visibility !== "visible" || style.display === "none" || !box.width || !box.height,
    covered: mine ? "" : name(top) + (text ? ` “${text}”` : ""),
  };
}"""
_INTERCEPTED = re.compile(r"- (<[^>]{1,200}>)[^\n]*intercepts pointer events")
_HINTS = (
    ("not attached", "it was detached: the page replaced or removed it; observe again"),
    ("detached", "it was detached: the page replaced or removed it; observe again"),
    ("context was destroyed", "it was detached: the page went elsewhere meanwhile; observe again"),
    ("Cannot find context", "it was detached: the page went elsewhere meanwhile; observe again"),
    ("not stable", "it never stopped moving"),
    ("outside of the viewport", "it lies outside the viewport and cannot be scrolled to"),
)


def obstacle(watch: Watch, handle: ElementHandle, error: Exception) -> str:
    """Why Playwright could not act on an element.

    Args:
        watch: Bounds the look at the page.
        handle: The element.
        error: What Playwright said.

    Raises:
        BrowserError: The page does not answer, or there is no reason: a browser that draws nothing lets every action
            wait in vain, and this is not the product's fault.
    """
    message = str(error)
    look = _look(watch, handle)
    if look.get("detached"):
        return _HINTS[0][1]
    if look.get("disabled"):
        return "it is disabled; do first what enables it"
    if look.get("hidden"):
        return "it is not visible; open first what contains it"
    if look.get("covered"):
        return f"it is covered by {look['covered']}; close that or wait until it is gone"
    if look.get("readonly") and "editable" in message:
        return "it is read-only"
    caught = _INTERCEPTED.search(message)
    if caught:
        return f"it is covered by {caught[1]}; close that or wait until it is gone"
    said = next((words for sign, words in _HINTS if sign in message), "")
    first = (message.strip().splitlines() or ["unknown reason"])[0]
    if isinstance(error, PlaywrightTimeout) and not said:
        raise BrowserError(f"{first} Nothing is in the way: the browser hangs, or the machine is too busy")
    return said or first


def _look(watch: Watch, handle: ElementHandle) -> dict[str, Any]:
    try:
        return watch.run(lambda: handle.evaluate(_LOOK), _LOOK_SECONDS) or {}
    except PlaywrightError:
        return {}
