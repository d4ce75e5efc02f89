"""Names of keys, in the words of a tester and as Playwright spells them.

read_key("ctrl + a")                    -> Key("Control+a")
read_key("Enter in the search field")   -> Key("Enter", where="the search field")
read_key("the Save button")             -> None
"""

import re
from dataclasses import dataclass

from magenta_qa.model.language.spans import Masked

_KEYS = {
    "enter": "Enter", "return": "Enter", "tab": "Tab", "tabulator": "Tab", "escape": "Escape", "esc": "Escape",
    "backspace": "Backspace", "delete": "Delete", "del": "Delete", "insert": "Insert", "ins": "Insert", "home": "Home",
    "end": "End", "space": "Space", "space bar": "Space", "spacebar": "Space", "page up": "PageUp", "pageup": "PageUp",
    "page down": "PageDown", "pagedown": "PageDown", "pgup": "PageUp", "pgdn": "PageDown", "arrow up": "ArrowUp",
    "up arrow": "ArrowUp", "arrow down": "ArrowDown", "down arrow": "ArrowDown", "arrow left": "ArrowLeft",
    "left arrow": "ArrowLeft", "arrow right": "ArrowRight", "right arrow": "ArrowRight", "arrowup": "ArrowUp",
    "arrowdown": "ArrowDown", "arrowleft": "ArrowLeft", "arrowright": "ArrowRight", "up": "ArrowUp",
    "down": "ArrowDown",
    "left": "ArrowLeft", "right": "ArrowRight", "caps lock": "CapsLock", "print screen": "PrintScreen",
    **{f"f{i}": f"F{i}" for i in range(1, 13)},
}  # fmt: skip
_MODIFIERS = {
    "ctrl": "Control", "control": "Control", "strg": "Control", "shift": "Shift", "alt": "Alt", "option": "Alt",
    "meta": "Meta", "cmd": "Meta", "command": "Meta", "win": "Meta", "ctrlorcmd": "ControlOrMeta",
    "controlormeta": "ControlOrMeta",
}  # fmt: skip
_ALSO_LABELS = {"Delete", "Insert", "Home", "End", "Space", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Enter"}
_TIMES = {"once": 1, "twice": 2, "thrice": 3}
_COUNT = re.compile(r"\s+(?:(once|twice|thrice)|(\d{1,2}|two|three|four|five) times)$", re.IGNORECASE)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}
_WHERE = re.compile(r"\s+(?:in|inside|within|on|into|while in|with focus on)\s+(?P<where>.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """A key or a combination of keys."""

    name: str
    """As Playwright spells it: Enter, Control+a."""
    where: str = ""
    """The field in which it is pressed, where one was named."""
    times: int = 1
    maybe_label: bool = False
    """The word may as well stand on a button: "Press Delete"."""


def read_key(text: str, masked: Masked | None = None) -> Key | None:
    """The key that `text` names, or None when it names something else."""
    times, where = 1, ""
    count = _COUNT.search(text)
    if count:
        word = (count[1] or count[2]).lower()
        times = min(int(_TIMES.get(word) or _NUMBERS.get(word) or word), 20)
        text = text[: count.start()]
    place = _WHERE.search(text)
    if place:
        where, text = place["where"], text[: place.start()]
    plain = masked.restore(text) if masked else text
    said_key = bool(re.search(r"\bkeys?\b", plain, re.IGNORECASE))
    plain = re.sub(
        r"^(?:on\s+)?(?:the\s+)?(?:keys?\s+)?|\s+keys?$|\s+on (?:the|your) keyboard$", "", plain, flags=re.I
    ).strip()
    name = _spelled(plain, said_key)
    if name is None or (masked and plain != text and "button" in text):
        return None
    return Key(name, where, times, maybe_label=name in _ALSO_LABELS and not said_key)


def _spelled(text: str, said_key: bool) -> str | None:
    lower = " ".join(text.lower().replace("-", " ").split()) if len(text) > 1 else text.lower()
    if lower in _KEYS:
        return _KEYS[lower]
    parts = [p for p in re.split(r"\s*\+\s*|-(?=\S)|\s+(?:and\s+)?(?=\S+$)", text) if p]
    if len(parts) > 1 and all(p.lower() in _MODIFIERS for p in parts[:-1]):
        last = parts[-1]
        key = _KEYS.get(last.lower(), last.lower() if len(last) == 1 else None)
        return "+".join([*(_MODIFIERS[p.lower()] for p in parts[:-1]), key]) if key else None
    return text if said_key and len(text) == 1 and text.isprintable() else None
