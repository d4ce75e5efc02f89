"""What an icon most likely means, for steps that nothing else fits: of the controls whose pictures a small model is not
certain of, the one that is far likelier than any other to be what was asked for; and what else those may be
called that are read for sure.

    with_guesses(request).observation.candidate(7).name             # "Archive": 0.3 here, 0.02 on the next likely one
    with_guesses(request).observation.candidate(3).description      # "Alerts, updates, …" of a bell

By itself such a reading is wrong too often to name a control with; among the few that a page has it is not. It is never
given to what the page itself says anything about, nor is what is already read for sure on another one. What a team's
labels say of a control (`taught`) comes first.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from magenta_qa.model.embedded.other_names import OTHER_NAMES
from magenta_qa.model.moves.turn import only_prepares
from magenta_qa.model.ranking.fitness import is_nameless
from magenta_qa.model.schema import Decision, DecisionRequest, Description, Guess
from magenta_qa.model.taught import TAUGHT, with_taught

_AHEAD = 3.0
"""Times as likely as on any other control that looks otherwise."""


Decide = Callable[[DecisionRequest], Decision]
DecideMeant = Callable[[DecisionRequest, int, float], Decision]


def guessing(decide: Decide, decide_meant: DecideMeant, request: DecisionRequest) -> Decision:
    """The decision; where nothing fits, that by what labels say, and then by other names and likely meanings.

    Args:
        decide: Decides by what is known.
        decide_meant: The same where it is known which control is meant, and how surely.
        request: The step and the page.
    """
    decision = decide(request)
    if request.observation.dialog or not (decision.outcome == "none" or only_prepares(decision)):
        return decision
    taught = with_taught(request)
    if taught is not None:
        marks = _named_anew(request, taught)
        other = decide_meant(taught, min(marks), TAUGHT) if len(marks) == 1 else decide(taught)
        if _acts_on(other, marks):
            return replace(other, reason=f"{other.reason}, as labels say")
    guessed = with_guesses(request)
    if guessed is not None:
        other = decide(guessed)
        if _acts_on(other, _named_anew(request, guessed)):
            return replace(other, reason=f"{other.reason}, as its picture most likely shows")
    return decision


def _named_anew(request: DecisionRequest, guessed: DecisionRequest) -> frozenset[int]:
    pairs = zip(request.observation.candidates, guessed.observation.candidates, strict=True)
    return frozenset(after.mark for before, after in pairs if before != after)


def _acts_on(decision: Decision, marks: frozenset[int]) -> bool:
    return decision.action is not None and decision.action.mark in marks and not only_prepares(decision)


def with_guesses(request: DecisionRequest) -> DecisionRequest | None:
    """The request with candidates named by what they most likely are, too; None where there is nothing to add.

    What has several likely meanings bears the names of all.
    """
    nameless = {c.mark for c in request.observation.candidates if is_nameless(c)}
    chances: dict[str, list[tuple[float, Description]]] = defaultdict(list)
    for description in request.descriptions:
        for guess in description.guesses:
            chances[guess.reading].append((guess.chance, description))
    surely = {description.reading for description in request.descriptions}

    def is_likeliest(guess: Guess, of: Description) -> bool:
        others = (chance for chance, other in chances[guess.reading] if _look(other) != _look(of))
        return guess.reading not in surely and guess.chance >= _AHEAD * max(others, default=0.0)

    descriptions, names = [], {}
    for description in request.descriptions:
        guesses = tuple(guess for guess in description.guesses if is_likeliest(guess, description))
        if description.mark not in nameless or not (guesses or description.reading):
            descriptions.append(description)
            continue
        read = _read(description, guesses[0]) if guesses else description
        descriptions.append(read)
        names[read.mark] = _names(read.reading, guesses)
    if not names:
        return None
    candidates = tuple(
        replace(c, name=names[c.mark][0], description=", ".join(names[c.mark][1:])) if c.mark in names else c
        for c in request.observation.candidates
    )
    observation = replace(request.observation, candidates=candidates)
    return replace(request, observation=observation, descriptions=tuple(descriptions))


def _look(description: Description) -> tuple[tuple[str, float], ...]:
    """What is the same for controls that look alike; their sentences name the rows that they stand in."""
    return tuple((guess.reading, guess.chance) for guess in description.guesses)


def _read(description: Description, guess: Guess) -> Description:
    """What is most likely as if it were read for sure."""
    return replace(description, text=guess.text, reading=guess.reading, source="model", confidence=guess.chance)


def _names(reading: str, guesses: tuple[Guess, ...]) -> list[str]:
    """All that a control may be called, first by what is read."""
    readings = dict.fromkeys((reading, *(guess.reading for guess in guesses)))
    others = (name for each in readings for name in OTHER_NAMES.get(each, "").split(", ") if name)
    return list(dict.fromkeys((*readings, *others)))
