"""Tells whether a control is the one that a step acted on when its scenario last passed.

    then = fingerprint_of(candidate)
    differences(then, now)                 -> () or ('its row was "Summer cabin …" and is "Parents …"',)
    is_same(then, now, step)               -> whether what differs is only data, such as an amount in its row

`differences` is strict: a replay acts only where it finds none. Digits may differ in what names a part of the page
("Notifications (3)"), but never in a row, an item of a list or a card, which they may tell apart.
"""

import re
from collections.abc import Callable, Sequence

from magenta_qa.model.private_text import MASK
from magenta_qa.model.schema import IDS_PER_FRAME, Candidate, State
from magenta_qa.model.trace import Fingerprint

ITEMS = frozenset({"row", "listitem", "card"})
"""Containers of which there are several alike on a page."""
_PORT = re.compile(r"^(\w+://[^/]*):\d+(?=/|$)")
_PASSING = frozenset({"value", "focused", "invalid", "required", "private"})
_SILENT = frozenset(
    re.findall(
        r"\w+",
        "the a an of in on at to for and or with from into by is as it its row item card click press button link field "
        "list table column page this that then",
    )
)
"""Words of a step that tell no row from another."""


def fingerprint_of(candidate: Candidate, mask: Callable[[str], str] = str) -> Fingerprint:
    """The fingerprint of a control as observed; of what it stands in, only what is in its own frame.

    Args:
        candidate: The control.
        mask: Hides what is private.
    """
    own = [each for each in candidate.context if each.id // IDS_PER_FRAME == candidate.frame_index]
    return Fingerprint(
        candidate.role,
        MASK if candidate.state.private else mask(candidate.name or candidate.text),
        candidate.element_type,
        flags_of(candidate.state),
        tuple(f"{each.kind}: {mask(each.text)}" for each in own),
        mask(candidate.hints),
        candidate.frame.partition("?")[0],
    )


def flags_of(state: State) -> str:
    """What a control's state is, without what changes by itself: `not expanded`, `checked disabled`."""
    lasting = {name: getattr(state, name) for name in State.__slots__ if name not in _PASSING}
    return str(State(**lasting))


def differences(then: Fingerprint, now: Fingerprint, *, kind: str = "") -> tuple[str, ...]:
    """What is not as it was, one line each; empty when it is the same control.

    Args:
        then: As the scenario last passed.
        now: As it is.
        kind: The action; a box that is to be ticked may be ticked already.
    """
    found: list[str] = []
    if (then.role, then.element_type) != (now.role, now.element_type):
        found.append(f"it was a {then.role or then.element_type} and is a {now.role or now.element_type}")
    if then.name != now.name:
        found.append(f'it was called "{then.name}" and is called "{now.name}"')
    if not then.name and then.hints != now.hints:
        found.append(f'it has no name, was marked "{then.hints}" and is marked "{now.hints}"')
    if then.state != now.state and kind not in ("check", "uncheck", "fill", "clear", "select"):
        found.append(f'it was "{then.state}" and is "{now.state}"')
    if not is_same_frame(then.frame, now.frame):
        found.append(f"its frame was {then.frame or 'the page itself'} and is {now.frame or 'the page itself'}")
    return (*found, *_moved(then.within, now.within))


def is_same_frame(then: str, now: str) -> bool:
    """Whether two addresses are of the same frame; what is under test may be served on another port each time."""
    return _PORT.sub(r"\1", then) == _PORT.sub(r"\1", now)


def is_same(then: Fingerprint, now: Fingerprint, step: str) -> bool:
    """Whether role and name are the same and it stands where the step says; amounts, dates and the like may differ."""
    named = _without_digits(then.name) == _without_digits(now.name) and (then.name or then.hints == now.hints)
    return bool(named) and then.role == now.role and keeps_place(then, now, step)


def keeps_place(then: Fingerprint, now: Fingerprint, step: str) -> bool:
    """Whether what the step says of the row, item or card that it was in is said by the one that it is in now."""
    told = " ".join(text for text in now.within) + f" {now.name}"
    there = words_of(told)
    said = words_of(step) - words_of(then.name)  # what the control itself is called tells no row from another
    return all(said & words_of(text) <= there for kind, text in map(_split, then.within) if kind in ITEMS)


def words_of(text: str) -> set[str]:
    """The words that could tell one row from another."""
    return {word for word in re.findall(r"[\w-]+", text.casefold()) if word not in _SILENT}


def anchor_in(step: str, fingerprint: Fingerprint) -> tuple[str, str]:
    """Kind of the nearest item that the step names, and the words by which it does: ("row", "Summer cabin")."""
    for kind, text in map(_split, fingerprint.within):
        if kind in ITEMS:
            phrase = _shared_phrase(step, text)
            return kind, phrase if words_of(phrase) - words_of(fingerprint.name) else ""
    return "", ""


def _shared_phrase(step: str, text: str) -> str:
    """The longest run of whole words that both contain, spelt as in `text`; empty where it tells nothing."""
    spoken = re.findall(r"[\w.-]*\w", step.casefold())
    written = list(re.finditer(r"[\w.-]*\w", text))
    best: Sequence[re.Match[str]] = ()
    for start in range(len(written)):
        for end in range(start + 1, len(written) + 1):
            run = [match[0].casefold() for match in written[start:end]]
            if not any(spoken[at : at + len(run)] == run for at in range(len(spoken))):
                break
            if len(run) > len(best):
                best = written[start:end]
    phrase = text[best[0].start() : best[-1].end()] if best else ""
    return phrase


def describe(fingerprint: Fingerprint) -> str:
    """It in words: `button "Delete" in row "Summer cabin …"`."""
    kind, text = _split(next((each for each in fingerprint.within), ""))
    name = f'{fingerprint.element_type or fingerprint.role} "{fingerprint.name}"'
    return f'{name} in {kind} "{text[:60]}"' if text else name


def _split(within: str) -> tuple[str, str]:
    kind, _, text = within.partition(": ")
    return kind, text


def _moved(then: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    if tuple(map(_comparable, then)) == tuple(map(_comparable, now)):
        return ()
    gone = [each for each in then if _comparable(each) not in set(map(_comparable, now))]
    new = [each for each in now if _comparable(each) not in set(map(_comparable, then))]
    return (f"it stood in {_listed(gone) or 'the same, otherwise nested'} and stands in {_listed(new) or 'no such'}",)


def _comparable(within: str) -> str:
    return within if _split(within)[0] in ITEMS else _without_digits(within)


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _listed(within: Sequence[str]) -> str:
    return ", ".join(f'{kind} "{text[:60]}"' for kind, text in map(_split, within))
