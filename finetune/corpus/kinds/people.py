"""Accounts: tables and forms of users, settings, profiles, signing in and up, teams, keys, billing."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import (
    action,
    headers,
    pagination,
    pick_actions,
    save_cancel,
    search_bar,
    title_bar,
)
from magenta_qa.finetune.corpus.page import (
    Control,
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


_SWITCHES = (
    ("Email notifications", "notifications by e-mail"),
    ("Weekly digest", "the weekly digest"),
    ("Push notifications", "push notifications"),
    ("Two-factor authentication", "two-factor authentication"),
    ("Public profile", "the public profile"),
    ("Dark mode", "the dark theme"),
    ("Auto-save", "automatic saving"),
    ("Show online status", "the online status"),
    ("Spell check", "the spell checker"),
    ("Beta features", "the beta features"),
    ("Desktop sounds", "the sounds"),
    ("Newsletter", "the newsletter"),
    ("Read receipts", "read receipts"),
    ("Keyboard shortcuts", "the keyboard shortcuts"),
    ("Compact view", "the compact view"),
    ("Automatic updates", "automatic updates"),
    ("Share usage data", "the sharing of usage data"),
    ("Location access", "access to the location"),
    ("Maintenance mode", "the maintenance mode"),
)


def settings(r: Random, w: World) -> Page:
    """Switches and choices in sections."""
    sections = r.sample(
        [
            "General",
            "Notifications",
            "Privacy",
            "Security",
            "Appearance",
            "Language",
            "Integrations",
            "Billing",
            "Advanced",
        ],
        5,
    )
    tabs: list[Node] = [
        tab(f"[Opens|Shows|Switches to] the {name.lower()} settings", name, n == 0, does="pick")
        for n, name in enumerate(sections)
    ]
    switches: list[Node] = []
    for n, (label, thing) in enumerate(r.sample(_SWITCHES, r.randrange(4, 9))):
        box = check(thing, label if r.random() < 0.7 else "", r.random() < 0.5, name=label)
        row: list[Node] = [box] if box.label else [Text(label), box]
        switches.append(Group("between", row, id=f"row{n}"))
    zones = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo", "UTC")
    languages = ("English", "Deutsch", "Français", "Español", "Polski")
    formats = ("DD.MM.YYYY", "MM/DD/YYYY", "YYYY-MM-DD")
    choices: list[Node] = [
        select("language of the interface", "Language", languages, "Deutsch"),
        select("time zone", "Time zone", zones, "UTC"),
        select("way dates are written", "Date format", formats, formats[2]),
        text_field(
            "name of the workspace",
            r.choice(["Workspace name", "Site title", "Organisation"]),
            w.subject(),
            filled=w.brand,
        ),
        text_field(
            "minutes until one is signed out",
            "Session timeout",
            str(r.randrange(5, 90)),
            input_type="number",
            filled="30",
        ),
        text_field("address that replies are sent to", "Reply-to address", w.person().email, input_type="email"),
    ]
    more: list[Node] = [
        button("[Changes the password|Opens the form to change the password]", "Change password", "key"),
        button("[Downloads a copy of all data|Exports all data of the account]", "Export data", "download"),
        button("[Deletes the account for good|Closes the account]", "Delete account", "trash", look="danger"),
        button("[Signs out everywhere|Ends all other sessions]", "Sign out of all devices", "logout"),
    ]
    main: list[Node] = [
        Group("card", switches),
        Group("fields", r.sample(choices, 4)),
        save_cancel(r, "the settings"),
        Group("row", r.sample(more, 2)),
    ]
    beside = Group("split", [Group("aside", tabs), Group("main", main)])
    above = Group("column", [Group("tabs", tabs), *main])
    body: list[Node] = [Text("Settings", "heading"), beside if r.random() < 0.5 else above]
    return Page("settings", "Settings", "/settings", body, current="Settings")


def sign_in(r: Random, w: World) -> Page:
    """Signing in."""
    who = w.person()
    name = r.choice(["E-mail", "Username", "Email address", "Login"])
    thing = "e-mail address of the account" if "mail" in name.lower() else "user name"
    fields: list[Node] = [
        text_field(
            thing,
            name,
            who.email if "mail" in name.lower() else who.first.lower(),
            f"[Enters|Takes] the {thing}[ to sign in with|]",
            placeholder=r.choice(["", "you@example.com", name]),
        ),
        text_field(
            "password",
            "Password",
            "correct-horse-7",
            "[Enters|Takes|Fills in] the password[ to sign in with| of the account]",
            input_type="password",
        ),
    ]
    see = button(
        "[Shows the password in plain text|Reveals the typed password]",
        "Show password",
        "eye",
        show="icon",
        look="ghost",
        does="toggle",
        undo="[Hides|Masks] the password [again|]",
    )
    keep = check(
        "staying signed in",
        r.choice(["Remember me", "Keep me signed in", "Stay logged in"]),
        r.random() < 0.3,
        "[Keeps the user signed in|Remembers the user on this device]",
        "Asks for the password again next time",
    )
    go = button(
        "[Signs the user in|Logs the user in|Signs in with the e-mail and password]".replace(
            "e-mail", "e-mail" if "mail" in name.lower() else "user name"
        ),
        r.choice(["Sign in", "Log in", "Continue", "Login"]),
        r.choice(["login", ""]),
        look="primary",
    )
    others: list[Node] = [
        button(f"Signs in with {each}[ instead of a password|]", f"Continue with {each}", "")
        for each in w.some("Google|GitHub|Microsoft|Apple|GitLab|SAML SSO", r.randrange(0, 4))
    ]
    links: list[Node] = [
        link(
            "[Starts the reset of a forgotten password|Helps to reset the password]",
            r.choice(["Forgot password?", "Lost your password?", "Reset password"]),
            "/reset",
        ),
        link(
            "[Leads to the form for a new account|Goes to the sign-up page|Opens the form to create an account]",
            r.choice(["Create account", "Sign up", "Register"]),
            "/signup",
        ),
    ]
    card = Group(
        "card",
        [
            Text(r.choice(["Sign in", "Welcome back", f"Log in to {w.brand}"]), "heading"),
            Group("form", [*fields, see, keep, go]),
            *others,
            *links,
        ],
    )
    return Page("sign in", "Sign in", "/login", [card], shell="plain")


def sign_up(r: Random, w: World) -> Page:
    """A new account."""
    who = w.person()
    fields: list[Node] = [
        text_field("name for the new account", r.choice(["Full name", "Your name"]), who.name),
        text_field("e-mail address for the new account", "Email", who.email, input_type="email"),
        text_field("company of the new user", "Company", w.fake.company()),
        text_field("password for the new account", "Password", "correct-horse-7", input_type="password"),
        text_field(
            "password a second time",
            r.choice(["Repeat password", "Confirm password"]),
            "correct-horse-7",
            "[Repeats|Confirms] the password for the new account",
            input_type="password",
        ),
        select("country of the new user", "Country", w.countries(), w.country()),
    ]
    terms = check(
        "acceptance of the terms",
        "I agree to the terms",
        False,
        "[Accepts|Agrees to] the terms of use",
        "Withdraws the consent to the terms of use",
    )
    news = check(
        "the newsletter",
        "Send me news",
        r.random() < 0.5,
        "[Subscribes to|Orders] the newsletter",
        "Unsubscribes from the newsletter",
    )
    plans: list[Node] = []
    if r.random() < 0.5:
        for n, plan in enumerate(["Free", "Team", "Business"]):
            radio = check(plan, plan, n == 0, f"[Chooses|Selects|Picks] the {plan} plan[ for the new account|]")
            plans.append(Control("radio", radio.meaning, plan, on=n == 0))
    go = button(
        "[Creates the account|Signs the new user up|Registers the new user]",
        r.choice(["Create account", "Sign up", "Register", "Get started"]),
        "",
        look="primary",
    )
    back = link(
        "[Goes to the sign-in page|Leads to signing in with an existing account]",
        r.choice(["Sign in instead", "Already have an account?", "Log in"]),
        "/login",
    )
    card = Group(
        "card", [Text("Create your account", "heading"), Group("form", [*fields, *plans, terms, news, go]), back]
    )
    return Page("sign up", "Sign up", "/signup", [card], shell="plain")


def keys(r: Random, w: World) -> Page:
    """Tokens for programs."""
    rows: list[Node] = []
    show = r.choice(["icon", "icon", "text"])
    for n, name in enumerate(
        w.some(
            "Deploy script|Mobile app|Reporting|CI pipeline|Zapier|Backup job|Staging|Import tool", r.randrange(3, 7)
        )
    ):
        token = "".join(r.choice("abcdef0123456789") for _ in range(8)) + "…"
        key = f"the key of {name}"
        tools: list[Node] = [
            button(
                f"[Copies {key}|Copies the {name} key to the clipboard]",
                "Copy",
                "copy",
                row=name,
                show=show,
                look="ghost",
            ),
            button(
                f"[Reveals|Shows] {key}[ in plain text|]",
                "Reveal",
                "eye",
                row=name,
                show=show,
                look="ghost",
                does="toggle",
                undo=f"[Hides|Masks] {key}",
            ),
            button(
                f"[Revokes {key}|Makes {key} invalid|Deletes {key}]",
                "Revoke",
                "trash",
                row=name,
                show=show,
                look="ghost",
                does="remove",
            ),
            button(
                f"[Replaces {key} by a new one|Generates a new key for {name}]",
                "Rotate",
                "refresh",
                row=name,
                show=show,
                look="ghost",
            ),
        ]
        rows.append(
            Group(
                "tr",
                [
                    Text(name),
                    Text(token, "code"),
                    Text(w.day(), "muted"),
                    Group("toolbar", r.sample(tools, r.randrange(2, 5))),
                ],
                id=f"row{n}",
            )
        )
    new = button(
        "[Creates|Generates] a new [key|API key]",
        r.choice(["New key", "Create token", "Generate key"]),
        "plus",
        look="primary",
    )
    named = text_field("name of the new key", "Name", "Nightly export")
    scope = select("rights of the new key", "Scope", ("read", "write", "admin"), "write")
    body: list[Node] = [
        Text("API keys", "heading"),
        Group("table", rows, columns=("Name", "Key", "Created", "")),
        Group("bar", [named, scope, new]),
    ]
    return Page("api keys", "API keys", "/settings/keys", body, current="API keys")


def billing(r: Random, w: World) -> Page:
    """Plans and invoices."""
    plans: list[Node] = []
    current = r.randrange(3)
    for n, plan in enumerate(w.some("Free|Starter|Team|Business|Enterprise|Plus", 3)):
        choose = button(
            f"[Switches to|Chooses|Changes to] the {plan} plan",
            r.choice(["Choose", "Select", f"Get {plan}", "Upgrade"]),
            row=plan,
            look="primary",
            name="Choose",
        )
        plans.append(
            Group(
                "card",
                [
                    Text(plan, "subheading"),
                    Text(w.money(r.randrange(0, 99)), "price"),
                    Text(w.sentence(8)),
                    Text("Current plan", "badge") if n == current else choose,
                ],
            )
        )
    rows: list[Node] = []
    for _ in range(r.randrange(3, 8)):
        number = f"INV-{w.number()}"
        rows.append(
            Group(
                "tr",
                [
                    Text(number, "code"),
                    Text(w.day()),
                    Text(w.money(r.uniform(5, 300))),
                    pick_actions(
                        r,
                        r.sample(["Download", "View", "Print", "Mail"], 2),
                        f"invoice {number}",
                        number,
                        "",
                        r.choice(["icon", "text"]),
                    ),
                ],
            )
        )
    card: list[Node] = [
        Text("Visa •••• 4242"),
        button("[Changes|Replaces] the credit card", "Change", "edit", name="Change card"),
        button("[Removes|Deletes] the credit card", "Remove", "trash", name="Remove card", show="icon"),
    ]
    period: list[Node] = [
        tab(f"Shows the prices for [paying|payment] {each}", each.capitalize(), n == 0, does="pick")
        for n, each in enumerate(["monthly", "yearly"])
    ]
    cancel = button("[Cancels|Ends] the subscription", "Cancel subscription", "", look="danger")
    body: list[Node] = [
        Text("Billing", "heading"),
        Group("tabs", period),
        Group("grid", plans),
        Group("bar", card),
        Group("table", rows, columns=("Invoice", "Date", "Amount", "")),
        cancel,
    ]
    return Page("billing", "Billing", "/billing", body, current="Billing")


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
