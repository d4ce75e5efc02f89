"""Looking things up and over: search results, dashboards, servers."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import (
    action,
    headers,
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
    button,
    check,
    link,
    select,
    tab,
    text_field,
)
from magenta_qa.finetune.corpus.vocabulary import World


def results(r: Random, w: World) -> Page:
    """What a search found."""
    words = w.subject()
    cards: list[Node] = []
    for n, title in enumerate(w.topics(r.randrange(4, 9))):
        tools: list[Node] = [
            action("Bookmark", f"the result {title}", title, show="icon", look="ghost"),
            button(f"[Shows|Opens] a preview of {title}", "Preview", "eye", row=title, show=r.choice(["icon", "text"])),
            button(f"[Finds|Searches for|Shows] pages similar to {title}", "Similar", "", row=title),
            button(f"[Hides|Leaves out] the result {title}", "Hide", "eye-off", row=title, show="icon", does="remove"),
        ]
        cards.append(
            Group(
                "item",
                [
                    Group(
                        "column",
                        [
                            link(f"[Opens|Goes to] [the result |the page |]{title}", title, f"/r/{n}"),
                            Text(w.sentence(12), "muted"),
                        ],
                    ),
                    Group("grow"),
                    *r.sample(tools, r.randrange(1, 3)),
                ],
                id=f"row{n}",
            )
        )
    again = text_field(
        "search words",
        "",
        w.subject(),
        "[Takes the words to search for|Changes what is searched for|Enters new search words]",
        name="Search",
        filled=words,
        input_type="search",
    )
    clear = button("[Clears|Empties] the search field", "Clear", "close", show="icon", look="ghost")
    kinds: list[Node] = [
        tab(
            f"Shows [only {each.lower()}|{each.lower()} that match]"
            if n
            else "Shows [all results|results of every kind]",
            each,
            n == 0,
            does="pick",
        )
        for n, each in enumerate(["All", "Images", "Videos", "News", "Files"][: r.randrange(3, 6)])
    ]
    when = select("time that results are from", "Time", ("Any time", "Past day", "Past week", "Past year"), "Past week")
    voice = button(
        "[Searches by voice|Takes the search words by voice]", "Voice search", "mic", show="icon", look="ghost"
    )
    body: list[Node] = [
        Group(
            "bar",
            [again, clear, voice, button("[Runs|Starts] the search[ again|]", "Search", "search", look="primary")],
        ),
        Group("tabs", kinds),
        Group("bar", [Text(f"{r.randrange(20, 9000)} results", "muted"), when]),
        Group("list", cards),
        pagination(r, "results"),
    ]
    return Page("results", f"{words} – search", "/search", body, shell="site", current="Home")


def dashboard(r: Random, w: World) -> Page:
    """Figures and charts."""
    tiles = _dashboard_tiles(r, w)
    charts = _dashboard_charts(r, w)
    periods: list[Node] = [
        tab(f"Shows the figures [of|for] {what}", label, n == 1, does="pick")
        for n, (label, what) in enumerate(
            [("Day", "the last day"), ("Week", "the last week"), ("Month", "the last month"), ("Year", "the last year")]
        )
    ]
    add = button("[Adds a tile to|Puts something on] the dashboard", "Add widget", "plus")
    share = button("[Exports|Downloads] the report", "Export", "download", look="primary")
    refresh = button("[Reloads|Updates|Refreshes] the figures", "Refresh", "refresh", show="icon")
    body: list[Node] = [
        title_bar("Dashboard", refresh, add, share),
        Group("tabs", periods),
        Group("grid", tiles),
        Group("split", [Group("main", charts)]),
    ]
    return Page("dashboard", "Dashboard", "/dashboard", body, current="Dashboard")


def _dashboard_charts(r: Random, w: World) -> list[Node]:
    """Charts, each with its buttons."""
    charts: list[Node] = []
    for name in w.some("Sales by week|Traffic sources|Response time|Signups per day|Costs", r.randrange(1, 3)):
        thing = f"the chart {name}"
        more: list[Node] = [
            button(f"[Downloads|Exports] {thing}", "Download", "download", row=name, show="icon", look="ghost"),
            button(
                f"[Enlarges|Shows in full screen] {thing}".replace("Shows in full screen", "Opens a large view of"),
                "Enlarge",
                "fullscreen",
                row=name,
                show="icon",
                look="ghost",
            ),
            button(f"[Reloads|Refreshes] {thing}", "Refresh", "refresh", row=name, show="icon", look="ghost"),
            button(
                f"[Changes the settings of|Configures] {thing}",
                "Configure",
                "settings",
                row=name,
                show="icon",
                look="ghost",
            ),
        ]
        charts.append(
            Group(
                "card",
                [
                    Group("between", [Text(name, "subheading"), Group("toolbar", r.sample(more, r.randrange(2, 4)))]),
                    Picture("chart", name, 480, 170),
                ],
            )
        )
    return charts


def _dashboard_tiles(r: Random, w: World) -> list[Node]:
    """Figures, each with its buttons."""
    tiles: list[Node] = []
    for n, name in enumerate(
        w.some(
            "Revenue|Visitors|Orders|Sign-ups|Open tickets|Conversion|Refunds|Active users|Downloads", r.randrange(3, 6)
        )
    ):
        thing = f"[the {name.lower()} figure|the tile {name}]"
        tools: list[Node] = [
            button(
                f"[Opens|Shows] details [of|on] {name.lower()}",
                "Details",
                "arrow-right",
                row=name,
                show="icon",
                look="ghost",
            ),
            button(
                f"[Opens the menu of|Shows options for] {thing}", "Options", "more", row=name, show="icon", look="ghost"
            ),
            button(
                f"[Removes|Hides] {thing}[ from the dashboard|]",
                "Hide",
                "close",
                row=name,
                show="icon",
                look="ghost",
                does="remove",
            ),
        ]
        tiles.append(
            Group(
                "card",
                [
                    Group("between", [Text(name, "muted"), Group("toolbar", r.sample(tools, r.randrange(1, 3)))]),
                    Text(f"{r.randrange(100, 99000):,}", "heading"),
                ],
                id=f"row{n}",
            )
        )
    return tiles


def servers(r: Random, w: World) -> Page:
    """Machines and their logs."""
    rows: list[Node] = []
    show = r.choice(["icon", "icon", "both"])
    for n, name in enumerate(
        f"{w.pick('web|db|cache|mail|worker|proxy|backup')}-{r.randrange(1, 40):02}" for _ in range(r.randrange(4, 9))
    ):
        thing = f"[{name}|the server {name}]"
        running = r.random() < 0.6
        power = (
            button(f"[Stops|Shuts down|Switches off] {thing}", "Stop", "power", row=name, show=show, look="ghost")
            if running
            else button(f"[Starts|Boots|Switches on] {thing}", "Start", "play", row=name, show=show, look="ghost")
        )
        tools: list[Node] = [
            power,
            button(f"[Restarts|Reboots] {thing}", "Restart", "refresh", row=name, show=show, look="ghost"),
            button(
                f"[Opens a console on|Connects a terminal to] {thing}",
                "Console",
                "terminal",
                row=name,
                show=show,
                look="ghost",
            ),
            button(f"[Shows|Opens] the logs of {thing}", "Logs", "file", row=name, show=show, look="ghost"),
            button(
                f"[Takes a snapshot of|Makes a backup of] {thing}",
                "Backup",
                "database",
                row=name,
                show=show,
                look="ghost",
            ),
            action("Delete", thing, name, "[from the list|]", show=show, look="ghost"),
            button(
                f"[Changes the settings of|Configures] {thing}",
                "Configure",
                "wrench",
                row=name,
                show=show,
                look="ghost",
            ),
        ]
        keep = [tools[0], *r.sample(tools[1:], r.randrange(1, 4))]
        rows.append(
            Group(
                "tr",
                [
                    link(f"[Opens|Shows] [{thing}|the details of {thing}]", name, f"/nodes/{n}"),
                    Text("Running" if running else "Stopped", "badge", "good" if running else "bad"),
                    Text(f"{r.randrange(1, 99)} %"),
                    Group("toolbar", keep),
                ],
                id=f"row{n}",
            )
        )
    bar: list[Node] = [
        button("[Adds|Sets up|Creates] a [new |]server", "Add server", "plus", look="primary"),
        button("[Reloads|Refreshes] the list of servers", "Refresh", "refresh", show="icon"),
    ]
    live = check(
        "automatic refresh",
        "Auto refresh",
        r.random() < 0.5,
        "[Reloads the list by itself|Turns on the automatic refresh]",
        "[Stops reloading the list by itself|Turns off the automatic refresh]",
    )
    body: list[Node] = [
        title_bar("Servers", *bar),
        Group("bar", [*search_bar(r, "servers", "web"), live]),
        Group("table", rows, columns=headers(r, ["Name", "State", "Load", ""], "servers")),
    ]
    return Page("servers", "Servers", "/nodes", body, current="Logs")
