"""What may still be meant when no control bears the words of a request; tried only when nothing fits.

In this order: an entry of a menu that was just opened; what the list of a drop-down may hide; the whole sentence as the
name of one control ("Stay signed in"); for goals, the only button where any button that goes on is meant; the menu that
may hold the control, or the pointer on its row (`reveal`).
"""

import re
from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.target import Relation, Target, is_item_noun
from magenta_qa.model.language.wording import Word, likeness, read_field, read_words, weighty
from magenta_qa.model.moves.reveal import find_in_menu, of_item, point_at_item, reveal
from magenta_qa.model.moves.ticking import tick
from magenta_qa.model.moves.turn import Turn, act, is_on, none
from magenta_qa.model.ranking.choice import ACCEPT, Choice, find
from magenta_qa.model.ranking.fitness import is_button, is_checkable, is_editable, is_select
from magenta_qa.model.ranking.siblings import is_elsewhere
from magenta_qa.model.schema import Candidate, Decision, Place

_CLICKING = frozenset({"click", "act", "open", "close", "press", "toggle"})
_DOING = frozenset({"act", "open", "toggle"})
_ELSEWHERE = frozenset({"fill", "select", "check", "uncheck", "clear", "upload"})
"""What is done to a control that is named, and so not to an entry of the list that lies open."""
_SENTENCES = frozenset({"act", "unknown", "open", "back", "goto", "fill", "search", "login", "check", "dialog"})
_STEP = re.compile(
    r"\b(?P<way>next|following|previous|prior|preceding)\s+(?:page|day|week|month|year|slide|picture|image|photo|step|track|song|"
    r"video|question|item|result|chapter|entry|record|message|screen)s?(?:\s+of\s.*)?$",
    re.IGNORECASE,
)
_THEME = re.compile(r"\b(?:dark|light|night|day) (?:mode|theme)\b", re.IGNORECASE)
_THEMES = re.compile(r"(?:dark|light|night|day)(?: (?:mode|theme))?|theme")
_SEARCHES = re.compile(
    r"(?:(?:run|start|do|launch|carry out|execute) (?:the |a )?search|"
    r"(?:find|search for|look for) (?:the |all |any |some )?[a-z ]*"
    r"\b(?:free|available|matching|suitable|fitting|that match|which match)\b[a-z ]*)\.?",
    re.IGNORECASE,
)
_SEARCHERS = re.compile(r"(?:search|find|look up|lookup|go|show results|search now)")
_MADE = re.compile(r"(?:make|keep) (?:the |my |this |it )?(?:\S.* )?(?P<how>[a-z-]+)", re.IGNORECASE)
_BRINGING_BACK = re.compile(r"(?:bring|get) \S.* back|(?:bring back|restore|recover|undelete) \S.*", re.IGNORECASE)
_UNDOES = re.compile(r"undo|restore|revert|recover|undelete|(?:take|bring|put) back")
_BODY = re.compile(
    r"(?:(?:empty|blank|first|next|new) )*(?:paragraph|block)|(?:empty|blank) (?:line|space)|editor|(?:text )?body",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"(?:start|begin) (?:typing|writing)\b|(?:type|write) (?:/|here\b|something\b|text\b|your (?:story|text)\b)|"
    r"tell your story\b",
    re.IGNORECASE,
)
_LIST = 2  # options of an open list, at least
_SURE = 0.7  # how well a control must fit a whole sentence
_GOING_ON = frozenset(
    concept
    for word in ("log in", "submit", "confirm", "continue", "finish", "save", "search", "ok")
    for concept in read_words(word)[0].concepts
)


def fall_back(intent: Intent, turn: Turn, answer: Decision, *, is_goal: bool) -> Decision:
    """Another decision instead of one that found nothing; the same where nothing else can be meant."""
    if answer.outcome != "none" or turn.carried_out or turn.page.observation.dialog:
        return answer
    target = intent.target or Target("", "")
    if intent.kind in _CLICKING and (entry := find_in_menu(of_item(target), turn)) is not None and entry.best:
        return _use(entry)
    if intent.kind == "drag" and intent.verb == "move" and intent.to is not None:
        return point_at_item(of_item(replace(target, verb=intent.to.phrase)), turn) or answer
    if any(a.score >= ACCEPT for a in answer.alternatives):
        return answer  # several fit: that is no case for guessing further
    if intent.kind in _ELSEWHERE and intent.target is not None and (shut := _shut_list(turn)) is not None:
        return shut
    if intent.kind == "act" and (denied := _marked_not(intent, turn)) is not None:
        return denied
    whole = (
        _whole_sentence(intent, turn)
        or _stepwise(intent, turn)
        or _theme(intent, turn)
        or _started_search(intent, turn)
        or _brought_back(intent, turn)
        or _item_that_says(intent, turn)
        or _made_so(intent, turn)
        or _place_to_write(intent, turn)
        or _roughly(intent, turn)
    )
    if whole is not None:
        return whole
    if not answer.absent or intent.kind not in _CLICKING:
        return answer
    if is_goal and (only := _only_button(target, turn)) is not None:
        return act("click", only, reason=f'the only button, for "{target.full or target.verb}"')
    named = intent.kind == "click" and (target.quoted or bool(target.kinds) or target.phrase[:1].isupper())
    shown = reveal(target, turn) if is_goal or named else None
    if shown is None and intent.kind in _DOING and (place := of_item(target)) != target:
        shown = reveal(place, turn) or reveal(target, turn, of_page=True) or point_at_item(place, turn)
    if shown is None and (named or intent.kind in _DOING):
        shown = point_at_item(target, turn)
    return shown or answer


def _marked_not(intent: Intent, turn: Turn) -> Decision | None:
    """ "Mark the book as not available" where a box says "Available"."""
    verb, _, how = intent.target.verb.partition(" ") if intent.target else ("", "", "")
    if verb != "not" or not how:
        return None
    box = tick(replace(intent, kind="uncheck", verb="", target=Target(how, how)), turn)
    return box if isinstance(box, Decision) and box.action is not None else None


def _shut_list(turn: Turn) -> Decision | None:
    """Shut the list that a drop-down has left open, as those do from which several can be chosen: it may hide more."""
    options = [c for c in turn.page.candidates if c.role == "option"]
    in_dialog = any(k.kind == "dialog" for c in options for k in c.context) or turn.page.observation.modal
    if len(options) < _LIST or in_dialog or turn.prepared:
        return None  # Escape would leave the dialog as well
    decision = act("press", value="Escape", reason="shuts the list that lies open")
    return replace(decision, place=Place(0, prepares=True, attempt=True))


def _use(choice: Choice) -> Decision:
    assert choice.best is not None
    candidate = choice.best.candidate
    if is_checkable(candidate) and is_on(candidate) is not True:
        return act("check", candidate, choice=choice)
    return act("click", candidate, choice=choice)


def _whole_sentence(intent: Intent, turn: Turn) -> Decision | None:
    """ "Stay signed in", "Buy now": one control whose name accounts for every word that says something."""
    has_fields = any(is_editable(c) and c.role != "slider" for c in turn.page.candidates)
    if intent.kind not in _SENTENCES or (intent.value is not None and (has_fields or intent.target is not None)):
        return None
    text = intent.text if intent.value is None else intent.value
    words = read_words(text)
    if not weighty(words) or all(w.is_stop or w.is_optional for w in words):
        return None
    choice = find(Target(text, text, said=intent.text), "click", turn.page)
    if choice.best is None or choice.best.score < _SURE or is_editable(choice.best.candidate):
        return None
    if intent.kind == "act" and _is_said_beside(weighty(words)[0], choice.best.candidate, turn):
        return None
    if intent.target is not None and is_elsewhere(intent.target, choice.best.candidate, turn.page):
        return None
    if is_checkable(choice.best.candidate) and is_on(choice.best.candidate) is True:
        return none(f"{choice.best.label} is on already; a click would switch it off", choice, absent=False)
    return _use(choice)


def _is_said_beside(word: Word, candidate: Candidate, turn: Turn) -> bool:
    """Whether only the item of a control has the word: "Delete" in its row tells nothing of what a link there does."""
    item = turn.page.item(candidate)
    beside = item is not None and bool(likeness(word, read_field(item.text)))
    return beside and not any(likeness(word, field) for field, _ in turn.page.own(candidate))


def _roughly(intent: Intent, turn: Turn) -> Decision | None:
    """Where what is closest may be meant: the control that the whole sentence comes closest to."""
    if not turn.page.lenient:
        return None
    said = intent.target or intent.option
    if intent.value is not None and intent.kind != "select" and said is not None:
        choice = find(Target(said.request, said.request), "fill", turn.page)
        if choice.best is not None:
            return act("fill", choice.best.candidate, intent.value, choice=choice)
    choice = find(Target(intent.text, intent.text), "click", turn.page)
    if choice.best is None or is_editable(choice.best.candidate):
        return None
    if said is not None and is_elsewhere(said, choice.best.candidate, turn.page):
        return None
    if is_checkable(choice.best.candidate):
        return act("uncheck" if intent.kind == "uncheck" else "check", choice.best.candidate, choice=choice)
    return act("click", choice.best.candidate, choice=choice)


def _stepwise(intent: Intent, turn: Turn) -> Decision | None:
    """ "Go to the next month" where there is one button "Next"."""
    match = _STEP.search(intent.text)
    if match is None or intent.kind not in _CLICKING | {"goto", "unknown"}:
        return None
    word = "next" if match["way"].lower() in {"next", "following"} else "previous"
    choice = find(Target(word, word, said=intent.text), "click", turn.page)
    return _use(choice) if choice.best is not None else None


def _started_search(intent: Intent, turn: Turn) -> Decision | None:
    """ "Run the search", "Find free rooms": the one button that searches, where the step says nothing to look for."""
    if intent.kind not in _DOING or not _SEARCHES.fullmatch(intent.text):
        return None
    buttons = [c for c in turn.page.candidates if is_button(c) and turn.page.item(c) is None]
    found = [c for c in buttons if _SEARCHERS.fullmatch(turn.page.name(c).phrase)]
    fields = any(is_editable(c) or is_select(c) for c in turn.page.candidates)
    return act("click", found[0], reason="the only button that searches") if fields and len(found) == 1 else None


def _brought_back(intent: Intent, turn: Turn) -> Decision | None:
    """ "Bring Ada back": the one control that undoes what was done last, which does not say what that was."""
    if intent.kind not in _DOING or not _BRINGING_BACK.fullmatch(intent.text.strip(" .")):
        return None
    pressed = [c for c in turn.page.candidates if is_button(c) or c.role == "link"]
    found = [c for c in pressed if _UNDOES.fullmatch(turn.page.name(c).phrase) and turn.page.item(c) is None]
    return act("click", found[0], reason="the only control that takes something back") if len(found) == 1 else None


def _item_that_says(intent: Intent, turn: Turn) -> Decision | None:
    """ "Open the draft invoice": the one item that says so."""
    target = intent.target
    if intent.kind != "open" or target is None or target.quoted or target.ordinal or target.count is not None:
        return None
    said, _, sort = target.phrase.rpartition(" ")
    if not said or not is_item_noun(sort):
        return None
    inside = Relation("in", said, "listitem")
    choice = find(Target("item", "item", relations=(inside, *target.relations)), "open", turn.page)
    return _use(choice) if choice.best is not None and choice.best.score >= ACCEPT else None


def _made_so(intent: Intent, turn: Turn) -> Decision | None:
    """ "Make the profile public": the one alternative that is called so."""
    made = _MADE.fullmatch(intent.text.strip(" .")) if intent.kind == "act" else None
    radios = [c for c in turn.page.candidates if c.role == "radio"] if made else []
    found = [c for c in radios if made and turn.page.name(c).phrase == read_field(made["how"]).phrase]
    if len(found) != 1 or is_on(found[0]):
        return None
    return act("check", found[0], reason=f"the only alternative that is called {found[0].name}")


def _theme(intent: Intent, turn: Turn) -> Decision | None:
    """ "Switch to dark mode" where the one button about it is called "Light", as the page is now."""
    if not _THEME.search(intent.text) or intent.kind not in _CLICKING | {"switch", "goto", "unknown"}:
        return None
    found = [c for c in turn.page.candidates if is_button(c) and _THEMES.fullmatch(turn.page.name(c).phrase)]
    return act("click", found[0], reason="the only button for light and dark") if len(found) == 1 else None


def _place_to_write(intent: Intent, turn: Turn) -> Decision | None:
    """ "Click into the empty paragraph": the one place that says to write there, as editors without fields have it."""
    if intent.kind not in {"click", "focus"} or intent.target is None or not _BODY.fullmatch(intent.target.phrase):
        return None
    places = [c for c in turn.page.candidates if is_button(c) or is_editable(c)]
    said = [c for c in places if any(_INVITES.match(text) for text in (c.text, c.name, c.description))]
    found = [c for c in said if not c.element_type.startswith("input:") and not c.state.disabled]
    return act("click", found[0], reason="the only place that says to write there") if len(found) == 1 else None


def _only_button(target: Target, turn: Turn) -> Candidate | None:
    """The one button of the page, where any that goes on is meant; a goal's outcome is checked all the same."""
    concepts = {c for w in read_words(f"{target.verb} {target.phrase}") for c in w.concepts}
    buttons = [c for c in turn.page.candidates if is_button(c)]
    if not concepts & _GOING_ON or len(buttons) != 1 or buttons[0].state.disabled:
        return None
    return buttons[0]
