"""How a goal ends: what was entered or chosen is sent off, where the page has one button for that.

A step does only what it says. A goal is about an outcome, and a form that was filled in but not sent has none.
"""

from magenta_qa.model.language.wording import read_words
from magenta_qa.model.moves.turn import act
from magenta_qa.model.ranking.fitness import is_button
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.schema import Candidate, Decision, DecisionRequest, Done

_ENTERING = frozenset({"fill", "type", "select", "check", "uncheck", "clear", "upload", "drag"})
_COMMITTING = frozenset(
    concept for word in ("submit", "save", "apply", "confirm", "ok", "done") for concept in read_words(word)[0].concepts
)
_BINDING = frozenset(concept for word in ("buy", "pay", "delete") for concept in read_words(word)[0].concepts)


def commit(request: DecisionRequest) -> Decision | None:
    """Click the one button that sends the form off, if something was entered since the last click on a button.

    A button that buys, pays or deletes is clicked only where the goal says so.
    """
    if not request.done or not _is_entering(request.done):
        return None
    page = Page(request.observation)
    goal = {c for w in read_words(request.goal or "") for c in w.concepts}
    found = [c for c in page.candidates if _commits(c, page, goal)]
    if len(found) != 1 or found[0].state.disabled:
        return None
    return act("click", found[0], reason=f'sends off what was entered: "{found[0].name or found[0].text}"')


def _is_entering(done: tuple[Done, ...]) -> bool:
    """Whether the last action entered or chose something; a click may be on a suggestion for what was typed."""
    last = done[-1]
    if last.error or last.action.kind not in _ENTERING | {"click"}:
        return False
    if last.action.kind != "click" or last.element.startswith(("option", "radio", "checkbox", "other")):
        return True
    before = done[-2] if len(done) > 1 else last
    return before.action.kind in {"type", "fill"} and before.place == last.place


def _commits(candidate: Candidate, page: Page, goal: set[str]) -> bool:
    if not is_button(candidate):
        return False
    said = {concept for word in page.name(candidate).words for concept in word.concepts}
    if said & _BINDING:
        return bool(said & _BINDING & goal)
    return bool(said & _COMMITTING)
