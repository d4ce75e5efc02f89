"""Drawn sliders: moved with the keys that the pattern for them asks for, until they say the value.

    slide(hand, hand.element, "20")

Behind some handles there is a native field out of sight; what listens to it takes a value as chosen after a key alone.

Source: https://www.w3.org/WAI/ARIA/apg/patterns/slider/
"""

from playwright.sync_api import ElementHandle

from magenta_qa.agent.actions.date_values import field_value
from magenta_qa.agent.actions.hand import Hand

MAX_PRESSES = 400
"""Of arrow keys for one value; a slider with more stops than that is not moved by keys."""
ROUNDS = 4
"""How often what was pressed is compared with where the slider stands: some skip stops, some are held up by a limit."""
MAX_STOPS = 60
"""Of a slider whose stops have names; one with more is not tried from end to end."""
_TOLD = 8
_WORDS = "each.getAttribute('aria-valuetext') || ''"
_DRAWN = """(element) => element.localName !== "input"
  && (element.hasAttribute("aria-valuenow") || element.querySelector('input[type="range"]') !== null)"""
_FOCUS = """(element) => {
  const able = (each) => each.tabIndex >= 0;
  (able(element) ? element : ([...element.querySelectorAll("*")].find(able) ?? element)).focus();
}"""
_SAYS = """(element) => {
  const native = { now: "value", min: "min", max: "max" };
  const read = (name) => element.type === "range" ? element[native[name]] : element.getAttribute("aria-value" + name);
  const said = (name) => parseFloat(read(name));
  return [said("now"), said("min"), said("max")].map((each) => (Number.isFinite(each) ? each : null));
}"""


def is_drawn_slider(hand: Hand) -> bool:
    """Whether it is a slider that says itself where it stands, or the handle of a field that cannot be seen."""
    return hand.candidate.role == "slider" and bool(hand.element.evaluate(_DRAWN))


def slide(hand: Hand, element: ElementHandle, value: str) -> None:
    """Move a slider to a number, or to a stop that is called so.

    Args:
        hand: The action.
        element: What takes the keys: the candidate, or the field behind it.
        value: The number, with or without its unit; or what the slider calls a stop.

    Raises:
        ActionError: The slider has no such stop, or it lies beyond its ends or between two stops.
    """
    try:
        wanted = float(field_value("range", value))
    except ValueError:
        _slide_to_word(hand, element, value)
        return
    said: list[float | None] = element.evaluate(_SAYS)
    now, least, most = said
    if (least is not None and wanted < least) or (most is not None and wanted > most):
        raise hand.refuse(f"it goes from {_plain(least)} to {_plain(most)}")
    element.evaluate(_FOCUS)
    left, step = MAX_PRESSES, 0.0
    for _ in range(ROUNDS):
        if now is None or now == wanted:
            break
        before = now
        presses = min(left, round(abs(wanted - before) / step)) if step else 1
        left -= presses
        _press(hand, "ArrowRight" if before < wanted else "ArrowLeft", presses)
        now = _stands(element)
        if not step and now is not None:
            step = abs(now - before)
    if now != wanted:
        raise hand.refuse(f"the arrow keys bring it to {_plain(now)}")


def _slide_to_word(hand: Hand, element: ElementHandle, value: str) -> None:
    """From one end to the other, until the slider says that it stands there; else back to where it stood."""
    before = _called(element)
    if not before:
        raise hand.refuse("a slider whose stops have no names takes a number")
    element.evaluate(_FOCUS)
    stops = []
    for key in ("Home", *["ArrowRight"] * MAX_STOPS):
        _press(hand, key, 1)
        stop = _called(element)
        if stop in stops:
            break
        stops.append(stop)
        if stop.casefold() == value.strip().casefold():
            return
    if before in stops:
        _press(hand, "ArrowLeft", len(stops) - 1 - stops.index(before))
    raise hand.refuse(f"it can be set to {', '.join(stops[:_TOLD])}")


def _called(element: ElementHandle) -> str:
    """What the slider says it is set to, in words."""
    drawn = f"async (each) => {{ await new Promise(requestAnimationFrame); return {_WORDS}; }}"
    return " ".join(str(element.evaluate(drawn)).split())


def _press(hand: Hand, key: str, times: int) -> None:
    for _ in range(times):
        hand.page.keyboard.press(key)


def _stands(element: ElementHandle) -> float | None:
    drawn = f"async (each) => {{ await new Promise(requestAnimationFrame); return ({_SAYS})(each)[0]; }}"
    now: float | None = element.evaluate(drawn)
    return now


def _plain(number: float | None) -> str:
    return "its end" if number is None else f"{number:g}"
