"""Defects that can be planted with ``--bug NAME``; the shop itself knows nothing of them.

A defect overrides a method of the store, replaces a piece of a template or script, or makes a request fail. Replacing
insists on finding the correct piece, so that a defect cannot vanish silently when a page is rewritten.
`expected.yaml` says what each one does to each scenario.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import ClassVar

from magenta_qa.scenarios.shop.records.club import DeskOrder, Story
from magenta_qa.scenarios.shop.records.goods import Address, Cart, Preferences, Product, User
from magenta_qa.scenarios.shop.records.store import Store


@dataclass(frozen=True)
class Bug:
    """One planted defect; the default is none."""

    description: str = ""
    store: type[Store] = Store
    spoiled: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Template or static file → (correct piece, what stands there instead)."""
    fails: frozenset[tuple[str, str]] = frozenset()
    """(method, path) of the requests that are answered with 500."""

    def spoil(self, name: str, text: str) -> str:
        """The file's text as this defect has it."""
        if name not in self.spoiled:
            return text
        correct, wrong = self.spoiled[name]
        if text.count(correct) != 1:
            raise LookupError(f"{name} should contain {correct!r} once, but has it {text.count(correct)} times")
        return text.replace(correct, wrong)


class _CountsRowsOnce(Store):
    def cart(self) -> Cart:
        cart = super().cart()
        return _CartOfSingles(cart.lines, cart.voucher)


@dataclass(frozen=True, slots=True)
class _CartOfSingles(Cart):
    @property
    def subtotal_cents(self) -> int:
        return sum(line.product.price_cents for line in self.lines)


class _RoundsTheDiscount(Store):
    def cart(self) -> Cart:
        cart = super().cart()
        return _CartOfWholeEuros(cart.lines, cart.voucher)


@dataclass(frozen=True, slots=True)
class _CartOfWholeEuros(Cart):
    @property
    def discount_cents(self) -> int:
        return self.subtotal_cents * self.voucher.percent // 10_000 * 100 if self.voucher else 0


class _DeletesTheNextAddress(Store):
    def delete_address(self, user: User, address_id: int) -> None:
        later = [address.id for address in self.addresses(user) if address.id > address_id]
        super().delete_address(user, later[0] if later else address_id)


class _ForgetsPreferences(Store):
    def save_preferences(self, user: User, wanted: Preferences) -> None:
        """Nothing is written."""


class _DearestFirst(Store):
    def products(
        self, *, search: str = "", categories: Iterable[str] = (), max_cents: int | None = None, sort: str = "featured"
    ) -> list[Product]:
        wrong = "-price" if sort == "price" else sort
        return super().products(search=search, categories=categories, max_cents=max_cents, sort=wrong)


class _OrdersTwice(Store):
    def place_order(self, user: User, address: Address, delivery: str, card: str, note: str) -> str:
        cart = self.cart()
        number = super().place_order(user, address, delivery, card, note)
        for line in cart.lines:
            self.add_to_cart(line.product.id, line.quantity, line.variant)
        super().place_order(user, address, delivery, card, note)
        return number


class _ConfirmsByItself(Store):
    def register(self, name: str, email: str, password: str) -> str:
        token = super().register(name, email, password)
        self.confirm(token)
        return token


class _SkipsOneOrder(Store):
    def desk_page(self, orders: list[DeskOrder], page: int) -> list[DeskOrder]:
        return super().desk_page(orders if page == 1 else orders[1:], page)


class _KeepsOldProducts(Store):
    _seen: ClassVar[dict[str, Product]] = {}

    def products(
        self, *, search: str = "", categories: Iterable[str] = (), max_cents: int | None = None, sort: str = "featured"
    ) -> list[Product]:
        found = super().products(search=search, categories=categories, max_cents=max_cents, sort=sort)
        for product in found:
            self._seen.setdefault(product.slug, product)
        return found

    def product(self, slug: str) -> Product | None:
        return self._seen.get(slug) or super().product(slug)


class _ComesADayEarly(Store):
    def book_repair(
        self, user: User, article: str, pickup_on: str, daytime: str, photo: str, picture: bytes, note: str
    ) -> str:
        early = date.fromisoformat(pickup_on) - timedelta(days=1)
        return super().book_repair(user, article, early.isoformat(), daytime, photo, picture, note)


class _LeavesOutTheLast(Store):
    def set_status(self, numbers: Iterable[str], status: str) -> int:
        return super().set_status(list(numbers)[:-1], status)


class _ForgetsTheOrder(Store):
    def arrange_packing_list(self, user: User, order: Iterable[int]) -> None:
        """Nothing is written."""


class _SendsNoConfirmation(Store):
    def send_mail(self, recipient: str, subject: str, body: str, link: str = "", link_text: str = "") -> None:
        if not link.startswith("/confirm/"):
            super().send_mail(recipient, subject, body, link, link_text)


class _HasFewStories(Store):
    def stories(self, before: int | None = None) -> list[Story]:
        return super().stories() if before is None else []


class _TakesEverybodyForStaff(Store):
    def user(self) -> User | None:
        user = super().user()
        return replace(user, role="staff") if user else None


NO_BUG = Bug()
CATALOGUE: Mapping[str, Bug] = {
    "wrong-total": Bug("Subtotal and total count every row of the cart once, whatever its quantity", _CountsRowsOnce),
    "dead-button": Bug(
        "“Save changes” in the settings does nothing",
        spoiled={
            "settings.js": (
                'getElementById("save").addEventListener("click"',
                'getElementById("save").addEventListener("saved"',
            )
        },
    ),
    "wrong-row": Bug("Deleting an address deletes the one below it", _DeletesTheNextAddress),
    "error-500": Bug("Placing an order is answered with 500", fails=frozenset({("POST", "/checkout")})),
    "uncaught-exception": Bug(
        "Pressing a heart works, but throws an uncaught TypeError",
        spoiled={"shop.js": ("if (heart) toggleWish(heart);", "if (heart) toggleWish(heart).tracked.push(heart);")},
    ),
    "badge-not-updated": Bug(
        "The cart's badge keeps its number when something is added",
        spoiled={"shop.js": ('  showBadge("cart-count", added.count);\n', "")},
    ),
    "renamed-control": Bug(
        "“Save address” is now called “Update entry”",
        spoiled={"addresses.html": ("Save address", "Update entry")},
    ),
    "control-gone": Bug(
        "The cart has no voucher field any more",
        spoiled={"cart.html": ('<form class="voucher" id="voucher">', '<form class="voucher" id="voucher" hidden>')},
    ),
    "wrong-currency": Bug(
        "The total of a placed order is shown in dollars",
        spoiled={
            "order.html": ("{{ order.total_cents | money }}", '{{ order.total_cents | money | replace("€", "$") }}')
        },
    ),
    "lost-update": Bug("Settings are said to be saved, but are as before after a reload", _ForgetsPreferences),
    "wrong-order": Bug("“Price, low to high” puts the dearest first", _DearestFirst),
    "endless-loading": Bug(
        "The reviews of a product never finish loading",
        spoiled={"product.js": ('load("reviews");\n', "")},
    ),
    "duplicate-order": Bug("Every order is placed twice", _OrdersTwice),
    "missing-validation": Bug("A new account can be used before its address is confirmed", _ConfirmsByItself),
    "off-by-one-page": Bug("From the second page on, the desk's table of orders leaves one out", _SkipsOneOrder),
    "stale-cache": Bug("A product's page shows price and stock as they were before a change", _KeepsOldProducts),
    "wrong-day": Bug("Repairs are booked for the day before the chosen one", _ComesADayEarly),
    "bulk-leaves-one": Bug("Bulk actions leave out the last of the ticked orders", _LeavesOutTheLast),
    "order-not-kept": Bug("The order of the packing list is as before after a reload", _ForgetsTheOrder),
    "no-letter": Bug("The mail that confirms a new account is never sent", _SendsNoConfirmation),
    "journal-ends-early": Bug("Scrolling down the journal brings no more stories", _HasFewStories),
    "open-door": Bug("Customers get into the desk", _TakesEverybodyForStaff),
    "first-colour": Bug(
        "A product always goes into the cart in its first colour, whichever is chosen",
        spoiled={"product.js": ("'[name=\"variant\"]:checked'", "'[name=\"variant\"]'")},
    ),
    "rounded-discount": Bug("A voucher's discount leaves out the cents", _RoundsTheDiscount),
    "filter-forgotten": Bug(
        "The links to further pages of the catalogue forget the price limit",
        spoiled={"catalogue.html": ("{% if max_euros %}max={{ max_euros }}&{% endif %}", "")},
    ),
    "old-address-overwritten": Bug(
        "“Add address” changes the address whose dialog was open before, instead of adding one",
        spoiled={"addresses.js": ("const EMPTY = { id: 0, ", "const EMPTY = { ")},
    ),
    "enter-swallowed": Bug(
        "Enter in a text field sends no form any more",
        spoiled={
            "shop.js": (
                'document.addEventListener("click", (event) => {\n',
                'document.addEventListener("keydown", (event) => {\n'
                '  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();\n'
                "});\n\n"
                'document.addEventListener("click", (event) => {\n',
            )
        },
    ),
}
BUGS: dict[str, str] = {name: bug.description for name, bug in CATALOGUE.items()}
"""Name → what is wrong, for help texts."""
