"""Actions of the pointer on an element: click, double click, right click, hover, drag and scroll.

    POINTER_ACTIONS["click"](hand)

Each raises Playwright's errors or `ActionError`; `agent.execute` explains the former.
"""

import re
from collections.abc import Callable
from typing import Literal

from playwright.sync_api import ElementHandle, FloatRect

from magenta_qa.agent.actions.hand import Hand

DRAG_STEPS = 8
_SCROLL = """(start, direction) => {
  const across = direction === "left" || direction === "right";
  const far = direction === "top" || direction === "bottom";
  const sign = direction === "up" || direction === "left" || direction === "top" ? -1 : 1;
  const page = document.scrollingElement || document.documentElement;
  const room = (each) => {
    if (across) return sign < 0 ? each.scrollLeft : each.scrollWidth - each.clientWidth - each.scrollLeft;
    return sign < 0 ? each.scrollTop : each.scrollHeight - each.clientHeight - each.scrollTop;
  };
  const scrolls = (each) => {
    if (each === page) return room(each) > 1;
    const style = getComputedStyle(each);
    return /auto|scroll|overlay/.test(across ? style.overflowX : style.overflowY) && room(each) > 1;
  };
  const outwards = function* (node) {
    for (let each = node; each; each = each.assignedSlot || each.parentNode || each.host) {
      if (each.nodeType === 1) yield each;
    }
  };
  const area = (each) => {
    const box = each.getBoundingClientRect();
    const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
    const height = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
    return Math.max(0, width) * Math.max(0, height);
  };
  let box = start && [...outwards(start)].find(scrolls);
  if (!box && !start) {
    const inner = [...document.querySelectorAll("body *")].filter((each) => scrolls(each) && area(each) > 0);
    inner.sort((a, b) => area(b) - area(a));
    box = scrolls(page) ? page : inner[0];
  }
  if (!box) return false;
  const size = across ? box.clientWidth : box.clientHeight;
  const step = sign * (far ? 1e7 : 0.85 * size);
  box.scrollBy({ left: across ? step : 0, top: across ? 0 : step, behavior: "instant" });
  return true;
}"""
# What draws an element that has no box: the picture of an image map's area, the first child of `display: contents`.
_DRAWN = """(element) => {
  const map = element.closest("map");
  return map ? document.querySelector(`[usemap="#${CSS.escape(map.name)}"]`) : element.firstElementChild;
}"""
# The middle of an image map's area within its picture; null for other elements.
_WITHIN = """(element) => {
  if (element.localName !== "area" || !element.coords) return null;
  const numbers = element.coords.split(",").map(Number);
  if (element.shape === "circle") return numbers.slice(0, 2);
  const mean = (first) => {
    const each = numbers.filter((_, index) => index % 2 === first);
    return each.reduce((sum, number) => sum + number, 0) / each.length;
  };
  return [mean(0), mean(1)];
}"""
Button = Literal["left", "right"]


def approach(hand: Hand) -> None:
    """Scroll to the element and put the pointer on it, so that what hovering changes is no effect of the click."""
    point = boxless_point(hand)
    if point:
        hand.page.mouse.move(*point)
    else:
        hand.element.hover(position=hand.position(), timeout=hand.timeout_ms)


def click(hand: Hand) -> None:
    """One click with the left button."""
    _click(hand, "left")


def right_click(hand: Hand) -> None:
    """One click with the right button."""
    _click(hand, "right")


def double_click(hand: Hand) -> None:
    """Two clicks in quick succession."""
    point = boxless_point(hand)
    if point:
        hand.page.mouse.dblclick(*point)
    else:
        hand.element.dblclick(position=hand.position(), timeout=hand.timeout_ms)


def hover(hand: Hand) -> None:
    """Put the pointer on the element and leave it there."""
    approach(hand)


def boxless_point(hand: Hand) -> tuple[float, float] | None:
    """Where to point at an element that has no box of its own, such as an area of an image map; else None."""
    if hand.fresh and hand.candidate.box.width and hand.candidate.box.height:
        return None
    box = hand.element.bounding_box()
    if box and box["width"] and box["height"]:
        return None
    if hand.candidate.point is not None:
        return hand.candidate.point
    drawn = hand.element.evaluate_handle(_DRAWN).as_element()
    if drawn is None:
        return None
    drawn.scroll_into_view_if_needed(timeout=hand.timeout_ms)
    place = _box_of(hand, drawn)
    within = hand.element.evaluate(_WITHIN) or [place["width"] / 2, place["height"] / 2]
    return place["x"] + within[0], place["y"] + within[1]


def _click(hand: Hand, button: Button) -> None:
    point = boxless_point(hand)
    if point:
        hand.page.mouse.click(*point, button=button)
    else:
        hand.element.click(button=button, position=hand.position(), timeout=hand.timeout_ms, no_wait_after=True)


def drag(hand: Hand) -> None:
    """Press on the element, move to where the drag ends, release.

    The end is the candidate `target_mark`, or an offset in pixels as the value, such as "120,0".
    """
    if hand.target is not None:
        hand.bring_into_view(hand.target)
    hand.element.hover(position=hand.position(), timeout=hand.timeout_ms)
    start = _box_of(hand, hand.element)
    x, y = _drag_end(hand, start)
    width, height = hand.page.evaluate("[innerWidth, innerHeight]")
    if not (0 <= x < width and 0 <= y < height):
        raise hand.refuse("it ends outside the viewport; both ends must be visible at once")
    mouse = hand.page.mouse
    mouse.down()
    # The first small move starts a native drag; libraries that wait for a threshold need more than one event.
    mouse.move(start["x"] + start["width"] / 2 + 4, start["y"] + start["height"] / 2 + 4, steps=2)
    mouse.move(x, y, steps=DRAG_STEPS)
    mouse.move(x, y)  # a second event over the same place: native drags accept a target on `dragover` only
    mouse.up()


def scroll(hand: Hand) -> None:
    """Scroll the element into view, or its nearest container that can be scrolled in the direction given."""
    direction = hand.value.strip().lower()
    if not direction:
        hand.bring_into_view(hand.element)
        return
    check_direction(hand, direction)
    hand.element.evaluate(_SCROLL, direction)


def scroll_page(hand_value: str) -> tuple[str, list[str | None]]:
    """The script and its arguments that scroll the page, or its largest inner container, in a direction."""
    return f"([start, direction]) => ({_SCROLL})(start, direction)", [None, hand_value]


def check_direction(hand: Hand, direction: str) -> None:
    """Refuse what is no direction."""
    if direction not in DIRECTIONS:
        raise hand.refuse(f'"{direction}" is no direction; use {", ".join(DIRECTIONS)}')


DIRECTIONS = ("down", "up", "top", "bottom", "left", "right")


def _drag_end(hand: Hand, start: FloatRect) -> tuple[float, float]:
    if hand.target is not None:
        end = _box_of(hand, hand.target)
        # A little past the middle in the direction of the drag: sortable lists swap there, not at the middle itself.
        middle = end["y"] + end["height"] / 2
        moved = middle - (start["y"] + start["height"] / 2)
        past = 0 if abs(moved) < end["height"] / 2 else 0.2 * end["height"] * (1 if moved > 0 else -1)
        return end["x"] + end["width"] / 2, middle + past
    offset = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*", hand.value)
    if offset is None:
        raise hand.refuse("it needs a second element to be dragged to, or an offset such as 120,0")
    middle_x, middle_y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    return middle_x + float(offset[1]), middle_y + float(offset[2])


def _box_of(hand: Hand, element: ElementHandle) -> FloatRect:
    box = element.bounding_box()
    if box is None:
        raise hand.refuse("it is not visible")
    return box


POINTER_ACTIONS: dict[str, Callable[[Hand], None]] = {
    "click": click,
    "double_click": double_click,
    "right_click": right_click,
    "hover": hover,
    "drag": drag,
    "scroll": scroll,
}
