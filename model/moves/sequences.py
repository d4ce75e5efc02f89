"""Moves that take several actions: search, sort, follow a menu path, scroll, wait, press a key."""

import re
from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import Word, likeness, read_field, read_words, weighty
from magenta_qa.model.moves.choosing import find_field
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, none, undecided
from magenta_qa.model.ranking.choice import ACCEPT, Choice, find
from magenta_qa.model.ranking.fitness import is_select
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.schema import Candidate, Decision, Done, Place

_MAX_SCROLLS = 30
_WAITS = ("0.2", "0.3", "0.5", *["1"] * 9)
"""Seconds between two looks for what is waited for."""
_MAX_SORTS = 3
_SUBMITS = frozenset({"click", "press"})
_STARTS_SEARCH = re.compile(r"\b(?:search|find|go)\b", re.IGNORECASE)
_EMPTIES = re.compile(r"\b(?:clear|reset|empty|close|cancel|remove|delete)\b", re.IGNORECASE)
_BEHIND_FIELD = 2  # a button that starts the search comes next, or behind one that empties the field
_TITLE_LENGTH = 60  # characters; what is longer is what stands in a part of the page, not what it is called
_SEARCHES = re.compile(r"\b(?:search|find)\b", re.IGNORECASE)
_AMONG = re.compile(r"[Ss]earch (?:(?:in|through|among) )?(?:all )?the (?!.*\bfor\b)[a-z]+(?: [a-z]+)*")
"""What is searched, where nothing is said to look for: "Search the products" presses the button."""


def search(intent: Intent, turn: Turn) -> Answer:
    """Fill the search field, then Enter; where nothing comes of Enter, the button beside the field."""
    filled = ends_at(turn.rest, frozenset({"fill", "type"}))
    sent = turn.rest[filled:] if filled else ()
    submitted = next((i + 1 for i, d in enumerate(sent) if ends_at([d], _SUBMITS) and not _was_in_vain(d)), 0)
    if submitted:
        return Finished(filled + submitted)
    choice = _search_field(intent, turn)
    if choice.best is None:
        if not turn.carried_out:
            opener = find(Target("search", "search"), "click", turn.page)
            if opener.best is not None:
                return act("click", opener.best.candidate, choice=opener, reason="opens the search")
        return undecided(choice)
    if filled:
        return _start_search(choice, choice.best.candidate, filled, turn)
    button = _search_button(choice.best.candidate, turn) if _AMONG.fullmatch(intent.text.strip(" .")) else None
    if button is not None:
        used = ends_at(turn.rest, frozenset({"click"}))
        return Finished(used) if used else act("click", button, choice=choice, reason="starts the search")
    return act("fill", choice.best.candidate, intent.value, choice=choice)


def _was_in_vain(done: Done) -> bool:
    tried = done.place is not None and done.place.attempt
    return tried and done.effect is not None and not done.effect.visible


def _start_search(choice: Choice, field: Candidate, filled: int, turn: Turn) -> Answer:
    """Enter, then the button; a page that has searched while the words were typed needs neither."""
    typed = turn.rest[filled - 1].effect
    live = typed is not None and (typed.url or typed.dom > typed.dom_near)
    tried = {d.action.kind for d in turn.rest[filled:] if not d.error}
    button = None if "click" in tried else _search_button(field, turn)
    if "press" not in tried:
        press = act("press", field, "Enter", choice=choice, reason="starts the search")
        return replace(press, place=Place(0, attempt=live or button is not None))
    if button is not None:
        click = act("click", button, choice=choice, reason="starts the search, which Enter does not")
        return replace(click, place=Place(0, attempt=live))
    if live:
        return Finished(len(turn.rest), "the page searched while the words were typed")
    return none("Enter starts no search, and there is no button for it", absent=False)


def _search_button(field: Candidate, turn: Turn) -> Candidate | None:
    """The button of the field's form, or right behind a field without a form, that says it starts the search."""
    form = next((k.id for k in field.context if k.kind == "form"), None)
    near = [c for c in turn.page.candidates if c.role == "button" and not c.state.disabled]
    if form is not None:
        near = [c for c in near if any(k.id == form for k in c.context)]
    else:
        near = [c for c in near if 0 < c.mark - field.mark <= _BEHIND_FIELD]
    said = [(c, f"{c.name} {c.description} {c.hints}") for c in near]
    buttons = [c for c, words in said if _STARTS_SEARCH.search(words) and not _EMPTIES.search(words)]
    return buttons[0] if len(buttons) == 1 else None


def _search_field(intent: Intent, turn: Turn) -> Choice:
    if intent.target is not None and intent.target.phrase:
        choice = find(intent.target, "fill", turn.page)
        if choice.best is not None:
            return choice
    fields = [c for c in turn.page.candidates if c.role == "searchbox" or c.element_type == "input:search"]
    fields = fields or _beside_search_buttons(turn)
    choice = find(Target("search", "search", ("field",)), "fill", turn.page)
    if choice.best is None and len(fields) == 1:
        return Choice(Ranked(fields[0], 0.9, "the search field"), (), reason="the only search field")
    return _of_what_is_searched(intent, choice) or choice


def _of_what_is_searched(intent: Intent, choice: Choice) -> Choice | None:
    """ "Search the guides": of several search fields the one in the part of the page that is called so."""
    words = weighty(read_words(intent.target.phrase)) if intent.target else ()
    found = [r for r in choice.ranking if r.score >= ACCEPT and words and _stands_in(words, r.candidate)]
    if len(found) != 1 or found[0] == choice.best:
        return None
    return Choice(found[0], choice.ranking, reason=f"{found[0].label}: the search field in the part called so")


def _stands_in(words: tuple[Word, ...], candidate: Candidate) -> bool:
    """Whether a part of the page around it is called so."""
    parts = [read_field(k.text) for k in candidate.context if len(k.text) <= _TITLE_LENGTH]
    return any(all(likeness(word, part) == 1.0 for word in words) for part in parts)


def _beside_search_buttons(turn: Turn) -> list[Candidate]:
    """Text fields that say only what they search in, right before a button that starts the search."""
    pairs = zip(turn.page.candidates, turn.page.candidates[1:], strict=False)
    return [
        field
        for field, button in pairs
        if field.element_type == "input:text" and button.role == "button" and _SEARCHES.search(button.name)
    ]


def sort(intent: Intent, turn: Turn) -> Answer:
    """The option of a drop-down that sorts, a button "Sort by …", or the header of the column."""
    used = ends_at(turn.rest, frozenset({"select"}))
    if used:
        return Finished(used)
    clicks = len([d for d in turn.carried_out if d.action.kind == "click"])
    field = intent.value or ""
    if not clicks:
        native = _sorting_option(field, intent.way, turn)
        if native is not None:
            return native
    header = _sort_header(field, turn)
    if clicks and _is_sorted(header, intent.way, clicks):
        return Finished(len(turn.rest))
    if clicks >= _MAX_SORTS:
        return none(f'"{field}" is not sorted {intent.way} after {clicks} clicks', absent=False)
    if header.best is None:
        return undecided(header)
    return act("click", header.best.candidate, choice=header)


def _is_sorted(header: Choice, way: str, clicks: int) -> bool:
    """Whether what was clicked sorts as wanted: as the header says itself, else the second click turns the order."""
    shown = _ways_shown(header.best.candidate) if header.best else set()
    if not way or len(shown) != 1:
        return not way or clicks >= (2 if way == "descending" else 1)
    return way in shown


def _ways_shown(header: Candidate) -> set[str]:
    said = {*f"{header.state.sorted} {header.name} {header.description} {header.hints}".lower().split()}
    return {way for way in ("ascending", "descending") if {way, way.removesuffix("ending")} & said}


def _sort_header(field: str, turn: Turn) -> Choice:
    choice = find(Target(field, field, ("header",)), "click", turn.page)
    if choice.best is not None or choice.torn:
        return choice
    return find(Target(field, field, verb="sort by"), "click", turn.page)


def _sorting_option(field: str, way: str, turn: Turn) -> Answer | None:
    words = weighty(read_field(field).words)
    sides = {
        "ascending": ("asc", "ascending", "low", "lowest", "oldest", "a"),
        "descending": ("desc", "descending", "high", "highest", "newest", "z"),
    }
    for candidate in turn.page.candidates:
        if not is_select(candidate) or not any(
            likeness(read_field("sort").words[0], f) for f, _ in turn.page.own(candidate)
        ):
            continue
        exact = [o for o in candidate.options if read_field(o).phrase == read_field(field).phrase]
        fitting = exact or [o for o in candidate.options if all(likeness(w, read_field(o)) for w in words)]
        if way and len(fitting) > 1:
            fitting = [
                o
                for o in fitting
                if next(
                    (w for w in read_field(o).phrase.split() if w in {*sides["ascending"], *sides["descending"]}), ""
                )
                in sides[way]
            ]
        if len(fitting) == 1:
            return act("select", candidate, fitting[0], reason="the option that sorts so")
        if len(fitting) > 1:
            return none(f"several ways to sort: {', '.join(fitting)}", absent=False)
    return None


def follow_path(intent: Intent, turn: Turn) -> Answer:
    """ "File > Export": the last part that is there is clicked, until it is the last of all.

    A pointer on an entry with a menu of its own opens that, as a click might do more; it is clicked if that is in vain.
    """
    done = [d for d in turn.history if d in turn.carried_out or d in turn.prepared]
    clicked = [_name(d) for d in done if d.action.kind == "click"]
    parts = [read_field(p.phrase).phrase for p in intent.path]
    if len(clicked) >= len(parts) or parts[-1] in clicked:
        return Finished(len(turn.rest))
    reached = max((i + 1 for i, part in enumerate(parts) if part in clicked), default=len(clicked))
    for part in reversed(intent.path[reached:]):
        choice = find(part, "click", turn.page)
        if choice.best is not None:
            hovered = {_name(d) for d in done if d.action.kind == "hover"}
            return _enter(choice, hovered, is_last=part is intent.path[-1])
        if choice.torn:
            return undecided(choice)
    return undecided(choice)


def _enter(choice: Choice, hovered: set[str], *, is_last: bool) -> Decision:
    assert choice.best is not None
    entry = choice.best.candidate
    if is_last or entry.role != "menuitem" or entry.popup != "menu":
        return act("click", entry, choice=choice)
    if read_field(entry.name or entry.text).phrase not in hovered:
        return act("hover", entry, choice=choice)
    return replace(act("click", entry, choice=choice), place=Place(0, prepares=True))


def _name(done: Done) -> str:
    return read_field(done.element.partition(' "')[2].removesuffix('"')).phrase


def scroll(intent: Intent, turn: Turn) -> Answer:
    """To an end, by a screen, within a part of the page, or until something is seen."""
    used = ends_at(turn.rest, frozenset({"scroll"}))
    if intent.target is None or not (intent.target.phrase or intent.target.kinds or intent.target.relations):
        return Finished(used) if used else act("scroll", value=intent.value or "down", reason=intent.text)
    choice = find(intent.target, "scroll", turn.page)
    if intent.value is not None:
        return Finished(used) if used else _scroll_within(intent, choice)
    seen = [r for r in choice.ranking if r.score >= ACCEPT]
    if seen and seen[0].candidate.in_view:
        return Finished(len(turn.rest), f"{seen[0].label} is in view")
    if choice.best is not None:
        return Finished(used) if used else act("scroll", choice.best.candidate, choice=choice)
    stuck = used and turn.rest[-1].effect is not None and not turn.rest[-1].effect.visible
    if stuck or len(turn.rest) >= _MAX_SCROLLS:
        return undecided(choice)
    return act("scroll", value="down", reason=f'looking for "{intent.target.full}"')


def _scroll_within(intent: Intent, choice: Choice) -> Decision:
    """ "Scroll down in the list": what is called so; what has no name is the largest part that can be scrolled."""
    if choice.best is None and choice.torn:
        return undecided(choice)
    return act("scroll", choice.best.candidate if choice.best else None, intent.value, choice=choice)


def wait(intent: Intent, turn: Turn) -> Answer:
    """For seconds, or until something is there or gone."""
    used = ends_at(turn.rest, frozenset({"wait"}))
    if intent.target is None:
        return Finished(used) if used else act("wait", value=intent.value or "1", reason=intent.text)
    there = _is_shown(intent.target, turn)
    if there != (intent.value == "gone"):
        return Finished(used or 0, f'"{intent.target.full}" is {"gone" if intent.value else "there"}')
    if len(turn.rest) >= len(_WAITS):
        return none(f'waited in vain for "{intent.target.full}"', absent=False)
    return act("wait", value=_WAITS[len(turn.rest)], reason=intent.text)


def _is_shown(target: Target, turn: Turn) -> bool:
    choice = find(target, "hover", turn.page)
    if any(r.score >= ACCEPT for r in choice.ranking):
        return True
    page = turn.page.observation
    texts = [page.heading, page.title, page.modal, *(k.text for c in page.candidates for k in c.context)]
    texts += [d.effect.text for d in turn.rest if d.effect and d.effect.text]
    words = weighty(read_field(target.phrase or target.full).words)
    return bool(words) and any(all(likeness(w, read_field(t)) == 1.0 for w in words) for t in texts)


def press_key(intent: Intent, turn: Turn) -> Answer:
    """A key, in the field that is named or has the focus; a button, where one bears the key's name."""
    used = ends_at(turn.rest, frozenset({"press", "click"}))
    if used:
        return Finished(used)
    if intent.target is not None:
        choice = find(replace(intent.target, quoted=True), "click", turn.page)
        if choice.best is None and any(r.container for r in intent.target.relations):
            choice = find(intent.target, "click", turn.page)  # "Press Delete in the dialog": no key is pressed there
        if choice.best is not None:
            return act("click", choice.best.candidate, choice=choice)
    if intent.to is not None:
        field = find_field(intent.to, turn)
        if field.best is None:
            return undecided(field)
        return act("press", field.best.candidate, intent.value, choice=field)
    focused = next((c for c in turn.page.candidates if c.state.focused), None)
    return act("press", focused, intent.value, reason="where the focus is")
