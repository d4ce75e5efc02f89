"""One's own account: settings, signing in and up, keys, billing."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import (
    pick_actions,
    save_cancel,
)
from magenta_qa.finetune.corpus.page import (
    Control,
    Group,
    Node,
    Page,
    Text,
    button,
    check,
    link,
    select,
    tab,
    text_field,
)
from magenta_qa.finetune.corpus.vocabulary import World

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
                        r.sample(["Download", "View", "Print", "Send"], 2),
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
