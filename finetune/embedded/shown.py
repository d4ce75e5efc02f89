"""What the picture of an element alone tells, as one sentence: what the small model learns to say.

    shown_sentence(facts, "")              -> "Deletes (trash icon)."          what acting does, and the icon's name
    shown_sentence(facts, "Clear all")     -> 'Says "Clear all".'

Where the element stands, and what stands beside it, is known without a model and put in when serving
(`model.embedded.placing`): a model this small would make names up. Words of `PHRASES` are general interface vocabulary.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from magenta_qa.finetune.corpus.icons import CONCEPTS
from magenta_qa.model.embedded.placing import icon_sentence, text_sentence

PHRASES = {
    "trash": "Deletes",
    "edit": "Edits",
    "close": "Closes or removes",
    "check": "Confirms or marks as done",
    "plus": "Adds or increases",
    "minus": "Removes or decreases",
    "search": "Searches",
    "cart": "Opens or adds to the cart",
    "heart": "Marks as a favourite",
    "star": "Marks with a star or rates",
    "bell": "Opens the notifications",
    "menu": "Opens the menu",
    "settings": "Opens the settings",
    "user": "Opens the profile",
    "users": "Shows the people",
    "home": "Goes to the home page",
    "mail": "Opens or writes mail",
    "send": "Sends",
    "reply": "Replies",
    "forward": "Forwards",
    "archive": "Archives",
    "download": "Downloads",
    "upload": "Uploads",
    "print": "Prints",
    "share": "Shares",
    "copy": "Copies or duplicates",
    "link": "Copies or inserts a link",
    "image": "Adds or shows a picture",
    "attach": "Attaches a file",
    "emoji": "Adds an emoji",
    "mic": "Records or mutes the microphone",
    "phone": "Calls",
    "video": "Starts a video call",
    "calendar": "Opens the calendar",
    "clock": "Shows or sets the time",
    "filter": "Filters",
    "sort": "Sorts",
    "refresh": "Refreshes",
    "undo": "Undoes",
    "redo": "Does again",
    "bold": "Makes the selection bold",
    "italic": "Makes the selection italic",
    "underline": "Underlines the selection",
    "strike": "Strikes the selection through",
    "list-ul": "Makes a list with bullets",
    "list-ol": "Makes a numbered list",
    "quote": "Makes a quotation",
    "code": "Shows or inserts code",
    "align-left": "Aligns to the left",
    "align-center": "Centres",
    "align-right": "Aligns to the right",
    "play": "Plays or starts",
    "pause": "Pauses",
    "next-track": "Skips to the next",
    "prev-track": "Skips to the previous",
    "shuffle": "Shuffles",
    "repeat": "Repeats",
    "volume": "Sets the volume",
    "mute": "Mutes",
    "fullscreen": "Shows in full screen",
    "zoom-in": "Zooms in",
    "zoom-out": "Zooms out",
    "locate": "Shows the current location",
    "layers": "Shows the layers",
    "pin": "Shows the place or pins",
    "chevron-left": "Goes to the previous",
    "chevron-right": "Goes to the next",
    "chevron-down": "Opens or expands",
    "arrow-left": "Goes back",
    "arrow-right": "Goes forward",
    "more": "Opens more actions",
    "eye": "Shows or previews",
    "eye-off": "Hides",
    "lock": "Locks",
    "login": "Signs in",
    "logout": "Signs out",
    "folder": "Opens the folder",
    "folder-plus": "Creates a folder",
    "file": "Opens the document",
    "save": "Saves",
    "help": "Opens the help",
    "info": "Shows information",
    "chart": "Shows the figures",
    "tag": "Tags",
    "flag": "Flags",
    "bookmark": "Bookmarks",
    "thumb-up": "Likes",
    "thumb-down": "Dislikes",
    "moon": "Switches to the dark theme",
    "sun": "Switches to the light theme",
    "globe": "Changes the language",
    "key": "Shows the keys or the password",
    "card": "Shows the payment card",
    "truck": "Shows the delivery",
    "gift": "Adds a gift",
    "grid": "Shows a grid",
    "columns": "Chooses the columns",
    "table": "Inserts or shows a table",
    "drag": "Moves",
    "pencil-ruler": "Measures",
    "comment": "Comments",
    "bolt": "Runs",
    "wrench": "Opens the tools",
    "power": "Switches on or off",
    "database": "Shows the data",
    "terminal": "Opens the console",
    "brush": "Paints or changes the colour",
    "crop": "Crops",
    "rotate": "Rotates",
    "cut": "Cuts",
    "paste": "Pastes",
    "headphones": "Listens",
    "camera": "Takes a photo",
    "wallet": "Opens the wallet",
    "briefcase": "Shows the business",
    "map": "Shows the map",
    "spam": "Reports",
    "translate": "Translates",
    "sidebar": "Shows or hides the sidebar",
    "history": "Shows the history",
}
"""What acting on the icon of a concept does; where it can be two things, both are said."""
OTHERWISE = "Activates"
"""For an icon of no concept: its name is all there is to say."""
MAX_TEXT = 28
"""Characters that are read; a longer text is not asked about."""

_FORMS = frozenset(
    {"outline", "outlined", "filled", "fill", "solid", "line", "linear", "bold", "broken", "regular", "duotone"}
    | {"twotone", "sharp", "baseline", "round", "16", "20", "24", "o", "alt"}
)
"""Words of icons' names that say how they are drawn."""


def shown_sentence(facts: Mapping[str, Any], text: str) -> str:
    """What the picture tells; empty where nothing is to be learned from it.

    Args:
        facts: Of the row: `shown` and `icon`, as "tabler:trash-filled".
        text: The element's visible text.
    """
    if facts["shown"] == "icon" and facts["icon"]:
        concept = concept_of(facts["icon"].partition(":")[2])
        return icon_sentence(PHRASES.get(concept, OTHERWISE), concept.replace("-", " "))
    text = " ".join(text.split())
    readable = facts["shown"] in ("text", "both") and 1 < len(text) <= MAX_TEXT and '"' not in text
    return text_sentence(text) if readable else ""


def concept_of(name: str) -> str:
    """The concept that an icon's name stands for in its set, else the name without words of form.

    Args:
        name: Such as "baseline-delete" or "x-16".
    """
    if name in _concepts():
        return _concepts()[name]
    words = [word for word in re.split(r"[-_]", name) if word not in _FORMS]
    plain = "-".join(words).removeprefix("bxs-")
    return _concepts().get(plain, plain or name)


@cache
def _concepts() -> dict[str, str]:
    """Name to concept; of several the one that has it further to the front."""
    ranked = sorted(
        (rank, concept, name) for concept, names in CONCEPTS.items() for rank, name in enumerate(names.split())
    )
    found: dict[str, str] = {}
    for _, concept, name in ranked:
        found.setdefault(name, concept)
    return found
