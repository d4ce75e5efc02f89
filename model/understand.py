"""What each candidate does: the back ends behind one protocol.

    understanding = open_understanding("openai:my-model@http://127.0.0.1:8001", view=View(), cache_dir=…, api_key=None)
    understanding.describe(observation, questions)
    -> [Description(mark=3, text="Removes the Blue backpack from the cart.", source="model", confidence=0.93, …), …]

One call takes all candidates of a page. Who cannot answer never fails the caller: `accessible` answers instead.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from magenta_qa.model.accessible import SPEC as ACCESSIBLE
from magenta_qa.model.accessible import AccessibleUnderstanding, describe_plainly
from magenta_qa.model.cache import DescriptionCache
from magenta_qa.model.endpoint import ChatEndpoint, Completion, Limits, open_endpoint, picture_part
from magenta_qa.model.errors import BackendError, ConfigError, ObservationError
from magenta_qa.model.picture import Views, encode_png, open_views
from magenta_qa.model.prompt import IMAGE_TOKEN, PROMPT_VERSION, one_line, understanding_prompt
from magenta_qa.model.schema import Description, Observation, Question, View

MAX_TOKENS = 64
MAX_SENTENCE = 200
"""Characters of a description."""
NO_PICTURE = "outside the viewport: no picture"


class Understanding(Protocol):
    """Says what acting on candidates does."""

    spec: str
    needs_html: bool
    """Whether `Question.html` is read; getting it from the page takes time."""

    def describe(self, observation: Observation, questions: Sequence[Question]) -> list[Description]:
        """One description for each question, in order; never raises because of the model."""
        ...

    def close(self) -> None:
        """Release connections and files."""
        ...


def open_understanding(
    spec: str, *, view: View, cache_dir: Path | None, api_key: str | None, limits: Limits | None = None
) -> Understanding:
    """The back end that `spec` names (design.md, "Back ends").

    Args:
        spec: `accessible` or `openai:MODEL@URL`.
        view: What the model is shown.
        cache_dir: Where descriptions are kept; None for no cache.
        api_key: The endpoint's key.
        limits: How patient the endpoint's client is.

    Raises:
        ConfigError: No such back end in this version.
    """
    spec = spec.strip()
    if spec == ACCESSIBLE:
        return AccessibleUnderstanding()
    if spec.startswith("openai:"):
        endpoint = open_endpoint(spec, api_key=api_key, limits=limits)
        cache = DescriptionCache(cache_dir) if cache_dir is not None else None
        return OpenAIUnderstanding(endpoint, view, cache)
    for name, what in (("embedded", "the shipped model"), ("local", "running a model in this process")):
        if spec.split(":")[0] == name:
            raise ConfigError(
                f"cannot use understanding {spec!r}: {what} is not part of this version; "
                "use 'accessible' (no model) or 'openai:MODEL@URL' (an OpenAI-compatible endpoint)"
            )
    raise ConfigError(f"no such understanding {spec!r}: expected 'accessible' or 'openai:MODEL@URL'")


class OpenAIUnderstanding:
    """Asks a vision-language model behind an OpenAI-compatible endpoint.

    Args:
        endpoint: The client.
        view: What the model is shown.
        cache: Descriptions of earlier runs, or None.
    """

    needs_html = True

    def __init__(self, endpoint: ChatEndpoint, view: View, cache: DescriptionCache | None) -> None:
        self.spec = endpoint.address.spec
        self.endpoint, self.view, self.cache = endpoint, view, cache

    def describe(self, observation: Observation, questions: Sequence[Question]) -> list[Description]:
        """One description for each question, in order.

        `accessible` answers for a candidate without a picture (outside the viewport; the reason says so) and, degraded,
        for one whose answer cannot be used.
        """
        if not questions:
            return []
        try:
            views = open_views(observation, self.view)
        except ObservationError as error:
            return [describe_plainly(question, degraded=True, reason=str(error)) for question in questions]
        keys = self._keys(views, questions)
        found = [self._known(views, question, key) for question, key in zip(questions, keys, strict=True)]
        asked = [index for index, description in enumerate(found) if description is None]
        builders = [partial(self._request, views, questions[index]) for index in asked]
        for index, answer in zip(asked, self.endpoint.complete_all(builders), strict=True):
            found[index] = self._described(questions[index], keys[index], answer)
        return [description for description in found if description is not None]

    def close(self) -> None:
        """Close connections and the cache."""
        self.endpoint.close()
        if self.cache is not None:
            self.cache.close()

    def _keys(self, views: Views, questions: Sequence[Question]) -> list[str | None]:
        identity = self.endpoint.identity() if self.cache is not None else None
        if identity is None:
            return [None] * len(questions)
        return [
            self.key(views, question, identity) if _has_picture(views, question) else None for question in questions
        ]

    def key(self, views: Views, question: Question, identity: str) -> str:
        """Everything that the answer depends on, hashed (design.md, "Description cache key").

        Where the outline stands is part of it: two candidates may lie in the same pixels.
        """
        picture = views.plain(question.candidate.box)
        view, size = astuple(self.view), picture.image.size
        parts = (self.spec, identity, PROMPT_VERSION, view, _prompt(question), picture.rects, size)
        digest = hashlib.sha256(json.dumps(parts).encode("utf-8"))
        digest.update(picture.image.tobytes())
        return digest.hexdigest()

    def _known(self, views: Views, question: Question, key: str | None) -> Description | None:
        """What needs no request: no picture, or an answer of an earlier run."""
        if not _has_picture(views, question):
            return describe_plainly(question, reason=NO_PICTURE)
        stored = self.cache.get(key) if self.cache is not None and key else None
        if stored is None:
            return None
        return Description(question.candidate.mark, stored[0], "model", self.spec, stored[1], cached=True)

    def _request(self, views: Views, question: Question) -> dict[str, Any]:
        # A chat template puts the picture where its part stands; the text is the training prompt after its image token.
        text = _prompt(question).removeprefix(IMAGE_TOKEN)
        picture = picture_part(encode_png(views.outlined(question.candidate.box)))
        request: dict[str, Any] = {
            "messages": [{"role": "user", "content": [picture, {"type": "text", "text": text}]}],
            "max_tokens": MAX_TOKENS,
            "logprobs": True,
        }
        if self.view.downsample != "16x":
            # vLLM's way to set the processor's options; endpoints with a fixed processor need the default view.
            request["mm_processor_kwargs"] = {"downsample_mode": self.view.downsample}
        return request

    def _described(self, question: Question, key: str | None, answer: Completion | BackendError) -> Description:
        try:
            if isinstance(answer, BackendError):
                raise answer
            text = first_sentence(answer)
        except BackendError as error:
            return describe_plainly(question, degraded=True, reason=str(error))
        if self.cache is not None and key:
            self.cache.put(key, text, answer.confidence)
        return Description(question.candidate.mark, text, "model", self.spec, answer.confidence)


def _has_picture(views: Views, question: Question) -> bool:
    return question.candidate.in_view and views.shows(question.candidate.box)


def _prompt(question: Question) -> str:
    candidate = question.candidate
    text = "" if candidate.state.secret and candidate.text == candidate.state.value else candidate.text
    return understanding_prompt(question.action_type, candidate.element_type, text, question.html)


def first_sentence(answer: Completion) -> str:
    """The first sentence of a model's answer, one line, at most `MAX_SENTENCE` characters.

    Raises:
        BackendError: The answer is empty, cut off or no sentence (markup, JSON, a single word).
    """
    text = re.sub(r"(?s)^.*</think>", "", answer.text)
    folded = one_line(text, MAX_SENTENCE * 4).strip("\"'` ")
    shown = folded[:80]
    if not folded:
        raise BackendError("the model's answer is empty")
    if folded[0] in "{[<‹" or len(re.findall(r"[^\W\d_]+", folded)) < 2:
        raise BackendError(f"the model's answer is no sentence: {shown!r}")
    match = re.match(r".*?[.!?](?=[\"')]?(\s|$))", folded)
    if match is None and not answer.complete:
        raise BackendError(f"the model's answer was cut off: {shown!r}")
    sentence = match[0] if match else folded.rstrip(" ,;:") + "."
    return sentence if len(sentence) <= MAX_SENTENCE else sentence[: MAX_SENTENCE - 1].rstrip() + "…"
