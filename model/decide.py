"""What to do next: the deciding back ends behind one protocol. No picture.

    deciding = open_decision("openai:my-model@http://127.0.0.1:8001", api_key=None)
    deciding.decide(DecisionRequest(step="Save the form", goal=None, observation=…, descriptions=…))
    -> Decision("act", Action("click", mark=3), confidence=0.94, reason="Save is the only button of the form")

An answer that does not fit the page is outcome "none" with the reason: never a guess.
"""

import re
from typing import Literal, Protocol, cast, get_args

from pydantic import BaseModel, Field, ValidationError

from magenta_qa.model.endpoint import ChatEndpoint, Limits, json_answer, open_endpoint
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.prompt import ACTION_KINDS, choose_candidates, decision_prompt, decision_schema, one_line
from magenta_qa.model.schema import (
    Action,
    ActionKind,
    Alternative,
    Candidate,
    Decision,
    DecisionRequest,
    PageActionType,
)

MIN_CONFIDENCE = 0.5
"""A less certain answer is no answer."""
MAX_TOKENS = 400
MAX_OPTIONS = 200
"""Options of a drop-down that an observation holds at most."""
_PAGE_KINDS = frozenset(get_args(PageActionType))
_WITH_VALUE = frozenset({"fill", "type", "press", "select", "upload", "drag", "goto", "dialog"})
_DECISION_LIMITS = Limits(timeout_s=60.0, budget_s=120.0)


class Deciding(Protocol):
    """Picks one action for a step or goal."""

    spec: str
    instant: bool
    """Whether a decision costs next to nothing, so that it may be asked for without need."""

    def decide(self, request: DecisionRequest) -> Decision:
        """One action, that nothing is left to do, or that no candidate fits.

        Raises:
            BackendError: The back end gave no usable answer.
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...


def open_decision(spec: str, *, api_key: str | None, limits: Limits | None = None) -> Deciding:
    """The back end that `spec` names (design.md, "Back ends").

    Args:
        spec: `rules` or `openai:MODEL@URL`.
        api_key: The endpoint's key.
        limits: How patient the endpoint's client is.

    Raises:
        ConfigError: No such back end in this version.
    """
    spec = spec.strip()
    if spec == "rules":
        from magenta_qa.model.rules import RulesDecider

        return RulesDecider()
    if spec.startswith("openai:"):
        return OpenAIDecider(open_endpoint(spec, api_key=api_key, limits=limits or _DECISION_LIMITS))
    if spec.split(":")[0] == "embedded":
        raise ConfigError(
            f"cannot use decision {spec!r}: the shipped model is not part of this version; "
            "use 'rules' (no model) or 'openai:MODEL@URL' (an OpenAI-compatible endpoint)"
        )
    raise ConfigError(f"no such decision {spec!r}: expected 'rules' or 'openai:MODEL@URL'")


class _Answer(BaseModel):
    """The decision prompt's JSON."""

    outcome: Literal["act", "done", "none"]
    mark: int | None = None
    kind: str | None = None
    value: str | None = Field(default=None, coerce_numbers_to_str=True)
    confidence: float = Field(default=0.0, ge=0, le=1)
    reason: str = ""


class OpenAIDecider:
    """Asks a chat model behind an OpenAI-compatible endpoint.

    Args:
        endpoint: The client.
        min_confidence: A less certain answer becomes outcome "none".
    """

    instant = False

    def __init__(self, endpoint: ChatEndpoint, min_confidence: float = MIN_CONFIDENCE) -> None:
        self.spec = endpoint.address.spec
        self.endpoint, self.min_confidence = endpoint, min_confidence

    def decide(self, request: DecisionRequest) -> Decision:
        """One action, that nothing is left to do, or that no candidate fits.

        Raises:
            BackendError: The endpoint is down, or its answer is not what the JSON schema says.
        """
        prompt = decision_prompt(request)
        shown = choose_candidates(request)
        schema = decision_schema([candidate.mark for candidate in shown])
        completion = self.endpoint.complete(
            {
                "messages": [{"role": "user", "content": prompt}],
                "max_tokens": MAX_TOKENS,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "decision", "strict": True, "schema": schema},
                },
            }
        )
        try:
            answer = _Answer.model_validate(json_answer(completion.text))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "answer"
            raise BackendError(
                f"{self.spec} answered a decision that cannot be read: {where}: {first['msg']}"
            ) from error
        return self._checked(answer, request, {candidate.mark for candidate in shown})

    def close(self) -> None:
        """Close the connections."""
        self.endpoint.close()

    def _checked(self, answer: _Answer, request: DecisionRequest, shown: set[int]) -> Decision:
        reason = one_line(answer.reason, 300)
        candidate = request.observation.candidate(answer.mark) if answer.mark in shown and answer.mark else None
        if answer.outcome == "none":
            return Decision(
                "none", None, answer.confidence, reason or "the model found no candidate", decider=self.spec
            )
        action = _action(answer, request) if answer.outcome == "act" else None
        objection = _objection(answer, candidate, action, request) if answer.outcome == "act" else ""
        if not objection and answer.confidence < self.min_confidence:
            objection = f"the model is not certain enough ({answer.confidence:g} < {self.min_confidence:g})"
        if objection:
            told = f"{objection}; it said: {reason}" if reason else objection
            alternatives = (_alternative(candidate, answer.confidence),) if candidate else ()
            return Decision("none", None, answer.confidence, told, alternatives, decider=self.spec)
        return Decision(answer.outcome, action, answer.confidence, reason, decider=self.spec)


def _action(answer: _Answer, request: DecisionRequest) -> Action | None:
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


def _objection(answer: _Answer, candidate: Candidate | None, action: Action | None, request: DecisionRequest) -> str:
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
        return (
            f"the model picked {action.kind} on {_label(candidate)}, which can only {', '.join(candidate.action_types)}"
        )
    if candidate.state.disabled and action.kind not in ("hover", "scroll"):
        return f"the model picked {action.kind} on {_label(candidate)}, which is disabled"
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
            return (
                f"the model picked option {one_line(action.value or '', 60)!r}, which {_label(candidate)} does not have"
            )
    if action.kind in ("fill", "type", "clear") and candidate.state.readonly:
        return f"the model picked {action.kind} on {_label(candidate)}, which is read-only"
    return ""


def _label(candidate: Candidate) -> str:
    return (
        f'[{candidate.mark}] {one_line(candidate.element_type, 40)} "{one_line(candidate.name or candidate.text, 60)}"'
    )


def _alternative(candidate: Candidate, score: float) -> Alternative:
    return Alternative(candidate.mark, _label(candidate), score)
