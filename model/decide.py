"""What to do next: the deciding back ends behind one protocol. No picture.

    deciding = open_decision("openai:my-model@http://127.0.0.1:8001", api_key=None)
    deciding.decide(DecisionRequest(step="Save the form", goal=None, observation=…, descriptions=…))
    -> Decision("act", Action("click", mark=3), confidence=0.94, reason="Save is the only button of the form")

An answer that does not fit the page is outcome "none" with the reason: never a guess.
"""

from typing import Protocol

from pydantic import ValidationError

from magenta_qa.model.chat_answer import json_answer
from magenta_qa.model.embedded.files import is_embedded
from magenta_qa.model.endpoint import ChatEndpoint, open_endpoint
from magenta_qa.model.errors import BackendError, ConfigError
from magenta_qa.model.line import Limits
from magenta_qa.model.prompt import choose_candidates, decision_prompt, decision_schema, one_line
from magenta_qa.model.reply import Answer, action_of, alternative_of, objection_to
from magenta_qa.model.schema import Decision, DecisionRequest

MIN_CONFIDENCE = 0.5
"""A less certain answer is no answer."""
MAX_TOKENS = 400
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

    def asks_about(self, request: DecisionRequest) -> tuple[int, ...]:
        """Marks of candidates whose descriptions it lacks and could need; none where it can decide without.

        It is asked again with these, until there are none left.
        """
        ...

    def close(self) -> None:
        """Release connections."""
        ...


def open_decision(spec: str, *, api_key: str | None, limits: Limits | None = None) -> Deciding:
    """The back end that `spec` names (design.md, "Back ends").

    Args:
        spec: `rules`, `embedded[:FOLDER]` or `openai:MODEL@URL`.
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
    if is_embedded(spec):
        from magenta_qa.model.reranker.deciding import open_decider

        return open_decider(spec)
    raise ConfigError(f"no such decision {spec!r}: expected 'rules', 'embedded[:FOLDER]' or 'openai:MODEL@URL'")


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
            answer = Answer.model_validate(json_answer(completion.text))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "answer"
            raise BackendError(
                f"{self.spec} answered a decision that cannot be read: {where}: {first['msg']}"
            ) from error
        return self._checked(answer, request, {candidate.mark for candidate in shown})

    def asks_about(self, request: DecisionRequest) -> tuple[int, ...]:
        """All: it decides by them."""
        known = {description.mark for description in request.descriptions}
        return tuple(c.mark for c in request.observation.candidates if c.mark not in known)

    def close(self) -> None:
        """Close the connections."""
        self.endpoint.close()

    def _checked(self, answer: Answer, request: DecisionRequest, shown: set[int]) -> Decision:
        reason = one_line(answer.reason, 300)
        candidate = request.observation.candidate(answer.mark) if answer.mark in shown and answer.mark else None
        if answer.outcome == "none":
            return Decision(
                "none", None, answer.confidence, reason or "the model found no candidate", decider=self.spec
            )
        action = action_of(answer, request) if answer.outcome == "act" else None
        objection = objection_to(answer, candidate, action, request) if answer.outcome == "act" else ""
        if not objection and answer.confidence < self.min_confidence:
            objection = f"the model is not certain enough ({answer.confidence:g} < {self.min_confidence:g})"
        if objection:
            told = f"{objection}; it said: {reason}" if reason else objection
            alternatives = (alternative_of(candidate, answer.confidence),) if candidate else ()
            return Decision("none", None, answer.confidence, told, alternatives, decider=self.spec)
        return Decision(answer.outcome, action, answer.confidence, reason, decider=self.spec)
