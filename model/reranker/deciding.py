"""The deciding back end `embedded[:FOLDER]`: rules where words decide, the reranker where they leave it open.

    deciding = open_decider("embedded")
    deciding.decide(DecisionRequest(step="Get rid of the blue backpack", …))
    -> Decision("act", Action("click", 7), 0.97, 'button "Remove": means the same (0.97)', …)

`rules` find a control by its name, by what is around it and by what it is said to do. Where they find none or several,
the reranker says which candidate is meant, or that none is; what is done with it, and with which value, is read from
the step by the rules. Names, figures and quoted words must stand on what it picks or around it. Where the words speak
for one less than clearly, and the reranker for another, nothing is done. All that a page can reach by its texts is
which of its own controls is picked.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from magenta_qa.model.accessible import sentence
from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.target import read_target
from magenta_qa.model.prompt import choose_candidates, state_words
from magenta_qa.model.ranking.choice import ACCEPT
from magenta_qa.model.ranking.contradiction import doubt
from magenta_qa.model.ranking.fitness import is_dropdown, is_editable, is_select
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.readings import with_readings
from magenta_qa.model.reply import alternative_of, label_of, unborne
from magenta_qa.model.reranker.files import folder_of, read_manifest
from magenta_qa.model.reranker.words import Line, stem, words
from magenta_qa.model.rules import CLEAR, RulesDecider
from magenta_qa.model.schema import Candidate, Decision, DecisionRequest, Description

if TYPE_CHECKING:
    from magenta_qa.model.reranker.network import Network

MAX_SHOWN = 70
"""Candidates that are read, those that share words with the step first; a list in training was as long."""
_REMEMBERED = 64
"""Pages whose shares are kept: while it waits, the agent asks the same of a page at rest."""
_EXCLUDED, _OPPOSED = 0.02, 0.8
"""A share below which what the words speak for cannot be meant, if another one has at least the second."""
_BETWEEN = 0.9
"""The least share with which one of several counts that all bear the words."""
_DOUBTED = 0.4
"""Of doubts that count: another deed, the opposite, another name; not that something else is opened on the way."""
_MENTIONED = 3
"""Candidates that are told beside the best one."""
_FRAMES = frozenset(
    {"generic", "presentation", "list", "menu", "dialog", "table", "grid", "tablist", "group", "region"}
)
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
        decision = self._rules.decide(request)
        step = request.step or request.goal or ""
        if not _is_open(decision) or request.observation.dialog or len(read_step(step)) != 1:
            return decision  # of a step of several parts it is not known for sure which one is meant
        named = with_readings(request)
        shown = _without_frames(choose_candidates(named, MAX_SHOWN))
        if not shown:
            return decision
        said = {description.mark: description.text for description in named.descriptions}
        lines = tuple(_line(candidate, said.get(candidate.mark, "")) for candidate in shown)
        none, *shares = self._shares(step, lines)
        order = sorted(range(len(shown)), key=lambda at: -shares[at])
        best, share, sure = shown[order[0]], shares[order[0]], self._network.threshold
        if decision.action:
            own = next((shares[at] for at, c in enumerate(shown) if c.mark == decision.action.mark), 1.0)
            return _at_odds(decision, best, share) if own < _EXCLUDED and share >= _OPPOSED else decision
        if share < (sure if decision.unmatched else _BETWEEN):
            unsure = f"of {label_of(best)} the model is not certain ({share:.2f})"
            return replace(decision, reason=f"{decision.reason}; {unsure}") if share > none else decision
        acted = self._rules.decide_meant(request, best.mark, share)
        objection = _objection(acted, step, named, best, lines[order[0]].sentence)
        objection = objection or _twin(step, best, shown) or _unparted(step, named, best, _fitting(decision))
        if objection:
            return replace(decision, reason=f"{decision.reason}; {objection}")
        others = tuple(alternative_of(shown[at], round(shares[at], 3)) for at in order[:_MENTIONED])
        return replace(acted, confidence=round(share, 3), alternatives=others, decider=self.spec, unmatched=True)

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
    if decision.action is not None:
        return decision.action.mark is not None and decision.confidence < CLEAR
    return decision.outcome == "none" and (decision.unmatched or bool(_fitting(decision)))


def _without_frames(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Without what only holds others: a dialog that hears clicks beside it, a list that hears those on its items."""

    def holds(outer: Candidate, inner: Candidate) -> bool:
        return outer.box.contains(inner.box, 1.0) and not inner.box.contains(outer.box)

    framing = [c for c in candidates if c.element_type == "other" and c.role in _FRAMES]
    frames = {outer.mark for outer in framing if sum(holds(outer, inner) for inner in candidates) >= _MANY}
    return tuple(c for c in candidates if c.mark not in frames)


def _fitting(decision: Decision) -> frozenset[int]:
    """The marks of what bears the words, where it is more than one."""
    return frozenset(other.mark for other in decision.alternatives if other.score >= ACCEPT)


def _at_odds(decision: Decision, best: Candidate, share: float) -> Decision:
    """Nothing: the words speak for one control, the model surely means another."""
    reason = f"torn: by its words {decision.reason}; to the model it is {label_of(best)} ({share:.2f})"
    return replace(decision, outcome="none", action=None, confidence=0.0, reason=reason)


def _twin(step: str, best: Candidate, shown: Sequence[Candidate]) -> str:
    """That another control differs from what was picked only in words that the step does not say; else empty.

    "Export the report" may be "Export as CSV" or "Export as PDF".
    """
    said, own = _stems(step), _stems(best.name)
    for other in shown:
        theirs = _stems(other.name)
        if (
            other.element_type == best.element_type
            and theirs != own
            and own & theirs & said
            and not (own ^ theirs) & said
        ):
            return f"the model picked {label_of(best)}, but it may as well be {label_of(other)}"
    return ""


def _unparted(step: str, request: DecisionRequest, best: Candidate, fitting: frozenset[int]) -> str:
    """That of several of one name that bear the words no word of the step stands by this one alone; else empty.

    Of two rows of Beckers, "Edit Becker" means neither; "Edit Lena Becker" means hers. What the page is about, as its
    title and heading say, is about all of them.
    """
    page = request.observation
    telling, own = _stems(step) - _stems(f"{page.title} {page.heading}"), _around(best)
    for other in page.candidates:
        same = (other.element_type, other.name, other.text) == (best.element_type, best.name, best.text)
        if other.mark in fitting - {best.mark} and same and not telling & (own - _around(other)):
            return f"the model picked {label_of(best)}, and no word of the step tells it from {label_of(other)}"
    return ""


def _around(candidate: Candidate) -> frozenset[str]:
    return _stems(" ".join((candidate.name, candidate.text, *(context.text for context in candidate.context))))


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, words(text)))


def _line(candidate: Candidate, said: str) -> Line:
    said = said or sentence(candidate, candidate.action_types[0])
    return Line(candidate.element_type, candidate.name or candidate.text, state_words(candidate.state), said)


def _objection(acted: Decision, step: str, request: DecisionRequest, best: Candidate, said: str) -> str:
    """Why what was picked cannot be meant; empty when it can."""
    action, label = acted.action, f"the model picked {label_of(best)}"
    if action is None or action.mark != best.mark:
        return f"{label}, with which the step cannot be carried out"
    if not (best.name or best.text) and all(d.mark != best.mark or d.source == "rule" for d in request.descriptions):
        return f"{label}, of which nobody has said what it is"
    if action.kind == "click" and (is_editable(best) or is_select(best) or is_dropdown(best)):
        return f"{label}, of which the step does not say what to put in"
    left = unborne(step, action.value, best, said, request)
    if left:
        return f"{label}, on which {left[0]!r} does not stand"
    asked = read_target(step.replace(action.value, "") if action.value else step)
    # Its sentence and its name are held against the step as a model's words are: "Disables Ada" is not to enable her.
    for text in filter(None, (said, best.name)):
        page = Page(request.observation, [Description(best.mark, text, "model", "")])
        against = doubt(asked, action.kind, best, page)
        if against.factor < _DOUBTED:
            return f"{label}, but {against.reason}"
    return ""
