"""What an OpenAI-compatible endpoint sends, read: a chat completion, and the JSON that its text may hold.

read_completion(b'{"choices": [{"message": {"content": "Opens the cart."}}]}', "http://…")
-> Completion("Opens the cart.", 1.0, True)
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from magenta_qa.model.errors import BackendError


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer."""

    text: str
    confidence: float = 1.0
    """Geometric mean of the tokens' probabilities; 1 when the endpoint gives none."""
    complete: bool = True
    """False when it was cut at the token limit."""
    likely: tuple[tuple[str, float], ...] = ()
    """Answers with the chance of each, the likeliest first: this one, and where it is in doubt others; empty where the
    chances of whole answers are not known."""


class _Answer(BaseModel):
    """The parts of an answer that are read; an endpoint may send anything else beside them."""

    choices: list["_Choice"]


class _Choice(BaseModel):
    message: "_Message"
    finish_reason: str | None = None
    logprobs: "_Logprobs | None" = None


class _Message(BaseModel):
    content: str | None = None


class _Logprobs(BaseModel):
    content: "list[_Token] | None" = None


class _Token(BaseModel):
    logprob: float


def read_completion(content: bytes, url: str) -> Completion:
    """The first choice.

    Raises:
        BackendError: It is no chat completion.
    """
    try:
        choice = _Answer.model_validate_json(content).choices[0]
    except (ValidationError, IndexError) as error:
        raise BackendError(f"{url} answered what is no chat completion: {excerpt(content)}") from error
    tokens = choice.logprobs.content if choice.logprobs else None
    known = [token.logprob for token in tokens or () if math.isfinite(token.logprob)]
    confidence = math.exp(min(sum(known) / len(known), 0.0)) if known else 1.0
    return Completion(choice.message.content or "", confidence, choice.finish_reason != "length")


def excerpt(content: bytes) -> str:
    """The beginning of an answer, for messages."""
    return " ".join(content[:300].decode("utf-8", "replace").split()) or "(empty)"


def json_answer(text: str) -> dict[str, Any]:
    """The JSON object in an answer, also when it stands in a code fence or after a thought.

    Raises:
        BackendError: There is none.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1]) if start >= 0 else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BackendError(f"the model's answer is no JSON object: {' '.join(text.split())[:200]!r}")
    return found
