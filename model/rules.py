"""The `rules` decider: reads the step, ranks the candidates, works composite steps off one action at a time. No model.

    RulesDecider().decide(DecisionRequest(step="Remove the blue backpack", …))
    -> Decision("act", Action("click", mark=7), 0.96, 'button "Remove": all words', …)

It keeps nothing between calls: the step is read anew each time, and `request.done` says how far it has come. Page text
is only ever compared with the tester's words; it is never read as an instruction.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from magenta_qa.model.guesses import guessing
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.quantity import ALL
from magenta_qa.model.language.slips import without_slips
from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import Field, Word, likeness, read_field, read_words
from magenta_qa.model.moves.committing import commit
from magenta_qa.model.moves.each import do_to_each, is_about_several
from magenta_qa.model.moves.fallback import fall_back
from magenta_qa.model.moves.plain import MOVES, USED
from magenta_qa.model.moves.repeating import repeat
from magenta_qa.model.moves.reveal import clear_the_way
from magenta_qa.model.moves.turn import SPEC, Answer, Finished, Turn, act, none, only_prepares
from magenta_qa.model.prompt import choose_candidates
from magenta_qa.model.ranking.choice import CLEAR, Choice
from magenta_qa.model.ranking.closest import AHEAD, CLOSE, closest
from magenta_qa.model.ranking.fitness import fits_action, is_button, is_checkable, is_editable
from magenta_qa.model.ranking.page import ITEM_KINDS, Page
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.readings import with_readings
from magenta_qa.model.schema import Decision, DecisionRequest, Done, Observation, Place

_AFTER_NAME = re.compile(r"\s+[^\w\s]?[\d\W].*$")
_TWO_DEEDS = re.compile(r"(?P<first>\S.{0,40}?)\s+(?:and|&|\+)\s+(?P<then>\S.{0,40})", re.IGNORECASE)
_SHOWS_SUCH = re.compile(
    r"(?:show|list|display|see|view)\b(?!.*\b(?:too|also|as well|without|not)\b).*\b(?:that|which|who)\b", re.IGNORECASE
)
_JOINT = 0.9  # how sure a name is that has both deeds of a step
MAX_ERRORS = 2  # of one action in a row, before the step is given up
MAX_ASKED = 24  # controls with names that are to be described where no name fits
_ONE_CLICK = frozenset({"act", "open", "click", "close", "back"})
_LETTER = re.compile(r"[^\W_]")
_LABELS = 400  # names beyond that many are not looked for in the step
_NOWHERE = Page(Observation("", "", (0, 0), 1.0, b"", ()))  # what is finished there is so by what has been done alone


class RulesDecider:
    """Decides by rules; stateless.

    Args:
        spec: What decisions are signed with.
        lenient: Whether what is clearly closest to the words counts on pages that a model has described.
    """

    instant = True

    def __init__(self, spec: str = SPEC, *, lenient: bool = True) -> None:
        self.spec, self._lenient = spec, lenient

    def decide(self, request: DecisionRequest) -> Decision:
        """The next action of a step or goal, that it is done, or that nothing fits; surely, then by guesses."""
        return guessing(self.decide_surely, self.decide_meant, request)

    def decide_surely(self, request: DecisionRequest) -> Decision:
        """The same without any guess at what a picture shows; the step is read as typed, then as meant."""
        request = with_readings(request)
        decision = self._decide(request)
        if request.observation.dialog or not (decision.outcome == "none" or only_prepares(decision)):
            return decision
        meant = as_meant(request)
        other = self._decide(meant) if meant is not None else decision
        better = other.outcome == "act" and (decision.outcome == "none" or not only_prepares(other))
        return other if better else decision

    def _decide(self, request: DecisionRequest) -> Decision:
        text = request.step or request.goal or ""
        intents = read_step(text, _labels(request))
        unread = next((i.text for i in intents if i.kind == "unknown"), text)
        if not intents or (len(intents) > 1 and unread != text):
            # Half of a step is not begun; a goal's outcome is checked in the end.
            return replace(none(_unread(unread)), unmatched=request.goal is not None)
        failing = _failing(request.done)
        if failing:
            return none(f"tried {MAX_ERRORS} times in vain: {failing.error}")
        decision = _decided(intents, request, lenient=self._lenient)
        if request.goal is None:
            return decision
        if decision.outcome == "done":
            end = commit(request)
            return _placed(end, len(intents) - 1) if end else decision
        return clear_the_way(request, text) or decision if _is_barred(decision, request) else decision

    def decide_meant(self, request: DecisionRequest, mark: int, share: float) -> Decision:
        """What the step does with the candidate that it is known to mean, where no other one fits its words.

        Args:
            request: The step and the page.
            mark: Of the candidate.
            share: How sure that is.
        """
        request = with_readings(request)
        intents = read_step(request.step or request.goal or "", _labels(request))
        candidate = request.observation.candidate(mark)
        if candidate is not None and is_editable(candidate):
            intents = tuple(map(_filling, intents))
        if candidate is not None and is_button(candidate):
            intents = tuple(map(_pressing, intents))
        if candidate is not None and is_checkable(candidate):
            intents = tuple(map(_ticking, intents))
        page = Page(request.observation, request.descriptions, meant=(mark, share))
        return _work_off(intents, request, page)

    def asks_about(self, request: DecisionRequest) -> tuple[int, ...]:
        """Where words do not decide: what has no name, and then what has words in common with the step."""
        known = {description.mark for description in request.descriptions}
        lacking = [c.mark for c in request.observation.candidates if c.in_view and c.mark not in known]
        if not lacking or request.observation.dialog:
            return ()
        decision = RulesDecider(lenient=False).decide_surely(request)
        if decision.outcome == "done" or (decision.outcome == "act" and decision.confidence >= CLEAR):
            return ()
        candidates = request.observation.candidates
        nameless = [c.mark for c in candidates if c.mark in lacking and not _LETTER.search(c.name or c.text)]
        if nameless or not decision.unmatched:
            return tuple(nameless)
        near = {c.mark for c in choose_candidates(request, MAX_ASKED)}
        return tuple(mark for mark in lacking if mark in near)

    def close(self) -> None:
        """Nothing to release."""


def _filling(intent: Intent) -> Intent:
    """What a deed of the application puts into a field: 'Rename the project to "Harbour mail"'."""
    given = [r for r in intent.target.relations if r.kind == "to" and r.exact] if intent.target else []
    if intent.kind != "act" or len(given) != 1:
        return intent
    return replace(intent, kind="fill", value=given[0].phrase)


def _ticking(intent: Intent) -> Intent:
    """What a box narrows down: "Show entries that are shared" on a box "Shared"."""
    shown = intent.kind == "open" and _SHOWS_SUCH.match(intent.text)
    return replace(intent, kind="check", verb="") if shown else intent


def _pressing(intent: Intent) -> Intent:
    """What one button does: "Deselect all messages" on "Clear selection", "Set the text flush left" on "Align left"."""
    if intent.kind == "fill" and intent.value is not None and intent.target is not None and '"' not in intent.text:
        whole = Target(f"{intent.target.full} {intent.value}", f"{intent.target.full} {intent.value}", verb="set")
        return replace(intent, kind="act", verb="set", value=None, target=whole)
    if intent.kind not in {"clear", "unselect"} or intent.target is None or intent.target.count != ALL:
        return intent
    verb = intent.verb or intent.text.split()[0].lower()
    return replace(intent, kind="act", verb=verb, target=replace(intent.target, verb=verb, count=None))


def clause_of(request: DecisionRequest, decision: Decision) -> DecisionRequest:
    """The part of a step or goal that a decision is about, as a step of its own; all of it where no part is known."""
    text = request.step or request.goal or ""
    intents = read_step(text, _labels(request))
    if decision.place is None or not intents:
        return request
    part = min(decision.place.part, len(intents) - 1)
    done = _shares(intents, request.done)[part] or ()
    return replace(request, step=intents[part].text if len(intents) > 1 else text, goal=None, done=done)


def as_meant(request: DecisionRequest) -> DecisionRequest | None:
    """The request with its slips of the keyboard put right, by words of the page; None where there is none."""
    text = request.step or request.goal or ""
    meant = without_slips(text, _texts(request))
    if meant == text or any(i.value and i.value not in text for i in read_step(meant, _labels(request))):
        return None  # what is to be typed is typed as it stands
    return replace(request, goal=meant) if request.step is None else replace(request, step=meant)


def _texts(request: DecisionRequest) -> Iterator[str]:
    for candidate in request.observation.candidates:
        yield from (candidate.name, candidate.text, candidate.description, *candidate.options)
        yield from (context.text for context in candidate.context)
    yield from (description.text for description in request.descriptions)


def _is_barred(decision: Decision, request: DecisionRequest) -> bool:
    """Whether nothing can be done, or only something with a control that is switched off at the moment."""
    action = decision.action
    if action is None or action.mark is None:
        return decision.outcome == "none" and not request.observation.dialog
    candidate = request.observation.candidate(action.mark)
    return candidate is not None and candidate.state.disabled and action.kind not in {"scroll", "hover", "read"}


def _unread(text: str) -> str:
    return f'cannot be read as a step: "{text[:120]}"; say what to do first, such as "click" or "fill in"'


def _labels(request: DecisionRequest) -> list[str]:
    """Names on the page and in the history; those acted on are kept, so that the step reads the same afterwards."""
    acted_on = [d.element.partition(' "')[2].removesuffix('"') for d in request.done]
    candidates = (request.read_on or request.observation).candidates[: _LABELS * 10]
    options = (option for c in candidates for option in c.options if " and " in option or "," in option)
    items = {k.text for c in candidates for k in c.context if k.kind in ITEM_KINDS and " and " in k.text}
    things = (_AFTER_NAME.sub("", text) for text in items)  # "Salt and pepper" of "Salt and pepper $4.00 + -"
    beside = (k.text for c in candidates if is_editable(c) for k in c.context if k.kind == "label")
    called = (c.name or ("" if is_editable(c) else c.text) for c in candidates)
    return [*acted_on, *(name for name in called if name), *options, *things, *beside]


def _failing(done: tuple[Done, ...]) -> Done | None:
    last = done[-MAX_ERRORS:]
    if len(last) == MAX_ERRORS and all(d.error for d in last) and len({d.action.kind for d in last}) == 1:
        return last[-1]
    return None


def _decided(intents: tuple[Intent, ...], request: DecisionRequest, *, lenient: bool) -> Decision:
    """By all words; where these lead nowhere and a model has described the page, by what is clearly closest to them.

    Without a model's sentences there is nothing more to compare with, and a missing word means that something is gone.
    So it does on controls with names where a model has only read the pictures of the others.
    """
    page = Page(request.observation, request.descriptions)
    both = _by_name_at_once(intents, request) or _at_once(intents, request, page)
    decision = both or _work_off(intents, request, page)
    guesses = decision.outcome == "none" or only_prepares(decision)
    if not lenient or not guesses or not page.described or request.observation.dialog:
        return decision
    other = _work_off(intents, request, Page(request.observation, request.descriptions, lenient=True))
    found = other.outcome == "act" and not only_prepares(other)
    mark = other.action.mark if other.action else None
    return other if found and (page.told or mark in page.read) else decision


def _may_be_one_click(intents: tuple[Intent, ...], request: DecisionRequest) -> bool:
    begun = request.done or request.observation.dialog
    return len(intents) == 2 and not begun and all(i.kind in _ONE_CLICK and not i.value for i in intents)


def _by_name_at_once(intents: tuple[Intent, ...], request: DecisionRequest) -> Decision | None:
    """The one control whose name has both deeds: "Save the author and continue editing" is "Save and continue editing".

    The second deed's verb may be another one: "begin another one" is "add another".
    """
    if not _may_be_one_click(intents, request):
        return None
    first, second = (read_field(intent.text) for intent in intents)
    found = []
    for candidate in request.observation.candidates:
        halves = _TWO_DEEDS.fullmatch(candidate.name or candidate.text)
        if halves is None or not fits_action("click", candidate) or is_editable(candidate):
            continue
        verb, *others = read_words(halves["then"])
        if _has_all(first, read_words(halves["first"])) and _has_all(second, others or (verb,)):
            found.append(candidate)
    if len(found) != 1:
        return None
    best = Ranked(found[0], _JOINT, "does both")
    return _placed(act("click", found[0], choice=Choice(best, (best,), reason=f"{best.label}: does both")), 1)


def _has_all(field: Field, words: Iterable[Word]) -> bool:
    telling = [word for word in words if not word.is_stop]
    return bool(telling) and all(likeness(word, field) for word in telling)


def _at_once(intents: tuple[Intent, ...], request: DecisionRequest, page: Page) -> Decision | None:
    """One control that is described as doing all that a step asks for: "Saves the author and goes back to the list"."""
    if not page.told or not _may_be_one_click(intents, request):
        return None
    text = request.step or request.goal or ""
    joint = {mark for mark, told in page.described.items() if " and " in told}
    ranking = closest(Target(text, text), "click", page) if joint else []
    best = next(iter(ranking), None)
    if best is None or best.candidate.mark not in joint or best.score < CLOSE:
        return None
    if any(r.score > best.score - AHEAD for r in ranking[1:]) or is_editable(best.candidate):
        return None
    choice = Choice(best, tuple(ranking), reason=f"{best.label}: does both")
    return _placed(act("click", best.candidate, choice=choice), len(intents) - 1)


def _work_off(intents: tuple[Intent, ...], request: DecisionRequest, page: Page) -> Decision:
    reason = "everything that the step asks for has been done"
    for index, (intent, done) in enumerate(zip(intents, _shares(intents, request.done), strict=True)):
        if done is None:
            continue
        prepared = tuple(d for d in done if d.place is not None and d.place.prepares)
        own = tuple(d for d in done if d not in prepared)
        noted = next((i.source for i in reversed(intents[:index]) if i.kind == "note"), None)
        turn = Turn(page, own, intents[index + 1 :], request.done, noted, prepared)
        answer = _answer(intent, turn)
        if isinstance(answer, Decision):
            return _placed(fall_back(intent, turn, answer, is_goal=request.goal is not None), index)
        reason = answer.reason or reason
    return Decision("done", None, 1.0, reason, (), SPEC)


def _placed(decision: Decision, part: int) -> Decision:
    if decision.action is None and not decision.unmatched:
        return decision
    return replace(decision, place=replace(decision.place or Place(part), part=part))


def _shares(intents: tuple[Intent, ...], done: tuple[Done, ...]) -> list[tuple[Done, ...] | None]:
    """For each intent the actions that were done for it; None where it is finished, because a later one was begun."""
    parts = _parts(intents, done)
    latest = max(parts, default=0)
    shares = [tuple(d for d, at in zip(done, parts, strict=True) if at == index) for index in range(len(intents))]
    return [None if index < latest else share for index, share in enumerate(shares)]


def _parts(intents: tuple[Intent, ...], done: tuple[Done, ...]) -> list[int]:
    """Which intent each action was done for: as it says itself, else the first one that can have taken it."""
    parts: list[int] = []
    at = 0
    for index, each in enumerate(done):
        if each.place is not None:
            at = min(each.place.part, len(intents) - 1)
        else:
            while at < len(intents) - 1 and _is_over(intents[at], at, parts, done[:index], each):
                at += 1
        parts.append(at)
    return parts


def _is_over(intent: Intent, at: int, parts: list[int], before: tuple[Done, ...], each: Done) -> bool:
    """Whether an action is for a later intent: this one takes no such action, or has all that it needs."""
    if not each.error and each.action.kind not in USED[intent.kind]:
        return True
    own = tuple(d for d, part in zip(before, parts, strict=True) if part == at)
    return bool(own) and isinstance(MOVES[intent.kind](intent, Turn(_NOWHERE, own)), Finished)


def _answer(intent: Intent, turn: Turn) -> Answer:
    dialog = turn.page.observation.dialog
    if dialog and not turn.rest:
        return _answer_dialog(intent, dialog)
    move = do_to_each if is_about_several(intent) else MOVES[intent.kind]
    answer = repeat(intent, turn, move) if intent.until is not None else move(intent, turn)
    if dialog and isinstance(answer, Decision) and intent.kind != "dialog":
        return _answer_dialog(intent, dialog)
    return answer


def _answer_dialog(intent: Intent, dialog: str) -> Decision:
    """While a JavaScript dialog is open, a step can only be about it."""
    words = f"{intent.verb} {intent.target.full if intent.target else ''} {intent.value or ''}".lower()
    if intent.kind == "fill" and dialog.startswith("prompt"):
        return act("dialog", value=f"accept:{intent.value}", reason=f"answers {dialog}")
    if intent.kind == "dialog" and intent.value:
        return act("dialog", value=intent.value, reason=f"answers {dialog}")
    if intent.kind in {"click", "act", "press", "select"}:
        tokens = set(words.split())
        if tokens & {"ok", "okay", "yes", "accept", "confirm", "enter", "agree", "continue"}:
            return act("dialog", value="accept", reason=f"answers {dialog}")
        if tokens & {"cancel", "no", "dismiss", "escape", "decline", "close"}:
            return act("dialog", value="dismiss", reason=f"answers {dialog}")
    return none(f"a dialog is open that the step says nothing about: {dialog}", absent=False)
