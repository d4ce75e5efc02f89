"""What a control does, told from its name, its role and what stands around it: the page's own words, made a sentence.

    say(seen, sight)     -> Meaning("[Deletes|Removes] the [row|entry] “clinic.db”", name="Delete", row="clinic.db"), or None

Only what the page makes certain is said. A button that is named by a noun, and opens nothing that the page tells of, is
left to `deeds`; so is a verb alone where neither row, form nor dialog says what it is about.
"""

import re
from urllib.parse import urlsplit

from magenta_qa.finetune.corpus.page import Meaning
from magenta_qa.finetune.corpus.real import entries
from magenta_qa.finetune.corpus.real.english import gerund, is_verb, lowered, predicate, third
from magenta_qa.finetune.corpus.real.leads import say_link
from magenta_qa.finetune.corpus.real.lexicon import listed
from magenta_qa.finetune.corpus.real.look import Seen, Sight
from magenta_qa.finetune.corpus.real.names import MAX_WORDS, clean, container, item_of, quoted
from magenta_qa.finetune.corpus.wording import imperative
from magenta_qa.model.schema import Candidate

_ALONE = {
    "edit": "[Edits|Changes]",
    "delete": "[Deletes|Removes]",
    "remove": "[Removes|Deletes]",
    "view": "[Shows|Opens]",
    "show": "[Shows|Opens]",
    "open": "[Opens|Shows]",
    "star": "[Stars|Puts a star on]",
    "unstar": "[Takes the star off|Removes the star from]",
    "archive": "Archives",
    "duplicate": "[Duplicates|Makes a copy of]",
    "copy": "Copies",
    "download": "Downloads",
    "print": "Prints",
    "reply": "[Replies to|Answers]",
    "approve": "Approves",
    "reject": "Rejects",
    "select": "Selects",
    "unselect": "Deselects",
    "expand": "[Expands|Unfolds]",
    "collapse": "[Collapses|Folds up]",
    "pin": "Pins",
    "unpin": "Unpins",
    "favorite": "Marks as a favourite:",
    "follow": "Follows",
    "share": "Shares",
    "install": "Installs",
    "uninstall": "Uninstalls",
    "restart": "Restarts",
    "clone": "Clones",
    "rename": "Renames",
    "move": "Moves",
    "retire": "Retires",
}
_MORE = frozenset(
    [
        "details",
        "more info",
        "read more",
        "learn more",
        "view details",
        "show details",
        "see details",
        "more details",
    ]
)
_ACTIONS = frozenset(
    [
        "actions",
        "more actions",
        "more options",
        "options",
        "kebab toggle",
        "kebab dropdown toggle",
        "menu",
        "more",
        "row actions",
    ]
)
_TURNS = {
    "next": "next",
    "previous": "previous",
    "prev": "previous",
    "first": "first",
    "last": "last",
    "older": "older",
    "newer": "newer",
}


def say(seen: Seen, sight: Sight) -> Meaning | None:
    """What acting on it does; None where that is not certain.

    Args:
        seen: The candidate.
        sight: The page.
    """
    candidate = seen.candidate
    if candidate.state.disabled or candidate.frame or not seen.english:
        return None
    if entries.is_entry(candidate):
        return entries.say_entry(seen)
    name = clean(candidate.name, seen.badge) or _vague(candidate.name)
    if not name or len(name.split()) > MAX_WORDS:
        return None
    for rule in (_sorting, _page_turn, _closing, _alone, _tab, _opening, _asking, say_link):
        made = rule(seen, name, sight)
        if made:
            says, row = made
            return Meaning(says=says, name=name, row=row)
    return None


def _vague(name: str) -> str:
    """A name that says something only together with what it is about."""
    return name if name.lower() in _ACTIONS else ""


def _words(seen: Seen, sight: Sight) -> frozenset[str]:
    return sight.words | listed("common")


def _item_phrase(seen: Seen, item: str) -> str:
    kinds = "[the row of |the entry |the row |]" if seen.item_kind == "row" else "[the item |]"
    return kinds + quoted(item)


Told = tuple[str, str] | None


def _sorting(seen: Seen, name: str, sight: Sight) -> Told:
    if not seen.sorts or seen.candidate.element_type not in ("link", "button", "other") or len(name.split()) > 4:
        return None
    name = re.sub(r"(?i)^sort(?: by)? |\W*(?:activate to sort.*|sort(?:ed)?(?: ascending| descending)?)$", "", name)
    column = lowered(name, _words(seen, sight)) or quoted(name)
    return f"[Sorts the table by|Sorts the rows by|Orders the table by|Orders the rows by] [the column |]{column}", ""


def _page_turn(seen: Seen, name: str, sight: Sight) -> Told:
    word = name.lower().removeprefix("go to ").removesuffix(" page").removesuffix(" slide")
    slide = re.fullmatch(r"slide (\d{1,2})", name.lower().removeprefix("go to "))
    if slide:
        return f"[Goes to|Shows|Moves to] slide {slide[1]}", ""
    number = re.fullmatch(r"(?:page )?(\d{1,3})", word)
    if number:
        return (
            (f"[Goes to|Shows|Jumps to] page {number[1]}[ of the list| of the results|]", "") if seen.paging else None
        )
    if word not in _TURNS:
        return None
    thing = "slide" if seen.sliding else "page[ of the list| of the results|]" if seen.paging else ""
    return (f"[Goes to|Shows|Moves to] the {_TURNS[word]} {thing}", "") if thing else None


def _closing(seen: Seen, name: str, sight: Sight) -> Told:
    if name.lower() not in ("close", "dismiss", "close alert", "close dialog", "close modal", "cancel"):
        return None
    dialog = container(seen.dialog)
    if dialog:
        kept = " without [saving|applying anything]" if name.lower() == "cancel" else ""
        return f"[Closes|Dismisses] the [dialog {quoted(dialog)}|{quoted(dialog)} dialog]{kept}", ""
    if name.lower() == "cancel":
        return None
    if seen.in_dialog:
        return "[Closes|Dismisses] the dialog", ""
    alert = clean(seen.alert)
    about = f" {quoted(alert)}" if len(alert.split()) >= 2 else ""
    return (f"[Dismisses|Closes|Hides] the [message|notice]{about}", "") if seen.alert else None


def _alone(seen: Seen, name: str, sight: Sight) -> Told:
    """A verb by itself, or words that mean nothing without what they are about."""
    word, item = name.lower(), item_of(seen)
    if word == "search" and seen.searching and seen.candidate.element_type != "link":
        return "[Starts|Runs|Carries out] the search", ""
    if word in ("log in", "login", "sign in") and seen.has_password and seen.candidate.element_type != "link":
        return "[Signs|Logs] the user in[ with the details entered|]", ""
    if word in ("log out", "logout", "sign out"):
        return "[Signs|Logs] the user out[ of the site|]", ""
    if word in ("go back", "back") and seen.candidate.element_type == "link":
        return "[Goes|Takes the user] back to the previous page", ""
    if item and word in ("select row", "select this row", "toggle row selection"):
        return f"[Selects|Marks] the row of {quoted(item)}", item
    if item and word in _MORE:
        return f"[Shows|Opens] [the details of|more about] {quoted(item)}", item
    if item and word in _ACTIONS and _opens(seen.candidate):
        return f"[Opens a menu of|Shows|Opens] [further |more |]actions for {quoted(item)}", item
    if item and word in _ALONE:
        return f"{_ALONE[word]} {_item_phrase(seen, item)}", item
    form = container(seen.form) or container(seen.dialog)
    if form and word in ("save", "submit", "apply", "send", "save changes"):
        verb = {"save changes": "[Saves the changes made in|Stores the changes of]"}.get(word, third(word).capitalize())
        return f"{verb} the {quoted(form)} [form|data]", ""
    return None


def _opens(candidate: Candidate) -> bool:
    return bool(candidate.popup) or candidate.state.expanded is not None


def _opening(seen: Seen, name: str, sight: Sight) -> Told:
    """What unfolds something, says so, and is named by a noun."""
    candidate = seen.candidate
    if (
        not _opens(candidate)
        or not re.search(r"[A-Za-z]{2}", name)
        or is_verb(name.split()[0])
        or candidate.element_type not in ("button", "link", "other", "menuitem")
    ):
        return None
    if len(name.split()) > 5 and not name.endswith("?"):
        return None
    shut = candidate.state.expanded is True
    if (seen.unfolded is None and shut) or (seen.unfolded is not None and seen.unfolded != shut):
        return None  # what the page says of itself is not what it shows
    if name.endswith("?"):
        return ("[Hides|Folds up]" if shut else "[Shows|Unfolds|Reveals]") + f" the answer to {quoted(name)}", ""
    plain = re.sub(r"(?i)(?:\s+(?:menu|dropdown|toggle))+$", "", name)
    thing = lowered(plain, _words(seen, sight)) or quoted(plain)
    if candidate.popup in ("menu", "true", "listbox") or plain != name:
        noun = "list" if candidate.popup == "listbox" else "menu"
        return f"{'[Closes|Hides]' if shut else '[Opens|Shows|Unfolds]'} the {thing} {noun}", ""
    if candidate.popup == "dialog":
        return f"[Opens|Shows|Brings up] the {thing} [window|panel|dialog]", ""
    if candidate.popup or name[0].isdigit():
        return None
    if not candidate.text.strip() and not shut:
        return f"[Opens|Shows|Brings up] the {thing}", ""
    if seen.unfolded is None or seen.floats:
        return None  # a section or a list to choose from
    return (
        f"{'[Collapses|Folds up|Hides]' if shut else '[Expands|Unfolds|Opens]'} the [section {quoted(plain)}|{quoted(plain)} section|part {quoted(plain)}]",
        "",
    )


def _asking(seen: Seen, name: str, sight: Sight) -> Told:
    """A name that asks for something: "Mark all as read"."""
    made = predicate(re.sub(r"[.!]+$", "", name), _words(seen, sight))
    if made is None or re.match(r"(?i)skip\b", name):
        return None  # links that skip something are drawn when they have the focus, not before
    item = item_of(seen)
    made = made[0].upper() + made[1:]
    if seen.candidate.element_type == "link" and _leaves(seen, sight) and (page := _page_for(made)):
        made = f"[{made}|{page}]"
    if seen.candidate.element_type == "link" and re.match(
        r"(Reads|Learns|Gets|Finds|Browses|Tries|Sees|Explores) ", made
    ):
        return None  # what a person then does, not what the link does
    if item and seen.item_kind == "row":
        return f"{made} [for|in the row of] {quoted(item)}", item
    return made, ""


def _tab(seen: Seen, name: str, sight: Sight) -> Told:
    if seen.candidate.element_type != "tab" or len(name.split()) > 4 or seen.candidate.state.selected:
        return None
    return f"[Switches to|Opens|Shows] the [tab {quoted(name)}|{quoted(name)} tab]", ""


def _leaves(seen: Seen, sight: Sight) -> bool:
    here, there = urlsplit(sight.observation.url), urlsplit(seen.candidate.href)
    return there.scheme in ("http", "https") and (here.path, here.query) != (there.path, there.query)


def _page_for(made: str) -> str:
    """What a link does whose page is where something is done: "Opens the page for creating an account"."""
    verb, _, rest = imperative(made).partition(" ")
    if verb.lower() not in listed("done on a page"):
        return ""
    return f"Opens the page for {gerund(verb.lower())} {rest}"
