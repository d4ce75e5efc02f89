"""Why what the reranker picked is not acted on for all its certainty: it is held against the step's words.

objection(acted, 'Rename "web-17"', request, pick, fitting)   -> 'the model picked …, on which "web-17" does not stand'
"""

import re
from dataclasses import dataclass

from magenta_qa.model.language.deeds import lead_of, told_deeds
from magenta_qa.model.language.lexicon import words_of
from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.target import read_target
from magenta_qa.model.ranking.contradiction import doubt
from magenta_qa.model.ranking.fitness import is_dropdown, is_editable, is_header, is_select
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.ranking.relations import relation_strength
from magenta_qa.model.reply import label_of, unborne
from magenta_qa.model.reranker.words import stem, words
from magenta_qa.model.schema import Action, Candidate, Decision, DecisionRequest, Description

_DOUBTED = 0.4
"""Of doubts that count: another deed, the opposite, another name; not that something else is opened on the way."""
_CALLED_SO = 0.8
"""The least share of an icon that is called otherwise than its picture was read."""
_RIVAL = 0.001
"""The least share of another control that may as well be meant."""
_OTHERWISE = re.compile(r"\b(?:else|different(?:ly)?|otherwise|instead|separate(?:ly)?)\b", re.IGNORECASE)
_DROPDOWN = re.compile(r"\b(?:drop-?\s?down|combo\s?box)\b", re.IGNORECASE)
_LEADING = frozenset({"link", "tab", "menuitem"})
_OPENING = frozenset({"open", "expand", "toggle"})
_SHUTTING = frozenset({"close", "collapse", "toggle", "click", "press"})
_TYPING = frozenset({"type", "write", "type in"})
_ONE_OF_THEM = frozenset({"add", "remove"})
_UNSAID = re.compile(r"(?:an?|the|to|for|about|from)\s", re.IGNORECASE)
"""How what follows "write" begins where it is no text: "Write an e-mail to the author"."""
_STRIPS = frozenset({"header", "footer"})
_ASTRAY = 0.5
"""Below that a control does not stand in such a strip."""
_TICKING = frozenset({"check", "uncheck"})
"""What these leave a control as does not depend on what a click would do."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What the reranker says is meant."""

    candidate: Candidate
    share: float
    sentence: str
    """What acting on it does."""
    shares: tuple[tuple[Candidate, float], ...]
    """Of all that it was compared with, in the page's order."""
    none: float
    """The share of "none of them"."""

    def share_of(self, mark: int | None) -> float:
        """Of the candidate with this mark; 1 where it was not compared."""
        return next((share for candidate, share in self.shares if candidate.mark == mark), 1.0)


def objection(acted: Decision, step: str, request: DecisionRequest, pick: Pick, fitting: frozenset[int]) -> str:
    """Why what was picked cannot be meant; empty when it can.

    Args:
        acted: What the step would do with it.
        step: As the tester wrote it.
        request: The page, with what its pictures read as names.
        pick: What was picked.
        fitting: Marks of the candidates that bear the step's words, where several do.
    """
    action, label = acted.action, f"the model picked {label_of(pick.candidate)}"
    if action is None or action.mark != pick.candidate.mark:
        return f"{label}, with which the step cannot be carried out"
    against = (
        _senseless(action, step, request, pick)
        or _other_sort(step, pick.candidate)
        or _otherwise(action, step, pick.candidate)
        or _outside(step, request, pick.candidate)
        or _missing_words(action, step, request, pick)
        or _other_deed(action, step, request, pick)
        or _only_sorts(step, pick.candidate)
        or _takes_no_text(action, step, pick.candidate)
        or _whole_list(action, step, pick.candidate)
        or _twin(step, pick)
        or _unparted(step, request, pick.candidate, fitting)
    )
    return f"{label}, {against}" if against else ""


def _senseless(action: Action, step: str, request: DecisionRequest, pick: Pick) -> str:
    """That nobody knows what it is, or that it wants a value which the step does not have."""
    best = pick.candidate
    told = best.name or best.text or any(d.mark == best.mark and d.source != "rule" for d in request.descriptions)
    shuts = action.kind == "click" and Page(request.observation).lies_open(best)
    if shuts and read_step(step)[0].kind not in _SHUTTING:
        return "which is open already"
    if not told and not (action.kind in _TICKING and _stands_for(step, request, best)):
        return "of which nobody has said what it is"
    opened = is_dropdown(best) and read_step(step)[0].kind in _OPENING
    if action.kind == "click" and not opened and (is_editable(best) or is_select(best) or is_dropdown(best)):
        return "of which the step does not say what to put in"
    return ""


def _otherwise(action: Action, step: str, best: Candidate) -> str:
    """That the step wants it otherwise than the box says: "Deliver it somewhere else" for "The same address"."""
    other = action.kind in _TICKING and _OTHERWISE.search(step) and not _OTHERWISE.search(f"{best.name} {best.text}")
    return "which may be the opposite" if other else ""


def _other_sort(step: str, best: Candidate) -> str:
    """That the step names a drop-down list and this opens none: a link "Authors" for "the drop-down of authors"."""
    named = _DROPDOWN.search(step) is not None and not (is_select(best) or is_dropdown(best) or is_editable(best))
    return "which is no drop-down" if named and best.role in _LEADING else ""


def _outside(step: str, request: DecisionRequest, best: Candidate) -> str:
    """That it stands below or above the strip that the step names: the wrench of a chart for "in the top bar"."""
    targets = (intent.target for intent in read_step(step)[:1] if intent.target)
    strips = [r for target in targets for r in target.relations if r.container in _STRIPS and not r.phrase]
    if not strips:
        return ""
    page = Page(request.observation)
    left = next((r.container for r in strips if relation_strength(r, best, page) < _ASTRAY), "")
    return f"which is not in the {left}" if left else ""


def _stands_for(step: str, request: DecisionRequest, best: Candidate) -> bool:
    """Whether what a box without a name stands beside is in the step, and beside no other such box."""
    alike = [c for c in request.observation.candidates if c.role == best.role and not (c.name or c.text) and c != best]
    said = _stems(step)
    around = _stems(" ".join(context.text for context in best.context))
    return bool(said & around) and all(said & (_apart(best, other) - _apart(other, best)) for other in alike)


def _missing_words(action: Action, step: str, request: DecisionRequest, pick: Pick) -> str:
    """That a name, a figure or a quoted word of the step does not stand on it or around it."""
    left = unborne(step, action.value, pick.candidate, pick.sentence, request)
    if len(left) == 1 and _is_read(pick, request) and _may_be_called(left[0], pick, request):
        return ""
    return f"on which {left[0]!r} does not stand" if left else ""


def _is_read(pick: Pick, request: DecisionRequest) -> bool:
    """Whether it is an icon which has no name but what its picture was read as."""
    return any(d.mark == pick.candidate.mark and d.reading for d in request.descriptions)


def _may_be_called(name: str, pick: Pick, request: DecisionRequest) -> bool:
    """Whether an icon may be meant by a name: it does what that says, or nothing that is in question bears it."""
    if pick.share < _CALLED_SO:
        return False
    if lead_of(words_of(name)) & told_deeds(pick.sentence).every:
        return True
    page, said = Page(request.observation), name.casefold()
    item = page.item(pick.candidate)
    rivals = (c for c in request.observation.candidates if item is None or page.item(c) in (None, item))
    texts = (
        text
        for c in rivals
        for text in (c.name, c.text, c.description, *c.options, *(context.text for context in c.context))
    )
    return not any(map(str.isdigit, name)) and not any(said in text.casefold() for text in texts)


def _other_deed(action: Action, step: str, request: DecisionRequest, pick: Pick) -> str:
    """That it does something else, or the opposite.

    Its sentence and its name are held against the step as a model's words are: "Disables Ada" is not to enable her.
    """
    if action.kind in _TICKING:
        return ""
    asked = read_target(step.replace(action.value, "") if action.value else step)
    for text in filter(None, (pick.sentence, pick.candidate.name)):
        page = Page(request.observation, [Description(pick.candidate.mark, text, "model", "")])
        against = doubt(asked, action.kind, pick.candidate, page)
        if against.factor < _DOUBTED:
            return f"but {against.reason}"
    return ""


def _only_sorts(step: str, best: Candidate) -> str:
    """That it is the head of a column, which sorts, and the step groups."""
    grouping = stem("group")
    groups = words(step)[:1] and stem(words(step)[0]) == grouping and grouping not in _stems(f"{best.name} {best.text}")
    return "which sorts and does not group" if groups and is_header(best) else ""


def _takes_no_text(action: Action, step: str, best: Candidate) -> str:
    """That a step types and this takes no text: the entry "json" of a list for "Type json into the filter"."""
    intent = read_step(step)[0]
    said = bool(intent.value) and not _UNSAID.match(intent.value or "")
    typed = action.kind == "click" and intent.kind == "fill" and intent.verb in _TYPING and said
    return "into which nothing can be typed" if typed and not (is_dropdown(best) or is_editable(best)) else ""


def _whole_list(action: Action, step: str, best: Candidate) -> str:
    """That it is called by all of what the step adds or removes one of: "Flows" for "Add a new flow"."""
    called, said = words_of(best.name or best.text), words_of(step)
    if action.kind != "click" or not called or not lead_of(said) & _ONE_OF_THEM:
        return ""
    many = called[-1].endswith("s") and called[-1] not in said
    return "which only names them all" if many and set(map(stem, called)) <= set(map(stem, said)) else ""


def _twin(step: str, pick: Pick) -> str:
    """That another control, which may be meant as well, differs from it only in words that the step does not say.

    "Export the report" may be "Export as CSV" or "Export as PDF".
    """
    best = pick.candidate
    said, own = _stems(step), _stems(best.name)
    for other, share in pick.shares:
        theirs = _stems(other.name)
        alike = other.element_type == best.element_type and theirs != own and bool(own & theirs & said)
        if alike and share >= _RIVAL and not (own ^ theirs) & said:
            return f"but it may as well be {label_of(other)}"
    return ""


def _unparted(step: str, request: DecisionRequest, best: Candidate, fitting: frozenset[int]) -> str:
    """That of several of one name that bear the words no word of the step stands by this one alone; else empty.

    Of two rows of Beckers, "Edit Becker" means neither; "Edit Lena Becker" means hers. What the page is about, as its
    title and heading say, is about all of them.
    """
    page = request.observation
    telling = _stems(step) - _stems(f"{page.title} {page.heading}")
    for other in page.candidates:
        same = (other.element_type, other.name, other.text) == (best.element_type, best.name, best.text)
        if other.mark in fitting - {best.mark} and same and not telling & (_apart(best, other) - _apart(other, best)):
            return f"and no word of the step tells it from {label_of(other)}"
    return ""


def _apart(candidate: Candidate, other: Candidate) -> frozenset[str]:
    """Stems of the candidate's own texts, and of what is around it and not around the other as well."""
    shared = {context.id for context in other.context}
    around = (context.text for context in candidate.context if context.id not in shared)
    return _stems(" ".join((candidate.name, candidate.text, *around)))


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, words(text)))
