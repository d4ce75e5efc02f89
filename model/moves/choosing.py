"""Moves that put something into a control: text, an option, a date.

A native select takes the option at once. A custom drop-down is clicked first; its option is a candidate in the next
observation. A date goes into a native field in ISO form, into a text field as its placeholder shows, else through the
calendar.
"""

import re
from dataclasses import replace
from datetime import date

from magenta_qa.model.language.dates import date_pattern, parse_date, write_date
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import stem, words_of
from magenta_qa.model.language.target import Relation, Target, read_target
from magenta_qa.model.language.wording import contains, likeness, read_field, weighty
from magenta_qa.model.moves.calendar import pick_day
from magenta_qa.model.moves.cells import edit_cell
from magenta_qa.model.moves.clock import pick_time
from magenta_qa.model.moves.noting import noted_value
from magenta_qa.model.moves.places import place_called
from magenta_qa.model.moves.rows import row_selector
from magenta_qa.model.moves.segments import fill_segments
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, is_on, none, undecided
from magenta_qa.model.ranking.choice import ACCEPT, Choice, find
from magenta_qa.model.ranking.fitness import is_button, is_checkable, is_editable, is_select
from magenta_qa.model.ranking.items import main_controls
from magenta_qa.model.ranking.rank import EXACT, Ranked
from magenta_qa.model.schema import Candidate, Decision, Done

_FILLED = frozenset({"fill", "select", "dialog"})
_SETTING = frozenset({"set", "change", "switch"})
_TRUTH = {
    "on": True,
    "yes": True,
    "true": True,
    "checked": True,
    "off": False,
    "no": False,
    "false": False,
    "unchecked": False,
}
_OPTION_ROLES = frozenset(
    {"option", "menuitem", "menuitemradio", "menuitemcheckbox", "radio", "treeitem", "gridcell", "tab", "checkbox"}
)
_LISTED_ROLES = frozenset({"option", "menuitem", "menuitemradio", "menuitemcheckbox", "treeitem"})
_SORTS = frozenset(stem(w) for w in ("type", "kind", "sort", "option", "template", "variant"))
_TEXTS = frozenset(stem(w) for w in ("text", "content", "contents", "body"))
_EDITORS = frozenset({"textarea", "div", "article"})
_OF_DOCUMENT = re.compile(
    r"\b(?:text|contents?|body|wording) (?:of|in|on) (?:the|this) (?:(?:whole|entire|wiki|web) )?"
    r"(?:page|article|document|post|note|entry|story|file)\b",
    re.IGNORECASE,
)
""" "The text of the page" is what is written in its editor."""
_MAX_TRIES = 3
_NAMED = 0.95  # how well a field fits whose name was said
_LONG_TEXT = 180  # characters of an effect, near to where it is cut


def fill_in(intent: Intent, turn: Turn) -> Answer:
    """Text into a field; or the option, tick or date that the field takes instead."""
    if _is_choice(intent, turn):
        return choose_option(intent, turn)
    if special := fill_segments(intent, turn) or pick_time(intent, turn) or edit_cell(intent, turn):
        return special
    used = ends_at(turn.rest, _FILLED) or _option_clicked(intent, turn.rest)
    if used:
        return Finished(used)
    if intent.source is not None:
        value = noted_value(intent, turn)
        if isinstance(value, Decision):
            return value
        intent = replace(intent, value=value, source=None)
    if intent.value is None:
        return none(f'no value is given: "{intent.text}"; say what to fill in', absent=False)
    choice = find_field(intent.target, turn)
    if choice.best is None and not choice.torn and intent.target and parse_date(intent.value):
        shorter = intent.target.phrase.lower().removesuffix(" date").removesuffix(" on")
        choice = find_field(replace(intent.target, phrase=shorter, full=shorter), turn) if shorter else choice
    if choice.torn:
        choice = _row_in_use(intent, choice, turn) or _long_text(intent, choice) or choice
    if choice.best is None:
        if choice.torn:
            return undecided(choice)
        elsewhere = _day(intent, turn) or _chosen_elsewhere(intent, turn) or _behind(intent, turn)
        return elsewhere or _named_in_place(intent, turn) or _whole_text(intent, turn) or undecided(choice)
    if intent.verb.partition(" ")[0] in _SETTING and (button := _called(intent.value, choice.best, turn)):
        return act("click", button, reason=f'the button "{button.name or button.text}"')
    candidate = choice.best.candidate
    day = parse_date(intent.value)
    if day is not None and is_editable(candidate):
        return act("fill", candidate, _date_for(candidate, day, intent.value), choice=choice)
    if is_select(candidate):
        return _native(candidate, intent.value, choice)
    if is_editable(candidate) and not candidate.state.readonly:
        return act("fill", candidate, intent.value, choice=choice)
    return _from_dropdown(intent, turn, choice)


def _row_in_use(intent: Intent, choice: Choice, turn: Turn) -> Choice | None:
    """Of the rows of a form of which all but one are blank, what is to be changed stands in the one that is not."""
    rows = [turn.page.item(r.candidate) for r in choice.torn]
    filled = [r for r in choice.torn if (r.candidate.state.value or "").strip()]
    apart = len({row.id for row in rows if row is not None and row.kind == "row"}) == len(rows)
    if intent.verb.partition(" ")[0] not in _SETTING or not apart or len(filled) != 1:
        return None
    return Choice(filled[0], choice.ranking, reason=f"{filled[0].label}: the only row that is filled in")


def _long_text(intent: Intent, choice: Choice) -> Choice | None:
    """ "Replace the text": of several fields that may be meant the one that takes more than a line."""
    said = {stem(w) for w in words_of(intent.target.phrase)} if intent.target else set()
    long = [r for r in choice.torn if r.candidate.element_type == "textarea" or r.candidate.tag in _EDITORS]
    if not said or not said <= _TEXTS or len(long) != 1:
        return None
    return Choice(long[0], choice.ranking, reason=f"{long[0].label}: the only field of several lines")


def _whole_text(intent: Intent, turn: Turn) -> Answer | None:
    """ "Replace the text of the page": what the one editor of the page holds, if no name says that it is another's."""
    if intent.value is None or not _OF_DOCUMENT.search(intent.text):
        return None
    editors = [c for c in turn.page.candidates if c.element_type == "textarea" and not c.state.readonly]
    said = [f for c in editors for f in (turn.page.name(c), read_field(turn.page.label_beside(c)))]
    if len(editors) != 1 or editors[0].state.disabled or not all(field.stems <= _TEXTS for field in said):
        return None
    return act("fill", editors[0], intent.value, reason="the only field of several lines")


def _called(value: str, field: Ranked, turn: Turn) -> Candidate | None:
    """The one button that is called so, where no field bears just the name: "Set the report to This quarter"."""
    if field.score >= _NAMED:
        return None
    said = read_field(value).phrase
    found = [c for c in turn.page.candidates if is_button(c) and said and turn.page.name(c).phrase == said]
    return found[0] if len(found) == 1 else None


def _is_choice(intent: Intent, turn: Turn) -> bool:
    """ "Set the country to Norway", where the field only searches the list that the country is chosen from."""
    if intent.value is None or intent.target is None or intent.verb.partition(" ")[0] not in _SETTING:
        return False
    best = find(intent.target, "fill", turn.page).best
    return best is not None and best.candidate.role == "combobox" and best.candidate.state.expanded is not None


def _chosen_elsewhere(intent: Intent, turn: Turn) -> Answer | None:
    """ "Set Notifications to on" is about a switch; "set the size to Large" may be about a group of radio buttons."""
    truth = _TRUTH.get((intent.value or "").lower())
    if truth is not None and intent.target:
        choice = find(intent.target, "check", turn.page)
        if choice.best is not None:
            if is_on(choice.best.candidate) == truth:
                return Finished(0, f"{choice.best.label} is already so")
            return act("check" if truth else "uncheck", choice.best.candidate, choice=choice)
    option = _option(_grouped(intent), turn)
    if option.best is None:
        return None
    chosen, known = option.best.candidate, turn.page.meant or (0, 0.0)
    shown = read_field(chosen.name or chosen.text)
    if intent.verb.partition(" ")[0] not in _SETTING and not contains(shown, read_field(intent.value or "").phrase):
        return None  # a text that is entered is none of its synonyms: "papers" is not the entry "File"
    return _pick(intent, option) if chosen.role in _OPTION_ROLES or chosen.mark == known[0] else None


def _behind(intent: Intent, turn: Turn) -> Answer | None:
    """ "Change the currency to Pound": what "Change currency" opens, if that is a control which opens something."""
    if turn.rest or intent.target is None or not intent.verb:
        return None
    opener = find(replace(intent.target, verb=intent.verb.split()[0]), "click", turn.page)
    best = opener.best.candidate if opener.best else None
    if best is None or best.state.expanded is True or not (best.popup or best.state.expanded is False):
        return None
    return act("click", best, choice=opener, reason=f"opens {opener.ranking[0].label}")


def _named_in_place(intent: Intent, turn: Turn) -> Answer | None:
    """ "Name it Reports", where what was just made waits for its name in a field that nothing labels."""
    target = intent.target
    if target is None or target.phrase != "name" or words_of(target.said)[:1] != ["name"]:
        return None
    fields = [c for c in turn.page.candidates if c.state.focused and is_editable(c) and not c.state.readonly]
    if len(fields) != 1 or turn.page.name(fields[0]).words or turn.page.label_beside(fields[0]):
        return None
    return act("fill", fields[0], intent.value, reason="the field with the focus, which nothing labels")


def find_field(target: Target | None, turn: Turn) -> Choice:
    """The field that is named; the focused or only one where none is."""
    if target is None or not (target.phrase or target.relations or target.ordinal):
        fields = [c for c in turn.page.candidates if is_editable(c) and not c.state.readonly and c.role != "slider"]
        focused = [c for c in fields if c.state.focused]
        named = fields if target is None or not target.phrase else []
        only = focused if len(focused) == 1 else named if len(named) == 1 else []
        if only:
            return Choice(
                Ranked(only[0], 0.9, "the only field"), (), reason="the only field, or the one with the focus"
            )
        if not fields:
            return Choice(None, (), reason="there is no field to type into", absent=True)
    return find(target or Target("", "", ("field",)), "fill", turn.page)


def _date_for(candidate: Candidate, day: date, written: str) -> str:
    """The date in the form that the field takes."""
    forms = {"input:date": "yyyy-mm-dd", "input:month": "yyyy-mm", "input:datetime-local": "yyyy-mm-ddT00:00"}
    if candidate.element_type in forms:
        return write_date(day, forms[candidate.element_type])
    shown = date_pattern(f"{candidate.description} {candidate.name}")
    return write_date(day, shown.lower()) if shown else written


def choose_option(intent: Intent, turn: Turn) -> Answer:
    """An option of a drop-down, a radio button, a tab, an entry of a menu or of a list."""
    if special := fill_segments(intent, turn) or pick_time(intent, turn) or place_called(intent, turn):
        return special
    used = ends_at(turn.rest, _FILLED) or _option_clicked(intent, turn.rest)
    if used:
        return Finished(used)
    if intent.value is None:
        return none(f'what to choose is not said: "{intent.text}"', absent=False)
    if intent.target is None or not (intent.target.phrase or intent.target.kinds or intent.target.relations):
        return _unplaced(intent, turn)
    day = _day(intent, turn)
    if day is not None:
        return day
    if turn.carried_out:
        return _opened(intent, turn)
    listed = _listed(intent, turn)
    if listed is not None:
        return act("click", listed.candidate, reason=f"{listed.label}: an option that is shown")
    choice = find(intent.target, "select", turn.page)
    having = [r for r in choice.torn if is_select(r.candidate) and option_named(r.candidate, intent.value) is not None]
    if choice.best is None and len(having) == 1:
        return _native(having[0].candidate, intent.value, choice)
    if choice.best is None:
        grouped = _option(_grouped(intent), turn)
        if grouped.best is not None:
            return _pick(intent, _ticked_instead(intent, grouped, turn) or grouped)
        whole = find(_whole(intent), "click", turn.page)
        if whole.best is not None:
            return _pick(intent, _ticked_instead(intent, whole, turn) or whole)
        return _of_that_sort(intent, turn) or undecided(choice)
    candidate = choice.best.candidate
    return _native(candidate, intent.value, choice) if is_select(candidate) else _from_dropdown(intent, turn, choice)


def _of_that_sort(intent: Intent, turn: Turn) -> Answer | None:
    """ "Choose Article page as the type": what is called just so, where the noun names no field but the sort of it."""
    target = intent.target or Target("", "")
    if target.relations or not _SORTS & {stem(w) for w in words_of(target.phrase)[-1:]}:
        return None
    option = _option(intent, turn)
    return _pick(intent, option) if option.best is not None and option.best.why in EXACT else None


def _grouped(intent: Intent) -> Intent:
    """The option within the group that the target names: "choose Satisfied for the delivery"."""
    target = intent.target
    option = intent.option or read_target(intent.value or "")
    if target is None or option.relations:
        return intent
    place = target.relations if target.is_item else (Relation("about", target.phrase), *target.relations)
    return replace(intent, option=replace(option, full=f"{option.full} {target.full}", relations=place))


def _listed(intent: Intent, turn: Turn) -> Ranked | None:
    """The option itself, where the list that is named has been opened: "Pick tide-table from the suggestions"."""
    target = intent.target
    if target is None or (target.phrase and not _names_open_list(target, turn)):
        return None
    found = _option(intent, turn).best
    return found if found is not None and found.candidate.role in _LISTED_ROLES else None


def _names_open_list(target: Target, turn: Turn) -> bool:
    """Whether what is named is a list whose options lie open, or the field that has opened one."""
    holder = find(target, "select", turn.page).best
    return holder is not None and (holder.candidate.role == "listbox" or holder.candidate.state.expanded is True)


def _ticked_instead(intent: Intent, direct: Choice, turn: Turn) -> Choice | None:
    """Rows that can be ticked are selected so, not by following the link in them."""
    assert direct.best is not None
    named = direct.best.candidate
    if intent.option is None or named.role not in {"link", "generic", "gridcell", "cell", "row"}:
        return None
    row = intent.target if intent.target is not None and intent.option.is_item else intent.option
    choice = row_selector(row, turn)
    return choice if choice and (named.role != "link" or _names_item_of(choice, named, turn)) else None


def _names_item_of(selector: Choice, link: Candidate, turn: Turn) -> bool:
    """Whether the link is the one that a row is called by, and not "Unpublish" in a menu that is open in it."""
    item = turn.page.item(selector.best.candidate) if selector.best else None
    mains = {i: mark for mark, i in main_controls("click", turn.page).items()}
    main = turn.page.observation.candidate(mains.get(item.id, 0)) if item is not None else None
    return main is not None and (main == link or (bool(link.href) and main.href == link.href))


def _whole(intent: Intent) -> Target:
    """All of the words as one name: "Select the role Admin" may be a link "Role Admin"."""
    value, where = intent.value or "", intent.target.full if intent.target else ""
    return read_target(
        f"{where} {value}" if intent.text.lower().find(where.lower()) < intent.text.find(value) else f"{value} {where}"
    )


def _unplaced(intent: Intent, turn: Turn) -> Answer:
    """ "Choose Large": the option of a native select, or whatever control bears that name."""
    day = _day(intent, turn)
    if day is not None:
        return day
    holders = holders_of(intent.value or "", turn)
    option = intent.option or Target(intent.value or "", intent.value or "")
    box = find(option, "check", turn.page) if option.is_item else None
    if box is not None and box.best is not None:
        return _pick(intent, box)
    direct = find(option, "click", turn.page)
    if direct.best is not None and not (holders and direct.best.score < 0.95):
        return _pick(intent, _ticked_instead(intent, direct, turn) or direct)
    if direct.torn or len(holders) > 1:
        return undecided(direct) if direct.torn else none(f'several drop-downs have "{intent.value}"', absent=False)
    if holders:
        return act(
            "select",
            holders[0],
            option_named(holders[0], intent.value or ""),
            reason="the only drop-down with that option",
        )
    return undecided(direct)


def holders_of(value: str, turn: Turn) -> list[Candidate]:
    """The native selects that have this option."""
    return [c for c in turn.page.candidates if is_select(c) and option_named(c, value) is not None]


def _pick(intent: Intent, choice: Choice) -> Answer:
    assert choice.best is not None
    candidate = choice.best.candidate
    if is_checkable(candidate):
        if is_on(candidate) is True:
            return Finished(0, f"{choice.best.label} is already chosen")
        return act("check", candidate, choice=choice)
    return act("click", candidate, choice=choice)


def _native(candidate: Candidate, value: str, choice: Choice) -> Decision:
    label = option_named(candidate, value)
    if label is None:
        known = ", ".join(candidate.options[:8])
        return none(
            f'the drop-down "{candidate.name}" has no option "{value}", but {known or "none"}', choice, absent=False
        )
    return act("select", candidate, label, choice=choice)


def option_named(candidate: Candidate, value: str) -> str | None:
    """The label of the option that is meant; None when there is none or several come into question."""
    wanted = read_field(value)
    if value in candidate.options:
        return value
    same = [o for o in candidate.options if read_field(o).phrase == wanted.phrase]
    if len(same) == 1 or not wanted.words:
        return same[0] if same else None
    near = [o for o in candidate.options if all(likeness(w, read_field(o)) for w in weighty(wanted.words))]
    return near[0] if len(near) == 1 else None


def _from_dropdown(intent: Intent, turn: Turn, choice: Choice) -> Answer:
    assert choice.best is not None
    candidate = choice.best.candidate
    if _shows(candidate, intent.value or "") and not turn.rest:
        return Finished(0, f"{choice.best.label} already shows {intent.value}")
    if candidate.state.expanded is True or (turn.carried_out and turn.carried_out[-1].action.kind == "click"):
        option = _option(intent, turn)
        if option.best is not None or option.torn:
            return act("click", option.best.candidate, choice=option) if option.best else undecided(option)
        if len(turn.carried_out) >= _MAX_TRIES or candidate.state.expanded is True:
            return none(f'"{intent.value}" is not among the options of {choice.best.label}', option, absent=False)
    if len(turn.rest) >= _MAX_TRIES:
        return none(f"{choice.best.label} does not open", choice, absent=False)
    return act("click", candidate, choice=choice, reason=f"opens {choice.best.label}")


def _shows(candidate: Candidate, value: str) -> bool:
    shown = candidate.state.value or ("" if candidate.text == candidate.name else candidate.text)
    return bool(shown) and read_field(shown).phrase == read_field(value).phrase


def _opened(intent: Intent, turn: Turn) -> Answer:
    """After a first click: the option, which must be there by now."""
    option = _option(intent, turn)
    if option.best is not None and not _may_have_come_up(option.best.candidate, turn):
        return none(f'"{intent.value}" has not come up in what was opened', option, absent=False)
    if option.best is not None:
        return act("click", option.best.candidate, choice=option)
    holder = find(intent.target or Target("", ""), "select", turn.page)
    typed = ends_at(turn.rest, frozenset({"type"}))
    if typed and holder.best is not None and holder.best.candidate.state.expanded is not True:
        return Finished(typed)  # a field that has no list of its own takes what was typed
    if option.torn or len(turn.rest) >= _MAX_TRIES:
        return undecided(option)
    if not typed and holder.best is not None and is_editable(holder.best.candidate):
        if holder.best.candidate.state.value:  # typing goes on after it
            return act("clear", holder.best.candidate, choice=holder, reason="makes room for what is chosen")
        return act("type", holder.best.candidate, intent.value, choice=holder, reason="narrows the options down")
    return none(f'"{intent.value}" has not come up', option, absent=False)


def _may_have_come_up(candidate: Candidate, turn: Turn) -> bool:
    """Whether it can be an option of what was just opened, and not something of that name that was there before."""
    effect = turn.carried_out[-1].effect
    if candidate.role in _OPTION_ROLES or effect is None or not effect.text or len(effect.text) > _LONG_TEXT:
        return True
    return contains(read_field(effect.text), read_field(candidate.text or candidate.name).phrase)


def _option(intent: Intent, turn: Turn) -> Choice:
    """The candidate that is the option itself, preferring what is an option by its role."""
    target = intent.option or read_target(intent.value or "")
    choice = find(target, "click", turn.page)
    if choice.best is not None and choice.best.candidate.role in _OPTION_ROLES:
        return choice
    roles = [r for r in (*choice.torn, *choice.ranking) if r.candidate.role in _OPTION_ROLES and r.score >= 0.8]
    marks = {r.candidate.mark for r in roles}
    if len(marks) == 1:
        return replace(choice, best=roles[0], torn=(), reason=f"{roles[0].label}: the option of that name")
    only = _only_with(target, turn) if choice.best is None else None
    return (
        replace(choice, best=only, torn=(), reason=f"{only.label}: the only option with that name") if only else choice
    )


def _only_with(target: Target, turn: Turn) -> Ranked | None:
    """The one option that says the name among other things: "id: 2 name: Tove Jansson active: yes"."""
    phrase = read_field(target.full).phrase
    options = [c for c in turn.page.candidates if c.role in _LISTED_ROLES]
    found = [c for c in options if contains(read_field(c.name or c.text), phrase)]
    begun = [c for c in options if read_field(c.name or c.text).phrase.startswith(f"{phrase} ")]
    if len(begun) == 1:
        return Ranked(begun[0], ACCEPT, "begins with the name")
    return Ranked(found[0], ACCEPT, "contains the name") if len(found) == 1 and " " in phrase else None


def _option_clicked(intent: Intent, rest: tuple[Done, ...]) -> int:
    """How many actions there are up to the click on the option itself."""
    wanted = read_field(intent.value or "")
    if parse_date(intent.value or ""):
        return 0  # calendars count for themselves
    for index, done in enumerate(rest):
        name = done.element.partition(' "')[2]
        if done.error or done.action.kind not in {"click", "check", "uncheck"}:
            continue
        field = read_field(name.removesuffix('"'))
        opener = index == 0 and len(rest) > 1 and rest[1].action.kind in {"click", "type"} and not done.error
        if done.action.kind in {"check", "uncheck"} or (wanted.words and all(likeness(w, field) for w in wanted.words)):
            return index + 1
        placed = intent.target is not None or intent.kind == "fill"
        if not placed or (not opener and index > 0 and done.element != rest[0].element):
            return index + 1
    return 0


def _day(intent: Intent, turn: Turn) -> Answer | None:
    """A date: into a field if there is one, else through the calendar; None when the value is no date."""
    day = parse_date(intent.value or "")
    if day is None:
        return None
    target = intent.target if intent.target and (intent.target.phrase or intent.target.relations) else None
    if not turn.carried_out:
        fields = [c for c in turn.page.candidates if c.element_type == "input:date"]
        choice = find(target, "fill", turn.page) if target else None
        if choice and choice.best and is_editable(choice.best.candidate) and not choice.best.candidate.state.readonly:
            candidate = choice.best.candidate
            return act("fill", candidate, _date_for(candidate, day, intent.value or ""), choice=choice)
        if target is None and len(fields) == 1:
            return act("fill", fields[0], _date_for(fields[0], day, intent.value or ""), reason="the only date field")
    return pick_day(day, target, turn)
