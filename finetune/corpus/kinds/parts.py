"""Pieces that many kinds of pages share: row actions, pagination, sorting headers, filters, tool bars."""

from random import Random

from magenta_qa.finetune.corpus.page import Control, Group, Node, Text, button, link, select, text_field

_ACTIONS: dict[str, tuple[str, str, str, str]] = {
    # name: icon, grammar with {thing} and {place}, behaviour, grammar once it is on
    "Edit": ("edit", "[Edits|Opens the editor for|Changes|Opens a form to edit] {thing}", "", ""),
    "Delete": ("trash", "[Deletes {thing} {place}|Removes {thing} {place}|Gets rid of {thing}]", "remove", ""),
    "Remove": ("trash", "[Removes|Takes] {thing} {place}", "remove", ""),
    "Copy": ("copy", "[Duplicates|Makes a copy of|Copies] {thing}", "", ""),
    "View": ("eye", "[Shows|Opens|Displays] [the details of {thing}|{thing}]", "", ""),
    "Download": ("download", "[Downloads|Saves a copy of] {thing}", "", ""),
    "Share": ("share", "[Shares {thing} with others|Opens the sharing options of {thing}|Shares {thing}]", "", ""),
    "Archive": (
        "archive",
        "[Archives {thing}|Moves {thing} to the archive|Puts {thing} into the archive]",
        "remove",
        "",
    ),
    "Star": (
        "star",
        "[Stars {thing}|Marks {thing} with a star|Adds a star to {thing}]",
        "toggle",
        "[Removes the star from|Unstars] {thing}",
    ),
    "Favourite": (
        "heart",
        "[Adds {thing} to the favourites|Marks {thing} as a favourite|Saves {thing} as a favourite]",
        "toggle",
        "[Removes {thing} from the favourites]",
    ),
    "Bookmark": ("bookmark", "[Bookmarks|Saves a bookmark for] {thing}", "toggle", "[Removes the bookmark of] {thing}"),
    "Flag": (
        "flag",
        "[Flags {thing}|Marks {thing} with a flag|Reports {thing}]",
        "toggle",
        "[Removes the flag from] {thing}",
    ),
    "Pin": ("pin", "[Pins {thing} to the top|Keeps {thing} at the top]", "toggle", "[Unpins] {thing}"),
    "More": ("more", "[Opens the menu of|Shows more actions for|Opens further options for] {thing}", "", ""),
    "Print": ("print", "[Prints|Opens the print view of] {thing}", "", ""),
    "Lock": ("lock", "[Locks {thing}|Protects {thing} against changes]", "toggle", "[Unlocks] {thing}"),
    "Mail": ("mail", "[Writes an e-mail to|Sends a message to|Opens a new message to] {thing}", "", ""),
    "Send": ("mail", "[Sends {thing} by e-mail|Mails {thing} to somebody|E-mails {thing}]", "", ""),
    "Call": ("phone", "[Calls|Starts a call with|Rings] {thing}", "", ""),
    "History": ("history", "[Shows the history of|Opens the past versions of|Lists the changes to] {thing}", "", ""),
    "Link": ("link", "[Copies the link to|Gets a link to] {thing}", "", ""),
    "Restart": ("refresh", "[Restarts {thing}|Runs {thing} again]", "", ""),
    "Up": ("arrow-left", "", "", ""),
}


def action(name: str, thing: str, row: str, place: str = "", label: str | None = None, **more: object) -> Control:
    """One action on one thing of several.

    Args:
        name: Key of the action.
        thing: With its article: "the order 1042".
        row: What a tester tells it apart by: "order 1042".
        place: Where it is: "from the list".
        label: Its text, where it is not its name.
        more: Further fields of `button`.
    """
    icon, grammar, does, undo = _ACTIONS[name]
    return button(
        grammar.format(thing=thing, place=place),
        name if label is None else label,
        icon,
        name=name,
        row=row,
        does=does,
        undo=undo.format(thing=thing, place=place),
        **more,
    )


def pick_actions(r: Random, names: list[str], thing: str, row: str, place: str, show: str) -> Group:
    """Several actions in a row."""
    return Group("toolbar", [action(name, thing, row, place, show=show, look=_look(name, show)) for name in names])


def _look(name: str, show: str) -> str:
    return "danger" if name in ("Delete", "Remove") and show != "icon" else "ghost" if show == "icon" else "plain"


def pagination(r: Random, things: str) -> Group:
    """Links to further pages of a list.

    Args:
        r: Source of chance.
        things: What the list holds: "orders".
    """
    current, last = r.randrange(1, 5), r.randrange(5, 12)
    made: list[Node] = []
    previous, following = r.choice([("Previous", "Next"), ("‹", "›"), ("«", "»"), ("Newer", "Older"), ("Prev", "Next")])
    icons = r.random() < 0.4
    back = f"[Goes back|Goes|Returns] to the previous page of [{things}|the list of {things}]"
    onward = f"[Goes|Turns|Goes on] to the next page of [{things}|the list of {things}]"
    made.append(
        link(
            back,
            previous,
            "?page=prev",
            "chevron-left" if icons else "",
            name="Previous",
            show="icon" if icons else "text",
        )
    )
    for page in range(max(1, current - 1), min(last, current + 3) + 1):
        says = f"[Goes to|Shows|Opens|Jumps to] page {page} of [the {things}|the list of {things}|{things}]"
        made.append(link(says, str(page), f"?page={page}", on=page == current, name=f"page {page}", does="pick"))
    made.append(
        link(
            onward,
            following,
            "?page=next",
            "chevron-right" if icons else "",
            name="Next",
            show="icon" if icons else "text",
        )
    )
    if r.random() < 0.4:
        sizes = ("10", "20", "50", "100")
        made.append(
            select(
                f"number of {things} [on a page|per page]".replace(
                    "[on a page|per page]", r.choice(["on a page", "per page"])
                ),
                "",
                sizes,
                r.choice(sizes),
                name="Rows per page",
            )
        )
    return Group("pagination", made)


def sort_header(label: str, things: str, r: Random) -> Control:
    """A table's header that sorts."""
    says = f"Sorts the {things} by {label.lower()}"
    return button(
        says, label, r.choice(["", "sort"]), look="ghost", name=label, show="both" if r.random() < 0.5 else "text"
    )


def headers(r: Random, labels: list[str], things: str) -> tuple[str | Control, ...]:
    """Headers, some of which sort."""
    sorts = r.random() < 0.5
    return tuple(sort_header(label, things, r) if sorts and label and r.random() < 0.7 else label for label in labels)


def search_bar(r: Random, things: str, example: str) -> list[Node]:
    """A field to search a list with, perhaps with a button."""
    says = f"[Searches the {things}|Filters the {things} by what is typed|Looks for something among the {things}|Takes the text to search the {things} for]"
    label = r.choice(["Search", "Search", f"Search {things}", f"Find {things}", "Filter"])
    field = text_field(
        f"search text for the {things}",
        r.choice(["", "", label]),
        example,
        says,
        name=label,
        placeholder=r.choice([label, f"Search {things}…", "", "Type to filter"]),
        input_type=r.choice(["search", "text"]),
    )
    if r.random() < 0.6:
        go = f"[Searches the {things}|Runs the search|Finds the {things} that match]"
        return [field, button(go, r.choice(["Search", "Go", "Find"]), "search")]
    return [field]


def save_cancel(r: Random, thing: str, place: str = "") -> Group:
    """The buttons under a form.

    Args:
        r: Source of chance.
        thing: What is saved: "the user".
        place: What cancelling returns to.
    """
    label = r.choice(["Save", "Save changes", "Apply", "Update", "OK", "Done", "Submit"])
    cancel = r.choice(["Cancel", "Discard", "Back", "Reset"])
    undo = {
        "Back": "[Goes back|Returns] without saving",
        "Reset": f"[Resets the form|Undoes the changes to {thing}|Puts the fields back as they were]",
    }.get(cancel, f"[Discards the changes to|Cancels editing|Leaves without saving] {thing}")
    save = button(
        f"[Saves|Stores] [{thing}|the changes to {thing}]",
        label,
        "save" if r.random() < 0.3 else "",
        look="primary",
        does="say:Saved",
    )
    leave = button(undo, cancel, "", does="say:Discarded")
    return Group("row", [save, leave] if r.random() < 0.6 else [leave, save])


def title_bar(title: str, *controls: Node) -> Group:
    """A page's heading with controls beside it."""
    return Group("between", [Text(title, "heading"), Group("row", list(controls))])
