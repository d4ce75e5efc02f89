"""Tells an action as the step of a scenario, so that a person can read it and the agent can repeat it.

step_of(Action("click", 24), candidate, observation)   -> 'Click "Delete" in the row of "Summer cabin"'
"""

from collections.abc import Sequence

from magenta_qa.model.prompt import one_line
from magenta_qa.model.schema import Action, Candidate, Context, Observation

MAX_NAME = 60
ROW_WORDS = 4
_REPEATED = {"row": "row", "listitem": "item", "card": "card"}
_NOUNS = {"button": "button", "link": "link", "checkbox": "checkbox", "tab": "tab", "radio": "option"}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def step_of(action: Action, candidate: Candidate, observation: Observation, onto: Candidate | None = None) -> str:
    """The imperative sentence.

    Args:
        action: What is done.
        candidate: To what.
        observation: Where it stands; others of the same name make it say the row or the number.
        onto: Where a drag ends.
    """
    name, where = label(candidate), _where(candidate, observation.candidates)
    match action.kind:
        case "fill" | "type":
            return f"Type {_said(action.value or '')} into {quoted(name)}{where}"
        case "upload":
            return f"Upload {action.value} as {quoted(name)}{where}"
        case "select":
            return f'Choose "{action.value}" from {quoted(name)}{where}'
        case "check":
            return f"Tick {quoted(name)}{where}"
        case "uncheck":
            return f"Untick {quoted(name)}{where}"
        case "press":
            return f"Press {action.value} in {quoted(name)}{where}"
        case "drag" if onto is not None:
            return f"Drag {quoted(label(candidate))} onto {quoted(label(onto))}"
        case _:
            return f"Click {_which(candidate, observation.candidates)}{quoted(name)}{where}"


def label(candidate: Candidate) -> str:
    """What a person would call it."""
    told = candidate.name or candidate.text or candidate.description or _around(candidate) or candidate.hints
    return one_line(told, MAX_NAME) or candidate.element_type


def quoted(name: str) -> str:
    """In double quotes, which the name itself must not hold."""
    return '"' + name.replace('"', "'") + '"'


def _said(value: str) -> str:
    """In quotes that the value does not hold."""
    return f"“{value}”" if '"' in value else f'"{value}"'


def item_of(candidate: Candidate) -> Context | None:
    """The row, card or list item that it stands in."""
    return next((each for each in candidate.context if each.kind in _REPEATED and each.text.strip()), None)


def item_name(candidate: Candidate) -> str:
    """What a person would call that item: its heading, else its first words."""
    item = item_of(candidate)
    if item is None:
        return ""
    inside = candidate.context[: candidate.context.index(item)]
    heading = next((c.text for c in (*inside, *candidate.context) if c.kind == "heading" and c.text in item.text), "")
    return heading or " ".join(item.text.split()[:ROW_WORDS]).rstrip(",.;:")


def _where(candidate: Candidate, others: Sequence[Candidate]) -> str:
    item = item_of(candidate)
    if item is None or not _has_double(candidate, others):
        return ""
    preposition = "on" if item.kind == "card" else "in"
    kind = _REPEATED[item.kind]
    return f" {preposition} the {kind} of {quoted(item_name(candidate))}"


def _which(candidate: Candidate, others: Sequence[Candidate]) -> str:
    """ "the second " where no row tells doubles apart, "the button " where a link is called the same."""
    doubles = [c for c in others if is_same(c, candidate)]
    at = doubles.index(candidate) if item_of(candidate) is None and len(doubles) > 1 else -1
    ordinal = f"{_ORDINALS[at]} " if 0 <= at < len(_ORDINALS) else ""
    rivals = any(c.element_type != candidate.element_type and label(c) == label(candidate) for c in others)
    noun = f"{_NOUNS[candidate.element_type]} " if rivals and candidate.element_type in _NOUNS else ""
    return f"the {ordinal}{noun}" if ordinal or noun else ""


def _has_double(candidate: Candidate, others: Sequence[Candidate]) -> bool:
    return sum(is_same(other, candidate) for other in others) > 1


def is_same(one: Candidate, other: Candidate) -> bool:
    """Whether two controls are of one type and called the same."""
    return one.element_type == other.element_type and label(one) == label(other)


def _around(candidate: Candidate) -> str:
    return next((each.text for each in candidate.context if each.kind in ("label", "cell")), "")
