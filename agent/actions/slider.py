"""Drawn sliders, which are no fields: moved with the keys that the pattern for them asks for, until they say the value.

    slide(hand, "20")

Source: https://www.w3.org/WAI/ARIA/apg/patterns/slider/
"""

import re

from playwright.sync_api import ElementHandle

from magenta_qa.agent.actions.hand import Hand

MAX_PRESSES = 400
"""Of arrow keys for one value; a slider with more stops than that is not moved by keys."""
ROUNDS = 4
"""How often what was pressed is compared with where the slider stands: some skip stops, some are held up by a limit."""
_SAYS = """(element) => {
  const said = (name) => parseFloat(element.getAttribute("aria-value" + name));
  return [said("now"), said("min"), said("max")].map((each) => (Number.isFinite(each) ? each : null));
}"""


def is_drawn_slider(hand: Hand) -> bool:
    """Whether it is a slider that says itself where it stands."""
    return hand.candidate.role == "slider" and bool(hand.element.evaluate("each => each.hasAttribute('aria-valuenow')"))


def slide(hand: Hand, value: str) -> None:
    """Move it to a number.

    Raises:
        ActionError: It is no number, beyond the slider's ends, or between two stops.
    """
    number = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*%?\s*", value)
    if number is None:
        raise hand.refuse("a slider takes a number")
    wanted = float(number[1])
    said: list[float | None] = hand.element.evaluate(_SAYS)
    now, least, most = said
    if (least is not None and wanted < least) or (most is not None and wanted > most):
        raise hand.refuse(f"it goes from {_plain(least)} to {_plain(most)}")
    hand.element.focus()
    left, step = MAX_PRESSES, 0.0
    for _ in range(ROUNDS):
        if now is None or now == wanted:
            break
        before = now
        presses = min(left, round(abs(wanted - before) / step)) if step else 1
        left -= presses
        now = _pressed(hand, "ArrowRight" if before < wanted else "ArrowLeft", presses)
        if not step and now is not None:
            step = abs(now - before)
    if now != wanted:
        raise hand.refuse(f"the arrow keys bring it to {_plain(now)}")


def _pressed(hand: Hand, key: str, times: int) -> float | None:
    """Where it stands after a key was pressed so often."""
    for _ in range(times):
        hand.page.keyboard.press(key)
    return _stands(hand.element)


def _stands(element: ElementHandle) -> float | None:
    drawn = f"async (each) => {{ await new Promise(requestAnimationFrame); return ({_SAYS})(each)[0]; }}"
    now: float | None = element.evaluate(drawn)
    return now


def _plain(number: float | None) -> str:
    return "its end" if number is None else f"{number:g}"
