"""One thing that a step asks for.

Intent(kind="fill", text="Set the quantity to 3", target=Target(phrase="quantity", …), value="3")
"""

from dataclasses import dataclass

from magenta_qa.model.language.condition import Condition
from magenta_qa.model.language.reference import Source
from magenta_qa.model.language.target import Target


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be done to what."""

    kind: str
    """See `step`; "unknown" where the words are not a request for an action."""
    text: str
    """The tester's words for it."""
    target: Target | None = None
    value: str | None = None
    """Text, option, key, path, URL, direction, seconds; `${NAME}` is still in it."""
    to: Target | None = None
    """Where a drag ends; the field that a key is pressed in."""
    option: Target | None = None
    """What is chosen, as a control of its own ("Select the second radio button")."""
    path: tuple[Target, ...] = ()
    """"File > Export": each part in order."""
    secret: str | None = None
    """The password of a login."""
    way: str = ""
    """ascending | descending, for sorting."""
    verb: str = ""
    """The verb as written, for verbs that say what a control does."""
    filtered: str = ""
    """What a filter is said to narrow down: a list, or the column of one."""
    source: Source | None = None
    """Where on the page the value is read, instead of `value`."""
    until: Condition | None = None
    """It is repeated until this holds."""
