"""What a rule sees and what it can answer: shared by all the moves of the `rules` decider."""

from collections.abc import Sequence
from dataclasses import dataclass

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.reference import Source
from magenta_qa.model.ranking.choice import Choice
from magenta_qa.model.ranking.fitness import is_checkable
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.schema import Action, ActionKind, Candidate, Decision, Done

SPEC = "rules"


@dataclass(frozen=True, slots=True)
class Turn:
    """The page now, and what has been done for the intent at hand."""

    page: Page
    rest: tuple[Done, ...]
    """Actions that were done for this intent, oldest first."""
    following: tuple[Intent, ...] = ()
    """What the step asks for after this."""
    history: tuple[Done, ...] = ()
    """All actions of the step."""
    noted: Source | None = None
    """What an earlier part of the step says is to be read."""
    prepared: tuple[Done, ...] = ()
    """Actions of this intent that only opened, turned or scrolled something on the way."""

    @property
    def carried_out(self) -> tuple[Done, ...]:
        """Those that did not end in an error."""
        return tuple(d for d in self.rest if not d.error)


@dataclass(frozen=True, slots=True)
class Finished:
    """The intent needs nothing more."""

    used: int
    """How many of the done actions it accounts for."""
    reason: str = ""


Answer = Finished | Decision


def act(kind: ActionKind, candidate: Candidate | None = None, value: str | None = None, *, choice: Choice | None = None,
        target_mark: int | None = None, reason: str = "") -> Decision:  # fmt: skip
    """An action, with the confidence of the choice that led to it."""
    action = Action(kind, candidate.mark if candidate else None, value, target_mark)
    confidence = choice.best.score if choice and choice.best else 1.0
    why = reason or (choice.reason if choice else "")
    return Decision("act", action, round(confidence, 3), why, choice.alternatives if choice else (), SPEC)


def none(reason: str, choice: Choice | None = None, *, absent: bool | None = None) -> Decision:
    """No action.

    Args:
        reason: Why.
        choice: What was looked for.
        absent: Whether there is no such control, where the choice does not say so itself.
    """
    missing = absent if absent is not None else bool(choice and choice.absent)
    unmatched = absent is None and choice is not None and choice.unmatched
    alternatives = choice.alternatives if choice else ()
    return Decision("none", None, 0.0, reason, alternatives, SPEC, missing, unmatched=unmatched)


def only_prepares(decision: Decision) -> bool:
    """Whether it is done only to see what else there is, such as pointing at a row that may show more then."""
    return decision.place is not None and decision.place.prepares


def undecided(choice: Choice) -> Decision:
    """No action, because nothing fits or several do."""
    return none(choice.reason, choice)


def ends_at(done: Sequence[Done], kinds: frozenset[str]) -> int:
    """How many actions there are up to the first that was carried out and is of these kinds; 0 where there is none."""
    return next((i + 1 for i, d in enumerate(done) if not d.error and d.action.kind in kinds), 0)


def named(candidate: Candidate) -> str:
    """What `Done.element` calls a candidate that was acted on."""
    return f'{candidate.element_type} "{candidate.name or candidate.text}"'


def is_on(candidate: Candidate) -> bool | None:
    """Whether a control is ticked or pressed; None where it does not say."""
    state = candidate.state
    for flag in (state.checked, state.pressed, state.selected if is_checkable(candidate) else None):
        if flag is not None:
            return flag is True
    return None
