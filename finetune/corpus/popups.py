"""Furnishes a page with what its controls open: menus, panels, dialogs, calendars, and notices after which one can undo.

    furnish(nodes, Random("page 4"), world)      # the "More" button of a row now has a menu, a date field a calendar

What a control opens is part of the page from the start, hidden; `photograph` opens it and looks again.
"""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from random import Random

from magenta_qa.finetune.corpus.labels import controls_of
from magenta_qa.finetune.corpus.page import Control, Group, Node, Text, button, check, link, option, select, text_field
from magenta_qa.finetune.corpus.vocabulary import World

MAX_POPUPS = 6
"""Of one page: hidden elements cost time too."""

ENTRIES: tuple[tuple[str, str, str], ...] = (
    ("Open", "eye", "[Opens|Shows] {}"),
    ("Rename", "edit", "[Renames|Changes the name of] {}"),
    ("Duplicate", "copy", "[Duplicates|Makes a copy of] {}"),
    ("Move to…", "folder", "[Moves {} somewhere else|Moves {} to another folder]"),
    ("Share", "share", "[Shares|Opens the sharing options of] {}"),
    ("Download", "download", "[Downloads|Saves a copy of] {}"),
    ("Print", "print", "[Prints|Opens the print view of] {}"),
    ("Delete", "trash", "[Deletes|Removes] {}"),
    ("Properties", "info", "[Shows|Opens] the properties of {}"),
    ("Add to favourites", "star", "[Adds {} to the favourites|Marks {} as a favourite]"),
    ("Copy link", "link", "[Copies|Gets] the link to {}"),
    ("Archive", "archive", "[Archives|Puts away] {}"),
    ("History", "history", "[Shows|Opens] the history of {}"),
    ("Assign to me", "user", "[Assigns {} to the user|Takes {} over]"),
    ("Merge…", "layers", "[Merges {} with another one|Joins {} with something else]"),
    ("Export as PDF", "file", "[Exports {} as a PDF|Saves {} as a PDF file]"),
    ("Report a problem", "flag", "[Reports a problem with|Complains about] {}"),
    ("Lock", "lock", "[Locks {}|Protects {} against changes]"),
    ("Add a comment", "comment", "[Adds a comment to|Comments on] {}"),
    ("Notify people", "bell", "[Notifies people about|Sends a notification about] {}"),
)
_ACCOUNT = (
    ("Your profile", "user", "[Opens|Shows] the user's [own profile|profile page]"),
    ("Account settings", "settings", "[Opens|Shows] the settings of the account"),
    ("Billing", "card", "[Opens|Shows] the [billing page|invoices and payment methods]"),
    ("Keyboard shortcuts", "bolt", "[Shows|Lists] the keyboard shortcuts"),
    ("Switch account", "users", "[Switches|Changes] to another account"),
    ("Language", "globe", "[Opens the choice of languages|Lets the user change the language]"),
    ("Help centre", "help", "[Opens|Goes to] the help [centre|pages]"),
    ("Sign out", "logout", "[Signs the user out|Ends the session]"),
)
_NEW = (
    ("Project", "briefcase", "[Creates|Starts] a new project"),
    ("Task", "check", "[Creates|Adds] a new task"),
    ("Document", "file", "[Creates|Starts] a new document"),
    ("Folder", "folder-plus", "[Creates|Adds] a new folder"),
    ("Contact", "user", "[Creates|Adds] a new contact"),
    ("Event", "calendar", "[Creates|Plans] a new event"),
    ("Message", "mail", "[Writes|Starts] a new message"),
    ("Upload", "upload", "[Uploads|Adds] files from the computer"),
)
_LANGUAGES = ("English", "Deutsch", "Français", "Español", "Italiano", "Polski", "Português", "Svenska", "Nederlands")


def furnish(nodes: list[Node], r: Random, w: World) -> None:
    """Give some controls of a page something to open; of those that could have it, a few are chosen.

    Args:
        nodes: The page; date fields among them get a button beside them.
        r: Source of chance of the page.
        w: The site's.
    """
    openers = [(control, make) for control in controls_of(nodes) if (make := _maker(control))]
    for control, make in r.sample(openers, min(len(openers), MAX_POPUPS)):
        control.popup = make(control, r, w)
        control.does = "remove" if control.does == "remove" else "popup"
    for group in _groups(nodes):
        group.children = [_with_calendar(child, r) for child in group.children]


def _maker(control: Control) -> Callable[[Control, Random, World], Group] | None:
    if control.popup or control.role not in ("button", "link") or control.on or control.disabled:
        return None
    if control.does == "remove":
        return _toast
    concept = control.icon or control.meaning.name.lower()
    made = {"more": _menu, "bell": _notices, "globe": _languages, "translate": _languages, "filter": _filter}
    by_name = {"Account": _account, "New": _new, "Share": _sharing, "Columns": _columns}
    return by_name.get(control.meaning.name) or (made.get(concept) if not control.does else None)


def menu_of(thing: str, row: str, r: Random) -> Group:
    """A menu of what can be done with something.

    Args:
        thing: Grammar of its name.
        row: What a tester calls it.
        r: Source of chance.
    """
    chosen = sorted(r.sample(range(len(ENTRIES)), r.randrange(4, 9)))
    return Group("menu", _entries(ENTRIES, chosen, r, thing, row))


def _entries(
    entries: tuple[tuple[str, str, str], ...], chosen: list[int], r: Random, thing: str = "", row: str = ""
) -> list[Node]:
    show = r.choice(["both", "text", "text"])
    return [
        button(entries[n][2].replace("{}", thing), entries[n][0], entries[n][1], look="ghost", show=show, row=row)
        for n in chosen
    ]


def _menu(control: Control, r: Random, w: World) -> Group:
    row = control.meaning.row
    if not row or r.random() < 0.5:
        return menu_of("[the entry|this entry]" if row else r.choice(["this page", "the page"]), "", r)
    made = menu_of(f"[{row}|the entry {row}]", row, r)  # some menus say what they are about
    made.children.insert(0, Text(row, "muted"))
    return made


def _account(control: Control, r: Random, w: World) -> Group:
    return Group("menu", _entries(_ACCOUNT, sorted(r.sample(range(len(_ACCOUNT)), r.randrange(3, 7))), r))


def _new(control: Control, r: Random, w: World) -> Group:
    return Group("menu", _entries(_NEW, r.sample(range(len(_NEW)), r.randrange(3, 6)), r))


def _languages(control: Control, r: Random, w: World) -> Group:
    chosen = r.sample(_LANGUAGES, r.randrange(3, 7))
    says = "[Shows the site in {0}|Changes the language to {0}|Switches to {0}]"
    return Group("options", [option(says.format(each), each, n == 0, does="pick") for n, each in enumerate(chosen)])


def _notices(control: Control, r: Random, w: World) -> Group:
    rows: list[Node] = [Text("Notifications", "strong")]
    for n, subject in enumerate(w.subjects(r.randrange(2, 5))):
        who = w.person().first
        text = r.choice(
            [f"{who} commented on {subject}", f"{who} shared {subject} with you", f"{subject} was approved"]
        )
        dismiss = button(
            f"[Dismisses|Removes] the notification about {subject}",
            "Dismiss",
            "close",
            row=subject,
            show="icon",
            look="ghost",
            does="stay",
        )
        rows.append(
            Group("item", [link(f"[Opens|Shows] {subject}", text, f"/n/{n}", name=text), Group("grow"), dismiss])
        )
    rows.append(button("[Marks all notifications as read|Clears the new notifications]", "Mark all as read", "check"))
    return Group("panel", rows)


def _filter(control: Control, r: Random, w: World) -> Group:
    what = w.some(
        "Open|Closed|Overdue|Assigned to me|Unread|Draft|Archived|Urgent|Shared|Without owner", r.randrange(2, 6)
    )
    boxes: list[Node] = [
        check(
            each.lower(),
            each,
            r.random() < 0.3,
            f"[Shows entries that are {each.lower()}|Adds {each.lower()} entries to those shown]",
            f"[Hides|Leaves out] entries that are {each.lower()}",
        )
        for each in what
    ]
    buttons: list[Node] = [
        button("[Applies the filters|Shows what fits the filters]", "Apply", look="primary"),
        button("[Resets|Clears|Removes] all filters", r.choice(["Reset", "Clear all"])),
    ]
    return Group("panel", [*boxes, Group("row", buttons)], title=r.choice(["", "Filters"]))


def _columns(control: Control, r: Random, w: World) -> Group:
    names = w.some("Name|Owner|Status|Created|Due|Priority|Amount|Tags|Team", r.randrange(3, 7))
    return Group(
        "panel",
        [
            check(each, each, r.random() < 0.7, f"Shows the column {each}", f"Hides the column {each}", does="")
            for each in names
        ],
    )


def _sharing(control: Control, r: Random, w: World) -> Group:
    what = control.meaning.row or "the page"
    rights = ("Can view", "Can comment", "Can edit")
    add: list[Node] = [
        text_field(f"person to share {what} with", "Invite", w.person().email, placeholder="name@example.com"),
        select("rights of the invited person", "", rights, r.choice(rights[1:]), name="Rights"),
        button(f"[Shares {what} with the person|Sends the invitation]", "Send invite", "send", look="primary"),
    ]
    rest: list[Node] = [
        button(f"[Copies|Gets] the link to {what}", "Copy link", "link"),
        button("[Closes|Dismisses] the sharing dialog", "Done"),
    ]
    return Group("dialog", [*add, Group("row", rest)], title=f"Share {what}")


def _toast(control: Control, r: Random, w: World) -> Group:
    what = control.meaning.row or "The entry"
    undo = f"[Undoes the deletion|Takes the deletion back|Brings {control.meaning.row or 'the entry'} back]"
    parts: list[Node] = [
        Text(f"{what} {r.choice(['was removed', 'deleted', 'is gone', 'moved to the trash'])}"),
        button(
            undo, r.choice(["Undo", "Undo", "Restore", "Take back"]), "undo" if r.random() < 0.3 else "", look="ghost"
        ),
    ]
    if r.random() < 0.6:
        parts.append(
            button("[Closes|Dismisses|Hides] the [message|notice]", "Close", "close", show="icon", look="ghost")
        )
    return Group("toast", parts)


def _groups(nodes: list[Node]) -> Iterator[Group]:
    for node in nodes:
        if isinstance(node, Group):
            yield node
            yield from _groups(node.children)


def _with_calendar(node: Node, r: Random) -> Node:
    """A date field with a button beside it that opens a calendar, or one that opens it itself."""
    if not isinstance(node, Control) or node.input_type != "date" or r.random() < 0.35:
        return node
    node.input_type = "text"
    thing = node.meaning.thing
    if r.random() < 0.4:
        node.popup = date_picker(thing, date.fromisoformat(node.meaning.value), r)
        return node
    says = f"[Opens a calendar to choose the {thing}|Opens the date picker for the {thing}|Shows a calendar for the {thing}]"
    opener = button(says, "Choose date", "calendar", name=f"calendar of {node.meaning.name}", show="icon")
    opener.popup = date_picker(thing, date.fromisoformat(node.meaning.value), r)
    return Group("row", [node, opener])


def date_picker(thing: str, day: date, r: Random) -> Group:
    """A month to choose a day of.

    Args:
        thing: What the day is: "day of arrival"; some calendars say it.
        day: One day of the month.
        r: Source of chance.
    """
    month = f"{calendar.month_name[day.month]} {day.year}"
    before, after = r.choice([("‹", "›"), ("Prev", "Next"), ("<", ">"), ("←", "→")])
    icons = r.random() < 0.6
    head: list[Node] = [
        button(
            "[Shows|Goes back to|Turns to] the [previous month|month before]",
            before,
            "chevron-left" if icons else "",
            name="Previous month",
            show="icon" if icons else "text",
            look="ghost",
            does="stay",
        ),
        Text(month, "strong"),
        button(
            "[Shows|Goes on to|Turns to] the [next month|month after]",
            after,
            "chevron-right" if icons else "",
            name="Next month",
            show="icon" if icons else "text",
            look="ghost",
            does="stay",
        ),
    ]
    titled = r.random() < 0.4
    first = r.choice([0, 6])
    weeks: list[Node] = [Text(each[:2], "muted") for each in _weekdays(first)]
    for week in calendar.Calendar(first).monthdatescalendar(day.year, day.month):
        weeks += [_day(each, thing if titled else "", day) if each.month == day.month else Text("") for each in week]
    foot: list[Node] = [
        button("[Sets the date to today|Chooses today as the date]", "Today", does="choose:today", look="ghost"),
        button("[Clears|Empties|Removes] the date", "Clear", does="choose:", look="ghost"),
    ]
    shown: list[Node] = [Group("between", head), Group("week", weeks), *(foot if r.random() < 0.5 else [])]
    return Group("calendar", shown, title=thing[0].upper() + thing[1:] if titled else "")


def _weekdays(first: int) -> list[str]:
    names = list(calendar.day_name)
    return names[first:] + names[:first]


def _day(each: date, thing: str, chosen: date) -> Control:
    told = f"{each.day} {calendar.month_name[each.month]}"
    says = f"[Sets the {thing} to {told}|Chooses {told} as the {thing}|Picks {told} for the {thing}]"
    if not thing:  # nothing in sight says what the day is for
        says = f"[Sets the date to {told}|Chooses {told}[ as the date|]|Picks {told}[ in the calendar|]|Selects {told}]"
    made = button(says, str(each.day), name=told, look="ghost", show="text", does=f"choose:{each.isoformat()}")
    return replace(made, on=each == chosen) if each == chosen else made
