"""Going somewhere: maps, rooms, seats."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import (
    action,
    pagination,
    search_bar,
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


def map_page(r: Random, w: World) -> Page:
    """A map with controls and places."""
    controls = _map_controls(r)
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


def _map_controls(r: Random) -> list[Node]:
    """The buttons above a map."""
    return [
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
