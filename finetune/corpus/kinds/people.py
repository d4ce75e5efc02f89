"""People: tables and forms of users, profiles."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import (
    action,
    headers,
    pagination,
    save_cancel,
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
    check,
    link,
    select,
    tab,
    text_field,
)
from magenta_qa.finetune.corpus.vocabulary import World


def user_table(r: Random, w: World) -> Page:
    """People and what can be done with their accounts."""
    names = r.sample(["Edit", "Delete", "Mail", "Lock", "View", "More", "Copy", "History"], r.randrange(2, 5))
    show = r.choice(["icon", "icon", "text", "both"])
    noun = r.choice(["users", "members", "customers", "contacts", "employees"])
    one, roles = noun[:-1], w.roles(4)
    rows: list[Node] = []
    for n, who in enumerate(w.people(r.randrange(5, 11))):
        tick = check(
            who.name,
            "",
            False,
            f"[Selects|Ticks|Marks] {who.name}[ for an action on several|]",
            f"[Deselects|Unticks] {who.name}",
            name="Select",
            row=who.name,
        )
        role: Node = Text(who.role)
        if n == 0 or r.random() < 0.0:
            role = Text(who.role)
        if show == "text":
            role = select(f"role of {who.name}", "", roles, r.choice(roles[1:]), name="Role", row=who.name)
        thing = f"[the account of {who.name}|{who.name}'s account|the {one} {who.name}]"
        tools = [
            action(
                each,
                who.name if each in ("Mail", "Call") else thing,
                who.name,
                f"[from the {noun}|from the list|]",
                show=show,
                look="ghost",
            )
            for each in names
        ]
        open_it = link(f"[Opens|Shows] [the profile of {who.name}|{who.name}'s profile]", who.name, f"/users/{n}")
        rows.append(
            Group(
                "tr",
                [
                    tick,
                    Group("row", [Picture("avatar", who.name), open_it]),
                    Text(who.email, "muted"),
                    role,
                    Group("toolbar", [*tools]),
                ],
                id=f"row{n}",
            )
        )
    all_of = check(f"all {noun}", "", False, f"[Selects|Ticks] all {noun}", name="Select all")
    invite = button(
        f"[Invites|Adds] a new {one}", r.choice([f"Add {one}", "Invite", f"New {one}"]), "plus", look="primary"
    )
    bulk = button(f"[Deletes|Removes] the selected {noun}", "Delete selected", "trash")
    export = button(f"[Exports|Downloads] the list of {noun}", "Export", "download")
    body: list[Node] = [
        title_bar(noun.capitalize(), export, invite),
        Group(
            "bar",
            [
                *search_bar(r, noun, w.person().first),
                select(f"role of the {noun} shown", "Role", ("All", *roles), roles[0]),
                bulk,
            ],
        ),
        Group("table", rows, columns=(all_of, *headers(r, ["Name", "Email", "Role"], noun), "")),
        pagination(r, noun),
    ]
    return Page("user table", noun.capitalize(), f"/{noun}", body, current="Customers")


def user_form(r: Random, w: World) -> Page:
    """One account to be made or changed."""
    who, new = w.person(), r.random() < 0.5
    of = "of the new user" if new else f"of {who.name}"
    roles, teams = w.roles(4), w.teams(5)
    first, *rest = who.name.split()
    fields: list[Node] = [
        text_field(f"first name {of}", "First name", first, filled="" if new else first),
        text_field(
            f"last name {of}",
            r.choice(["Last name", "Surname", "Family name"]),
            " ".join(rest),
            filled="" if new else " ".join(rest),
        ),
        text_field(f"e-mail address {of}", r.choice(["Email", "E-mail address"]), who.email, input_type="email"),
        text_field(f"phone number {of}", r.choice(["Phone", "Mobile"]), w.fake.phone_number(), input_type="tel"),
        text_field(
            f"date of birth {of}",
            r.choice(["Date of birth", "Birthday"]),
            w.iso_day(),
            input_type=r.choice(["date", "text"]),
        ),
        select(f"role {of}", "Role", roles, roles[1]),
        select(f"department {of}", r.choice(["Department", "Team"]), teams, teams[2]),
        text_field(f"password {of}", "Password", "correct-horse-7", input_type="password"),
        area(f"notes about {who.name if not new else 'the new user'}", "Notes", "Works from home on Fridays."),
    ]
    r.shuffle(fields)
    flags: list[Node] = [
        check(f"the account {of}", "Active", r.random() < 0.5),
        check(
            "the welcome message",
            "Send welcome mail",
            False,
            "[Sends the new user a welcome message|Has a welcome mail sent]",
            "Sends no welcome message",
        ),
        check(
            "access to the reports",
            "Can see reports",
            r.random() < 0.4,
            "[Gives|Grants] the user access to the reports",
            "Takes the user's access to the reports away",
        ),
    ]
    photo: list[Node] = [
        Picture("avatar", who.name, 72, 72),
        button("[Uploads a picture of the user|Changes the user's photo]", "Change photo", "camera"),
        button("[Removes|Deletes] the user's picture", "Remove photo", "trash", show="icon"),
    ]
    thing = "the new user" if new else f"the account of {who.name}"
    buttons = save_cancel(r, thing)
    if not new:
        buttons.children.append(
            button(
                f"[Deletes the account of {who.name}|Removes {who.name} for good]",
                "Delete account",
                "trash",
                look="danger",
            )
        )
    title = "New user" if new else f"Edit {who.name}"
    body: list[Node] = [
        Text(title, "heading"),
        Group("row", photo),
        Group("form", [Group("fields", fields), *flags, buttons]),
    ]
    return Page("user form", title, "/users/new" if new else "/users/7/edit", body, current="Customers")


def profile(r: Random, w: World) -> Page:
    """Somebody's public page."""
    who = w.person()
    follow = button(
        f"[Follows|Subscribes to] {who.name}",
        "Follow",
        "plus",
        look="primary",
        does="toggle",
        undo=f"[Unfollows|Stops following] {who.name}",
    )
    tools: list[Node] = [
        follow,
        button(f"[Sends|Writes] a message to {who.name}", "Message", "mail"),
        button(f"[Opens|Shows] more options for {who.first}", "More", "more", show="icon"),
        button(f"[Blocks|Shuts out] {who.name}", "Block", "spam"),
    ]
    tabs: list[Node] = [
        tab(f"[Shows|Opens] {who.first}'s {each.lower()}", each, n == 0, does="pick")
        for n, each in enumerate(["Posts", "Photos", "Followers", "Comments"])
    ]
    posts: list[Node] = []
    for n in range(r.randrange(2, 5)):
        day = w.day()
        thing = f"[the post of {day}|{who.first}'s post of {day}]"
        bar: list[Node] = [
            button(
                f"[Likes {thing}|Marks {thing} as liked]",
                str(r.randrange(90)),
                r.choice(["heart", "thumb-up"]),
                name="Like",
                row=f"the post of {day}",
                does="toggle",
            ),
            button(
                f"[Opens the comments on|Comments on|Shows the replies to] {thing}",
                str(r.randrange(20)),
                "comment",
                name="Comment",
                row=f"the post of {day}",
            ),
            action("Share", thing, f"the post of {day}", show="icon", look="ghost"),
            action("Bookmark", thing, f"the post of {day}", show="icon", look="ghost"),
        ]
        posts.append(
            Group(
                "card",
                [
                    Group("row", [Picture("avatar", who.name), Text(who.name, "strong"), Text(day, "muted")]),
                    Text(w.sentence(16)),
                    Group("row", bar),
                ],
                id=f"row{n}",
            )
        )
    body: list[Node] = [
        Group(
            "row",
            [
                Picture("avatar", who.name, 88, 88),
                Group(
                    "column", [Text(who.name, "heading"), Text(f"{who.role}, {who.city}", "muted"), Group("row", tools)]
                ),
            ],
        ),
        Group("tabs", tabs),
        *posts,
    ]
    return Page("profile", who.name, f"/@{who.first.lower()}", body, shell="site", current="Team")
