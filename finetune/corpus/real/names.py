"""Names of controls and titles of rows as the page has them, made fit for a sentence or left out.

clean("Chat 3", badge="3")       -> "Chat"
clean("Default button")          -> "": says nothing; pages that show components are full of it
item_of(seen)                    -> "clinic.db": title of the row, list item or card that it stands in
container("Sign in")             -> "Sign in": a form or dialog that can be spoken of
"""

import re
from typing import TYPE_CHECKING

from magenta_qa.finetune.corpus.real.lexicon import listed

if TYPE_CHECKING:
    from magenta_qa.finetune.corpus.real.look import Seen

MAX_NAME = 48
"""Characters."""
MAX_WORDS = 7
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 '’&/.,()+#%$@:“”\"–?!-]*")
_SHOWCASE = re.compile(
    r"(?i)\b(dropdown|lorem|ipsum|popover|tooltip|demo|example|placeholder|stepper|invalid|valid|dual list|nulla)\b"
)
"""Pages that show components call controls by what they are."""


def clean(name: str, badge: str = "") -> str:
    """The name without marks; empty where it is none that a sentence can be made of.

    Args:
        name: As the page has it.
        badge: Text of counts within the control, which is no part of what it is called.
    """
    plain = " ".join(name.split())
    plain = (plain.removesuffix(badge) if badge else plain).strip(" *:…›»«‹→←▾▼.")
    plain = re.sub(r"\s*\((?:optional|required|opens in (?:a )?new (?:tab|window))\)$", "", plain, flags=re.IGNORECASE)
    half = len(plain) // 2
    if plain[:half] == plain[half + 1 :]:
        plain = plain[:half]  # labelled twice
    if len(plain) > MAX_NAME or not _PLAIN.fullmatch(plain) or not re.search(r"[A-Za-z]{2}|^\d+$", plain):
        return ""
    if plain.lower() in ("none", "null", "n/a") or _SHOWCASE.search(plain):
        return ""
    parts = re.findall(r"[A-Za-z]+", plain.lower())
    if listed("latin").intersection(parts):
        return ""
    return "" if parts and all(part in listed("demonstration") for part in parts) else plain


def quoted(text: str) -> str:
    """A name as it stands in a sentence."""
    return f"“{text}”"


def container(name: str) -> str:
    """The name of a form or dialog, if it is a short one."""
    plain = clean(name)
    return plain if len(plain.split()) <= 5 and not plain.endswith("?") else ""


def item_of(seen: "Seen") -> str:
    """The title of its row or card, if that is a plain one and not its own name."""
    plain = clean(seen.item)
    own = seen.candidate.name.lower()
    return "" if not plain or plain.lower() in own or len(plain.split()) > MAX_WORDS else plain
