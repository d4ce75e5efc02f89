"""The data that pages are filled with: people, products, files, messages, places, amounts; seeded, of one site.

    world = World(Random("site 17"))
    world.brand                     -> "Halden & Co"
    world.product()                 -> Product("Blue canvas backpack", "$40.00", "Bags", "BCB-2208")
    world.person()                  -> Person("Ada Moreau", "ada.moreau@halden.test", "Editor", …)

Names, streets, companies and sentences come from Faker; what is bought, written and planned is put together here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from faker import Faker

_TODAY = date(2027, 3, 15)
LOCALES = ("en_US", "en_GB", "en_IE", "en_AU", "en_IN", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE")
_SURFACE = [
    "Blue",
    "Red",
    "Black",
    "Grey",
    "Olive",
    "Sand",
    "Ivory",
    "Copper",
    "Walnut",
    "Oak",
    "Steel",
    "Linen",
    "Wool",
    "Cotton",
    "Leather",
    "Canvas",
    "Ceramic",
    "Glass",
    "Bamboo",
    "Cork",
    "Folding",
    "Compact",
    "Wireless",
    "Ergonomic",
    "Vintage",
    "Recycled",
    "Waterproof",
    "Insulated",
    "Merino",
    "Organic",
    "Portable",
    "Rechargeable",
    "Slim",
    "Heavy-duty",
]
_GOODS = {
    "Bags": "backpack|duffel bag|laptop sleeve|tote|toiletry bag|messenger bag|waist pack|suitcase",
    "Kitchenware": "kettle|saucepan|espresso cup|chopping board|teapot|knife set|mixing bowl|pepper mill|lunch box|coffee grinder",
    "Furnishings": "desk lamp|floor cushion|bookshelf|wall clock|blanket|side table|candle holder|curtain|vase|door mat",
    "Electronics": "headphones|keyboard|power bank|webcam|speaker|USB hub|monitor stand|router|smart plug|phone charger",
    "Outdoor gear": "tent|sleeping bag|camping stove|head torch|water bottle|hiking poles|hammock|rain jacket|binoculars|cool box",
    "Clothing": "jumper|denim jacket|scarf|beanie|trainers|socks|shirt|raincoat|gloves|belt",
    "Office supplies": "notebook|fountain pen|desk organiser|stapler|planner|whiteboard|filing box|desk pad|paper shredder|chair",
    "Toys": "puzzle|train set|kite|board game|building blocks|plush bear|yo-yo|marble run|card game|doll's house",
    "Garden tools": "watering can|pruning shears|plant pot|bird feeder|hose reel|trowel|wheelbarrow|garden bench|seed tray|rake",
    "Groceries": "olive oil|ground coffee|oat milk|dark chocolate|honey|pasta|green tea|granola|tomato sauce|sea salt",
}
_SUBJECTS = [
    "Quarterly budget",
    "Onboarding checklist",
    "Launch plan",
    "Office move",
    "Customer survey",
    "Travel expenses",
    "Release notes",
    "Team offsite",
    "Data migration",
    "Security review",
    "Price list",
    "Hiring plan",
    "Brand guidelines",
    "Supplier contract",
    "Warehouse audit",
    "Server upgrade",
    "Website redesign",
    "Press release",
    "Training schedule",
    "Annual report",
    "Support rota",
    "Mobile app beta",
    "Invoice backlog",
    "Pilot results",
    "Newsletter draft",
    "Photo shoot",
    "Accessibility audit",
    "Payment provider",
    "Board meeting",
    "Fire drill",
    "Loyalty programme",
    "Stock count",
]
_TASKS = [
    "Fix the broken login link",
    "Write the welcome email",
    "Update the price table",
    "Test the export",
    "Order new badges",
    "Call the supplier",
    "Review the contract",
    "Prepare the demo",
    "Clean up old accounts",
    "Translate the help page",
    "Check the backups",
    "Draw the floor plan",
    "Reply to the auditor",
    "Book the venue",
    "Resize the banner",
    "Measure page speed",
    "Merge duplicate contacts",
    "Rotate the API keys",
    "Renew the certificate",
    "Describe the new fields",
    "Pick a caterer",
    "Archive finished projects",
    "Move images to storage",
    "Plan the sprint",
]
_MESSAGES = [
    "Can you have a look at the draft before noon?",
    "Thanks, that worked for me.",
    "The numbers in the second tab look wrong.",
    "I'll be ten minutes late.",
    "Who has the key to the meeting room?",
    "The build is green again.",
    "Could you send me the latest file?",
    "Lunch at one?",
    "The client is happy with the change.",
    "Please don't deploy today.",
    "I have added my comments.",
    "See you tomorrow!",
    "The parcel has arrived.",
    "We need two more chairs.",
    "I moved the call to Thursday.",
    "Great work, everyone!",
]
_FILES = "report|budget|contract|invoice|logo|photo|notes|minutes|slides|backup|readme|survey|poster|floorplan|letter|inventory"
_ENDINGS = ["pdf", "xlsx", "docx", "png", "jpg", "txt", "csv", "zip", "pptx", "svg", "mp4", "md"]
_ROLES = "Administrator|Editor|Viewer|Owner|Manager|Support agent|Developer|Accountant|Guest|Moderator|Analyst|Billing contact"
_TEAMS = "Sales|Support|Marketing|Engineering|Finance|Operations|Design|Legal|Logistics|People|Research|Purchasing"
_COUNTRIES = "Germany|France|Spain|Italy|Poland|Sweden|Norway|Ireland|Canada|Japan|Brazil|India|Kenya|Australia|Mexico|Austria|Greece|Chile"
_SONGS = [
    "Slow Harbour",
    "Paper Lanterns",
    "Northbound",
    "Glass Rivers",
    "The Long Field",
    "Amber Lines",
    "Second Winter",
    "Kite Season",
    "Low Tide",
    "Evergreen",
    "Rooftop Garden",
    "Midnight Tram",
    "Copper Sky",
    "Sunday Letters",
    "Distant Engines",
    "Salt and Cedar",
]
_TOPICS = [
    "Getting started",
    "Installation",
    "Keyboard shortcuts",
    "Billing and invoices",
    "Permissions",
    "Import and export",
    "Troubleshooting",
    "Webhooks",
    "Release process",
    "Glossary",
    "Backups",
    "Single sign-on",
    "Data retention",
    "Notifications",
    "Mobile app",
    "API reference",
    "Tutorial",
    "Style guide",
]
_LABELS = "Urgent|Draft|Review|Blocked|Done|New|Internal|Customer|Bug|Idea|Finance|Travel|Family|Later|Design|Beta"


_SYLLABLES = [
    "va",
    "lo",
    "ri",
    "ken",
    "tu",
    "mar",
    "zi",
    "no",
    "be",
    "lar",
    "qui",
    "sto",
    "pe",
    "ra",
    "dim",
    "fel",
    "o",
    "ska",
    "ju",
    "hy",
    "nor",
    "tes",
    "wa",
    "gli",
    "mo",
    "xa",
    "bru",
    "ent",
    "ci",
]
UNUSUAL = 0.35
"""Share of titles, files and labels that are not of the lists above."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a site."""

    name: str
    email: str
    role: str
    team: str
    city: str

    @property
    def first(self) -> str:
        """Given name."""
        return self.name.split()[0]

    @property
    def initials(self) -> str:
        """Two letters."""
        words = self.name.split()
        return (words[0][0] + words[-1][0]).upper()


@dataclass(frozen=True, slots=True)
class Product:
    """Something that a site sells or stores."""

    name: str
    price: str
    category: str
    sku: str


class World:
    """Everything that one site talks about.

    Args:
        r: Source of chance; the same for the same site.
    """

    def __init__(self, r: Random) -> None:
        self.r = r
        self.fake = Faker(r.choice(LOCALES) if r.random() < 0.4 else "en_US")
        self.fake.seed_instance(r.randrange(1 << 30))
        self.currency = r.choice(["${}", "€{}", "£{}", "{} €", "CHF {}", "{} kr", "US${}"])
        self.day_format = r.choice(["%d %b %Y", "%b %d, %Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%A, %d %B"])
        self.brand = self._brand()
        self.domain = "".join(c for c in self.brand.lower() if c.isascii() and c.isalnum()) + ".test"

    def _brand(self) -> str:
        made = self.r.choice(["company", "last", "compound", "compound", "word"])
        if made == "company":
            return self.fake.company().split(",")[0].split(" and ")[0]
        if made == "last":
            return f"{self.fake.last_name()}{self.r.choice(['', ' & Co', ' Works', ' Online', ' Desk'])}"
        first = self.r.choice(
            [
                "Open",
                "Bright",
                "North",
                "Blue",
                "Swift",
                "Clear",
                "Cloud",
                "Paper",
                "Stone",
                "River",
                "Ever",
                "True",
                "Pixel",
                "Data",
                "Green",
                "Nova",
            ]
        )
        second = self.r.choice(
            [
                "Desk",
                "Board",
                "Flow",
                "Base",
                "Trail",
                "Hub",
                "Stack",
                "Path",
                "Forge",
                "Ledger",
                "Cart",
                "Nest",
                "Works",
                "Line",
                "Point",
                "Shelf",
            ]
        )
        return first + (second.lower() if made == "compound" else f" {second}")

    def pick(self, words: str | list[str] | tuple[str, ...]) -> str:
        """One of several; a text holds them with bars between."""
        return self.r.choice(words.split("|") if isinstance(words, str) else words)

    def some(self, words: str | list[str] | tuple[str, ...], count: int) -> list[str]:
        """Several, no one twice."""
        every = words.split("|") if isinstance(words, str) else list(words)
        return self.r.sample(every, min(count, len(every)))

    def person(self) -> Person:
        """Anybody."""
        name = f"{self.fake.first_name()} {self.fake.last_name()}"
        local = ".".join(part.lower() for part in name.split())
        local = "".join(c for c in local if c.isascii() and (c.isalnum() or c == "."))
        return Person(name, f"{local}@{self.domain}", self.pick(_ROLES), self.pick(_TEAMS), self.city())

    def people(self, count: int) -> list[Person]:
        """Several with different names."""
        found: dict[str, Person] = {}
        while len(found) < count:
            person = self.person()
            found.setdefault(person.name, person)
        return list(found.values())

    def product(self, category: str = "") -> Product:
        """Anything of a category."""
        category = category or self.r.choice(list(_GOODS))
        maker = self.coined() if self.r.random() < 0.25 else self.r.choice(_SURFACE)
        name = f"{maker} {self.pick(_GOODS[category])}"
        if self.r.random() < 0.25:
            name = f"{name} {self.r.choice(['XL', 'Mini', 'Pro', 'No. 4', 'Set of 2', '500 ml', 'II', 'Lite'])}"
        code = "".join(word[0] for word in name.split()).upper()
        return Product(name, self.money(self.r.uniform(3, 240)), category, f"{code}-{self.r.randrange(1000, 9999)}")

    def products(self, count: int, category: str = "") -> list[Product]:
        """Several with different names."""
        found: dict[str, Product] = {}
        for _ in range(count * 20):
            product = self.product(category)
            found.setdefault(product.name, product)
            if len(found) == count:
                break
        return list(found.values())

    def categories(self, count: int) -> list[str]:
        """Names of categories of products."""
        return self.r.sample(list(_GOODS), count)

    def money(self, amount: float) -> str:
        """An amount in the site's currency."""
        return self.currency.format(f"{amount:,.2f}")

    def day(self) -> str:
        """A day as the site writes it."""
        return self.date(-300, 200).strftime(self.day_format)

    def iso_day(self) -> str:
        """A day as a date field holds it."""
        return self.date(-30, 200).isoformat()

    def date(self, first: int, last: int) -> date:
        """A day, as many days away from a fixed one as said: a rerun on another day must give the same pages."""
        return _TODAY + timedelta(days=self.r.randrange(first, last))

    def clock(self) -> str:
        """A time of day."""
        return f"{self.r.randrange(7, 20):02}:{self.r.choice(['00', '15', '30', '45'])}"

    def city(self) -> str:
        """A city."""
        return self.fake.city()

    def country(self) -> str:
        """A country."""
        return self.pick(_COUNTRIES)

    def countries(self, count: int = 8) -> tuple[str, ...]:
        """Countries to choose from."""
        return tuple(sorted(self.some(_COUNTRIES, count)))

    def subject(self) -> str:
        """What a message, project or document is about."""
        return self.subjects(1)[0]

    def subjects(self, count: int) -> list[str]:
        """Several."""
        return self._mixed(_SUBJECTS, count, lambda: str(self.fake.catch_phrase()).capitalize())

    def tasks(self, count: int) -> list[str]:
        """Things to be done."""
        return self._mixed(_TASKS, count, lambda: str(self.fake.bs()).capitalize())

    def message(self) -> str:
        """Something that somebody writes to somebody."""
        return self.r.choice(_MESSAGES)

    def songs(self, count: int) -> list[str]:
        """Titles of songs or films."""
        return self._mixed(_SONGS, count, lambda: f"{self.coined()} {self.fake.word()}")

    def topics(self, count: int) -> list[str]:
        """Titles of help pages."""
        return self._mixed(_TOPICS, count, lambda: f"{str(self.fake.word()).capitalize()} {self.fake.word()}")

    def labels(self, count: int) -> list[str]:
        """Short labels."""
        return self._mixed(tuple(_LABELS.split("|")), count, lambda: str(self.fake.word()).capitalize())

    def roles(self, count: int) -> tuple[str, ...]:
        """What people may be on a site."""
        return tuple(self.some(_ROLES, count))

    def teams(self, count: int) -> tuple[str, ...]:
        """Departments."""
        return tuple(self.some(_TEAMS, count))

    def files(self, count: int) -> list[str]:
        """File names."""
        stems = self._mixed(tuple(_FILES.split("|")), count, self._stem)
        return [self._file(stem) for stem in stems]

    def _file(self, stem: str) -> str:
        tail = self.r.choice(["", "-2024", "_final", "-v2", " (1)", f"-{self.r.randrange(10, 99)}", ""])
        return f"{stem}{tail}.{self.r.choice(_ENDINGS)}"

    def _stem(self) -> str:
        kinds = [
            f"{self.fake.word()}_{self.fake.word()}",
            f"IMG_{self.r.randrange(1000, 9999)}",
            f"{self.r.randrange(1 << 32):08x}",
        ]
        return self.r.choice(kinds)

    def _mixed(self, usual: Sequence[str], count: int, other: Callable[[], str]) -> list[str]:
        """Several of the usual ones, about a third of them exchanged for others, no one twice."""
        found = self.r.sample(list(usual), min(count, len(usual)))
        for place in range(len(found)):
            if self.r.random() < UNUSUAL:
                made = other()
                found[place] = made if made not in found else found[place]
        return found

    def coined(self) -> str:
        """A name that is no word: "Velora", "Kintu"."""
        return "".join(self.r.choice(_SYLLABLES) for _ in range(self.r.randrange(2, 4))).capitalize()

    def size(self) -> str:
        """Of a file."""
        return f"{self.r.uniform(1, 900):.1f} {self.r.choice(['KB', 'MB'])}"

    def sentence(self, words: int = 10) -> str:
        """Something to read."""
        return self.r.choice(_MESSAGES) if self.r.random() < 0.3 else self.fake.sentence(words)

    def number(self) -> int:
        """Of an order, ticket or invoice."""
        return self.r.randrange(1000, 99999)
