"""Talking to people: mail, chat."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import action, pagination, search_bar
from magenta_qa.finetune.corpus.page import (
    Group,
    Node,
    Page,
    Picture,
    Text,
    area,
    button,
    check,
    link,
    text_field,
)
from magenta_qa.finetune.corpus.things import Person
from magenta_qa.finetune.corpus.vocabulary import World


def inbox(r: Random, w: World) -> Page:
    """Mails in a list."""
    rows = _inbox_rows(r, w)
    folders: list[Node] = [
        link(
            f"[Opens|Shows] [the {each.lower()} folder|the {each.lower()}]",
            each,
            f"/mail/{each.lower()}",
            icon,
            look="ghost",
            on=n == 0,
        )
        for n, (each, icon) in enumerate(
            [
                ("Inbox", "mail"),
                ("Starred", "star"),
                ("Sent", "send"),
                ("Drafts", "file"),
                ("Spam", "spam"),
                ("Trash", "trash"),
            ]
        )
    ]
    bulk = _inbox_bulk(r)
    write = button(
        "[Writes|Starts|Composes] a new [mail|message]",
        r.choice(["Compose", "New message", "Write"]),
        r.choice(["edit", "plus"]),
        look="primary",
    )
    body: list[Node] = [
        Group(
            "split",
            [
                Group("aside", [write, *folders]),
                Group(
                    "main",
                    [
                        Group("bar", search_bar(r, "mails", w.subject())),
                        Group("toolbar", r.sample(bulk, r.randrange(3, 7))),
                        Group("list", rows),
                        pagination(r, "mails"),
                    ],
                ),
            ],
        )
    ]
    return Page("mail", "Inbox", "/mail/inbox", body, current="Messages")


def _inbox_bulk(r: Random) -> list[Node]:
    """What can be done with several mails."""
    return [
        check("all mails", "", False, "[Selects|Ticks] all mails", name="Select all"),
        button(
            "[Checks for new mail|Reloads the inbox|Refreshes the list of mails]", "Refresh", "refresh", show="icon"
        ),
        button("[Archives|Puts away] the selected mails", "Archive selected", "archive", show="icon"),
        button("[Deletes|Removes] the selected mails", "Delete selected", "trash", show="icon"),
        button("Marks the selected mails as read", "Mark as read", r.choice(["mail", "eye"])),
        button("[Labels|Adds a label to] the selected mails", "Label", "tag", show="icon"),
        button("Moves the selected mails to [another|a] folder", "Move", "folder", show="icon"),
    ]


def _inbox_rows(r: Random, w: World) -> list[Node]:
    """Mails of a list, each with its buttons."""
    rows: list[Node] = []
    hover = r.sample(["Archive", "Delete", "Flag", "Pin", "Star", "More"], r.randrange(1, 4))
    for n, (who, subject) in enumerate(zip(w.people(9), w.subjects(r.randrange(5, 10)), strict=False)):
        mail = f'[the mail about {subject}|the message "{subject}"|{who.first}\'s mail about {subject}|the mail from {who.name}]'
        tick = check(
            subject, "", False, f"[Selects|Ticks] {mail}", f"[Deselects|Unticks] {mail}", name="Select", row=subject
        )
        open_it = link(f"[Opens|Reads|Shows] {mail}", subject, f"/mail/{n}", row="")
        tools = [
            action(
                each,
                mail,
                subject,
                "[from the inbox|]",
                show="icon",
                look="ghost",
                on=each in ("Star", "Flag") and r.random() < 0.3,
            )
            for each in hover
        ]
        rows.append(
            Group(
                "item",
                [
                    tick,
                    Text(who.name, "strong"),
                    open_it,
                    Text(w.message()[:34], "muted"),
                    Group("grow"),
                    Text(w.clock(), "muted"),
                    *tools,
                ],
                id=f"row{n}",
            )
        )
    return rows


def mail(r: Random, w: World) -> Page:
    """One mail, and an answer to it."""
    who, subject = w.person(), w.subject()
    it = f"[the mail|{who.first}'s mail|the mail about {subject}]"
    bar: list[Node] = [
        link("[Goes back|Returns] to the [inbox|list of mails]", "Back", "/mail", "arrow-left", show="icon"),
        button(f"[Answers|Replies to] {it}", "Reply", "reply"),
        button(f"[Forwards|Passes on] {it}[ to somebody else|]", "Forward", "forward"),
        button(f"[Archives|Puts away] {it}", "Archive", "archive", show="icon"),
        button(
            f"[Deletes|Moves to the trash] {it}".replace("Moves to the trash", "Throws away"),
            "Delete",
            "trash",
            show="icon",
        ),
        button(f"[Prints|Opens the print view of] {it}", "Print", "print", show="icon"),
        action("Star", it, "", show="icon", look="ghost"),
        button(f"[Reports {it} as spam|Marks {it} as spam]", "Spam", "spam", show="icon"),
        button(
            "[Shows the next mail|Goes on to the next mail]", "Next", "chevron-right", show="icon", name="Next mail"
        ),
        button(
            "[Shows the previous mail|Goes back to the mail before]",
            "Previous",
            "chevron-left",
            show="icon",
            name="Previous mail",
        ),
    ]
    files: list[Node] = []
    for name in w.files(r.randrange(0, 4)):
        files.append(
            Group(
                "row",
                [
                    Text(name),
                    action("Download", f"the attached file {name}", name, show="icon"),
                    action("View", f"the attachment {name}", name, show="icon"),
                ],
            )
        )
    to = w.person()
    form: list[Node] = [
        text_field("recipient of the mail", "To", to.email, filled=who.email),
        text_field("people who get a copy", "Cc", w.person().email),
        text_field("subject of the mail", "Subject", w.subject(), filled=f"Re: {subject}"),
        area("text of the answer", r.choice(["Message", ""]), w.message(), name="Message"),
        Group(
            "toolbar",
            [
                button("[Sends|Mails off] the answer", "Send", "send", look="primary"),
                *_writing_tools(r, "answer"),
                button("[Discards|Throws away] the draft", "Discard", "trash", show="icon"),
            ],
        ),
    ]
    body: list[Node] = [
        Group("toolbar", r.sample(bar, r.randrange(5, 10))),
        Text(subject, "heading"),
        Group("row", [Picture("avatar", who.name), Text(who.name, "strong"), Text(who.email, "muted")]),
        Text(f"{w.message()} {w.sentence(18)}"),
        *files,
        Group("card", form),
    ]
    return Page("mail reading", subject, "/mail/7", body, current="Messages")


def _writing_tools(r: Random, thing: str) -> list[Node]:
    tools: list[Node] = [
        button(
            f"[Attaches a file to|Adds an attachment to] the {thing}", "Attach", "attach", show="icon", look="ghost"
        ),
        button("[Inserts an emoji|Opens the list of emoji]", "Emoji", "emoji", show="icon", look="ghost"),
        button(f"[Inserts|Adds] a picture[ into the {thing}|]", "Picture", "image", show="icon", look="ghost"),
        button(
            "[Records a voice message|Starts recording a voice message]",
            "Voice message",
            "mic",
            show="icon",
            look="ghost",
        ),
        button(f"[Inserts|Adds] a link[ into the {thing}|]", "Link", "link", show="icon", look="ghost"),
    ]
    return r.sample(tools, r.randrange(2, 5))


def chat(r: Random, w: World) -> Page:
    """A conversation."""
    people = w.people(r.randrange(4, 8))
    who = people[0]
    threads: list[Node] = [
        link(f"[Opens|Shows] the [conversation|chat] with {each.name}", each.name, f"/chat/{n}", on=n == 0)
        for n, each in enumerate(people)
    ]
    channels: list[Node] = [
        link(
            f"[Opens|Enters|Shows] the [channel #{each.lower()}|{each.lower()} channel]",
            f"# {each.lower()}",
            f"/c/{each.lower()}",
            name=f"#{each.lower()}",
        )
        for each in w.teams(r.randrange(2, 5))
    ]
    says = _chat_says(r, w, people)
    bar = _chat_bar(r, who)
    draft = area(
        f"message to {who.first}",
        "",
        w.message(),
        f"[Takes the message to {who.first}|Holds the text to send|Enters a message to {who.name}]",
        name="Message",
        placeholder=f"Message {who.first}",
    )
    send = button("[Sends|Posts] the message", "Send", "send", show=r.choice(["icon", "text", "both"]))
    new = button(
        "[Starts|Opens] a new conversation", "New chat", r.choice(["edit", "plus"]), show=r.choice(["icon", "both"])
    )
    body: list[Node] = [
        Group(
            "split",
            [
                Group("aside", [new, *channels, *threads]),
                Group(
                    "main",
                    [
                        Group("bar", bar),
                        Group("list", says),
                        Group("toolbar", [draft, *_writing_tools(r, "message"), send]),
                    ],
                ),
            ],
        )
    ]
    return Page("chat", f"Chat with {who.name}", "/chat/0", body, current="Messages")


def _chat_bar(r: Random, who: Person) -> list[Node]:
    """The bar above a conversation."""
    return [
        Text(who.name, "heading"),
        Group("grow"),
        button(f"[Calls|Starts a voice call with] {who.name}", "Call", "phone", show="icon"),
        button(
            f"[Starts a video call with|Video-calls] {who.name}".replace("Video-calls", "Opens a video call with"),
            "Video call",
            "video",
            show="icon",
        ),
        button("[Searches|Looks through] the conversation", "Search", "search", show="icon"),
        button(
            f"[Shows|Opens] [details of the conversation|information about {who.first}]", "Details", "info", show="icon"
        ),
        button(
            "[Mutes|Silences] the conversation",
            "Mute",
            r.choice(["mute", "bell"]),
            does="toggle",
            undo="[Unmutes|Turns the sound back on for] the conversation",
            show="icon",
        ),
    ]


def _chat_says(r: Random, w: World, people: list[Person]) -> list[Node]:
    """What was said, each with its buttons."""
    says: list[Node] = []
    for n in range(r.randrange(3, 7)):
        speaker, text = r.choice(people[:2]), w.message()
        row = f'"{text}"'
        quote = f"[the message {row}|{speaker.first}'s message {row}]"
        tools: list[Node] = [
            button(f"[Reacts to|Adds a reaction to] {quote}", "React", "emoji", row=row, show="icon", look="ghost"),
            button(f"[Answers|Replies to] {quote}", "Reply", "reply", row=row, show="icon", look="ghost"),
            action("Pin", quote, row, show="icon", look="ghost"),
            action("Delete", quote, row, "[from the conversation|]", show="icon", look="ghost"),
            action("Edit", quote, row, show="icon", look="ghost"),
        ]
        says.append(
            Group(
                "item",
                [
                    Picture("avatar", speaker.name),
                    Text(speaker.first, "strong"),
                    Text(text),
                    Group("grow"),
                    *r.sample(tools, r.randrange(1, 4)),
                ],
                id=f"row{n}",
            )
        )
    return says
