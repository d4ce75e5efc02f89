"""The deciding back end `embedded[:FOLDER]`: rules where words decide, the reranker where they leave it open.

    deciding = open_decider("embedded")
    deciding.decide(DecisionRequest(step="Get rid of the blue backpack", …))
    -> Decision("act", Action("click", 7), 0.97, 'button "Remove": means the same (0.97)', …)

`rules` find a control by its name, by what is around it and by what it is said to do. Where they find none or several,
the reranker says which candidate is meant, or that none is; what is done with it, and with which value, is read from
the step by the rules. Names, figures and quoted words must stand on what it picks or around it. Where the words speak
for one, but not by its very name (boxes aside), and it is not what the reranker means, nothing is done. All that a page
can reach by its texts is which of its own controls is picked.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from magenta_qa.model.accessible import sentence
from magenta_qa.model.guesses import guessing
from magenta_qa.model.language.clauses import forbids
from magenta_qa.model.language.step import read_step
from magenta_qa.model.moves.turn import named, only_prepares
from magenta_qa.model.prompt import choose_candidates, state_words
from magenta_qa.model.ranking.choice import ACCEPT, CLEAR
from magenta_qa.model.ranking.fitness import is_editable, is_frame
from magenta_qa.model.ranking.page import Page, is_belied
from magenta_qa.model.readings import with_readings
from magenta_qa.model.reply import alternative_of, label_of
from magenta_qa.model.reranker.files import folder_of, read_manifest
from magenta_qa.model.reranker.objections import Pick, objection
from magenta_qa.model.reranker.words import Line
from magenta_qa.model.rules import RulesDecider, as_meant
from magenta_qa.model.schema import Candidate, Decision, DecisionRequest

if TYPE_CHECKING:
    from magenta_qa.model.reranker.network import Network

MAX_SHOWN = 70
"""Candidates that are read, those that share words with the step first; a list in training was as long."""
_REMEMBERED = 64
"""Pages whose shares are kept: while it waits, the agent asks the same of a page at rest."""
_EXCLUDED = 0.02
"""A share below which what the words speak for less than clearly is not meant."""
_EXACT = 0.95
"""How sure the words are where it is not asked: a name is what was said, word for word."""
_TICKING = frozenset({"check", "uncheck"})
"""A box is found by what stands beside it: "Toggle row selection" is what many are called."""
_TYPING = frozenset({"fill", "type"})
"""Where there is one field, what words speak for is not held against the model."""
_BETWEEN = 0.9
"""The least share with which one of several counts that all bear the words."""
_OVERRULES = 0.9
"""The least share with which another one is acted on than what the words speak for."""
_SURE, _RULED_OUT = 0.95, 0.005
"""The least share of another one, and the largest of theirs, with which it is so where the words speak clearly, too."""
_SEEN = 40
"""Characters of a text on a control that is read beside its name."""
_MENTIONED = 3
"""Candidates that are told beside the best one."""
_MANY = 5
"""Controls within one; a card that is clicked as a whole has fewer."""


def open_decider(spec: str) -> "EmbeddedDecider":
    """Rules and the reranker that `spec` names: the package's own, or that in a folder.

    Raises:
        ConfigError: The folder holds no reranker.
    """
    folder = folder_of(spec)
    read_manifest(folder)
    return EmbeddedDecider(spec.strip(), folder)


class EmbeddedDecider:
    """Rules, and the reranker where they leave it open.

    Args:
        spec: What the reranker's decisions are signed with.
        folder: Of its files; they are loaded when it is first asked, since a replay asks nothing.
    """

    instant = True

    def __init__(self, spec: str, folder: Path) -> None:
        self.spec, self._folder = spec, folder
        self._rules = RulesDecider()
        self._known: dict[tuple[str, tuple[Line, ...]], list[float]] = {}

    @cached_property
    def _network(self) -> "Network":
        from magenta_qa.model.reranker.network import open_network

        return open_network(self._folder)

    def decide(self, request: DecisionRequest) -> Decision:
        """The rules' decision; where they find none or several, what is surely meant; none where both are at odds."""
        return guessing(self._decide, self._rules.decide_meant, request)

    def _decide(self, request: DecisionRequest) -> Decision:
        decision = self._rules.decide_surely(request)
        if not _is_open(decision) or _goes_on(decision, request) or request.observation.dialog:
            return decision
        request = as_meant(request) or request
        step = request.step or request.goal or ""
        intents = read_step(step)
        if len(intents) != 1 or forbids(step):
            return decision  # of a step of several parts it is not known for sure which one is meant
        if decision.action is not None and intents[0].target is not None and intents[0].target.ordinal:
            return decision  # the model cannot count
        read = with_readings(request)
        pick = self._pick(step, read)
        if pick is None:
            return decision
        if decision.action is None or _points(decision) or _shuts(decision):
            least = self._network.threshold if decision.unmatched or decision.action else _BETWEEN
            return self._carried_out(decision, read, pick, least)
        if decision.action.kind in _TYPING and sum(map(is_editable, read.observation.candidates)) == 1:
            return decision
        if pick.none > pick.share and _is_misread(decision.action.mark, request):
            return decision
        clear = decision.confidence >= CLEAR
        theirs = _share_of(decision.action.mark, pick, read)
        if decision.action.kind in _TICKING or theirs >= (_RULED_OUT if clear else _EXCLUDED):
            return decision
        can_be_done = self._can_be_done(read, pick)
        if clear and (pick.share < _SURE or not can_be_done):
            return decision
        if decision.action.kind == "select" and pick.share > pick.none and not can_be_done:
            return decision  # what is to be chosen stands in the one, and not in what the model means
        return self._carried_out(_at_odds(decision, pick), read, pick, _OVERRULES)

    def _can_be_done(self, request: DecisionRequest, pick: Pick) -> bool:
        """Whether the step can be carried out with what was picked."""
        acted = self._rules.decide_meant(request, pick.candidate.mark, pick.share)
        return acted.outcome == "done" or (acted.action is not None and acted.action.mark == pick.candidate.mark)

    def _pick(self, step: str, request: DecisionRequest) -> Pick | None:
        """What is meant rather than any other control, however unlikely; None where there is nothing to compare."""
        shown = _without_frames(choose_candidates(request, MAX_SHOWN))
        if not shown:
            return None
        said = {description.mark: description.text for description in request.descriptions}
        lines = tuple(_line(candidate, said.get(candidate.mark, "")) for candidate in shown)
        none, *shares = self._shares(step, lines)
        at = max(range(len(shown)), key=lambda place: shares[place])
        return Pick(shown[at], shares[at], lines[at].sentence, tuple(zip(shown, shares, strict=True)), none)

    def _carried_out(self, decision: Decision, request: DecisionRequest, pick: Pick, least: float) -> Decision:
        """The step done with what was picked, if that is sure enough and nothing speaks against it; else `decision`."""
        step = request.step or request.goal or ""
        if pick.share < least:
            unsure = f"of {label_of(pick.candidate)} the model is not certain ({pick.share:.2f})"
            return replace(decision, reason=f"{decision.reason}; {unsure}") if pick.share > pick.none else decision
        acted = self._rules.decide_meant(request, pick.candidate.mark, pick.share)
        if acted.outcome == "done":
            return acted
        against = objection(acted, step, request, pick, _fitting(decision))
        if against:
            return replace(decision, reason=f"{decision.reason}; {against}")
        best = sorted(pick.shares, key=lambda each: -each[1])[:_MENTIONED]
        others = tuple(alternative_of(candidate, round(share, 3)) for candidate, share in best)
        return replace(acted, confidence=round(pick.share, 3), alternatives=others, decider=self.spec, unmatched=True)

    def asks_about(self, request: DecisionRequest) -> tuple[int, ...]:
        """What the rules ask about."""
        return self._rules.asks_about(request)

    def close(self) -> None:
        """Nothing to release: the memory goes with the object."""

    def _shares(self, step: str, lines: tuple[Line, ...]) -> list[float]:
        shares = self._known.get((step, lines))
        if shares is None:
            shares = self._network.shares(step, lines).tolist()
            self._known = dict([*self._known.items(), ((step, lines), shares)][-_REMEMBERED:])
        return shares


def _is_open(decision: Decision) -> bool:
    """Whether words alone leave it open what is meant."""
    if decision.action is not None and not _shuts(decision):
        return decision.action.mark is not None and decision.confidence < _EXACT
    if decision.action is not None:
        return True
    return decision.outcome == "none" and (decision.unmatched or bool(_fitting(decision)))


def _points(decision: Decision) -> bool:
    """Whether the rules would only put the pointer where something may come into sight."""
    return only_prepares(decision) and decision.action is not None and decision.action.kind == "hover"


def _shuts(decision: Decision) -> bool:
    """Whether the rules would only shut a list that may hide what is meant."""
    return only_prepares(decision) and decision.action is not None and decision.action.kind == "press"


def _share_of(mark: int | None, pick: Pick, request: DecisionRequest) -> float:
    """How likely a candidate is, or whatever is the same control once more: a button and a link of one address."""
    page = Page(request.observation)
    meant = request.observation.candidate(mark) if mark is not None else None
    twins = (share for other, share in pick.shares if meant is not None and page.is_same(meant, other))
    return max(pick.share_of(mark), max(twins, default=0.0))


def _is_misread(mark: int | None, request: DecisionRequest) -> bool:
    """Whether the reranker has been told of a candidate what programmers call otherwise, and their word counts."""
    candidate = request.observation.candidate(mark) if mark is not None else None
    return any(d.mark == mark and is_belied(d, candidate) for d in request.descriptions)


def _goes_on(decision: Decision, request: DecisionRequest) -> bool:
    """Whether it is about the control that the step has just acted on: Enter in the field that was filled."""
    action = decision.action
    candidate = request.observation.candidate(action.mark) if action is not None and action.mark else None
    last = request.done[-1] if request.done else None
    return candidate is not None and last is not None and not last.error and last.element == named(candidate)


def _without_frames(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Without what only holds others: a dialog that hears clicks beside it, a list that hears those on its items."""

    def holds(outer: Candidate, inner: Candidate) -> bool:
        return outer.box.contains(inner.box, 1.0) and not inner.box.contains(outer.box)

    framing = [c for c in candidates if is_frame(c)]
    frames = {outer.mark for outer in framing if sum(holds(outer, inner) for inner in candidates) >= _MANY}
    return tuple(c for c in candidates if c.mark not in frames)


def _fitting(decision: Decision) -> frozenset[int]:
    """The marks of what bears the words, where it is more than one."""
    return frozenset(other.mark for other in decision.alternatives if other.score >= ACCEPT)


def _at_odds(decision: Decision, pick: Pick) -> Decision:
    """Nothing: the words speak for one control, the model means another, or none."""
    likeliest = (pick.none, "none of them") if pick.none >= pick.share else (pick.share, label_of(pick.candidate))
    reason = f"torn: by its words {decision.reason}; to the model it is {likeliest[1]} ({likeliest[0]:.2f})"
    return replace(decision, outcome="none", action=None, confidence=0.0, reason=reason)


def _line(candidate: Candidate, said: str) -> Line:
    said = said or sentence(candidate, candidate.action_types[0])
    return Line(candidate.element_type, _called(candidate), state_words(candidate.state), said)


def _called(candidate: Candidate) -> str:
    """What is read of a candidate's name: what people see as well, where screen readers are told otherwise."""
    name, text = candidate.name, candidate.text
    otherwise = bool(name) and bool(text) and len(text) <= _SEEN and text.casefold() not in name.casefold()
    return f"{text} ({name})" if otherwise else name or text
