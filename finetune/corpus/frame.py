"""What stands around every page of a site: its header, its navigation, its search, its account menu.

frame = Frame(world, Random("site 17"))
frame.around(page, r)           # -> nodes: header, side bar and the page's body
"""

from dataclasses import dataclass
from random import Random

from magenta_qa.finetune.corpus.page import Control, Group, Node, Page, Picture, Text, button, link, text_field
from magenta_qa.finetune.corpus.vocabulary import World

_PLACES = {
    "Dashboard": ("chart", "the dashboard"),
    "Home": ("home", "the start page"),
    "Orders": ("truck", "the [list of orders|orders]"),
    "Products": ("tag", "the [products|list of products]"),
    "Customers": ("users", "the [list of customers|customers]"),
    "Messages": ("mail", "the [messages|inbox]"),
    "Calendar": ("calendar", "the calendar"),
    "Reports": ("chart", "the reports"),
    "Files": ("folder", "the [files|file manager]"),
    "Projects": ("briefcase", "the [projects|list of projects]"),
    "Tasks": ("check", "the [tasks|list of tasks]"),
    "Team": ("users", "the team page"),
    "Settings": ("settings", "the settings"),
    "Billing": ("card", "the billing page"),
    "Help": ("help", "the [help pages|documentation]"),
    "Wiki": ("file", "the wiki"),
    "Shop": ("cart", "the shop"),
    "Map": ("map", "the map"),
    "Music": ("headphones", "the music library"),
    "Photos": ("image", "the photo gallery"),
    "Bookings": ("calendar", "the bookings"),
    "Deals": ("gift", "the [deals|special offers]"),
    "API keys": ("key", "the API keys"),
    "Logs": ("terminal", "the logs"),
    "Backups": ("database", "the backups"),
    "Inventory": ("layers", "the [inventory|stock list]"),
}
"""Name in the navigation -> (icon, what it leads to)."""


@dataclass
class Frame:
    """One site's."""

    world: World
    r: Random

    def __post_init__(self) -> None:
        r = self.r
        self._places = r.sample(list(_PLACES), r.randrange(4, 9))
        self._rail = r.random() < 0.2
        self._side_icons = r.random() < 0.75
        self._extras = r.sample(
            ["search", "bell", "help", "account", "theme", "cart", "language", "new", "menu", "logout"],
            r.randrange(2, 6),
        )
        self._user = self.world.person()
        self._side_first = r.random() < 0.6

    def around(self, page: Page, r: Random) -> list[Node]:
        """The frame with the page's body in it."""
        if page.shell == "plain":
            return [Group("center", [self._logo(), *page.body])]
        if page.shell == "full":
            return [*page.body]
        if page.shell == "site" or not self._side_first:
            nav = Group("nav", [self._entry(name, page, "text") for name in self._places[:5]])
            header = Group("header", [self._logo(), nav, Group("grow"), *self._tools(r)])
            return [header, Group("page", list(page.body))]
        show = "icon" if self._rail else "both" if self._side_icons else "text"
        entries = [self._entry(name, page, show) for name in self._places]
        side = Group("side", [self._logo(), Group("sidenav", list(entries))])
        header = Group("header", [Text(page.title, "strong"), Group("grow"), *self._tools(r)])
        return [Group("shell", [side, Group("main", [header, Group("content", list(page.body))])])]

    def _logo(self) -> Node:
        name = self.world.brand
        return Group(
            "row",
            [
                Picture("logo", f"{name} logo"),
                link("Goes to the [start page|home page]", name, "/", name=f"{name} logo"),
            ],
        )

    def _entry(self, name: str, page: Page, show: str) -> Control:
        icon, target = _PLACES[name]
        made = link(
            f"[Opens|Goes to|Shows] {target}",
            name,
            f"/{name.lower().replace(' ', '-')}",
            icon,
            look="ghost",
            on=name == page.current,
        )
        made.show = "icon" if show == "icon" else "both" if show == "both" else "text"
        return made

    def _tools(self, r: Random) -> list[Node]:
        made: list[Node] = []
        for name in self._extras:
            made += self._tool(name, r)
        return made

    def _tool(self, name: str, r: Random) -> list[Node]:
        person = self._user
        if name == "search":
            field = text_field(
                "search text",
                "",
                self.world.pick("invoice|budget|Ada|report|blue"),
                "[Searches the whole site|Looks for anything on the site|Takes what to search the site for]",
                name="Search",
                placeholder="Search…",
                input_type="search",
            )
            return [field]
        if name == "account":
            return [
                link(
                    f"[Opens|Shows] [the account menu|the account of {person.name}|{person.first}'s account menu]",
                    person.first,
                    "/account",
                    "user",
                    name="Account",
                )
            ]
        tools = {
            "bell": button(
                "[Opens|Shows] the [notifications|new notifications]",
                "Notifications",
                "bell",
                show="icon",
                look="ghost",
            ),
            "help": button("[Opens|Shows] [the help|help on this page]", "Help", "help", show="icon", look="ghost"),
            "theme": button(
                "[Switches between the light and dark theme|Changes the colour theme|Toggles dark mode]",
                "Theme",
                r.choice(["moon", "sun"]),
                show="icon",
                look="ghost",
            ),
            "cart": link("[Opens|Shows] the [cart|shopping cart|basket]", "Cart", "/cart", "cart"),
            "language": button(
                "[Changes|Switches] the language of the [site|interface]",
                "Language",
                r.choice(["globe", "translate"]),
                look="ghost",
            ),
            "new": button("[Creates something new|Opens the menu of things to create]", "New", "plus", look="primary"),
            "menu": button(
                "[Opens|Shows|Toggles] the [main menu|navigation]", "Menu", "menu", show="icon", look="ghost"
            ),
            "logout": link(
                "[Signs the user out|Ends the session|Logs the user out|Signs out of the account]",
                "Sign out",
                "/logout",
                "logout",
            ),
        }
        return [tools[name]]
