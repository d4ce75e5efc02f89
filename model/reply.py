"""A deciding model's answer, and why it may not fit the page: what models say is checked, never trusted.

answer = Answer(outcome="act", mark=3, kind="click")
action_of(answer, request)                                    -> Action("click", 3)
objection_to(answer, candidate, action, request)              -> "" or 'the model picked click on …'
"""

import re
from typing import Literal, cast, get_args

from pydantic import BaseModel, Field

from magenta_qa.model.language.target import numbered
from magenta_qa.model.prompt import ACTION_KINDS, one_line
from magenta_qa.model.schema import Action, ActionKind, Alternative, Candidate, DecisionRequest, PageActionType

MAX_OPTIONS = 200
"""Options of a drop-down that an observation holds at most."""
_PAGE_KINDS = frozenset(get_args(PageActionType))
_WITH_VALUE = frozenset({"fill", "type", "press", "select", "upload", "drag", "goto", "dialog"})


class Answer(BaseModel):
    """The decision prompt's JSON."""

    outcome: Literal["act", "done", "none"]
    mark: int | None = None
    kind: str | None = None
    value: str | None = Field(default=None, coerce_numbers_to_str=True)
    confidence: float = Field(default=0.0, ge=0, le=1)
    reason: str = ""


def action_of(answer: Answer, request: DecisionRequest) -> Action | None:
    """The action that it names; None if there is no such kind."""
    if answer.kind not in ACTION_KINDS:
        return None
    kind = cast(ActionKind, answer.kind)
    if kind in _PAGE_KINDS:
        return Action(kind, value=answer.value)
    if kind == "drag":
        return Action(kind, answer.mark, None, _drop_mark(answer.value or "", request))
    return Action(kind, answer.mark, answer.value)


def _drop_mark(value: str, request: DecisionRequest) -> int | None:
    """The mark that a drag's value names: as a number, or by the name of exactly one candidate."""
    number = re.fullmatch(r"\s*\[?\s*(?:mark\s*)?(\d{1,6})\s*\]?\s*", value)
    if number:
        return int(number[1])
    same = [c.mark for c in request.observation.candidates if c.name.casefold() == value.strip().casefold()]
    return same[0] if len(same) == 1 and value.strip() else None


def objection_to(answer: Answer, candidate: Candidate | None, action: Action | None, request: DecisionRequest) -> str:
    """Why the action cannot be meant; empty when it can."""
    if action is None:
        return f"the model named no action that exists: {one_line(str(answer.kind), 40)!r}"
    if action.kind in _WITH_VALUE and answer.value is None:
        return f"the model gave no value to {action.kind}"
    if action.kind in _PAGE_KINDS:
        return ""
    if candidate is None:
        count = len(request.observation.candidates)
        return f"the model picked mark {answer.mark}, which is not among the {count} candidates it was shown"
    if action.kind not in candidate.action_types:
        known = ", ".join(candidate.action_types)
        return f"the model picked {action.kind} on {label_of(candidate)}, which can only {known}"
    if candidate.state.disabled and action.kind not in ("hover", "scroll"):
        return f"the model picked {action.kind} on {label_of(candidate)}, which is disabled"
    return _value_objection(action, candidate, request)


def _value_objection(action: Action, candidate: Candidate, request: DecisionRequest) -> str:
    if action.kind == "drag":
        target = request.observation.candidate(action.target_mark) if action.target_mark else None
        fits = target is not None and target.mark != candidate.mark
        return "" if fits else "the model named no other candidate to drag to"
    if action.kind == "select" and candidate.options:
        wanted = " ".join((action.value or "").split()).casefold()
        known = {" ".join(option.split()).casefold() for option in candidate.options}
        # Longer lists are cut at observation, so a missing label proves nothing there.
        if wanted not in known and len(candidate.options) < MAX_OPTIONS:
            option = one_line(action.value or "", 60)
            return f"the model picked option {option!r}, which {label_of(candidate)} does not have"
    if action.kind in ("fill", "type", "clear") and candidate.state.readonly:
        return f"the model picked {action.kind} on {label_of(candidate)}, which is read-only"
    return ""


def unborne(
    words: str, value: str | None, candidate: Candidate, description: str, request: DecisionRequest
) -> list[str]:
    """What a step names outright and neither the candidate, nor what is around it, nor the page's heading bears.

    Names, figures and quoted words cannot be meant in another way: "Remove Ada" is not done to the row of Ben.

    Args:
        words: The step.
        value: What is entered; it need not be there.
        candidate: What was picked.
        description: What it does.
        request: The page.
    """
    page = request.observation
    own = (candidate.name, candidate.text, candidate.description, candidate.hints, candidate.state.value or "")
    around = (context.text for context in candidate.context)
    seen = " ".join((*own, *around, *candidate.options, description, page.title, page.heading)).casefold()
    return [each for each in _outright(words, value or "") if each.casefold() not in seen]


def gives(words: str, value: str) -> bool:
    """Whether a step gives this value: as one of its quoted texts where it has any, else word for word."""
    quoted = quoted_texts(words)
    if quoted:
        return value in quoted
    return re.search(rf"(?<!\w){re.escape(value.casefold())}(?!\w)", words.casefold()) is not None


_QUOTED = re.compile(r"""(?<!\w)(?:"([^"]+)"|'([^']+)'|“([^”]+)”|‘([^’]+)’|«([^»]+)»)(?!\w)""")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;,]\s|\b(?:then|and)\s)\s*$")
_NAMED = re.compile(r"[^\W_](?:[\w@.+-]*\w)?")


def _outright(words: str, value: str) -> list[str]:
    """Quoted words, and others with a figure or a capital that does not begin a sentence; without the value."""
    quoted = [numbered(each) or each for each in quoted_texts(words)]
    rest = _QUOTED.sub(" ", words)
    rest = rest.replace(value, " ") if value else rest
    named = [
        match[0]
        for match in _NAMED.finditer(rest)
        if len(match[0]) > 1 and (re.search(r"\d", match[0]) or _is_a_name(match, rest))
    ]
    return [each for each in (*quoted, *named) if each != value]


def quoted_texts(words: str) -> list[str]:
    """What a step quotes."""
    return [next(filter(None, match.groups())) for match in _QUOTED.finditer(words)]


def _is_a_name(match: re.Match[str], text: str) -> bool:
    return match[0][0].isupper() and not _SENTENCE_START.search(text[: match.start()])


def label_of(candidate: Candidate) -> str:
    """What to call a candidate in a reason."""
    return (
        f'[{candidate.mark}] {one_line(candidate.element_type, 40)} "{one_line(candidate.name or candidate.text, 60)}"'
    )


def alternative_of(candidate: Candidate, score: float) -> Alternative:
    """The candidate as one that came into question."""
    return Alternative(candidate.mark, label_of(candidate), score)
