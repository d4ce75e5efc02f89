"""Looking and listening: players, galleries, icons to pick from, maps, trips, dashboards, machines."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import action, headers, pagination, pick_actions, search_bar, title_bar
from magenta_qa.finetune.corpus.page import (
    Control,
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


def _slider(thing: str, label: str, says: str, value: int) -> Control:
    made = text_field(thing, label, str(value), says, name=label or thing)
    return Control("slider", made.meaning, "", value=str(value))


def player(r: Random, w: World) -> Page:
    """Music with a play list."""
    songs, film = w.songs(r.randrange(4, 9)), r.random() < 0.4
    it, now = ("the film", "video") if film else ("the song", "song")
    current = songs[0]
    bar: list[Node] = [
        button(
            "[Shuffles|Plays in random order] the list".replace("Plays in random order", "Mixes up"),
            "Shuffle",
            "shuffle",
            show="icon",
            does="toggle",
        ),
        button(f"[Goes back to|Plays] the previous {now}", "Previous", "prev-track", show="icon"),
        button(f"[Plays|Starts] [{it}|{current}]", "Play", "play", show="icon", does="toggle")
        if r.random() < 0.5
        else button(f"[Pauses|Stops] [{it}|{current}]", "Pause", "pause", show="icon", does="toggle"),
        button(f"[Skips to|Plays] the next {now}", "Next", "next-track", show="icon"),
        button(f"[Repeats|Loops] [{it}|the list]", "Repeat", "repeat", show="icon", does="toggle"),
    ]
    sound: list[Node] = [
        button("[Mutes|Switches off] the sound", "Mute", r.choice(["volume", "mute"]), show="icon"),
        _slider("volume", "Volume", "[Sets|Changes] the volume", r.randrange(10, 90)),
    ]
    seek = _slider(
        "place in the " + now, "Position", f"[Jumps to another place in|Seeks within] {it}", r.randrange(5, 95)
    )
    screen: list[Node] = [
        button(
            "[Shows the film in full screen|Enlarges the picture to the whole screen]",
            "Full screen",
            "fullscreen",
            show="icon",
        ),
        button("[Opens|Shows] the [quality and speed |]settings of the player", "Settings", "settings", show="icon"),
    ]
    rows: list[Node] = []
    for n, song in enumerate(songs):
        thing = f"[{song}|the {now} {song}]"
        tools: list[Node] = [
            button(f"[Plays|Starts] {thing}", "Play", "play", row=song, show="icon", look="ghost"),
            action("Favourite", thing, song, show="icon", look="ghost", on=r.random() < 0.2),
            button(
                f"[Adds {thing} to a play list|Puts {thing} on a list]",
                "Add to list",
                "plus",
                row=song,
                show="icon",
                look="ghost",
            ),
            action("Download", thing, song, show="icon", look="ghost"),
            action("More", thing, song, show="icon", look="ghost"),
        ]
        rows.append(
            Group(
                "item",
                [
                    tools[0],
                    Text(song, "strong"),
                    Text(w.fake.name(), "muted"),
                    Group("grow"),
                    Text(f"{r.randrange(2, 6)}:{r.randrange(10, 59)}", "muted"),
                    *r.sample(tools[1:], r.randrange(1, 4)),
                ],
                id=f"row{n}",
            )
        )
    lists: list[Node] = [
        link(f"[Opens|Shows] the play list {each}", each, f"/list/{each.lower()}", look="ghost")
        for each in w.some("Favourites|Road trip|Focus|Sunday|Party|Rainy days|Running", 4)
    ]
    top: list[Node] = [Picture("video", current, 640, 300), *screen] if film else [Picture("photo", current, 120, 120)]
    body: list[Node] = [
        Group(
            "split",
            [
                Group("aside", [*lists, button("[Creates|Makes] a new play list", "New list", "plus")]),
                Group(
                    "main", [*top, Text(current, "heading"), Group("row", [*bar, seek, *sound]), Group("list", rows)]
                ),
            ],
        )
    ]
    return Page("player", current, "/listen", body, current="Music", shell=r.choice(["app", "site"]))


def gallery(r: Random, w: World) -> Page:
    """Pictures in a grid."""
    cards: list[Node] = []
    leads = r.random() < 0.5
    names = r.sample(["Favourite", "Download", "Delete", "Share", "Edit", "More"], r.randrange(1, 4))
    for n, where in enumerate(dict.fromkeys(w.city() for _ in range(r.randrange(6, 11)))):
        thing = f'[the photo of {where}|the picture "{where}"]'
        open_it = link(f"[Opens|Enlarges|Shows] {thing}", where, f"/photo/{n}")
        cards.append(
            Group(
                "card",
                [
                    _photo(where, thing, n, leads),
                    open_it,
                    pick_actions(r, names, thing, f"the photo of {where}", "", "icon"),
                ],
                id=f"row{n}",
            )
        )
    bar: list[Node] = [
        button("[Uploads photos from the computer|Adds photos to the gallery]", "Upload", "upload", look="primary"),
        button("[Starts|Plays] a slide show", "Slide show", "play"),
        button("[Creates|Makes] a new album", "New album", "folder-plus"),
        button("[Selects|Marks] several photos", "Select", "check"),
    ]
    albums: list[Node] = [
        tab(f"[Opens|Shows] the album {each}", each, n == 0, does="pick")
        for n, each in enumerate(w.some("All photos|Summer|Family|Office party|Mountains|Pets", 4))
    ]
    body: list[Node] = [title_bar("Photos", *r.sample(bar, 3)), Group("tabs", albums), Group("grid", cards)]
    return Page("gallery", "Photos", "/photos", body, current="Photos", shell=r.choice(["app", "site"]))


def _photo(where: str, thing: str, n: int, leads: bool) -> Node:
    if not leads:
        return Picture("photo", where, 200, 130)
    says = f"[Enlarges|Shows a large view of] {thing}"
    return link(says, "", f"/photo/{n}/large", f"photo:{where}", name=f"photo of {where}")


def icon_picker(r: Random, w: World) -> Page:
    """Symbols to choose from; each button shows one and says nothing else."""
    target = w.pick("the project|the category|the channel|the button|the folder|the badge|the shortcut|the menu entry")
    cells: list[Node] = [
        button(
            f"[Chooses|Picks|Selects|Sets] the {{symbol}} [icon|symbol] for {target}",
            "",
            f"any:{r.randrange(10**9)}",
            name="{symbol}",
            show="icon",
            look=r.choice(["ghost", "plain"]),
        )
        for _ in range(r.randrange(24, 49))
    ]
    groups: list[Node] = [
        tab(f"Shows [the |]{each.lower()} icons", each, n == 0, does="pick")
        for n, each in enumerate(w.some("All|Arrows|Media|Files|People|Travel|Weather|Devices", 5))
    ]
    color = select("colour of the icon", "Colour", ("Black", "Blue", "Red", "Green"), "Red")
    body: list[Node] = [
        Text("Choose an icon", "heading"),
        Group("bar", [*search_bar(r, "icons", "star"), color]),
        Group("tabs", groups),
        Group("row", cells),
        Group(
            "row",
            [
                button("[Uses|Takes] the chosen icon", "Use icon", "check", look="primary"),
                button("[Closes the list|Goes back] without choosing[ an icon|]", "Cancel", ""),
            ],
        ),
    ]
    return Page("icon picker", "Choose an icon", "/icons", body, shell=r.choice(["plain", "app", "site"]))


def map_page(r: Random, w: World) -> Page:
    """A map with controls and places."""
    controls: list[Node] = [
        button(
            "[Zooms into the map|Shows the map in more detail|Enlarges the map]",
            "+",
            r.choice(["plus", "zoom-in"]),
            name="Zoom in",
            show="icon",
        ),
        button(
            "[Zooms out of the map|Shows more of the map|Makes the map smaller]",
            "−",
            r.choice(["minus", "zoom-out"]),
            name="Zoom out",
            show="icon",
        ),
        button(
            "[Shows where the user is|Centres the map on the user's position]", "My location", "locate", show="icon"
        ),
        button("[Chooses the layers of the map|Shows the list of map layers]", "Layers", "layers", show="icon"),
        button(
            "[Shows the map in full screen|Enlarges the map to the whole screen]",
            "Full screen",
            "fullscreen",
            show="icon",
        ),
        button("[Measures a distance on the map|Starts measuring a distance]", "Measure", "pencil-ruler", show="icon"),
        button("[Prints|Opens the print view of] the map", "Print", "print", show="icon"),
        button("[Shares|Copies a link to] this view of the map", "Share", "share", show="icon"),
    ]
    places: list[Node] = []
    for n, name in enumerate(
        f"{w.fake.last_name()}'s {w.pick('Bakery|Hotel|Garage|Pharmacy|Bookshop|Café|Museum')}"
        for _ in range(r.randrange(3, 6))
    ):
        tools: list[Node] = [
            button(
                f"[Shows the way to|Plans a route to|Gives directions to] {name}", "Directions", "arrow-right", row=name
            ),
            action("Bookmark", name, name, show="icon", look="ghost"),
            action("Call", name, name, show="icon", look="ghost"),
            action("Share", name, name, show="icon", look="ghost"),
        ]
        open_it = link(f"[Shows {name} on the map|Opens the details of {name}]", name, f"/place/{n}")
        places.append(
            Group(
                "item",
                [
                    Group("column", [open_it, Text(w.fake.street_address(), "muted")]),
                    Group("grow"),
                    *r.sample(tools, r.randrange(1, 4)),
                ],
                id=f"row{n}",
            )
        )
    route: list[Node] = [
        text_field("place where the route starts", "From", w.city()),
        text_field("place where the route ends", "To", w.city()),
        button("[Swaps|Exchanges] start and end of the route", "Swap", "sort", show="icon"),
        button("[Calculates|Finds|Plans] the route", "Find route", "search", look="primary"),
    ]
    ways: list[Node] = [
        tab(f"[Plans the route|Shows the way] {how}", label, n == 0, does="pick")
        for n, (label, how) in enumerate(
            [("Car", "by car"), ("Walk", "on foot"), ("Transit", "by public transport"), ("Bike", "by bicycle")]
        )
    ]
    body: list[Node] = [
        Group(
            "split",
            [
                Group(
                    "aside", [*search_bar(r, "places", w.city()), *route, Group("tabs", ways), Group("list", places)]
                ),
                Group(
                    "main", [Group("toolbar", r.sample(controls, r.randrange(4, 8))), Picture("map", "Map", 760, 430)]
                ),
            ],
        )
    ]
    return Page("map", "Map", "/map", body, current="Map", shell=r.choice(["full", "site", "app"]))


def booking(r: Random, w: World) -> Page:
    """Rooms, seats or tables to book."""
    city = w.city()
    search: list[Node] = [
        text_field("place to stay", "Destination", city),
        text_field(
            "day of arrival", r.choice(["Check-in", "Arrival"]), w.iso_day(), input_type=r.choice(["date", "text"])
        ),
        text_field(
            "day of departure", r.choice(["Check-out", "Departure"]), w.iso_day(), input_type=r.choice(["date", "text"])
        ),
        select("number of guests", "Guests", ("1", "2", "3", "4"), "3"),
        button("[Looks for|Searches for|Finds] free rooms", "Search", "search", look="primary"),
    ]
    cards: list[Node] = []
    for n, name in enumerate(
        f"{w.pick('Hotel|Villa|Pension|Hostel|Apartment|Inn')} {w.fake.last_name()}" for _ in range(r.randrange(3, 7))
    ):
        tools: list[Node] = [
            button(
                f"[Books a room at|Reserves a room at|Starts booking] {name}",
                r.choice(["Book", "Reserve", "Book now"]),
                "",
                row=name,
                look="primary",
                name="Book",
            ),
            action("Favourite", name, name, show="icon", look="ghost"),
            button(
                f"[Shows {name} on the map|Shows where {name} is]",
                "Map",
                "map",
                row=name,
                show=r.choice(["icon", "text"]),
            ),
            button(
                f"[Shows the photos of|Opens the pictures of] {name}",
                "Photos",
                "image",
                row=name,
                show=r.choice(["icon", "text"]),
            ),
        ]
        cards.append(
            Group(
                "card",
                [
                    Picture("photo", name, 200, 110),
                    link(f"[Opens|Shows] the [page|details] of {name}", name, f"/stay/{n}"),
                    Text(f"{w.money(r.uniform(40, 300))} a night"),
                    Group("row", [tools[0], *r.sample(tools[1:], r.randrange(1, 4))]),
                ],
                id=f"row{n}",
            )
        )
    filters: list[Node] = [
        check(
            f"only places with {each}",
            each.capitalize(),
            r.random() < 0.2,
            f"Shows only places with {each}",
            f"Shows places without {each} too",
        )
        for each in w.some("breakfast|parking|a pool|Wi-Fi|a kitchen|free cancellation", 4)
    ]
    order = select("order of the places", "Sort by", ("Price", "Rating", "Distance"), "Distance")
    body: list[Node] = [
        Group("bar", search),
        Group("split", [Group("aside", [order, *filters]), Group("main", [Group("grid", cards)])]),
        pagination(r, "places"),
    ]
    return Page("booking", f"Stays in {city}", "/stays", body, shell="site", current="Bookings")


def seats(r: Random, w: World) -> Page:
    """A hall in which seats are chosen."""
    show = w.songs(1)[0]
    rows: list[Node] = []
    for letter in "ABCDEFG"[: r.randrange(3, 7)]:
        seats_of: list[Node] = [
            button(
                f"[Chooses|Picks|Selects|Takes] seat {n} in row {letter}".replace("Takes", "Reserves"),
                str(n),
                name=f"seat {letter}{n}",
                disabled=r.random() < 0.15,
                does="toggle",
                undo=f"[Gives up|Releases] seat {n} in row {letter}",
            )
            for n in range(1, r.randrange(7, 11))
        ]
        rows.append(Group("row", [Text(letter, "strong"), *seats_of]))
    times: list[Node] = [
        tab(f"[Shows the seats for|Chooses] the performance at {each}", each, n == 0, does="pick")
        for n, each in enumerate(dict.fromkeys(w.clock() for _ in range(3)))
    ]
    tickets = select("number of tickets", "Tickets", ("1", "2", "3", "4"), "2")
    go = button(
        "[Goes on to the payment|Buys the chosen seats|Pays for the chosen seats]",
        r.choice(["Continue", "Buy tickets", "Check out"]),
        "",
        look="primary",
    )
    clear = button("[Gives up all chosen seats|Starts the choice of seats anew]", "Clear selection", "refresh")
    body: list[Node] = [
        Text(show, "heading"),
        Group("tabs", times),
        Group("card", [Text("Stage", "muted"), *rows]),
        Group("row", [tickets, clear, go]),
    ]
    return Page("seats", show, "/tickets/4", body, shell="site", current="Bookings")


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
