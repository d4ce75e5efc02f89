"""Actions on fields: fill, type, clear, press, select, check, uncheck and upload.

    FIELD_ACTIONS["fill"](hand)

Each makes sure that the field is what it should be afterwards, and raises `ActionError` with a remedy when it is not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ElementHandle, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.actions.date_values import field_value
from magenta_qa.agent.actions.hand import Hand
from magenta_qa.agent.actions.slider import is_drawn_slider, slide
from magenta_qa.agent.actions.text_selection import select_text
from magenta_qa.agent.page.recorder import CALL
from magenta_qa.model.schema import Candidate

OPTION_SECONDS = 3.0  # how long options that load late are waited for
STATE_SECONDS = 1.0  # how long a checkbox may take to show its new state
SELECT_ALL = "ControlOrMeta+a"
# The field itself, the control of a label, or the one field inside a wrapper or an open shadow root.
_FIELD = """(element, selector) => {
  const start = element.localName === "label" && element.control ? element.control : element;
  if (start.matches(selector)) return start;
  const found = [...start.querySelectorAll(selector), ...(start.shadowRoot?.querySelectorAll(selector) ?? [])];
  return found.length === 1 ? found[0] : start;
}"""
_EDITABLE = (
    'input:not([type="hidden"], [type="checkbox"], [type="radio"], [type="button"], [type="submit"], [type="image"],'
    ' [type="reset"], [type="file"]), textarea, select, [contenteditable]:not([contenteditable="false"])'
)
_FACTS = """(field) => ({
  tag: field.localName,
  kind: field.localName === "input" ? field.type : "",
  editable: field.isContentEditable,
})"""
_FIELD_FACTS = f"""(element, selector) => {{
  const field = ({_FIELD})(element, selector);
  return {{ same: field === element, ...({_FACTS})(field) }};
}}"""
_HELD = """(field) => {
  if (field.localName === "select") return [...field.selectedOptions].map((each) => each.label.trim()).join(", ");
  if ("value" in field && field.localName !== "li") return String(field.value);
  if (field.getAttribute("role") === "slider") return field.getAttribute("aria-valuenow") ?? "";
  if (field.getAttribute("role") === "spinbutton" && !/^[ap]\\.?m/i.test(field.innerText ?? ""))
    return field.getAttribute("aria-valuenow") ?? field.innerText;
  return (field.innerText ?? "").replace(/\\n$/, "");
}"""
_OPTIONS = """(field) => [...field.options].map((each) => ({
  label: each.label.replace(/\\s+/g, " ").trim(), value: each.value, disabled: each.disabled,
  kept: field.multiple && each.selected,
}))"""
_CHECKED = """(element) => {
  let box = element.localName === "label" && element.control ? element.control : element;
  if (box.type !== "checkbox" && box.type !== "radio") {
    // Some libraries keep a hidden native input in what says itself how it is, and never set it.
    if (box.hasAttribute("aria-checked")) return box.getAttribute("aria-checked") === "true";
    const inner = box.querySelectorAll('input[type="checkbox"], input[type="radio"]');
    if (inner.length === 1) box = inner[0];
  }
  const drawnOver = box.type === "checkbox" && +getComputedStyle(box).opacity < 0.05;
  const said = drawnOver ? box.getAttribute("aria-checked") : null; // what is drawn instead may follow it
  if (said === "true" || said === "false") return said === "true";
  if (box.type === "checkbox" || box.type === "radio") return box.indeterminate ? null : box.checked;
  for (const name of ["aria-pressed", "aria-selected"]) {
    if (box.hasAttribute(name)) return box.getAttribute(name) === "true";
  }
  const marked = box.querySelector("[aria-checked]");
  return marked ? marked.getAttribute("aria-checked") === "true" : null;
}"""
_VISIBLE_PART = """(element) => {
  const big = (each) => {
    const box = each.getBoundingClientRect();
    const style = getComputedStyle(each);
    return box.width > 4 && box.height > 4 && style.visibility === "visible" && +style.opacity > 0.05;
  };
  const parts = [element, ...(element.labels ?? []), element.closest("label"), element.parentElement];
  return parts.find((each) => each && big(each));
}"""
_TEXTUAL = frozenset({"input", "textarea"})
_PLAIN_TEXT = frozenset({"text", "search", "url", "tel"})  # the inputs in which a piece of text can be selected
_KEYS = {
    "esc": "Escape",
    "return": "Enter",
    "del": "Delete",
    "ins": "Insert",
    "space": "Space",
    "spacebar": "Space",
    "up": "ArrowUp",
    "down": "ArrowDown",
    "left": "ArrowLeft",
    "right": "ArrowRight",
    "pgup": "PageUp",
    "pgdn": "PageDown",
    "ctrl": "Control",
    "control": "Control",
    "cmd": "Meta",
    "command": "Meta",
    "win": "Meta",
    "option": "Alt",
    "opt": "Alt",
    "plus": "+",
}
_NAMED_KEYS = frozenset(
    {"Enter", "Escape", "Backspace", "Delete", "Insert", "Tab", "Space", "Home", "End", "PageUp", "PageDown"}
    | {"ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Control", "Shift", "Alt", "Meta", "ControlOrMeta"}
    | {"CapsLock", "ContextMenu", *(f"F{number}" for number in range(1, 13))}
)


@dataclass(frozen=True, slots=True)
class Field:
    """The element that holds the value, and what it is."""

    element: ElementHandle
    tag: str
    kind: str
    editable: bool


def field_of(hand: Hand) -> Field:
    """The field that an element is, labels or wraps."""
    if hand.fresh and hand.candidate.tag in _TEXTUAL and hand.candidate.role != "slider":
        kind = hand.candidate.element_type.partition(":")[2]
        return Field(hand.element, hand.candidate.tag, kind, editable=False)
    facts: dict[str, Any] = hand.element.evaluate(_FIELD_FACTS, _EDITABLE)
    found = None if facts.pop("same") else hand.element.evaluate_handle(_FIELD, _EDITABLE).as_element()
    return Field(found or hand.element, **facts)


def held_value(hand: Hand) -> str:
    """What the field holds now."""
    return str(hand.element.evaluate(f"(element, selector) => ({_HELD})(({_FIELD})(element, selector))", _EDITABLE))


def fill(hand: Hand) -> None:
    """Replace what the field holds."""
    field = field_of(hand)
    if field.tag == "select":
        select(hand)
        return
    if field.kind == "file":
        raise hand.refuse("it takes a file; upload one instead")
    value = field_value(field.kind, hand.value)
    if is_drawn_slider(hand):
        slide(hand, field.element, value)
        return
    if hand.candidate.role == "spinbutton" and field.tag not in _TEXTUAL:
        _type_digits(hand, value)
        return
    if field.tag not in _TEXTUAL and not field.editable:
        _type_over(hand, value)
        return
    try:
        field.element.fill(value, timeout=hand.timeout_ms)
    except PlaywrightError as error:
        if "Malformed value" in str(error) or "Cannot type text into input[type=number]" in str(error):
            raise hand.refuse(f'its type {field.kind} does not take "{_shown(hand)}"') from error
        raise
    _let_go(hand.page)
    if not hand.fresh and _held(field) == "":
        insist(hand)


def enter(page: Page, frame: Frame, selector: str, text: str, timeout_ms: float) -> None:
    """Replace what a text field holds that the next text is meant for alone (`page/effect_press.js`).

    Playwright's own filling takes long to get ready in each new document; it is left to what may have to be waited for.
    """
    if frame.evaluate(CALL, ["hold"]):
        page.keyboard.insert_text(text)
    else:
        frame.fill(selector, text, strict=True, timeout=timeout_ms)
    _let_go(page)


def _let_go(page: Page) -> None:
    """Let go of a key, as after typing: many fields that search look at what they hold only then."""
    if not page.is_closed():
        page.keyboard.up("Shift")


def _type_digits(hand: Hand, value: str) -> None:
    """Type a number into a part of a date or time; one that could go on is given its zeros, so that it is over."""
    most = hand.element.get_attribute("aria-valuemax") or ""
    hand.element.focus()
    hand.page.keyboard.type(value.zfill(len(most)) if value.isdigit() and most.isdigit() else value)


def insist(hand: Hand) -> None:
    """Type what the field does not hold after it was filled: some put back what does not come from the keyboard."""
    value = field_value(hand.candidate.element_type.partition(":")[2], hand.value)
    if value:
        _type_over(hand, value)


def type_text(hand: Hand) -> None:
    """Type key by key, after what the field already holds."""
    field = field_of(hand)
    field.element.focus()
    hand.page.keyboard.press("ControlOrMeta+End" if field.tag == "textarea" or field.editable else "End")
    hand.page.keyboard.type(hand.value)


def clear(hand: Hand) -> None:
    """Empty the field."""
    field = field_of(hand)
    if field.tag in _TEXTUAL or field.editable:
        field.element.fill("", timeout=hand.timeout_ms)
        _let_go(hand.page)
    if _held(field):
        _type_over(hand, "")


def _held(field: Field) -> str | None:
    """What it holds now; None when filling it made the page go elsewhere, as search fields do."""
    try:
        return str(field.element.evaluate(_HELD))
    except PlaywrightError:
        return None


def press(hand: Hand) -> None:
    """Press a key or a combination with the element focused."""
    hand.element.focus()
    hand.page.keyboard.press(key_name(hand.value))


def key_name(text: str) -> str:
    """Playwright's name of a key or combination: "ctrl + s" → "Control+s", "page down" → "PageDown"."""
    parts = [part for part in re.split(r"\s*\+\s*|(?<=\w)-(?=\w)", text.strip()) if part]
    return "+".join(map(_one_key, parts)) or "+"


def _one_key(part: str) -> str:
    plain = re.sub(r"(?i)\s+key$|[\s_-]+", "", part)
    if plain.lower() in _KEYS:
        return _KEYS[plain.lower()]
    arrow = re.sub(r"(?i)^(up|down|left|right)arrow$", r"arrow\1", plain)
    return next((name for name in _NAMED_KEYS if name.lower() == arrow.lower()), part)


def select(hand: Hand) -> None:
    """Choose an option of a native select by its label, else by its value; where several can be, in addition.

    In a field or an editor it selects a piece of the text.
    """
    field = field_of(hand)
    plain = field.tag == "textarea" or field.kind in _PLAIN_TEXT
    if field.editable or plain:
        select_text(hand, field.element, plain=plain)
        return
    if field.tag != "select":
        raise hand.refuse("it is no native drop-down; click it, then click the option")
    wanted = [hand.value]
    attempts = int(OPTION_SECONDS * 1000 / 200)
    for attempt in range(attempts + 1):
        options = field.element.evaluate(_OPTIONS)
        chosen = _indices(options, wanted) or _indices(options, re.split(r"\s*,\s*|\s+and\s+", hand.value))
        if chosen or attempt == attempts:
            break
        hand.page.wait_for_timeout(200)
    if not chosen:
        labels = ", ".join(f'"{each["label"]}"' for each in options[:12]) or "none"
        raise hand.refuse(f'there is no option "{_shown(hand)}"; its options are: {labels}')
    refused = next((options[index] for index in chosen if options[index]["disabled"]), None)
    if refused:
        raise hand.refuse(f'the option "{refused["label"]}" is disabled')
    kept = [index for index, each in enumerate(options) if each["kept"] and index not in chosen]
    field.element.select_option(index=[*kept, *chosen], timeout=hand.timeout_ms)


def _indices(options: list[dict[str, Any]], wanted: list[str]) -> list[int]:
    found = [_index(options, each.strip()) for each in wanted]
    return [] if None in found else [index for index in found if index is not None]


def _index(options: list[dict[str, Any]], wanted: str) -> int | None:
    """By label, by value, by label whatever its case, else by the only label that contains it."""
    folded = wanted.casefold()
    tests: tuple[Callable[[dict[str, Any]], bool], ...] = (
        lambda each: each["label"] == wanted,
        lambda each: each["value"] == wanted,
        lambda each: each["label"].casefold() == folded,
        lambda each: each["value"].casefold() == folded,
    )
    for test in tests:
        found = [index for index, each in enumerate(options) if test(each)]
        if found:
            return found[0]
    word = re.compile(rf"(?<!\w){re.escape(folded)}(?!\w)")
    part = [index for index, each in enumerate(options) if folded and word.search(each["label"].casefold())]
    return part[0] if len(part) == 1 else None


def check(hand: Hand) -> None:
    """Make sure that a checkbox, radio button or switch is on."""
    _set_checked(hand, True)


def uncheck(hand: Hand) -> None:
    """Make sure that a checkbox or switch is off."""
    _set_checked(hand, False)


def _set_checked(hand: Hand, wanted: bool) -> None:
    if hand.element.evaluate(_CHECKED) == wanted:
        return
    if not wanted and hand.candidate.role == "radio":
        raise hand.refuse("a radio button cannot be switched off; choose another one of its group")
    part = hand.element.evaluate_handle(_VISIBLE_PART).as_element() or hand.element
    same = part.evaluate("(one, other) => one === other", hand.element)
    part.click(position=hand.position() if same else None, timeout=hand.timeout_ms, no_wait_after=True)
    state = _state_once(hand, wanted)
    if state != wanted:
        words = {True: "is still on", False: "is still off", None: "does not say whether it is on"}
        raise hand.refuse(f"it was clicked, but {words[state]}")


def _state_once(hand: Hand, wanted: bool) -> bool | None:
    """Its state once that is as wanted, else what it still is; a click that leaves the page has done its work."""
    state: bool | None = None
    for _ in range(int(STATE_SECONDS * 1000 / 50)):
        try:
            state = _in_place(hand).evaluate(_CHECKED)
        except PlaywrightError:
            return wanted
        if state == wanted:
            break
        hand.page.wait_for_timeout(50)
    return state


def await_checked(candidate: Candidate, frame: Frame, wanted: bool) -> bool:
    """Whether what the candidate's locators find is, or soon gets, as wanted; so is what a click has taken away."""
    script = f"(found) => found.length === 1 ? [({_CHECKED})(found[0])] : null"
    for _ in range(int(STATE_SECONDS * 1000 / 50)):
        try:
            told = (frame.eval_on_selector_all(selector, script) for selector in candidate.locators)
            state = next((each[0] for each in told if each is not None), None)
        except PlaywrightError:
            return True
        if state == wanted:
            return True
        frame.page.wait_for_timeout(50)
    return False


def _in_place(hand: Hand) -> ElementHandle:
    """The element, or what stands in its place now: many a list is drawn anew when one of its boxes is ticked."""
    if hand.element.evaluate("element => element.isConnected"):
        return hand.element
    frame = hand.page.frames[0] if not hand.candidate.frame_index else hand.element.owner_frame()
    if frame is None:
        return hand.element
    places = (frame.locator(selector) for selector in hand.candidate.locators)
    found = next((place for place in places if place.count() == 1), None)
    return found.element_handle(timeout=hand.timeout_ms) if found is not None else hand.element


def upload(hand: Hand) -> None:
    """Give files to a file field, or to the chooser that a button opens."""
    paths = [_existing(hand, each) for each in _paths_in(hand)]
    field = hand.element.evaluate_handle(_FIELD, 'input[type="file"]').as_element() or hand.element
    if field.evaluate('each => each.localName === "input" && each.type === "file"'):
        if len(paths) > 1 and not field.evaluate("each => each.multiple"):
            raise hand.refuse(f"it takes one file, not {len(paths)}")
        field.set_input_files(paths, timeout=hand.timeout_ms)
        return
    try:
        with hand.page.expect_file_chooser(timeout=5_000) as chooser:
            hand.element.click(position=hand.position(), timeout=hand.timeout_ms, no_wait_after=True)
    except PlaywrightError as error:
        if "filechooser" not in str(error).lower().replace(" ", ""):
            raise
        raise hand.refuse("it is no file field, and clicking it opened no file chooser") from error
    chooser.value.set_files(paths)


def _paths_in(hand: Hand) -> list[str]:
    whole = [Path(folder, hand.value) for folder in (hand.settings.files, Path.cwd()) if folder is not None]
    if any(path.exists() for path in whole):
        return [hand.value]
    return [part.strip() for part in re.split(r"[,\n;]", hand.value) if part.strip()]


def _existing(hand: Hand, name: str) -> Path:
    folders = [folder for folder in (hand.settings.files, Path.cwd()) if folder is not None]
    paths = [folder / Path(name).expanduser() for folder in folders]  # an absolute path stays as it is
    found = next((path for path in paths if path.is_file()), None)
    if found is None:
        places = " or ".join(dict.fromkeys(map(str, folders)))
        raise hand.refuse(f'there is no file "{name}" in {places}; give a path relative to one of these folders')
    return found


def _type_over(hand: Hand, value: str) -> None:
    """For widgets that are no fields: click, select everything, type."""
    hand.element.click(position=hand.position(), timeout=hand.timeout_ms)
    hand.page.keyboard.press(SELECT_ALL)
    if value:
        hand.page.keyboard.type(value)
    else:
        hand.page.keyboard.press("Delete")


def _shown(hand: Hand) -> str:
    return hand.action.value or "" if hand.secret else hand.value


FIELD_ACTIONS: dict[str, Callable[[Hand], None]] = {
    "fill": fill,
    "type": type_text,
    "clear": clear,
    "press": press,
    "select": select,
    "check": check,
    "uncheck": uncheck,
    "upload": upload,
}
