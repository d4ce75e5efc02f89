"""One function a kind of intent: what to do next for it, or that it is finished.

Each gets the intent and the `Turn` (the page now, what has been done since the intent before) and answers with a
`Decision` or with `Finished(used)`.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import lexicon, stem, words_of
from magenta_qa.model.language.target import Relation, Target, read_target
from magenta_qa.model.language.wording import likeness, read_field, read_words
from magenta_qa.model.moves.adding import add_to_list
from magenta_qa.model.moves.assigning import assign, set_by, set_by_deed
from magenta_qa.model.moves.choosing import choose_option, fill_in
from magenta_qa.model.moves.each import one_for_all
from magenta_qa.model.moves.editing import apply_style, complete
from magenta_qa.model.moves.filtering import narrow, show_only
from magenta_qa.model.moves.folding import fold
from magenta_qa.model.moves.login import log_in
from magenta_qa.model.moves.noting import READS, note
from magenta_qa.model.moves.places import place_called
from magenta_qa.model.moves.rating import rate, star_called
from magenta_qa.model.moves.rows import row_itself
from magenta_qa.model.moves.sequences import follow_path, press_key, scroll, search, sort, wait
from magenta_qa.model.moves.ticking import bring_by_deed, opted, switch_of_row, tick, toggle, untick
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, none, undecided
from magenta_qa.model.ranking.choice import ACCEPT, CLEAR, Choice, find
from magenta_qa.model.ranking.fitness import is_button, is_checkable, is_editable, is_select
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.schema import ActionKind, Candidate, Decision

_LEAVING = read_words("cancel close no back dismiss")
_CLICKS = frozenset({"click", "check", "uncheck"})
_OPTING_IN = frozenset(stem(v) for v in ("subscribe", "accept", "agree", "allow", "permit", "opt in", "join"))
_OPTING_OUT = frozenset(stem(v) for v in ("unsubscribe", "opt out"))
_PUT = re.compile(
    r"^put\s+(?P<value>(?!(?:the|an?|my|this|it)\b)\S.*?)\s+(?:in|into)\s+(?P<where>\S.*?)\.?$", re.IGNORECASE
)
_SO_CALLED = 0.9
_DRAG_PX, _EDGE_PX = 80, 8
_TO_PAGE_BEFORE = re.compile(r"(?:go|turn|switch|move|flip) to (?:the )?previous page\b", re.IGNORECASE)
_PAGE_BEFORE = frozenset({"previous", "prev", "previous page", "prev page", "go to previous page"})
_PLAIN: dict[str, ActionKind] = {"double_click": "double_click", "right_click": "right_click", "hover": "hover"}
_ROWS = frozenset({"row", "listitem", "generic"})
"""Roles of what a click only selects where it listens to double clicks."""
_CLOSABLE = re.compile(
    r"\b(?:list|menu|suggestions|pop-?up|dialog|panel|drawer|overlay|window|preview|banner)\b", re.IGNORECASE
)
_CLOSER = re.compile(r"(?:close|dismiss|x)(?: (?:dialog|modal|window|panel|popup|overlay|menu|drawer|list))?")
_ON_MAP = re.compile(r"\w+\s+(?:the\s+)?(?P<what>\S.*?)\s+on (?:the|a) map\b", re.IGNORECASE)
_ALL_OF = re.compile(r"(?:list|show|display|view|see) all (?:(?:of )?the )?[a-z]+(?: [a-z]+)?", re.IGNORECASE)
_AS_VIEW = re.compile(
    r"\w+\s+\S.*?\s+as (?:an? )?"
    r"(?P<how>card|tile|grid|list|table|gallery|thumbnail|board|timeline|calendar|chart|tree)s?\b",
    re.IGNORECASE,
)


def _click(intent: Intent, turn: Turn) -> Answer:
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    target = intent.target or Target("", "")
    choice = find(target, "click", turn.page)
    if choice.best is None:
        return star_called(intent, turn) or place_called(intent, turn) or undecided(choice)
    return act("click", choice.best.candidate, choice=choice)


def _open(intent: Intent, turn: Turn) -> Answer:
    """Opening something is a click on it; the word "open" or "view" may stand on it or not."""
    used = ends_at(turn.rest, USED["open"])
    if used:
        return Finished(used)
    target = intent.target or Target("", "")
    if not target.phrase and not target.kinds and not target.relations:
        return none(f'what to open is not said: "{intent.text}"', absent=False)
    if not target.phrase and "menu" in target.kinds and not target.relations:
        target = replace(target, phrase="menu", kinds=())
    choice = _shown_as(intent, turn) or _all_of_them(intent, turn) or find(target, "open", turn.page)
    verb = intent.verb.split()[0] if intent.verb else ""
    if choice.best is None and verb and target.phrase:
        with_verb = find(replace(target, verb=verb), "click", turn.page)
        choice = with_verb if with_verb.best else choice
    if choice.best is None:
        return undecided(choice)
    row = choice.best.candidate.role in _ROWS and "double_click" in choice.best.candidate.action_types
    return act("double_click" if row else "click", choice.best.candidate, choice=choice)


def _shown_as(intent: Intent, turn: Turn) -> Choice | None:
    """ "Show the hotel on the map", "show the tasks as cards": another way of seeing it, by a control that says so."""
    on_map, view = _ON_MAP.match(intent.text), _AS_VIEW.match(intent.text)
    if on_map:
        of = Relation("of", on_map["what"], "listitem")
        choice = find(Target("map", "map", relations=(of,)), "click", turn.page)
    elif view:
        choice = find(Target(f"{view['how']} view", f"{view['how']} view"), "click", turn.page)
    return choice if (on_map or view) and choice.best is not None else None


def _all_of_them(intent: Intent, turn: Turn) -> Choice | None:
    """ "List all tickets": the tab or link that is called "All" and no more."""
    if not _ALL_OF.fullmatch(intent.text.strip(" .")):
        return None
    found = [c for c in turn.page.candidates if turn.page.name(c).phrase == "all" and not is_checkable(c)]
    choice = find(Target("All", "All", quoted=True), "click", turn.page) if len(found) == 1 else None
    return choice if choice and choice.best and choice.best.candidate is found[0] else None


def _pointer(intent: Intent, turn: Turn) -> Answer:
    kind = _PLAIN[intent.kind]
    used = ends_at(turn.rest, frozenset({kind}))
    if used:
        return Finished(used)
    target = intent.target or Target("", "")
    choice = find(target, kind, turn.page)
    if choice.best is None and not choice.torn:
        choice = row_itself(target, turn) or choice
    return act(kind, choice.best.candidate, choice=choice) if choice.best else undecided(choice)


def _act(intent: Intent, turn: Turn) -> Answer:
    """A verb of the application: "archive the project"."""
    if ends_at(turn.rest, frozenset({"fill"})) and (added := add_to_list(intent, turn)) is not None:
        return added
    used = ends_at(turn.rest, _CLICKS | {"fill", "select"})
    if used:
        return Finished(used)
    target = intent.target or Target("", "")
    choice = find(target, "click", turn.page)
    if choice.best is not None and target.verb == "search" and is_editable(choice.best.candidate):
        choice = find(replace(target, kinds=("button",)), "click", turn.page)  # what is asked for has no text to type
    if choice.best is None and target.relations:
        plain = replace(target, relations=tuple(r for r in target.relations if r.kind != "to" or r.phrase))
        choice = find(plain, "click", turn.page)
    if choice.best is None and not choice.torn and stem(target.verb) in _OPTING_IN:
        choice = find(opted(target), "check", turn.page)
    if choice.best is None and not choice.torn and stem(target.verb) in _OPTING_OUT:
        return tick(replace(intent, kind="uncheck", verb="disable", target=opted(target)), turn)
    if choice.best is None and not choice.torn:
        choice = switch_of_row(intent, turn) or choice
    if choice.best is None:
        added = None if choice.torn else add_to_list(intent, turn)
        chosen = added or _put_into_field(intent, turn) or assign(intent, turn) or set_by(intent, turn)
        return chosen or undecided(choice)
    candidate = choice.best.candidate
    if is_select(candidate):
        return set_by_deed(candidate, choice, target)
    if is_checkable(candidate) and candidate.role != "radio":
        return bring_by_deed(choice, intent)
    return act("click", candidate, choice=choice)


def _put_into_field(intent: Intent, turn: Turn) -> Answer | None:
    """ "Put Hiring plan in Find tickets", where that is a field rather than something that takes goods."""
    match = _PUT.match(intent.text)
    choice = find(read_target(match["where"]), "fill", turn.page) if match else None
    if match is None or choice is None or choice.best is None or choice.best.score < _SO_CALLED:
        return None
    return act("fill", choice.best.candidate, match["value"].strip("\"'“”"), choice=choice)


def _clear(intent: Intent, turn: Turn) -> Answer:
    used = ends_at(turn.rest, _CLICKS | {"clear"})
    if used:
        return Finished(used)
    target = intent.target or Target("", "")
    if {"checkbox", "switch"} & set(target.kinds):
        return untick(intent, turn)
    choice = find(target, "clear", turn.page)
    if choice.best is not None:
        return act("clear", choice.best.candidate, choice=choice)
    button = find(replace(target, verb=intent.verb or "clear"), "click", turn.page)
    return (
        act("click", button.best.candidate, choice=button)
        if button.best
        else undecided(choice if choice.torn else button)
    )


def _upload(intent: Intent, turn: Turn) -> Answer:
    used = ends_at(turn.rest, frozenset({"upload"}))
    if used:
        return Finished(used)
    inputs = [c for c in turn.page.candidates if "upload" in c.action_types or c.element_type == "input:file"]
    target = intent.target
    if target is None or not (target.phrase or target.relations):
        if len(inputs) == 1:
            return act("upload", inputs[0], intent.value, reason="the only place for a file")
        target = target or Target("", "", ("file",))
    choice = find(target, "upload", turn.page)
    if choice.best is None:
        return undecided(choice)
    return act("upload", choice.best.candidate, intent.value, choice=choice)


def _drag(intent: Intent, turn: Turn) -> Answer:
    used = ends_at(turn.rest, frozenset({"drag", "click"}))
    if used:
        return Finished(used)
    source = find(intent.target or Target("", ""), "drag", turn.page)
    if intent.to is None:
        return _drag_along(intent, turn, source)
    goal = find(intent.to, "drag", turn.page)
    if source.best is None or goal.best is None:
        return _move_by_name(intent, turn, source if source.best is None else goal)
    if intent.verb != "drag" and "drag" not in source.best.candidate.action_types:
        moved = _move_by_name(intent, turn, source)
        if isinstance(moved, Decision) and moved.action is not None:
            return moved
        return none(f"{source.best.label} cannot be dragged, and no button moves it", source, absent=False)
    mark = goal.best.candidate.mark
    return act("drag", source.best.candidate, intent.value, choice=source, target_mark=mark)


def _drag_along(intent: Intent, turn: Turn, source: Choice) -> Answer:
    """ "Drag the handle to the right": some way in that direction, as far as the window goes."""
    way = intent.value or ""
    if source.best is None:
        moved = find(replace(intent.target or Target("", ""), verb=f"move {way}"), "click", turn.page)
        can = intent.verb == "move" and moved.best is not None
        return act("click", moved.best.candidate, choice=moved) if can and moved.best else undecided(source)
    width, height = turn.page.observation.viewport
    x, y = source.best.candidate.box.center
    rooms = {"left": x, "right": width - x, "up": y, "down": height - y}
    far = max(0, round(min(_DRAG_PX, rooms[way] - _EDGE_PX)))
    dx, dy = {"left": (-far, 0), "right": (far, 0), "up": (0, -far), "down": (0, far)}[way]
    return act("drag", source.best.candidate, f"{dx},{dy}", choice=source)


def _move_by_name(intent: Intent, turn: Turn, missing: Choice) -> Answer:
    if intent.verb != "move" or not intent.target:
        return undecided(missing)
    for verb in ("move", intent.to.phrase if intent.to else ""):
        choice = find(replace(intent.target, verb=verb), "click", turn.page)
        if verb and choice.best is not None:
            return act("click", choice.best.candidate, choice=choice)
    return undecided(missing)


def _page_action(kind: ActionKind) -> "Move":
    def move(intent: Intent, turn: Turn) -> Answer:
        used = ends_at(turn.rest, frozenset({kind}))
        return Finished(used) if used else act(kind, value=intent.value, reason=intent.text)

    return move


def _turns_back(candidate: Candidate) -> bool:
    said = (candidate.name, candidate.text, candidate.description)
    return any(read_field(text).phrase in _PAGE_BEFORE for text in said)


def _back(intent: Intent, turn: Turn) -> Answer:
    """The browser's page before; where a list has pages, "Go to the previous page" is about these."""
    used = ends_at(turn.rest, frozenset({"back", "click"}))
    if used:
        return Finished(used)
    pagers = [c for c in turn.page.candidates if _turns_back(c) and not c.state.disabled]
    if len(pagers) == 1 and _TO_PAGE_BEFORE.match(intent.text):
        return act("click", pagers[0], reason="turns to the previous page of the list")
    return act("back", value=intent.value, reason=intent.text)


def _switch_tab(intent: Intent, turn: Turn) -> Answer:
    """Browser tabs, unless the page has a tab of that very name."""
    used = ends_at(turn.rest, frozenset({"switch_tab", "click"}))
    if used:
        return Finished(used)
    if intent.target and intent.target.phrase:
        choice = find(intent.target, "click", turn.page)
        if choice.best and choice.best.candidate.role == "tab":
            return act("click", choice.best.candidate, choice=choice)
    return act("switch_tab", value=intent.value, reason=intent.text)


def _close(intent: Intent, turn: Turn) -> Answer:
    """Click what closes the thing that is named: in its dialog, item or region."""
    used = ends_at(turn.rest, _CLICKS | {"press"})
    if used:
        return Finished(used)
    target = intent.target or Target("", "", verb="close")
    if (at_once := one_for_all(intent, target, turn)) is not None:
        return at_once
    choice = find(target, "click", turn.page)
    if choice.best is None and not choice.torn:
        choice = _only_closer(target, turn) or choice
    return act("click", choice.best.candidate, choice=choice) if choice.best else undecided(choice)


def _only_closer(target: Target, turn: Turn) -> Choice | None:
    """The one control that is called "Close" and no more, where a dialog is open or a list, menu or panel is named."""
    named = bool({"select", "menu"} & set(target.kinds)) or _CLOSABLE.search(target.full) is not None
    if lexicon().changing & {*words_of(target.full)} or not (named or turn.page.observation.modal):
        return None
    found = [c for c in turn.page.candidates if _CLOSER.fullmatch(turn.page.name(c).phrase) and is_button(c)]
    if len(found) != 1:
        return None
    best = Ranked(found[0], CLEAR, "the only one that closes")
    return Choice(best, (best,), reason=f"{best.label}: {best.why}")


_ENDING = frozenset({"done", "ok", "okay", "got it", "finish", "i understand"})


def _dialog(intent: Intent, turn: Turn) -> Answer:
    """Answer a JavaScript dialog; without one, click the button of the open dialog that says so."""
    used = ends_at(turn.rest, _CLICKS | {"dialog"})
    if used:
        return Finished(used)
    if turn.page.observation.dialog:
        return act("dialog", value=intent.value, reason=f"answers {turn.page.observation.dialog}")
    verb = intent.verb.split()[0]
    if verb in {"say", "answer", "agree"}:
        verb = "yes" if intent.value == "accept" else "cancel"
    choice = find(Target("", "", verb=verb), "click", turn.page)
    if choice.best and not _belongs_to_dialog(choice.best.candidate, verb, turn):
        return none(f'no dialog is open, and {choice.best.label} does not say "{verb}"', absent=False)
    if choice.best is None and intent.target and intent.target.phrase:
        meant = find(replace(intent.target, verb=""), "click", turn.page)
        choice = meant if meant.best and is_button(meant.best.candidate) else choice
    if choice.best is None:
        choice = (_only_way_on(turn) if intent.value == "accept" else _only_way_out(turn)) or choice
    return act("click", choice.best.candidate, choice=choice) if choice.best else undecided(choice)


def _belongs_to_dialog(candidate: Candidate, verb: str, turn: Turn) -> bool:
    """Whether it is in one, or says the very word: "Confirm it" is no "Yes" that some notice asks for."""
    open_one = turn.page.observation.modal or any(k.kind == "dialog" for k in candidate.context)
    return bool(open_one) or verb in words_of(candidate.name or candidate.text)


def _only_way_on(turn: Turn) -> Choice | None:
    """The one button of the open dialog that does not leave it as it is, whatever it is called: "Delete selected"."""
    inside = [
        c
        for c in turn.page.candidates
        if is_button(c) and turn.page.name(c).words and any(k.kind == "dialog" for k in c.context)
    ]
    onward = [c for c in inside if not any(likeness(w, turn.page.name(c)) for w in _LEAVING)]
    if len(onward) != 1 or onward[0].state.disabled or len(inside) < 2:
        return None
    found = Ranked(onward[0], ACCEPT, "the only way on")
    return Choice(found, (found,), reason=f"{found.label}: the only button of the dialog that does not leave it")


def _only_way_out(turn: Turn) -> Choice | None:
    """The one button of the open dialog that ends it: "Done"."""
    ending = [
        c
        for c in turn.page.candidates
        if (is_button(c) or c.role == "link")
        and turn.page.name(c).phrase in _ENDING
        and any(k.kind == "dialog" for k in c.context)
    ]
    if len(ending) != 1 or ending[0].state.disabled:
        return None
    found = Ranked(ending[0], ACCEPT, "the only way out")
    return Choice(found, (found,), reason=f"{found.label}: the only button that ends the dialog")


def _find(intent: Intent, turn: Turn) -> Answer:
    """To find something is to bring it into view."""
    choice = find(intent.target or Target("", ""), "scroll", turn.page)
    if choice.best is not None or any(r.score >= ACCEPT for r in choice.ranking):
        return Finished(ends_at(turn.rest, frozenset({"scroll"})), f"{choice.ranking[0].label} is there")
    return undecided(choice)


def _focus(intent: Intent, turn: Turn) -> Answer:
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    target = intent.target or Target("", "")
    choice = find(target, "focus", turn.page)
    if choice.best is None:
        fields = [c for c in turn.page.candidates if is_editable(c)]
        if len(fields) == 1 and not target.phrase:
            return act("click", fields[0], reason="the only field")
        return undecided(choice)
    return act("click", choice.best.candidate, choice=choice)


def _unknown(intent: Intent, turn: Turn) -> Answer:
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    shown = intent.text[:120]
    unread = none(f'cannot be read as a step: "{shown}"; say what to do first, such as "click" or "fill in"')
    return replace(unread, unmatched=True)


Move = Callable[[Intent, Turn], Answer]
MOVES: dict[str, Move] = {
    "click": _click, "open": _open, "double_click": _pointer, "right_click": _pointer, "hover": _pointer, "act": _act,
    "check": tick, "uncheck": tick, "toggle": toggle, "expand": fold, "collapse": fold, "clear": _clear,
    "fill": fill_in, "select": choose_option, "unselect": untick, "upload": _upload, "drag": _drag,
    "scroll": scroll, "press": press_key, "goto": _page_action("goto"), "back": _back,
    "reload": _page_action("reload"),
    "switch_tab": _switch_tab, "wait": wait, "search": search, "login": log_in, "sort": sort, "close": _close,
    "dialog": _dialog, "path": follow_path, "find": _find, "focus": _focus, "note": note, "filter": narrow,
    "only": show_only,
    "format": apply_style, "complete": complete, "rate": rate,
    "unknown": _unknown,
}  # fmt: skip

_CHOOSING = _CLICKS | {"select", "fill", "type", "press"}
USED: dict[str, frozenset[str]] = {
    **dict.fromkeys(MOVES, _CLICKS | {"dialog"}),
    "act": _CLICKS | {"dialog", "fill", "select"},
    "open": _CLICKS | {"goto", "double_click"},
    "path": _CLICKS | {"hover"},
    "double_click": frozenset({"double_click"}),
    "right_click": frozenset({"right_click"}),
    "hover": frozenset({"hover"}),
    "clear": _CLICKS | {"clear"},
    "fill": _CHOOSING | {"dialog", "read"},
    "note": READS,
    "filter": _CHOOSING,
    "only": _CHOOSING,
    "format": frozenset({"press", "select", "click"}),
    "complete": frozenset({"type", "fill", "click"}),
    "select": _CHOOSING,
    "unselect": _CHOOSING,
    "upload": frozenset({"upload", "click"}),
    "drag": frozenset({"drag", "click"}),
    "scroll": frozenset({"scroll"}),
    "find": frozenset({"scroll"}),
    "press": frozenset({"press", "click", "dialog"}),
    "goto": frozenset({"goto"}),
    "back": frozenset({"back", "click"}),
    "reload": frozenset({"reload"}),
    "switch_tab": frozenset({"switch_tab", "click"}),
    "wait": frozenset({"wait"}),
    "search": _CHOOSING,
    "login": _CHOOSING,
    "sort": _CLICKS | {"select"},
    "close": _CLICKS | {"press", "dialog"},
}
"""The kinds of actions that each kind of intent may take."""
