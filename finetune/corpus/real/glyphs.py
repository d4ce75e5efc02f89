"""What a control without a name does, told from its icon's class and what stands around it.

    say_glyph(seen)     -> (Meaning("Deletes “clinic.db”", …), ("fa-trash",)), the class names to be masked; or None

Icons are told only where something else on the page agrees: a search field beside the glass, a row beside the bin.
"""

import re

from magenta_qa.finetune.corpus.page import Meaning
from magenta_qa.finetune.corpus.real.look import Seen
from magenta_qa.finetune.corpus.real.names import clean, container, item_of

_PARTS = re.compile(
    r"^(?:fa[srlbd]?|bi|mdi|icon|uk-icon|glyphicon|ti|la|ri|pf-v\d-c|pficon|octicon|bx)?-?(?:fa-|icon-)?", re.IGNORECASE
)
_ENDINGS = re.compile(r"(?:-(?:alt|o|fill|outline|solid|circle|square|v|h|vertical|horizontal|fw|sm|lg|2x|f|in))+$")
_SAME = {
    "magnifying-glass": "search",
    "trash-can": "trash",
    "bin": "trash",
    "delete": "trash",
    "pen": "pencil",
    "pencil-alt": "pencil",
    "edit": "pencil",
    "pen-to-square": "pencil",
    "times": "close",
    "xmark": "close",
    "remove": "close",
    "dots-three-vertical": "ellipsis",
    "kebab": "ellipsis",
    "more_vert": "ellipsis",
    "more": "ellipsis",
    "hamburger": "bars",
    "menu": "bars",
    "navicon": "bars",
    "gear": "cog",
    "mail": "envelope",
    "house": "home",
    "notifications": "bell",
    "angle-up": "up",
    "arrow-up": "up",
    "chevron-up": "up",
    "angle-left": "left",
    "chevron-left": "left",
    "arrow-left": "left",
    "angle-right": "right",
    "chevron-right": "right",
    "arrow-right": "right",
}
_NETWORKS = {
    "facebook": "Facebook",
    "twitter": "Twitter",
    "github": "GitHub",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "google": "Google",
    "youtube": "YouTube",
    "dribbble": "Dribbble",
    "pinterest": "Pinterest",
    "reddit": "Reddit",
    "gitlab": "GitLab",
}
_WITH_ITEM = {
    "trash": ("Delete", "[Deletes|Removes] [the entry |]"),
    "pencil": ("Edit", "[Edits|Changes] [the entry |]"),
    "download": ("Download", "Downloads "),
    "print": ("Print", "Prints "),
    "eye": ("View", "[Shows|Opens] [the details of |]"),
}
_OPENED = {
    "bell": ("Notifications", "the [notifications|latest notifications]"),
    "envelope": ("Messages", "the [messages|latest messages]"),
    "cog": ("Settings", "the settings"),
    "bars": ("Menu", "the [menu|navigation menu]"),
    "user": ("Account", "the [account menu|user's menu]"),
}


def glyphs(seen: Seen) -> dict[str, str]:
    """Concept -> the class name that it was read from, of all that the candidate's icons are called."""
    found: dict[str, str] = {}
    for name in seen.icons:
        plain = _PARTS.sub("", name.lower(), count=1)
        short = _ENDINGS.sub("", plain)
        for each in (plain, short):
            concept = _SAME.get(each, each)
            if concept in _KNOWN:
                found.setdefault(concept, name)
    return found


_KNOWN = frozenset({*_WITH_ITEM, *_OPENED, *_NETWORKS, "search", "close", "ellipsis", "home", "up", "left", "right"})


def say_glyph(seen: Seen) -> tuple[Meaning, tuple[str, ...]] | None:
    """What it does and what of its HTML would tell; None where that is not certain."""
    candidate = seen.candidate
    if candidate.state.disabled or candidate.frame or candidate.element_type not in ("button", "link", "other"):
        return None
    if re.search(r"[A-Za-z]{2}", candidate.text + candidate.name):
        return None
    found = glyphs(seen)
    if len(found) != 1:
        return None
    concept, told_by = next(iter(found.items()))
    said = _said(concept, seen)
    if said is None:
        return None
    name, says, row = said
    same = tuple(each for each in seen.icons if each == told_by or concept in each.lower())
    return Meaning(says, name, row=row), same


def _said(concept: str, seen: Seen) -> tuple[str, str, str] | None:
    candidate, item = seen.candidate, item_of(seen)
    opens = bool(candidate.popup) or candidate.state.expanded is not None
    heading = clean(next((each.text for each in candidate.context if each.kind == "heading"), ""))
    if concept == "search" and seen.searching and candidate.element_type != "link":
        return "Search", "[Starts|Runs|Carries out] the search", ""
    if concept in _OPENED and opens:
        name, thing = _OPENED[concept]
        return name, f"[Opens|Shows] {thing}", ""
    if concept == "ellipsis" and opens and (item or heading):
        about = item or heading
        return "More actions", f"[Opens a menu of|Opens|Shows] [further |more |]actions for “{about}”", about
    if concept in _WITH_ITEM and item:
        name, says = _WITH_ITEM[concept]
        return name, f"{says}“{item}”", item
    if concept in _NETWORKS and candidate.element_type == "link":
        return (
            _NETWORKS[concept],
            f"[Opens|Leads to|Goes to] the [{_NETWORKS[concept]} page|page on {_NETWORKS[concept]}]",
            "",
        )
    return _moved(concept, seen)


def _moved(concept: str, seen: Seen) -> tuple[str, str, str] | None:
    candidate = seen.candidate
    if concept == "close":
        dialog = container(seen.dialog)
        return ("Close", f"[Closes|Dismisses] the dialog “{dialog}”", "") if dialog else None
    if concept == "home" and candidate.element_type == "link":
        return "Home", "[Goes|Takes the user] [back |]to the home page", ""
    if (
        concept == "up"
        and re.search(r"#(page-?top|top)?$", candidate.href)
        and any("scroll" in i or "top" in i for i in seen.icons)
    ):
        return "Back to top", "Scrolls [back |]up to the top of the page", ""
    if concept in ("left", "right") and (seen.paging or seen.sliding):
        word = "previous" if concept == "left" else "next"
        return word.capitalize(), f"[Goes to|Shows|Moves to] the {word} {'slide' if seen.sliding else 'page'}", ""
    return None
