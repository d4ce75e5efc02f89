"""Looking and listening: players, galleries, icons to pick from."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import action, pick_actions, search_bar, title_bar
from magenta_qa.finetune.corpus.page import (
    Control,
    Group,
    Node,
    Page,
    Picture,
    Text,
    button,
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
    rows = _player_rows(r, w, songs, now)
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


def _player_rows(r: Random, w: World, songs: list[str], now: str) -> list[Node]:
    """The songs of a list, each with its buttons."""
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
    return rows


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
