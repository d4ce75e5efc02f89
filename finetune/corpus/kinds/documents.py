"""Documents: editors, wikis, files."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import action, pick_actions, search_bar, title_bar
from magenta_qa.finetune.corpus.page import (
    Group,
    Node,
    Page,
    Text,
    area,
    button,
    link,
    select,
    tab,
    text_field,
)
from magenta_qa.finetune.corpus.vocabulary import World

_FORMATS: tuple[tuple[str, str, str], ...] = (
    ("Bold", "bold", "[Makes the selected text bold|Sets the selection in bold|Turns bold type on]"),
    ("Italic", "italic", "[Makes the selected text italic|Sets the selection in italics|Turns italic type on]"),
    ("Underline", "underline", "[Underlines the selected text|Puts a line under the selection]"),
    ("Strikethrough", "strike", "[Strikes the selected text through|Crosses out the selection]"),
    (
        "Bulleted list",
        "list-ul",
        "[Turns the paragraph into a bulleted list|Starts a list with bullets|Makes a bulleted list]",
    ),
    (
        "Numbered list",
        "list-ol",
        "[Turns the paragraph into a numbered list|Starts a numbered list|Numbers the paragraphs]",
    ),
    ("Quote", "quote", "[Marks the paragraph as a quotation|Inserts a quotation|Turns the text into a quote]"),
    ("Code", "code", "[Formats the selection as code|Sets the text in a code font|Inserts a block of code]"),
    ("Link", "link", "[Inserts a link|Turns the selected text into a link]"),
    ("Picture", "image", "[Inserts a picture|Adds an image to the text]"),
    ("Table", "table", "[Inserts a table|Adds a table to the text]"),
    ("Align left", "align-left", "[Aligns the paragraph to the left|Sets the text flush left]"),
    ("Centre", "align-center", "[Centres the paragraph|Sets the text in the middle]"),
    ("Align right", "align-right", "[Aligns the paragraph to the right|Sets the text flush right]"),
    ("Undo", "undo", "[Undoes the last change|Takes the last step back]"),
    ("Redo", "redo", "[Redoes the change that was undone|Repeats the undone step]"),
    ("Attach", "attach", "[Attaches a file|Adds an attachment]"),
    ("Emoji", "emoji", "[Inserts an emoji|Opens the list of emoji]"),
    ("Comment", "comment", "[Adds a comment to the selection|Comments on the selected text]"),
    ("Cut", "cut", "[Cuts the selection out|Moves the selection to the clipboard]"),
    ("Copy", "copy", "[Copies the selection|Puts a copy of the selection on the clipboard]"),
    ("Paste", "paste", "[Pastes what is on the clipboard|Inserts the clipboard]"),
)


def format_bar(r: Random, count: int) -> Group:
    """Buttons that format text, some of the usual ones in their usual order."""
    chosen = sorted(r.sample(range(len(_FORMATS)), count))
    return Group(
        "toolbar",
        [
            button(says, label, icon, show="icon", look=r.choice(["ghost", "plain"]), on=r.random() < 0.1)
            for label, icon, says in (_FORMATS[n] for n in chosen)
        ],
    )


def editor(r: Random, w: World) -> Page:
    """A word processor."""
    subject = w.subject()
    fonts = ("Arial", "Georgia", "Verdana", "Courier New")
    bar: list[Node] = [
        link("[Leaves the editor|Goes back to the documents]", "Back", "/docs", "arrow-left", show="icon"),
        text_field("title of the document", "", w.subject(), name="Title", filled=subject),
        Group("grow"),
        button(
            "[Shares the document with others|Opens the sharing options of the document]",
            "Share",
            "share",
            look="primary",
        ),
        button("[Shows earlier versions|Opens the history of the document]", "History", "history", show="icon"),
        button("[Prints|Opens the print view of] the document", "Print", "print", show="icon"),
        button("[Downloads|Exports] the document", "Download", "download", show="icon"),
        action("Star", "the document", "", show="icon", look="ghost"),
        button("[Opens|Shows] the comments", "Comments", "comment", show="icon"),
        button("[Saves|Stores] the document", "Save", "save", show=r.choice(["icon", "both"])),
    ]
    menus: list[Node] = [
        button(f"[Opens|Shows] the {each} menu", each, look="ghost", name=f"{each} menu")
        for each in ["File", "Edit", "View", "Insert", "Format", "Tools"][: r.randrange(0, 7)]
    ]
    choices: list[Node] = [
        select(
            "style of the paragraph",
            "",
            ("Normal text", "Heading 1", "Heading 2", "Quote"),
            "Heading 2",
            name="Paragraph style",
        ),
        select("font of the text", "", fonts, "Georgia", name="Font"),
        select("size of the text", "", ("10", "11", "12", "14", "18", "24"), "18", name="Font size"),
    ]
    page: Node = area(
        "text of the document",
        "",
        w.sentence(9),
        "[Holds the text of the document|Takes the text of the document|Writes the text of the document]",
        name="Document text",
    )
    text: list[Node] = [Text(subject, "heading"), *[Text(w.sentence(28)) for _ in range(3)], page]
    zoom: list[Node] = [
        button("[Makes the page larger|Zooms into the page]", "Zoom in", "zoom-in", show="icon"),
        button("[Makes the page smaller|Zooms out of the page]", "Zoom out", "zoom-out", show="icon"),
        button(
            "[Shows the document in the whole window|Switches to full screen]", "Full screen", "fullscreen", show="icon"
        ),
    ]
    body: list[Node] = [
        Group("bar", [*bar[:3], *r.sample(bar[3:], 4)]),
        Group("toolbar", [*menus]),
        Group(
            "toolbar",
            [
                *r.sample(choices, r.randrange(0, 4)),
                format_bar(r, r.randrange(8, 18)),
                *r.sample(zoom, r.randrange(0, 4)),
            ],
        ),
        Group("page", text),
    ]
    return Page("editor", subject, "/docs/7/edit", body, shell="full")


def wiki(r: Random, w: World) -> Page:
    """An article with its tools."""
    topic = w.topics(1)[0]
    it = f"[the article|the page {topic}|this page]"
    tree: list[Node] = [
        link(
            f"[Opens|Shows|Goes to] [the page {each}|the article on {each.lower()}]",
            each,
            f"/wiki/{n}",
            look="ghost",
            on=each == topic,
        )
        for n, each in enumerate(w.topics(r.randrange(4, 9)))
    ]
    tools = _wiki_tools(it)
    parts: list[Node] = []
    for section in w.some(
        "Overview|Before you start|Steps|Examples|Limits|See also|Frequent questions|Background", r.randrange(2, 5)
    ):
        edit = button(
            f"Edits the section {section}",
            "edit",
            "edit",
            name="edit",
            row=section,
            show=r.choice(["icon", "text"]),
            look="ghost",
        )
        parts += [Group("row", [Text(section, "subheading"), edit]), Text(w.sentence(26))]
        if r.random() < 0.4:
            other = w.topics(1)[0]
            parts.append(link(f"[Leads|Goes] to the page [on |]{other}", other, "/wiki/x"))
    views: list[Node] = [
        tab(f"[Shows|Opens] the {what}", label, n == 0, does="pick")
        for n, (label, what) in enumerate(
            [
                ("Article", "article"),
                ("Discussion", "discussion of the article"),
                ("Source", "source text of the article"),
            ]
        )
    ]
    helpful: list[Node] = [
        Text("Was this page helpful?"),
        button("Says that the page was helpful", "Yes", "thumb-up", name="Helpful"),
        button("Says that the page was not helpful", "No", "thumb-down", name="Not helpful"),
    ]
    body: list[Node] = [
        Group(
            "split",
            [
                Group(
                    "aside",
                    [
                        *search_bar(r, "pages", topic),
                        *tree,
                        button("[Creates|Writes|Adds] a new page", "New page", "plus"),
                    ],
                ),
                Group(
                    "main",
                    [
                        Group("tabs", views),
                        Group(
                            "between", [Text(topic, "heading"), Group("toolbar", r.sample(tools, r.randrange(3, 7)))]
                        ),
                        *parts,
                        Group("row", helpful),
                    ],
                ),
            ],
        )
    ]
    return Page("wiki", topic, f"/wiki/{topic.lower().replace(' ', '-')}", body, current="Wiki")


def _wiki_tools(it: str) -> list[Node]:
    """What can be done with an article."""
    return [
        button(f"[Edits|Opens the editor for|Changes] {it}", "Edit", "edit"),
        button(f"[Shows|Lists] the [history|earlier versions] of {it}", "History", "history"),
        button(
            f"[Watches|Follows] {it}",
            "Watch",
            "eye",
            does="toggle",
            undo=f"[Stops watching|Unfollows] {it}",
            show="icon",
        ),
        button(f"[Prints|Opens the print view of] {it}", "Print", "print", show="icon"),
        button(
            f"[Moves|Renames] {it}",
            "Move",
            "",
        ),
        button(f"[Copies the link to|Gets a link to] {it}", "Link", "link", show="icon"),
        button(f"[Exports {it} as PDF|Downloads {it} as a PDF]", "PDF", "download"),
        button(f"[Deletes|Removes] {it}", "Delete", "trash"),
    ]


def files(r: Random, w: World) -> Page:
    """A file manager."""
    names = r.sample(["Download", "Delete", "Share", "Copy", "Star", "More", "Edit", "Link"], r.randrange(2, 5))
    show = r.choice(["icon", "icon", "text"])
    tiles = r.random() < 0.35
    rows: list[Node] = []
    folders = w.teams(r.randrange(1, 4))
    for n, name in enumerate(folders):
        tools = pick_actions(r, [each for each in names if each != "Edit"][:2], f"the folder {name}", name, "", show)
        open_it = link(
            f"[Opens|Enters|Shows what is in] the folder {name}", name, f"/files/{name.lower()}", "folder", show="both"
        )
        rows.append(
            Group("card", [open_it, tools], id=f"rowf{n}")
            if tiles
            else Group("tr", [open_it, Text("–", "muted"), Text(w.day(), "muted"), tools], id=f"rowf{n}")
        )
    for n, name in enumerate(w.files(r.randrange(4, 9))):
        tools = pick_actions(r, names, f"[the file {name}|{name}]", name, "", show)
        open_it = link(
            f"[Opens|Shows] [the file |]{name}", name, f"/files/{n}", "file", show=r.choice(["both", "text"])
        )
        rows.append(
            Group("card", [open_it, Text(w.size(), "muted"), tools], id=f"row{n}")
            if tiles
            else Group("tr", [open_it, Text(w.size(), "muted"), Text(w.day(), "muted"), tools], id=f"row{n}")
        )
    bar: list[Node] = [
        button("[Uploads files from the computer|Adds files from the computer]", "Upload", "upload", look="primary"),
        button("[Creates|Makes] a new folder", "New folder", "folder-plus"),
        button("[Shows the files as a list|Switches to the list view]", "List", "list-ul", show="icon", on=not tiles),
        button("[Shows the files as tiles|Switches to the grid view]", "Grid", "grid", show="icon", on=tiles),
        button("[Sorts|Changes the order of] the files", "Sort", "sort", show="icon"),
        button("[Shows|Opens] details of the selected file", "Info", "info", show="icon"),
        button("[Empties the trash|Deletes everything in the trash for good]", "Empty trash", "trash"),
    ]
    crumbs: list[Node] = [
        link("[Goes to|Opens] the top folder", "Home", "/files", "home"),
        link(f"[Goes up to|Opens] the folder {folders[0]}", folders[0], "/files/a")
        if r.random() < 0.0
        else Text("Shared"),
    ]
    grid: Node = Group("grid", rows) if tiles else Group("table", rows, columns=("Name", "Size", "Modified", ""))
    body: list[Node] = [
        title_bar("Files", *bar[:2]),
        Group("breadcrumb", crumbs),
        Group("bar", [*search_bar(r, "files", "budget"), *r.sample(bar[2:], 3)]),
        grid,
    ]
    return Page("files", "Files", "/files", body, current="Files")
