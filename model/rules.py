"""The `rules` decider: reads the step, ranks the candidates, works composite steps off one action at a time. No model.

    RulesDecider().decide(DecisionRequest(step="Remove the blue backpack", …))
    -> Decision("act", Action("click", mark=7), 0.96, 'button "Remove": all words', …)

It keeps nothing between calls: the step is read anew each time, and `request.done` says how far it has come. Page text
is only ever compared with the tester's words; it is never read as an instruction.
"""

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.step import read_step
from magenta_qa.model.moves.plain import MOVES, USED
from magenta_qa.model.moves.turn import SPEC, Answer, Turn, act, none
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.schema import Decision, DecisionRequest, Done

MAX_ERRORS = 2  # of one action in a row, before the step is given up
_LABELS = 400  # names beyond that many are not looked for in the step


class RulesDecider:
    """Decides by rules; stateless.

    Args:
        spec: What decisions are signed with.
    """

    instant = True

    def __init__(self, spec: str = SPEC) -> None:
        self.spec = spec

    def decide(self, request: DecisionRequest) -> Decision:
        """The next action of a step or goal, that it is done, or that nothing fits."""
        text = request.step or request.goal or ""
        intents = read_step(text, _labels(request))
        if not intents or any(i.kind == "unknown" for i in intents):
            unread = next((i.text for i in intents if i.kind == "unknown"), text)
            return none(
                f'cannot be read as a step: "{unread[:120]}"; say what to do first, such as "click" or "fill in"'
            )
        failing = _failing(request.done)
        if failing:
            return none(f"tried {MAX_ERRORS} times in vain: {failing.error}")
        return _work_off(intents, request)

    def close(self) -> None:
        """Nothing to release."""


def _labels(request: DecisionRequest) -> list[str]:
    """Names on the page and in the history; those acted on are kept, so that the step reads the same afterwards."""
    acted_on = [d.element.partition(' "')[2].removesuffix('"') for d in request.done]
    return [*acted_on, *(c.name for c in request.observation.candidates[: _LABELS * 10] if c.name)]


def _failing(done: tuple[Done, ...]) -> Done | None:
    last = done[-MAX_ERRORS:]
    if len(last) == MAX_ERRORS and all(d.error for d in last) and len({d.action.kind for d in last}) == 1:
        return last[-1]
    return None


def _work_off(intents: tuple[Intent, ...], request: DecisionRequest) -> Decision:
    page = Page(request.observation, request.descriptions)
    rest = request.done
    reason = "everything that the step asks for has been done"
    for index, intent in enumerate(intents):
        used = _used_before(intent, rest)
        if used is not None:
            rest = rest[used:]
            continue
        answer = _answer(intent, Turn(page, rest, intents[index + 1 :]))
        if isinstance(answer, Decision):
            return answer
        rest = rest[answer.used :]
        reason = answer.reason or reason
    return Decision("done", None, 1.0, reason, (), SPEC)


def _used_before(intent: Intent, rest: tuple[Done, ...]) -> int | None:
    """0 when the next done action is not one of this intent, which must then have been finished without any."""
    if rest and not rest[0].error and rest[0].action.kind not in USED[intent.kind]:
        return 0
    return None


def _answer(intent: Intent, turn: Turn) -> Answer:
    dialog = turn.page.observation.dialog
    if dialog and not turn.rest:
        return _answer_dialog(intent, dialog)
    answer = MOVES[intent.kind](intent, turn)
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
