"""Talking in public: forums, tickets, notifications."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import (
    action,
    pagination,
    search_bar,
    title_bar,
)
from magenta_qa.finetune.corpus.page import (
    Group,
    Node,
    Page,
    Picture,
    Text,
    area,
    button,
    link,
    select,
    tab,
)
from magenta_qa.finetune.corpus.vocabulary import World


def forum(r: Random, w: World) -> Page:
    """A question and its answers."""
    subject = w.subject()
    posts: list[Node] = []
    for n, who in enumerate(w.people(r.randrange(2, 6))):
        kind = "question" if n == 0 else "answer"
        thing, row = f"{who.name}'s {kind}", f"{who.name}'s {kind}"
        votes: list[Node] = [
            button(
                f"[Votes {thing} up|Upvotes {thing}|Gives {thing} a point]",
                "▲",
                r.choice(["thumb-up", ""]),
                name="Up",
                row=row,
                show="icon",
            ),
            Text(str(r.randrange(40))),
            button(
                f"[Votes {thing} down|Downvotes {thing}|Takes a point from {thing}]",
                "▼",
                r.choice(["thumb-down", ""]),
                name="Down",
                row=row,
                show="icon",
            ),
        ]
        tools: list[Node] = [
            button(f"[Replies to|Comments on] {thing}", "Reply", "reply", row=row),
            action("Share", thing, row),
            action("Flag", thing, row, label="Report"),
        ]
        if n:
            tools.append(
                button(f"[Accepts {thing}|Marks {thing} as the solution]", "Accept", "check", row=row, does="toggle")
            )
        posts.append(
            Group(
                "card",
                [
                    Group(
                        "row",
                        [
                            Picture("avatar", who.name),
                            link(f"[Opens|Shows] the profile of {who.name}", who.name, f"/u/{n}"),
                            Text(w.day(), "muted"),
                        ],
                    ),
                    Text(w.sentence(20)),
                    Group("between", [Group("toolbar", votes), Group("toolbar", tools)]),
                ],
                id=f"row{n}",
            )
        )
    order = select("order of the answers", "Sort by", ("Best", "Newest", "Oldest"), "Newest")
    follow = button(
        "[Follows|Subscribes to] this discussion",
        "Follow",
        "bell",
        does="toggle",
        undo="[Unfollows|Unsubscribes from] this discussion",
    )
    answer = area("answer to the question", "Your answer", w.sentence(8))
    send = button(
        "[Posts|Publishes|Sends] the answer", r.choice(["Post answer", "Reply", "Publish"]), "", look="primary"
    )
    tags: list[Node] = [
        link(f"[Lists|Shows] discussions [labelled|tagged] {each.lower()}", each.lower(), f"/tag/{each.lower()}")
        for each in w.labels(3)
    ]
    body: list[Node] = [title_bar(subject, follow, order), Group("row", tags), *posts, answer, send]
    return Page("forum", subject, "/t/88", body, shell="site", current="Help")


def tickets(r: Random, w: World) -> Page:
    """A support desk."""
    rows: list[Node] = []
    show = r.choice(["icon", "text", "both"])
    levels, people = ("Low", "Normal", "High", "Urgent"), w.people(4)
    for n, subject in enumerate(w.subjects(r.randrange(4, 9))):
        number = w.number()
        thing, row = f"ticket {number}", f"ticket {number}"
        level = select(f"priority of ticket {number}", "", levels, r.choice(levels[1:]), name="Priority", row=row)
        tools: list[Node] = [
            button(
                f"[Assigns {thing} to oneself|Takes {thing} over|Takes on {thing}]", "Take", "user", row=row, show=show
            ),
            button(
                f"[Closes|Marks as solved] {thing}".replace("Marks as solved", "Resolves"),
                "Close",
                "check",
                row=row,
                show=show,
            ),
            button(f"[Answers|Replies to] {thing}", "Reply", "reply", row=row, show=show),
            button(
                f"[Merges {thing} with another one|Joins {thing} with another ticket]",
                "Merge",
                "link",
                row=row,
                show=show,
            ),
        ]
        rows.append(
            Group(
                "tr",
                [
                    link(f"[Opens|Shows] {thing}", f"#{number} {subject}", f"/tickets/{number}", name=f"#{number}"),
                    Text(r.choice(people).name),
                    level,
                    Text(w.pick("Open|Waiting|New|Solved"), "badge", "warn"),
                    Group("toolbar", r.sample(tools, r.randrange(1, 4))),
                ],
                id=f"row{n}",
            )
        )
    views: list[Node] = [
        tab(f"[Shows|Lists] {each}", label, n == 0, does="pick")
        for n, (label, each) in enumerate(
            [
                ("All", "all tickets"),
                ("Mine", "the tickets assigned to oneself"),
                ("Unassigned", "the tickets that nobody has taken"),
                ("Solved", "the solved tickets"),
            ]
        )
    ]
    new = button("[Opens|Creates] a new ticket", "New ticket", "plus", look="primary")
    body: list[Node] = [
        title_bar("Tickets", new),
        Group("tabs", views),
        Group("bar", search_bar(r, "tickets", w.subject())),
        Group("table", rows, columns=("Ticket", "Customer", "Priority", "Status", "")),
        pagination(r, "tickets"),
    ]
    return Page("tickets", "Tickets", "/tickets", body, current="Tasks")


def notifications(r: Random, w: World) -> Page:
    """News with their actions, in a list."""
    rows: list[Node] = []
    for n, (who, subject) in enumerate(zip(w.people(8), w.subjects(r.randrange(4, 8)), strict=False)):
        row = f"{who.name}'s note about {subject}"
        thing = f"the notification about {subject}"
        verb = w.pick("commented on|shared|changed|invited you to|approved|mentioned you in")
        tools: list[Node] = [
            button(
                f"[Dismisses|Removes|Clears] {thing}",
                "Dismiss",
                "close",
                row=row,
                show="icon",
                look="ghost",
                does="remove",
            ),
            button(
                f"Marks {thing} as read",
                "Mark as read",
                "check",
                row=row,
                show=r.choice(["icon", "text"]),
                look="ghost",
            ),
            link(f"[Opens|Goes to] {subject}", "View", f"/s/{n}", row=row, name="View"),
        ]
        rows.append(
            Group(
                "item",
                [
                    Picture("avatar", who.name),
                    Text(f"{who.name} {verb} {subject}"),
                    Group("grow"),
                    Text(w.clock(), "muted"),
                    *tools,
                ],
                id=f"row{n}",
            )
        )
    all_read = button("Marks all notifications as read", "Mark all as read", "check")
    clear = button("[Clears|Removes] all notifications", "Clear all", "trash")
    prefs = link("[Opens|Goes to] the notification settings", "Settings", "/settings/notifications", "settings")
    tabs: list[Node] = [
        tab(f"Shows [only |]{what}", label, n == 0, does="pick")
        for n, (label, what) in enumerate(
            [
                ("All", "all notifications"),
                ("Unread", "unread notifications"),
                ("Mentions", "notifications that mention the user"),
            ]
        )
    ]
    tabs[0] = tab("Shows all notifications", "All", True, does="pick")
    body: list[Node] = [title_bar("Notifications", all_read, clear, prefs), Group("tabs", tabs), Group("list", rows)]
    return Page("notifications", "Notifications", "/notifications", body, current="Messages")
