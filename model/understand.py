"""What each candidate does: the back ends behind one protocol.

    understanding = open_understanding("openai:my-model@http://127.0.0.1:8001", view=View(), cache_dir=…, api_key=None)
    understanding.describe(observation, questions)
    -> [Description(mark=3, text="Removes the Blue backpack from the cart.", source="model", confidence=0.93, …), …]

One call takes all candidates of a page. Who cannot answer never fails the caller: `accessible` answers instead.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeGuard, runtime_checkable

from PIL import Image
from pydantic import TypeAdapter, ValidationError

from magenta_qa.model.accessible import SPEC as ACCESSIBLE
from magenta_qa.model.accessible import AccessibleUnderstanding, describe_plainly
from magenta_qa.model.cache import DescriptionCache
from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.embedded.alike import VOTERS, agreed, groups_of, merged
from magenta_qa.model.embedded.files import is_embedded
from magenta_qa.model.embedded.glossary import LabelledIcon
from magenta_qa.model.embedded.placing import guessed, is_reading, is_sure, placed
from magenta_qa.model.endpoint import PICTURES_ENTRY, VIEW_ENTRY, ChatEndpoint, open_endpoint, picture_part
from magenta_qa.model.errors import BackendError, ConfigError, ObservationError
from magenta_qa.model.line import Limits
from magenta_qa.model.picture import Views, encode_png, open_views
from magenta_qa.model.prompt import IMAGE_TOKEN, PROMPT_VERSION, one_line, understanding_prompt
from magenta_qa.model.ranking.fitness import is_checkable, is_editable, is_select
from magenta_qa.model.schema import Candidate, Description, Observation, Question, View

MAX_TOKENS = 64
MAX_SENTENCE = 200
"""Characters of a description."""
_VIEW = TypeAdapter(View)
NO_PICTURE = "outside the viewport: no picture"


class Understanding(Protocol):
    """Says what acting on candidates does."""

    spec: str
    needs_html: bool
    """Whether `Question.html` is read; getting it from the page takes time."""
    needs_pictures: bool
    """Whether `Observation.screenshot` is looked at; taking one costs time, too."""

    def looks_at(self, candidate: Candidate) -> bool:
        """Whether the screenshot is looked at for this candidate."""
        ...

    def plain(self, question: Question) -> Description:
        """What is said without looking, at no cost."""
        ...

    def describe(self, observation: Observation, questions: Sequence[Question]) -> list[Description]:
        """One description for each question, in order; never raises because of the model."""
        ...

    def close(self) -> None:
        """Release connections and files."""
        ...


@runtime_checkable
class PagesUnderstanding(Understanding, Protocol):
    """One that is faster when it is asked about several pages at once."""

    def describe_pages(self, pages: Sequence[tuple[Observation, Sequence[Question]]]) -> list[list[Description]]:
        """For each page what `describe` would give."""
        ...


def open_understanding(
    spec: str, *, view: View, cache_dir: Path | None, api_key: str | None, limits: Limits | None = None
) -> Understanding:
    """The back end that `spec` names (design.md, "Back ends").

    Args:
        spec: `accessible`, `openai:MODEL@URL`, `embedded[:PATH]` or `local:PATH[+ADAPTER]`.
        view: What the model is shown; an embedded model says itself what it was trained on.
        cache_dir: Where descriptions are kept; None for no cache.
        api_key: The endpoint's key.
        limits: How patient the endpoint's client is.

    Raises:
        ConfigError: No such back end in this version, or its model cannot be loaded.
    """
    spec = spec.strip()
    if spec == ACCESSIBLE:
        return AccessibleUnderstanding()
    answering = _open_answering(spec, view, api_key, limits)
    return ModelUnderstanding(answering, DescriptionCache(cache_dir) if cache_dir is not None else None)


_KNOWN = (
    "use 'accessible' (no model), 'openai:MODEL@URL' (an OpenAI-compatible endpoint), 'embedded[:PATH]' (a small model "
    "on the CPU) or 'local:PATH[+ADAPTER]' (a model in this process)"
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One candidate to be described by a model, and the pictures of its page."""

    views: Views
    question: Question

    @property
    def prompt(self) -> str:
        """The training prompt, beginning with the image token."""
        candidate = self.question.candidate
        text = "" if candidate.state.secret and candidate.text == candidate.state.value else candidate.text
        return understanding_prompt(self.question.action_type, candidate.element_type, text, self.question.html)

    @property
    def has_picture(self) -> bool:
        """Whether the candidate can be seen."""
        candidate = self.question.candidate
        return candidate.in_view and self.views.shows(candidate.box)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A model's sentence as it was said, without names and places."""

    text: str
    confidence: float
    cached: bool
    likely: tuple[tuple[str, float], ...] = ()


_Build = tuple[int, str, str, str, int, int]
"""What is the same for controls of one page that are built alike."""


def _build(ask: Ask) -> _Build:
    candidate = ask.question.candidate
    size = round(candidate.box.width), round(candidate.box.height)
    return id(ask.views), candidate.role, candidate.tag, candidate.hints, *size


def _is_one_reading(first: _Answer | Description, rest: Sequence[_Answer | Description]) -> TypeGuard[_Answer]:
    """Whether all say the same of their pictures."""
    if not isinstance(first, _Answer) or not is_reading(first.text):
        return False
    return all(isinstance(other, _Answer) and other.text == first.text for other in rest)


class Answering(Protocol):
    """A vision-language model, wherever it runs."""

    spec: str

    @property
    def reads_pictures_only(self) -> bool:
        """Whether it tells pictures alone: `placed` then adds names and places, and only what has no name is asked."""
        ...

    @property
    def view(self) -> View:
        """What it is shown."""
        ...

    def taught(self, name: str) -> tuple[str, ...]:
        """What a team's labels and steps say of controls that are called so, where pictures alone are read."""
        ...

    def labelled(self, picture: Image.Image) -> LabelledIcon | None:
        """What a team's labels say of an icon that looks like this, where pictures alone are read."""
        ...

    def identity(self) -> str | None:
        """What stands behind the spec, for the cache; None while it cannot be told."""
        ...

    def answer_all(self, asks: Sequence[Ask]) -> list[Completion | BackendError]:
        """The answers, in order; what went wrong in the place of those that got none."""
        ...

    def close(self) -> None:
        """Release connections or memory."""
        ...


def _open_answering(spec: str, view: View, api_key: str | None, limits: Limits | None) -> Answering:
    if spec.startswith("openai:"):
        return EndpointAnswering(open_endpoint(spec, api_key=api_key, limits=limits), view)
    if is_embedded(spec):
        from magenta_qa.model.embedded.answering import open_embedded

        return open_embedded(spec)
    if spec.startswith("local:"):
        with _missing_named(spec, "finetune"):
            from magenta_qa.model.local import open_local
        return open_local(spec, view)
    raise ConfigError(f"no such understanding {spec!r}; {_KNOWN}")


@contextmanager
def _missing_named(spec: str, extra: str) -> Iterator[None]:
    """Say which extra brings a package that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"cannot use understanding {spec!r}: the package {error.name} is not installed; "
            f'pip install "magenta-qa[{extra}]"'
        ) from error


class ModelUnderstanding:
    """Asks a vision-language model, and remembers what it said.

    Args:
        answering: The model.
        cache: Descriptions of earlier runs, or None.
    """

    needs_html = True
    needs_pictures = True

    def __init__(self, answering: Answering, cache: DescriptionCache | None) -> None:
        self.spec = answering.spec
        self.answering, self.cache = answering, cache

    @property
    def view(self) -> View:
        """What the model is shown."""
        return self.answering.view

    def looks_at(self, candidate: Candidate) -> bool:
        """Whether the model is asked about it; one that reads pictures alone not where a text is, or is typed.

        Nor about boxes and switches: their pictures tell whether they are on, never what for.
        """
        told = candidate.name or candidate.text or is_editable(candidate) or is_checkable(candidate)
        return not (self.answering.reads_pictures_only and told)

    def describe(self, observation: Observation, questions: Sequence[Question]) -> list[Description]:
        """One description for each question, in order.

        `accessible` answers for a candidate without a picture (outside the viewport; the reason says so) and, degraded,
        for one whose answer cannot be used.
        """
        return self.describe_pages([(observation, questions)])[0]

    def describe_pages(self, pages: Sequence[tuple[Observation, Sequence[Question]]]) -> list[list[Description]]:
        """The same for several pages, whose questions are put to the model together."""
        asks = [self._ask(observation, question) for observation, questions in pages for question in questions]
        described = iter(self._describe(asks))
        return [[next(described) for _ in questions] for _, questions in pages]

    def _ask(self, observation: Observation, question: Question) -> Ask | Description:
        """What to ask the model, or the description where it cannot be asked."""
        if not self.looks_at(question.candidate):
            return self.plain(question)
        try:
            ask = Ask(open_views(observation, self.view), question)
        except ObservationError as error:
            return describe_plainly(question, degraded=True, reason=str(error))
        return ask

    def plain(self, question: Question) -> Description:
        """Its plain sentence, and what a team's labels say of its name."""
        candidate = question.candidate
        takes = is_editable(candidate) or is_checkable(candidate) or is_select(candidate)
        taught = () if takes else self.answering.taught(candidate.name or candidate.text)
        return replace(describe_plainly(question), taught=taught)

    def _describe(self, asks: Sequence[Ask | Description]) -> list[Description]:
        found = {number: ask for number, ask in enumerate(asks) if isinstance(ask, Description)}
        wanted = {number: ask for number, ask in enumerate(asks) if isinstance(ask, Ask)}
        seen = {number: ask for number, ask in wanted.items() if ask.has_picture}
        answers = self._answers(seen)
        built = self._by_build(seen, answers)
        for number, ask in wanted.items():
            like = built.get(_build(ask)) if ask.question.candidate.hints else None
            answer = answers.get(number) or like or describe_plainly(ask.question, reason=NO_PICTURE)
            found[number] = answer if isinstance(answer, Description) else self._said(ask, answer)
        return [found[number] for number in range(len(asks))]

    def _by_build(self, asks: Mapping[int, Ask], answers: Mapping[int, _Answer | Description]) -> dict[_Build, _Answer]:
        """The readings of controls whose like are all read the same: those outside the viewport mean that, too."""
        found: dict[_Build, list[_Answer | Description]] = defaultdict(list)
        for number, ask in asks.items() if self.answering.reads_pictures_only else ():
            found[_build(ask)].append(answers[number])
        return {build: first for build, (first, *rest) in found.items() if _is_one_reading(first, rest)}

    def _answers(self, asks: Mapping[int, Ask]) -> dict[int, _Answer | Description]:
        """What the model says; of what looks alike only some are asked, and all get what these agree on."""
        groups = self._alike(asks)
        answers = self._asked({number: asks[number] for group in groups for number in group[:VOTERS]})
        left = dict[int, Ask]()
        for group in groups:
            if len(group) < 2:
                continue
            said = [answer for number in group[:VOTERS] if isinstance(answer := answers[number], _Answer)]
            if (one := agreed([(answer.text, answer.confidence) for answer in said])) is None:
                left |= {number: asks[number] for number in group[VOTERS:]}
            else:
                likely = merged([answer.likely for answer in said])
                answers |= dict.fromkeys(group, _Answer(*one, all(answer.cached for answer in said), likely))
        return answers | self._asked(left)

    def _alike(self, asks: Mapping[int, Ask]) -> list[list[int]]:
        """The numbers of what looks the same, where pictures are all that is read; else each by itself."""
        if not self.answering.reads_pictures_only:
            return [[number] for number in asks]
        pages: dict[int, list[int]] = defaultdict(list)
        for number, ask in asks.items():
            pages[id(ask.views)].append(number)
        groups = []
        for numbers in pages.values():
            pictures = [asks[number].views.element(asks[number].question.candidate.box) for number in numbers]
            groups += [[numbers[place] for place in group] for group in groups_of(pictures)]
        return groups

    def _asked(self, asks: Mapping[int, Ask]) -> dict[int, _Answer | Description]:
        """What the model says now, or said in an earlier run; a plain description where its answer cannot be used."""
        keys = self._keys(asks)
        found: dict[int, _Answer | Description] = {}
        for number, key in keys.items():
            if self.cache is not None and (stored := self.cache.get(key)) is not None:
                found[number] = _Answer(stored.text, stored.confidence, cached=True, likely=stored.likely)
        left = {number: ask for number, ask in asks.items() if number not in found}
        for number, answer in zip(left, self.answering.answer_all(list(left.values())), strict=True):
            found[number] = self._read(left[number].question, keys.get(number), answer)
        return found

    def close(self) -> None:
        """Release the model and the cache."""
        self.answering.close()
        if self.cache is not None:
            self.cache.close()

    def _keys(self, asks: Mapping[int, Ask]) -> dict[int, str]:
        identity = self.answering.identity() if self.cache is not None and asks else None
        return {} if identity is None else {number: self.key(ask, identity) for number, ask in asks.items()}

    def key(self, ask: Ask, identity: str) -> str:
        """Everything that the answer depends on, hashed (design.md, "Description cache key").

        Where the outline stands is part of it: two candidates may lie in the same pixels.
        """
        picture = ask.views.plain(ask.question.candidate.box)
        view, size = astuple(self.view), picture.image.size
        parts = (self.spec, identity, PROMPT_VERSION, view, ask.prompt, picture.rects, size)
        digest = hashlib.sha256(json.dumps(parts).encode("utf-8"))
        digest.update(picture.image.tobytes())
        return digest.hexdigest()

    def _said(self, ask: Ask, answer: _Answer) -> Description:
        """What the model said, with names and places where it reads pictures alone; what labels say where it doubts."""
        question, text, confidence = ask.question, answer.text, answer.confidence
        known = Description(question.candidate.mark, text, "model", self.spec, confidence, cached=answer.cached)
        if not self.answering.reads_pictures_only or not is_reading(text):
            return known
        guesses = guessed(answer.likely, question.candidate, question.action_type)
        icon = self.answering.labelled(ask.views.element(question.candidate.box)) if ask.has_picture else None
        if icon and not is_sure(text, confidence):
            text, confidence, guesses = icon.reading, 1.0, ()
        if not is_sure(text, confidence):
            plain = describe_plainly(question, reason=f"the model is not sure ({confidence:.2f}): {text}")
            return replace(plain, guesses=guesses)
        text, reading = placed(text, question.candidate, question.action_type)
        taught = icon.sayings if icon else self.answering.taught(reading)
        return replace(known, text=text, confidence=confidence, reading=reading, guesses=guesses, taught=taught)

    def _read(self, question: Question, key: str | None, answer: Completion | BackendError) -> _Answer | Description:
        if isinstance(answer, BackendError):
            return describe_plainly(question, degraded=True, reason=str(answer))
        try:
            text = first_sentence(answer)
        except BackendError as error:
            return replace(describe_plainly(question, degraded=True, reason=str(error)), unusable=True)
        if self.cache is not None and key:
            self.cache.put(key, replace(answer, text=text))
        return _Answer(text, answer.confidence, cached=False, likely=answer.likely)


class EndpointAnswering:
    """A model behind an OpenAI-compatible endpoint.

    Args:
        endpoint: The client.
        view: What the model is shown, where its endpoint does not say which view it was trained on.
    """

    def __init__(self, endpoint: ChatEndpoint, view: View) -> None:
        self.spec = endpoint.address.spec
        self.endpoint, self._view = endpoint, view

    @property
    def view(self) -> View:
        """What the model is shown."""
        said = (self.endpoint.entry() or {}).get(VIEW_ENTRY)
        try:
            return _VIEW.validate_python(said) if said is not None else self._view
        except ValidationError:
            return self._view

    @property
    def reads_pictures_only(self) -> bool:
        """Whether the endpoint says so of its model."""
        return bool((self.endpoint.entry() or {}).get(PICTURES_ENTRY))

    def taught(self, _: str) -> tuple[str, ...]:
        """Nothing: labels have gone into the model itself."""
        return ()

    def labelled(self, _: Image.Image) -> None:
        """Nothing, as above."""

    def identity(self) -> str | None:
        """What the endpoint says of the model."""
        return self.endpoint.identity()

    def answer_all(self, asks: Sequence[Ask]) -> list[Completion | BackendError]:
        """All questions in flight at once, as many as the client allows."""
        return self.endpoint.complete_all([partial(self._request, ask) for ask in asks])

    def close(self) -> None:
        """Close the connections."""
        self.endpoint.close()

    def _request(self, ask: Ask) -> dict[str, Any]:
        # A chat template puts the picture where its part stands; the text is the training prompt after its image token.
        text = ask.prompt.removeprefix(IMAGE_TOKEN)
        picture = picture_part(encode_png(ask.views.outlined(ask.question.candidate.box)))
        request: dict[str, Any] = {
            "messages": [{"role": "user", "content": [picture, {"type": "text", "text": text}]}],
            "max_tokens": MAX_TOKENS,
            "logprobs": True,
        }
        if self.view.downsample != "16x" and self.view == self._view:
            # vLLM's way to set the processor's options; endpoints with a fixed processor need the default view.
            request["mm_processor_kwargs"] = {"downsample_mode": self.view.downsample}
        return request


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
