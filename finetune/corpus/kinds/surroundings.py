"""What stands around the content of pages of any kind: footers, banners, the way to a page, how a list is shown."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import search_bar
from magenta_qa.finetune.corpus.page import Group, Node, Text, button, link, select, text_field
from magenta_qa.finetune.corpus.vocabulary import World


def footer(r: Random, w: World) -> Group:
    """Links at the end of a page."""
    pool = [
        ("Imprint", "the imprint"),
        ("Privacy", "the privacy policy"),
        ("Terms", "the terms of use"),
        ("Contact", "the contact page"),
        ("Careers", "the open positions"),
        ("Press", "the press page"),
        ("Status", "the status of the service"),
        ("Sitemap", "the sitemap"),
        ("Accessibility", "the statement on accessibility"),
        ("Blog", "the blog"),
        ("Returns", "the information about returns"),
        ("API", "the documentation of the API"),
    ]
    links: list[Node] = [
        link(f"[Opens|Shows|Goes to] {target}", label, f"/{label.lower()}")
        for label, target in r.sample(pool, r.randrange(3, 8))
    ]
    social: list[Node] = [
        link(f"[Opens|Goes to|Shows] {w.brand}'s {what}", label, f"https://{label.lower()}.example/", icon, show="icon")
        for label, icon, what in r.sample(
            [
                ("Video channel", "video", "video channel"),
                ("Newsletter", "mail", "newsletter"),
                ("Photos", "camera", "photo page"),
                ("Code", "code", "source code"),
            ],
            r.randrange(0, 3),
        )
    ]
    mail = text_field(
        "e-mail address for the newsletter",
        "",
        w.person().email,
        name="Newsletter",
        placeholder="Your e-mail",
        input_type="email",
    )
    join = button("[Subscribes to|Signs up for] the newsletter", r.choice(["Subscribe", "Sign up", "Join"]))
    letter: list[Node] = [Group("row", [mail, join])] if r.random() < 0.4 else []
    up = (
        [button("[Scrolls|Goes] back to the top[ of the page|]", "Back to top", "chevron-left")]
        if r.random() < 0.2
        else []
    )
    return Group("footer", [*links, *social, *letter, *up])


def banner(r: Random, w: World) -> Group:
    """An announcement."""
    text, label, says = r.choice(
        [
            ("A new version is available.", "Reload", "[Reloads the page|Loads the new version]"),
            ("Your trial ends in 3 days.", "Upgrade", "[Upgrades the plan|Opens the choice of plans]"),
            ("Maintenance on Sunday from 2:00.", "Details", "[Shows|Opens] the details of the maintenance"),
            ("Please confirm your e-mail address.", "Resend", "[Sends|Mails] the confirmation [again|once more]"),
            ("You are viewing an old revision.", "Restore", "Restores the revision that is shown"),
            ("Two-factor sign-in is off.", "Turn on", "[Turns on|Sets up] sign-in with two factors"),
        ]
    )
    away = button(
        "[Closes|Dismisses|Hides] the [announcement|message|notice]", "Dismiss", "close", show="icon", look="ghost"
    )
    later = [button("[Puts the message off|Hides the message] until later", "Later")] if r.random() < 0.3 else []
    return Group(
        "alert", [Text(text), button(says, label, look="primary" if r.random() < 0.4 else "plain"), *later, away]
    )


def crumbs(r: Random, w: World) -> Group:
    """The way to this page."""
    names = w.topics(r.randrange(2, 4))
    links: list[Node] = [
        link("Goes to the [start page|home page]", "Home", "/", "home", show=r.choice(["icon", "text"]))
    ]
    for n, name in enumerate(names):
        links += [Text("/", "muted"), link(f"[Goes up|Goes back|Returns] to {name}", name, f"/b/{n}")]
    return Group("breadcrumb", links)


def views(r: Random, w: World) -> Group:
    """How a list is shown."""
    what = "entries"
    ways = [
        ("List", "list-ul"),
        ("Grid", "grid"),
        ("Table", "table"),
        ("Columns", "columns"),
        ("Map", "map"),
        ("Calendar", "calendar"),
    ]
    modes: list[Node] = [
        button(
            f"[Shows the {what} as a {label.lower()}|Switches to the {label.lower()} view]",
            label,
            icon,
            show="icon",
            on=n == 0,
            name=f"{label} view",
        )
        for n, (label, icon) in enumerate(r.sample(ways, r.randrange(2, 5)))
    ]
    order = select(f"order of the {what}", "Sort by", ("Name", "Newest", "Oldest", "Size", "Owner"), "Newest")
    turn = button(f"[Reverses|Turns around] the order of the {what}", "Reverse", "sort", show="icon")
    columns = button(f"[Chooses|Sets] which columns of the {what} are shown", "Columns", "columns")
    sift = button(f"[Opens|Shows] the filters for the {what}", "Filter", "filter")
    rest: list[Node] = [order, turn, columns, sift, *search_bar(r, what, w.topics(1)[0])]
    return Group("bar", [Group("toolbar", modes), *r.sample(rest, r.randrange(2, 5))])
