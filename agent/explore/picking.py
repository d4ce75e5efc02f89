"""Fills fields that take no typing: opens what they offer and chooses one; makes the file that a file field is given.

seen = pick(session, candidate, seen)      # a read-only "Pick-up day" → clicks it, then a day of the calendar
"""

import zlib
from pathlib import Path

from magenta_qa.agent.explore.filling import is_text
from magenta_qa.agent.explore.graph import control_key
from magenta_qa.agent.explore.session import Seen, Session
from magenta_qa.model.schema import Action, Candidate

PICTURE = "sample.png"
_SIDE_PX = 8
_CHOICES = frozenset({"option", "gridcell", "button", "menuitem", "menuitemradio", "radio"})
FEW = 3
"""Where no more than these are offered, the last one is chosen, else one in the middle: it is no default."""


def is_picked(candidate: Candidate) -> bool:
    """Whether a field is filled by choosing from what a click on it brings up."""
    if is_text(candidate):
        return candidate.state.readonly
    return candidate.role == "combobox" and candidate.tag not in ("input", "select")


def pick(session: Session, candidate: Candidate, seen: Seen) -> Seen:
    """Open it and choose.

    Args:
        session: Acts.
        candidate: The field.
        seen: The page.

    Returns:
        The page after it, which is another one where something was opened.
    """
    known = {_told(c) for c in seen.observation.candidates}
    session.act(Action("click", candidate.mark), seen)
    opened = session.look()
    offered = [
        c
        for c in opened.observation.candidates
        if (c.role in _CHOICES or c.element_type in ("option", "button")) and not c.state.disabled
        if _told(c) not in known and not c.href
    ]
    days = [c for c in offered if any(letter.isdigit() for letter in c.name or c.text)]
    choices = days if len(days) > FEW else offered
    if not choices:
        return opened
    chosen = choices[-1] if len(choices) <= FEW else choices[len(choices) // 2]
    session.act(Action("click", chosen.mark), opened)
    return session.look()


def _told(candidate: Candidate) -> str:
    return f"{control_key(candidate)} {candidate.name or candidate.text}"


def sample_picture(folder: Path) -> str:
    """A small PNG in the folder of the scenarios, made if it is not there; its name."""
    path = folder / PICTURE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_png())
    return PICTURE


def _png() -> bytes:
    """A picture of one colour, by the PNG specification (second edition, 11.2)."""
    rows = b"".join(b"\x00" + b"\x2b\x5a\x47" * _SIDE_PX for _ in range(_SIDE_PX))
    head = _SIDE_PX.to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00"
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = b"".join(len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4) for name, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + body
