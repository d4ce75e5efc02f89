"""Parts that stand on pages of any kind: trees, date ranges, sliders, ratings, tags, feeds, editors, footers, banners.

with_panels(page, Random("page 4"), world)     # puts some of them around what the page shows
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from magenta_qa.finetune.corpus.kinds.documents import format_bar
from magenta_qa.finetune.corpus.kinds.parts import action
from magenta_qa.finetune.corpus.kinds.surroundings import banner, crumbs, footer, views
from magenta_qa.finetune.corpus.page import (
    Control,
    Group,
    Meaning,
    Node,
    Page,
    Picture,
    Text,
    area,
    button,
    check,
    link,
    tab,
    text_field,
)
from magenta_qa.finetune.corpus.vocabulary import World


def with_panels(page: Page, r: Random, w: World) -> Page:
    """The page with a few panels before, after or beside its content."""
    if page.kind in ("sign in", "sign up", "wizard", "icon bars"):
        return page
    chosen = r.sample(PANELS, r.choice([1, 2, 2, 3, 3, 4]))
    panels = [panel(r, w) for panel in chosen]
    beside: list[Node] = [panel for panel in panels if panel.layout == "card"]
    if beside and page.shell != "full" and r.random() < 0.5:
        kept = [panel for panel in panels if panel.layout != "card"]
        sides: list[Node] = [Group("main", page.body), Group("aside", beside)]
        page.body = [Group("split", sides if r.random() < 0.6 else sides[::-1])]
        panels = kept
    for panel in panels:
        page.body = [panel, *page.body] if panel.layout in ("alert", "bar", "breadcrumb") else [*page.body, panel]
    return page


def slider(thing: str, label: str, value: int, says: str = "") -> Control:
    """A slider that sets `thing`."""
    meaning = Meaning(says or f"[Sets|Changes|Adjusts] the {thing}", label or thing, thing=thing)
    return Control("slider", meaning, label, value=str(value))


def _tree(r: Random, w: World) -> Group:
    """Folders within folders."""
    what, title = r.choice(
        [("folder", "Folders"), ("category", "Categories"), ("department", "Departments"), ("section", "Sections")]
    )
    rows: list[Node] = [Text(title, "strong")]
    tools = r.sample(["add", "rename", "delete"], r.randrange(0, 3))
    for n, name in enumerate(w.topics(r.randrange(3, 6))):
        fold = button(
            f"[Folds|Collapses|Closes] the {what} {name}",
            "▾",
            "chevron-down",
            name=f"Collapse {name}",
            show="icon",
            look="ghost",
            does=f"fold:branch{n}",
            on=True,
        )
        row: list[Node] = [
            fold,
            link(f"[Opens|Shows] the {what} {name}", name, f"/tree/{n}", "folder", show=r.choice(["both", "text"])),
        ]
        row += [_tree_tool(each, what, name) for each in tools]
        leaves: list[Node] = [
            link(f"[Opens|Shows] {leaf}[ in {name}|]", leaf, f"/tree/{n}/{k}", "file", show=r.choice(["both", "text"]))
            for k, leaf in enumerate(w.subjects(r.randrange(1, 4)))
        ]
        rows += [Group("toolbar", row), Group("branch", leaves, id=f"branch{n}")]
    return Group("card", rows)


def _tree_tool(kind: str, what: str, name: str) -> Control:
    says, icon, label = {
        "add": (f"[Adds|Creates] a new {what} in {name}", "plus", "Add"),
        "rename": (f"[Renames|Changes the name of] the {what} {name}", "edit", "Rename"),
        "delete": (f"[Deletes|Removes] the {what} {name}", "trash", "Delete"),
    }[kind]
    return button(says, label, icon, row=name, show="icon", look="ghost")


def _dates(r: Random, w: World) -> Group:
    """A span of days."""
    of = r.choice(["report", "export", "statistics", "holiday request", "booking", "project", "subscription"])
    first = w.date(-60, 60)
    last = first + timedelta(days=r.randrange(2, 60))
    fields: list[Node] = [
        text_field(
            f"first day of the {of}", r.choice(["From", "Start", "Begins"]), first.isoformat(), input_type="date"
        ),
        text_field(f"last day of the {of}", r.choice(["To", "Until", "Ends"]), last.isoformat(), input_type="date"),
    ]
    presets: list[Node] = [
        button(f"[Sets the {of} to|Chooses] {each.lower()}[ as the period|]", each, look="ghost")
        for each in w.some("Today|Last 7 days|This month|Last month|This quarter|This year|All time", r.randrange(0, 4))
    ]
    go = button(
        f"[Applies the period|Shows the {of} for the period]", r.choice(["Apply", "Update", "Show"]), look="primary"
    )
    return Group(r.choice(["bar", "card"]), [Text(f"Period of the {of}", "strong"), *fields, *presets, go])


def _sliders(r: Random, w: World) -> Group:
    """Things to set by degrees, and by steps."""
    pool = [
        ("maximum price", "Max. price"),
        ("brightness of the screen", "Brightness"),
        ("size of the text", "Text size"),
        ("distance of the results", "Distance"),
        ("quality of the picture", "Quality"),
        ("temperature of the room", "Temperature"),
        ("speed of the playback", "Speed"),
        ("number of seconds between slides", "Interval"),
    ]
    rows: list[Node] = [slider(thing, label, r.randrange(5, 95)) for thing, label in r.sample(pool, r.randrange(1, 4))]
    what = r.choice(["guests", "copies", "seats", "licences", "rooms", "nights", "boxes", "participants"])
    steps: list[Node] = [
        Text(what.capitalize()),
        button(f"[Lowers|Reduces|Decreases] the number of {what}", "−", "minus", name=f"fewer {what}", show="icon"),
        Text(str(r.randrange(1, 9)), "strong"),
        button(f"[Raises|Increases] the number of {what}", "+", "plus", name=f"more {what}", show="icon"),
    ]
    reset = button("[Puts the sliders back|Resets all values] to the defaults", "Defaults", "refresh")
    return Group("card", [*rows, Group("row", steps), *([reset] if r.random() < 0.5 else [])])


def _rating(r: Random, w: World) -> Group:
    """Stars to give."""
    what = r.choice([w.product().name, "the delivery", "this page", "the support", w.subject()])
    stars: list[Node] = [
        button(
            f"[Rates {what} with|Gives {what}] {n} {'star' if n == 1 else 'stars'}",
            "★",
            "star",
            name=f"{n} {'star' if n == 1 else 'stars'}",
            show="icon",
            look="ghost",
            does="pick",
        )
        for n in range(1, 6)
    ]
    words = area(f"comment on {what}", r.choice(["Comment", "Your review", "Anything to add?"]), w.sentence(6))
    send = button(
        f"[Submits|Sends] the [rating|review] of {what}", r.choice(["Send", "Submit review", "Rate"]), look="primary"
    )
    return Group("card", [Text(f"Rate {what}", "subheading"), Group("toolbar", stars), words, send])


def _tags(r: Random, w: World) -> Group:
    """Labels that can be taken off and put on."""
    chips: list[Node] = []
    for n, name in enumerate(
        w.some("urgent|travel|invoice|draft|internal|q3|legal|bug|idea|home|vip|2027", r.randrange(3, 7))
    ):
        off = button(
            f"[Removes the tag {name}|Takes off the tag {name}]",
            "×",
            "close",
            name=f"Remove {name}",
            show="icon",
            look="ghost",
            does="remove",
        )
        chips.append(Group("row", [Text(name, "badge"), off], id=f"row-tag{n}"))
    add = text_field("new tag", "", w.pick("budget|later|review|archive"), name="Add tag", placeholder="Add a tag…")
    more = button("[Adds the tag|Puts the tag on]", "Add", "plus")
    return Group("card", [Text("Tags", "strong"), Group("toolbar", chips), Group("row", [add, more])])


def _feed(r: Random, w: World) -> Group:
    """What happened, with answers to it."""
    rows: list[Node] = [Text(r.choice(["Activity", "Comments", "Recent changes", "Timeline"]), "subheading")]
    names = r.sample(["like", "reply", "more", "copy", "edit"], r.randrange(2, 4))
    for n, who in enumerate(w.people(r.randrange(2, 5))):
        its = f"{who.first}'s [comment|post]"
        tools = {
            "like": button(
                f"[Likes|Gives a thumbs-up to] {its}",
                "Like",
                "thumb-up",
                does="toggle",
                undo=f"Takes the like of {who.first}'s comment back",
            ),
            "reply": button(f"[Replies to|Answers] {its}", "Reply", "reply"),
            "more": action("More", f"{who.first}'s comment", f"comment of {who.first}"),
            "copy": button(f"[Copies|Gets] the link to {its}", "Copy link", "link"),
            "edit": button(f"[Edits|Changes] {its}", "Edit", "edit"),
        }
        bar: list[Node] = []
        for each in names:
            tools[each].show, tools[each].look = r.choice(["icon", "text", "icon"]), "ghost"
            tools[each].meaning = _of_row(tools[each].meaning, f"comment of {who.first}")
            bar.append(tools[each])
        rows.append(
            Group(
                "item",
                [Picture("avatar", who.name), Text(who.first, "strong"), Text(w.sentence(7)), Group("grow"), *bar],
                id=f"row-feed{n}",
            )
        )
    rows.append(
        link(
            "[Shows|Loads] [older entries|more of the activity]",
            r.choice(["Show more", "Load older", "See all"]),
            "/activity",
        )
    )
    return Group("card", rows)


def _of_row(meaning: Meaning, row: str) -> Meaning:
    return Meaning(meaning.says, meaning.name, row, meaning.thing, meaning.value, meaning.undo)


def _composer(r: Random, w: World) -> Group:
    """A small editor with its tools."""
    what = r.choice(["comment", "reply", "note", "answer", "post"])
    text = area(
        f"text of the {what}",
        "",
        w.sentence(7),
        f"[Takes|Holds] the text of the {what}",
        name=what.capitalize(),
        placeholder=f"Write a {what}…",
    )
    send = button(
        f"[Publishes|Posts|Sends] the {what}",
        r.choice(["Post", "Send", "Publish", f"Add {what}"]),
        "send",
        look="primary",
    )
    leave = button(f"[Discards|Throws away] the {what}", r.choice(["Discard", "Cancel"]))
    notify = check(f"notifications about new answers to the {what}", "Notify me", r.random() < 0.5)
    return Group("card", [format_bar(r, r.randrange(4, 12)), text, Group("row", [notify, Group("grow"), leave, send])])


def _bulk(r: Random, w: World) -> Group:
    """What can be done with several entries at once."""
    count, what = r.randrange(2, 30), r.choice(["entries", "messages", "files", "orders", "contacts", "tasks"])
    those = f"the [{count} selected {what}|selected {what}]"
    pool = [
        ("Delete", "trash", f"[Deletes|Removes] {those}"),
        ("Archive", "archive", f"[Archives|Puts away] {those}"),
        ("Move", "folder", f"[Moves {those} to another folder|Moves {those} somewhere else]"),
        ("Tag", "tag", f"[Tags|Puts a tag on] {those}"),
        ("Export", "download", f"[Exports|Downloads] {those}"),
        ("Assign", "user", f"[Assigns {those} to somebody|Gives {those} to somebody]"),
        ("Mark as done", "check", f"Marks {those} as done"),
        ("Print", "print", f"Prints {those}"),
        ("Duplicate", "copy", f"[Duplicates|Copies] {those}"),
    ]
    show = r.choice(["icon", "text", "both"])
    tools: list[Node] = [
        button(says, label, icon, show=show, look="ghost" if show == "icon" else "plain", name=f"{label} selected")
        for label, icon, says in r.sample(pool, r.randrange(3, 6))
    ]
    every = check(f"all {what}", "All", False, f"[Selects|Ticks] all {what}", f"[Deselects|Unticks] all {what}")
    none = button(
        f"[Clears the selection|Deselects all {what}]", "Clear selection", "close", show=r.choice(["icon", "text"])
    )
    return Group("bar", [every, Text(f"{count} {what} selected", "muted"), *tools, none])


def _swatches(r: Random, w: World) -> Group:
    """Colours and looks to pick."""
    what = r.choice(["label", "calendar", "theme", "note", "chart", "folder"])
    colors = r.sample(sorted(_COLORS), r.randrange(4, 8))
    fields: list[Node] = [
        Control(
            "swatch",
            Meaning(
                f"[Makes the {what} {each}|Chooses {each} as the colour of the {what}|Colours the {what} {each}]", each
            ),
            "",
            value=_COLORS[each],
            does="pick",
        )
        for each in colors
    ]
    sizes: list[Node] = [
        tab(
            f"[Makes the {what} {each.lower()}|Sets the size of the {what} to {each.lower()}]",
            each,
            n == 0,
            does="pick",
        )
        for n, each in enumerate(["Small", "Medium", "Large"])
    ]
    return Group(
        "card",
        [
            Text(f"Colour of the {what}", "label"),
            Group("toolbar", fields),
            *([Group("tabs", sizes)] if r.random() < 0.5 else []),
        ],
    )


_COLORS = {
    "red": "#d64541",
    "orange": "#e67e22",
    "green": "#2e9e5b",
    "blue": "#2f6fde",
    "grey": "#8a8f98",
    "brown": "#7b4f2c",
    "black": "#111111",
    "yellow": "#f2c94c",
    "teal": "#159a9c",
}


def _uploads(r: Random, w: World) -> Group:
    """Files that belong to the page."""
    rows: list[Node] = [Text(r.choice(["Attachments", "Files", "Documents"]), "subheading")]
    names = r.sample(["Download", "Delete", "View", "More", "Share"], r.randrange(1, 4))
    show = r.choice(["icon", "icon", "text"])
    for n, name in enumerate(w.files(r.randrange(2, 4))):
        tools: list[Node] = [
            action(each, f"the file {name}", name, "[from the page|]", show=show, look="ghost") for each in names
        ]
        rows.append(
            Group(
                "item",
                [Text(name), Text(f"{r.randrange(8, 900)} kB", "muted"), Group("grow"), *tools],
                id=f"row-file{n}",
            )
        )
    rows.append(
        button("[Attaches|Adds|Uploads] another file", r.choice(["Add file", "Upload", "Attach file"]), "attach")
    )
    return Group("card", rows)


PANELS: tuple[Callable[[Random, World], Group], ...] = (
    _tree,
    _dates,
    _sliders,
    _rating,
    _tags,
    _feed,
    _composer,
    _bulk,
    footer,
    banner,
    crumbs,
    views,
    _swatches,
    _uploads,
)
