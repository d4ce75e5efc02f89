"""The prompts, built by the same functions for training, evaluation and serving.

    understanding_prompt("click", "button", "", '<tr><td>Ada</td><td><button class="trash"/></td></tr>')
    -> "<image>\\nIn a short sentence, what does the action outlined with a magenta rectangle do?\\nAction data:\\n"
       "action_type: click\\nelement_type: button\\ntext: \\nsurrounding_html: <tr><td>Ada</td>…\\n"

Page text is hostile. Everything that comes from a page goes through `neutralise`, and in the decision prompt through
`one_line` as well, so that no page can write a model's own tokens or a line of the prompt.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, get_args
from urllib.parse import urlsplit

from magenta_qa.model.schema import ActionType, Candidate, DecisionRequest, Description, PageActionType, State

PROMPT_VERSION = "1"
"""Goes up whenever the same candidate would get another prompt; part of the description cache's key."""

IMAGE_TOKEN = "<image>\n"
"""Where the picture stands in the training prompt; chat endpoints get a picture part in its place."""

UNDERSTANDING_PROMPT = (
    "<image>\nIn a short sentence, what does the action outlined with a magenta rectangle do?\nAction data:\n"
    "action_type: {action_type}\nelement_type: {element_type}\ntext: {text}\nsurrounding_html: {html}\n"
)
_HTML_FIELD = "surrounding_html: "
_LEAST_CHARACTERS = 150
"""What is left at least of a prompt that has no field for the surrounding HTML."""

SENTENCE = re.compile(r"""\S[^.!?]*[.!?]["')]?\s""")
"""What it asks for. The end is sure only by the blank after it: there are dots in "v1.5"."""

DECISION_ANSWER = (
    'Answer with JSON: {"outcome": "act" | "done" | "none", "mark": int | null, "kind": action_type | null,\n'
    '                   "value": str | null, "confidence": 0..1, "reason": str}'
)

ACTION_KINDS: tuple[str, ...] = get_args(ActionType) + get_args(PageActionType)

MAX_TEXT = 200
"""Characters of an element's text in the understanding prompt."""
MAX_NAME = 120
MAX_VALUE = 80
MAX_DESCRIPTION = 200
MAX_DONE = 300
MAX_CANDIDATES = 150
MAX_DONE_LINES = 20

# Tokens of the MiniCPM-V tokenizers and of those that other endpoints run (Qwen, Llama, Gemma, Mistral).
_TOKEN_NAMES = re.compile(
    "image|image_id|image_\\d+|image_pad|image_soft_token|start_of_image|end_of_image|img_context|video_pad|slice|unit|box|point"
    "|ref|quad|asr|query|polygon|think|tool_call|tool_response|tools|im_start|im_end|im_patch|unk|bos|eos|pad|cls|sep"
    "|start_of_turn|end_of_turn|endoftext|vision_start|vision_end|extra_id_\\d+|fim_prefix|fim_middle|fim_suffix|reponame"
    "|filename|sys|inst|user|assistant|system"
)
# These are HTML too, so only the bare tag, which is what the token looks like, is touched.
_BARE_NAMES = frozenset({"s", "img", "video", "audio", "mask", "embed"})
_BRACKET_NAMES = re.compile(
    "inst|img|img_end|img_break|system_prompt|tool_calls|tool_results|available_tools|cls|sep|mask|pad|unk|bos|eos"
)

# Possessive, so that long runs of blanks cost linear time.
_INVISIBLE = r"\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
_GAP = rf"[\s{_INVISIBLE}]*+"
_LESS, _PIPE = r"[<\uff1c\ufe64]", r"[|\uff5c\u00a6\u2502]"
_ANGLE = re.compile(
    rf"{_LESS}(?={_GAP}[/\uff0f]?{_GAP}(?:{_PIPE}|{_LESS}{_GAP}[/\uff0f]?sys|([\w{_INVISIBLE}]++)({_GAP}.?)))",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[\[\uff3b](?=\s*+[/\uff0f]?\s*+(\w++)\s*+[\]\uff3d])")
# Control characters, lone surrogates (not encodable) and bidirectional overrides (text that reads otherwise).
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def neutralise(text: str) -> str:
    """`text` without anything that a model's tokenizer or chat template could take for one of its own tokens.

    Only the bracket that opens such a token is replaced by a look-alike (``‹image>``, ``⟦INST]``): HTML stays readable.
    Idempotent. Upper case, spaces, zero-width and full-width characters make no difference.
    """
    text = _UNSAFE.sub("", text)
    return _BRACKET.sub(_soften_bracket, _ANGLE.sub(_soften_angle, text))


def _soften_angle(match: re.Match[str]) -> str:
    if match[1] is None:
        return "‹"
    name, following = _fold(match[1]), _fold(match[2])
    bare = name in _BARE_NAMES and following in (">", "")
    return "‹" if bare or _TOKEN_NAMES.fullmatch(name) else match[0]


def _soften_bracket(match: re.Match[str]) -> str:
    return "⟦" if _BRACKET_NAMES.fullmatch(_fold(match[1])) else match[0]


def _fold(text: str) -> str:
    visible = re.sub(rf"[\s{_INVISIBLE}]", "", text)
    return unicodedata.normalize("NFKC", visible).casefold()


def one_line(text: str, limit: int) -> str:
    """Page text as part of one line: neutralised, whitespace folded, at most `limit` characters."""
    folded = " ".join(neutralise(text[: limit * 8]).split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def understanding_prompt(action_type: str, element_type: str, text: str, html: str) -> str:
    """The prompt that goes with one outlined picture; begins with the image token.

    Args:
        action_type: The action that is asked about.
        element_type: The element's type; unknown words are kept as they are.
        text: Visible text; folded to one line.
        html: Surrounding HTML, already trimmed by `model.html.clean_html`; never cut here.
    """
    return UNDERSTANDING_PROMPT.format(
        action_type=one_line(action_type, MAX_NAME),
        element_type=one_line(element_type, MAX_NAME),
        text=one_line(text, MAX_TEXT),
        html=neutralise(html),
    )


def least_length(prompt: str) -> int:
    """Characters of a prompt that are never cut for length: all that stands before the surrounding HTML."""
    return prompt.find(_HTML_FIELD) + len(_HTML_FIELD) if _HTML_FIELD in prompt else _LEAST_CHARACTERS


def decision_prompt(request: DecisionRequest) -> str:
    """The prompt that asks for one action; no picture goes with it."""
    observation = request.observation
    done = [one_line(str(entry), MAX_DONE) for entry in request.done[-MAX_DONE_LINES:]]
    page = f"{one_line(observation.title, MAX_NAME)} | {one_line(urlsplit(observation.url).path or '/', MAX_NAME)}"
    shown = choose_candidates(request)
    texts = {description.mark: description for description in request.descriptions}
    lines = [
        f"Goal: {one_line(request.goal or '-', 2000)}",
        f"Step: {one_line(request.step or '-', 2000)}",
        "Done so far: " + ("\n".join(done) or "-"),
        f"Page: {page}",
        "Candidates:",
        *(candidate_line(candidate, texts.get(candidate.mark)) for candidate in shown),
    ]
    left_out = len(observation.candidates) - len(shown)
    if left_out:
        lines.append(f"({left_out} more candidates are not listed)")
    return "\n".join([*lines, DECISION_ANSWER])


def candidate_line(candidate: Candidate, description: Description | None) -> str:
    """One line of "Candidates:", such as ``[3] button "Save" disabled | Saves the form.``."""
    name = _quoted(candidate.name or candidate.text, MAX_NAME)
    parts = [f"[{candidate.mark}]", one_line(candidate.element_type, 40), f'"{name}"', state_words(candidate.state)]
    sentence = one_line(description.whole, MAX_DESCRIPTION) if description else "-"
    return f"{' '.join(filter(None, parts))} | {sentence}"


def state_words(state: State) -> str:
    """A candidate's state as its line says it."""
    value = _quoted(state.value, MAX_VALUE) if state.value and not state.secret else None
    return str(replace(state, value=value))


def _quoted(text: str, limit: int) -> str:
    return one_line(text, limit).replace('"', "'")


def choose_candidates(request: DecisionRequest, limit: int = MAX_CANDIDATES) -> tuple[Candidate, ...]:
    """At most `limit` candidates in page order: those that share words with the step or goal, then the visible."""
    candidates = request.observation.candidates
    if len(candidates) <= limit:
        return candidates
    wanted = _words([request.step or "", request.goal or ""])
    texts = {description.mark: description.text for description in request.descriptions}

    def rank(candidate: Candidate) -> tuple[int, bool, bool, int]:
        near = [context.text for context in candidate.context]
        own = _words([candidate.name, candidate.text, candidate.hints, candidate.description, *candidate.options])
        around = _words([texts.get(candidate.mark, ""), *near])
        score = 2 * len(wanted & own) + len(wanted & (around - own))
        return -score, not candidate.in_view, candidate.state.disabled, candidate.mark

    kept = sorted(candidates, key=rank)[:limit]
    return tuple(sorted(kept, key=lambda candidate: candidate.mark))


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.findall(r"\w{2,}", text.casefold())}


def decision_schema(marks: Sequence[int]) -> dict[str, Any]:
    """JSON schema of the decision's answer; strict in OpenAI's sense (every property required, none besides).

    Args:
        marks: The marks that may be answered with.
    """
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["outcome", "mark", "kind", "value", "confidence", "reason"],
        "properties": {
            "outcome": {"type": "string", "enum": ["act", "done", "none"]},
            "mark": {"type": ["integer", "null"], "enum": [*marks, None]},
            "kind": {"type": ["string", "null"], "enum": [*ACTION_KINDS, None]},
            "value": {"type": ["string", "null"], "description": "for drag: the mark of the place to drop it on"},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "reason": {"type": "string"},
        },
    }
