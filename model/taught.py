"""Controls that a team's labels and steps know by other words: "Download the picture" is what "Save as file" does here.

    with_taught(request).observation.candidate(7).name          # "Download picture", where its name says "Save as file"

Such a control is called by the step's own words, and the decision is made anew: which of several is meant, and whether
it can be done, is told as ever. A saying must account for the step: all its words stand in the step, and all of the
step's in the saying, in the control's name or around the control.
"""

from collections.abc import Sequence
from dataclasses import replace

from magenta_qa.model.embedded.agreeing import weighty_words
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import words_of
from magenta_qa.model.language.slips import without_slips
from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.wording import Field, Word, kinship, read_field
from magenta_qa.model.schema import DecisionRequest

TAUGHT = 0.9
"""How surely what labels say is meant."""
_PRESSED = frozenset(
    {"click", "open", "close", "act", "expand", "collapse", "check", "uncheck", "toggle", "back", "search", "sort"}
)
_WHERE = frozenset({"about", "beside", "near", "with", "above", "below", "under"})
_TURNING = frozenset(
    {"on", "off", "not", "no", "back", "without", "up", "down", "in", "out", "next", "previous", "all"}
)
"""Words too small to be compared by what they mean, that make a saying the opposite of another one."""


def with_taught(request: DecisionRequest) -> DecisionRequest | None:
    """The request with controls whose labels say what the step asks for called by its words; None without any."""
    sayings = {description.mark: description.taught for description in request.descriptions if description.taught}
    said = (saying for each in sayings.values() for saying in each)
    intents = read_step(without_slips(request.step or request.goal or "", said)) if sayings else ()
    if len(intents) != 1 or intents[0].kind not in _PRESSED:
        return None
    asked = _asked(intents[0])
    names = {}
    for candidate in request.observation.candidates:
        if candidate.mark not in sayings:
            continue
        around = [read_field(context.text) for context in candidate.context]
        own = read_field(candidate.name)
        for saying in sayings[candidate.mark]:
            if _is_asked_for(saying, asked, own, around):
                words = (word for word in asked if kinship(word, own) or kinship(word, read_field(saying)))
                names[candidate.mark] = " ".join(word.raw for word in words)
    if not names:
        return None
    candidates = tuple(replace(c, name=names.get(c.mark, c.name)) for c in request.observation.candidates)
    return replace(request, observation=replace(request.observation, candidates=candidates))


def _asked(intent: Intent) -> Sequence[Word]:
    """The words that say what is to be done, or what the control is called, and where."""
    target = intent.target
    if intent.kind != "click" or target is None:
        return [word for word in weighty_words(intent.text) if word.raw not in _WHERE]
    texts = (target.phrase, *(relation.phrase for relation in target.relations))
    return [word for text in texts for word in weighty_words(text)]


def _stands(word: Word, around: Sequence[Field]) -> bool:
    return any(word.known <= field.stems for field in around)


def _is_asked_for(saying: str, asked: Sequence[Word], own: Field, around: Sequence[Field]) -> bool:
    said = read_field(saying)
    known = [word for word in asked if kinship(word, said)]
    open_ones = [word for word in asked if word not in known and not kinship(word, own) and not _stands(word, around)]
    if not known or open_ones:
        return False
    step = read_field(" ".join(word.raw for word in asked))
    said_of_it = weighty_words(saying)[1 if kinship(asked[0], own) else 0 :]  # "Export…" of "Save as file", to save
    besides = [word for word in said_of_it if not kinship(word, step) and not _stands(word, around)]
    told = (word for word in asked if not _stands(word, around))
    turned = {*words_of(saying)} & _TURNING ^ {part for word in told for part in word.raw.split()} & _TURNING
    return not besides and not turned
