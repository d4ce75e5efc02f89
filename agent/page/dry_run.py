"""Finds out on which elements a delegated handler acts, by calling it where no call can have an effect.

    try_handlers(page, known)         # for every handler that the observing script could not understand by reading

DevTools' `throwOnSideEffect` stops a call at its first side effect, before it happens; the console uses it to show
results while one types. A handler that is stopped for a target acts on it. Whole groups of elements are tried at
once and split where something was stopped, so the number of calls grows with the elements acted on, not with all.
The few that the handler's own text speaks of are tried one by one from the start. What was found out is remembered for
when the same handler comes again, as it does with each page load: then two calls tell whether it still holds.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import CDPSession, Frame, Page
from playwright.sync_api import Error as PlaywrightError

from magenta_qa.agent.page.script import OPEN, token
from magenta_qa.agent.page.sessions import default_contexts, with_sessions

_TIMEOUT_MS = 300
_MAX_CALLS = 400
_FEW = 40  # more elements than that are tried in groups, whatever the handler's text says of them
_MAX_SECONDS = 3.0
"""For one process of a page and one round; what is not decided by then stays undecided."""
_MAX_HANDLERS, _MAX_SIGNATURES = 300, 3000
"""More than that is not remembered: names that are made up anew with each load would fill the memory."""


@dataclass(slots=True)
class KnownHandler:
    """What was found out about a handler."""

    wrapped: bool | None
    """Whether its targets are told by calls with stand-ins for the nodes; None: neither way tells them."""
    acting: dict[str, bool] = field(default_factory=dict)
    """Signature of an element → whether the handler acts on it."""
    as_written: bool = True
    """Whether it has acted on nothing but what its text speaks of."""
    confirmed: int = 0
    """How often it was tried and did the same as before."""


@dataclass(slots=True)
class KnownHandlers:
    """What was found out about the handlers of an application, whichever of its pages they stand on.

    Args:
        trusted_after: So many confirmations make further calls needless; None: they are always needed. The first call
            in a document costs the browser up to a third of a second, the others little.
    """

    trusted_after: int | None = None
    handlers: dict[str, KnownHandler] = field(default_factory=dict)

    def trusts(self, known: KnownHandler) -> bool:
        """Whether what is known needs no calls any more."""
        return self.trusted_after is not None and known.confirmed >= self.trusted_after

    def note(self, trial: "Trial", wrapped: bool | None, new: Sequence[int], found: Sequence[int]) -> None:
        """Remember on which of a handler's elements it acts, where elements that look alike are treated alike.

        Args:
            trial: Of the handler.
            wrapped: As in `KnownHandler`.
            new: The elements that were tried.
            found: Those of them that it acts on.
        """
        if not trial.handler:
            return
        known = self.handlers.get(trial.handler)
        if known is None or known.wrapped != wrapped or len(known.acting) > _MAX_SIGNATURES:
            if len(self.handlers) >= _MAX_HANDLERS:
                self.handlers.clear()
            known = self.handlers[trial.handler] = KnownHandler(wrapped)
        known.confirmed += 1
        known.as_written = known.as_written and all(map(trial.is_likely, found))
        answers: dict[str, set[bool]] = {}
        for i in new:
            answers.setdefault(trial.elements[i], set()).add(i in found)
        known.acting.update((signature, given.pop()) for signature, given in answers.items() if len(given) == 1)


@dataclass(frozen=True, slots=True)
class Trial:
    """A handler to be tried, as the script lists it."""

    index: int
    handler: str
    """What tells it again; empty where nothing does."""
    elements: Sequence[str]
    """Signature of each."""
    likely: int
    """How many of them, the last ones, its text speaks of."""

    def is_likely(self, element: int) -> bool:
        """Whether the handler's text speaks of an element."""
        return element >= len(self.elements) - self.likely

    def groups(self, elements: Sequence[int]) -> list[list[int]]:
        """What is tried at once."""
        few = self.likely <= _FEW
        together = [i for i in elements if not (few and self.is_likely(i))]
        alone = [[i] for i in elements if few and self.is_likely(i)]
        return [together, *alone] if together else alone


def try_handlers(page: Page, known: KnownHandlers) -> None:
    """Decide the open trials of every frame.

    Args:
        page: Whose observing script has open trials.
        known: What earlier trials found out; added to.
    """

    def work(session: CDPSession, _frame: Frame) -> None:
        budget = _Budget()
        for context in list(default_contexts(session).values()):
            _Trials(session, context, budget, known).run()

    with_sessions(page, work)


class _Budget:
    """How many calls, and how much time, are left."""

    def __init__(self) -> None:
        self._calls = _MAX_CALLS
        self._until = time.monotonic() + _MAX_SECONDS

    def spend(self) -> None:
        """Count one call."""
        self._calls -= 1

    @property
    def is_spent(self) -> bool:
        """Whether no call is left."""
        return self._calls <= 0 or time.monotonic() > self._until


class _Trials:
    """The open trials of one frame."""

    def __init__(self, session: CDPSession, context: int, budget: _Budget, known: KnownHandlers) -> None:
        self._session = session
        self._context = context
        self._budget = budget
        self._known = known

    def run(self) -> None:
        """Decide each of them and tell the script."""
        trials = self._call("openTrials()", pure=False)
        if not isinstance(trials, str):
            return
        for index, told in enumerate(json.loads(trials)):
            acting = self._decide(Trial(index, told["handler"], told["elements"], told["likely"]))
            self._call(f"settleTrial({index}, {json.dumps(acting)})", pure=False)

    def _decide(self, trial: Trial) -> list[int] | None:
        """Which elements the handler acts on; None where that cannot be told."""
        known = self._known.handlers.get(trial.handler)
        old = {i: known.acting[it] for i, it in enumerate(trial.elements) if it in known.acting} if known else {}
        new = [i for i in range(len(trial.elements)) if i not in old]
        try:
            if known is not None and self._known.trusts(known):
                if known.wrapped is None:
                    return None
                new = [i for i in new if trial.is_likely(i)] if known.as_written else new
            elif known is not None and old and self._holds(trial.index, bool(known.wrapped), old):
                known.confirmed += 1
            else:
                old, new = {}, list(range(len(trial.elements)))
            acting = [i for i in old if old[i]]
            found = self._find_out(trial, new) if new else []
            return None if found is None else sorted([*acting, *found])
        except PlaywrightError as error:
            if "terminated" not in error.message:  # "Execution was terminated": it took longer than _TIMEOUT_MS
                raise
            return None

    def _holds(self, index: int, wrapped: bool, old: dict[int, bool]) -> bool:
        """Whether a handler still does nothing where it did nothing, and something where it did."""
        calm, acting = [i for i in old if not old[i]], [i for i in old if old[i]]
        if not self._try(index, wrapped, []) or not (not calm or self._try(index, wrapped, calm)):
            return False
        return not acting or not self._try(index, wrapped, acting[-1:])

    def _find_out(self, trial: Trial, new: list[int]) -> list[int] | None:
        """What the handler acts on among some of its elements; remembered."""
        found, wrapped = self._acting(trial.index, trial.groups(new))
        if found is not None and wrapped is not None:
            self._known.note(trial, wrapped, new, found)
        elif found is None and not self._budget.is_spent:
            self._known.note(trial, None, [], [])
        return found

    def _acting(self, index: int, groups: list[list[int]]) -> tuple[list[int] | None, bool | None]:
        """Which elements the handler acts on, and whether calls with stand-ins alone tell that, or calls without.

        The elements are None if it acts on its own container as well, or cannot be tried.
        """
        plain = self._find(index, groups, False) if self._try(index, False, []) else None
        if plain == []:
            return plain, False
        wrapped = self._find(index, groups, True) if self._try(index, True, []) else None
        if plain is None:
            return wrapped, True
        if not wrapped:
            return plain, False
        both = sorted(set(plain) & set(wrapped))
        return both, True if both == wrapped else False if both == plain else None

    def _find(self, index: int, groups: list[list[int]], wrapped: bool) -> list[int] | None:
        found: list[int] = []
        left = list(groups)
        while left:
            group = left.pop()
            if self._budget.is_spent:
                return None
            if self._try(index, wrapped, group):
                continue
            if len(group) == 1:
                found += group
            else:
                middle = len(group) // 2
                left += [group[:middle], group[middle:]]
        return sorted(found)

    def _try(self, index: int, wrapped: bool, elements: Sequence[int]) -> bool:
        """Whether the handler does nothing for these elements; for its own container, where there are none."""
        self._budget.spend()
        call = f"tryOut({index}, {json.dumps(wrapped)}, {json.dumps(elements)})"
        return self._call(call, pure=True) is not None

    def _call(self, call: str, pure: bool) -> object:
        answer = self._session.send(
            "Runtime.evaluate",
            {
                "expression": f'(() => {{ const token = "{token()}"; {OPEN} return api && api.{call}; }})()',
                "contextId": self._context,
                "throwOnSideEffect": pure,
                "timeout": _TIMEOUT_MS if pure else 5000,
                "silent": True,
                "returnByValue": True,
            },
        )
        return None if "exceptionDetails" in answer else answer["result"].get("value")
