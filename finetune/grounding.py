"""Grounding accuracy: given only descriptions, does the decision step pick the element that the tester meant?

    cases = build_cases(held.items, held.others)
    ground(cases, held.everything, descriptions, open_decision("rules", api_key=None))    -> {17: True, 18: False, …}

The decision step is the one that serves (`model.decide`). It is shown every candidate of the page as its type and its
description, nothing else: no name, no text, no HTML, no picture. The instruction is what the tester had written; where
nothing was written, the label turned into an order ("Removes the mug." → "Remove the mug").
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from magenta_qa.finetune.held_out import Item
from magenta_qa.model.decide import Deciding
from magenta_qa.model.language.step import read_step
from magenta_qa.model.schema import Box, Candidate, DecisionRequest, Description, Observation, State

MAX_CANDIDATES = 60
_VALUE = "example"


@dataclass(frozen=True, slots=True)
class Case:
    """One question to the decision step."""

    number: int
    """Of the item that is meant."""
    instruction: str
    candidates: tuple[int, ...]
    """Numbers of the items to choose from, the meant one among them, in the order of the rows."""
    right: frozenset[int]
    """Those that do the same: rows of one page may be about one control."""


def build_cases(items: Sequence[Item], others: Sequence[Item] = ()) -> list[Case]:
    """A case for each item of a page with at least two different elements.

    The candidates are those of the same look at the page; where a look has but one row, as in most logs, those of all
    looks at the page, each thing that can be done once.

    Args:
        items: What is asked about.
        others: What else can be chosen, numbered after the items; nobody has labelled it, so it is never right.
    """
    everything = [*items, *others]
    looks, pages = _grouped(everything, lambda item: item.look), _grouped(items, lambda item: item.page)
    cases = []
    for number, item in enumerate(items):
        around = sorted(looks[item.look], key=lambda other: everything[other].place)
        if len({everything[other].reference for other in around}) < 2:
            around = _distinct(items, pages[item.page], number)
        around = _nearest(around, number)
        right = frozenset(other for other in around if everything[other].reference == item.reference)
        if len(around) > len(right):
            cases.append(Case(number, item.instruction or instruction_from(item), tuple(around), right))
    return cases


def instruction_from(item: Item) -> str:
    """The label as an order."""
    sentence = item.reference.strip().rstrip(".!")
    first, _, rest = sentence.partition(" ")
    order = f"{_base_form(first)} {rest}".strip()
    if item.action_type == "select":
        return f'Select "{_VALUE}" in {re.sub(r"^(?:from|in|of|among) ", "", rest)}'
    if item.action_type in ("fill", "type"):
        return f'{_base_form(first)} "{_VALUE}" {rest}' if rest.startswith("into ") else f'{order} with "{_VALUE}"'
    return order


def ground(
    cases: Sequence[Case],
    items: Sequence[Item],
    descriptions: Mapping[int, str],
    deciding: Deciding,
    on_case: Callable[[], None] = lambda: None,
) -> dict[int, bool]:
    """Whether the meant element was picked, for each case.

    Args:
        cases: The questions.
        items: All items and the others beside them, by their numbers.
        descriptions: What a system said about each item, by its number; missing or empty where it said nothing.
        deciding: The decision step.
        on_case: Called after each.

    Raises:
        BackendError: The decision step gives no usable answer.
    """
    picked = {}
    for case in cases:
        decision = deciding.decide(_request(case, items, descriptions))
        mark = decision.action.mark if decision.outcome == "act" and decision.action else None
        picked[case.number] = mark is not None and case.candidates[mark - 1] in case.right
        on_case()
    return picked


def _request(case: Case, items: Sequence[Item], descriptions: Mapping[int, str]) -> DecisionRequest:
    marked = list(enumerate(case.candidates, 1))
    candidates = tuple(
        bare_candidate(mark, items[number].element_type, items[number].action_type, case.instruction)
        for mark, number in marked
    )
    said = tuple(
        # Signed as a model's, whoever said it: the decision step leaves out what it could work out by itself.
        Description(mark, descriptions[number], "model", "evaluation")
        for mark, number in marked
        if descriptions.get(number)
    )
    observation = Observation("", "", (1280, 720), 1.0, b"", candidates)
    return DecisionRequest(case.instruction, None, observation, said)


def bare_candidate(mark: int, element_type: str, action_type: str, instruction: str) -> Candidate:
    """A candidate of which nothing is known but its type; its box only keeps candidates apart.

    Every drop-down has the values of the instruction to choose from: it is found by its description or not at all.
    """
    box = Box(8, 24 * mark, 100, 20)
    role = element_type.partition(":")[0]
    values = tuple(intent.value for intent in read_step(instruction) if intent.value) or (_VALUE,)
    options = values if element_type == "select" else ()
    return Candidate(mark, box, element_type, role, "", "", State(), (action_type,), options=options)


def _grouped(items: Sequence[Item], key: Callable[[Item], str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        groups.setdefault(key(item), []).append(number)
    return groups


def _distinct(items: Sequence[Item], numbers: Sequence[int], kept: int) -> list[int]:
    """One item for each label, the one that is asked about for its own."""
    first = {items[number].reference: number for number in reversed(numbers)}
    first[items[kept].reference] = kept
    return sorted(first.values())


def _nearest(numbers: Sequence[int], kept: int) -> list[int]:
    """At most `MAX_CANDIDATES`, those around the one that is asked about."""
    place = numbers.index(kept)
    start = min(max(0, place - MAX_CANDIDATES // 2), max(0, len(numbers) - MAX_CANDIDATES))
    return list(numbers[start : start + MAX_CANDIDATES])


def _base_form(verb: str) -> str:
    """ "Opens" → "Open"; what is no verb in the third person stays as it is."""
    if re.search(r"(?:ss|sh|ch|x|zz|o)es$", verb):
        return verb[:-2]
    if re.search(r"[^aeiou]ies$", verb):
        return verb[:-3] + "y"
    return verb[:-1] if re.search(r"[^s]s$", verb) else verb
