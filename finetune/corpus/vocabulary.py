"""The data that pages are filled with: people, products, files, messages, places, amounts; seeded, of one site.

    world = World(Random("site 17"))
    world.brand                     -> "Halden & Co"
    world.product()                 -> Product("Blue canvas backpack", "$40.00", "Bags", "BCB-2208")
    world.person()                  -> Person("Ada Moreau", "ada.moreau@halden.test", "Editor", …)

Names, streets, companies and sentences come from Faker; what is bought, written and planned stands in `vocabulary.yaml`.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

from faker import Faker

from magenta_qa.finetune.corpus.things import Person, Product, goods, words

_TODAY = date(2027, 3, 15)
LOCALES = ("en_US", "en_GB", "en_IE", "en_AU", "en_IN", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE")
UNUSUAL = 0.35
"""Share of titles, files and labels that are not of the usual ones."""


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
        first, second = self.r.choice(words("brand beginnings")), self.r.choice(words("brand ends"))
        return first + (second.lower() if made == "compound" else f" {second}")

    def pick(self, choices: str | list[str] | tuple[str, ...]) -> str:
        """One of several; a text holds them with bars between."""
        return self.r.choice(choices.split("|") if isinstance(choices, str) else choices)

    def some(self, choices: str | list[str] | tuple[str, ...], count: int) -> list[str]:
        """Several, no one twice."""
        every = choices.split("|") if isinstance(choices, str) else list(choices)
        return self.r.sample(every, min(count, len(every)))

    def person(self) -> Person:
        """Anybody."""
        name = f"{self.fake.first_name()} {self.fake.last_name()}"
        local = ".".join(part.lower() for part in name.split())
        local = "".join(c for c in local if c.isascii() and (c.isalnum() or c == "."))
        return Person(name, f"{local}@{self.domain}", self.pick(words("roles")), self.pick(words("teams")), self.city())

    def people(self, count: int) -> list[Person]:
        """Several with different names."""
        found: dict[str, Person] = {}
        while len(found) < count:
            person = self.person()
            found.setdefault(person.name, person)
        return list(found.values())

    def product(self, category: str = "") -> Product:
        """Anything of a category."""
        category = category or self.r.choice(list(goods()))
        maker = self.coined() if self.r.random() < 0.25 else self.r.choice(words("surfaces"))
        name = f"{maker} {self.pick(goods()[category])}"
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
        return self.r.sample(list(goods()), count)

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
        return self.pick(words("countries"))

    def countries(self, count: int = 8) -> tuple[str, ...]:
        """Countries to choose from."""
        return tuple(sorted(self.some(words("countries"), count)))

    def subject(self) -> str:
        """What a message, project or document is about."""
        return self.subjects(1)[0]

    def subjects(self, count: int) -> list[str]:
        """Several."""
        return self._mixed(words("subjects"), count, lambda: str(self.fake.catch_phrase()).capitalize())

    def tasks(self, count: int) -> list[str]:
        """Things to be done."""
        return self._mixed(words("tasks"), count, lambda: str(self.fake.bs()).capitalize())

    def message(self) -> str:
        """Something that somebody writes to somebody."""
        return self.r.choice(words("messages"))

    def songs(self, count: int) -> list[str]:
        """Titles of songs or films."""
        return self._mixed(words("songs"), count, lambda: f"{self.coined()} {self.fake.word()}")

    def topics(self, count: int) -> list[str]:
        """Titles of help pages."""
        return self._mixed(words("topics"), count, lambda: f"{str(self.fake.word()).capitalize()} {self.fake.word()}")

    def labels(self, count: int) -> list[str]:
        """Short labels."""
        return self._mixed(words("labels"), count, lambda: str(self.fake.word()).capitalize())

    def roles(self, count: int) -> tuple[str, ...]:
        """What people may be on a site."""
        return tuple(self.some(words("roles"), count))

    def teams(self, count: int) -> tuple[str, ...]:
        """Departments."""
        return tuple(self.some(words("teams"), count))

    def files(self, count: int) -> list[str]:
        """File names."""
        stems = self._mixed(words("files"), count, self._stem)
        return [self._file(stem) for stem in stems]

    def _file(self, stem: str) -> str:
        tail = self.r.choice(["", "-2024", "_final", "-v2", " (1)", f"-{self.r.randrange(10, 99)}", ""])
        return f"{stem}{tail}.{self.r.choice(words('endings'))}"

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
        return "".join(self.r.choice(words("syllables")) for _ in range(self.r.randrange(2, 4))).capitalize()

    def size(self) -> str:
        """Of a file."""
        return f"{self.r.uniform(1, 900):.1f} {self.r.choice(['KB', 'MB'])}"

    def sentence(self, length: int = 10) -> str:
        """Something to read."""
        return self.r.choice(words("messages")) if self.r.random() < 0.3 else self.fake.sentence(length)

    def number(self) -> int:
        """Of an order, ticket or invoice."""
        return self.r.randrange(1000, 99999)
