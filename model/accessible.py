"""Descriptions without a model: role, accessible name, state and context put into one English sentence.

    button "" hints "trash icon", row "Blue backpack $40.00"  ->  "Deletes the Blue backpack $40.00 row."
    input:email "Email", form "Sign in"                        ->  "Types into the Email field of the Sign in form."

The agent degrades to this when an endpoint is down, and models must beat it.
"""

import re
from collections.abc import Sequence

from magenta_qa.model.prompt import one_line
from magenta_qa.model.ranking.fitness import is_header
from magenta_qa.model.schema import Candidate, Context, Description, Observation, Question

SPEC = "accessible"
MAX_NAME = 60
MAX_CONTEXT = 60

_VERBS = {
    "add": "Adds",
    "apply": "Applies",
    "archive": "Archives",
    "back": "Goes back",
    "basket": "Opens the basket",
    "bell": "Opens the notifications",
    "bin": "Removes",
    "calendar": "Opens the calendar",
    "cancel": "Cancels",
    "cart": "Opens the cart",
    "check": "Confirms",
    "checkout": "Starts the checkout",
    "clear": "Clears",
    "clone": "Duplicates",
    "close": "Closes",
    "cog": "Opens the settings",
    "collapse": "Collapses",
    "confirm": "Confirms",
    "continue": "Continues",
    "copy": "Copies",
    "create": "Creates",
    "decrement": "Decreases",
    "delete": "Deletes",
    "dismiss": "Dismisses",
    "download": "Downloads",
    "duplicate": "Duplicates",
    "edit": "Edits",
    "ellipsis": "Opens more actions",
    "expand": "Expands",
    "export": "Exports",
    "favorite": "Marks as a favourite",
    "filter": "Filters",
    "find": "Searches",
    "forward": "Goes forward",
    "gear": "Opens the settings",
    "hamburger": "Opens the menu",
    "heart": "Marks as a favourite",
    "help": "Opens the help",
    "hide": "Hides",
    "home": "Goes to the home page",
    "import": "Imports",
    "increment": "Increases",
    "info": "Shows information",
    "kebab": "Opens more actions",
    "like": "Likes",
    "login": "Signs in",
    "logout": "Signs out",
    "magnifier": "Searches",
    "menu": "Opens the menu",
    "minus": "Decreases",
    "next": "Goes to the next",
    "notification": "Opens the notifications",
    "notifications": "Opens the notifications",
    "open": "Opens",
    "pause": "Pauses",
    "pencil": "Edits",
    "pin": "Pins",
    "play": "Plays",
    "plus": "Adds",
    "preview": "Previews",
    "previous": "Goes to the previous",
    "print": "Prints",
    "profile": "Opens the profile",
    "redo": "Does again",
    "refresh": "Refreshes",
    "register": "Registers",
    "reload": "Reloads",
    "remove": "Removes",
    "rename": "Renames",
    "reply": "Replies",
    "reset": "Resets",
    "save": "Saves",
    "search": "Searches",
    "select": "Selects",
    "send": "Sends",
    "settings": "Opens the settings",
    "share": "Shares",
    "show": "Shows",
    "sort": "Sorts",
    "star": "Marks as a favourite",
    "submit": "Submits",
    "trash": "Deletes",
    "undo": "Undoes",
    "update": "Updates",
    "upload": "Uploads",
    "user": "Opens the profile",
    "view": "Views",
    "zoom": "Zooms",
}
"""What a word in a name, class or icon says that acting does; general interface vocabulary only."""

_AMBIGUOUS = frozenset({"check", "like", "show", "home", "info", "pin", "star", "open"})
"""Words that as the first of several are as often adjectives or nouns ("Open issues", "Like new")."""

_PREDICATES = {
    "fill": "Types into",
    "type": "Types into",
    "clear": "Empties",
    "select": "Chooses from",
    "check": "Ticks",
    "uncheck": "Unticks",
    "upload": "Uploads a file to",
    "hover": "Points at",
    "drag": "Drags",
    "scroll": "Scrolls",
    "press": "Presses a key in",
}
_BUTTON_INPUTS = frozenset({"input:button", "input:submit", "input:reset", "input:image"})
_NOUNS = {
    "button": "button",
    "link": "link",
    "tab": "tab",
    "menuitem": "menu item",
    "option": "option",
    "checkbox": "checkbox",
    "input:checkbox": "checkbox",
    "radio": "option",
    "input:radio": "option",
    "select": "drop-down",
    "textarea": "text area",
    "image": "picture",
    "canvas": "drawing area",
    "input:range": "slider",
    "input:submit": "button",
    "input:button": "button",
    "input:reset": "button",
    "input:image": "button",
}
_ADDRESSES = {"mailto": "Writes an e-mail", "tel": "Calls", "sms": "Writes a text message"}
"""What following a link of these schemes does, wherever it stands."""
_UNFILLED = re.compile(r"\s*(?:\{\{[^{}]*\}\}|\$\{[^{}]*\}|%\{[^{}]*\})")
"""Where a translation has left out what should stand there: "Download {{what}}"."""
_POPUPS = {"listbox": "list", "true": "menu", "grid": "table"}
_AROUND = ("form", "dialog", "menu", "group", "frame", "region", "heading", "label", "table", "list")
_KINDS = {
    "row": "row",
    "listitem": "item",
    "card": "card",
    "form": "form",
    "dialog": "dialog",
    "menu": "menu",
    "group": "group",
    "frame": "frame",
    "region": "section",
    "table": "table",
    "list": "list",
}


class AccessibleUnderstanding:
    """Describes from the accessibility tree; never fails, needs nothing."""

    spec = SPEC
    needs_html = False
    needs_pictures = False

    def looks_at(self, candidate: Candidate) -> bool:
        """Never."""
        return False

    def plain(self, question: Question) -> Description:
        """All that it ever says."""
        return describe_plainly(question)

    def describe(self, observation: Observation, questions: Sequence[Question]) -> list[Description]:
        """One sentence for each question, in order."""
        return [describe_plainly(question) for question in questions]

    def close(self) -> None:
        """Nothing to release."""


def describe_plainly(question: Question, *, degraded: bool = False, reason: str = "") -> Description:
    """The sentence for one candidate, with source "rule".

    Args:
        question: The candidate and the action that is asked about.
        degraded: A configured model could not answer.
        reason: Why this was not described by the model.
    """
    text = sentence(question.candidate, question.action_type)
    return Description(question.candidate.mark, text, "rule", SPEC, 0.5, degraded=degraded, reason=reason)


def sentence(candidate: Candidate, action_type: str) -> str:
    """What the action on the candidate does, third person, one line."""
    if action_type in _PREDICATES:
        thing = _thing(candidate) + (_choices(candidate) if action_type == "select" else "")
        text = f"{_PREDICATES[action_type]} {thing}{_place(candidate)}"
    else:
        text = _click(candidate)
    return f"{text}{_state(candidate)}."


def acting_sentence(candidate: Candidate, verb: str) -> str:
    """The sentence for a click of which somebody has said what it does.

    Args:
        candidate: Where.
        verb: Such as "Deletes" or "Opens more actions".
    """
    return f"{_acting_on_item(candidate, verb)}{_state(candidate)}."


def _click(candidate: Candidate) -> str:
    kinds = {candidate.element_type, candidate.role}
    if kinds & {"checkbox", "switch"}:
        return f"{'Unticks' if candidate.state.checked is True else 'Ticks'} {_thing(candidate)}{_place(candidate)}"
    if kinds & {"radio", "option"}:
        return f"Chooses {_thing(candidate)}{_place(candidate)}"
    if candidate.popup:
        return f"Opens the {_POPUPS.get(candidate.popup, candidate.popup)} of {_thing(candidate)}{_place(candidate)}"
    if "tab" in kinds:
        return f"Shows {_thing(candidate)}{_place(candidate)}"
    if candidate.element_type.startswith("input:") and candidate.element_type not in _BUTTON_INPUTS:
        return f"Puts the cursor into {_thing(candidate)}{_place(candidate)}"
    if candidate.href.partition(":")[0] in _ADDRESSES:
        return _addressing(candidate)
    return _named_click(candidate) if _own_name(candidate) else _nameless_click(candidate)


def _named_click(candidate: Candidate) -> str:
    name = _own_name(candidate)
    first, _, rest = name.partition(" ")
    verb = _VERBS.get(first.casefold().strip(".:…"), "")
    if verb and not re.search(r"\w{2,}", rest):
        return _acting_on_item(candidate, verb)
    if verb and (" " not in verb or first.casefold() in ("next", "previous")) and first.casefold() not in _AMBIGUOUS:
        return f"{verb} {rest}{_place(candidate)}"
    if is_header(candidate):
        return f"Sorts by {name}{_around(candidate)}"
    return f"{'Opens' if candidate.element_type == 'link' else 'Activates'} {name}{_place(candidate)}"


def _addressing(candidate: Candidate) -> str:
    """A link that opens a mail program or a telephone."""
    name = _own_name(candidate)
    return f"{_ADDRESSES[candidate.href.partition(':')[0]]}{f' ({name})' if name else ''}{_place(candidate)}"


def _nameless_click(candidate: Candidate) -> str:
    """A verb from class, id or icon names when there is no name at all."""
    words = re.findall(r"[a-z]+", candidate.hints.casefold())
    verb = next((_VERBS[word] for word in words if word in _VERBS), "")
    return _acting_on_item(candidate, verb) if verb else f"Clicks {_thing(candidate)}{_place(candidate)}"


def _acting_on_item(candidate: Candidate, verb: str) -> str:
    """A verb without an object takes the row, item or card that it stands in as its object."""
    nearest = _repeated(candidate)
    if nearest and " " not in verb:
        return f"{verb} the {one_line(nearest.text, MAX_CONTEXT)} {_KINDS[nearest.kind]}{_around(candidate)}"
    return f"{verb}{_place(candidate)}"


def _thing(candidate: Candidate) -> str:
    kind = candidate.element_type
    noun = _NOUNS.get(kind, "field" if kind.startswith("input") else "element")
    hint = _own_name(candidate) or one_line(candidate.description or candidate.hints, MAX_NAME)
    if not hint:
        return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun} without a name"
    return f"the {hint}" if hint.casefold().endswith(noun) else f"the {hint} {noun}"


def _own_name(candidate: Candidate) -> str:
    name = candidate.name or candidate.text
    return one_line(_UNFILLED.sub("", name) or name, MAX_NAME).rstrip(" .:*")


def _choices(candidate: Candidate) -> str:
    shown = [one_line(option, 30) for option in candidate.options[:4] if option.strip()]
    more = ", …" if len(candidate.options) > 4 else ""
    return f" ({', '.join(shown)}{more})" if shown else ""


def _place(candidate: Candidate) -> str:
    """The row, item or card, then the form, dialog or section."""
    nearest = _repeated(candidate)
    return (f" {_where(nearest)}" if nearest else "") + _around(candidate)


def _repeated(candidate: Candidate) -> Context | None:
    return next((context for context in _telling(candidate) if context.kind in ("row", "listitem", "card")), None)


def _around(candidate: Candidate) -> str:
    nearest = _repeated(candidate)
    told = nearest.text.casefold() if nearest else ""
    containers = (context for context in _telling(candidate) if context.kind in _AROUND)
    found = next((context for context in containers if context.text.strip().casefold() not in told), None)
    return f" {_where(found)}" if found else ""


def _telling(candidate: Candidate) -> list[Context]:
    own = _own_name(candidate).casefold()
    return [context for context in candidate.context if context.text.strip() and context.text.strip().casefold() != own]


def _where(context: Context) -> str:
    text = one_line(context.text, MAX_CONTEXT)
    if context.kind == "heading":
        return f"under {text}"
    if context.kind == "label":
        return f"next to {text}"
    kind = _KINDS[context.kind]
    noun = "" if text.casefold().endswith(kind) else f" {kind}"
    return f"{'of' if context.kind == 'form' else 'in'} the {text}{noun}"


def _state(candidate: Candidate) -> str:
    state = candidate.state
    words = [word for word in ("disabled", "readonly") if getattr(state, word)]
    words += ["selected"] if state.selected else []
    words += ["open"] if state.expanded else []
    return f" (now {', '.join(words)})" if words else ""
